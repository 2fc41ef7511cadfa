//! `$ref`: followed where something is made of the target, and nowhere else.
//!
//! A [`Shelf`] holds the source's tree and the trees of the files that it refers to. It
//! opens none of them: it says which are [missing](Shelf::missing), and is given them.
//! Cycles are normal in documents and cost nothing until someone goes round one.

pub(crate) mod address;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::finding::{Code, Finding, Place};
use crate::spec::model::Document;
use crate::spec::tree::{Node, Source, Tree};

/// How many references may follow one another.
const MAX_HOPS: usize = 32;

/// A source and the files that it refers to.
#[derive(Debug)]
pub struct Shelf {
    root: Tree,
    root_address: String,
    others: BTreeMap<String, Result<Tree, Absent>>,
    /// What was asked for, and the reference that asked first.
    wanted: Mutex<BTreeMap<String, Place>>,
}

/// Why a file cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// Such as `there is no such file`.
    pub reason: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Absent {
    /// A reason about which nothing general can be advised.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), hint: None }
    }
}

impl Shelf {
    /// Reads a source's text.
    ///
    /// # Errors
    /// Why it is neither JSON nor YAML.
    pub fn new(source: Source) -> Result<Self, Finding> {
        let root = Tree::read(source)?;
        let root_address = address::normal(root.name());
        Ok(Self { root, root_address, others: BTreeMap::new(), wanted: Mutex::default() })
    }

    /// The source's own tree.
    pub fn root(&self) -> &Tree {
        &self.root
    }

    /// Whether the source says of itself that it is an OpenAPI or Swagger document.
    pub fn is_document(&self) -> bool {
        crate::spec::read::version::is_document(self.root.root())
    }

    /// The addresses of the files that its operations need and that it has not been given.
    /// More may be missing once these are there.
    pub fn missing(&self) -> Vec<String> {
        let others = self.others.values().flatten();
        if !std::iter::once(&self.root).chain(others).any(Tree::looks_outward) {
            return Vec::new();
        }
        if let Ok(document) = self.document() {
            document.operations().for_each(|operation| operation.touch());
        }
        let wanted = self.wanted();
        wanted.keys().filter(|address| !self.others.contains_key(*address)).cloned().collect()
    }

    /// Takes a file that was missing, or why it cannot be had.
    pub fn add(&mut self, address: String, text: Result<String, Absent>) {
        let tree = text.and_then(|text| {
            Tree::read(Source { name: address.as_str().into(), text }).map_err(|finding| {
                Absent::new(format!("line {}: {}", finding.place.line, finding.message))
            })
        });
        self.others.insert(address, tree);
    }

    fn wanted(&self) -> MutexGuard<'_, BTreeMap<String, Place>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One finding a file that cannot be had, however many references there are to it.
    pub(crate) fn lost(&self) -> Vec<Finding> {
        let wanted = self.wanted();
        let lost = self.others.iter().filter_map(|(address, tree)| {
            let absent = tree.as_ref().err()?;
            let place = wanted.get(address)?.clone();
            let message = format!("`{address}` cannot be read: {}", absent.reason);
            let finding = Finding::new(Code::MISSING_FILE, place, message);
            Some(Finding { hint: absent.hint.clone(), ..finding })
        });
        lost.collect()
    }

    /// All trees, the source's own first.
    pub fn trees(&self) -> impl Iterator<Item = &Tree> {
        std::iter::once(&self.root).chain(self.others.values().flatten())
    }

    /// Whether a document of a known version can be made of it, told without making one.
    ///
    /// # Errors
    /// Why it is no document.
    pub fn check(&self) -> Result<(), Vec<Finding>> {
        crate::spec::read::version::of(self.root.root()).map(drop).map_err(|finding| vec![finding])
    }

    /// What the source says.
    ///
    /// # Errors
    /// Why it is no document.
    pub fn document(&self) -> Result<Document<'_>, Vec<Finding>> {
        Document::of(self)
    }

    /// The node itself, or what its `$ref` leads to in the end.
    pub(crate) fn follow<'s>(&'s self, mut node: Node<'s>) -> Result<Node<'s>, Lost<'s>> {
        for _ in 0..MAX_HOPS {
            let Some(reference) = reference_of(node) else { return Ok(node) };
            node = self.target(reference)?;
        }
        let at = reference_of(node).unwrap_or(node);
        Err(Lost { at, why: Why::Cycle })
    }

    /// What a reference's text leads to, which may be a reference again.
    pub(crate) fn target<'s>(&'s self, at: Node<'s>) -> Result<Node<'s>, Lost<'s>> {
        // One budget for all hops that one reference may cost, or references whose
        // pointers lead through references could be made to double at each step.
        self.land(at, &mut { MAX_HOPS }).map_err(|why| Lost { at, why })
    }

    fn land<'s>(&'s self, at: Node<'s>, hops: &mut usize) -> Result<Node<'s>, Why<'s>> {
        let text = at.as_str().unwrap_or_default();
        let (file, fragment) = text.split_once('#').unwrap_or((text, ""));
        let tree = self.tree(at, file)?;
        self.walk(tree.root(), fragment, hops)
    }

    fn tree<'s>(&'s self, at: Node<'s>, file: &str) -> Result<&'s Tree, Why<'s>> {
        if file.is_empty() {
            return Ok(at.tree());
        }
        let address = address::join(at.tree().name(), file);
        if address == self.root_address {
            return Ok(&self.root);
        }
        match self.others.get(&address) {
            Some(Ok(tree)) => Ok(tree),
            Some(Err(absent)) => Err(Why::NoFile { address, absent }),
            None => {
                self.wanted().entry(address.clone()).or_insert_with(|| at.place());
                Err(Why::NotRead { address })
            }
        }
    }

    /// Goes down a JSON pointer, through references where a segment is behind one.
    fn walk<'s>(
        &'s self,
        root: Node<'s>,
        fragment: &str,
        hops: &mut usize,
    ) -> Result<Node<'s>, Why<'s>> {
        let pointer = address::decode(fragment);
        if !pointer.is_empty() && !pointer.starts_with('/') {
            return Err(Why::NoTarget);
        }
        // Strictly `#/` is the entry with an empty key; those who write it mean the whole.
        if pointer == "/" && root.get("").is_none() {
            return Ok(root);
        }
        let mut node = root;
        for segment in pointer.split('/').skip(1) {
            let segment = unescape(segment);
            node = loop {
                if let Some(child) = step(node, &segment) {
                    break child;
                }
                let reference = reference_of(node).ok_or(Why::NoTarget)?;
                *hops = hops.checked_sub(1).ok_or(Why::Cycle)?;
                node = self.land(reference, hops)?;
            };
        }
        Ok(node)
    }
}

fn unescape(segment: &str) -> Cow<'_, str> {
    if segment.contains('~') {
        segment.replace("~1", "/").replace("~0", "~").into()
    } else {
        segment.into()
    }
}

fn step<'s>(node: Node<'s>, segment: &str) -> Option<Node<'s>> {
    if node.is_list() { node.items().nth(position(segment)?) } else { node.get(segment) }
}

/// An index of a JSON pointer, which has one way of writing each number.
fn position(segment: &str) -> Option<usize> {
    segment.parse().ok().filter(|index: &usize| index.to_string() == segment)
}

/// The string after `$ref`, where a node has one.
pub(crate) fn reference_of(node: Node<'_>) -> Option<Node<'_>> {
    node.get("$ref").filter(|reference| reference.as_str().is_some())
}

/// A reference that leads nowhere.
#[derive(Debug, Clone)]
pub(crate) struct Lost<'s> {
    /// The reference's text.
    at: Node<'s>,
    why: Why<'s>,
}

#[derive(Debug, Clone)]
enum Why<'s> {
    NoFile { address: String, absent: &'s Absent },
    NotRead { address: String },
    NoTarget,
    Cycle,
}

impl Lost<'_> {
    /// As a finding at the reference; the code says what it costs.
    pub(crate) fn finding(&self, code: Code) -> Finding {
        let finding = Finding::new(code, self.at.place(), self.message());
        match &self.why {
            Why::NoFile { absent, .. } => Finding { hint: absent.hint.clone(), ..finding },
            _ => finding,
        }
    }

    fn message(&self) -> String {
        let text = self.at.as_str().unwrap_or_default();
        match &self.why {
            Why::NoFile { address, absent } => {
                format!("`{address}` cannot be read: {}", absent.reason)
            }
            Why::NotRead { address } => format!("`{address}` was not read"),
            Why::NoTarget => format!("`{text}` does not exist"),
            Why::Cycle => format!("`{text}` refers to itself"),
        }
    }
}
