//! What a document says of an operation, in the gateway's words.
//!
//! Of `plan` only this file and its helpers know both sides. A mapping is told what
//! stronger voices have said already ([`super::layers`]), since what they replace is not
//! worth a finding, and the kind of backend decides which of the document's words apply.

use std::borrow::Cow;

use serde_json::Value;

use crate::gateway::request::{ApiRequestConfig, CreateApi, ServiceConfig};
use crate::spec::document::Server;
use crate::spec::{Code, Document, Finding, Method, Operation, Place};

use super::answers::{self, Answers};
use super::backend::{Base, path_of};
use super::layers::{Fields, said, text};
use super::path::{Fault, Template, join};
use super::plain::{cut, plain};
use super::settings::{BasePath, Patch, PathMatch, PlanSettings};
use super::{naming, parameters};

/// Seconds that the gateway waits for a backend where nobody says.
const SERVICE_TIMEOUT: i64 = 15;

/// Fields whose value here is built in unless the document says it: a default of the
/// settings is stronger.
const BUILT_IN: &[&str] = &["ApiType", "AuthType", "EnableCORS", "Protocol", "ServiceTimeout"];

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

/// An operation's request and what was found on the way.
#[derive(Debug)]
pub(super) struct Mapped {
    /// What the document says, built-in values where it is silent.
    pub(super) request: CreateApi,
    /// The fields of `request` that are built in.
    pub(super) built_in: Vec<&'static str>,
    /// What was found.
    pub(super) findings: Vec<Finding>,
}

/// Maps one operation. `stronger` and `weaker` are what the settings and the extensions say
/// over and under the document.
pub(super) fn map(
    context: &Context<'_>,
    operation: &Operation<'_>,
    stronger: &Fields,
    weaker: &Fields,
) -> Mapped {
    let mut mapping = Mapping {
        context,
        operation,
        stronger,
        weaker,
        findings: Vec::new(),
        built_in: BUILT_IN.to_vec(),
    };
    let request = mapping.request();
    Mapped { request, built_in: mapping.built_in, findings: mapping.findings }
}

/// Whether the gateway answers OPTIONS by itself: what the settings and the extensions say,
/// else whether the path declares it.
pub(super) fn cors_is_on(operation: &Operation<'_>, stronger: &Fields) -> bool {
    let spoken = said(stronger, &["EnableCORS"]).and_then(Value::as_bool);
    spoken.unwrap_or(operation.path_declares_options)
}

/// What a kind of backend is reached by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// An address, a path and a method.
    Address,
    /// A path and a method; what is called stands in fields of its own.
    Path,
    /// Nothing of a document.
    Nothing,
}

/// What this kind of backend is reached by.
pub(super) fn reach(service_type: &str) -> Reach {
    match service_type {
        "HTTP" | "WEBSOCKET" | "VPC" | "GRPC" => Reach::Address,
        "UPSTREAM" | "COS" | "TSF" | "TARGET" => Reach::Path,
        _ => Reach::Nothing,
    }
}

/// Where the requests of an operation go.
#[derive(Debug)]
struct Stand<'a> {
    service_type: Cow<'a, str>,
    url: Option<String>,
    /// What goes before the operation's path.
    prefix: String,
}

struct Mapping<'a, 's> {
    context: &'a Context<'a>,
    operation: &'a Operation<'s>,
    stronger: &'a Fields,
    weaker: &'a Fields,
    findings: Vec<Finding>,
    built_in: Vec<&'static str>,
}

impl<'a> Mapping<'a, '_> {
    fn request(&mut self) -> CreateApi {
        let server = self.server();
        let stand = self.stand(server);
        let method = self.method();
        let path = self.path(server);
        let names = self.names(&path);
        let websocket = self.protocol(&stand, &method);
        let cors = self.enable_cors();
        let mut request = CreateApi {
            service_type: stand.service_type.to_string(),
            service_timeout: SERVICE_TIMEOUT,
            protocol: if websocket { "WEBSOCKET" } else { "HTTP" }.into(),
            request_config: ApiRequestConfig {
                path: path.clone().into_owned(),
                method: method.to_string(),
            },
            api_name: Some(self.api_name(&path)),
            api_desc: self.api_desc(),
            api_type: Some("NORMAL".into()),
            auth_type: Some("NONE".into()),
            enable_cors: Some(cors),
            request_parameters: self.request_parameters(&names),
            ..CreateApi::default()
        };
        self.backend(&mut request, &stand, &method, &names);
        self.answers(&mut request);
        request
    }

    fn settings(&self) -> &'a PlanSettings {
        self.context.settings
    }

    fn is_said(&self, path: &[&str]) -> bool {
        said(self.stronger, path).is_some()
    }

    fn say(&mut self, code: Code, message: impl Into<String>) {
        self.say_at(code, self.operation.place.clone(), message);
    }

    fn say_at(&mut self, code: Code, place: Place, message: impl Into<String>) {
        self.findings.push(Finding::new(code, place, message));
    }

    /// Takes a field off the list of built-in values: the document says it.
    fn spoken(&mut self, field: &str) {
        self.built_in.retain(|name| *name != field);
    }

    // The front.

    fn method(&mut self) -> Cow<'a, str> {
        if let Some(method) = text(self.stronger, &["RequestConfig", "Method"]) {
            return Cow::Borrowed(method);
        }
        match (&self.operation.method, self.settings().patch) {
            (Method::Patch, Patch::Any) => {
                self.say(
                    Code::MethodWidened,
                    "PATCH is created as ANY, which answers every method",
                );
                return Cow::Borrowed("ANY");
            }
            (Method::Patch, Patch::Refuse) => {
                self.say(Code::PatchMethod, "PATCH is not sent unless a setting says how");
            }
            (Method::Options, _) => {
                self.say(Code::OptionsMethod, "the gateway has no OPTIONS, and CORS is off");
            }
            (Method::Trace | Method::Query | Method::Other(_), _) => {
                let message = format!("the gateway has no method {}", self.operation.method);
                self.say(Code::UnsupportedMethod, message);
            }
            _ => {}
        }
        Cow::Borrowed(self.operation.method.as_str())
    }

    /// The front path as sent.
    fn path(&mut self, server: Option<&Server>) -> Cow<'a, str> {
        if let Some(path) = text(self.stronger, &["RequestConfig", "Path"]) {
            return Cow::Borrowed(path);
        }
        let written: &'a str = &self.operation.path;
        let path = match (self.settings().base_path, server) {
            (BasePath::Prepend, Some(server)) if written.starts_with('/') => {
                Cow::Owned(join(&path_of(server), written))
            }
            _ => Cow::Borrowed(written),
        };
        let exact = self.settings().path_match == PathMatch::Exact;
        if exact && !path.contains('{') && path.starts_with('/') {
            Cow::Owned(format!("={path}"))
        } else {
            path
        }
    }

    /// The parameters that the front path names.
    fn names(&mut self, path: &str) -> Vec<String> {
        match Template::parse(unmarked(path)) {
            Ok(template) => {
                if let Some(name) = template.partial {
                    let message = format!("`{{{name}}}` is only part of its segment in `{path}`");
                    self.say(Code::PartialTemplate, message);
                }
                template.names.into_iter().map(str::to_owned).collect()
            }
            Err(fault) => {
                let (code, message) = describe(fault, path);
                self.say(code, message);
                Vec::new()
            }
        }
    }

    /// Whether callers speak WebSocket.
    fn protocol(&mut self, stand: &Stand<'_>, method: &str) -> bool {
        let websocket = stand.service_type == "WEBSOCKET";
        if websocket {
            self.spoken("Protocol");
        }
        let protocol = text(self.stronger, &["Protocol"]).unwrap_or(if websocket {
            "WEBSOCKET"
        } else {
            "HTTP"
        });
        if protocol == "WEBSOCKET" && method != "GET" {
            self.say(
                Code::WebsocketMethod,
                format!("a WEBSOCKET API is reached by GET, not by {method}"),
            );
        }
        websocket
    }

    fn enable_cors(&mut self) -> bool {
        if self.operation.path_declares_options {
            self.spoken("EnableCORS");
        }
        self.operation.path_declares_options
    }

    fn api_name(&self, path: &str) -> String {
        let api = &self.operation.api;
        let method = self.operation.method.as_str();
        naming::spoken(api.operation_id.as_deref(), api.summary.as_deref(), method, unmarked(path))
    }

    fn api_desc(&mut self) -> Option<String> {
        let api = &self.operation.api;
        let limit = self.settings().description_limit;
        let texts = [api.summary.as_deref(), api.description.as_deref()];
        let found = texts
            .into_iter()
            .flatten()
            .map(|text| plain(text, limit))
            .find(|plain| !plain.text.is_empty())?;
        if found.cut && !self.is_said(&["ApiDesc"]) {
            self.say(Code::DescriptionCut, format!("the description is cut to {limit} characters"));
        }
        Some(found.text)
    }

    fn request_parameters(
        &mut self,
        names: &[String],
    ) -> Option<Vec<crate::gateway::request::RequestParameter>> {
        if self.is_said(&["RequestParameters"]) {
            return None;
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let limit = self.settings().description_limit;
        let found =
            parameters::request_parameters(self.operation, &names, limit, &mut self.findings);
        Some(found).filter(|parameters| !parameters.is_empty())
    }

    // The back.

    /// The server that counts: the first, and of 2.0's schemes https where it is listed.
    fn server(&self) -> Option<&'a Server> {
        let servers = &self.operation.servers;
        let is_safe =
            |server: &&Server| server.url.starts_with("https:") || server.url.starts_with("wss:");
        let safe =
            self.context.document.version.starts_with("2.").then(|| servers.iter().find(is_safe));
        safe.flatten().or_else(|| servers.first())
    }

    fn stand(&mut self, server: Option<&'a Server>) -> Stand<'a> {
        let spoken = text(self.stronger, &["ServiceType"]).map(Cow::Borrowed);
        if let Some(service_type) = spoken.clone().filter(|kind| reach(kind) != Reach::Address) {
            return Stand {
                service_type,
                url: None,
                prefix: server.map(path_of).unwrap_or_default(),
            };
        }
        let why = match server.map(|server| (server, self.context.base.address(server))) {
            Some((server, Ok(address))) => {
                if address.shortened {
                    let message =
                        format!("what follows the path of the server `{}` is left out", server.url);
                    self.say_at(Code::ServerQuery, server.place.clone(), message);
                }
                let own = Cow::Borrowed(if address.websocket { "WEBSOCKET" } else { "HTTP" });
                return Stand {
                    service_type: spoken.unwrap_or(own),
                    url: Some(address.url),
                    prefix: address.path,
                };
            }
            Some((_, Err(why))) => Some(*why),
            None => None,
        };
        self.fill_gap(spoken, server, why)
    }

    /// Where the document names no backend that can be called, from the weakest voices.
    fn fill_gap(
        &mut self,
        spoken: Option<Cow<'a, str>>,
        server: Option<&Server>,
        why: Option<Finding>,
    ) -> Stand<'a> {
        let url = &["ServiceConfig", "Url"];
        let prefix = server.map(path_of).unwrap_or_default();
        let is_silent = spoken.is_none() && text(self.weaker, &["ServiceType"]).is_none();
        let weaker = || text(self.weaker, &["ServiceType"]).map(Cow::Borrowed);
        let service_type = spoken.or_else(weaker).unwrap_or(Cow::Borrowed("HTTP"));
        let named = self.is_said(url) || said(self.weaker, url).is_some();
        if named || reach(&service_type) != Reach::Address {
            return Stand { service_type, url: None, prefix };
        }
        if let Some(address) = self.context.base.without_server(server.is_none()) {
            self.findings.extend(why.map(as_warning));
            return Stand { service_type, url: Some(address.url), prefix: address.path };
        }
        if self.settings().mock.is_some() && is_silent {
            self.findings.extend(why.map(as_warning));
            return Stand { service_type: Cow::Borrowed("MOCK"), url: None, prefix };
        }
        let message = "neither the document nor a setting names a backend";
        let nobody = || Finding::new(Code::NoBackend, self.operation.place.clone(), message);
        self.findings.push(why.unwrap_or_else(nobody));
        Stand { service_type, url: None, prefix }
    }

    fn backend(
        &mut self,
        request: &mut CreateApi,
        stand: &Stand<'_>,
        method: &str,
        names: &[String],
    ) {
        let path = join(&stand.prefix, &self.operation.path);
        let reach = reach(&stand.service_type);
        if stand.service_type == "HTTP" && !self.is_said(&["ServiceParameters"]) {
            let sent = text(self.stronger, &["ServiceConfig", "Path"]).unwrap_or(&path);
            let front: Vec<&str> = names.iter().map(String::as_str).collect();
            let back = Template::parse(sent).map(|template| template.names).unwrap_or_default();
            let listed = parameters::service_parameters(&front, &back);
            request.service_parameters = Some(listed).filter(|listed| !listed.is_empty());
        }
        if reach != Reach::Nothing {
            request.service_config = Some(ServiceConfig {
                url: stand.url.clone().filter(|_| reach == Reach::Address),
                path: Some(path),
                method: Some(method.to_owned()),
                ..ServiceConfig::default()
            });
        }
        if stand.service_type == "MOCK" {
            request.service_mock_return_message = self.mock();
        }
    }

    /// A mock's body; where nobody has one, the operation is unfit.
    fn mock(&mut self) -> Option<String> {
        let field = &["ServiceMockReturnMessage"];
        if self.is_said(field) {
            return None;
        }
        let success = Answers::of(&self.operation.answers).success();
        let found = success.and_then(answers::example).map(|(_, example)| example.text);
        let found = found.filter(|body| !body.is_empty());
        if found.is_none() && said(self.weaker, field).is_none() {
            let place = success.map_or(&self.operation.place, |answer| &answer.place).clone();
            self.say_at(
                Code::MockWithoutExample,
                place,
                "the success response has no example for the mock's body",
            );
        }
        found
    }

    // The answers.

    fn answers(&mut self, request: &mut CreateApi) {
        let answers = Answers::of(&self.operation.answers);
        let success = answers.success();
        request.response_type = success
            .and_then(|answer| {
                answer.media.iter().find_map(|media| answers::response_type(&media.name))
            })
            .map(str::to_owned);
        request.response_success_example =
            success.and_then(|answer| self.example(answer, "ResponseSuccessExample"));
        request.response_fail_example =
            answers.failure().and_then(|answer| self.example(answer, "ResponseFailExample"));
        if self.settings().error_codes {
            let codes = answers.error_codes(self.settings().description_limit);
            request.response_error_codes = Some(codes).filter(|codes| !codes.is_empty());
        }
    }

    fn example(
        &mut self,
        answer: &crate::spec::document::Answer<'_>,
        field: &str,
    ) -> Option<String> {
        if self.is_said(&[field]) {
            return None;
        }
        let (_, example) = answers::example(answer)?;
        let limit = self.settings().example_limit;
        let Some(short) = cut(&example.text, limit) else {
            return Some(example.text).filter(|text| !text.is_empty());
        };
        self.say_at(
            Code::ExampleCut,
            example.place,
            format!("the example is cut to {limit} characters"),
        );
        Some(short)
    }
}

/// The path without what tells the gateway how to match it.
pub(super) fn unmarked(path: &str) -> &str {
    path.strip_prefix('=').or_else(|| path.strip_prefix("^~")).unwrap_or(path)
}

fn as_warning(mut finding: Finding) -> Finding {
    finding.severity = crate::spec::Severity::Warning;
    finding
}

fn describe(fault: Fault<'_>, path: &str) -> (Code, String) {
    match fault {
        Fault::NoSlash => {
            (Code::PathWithoutSlash, format!("the path `{path}` does not begin with a slash"))
        }
        Fault::Query(mark) => (Code::PathQuery, format!("the path `{path}` holds `{mark}`")),
        Fault::Brace => {
            (Code::PathTemplate, format!("a brace of the path `{path}` has no partner"))
        }
        Fault::Empty => {
            (Code::PathTemplate, format!("the path `{path}` holds a parameter without a name"))
        }
        Fault::Twice(name) => {
            (Code::PathTemplate, format!("the path `{path}` names `{name}` twice"))
        }
    }
}
