//! What is found while an operation is mapped, and, when asked, where each value is from.

use std::borrow::Cow;

use crate::finding::{Code, Finding, Place};

/// The origin of a value that nothing sets.
pub(crate) const DEFAULT: &str = "the program's default";

/// Takes findings, and origins for `--explain`.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// In the order of discovery.
    pub(crate) findings: Vec<Finding>,
    /// What is reported once for the document, with the number of operations that it concerns; a
    /// code is listed once for each word that goes into its message.
    pub(crate) counted: Vec<(Code, Place, &'static str)>,
    /// What in the document each field comes from; `None`: not asked for.
    pub(crate) origins: Option<Vec<FieldOrigin>>,
}

/// What a field of the request comes from; one that comes from several has as many.
#[derive(Debug, Clone)]
pub(crate) struct FieldOrigin {
    /// Such as `ServiceConfig` or `RequestParameters[0]`; what is inside comes from there too.
    pub(crate) field: String,
    pub(crate) origin: ValueOrigin,
}

/// What a value comes from: a key of a document, a setting, an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueOrigin {
    /// In a few words, such as `operationId`.
    pub what: Cow<'static, str>,
    /// Where, if that is a file.
    pub place: Option<Place>,
}

impl ValueOrigin {
    /// An origin that is not in a file.
    pub(crate) fn nowhere(what: &'static str) -> Self {
        Self { what: what.into(), place: None }
    }
}

impl Notes {
    /// A finding.
    pub(crate) fn tell(&mut self, code: Code, place: &Place, message: impl Into<String>) {
        self.findings.push(Finding::new(code, place.clone(), message));
    }

    /// Something that is counted and reported once for the document.
    pub(crate) fn count(&mut self, code: Code, place: &Place) {
        self.counted.push((code, place.clone(), ""));
    }

    /// The same, once for each word whose condition holds.
    pub(crate) fn count_words(
        &mut self,
        code: Code,
        place: impl Fn() -> Place,
        words: impl IntoIterator<Item = (bool, &'static str)>,
    ) {
        for (_, word) in words.into_iter().filter(|(is_so, _)| *is_so) {
            if !self.counted.iter().any(|(known, _, counted)| (*known, *counted) == (code, word)) {
                self.counted.push((code, place(), word));
            }
        }
    }

    /// Where in a document a field is from.
    pub(crate) fn from(&mut self, field: &str, what: &'static str, place: &Place) {
        self.by(field, || ValueOrigin { what: what.into(), place: Some(place.clone()) });
    }

    /// The same for an origin that has to be looked up, which is done only where origins are asked for.
    pub(crate) fn by(&mut self, field: &str, origin: impl FnOnce() -> ValueOrigin) {
        if let Some(origins) = &mut self.origins {
            origins.push(FieldOrigin { field: field.to_owned(), origin: origin() });
        }
    }

    /// Where an item of a list is from.
    pub(crate) fn of_item(
        &mut self,
        field: &str,
        index: usize,
        what: &'static str,
        place: impl FnOnce() -> Place,
    ) {
        if self.origins.is_some() {
            self.from(&format!("{field}[{index}]"), what, &place());
        }
    }
}
