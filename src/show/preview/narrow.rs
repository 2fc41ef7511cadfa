//! What of a plan is printed. What is planned, and what it adds up to, stays as it is.

use std::borrow::Cow;

use crate::finding::{Code, Finding, Severity};
use crate::plan::{Entry, PlannedDocument, Unreadable};
use crate::settings::condition::Glob;

/// What an operation has to be, or to have, to be printed. Empty lists ask for nothing.
#[derive(Debug, Clone, Default)]
pub struct Narrow {
    /// Findings with one of these codes.
    pub codes: Vec<Code>,
    /// Findings of this severity.
    pub severity: Option<Severity>,
    /// Globs over the source.
    pub sources: Vec<Glob>,
    /// What became of the operation.
    pub status: Option<Status>,
}

/// What an operation became.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// An API to create.
    Item,
    /// It cannot be sent.
    Unfit,
    /// It is left out.
    Skipped,
}

impl Status {
    /// What this entry became.
    pub fn of(entry: &Entry) -> Self {
        match entry {
            Entry::Item(_) => Self::Item,
            Entry::Unfit(_) => Self::Unfit,
            Entry::Skipped(_) => Self::Skipped,
        }
    }
}

impl Narrow {
    /// Whether anything is left out at all.
    pub fn is_asked_for(&self) -> bool {
        !self.codes.is_empty()
            || self.severity.is_some()
            || !self.sources.is_empty()
            || self.status.is_some()
    }

    /// What is printed of a document, if anything.
    pub fn document<'d>(&self, document: &'d PlannedDocument) -> Option<Cow<'d, PlannedDocument>> {
        if !self.is_asked_for() {
            return Some(Cow::Borrowed(document));
        }
        if !self.takes_source(&document.source) {
            return None;
        }
        let mut narrowed = document.clone();
        // A finding of the document as a whole is not about operations of one kind.
        narrowed.findings.retain(|finding| self.status.is_none() && self.takes(finding));
        narrowed.entries.retain_mut(|entry| self.entry(entry));
        let is_empty = narrowed.findings.is_empty() && narrowed.entries.is_empty();
        (!is_empty).then_some(Cow::Owned(narrowed))
    }

    /// Whether a source that cannot be read is printed.
    pub fn unreadable(&self, unreadable: &Unreadable) -> bool {
        self.status.is_none()
            && self.takes_source(&unreadable.source)
            && (!self.asks_for_findings() || unreadable.findings.iter().any(|it| self.takes(it)))
    }

    fn entry(&self, entry: &mut Entry) -> bool {
        if self.status.is_some_and(|status| status != Status::of(entry)) {
            return false;
        }
        let findings = match entry {
            Entry::Item(item) => &mut item.findings,
            Entry::Unfit(unfit) => &mut unfit.findings,
            Entry::Skipped(skipped) => &mut skipped.findings,
        };
        findings.retain(|finding| self.takes(finding));
        !self.asks_for_findings() || !findings.is_empty()
    }

    fn asks_for_findings(&self) -> bool {
        !self.codes.is_empty() || self.severity.is_some()
    }

    fn takes(&self, finding: &Finding) -> bool {
        (self.codes.is_empty() || self.codes.contains(&finding.code))
            && self.severity.is_none_or(|severity| severity == finding.severity)
    }

    fn takes_source(&self, source: &str) -> bool {
        self.sources.is_empty() || self.sources.iter().any(|glob| glob.matches(source))
    }
}
