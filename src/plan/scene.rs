//! What every part of the mapping looks at: one operation, its document, the settings, and
//! what stronger and weaker voices say.

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

    /// The server that counts: the first, and of 2.0's schemes https where it is listed.
    pub(super) fn server(self) -> Option<&'a Server> {
        let servers = &self.operation.servers;
        let is_safe =
            |server: &&Server| server.url.starts_with("https:") || server.url.starts_with("wss:");
        let schemes_apart = self.context.document.version.starts_with("2.");
        let safe = schemes_apart.then(|| servers.iter().find(is_safe)).flatten();
        safe.or_else(|| servers.first())
    }
}
