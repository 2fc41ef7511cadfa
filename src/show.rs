//! What people read, from values: the preview, the progress of a run, its summary.
//!
//! Nothing here decides: each file is given values and writes text. Where the text goes is
//! the command's business.

pub mod preview;
pub mod progress;
pub mod summary;
