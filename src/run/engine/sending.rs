//! From ready to answered: intents, slots, departures, replies.

use std::time::Duration;

use crate::run::backoff::{self, throttle_pause};
use crate::run::breaker::Heard;
use crate::run::engine::{Conductor, Effect, FRESH, Moment};
use crate::run::outcome::own;
use crate::run::pace::Pacer;
use crate::run::step::{Pause, Step, Told};
use crate::run::{Action, Detail, EventKind, ItemId, StopReason, Transition};
use crate::target::meaning::{Hold, Meaning, Scope};
use crate::target::{Created, Reply};

/// How long before its slot an intent is stated, so that syncing it delays no start.
const AHEAD: Duration = Duration::from_millis(200);

impl Conductor {
    /// An item may be sent, unless the run or its service takes no more or it has to wait
    /// for another.
    pub(crate) fn make_ready(&mut self, item: ItemId) {
        if let Some(detail) = self.refuses_more(item) {
            let outcome = self.traveller(item).journey.left(false);
            return self.settle(item, outcome, detail);
        }
        if self.lacks_authoriser(item) {
            return self.settle_unauthorised(item, None);
        }
        if self.traveller(item).outcome.is_none() && self.traveller(item).waits_for == 0 {
            self.service_of(item).ready.insert(item);
        }
    }

    /// Why nothing more of this item's service is sent, if so.
    fn refuses_more(&mut self, item: ItemId) -> Option<Detail> {
        let closed = self.service_of(item).closed.clone();
        closed.or_else(|| self.stop.as_ref().map(crate::run::engine::stopping::detail_of))
    }

    /// Items whose wait is over are ready again.
    pub(crate) fn end_rests(&mut self) {
        while let Some(&(until, item)) = self.resting.first() {
            if until > self.at.now {
                return self.wake_at(until);
            }
            self.resting.pop_first();
            self.make_ready(item);
        }
    }

    /// States the intents of those that come next, as far ahead as syncing takes.
    pub(crate) fn state_intents(&mut self) {
        if !self.opened || self.stop.is_some() || self.credentials.reading {
            return;
        }
        let flights = self.breaker.flights();
        while self.meaning.len() + self.meant.len() + self.flying.len() < flights {
            let Some(item) = self.next_ready() else { return };
            let slot = self.slot_after(item, self.meaning.len() + self.meant.len());
            if slot > self.at.now + AHEAD {
                return self.wake_at(slot.saturating_sub(AHEAD));
            }
            self.state_intent(item);
        }
    }

    /// When a send of this item's kind could start, `others` being before it.
    fn slot_after(&mut self, item: ItemId, others: usize) -> Duration {
        let pacer = self.pacer_of(item);
        let others = u32::try_from(others).unwrap_or(u32::MAX);
        pacer.not_before().saturating_add(pacer.interval().saturating_mul(others))
    }

    /// The first item in plan order that may be sent now.
    fn next_ready(&mut self) -> Option<ItemId> {
        let now = self.at.now;
        let waits = |until: &Duration| *until > now;
        let with_items = || self.services.iter().filter(|service| !service.ready.is_empty());
        let held = with_items().map(|service| service.held_until).filter(waits).min();
        let open = with_items().filter(|service| service.sends(now));
        let next = open.filter_map(|service| service.ready.first().copied()).min();
        if let Some(until) = held {
            self.wake_at(until);
        }
        next
    }

    fn state_intent(&mut self, item: ItemId) {
        self.service_of(item).ready.remove(&item);
        let attempt = self.traveller(item).journey.attempt();
        let digest = self.traveller(item).item.digest.to_string();
        self.state_step(item, attempt, Transition::Intent { digest });
        self.meaning.push_back((self.facts, self.at, item));
    }

    /// The body to send.
    fn body_of(&self, item: ItemId) -> String {
        let traveller = self.traveller(item);
        let authoriser = traveller.authoriser.and_then(|other| self.api_id_of(other));
        traveller.item.body(authoriser.as_deref())
    }

    /// So many facts are kept: the intents among them may be acted on.
    pub(crate) fn kept(&mut self, facts: u64) {
        self.facts_kept = self.facts_kept.max(facts);
        while let Some(&(fact, stated_at, item)) = self.meaning.front() {
            if fact > self.facts_kept {
                return;
            }
            self.meaning.pop_front();
            self.meant.push_back((stated_at, item));
        }
    }

    /// Sends what has an intent on paper and finds a slot.
    pub(crate) fn depart(&mut self) {
        if self.credentials.reading {
            return;
        }
        while let Some(&(stated_at, item)) = self.meant.front() {
            let now = self.at.now;
            let may = self.breaker.flights() > self.flying.len();
            if self.traveller(item).outcome.is_some() {
                self.meant.pop_front();
            } else if !may || self.is_stale(stated_at) || !self.service_sends(item) {
                self.meant.pop_front();
                self.make_ready(item);
                self.wake_at(now);
            } else if let Err(not_before) = self.pacer_of(item).start(now) {
                return self.wake_at(not_before);
            } else {
                self.meant.pop_front();
                self.send(item);
            }
        }
    }

    /// Whether an intent was stated too long ago, by either clock: while a machine sleeps,
    /// the one that waits go by may stand still.
    fn is_stale(&self, stated_at: Moment) -> bool {
        let age = self.at.wall.duration_since(stated_at.wall);
        self.at.now > stated_at.now + FRESH || Duration::try_from(age).is_ok_and(|age| age > FRESH)
    }

    fn service_sends(&mut self, item: ItemId) -> bool {
        let now = self.at.now;
        self.service_of(item).sends(now)
    }

    fn send(&mut self, item: ItemId) {
        let now = self.at.now;
        self.flying.insert(item, now);
        self.breaker.sent();
        self.stats.sent += 1;
        let service = self.service_of(item);
        service.touched = true;
        let name = service.name.clone();
        let journey = &mut self.traveller_mut(item).journey;
        journey.departed(now);
        let (attempt, to_delete) = (journey.attempt(), journey.to_delete().map(str::to_owned));
        self.tell(EventKind::Sending { item, attempt });
        self.effects.push(match to_delete {
            Some(api_id) => Effect::Delete { item, service: name, api_id },
            None => Effect::Create { item, body: self.body_of(item) },
        });
    }

    fn pacer_of(&mut self, item: ItemId) -> &mut Pacer {
        match self.action(item) {
            Action::Create => &mut self.creating,
            Action::Delete => &mut self.deleting,
        }
    }

    /// A create or a delete came back.
    pub(crate) fn replied(&mut self, item: ItemId, reply: Reply<Option<Created>>) {
        let Some(departed) = self.flying.remove(&item) else { return };
        let (told, detail) = self.read(item, reply);
        let attempt = self.traveller(item).journey.attempt();
        let now = self.at.now;
        let step = self.traveller_mut(item).journey.told(now, told.clone());
        self.remark(item, detail.clone());
        self.record(item, attempt, &step, detail.clone());
        self.follow(item, step, detail.clone());
        // Last, since it may stop the run, and this item has ended in its own way by now.
        self.note_reply(item, departed, &told, detail);
    }

    /// What a reply tells the journey, and what it says in the row.
    fn read(&mut self, item: ItemId, reply: Reply<Option<Created>>) -> (Told, Detail) {
        match reply {
            Reply::Ok(created) => self.read_success(item, created),
            Reply::Error(error) => (Told::Error(error.code.clone(), error.meaning), error.into()),
            Reply::NotSent(why) => (Told::NotSent, Detail::ours(own::UNREACHABLE, why)),
            Reply::Untrusted(why) => (Told::Untrusted, Detail::ours(own::UNTRUSTED, why)),
            Reply::Blocked(why) => (Told::Untrusted, Detail::ours(own::UNREACHABLE, why)),
            Reply::Lost(why) => (Told::Lost, Detail::ours(own::LOST, why)),
        }
    }

    /// A success whose id is another item's, or was there before us, tells nothing; and
    /// whose the id is then, only a listing tells.
    fn read_success(&mut self, item: ItemId, created: Option<Created>) -> (Told, Detail) {
        let Some(created) = created else { return (Told::Done(String::new()), Detail::default()) };
        let others = self.claimed.get(&created.api_id).is_some_and(|&owner| owner != item);
        if others {
            self.claimed.remove(&created.api_id);
        }
        if others || self.service_of(item).in_base(&created.api_id) {
            let why = format!("answered with {}, which is another API's id", created.api_id);
            return (
                Told::Lost,
                Detail { request_id: created.request_id, ..Detail::ours(own::LOST, why) },
            );
        }
        let message = self.difference(item, &created).unwrap_or_default();
        let detail = Detail { code: String::new(), message, request_id: created.request_id };
        self.service_of(item).known.push(created.api_id.clone());
        (Told::Done(created.api_id), detail)
    }

    /// What the gateway says it created, where that is not what was sent.
    fn difference(&self, item: ItemId, created: &Created) -> Option<String> {
        let key = self.key(item);
        let path = created.path.as_ref().filter(|path| **path != key.path);
        let same = |method: &&String| !method.eq_ignore_ascii_case(&key.method);
        let method = created.method.as_ref().filter(same);
        (path.is_some() || method.is_some()).then(|| {
            let method = method.unwrap_or(&key.method);
            format!("the gateway calls it {method} {}", path.unwrap_or(&key.path))
        })
    }

    /// What a reply tells pacer, breaker and the count of refusals.
    fn note_reply(&mut self, item: ItemId, departed: Duration, told: &Told, detail: Detail) {
        if matches!(told, Told::NotSent | Told::Lost) {
            self.silence.clone_from(&detail.message);
        }
        let (heard, jitter) = (Heard::of_told(told), self.draw());
        if self.breaker.heard(self.at.now, heard, jitter) {
            self.say_unreached();
        }
        match told {
            Told::Done(_) => self.refusals.carried_out(),
            Told::Error(_, Meaning::Wait(Hold::Everyone)) => return self.throttled(item, departed),
            Told::Error(_, Meaning::Token) => return self.credentials_expired(departed, detail),
            Told::Error(
                code,
                Meaning::Refused | Meaning::MaybeTaken | Meaning::Gone | Meaning::InUse,
            ) => self.count_refusal(item, code),
            Told::Error(..) => {}
            Told::NotSent | Told::Untrusted | Told::Lost => return,
        }
        // Whatever it was, it was neither throttled nor turned away at the door.
        self.pacer_of(item).succeeded();
        self.worked();
    }

    fn count_refusal(&mut self, item: ItemId, code: &str) {
        if self.action(item) == Action::Create
            && let Some(message) = self.refusals.refused(code)
        {
            self.stop(StopReason::Hopeless { code: own::FAILURES.to_owned(), message });
        }
    }

    fn throttled(&mut self, item: ItemId, departed: Duration) {
        self.stats.throttled += 1;
        let now = self.at.now;
        self.last_throttle = Some(now);
        let pause = throttle_pause(self.draw());
        if self.pacer_of(item).throttled(now, departed, pause) {
            let why = "throttled by the gateway".to_owned();
            self.tell(EventKind::Waiting { hold: Hold::Everyone, item: None, length: pause, why });
        }
    }

    /// Writes down what an answer that did not end the item means for the next run.
    fn record(&mut self, item: ItemId, attempt: u32, step: &Step, detail: Detail) {
        let transition = match step {
            Step::Settle(_) => return,
            Step::LookUp { .. } => Transition::Doubt(detail),
            Step::Send | Step::Wait(_) | Step::Stop(_) => Transition::Rejected(detail),
        };
        self.state_step(item, attempt, transition);
    }

    /// Does what an item's journey says.
    pub(crate) fn follow(&mut self, item: ItemId, step: Step, detail: Detail) {
        match step {
            Step::Send => self.make_ready(item),
            Step::LookUp { from } => self.park(item, from),
            Step::Wait(pause) => self.wait(item, pause, detail.message),
            Step::Settle(outcome) => self.settle(item, outcome, detail),
            Step::Stop(scope) => {
                let outcome = self.traveller(item).journey.left(false);
                self.settle(item, outcome, detail.clone());
                self.stop_scope(item, scope, detail);
            }
        }
    }

    fn stop_scope(&mut self, item: ItemId, scope: Scope, detail: Detail) {
        match scope {
            Scope::Service => {
                let service = self.traveller(item).service;
                self.close(service, detail);
            }
            Scope::Run => {
                self.stop(StopReason::Hopeless { code: detail.code, message: detail.message });
            }
        }
    }

    fn wait(&mut self, item: ItemId, pause: Pause, why: String) {
        let length = backoff::length(pause, self.draw());
        let until = self.at.now + length;
        match pause {
            Pause::Throttled | Pause::Credentials => return self.make_ready(item),
            Pause::Busy { hold: Hold::Service, .. } => {
                let service = self.service_of(item);
                service.held_until = service.held_until.max(until);
                self.make_ready(item);
            }
            Pause::Busy { .. } | Pause::Unreached { .. } => {
                self.resting.insert((until, item));
            }
        }
        let hold = match pause {
            Pause::Busy { hold, .. } => hold,
            _ => Hold::Item,
        };
        self.tell(EventKind::Waiting { hold, item: Some(item), length, why });
    }
}

impl Heard {
    fn of_told(told: &Told) -> Self {
        match told {
            Told::Done(_) | Told::Error(..) => Self::Answer,
            Told::NotSent | Told::Untrusted => Self::Unreached,
            Told::Lost => Self::Lost,
        }
    }

    pub(crate) fn of<T>(reply: &Reply<T>) -> Self {
        match reply {
            Reply::Ok(_) | Reply::Error(_) => Self::Answer,
            Reply::NotSent(_) | Reply::Untrusted(_) | Reply::Blocked(_) => Self::Unreached,
            Reply::Lost(_) => Self::Lost,
        }
    }
}
