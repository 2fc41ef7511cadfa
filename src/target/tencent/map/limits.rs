//! What the gateway would refuse of one request, found before it is sent.
//!
//! Figures and required fields are the gateway's published ones. What it does not publish
//! (lengths of paths and descriptions, the range of most timeouts) is not guessed here.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::Value;

use crate::finding::{Code, Finding, Place, has_errors};
use crate::target::tencent::backend_kind::BackendKind;
use crate::target::tencent::fields::{Fields, text};
use crate::target::tencent::map::address::Address;
use crate::target::tencent::map::front::WEBSOCKET;
use crate::target::tencent::map::parameters;
use crate::target::tencent::map::path::{self, Template, unmarked};
use crate::target::tencent::names::{self, item};
use crate::target::tencent::request::Request;

/// Bytes that a signed request may have.
pub(crate) const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// Seconds that a TSF backend may take.
const TSF_TIMEOUT: i64 = 30;

/// Checks one request as it would be sent, in a body of `size` bytes.
pub(crate) fn check(request: &Request, size: usize, place: &Place, findings: &mut Vec<Finding>) {
    let mut checking = LimitCheck { request, kind: request.backend_kind(), place, findings };
    checking.sizes(size);
    checking.front();
    checking.backend();
    checking.parameters();
    checking.authorisation();
}

/// Those of the fields that mean something for this kind of backend, HTTP where it is not set:
/// a default address does not make a mock one that has an address.
pub(crate) fn that_apply(mut fields: Fields, service_type: Option<&str>) -> Fields {
    let kind = service_type.map_or(BackendKind::Http, BackendKind::named);
    fields.retain(|name, _| applies(name, kind));
    fields
}

fn applies(name: &str, kind: BackendKind) -> bool {
    match name {
        names::SERVICE_CONFIG => kind.has_path(),
        names::SERVICE_PARAMETERS | names::CONSTANT_PARAMETERS => kind.has_address(),
        names::MOCK_MESSAGE => kind == BackendKind::Mock,
        names::MICRO_SERVICES => kind == BackendKind::Tsf,
        names::EVENT_BUS_ID => kind == BackendKind::Eb,
        "IsBase64Encoded" => kind == BackendKind::Scf,
        _ if name.starts_with("ServiceTsf") => kind == BackendKind::Tsf,
        _ if name.starts_with("Target") => kind == BackendKind::Target,
        _ if name.starts_with("ServiceScf") || name.starts_with("ServiceWebsocket") => {
            kind == BackendKind::Scf
        }
        _ => true,
    }
}

struct LimitCheck<'a> {
    request: &'a Request,
    kind: BackendKind,
    place: &'a Place,
    findings: &'a mut Vec<Finding>,
}

impl LimitCheck<'_> {
    fn tell(&mut self, code: Code, message: impl Into<String>) {
        self.findings.push(Finding::new(code, self.place.clone(), message));
    }

    /// A field must not be missing or empty, unless why it is missing has been told.
    fn need(&mut self, field: &str) {
        let is_given = match self.request.value(field) {
            Some(Value::String(text)) => !text.is_empty() || field == names::BACKEND_PATH,
            Some(Value::Array(items)) => !items.is_empty(),
            value => value.is_some(),
        };
        if !is_given && !has_errors(self.findings) {
            let kind = self.kind.as_str();
            self.tell(
                Code::REQUIRED_FIELD,
                format!("a backend of the type {kind} needs `{field}`"),
            );
        }
    }

    fn forbid(&mut self, is_so: bool, message: impl Into<String>) {
        if is_so {
            self.tell(Code::INVALID_FIELD, message);
        }
    }

    fn sizes(&mut self, size: usize) {
        let limit = parameters::LIMIT;
        let count = self.request.items(names::REQUEST_PARAMETERS).count();
        if count > limit {
            let message = format!("{count} parameters; the gateway takes {limit}");
            self.tell(Code::TOO_MANY_PARAMETERS, message);
        }
        if size > BODY_LIMIT {
            let message = format!("the request has {size} bytes; the gateway takes {BODY_LIMIT}");
            self.tell(Code::BODY_TOO_LARGE, message);
        }
    }

    fn front(&mut self) {
        let path = self.request.path();
        if let Some(what) = path::impossible(path) {
            let message = format!("the path `{path}` holds {what}, which no request path has");
            self.tell(Code::PATH_CHARACTER, message);
        }
    }

    fn backend(&mut self) {
        let kind = self.kind;
        if kind.has_address() {
            self.address();
        }
        self.needed_by(kind);
        match kind {
            BackendKind::Tsf => self.timeout(),
            BackendKind::Target => self.ports(),
            BackendKind::Cos => self.bucket(),
            _ => {}
        }
        let is_micro = self.request.text(names::API_TYPE) == "TSF";
        let message = "an API of the type TSF needs a backend of the type TSF";
        self.forbid(is_micro && kind != BackendKind::Tsf, message);
        let lacks_network = self.request.value(names::NETWORK_PRODUCT).is_some()
            && self.request.text(names::NETWORK_ID).is_empty();
        let message = "`ServiceConfig.Product` needs `ServiceConfig.UniqVpcId`";
        self.forbid(lacks_network && kind != BackendKind::Vpc, message);
    }

    /// What a kind of backend needs besides an address.
    fn needed_by(&mut self, kind: BackendKind) {
        let is_websocket = self.request.text(names::PROTOCOL) == WEBSOCKET;
        match kind {
            BackendKind::Vpc => self.need(names::NETWORK_ID),
            BackendKind::Websocket => {
                let message = "a WEBSOCKET backend needs the protocol WEBSOCKET";
                self.forbid(!is_websocket, message);
            }
            BackendKind::Mock => self.need(names::MOCK_MESSAGE),
            BackendKind::Scf if is_websocket => self.need(names::TRANSPORT_FUNCTION_NAME),
            BackendKind::Scf => self.need(names::FUNCTION_NAME),
            BackendKind::Tsf => self.need(names::MICRO_SERVICES),
            BackendKind::Target => self.need(names::TARGET_SERVICES),
            BackendKind::Cos => self.need(names::BUCKET),
            BackendKind::Upstream => self.need(names::UPSTREAM_ID),
            BackendKind::Eb => self.need(names::EVENT_BUS_ID),
            BackendKind::Http | BackendKind::Grpc | BackendKind::Clb | BackendKind::Unknown => {}
        }
    }

    fn address(&mut self) {
        self.need(names::BACKEND_URL);
        self.need(names::BACKEND_PATH);
        self.need(names::BACKEND_METHOD);
        let url = self.request.text(names::BACKEND_URL);
        if !url.is_empty() {
            let bare =
                url.strip_prefix("grpc").map_or_else(|| url.into(), |rest| format!("http{rest}"));
            let is_whole = Address::parse(&bare)
                .is_ok_and(|address| address.path.is_empty() && !url.ends_with('/'));
            let message = format!("`ServiceConfig.Url` is scheme://host[:port], not `{url}`");
            self.forbid(!is_whole, message);
        }
        let path = self.request.text(names::BACKEND_PATH);
        let is_rooted = path.is_empty() || path.starts_with('/');
        self.forbid(!is_rooted, format!("`ServiceConfig.Path` begins with a slash, not `{path}`"));
    }

    fn timeout(&mut self) {
        let timeout = self.request.value(names::SERVICE_TIMEOUT).and_then(Value::as_i64);
        if let Some(timeout) = timeout.filter(|timeout| *timeout > TSF_TIMEOUT) {
            let message = format!("a TSF backend may take {TSF_TIMEOUT} seconds, not {timeout}");
            self.tell(Code::INVALID_FIELD, message);
        }
    }

    fn ports(&mut self) {
        for target in self.request.items(names::TARGET_SERVICES) {
            let port = target.get(item::PORT).and_then(Value::as_i64).unwrap_or_default();
            let is_port = (1..=i64::from(u16::MAX)).contains(&port);
            self.forbid(!is_port, format!("`TargetServices.VmPort` is a port, not {port}"));
        }
    }

    fn bucket(&mut self) {
        let (action, method) = (self.request.text(names::BUCKET_ACTION), self.request.method());
        let fits: &[&str] = match method {
            "GET" => &["GetObject"],
            "PUT" => &["PutObject"],
            "POST" => &["PostObject", "AppendObject"],
            "HEAD" => &["HeadObject"],
            "DELETE" => &["DeleteObject"],
            _ => &[],
        };
        let message = format!("`CosConfig.Action: {action}` does not go with {method}");
        self.forbid(!action.is_empty() && !fits.contains(&action), message);
    }

    /// Each name of the path is declared, each declared one is in the path, and what the
    /// backend is sent comes from somewhere.
    fn parameters(&mut self) {
        let request = self.request;
        let declared: Vec<_> =
            request.items(names::REQUEST_PARAMETERS).map(Parameter::declared).collect();
        let keys: HashSet<_> = declared.iter().map(Parameter::key).collect();
        let is_declared = |position, name| keys.contains(&Parameter { position, name }.key());
        let Ok(Template { names: front, .. }) = Template::parse(unmarked(request.path())) else {
            return;
        };
        for name in front.iter().filter(|name| !is_declared("PATH", name)) {
            self.forbid(true, format!("`RequestParameters` lacks `{name}` of the path"));
        }
        let front: HashSet<_> = front.into_iter().collect();
        let is_stray = |it: &&Parameter| it.position == "PATH" && !front.contains(&it.name);
        if let Some(stray) = declared.iter().find(is_stray) {
            self.forbid(true, format!("the path has no parameter `{}`", stray.name));
        }
        for Parameter { position, name } in
            request.items(names::SERVICE_PARAMETERS).map(Parameter::source)
        {
            let is_known = name.is_empty() || is_declared(position, name);
            let message = format!("the backend is sent `{name}`, which `RequestParameters` lacks");
            self.forbid(!is_known, message);
        }
        self.filled(&front);
    }

    /// Each name of the backend's path is one of the callers' path or is listed.
    fn filled(&mut self, front: &HashSet<&str>) {
        let path = self.request.text(names::BACKEND_PATH);
        let back = Template::parse(path).map(|template| template.names).unwrap_or_default();
        let sent = self.request.items(names::SERVICE_PARAMETERS).map(Parameter::declared);
        let sent: HashSet<_> = sent.filter(|it| it.position == "PATH").map(|it| it.name).collect();
        let is_filled = |name: &&str| front.contains(name) || sent.contains(name);
        if let Some(name) = back.into_iter().find(|name| !is_filled(name)) {
            let message = format!("nothing fills `{name}` of the backend's path `{path}`");
            let finding = Finding::new(Code::INVALID_FIELD, self.place.clone(), message);
            let hint = "set ServiceParameters, or another ServiceConfig.Path, by a rule";
            self.findings.push(finding.with_hint(hint));
        }
    }

    fn authorisation(&mut self) {
        let (authorises, by_oauth) =
            (self.request.is_authoriser(), self.request.is_checked_by_oauth());
        let message = "an API that authorises others needs `AuthType: OAUTH`";
        self.forbid(authorises && !by_oauth, message);
        if authorises && by_oauth && self.request.text(names::PUBLIC_KEY).is_empty() {
            let message = "an API that authorises others needs `OauthConfig`";
            self.tell(Code::REQUIRED_FIELD, message);
        }
    }
}

/// Where a parameter is, and its name there; empty where it has none.
struct Parameter<'a> {
    position: &'a str,
    name: &'a str,
}

impl<'a> Parameter<'a> {
    fn declared(of: &'a Fields) -> Self {
        Self::at(of, item::POSITION, item::NAME)
    }

    /// Where callers send what the backend is sent.
    fn source(of: &'a Fields) -> Self {
        Self::at(of, item::SOURCE_POSITION, item::SOURCE_NAME)
    }

    /// What tells it from others: names of headers are the same in any case.
    fn key(&self) -> (&'a str, Cow<'a, str>) {
        let is_header = self.position == "HEADER";
        let name = if is_header { self.name.to_ascii_lowercase().into() } else { self.name.into() };
        (self.position, name)
    }

    fn at(of: &'a Fields, position: &str, name: &str) -> Self {
        let text = |field| text(of, field).unwrap_or_default();
        Self { position: text(position), name: text(name) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Codes told of a MOCK with these changes, in a body of this size.
    fn codes(size: usize, change: impl FnOnce(&mut Request)) -> Vec<Code> {
        let mut request = Request::default();
        request.set(names::SERVICE_TYPE, "MOCK");
        request.set(names::PATH, "/a");
        request.set(names::METHOD, "GET");
        request.set(names::MOCK_MESSAGE, "x");
        change(&mut request);
        let place = Place { source: "a".into(), line: 1, column: 1, pointer: "".into() };
        let mut findings = Vec::new();
        check(&request, size, &place, &mut findings);
        findings.into_iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn a_body_may_have_ten_mebibytes_and_no_more() {
        assert_eq!(codes(BODY_LIMIT, |_| {}), []);
        assert_eq!(codes(BODY_LIMIT + 1, |_| {}), [Code::BODY_TOO_LARGE]);
    }

    #[test]
    fn a_hundred_parameters_are_taken_and_no_more() {
        let many = |count: usize| {
            move |request: &mut Request| {
                let named = |index| json!({ "Name": format!("p{index}"), "Position": "QUERY" });
                request.set(names::REQUEST_PARAMETERS, (0..count).map(named).collect::<Vec<_>>());
            }
        };
        assert_eq!(codes(0, many(100)), []);
        assert_eq!(codes(0, many(101)), [Code::TOO_MANY_PARAMETERS]);
    }

    #[test]
    fn a_path_and_what_is_declared_of_it_agree() {
        let with = |path: &'static str, position: &'static str, name: &'static str| {
            move |request: &mut Request| {
                request.set(names::PATH, path);
                let parameters = json!([{ "Name": name, "Position": position }]);
                request.set(names::REQUEST_PARAMETERS, parameters);
            }
        };
        assert_eq!(codes(0, with("/a/{id}", "PATH", "id")), []);
        assert_eq!(codes(0, with("/a/{id}", "QUERY", "id")), [Code::INVALID_FIELD]);
        assert_eq!(codes(0, with("/a", "PATH", "id")), [Code::INVALID_FIELD]);
        assert_eq!(codes(0, with("=/a", "QUERY", "id")), []);
    }
}
