//! What was meant and what happened, in the order in which it must be on disk.
//!
//! A journal line is a fact written down. The order is the protocol: the base before any
//! intent of its service, an intent before the first byte of its request, an absence before
//! the next intent of an item in doubt. Every action goes the same way, whatever it does: it
//! is meant, it is sent, and it is settled, and a doubt in between is cleared up by a look.

use std::future::Future;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::run::event::StopReason;
use crate::run::outcome::{Detail, Outcome};
use crate::run::work::{Action, BaseApi, ItemId};

/// One thing that was meant or that happened. `S` names the item: its place in this run, or
/// in a journal its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Fact<S = ItemId> {
    /// What a service held before our first create there. `more`: the list goes on in the
    /// next fact, since a line of a journal has a limit.
    Base { service: String, at: Timestamp, apis: Vec<BaseApi>, more: bool },
    /// An action on an item took a step. `attempt` counts the sends of this action that may
    /// have had an effect, from 1, over all runs of a report.
    Item {
        item: S,
        action: Action,
        attempt: u32,
        at: Timestamp,
        #[serde(flatten)]
        step: Transition,
    },
    /// An action on a service as a whole took a step; `attempt` counts as for an item.
    Service {
        service: String,
        action: ServiceAction,
        attempt: u32,
        at: Timestamp,
        #[serde(flatten)]
        step: Transition,
    },
    /// A service was released after the items ended.
    Released { service: String, environment: String, at: Timestamp },
    /// The run stopped early.
    Stopped { reason: StopReason },
    /// All items ended and the closing listing was held against them.
    Ended,
}

/// What is done with a service as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ServiceAction {
    /// Make it. Until it is made, the fact names it by its name.
    Make,
    /// Publish it. Where it is the first time for this environment, a look can tell whether
    /// it was done. [`Fact::Released`] settles it.
    Publish { environment: String, first: bool },
    /// Take it offline there, to delete it.
    TakeOffline { environment: String },
    /// Delete it.
    Delete,
}

/// A step of an action on an item or on a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Transition {
    /// It is about to be sent, at most a second after the fact's time; the digest is the
    /// item's, and empty for a service.
    Intent { digest: String },
    /// The answer shows that it certainly had no effect; the item goes on, and the next intent
    /// has the same number.
    Rejected(Detail),
    /// The answer may hide a success.
    Doubt(Detail),
    /// A look, late enough, found nothing: the next intent is allowed.
    Absent,
    /// The item ended. A later one of the same item replaces it (the closing listing may
    /// learn better).
    Settled {
        outcome: Outcome,
        #[serde(flatten)]
        detail: Detail,
    },
}

impl<S> Fact<S> {
    /// Whether the next step may be taken only when this is safe on disk.
    pub fn must_sync(&self) -> bool {
        match self {
            Self::Base { .. } | Self::Ended => true,
            Self::Item { step, .. } | Self::Service { step, .. } => {
                matches!(step, Transition::Intent { .. } | Transition::Absent)
            }
            Self::Released { .. } | Self::Stopped { .. } => false,
        }
    }

    /// The item that it is of, where it is of one.
    pub fn item(&self) -> Option<&S> {
        match self {
            Self::Item { item, .. } => Some(item),
            _ => None,
        }
    }

    /// The same fact, its item named otherwise.
    pub fn named<T>(self, name: impl FnOnce(S) -> T) -> Fact<T> {
        match self {
            Self::Item { item, action, attempt, at, step } => {
                Fact::Item { item: name(item), action, attempt, at, step }
            }
            Self::Service { service, action, attempt, at, step } => {
                Fact::Service { service, action, attempt, at, step }
            }
            Self::Base { service, at, apis, more } => Fact::Base { service, at, apis, more },
            Self::Released { service, environment, at } => {
                Fact::Released { service, environment, at }
            }
            Self::Stopped { reason } => Fact::Stopped { reason },
            Self::Ended => Fact::Ended,
        }
    }
}

/// What keeps the facts: the journal in a real run, a vector in tests.
pub trait Witness: Send + Sync + 'static {
    /// Takes the facts in this order. Resolves once they are written, and, where one of
    /// them [`Fact::must_sync`], once they are safe on disk.
    fn state(&self, facts: Vec<Fact>) -> impl Future<Output = Result<(), WitnessLost>> + Send;
}

/// The facts can no longer be kept: nothing more may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessLost(pub String);
