//! The journal, which the program trusts: its lines, the file that they make, and what is
//! known when they are read back.

pub(crate) mod file;
pub(crate) mod history;
pub(crate) mod line;
