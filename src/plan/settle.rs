//! Last step of a plan: documents one after the other, in the order of the sources.
//!
//! Where two operations clash, the first stays and the later one names it, so that
//! documents can be shown as they come and nothing shown is taken back.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::finding::{Code, Finding, has_errors};
use crate::plan::document::{PlannedDocument, Unreadable};
use crate::plan::draft::{Draft, DraftEntry, DraftItem, Kind};
use crate::plan::item::{Entry, Item, Origin, Skipped, Unfit};
use crate::plan::key::{Digest, ItemKey};
use crate::plan::overlaps;
use crate::plan::summary::Summary;
use crate::settings::PlanSettings;
use crate::settings::unused::Unused;
use crate::target::tencent::map::naming;
use crate::target::tencent::map::options::BasePath;
use crate::target::tencent::map::path::shape;

/// Settles drafts.
#[derive(Debug)]
pub(crate) struct Settler<'a> {
    settings: &'a PlanSettings,
    services: BTreeMap<String, Taken>,
    /// What in the settings has matched no operation yet.
    unused: Unused,
    summary: Summary,
}

/// What a service holds so far, as far as it can hold it only once.
#[derive(Debug, Default)]
struct Taken {
    /// Where the item of each route comes from: of a method and a path, whatever its
    /// parameters are called.
    routes: HashMap<(String, String), Owner>,
    /// `ApiName`s.
    names: HashSet<String>,
    /// APIs that authorise others, by `operationId`.
    authorisers: HashMap<String, ItemKey>,
}

/// The operation that a route belongs to.
#[derive(Debug)]
struct Owner {
    source: Arc<str>,
    line: u32,
    method: String,
    path: String,
    /// What `base-path: prepend` would put before its path.
    base_path: String,
}

impl<'a> Settler<'a> {
    /// A plan without documents.
    pub(crate) fn new(settings: &'a PlanSettings) -> Self {
        let summary = Summary { quota: settings.quota, ..Summary::default() };
        Self { settings, services: BTreeMap::new(), unused: Unused::new(settings), summary }
    }

    /// Looks at a document that will be settled later, for the APIs in it that authorise
    /// others, which may come before it.
    pub(crate) fn look_ahead(&mut self, draft: &Draft) {
        for (id, key) in authorisers(draft, assigned(draft, self.settings)) {
            let taken = self.services.entry(key.service.clone()).or_default();
            taken.authorisers.entry(id).or_insert(key);
        }
    }

    /// Settles the next document.
    pub(crate) fn document(&mut self, mut draft: Draft) -> PlannedDocument {
        self.unused.join(&draft.unused);
        let assigned = assigned(&draft, self.settings).to_owned();
        overlaps::tell(&mut draft.entries, &assigned, &mut draft.tally);
        // Those of its own are nearer than those of other documents.
        for (id, key) in authorisers(&draft, &assigned) {
            let taken = self.services.entry(key.service.clone()).or_default();
            if !taken.routes.contains_key(&route(&key)) {
                taken.authorisers.insert(id, key);
            }
        }
        let mut findings = draft.findings;
        findings.extend(draft.tally.findings());
        self.settings.judge(&mut findings);
        let document = PlannedDocument {
            source: draft.source,
            version: draft.version,
            title: draft.title,
            findings,
            entries: draft.entries.into_iter().map(|entry| self.entry(entry, &assigned)).collect(),
            assigned: draft.assigned,
        };
        self.summary.count(&document);
        document
    }

    /// Takes the next source, which holds no document that can be read.
    pub(crate) fn unreadable(&mut self, unreadable: &Unreadable) {
        self.summary.count_unreadable(unreadable);
    }

    /// Takes the next source, which is not a document.
    pub(crate) fn pass_over(&mut self) {
        self.summary.passed_over += 1;
    }

    /// What it all adds up to.
    pub(crate) fn finish(self) -> Summary {
        Summary { unused: self.unused.warnings(self.settings), ..self.summary }
    }

    fn entry(&mut self, entry: DraftEntry, assigned: &str) -> Entry {
        let DraftEntry { service, method, path, origin, findings, kind } = entry;
        let service = service.unwrap_or_else(|| assigned.to_owned());
        match kind {
            Kind::Unfit => Entry::Unfit(Unfit { method, path, service, origin, findings }),
            Kind::Skipped { reason } => {
                Entry::Skipped(Skipped { method, path, service, origin, reason, findings })
            }
            Kind::Item(item) => {
                let (source, line) = (Arc::clone(&origin.source), origin.line);
                let base_path = item.base_path.clone();
                let owner = Owner { source, line, method, path, base_path };
                self.item(item, service, origin, findings, owner)
            }
        }
    }

    /// An item, unless it clashes with one before it or nothing authorises it.
    fn item(
        &mut self,
        item: DraftItem,
        service: String,
        origin: Origin,
        mut findings: Vec<Finding>,
        owner: Owner,
    ) -> Entry {
        let DraftItem { method, path, api_name, request, digest, authorised_by, baseline, .. } =
            item;
        let key = ItemKey { service, method, path };
        let authoriser = authorised_by.map(|id| self.authoriser(&key.service, &id));
        let mut item = Item {
            key,
            api_name,
            request,
            digest,
            origin,
            findings: Vec::new(),
            authorised_by: None,
        };
        match authoriser {
            Some(Ok(key)) => item.authorised_by = Some(key),
            Some(Err(why)) => {
                findings.push(Finding::new(Code::NO_AUTHORISER, item.origin.place(), why));
            }
            None => {}
        }
        baseline.judge(self.settings, &mut findings);
        let taken = self.services.entry(item.key.service.clone()).or_default();
        let route = route(&item.key);
        if !has_errors(&findings) {
            if let Some(other) = taken.routes.get(&route) {
                findings.push(same_route(&item.origin, other, &owner, self.settings));
            } else {
                findings.extend(taken.rename(&mut item));
            }
            baseline.judge(self.settings, &mut findings);
        }
        if has_errors(&findings) {
            let (Owner { method, path, .. }, ItemKey { service, .. }) = (owner, item.key);
            return Entry::Unfit(Unfit { method, path, service, origin: item.origin, findings });
        }
        taken.routes.insert(route, owner);
        taken.names.insert(item.api_name.clone());
        Entry::Item(Item { findings, ..item })
    }

    /// The API of a service that authorises others by this `operationId`, or why there is none.
    fn authoriser(&self, service: &str, id: &str) -> Result<ItemKey, String> {
        let of = |taken: &Taken| taken.authorisers.get(id).cloned();
        if let Some(key) = self.services.get(service).and_then(of) {
            return Ok(key);
        }
        let elsewhere = self.services.values().find_map(of);
        Err(match elsewhere {
            Some(ItemKey { service: other, .. }) => {
                format!("the authorising API `{id}` goes to {other}, but this one to {service}")
            }
            None => format!("{service} has no authorising API called `{id}`"),
        })
    }
}

impl Taken {
    /// Gives an item whose name is taken another one, and reports it.
    fn rename(&self, item: &mut Item) -> Option<Finding> {
        if !self.names.contains(&item.api_name) {
            return None;
        }
        let candidate =
            |round| naming::with_suffix(&item.api_name, &item.key.method, &item.key.path, round);
        let name = (0..u32::MAX).map(candidate).find(|name| !self.names.contains(name))?;
        let message = format!("the name `{}` is taken, so it is `{name}` here", item.api_name);
        item.request = item.request.renamed(&name);
        item.digest = Digest::of(item.request.as_str().as_bytes());
        item.api_name = name;
        Some(Finding::new(Code::NAME_TAKEN, item.origin.place(), message))
    }
}

/// The service of those entries of a document that leave it open; where nothing of it can be
/// sent, the one that it would most likely have.
fn assigned<'d>(draft: &'d Draft, settings: &'d PlanSettings) -> &'d str {
    let PlanSettings { spread, fallback_service, .. } = settings;
    let likely = || spread.first().or(fallback_service.as_ref());
    draft.assigned.as_ref().or_else(likely).map_or("", String::as_str)
}

/// The APIs of a document that authorise others, by `operationId`.
fn authorisers(draft: &Draft, assigned: &str) -> Vec<(String, ItemKey)> {
    let entries = draft.entries.iter().filter(|entry| !has_errors(&entry.findings));
    let found = entries.filter_map(|entry| {
        let (id, item) = (entry.authoriser_id()?, entry.item()?);
        let service = entry.service.as_deref().unwrap_or(assigned).to_owned();
        let (method, path) = (item.method.clone(), item.path.clone());
        Some((id.to_owned(), ItemKey { service, method, path }))
    });
    found.collect()
}

fn route(key: &ItemKey) -> (String, String) {
    (key.method.clone(), shape(&key.path).into_owned())
}

fn same_route(origin: &Origin, first: &Owner, second: &Owner, settings: &PlanSettings) -> Finding {
    let Owner { source, line, method, path, base_path } = first;
    let message =
        format!("the same route as {method} {path} at {source}:{line}, which comes first");
    let finding = Finding::new(Code::SAME_ROUTE, origin.place(), message);
    let ignores = settings.mapping.base_path == BasePath::Ignore;
    if !ignores || *base_path == second.base_path || first.source == second.source {
        return finding;
    }
    let shown = |path: &str| if path.is_empty() { "/".to_owned() } else { path.to_owned() };
    finding.with_hint(format!(
        "`base-path: prepend` in the settings tells the two apart, by `{}` and `{}`",
        shown(base_path),
        shown(&second.base_path)
    ))
}
