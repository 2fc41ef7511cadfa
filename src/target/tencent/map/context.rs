//! What every part of the mapping looks at: one operation, its document, the settings, and
//! what stronger and weaker voices say.

use std::borrow::Cow;

use crate::spec::model::Server;
use crate::spec::{Document, Operation};
use crate::target::tencent::fields::{Fields, said};
use crate::target::tencent::map::Options;
use crate::target::tencent::map::backend::Base;

/// What is the same for all operations of a document.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    /// The choices that the mapping leaves open.
    pub(crate) options: &'a Options,
    /// The document.
    pub(crate) document: &'a Document<'a>,
    /// What relative servers are relative to.
    pub(crate) base: Base,
}

/// One operation in its surroundings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    /// Its document and the settings.
    pub(crate) context: &'a Context<'a>,
    /// The operation.
    pub(crate) operation: &'a Operation<'a>,
    /// What the settings and the extensions say over the document.
    pub(crate) stronger: &'a Fields,
    /// What the settings' defaults say under it.
    pub(crate) weaker: &'a Fields,
}

impl<'a> Scene<'a> {
    /// Whether a stronger voice says a field, so that the document need not.
    pub(crate) fn is_said(self, path: &[&str]) -> bool {
        said(self.stronger, path).is_some()
    }

    /// The path as the gateway can be given it: a parameter that takes in several segments
    /// elsewhere, as `{proxy+}`, is an ordinary one.
    pub(crate) fn path(self) -> Cow<'a, str> {
        let written = &*self.operation.path;
        if self.is_greedy() { written.replace("+}", "}").into() } else { written.into() }
    }

    /// Whether the path has a parameter that takes in several segments.
    pub(crate) fn is_greedy(self) -> bool {
        self.operation.path.contains("+}")
    }

    /// The server that counts: the first. Of 2.0's schemes that is https where it is listed.
    pub(crate) fn server(self) -> Option<&'a Server> {
        self.operation.servers.first()
    }
}
