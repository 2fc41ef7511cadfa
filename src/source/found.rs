//! What was found under what was typed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::finding::Finding;

/// What was found under the arguments, in their order; within a folder by path.
#[derive(Debug, Default)]
pub struct FoundSources {
    /// To be opened.
    pub sources: Vec<FoundSource>,
    /// What cannot be opened: a name and what is wrong.
    pub unreadable: Vec<(Arc<str>, Finding)>,
}

/// A source that was found and not yet read.
#[derive(Debug, Clone)]
pub struct FoundSource {
    /// As typed, joined with the path below it.
    pub name: Arc<str>,
    /// Where its text comes from.
    pub origin: Origin,
    /// Whether it was named itself; what was only found in a folder need not be a document.
    pub named: bool,
    /// The folder that its name and its references start from.
    pub base: Arc<Path>,
    /// The folder that its references may not leave.
    pub root: PathBuf,
}

/// Where a source's text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// Standard input, `-`.
    Input,
    /// An address on the web.
    Web(String),
}
