//! How an item ended.

use super::Detail;

/// How an operation ended. Every operation ends in exactly one of these, and every one of
/// these is a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// By us, and told so.
    Created { id: String },
    /// By us: the answer was lost, and a look found it.
    Found { id: String },
    /// It was there before us.
    Exists { id: String },
    /// The gateway said no, and would again.
    Refused { code: String },
    /// Attempts ran out, and it is not there.
    GaveUp { code: String },
    /// Attempts ran out, or the run was left, and nobody knows.
    Unconfirmed,
    /// A look shows it more than once.
    Duplicate { ids: Vec<String> },
    /// Could not be sent; see its findings.
    Unfit,
    /// A rule or an option left it out.
    Skipped { reason: String },
    /// Deleted again by undo.
    Deleted { id: String },
    /// The run, or this item's service, was stopped first.
    NotSent,
}

impl Outcome {
    /// The word in the report.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Created { .. } => "created",
            Self::Found { .. } => "found",
            Self::Exists { .. } => "exists",
            Self::Refused { .. } => "refused",
            Self::GaveUp { .. } => "gave-up",
            Self::Unconfirmed => "unconfirmed",
            Self::Duplicate { .. } => "duplicate",
            Self::Unfit => "unfit",
            Self::Skipped { .. } => "skipped",
            Self::Deleted { .. } => "deleted",
            Self::NotSent => "not-sent",
        }
    }
}

/// How an item ended, and what its row says beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// How it ended.
    pub outcome: Outcome,
    /// Creates (or deletes) sent that may have had an effect, earlier runs included.
    pub attempts: u32,
    /// What was said last.
    pub detail: Detail,
}
