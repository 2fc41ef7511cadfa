//! Sources to a plan: opened and drafted in parallel, taken in order.
//!
//! Each source is opened once. Where what documents become depends on later ones, all drafts
//! are kept until the last is there; their texts are not.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::Arc;

use crate::finding::Finding;
use crate::plan::document::{PlannedDocument, Unreadable};
use crate::plan::draft::{Draft, draft};
use crate::plan::item::Entry;
use crate::plan::ordered::{Go, in_order};
use crate::plan::services::Services;
use crate::plan::settle::Settler;
use crate::plan::summary::{NewService, Summary};
use crate::plan::twins::Twins;
use crate::settings::PlanSettings;
use crate::source::{FoundSource, FoundSources, SourceContent};
use crate::spec::{Document, DocumentSet};

/// How many results wait for an earlier source at most. Enough to keep two cores busy while
/// one reads the largest document of a catalog: in a model of 5,067 real ones they are idle
/// for 4 % of the time, and no less where what is ahead is bounded by bytes, of 32 MB.
const AHEAD: usize = 32;

/// All sources of a plan, and how to read them.
#[derive(Debug)]
pub struct Catalog<'a, O> {
    /// The sources, in order.
    pub found: &'a FoundSources,
    /// Opens one of them: [`crate::source::open`], most likely.
    pub open: O,
    /// What decides what operations become.
    pub settings: &'a PlanSettings,
    /// How many sources are read at once.
    pub threads: NonZero<usize>,
}

/// What would be sent, and all that is not.
#[derive(Debug, Default)]
pub struct Plan {
    /// In the order of the sources.
    pub documents: Vec<PlannedDocument>,
    /// Sources that hold no document that can be read.
    pub unreadable: Vec<Unreadable>,
    /// What it all adds up to.
    pub summary: Summary,
    /// Kept only where services have to be created: with their ids the plan is settled anew.
    drafts: Vec<Draft>,
}

/// What a source became.
#[derive(Debug)]
pub enum PlannedSource<K> {
    /// A document with its entries, and what was kept of it.
    Document(PlannedDocument, K),
    /// No document that can be read.
    Unreadable(Unreadable),
    /// A file of a folder, by its name as shown, that is not a document.
    PassedOver(Arc<str>),
}

impl<O: Fn(&FoundSource) -> SourceContent + Sync> Catalog<'_, O> {
    /// Plans all sources.
    pub fn plan(&self) -> Plan {
        let mut plan = Plan::default();
        let mut drafts = Vec::new();
        plan.summary = self.run(
            |_, _| (),
            |created, draft| {
                if !created.is_empty() {
                    drafts.push(draft.clone());
                }
            },
            |source| plan.add(source),
        );
        Plan { drafts, ..plan }
    }

    /// Plans all sources and gives each to `take`, in their order, as soon as it is there.
    /// `keep` gives what is wanted of a document's text after it is drafted.
    pub fn visit<K: Send>(
        &self,
        keep: impl Fn(Box<DocumentSet>, &Draft) -> K + Sync,
        take: impl FnMut(PlannedSource<K>) -> Go,
    ) -> Summary {
        self.run(keep, |_, _| (), take)
    }

    /// `keep_draft` is given each draft that was kept, and the services to be created.
    fn run<K: Send>(
        &self,
        keep: impl Fn(Box<DocumentSet>, &Draft) -> K + Sync,
        mut keep_draft: impl FnMut(&[NewService], &Draft),
        mut take: impl FnMut(PlannedSource<K>) -> Go,
    ) -> Summary {
        let Self { found, settings, .. } = self;
        let mut settler = Settler::new(settings);
        let mut services = Services::new(settings);
        let mut twins = Twins::default();
        let mut kept = Vec::new();
        for (name, finding) in &found.unreadable {
            settle(Read::unreadable(name, vec![finding.clone()]), &mut settler, &mut take);
        }
        self.read(&keep, |mut read| {
            if settings.looks_ahead() {
                kept.push(read);
                return Go::On;
            }
            if let Some(draft) = read.draft() {
                twins.meet(draft);
                services.assign(&mut [draft]);
            }
            settle(read, &mut settler, &mut take)
        });
        let mut drafts: Vec<_> = kept.iter_mut().filter_map(Read::draft).collect();
        twins.meet_all(&mut drafts);
        let new_services = services.assign(&mut drafts);
        for draft in drafts {
            settler.look_ahead(draft);
            keep_draft(&new_services, draft);
        }
        for read in kept {
            if settle(read, &mut settler, &mut take) == Go::Stop {
                break;
            }
        }
        let sources = found.sources.len() + found.unreadable.len();
        Summary { sources, new_services, ..settler.finish() }
    }

    /// Reads all sources on several threads, and gives them on in their order.
    fn read<K: Send>(
        &self,
        keep: &(impl Fn(Box<DocumentSet>, &Draft) -> K + Sync),
        take: impl FnMut(Read<K>) -> Go,
    ) {
        let work = |source: &FoundSource| {
            let set = match (self.open)(source) {
                SourceContent::NotADocument => return Read::PassedOver(Arc::clone(&source.name)),
                SourceContent::Unreadable(findings) => {
                    return Read::unreadable(&source.name, findings);
                }
                SourceContent::Document(set) => set,
            };
            match set.document().map(|document| draft(&document, self.settings)) {
                Ok(draft) => {
                    let kept = keep(set, &draft);
                    Read::Drafted(Box::new(draft), kept)
                }
                Err(findings) => Read::unreadable(&source.name, findings),
            }
        };
        in_order(&self.found.sources, self.threads, AHEAD, work, take);
    }
}

/// A source that was opened.
enum Read<K> {
    PassedOver(Arc<str>),
    Unreadable(Unreadable),
    Drafted(Box<Draft>, K),
}

impl<K> Read<K> {
    fn unreadable(source: &Arc<str>, findings: Vec<Finding>) -> Self {
        Self::Unreadable(Unreadable { source: Arc::clone(source), findings })
    }

    fn draft(&mut self) -> Option<&mut Draft> {
        match self {
            Self::Drafted(draft, _) => Some(draft),
            Self::PassedOver(_) | Self::Unreadable(_) => None,
        }
    }
}

fn settle<K>(
    read: Read<K>,
    settler: &mut Settler<'_>,
    take: &mut impl FnMut(PlannedSource<K>) -> Go,
) -> Go {
    take(match read {
        Read::PassedOver(name) => {
            settler.pass_over();
            PlannedSource::PassedOver(name)
        }
        Read::Unreadable(unreadable) => {
            settler.unreadable(&unreadable);
            PlannedSource::Unreadable(unreadable)
        }
        Read::Drafted(draft, kept) => PlannedSource::Document(settler.document(*draft), kept),
    })
}

impl Plan {
    /// The same plan with the ids of its new services, by their names. Two of them, or one
    /// and another of the plan, can turn out to be the same service: then what clashes is
    /// unfit.
    #[must_use]
    pub fn with_services(self, ids: &BTreeMap<String, String>, settings: &PlanSettings) -> Self {
        if self.drafts.is_empty() {
            return self;
        }
        let Self { unreadable, mut drafts, summary, .. } = self;
        let mut settler = Settler::new(settings);
        for draft in &mut drafts {
            if let Some(id) = draft.assigned.as_ref().and_then(|name| ids.get(name)) {
                draft.assigned = Some(id.clone());
            }
            settler.look_ahead(draft);
        }
        for source in &unreadable {
            settler.unreadable(source);
        }
        let documents = drafts.into_iter().map(|draft| settler.document(draft)).collect();
        let Summary { sources, passed_over, .. } = summary;
        let summary = Summary { sources, passed_over, ..settler.finish() };
        Self { documents, unreadable, summary, drafts: Vec::new() }
    }

    /// The service assigned to each source for which no setting names one.
    pub fn assigned_services(&self) -> BTreeMap<String, String> {
        let assigned = |it: &PlannedDocument| Some((it.source.to_string(), it.assigned.clone()?));
        self.documents.iter().filter_map(assigned).collect()
    }

    /// The same without services that are still to be created.
    pub fn known_services(&self) -> BTreeMap<String, String> {
        let mut known = self.assigned_services();
        known.retain(|_, id| !self.summary.new_services.iter().any(|new| new.name == *id));
        known
    }

    /// What cannot be read: sources, and documents that may hold operations that could not be
    /// counted, with their findings.
    pub fn unread(&self) -> Vec<Unreadable> {
        let in_part = self.documents.iter().filter_map(|document| {
            let findings: Vec<Finding> = document.gaps().cloned().collect();
            let source = Arc::clone(&document.source);
            (!findings.is_empty()).then_some(Unreadable { source, findings })
        });
        self.unreadable.iter().cloned().chain(in_part).collect()
    }

    /// All entries, in the order of the sources.
    pub fn into_entries(self) -> Vec<Entry> {
        self.documents.into_iter().flat_map(|document| document.entries).collect()
    }

    fn add(&mut self, source: PlannedSource<()>) -> Go {
        match source {
            PlannedSource::Document(document, ()) => self.documents.push(document),
            PlannedSource::Unreadable(unreadable) => self.unreadable.push(unreadable),
            PlannedSource::PassedOver(_) => {}
        }
        Go::On
    }
}

/// Plans one document by itself.
pub fn plan_document(
    document: &Document<'_>,
    settings: &PlanSettings,
) -> (PlannedDocument, Summary) {
    let mut draft = draft(document, settings);
    let mut settler = Settler::new(settings);
    let new_services = Services::new(settings).assign(&mut [&mut draft]);
    let document = settler.document(draft);
    (document, Summary { sources: 1, new_services, ..settler.finish() })
}

#[cfg(test)]
mod tests;
