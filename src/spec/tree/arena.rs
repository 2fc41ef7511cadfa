//! A text and the cells over it.
//!
//! Nodes and keys, the cursors that readers hold, are in `node`; here is what they look into.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::finding::{Code, Place};
use crate::spec::tree::build::Parsed;
use crate::spec::tree::cell::{self, Cell, Shape};
use crate::spec::tree::key_index::KeyIndex;
use crate::spec::tree::lines::Lines;
use crate::spec::tree::ordinals::Ordinals;
use crate::spec::tree::pointer;
use crate::spec::tree::problem::Oddity;

/// A source's text as a tree.
pub struct Tree {
    name: Arc<str>,
    text: String,
    side: String,
    cells: Vec<Cell>,
    pub(crate) large_maps: KeyIndex,
    oddities: Vec<Oddity>,
    refers_to_files: bool,
    lines: OnceLock<Lines>,
    ordinals: Ordinals,
}

impl Tree {
    pub(crate) fn new(name: Arc<str>, text: String, parsed: Parsed) -> Self {
        Self {
            name,
            text,
            side: parsed.side,
            cells: parsed.cells,
            large_maps: KeyIndex::new(parsed.large_maps),
            oddities: parsed.oddities,
            refers_to_files: parsed.refers_to_files,
            lines: OnceLock::new(),
            ordinals: Ordinals::default(),
        }
    }

    /// The source's name as shown.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it holds a `$ref` to another file.
    pub(crate) fn refers_to_files(&self) -> bool {
        self.refers_to_files
    }

    pub(crate) fn oddities(&self) -> &[Oddity] {
        &self.oddities
    }

    /// Where a key is a list or a map; such entries are not read.
    pub fn odd_keys(&self) -> impl Iterator<Item = Place> {
        self.places_of(Code::ODD_KEY)
    }

    /// Where another YAML document begins, which is not read.
    pub fn second_document(&self) -> Option<Place> {
        self.places_of(Code::SECOND_DOCUMENT).next()
    }

    fn places_of(&self, wanted: Code) -> impl Iterator<Item = Place> {
        self.oddities.iter().filter_map(move |oddity| match oddity {
            Oddity::Other { code, at, .. } if *code == wanted => Some(self.place_at(*at)),
            _ => None,
        })
    }

    /// Line and column, both from 1, the column in characters.
    pub(crate) fn position(&self, at: u32) -> (u32, u32) {
        self.lines.get_or_init(|| Lines::of(&self.text)).position(&self.text, at as usize)
    }

    /// The place of a byte, as part of the whole document.
    pub(crate) fn place_at(&self, at: u32) -> Place {
        let (line, column) = self.position(at);
        Place { source: self.name.clone(), line, column, pointer: "".into() }
    }

    /// The place of a byte, with the pointer of a value's cell.
    pub(crate) fn place(&self, at: u32, value: u32) -> Place {
        Place { pointer: self.pointer(value).into(), ..self.place_at(at) }
    }

    pub(crate) fn cell(&self, index: u32) -> &Cell {
        &self.cells[index as usize]
    }

    pub(crate) fn string(&self, cell: &Cell) -> &str {
        let holder = if cell.shape == Shape::Side { &self.side } else { &self.text };
        &holder[cell.range()]
    }

    /// The container that a cell is in; the root is its own.
    fn parent(&self, index: u32) -> u32 {
        if self.cell(index).is_container() {
            return self.cell(index).b;
        }
        // A scalar does not know. The nearest container before it either holds it, or
        // has ended, and then knows what it was in.
        let is_container = |cell| self.cell(cell).is_container();
        let count = cell::index(self.cells.len());
        let mut parent = self.ordinals.container_before(index, count, is_container);
        while parent > 0 && self.cell(parent).a <= index {
            parent = self.cell(parent).b;
        }
        parent
    }

    /// The JSON pointer of a value's cell.
    pub(crate) fn pointer(&self, mut index: u32) -> String {
        let mut way = Vec::with_capacity(8);
        while index > 0 {
            way.push(index);
            index = self.parent(index);
        }
        let mut pointer = String::with_capacity(64);
        for &index in way.iter().rev() {
            pointer.push('/');
            self.push_segment(&mut pointer, index);
        }
        pointer
    }

    fn push_segment(&self, pointer: &mut String, index: u32) {
        let parent = self.parent(index);
        if self.cell(parent).shape == Shape::Map {
            pointer.push_str(&pointer::escape(self.string(self.cell(index - 1))));
        } else {
            let before = self.ordinals.before(parent, index, self.children(parent));
            pointer.push_str(&before.to_string());
        }
    }

    /// The cells of a list's items or a map's keys; none of a scalar.
    pub(crate) fn children(&self, container: u32) -> Children<'_> {
        let cell = self.cell(container);
        let step = u32::from(cell.shape == Shape::Map);
        Children { tree: self, next: container + 1, end: cell.end(container), step }
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tree({:?}, {} cells)", self.name, self.cells.len())
    }
}

/// Steps from sibling to sibling.
#[derive(Debug, Clone)]
pub(crate) struct Children<'t> {
    tree: &'t Tree,
    next: u32,
    end: u32,
    /// From a sibling to the cell whose end is the next sibling: 1 from key to value.
    step: u32,
}

impl<'t> Children<'t> {
    pub(crate) fn none(tree: &'t Tree) -> Self {
        Self { tree, next: 0, end: 0, step: 0 }
    }
}

impl Iterator for Children<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        if self.next >= self.end {
            return None;
        }
        let cell = self.next;
        let last = cell + self.step;
        self.next = self.tree.cell(last).end(last);
        Some(cell)
    }
}
