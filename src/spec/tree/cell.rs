//! Cells: what a tree is made of, sixteen bytes a node.
//!
//! With twenty the tree of a large document no longer fits its memory budget. Cells stand in
//! the order of the text: a map's entry is its key's cell followed by its value's.

use std::ops::Range;

/// A key, a scalar, a container or an alias.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    /// Where it begins in the text.
    pub(crate) at: u32,
    /// Scalars: where its value begins in text or side buffer. Containers: the first cell
    /// after its contents. Aliases: the cell meant.
    pub(crate) a: u32,
    /// Scalars: where its value ends. Containers: the container that it is in.
    pub(crate) b: u32,
    pub(crate) shape: Shape,
    pub(crate) hidden: Hidden,
    /// Some bits of a key's hash, never 0; 0 in all other cells.
    pub(crate) mark: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Null,
    False,
    True,
    Number,
    /// A string in the text.
    Text,
    /// A string in the side buffer.
    Side,
    List,
    Map,
    Alias,
}

/// Why readers pass over an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hidden {
    /// They do not.
    No,
    /// The same key stands again below, and the last one counts.
    Shadowed,
    /// A merge key (its entries stand at the end of the map), or a key that is no scalar.
    Gone,
}

impl Cell {
    /// A cell that readers see and that is not a key.
    pub(crate) fn new(shape: Shape, at: usize, a: u32, b: u32) -> Self {
        Self { at: index(at), a, b, shape, hidden: Hidden::No, mark: 0 }
    }

    /// Where a scalar's value is, in the text or the side buffer.
    pub(crate) fn range(&self) -> Range<usize> {
        self.a as usize..self.b as usize
    }

    pub(crate) fn is_container(&self) -> bool {
        matches!(self.shape, Shape::List | Shape::Map)
    }

    /// The cell after this one and all that it contains.
    pub(crate) fn end(&self, index: u32) -> u32 {
        if self.is_container() { self.a } else { index + 1 }
    }
}

/// A place in a text, as cells keep it.
#[expect(clippy::cast_possible_truncation, reason = "texts are capped far below 4 GiB")]
pub(crate) fn index(at: usize) -> u32 {
    at as u32
}

/// A hash of a key; eight bytes a step, since keys are most of what a document holds.
pub(crate) fn hash(key: &str) -> u32 {
    const K: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut hash = key.len() as u64;
    let (words, rest) = key.as_bytes().as_chunks::<8>();
    for word in words {
        hash = (hash.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(K);
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    hash = (hash.rotate_left(5) ^ u64::from_le_bytes(last)).wrapping_mul(K);
    (hash >> 32) as u32
}

/// What of a hash a cell keeps; never 0.
#[expect(clippy::cast_possible_truncation, reason = "some bits of it")]
pub(crate) fn mark(hash: u32) -> u16 {
    hash as u16 | 1
}
