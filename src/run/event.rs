//! What people watch: events with the counts so far, so that no listener counts for itself.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::run::outcome::Outcome;
use crate::run::work::{Action, ItemId};
use crate::target::meaning::Hold;

/// Something happened. Per item: `(Sending | LookingUp | Waiting)* Settled`, and once more
/// `Settled` where the closing listing learns better.
#[derive(Debug, Clone)]
pub struct Event {
    /// Since the run began.
    pub elapsed: Duration,
    /// What happened.
    pub kind: EventKind,
    /// The counts after it.
    pub stats: Stats,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum EventKind {
    /// The run began.
    Started,
    /// A create (or delete) goes out.
    Sending { item: ItemId, attempt: u32 },
    /// A service is being listed for items in doubt.
    LookingUp { service: String, items: usize },
    /// Someone waits.
    Waiting { hold: Hold, item: Option<ItemId>, length: Duration, why: String },
    /// An item ended.
    Settled { item: ItemId, outcome: Outcome, code: String, message: String },
    /// Sending to a service stopped; its remaining items will not be sent.
    ServiceClosed { service: String, code: String, message: String },
    /// The run stops: it sends nothing more.
    Stopping { reason: StopReason },
    /// Time passed: nothing else happened for a while.
    Tick,
    /// All items ended.
    Finished,
}

/// Why a run stopped before its end. A later variant overrides an earlier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum StopReason {
    /// Nothing more can work: credentials, retirement, an unreachable gateway, too many
    /// failures.
    Hopeless { code: String, message: String },
    /// The journal can no longer be kept.
    JournalLost { message: String },
    /// A first signal: what is in flight was let settle.
    Interrupted { terminate: bool },
    /// A second signal: what was in flight is unconfirmed.
    Killed { terminate: bool },
}

impl StopReason {
    pub(crate) fn gravity(&self) -> u8 {
        match self {
            Self::Hopeless { .. } => 0,
            Self::JournalLost { .. } => 1,
            Self::Interrupted { .. } => 2,
            Self::Killed { .. } => 3,
        }
    }
}

/// The counts so far.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stats {
    /// Items of the run, kept ones included.
    pub total: usize,
    /// Items that ended, kept ones included.
    pub settled: usize,
    /// Ended as `created`.
    pub created: usize,
    /// Ended as `found`.
    pub found: usize,
    /// Ended as `exists`.
    pub exists: usize,
    /// Ended as `refused`.
    pub refused: usize,
    /// Ended as `gave-up`.
    pub gave_up: usize,
    /// Ended as `unconfirmed`.
    pub unconfirmed: usize,
    /// Ended as `duplicate`.
    pub duplicate: usize,
    /// Ended as `deleted`.
    pub deleted: usize,
    /// Were to be deleted and are still there.
    pub undeleted: usize,
    /// Ended as `not-sent`.
    pub not_sent: usize,
    /// In flight now.
    pub in_flight: usize,
    /// In doubt now, waiting for a look.
    pub in_doubt: usize,
    /// Creates sent.
    pub sent: u64,
    /// Throttled answers.
    pub throttled: u64,
    /// The pace in force, per second.
    pub rate: f64,
}

impl Stats {
    /// The count that an item belongs to that ended so.
    pub(crate) fn of(&mut self, outcome: &Outcome, action: Action) -> &mut usize {
        match outcome {
            Outcome::Deleted { .. } => &mut self.deleted,
            _ if action == Action::Delete => &mut self.undeleted,
            Outcome::Created { .. } => &mut self.created,
            Outcome::Found { .. } => &mut self.found,
            Outcome::Exists { .. } => &mut self.exists,
            Outcome::Refused { .. } => &mut self.refused,
            Outcome::GaveUp { .. } => &mut self.gave_up,
            Outcome::Unconfirmed => &mut self.unconfirmed,
            Outcome::Duplicate { .. } => &mut self.duplicate,
            Outcome::NotSent | Outcome::Unfit | Outcome::Skipped => &mut self.not_sent,
        }
    }
}

/// Who watches. A listener can neither stop the run nor slow it down.
pub trait Listener: Send {
    /// Hears one event.
    fn hear(&mut self, event: &Event);
}
