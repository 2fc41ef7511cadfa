//! What callers see of an API: its method, path, name and description.

use std::borrow::Cow;

use crate::finding::Code;
use crate::finding::notes::ValueOrigin;
use crate::spec::Method;
use crate::target::tencent::backend_kind::BackendKind;
use crate::target::tencent::map::address::path_of;
use crate::target::tencent::map::backend::Backend;
use crate::target::tencent::map::context::Mapping;
use crate::target::tencent::map::dialect::{CarriedPath, PathChange};
use crate::target::tencent::map::naming;
use crate::target::tencent::map::options::{BasePath, Patch, PathMatch};
use crate::target::tencent::map::path::{PathFault, Template, exact, join, unmarked};
use crate::target::tencent::map::plain::plain;
use crate::target::tencent::map::vendors;
use crate::target::tencent::names;

/// Seconds that the gateway waits for a backend where nothing else is set.
const SERVICE_TIMEOUT: i64 = 15;

/// The method of an API that answers every method.
pub(crate) const ANY: &str = "ANY";

/// The value of `Protocol` of an API whose callers speak WebSocket.
pub(crate) const WEBSOCKET: &str = "WEBSOCKET";

impl<'a> Mapping<'a, '_> {
    /// Sets all fields from the type of the backend to CORS.
    pub(crate) fn front(&mut self, backend: &Backend, method: &str, path: &str) {
        if backend.kind != BackendKind::Unknown {
            self.request.set(names::SERVICE_TYPE, backend.kind.as_str());
        }
        if backend.timeout.is_some() {
            self.not_built_in(names::SERVICE_TIMEOUT);
        }
        self.request.set(names::SERVICE_TIMEOUT, backend.timeout.unwrap_or(SERVICE_TIMEOUT));
        let protocol = if self.is_websocket(backend, method) { WEBSOCKET } else { "HTTP" };
        self.request.set(names::PROTOCOL, protocol);
        self.request.set(names::PATH, path);
        self.request.set(names::METHOD, method);
        let name = self.api_name(path);
        self.request.set(names::API_NAME, name);
        let description = self.api_desc();
        self.request.set_some(names::API_DESC, description);
        self.request.set(names::API_TYPE, "NORMAL");
        self.request.set(names::AUTH_TYPE, "NONE");
        let cors = self.cors();
        self.request.set(names::ENABLE_CORS, cors);
    }

    /// Whether the gateway answers preflight requests, as far as the document goes.
    fn cors(&mut self) -> bool {
        if let Some((is_on, place)) = vendors::cors(self.operation()) {
            self.not_built_in(names::ENABLE_CORS);
            self.notes.from(names::ENABLE_CORS, "another gateway's CORS", &place);
            return is_on;
        }
        let declares_options = self.operation().path_declares_options;
        if declares_options {
            self.not_built_in(names::ENABLE_CORS);
            self.comes_from_key(names::ENABLE_CORS, "options");
        }
        declares_options
    }

    /// The method that callers use.
    pub(crate) fn method(&mut self) -> Cow<'a, str> {
        if let Some(method) = self.context.set_text(names::METHOD) {
            return Cow::Borrowed(method);
        }
        let (method, options) = (&self.operation().method, self.options());
        self.comes_from_operation(names::METHOD, "the method");
        match (method, options.patch) {
            (Method::Patch, Patch::Any) => {
                self.notes.by(names::METHOD, || options.origin("patch", "any"));
                let message = "PATCH is created as ANY, which answers every method";
                self.tell(Code::METHOD_WIDENED, message);
                return Cow::Borrowed(ANY);
            }
            (Method::Patch, Patch::Refuse) => {
                self.tell(Code::PATCH_METHOD, "PATCH is not sent unless a setting says how");
            }
            (Method::Options, _) => {
                self.tell(Code::OPTIONS_METHOD, "the gateway has no OPTIONS, and CORS is off");
            }
            (Method::Trace | Method::Query | Method::Other(_), _) => {
                self.tell(Code::UNSUPPORTED_METHOD, format!("the gateway has no method {method}"));
            }
            _ => {}
        }
        Cow::Borrowed(method.as_str())
    }

    /// The path that callers use, as sent.
    pub(crate) fn path(&mut self) -> Cow<'a, str> {
        if let Some(path) = self.context.set_text(names::PATH) {
            return Cow::Borrowed(path);
        }
        let CarriedPath { front: written, rest, changes, .. } = self.context.path();
        let options = self.options();
        self.comes_from_operation(names::PATH, "the path");
        for change in changes {
            self.tell_change(change, &written);
        }
        let path = match (options.base_path, self.context.server()) {
            (BasePath::Prepend, Some(server)) if written.starts_with('/') => {
                self.notes.from(names::PATH, "the server", &server.place);
                self.notes.by(names::PATH, || options.origin("base-path", "prepend"));
                Cow::Owned(join(&path_of(server), &written))
            }
            _ => written,
        };
        let is_plain = !path.contains('{') && path.starts_with('/') && rest.is_none();
        if options.path_match == PathMatch::Plain || !is_plain {
            return path;
        }
        self.notes.by(names::PATH, || options.origin("path-match", "exact"));
        Cow::Owned(exact(&path))
    }

    /// Tells what of a path is not as it was written.
    fn tell_change(&mut self, change: PathChange, path: &str) {
        let written = &self.operation().path;
        let (code, message) = match change {
            PathChange::Written => {
                return self.notes.count(Code::PATH_DIALECT, &self.context.operation.place);
            }
            PathChange::Pattern { name, pattern } => (
                Code::PATH_PATTERN,
                format!("`{{{name}}}` takes any text here, and only `{pattern}` in `{written}`"),
            ),
            PathChange::Optional(name) => (
                Code::PATH_PATTERN,
                format!("`{{{name}}}` may not be left out here, as it may be in `{written}`"),
            ),
            PathChange::Rest => (
                Code::REST_OF_PATH,
                format!("`{written}` is `{path}` here, which also answers for all that begins so"),
            ),
            PathChange::Greedy(name) => (
                Code::GREEDY_PARAMETER,
                format!("`{{{name}}}` is one segment here, and several in `{written}`"),
            ),
            PathChange::Slashes => (
                Code::REPEATED_SLASH,
                format!("callers write `{path}`; the backend is sent the slashes of `{written}`"),
            ),
        };
        self.tell(code, message);
    }

    /// The parameters that the front path names.
    pub(crate) fn names<'p>(&mut self, path: &'p str) -> Vec<&'p str> {
        match Template::parse(unmarked(path)) {
            Ok(template) => {
                if let Some(name) = template.partial {
                    let message = format!("`{{{name}}}` is only part of its segment in `{path}`");
                    self.tell(Code::PARTIAL_TEMPLATE, message);
                }
                template.names
            }
            Err(fault) => {
                let (code, message) = describe(fault, path);
                self.tell(code, message);
                Vec::new()
            }
        }
    }

    /// Whether callers speak WebSocket as far as the document goes.
    fn is_websocket(&mut self, backend: &Backend, method: &str) -> bool {
        let is_websocket = backend.kind == BackendKind::Websocket;
        if is_websocket {
            self.not_built_in(names::PROTOCOL);
            self.notes.by(names::PROTOCOL, || ValueOrigin::nowhere("the type of the backend"));
        }
        let set = self.context.set_text(names::PROTOCOL);
        if set.map_or(is_websocket, |protocol| protocol == WEBSOCKET) && method != "GET" {
            let message = format!("a WEBSOCKET API is reached by GET, not by {method}");
            self.tell(Code::WEBSOCKET_METHOD, message);
        }
        is_websocket
    }

    fn api_name(&mut self, path: &str) -> String {
        let (id, summary) = (self.operation().operation_id, self.operation().summary);
        let has_words = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
        match (has_words(id), has_words(summary)) {
            (true, _) => self.comes_from_key(names::API_NAME, "operationId"),
            (false, true) => self.comes_from_key(names::API_NAME, "summary"),
            (false, false) => self.comes_from_operation(names::API_NAME, "method and path"),
        }
        naming::first(id, summary, self.operation().method.as_str(), unmarked(path))
    }

    fn api_desc(&mut self) -> Option<String> {
        let (operation, limit) = (self.operation(), self.options().description_limit);
        let texts = [("summary", operation.summary), ("description", operation.description)];
        let plains = texts.into_iter().filter_map(|(key, text)| Some((key, plain(text?, limit))));
        let (key, found) = { plains }.find(|(_, plain)| !plain.text.is_empty())?;
        self.comes_from_key(names::API_DESC, key);
        if found.cut && !self.context.is_set(names::API_DESC) {
            let message = format!("the description is cut to {limit} characters");
            self.tell(Code::DESCRIPTION_CUT, message);
        }
        Some(found.text)
    }
}

fn describe(fault: PathFault<'_>, path: &str) -> (Code, String) {
    let (code, what) = match fault {
        PathFault::NoSlash => (Code::PATH_WITHOUT_SLASH, "does not begin with a slash".into()),
        PathFault::Query(mark) => (Code::PATH_QUERY, format!("holds `{mark}`")),
        PathFault::Brace => (Code::PATH_TEMPLATE, "has a brace without its partner".into()),
        PathFault::Empty => (Code::PATH_TEMPLATE, "has a parameter without a name".into()),
        PathFault::Twice(name) => (Code::PATH_TEMPLATE, format!("names `{name}` twice")),
    };
    (code, format!("the path `{path}` {what}"))
}
