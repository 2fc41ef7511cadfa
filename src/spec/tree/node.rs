//! Cursors: a value or a key in a tree, as cheap to copy as a pointer.

use std::fmt;

use crate::finding::Place;
use crate::spec::tree::arena::{Children, Tree};
use crate::spec::tree::cell::{self, Cell, Hidden, Shape};
use crate::spec::tree::number::number;
use crate::spec::tree::pointer::unescape;
use crate::spec::tree::problem::Oddity;

impl Tree {
    /// The whole.
    pub fn root(&self) -> Node<'_> {
        Node { tree: self, cell: 0 }
    }

    /// The key in this cell.
    pub(crate) fn key(&self, cell: u32) -> Key<'_> {
        Key { tree: self, cell }
    }

    /// Keys that stand in their map again, each where it stands the last time.
    pub fn repeated_keys(&self) -> impl Iterator<Item = Key<'_>> {
        self.oddities().iter().filter_map(|oddity| match oddity {
            Oddity::Repeated { last, .. } => Some(self.key(*last)),
            _ => None,
        })
    }
}

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
        number(digits)?.as_f64()
    }

    /// The value of a key of a map.
    pub fn get(self, key: &str) -> Option<Node<'t>> {
        self.entry(key).map(|(_, value)| value)
    }

    /// A key of a map, with its value.
    pub fn entry(self, key: &str) -> Option<(Key<'t>, Node<'t>)> {
        let tree = self.tree;
        let hash = cell::hash(key);
        let mark = cell::mark(hash);
        let is = |cell: &u32| {
            let found = tree.cell(*cell);
            found.mark == mark && found.hidden == Hidden::No && tree.string(found) == key
        };
        let hashed = |cell| (cell::hash(tree.string(tree.cell(cell))), cell);
        let cell = match tree.large_maps.keys(self.cell, hash, || self.keys().map(hashed)) {
            Some(mut keys) => keys.find(is),
            None => self.keys().find(is),
        };
        cell.map(|cell| self.entry_at(cell))
    }

    /// A map's entries in the order of the text; of a repeated key the last one only, and
    /// those that a merge key brings at the end.
    pub fn entries(self) -> impl Iterator<Item = (Key<'t>, Node<'t>)> + Clone {
        self.keys()
            .filter(move |&key| self.tree.cell(key).hidden == Hidden::No)
            .map(move |key| self.entry_at(key))
    }

    /// A map's entries, repeated keys each time.
    pub fn entries_repeated(self) -> impl Iterator<Item = (Key<'t>, Node<'t>)> {
        self.keys()
            .filter(move |&key| self.tree.cell(key).hidden != Hidden::Gone)
            .map(move |key| self.entry_at(key))
    }

    /// A list's items.
    pub fn items(self) -> impl Iterator<Item = Node<'t>> + Clone {
        let tree = self.tree;
        self.children_if(self.is_list()).map(move |cell| Self::at(tree, cell))
    }

    /// Whether a container holds nothing.
    pub fn is_empty(self) -> bool {
        self.tree.children(self.cell).next().is_none()
    }

    fn entry_at(self, key: u32) -> (Key<'t>, Node<'t>) {
        (Key { tree: self.tree, cell: key }, Self::at(self.tree, key + 1))
    }

    fn keys(self) -> Children<'t> {
        self.children_if(self.is_map())
    }

    fn children_if(self, is_right: bool) -> Children<'t> {
        if is_right { self.tree.children(self.cell) } else { Children::none(self.tree) }
    }

    /// The node at a pointer below this one, or the nearest that there is.
    pub(crate) fn nearest(self, pointer: &str) -> Self {
        pointer.split('/').skip(1).fold(self, |here, segment| {
            let inner = match segment.parse() {
                Ok(index) if here.is_list() => here.items().nth(index),
                _ => here.get(&unescape(segment)),
            };
            inner.unwrap_or(here)
        })
    }

    /// Its JSON pointer.
    pub fn pointer(self) -> String {
        self.tree.pointer(self.cell)
    }

    /// Its place: where the value begins.
    pub fn place(self) -> Place {
        self.tree.place(self.raw().at, self.cell)
    }

    /// The same value in the same tree, or an alias of it.
    pub fn is(self, other: Node<'_>) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.cell == other.cell
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({}#{})", self.tree.name(), self.pointer())
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
        self.tree.place(self.tree.cell(self.cell).at, self.cell + 1)
    }
}

impl fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?})", self.as_str())
    }
}
