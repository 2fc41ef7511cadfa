//! What a settings file for a catalog should say: services for its documents, backends where
//! they name none that can be called, splits of documents that no service holds.
//!
//! A proposal is made from what a plan without settings found. Ids and addresses in it are made
//! up and have to be replaced. How it is written is `show`'s business.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::finding::{Code, Severity};
use crate::plan::draft::{Draft, DraftEntry, Kind};
use crate::plan::key::Digest;
use crate::plan::twins;
use crate::source::Folder;
use crate::target::tencent::map::path::shape;

/// What is looked at of a document.
#[derive(Debug)]
pub struct Outline {
    source: Arc<str>,
    /// What it says: equal for twins.
    said: Digest,
    /// Method and shape of the path of each operation that is not left out.
    routes: BTreeSet<(String, String)>,
    /// Tags and path of each operation that is not left out.
    operations: Vec<(Vec<String>, String)>,
    /// How many operations each error costs.
    errors: BTreeMap<Code, usize>,
    /// Whether something of it can be sent.
    has_items: bool,
}

/// What a settings file should say.
#[derive(Debug, Default)]
pub struct Proposal {
    /// Services, the most precise globs first.
    pub services: Vec<ProposedService>,
    /// Documents whose backend has to be named.
    pub backends: Vec<ProposedBackend>,
    /// Parts of documents that go to services of their own.
    pub parts: Vec<Part>,
    /// What else costs operations, and how many.
    pub errors: BTreeMap<Code, usize>,
}

/// A service for some documents.
#[derive(Debug, PartialEq, Eq)]
pub struct ProposedService {
    /// Globs over sources.
    pub sources: Vec<String>,
    /// A made-up id.
    pub service: String,
    /// How many APIs go there.
    pub apis: usize,
}

/// A backend for a document.
#[derive(Debug, PartialEq, Eq)]
pub struct ProposedBackend {
    /// A glob over sources.
    pub source: String,
    /// A made-up address.
    pub url: String,
    /// Why: the finding that most of its operations have.
    pub why: Code,
    /// Whether it is safe to set it for the whole document.
    pub is_whole: bool,
}

/// A part of a document that goes to a service of its own.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// A glob over sources.
    pub source: String,
    /// `tag` or `path`.
    pub key: &'static str,
    /// Globs of that key.
    pub values: Vec<String>,
    /// A made-up id.
    pub service: String,
    /// How many APIs go there.
    pub apis: usize,
}

/// Errors that a backend cures.
const NO_BACKEND: &[Code] = &[
    Code::NO_BACKEND,
    Code::RELATIVE_SERVER,
    Code::SERVER_VARIABLE,
    Code::SERVER_ADDRESS,
    Code::LOOPBACK_BACKEND,
];

impl Outline {
    /// Of a draft, whose operations have these tags, in its order.
    pub fn of(draft: &Draft, tags: impl IntoIterator<Item = Vec<String>>) -> Self {
        let counts = |entry: &&DraftEntry| !matches!(entry.kind, Kind::Skipped { .. });
        let mut errors = BTreeMap::new();
        for entry in draft.entries.iter().filter(counts) {
            let of_entry = entry.findings.iter().filter(|it| it.severity == Severity::Error);
            let codes: BTreeSet<Code> = of_entry.map(|finding| finding.code).collect();
            for code in codes {
                *errors.entry(code).or_default() += 1;
            }
        }
        let entries = draft.entries.iter().zip(tags).filter(|(entry, _)| counts(entry));
        Self {
            source: Arc::clone(&draft.source),
            said: twins::said(draft),
            routes: draft.entries.iter().filter(counts).map(route).collect(),
            operations: entries.map(|(entry, tags)| (tags, entry.path.clone())).collect(),
            errors,
            has_items: draft.entries.iter().any(|entry| entry.item().is_some()),
        }
    }

    fn backend(&self, all: &[Outline]) -> Option<ProposedBackend> {
        let costs = |code: &&Code| self.errors.get(code).copied().unwrap_or_default();
        let why = *NO_BACKEND.iter().max_by_key(costs).filter(|code| costs(code) > 0)?;
        let end = format!("/{}", self.source);
        let is_alone = !all.iter().any(|other| other.source.ends_with(&end));
        let is_whole =
            is_alone && !self.has_items && !self.errors.contains_key(&Code::BACKEND_NOT_CARRIED);
        let url = format!("https://{}.invalid", slug(&self.source));
        Some(ProposedBackend { source: glob(&self.source), url, why, is_whole })
    }
}

fn route(entry: &DraftEntry) -> (String, String) {
    let sent = entry.item().map(|item| (&item.method, &item.path));
    let (method, path) = sent.unwrap_or((&entry.method, &entry.path));
    (method.clone(), shape(path).into_owned())
}

impl Proposal {
    /// For documents that lie in these folders, where a service holds so many APIs.
    pub fn of(outlines: &[Outline], folders: &BTreeMap<Arc<str>, Folder>, quota: u64) -> Self {
        let quota = usize::try_from(quota).unwrap_or(usize::MAX).max(1);
        let mut proposal = Self::default();
        let mut names = Names::default();
        for group in groups(outlines, folders, quota) {
            let first = group[0];
            let name = group_name(&group, folders).unwrap_or_else(|| slug(&first.source));
            let service = names.service(&name);
            let mut apis: usize = distinct(&group).map(|it| it.operations.len()).sum();
            if apis > quota {
                let parts = parts(first, &service, quota, &mut names);
                apis -= parts.iter().map(|part| part.apis).sum::<usize>();
                proposal.parts.extend(parts);
            }
            let sources = group.iter().map(|outline| glob(&outline.source)).collect();
            proposal.services.push(ProposedService { sources, service, apis });
        }
        // A glob also holds below any folder, so what is deeper comes first.
        let depth =
            |it: &ProposedService| it.sources.iter().map(|it| it.matches('/').count()).max();
        proposal.services.sort_by_key(|service| std::cmp::Reverse(depth(service)));
        proposal.backends = outlines.iter().filter_map(|it| it.backend(outlines)).collect();
        for (code, count) in outlines.iter().flat_map(|outline| &outline.errors) {
            if !NO_BACKEND.contains(code) {
                *proposal.errors.entry(*code).or_default() += count;
            }
        }
        proposal
    }
}

/// Documents that go to one service: those of a folder where they fit together, else each
/// alone, with those that say the same.
fn groups<'o>(
    outlines: &'o [Outline],
    folders: &BTreeMap<Arc<str>, Folder>,
    quota: usize,
) -> Vec<Vec<&'o Outline>> {
    let mut by_folder: Vec<(Option<&str>, Vec<&Outline>)> = Vec::new();
    for outline in outlines.iter().filter(|it| !it.operations.is_empty()) {
        let folder = folders.get(&outline.source).map(|folder| folder.path.as_str());
        let is_twin = |group: &[&Outline]| group.iter().any(|it| it.said == outline.said);
        let twins = by_folder.iter().position(|(_, group)| is_twin(group));
        let of_folder =
            || by_folder.iter().position(|(known, _)| *known == folder && folder.is_some());
        match twins.or_else(of_folder) {
            Some(at) => by_folder[at].1.push(outline),
            None => by_folder.push((folder, vec![outline])),
        }
    }
    by_folder.into_iter().flat_map(|(_, group)| together_or_apart(group, quota)).collect()
}

fn together_or_apart(group: Vec<&Outline>, quota: usize) -> Vec<Vec<&Outline>> {
    let mut routes = BTreeSet::new();
    let clash = distinct(&group).any(|outline| {
        let has = outline.routes.iter().any(|route| routes.contains(route));
        routes.extend(&outline.routes);
        has
    });
    let apis: usize = distinct(&group).map(|outline| outline.operations.len()).sum();
    if !clash && apis <= quota {
        return vec![group];
    }
    let mut alone: Vec<Vec<&Outline>> = Vec::new();
    for outline in group {
        match alone.iter_mut().find(|twins| twins[0].said == outline.said) {
            Some(twins) => twins.push(outline),
            None => alone.push(vec![outline]),
        }
    }
    alone
}

/// The documents of a group without those that say the same as an earlier one.
fn distinct<'g>(group: &'g [&Outline]) -> impl Iterator<Item = &'g Outline> {
    let is_first = |at: usize| !group[..at].iter().any(|earlier| earlier.said == group[at].said);
    (0..group.len()).filter(move |at| is_first(*at)).map(|at| group[at])
}

fn group_name(group: &[&Outline], folders: &BTreeMap<Arc<str>, Folder>) -> Option<String> {
    let is_folder = distinct(group).count() > 1;
    let folder = folders.get(&group[0].source).filter(|_| is_folder)?;
    Some(slug(&folder.name)).filter(|name| !name.is_empty())
}

/// The parts of a document beyond the first, which stays where the document goes.
fn parts(outline: &Outline, service: &str, quota: usize, names: &mut Names) -> Vec<Part> {
    let Some((key, bins)) = split(&outline.operations, quota) else { return Vec::new() };
    let name = service.strip_prefix(PREFIX).unwrap_or(service).to_owned();
    let part = |(values, apis): (Vec<String>, usize)| {
        let service = names.service(&name);
        Part { source: glob(&outline.source), key, values, service, apis }
    };
    bins.into_iter().skip(1).map(part).collect()
}

/// Globs and how many operations they match.
type Bins = Vec<(Vec<String>, usize)>;

/// Bins that each fit, by tag where that works, else by the beginnings of paths.
fn split(operations: &[(Vec<String>, String)], quota: usize) -> Option<(&'static str, Bins)> {
    let is_tagged = operations.iter().all(|(tags, _)| tags.len() == 1);
    let tags = || operations.iter().map(|(tags, _)| escaped(&tags[0]));
    let by_tag = is_tagged.then(|| bins(tags(), quota)).flatten();
    if let Some(bins) = by_tag {
        return Some(("tag", bins.into_iter().collect()));
    }
    let beginning = |path: &str, depth: usize| {
        let end = path.match_indices('/').nth(depth).map(|(at, _)| at);
        end.map_or_else(|| escaped(path), |at| format!("{}/**", escaped(&path[..at])))
    };
    let by_path = |depth| bins(operations.iter().map(|(_, path)| beginning(path, depth)), quota);
    Some(("path", (1..16).find_map(by_path)?))
}

/// The values in bins of at most so many; `None` where one value is too many.
fn bins(values: impl Iterator<Item = String>, quota: usize) -> Option<Bins> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    let mut known = HashMap::new();
    for value in values {
        let at = *known.entry(value.clone()).or_insert(counts.len());
        match counts.get_mut(at) {
            Some((_, count)) => *count += 1,
            None => counts.push((value, 1)),
        }
    }
    let mut bins: Bins = Vec::new();
    for (value, count) in counts {
        match bins.last_mut() {
            _ if count > quota => return None,
            Some((values, sum)) if *sum + count <= quota => {
                values.push(value);
                *sum += count;
            }
            _ => bins.push((vec![value], count)),
        }
    }
    Some(bins)
}

/// What made-up ids begin with.
const PREFIX: &str = "service-";

/// Made-up ids so far.
#[derive(Debug, Default)]
struct Names(BTreeSet<String>);

impl Names {
    fn service(&mut self, name: &str) -> String {
        let numbered = (2..).map(|number| format!("{PREFIX}{name}-{number}"));
        let mut candidates = std::iter::once(format!("{PREFIX}{name}")).chain(numbered);
        let id = candidates.find(|id| !self.0.contains(id)).unwrap_or_default();
        self.0.insert(id.clone());
        id
    }
}

/// A source's or a folder's name as a part of an id or a host.
fn slug(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or("catalog");
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let dashed: String = stem
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    let words: Vec<&str> = dashed.split('-').filter(|word| !word.is_empty()).collect();
    let slug: String = words.join("-").chars().take(40).collect();
    if slug.is_empty() { "catalog".to_owned() } else { slug.trim_end_matches('-').to_owned() }
}

/// A source as a glob that matches it.
fn glob(source: &str) -> String {
    source
        .chars()
        .map(|c| match c {
            '*' | '?' | '[' | ']' | '{' | '}' => format!("[{c}]"),
            c => c.to_string(),
        })
        .collect()
}

/// A tag or a path as a glob: braces are literal in those of paths, and rare in tags.
fn escaped(text: &str) -> String {
    let escape = |c: char| match c {
        '*' | '?' | '[' | ']' => format!("[{c}]"),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests;
