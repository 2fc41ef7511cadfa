//! A document understood: its operations, and the findings about it as a whole.

use std::sync::Arc;

use crate::finding::{Code, Finding};
use crate::spec::model::{Extension, Operation};
use crate::spec::read::fields::{Fields, extensions};
use crate::spec::read::operation::{self, DocumentLevel, PathLevel};
use crate::spec::read::paths::{PathEntry, Paths};
use crate::spec::read::security;
use crate::spec::reference::{DocumentSet, Resolver};
use crate::spec::tree::Tree;
use crate::spec::version;

impl DocumentSet {
    /// Whether the source declares itself an OpenAPI or Swagger document.
    pub fn is_document(&self) -> bool {
        version::is_document(self.root().root())
    }

    /// Checks that it is a document of a supported version, without reading it as one.
    ///
    /// # Errors
    /// Why it is not a document.
    pub fn check(&self) -> Result<(), Vec<Finding>> {
        version::of(self.root().root()).map(drop).map_err(|finding| vec![finding])
    }

    /// The document.
    ///
    /// # Errors
    /// Why it is not a document.
    pub fn document(&self) -> Result<Document<'_>, Vec<Finding>> {
        Document::of(self)
    }

    /// The addresses of the files that its operations need and that it has not been given.
    /// More may be missing once these are there.
    pub fn missing(&self) -> Vec<String> {
        if !self.trees().any(Tree::refers_to_files) {
            return Vec::new();
        }
        if let Ok(document) = self.document() {
            document.operations().for_each(|operation| operation.touch());
        }
        self.asked_for()
    }
}

/// A source understood.
///
/// Operations are made one at a time, since a document of 20,000 operations would
/// otherwise hold all of them at once.
#[derive(Debug)]
pub struct Document<'s> {
    /// The source's name as shown.
    pub source: Arc<str>,
    /// The version as written, such as `3.0.3`.
    pub version: String,
    /// `info.title`.
    pub title: Option<String>,
    /// `info.version`.
    pub api_version: Option<String>,
    /// Findings about the document as a whole.
    pub findings: Vec<Finding>,
    resolver: Resolver<'s>,
    paths: Paths<'s>,
    level: DocumentLevel<'s>,
}

impl<'s> Document<'s> {
    pub(crate) fn of(set: &'s DocumentSet) -> Result<Self, Vec<Finding>> {
        let root = set.root().root();
        let (known, version, newer) = version::of(root).map_err(|finding| vec![finding])?;
        let resolver = Resolver { set, root, version: known };
        let mut findings: Vec<Finding> = newer.into_iter().collect();
        let title = title(resolver, &mut findings);
        let level = DocumentLevel::of(resolver, &mut findings);
        let mut paths = Paths::of(resolver);
        findings.append(&mut paths.findings);
        findings.extend(not_imported(resolver, &paths));
        findings.extend(set.unavailable_files());
        let source = set.root().name().clone();
        let info = root.get("info").and_then(|info| resolver.find(info));
        let api_version = info.and_then(|info| info.get("version")?.scalar()).map(str::to_owned);
        Ok(Self { source, version, title, api_version, findings, resolver, paths, level })
    }

    /// How many operations it holds; `operations` yields as many.
    pub fn operation_count(&self) -> usize {
        self.paths.operation_count()
    }

    /// The extensions of each security scheme that it defines.
    pub fn scheme_extensions(&self) -> impl Iterator<Item = Vec<Extension<'s>>> + '_ {
        let extension = |(key, value)| Extension::new(self.resolver, key, value);
        security::definitions(self.resolver)
            .map(move |scheme| extensions(scheme).map(extension).collect())
    }

    /// The names of all extensions of the root, of paths and of operations, as written.
    pub fn extension_names(&self) -> impl Iterator<Item = &'s str> + '_ {
        let root = std::iter::once(self.resolver.root);
        let of_path = |path: &PathEntry<'s>| {
            let operations = path.operations.iter().map(|operation| operation.node);
            path.layers.iter().copied().chain(operations).collect::<Vec<_>>()
        };
        let nodes = root.chain(self.paths.entries.iter().flat_map(of_path));
        nodes.flat_map(extensions).map(|(key, _)| key.as_str())
    }

    /// Its operations, in the document's order, each made when it is asked for.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'s>> + '_ {
        self.paths.entries.iter().flat_map(move |path| {
            let level = PathLevel::of(self.resolver, path);
            path.operations
                .iter()
                .map(move |entry| operation::read(self.resolver, &self.level, &level, entry))
        })
    }
}

fn title(resolver: Resolver<'_>, findings: &mut Vec<Finding>) -> Option<String> {
    let info = resolver.find(resolver.root.get("info")?)?;
    Fields::of(info, findings).string("title")
}

/// What describes requests and is not an operation, or that there is nothing at all.
fn not_imported(resolver: Resolver<'_>, paths: &Paths<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in ["webhooks", "x-webhooks", "x-ms-paths"] {
        if let Some((key, value)) = resolver.root.entry(name)
            && value.is_map()
            && !value.is_empty()
        {
            let count = value.entries().count();
            let message = format!("the {count} entries of `{name}` are not operations");
            findings.push(Finding::new(Code::NOT_IMPORTED, key.place(), message));
        }
    }
    if paths.entries.is_empty() {
        let place = resolver
            .root
            .entry("paths")
            .map_or_else(|| resolver.root.place(), |(key, _)| key.place());
        findings.push(Finding::new(
            Code::NO_PATHS,
            place,
            "there are no paths, so there is nothing to import",
        ));
    }
    findings
}
