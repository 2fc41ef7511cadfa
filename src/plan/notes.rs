//! What is found while an operation is mapped, and, when asked, where each value is from.

use crate::spec::{Code, Finding, Place};

/// Takes findings, and origins for `--explain`.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// In the order of discovery.
    pub(super) findings: Vec<Finding>,
    /// What in the document each field comes from; `None`: nobody asks.
    pub(super) origins: Option<Vec<FieldOrigin>>,
}

/// What in a document a field of the request comes from.
#[derive(Debug, Clone)]
pub(super) struct FieldOrigin {
    /// Such as `ServiceConfig.Url`.
    pub(super) field: &'static str,
    /// In a few words, such as `operationId`.
    pub(super) what: &'static str,
    /// Where it is written.
    pub(super) place: Place,
}

impl Notes {
    /// A finding.
    pub(super) fn tell(&mut self, code: Code, place: &Place, message: impl Into<String>) {
        self.findings.push(Finding::new(code, place.clone(), message));
    }

    /// Where a field is from.
    pub(super) fn from(&mut self, field: &'static str, what: &'static str, place: &Place) {
        if let Some(origins) = &mut self.origins {
            origins.push(FieldOrigin { field, what, place: place.clone() });
        }
    }
}
