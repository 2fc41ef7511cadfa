//! When listings begin, and what happens when their pages come in or do not. What they show
//! is used by `opening`, `doubts` and `closing`.

use std::time::Duration;

use crate::run::backoff::throttle_pause;
use crate::run::engine::service::Stage;
use crate::run::engine::state::{Effect, Engine};
use crate::run::event::EventKind;
use crate::run::look::{self, Seen};
use crate::run::outcome::Detail;
use crate::target::meaning::{Hold, Meaning, Scope};
use crate::target::{Page, Reply};

impl Engine {
    /// Begins the listings that are due.
    pub(crate) fn begin_passes(&mut self) {
        let (now, gap) = (self.clocks.now(), self.gap());
        for index in 0..self.services.len() {
            let service = &mut self.services[index];
            let drains = self.stop.is_on() && service.stage == Stage::Open;
            let Some(due) = service.next_pass(gap).filter(|_| !drains) else { continue };
            if due > now {
                self.clocks.wake_at(due);
                continue;
            }
            service.listing.begin(now, service.known.len());
            let (service, items) = (service.name.clone(), service.parked.len());
            if items > 0 {
                self.tell(EventKind::LookingUp { service, items });
            }
        }
    }

    /// Asks for the next page of each listing, at their own slow pace.
    pub(crate) fn fetch_pages(&mut self) {
        if !self.breaker.reads() || self.credentials.are_being_read() {
            return;
        }
        let now = self.clocks.now();
        for (index, service) in self.services.iter_mut().enumerate() {
            let Some(not_before) = service.listing.wants_page() else { continue };
            if not_before > now {
                self.clocks.wake_at(not_before);
                continue;
            }
            match self.pacers.start_page(now) {
                Err(Some(not_before)) => return self.clocks.wake_at(not_before),
                Err(None) => return,
                Ok(()) => {
                    let (offset, name) = (service.listing.fetch(now), service.name.clone());
                    let limit = look::LIMIT;
                    self.effects.push(Effect::List { service: index, name, offset, limit });
                }
            }
        }
    }

    /// A page came back, or did not.
    pub(crate) fn listed(&mut self, index: usize, reply: Reply<Page>) {
        let Some(departed) = self.services[index].listing.landed() else { return };
        self.pacers.page_landed();
        self.breaker.note_silence(&reply);
        let jitter = self.jitter.next();
        if self.breaker.heard_read(self.clocks.now(), (&reply).into(), jitter) {
            self.say_unreached();
        }
        let detail = Detail::of(&reply);
        match reply {
            Reply::Ok(page) => self.take_page(index, page),
            Reply::Error(error) => self.page_refused(index, departed, error.meaning, detail),
            Reply::Untrusted(_) | Reply::Blocked(_) => self.hopeless(detail),
            Reply::NotSent(_) | Reply::Lost(_) => self.page_failed(index, detail),
        }
    }

    fn take_page(&mut self, index: usize, page: Page) {
        self.pacers.listing.succeeded();
        self.credentials.worked();
        self.stall.succeeded(self.clocks.now());
        if let Some(seen) = self.services[index].listing.take(page) {
            self.passed(index, seen);
        }
    }

    fn page_refused(&mut self, index: usize, departed: Duration, says: Meaning, detail: Detail) {
        match says {
            Meaning::Wait(Hold::Everyone) => {
                let (now, pause) = (self.clocks.now(), throttle_pause(self.jitter.next()));
                self.pacers.listing.throttled(now, departed, pause);
                self.stall.throttled(now);
            }
            Meaning::Token => self.credentials_expired(departed, detail),
            Meaning::Clock if self.services[index].listing.corrects_clock() => {}
            Meaning::Wait(_) | Meaning::Unclear => self.page_failed(index, detail),
            Meaning::Clock | Meaning::Stop(Scope::Run) => self.hopeless(detail),
            Meaning::Stop(Scope::Service) => {
                self.pass_failed(index, detail.clone());
                self.close(index, detail);
            }
            Meaning::Refused | Meaning::MaybeTaken | Meaning::Gone | Meaning::InUse => {
                self.pass_failed(index, detail);
            }
        }
    }

    /// A read may simply be tried again.
    fn page_failed(&mut self, index: usize, detail: Detail) {
        let (now, jitter) = (self.clocks.now(), self.jitter.next());
        if !self.services[index].listing.may_retry(now, jitter) {
            self.pass_failed(index, detail);
        }
    }

    /// A listing could not be read to its end.
    fn pass_failed(&mut self, index: usize, detail: Detail) {
        let service = &mut self.services[index];
        service.listing.abandon();
        match service.stage {
            Stage::Opening => self.close(index, detail),
            Stage::Open => self.decide_without_look(index),
            Stage::Closing => {
                service.stage = Stage::Done;
                let message =
                    format!("the final listing of {} failed: {}", service.name, detail.message);
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
            Stage::Closing => self.audit(index, &seen),
            Stage::Leaving => {
                self.look_for_parked(index, seen);
                self.leave_parked(index);
            }
            Stage::Done => {}
        }
    }
}
