//! Second step of a plan: documents one after the other, in the order of the sources.
//!
//! Where two operations clash, the first stays and the later one names it, so that
//! documents can be told of as they come and nothing told is taken back.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::finding::{Code, Finding, Severity, has_errors};
use crate::plan::draft::{DraftEntry, Fit, unfit};
use crate::plan::spread::{Floating, Spread};
use crate::plan::{Digest, Draft, Entry, Item, ItemKey, Planned, Summary, Unreadable};
use crate::settings::PlanSettings;
use crate::settings::unused::Idle;
use crate::target::tencent::map::naming;
use crate::target::tencent::map::path::shape;

/// Puts drafts together.
#[derive(Debug)]
pub struct Planner<'a> {
    settings: &'a PlanSettings,
    /// Where the item of each route comes from.
    routes: HashMap<Route, Owner>,
    /// Service and `ApiName` of each item.
    names: HashSet<(String, String)>,
    /// Items that authorise others, by service and `operationId`.
    authorisers: HashMap<(String, String), ItemKey>,
    /// Where documents go that nobody names a service for.
    spread: Spread,
    /// What no operation has met yet.
    idle: Idle,
    summary: Summary,
}

/// What one service holds once: a method and a path, whatever its parameters are called.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Route {
    service: String,
    method: String,
    shape: String,
}

impl Route {
    fn of(key: &ItemKey) -> Self {
        let shape = shape(&key.path).into_owned();
        Self { service: key.service.clone(), method: key.method.clone(), shape }
    }
}

/// An entry that some API has to authorise.
#[derive(Debug)]
struct Dependent {
    index: usize,
    authoriser: String,
    /// As in the document.
    method: String,
    /// As in the document.
    path: String,
}

impl Dependent {
    fn of(index: usize, authoriser: &str, fit: &Fit) -> Self {
        Self {
            index,
            authoriser: authoriser.to_owned(),
            method: fit.method.clone(),
            path: fit.path.clone(),
        }
    }
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
        Self {
            settings,
            routes: HashMap::new(),
            names: HashSet::new(),
            authorisers: HashMap::new(),
            spread: Spread::default(),
            idle: Idle::new(settings),
            summary,
        }
    }

    /// Looks at a document that will be admitted later, for the APIs in it that authorise
    /// others, since those may come before it, and for the room that it takes where its
    /// service is settled. Needed only where [`PlanSettings::looks_ahead`].
    pub fn foresee(&mut self, draft: &Draft) {
        let mut floating = Floating::default();
        for entry in &draft.entries {
            let DraftEntry::Fit(fit) = entry else { continue };
            let own = fit.item.origin.operation_id.as_ref().filter(|_| fit.authorises);
            if fit.floats {
                floating.count += 1;
                floating.authorisers.extend(own.or(fit.authorised_by.as_ref()).cloned());
                floating.own.extend(own.map(|id| (id.clone(), fit.item.key.clone())));
                continue;
            }
            if !self.settings.spread.is_empty() {
                self.spread.reserve(&fit.item.key.service);
            }
            if let Some(id) = own {
                self.authorises(id, fit.item.key.clone());
            }
        }
        if !floating.authorisers.is_empty() {
            self.spread.foresee(&draft.source, floating);
        }
    }

    /// An API will be there that authorises others.
    fn authorises(&mut self, id: &str, key: ItemKey) {
        self.authorisers.entry((key.service.clone(), id.to_owned())).or_insert(key);
    }

    /// Takes the next document.
    pub fn admit(&mut self, draft: Draft) -> Planned {
        self.idle.join(&draft.idle);
        let home = self.home(&draft);
        let mut entries = Vec::with_capacity(draft.entries.len());
        let mut dependents = Vec::new();
        for (index, entry) in draft.entries.into_iter().enumerate() {
            entries.push(match entry {
                DraftEntry::Fit(mut fit) => {
                    match home.as_deref().filter(|_| fit.floats) {
                        Some(home) => home.clone_into(&mut fit.item.key.service),
                        None => self.spread.arrived(&fit.item.key.service, 1),
                    }
                    if let Some(authoriser) = &fit.authorised_by {
                        dependents.push(Dependent::of(index, authoriser, &fit));
                    }
                    self.settle(*fit)
                }
                DraftEntry::Unfit(unfit) => Entry::Unfit(unfit),
                DraftEntry::Skipped(skipped) => Entry::Skipped(skipped),
            });
        }
        for dependent in dependents {
            self.authorise(&mut entries[dependent.index], dependent);
        }
        let planned = Planned {
            source: draft.source,
            version: draft.version,
            title: draft.title,
            findings: draft.findings,
            entries,
            home,
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
        let idle = self.idle.said(self.settings);
        Summary { idle, ..self.summary }
    }

    /// Where the items of a document go that no rule and no map has a service for.
    fn home(&mut self, draft: &Draft) -> Option<String> {
        let floats = |entry: &&DraftEntry| matches!(entry, DraftEntry::Fit(fit) if fit.floats);
        let count = draft.entries.iter().filter(floats).count() as u64;
        if count == 0 {
            return None;
        }
        let PlanSettings { spread, quota, .. } = self.settings;
        let planned = &self.summary.services;
        let held = |service: &str| planned.get(service).copied().unwrap_or_default();
        let home = self.spread.home(&draft.source, count, spread, *quota, held)?;
        for (id, key) in home.authorisers {
            self.authorises(&id, ItemKey { service: home.service.clone(), ..key });
        }
        Some(home.service)
    }

    /// An item that nothing before it stands in the way of, or unfit.
    fn settle(&mut self, fit: Fit) -> Entry {
        let Fit { mut item, method, path, authorises, .. } = fit;
        let route = Route::of(&item.key);
        if let Some(owner) = self.routes.get(&route) {
            item.findings.push(same_route(&item, owner));
        } else {
            self.name(&mut item);
        }
        self.settings.judge(&mut item.findings);
        if has_errors(&item.findings) {
            return Entry::Unfit(unfit(item, method, path));
        }
        if let (true, Some(id)) = (authorises, &item.origin.operation_id) {
            self.authorisers.insert((item.key.service.clone(), id.clone()), item.key.clone());
        }
        let owner =
            Owner { source: Arc::clone(&item.origin.source), line: item.origin.line, method, path };
        self.routes.insert(route, owner);
        self.names.insert((item.key.service.clone(), item.api_name.clone()));
        Entry::Item(item)
    }

    /// Names the API that authorises an item; without one the item is unfit, and its route
    /// and its name are free again.
    fn authorise(&mut self, entry: &mut Entry, dependent: Dependent) {
        let Entry::Item(item) = entry else { return };
        let Dependent { authoriser, method, path, .. } = dependent;
        let found = self.authorisers.get(&(item.key.service.clone(), authoriser.clone()));
        if let Some(key) = found {
            item.authorised_by = Some(key.clone());
            return;
        }
        let service = &item.key.service;
        let mut elsewhere = self.authorisers.keys().filter(|(_, id)| *id == authoriser);
        let message = match elsewhere.next() {
            Some((other, _)) => {
                format!("`{authoriser}`, which authorises, goes to {other}, and this to {service}")
            }
            None => format!("no API of {service} that authorises is called `{authoriser}`"),
        };
        item.findings.push(Finding::new(Code::NO_AUTHORISER, item.origin.place(), message));
        self.routes.remove(&Route::of(&item.key));
        self.names.remove(&(item.key.service.clone(), item.api_name.clone()));
        *entry = Entry::Unfit(unfit(item.clone(), method, path));
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
        item.findings.push(Finding::new(Code::NAME_TAKEN, item.origin.place(), message));
        rename(item, name);
    }
}

/// The same item under another name.
fn rename(item: &mut Item, name: String) {
    item.request = item.request.renamed(&name);
    item.digest = Digest::of(item.request.as_str().as_bytes());
    item.api_name = name;
}

fn same_route(item: &Item, owner: &Owner) -> Finding {
    let Owner { source, line, method, path } = owner;
    let message =
        format!("the same route as {method} {path} at {source}:{line}, which comes first");
    Finding::new(Code::SAME_ROUTE, item.origin.place(), message)
}

impl Summary {
    fn count(&mut self, planned: &Planned) {
        self.documents += 1;
        self.operations += planned.entries.len();
        self.gaps += planned.gaps().count() as u64;
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
            let raised =
                finding.severity == Severity::Error && finding.code.severity() != Severity::Error;
            self.denied += u64::from(raised);
        }
    }

    /// Whether every operation of every source is known and can be sent.
    pub fn fits(&self) -> bool {
        self.unfit == 0 && self.unreadable == 0 && self.gaps == 0
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
