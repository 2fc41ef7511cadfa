//! What an import would send: every operation becomes an item, unfit or skipped.
//!
//! A plan is a value: preview prints it, import consumes it. Nothing here reads a file, a
//! clock, the environment or a socket.
//!
//! Two steps, so that documents are mapped in parallel and still told of in order:
//!
//! ```text
//! let draft = draft(&document, &settings);      // pure, one document, any thread
//! let mut planner = Planner::new(&settings);
//! let planned = planner.admit(draft);           // in the order of the sources
//! let summary = planner.finish();               // counts, services, overflow of the quota
//! ```
//!
//! [`preview`] writes what `admit` gives, as it comes.

pub mod codes;
mod compose;
mod draft;
pub mod explain;
pub mod key;
pub(crate) mod ordered;
mod overlaps;
mod planner;
pub mod resume;
mod spread;
mod tally;

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::finding::notes::Said;
use crate::finding::{Code, Finding, Place, Severity};
use crate::target::tencent::body::Body;

pub use draft::{Draft, draft};
pub use key::{Digest, ItemKey};
pub use planner::Planner;

/// What one operation became.
#[derive(Debug, Clone)]
pub enum Entry {
    /// One API to create.
    Item(Item),
    /// Cannot be sent; its findings say why.
    Unfit(Unfit),
    /// A rule or an option left it out.
    Skipped(Skipped),
}

impl Entry {
    /// What is to be told about it.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Item(item) => &item.findings,
            Self::Unfit(unfit) => &unfit.findings,
            Self::Skipped(skipped) => &skipped.findings,
        }
    }

    /// Where it comes from.
    pub fn origin(&self) -> &Origin {
        match self {
            Self::Item(item) => &item.origin,
            Self::Unfit(unfit) => &unfit.origin,
            Self::Skipped(skipped) => &skipped.origin,
        }
    }

    /// Method and path: of an item as sent, of others as in the document.
    pub fn route(&self) -> (&str, &str) {
        match self {
            Self::Item(item) => (&item.key.method, &item.key.path),
            Self::Unfit(unfit) => (&unfit.method, &unfit.path),
            Self::Skipped(skipped) => (&skipped.method, &skipped.path),
        }
    }
}

/// Where an entry comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The source as typed, joined with the path below it.
    pub source: Arc<str>,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
    /// JSON pointer of the operation.
    pub pointer: Arc<str>,
    /// The document's `operationId`, where it has one.
    pub operation_id: Option<String>,
}

impl Origin {
    /// The same as the place of a finding.
    pub fn place(&self) -> Place {
        Place {
            source: Arc::clone(&self.source),
            line: self.line,
            column: self.column,
            pointer: Arc::clone(&self.pointer),
        }
    }
}

/// One API to create.
#[derive(Debug, Clone)]
pub struct Item {
    /// Service, method and path as sent.
    pub key: ItemKey,
    /// `ApiName` as sent.
    pub api_name: String,
    /// The request without what is filled in when it is sent: the service of `key`, and the
    /// id of the API that `authorised_by` names.
    pub request: Body,
    /// SHA-256 of `request`, so that it is known before services exist and does not change
    /// with them.
    pub digest: Digest,
    /// Where it comes from.
    pub origin: Origin,
    /// What is to be told about it.
    pub findings: Vec<Finding>,
    /// The item whose ApiId has to be filled in as `AuthRelationApiId` before this one can
    /// be sent.
    pub authorised_by: Option<ItemKey>,
}

impl Item {
    /// The body of `CreateApi`, authorised by the API of this id.
    pub fn body(&self, authoriser: Option<&str>) -> String {
        self.request.with(&self.key.service, authoriser)
    }
}

/// An operation that cannot be sent. Method and path are as in the document.
#[derive(Debug, Clone)]
pub struct Unfit {
    /// As in the document, upper case.
    pub method: String,
    /// As in the document.
    pub path: String,
    /// The service it would have gone to.
    pub service: String,
    /// Where it comes from.
    pub origin: Origin,
    /// At least one of them is an error.
    pub findings: Vec<Finding>,
}

/// An operation that a rule or an option left out. Method and path are as in the document.
#[derive(Debug, Clone)]
pub struct Skipped {
    /// As in the document, upper case.
    pub method: String,
    /// As in the document.
    pub path: String,
    /// The service it would have gone to.
    pub service: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Why, in the words of the rule or the option.
    pub reason: String,
    /// What was found before it was left out.
    pub findings: Vec<Finding>,
}

/// A document and what its operations became, in source order.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The source as typed, joined with the path below it.
    pub source: Arc<str>,
    /// The document's version as written.
    pub version: String,
    /// `info.title`, where it has one.
    pub title: Option<String>,
    /// What is to be told of the document as a whole.
    pub findings: Vec<Finding>,
    /// One per operation.
    pub entries: Vec<Entry>,
    /// The service that `--spread` chose for it; `None`: nothing needed one.
    pub home: Option<String>,
}

impl Planned {
    /// What hides operations that nobody can count: errors of the document as a whole.
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

/// What a plan comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Sources looked at; counted by whoever found them.
    pub sources: usize,
    /// Files of folders that are no documents; counted by whoever found them.
    pub passed_over: usize,
    /// Documents planned.
    pub documents: usize,
    /// Sources that could not be read or understood.
    pub unreadable: usize,
    /// Places in documents that were read behind which operations may be lost: errors of a
    /// document as a whole, such as a path whose `$ref` leads nowhere.
    pub gaps: u64,
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
    /// What the settings and the options say and no operation meets.
    pub idle: Vec<Said>,
}
