//! Listings: the opening one of a service, those for items in doubt, and the closing one.
//!
//! One listing serves all items of its service that are in doubt at that time.

use std::time::Duration;

use super::service::{PASSES, Parked, Service, Stage};
use super::{Conductor, Effect};
use crate::gateway::code::{Hold, Meaning, Scope, meaning};
use crate::gateway::{Listed, Page, Reply};
use crate::run::audit::{Verdict, audit};
use crate::run::backoff::{self, throttle_pause};
use crate::run::breaker::Heard;
use crate::run::look::{self, Pass, Seen, is_exactly};
use crate::run::outcome::own;
use crate::run::step::{Pause, Sight, Step};
use crate::run::{BaseApi, Detail, EventKind, Fact, ItemId, Outcome, StopReason};

/// Pages that may be on their way at once, over all services.
const PAGES_FLYING: usize = 4;

/// Times that a page may fail to come before its listing is given up.
const PAGE_TRIES: u32 = 10;

impl Conductor {
    /// An item has to be looked for before anything else.
    pub(super) fn park(&mut self, item: ItemId, from: Duration) {
        let deletes = self.traveller(item).journey.deletes().is_some();
        let since = self.at.now;
        self.parked += 1;
        self.service_of(item).parked.push(Parked { item, since, from, deletes, passes: 0 });
    }

    /// Begins the listings that are due.
    pub(super) fn begin_passes(&mut self) {
        let (now, gap) = (self.at.now, self.gap());
        for index in 0..self.services.len() {
            let service = &mut self.services[index];
            let drains = self.stop.is_some() && service.stage == Stage::Open;
            let Some(due) = service.next_pass(gap).filter(|_| !drains) else { continue };
            if due > now {
                self.wake_at(due);
                continue;
            }
            service.pass = Some(Pass::begin(now, service.known.len()));
            service.last_begun = Some(now);
            service.tries = 0;
            let (name, items) = (service.name.clone(), service.parked.len());
            if items > 0 {
                self.tell(EventKind::LookingUp { service: name, items });
            }
        }
    }

    /// Asks for the next page of each listing, at their own slow pace.
    pub(super) fn fetch_pages(&mut self) {
        if !self.breaker.reads() || self.credentials.reading {
            return;
        }
        let now = self.at.now;
        for index in 0..self.services.len() {
            let service = &self.services[index];
            if service.fetching.is_some() || service.pass.is_none() {
                continue;
            }
            let not_before = service.page_not_before;
            if not_before > now {
                self.wake_at(not_before);
            } else if self.lists_flying >= PAGES_FLYING {
                return;
            } else if let Err(not_before) = self.listing.start(now) {
                return self.wake_at(not_before);
            } else {
                self.fetch_page(index);
            }
        }
    }

    fn fetch_page(&mut self, index: usize) {
        let service = &mut self.services[index];
        let Some(pass) = &service.pass else { return };
        let (offset, name) = (pass.offset(), service.name.clone());
        service.fetching = Some(self.at.now);
        self.lists_flying += 1;
        self.effects.push(Effect::List { service: index, name, offset, limit: look::LIMIT });
    }

    /// A page came back, or did not.
    pub(super) fn listed(&mut self, index: usize, reply: Reply<Page>) {
        let Some(departed) = self.services[index].fetching.take() else { return };
        self.lists_flying -= 1;
        let jitter = self.draw();
        if self.breaker.heard_read(self.at.now, Heard::of(&reply), jitter) {
            self.say_unreached();
        }
        match reply {
            Reply::Ok(page) => self.take_page(index, page),
            Reply::Error(error) => {
                let says = meaning(&error.code);
                self.page_refused(index, departed, says, error.into());
            }
            Reply::Untrusted(why) => self.hopeless(Detail::ours(own::UNTRUSTED, why)),
            Reply::NotSent(why) => self.page_failed(index, Detail::ours(own::UNREACHABLE, why)),
            Reply::Lost(why) => self.page_failed(index, Detail::ours(own::LOST, why)),
        }
    }

    fn take_page(&mut self, index: usize, page: Page) {
        self.listing.succeeded();
        self.worked();
        self.last_success = self.at.now;
        let service = &mut self.services[index];
        service.tries = 0;
        let Some(mut pass) = service.pass.take() else { return };
        if pass.take(page) {
            self.passed(index, pass.finish());
        } else {
            service.pass = Some(pass);
        }
    }

    fn page_refused(&mut self, index: usize, departed: Duration, says: Meaning, detail: Detail) {
        match says {
            Meaning::Wait(Hold::Everyone) => {
                let pause = throttle_pause(self.draw());
                self.listing.throttled(self.at.now, departed, pause);
                self.last_throttle = Some(self.at.now);
            }
            Meaning::Token => self.credentials_expired(departed, detail),
            Meaning::Clock if !self.services[index].clock_corrected => {
                self.services[index].clock_corrected = true;
            }
            Meaning::Wait(_) | Meaning::Unclear => self.page_failed(index, detail),
            Meaning::Refused | Meaning::MaybeTaken => self.pass_failed(index, detail),
            Meaning::Stop(Scope::Service) => {
                self.pass_failed(index, detail.clone());
                self.close(index, detail);
            }
            Meaning::Clock | Meaning::Stop(Scope::Run) => self.hopeless(detail),
        }
    }

    /// A read may simply be tried again.
    fn page_failed(&mut self, index: usize, detail: Detail) {
        let jitter = self.draw();
        let service = &mut self.services[index];
        service.tries += 1;
        if service.tries >= PAGE_TRIES {
            return self.pass_failed(index, detail);
        }
        let pause = backoff::length(Pause::Unreached { nth: service.tries }, jitter);
        service.page_not_before = self.at.now + pause;
    }

    /// A listing could not be read to its end.
    fn pass_failed(&mut self, index: usize, detail: Detail) {
        let service = &mut self.services[index];
        service.pass = None;
        match service.stage {
            Stage::Opening => self.close(index, detail),
            Stage::Open => {
                let parked = self.unpark(index);
                for mut parked in parked {
                    parked.passes += u8::from(self.is_late_enough(index, &parked));
                    self.decide(index, parked, None);
                }
            }
            Stage::Closing => {
                service.stage = Stage::Done;
                let message =
                    format!("{} could not be listed at the end: {}", service.name, detail.message);
                self.hopeless(Detail { message, ..detail });
            }
            Stage::Leaving => self.leave_parked(index),
            Stage::Done => {}
        }
    }

    /// A listing was read to its end.
    fn passed(&mut self, index: usize, seen: Seen) {
        match self.services[index].stage {
            Stage::Opening => self.open(index, seen),
            Stage::Open => self.look_for_parked(index, seen),
            Stage::Closing => self.close_books(index, &seen),
            Stage::Leaving => {
                self.look_for_parked(index, seen);
                self.leave_parked(index);
            }
            Stage::Done => {}
        }
    }
}

/// The opening.
impl Conductor {
    /// What was there before us exists; what is left has to fit.
    fn open(&mut self, index: usize, seen: Seen) {
        let service = &mut self.services[index];
        if !seen.serves_as_base {
            service.failed_passes += 1;
            if service.failed_passes >= PASSES {
                let why = format!("{PASSES} listings of {} contradict themselves", service.name);
                self.close(index, Detail::ours(own::LISTING, why));
            }
            return;
        }
        service.stage = Stage::Open;
        let standing = self.standing(index, &seen);
        self.lay_base(index, &seen, &standing);
        for (item, outcome) in standing {
            self.unpark_one(item);
            self.settle(item, outcome, Detail::default());
        }
        let service = &mut self.services[index];
        service.planned_over = service.overflow(seen.count(), self.settings.quota);
        service.last = Some(seen);
    }

    /// Which items stand already, and as what.
    fn standing(&mut self, index: usize, seen: &Seen) -> Vec<(ItemId, Outcome)> {
        let mut standing = Vec::new();
        for item in self.services[index].items.clone() {
            let traveller = self.traveller(item);
            if let Some(id) = traveller.outcome.as_ref().and_then(Outcome::standing_id) {
                if seen.by_id(id).is_some() {
                    let id = id.to_owned();
                    self.services[index].known.push(id);
                }
            } else if traveller.outcome.is_none() && traveller.journey.deletes().is_none() {
                standing.extend(self.stands_as(index, item, seen).map(|outcome| (item, outcome)));
            }
        }
        standing
    }

    fn stands_as(&mut self, index: usize, item: ItemId, seen: &Seen) -> Option<Outcome> {
        let before = self.exactly(item, seen).find(|id| self.services[index].in_base(id));
        if let Some(id) = before {
            return Some(Outcome::Exists { id: id.to_owned() });
        }
        let ids = self.unclaimed(index, item, seen);
        match (ids.is_empty(), self.traveller(item).journey.saw(Sight::Here(ids))) {
            (false, Step::Settle(outcome)) => Some(outcome),
            _ => None,
        }
    }

    /// What was there before our first create: all that is there and not ours.
    fn lay_base(&mut self, index: usize, seen: &Seen, standing: &[(ItemId, Outcome)]) {
        if self.services[index].base.is_some() {
            return;
        }
        let ours = |id: &str| {
            let found = |(_, outcome): &(ItemId, Outcome)| {
                !matches!(outcome, Outcome::Exists { .. }) && outcome.ids().iter().any(|o| o == id)
            };
            self.claimed.contains_key(id) || standing.iter().any(found)
        };
        let theirs = seen.apis().iter().filter(|api| !ours(&api.api_id));
        let apis: Vec<_> = theirs.map(BaseApi::of).collect();
        let service = &mut self.services[index];
        service.base = Some(apis.iter().map(|api| api.api_id.clone()).collect());
        let service = service.name.clone();
        self.state(Fact::Base { service, apis, listed_at: self.at.wall });
    }

    /// Once all services are open: whether what is planned fits into them.
    pub(super) fn open_run(&mut self) {
        if self.opened || self.services.iter().any(|service| service.stage == Stage::Opening) {
            return;
        }
        self.opened = true;
        let over: Vec<_> =
            self.services.iter_mut().filter_map(|service| service.planned_over.take()).collect();
        if !over.is_empty() {
            self.hopeless(Detail::ours(own::QUOTA, over.join("; ")));
        }
    }
}

/// Items in doubt.
impl Conductor {
    pub(super) fn unpark(&mut self, index: usize) -> Vec<Parked> {
        let parked = std::mem::take(&mut self.services[index].parked);
        self.parked -= parked.len();
        parked
    }

    fn unpark_one(&mut self, item: ItemId) {
        let parked = &mut self.service_of(item).parked;
        let before = parked.len();
        parked.retain(|parked| parked.item != item);
        let gone = before - parked.len();
        self.parked -= gone;
    }

    fn is_late_enough(&self, index: usize, parked: &Parked) -> bool {
        self.services[index].last_begun.is_some_and(|begun| begun >= parked.from)
    }

    fn look_for_parked(&mut self, index: usize, seen: Seen) {
        let agreed = self.agrees_with_last(index, &seen);
        let parked = self.unpark(index);
        let sound = seen.is_sound(&self.services[index].known);
        for mut parked in parked {
            let sight = self.sight(index, &parked, &seen, sound, agreed);
            parked.passes += u8::from(seen.begun >= parked.from);
            self.decide(index, parked, sight);
        }
        let service = &mut self.services[index];
        let undecided = service.parked.iter().any(|parked| parked.passes > 0);
        service.quiet = undecided && (service.quiet || !sound);
        service.last = Some(seen);
    }

    /// Whether this listing and the one before it show the same, but for what came or went
    /// by our own doing.
    fn agrees_with_last(&self, index: usize, seen: &Seen) -> bool {
        let service = &self.services[index];
        let Some(last) = service.last.as_ref().filter(|last| last.is_sound(&service.known)) else {
            return false;
        };
        let parked = service.parked.iter().map(|parked| &parked.item);
        let open: Vec<_> = self.flying.keys().chain(parked).collect();
        seen.agrees(last, |api| {
            let by_us =
                |item: &&ItemId| is_exactly(api, &self.travellers[item.0 as usize].item.key);
            self.claimed.contains_key(&api.api_id) || open.iter().any(by_us)
        })
    }

    /// What this listing, with the one before it, tells of an item in doubt.
    fn sight(
        &self,
        index: usize,
        parked: &Parked,
        seen: &Seen,
        sound: bool,
        agreed: bool,
    ) -> Option<Sight> {
        let last = self.services[index].last.as_ref().map(|last| last.begun);
        let twice_since = |time| agreed && sound && last.is_some_and(|last| last >= time);
        let traveller = &self.travellers[parked.item.0 as usize];
        if let Some(id) = traveller.journey.deletes() {
            return match seen.by_id(id) {
                Some(_) => (seen.begun >= parked.from).then(|| Sight::Here(vec![id.to_owned()])),
                None => twice_since(parked.since).then_some(Sight::Nothing),
            };
        }
        let ids = self.unclaimed(index, parked.item, seen);
        if !ids.is_empty() {
            return Some(Sight::Here(ids));
        }
        let absent = || match self.alike(index, parked.item, seen) {
            Some(_) => Sight::Alike,
            None => Sight::Nothing,
        };
        twice_since(parked.from).then(absent)
    }

    /// Goes on with an item in doubt, or keeps it where looks have not told enough yet.
    fn decide(&mut self, index: usize, parked: Parked, sight: Option<Sight>) {
        let unsure = || (parked.passes >= PASSES).then_some(Sight::Unsure);
        let Some(sight) = sight.or_else(unsure) else {
            self.parked += 1;
            return self.services[index].parked.push(parked);
        };
        let item = parked.item;
        let detail = self.detail_after(index, item, &sight);
        let attempt = self.traveller(item).journey.attempts();
        let step = self.traveller(item).journey.saw(sight);
        match &step {
            Step::Send => self.state(Fact::Absent { item, attempt, listed_at: self.at.wall }),
            Step::Settle(Outcome::Found { id }) => self.services[index].known.push(id.clone()),
            _ => {}
        }
        self.follow(item, step, detail);
    }

    fn detail_after(&self, index: usize, item: ItemId, sight: &Sight) -> Detail {
        let last = self.travellers[item.0 as usize].detail.clone();
        match sight {
            Sight::Here(_) if !self.deletes(item) => {
                Detail { code: String::new(), message: String::new(), ..last }
            }
            Sight::Here(_) | Sight::Nothing => last,
            Sight::Unsure => Detail::ours(own::UNSURE, format!("{PASSES} listings do not agree")),
            Sight::Alike => {
                let like = self.services[index].last.as_ref();
                let like = like.and_then(|seen| self.alike(index, item, seen));
                let shown = like.unwrap_or_default();
                Detail::ours(own::ALIKE, format!("only something like it is there: {shown}"))
            }
        }
    }

    /// The ids that a listing shows under exactly this item's key.
    fn exactly<'a>(&'a self, item: ItemId, seen: &'a Seen) -> impl Iterator<Item = &'a str> {
        let key = &self.travellers[item.0 as usize].item.key;
        seen.exactly(key).map(|api| api.api_id.as_str())
    }

    /// Those of them that can be this item's: not there before us, and no other item's.
    fn unclaimed(&self, index: usize, item: ItemId, seen: &Seen) -> Vec<String> {
        let free = |id: &&str| {
            !self.services[index].in_base(id)
                && self.claimed.get(*id).is_none_or(|&owner| owner == item)
        };
        self.exactly(item, seen).filter(free).map(str::to_owned).collect()
    }

    /// What is there that might be this item, if the gateway wrote its path in its own way.
    fn alike(&self, index: usize, item: ItemId, seen: &Seen) -> Option<String> {
        let key = |item: ItemId| &self.travellers[item.0 as usize].item.key;
        let service = &self.services[index];
        let stray = |api: &&Listed| {
            !service.in_base(&api.api_id)
                && !self.claimed.contains_key(&api.api_id)
                && !service.items.iter().any(|&other| is_exactly(api, key(other)))
        };
        let found = seen.like(key(item)).find(stray)?;
        Some(format!("{} {} {}", found.api_id, found.method, found.path))
    }
}

/// The closing.
impl Conductor {
    /// Services whose items all ended are listed once more.
    pub(super) fn close_services(&mut self) {
        if self.stop.is_some() || !self.opened {
            return;
        }
        for index in 0..self.services.len() {
            let service = &mut self.services[index];
            if service.stage != Stage::Open || service.unsettled > 0 || service.pass.is_some() {
                continue;
            }
            service.failed_passes = 0;
            service.stage = Stage::Closing;
            if service.items.is_empty() || service.closed.is_some() && service.last.is_none() {
                service.stage = Stage::Done;
            } else if let Some(seen) = service.last.take_if(|_| !service.touched) {
                self.close_books(index, &seen);
            }
        }
    }

    /// Holds a listing against every row. What it shows is final; what it lacks may only be
    /// late, so that it is asked for again.
    fn close_books(&mut self, index: usize, seen: &Seen) {
        let sound = seen.is_sound(&[]);
        let again = self.services[index].failed_passes + 1 < PASSES;
        let mut missing = !sound;
        for item in self.services[index].items.clone() {
            match self.verdict(index, item, seen) {
                Verdict::Stands => {}
                Verdict::Otherwise(outcome) => self.correct_to(item, outcome),
                Verdict::Missing(_) if again && self.may_be_late(item) => missing = true,
                Verdict::Missing(note) | Verdict::Note(note) => self.annotate(item, note),
            }
        }
        let service = &mut self.services[index];
        service.failed_passes += 1;
        if !(missing && again) {
            service.stage = Stage::Done;
        }
    }

    /// Whether a listing may not show yet what became of an item.
    fn may_be_late(&self, item: ItemId) -> bool {
        self.travellers[item.0 as usize].journey.was_sent()
    }

    fn verdict(&mut self, index: usize, item: ItemId, seen: &Seen) -> Verdict {
        let here = self.unclaimed(index, item, seen);
        let traveller = self.traveller(item);
        let Some(outcome) = &traveller.outcome else { return Verdict::Stands };
        audit(&traveller.item.key, outcome, &traveller.journey, here, seen)
    }

    fn correct_to(&mut self, item: ItemId, outcome: Outcome) {
        let detail = Detail { code: String::new(), ..self.traveller(item).detail.clone() };
        let message = "learned from the listing at the end".to_owned();
        self.correct(item, outcome, Detail { message, ..detail });
    }

    fn annotate(&mut self, item: ItemId, message: String) {
        let traveller = self.traveller(item);
        let detail = Detail { message, ..traveller.detail.clone() };
        if let Some(outcome) = traveller.outcome.clone() {
            self.correct(item, outcome, detail);
        }
    }
}

impl Service {
    /// What to tell when what is planned does not fit.
    fn overflow(&self, held: u64, quota: u64) -> Option<String> {
        let planned = self.unsettled as u64;
        (planned > 0 && held + planned > quota).then(|| {
            let name = &self.name;
            format!(
                "{name} holds {held} APIs, {planned} more are planned, and {quota} may be there"
            )
        })
    }
}

impl StopReason {
    fn hopeless(detail: Detail) -> Self {
        Self::Hopeless { code: detail.code, message: detail.message }
    }
}

impl Conductor {
    /// Nothing more can work.
    pub(super) fn hopeless(&mut self, detail: Detail) {
        self.stop(StopReason::hopeless(detail));
    }
}
