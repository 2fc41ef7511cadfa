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

use std::fmt;
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use super::finding::{Code, Finding, Place};

pub(super) mod build;
mod lines;

use lines::Lines;

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
    quirks: Vec<Quirk>,
    outward: bool,
    lines: OnceLock<Lines>,
}

/// Something in the text that a careful reader tells about, whatever the text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quirk {
    /// A key stands twice in one map: the key cells of both.
    Repeated { first: u32, last: u32 },
    /// A map's key is a list or a map; the entry is left out.
    OddKey { at: u32 },
    /// A comma before a closing bracket, in JSON.
    TrailingComma { at: u32 },
    /// A second YAML document follows the first; it is not read.
    SecondDocument { at: u32 },
}

/// Why a text cannot be read, at a byte of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flaw {
    pub(super) code: Code,
    pub(super) at: usize,
    pub(super) message: String,
}

/// Sixteen bytes: with twenty the tree of a large document no longer fits its budget.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
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
            return super::yaml::read(text);
        }
        super::json::read(text).or_else(|flaw| match flaw.code {
            Code::OverBudget => Err(flaw),
            _ => super::yaml::read(text).map_err(|_| flaw),
        })
    }

    fn new(source: Source, grown: build::Grown) -> Self {
        Self {
            name: source.name,
            text: source.text,
            side: grown.side,
            cells: grown.cells,
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
    pub(super) fn looks_outward(&self) -> bool {
        self.outward
    }

    pub(super) fn quirks(&self) -> &[Quirk] {
        &self.quirks
    }

    /// Line and column, both from 1, the column in characters.
    pub(super) fn position(&self, at: u32) -> (u32, u32) {
        self.lines.get_or_init(|| Lines::of(&self.text)).position(&self.text, at as usize)
    }

    /// The place of a byte, as part of the whole document.
    pub(super) fn place_at(&self, at: u32) -> Place {
        let (line, column) = self.position(at);
        Place { source: self.name.clone(), line, column, pointer: "".into() }
    }

    /// The key in this cell.
    pub(super) fn key(&self, cell: u32) -> Key<'_> {
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

/// A value in a tree.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree,
    cell: u32,
}

impl<'t> Node<'t> {
    fn at(tree: &'t Tree, cell: u32) -> Self {
        let meant = tree.cell(cell);
        Self { tree, cell: if meant.shape == Shape::Alias { meant.a } else { cell } }
    }

    fn raw(self) -> &'t Cell {
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
        let mark = build::mark(build::hash(key));
        self.keys().find_map(|cell| {
            let found = self.tree.cell(cell);
            let same = found.mark == mark && found.hole == Hole::No;
            (same && self.tree.string(found) == key).then(|| self.entry_at(cell))
        })
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
    fn cells(self) -> Cells<'t> {
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

    /// As compact JSON, map by map in the order of the text.
    pub fn to_json(self) -> String {
        let mut json = String::new();
        self.write_json(&mut json);
        json
    }

    fn write_json(self, json: &mut String) {
        match self.kind() {
            Kind::Null => json.push_str("null"),
            Kind::Bool => {
                json.push_str(if self.as_bool() == Some(true) { "true" } else { "false" });
            }
            Kind::Number => write_number(json, self.tree.string(self.raw())),
            Kind::String => write_string(json, self.tree.string(self.raw())),
            Kind::List => self.write_list(json),
            Kind::Map => self.write_map(json),
        }
    }

    fn write_list(self, json: &mut String) {
        for (i, item) in self.items().enumerate() {
            json.push(if i == 0 { '[' } else { ',' });
            item.write_json(json);
        }
        json.push_str(if self.is_empty() { "[]" } else { "]" });
    }

    fn write_map(self, json: &mut String) {
        json.push('{');
        for (i, (key, value)) in self.entries().enumerate() {
            if i > 0 {
                json.push(',');
            }
            write_string(json, key.as_str());
            json.push(':');
            value.write_json(json);
        }
        json.push('}');
    }

    /// As a JSON value. Integers beyond 64 bits become floats there.
    pub fn to_value(self) -> serde_json::Value {
        use serde_json::Value;
        match self.kind() {
            Kind::Null => Value::Null,
            Kind::Bool => Value::Bool(self.as_bool() == Some(true)),
            Kind::Number => {
                let text = self.tree.string(self.raw());
                number(text).map_or_else(|| Value::from(text), Value::Number)
            }
            Kind::String => Value::from(self.tree.string(self.raw())),
            Kind::List => Value::Array(self.items().map(Self::to_value).collect()),
            Kind::Map => Value::Object(
                self.entries()
                    .map(|(key, value)| (key.as_str().to_owned(), value.to_value()))
                    .collect(),
            ),
        }
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
    tree: &'t Tree,
    cell: u32,
}

impl<'t> Key<'t> {
    /// Its text; `200:` is `200`.
    pub fn as_str(self) -> &'t str {
        self.tree.string(self.tree.cell(self.cell))
    }

    /// Line and column of the key.
    pub(super) fn position(self) -> (u32, u32) {
        self.tree.position(self.tree.cell(self.cell).at)
    }

    /// The tree that it is in.
    pub(super) fn tree(self) -> &'t Tree {
        self.tree
    }

    /// What tells it from every other key.
    pub(super) fn id(self) -> (*const Tree, u32) {
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
struct Cells<'t> {
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

/// A key as a segment of a JSON pointer.
pub(super) fn escape_pointer(key: &str) -> std::borrow::Cow<'_, str> {
    if key.contains(['~', '/']) {
        key.replace('~', "~0").replace('/', "~1").into()
    } else {
        key.into()
    }
}

/// The number that a text in either format says.
fn number(text: &str) -> Option<serde_json::Number> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    if let Some(hex) = digits.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok().map(Into::into);
    }
    if let Some(octal) = digits.strip_prefix("0o") {
        return u64::from_str_radix(octal, 8).ok().map(Into::into);
    }
    let integer =
        digits.parse::<i64>().map(Into::into).or_else(|_| digits.parse::<u64>().map(Into::into));
    integer.ok().or_else(|| serde_json::Number::from_f64(digits.parse().ok()?))
}

/// A number keeps its digits where JSON can say them.
fn write_number(json: &mut String, text: &str) {
    if serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok() {
        return json.push_str(text);
    }
    match number(text) {
        Some(number) => _ = write!(json, "{number}"),
        None => write_string(json, text),
    }
}

fn write_string(json: &mut String, text: &str) {
    json.push_str(&serde_json::Value::from(text).to_string());
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    pub(in crate::spec) fn tree(text: &str) -> Tree {
        read(text).expect("it is well formed")
    }

    pub(in crate::spec) fn read(text: &str) -> Result<Tree, Finding> {
        Tree::read(Source { name: "t".into(), text: text.to_owned() })
    }

    /// Any list of JSON values, with keys and strings that need care in either format.
    pub(in crate::spec) fn values() -> impl Strategy<Value = Value> {
        let strings = prop_oneof![
            "[ -~]{0,12}",
            Just("no".to_owned()),
            Just("é\u{1F600}\n\t\"\\ \u{7f}".to_owned()),
            Just("- a: {b}#c".to_owned()),
        ];
        let scalars = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-1e9..1e9).prop_map(Value::from),
            strings.clone().prop_map(Value::from),
        ];
        let values = scalars.prop_recursive(5, 60, 20, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..20).prop_map(Value::from),
                prop::collection::vec((strings.clone(), inner), 0..20)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        });
        prop::collection::vec(values, 0..5).prop_map(Value::from)
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_back(value in values()) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                let tree = tree(&text);
                prop_assert_eq!(&tree.root().to_value(), &value);
                prop_assert_eq!(tree.root().to_json(), value.to_string());
            }
        }

        #[test]
        fn every_node_is_found_by_its_pointer(value in values()) {
            let tree = tree(&value.to_string());
            let mut nodes = vec![tree.root()];
            while let Some(node) = nodes.pop() {
                prop_assert_eq!(value.pointer(&node.pointer()), Some(&node.to_value()));
                for (key, child) in node.entries() {
                    prop_assert_eq!(&*key.place().pointer, child.pointer());
                    prop_assert!(node.get(key.as_str()).is_some_and(|found| found.is(child)));
                    nodes.push(child);
                }
                nodes.extend(node.items());
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*") {
            let _ = read(&text);
        }

        #[test]
        fn no_text_of_structure_makes_it_panic(text in "[-{}\\[\\]:,\"'&*!<|>?#%@\\\\ \na0~]{0,60}") {
            if let Ok(tree) = read(&text) {
                tree.root().to_json();
            }
        }
    }

    #[test]
    fn a_place_is_line_column_and_pointer() {
        let tree = tree("a:\n  - 1\n  - b/c: x\n    ~d: [y, z]\n");
        let node = tree.root().get("a").unwrap().items().nth(1).unwrap();
        let (key, value) = node.entry("~d").unwrap();
        let place = key.place();
        assert_eq!((place.line, place.column, &*place.pointer), (4, 5, "/a/1/~0d"));
        let place = value.items().nth(1).unwrap().place();
        assert_eq!((place.line, place.column, &*place.pointer), (4, 13, "/a/1/~0d/1"));
        assert_eq!(node.get("b/c").unwrap().pointer(), "/a/1/b~1c");
        assert_eq!(tree.root().pointer(), "");
    }

    #[test]
    fn of_a_repeated_key_the_last_one_counts_and_both_are_told() {
        for text in [r#"{"a": 1, "b": 2, "a": 3}"#, "a: 1\nb: 2\na: 3\n"] {
            let tree = tree(text);
            assert_eq!(tree.root().to_value(), json!({"b": 2, "a": 3}));
            assert_eq!(tree.root().entries_repeated().count(), 3);
            let [Quirk::Repeated { first, last }] = *tree.quirks() else {
                panic!("{:?}", tree.quirks())
            };
            assert_eq!(tree.key(first).as_str(), tree.key(last).as_str());
            assert!(tree.key(first).place() != tree.key(last).place());
        }
    }

    #[test]
    fn among_many_keys_repeated_ones_are_found_too() {
        let keys = (0..100).map(|i| format!("\"k{}\": {i}", i % 99)).collect::<Vec<_>>().join(",");
        let tree = tree(&format!("{{{keys}}}"));
        assert_eq!(tree.quirks().len(), 1);
        assert_eq!(tree.root().get("k0").unwrap().scalar(), Some("99"));
        assert_eq!(tree.root().entries().count(), 99);
    }

    #[test]
    fn numbers_keep_their_digits() {
        let text = "[-9223372036854776000, 123456789012345678901234567890, 1.10, 1e400]";
        assert_eq!(tree(text).root().to_json(), text.replace(' ', ""));
        assert_eq!(tree("[0x1F, 0o17, +1, .5, .inf]").root().to_json(), r#"[31,15,1,0.5,".inf"]"#);
    }

    #[test]
    fn the_format_is_decided_by_what_the_text_holds() {
        assert_eq!(tree("\u{feff} {\"a\": 1}").root().to_value(), json!({"a": 1}));
        assert_eq!(tree("\u{feff}a: 1").root().to_value(), json!({"a": 1}));
        assert_eq!(tree("{a: 1, 'b': [c d]}").root().to_value(), json!({"a": 1, "b": ["c d"]}));
        assert_eq!(tree("").root().kind(), Kind::Null);
        assert_eq!(tree("# nothing\n").root().kind(), Kind::Null);
    }

    #[test]
    fn broken_json_is_told_as_json_at_its_place() {
        let finding = read("{\n  \"a\": 1\n  \"b\": 2\n}").unwrap_err();
        assert_eq!(finding.code, Code::SyntaxError);
        assert_eq!((finding.place.line, finding.place.column), (3, 3));
        assert!(finding.message.contains("JSON"), "{}", finding.message);
    }

    #[test]
    fn broken_yaml_is_told_at_its_place() {
        let finding = read("a: 1\nb: [1, 2\nc: 3\n").unwrap_err();
        assert_eq!(finding.code, Code::SyntaxError);
        assert!(finding.place.line >= 2, "{:?}", finding.place);
        assert!(finding.message.contains("YAML"), "{}", finding.message);
    }
}
