//! Which operations a document has: paths, methods and their places, and no more.
//!
//! What counts as one operation is decided here and nowhere else. A method key of the
//! document's version whose value is an object is one, wherever a `$ref` of it leads.

use std::collections::{HashMap, HashSet};

use crate::finding::{Code, Finding, Place};
use crate::spec::method::Method;
use crate::spec::read::fields::{is_extension, wrong_type};
use crate::spec::reference::{Resolver, reference_of};
use crate::spec::tree::{Key, Node, Oddity, Tree, pointer};
use crate::spec::version::SpecVersion;

/// References from one path item to the next.
const MAX_LAYERS: usize = 16;

#[derive(Debug)]
pub(crate) struct Paths<'s> {
    pub(crate) entries: Vec<PathEntry<'s>>,
    pub(crate) findings: Vec<Finding>,
}

#[derive(Debug)]
pub(crate) struct PathEntry<'s> {
    pub(crate) path: &'s str,
    /// The path item and those that it refers to, the one that outranks the others first.
    pub(crate) layers: Vec<Node<'s>>,
    pub(crate) operations: Vec<OperationEntry<'s>>,
}

#[derive(Debug)]
pub(crate) struct OperationEntry<'s> {
    pub(crate) method: Method,
    pub(crate) place: Place,
    /// Its value, references not followed.
    pub(crate) node: Node<'s>,
    /// What makes it unfit already.
    pub(crate) findings: Vec<Finding>,
}

impl<'s> Paths<'s> {
    pub(crate) fn of(resolver: Resolver<'s>) -> Self {
        let mut reader = Reader {
            resolver,
            repeated: repeated(resolver),
            told: HashSet::new(),
            found: Paths { entries: Vec::new(), findings: Vec::new() },
        };
        reader.paths();
        reader.tell_oddities();
        reader.found
    }

    pub(crate) fn operation_count(&self) -> usize {
        self.entries.iter().map(|path| path.operations.len()).sum()
    }
}

/// How gateways write an operation that answers every method.
const ANY_METHOD: &[&str] = &[
    "x-amazon-apigateway-any-method",
    "x-aliyun-apigateway-any-method",
    "x-apigateway-any-method",
    "x-apigw-any-method",
];

/// Whether a key of a path item is an operation that answers every method.
pub(crate) fn is_any_method(key: &str) -> bool {
    ANY_METHOD.contains(&key)
}

/// A cell of a tree, as a name for a key.
type KeyId = (*const Tree, u32);

struct Reader<'s> {
    resolver: Resolver<'s>,
    /// Repeated keys, each with the other one.
    repeated: HashMap<KeyId, Key<'s>>,
    /// Those of them whose operations are unfit.
    told: HashSet<KeyId>,
    found: Paths<'s>,
}

fn repeated(resolver: Resolver<'_>) -> HashMap<KeyId, Key<'_>> {
    let mut repeated = HashMap::new();
    for tree in resolver.set.trees() {
        for oddity in tree.oddities() {
            if let Oddity::Repeated { first, last } = *oddity {
                let (first, last) = (tree.key(first), tree.key(last));
                repeated.insert(first.id(), last);
                repeated.insert(last.id(), first);
            }
        }
    }
    repeated
}

impl<'s> Reader<'s> {
    fn paths(&mut self) {
        let Some((key, paths)) = self.resolver.root.entry("paths") else { return };
        for layer in self.layers(key, paths) {
            if !layer.is_map() && !layer.is_null() {
                self.found.findings.push(wrong_type(key.place(), "paths", layer, "an object"));
            }
            for (path, item) in layer.entries_repeated() {
                let name = path.as_str();
                if !is_extension(name) && name != "$ref" {
                    self.path(key, path, item);
                }
            }
        }
    }

    /// A node and what it refers to. A reference that leads nowhere is a finding.
    fn layers(&mut self, key: Key<'s>, node: Node<'s>) -> Vec<Node<'s>> {
        let mut layers = vec![node];
        while let Some(reference) = layers.last().copied().and_then(reference_of) {
            match self.resolver.set.target(reference) {
                Ok(target) if layers.len() < MAX_LAYERS => layers.push(target),
                Ok(_) => {
                    let message = format!("`{}` refers to itself", key.as_str());
                    self.found.findings.push(Finding::new(
                        Code::MISSING_PATH_ITEM,
                        key.place(),
                        message,
                    ));
                    break;
                }
                Err(dangling) => {
                    self.found.findings.push(dangling.finding(Code::MISSING_PATH_ITEM));
                    break;
                }
            }
        }
        layers
    }

    fn path(&mut self, paths: Key<'s>, path: Key<'s>, item: Node<'s>) {
        let layers = self.layers(path, item);
        let twice = self.repeated_finding(path);
        let mut operations = Vec::new();
        for &layer in &layers {
            if !layer.is_map() {
                self.found.findings.push(wrong_type(
                    path.place(),
                    path.as_str(),
                    layer,
                    "an object",
                ));
                continue;
            }
            let inherited = operations.len();
            for (key, node) in layer.entries_repeated() {
                let known = |found: &OperationEntry<'_>| says(&found.method, key.as_str());
                if operations[..inherited].iter().any(known) {
                    self.found.findings.push(overridden(path, key));
                } else {
                    self.path_key(&[paths, path, key], node, &mut operations);
                }
            }
        }
        for operation in &mut operations {
            operation.findings.extend(twice.clone());
        }
        self.found.entries.push(PathEntry { path: path.as_str(), layers, operations });
    }

    /// One key of a path item: `way` is the keys that lead to it, itself last.
    fn path_key(&mut self, way: &[Key<'s>; 3], node: Node<'s>, into: &mut Vec<OperationEntry<'s>>) {
        let key = way[2];
        let version = self.resolver.version;
        match key.as_str() {
            "$ref" if node.as_str().is_none() => {
                self.found.findings.push(wrong_type(key.place(), "$ref", node, "a string"));
            }
            "$ref" | "summary" | "description" | "servers" | "parameters" => {}
            name if is_any_method(name) => self.operation(Method::Any, way, None, node, into),
            name if is_extension(name) => {}
            "additionalOperations" if version >= SpecVersion::OpenApi32 => {
                self.additional(way, node, into);
            }
            name => match method(name, version) {
                Some(method) => self.operation(method, way, None, node, into),
                None => self.found.findings.push(unknown_method(key, version)),
            },
        }
    }

    fn additional(
        &mut self,
        way: &[Key<'s>; 3],
        node: Node<'s>,
        into: &mut Vec<OperationEntry<'s>>,
    ) {
        for (key, value) in node.entries_repeated() {
            let method = self.additional_method(key.as_str());
            self.operation(method, way, Some(key), value, into);
        }
        if !node.is_map() {
            self.found.findings.push(wrong_type(
                way[2].place(),
                way[2].as_str(),
                node,
                "an object",
            ));
        }
    }

    /// A method that has a key of its own does not belong here, but says what it means.
    fn additional_method(&self, name: &str) -> Method {
        method(&name.to_ascii_lowercase(), self.resolver.version)
            .filter(|method| method.as_str() == name)
            .unwrap_or_else(|| Method::Other(name.to_owned()))
    }

    fn operation(
        &mut self,
        method: Method,
        way: &[Key<'s>; 3],
        below: Option<Key<'s>>,
        node: Node<'s>,
        into: &mut Vec<OperationEntry<'s>>,
    ) {
        let key = below.unwrap_or(way[2]);
        if !node.is_map() {
            self.found.findings.push(wrong_type(key.place(), key.as_str(), node, "an object"));
            return;
        }
        let findings = self.repeated_finding(key).into_iter().collect();
        let place = self.place(way, below);
        into.push(OperationEntry { method, place, node, findings });
    }

    /// Where the operation stands in the source itself: its own key, or the last key on
    /// the way to the other file that holds it. The pointer goes through references.
    fn place(&self, way: &[Key<'s>; 3], below: Option<Key<'s>>) -> Place {
        let root = self.resolver.root.tree();
        let keys = way.iter().copied().chain(below);
        let mut pointer = String::new();
        for key in keys.clone() {
            pointer.push('/');
            pointer.push_str(&pointer::escape(key.as_str()));
        }
        let here = keys.filter(|key| std::ptr::eq(key.tree(), root)).last();
        let (line, column) = here.map_or((1, 1), Key::position);
        Place { source: root.name().clone(), line, column, pointer: pointer.into() }
    }

    /// A repeated path or method makes its operations unfit: which of the two is meant is not known.
    fn repeated_finding(&mut self, key: Key<'s>) -> Option<Finding> {
        let other = self.repeated.get(&key.id())?;
        self.told.insert(key.id());
        let message = format!("`{}` is repeated: here and in {}", key.as_str(), of(*other, key));
        Some(Finding::new(Code::REPEATED_OPERATION, key.place(), message))
    }

    /// What is odd about the texts themselves.
    fn tell_oddities(&mut self) {
        for tree in self.resolver.set.trees() {
            for &oddity in tree.oddities() {
                self.found.findings.extend(self.oddity(tree, oddity));
            }
        }
    }

    /// Whether a key that no longer counts, since it is repeated, held operations that are now
    /// not counted: the first of two `paths`.
    fn hides_operations(&self, key: Key<'s>) -> bool {
        let is_own = std::ptr::eq(key.tree(), self.resolver.root.tree());
        is_own && &*key.place().pointer == "/paths"
    }

    fn oddity(&self, tree: &'s Tree, oddity: Oddity) -> Option<Finding> {
        Some(match oddity {
            Oddity::Repeated { first, last } => {
                let (first, last) = (tree.key(first), tree.key(last));
                if self.told.contains(&first.id()) || self.told.contains(&last.id()) {
                    return None;
                }
                let (name, again) = (first.as_str(), of(last, first));
                if self.hides_operations(first) {
                    let message = format!(
                        "`{name}` is repeated in {again}; the operations of this one are not read"
                    );
                    return Some(Finding::new(Code::REPEATED_OPERATION, first.place(), message));
                }
                let message = format!("`{name}` is repeated in {again}; the last one counts");
                Finding::new(Code::REPEATED_KEY, first.place(), message)
            }
            Oddity::OddMerge { key } => {
                let message = "`<<` merges nothing: its value is not an object";
                Finding::new(Code::ODD_MERGE, tree.key(key).place(), message)
            }
            Oddity::Other { code, at, message } => Finding::new(code, tree.place_at(at), message),
        })
    }
}

/// Where a key is, in a message at another key: by column where both share a line, as in
/// documents that are one long line.
fn of(key: Key<'_>, other: Key<'_>) -> String {
    match (key.position(), other.position()) {
        ((line, column), (same, _)) if line == same => format!("column {column}"),
        ((line, _), _) => format!("line {line}"),
    }
}

/// Whether a key is how a path item writes this method.
fn says(method: &Method, key: &str) -> bool {
    method.as_str().eq_ignore_ascii_case(key) || (*method == Method::Any && is_any_method(key))
}

fn overridden(path: Key<'_>, key: Key<'_>) -> Finding {
    let message = format!(
        "`{}` of `{}` is at the path item too, whose own counts",
        key.as_str(),
        path.as_str()
    );
    Finding::new(Code::OVERRIDDEN_OPERATION, key.place(), message)
}

fn unknown_method(key: Key<'_>, version: SpecVersion) -> Finding {
    let name = key.as_str();
    let lower = name.to_ascii_lowercase();
    let message = match method(&lower, version) {
        Some(_) => format!("`{name}` is not a method: methods are written in lower case"),
        None => format!("`{name}` is not a method of this version"),
    };
    Finding::new(Code::UNKNOWN_METHOD, key.place(), message)
}

fn method(name: &str, version: SpecVersion) -> Option<Method> {
    Some(match name {
        "get" => Method::Get,
        "put" => Method::Put,
        "post" => Method::Post,
        "delete" => Method::Delete,
        "options" => Method::Options,
        "head" => Method::Head,
        "patch" => Method::Patch,
        "trace" if version >= SpecVersion::OpenApi30 => Method::Trace,
        "query" if version >= SpecVersion::OpenApi32 => Method::Query,
        _ => return None,
    })
}
