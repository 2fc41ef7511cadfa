//! One tree for both formats: a source's text and an arena of small cells over it.
//!
//! Cells stand in the order of the text: a map's entry is its key's cell followed by its
//! value's, a container's cell says where its contents end. A string is a range of the
//! text where the text holds it as it is, else a range of a side buffer, so that a tree
//! costs little more than its text. Positions come free, repeated keys are kept (and told
//! by [`Tree::quirks`]), and numbers keep their digits.
//!
//! An alias is one cell that points to its anchor, never a copy. What is not here: `$ref`
//! (see `reference`), and any knowledge of documents.

pub(crate) mod build;
pub(crate) mod json;
mod lines;
mod node;
pub(crate) mod pointer;
mod wide;
mod write;
pub(crate) mod yaml;

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::finding::{Code, Finding, Place};

use lines::Lines;
use wide::Wide;

pub use node::{Key, Kind, Node};

/// What is read: a name to show, and text.
#[derive(Debug, Clone)]
pub struct Source {
    /// The source as typed, joined with the path below it.
    pub name: Arc<str>,
    /// All of it, decoded.
    pub text: String,
}

/// A source's text as a tree.
pub struct Tree {
    name: Arc<str>,
    text: String,
    side: String,
    cells: Vec<Cell>,
    wide: Wide,
    quirks: Vec<Quirk>,
    outward: bool,
    lines: OnceLock<Lines>,
}

/// Something in the text that a careful reader tells about, whatever the text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quirk {
    /// A key stands twice in one map: the key cells of both.
    Repeated { first: u32, last: u32 },
    /// A map's key is a list or a map; the entry is left out.
    OddKey { at: u32 },
    /// A merge key whose value is no object: nothing is merged, and it stays a key.
    OddMerge { key: u32 },
    /// A tag that is not of YAML's core schema; what it stands at is read without it.
    OddTag { at: u32 },
    /// A comma before a closing bracket, in JSON.
    TrailingComma { at: u32 },
    /// A second YAML document follows the first; it is not read.
    SecondDocument { at: u32 },
}

/// Why a text cannot be read, at a byte of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(crate) code: Code,
    pub(crate) at: usize,
    pub(crate) message: String,
}

/// Sixteen bytes: with twenty the tree of a large document no longer fits its budget.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    /// Where it begins in the text.
    at: u32,
    /// Scalars: where its value begins in text or side buffer. Containers: the first cell
    /// after its contents. Aliases: the cell meant.
    a: u32,
    /// Scalars: where its value ends. Containers: the container that it is in.
    b: u32,
    shape: Shape,
    hole: Hole,
    /// Some bits of a key's hash, never 0; 0 in all other cells.
    mark: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
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
enum Hole {
    /// They do not.
    No,
    /// The same key stands again below, and the last one counts.
    Shadowed,
    /// A merge key (its entries stand at the end of the map), or a key that is no scalar.
    Gone,
}

impl Tree {
    /// Reads a text, its format decided by what it holds.
    ///
    /// # Errors
    /// What is wrong with it, at its place.
    pub fn read(source: Source) -> Result<Self, Finding> {
        match Self::grow(&source.text) {
            Ok(grown) => Ok(Self::new(source, grown)),
            Err(flaw) => {
                let (line, column) = Lines::of(&source.text).position(&source.text, flaw.at);
                let place = Place { source: source.name, line, column, pointer: "".into() };
                Err(Finding::new(flaw.code, place, flaw.message))
            }
        }
    }

    /// What opens with a brace or bracket is JSON, unless only YAML can read it: YAML's
    /// flow style looks alike, and a JSON reader is several times faster. Where neither
    /// can, it is broken JSON.
    fn grow(text: &str) -> Result<build::Grown, Flaw> {
        if !text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).starts_with(['{', '[']) {
            return crate::spec::tree::yaml::read(text);
        }
        crate::spec::tree::json::read(text).or_else(|flaw| match flaw.code {
            Code::OVER_BUDGET => Err(flaw),
            _ => crate::spec::tree::yaml::read(text).map_err(|_| flaw),
        })
    }

    fn new(source: Source, grown: build::Grown) -> Self {
        Self {
            name: source.name,
            text: source.text,
            side: grown.side,
            cells: grown.cells,
            wide: Wide::new(grown.wide),
            quirks: grown.quirks,
            outward: grown.outward,
            lines: OnceLock::new(),
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

    /// The whole.
    pub fn root(&self) -> Node<'_> {
        Node { tree: self, cell: 0 }
    }

    /// Whether it holds a `$ref` to another file.
    pub(crate) fn looks_outward(&self) -> bool {
        self.outward
    }

    pub(crate) fn quirks(&self) -> &[Quirk] {
        &self.quirks
    }

    /// Keys that stand in their map again, each where it stands the last time.
    pub fn repeated_keys(&self) -> impl Iterator<Item = Key<'_>> {
        self.quirks.iter().filter_map(|quirk| match quirk {
            Quirk::Repeated { last, .. } => Some(self.key(*last)),
            _ => None,
        })
    }

    /// Where a key is a list or a map; such entries are not read.
    pub fn odd_keys(&self) -> impl Iterator<Item = Place> {
        self.quirks.iter().filter_map(|quirk| match quirk {
            Quirk::OddKey { at } => Some(self.place_at(*at)),
            _ => None,
        })
    }

    /// Where another YAML document begins, which is not read.
    pub fn second_document(&self) -> Option<Place> {
        self.quirks.iter().find_map(|quirk| match quirk {
            Quirk::SecondDocument { at } => Some(self.place_at(*at)),
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

    /// The key in this cell.
    pub(crate) fn key(&self, cell: u32) -> Key<'_> {
        Key { tree: self, cell }
    }

    fn cell(&self, index: u32) -> &Cell {
        &self.cells[index as usize]
    }

    fn string(&self, cell: &Cell) -> &str {
        let range = cell.a as usize..cell.b as usize;
        if cell.shape == Shape::Side { &self.side[range] } else { &self.text[range] }
    }

    /// The container that a cell is in; the root is its own.
    fn parent(&self, index: u32) -> u32 {
        if self.cell(index).is_container() {
            return self.cell(index).b;
        }
        // A scalar does not know. The nearest container before it either holds it, or
        // has ended, and then knows what it was in.
        let mut parent = (0..index).rev().find(|&cell| self.cell(cell).is_container()).unwrap_or(0);
        while parent > 0 && self.cell(parent).a <= index {
            parent = self.cell(parent).b;
        }
        parent
    }

    /// The JSON pointer of a value's cell.
    fn pointer(&self, mut index: u32) -> String {
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
            pointer.push_str(&escape_pointer(self.string(self.cell(index - 1))));
        } else {
            let items = Node { tree: self, cell: parent }.cells();
            let before = items.take_while(|&cell| cell < index).count();
            pointer.push_str(&before.to_string());
        }
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tree({:?}, {} cells)", self.name, self.cells.len())
    }
}

impl Cell {
    fn is_container(&self) -> bool {
        matches!(self.shape, Shape::List | Shape::Map)
    }

    /// The cell after this one and all that it contains.
    fn end(&self, index: u32) -> u32 {
        if self.is_container() { self.a } else { index + 1 }
    }
}

/// A key as a segment of a JSON pointer.
pub(crate) fn escape_pointer(key: &str) -> std::borrow::Cow<'_, str> {
    if key.contains(['~', '/']) {
        key.replace('~', "~0").replace('/', "~1").into()
    } else {
        key.into()
    }
}

#[cfg(test)]
pub(crate) mod tests;
