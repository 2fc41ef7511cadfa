//! What every part of the mapping looks at: one operation, its document, the settings, and
//! what stronger and weaker voices say.

use std::borrow::Cow;

use crate::spec::document::Server;
use crate::spec::{Document, Operation};

use super::backend::Base;
use super::layers::{Fields, said};
use super::settings::PlanSettings;

/// What is the same for all operations of a document.
#[derive(Debug)]
pub(super) struct Context<'a> {
    /// The settings.
    pub(super) settings: &'a PlanSettings,
    /// The document.
    pub(super) document: &'a Document<'a>,
    /// What relative servers are relative to.
    pub(super) base: Base,
}

/// One operation in its surroundings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a> {
    /// Its document and the settings.
    pub(super) context: &'a Context<'a>,
    /// The operation.
    pub(super) operation: &'a Operation<'a>,
    /// What the settings and the extensions say over the document.
    pub(super) stronger: &'a Fields,
    /// What the settings' defaults say under it.
    pub(super) weaker: &'a Fields,
}

impl<'a> Scene<'a> {
    /// Whether a stronger voice says a field, so that the document need not.
    pub(super) fn is_said(self, path: &[&str]) -> bool {
        said(self.stronger, path).is_some()
    }

    /// The path as the gateway can be given it: a parameter that takes in several segments
    /// elsewhere, as `{proxy+}`, is an ordinary one.
    pub(super) fn path(self) -> Cow<'a, str> {
        let written = &*self.operation.path;
        if self.is_greedy() { written.replace("+}", "}").into() } else { written.into() }
    }

    /// Whether the path has a parameter that takes in several segments.
    pub(super) fn is_greedy(self) -> bool {
        self.operation.path.contains("+}")
    }

    /// The server that counts: the first. Of 2.0's schemes that is https where it is listed.
    pub(super) fn server(self) -> Option<&'a Server> {
        self.operation.servers.first()
    }
}
