//! How an item ended.

use std::slice::from_ref;

use serde::{Deserialize, Serialize};

use crate::target::{ApiError, Reply};

/// How an operation ended. Every operation ends in exactly one of these, and every one of
/// these is a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// By us, and confirmed.
    Created { id: String },
    /// By us: the answer was lost, and a look found it.
    Found { id: String },
    /// It was there before us.
    Exists { id: String },
    /// The gateway refused it, and would again.
    Refused { code: String },
    /// Attempts ran out, and it is not there.
    GaveUp { code: String },
    /// Attempts ran out, or the run was left, and it may be there or not.
    Unconfirmed,
    /// A look shows it more than once.
    Duplicate { ids: Vec<String> },
    /// Could not be sent; see its findings.
    Unfit,
    /// A rule or an option left it out.
    Skipped,
    /// Deleted again by undo.
    Deleted { id: String },
    /// The run, or this item's service, was stopped first.
    NotSent,
}

impl Outcome {
    /// Whether an API of ours exists.
    pub fn is_ours(&self) -> bool {
        matches!(self, Self::Created { .. } | Self::Found { .. })
    }

    /// Whether there is nothing that could be sent.
    pub fn is_left_out(&self) -> bool {
        matches!(self, Self::Unfit | Self::Skipped)
    }

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
            Self::Skipped => "skipped",
            Self::Deleted { .. } => "deleted",
            Self::NotSent => "not-sent",
        }
    }

    /// The APIs that it names.
    pub fn ids(&self) -> &[String] {
        match self {
            Self::Created { id }
            | Self::Found { id }
            | Self::Exists { id }
            | Self::Deleted { id } => from_ref(id),
            Self::Duplicate { ids } => ids,
            _ => &[],
        }
    }

    /// Its API at the gateway; of a duplicate none, since either may be
    /// deleted later.
    pub fn standing_id(&self) -> Option<&str> {
        match self {
            Self::Created { id } | Self::Found { id } | Self::Exists { id } => Some(id),
            _ => None,
        }
    }
}

/// What goes with an outcome into the row.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Detail {
    /// The gateway's code, or ours where the gateway gave none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// The gateway's message, or ours.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The `RequestId` of the answer that decided.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub request_id: String,
}

impl Detail {
    /// In our own words, where the gateway gave none. `code` is one of
    /// [`own`]'s.
    pub fn ours(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), request_id: String::new() }
    }

    /// The detail of a reply other than a success.
    pub(crate) fn of<T>(reply: &Reply<T>) -> Self {
        match reply {
            Reply::Ok(_) => Self::default(),
            Reply::Error(ApiError { code, message, request_id, .. }) => Self {
                code: code.clone(),
                message: message.clone(),
                request_id: request_id.clone(),
            },
            Reply::NotSent(why) | Reply::Blocked(why) => Self::ours(own::UNREACHABLE, why),
            Reply::Untrusted(why) => Self::ours(own::UNTRUSTED, why),
            Reply::Lost(why) => Self::ours(own::LOST, why),
        }
    }
}

/// How an item ended, and what its row holds besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// How it ended.
    pub outcome: Outcome,
    /// Sends that may have had an effect, earlier runs included.
    pub attempts: u32,
    /// The last answer.
    pub detail: Detail,
}

/// Codes of our own, where the gateway gave none. Lower case, as no code of the gateway is.
pub mod own {
    /// The answer did not come, or does not show what became of the request.
    pub const LOST: &str = "lost";
    /// No connection came about.
    pub const UNREACHABLE: &str = "unreachable";
    /// The other side's certificate was refused.
    pub const UNTRUSTED: &str = "untrusted";
    /// Too many refusals, or the first ones all alike.
    pub const FAILURES: &str = "too-many-failures";
    /// What services hold and what is planned exceed the quota.
    pub const QUOTA: &str = "quota";
    /// Nothing went on for too long.
    pub const STALLED: &str = "stalled";
    /// Throttled for too long.
    pub const THROTTLED: &str = "throttled";
    /// A service could not be listed in full.
    pub const LISTING: &str = "listing";
    /// Several looks do not agree.
    pub const UNSURE: &str = "unsure";
    /// Only something very like it is there.
    pub const ALIKE: &str = "alike";
    /// The API under the row's id is not the one that the row tells of.
    pub const MISMATCH: &str = "mismatch";
    /// We made it, and somebody else deleted it.
    pub const GONE: &str = "gone";
    /// What authorises this item is not there.
    pub const AUTHORISER: &str = "authoriser";
    /// Several services have the name of the one that was to be made.
    pub const DUPLICATE_SERVICE: &str = "duplicate-service";
    /// The service could not be made.
    pub const NO_SERVICE: &str = "no-service";
    /// The run was stopped by a person.
    pub const INTERRUPTED: &str = "interrupted";
    /// The journal could no longer be kept.
    pub const JOURNAL: &str = "journal-lost";

    /// What a person can do about one of these, where there is something.
    pub fn hint(code: &str) -> Option<&'static str> {
        match code {
            UNREACHABLE => Some("check --endpoint, the network and the proxy"),
            UNTRUSTED => Some(
                "check --endpoint; --ca-file FILE trusts the certificates of a private edition",
            ),
            _ => None,
        }
    }
}
