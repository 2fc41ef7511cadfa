//! What people read, from values: an overview of a plan and the whole of it, the progress of a run, its summary.
//!
//! Nothing here decides: each file is given values and writes text. Where the text goes is
//! the command's business.

pub mod differences;
pub mod findings;
pub mod overview;
pub mod page;
pub mod preview;
pub mod progress;
pub mod proposal;
pub mod summary;
