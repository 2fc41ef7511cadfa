//! Second step of a plan: documents one after the other, in the order of the sources.
//!
//! Where two operations clash, the first stays and the later one names it, so that
//! documents can be told of as they come and nothing told is taken back.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::gateway::request::CreateApi;
use crate::spec::{Code, Finding, Place};

use super::draft::{DraftEntry, serialise};
use super::path::shape;
use super::{
    Digest, Draft, Entry, Item, Origin, PlanSettings, Planned, Summary, Unfit, Unreadable,
    is_unfit, naming,
};

/// Puts drafts together.
#[derive(Debug)]
pub struct Planner<'a> {
    settings: &'a PlanSettings,
    /// Service, method and the path's shape of each item, and where it comes from.
    routes: HashMap<(String, String, String), Owner>,
    /// Service and `ApiName` of each item.
    names: HashSet<(String, String)>,
    summary: Summary,
}

/// The operation that a route belongs to.
#[derive(Debug)]
struct Owner {
    source: Arc<str>,
    line: u32,
    method: String,
    path: String,
}

impl<'a> Planner<'a> {
    /// A plan without documents.
    pub fn new(settings: &'a PlanSettings) -> Self {
        let summary = Summary { quota: settings.quota, ..Summary::default() };
        Self { settings, routes: HashMap::new(), names: HashSet::new(), summary }
    }

    /// Takes the next document.
    pub fn admit(&mut self, draft: Draft) -> Planned {
        let entries = draft.entries.into_iter().map(|entry| self.entry(entry)).collect();
        let planned = Planned {
            source: draft.source,
            version: draft.version,
            title: draft.title,
            findings: draft.findings,
            entries,
        };
        self.summary.count(&planned);
        planned
    }

    /// Takes the next source, which holds no document that can be read.
    pub fn refuse(&mut self, unreadable: &Unreadable) {
        self.summary.unreadable += 1;
        self.summary.count_findings(&unreadable.findings);
    }

    /// What it all comes to.
    pub fn finish(self) -> Summary {
        self.summary
    }

    fn entry(&mut self, entry: DraftEntry) -> Entry {
        match entry {
            DraftEntry::Fit { item, method, path } => self.settle(*item, method, path),
            DraftEntry::Unfit(unfit) => Entry::Unfit(unfit),
            DraftEntry::Skipped(skipped) => Entry::Skipped(skipped),
        }
    }

    fn settle(&mut self, mut item: Item, method: String, path: String) -> Entry {
        let route =
            (item.key.service.clone(), item.key.method.clone(), shape(&item.key.path).into_owned());
        if let Some(owner) = self.routes.get(&route) {
            item.findings.push(same_route(&item, owner));
        } else {
            self.name(&mut item);
        }
        self.settings.judge(&mut item.findings);
        if is_unfit(&item.findings) {
            let Item { key, origin, findings, .. } = item;
            return Entry::Unfit(Unfit { method, path, service: key.service, origin, findings });
        }
        let owner =
            Owner { source: Arc::clone(&item.origin.source), line: item.origin.line, method, path };
        self.routes.insert(route, owner);
        self.names.insert((item.key.service.clone(), item.api_name.clone()));
        Entry::Item(item)
    }

    /// Gives an item whose name is taken another one.
    fn name(&self, item: &mut Item) {
        let is_taken =
            |name: &str| self.names.contains(&(item.key.service.clone(), name.to_owned()));
        if !is_taken(&item.api_name) {
            return;
        }
        let candidate =
            |round| naming::with_suffix(&item.api_name, &item.key.method, &item.key.path, round);
        let Some(name) = (0..u32::MAX).map(candidate).find(|name| !is_taken(name)) else { return };
        let message = format!("the name `{}` is taken, so it is `{name}` here", item.api_name);
        item.findings.push(Finding::new(Code::NameTaken, place_of(&item.origin), message));
        rename(item, name);
    }
}

/// The same item under another name. Names are rarely taken, so the body is read back
/// rather than every request kept.
fn rename(item: &mut Item, name: String) {
    if let Ok(mut request) = serde_json::from_str::<CreateApi>(&item.body) {
        request.api_name = Some(name.clone());
        let body = serialise(&request);
        item.api_name = name;
        item.digest = Digest::of(body.as_bytes());
        item.body = body.into();
    }
}

fn same_route(item: &Item, owner: &Owner) -> Finding {
    let Owner { source, line, method, path } = owner;
    let message =
        format!("the same route as {method} {path} at {source}:{line}, which comes first");
    Finding::new(Code::SameRoute, place_of(&item.origin), message)
}

fn place_of(origin: &Origin) -> Place {
    Place {
        source: Arc::clone(&origin.source),
        line: origin.line,
        column: origin.column,
        pointer: Arc::clone(&origin.pointer),
    }
}

impl Summary {
    fn count(&mut self, planned: &Planned) {
        self.documents += 1;
        self.operations += planned.entries.len();
        self.count_findings(&planned.findings);
        for entry in &planned.entries {
            match entry {
                Entry::Item(item) => {
                    self.items += 1;
                    *self.services.entry(item.key.service.clone()).or_default() += 1;
                    self.count_findings(&item.findings);
                }
                Entry::Unfit(unfit) => {
                    self.unfit += 1;
                    self.count_findings(&unfit.findings);
                }
                Entry::Skipped(skipped) => {
                    self.skipped += 1;
                    self.count_findings(&skipped.findings);
                }
            }
        }
    }

    fn count_findings(&mut self, findings: &[Finding]) {
        for finding in findings {
            *self.findings.entry(finding.code).or_default() += 1;
        }
    }

    /// The services that the plan alone overflows, with how many APIs it has for each.
    pub fn overflows(&self) -> impl Iterator<Item = (&str, u64)> {
        let counted = self.services.iter().map(|(service, count)| (service.as_str(), *count));
        counted.filter(|(_, count)| *count > self.quota)
    }

    /// How many services of this quota the plan needs at least.
    pub fn services_needed(&self) -> u64 {
        (self.items as u64).div_ceil(self.quota.max(1))
    }
}
