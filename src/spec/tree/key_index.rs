//! Look-ups in maps of many keys, without a walk over all of them.
//!
//! A large document holds thousands of schemas in one map and refers to each time and
//! again: walking was a third of the CPU of the largest real document, though little of a
//! catalog of small ones. A map's index is made when it is first looked into, since most
//! large maps never are. Small maps have none.

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Maps with more keys than this have an index.
pub(crate) const SMALL: usize = 32;

/// Hash and cell of a key.
type Entry = (u32, u32);

/// The large maps of a tree by cell, each with its keys sorted by hash.
#[derive(Debug)]
pub(crate) struct KeyIndex(BTreeMap<u32, OnceLock<Box<[Entry]>>>);

impl KeyIndex {
    pub(crate) fn new(maps: Vec<u32>) -> Self {
        Self(maps.into_iter().map(|map| (map, OnceLock::new())).collect())
    }

    /// The cells of those keys of a map that have this hash; `None` where the map is small.
    pub(crate) fn keys<I: Iterator<Item = Entry>>(
        &self,
        map: u32,
        wanted: u32,
        all: impl FnOnce() -> I,
    ) -> Option<impl Iterator<Item = u32>> {
        let index = self.0.get(&map)?.get_or_init(|| {
            let mut entries: Vec<Entry> = all().collect();
            entries.sort_unstable();
            entries.into_boxed_slice()
        });
        let first = index.partition_point(|&(hash, _)| hash < wanted);
        let found = index[first..].iter().take_while(move |&&(hash, _)| hash == wanted);
        Some(found.map(|&(_, cell)| cell))
    }
}
