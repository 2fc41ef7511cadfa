//! Carries API catalogs over to Tencent Cloud API Gateway.
//!
//! The way of a document through the program is the order of the modules below:
//! a [`source`] is read, [`spec`] understands it, [`plan`] makes one item of every
//! operation, [`gateway`] is where items go, [`run`] carries a plan out, [`report`]
//! keeps what happened, and [`simulator`] stands in for the gateway on this machine.
//! [`cli`] wires the stations together and is the only room that knows them all.
//!
//! Laws, each held by a lint or by `tests/tidy.rs`:
//!
//! * `spec` and `plan` read no file, clock, environment or socket, and never fail a run:
//!   what is wrong with a source is a [`spec::Finding`].
//! * `spec` and `gateway` do not know each other; only `plan::map` and its helpers know both.
//! * The plan is a value: preview prints it, import consumes it.
//! * `run` does not know `report`: it states facts to a [`run::Witness`] and events to listeners.
//! * Every operation ends in exactly one [`run::Outcome`], and every outcome is a row.
//! * The simulator reads and writes the wire form for itself.
//! * Time, randomness, environment and terminal are values passed in.
//! * After an answer that may hide a success, nothing is sent until a look found nothing.
//!
//! What is left out: updating APIs that exist, reading a gateway out, and any other gateway.

pub mod finding;
pub mod text;

pub mod source;
pub mod spec;

pub mod target;

pub mod settings;

pub mod plan;

pub mod run;

pub mod report;

#[cfg(feature = "cli")]
pub mod show;

#[cfg(feature = "simulator")]
pub mod simulator;

#[cfg(feature = "cli")]
pub mod cli;
