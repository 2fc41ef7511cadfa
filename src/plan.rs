//! What an import would send: every operation becomes an item, unfit or skipped.
//!
//! A plan is a value: preview prints it, import consumes it. Nothing here reads a file, a
//! clock, the environment or a socket: whoever wants a plan gives the function that opens a
//! source.
//!
//! Three steps lead to it, all taken by [`Catalog`]:
//!
//! 1. *draft*: each document alone becomes a draft, in parallel;
//! 2. *assign*: items for which no setting names a service are given one;
//! 3. *settle*: documents are compared with each other, in the order of the sources, since a
//!    service takes a route and a name only once.
//!
//! A document is settled as soon as it is drafted, unless what it becomes depends on
//! documents that come later ([`PlanSettings::looks_ahead`]).
//!
//! [`PlanSettings::looks_ahead`]: crate::settings::PlanSettings::looks_ahead

mod catalog;
pub mod codes;
mod compose;
pub mod difference;
mod document;
mod draft;
pub mod explain;
mod item;
mod key;
mod ordered;
mod overlaps;
mod proposal;
mod services;
mod settle;
mod summary;
mod tally;
mod twins;

pub use catalog::{Catalog, Plan, PlannedSource, plan_document};
pub use document::{PlannedDocument, Unreadable};
pub use draft::Draft;
pub use item::{Entry, Item, Origin, Skipped, Unfit};
pub use key::{Digest, ItemKey};
pub use ordered::Go;
pub use proposal::{Outline, Part, Proposal, ProposedBackend, ProposedService};
pub use summary::{NewService, Summary};
