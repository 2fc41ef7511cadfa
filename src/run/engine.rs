//! Carries a run out, as a value: one closed enum goes in, effects come out.
//!
//! The engine decides everything and touches nothing: it is told what happened and when,
//! and asks for calls, facts and events. `pipeline` does them. So the whole protocol, with
//! every loss, delay and signal in any order, is tested as a function. Times are durations
//! since the run began.
//!
//! It is put together from parts, each with a state of its own that no other part sees: who
//! an item waits for (`items`), what is on its way (`queue`), how listings come in
//! (`listing`), what they tell (`sight`), when something may start (`pacers`), what time it
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
mod stop;
mod stopping;

pub(crate) use clocks::Now;
#[cfg(test)]
pub(crate) use queue::FRESH;

use std::time::Duration;

use crate::run::backoff::Jitter;
use crate::run::breaker::{Breaker, Refusals};
use crate::run::{
    Detail, Ending, Event, EventKind, Fact, ItemId, Outcome, RunSettings, Settlement, Signal,
    Stats, WitnessLost, Work,
};
use crate::target::{Created, Page, Reply};

use clocks::Clocks;
use credentials::Credentials;
use facts::Facts;
use items::Items;
use pacers::Pacers;
use queue::Queue;
use service::Service;
use sight::View;
use stall::Stall;
use stop::Stop;

/// How long after its signature has expired a request may still take effect, at most: what
/// was accepted ends within 60 s, and clocks differ.
const AFTER_EXPIRY: Duration = Duration::from_secs(70);

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

/// Something to do.
#[derive(Debug)]
pub(crate) enum Effect {
    /// Write this down, after all that was asked before.
    State(Fact),
    /// Tell the listeners.
    Tell(Event),
    /// Send a create.
    Create { item: ItemId, body: String },
    /// Send a delete.
    Delete { item: ItemId, service: String, api_id: String },
    /// Ask for a page of a listing.
    List { service: usize, name: String, offset: u64, limit: u64 },
    /// Ask for one API of a service, only to see whether an answer comes.
    Probe { name: String },
    /// Read the credentials again.
    Reload,
}

/// A run as a value.
#[derive(Debug)]
pub(crate) struct Engine {
    settings: RunSettings,
    /// How long after it left a request may still take effect.
    settle: Duration,
    clocks: Clocks,
    items: Items,
    services: Vec<Service>,
    queue: Queue,
    facts: Facts,
    pacers: Pacers,
    breaker: Breaker,
    refusals: Refusals,
    credentials: Credentials,
    stall: Stall,
    stop: Stop,
    jitter: Jitter,
    stats: Stats,
    /// Whether all services were listed and the quota holds.
    opened: bool,
    /// Why some service's rows could not be held against a listing at the end.
    unaudited: Option<Detail>,
    phase: Phase,
    effects: Vec<Effect>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    /// All items ended; the last facts are on their way to disk.
    Closing,
    Over,
}

impl Engine {
    /// The run of this work, to be begun by a first [`Engine::handle`].
    pub(crate) fn new(work: Work, settings: &RunSettings, now: Now) -> Self {
        let mut settle = settings.settle;
        if settings.strict_once {
            settle = settle.max(settings.signature_lifetime + AFTER_EXPIRY);
        }
        let mut engine = Self {
            settings: settings.clone(),
            settle,
            clocks: Clocks::new(now),
            items: Items::default(),
            services: Vec::new(),
            queue: Queue::default(),
            facts: Facts::default(),
            pacers: Pacers::new(settings),
            breaker: Breaker::new(settings.concurrency),
            refusals: Refusals::new(settings.max_failures),
            credentials: Credentials::new(),
            stall: Stall::default(),
            stop: Stop::default(),
            jitter: Jitter::new(settings.seed),
            stats: Stats::default(),
            opened: false,
            unaudited: None,
            phase: Phase::Running,
            effects: Vec::new(),
        };
        engine.admit(work);
        engine
    }

    /// Takes in what happened, and everything that follows from it by now.
    pub(crate) fn handle(&mut self, now: Now, input: Input) {
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
    }

    /// What is to be done now, in this order.
    pub(crate) fn effects(&mut self) -> Vec<Effect> {
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

    /// The time between two listings of a service: two that agree would prove nothing if
    /// they were taken at once.
    fn gap(&self) -> Duration {
        (self.settings.settle / 2).min(Duration::from_secs(5))
    }

    fn service_of(&mut self, item: ItemId) -> &mut Service {
        &mut self.services[self.items[item].service]
    }

    /// What listings of a service can be held against.
    fn view(&self, index: usize) -> View<'_> {
        View { items: &self.items, service: &self.services[index] }
    }
}
