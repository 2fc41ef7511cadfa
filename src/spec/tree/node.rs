//! Cursors: a value or a key in a tree, as cheap to copy as a pointer.

use std::fmt;

use crate::finding::Place;
use crate::spec::tree::{Cell, Hole, Shape, Tree, build};

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`, in YAML also nothing at all.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number; its digits are kept.
    Number,
    /// A string.
    String,
    /// A sequence.
    List,
    /// A mapping.
    Map,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::List => "a list",
            Self::Map => "an object",
        })
    }
}

/// A value in a tree.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    pub(crate) tree: &'t Tree,
    pub(crate) cell: u32,
}

impl<'t> Node<'t> {
    fn at(tree: &'t Tree, cell: u32) -> Self {
        let meant = tree.cell(cell);
        Self { tree, cell: if meant.shape == Shape::Alias { meant.a } else { cell } }
    }

    pub(crate) fn raw(self) -> &'t Cell {
        self.tree.cell(self.cell)
    }

    /// The tree that it is in.
    pub fn tree(self) -> &'t Tree {
        self.tree
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        match self.raw().shape {
            Shape::Null | Shape::Alias => Kind::Null,
            Shape::False | Shape::True => Kind::Bool,
            Shape::Number => Kind::Number,
            Shape::Text | Shape::Side => Kind::String,
            Shape::List => Kind::List,
            Shape::Map => Kind::Map,
        }
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// Whether it is a map.
    pub fn is_map(self) -> bool {
        self.kind() == Kind::Map
    }

    /// Whether it is a list.
    pub fn is_list(self) -> bool {
        self.kind() == Kind::List
    }

    /// The string that it is.
    pub fn as_str(self) -> Option<&'t str> {
        (self.kind() == Kind::String).then(|| self.tree.string(self.raw()))
    }

    /// The boolean that it is.
    pub fn as_bool(self) -> Option<bool> {
        match self.raw().shape {
            Shape::True => Some(true),
            Shape::False => Some(false),
            _ => None,
        }
    }

    /// A scalar as written, quotes and escapes gone; `None` for `null` and containers.
    pub fn scalar(self) -> Option<&'t str> {
        match self.kind() {
            Kind::Bool | Kind::Number | Kind::String => Some(self.tree.string(self.raw())),
            Kind::Null | Kind::List | Kind::Map => None,
        }
    }

    /// The number that it is, where a float can say it.
    pub fn as_f64(self) -> Option<f64> {
        let digits = self.scalar().filter(|_| self.kind() == Kind::Number)?;
        crate::spec::tree::write::number(digits)?.as_f64()
    }

    /// The value of a key of a map.
    pub fn get(self, key: &str) -> Option<Node<'t>> {
        self.entry(key).map(|(_, value)| value)
    }

    /// A key of a map, with its value.
    pub fn entry(self, key: &str) -> Option<(Key<'t>, Node<'t>)> {
        let hash = build::hash(key);
        let mark = build::mark(hash);
        let is = |cell: &u32| {
            let found = self.tree.cell(*cell);
            found.mark == mark && found.hole == Hole::No && self.tree.string(found) == key
        };
        let cell = match self.tree.wide.keys(self, hash) {
            Some(mut keys) => keys.find(is),
            None => self.keys().find(is),
        };
        cell.map(|cell| self.entry_at(cell))
    }

    /// A map's entries in the order of the text; of a repeated key the last one only, and
    /// those that a merge key brings at the end.
    pub fn entries(self) -> impl Iterator<Item = (Key<'t>, Node<'t>)> + Clone {
        self.keys()
            .filter(move |&key| self.tree.cell(key).hole == Hole::No)
            .map(move |key| self.entry_at(key))
    }

    /// A map's entries, repeated keys each time.
    pub fn entries_repeated(self) -> impl Iterator<Item = (Key<'t>, Node<'t>)> {
        self.keys()
            .filter(move |&key| self.tree.cell(key).hole != Hole::Gone)
            .map(move |key| self.entry_at(key))
    }

    /// A list's items.
    pub fn items(self) -> impl Iterator<Item = Node<'t>> + Clone {
        let tree = self.tree;
        let cells =
            if self.is_list() { self.cells() } else { Cells { tree, next: 0, end: 0, step: 0 } };
        cells.map(move |cell| Self::at(tree, cell))
    }

    /// Whether a container holds nothing.
    pub fn is_empty(self) -> bool {
        self.cells().next().is_none()
    }

    fn entry_at(self, key: u32) -> (Key<'t>, Node<'t>) {
        (Key { tree: self.tree, cell: key }, Self::at(self.tree, key + 1))
    }

    fn keys(self) -> Cells<'t> {
        if self.is_map() {
            self.cells()
        } else {
            Cells { tree: self.tree, next: 0, end: 0, step: 0 }
        }
    }

    /// The cells of a list's items or a map's keys.
    pub(crate) fn cells(self) -> Cells<'t> {
        let raw = self.raw();
        let step = u32::from(raw.shape == Shape::Map);
        let next = self.cell + 1;
        let end = raw.end(self.cell);
        Cells { tree: self.tree, next, end, step }
    }

    /// Its JSON pointer.
    pub fn pointer(self) -> String {
        self.tree.pointer(self.cell)
    }

    /// Its place: where the value begins.
    pub fn place(self) -> Place {
        let (line, column) = self.tree.position(self.raw().at);
        Place { source: self.tree.name.clone(), line, column, pointer: self.pointer().into() }
    }

    /// The same value in the same tree, or an alias of it.
    pub fn is(self, other: Node<'_>) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.cell == other.cell
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({}#{})", self.tree.name, self.pointer())
    }
}

/// A key of a map.
#[derive(Clone, Copy)]
pub struct Key<'t> {
    pub(crate) tree: &'t Tree,
    pub(crate) cell: u32,
}

impl<'t> Key<'t> {
    /// Its text; `200:` is `200`.
    pub fn as_str(self) -> &'t str {
        self.tree.string(self.tree.cell(self.cell))
    }

    /// Line and column of the key.
    pub(crate) fn position(self) -> (u32, u32) {
        self.tree.position(self.tree.cell(self.cell).at)
    }

    /// The tree that it is in.
    pub(crate) fn tree(self) -> &'t Tree {
        self.tree
    }

    /// What tells it from every other key.
    pub(crate) fn id(self) -> (*const Tree, u32) {
        (self.tree, self.cell)
    }

    /// Its place: where the key stands, with the pointer of its value.
    pub fn place(self) -> Place {
        let (line, column) = self.position();
        let pointer = self.tree.pointer(self.cell + 1).into();
        Place { source: self.tree.name.clone(), line, column, pointer }
    }
}

impl fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?})", self.as_str())
    }
}

/// Steps from sibling to sibling.
#[derive(Debug, Clone)]
pub(crate) struct Cells<'t> {
    tree: &'t Tree,
    next: u32,
    end: u32,
    /// From a sibling to the cell whose end is the next sibling: 1 from key to value.
    step: u32,
}

impl Iterator for Cells<'_> {
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
