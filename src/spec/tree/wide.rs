//! Look-ups in maps of many keys, without a walk over all of them.
//!
//! A large document holds thousands of schemas in one map and refers to each time and
//! again: walking was a third of the CPU of the largest real document, though little of a
//! catalog of small ones. A map's index is made when it is first looked into, since most wide
//! maps never are. Narrow maps have none.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::spec::tree::Node;
use crate::spec::tree::build::hash;

/// Maps with more keys than this are wide.
pub(crate) const NARROW: usize = 32;

/// The wide maps of a tree, by cell.
#[derive(Debug)]
pub(crate) struct Wide(BTreeMap<u32, OnceLock<Index>>);

/// Hash and cell of each key, in that order.
type Index = Box<[(u32, u32)]>;

impl Wide {
    pub(crate) fn new(maps: Vec<u32>) -> Self {
        Self(maps.into_iter().map(|map| (map, OnceLock::new())).collect())
    }

    /// The cells of a map's keys that have this hash; `None` where the map is not wide.
    pub(crate) fn keys(&self, map: Node<'_>, wanted: u32) -> Option<impl Iterator<Item = u32>> {
        let index = self.0.get(&map.cell)?.get_or_init(|| index(map));
        let first = index.partition_point(|&(hash, _)| hash < wanted);
        let found = index[first..].iter().take_while(move |&&(hash, _)| hash == wanted);
        Some(found.map(|&(_, cell)| cell))
    }
}

fn index(map: Node<'_>) -> Index {
    let of = |cell| (hash(map.tree.string(map.tree.cell(cell))), cell);
    let mut index: Vec<(u32, u32)> = map.cells().map(of).collect();
    index.sort_unstable();
    index.into_boxed_slice()
}
