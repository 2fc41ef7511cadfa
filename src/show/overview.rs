//! A plan at a glance: what it adds up to, what blocks, what is lost, and what is called.
//!
//! The value is gathered document by document and knows no form; [`screen`] prints it on one
//! screen, however large the catalog.

mod cure;
pub mod screen;
mod toll;

use std::collections::BTreeMap;

use crate::finding::{Code, Finding, Severity};
use crate::plan::{Entry, PlannedDocument, Unreadable};

pub use cure::Cure;
pub use toll::Toll;

/// What a plan looks like from afar.
#[derive(Debug, Default)]
pub struct Overview {
    /// What keeps operations, or whole sources, from being sent.
    pub blocking: BTreeMap<Code, Toll>,
    /// What is sent otherwise than it is written.
    pub lost: BTreeMap<Code, Toll>,
    /// How many items call each backend.
    pub backends: BTreeMap<String, u64>,
}

impl Overview {
    /// Adds the `number`th source, a document.
    pub fn document(&mut self, number: usize, document: &PlannedDocument) {
        for finding in &document.findings {
            self.toll(finding).document(number, finding);
        }
        for entry in &document.entries {
            self.entry(number, entry);
        }
    }

    /// Adds the `number`th source, which cannot be read.
    pub fn unreadable(&mut self, number: usize, unreadable: &Unreadable) {
        for finding in &unreadable.findings {
            self.toll(finding).document(number, finding);
        }
    }

    fn entry(&mut self, number: usize, entry: &Entry) {
        if let Entry::Skipped(_) = entry {
            return;
        }
        if let Entry::Item(item) = entry {
            *self.backends.entry(item.request.backend()).or_default() += 1;
        }
        let is_unfit = matches!(entry, Entry::Unfit(_));
        let mut told = Vec::new();
        for finding in entry.findings() {
            let is_blocking = finding.severity == Severity::Error;
            // What would be lost of an operation that is not sent is no loss yet.
            if is_blocking == is_unfit && !told.contains(&finding.code) {
                told.push(finding.code);
                self.toll(finding).entry(number, finding, entry);
            }
        }
    }

    fn toll(&mut self, finding: &Finding) -> &mut Toll {
        let kinds = match finding.severity {
            Severity::Error => &mut self.blocking,
            Severity::Warning | Severity::Note => &mut self.lost,
        };
        kinds.entry(finding.code).or_default()
    }
}
