//! What happened, kept: the journal that the program trusts and the CSV that people read.
//!
//! [`prepare`] decides what a report holds before a run and what the run has to do. A
//! [`Report`] is made by [`Report::create`] or continued from a [`Prior`]; the run writes
//! through its [`Writer`], and [`Report::finish`] gives the rows back. What the settings in
//! the head mean is known by `cli` alone.

pub mod lock;
pub mod prepare;
pub mod resume;
pub mod row;

mod cell;
mod clock;
mod disk;
mod error;
mod files;
#[cfg(test)]
mod fixtures;
mod journal;
mod live;
mod paths;
mod prior;
mod table;
#[cfg(test)]
mod tests;
mod writer;

pub use clock::{Moment, Uptime};
pub use error::{Error, ErrorKind};
pub use journal::line::Head;
pub use live::{Finished, Report};
pub use prior::Prior;
pub use row::Row;
pub use writer::Writer;
