//! What a document says of an operation, in the gateway's words.
//!
//! Of `plan` only this file and its helpers know both sides. What a stronger voice has said
//! already ([`crate::target::tencent::fields`]) is not worth a finding here, since it is replaced.

pub(crate) mod answers;
pub(crate) mod backend;
pub(crate) mod codes;
pub(crate) mod context;
pub(crate) mod extension;
pub(crate) mod limits;
pub(crate) mod naming;
mod options;
pub(crate) mod parameters;
pub(crate) mod path;
pub(crate) mod plain;
mod synthesis;
mod unsupported;
mod vendors;

use std::borrow::Cow;

use serde_json::Value;

use crate::finding::Code;
use crate::finding::notes::{Notes, Said};
use crate::spec::model::Answer;
use crate::spec::{Method, Operation};
use crate::target::tencent::fields::{Fields, said, text};
use crate::target::tencent::request::{
    ApiRequestConfig, CreateApi, RequestParameter, ServiceConfig,
};

use answers::Answers;
use backend::{Backend, Reach, path_of, reach};
use context::Scene;
use path::{Fault, Template, join, unmarked};
use plain::{cut, plain};

pub use options::{BasePath, Mock, Options, Patch, PathMatch, SaidBy};

/// Whether `--backend` may be this address.
///
/// # Errors
/// What is wrong with it, to be read after it.
pub fn check_backend(address: &str) -> Result<(), String> {
    backend::check(address)
}

/// Seconds that the gateway waits for a backend where nobody says.
const SERVICE_TIMEOUT: i64 = 15;

/// Fields whose value here is built in unless the document says it: a default of the
/// settings is stronger.
const BUILT_IN: &[&str] = &["ApiType", "AuthType", "EnableCORS", "Protocol", "ServiceTimeout"];

/// An operation's request and what was found on the way.
#[derive(Debug)]
pub(crate) struct Mapped {
    /// What the document says, built-in values where it is silent.
    pub(crate) request: CreateApi,
    /// The fields of `request` that are built in.
    pub(crate) built_in: Vec<&'static str>,
}

/// Maps one operation.
pub(crate) fn map(scene: Scene<'_>, notes: &mut Notes) -> Mapped {
    let mut mapping = Mapping { scene, notes, built_in: BUILT_IN.to_vec() };
    let request = mapping.request();
    Mapped { request, built_in: mapping.built_in }
}

/// Whether the gateway answers OPTIONS by itself: what the settings and the extensions say,
/// else whether the path declares it.
pub(crate) fn cors_is_on(operation: &Operation<'_>, stronger: &Fields) -> bool {
    let spoken = said(stronger, &["EnableCORS"]).and_then(Value::as_bool);
    spoken.unwrap_or(operation.path_declares_options)
}

struct Mapping<'a, 'n> {
    scene: Scene<'a>,
    notes: &'n mut Notes,
    built_in: Vec<&'static str>,
}

impl<'a> Mapping<'a, '_> {
    fn request(&mut self) -> CreateApi {
        let backend = backend::backend(self.scene, self.notes);
        let method = self.method();
        let path = self.path();
        let names = self.names(&path);
        let websocket = self.is_websocket(&backend, &method);
        let mut request = CreateApi {
            service_type: backend.kind.clone(),
            service_timeout: self.timeout(&backend),
            protocol: if websocket { "WEBSOCKET" } else { "HTTP" }.into(),
            request_config: ApiRequestConfig { path: path.to_string(), method: method.to_string() },
            api_name: Some(self.api_name(&path)),
            api_desc: self.api_desc(),
            api_type: Some("NORMAL".into()),
            auth_type: Some("NONE".into()),
            enable_cors: Some(self.enable_cors()),
            request_parameters: self.request_parameters(&names, &backend),
            ..CreateApi::default()
        };
        self.backend(&mut request, backend, &method, &names);
        self.answers(&mut request);
        unsupported::of_operation(self.operation(), self.notes);
        request
    }

    fn settings(&self) -> &'a Options {
        self.scene.context.options
    }

    fn operation(&self) -> &'a Operation<'a> {
        self.scene.operation
    }

    fn tell(&mut self, code: Code, message: impl Into<String>) {
        self.notes.tell(code, &self.scene.operation.place, message);
    }

    /// A field is what a key of the operation says.
    fn written(&mut self, field: &str, key: &'static str) {
        let operation = self.operation();
        let place = || Some(operation.place_of(key));
        self.notes.by(field, || Said { what: format!("`{key}`").into(), place: place() });
    }

    /// Takes a field off the list of built-in values: the document says it.
    fn spoken(&mut self, field: &str) {
        self.built_in.retain(|name| *name != field);
    }

    // The front.

    fn method(&mut self) -> Cow<'a, str> {
        if let Some(method) = text(self.scene.stronger, &["RequestConfig", "Method"]) {
            return Cow::Borrowed(method);
        }
        let (method, settings) = (&self.operation().method, self.settings());
        let field = "RequestConfig.Method";
        self.notes.from(field, "the method", &self.scene.operation.place);
        match (method, settings.patch) {
            (Method::Patch, Patch::Any) => {
                self.notes.by(field, || settings.says("patch", "any"));
                let message = "PATCH is created as ANY, which answers every method";
                self.tell(Code::METHOD_WIDENED, message);
                return Cow::Borrowed("ANY");
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

    /// The front path as sent.
    fn path(&mut self) -> Cow<'a, str> {
        if let Some(path) = text(self.scene.stronger, &["RequestConfig", "Path"]) {
            return Cow::Borrowed(path);
        }
        let written = self.scene.path();
        let (field, settings) = ("RequestConfig.Path", self.settings());
        self.notes.from(field, "the path", &self.scene.operation.place);
        if self.scene.is_greedy() {
            let message =
                format!("a parameter of `{}` takes one segment here", self.operation().path);
            self.tell(Code::GREEDY_PARAMETER, message);
        }
        let path = match (settings.base_path, self.scene.server()) {
            (BasePath::Prepend, Some(server)) if written.starts_with('/') => {
                self.notes.from(field, "the server", &server.place);
                self.notes.by(field, || settings.says("base-path", "prepend"));
                Cow::Owned(join(&path_of(server), &written))
            }
            _ => written,
        };
        let is_plain = !path.contains('{') && path.starts_with('/');
        if settings.path_match == PathMatch::Plain || !is_plain {
            return path;
        }
        self.notes.by(field, || settings.says("path-match", "exact"));
        Cow::Owned(format!("={path}"))
    }

    /// The parameters that the front path names.
    fn names<'p>(&mut self, path: &'p str) -> Vec<&'p str> {
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
        let websocket = backend.kind == "WEBSOCKET";
        if websocket {
            self.spoken("Protocol");
            self.notes.by("Protocol", || Said::nowhere("the type of the backend"));
        }
        let spoken = text(self.scene.stronger, &["Protocol"]);
        if spoken.map_or(websocket, |protocol| protocol == "WEBSOCKET") && method != "GET" {
            let message = format!("a WEBSOCKET API is reached by GET, not by {method}");
            self.tell(Code::WEBSOCKET_METHOD, message);
        }
        websocket
    }

    fn enable_cors(&mut self) -> bool {
        let declared = self.operation().path_declares_options;
        if declared {
            self.spoken("EnableCORS");
            self.written("EnableCORS", "options");
        }
        declared
    }

    fn api_name(&mut self, path: &str) -> String {
        let (id, summary) = (self.operation().operation_id, self.operation().summary);
        let says = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
        match (says(id), says(summary)) {
            (true, _) => self.written("ApiName", "operationId"),
            (false, true) => self.written("ApiName", "summary"),
            (false, false) => {
                self.notes.from("ApiName", "method and path", &self.scene.operation.place);
            }
        }
        naming::spoken(id, summary, self.operation().method.as_str(), unmarked(path))
    }

    fn api_desc(&mut self) -> Option<String> {
        let (operation, limit) = (self.operation(), self.settings().description_limit);
        let texts = [("summary", operation.summary), ("description", operation.description)];
        let plains = texts.into_iter().filter_map(|(key, text)| Some((key, plain(text?, limit))));
        let (key, found) = { plains }.find(|(_, plain)| !plain.text.is_empty())?;
        self.written("ApiDesc", key);
        if found.cut && !self.scene.is_said(&["ApiDesc"]) {
            let message = format!("the description is cut to {limit} characters");
            self.tell(Code::DESCRIPTION_CUT, message);
        }
        Some(found.text)
    }

    fn request_parameters(
        &mut self,
        names: &[&str],
        backend: &Backend,
    ) -> Option<Vec<RequestParameter>> {
        if self.scene.is_said(&["RequestParameters"]) {
            return None;
        }
        let limit = self.settings().description_limit;
        let sent = &backend.renamed;
        let found =
            parameters::request_parameters(self.operation(), names, sent, limit, self.notes);
        Some(found).filter(|parameters| !parameters.is_empty())
    }

    // The back.

    fn timeout(&mut self, backend: &Backend) -> i64 {
        if backend.timeout.is_some() {
            self.spoken("ServiceTimeout");
        }
        backend.timeout.unwrap_or(SERVICE_TIMEOUT)
    }

    fn backend(&mut self, request: &mut CreateApi, backend: Backend, method: &str, names: &[&str]) {
        let reach = reach(&backend.kind);
        if reach == Reach::Address {
            let path = backend::sent_path(self.scene, &backend);
            let back = Template::parse(&path).map(|template| template.names).unwrap_or_default();
            // Other kinds than HTTP take a parameter's own name without being told.
            let told = if backend.kind == "HTTP" { names } else { &[] };
            let listed = parameters::service_parameters(&backend.renamed, told, &back);
            if !listed.is_empty() {
                self.notes.from("ServiceParameters", "the path", &self.scene.operation.place);
            }
            request.service_parameters = Some(listed).filter(|listed| !listed.is_empty());
            request.constant_parameters =
                Some(backend.constants.clone()).filter(|constants| !constants.is_empty());
        }
        if backend.kind == "MOCK" {
            request.service_mock_return_message = self.mock(backend.mock);
        }
        if reach != Reach::Nothing {
            if backend.method.is_none() {
                let place = &self.scene.operation.place;
                self.notes.from("ServiceConfig.Method", "the method", place);
            }
            request.service_config = Some(ServiceConfig {
                url: backend.url.filter(|_| reach == Reach::Address),
                path: Some(backend.path),
                method: Some(backend.method.unwrap_or_else(|| method.to_owned())),
                ..ServiceConfig::default()
            });
        }
    }

    /// A mock's body; where nobody has one, the operation is unfit.
    fn mock(&mut self, spoken: Option<String>) -> Option<String> {
        let field = &["ServiceMockReturnMessage"];
        if self.scene.is_said(field) {
            return None;
        }
        let success = Answers::of(&self.operation().answers).success();
        let example = success.and_then(answers::example).map(|(_, example)| example);
        let example = example.filter(|example| !example.text.is_empty());
        let synthesize = self.settings().mock_synthesize;
        let made = || success.filter(|_| synthesize).and_then(answers::synthesized);
        let found = match (spoken.filter(|body| !body.is_empty()), example) {
            (Some(spoken), _) => Some(spoken),
            (None, Some(example)) => {
                self.notes.from(field[0], "the example", &example.place);
                Some(example.text)
            }
            (None, None) => made().inspect(|_| self.synthesized_from(field[0], success)),
        };
        if found.is_none() && said(self.scene.weaker, field).is_none() {
            let finding = answers::without_body(success, &self.operation().place, synthesize);
            self.notes.findings.push(finding);
        }
        found
    }

    fn synthesized_from(&mut self, field: &str, success: Option<&Answer<'_>>) {
        if let Some(answer) = success {
            self.notes.from(field, "the schema of the success response", &answer.place);
        }
        let settings = self.settings();
        self.notes.by(field, || settings.says("mock-synthesize", "true"));
    }

    // The answers.

    fn answers(&mut self, request: &mut CreateApi) {
        let answers = Answers::of(&self.operation().answers);
        let success = answers.success();
        request.response_type = success.and_then(answers::kind).map(str::to_owned);
        if let Some(answer) = success.filter(|_| request.response_type.is_some()) {
            self.notes.from("ResponseType", "the success response", &answer.place);
        }
        request.response_success_example =
            success.and_then(|answer| self.example(answer, "ResponseSuccessExample"));
        request.response_fail_example =
            answers.failure().and_then(|answer| self.example(answer, "ResponseFailExample"));
        if self.settings().error_codes {
            let codes = answers.error_codes(self.settings().description_limit);
            if !codes.is_empty() {
                let settings = self.settings();
                self.written("ResponseErrorCodes", "responses");
                self.notes.by("ResponseErrorCodes", || settings.says("error-codes", "true"));
            }
            request.response_error_codes = Some(codes).filter(|codes| !codes.is_empty());
        }
    }

    fn example(&mut self, answer: &Answer<'_>, field: &str) -> Option<String> {
        if self.scene.is_said(&[field]) {
            return None;
        }
        let (_, example) = answers::example(answer)?;
        let limit = self.settings().example_limit;
        let short = cut(&example.text, limit);
        if short.is_some() {
            let message = format!("the example is cut to {limit} characters");
            self.notes.tell(Code::EXAMPLE_CUT, &example.place, message);
        }
        self.notes.from(field, "the example", &example.place);
        Some(short.unwrap_or(example.text)).filter(|text| !text.is_empty())
    }
}

fn describe(fault: Fault<'_>, path: &str) -> (Code, String) {
    match fault {
        Fault::NoSlash => {
            (Code::PATH_WITHOUT_SLASH, format!("the path `{path}` does not begin with a slash"))
        }
        Fault::Query(mark) => (Code::PATH_QUERY, format!("the path `{path}` holds `{mark}`")),
        Fault::Brace => {
            (Code::PATH_TEMPLATE, format!("a brace of the path `{path}` has no partner"))
        }
        Fault::Empty => {
            (Code::PATH_TEMPLATE, format!("the path `{path}` holds a parameter without a name"))
        }
        Fault::Twice(name) => {
            (Code::PATH_TEMPLATE, format!("the path `{path}` names `{name}` twice"))
        }
    }
}
