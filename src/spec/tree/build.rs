//! Puts a tree together, cell after cell, for either format.
//!
//! It keeps the budgets that bound what a hostile text can cost, finds repeated keys, and
//! expands YAML's merge keys. It recurses nowhere, so no nesting can exhaust the stack.

mod merge;

use std::ops::Range;

use crate::finding::Code;
use crate::spec::tree::cell::{Cell, Hidden, Shape, hash, index, mark};
use crate::spec::tree::key_index::SMALL;
use crate::spec::tree::problem::{Oddity, ParseError};

/// Nodes of one text, aliases expanded. The largest real document has 1.6 million.
const MAX_NODES: u64 = 10_000_000;
/// Bytes of strings and numbers of one text, aliases expanded.
const MAX_BYTES: u64 = 256 << 20;
/// How many times its written nodes a text may expand to, once past a size that no bomb
/// reaches without expanding.
const MAX_EXPANSION: u64 = 10;
const EXPANSION_COUNTS_FROM: u64 = 1_000_000;
/// Nesting, aliases expanded. The deepest real document has 67 levels.
pub(crate) const MAX_DEPTH: u32 = 256;
/// Oddities that are told one by one.
const MAX_ODDITIES: usize = 1000;
/// Maps up to this size are searched for repeated keys pair by pair.
const FEW_KEYS: usize = 12;

/// What a reader made of a text.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) cells: Vec<Cell>,
    /// The maps with many keys.
    pub(crate) large_maps: Vec<u32>,
    pub(crate) side: String,
    pub(crate) oddities: Vec<Oddity>,
    pub(crate) refers_to_files: bool,
}

#[derive(Debug)]
pub(crate) struct Builder<'t> {
    text: &'t str,
    side: String,
    cells: Vec<Cell>,
    open: Vec<Open>,
    /// Hash and cell of each key of each open map.
    keys: Vec<u64>,
    /// Merge keys of the open maps: the map's cell and what is merged.
    merges: Vec<(u32, u32)>,
    /// Cells that merge keys brought, which nobody wrote.
    merged: u64,
    large_maps: Vec<u32>,
    oddities: Vec<Oddity>,
    refers_to_files: bool,
    ref_mark: u16,
}

/// A container whose end has not come.
#[derive(Debug)]
struct Open {
    cell: u32,
    /// Where its keys begin among `keys`.
    keys: usize,
    size: Size,
}

/// What a node costs when its aliases are expanded.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Size {
    nodes: u64,
    bytes: u64,
    depth: u32,
}

impl Size {
    pub(crate) fn of_scalar(bytes: usize) -> Self {
        Self { nodes: 1, bytes: bytes as u64, depth: 0 }
    }

    fn add(&mut self, other: Self) {
        self.nodes = self.nodes.saturating_add(other.nodes);
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.depth = self.depth.max(other.depth);
    }
}

/// Where a scalar's value stands.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(Range<usize>),
    /// In the side buffer, from here to its end.
    SideFrom(usize),
}

/// What a scalar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar {
    Null,
    False,
    True,
    Number,
    String,
}

impl<'t> Builder<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            side: String::new(),
            // Pages that are never written to cost no memory.
            cells: Vec::with_capacity(text.len() / 16 + 1),
            open: Vec::new(),
            keys: Vec::new(),
            merges: Vec::new(),
            merged: 0,
            large_maps: Vec::new(),
            oddities: Vec::new(),
            refers_to_files: false,
            ref_mark: mark(hash("$ref")),
        }
    }

    pub(crate) fn finish(mut self) -> Parsed {
        self.cells.shrink_to_fit();
        let Self { cells, large_maps, side, oddities, refers_to_files, .. } = self;
        Parsed { cells, large_maps, side, oddities, refers_to_files }
    }

    /// The side buffer, to append a string to that the text does not hold as it is.
    pub(crate) fn side(&mut self) -> &mut String {
        &mut self.side
    }

    pub(crate) fn oddity(&mut self, oddity: Oddity) {
        if self.oddities.len() < MAX_ODDITIES {
            self.oddities.push(oddity);
        }
    }

    /// The number that the next cell will have.
    pub(crate) fn next(&self) -> u32 {
        index(self.cells.len())
    }

    /// Whether the innermost open container is a map; `None` outside of all.
    pub(crate) fn in_map(&self) -> Option<bool> {
        self.open.last().map(|open| self.cells[open.cell as usize].shape == Shape::Map)
    }

    pub(crate) fn open_map(&mut self, at: usize) -> Result<(), ParseError> {
        self.open(Shape::Map, at)
    }

    pub(crate) fn open_list(&mut self, at: usize) -> Result<(), ParseError> {
        self.open(Shape::List, at)
    }

    fn open(&mut self, shape: Shape, at: usize) -> Result<(), ParseError> {
        if self.open.len() >= MAX_DEPTH as usize {
            return Err(over(at, format!("nested more than {MAX_DEPTH} levels deep")));
        }
        let cell = self.next();
        let parent = self.open.last().map_or(0, |open| open.cell);
        self.push(Cell::new(shape, at, 0, parent))?;
        self.open.push(Open { cell, keys: self.keys.len(), size: Size::default() });
        Ok(())
    }

    /// A key of the open map; its value comes next.
    pub(crate) fn key(&mut self, at: usize, value: Value) -> Result<(), ParseError> {
        let (shape, range) = self.stored(value, Shape::Text);
        let hash = hash(self.slice(shape, &range));
        self.keys.push(u64::from(hash) << 32 | u64::from(self.next()));
        let (a, b) = (index(range.start), index(range.end));
        self.push(Cell { mark: mark(hash), ..Cell::new(shape, at, a, b) })
    }

    pub(crate) fn scalar(
        &mut self,
        at: usize,
        scalar: Scalar,
        value: Value,
    ) -> Result<(), ParseError> {
        let shape = match scalar {
            Scalar::Null => Shape::Null,
            Scalar::False => Shape::False,
            Scalar::True => Shape::True,
            Scalar::Number => Shape::Number,
            Scalar::String => Shape::Text,
        };
        let (shape, range) = self.stored(value, shape);
        self.note_reference(shape, &range);
        let (a, b) = (index(range.start), index(range.end));
        self.push(Cell::new(shape, at, a, b))?;
        if let Some(open) = self.open.last_mut() {
            open.size.bytes += range.len() as u64;
        }
        Ok(())
    }

    /// What is stored aside is a string, except that nothing at all is `null`.
    fn stored(&self, value: Value, shape: Shape) -> (Shape, Range<usize>) {
        match value {
            Value::Text(range) => (shape, range),
            Value::SideFrom(_) if shape == Shape::Null => (shape, 0..0),
            Value::SideFrom(start) => (Shape::Side, start..self.side.len()),
        }
    }

    fn slice(&self, shape: Shape, range: &Range<usize>) -> &str {
        if shape == Shape::Side { &self.side[range.clone()] } else { &self.text[range.clone()] }
    }

    /// Remembers that a `$ref` to another file was met.
    fn note_reference(&mut self, shape: Shape, range: &Range<usize>) {
        let Some(key) = self.cells.last().filter(|last| last.mark == self.ref_mark) else { return };
        let name = self.slice(key.shape, &key.range());
        self.refers_to_files |= name == "$ref" && !self.slice(shape, range).starts_with('#');
    }

    fn push(&mut self, cell: Cell) -> Result<(), ParseError> {
        if self.cells.len() as u64 >= MAX_NODES {
            return Err(over(cell.at as usize, format!("more than {MAX_NODES} nodes")));
        }
        self.cells.push(cell);
        Ok(())
    }

    /// Ends the innermost container.
    pub(crate) fn close(&mut self) -> Result<Size, ParseError> {
        let Some(open) = self.open.pop() else { return Ok(Size::default()) };
        self.shadow_repeated(open.keys);
        if self.keys.len() - open.keys > SMALL {
            self.large_maps.push(open.cell);
        }
        self.merge(&open)?;
        self.keys.truncate(open.keys);
        let end = self.next();
        self.cells[open.cell as usize].a = end;
        let mut size = open.size;
        size.depth += 1;
        size.nodes = size.nodes.saturating_add(u64::from(end - open.cell));
        if let Some(outer) = self.open.last_mut() {
            // Its own cells are counted when the outer one ends.
            let extra = size.nodes - u64::from(end - open.cell);
            outer.size.add(Size { nodes: extra, ..size });
        }
        Ok(size)
    }

    /// Of a repeated key the last one counts.
    fn shadow_repeated(&mut self, from: usize) {
        let count = self.keys.len() - from;
        if count <= FEW_KEYS && !has_pair(&self.keys[from..]) {
            return;
        }
        let mut keys = self.keys.split_off(from);
        keys.sort_unstable();
        for run in keys.chunk_by_mut(|a, b| a >> 32 == b >> 32).filter(|run| run.len() > 1) {
            // Sorted, or keys chosen to have one hash would cost their count squared.
            run.sort_by(|a, b| self.key_text(*a).cmp(self.key_text(*b)).then(a.cmp(b)));
            for pair in run.windows(2) {
                if self.key_text(pair[0]) == self.key_text(pair[1]) {
                    let (first, last) = (cell_of(pair[0]), cell_of(pair[1]));
                    self.cells[first as usize].hidden = Hidden::Shadowed;
                    self.oddity(Oddity::Repeated { first, last });
                }
            }
        }
        self.keys.append(&mut keys);
    }

    fn key_text(&self, key: u64) -> &str {
        let cell = &self.cells[cell_of(key) as usize];
        self.slice(cell.shape, &cell.range())
    }
}

/// Whether any two of a few keys have one hash.
fn has_pair(keys: &[u64]) -> bool {
    keys.iter().enumerate().any(|(i, a)| keys[..i].iter().any(|b| a >> 32 == b >> 32))
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is the cell")]
fn cell_of(key: u64) -> u32 {
    key as u32
}

fn over(at: usize, message: String) -> ParseError {
    ParseError { code: Code::OVER_BUDGET, at, message }
}
