//! The mapping context: what every part of the mapping looks at, and what it writes to.

use openapiv3::Parameter;

use crate::finding::Code;
use crate::finding::notes::{Notes, ValueOrigin};
use crate::spec::model::Server;
use crate::spec::{Document, Operation};
use crate::target::tencent::fields::{Fields, text, value};
use crate::target::tencent::map::address::ServerBase;
use crate::target::tencent::map::dialect::CarriedPath;
use crate::target::tencent::map::options::{MappingOptions, PathDialects};
use crate::target::tencent::map::path::unmarked;
use crate::target::tencent::names;
use crate::target::tencent::request::Request;

/// What is the same for all operations of a document.
#[derive(Debug)]
pub(crate) struct DocumentContext<'a> {
    /// The choices that the mapping leaves open.
    pub(crate) options: &'a MappingOptions,
    /// The document.
    pub(crate) document: &'a Document<'a>,
    /// What relative servers are relative to.
    pub(crate) base: ServerBase,
    /// The gateway that the document's servers are, where its words show that.
    pub(crate) left: Option<&'static str>,
}

/// One operation, and what settings and extensions set in its request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    /// Its document and the options.
    pub(crate) document: &'a DocumentContext<'a>,
    /// The operation.
    pub(crate) operation: &'a Operation<'a>,
    /// What the settings and the extensions set, which goes before the document.
    pub(crate) overrides: &'a Fields,
    /// What the settings' defaults set, which comes after it.
    pub(crate) defaults: &'a Fields,
}

impl<'a> Context<'a> {
    /// The choices that the mapping leaves open.
    pub(crate) fn options(self) -> &'a MappingOptions {
        self.document.options
    }

    /// Whether a field is set over the document, so that the document need not set it.
    pub(crate) fn is_set(self, path: &str) -> bool {
        value(self.overrides, path).is_some()
    }

    /// The text that is set over the document.
    pub(crate) fn set_text(self, path: &str) -> Option<&'a str> {
        text(self.overrides, path)
    }

    /// The path as the gateway is given it. The mark of how it is matched (`=/p`) is for
    /// callers alone.
    pub(crate) fn path(self) -> CarriedPath<'a> {
        let written = &*self.operation.path;
        let bare = unmarked(written);
        let carried = self.bare_path(bare);
        let mark = &written[..written.len() - bare.len()];
        if mark.is_empty() {
            return carried;
        }
        CarriedPath { front: format!("{mark}{}", carried.front).into(), ..carried }
    }

    fn bare_path(self, path: &'a str) -> CarriedPath<'a> {
        if self.options().paths == PathDialects::Literal || CarriedPath::is_plain(path) {
            return CarriedPath::literal(path);
        }
        let data = self.operation.parameters.iter().filter_map(|it| match &it.given {
            Parameter::Path { parameter_data, .. } => Some(parameter_data.name.as_str()),
            _ => None,
        });
        CarriedPath::read(path, &data.collect())
    }

    /// The server that counts: the first. Of 2.0's schemes that is https where it is listed.
    pub(crate) fn server(self) -> Option<&'a Server> {
        self.operation.servers.first()
    }
}

/// Fields whose value the mapping builds in unless the document sets it: a default of the
/// settings goes before that.
const BUILT_IN: &[&str] = &[
    names::API_TYPE,
    names::AUTH_TYPE,
    names::ENABLE_CORS,
    names::PROTOCOL,
    names::SERVICE_TIMEOUT,
];

/// Fields that a mapped request has at most, or nearly so.
const MOST_FIELDS: usize = 20;

/// A request in the making.
#[derive(Debug)]
pub(crate) struct Mapping<'a, 'n> {
    pub(crate) context: Context<'a>,
    pub(crate) notes: &'n mut Notes,
    pub(crate) request: Request,
    /// The fields of the request that the document does not set.
    pub(crate) built_in: Vec<&'static str>,
}

impl<'a, 'n> Mapping<'a, 'n> {
    /// An empty request.
    pub(crate) fn new(context: Context<'a>, notes: &'n mut Notes) -> Self {
        let request = Fields::with_capacity(MOST_FIELDS).into();
        Self { context, notes, request, built_in: BUILT_IN.to_vec() }
    }

    pub(crate) fn operation(&self) -> &'a Operation<'a> {
        self.context.operation
    }

    pub(crate) fn options(&self) -> &'a MappingOptions {
        self.context.options()
    }

    pub(crate) fn tell(&mut self, code: Code, message: impl Into<String>) {
        self.notes.tell(code, &self.context.operation.place, message);
    }

    /// A field comes from a part of the operation.
    pub(crate) fn comes_from_operation(&mut self, field: &str, what: &'static str) {
        self.notes.from(field, what, &self.context.operation.place);
    }

    /// A field comes from a key of the operation.
    pub(crate) fn comes_from_key(&mut self, field: &str, key: &'static str) {
        let operation = self.operation();
        let place = || Some(operation.place_of(key));
        self.notes.by(field, || ValueOrigin { what: format!("`{key}`").into(), place: place() });
    }

    /// The document sets a field that is built in otherwise.
    pub(crate) fn not_built_in(&mut self, field: &str) {
        self.built_in.retain(|name| *name != field);
    }
}
