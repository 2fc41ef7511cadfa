//! What is found while an operation is mapped, and, when asked, where each value is from.

use crate::spec::{Code, Finding, Place};

/// Takes findings, and origins for `--explain`.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// In the order of discovery.
    pub(super) findings: Vec<Finding>,
    /// What is so for the operation and told once for its document.
    pub(super) once: Vec<(Code, Place)>,
    /// What in the document each field comes from; `None`: nobody asks.
    pub(super) origins: Option<Vec<FieldOrigin>>,
}

/// What in a document a field of the request comes from.
#[derive(Debug, Clone)]
pub(super) struct FieldOrigin {
    /// Such as `ServiceConfig` or `RequestParameters[0]`; what is inside comes from there too.
    pub(super) field: String,
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

    /// Something that is told once for the document.
    pub(super) fn once(&mut self, code: Code, place: &Place) {
        self.once.push((code, place.clone()));
    }

    /// Where a field is from.
    pub(super) fn from(&mut self, field: &str, what: &'static str, place: &Place) {
        if let Some(origins) = &mut self.origins {
            origins.push(FieldOrigin { field: field.to_owned(), what, place: place.clone() });
        }
    }

    /// Where an item of a list is from.
    pub(super) fn of_item(&mut self, field: &str, index: usize, what: &'static str, place: &Place) {
        if self.origins.is_some() {
            self.from(&format!("{field}[{index}]"), what, place);
        }
    }
}
