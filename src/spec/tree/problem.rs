//! What reading a text can come upon: an error that ends it, or an oddity that does not.

use crate::finding::Code;

/// Something odd in a text that can be read, whatever the text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Oddity {
    /// A key stands twice in one map: the key cells of both.
    Repeated { first: u32, last: u32 },
    /// A merge key whose value is not an object: nothing is merged, and it stays a key.
    OddMerge { key: u32 },
    /// Anything else, at a byte of the text.
    Other { code: Code, at: u32, message: &'static str },
}

/// Why a text cannot be read, at a byte of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ParseError {
    pub(crate) code: Code,
    pub(crate) at: usize,
    pub(crate) message: String,
}
