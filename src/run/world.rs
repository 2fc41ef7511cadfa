//! What a run needs from outside, and how it ends.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::run::event::{Listener, Stats, StopReason};
use crate::run::outcome::{Detail, Settlement};
use crate::run::work::Signal;

/// What a run needs from outside.
pub struct World<G, W> {
    /// Where items go.
    pub gateway: Arc<G>,
    /// Who keeps the facts.
    pub witness: Arc<W>,
    /// Who watches.
    pub listeners: Vec<Box<dyn Listener>>,
    /// Signals from a person meanwhile. A sender that is gone sends none.
    pub signals: mpsc::Receiver<Signal>,
    /// The wall clock, for what is written down. Waits go by the monotonic clock.
    pub clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
}

impl<G, W> fmt::Debug for World<G, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("listeners", &self.listeners.len()).finish_non_exhaustive()
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// The counts at the end.
    pub stats: Stats,
    /// Why it stopped before its end, where it did.
    pub stop: Option<StopReason>,
    /// Services that sending stopped to, each with the error that caused it.
    pub closed: Vec<(String, Detail)>,
    /// How each item ended; an [`ItemId`](crate::run::ItemId) is the index here.
    pub settlements: Vec<Settlement>,
}
