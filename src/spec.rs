//! What a source says: text to a tree, a tree to a [`Document`], version differences gone.
//!
//! Nothing here reads a file, a clock or a socket, and nothing here fails a run: what is
//! wrong with a source is a [`Finding`]. A document that needs another file names it, and
//! `source` brings it. Nothing here knows the gateway.

pub mod document;
pub mod finding;

pub use document::{Document, Method, Operation};
pub use finding::{Code, Finding, Place, Severity};
