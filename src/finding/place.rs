//! Where in a source something is.

use std::sync::Arc;

/// Where in which source.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The source's name as shown.
    pub source: Arc<str>,
    /// From 1; 0 where the place is the source as a whole.
    pub line: u32,
    /// From 1, in characters; 0 where the place is the source as a whole.
    pub column: u32,
    /// JSON pointer, `""` for the whole document.
    pub pointer: Arc<str>,
}
