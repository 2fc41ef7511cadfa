//! Sources as a plan has them: documents with their entries, and what cannot be read.

use std::sync::Arc;

use crate::finding::{Finding, Severity};
use crate::plan::item::Entry;

/// A document and what its operations became, in source order.
#[derive(Debug, Clone)]
pub struct PlannedDocument {
    /// The source as typed, joined with the path below it.
    pub source: Arc<str>,
    /// The document's version as written.
    pub version: String,
    /// `info.title`, where it has one.
    pub title: Option<String>,
    /// Findings about the document as a whole.
    pub findings: Vec<Finding>,
    /// One per operation.
    pub entries: Vec<Entry>,
    /// The service that takes those of its items for which no setting names one; `None`: it
    /// has no such items.
    pub assigned: Option<String>,
}

impl PlannedDocument {
    /// What hides operations that cannot be counted: errors of the document as a whole.
    pub fn gaps(&self) -> impl Iterator<Item = &Finding> {
        let own = |finding: &&Finding| finding.code.severity() == Severity::Error;
        self.findings.iter().filter(own)
    }
}

/// A source that could not be read or understood.
#[derive(Debug, Clone)]
pub struct Unreadable {
    /// The source as typed, joined with the path below it.
    pub source: Arc<str>,
    /// At least one of them is an error.
    pub findings: Vec<Finding>,
}
