//! Something to report about a source: a code, a place, a message, a hint.
//!
//! Rendering for people is `show`'s; here are only values.

pub(crate) mod code;
pub mod notes;
pub mod page;
mod place;

pub(crate) use code::codes;
pub use code::{Code, Severity};
pub use place::Place;

/// Something to report about a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing it is.
    pub code: Code,
    /// The code's own severity, unless `--deny` raised it.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// What is so, in one sentence without a full stop.
    pub message: String,
    /// What to do about it, where this place has better advice than the code's own.
    pub hint: Option<String>,
    /// How many operations of the document it stands for, where it is told once for several.
    pub operations: usize,
}

impl Finding {
    /// A finding with the code's own severity and hint.
    pub fn new(code: Code, place: Place, message: impl Into<String>) -> Self {
        let (severity, message) = (code.severity(), message.into());
        Self { code, severity, place, message, hint: None, operations: 0 }
    }

    /// The same finding with advice of its own.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The advice to show: this place's own, else the code's.
    pub fn advice(&self) -> Option<&str> {
        self.hint.as_deref().or_else(|| self.code.hint())
    }
}

/// Whether these findings make what they are about unfit.
pub fn has_errors(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}
