//! What became of a send: what the reply means for the item's journey, the report, and all that
//! watches the way to the gateway.

use std::time::Duration;

use crate::run::backoff::{self, throttle_pause};
use crate::run::engine::credentials::Expiry;
use crate::run::engine::state::{Effect, Engine};
use crate::run::event::{EventKind, StopReason};
use crate::run::fact::Transition;
use crate::run::outcome::Detail;
use crate::run::outcome::own;
use crate::run::step::{Pause, Step};
use crate::run::work::{Action, ItemId};
use crate::target::meaning::{Hold, Meaning, Scope};
use crate::target::{Created, Reply};

impl Engine {
    /// A create or a delete came back.
    pub(crate) fn replied(&mut self, item: ItemId, reply: Reply<Option<Created>>) {
        let Some(departed) = self.queue.land(item) else { return };
        let (reply, detail) = self.read(item, reply);
        let attempt = self.items[item].journey.attempt();
        let step = self.items[item].journey.told(self.clocks.now(), &reply);
        self.items[item].detail = detail.clone();
        self.record(item, attempt, &step, detail.clone());
        self.follow(item, step, detail.clone());
        // Last, since it may stop the run, and this item has ended in its own way by now.
        self.note_reply(item, departed, &reply, detail);
    }

    /// The id that a reply names (none for a delete), and what goes into the row. A success
    /// whose id is another item's, or was there before us, tells nothing; and whose the id is
    /// then, only a listing tells.
    fn read(&mut self, item: ItemId, reply: Reply<Option<Created>>) -> (Reply<String>, Detail) {
        let detail = Detail::of(&reply);
        let created = match reply {
            Reply::Ok(Some(created)) => created,
            other => return (other.map(|_| String::new()), detail),
        };
        let (id, request_id) = (created.api_id.clone(), created.request_id.clone());
        let is_anothers = self.items.is_anothers(&id, item);
        if is_anothers {
            self.items.disown(&id);
        }
        if is_anothers || self.service_of(item).in_base(&id) {
            let why = format!("the answer names {id}, which is another API's id");
            let detail = Detail { request_id, ..Detail::ours(own::LOST, why.clone()) };
            return (Reply::Lost(why), detail);
        }
        let message = self.difference(item, &created).unwrap_or_default();
        self.service_of(item).known.push(id.clone());
        (Reply::Ok(id), Detail { code: String::new(), message, request_id })
    }

    /// What the gateway reports to have created, where that is not what was sent.
    fn difference(&self, item: ItemId, created: &Created) -> Option<String> {
        let key = self.items.key(item);
        let path = created.path.as_ref().filter(|path| **path != key.path);
        let same = |method: &&String| !method.eq_ignore_ascii_case(&key.method);
        let method = created.method.as_ref().filter(same);
        (path.is_some() || method.is_some()).then(|| {
            let method = method.unwrap_or(&key.method);
            format!("the gateway has it as {method} {}", path.unwrap_or(&key.path))
        })
    }

    /// What a reply means for pacer, breaker, credentials and the count of refusals.
    fn note_reply<T>(
        &mut self,
        item: ItemId,
        departed: Duration,
        reply: &Reply<T>,
        detail: Detail,
    ) {
        self.breaker.note_silence(reply);
        if self.breaker.heard(self.clocks.now(), reply.into(), self.jitter.next()) {
            self.say_unreached();
        }
        match reply {
            Reply::Ok(_) => self.refusals.carried_out(),
            Reply::Error(error) => match error.meaning {
                Meaning::Wait(Hold::Everyone) => return self.throttled(item, departed),
                Meaning::Token => return self.credentials_expired(departed, detail),
                meaning if meaning.refuses() => self.count_refusal(item, &error.code),
                _ => {}
            },
            _ => return,
        }
        // Whatever it was, it was neither throttled nor turned away at the door.
        self.pacers.of(self.items.action(item)).succeeded();
        self.credentials.worked();
    }

    fn count_refusal(&mut self, item: ItemId, code: &str) {
        if self.items.action(item) == Action::Create
            && let Some(message) = self.refusals.refused(code)
        {
            self.stop(StopReason::Hopeless { code: own::FAILURES.to_owned(), message });
        }
    }

    fn throttled(&mut self, item: ItemId, departed: Duration) {
        self.stats.throttled += 1;
        let now = self.clocks.now();
        self.stall.throttled(now);
        let length = throttle_pause(self.jitter.next());
        if self.pacers.of(self.items.action(item)).throttled(now, departed, length) {
            let why = "throttled by the gateway".to_owned();
            self.tell(EventKind::Waiting { hold: Hold::Everyone, item: None, length, why });
        }
    }

    pub(crate) fn credentials_expired(&mut self, departed: Duration, detail: Detail) {
        match self.credentials.expired(departed, detail) {
            Expiry::Known => {}
            Expiry::Reload => self.effects.push(Effect::Reload),
            Expiry::Hopeless(detail) => self.hopeless(detail),
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

    /// Takes the next step of an item's journey.
    pub(crate) fn follow(&mut self, item: ItemId, step: Step, detail: Detail) {
        match step {
            Step::Send => self.make_ready(item),
            Step::LookUp { from } => self.park(item, from),
            Step::Wait(pause) => self.wait(item, pause, detail.message),
            Step::Settle(outcome) => self.settle(item, outcome, detail),
            Step::Stop(scope) => {
                self.leave_unsent(item, detail.clone());
                match scope {
                    Scope::Service => self.close(self.items[item].service, detail),
                    Scope::Run => self.hopeless(detail),
                }
            }
        }
    }

    fn wait(&mut self, item: ItemId, pause: Pause, why: String) {
        let length = backoff::length(pause, self.jitter.next());
        let until = self.clocks.now() + length;
        let hold = match pause {
            Pause::Busy { hold, .. } => hold,
            Pause::Unreached { .. } => Hold::Item,
        };
        if hold == Hold::Service {
            let service = self.service_of(item);
            service.held_until = service.held_until.max(until);
            self.make_ready(item);
        } else {
            self.queue.rest(item, until);
        }
        self.tell(EventKind::Waiting { hold, item: Some(item), length, why });
    }
}
