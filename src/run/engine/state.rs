//! The engine's parts, put together, and what it asks for: effects, facts, events.

use std::time::Duration;

use crate::run::backoff::Jitter;
use crate::run::breaker::{Breaker, Refusals};
use crate::run::engine::clocks::{Clocks, Now};
use crate::run::engine::credentials::Credentials;
use crate::run::engine::facts::Facts;
use crate::run::engine::items::Items;
use crate::run::engine::pacers::Pacers;
use crate::run::engine::queue::Queue;
use crate::run::engine::service::Service;
use crate::run::engine::sight::View;
use crate::run::engine::stall::Stall;
use crate::run::engine::stop::Stop;
use crate::run::event::{Event, EventKind, Stats};
use crate::run::fact::{Fact, Transition};
use crate::run::outcome::Detail;
use crate::run::work::{Believed, ItemId, RunSettings, Work};

/// How long after its signature has expired a request may still take effect, at most: what
/// was accepted ends within 60 s, and clocks differ.
const AFTER_EXPIRY: Duration = Duration::from_secs(70);
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
    pub(crate) settings: RunSettings,
    /// How long after it left a request may still take effect.
    pub(crate) settle: Duration,
    pub(crate) clocks: Clocks,
    pub(crate) items: Items,
    pub(crate) services: Vec<Service>,
    pub(crate) queue: Queue,
    pub(crate) facts: Facts,
    pub(crate) pacers: Pacers,
    pub(crate) breaker: Breaker,
    pub(crate) refusals: Refusals,
    pub(crate) credentials: Credentials,
    pub(crate) stall: Stall,
    pub(crate) stop: Stop,
    pub(crate) jitter: Jitter,
    pub(crate) stats: Stats,
    /// How far rows are believed that no journal bears out.
    pub(crate) believed: Option<Believed>,
    /// Whether all services were listed and the quota holds.
    pub(crate) opened: bool,
    /// Why some service's rows could not be held against a listing at the end.
    pub(crate) unaudited: Option<Detail>,
    pub(crate) phase: Phase,
    pub(crate) effects: Vec<Effect>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Running,
    /// All items ended; the last facts are on their way to disk.
    Closing,
    Over,
}

impl Engine {
    /// The run of this work, to be begun by a first [`Engine::handle`].
    pub(crate) fn new(mut work: Work, settings: &RunSettings, now: Now) -> Self {
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
            believed: work.believed.take(),
            opened: false,
            unaudited: None,
            phase: Phase::Running,
            effects: Vec::new(),
        };
        engine.admit(work);
        engine
    }

    /// The time between two listings of a service: two that agree would prove nothing if
    /// they were taken at once.
    pub(crate) fn gap(&self) -> Duration {
        (self.settings.settle / 2).min(Duration::from_secs(5))
    }

    pub(crate) fn service_of(&mut self, item: ItemId) -> &mut Service {
        &mut self.services[self.items[item].service]
    }

    /// What listings of a service can be held against.
    pub(crate) fn view(&self, index: usize) -> View<'_> {
        View { items: &self.items, service: &self.services[index] }
    }

    /// Writes down a step of an item.
    pub(crate) fn state_step(&mut self, item: ItemId, attempt: u32, step: Transition) {
        let (action, at) = (self.items.action(item), self.clocks.wall());
        self.state(Fact::Item { item, action, attempt, at, step });
    }

    /// Writes a fact down, after all before it.
    pub(crate) fn state(&mut self, fact: Fact) {
        if self.facts.state() {
            self.effects.push(Effect::State(fact));
        }
    }

    /// Tells the listeners.
    pub(crate) fn tell(&mut self, kind: EventKind) {
        self.stats.in_flight = self.queue.in_flight().len();
        self.stats.in_doubt = self.services.iter().map(|service| service.parked.len()).sum();
        self.stats.rate = self.pacers.rate();
        self.clocks.told();
        let (elapsed, stats) = (self.clocks.now(), self.stats);
        self.effects.push(Effect::Tell(Event { elapsed, kind, stats }));
    }
}
