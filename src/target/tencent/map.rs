//! From an operation of a document to the fields of a request.
//!
//! What goes before the document is in the `Context`: a field that is set there is worth no
//! finding here, since it is replaced.

pub mod address;
pub(crate) mod answers;
pub(crate) mod backend;
pub(crate) mod callers;
pub(crate) mod codes;
pub(crate) mod context;
pub(crate) mod dialect;
pub(crate) mod extension;
pub(crate) mod front;
mod hosts;
pub(crate) mod limits;
mod mock;
pub(crate) mod naming;
pub mod options;
pub(crate) mod parameters;
pub(crate) mod path;
pub(crate) mod plain;
mod synthesis;
mod unsupported;
pub(crate) mod vendors;

use serde_json::Value;

use crate::finding::notes::Notes;
use crate::spec::{Document, Operation};
use crate::target::tencent::backend_kind::BackendKind;
use crate::target::tencent::fields::{Fields, value};
use crate::target::tencent::names;
use crate::target::tencent::request::Request;

use address::ServerBase;
use backend::Backend;
use context::{Context, DocumentContext, Mapping};
use options::MappingOptions;
use path::Template;

/// An operation's request as far as its document goes.
#[derive(Debug)]
pub(crate) struct Mapped {
    /// What the document sets, and built-in values for the rest.
    pub(crate) request: Request,
    /// The fields of `request` that are built in.
    pub(crate) built_in: Vec<&'static str>,
}

/// What holds for all operations of a document.
pub(crate) fn document_context<'a>(
    document: &'a Document<'a>,
    options: &'a MappingOptions,
) -> DocumentContext<'a> {
    let base = ServerBase::new(options, &document.source);
    DocumentContext { options, document, base, left: vendors::left_by(document) }
}

/// Maps one operation.
pub(crate) fn map(context: Context<'_>, notes: &mut Notes) -> Mapped {
    if extension::is_exact(&context.operation.extensions.document) {
        return exact(context, notes);
    }
    let backend = backend::choose::backend(context, notes);
    let mut mapping = Mapping::new(context, notes);
    let method = mapping.method();
    let path = mapping.path();
    let names = mapping.names(&path);
    mapping.front(&backend, &method, &path);
    mapping.parameters(&backend, &names);
    mapping.mock(&backend);
    mapping.answers();
    mapping.backend(backend, &method, &names);
    mapping.error_codes();
    unsupported::of_operation(context.operation, mapping.notes);
    vendors::tell(context.operation, mapping.notes);
    Mapped { request: mapping.request, built_in: mapping.built_in }
}

/// The request of a document whose words say all: nothing else is made of it but where the
/// operation stands.
fn exact(context: Context<'_>, notes: &mut Notes) -> Mapped {
    let mut mapping = Mapping::new(context, notes);
    let method = mapping.method();
    let path = mapping.path();
    mapping.names(&path);
    mapping.request.set(names::PATH, &*path);
    mapping.request.set(names::METHOD, &*method);
    Mapped { request: mapping.request, built_in: Vec::new() }
}

/// Whether the gateway answers OPTIONS by itself: what the settings and the extensions set,
/// else whether another gateway does, or the path declares it.
pub(crate) fn cors_is_on(operation: &Operation<'_>, overrides: &Fields) -> bool {
    let set = value(overrides, names::ENABLE_CORS).and_then(Value::as_bool);
    let of_vendor = || vendors::cors(operation).map(|(is_on, _)| is_on);
    set.or_else(of_vendor).unwrap_or(operation.path_declares_options)
}

impl Mapping<'_, '_> {
    /// What callers send, and what the backend is sent besides.
    fn parameters(&mut self, backend: &Backend, front: &[&str]) {
        if backend.kind.has_address() {
            let constants = backend.constants.iter().map(parameters::constant);
            self.set_list(names::CONSTANT_PARAMETERS, constants.collect());
        }
        if !self.context.is_set(names::REQUEST_PARAMETERS) {
            let (operation, options) = (self.operation(), self.options());
            let sent = &backend.renamed;
            let rest = self.context.path().rest;
            let found = parameters::request_parameters(
                operation,
                front,
                rest.as_deref(),
                sent,
                options,
                self.notes,
            );
            self.set_list(names::REQUEST_PARAMETERS, found);
        }
    }

    /// Where the backend is, and which parameters it is sent under which names.
    fn backend(&mut self, backend: Backend, method: &str, front: &[&str]) {
        let kind = backend.kind;
        if !kind.takes_path() {
            return;
        }
        if backend.method.is_none() {
            self.comes_from_operation(names::BACKEND_METHOD, "the method");
        }
        let method = backend.method.as_deref().unwrap_or(method);
        self.request.set_some(names::BACKEND_URL, backend.url.filter(|_| kind.has_address()));
        self.request.set(names::BACKEND_PATH, &*backend.path);
        self.request.set(names::BACKEND_METHOD, method);
        if kind.has_address() {
            let path = self.context.set_text(names::BACKEND_PATH).unwrap_or(&backend.path);
            let back = Template::parse(path).map(|template| template.names).unwrap_or_default();
            // Other kinds than HTTP take a parameter's own name without being told.
            let front = if kind == BackendKind::Http { front } else { &[] };
            let listed = parameters::service_parameters(&backend.renamed, front, &back);
            if !listed.is_empty() {
                self.comes_from_operation(names::SERVICE_PARAMETERS, "the path");
            }
            self.set_list(names::SERVICE_PARAMETERS, listed);
        }
    }

    /// Sets a list that is not empty.
    fn set_list(&mut self, field: &str, items: Vec<Value>) {
        self.request.set_some(field, Some(items).filter(|items| !items.is_empty()));
    }
}
