//! Carries a plan out: under the limit, each item once, whatever happens.
//!
//! `run` does not know `report`. What must be on paper before the next step is taken is a
//! [`Fact`] stated to a [`Witness`]; what people watch is an [`Event`] told to listeners.

pub mod event;
pub mod fact;
pub mod outcome;

pub use event::{Event, EventKind, Listener, Stats, StopReason};
pub use fact::{Fact, ItemId, Witness, WitnessLost};
pub use outcome::Outcome;

use std::sync::Arc;
use std::time::Duration;

use crate::plan::Item;

/// What a run has to do, made by `plan::resume` (or by hand for a first import).
#[derive(Debug, Default)]
pub struct Work {
    /// In plan order; an [`ItemId`] is the index here.
    pub items: Vec<Assignment>,
    /// What earlier runs of this report know of each service.
    pub services: Vec<KnownService>,
}

/// One item and where its journey begins.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// What to create.
    pub item: Arc<Item>,
    /// Where its journey begins.
    pub start: Start,
}

/// Where a journey begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// Nothing of ours can be there: send. `attempts` creates were sent before and are
    /// known to have had no effect.
    Send { attempts: u32 },
    /// A create of ours may have taken effect: look before anything else. `sent_at` is the
    /// last intent's time; `None` counts from now.
    Look { attempts: u32, sent_at: Option<jiff::Timestamp> },
    /// Done earlier; the closing listing is held against it and nothing is sent.
    Keep { outcome: Outcome, attempts: u32 },
    /// Delete this API (undo).
    Delete { api_id: String, attempts: u32 },
}

/// What earlier runs know of a service.
#[derive(Debug, Clone, Default)]
pub struct KnownService {
    /// Its id.
    pub service: String,
    /// The APIs that were there before our first create; `None`: never listed.
    pub base: Option<Vec<BaseApi>>,
}

/// One API that was there before us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseApi {
    /// Its id.
    pub api_id: String,
    /// Its path.
    pub path: String,
    /// Its method.
    pub method: String,
}

/// How to run. Numbers and their reasons: `--help` and the README.
#[derive(Debug, Clone)]
pub struct RunSettings {
    /// Creates a second.
    pub rate: f64,
    /// What the gateway allows a second.
    pub rate_limit: u32,
    /// At most in flight.
    pub concurrency: usize,
    /// Wait before an absence counts.
    pub settle: Duration,
    /// Creates sent for one item, at most.
    pub attempts: u32,
    /// Wait for the signature's fence instead of `settle`.
    pub strict_once: bool,
    /// Refusals after which the run stops.
    pub max_failures: usize,
    /// APIs that one service may hold.
    pub quota: u64,
    /// Seeds the jitter of all waits.
    pub seed: u64,
}
