//! What operations become: items to create, and what is not sent.

use std::sync::Arc;

use crate::finding::{Finding, Place};
use crate::plan::key::{Digest, ItemKey};
use crate::target::tencent::body::Body;

/// What one operation became.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Entry {
    /// One API to create.
    Item(Item),
    /// Cannot be sent; its findings say why.
    Unfit(Unfit),
    /// A rule or an option left it out.
    Skipped(Skipped),
}

impl Entry {
    /// Its findings.
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
    /// Its findings.
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
