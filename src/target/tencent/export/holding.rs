//! A service as it was read, whole or in part.

use std::collections::BTreeSet;

use crate::target::tencent::read_back::ReadBack;

/// A service as it was read.
#[derive(Debug, Clone, Default)]
pub struct Holding {
    /// Its id.
    pub service: String,
    /// Its name; empty where it is not known.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its APIs.
    pub apis: Vec<ReadBack>,
    /// Ids of APIs that it lists and that were not read.
    pub unread: BTreeSet<String>,
}
