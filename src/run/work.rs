//! What a run is given: its items, what to do with each, and how.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::plan::Item;
use crate::run::outcome::Outcome;
use crate::target::Listed;

/// What a run has to do, made by `report::prepare`.
#[derive(Debug, Clone, Default)]
pub struct Work {
    /// In plan order; an [`ItemId`] is the index here.
    pub items: Vec<Assignment>,
    /// What earlier runs of this report know of each service.
    pub services: Vec<KnownService>,
    /// Set where ids come from a CSV that no journal bears out.
    pub believed: Option<Believed>,
}

/// How far ids are believed that only a CSV tells.
#[derive(Debug, Clone, Default)]
pub struct Believed {
    /// What was created at the gateway before this is none of ours.
    pub since: Timestamp,
    /// APIs that more than one cell of a row calls ours.
    pub made: BTreeSet<String>,
}

/// One item, what is to be done with it, and where its journey begins.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// Which item.
    pub item: Arc<Item>,
    /// What to do with it.
    pub action: Action,
    /// How it ended in earlier runs, and how it stays where nothing comes of the action: no
    /// id must be lost because a delete was refused. `NotSent` before a first create.
    pub was: Outcome,
    /// Where its journey begins.
    pub start: Start,
}

/// Where a journey begins.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Start {
    /// No earlier send can still take effect: send. `attempts` were sent before.
    Send { attempts: u32 },
    /// An earlier send may have taken effect: look before anything else. `sent_at` is the
    /// last intent's time; `None` counts from now.
    Look { attempts: u32, sent_at: Option<Timestamp> },
    /// Done earlier; the closing listing is held against it and nothing is sent.
    Keep { attempts: u32 },
}

impl Assignment {
    /// Creates the API of this item.
    pub fn create(item: Arc<Item>, start: Start) -> Self {
        Self { item, action: Action::Create, was: Outcome::NotSent, start }
    }

    /// Leaves an item as it ended in an earlier run.
    pub fn keep(item: Arc<Item>, was: Outcome, attempts: u32) -> Self {
        Self { item, action: Action::Create, was, start: Start::Keep { attempts } }
    }

    /// Deletes the API of this item. A delete by id may be sent again at any
    /// time, so that it never begins with a look.
    pub fn delete(item: Arc<Item>, was: Outcome, attempts: u32) -> Self {
        Self { item, action: Action::Delete, was, start: Start::Send { attempts } }
    }
}

/// What earlier runs know of a service.
#[derive(Debug, Clone, Default)]
pub struct KnownService {
    /// Its id.
    pub service: String,
    /// The APIs that were there before our first create; `None`: never listed.
    pub base: Option<Vec<BaseApi>>,
    /// The environment that it was released to since our last create there.
    pub released: Option<String>,
    /// A release since then of which nothing is known but that it was meant.
    pub releasing: Option<Releasing>,
}

/// A release that may have taken effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Releasing {
    /// Where to.
    pub environment: String,
    /// Whether nothing of the service was there before.
    pub first: bool,
    /// Requests so far.
    pub attempts: u32,
}

/// One API that was there before us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseApi {
    /// Its id.
    pub api_id: String,
    /// Its path.
    pub path: String,
    /// Its method.
    pub method: String,
}

impl BaseApi {
    pub(crate) fn of(api: &Listed) -> Self {
        Self { api_id: api.api_id.clone(), path: api.path.clone(), method: api.method.clone() }
    }
}

/// How to run. Numbers and their reasons: `--help`.
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
    /// Wait until the gateway accepts no late copy of a request any more, where that is
    /// longer than `settle`.
    pub strict_once: bool,
    /// How old a request may be when the gateway still accepts it.
    pub signature_lifetime: Duration,
    /// Refusals after which the run stops.
    pub max_failures: usize,
    /// APIs that one service may hold.
    pub quota: u64,
    /// Seeds the jitter of all waits.
    pub seed: u64,
}

/// The index of an item in [`crate::run::work::Work::items`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemId(pub u32);

/// What is done with an item at the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Action {
    /// Make its API.
    Create,
    /// Delete its API.
    Delete,
}

/// Someone wants the run to end. The first is polite: nothing new is sent, what is in
/// flight settles. The second leaves at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT, or what counts as one.
    Interrupt,
    /// SIGTERM, or what counts as one.
    Terminate,
}
