//! Carries a plan out: under the limit, each item once, whatever happens.
//!
//! `run` does not know `report`. What must be on disk before the next step is taken is a
//! [`Fact`] stated to a [`Witness`]; what people watch is an [`Event`] told to listeners.
//!
//! One call, [`run`], does all of it, for an import, a resume and an undo alike; they differ
//! in where the journeys of their items [`Start`].
//!
//! Four questions, four types: what does a code say (`Meaning`), what does this item do next
//! ([`step::Step`]), how long is a wait (`backoff`), may something start now
//! ([`pace::Pacer`]). The engine puts them together and touches nothing; the pipeline
//! alone calls, waits and reads clocks.

mod audit;
mod backoff;
mod breaker;
mod engine;
pub mod event;
pub mod fact;
pub mod holdings;
mod look;
pub mod outcome;
pub mod pace;
mod pipeline;
pub mod provision;
pub mod publish;
pub mod reading;
mod retry;
#[cfg(test)]
mod simulated;
pub mod step;
pub mod survey;
pub mod withdraw;
pub mod work;
mod world;

pub use event::{Event, EventKind, Listener, Stats, StopReason};
pub use fact::{Fact, ServiceAction, Transition, Witness, WitnessLost};
pub use outcome::{Detail, Outcome, Settlement, own};
pub use provision::Making;
pub use work::{
    Action, Assignment, BaseApi, Believed, ItemId, KnownService, Releasing, RunSettings, Signal,
    Start, Work,
};
pub use world::{Ending, World};

use crate::target::Gateway;

/// Carries `work` out. Ends when every item has ended and every fact is kept, or has been
/// given up because the witness is lost.
pub async fn run<G: Gateway, W: Witness>(
    work: Work,
    settings: &RunSettings,
    world: World<G, W>,
) -> Ending {
    pipeline::drive(work, settings, world).await
}
