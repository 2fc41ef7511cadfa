//! How a run ends, in its own time or before.
//!
//! A stopped run admits nothing more and lets what is in flight settle. Items in doubt are
//! looked for once, since presence counts at once; what is not seen is unconfirmed.

use std::time::Duration;

use crate::run::breaker::Heard;
use crate::run::engine::service::Stage;
use crate::run::engine::{Conductor, Credentials, Effect, Phase};
use crate::run::outcome::own;
use crate::run::{Detail, EventKind, Fact, ItemId, Signal, StopReason, WitnessLost};
use crate::target::meaning::Hold;
use crate::target::{Page, Reply};

/// How long what is in flight is waited for: as long as a request may take.
const DRAIN: Duration = Duration::from_secs(30);

/// How long nothing may go on.
const STALL: Duration = Duration::from_mins(5);

/// How long everything may be throttled.
const THROTTLED: Duration = Duration::from_mins(15);

impl Conductor {
    pub(crate) fn signalled(&mut self, signal: Signal) {
        let terminate = signal == Signal::Terminate;
        let again =
            matches!(self.stop, Some(StopReason::Interrupted { .. } | StopReason::Killed { .. }));
        if again {
            self.stop(StopReason::Killed { terminate });
            self.leave();
        } else {
            self.stop(StopReason::Interrupted { terminate });
        }
    }

    pub(crate) fn lose_journal(&mut self, lost: WitnessLost) {
        self.journal_lost = true;
        self.stop(StopReason::JournalLost { message: lost.0 });
    }

    /// Nothing more can work.
    pub(crate) fn hopeless(&mut self, detail: Detail) {
        self.stop(StopReason::Hopeless { code: detail.code, message: detail.message });
    }

    /// Admits nothing more. Of several reasons the gravest is told, the first of its kind.
    pub(crate) fn stop(&mut self, reason: StopReason) {
        let graver = self.stop.as_ref().is_none_or(|before| before.gravity() < reason.gravity());
        if self.phase != Phase::Running || !graver {
            return;
        }
        let detail = detail_of(&reason);
        let first = self.stop.replace(reason.clone()).is_none();
        self.tell(EventKind::Stopping { reason });
        if first {
            self.stopped_at = self.at.now;
            for index in 0..self.services.len() {
                self.turn_away(index, &detail);
            }
        }
    }

    /// A service takes no more.
    pub(crate) fn close(&mut self, index: usize, detail: Detail) {
        let service = &mut self.services[index];
        if service.closed.is_some() {
            return;
        }
        service.pass = None;
        if service.stage == Stage::Opening {
            service.stage = Stage::Open;
        }
        service.closed = Some(detail.clone());
        let name = service.name.clone();
        self.turn_away(index, &detail);
        let Detail { code, message, .. } = detail;
        self.tell(EventKind::ServiceClosed { service: name, code, message });
    }

    /// Ends those items of a service that are neither in flight nor in doubt.
    fn turn_away(&mut self, index: usize, detail: &Detail) {
        self.services[index].ready.clear();
        for item in self.services[index].items.clone() {
            let traveller = self.traveller(item);
            let open = traveller.outcome.is_none() && !traveller.journey.in_doubt();
            if open && !self.flying.contains_key(&item) {
                self.settle(item, traveller.journey.left(false), detail.clone());
            }
        }
    }

    /// Looks after what must not go on for too long, and leaves a stopped run once nothing
    /// is in flight.
    pub(crate) fn watch(&mut self) {
        match self.stop {
            None => self.watch_progress(),
            Some(_) if self.at.now >= self.stopped_at + DRAIN => self.leave(),
            Some(_) => {
                self.wake_at(self.stopped_at + DRAIN);
                if self.flying.is_empty() {
                    self.take_leave();
                }
            }
        }
    }

    fn watch_progress(&mut self) {
        if self.breaker.hopeless(self.at.now) {
            let why = format!("the gateway cannot be reached: {}", self.silence);
            return self.hopeless(Detail::ours(own::UNREACHABLE, why));
        }
        if self.waits_for_settle() {
            self.last_success = self.at.now;
        }
        let throttled = self.last_throttle.is_some_and(|at| at > self.last_success);
        let (limit, code) =
            if throttled { (THROTTLED, own::THROTTLED) } else { (STALL, own::STALLED) };
        if self.at.now >= self.last_success + limit {
            let why = format!("nothing was carried out for {} minutes", limit.as_secs() / 60);
            self.hopeless(Detail::ours(code, why));
        }
    }

    /// Whether all that is left is a wait for settle, before an absence counts or before the
    /// listing at the end: no stall.
    fn waits_for_settle(&self) -> bool {
        let now = self.at.now;
        let goes_on = |service: &crate::run::engine::Service| {
            service.pass.is_some() || service.sends(now) && !service.ready.is_empty()
        };
        let sending = self.meaning.len() + self.meant.len() + self.flying.len();
        let waits = |service: &crate::run::engine::Service| service.stage == Stage::Closing;
        (self.parked > 0 || self.services.iter().any(waits))
            && sending + self.resting.len() == 0
            && !self.services.iter().any(goes_on)
    }

    /// Nothing is in flight any more: items in doubt are looked for once.
    fn take_leave(&mut self) {
        let looks = self.breaker.reads() && !self.journal_lost && !self.credentials.reading;
        for index in 0..self.services.len() {
            let service = &mut self.services[index];
            match service.stage {
                Stage::Leaving | Stage::Done => {}
                _ if looks && !service.parked.is_empty() => service.stage = Stage::Leaving,
                _ => self.leave_parked(index),
            }
        }
    }

    /// Waits for nothing any more.
    fn leave(&mut self) {
        for item in std::mem::take(&mut self.flying).into_keys() {
            self.abandon(item, true);
        }
        (0..self.services.len()).for_each(|index| self.leave_parked(index));
    }

    /// Gives up looking for a service's items in doubt.
    pub(crate) fn leave_parked(&mut self, index: usize) {
        for item in self.unpark(index).into_iter().map(|parked| parked.item) {
            self.abandon(item, false);
        }
        let service = &mut self.services[index];
        service.pass = None;
        service.stage = Stage::Done;
    }

    fn abandon(&mut self, item: ItemId, flying: bool) {
        let outcome = self.traveller(item).journey.left(flying);
        let said = self.traveller(item).detail.clone();
        let ours = self.stop.as_ref().map(detail_of).unwrap_or_default();
        self.settle(item, outcome, if said.code.is_empty() { ours } else { said });
    }

    /// Ends the run once all is done, and waits for the last facts to be kept.
    pub(crate) fn finish(&mut self) {
        if self.phase == Phase::Running && self.is_done() {
            if let Some(detail) = self.unaudited.take() {
                self.hopeless(detail);
            }
            self.phase = Phase::Closing;
            self.state(match self.stop.clone() {
                Some(reason) => Fact::Stopped { reason },
                None => Fact::Ended,
            });
        }
        if self.phase == Phase::Closing && (self.journal_lost || self.facts_kept >= self.facts) {
            self.phase = Phase::Over;
            self.tell(EventKind::Finished);
        }
    }

    fn is_done(&self) -> bool {
        let done = |stage| matches!(stage, Stage::Done);
        self.unsettled == 0
            && (self.stop.is_some() || self.services.iter().all(|service| done(service.stage)))
    }
}

/// The way to the gateway.
impl Conductor {
    pub(crate) fn say_unreached(&mut self) {
        let length = self.breaker.probe_at().unwrap_or_default().saturating_sub(self.at.now);
        let why = format!("the gateway cannot be reached ({})", self.silence);
        self.tell(EventKind::Waiting { hold: Hold::Everyone, item: None, length, why });
    }

    /// Keeps why a read had no answer, for those who wonder why nothing goes on.
    pub(crate) fn note_silence<T>(&mut self, reply: &Reply<T>) {
        if let Reply::NotSent(why) | Reply::Lost(why) = reply {
            self.silence.clone_from(why);
        }
    }

    /// Asks whether the gateway can be reached again: by a read, never by a create.
    pub(crate) fn probe(&mut self) {
        let Some(due) = self.breaker.probe_at() else { return };
        if due > self.at.now {
            return self.wake_at(due);
        }
        let open = |service: &&crate::run::engine::Service| service.stage != Stage::Done;
        let Some(service) = self.services.iter().find(open) else { return };
        let name = service.name.clone();
        self.breaker.probing();
        self.effects.push(Effect::Probe { name });
    }

    pub(crate) fn probed(&mut self, reply: &Reply<Page>) {
        self.note_silence(reply);
        let jitter = self.draw();
        self.breaker.probed(self.at.now, Heard::of(reply), jitter);
        match reply {
            Reply::Untrusted(why) => self.hopeless(Detail::ours(own::UNTRUSTED, why.clone())),
            Reply::Blocked(why) => self.hopeless(Detail::ours(own::UNREACHABLE, why.clone())),
            _ => {}
        }
    }
}

/// Credentials that expire on the way.
impl Conductor {
    /// They are read again, unless that was just done and nothing has worked since. A
    /// request that left before they were last read says nothing new.
    pub(crate) fn credentials_expired(&mut self, departed: Duration, detail: Detail) {
        let Credentials { reading, read_at, worked, .. } = &self.credentials;
        if *reading || read_at.is_some_and(|at| departed <= at) {
            return;
        }
        if !worked {
            return self.hopeless(detail);
        }
        self.credentials.reading = true;
        self.credentials.expired = detail;
        self.effects.push(Effect::Reload);
    }

    pub(crate) fn reloaded(&mut self, differ: bool) {
        let expired = std::mem::take(&mut self.credentials.expired);
        self.credentials = Credentials {
            reading: false,
            read_at: Some(self.at.now),
            worked: false,
            expired: Detail::default(),
        };
        if !differ {
            self.hopeless(expired);
        }
    }

    /// Something was carried out: the credentials hold.
    pub(crate) fn worked(&mut self) {
        self.credentials.worked = true;
    }
}

/// What a row says that was not sent for this reason.
pub(crate) fn detail_of(reason: &StopReason) -> Detail {
    match reason {
        StopReason::Hopeless { code, message } => Detail::ours(code, message.clone()),
        StopReason::JournalLost { message } => Detail::ours(own::JOURNAL, message.clone()),
        StopReason::Interrupted { .. } | StopReason::Killed { .. } => {
            Detail::ours(own::INTERRUPTED, "the run was interrupted")
        }
    }
}
