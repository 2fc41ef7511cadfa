//! What was meant and what happened, in the order in which it must be on paper.
//!
//! A fact is what a journal line holds; how it is written is `report::record`'s business.
//! The order is the protocol: `Base` before any intent of its service, `Intent` before the
//! first byte, `Absent` before the next intent of a doubtful item.

use std::future::Future;

use jiff::Timestamp;

use crate::run::{BaseApi, Outcome, StopReason};
use crate::target::ApiError;

/// The index of an item in [`crate::run::Work::items`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemId(pub u32);

/// One thing that was meant or that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// What a service held before our first create there.
    Base { service: String, apis: Vec<BaseApi>, listed_at: Timestamp },
    /// A create (or, for undo, a delete) is about to be sent, at most a second after
    /// `sent_at`. `attempt` counts from 1.
    Intent { item: ItemId, attempt: u32, sent_at: Timestamp, digest: String },
    /// The answer tells that it surely had no effect; the item goes on, and the next intent
    /// has the same number.
    Rejected { item: ItemId, attempt: u32, code: String, message: String, request_id: String },
    /// The answer may hide a success.
    Doubt { item: ItemId, attempt: u32, why: String, code: String, request_id: String },
    /// A look, late enough, found nothing: the next intent is allowed.
    Absent { item: ItemId, attempt: u32, listed_at: Timestamp },
    /// The item ended. A later `Settled` of the same item replaces it (the closing listing
    /// may learn better).
    Settled { item: ItemId, attempts: u32, outcome: Outcome, detail: Detail, at: Timestamp },
    /// A service was released after the items ended.
    Released { service: String, environment: String, at: Timestamp },
    /// The run stopped early.
    Stopped { reason: StopReason },
    /// All items ended and the closing listing was held against them.
    Ended,
}

/// What goes with an outcome into the row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Detail {
    /// The gateway's code, or ours where the gateway gave none.
    pub code: String,
    /// The gateway's message, or ours.
    pub message: String,
    /// The `RequestId` of the answer that decided.
    pub request_id: String,
}

impl Detail {
    /// In our own words, where the gateway said nothing. `code` is one of
    /// [`own`](crate::run::outcome::own)'s.
    pub fn ours(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), request_id: String::new() }
    }
}

impl From<ApiError> for Detail {
    fn from(error: ApiError) -> Self {
        Self { code: error.code, message: error.message, request_id: error.request_id }
    }
}

impl Fact {
    /// Whether the next step may be taken only when this is safe on disk.
    pub fn must_sync(&self) -> bool {
        matches!(self, Self::Base { .. } | Self::Intent { .. } | Self::Absent { .. } | Self::Ended)
    }
}

/// Who keeps the facts: the journal in earnest, a vector in tests.
pub trait Witness: Send + Sync + 'static {
    /// Takes the facts in this order. Resolves once they are written, and, where one of
    /// them [`Fact::must_sync`], once they are safe on disk.
    fn state(&self, facts: Vec<Fact>) -> impl Future<Output = Result<(), WitnessLost>> + Send;
}

/// The facts can no longer be kept: nothing more may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessLost(pub String);
