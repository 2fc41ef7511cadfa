//! From a tree to the content of a document, version differences gone.
//!
//! What differs between versions is in `swagger2` and `openapi3`.

pub(crate) mod fields;
mod openapi3;
pub(crate) mod operation;
mod parameter;
pub(crate) mod paths;
pub(crate) mod security;
mod servers;
mod swagger2;

#[cfg(test)]
mod tests;
