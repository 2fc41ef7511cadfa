//! Listings as such: when they begin, how their pages come in, and what happens when they do
//! not. What they tell is read by `opening`, `doubts` and `closing`.

use std::time::Duration;

use crate::run::backoff::{self, throttle_pause};
use crate::run::breaker::Heard;
use crate::run::engine::service::Stage;
use crate::run::engine::{Conductor, Effect};
use crate::run::look::{self, Pass, Seen};
use crate::run::outcome::own;
use crate::run::step::Pause;
use crate::run::{Detail, EventKind};
use crate::target::meaning::{Hold, Meaning, Scope};
use crate::target::{Page, Reply};

/// Pages that may be on their way at once, over all services.
const PAGES_FLYING: usize = 4;

/// Times that a page may fail to come before its listing is given up.
const PAGE_TRIES: u32 = 10;

impl Conductor {
    /// Begins the listings that are due.
    pub(crate) fn begin_passes(&mut self) {
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
    pub(crate) fn fetch_pages(&mut self) {
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
    pub(crate) fn listed(&mut self, index: usize, reply: Reply<Page>) {
        let Some(departed) = self.services[index].fetching.take() else { return };
        self.lists_flying -= 1;
        self.note_silence(&reply);
        let jitter = self.draw();
        if self.breaker.heard_read(self.at.now, Heard::of(&reply), jitter) {
            self.say_unreached();
        }
        match reply {
            Reply::Ok(page) => self.take_page(index, page),
            Reply::Error(error) => {
                self.page_refused(index, departed, error.meaning, error.into());
            }
            Reply::Untrusted(why) => self.hopeless(Detail::ours(own::UNTRUSTED, why)),
            Reply::Blocked(why) => self.hopeless(Detail::ours(own::UNREACHABLE, why)),
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
            Meaning::Refused | Meaning::MaybeTaken | Meaning::Gone | Meaning::InUse => {
                self.pass_failed(index, detail);
            }
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
            Stage::Open => self.decide_without_look(index),
            Stage::Closing => {
                service.stage = Stage::Done;
                let message =
                    format!("{} could not be listed at the end: {}", service.name, detail.message);
                self.unaudited.get_or_insert(Detail { message, ..detail });
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
