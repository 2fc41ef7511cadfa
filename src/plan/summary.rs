//! What a plan adds up to.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::finding::notes::ValueOrigin;
use crate::finding::{Code, Finding, Place, Severity};
use crate::plan::document::{PlannedDocument, Unreadable};
use crate::plan::item::Entry;

/// A plan in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Sources looked at.
    pub sources: usize,
    /// Files of folders that are not documents.
    pub passed_over: usize,
    /// Documents planned.
    pub documents: usize,
    /// Sources that could not be read or understood.
    pub unreadable: usize,
    /// Where documents that were read may hold operations that could not be counted: errors
    /// of a document as a whole, such as a path whose `$ref` leads nowhere.
    pub gaps: Vec<Place>,
    /// Operations; always `items + unfit + skipped`.
    pub operations: usize,
    /// APIs to create.
    pub items: usize,
    /// Operations that cannot be sent.
    pub unfit: usize,
    /// Operations that a rule or an option left out.
    pub skipped: usize,
    /// APIs by service, in the order of the plan.
    pub services: IndexMap<String, u64>,
    /// Findings by code.
    pub findings: BTreeMap<Code, u64>,
    /// Findings that are errors only because they are denied.
    pub denied: u64,
    /// What one service may hold.
    pub quota: u64,
    /// What in the settings and the options matches no operation.
    pub unused: Vec<ValueOrigin>,
    /// Services that the plan needs and that do not exist yet.
    pub new_services: Vec<NewService>,
}

/// A service that `--create-services` asks for. Until it is created, its name stands for its
/// id in the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewService {
    /// What it will be called.
    pub name: String,
    /// The document or the folder that it is for, as shown.
    pub of: String,
}

impl Summary {
    /// Adds a document.
    pub(crate) fn count(&mut self, document: &PlannedDocument) {
        self.documents += 1;
        self.operations += document.entries.len();
        self.gaps.extend(document.gaps().map(|finding| finding.place.clone()));
        self.count_findings(&document.findings);
        for entry in &document.entries {
            match entry {
                Entry::Item(item) => {
                    self.items += 1;
                    match self.services.get_mut(&item.key.service) {
                        Some(count) => *count += 1,
                        None => _ = self.services.insert(item.key.service.clone(), 1),
                    }
                }
                Entry::Unfit(_) => self.unfit += 1,
                Entry::Skipped(_) => self.skipped += 1,
            }
            self.count_findings(entry.findings());
        }
    }

    /// Adds a source that cannot be read.
    pub(crate) fn count_unreadable(&mut self, unreadable: &Unreadable) {
        self.unreadable += 1;
        self.count_findings(&unreadable.findings);
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
        self.unfit == 0 && self.unreadable == 0 && self.gaps.is_empty()
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
