//! Carries a run out, as a value: one closed enum goes in, effects come out.
//!
//! The conductor decides everything and touches nothing: it is told what happened and when,
//! and asks for calls, facts and events. `pipeline` does them. So the whole protocol, with
//! every loss, delay and signal in any order, is tested as a function. Times are durations
//! since the run began.
//!
//! The order of facts is the order in which they are asked for; the one thing that is waited
//! for is that an intent is safe before its request leaves.

mod admission;
mod closing;
mod doubts;
mod looking;
mod opening;
mod sending;
mod service;
mod settling;
mod stopping;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::plan::{Item, ItemKey};
use crate::run::backoff::Jitter;
use crate::run::breaker::{Breaker, Refusals};
use crate::run::pace::Pacer;
use crate::run::step::Journey;
use crate::run::{
    Detail, Ending, Event, EventKind, Fact, ItemId, Outcome, RunSettings, Settlement, Signal,
    Stats, StopReason, WitnessLost, Work,
};
use crate::target::{Created, Page, Reply};

use service::Service;

/// Listings a second, far below what the gateway allows: other readers share the account.
const LISTS_PER_SECOND: u32 = 5;

/// How long nothing happens before a tick says so.
const TICK: Duration = Duration::from_secs(1);

/// How old an intent may be when its request leaves. What waits longer, since everyone was
/// paused, states its intent anew, so that a later run never counts from a time long before
/// the request.
pub(crate) const FRESH: Duration = Duration::from_secs(1);

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

/// When something happens: by the clock that waits go by, and by the one on the wall.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) now: Duration,
    pub(crate) wall: Timestamp,
}

/// A run as a value.
#[derive(Debug)]
pub(crate) struct Conductor {
    settings: RunSettings,
    settle: Duration,
    at: Moment,
    travellers: Vec<Traveller>,
    services: Vec<Service>,
    /// Who waits for an item to end: creates for their authoriser, an authoriser's delete
    /// for those that it authorises.
    waiting: HashMap<ItemId, Vec<ItemId>>,
    /// APIs that are some item's.
    claimed: HashMap<String, ItemId>,
    /// Whether all services were listed and the quota holds.
    opened: bool,
    creating: Pacer,
    deleting: Pacer,
    listing: Pacer,
    lists_flying: usize,
    breaker: Breaker,
    /// Why the last call had no answer.
    silence: String,
    refusals: Refusals,
    jitter: Jitter,
    /// Intents on their way to paper, each with its place in the order of facts and the time
    /// of the intent.
    meaning: VecDeque<(u64, Moment, ItemId)>,
    /// Intents on paper that wait for a slot, each with the time of the intent.
    meant: VecDeque<(Moment, ItemId)>,
    /// Requests on their way, each with the time it left.
    flying: BTreeMap<ItemId, Duration>,
    /// Items that wait by themselves.
    resting: BTreeSet<(Duration, ItemId)>,
    credentials: Credentials,
    facts: u64,
    facts_kept: u64,
    journal_lost: bool,
    /// Why some service's rows could not be held against a listing at the end.
    unaudited: Option<Detail>,
    stop: Option<StopReason>,
    stopped_at: Duration,
    last_success: Duration,
    last_throttle: Option<Duration>,
    stats: Stats,
    /// Items that a look is owed, over all services.
    parked: usize,
    unsettled: usize,
    phase: Phase,
    /// When listeners last heard something.
    told_at: Duration,
    wake: Duration,
    effects: Vec<Effect>,
}

/// One item on its way.
#[derive(Debug)]
struct Traveller {
    item: Arc<Item>,
    service: usize,
    journey: Journey,
    /// For a create, its authoriser.
    authoriser: Option<ItemId>,
    /// How many others have to end before it may be sent.
    waits_for: usize,
    /// What was said last.
    detail: Detail,
    outcome: Option<Outcome>,
}

/// Credentials that may expire on the way and be read again.
#[derive(Debug)]
struct Credentials {
    /// They are being read; nothing goes out meanwhile.
    reading: bool,
    /// When they were last read again.
    read_at: Option<Duration>,
    /// Whether something was carried out since.
    worked: bool,
    /// What was said when they expired.
    expired: Detail,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    /// All items ended; the last facts are on their way to paper.
    Closing,
    Over,
}

impl Conductor {
    /// The run of this work, to be begun by a first [`Conductor::handle`].
    pub(crate) fn new(work: Work, settings: &RunSettings, at: Moment) -> Self {
        let mut settle = settings.settle;
        if settings.strict_once {
            settle = settle.max(settings.signature_lifetime + AFTER_EXPIRY);
        }
        let pacer = || Pacer::new(settings.rate, settings.rate_limit);
        let mut conductor = Self {
            settings: settings.clone(),
            settle,
            at,
            travellers: Vec::with_capacity(work.items.len()),
            services: Vec::new(),
            waiting: HashMap::new(),
            claimed: HashMap::new(),
            opened: false,
            creating: pacer(),
            deleting: pacer(),
            listing: Pacer::new(f64::from(LISTS_PER_SECOND), LISTS_PER_SECOND + 1),
            lists_flying: 0,
            breaker: Breaker::new(settings.concurrency),
            silence: String::new(),
            refusals: Refusals::new(settings.max_failures),
            jitter: Jitter::new(settings.seed),
            meaning: VecDeque::new(),
            meant: VecDeque::new(),
            flying: BTreeMap::new(),
            resting: BTreeSet::new(),
            credentials: Credentials {
                reading: false,
                read_at: None,
                worked: true,
                expired: Detail::default(),
            },
            facts: 0,
            facts_kept: 0,
            journal_lost: false,
            unaudited: None,
            stop: None,
            stopped_at: Duration::ZERO,
            last_success: Duration::ZERO,
            last_throttle: None,
            stats: Stats::default(),
            parked: 0,
            unsettled: 0,
            told_at: Duration::ZERO,
            phase: Phase::Running,
            wake: Duration::ZERO,
            effects: Vec::new(),
        };
        conductor.admit(work);
        conductor
    }

    /// Takes in what happened, and everything that follows from it by now.
    pub(crate) fn handle(&mut self, at: Moment, input: Input) {
        self.at = at;
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
        self.wake
    }

    /// Whether the run has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    /// How it ended.
    pub(crate) fn ending(self) -> Ending {
        let settlements = self.travellers.into_iter().map(|traveller| Settlement {
            outcome: traveller.outcome.unwrap_or(Outcome::NotSent),
            attempts: traveller.journey.attempts(),
            detail: traveller.detail,
        });
        let closed = self.services.into_iter();
        Ending {
            stats: self.stats,
            stop: self.stop,
            closed: closed.filter_map(|s| s.closed.map(|detail| (s.name, detail))).collect(),
            settlements: settlements.collect(),
        }
    }

    /// Does what is due. Each step leaves in `wake` when it wants to be asked again.
    fn advance(&mut self) {
        if self.phase != Phase::Running {
            return self.finish();
        }
        self.tick();
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

    /// Says that time passes, and sets the next time to say so.
    fn tick(&mut self) {
        if self.at.now >= self.told_at + TICK {
            self.tell(EventKind::Tick);
        }
        self.wake = self.told_at + TICK;
    }

    fn wake_at(&mut self, time: Duration) {
        self.wake = self.wake.min(time);
    }

    fn draw(&mut self) -> f64 {
        self.jitter.next()
    }

    /// The time between two listings of a service: two that agree would prove nothing if
    /// they were taken at once.
    fn gap(&self) -> Duration {
        (self.settings.settle / 2).min(Duration::from_secs(5))
    }

    fn traveller(&self, item: ItemId) -> &Traveller {
        &self.travellers[item.0 as usize]
    }

    fn key(&self, item: ItemId) -> &ItemKey {
        &self.traveller(item).item.key
    }

    fn traveller_mut(&mut self, item: ItemId) -> &mut Traveller {
        &mut self.travellers[item.0 as usize]
    }

    fn service_of(&mut self, item: ItemId) -> &mut Service {
        let service = self.travellers[item.0 as usize].service;
        &mut self.services[service]
    }
}
