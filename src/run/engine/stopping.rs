//! How a run ends, in its own time or before.
//!
//! A stopped run sends nothing more and lets what is in flight settle. Items in doubt are
//! looked for once, since presence counts at once; what is not seen is unconfirmed.

use crate::run::engine::service::Stage;
use crate::run::engine::state::{Effect, Engine, Phase};
use crate::run::event::{EventKind, StopReason};
use crate::run::fact::{Fact, WitnessLost};
use crate::run::outcome::Detail;
use crate::run::outcome::own;
use crate::run::work::{ItemId, Signal};
use crate::target::meaning::Hold;
use crate::target::{Page, Reply};

impl Engine {
    pub(crate) fn signalled(&mut self, signal: Signal) {
        let terminate = signal == Signal::Terminate;
        if self.stop.by_signal() {
            self.stop(StopReason::Killed { terminate });
            self.leave();
        } else {
            self.stop(StopReason::Interrupted { terminate });
        }
    }

    pub(crate) fn lose_journal(&mut self, lost: WitnessLost) {
        self.facts.lose();
        self.stop(StopReason::JournalLost { message: lost.0 });
    }

    /// Nothing more can work.
    pub(crate) fn hopeless(&mut self, detail: Detail) {
        self.stop(StopReason::Hopeless { code: detail.code, message: detail.message });
    }

    /// Sends nothing more. Of several reasons the gravest is told, the first of its kind.
    pub(crate) fn stop(&mut self, reason: StopReason) {
        let is_first = !self.stop.is_on();
        if self.phase != Phase::Running || !self.stop.add(&reason, self.clocks.now()) {
            return;
        }
        let detail = self.stop.detail().unwrap_or_default();
        self.tell(EventKind::Stopping { reason });
        if is_first {
            (0..self.services.len()).for_each(|index| self.turn_away(index, &detail));
        }
    }

    /// Nothing more is sent to a service.
    pub(crate) fn close(&mut self, index: usize, detail: Detail) {
        let service = &mut self.services[index];
        if service.closed.is_some() {
            return;
        }
        service.listing.abandon();
        if service.stage == Stage::Opening {
            service.stage = Stage::Open;
        }
        service.closed = Some(detail.clone());
        let service = service.name.clone();
        self.turn_away(index, &detail);
        let Detail { code, message, .. } = detail;
        self.tell(EventKind::ServiceClosed { service, code, message });
    }

    /// Ends those items of a service that are neither in flight nor in doubt.
    fn turn_away(&mut self, index: usize, detail: &Detail) {
        self.services[index].ready.clear();
        for item in self.services[index].items.clone() {
            if !self.queue.flies(item) && !self.items[item].journey.in_doubt() {
                self.leave_unsent(item, detail.clone());
            }
        }
    }

    /// Looks after what must not go on for too long, and leaves a stopped run once nothing
    /// is in flight.
    pub(crate) fn watch(&mut self) {
        match self.stop.leaves_at() {
            None => self.watch_progress(),
            Some(time) if self.clocks.now() >= time => self.leave(),
            Some(time) => {
                self.clocks.wake_at(time);
                if self.queue.in_flight().len() == 0 {
                    self.take_leave();
                }
            }
        }
    }

    fn watch_progress(&mut self) {
        let now = self.clocks.now();
        if self.breaker.hopeless(now) {
            let why = format!("the gateway cannot be reached: {}", self.breaker.silence());
            return self.hopeless(Detail::ours(own::UNREACHABLE, why));
        }
        if self.waits_for_settle() {
            self.stall.succeeded(now);
        }
        if let Some(detail) = self.stall.hopeless(now) {
            self.hopeless(detail);
        }
    }

    /// Whether all that is left is a wait for settle, before an absence counts or before the
    /// listing at the end: no stall.
    fn waits_for_settle(&self) -> bool {
        let now = self.clocks.now();
        self.queue.is_empty()
            && !self.services.iter().any(|service| service.goes_on(now))
            && self.services.iter().any(|it| !it.parked.is_empty() || it.stage == Stage::Closing)
    }

    /// Nothing is in flight any more: items in doubt are looked for once.
    fn take_leave(&mut self) {
        let reading = self.credentials.are_being_read();
        let looks = self.breaker.reads() && !self.facts.are_lost() && !reading;
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
        self.queue.abandon().for_each(|item| self.abandon(item, true));
        (0..self.services.len()).for_each(|index| self.leave_parked(index));
    }

    /// Gives up looking for a service's items in doubt.
    pub(crate) fn leave_parked(&mut self, index: usize) {
        for parked in std::mem::take(&mut self.services[index].parked) {
            self.abandon(parked.item, false);
        }
        let service = &mut self.services[index];
        service.listing.abandon();
        service.stage = Stage::Done;
    }

    fn abandon(&mut self, item: ItemId, flying: bool) {
        let outcome = self.items[item].journey.left(flying);
        let detail = self.items[item].detail.clone();
        let ours = self.stop.detail().unwrap_or_default();
        self.settle(item, outcome, if detail.code.is_empty() { ours } else { detail });
    }

    /// Ends the run once all is done, and waits for the last facts to be kept.
    pub(crate) fn finish(&mut self) {
        if self.phase == Phase::Running && self.is_done() {
            if let Some(detail) = self.unaudited.take() {
                self.hopeless(detail);
            }
            self.phase = Phase::Closing;
            self.state(match self.stop.reason() {
                Some(reason) => Fact::Stopped { reason: reason.clone() },
                None => Fact::Ended,
            });
        }
        if self.phase == Phase::Closing && self.facts.are_done() {
            self.phase = Phase::Over;
            self.tell(EventKind::Finished);
        }
    }

    fn is_done(&self) -> bool {
        let done = || self.services.iter().all(|service| service.stage == Stage::Done);
        self.stats.settled == self.stats.total && (self.stop.is_on() || done())
    }
}

/// The way to the gateway, and what goes with it.
impl Engine {
    pub(crate) fn say_unreached(&mut self) {
        let probe = self.breaker.probe_at().unwrap_or_default();
        let length = probe.saturating_sub(self.clocks.now());
        let why = format!("the gateway cannot be reached ({})", self.breaker.silence());
        self.tell(EventKind::Waiting { hold: Hold::Everyone, item: None, length, why });
    }

    /// Asks whether the gateway can be reached again: by a read, never by a create.
    pub(crate) fn probe(&mut self) {
        let Some(due) = self.breaker.probe_at() else { return };
        if due > self.clocks.now() {
            return self.clocks.wake_at(due);
        }
        let Some(service) = self.services.iter().find(|it| it.stage != Stage::Done) else { return };
        self.effects.push(Effect::Probe { name: service.name.clone() });
        self.breaker.probing();
    }

    pub(crate) fn probed(&mut self, reply: &Reply<Page>) {
        self.breaker.note_silence(reply);
        self.breaker.probed(self.clocks.now(), reply.into(), self.jitter.next());
        if matches!(reply, Reply::Untrusted(_) | Reply::Blocked(_)) {
            self.hopeless(Detail::of(reply));
        }
    }

    pub(crate) fn reloaded(&mut self, differ: bool) {
        if let Some(detail) = self.credentials.reloaded(self.clocks.now(), differ) {
            self.hopeless(detail);
        }
    }
}
