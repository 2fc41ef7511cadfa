//! `$ref`: followed where something is made of the target, and nowhere else.
//!
//! A [`DocumentSet`] holds the source's tree and the trees of the files that it refers to. It
//! opens none of them: it remembers which were asked for, and is given them. Cycles are normal
//! in documents and cost nothing until someone goes round one.

pub(crate) mod address;
mod identifiers;
mod mentions;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::finding::{Code, Finding, Place};
use crate::spec::tree::pointer::unescape;
use crate::spec::tree::{Node, SourceText, Tree};
use crate::spec::version::SpecVersion;

use identifiers::Identifiers;

/// How many references may follow one another.
const MAX_HOPS: usize = 32;

/// A source and the files that it refers to.
#[derive(Debug)]
pub struct DocumentSet {
    root: Tree,
    root_address: String,
    others: BTreeMap<String, Result<Tree, Unavailable>>,
    /// What was asked for, and the reference that asked first.
    wanted: Mutex<BTreeMap<String, Place>>,
    /// The names that trees give their parts, by the address of the tree; `None`: the root.
    identifiers: OnceLock<Vec<(Option<String>, Identifiers)>>,
}

/// Why a text cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailable {
    /// What it costs where the text is a source.
    pub code: Code,
    /// Such as `no such file`.
    pub reason: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Unavailable {
    /// A reason for which there is no general advice.
    pub fn new(code: Code, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into(), hint: None }
    }

    /// The same with advice.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// As a finding about a source as a whole.
    pub fn finding(self, source: &Arc<str>) -> Finding {
        let place = Place { source: Arc::clone(source), line: 0, column: 0, pointer: "".into() };
        Finding { hint: self.hint, ..Finding::new(self.code, place, self.reason) }
    }
}

impl DocumentSet {
    /// Reads a source's text.
    ///
    /// # Errors
    /// Why it is neither JSON nor YAML.
    pub fn new(source: SourceText) -> Result<Self, Finding> {
        let root = Tree::read(source)?;
        let root_address = address::normal(root.name());
        Ok(Self {
            root,
            root_address,
            others: BTreeMap::new(),
            wanted: Mutex::default(),
            identifiers: OnceLock::new(),
        })
    }

    /// The source's own tree.
    pub fn root(&self) -> &Tree {
        &self.root
    }

    /// Takes a file that was missing, or why it cannot be read.
    pub fn add(&mut self, address: String, text: Result<String, Unavailable>) {
        let tree = text.and_then(|text| {
            let name = self.name_of(&address);
            Tree::read(SourceText { name: name.into(), text }).map_err(|finding| {
                let reason = format!("line {}: {}", finding.place.line, finding.message);
                Unavailable::new(finding.code, reason)
            })
        });
        self.others.insert(address, tree);
        self.identifiers = OnceLock::new();
    }

    /// The name of a file's tree: its address as it is shown, told from others that look alike.
    fn name_of(&self, address: &str) -> String {
        let shown = address::shown(address);
        let of_web = shown.contains("://");
        let others = std::iter::once(&self.root_address).chain(self.others.keys());
        match others.filter(|it| of_web && address::shown(it) == shown).count() {
            0 => shown.into_owned(),
            n => format!("{shown}#{}", n + 1),
        }
    }

    fn wanted(&self) -> MutexGuard<'_, BTreeMap<String, Place>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The addresses that were asked for and that it has not been given.
    pub(crate) fn asked_for(&self) -> Vec<String> {
        let wanted = self.wanted();
        wanted.keys().filter(|address| !self.others.contains_key(*address)).cloned().collect()
    }

    /// The addresses of further files that some reference names, whether anything is made of
    /// its target or not.
    pub(crate) fn mentioned(&self) -> BTreeSet<String> {
        let trees = self.trees().filter(|tree| tree.refers_to_files());
        let references = trees.flat_map(mentions::references);
        references.filter_map(|reference| self.mention(reference)).collect()
    }

    /// The file of a reference, where it is one that has not been given.
    fn mention(&self, reference: Node<'_>) -> Option<String> {
        let file = reference.as_str()?.split('#').next().filter(|file| !file.is_empty())?;
        let address = address::join(reference.tree().name(), file);
        let is_known = address == self.root_address || self.others.contains_key(&address);
        if is_known || self.named(reference, file).is_some() {
            return None;
        }
        self.wanted().entry(address.clone()).or_insert_with(|| reference.place());
        Some(address)
    }

    /// One finding for each file that cannot be read, however many references there are to it.
    pub(crate) fn unavailable_files(&self) -> Vec<Finding> {
        let wanted = self.wanted();
        let findings = self.others.iter().filter_map(|(address, tree)| {
            let unavailable = tree.as_ref().err()?;
            let place = wanted.get(address)?.clone();
            let message =
                format!("`{}` cannot be read: {}", address::shown(address), unavailable.reason);
            let finding = Finding::new(Code::MISSING_FILE, place, message);
            Some(Finding { hint: unavailable.hint.clone(), ..finding })
        });
        findings.collect()
    }

    /// All trees, the source's own first.
    pub fn trees(&self) -> impl Iterator<Item = &Tree> {
        std::iter::once(&self.root).chain(self.others.values().flatten())
    }

    /// The node itself, or what its `$ref` leads to in the end.
    pub(crate) fn follow<'s>(&'s self, node: Node<'s>) -> Result<Node<'s>, DanglingReference<'s>> {
        self.follow_by(node, |_| ())
    }

    /// The same, telling each reference on the way.
    pub(crate) fn follow_by<'s>(
        &'s self,
        mut node: Node<'s>,
        mut passes: impl FnMut(Node<'s>),
    ) -> Result<Node<'s>, DanglingReference<'s>> {
        for _ in 0..MAX_HOPS {
            let Some(reference) = reference_of(node) else { return Ok(node) };
            passes(node);
            node = self.target(reference)?;
        }
        let at = reference_of(node).unwrap_or(node);
        Err(DanglingReference { at, why: Why::Cycle })
    }

    /// What a reference's text leads to, which may be a reference again.
    pub(crate) fn target<'s>(&'s self, at: Node<'s>) -> Result<Node<'s>, DanglingReference<'s>> {
        // One budget for all hops that one reference may cost, or references whose
        // pointers lead through references could be made to double at each step.
        self.land(at, &mut { MAX_HOPS }).map_err(|why| DanglingReference { at, why })
    }

    fn land<'s>(&'s self, at: Node<'s>, hops: &mut usize) -> Result<Node<'s>, Why<'s>> {
        let text = at.as_str().unwrap_or_default();
        let (file, fragment) = text.split_once('#').unwrap_or((text, ""));
        let root = match self.named(at, file) {
            Some(root) => root,
            None => self.tree(at, file)?.root(),
        };
        match self.walk(root, fragment, hops) {
            Err(Why::NoTarget) => {
                let around = if file.is_empty() { at } else { root };
                self.inside(around, fragment, hops)
            }
            found => found,
        }
    }

    /// What has the address that a reference means.
    fn named<'s>(&'s self, at: Node<'s>, file: &str) -> Option<Node<'s>> {
        let mut identified = self.identified().filter(|_| !file.is_empty()).peekable();
        identified.peek()?;
        let base = self.identifiers_of(at.tree()).map_or(&**at.tree().name(), |of| of.base(at));
        let address = address::join(base, file);
        identified.find_map(|(tree, of)| of.addressed(tree, &address))
    }

    /// What a fragment means in the part of a document that has a name of its own.
    fn inside<'s>(
        &'s self,
        at: Node<'s>,
        fragment: &str,
        hops: &mut usize,
    ) -> Result<Node<'s>, Why<'s>> {
        let names = self.identifiers_of(at.tree()).ok_or(Why::NoTarget)?;
        match names.enclosing(at) {
            Some(resource) if fragment.starts_with('/') => self.walk(resource, fragment, hops),
            _ => names.anchored(at, &address::decode(fragment)).ok_or(Why::NoTarget),
        }
    }

    fn identified(&self) -> impl Iterator<Item = (&Tree, &Identifiers)> {
        let named = |address: Option<&String>, tree| {
            Identifiers::of(tree).map(|found| (address.cloned(), found))
        };
        let others = self.others.iter().filter_map(|(key, tree)| Some((key, tree.as_ref().ok()?)));
        let all = || {
            let others = others.filter_map(|(address, tree)| named(Some(address), tree));
            named(None, &self.root).into_iter().chain(others).collect()
        };
        self.identifiers.get_or_init(all).iter().filter_map(|(address, of)| {
            let tree =
                address.as_ref().map_or(Some(&self.root), |it| self.others.get(it)?.as_ref().ok());
            Some((tree?, of))
        })
    }

    fn identifiers_of(&self, tree: &Tree) -> Option<&Identifiers> {
        self.identified().find(|(it, _)| std::ptr::eq(*it, tree)).map(|(_, of)| of)
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
            Some(Err(unavailable)) => Err(Why::NoFile { address, unavailable }),
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

fn step<'s>(node: Node<'s>, segment: &str) -> Option<Node<'s>> {
    if node.is_list() { node.items().nth(position(segment)?) } else { node.get(segment) }
}

/// An index of a JSON pointer, which has one way of writing each number.
fn position(segment: &str) -> Option<usize> {
    segment.parse().ok().filter(|index: &usize| index.to_string() == segment)
}

/// The string after `$ref`, or after 3.1's `$dynamicRef`, where a node has one.
pub(crate) fn reference_of(node: Node<'_>) -> Option<Node<'_>> {
    let reference = node.get("$ref").or_else(|| node.get("$dynamicRef"));
    reference.filter(|reference| reference.as_str().is_some())
}

/// Follows the references of a document; what every reader of it is given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resolver<'s> {
    pub(crate) set: &'s DocumentSet,
    pub(crate) root: Node<'s>,
    pub(crate) version: SpecVersion,
}

impl<'s> Resolver<'s> {
    /// What a node's references lead to in the end.
    pub(crate) fn follow(self, node: Node<'s>) -> Result<Node<'s>, DanglingReference<'s>> {
        self.set.follow(node)
    }

    /// The same, where a target that cannot be found costs nothing but itself.
    pub(crate) fn find(self, node: Node<'s>) -> Option<Node<'s>> {
        self.follow(node).ok()
    }
}

/// A reference that leads nowhere.
#[derive(Debug, Clone)]
pub(crate) struct DanglingReference<'s> {
    /// The reference's text.
    at: Node<'s>,
    why: Why<'s>,
}

#[derive(Debug, Clone)]
enum Why<'s> {
    NoFile { address: String, unavailable: &'s Unavailable },
    NotRead { address: String },
    NoTarget,
    Cycle,
}

impl DanglingReference<'_> {
    /// Whether what lacks is a file, which is told once for all references to it.
    pub(crate) fn lacks_a_file(&self) -> bool {
        matches!(self.why, Why::NoFile { .. })
    }

    /// As a finding at the reference; the code says what it costs.
    pub(crate) fn finding(&self, code: Code) -> Finding {
        let finding = Finding::new(code, self.at.place(), self.message());
        match &self.why {
            Why::NoFile { unavailable, .. } => {
                Finding { hint: unavailable.hint.clone(), ..finding }
            }
            _ => finding,
        }
    }

    fn message(&self) -> String {
        let text = self.at.as_str().unwrap_or_default();
        let (file, fragment) = text.split_at(text.find('#').unwrap_or(text.len()));
        let text = format!("{}{fragment}", address::shown(file));
        match &self.why {
            Why::NoFile { address, unavailable } => {
                format!("`{}` cannot be read: {}", address::shown(address), unavailable.reason)
            }
            Why::NotRead { address } => format!("`{}` was not read", address::shown(address)),
            Why::NoTarget => format!("`{text}` does not exist"),
            Why::Cycle => format!("`{text}` refers to itself"),
        }
    }
}
