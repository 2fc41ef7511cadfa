//! Carries a run out, as a value: one closed enum goes in, effects come out.
//!
//! The engine decides everything and touches nothing: it is told what happened and when,
//! and asks for calls, facts and events. `pipeline` does them. So the whole protocol, with
//! every loss, delay and signal in any order, is tested as a function. Times are durations
//! since the run began.
//!
//! It is put together from parts, each with a state of its own that no other part sees: who
//! an item waits for (`items`), what is on its way (`queue`), how listings come in
//! (`listing`), what they show (`sight`), when something may start (`pacers`), what time it
//! is (`clocks`), what is on disk (`facts`), and what may end a run early (`credentials`,
//! `stall`, `stop`). The other files say what follows from what.
//!
//! The order of facts is the order in which they are asked for; the one thing that is waited
//! for is that an intent is safe before its request leaves.

mod admission;
mod clocks;
mod closing;
mod credentials;
mod doubts;
mod facts;
mod items;
mod listing;
mod looking;
mod opening;
mod pacers;
mod queue;
mod replies;
mod sending;
mod service;
mod settling;
mod sight;
mod stall;
mod state;
mod stop;
mod stopping;

pub(crate) use clocks::Now;
#[cfg(test)]
pub(crate) use queue::FRESH;
pub(crate) use state::{Effect, Engine};

use std::time::Duration;

use crate::run::event::EventKind;
use crate::run::fact::WitnessLost;
use crate::run::outcome::{Outcome, Settlement};
use crate::run::work::{ItemId, Signal};
use crate::run::world::Ending;
use crate::target::{Created, Page, Reply};

use state::Phase;

/// Something that happened.
#[derive(Debug)]
pub(crate) enum Input {
    /// Time passed.
    Time,
    /// Someone wants the run to end.
    Signal(Signal),
    /// So many facts are kept so far.
    Kept(u64),
    /// No more facts can be kept.
    JournalLost(WitnessLost),
    /// A create (or, without an API, a delete) came back.
    Replied { item: ItemId, reply: Reply<Option<Created>> },
    /// A page of a listing came back.
    Listed { service: usize, reply: Reply<Page> },
    /// A probe came back.
    Probed { reply: Reply<Page> },
    /// The credentials were read again; whether they differ.
    Reloaded(bool),
}

impl Engine {
    /// Takes in what happened, and everything that follows from it by now; what is to be
    /// done then, in this order.
    pub(crate) fn handle(&mut self, now: Now, input: Input) -> Vec<Effect> {
        self.clocks.set(now);
        match input {
            Input::Time => {}
            Input::Signal(signal) => self.signalled(signal),
            Input::Kept(facts) => self.kept(facts),
            Input::JournalLost(lost) => self.lose_journal(lost),
            Input::Replied { item, reply } => self.replied(item, reply),
            Input::Listed { service, reply } => self.listed(service, reply),
            Input::Probed { reply } => self.probed(&reply),
            Input::Reloaded(differ) => self.reloaded(differ),
        }
        self.advance();
        std::mem::take(&mut self.effects)
    }

    /// When time has to be told again, should nothing else happen first.
    pub(crate) fn wake(&self) -> Duration {
        self.clocks.wake()
    }

    /// Whether the run has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    /// How it ended.
    pub(crate) fn ending(self) -> Ending {
        let settlements = self.items.into_all().into_iter().map(|state| Settlement {
            outcome: state.outcome.unwrap_or(Outcome::NotSent),
            attempts: state.journey.attempts(),
            detail: state.detail,
        });
        let closed = self.services.into_iter();
        Ending {
            stats: self.stats,
            stop: self.stop.reason().cloned(),
            closed: closed.filter_map(|s| s.closed.map(|detail| (s.name, detail))).collect(),
            settlements: settlements.collect(),
        }
    }

    /// Does what is due. Each step leaves with the clocks when it wants to be asked again.
    fn advance(&mut self) {
        if self.phase != Phase::Running {
            return self.finish();
        }
        if self.clocks.is_tick_due() {
            self.tell(EventKind::Tick);
        }
        self.clocks.sleep();
        self.open_run();
        self.watch();
        self.end_rests();
        self.close_services();
        self.begin_passes();
        self.fetch_pages();
        self.probe();
        self.state_intents();
        self.depart();
        self.finish();
    }
}
