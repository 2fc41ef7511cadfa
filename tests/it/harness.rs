//! The harness: the built program against a faulty gateway, killed and resumed, and what is
//! left held against the invariants of [`check`].
//!
//! A trial is made from a seed, and a failing one names it:
//!
//! ```sh
//! APIFERRY_HARNESS_TRIALS=2000 cargo test --test it harness::kills -- --nocapture
//! APIFERRY_HARNESS_SEED=4711 APIFERRY_HARNESS_TRIALS=1 cargo test --test it harness::kills
//! ```
//!
//! What a seed decides is the scenario, the moments of the kills and what strikes; what the
//! machine does in between it does not, so a seed finds its failure again often, not always.
//! What is left out: named crash points (`run::simulated` plays all interleavings in memory)
//! and power loss (`report::store` takes it from under the report).

mod answers;
mod check;
mod clocks;
mod disk;
mod doors;
mod doubts;
#[cfg(feature = "failpoints")]
mod failpoints;
mod figures;
mod kills;
mod locks;
mod lost;
mod others;
#[cfg(target_os = "linux")]
mod outages;
mod papers;
#[cfg(unix)]
mod phases;
mod services;
mod signals;
mod storms;
mod strace;
mod syscalls;
mod tls;
mod trial;
mod undoing;
