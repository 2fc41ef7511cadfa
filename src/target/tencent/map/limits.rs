//! What the gateway would refuse of one request, found before it is sent.
//!
//! Figures and required fields are the gateway's published ones. What it does not publish
//! (lengths of paths and descriptions, the range of most timeouts) is not guessed here.

use serde_json::Value;

use crate::finding::{Code, Finding, Place, has_errors};
use crate::target::tencent::fields::Fields;
use crate::target::tencent::map::backend::{Address, Reach, reach};
use crate::target::tencent::map::parameters;
use crate::target::tencent::map::path::{self, Template, unmarked};
use crate::target::tencent::request::{
    CreateApi, RequestParameter, ServiceConfig, ServiceParameter,
};

/// Bytes that a signed request may have.
pub(crate) const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// Seconds that a TSF backend may take.
const TSF_TIMEOUT: i64 = 30;

/// Checks one request as it would be sent, in a body of `size` bytes.
pub(crate) fn check(request: &CreateApi, size: usize, place: &Place, findings: &mut Vec<Finding>) {
    let mut checking = Checking { request, place, findings };
    checking.sizes(size);
    checking.front();
    checking.backend();
    checking.parameters();
    checking.authorisation();
}

/// What of these fields means something for this kind of backend: a default address does
/// not make a mock one that has an address.
pub(crate) fn that_apply(fields: &Fields, service_type: Option<&Value>) -> Fields {
    let kind = service_type.and_then(Value::as_str).unwrap_or("HTTP");
    let applies = |name: &str| match name {
        "ServiceConfig" => reach(kind) != Reach::Nothing,
        "ServiceParameters" | "ConstantParameters" => reach(kind) == Reach::Address,
        "ServiceMockReturnMessage" => kind == "MOCK",
        "MicroServices" | "ServiceTsfLoadBalanceConf" | "ServiceTsfHealthCheckConf" => {
            kind == "TSF"
        }
        "EventBusId" => kind == "EB",
        "IsBase64Encoded" => kind == "SCF",
        _ if name.starts_with("Target") => kind == "TARGET",
        _ if name.starts_with("ServiceScf") || name.starts_with("ServiceWebsocket") => {
            kind == "SCF"
        }
        _ => true,
    };
    fields.iter().filter(|(name, _)| applies(name)).map(|(n, v)| (n.clone(), v.clone())).collect()
}

struct Checking<'a> {
    request: &'a CreateApi,
    place: &'a Place,
    findings: &'a mut Vec<Finding>,
}

impl Checking<'_> {
    fn tell(&mut self, code: Code, message: impl Into<String>) {
        self.findings.push(Finding::new(code, self.place.clone(), message));
    }

    /// A field must not be missing or empty, unless why it is missing has been told.
    fn need(&mut self, field: &str, is_there: bool) {
        if !is_there && !has_errors(self.findings) {
            let kind = &self.request.service_type;
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
        let count = self.request.request_parameters.as_ref().map_or(0, Vec::len);
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
        let path = &self.request.request_config.path;
        if let Some(what) = path::impossible(path) {
            let message = format!("the path `{path}` holds {what}, which no request path has");
            self.tell(Code::PATH_CHARACTER, message);
        }
    }

    fn backend(&mut self) {
        let request = self.request;
        let none = ServiceConfig::default();
        let config = request.service_config.as_ref().unwrap_or(&none);
        let is_websocket = request.protocol == "WEBSOCKET";
        match request.service_type.as_str() {
            "HTTP" | "GRPC" => self.address(config),
            "VPC" => {
                self.address(config);
                self.need("ServiceConfig.UniqVpcId", is_given(config.uniq_vpc_id.as_ref()));
            }
            "WEBSOCKET" => {
                self.address(config);
                let message = "a WEBSOCKET backend needs the protocol WEBSOCKET";
                self.forbid(!is_websocket, message);
            }
            "MOCK" => {
                let field = "ServiceMockReturnMessage";
                self.need(field, is_given(request.service_mock_return_message.as_ref()));
            }
            "SCF" if is_websocket => {
                let field = "ServiceWebsocketTransportFunctionName";
                let given = is_given(request.service_websocket_transport_function_name.as_ref());
                self.need(field, given);
            }
            "SCF" => {
                let given = is_given(request.service_scf_function_name.as_ref());
                self.need("ServiceScfFunctionName", given);
            }
            "TSF" => self.tsf(),
            "TARGET" => self.targets(),
            "COS" => self.bucket(config),
            "UPSTREAM" => {
                self.need("ServiceConfig.UpstreamId", is_given(config.upstream_id.as_ref()));
            }
            "EB" => self.need("EventBusId", is_given(request.event_bus_id.as_ref())),
            _ => {}
        }
        let is_micro = request.api_type.as_deref() == Some("TSF");
        let message = "an API of the type TSF needs a backend of the type TSF";
        self.forbid(is_micro && request.service_type != "TSF", message);
        let lacks_network = config.product.is_some() && !is_given(config.uniq_vpc_id.as_ref());
        let is_told = request.service_type == "VPC";
        self.forbid(
            lacks_network && !is_told,
            "`ServiceConfig.Product` needs `ServiceConfig.UniqVpcId`",
        );
    }

    fn address(&mut self, config: &ServiceConfig) {
        self.need("ServiceConfig.Url", is_given(config.url.as_ref()));
        self.need("ServiceConfig.Path", config.path.is_some());
        self.need("ServiceConfig.Method", is_given(config.method.as_ref()));
        if let Some(url) = config.url.as_deref().filter(|url| !url.is_empty()) {
            let bare =
                url.strip_prefix("grpc").map_or_else(|| url.into(), |rest| format!("http{rest}"));
            let is_whole = Address::parse(&bare)
                .is_ok_and(|address| address.path.is_empty() && !url.ends_with('/'));
            let message = format!("`ServiceConfig.Url` is scheme://host[:port], not `{url}`");
            self.forbid(!is_whole, message);
        }
        let path = config.path.as_deref().unwrap_or_default();
        let is_rooted = path.is_empty() || path.starts_with('/');
        self.forbid(!is_rooted, format!("`ServiceConfig.Path` begins with a slash, not `{path}`"));
    }

    fn tsf(&mut self) {
        let given = self.request.micro_services.as_ref().is_some_and(|list| !list.is_empty());
        self.need("MicroServices", given);
        let timeout = self.request.service_timeout;
        let message = format!("a TSF backend may take {TSF_TIMEOUT} seconds, not {timeout}");
        self.forbid(timeout > TSF_TIMEOUT, message);
    }

    fn targets(&mut self) {
        let targets = self.request.target_services.as_deref().unwrap_or_default();
        self.need("TargetServices", !targets.is_empty());
        for target in targets {
            let port = target.vm_port;
            let is_port = (1..=i64::from(u16::MAX)).contains(&port);
            self.forbid(!is_port, format!("`TargetServices.VmPort` is a port, not {port}"));
        }
    }

    fn bucket(&mut self, config: &ServiceConfig) {
        self.need("ServiceConfig.CosConfig", config.cos_config.is_some());
        let Some(cos) = &config.cos_config else { return };
        let method = self.request.request_config.method.as_str();
        let fits: &[&str] = match method {
            "GET" => &["GetObject"],
            "PUT" => &["PutObject"],
            "POST" => &["PostObject", "AppendObject"],
            "HEAD" => &["HeadObject"],
            "DELETE" => &["DeleteObject"],
            _ => &[],
        };
        let message = format!("`CosConfig.Action: {}` does not go with {method}", cos.action);
        self.forbid(!cos.action.is_empty() && !fits.contains(&cos.action.as_str()), message);
    }

    /// Each name of the path is declared, each declared one is in the path, and what the
    /// backend is sent comes from somewhere.
    fn parameters(&mut self) {
        let request = self.request;
        let declared = request.request_parameters.as_deref().unwrap_or_default();
        let Ok(Template { names, .. }) = Template::parse(unmarked(&request.request_config.path))
        else {
            return;
        };
        for name in names.iter().filter(|name| !is_declared(declared, "PATH", name)) {
            self.forbid(true, format!("`RequestParameters` lacks `{name}` of the path"));
        }
        let stray = |p: &&RequestParameter| {
            p.position.as_deref() == Some("PATH")
                && p.name.as_deref().is_none_or(|name| !names.contains(&name))
        };
        if let Some(stray) = declared.iter().find(stray) {
            let name = stray.name.as_deref().unwrap_or_default();
            self.forbid(true, format!("the path has no parameter `{name}`"));
        }
        for sent in request.service_parameters.iter().flatten() {
            let name = sent.relevant_request_parameter_name.as_deref().unwrap_or_default();
            let position = sent.relevant_request_parameter_position.as_deref().unwrap_or_default();
            let is_known = name.is_empty() || is_declared(declared, position, name);
            let message = format!("the backend is sent `{name}`, which `RequestParameters` lacks");
            self.forbid(!is_known, message);
        }
        self.filled(&names);
    }

    /// Each name of the backend's path is one of the callers' path or is listed.
    fn filled(&mut self, front: &[&str]) {
        let config = self.request.service_config.as_ref();
        let path = config.and_then(|config| config.path.as_deref()).unwrap_or_default();
        let back = Template::parse(path).map(|template| template.names).unwrap_or_default();
        let sent = self.request.service_parameters.as_deref().unwrap_or_default();
        let fills = |name: &str| {
            let is_it = |it: &ServiceParameter| {
                it.position.as_deref() == Some("PATH") && it.name.as_deref() == Some(name)
            };
            front.contains(&name) || sent.iter().any(is_it)
        };
        if let Some(name) = back.into_iter().find(|name| !fills(name)) {
            let message = format!("nothing fills `{name}` of the backend's path `{path}`");
            let finding = Finding::new(Code::INVALID_FIELD, self.place.clone(), message);
            let hint = "set ServiceParameters, or another ServiceConfig.Path, by a rule";
            self.findings.push(finding.with_hint(hint));
        }
    }

    fn authorisation(&mut self) {
        let request = self.request;
        let is_oauth = request.auth_type.as_deref() == Some("OAUTH");
        let authorises = request.api_business_type.as_deref() == Some("OAUTH");
        let message = "an API that authorises others needs `AuthType: OAUTH`";
        self.forbid(authorises && !is_oauth, message);
        let has_key = request.oauth_config.as_ref().is_some_and(|c| !c.public_key.is_empty());
        if authorises && is_oauth && !has_key {
            let message = "an API that authorises others needs `OauthConfig`";
            self.tell(Code::REQUIRED_FIELD, message);
        }
    }
}

fn is_given(text: Option<&String>) -> bool {
    text.is_some_and(|text| !text.is_empty())
}

/// Names of headers are the same in any case.
fn is_declared(declared: &[RequestParameter], position: &str, name: &str) -> bool {
    declared.iter().any(|parameter| {
        let own = parameter.name.as_deref().unwrap_or_default();
        let same = if position == "HEADER" { own.eq_ignore_ascii_case(name) } else { own == name };
        same && parameter.position.as_deref() == Some(position)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::tencent::request::ApiRequestConfig;

    /// Codes told of a MOCK with these changes, in a body of this size.
    fn codes(size: usize, change: impl FnOnce(&mut CreateApi)) -> Vec<Code> {
        let config = ApiRequestConfig { path: "/a".into(), method: "GET".into() };
        let mut request = CreateApi {
            service_type: "MOCK".into(),
            service_mock_return_message: Some("x".into()),
            request_config: config,
            ..CreateApi::default()
        };
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
            move |request: &mut CreateApi| {
                let named = |index| RequestParameter {
                    name: Some(format!("p{index}")),
                    position: Some("QUERY".into()),
                    ..RequestParameter::default()
                };
                request.request_parameters = Some((0..count).map(named).collect());
            }
        };
        assert_eq!(codes(0, many(100)), []);
        assert_eq!(codes(0, many(101)), [Code::TOO_MANY_PARAMETERS]);
    }

    #[test]
    fn a_path_and_what_is_declared_of_it_agree() {
        let with = |path: &'static str, position: &'static str, name: &'static str| {
            move |request: &mut CreateApi| {
                request.request_config.path = path.into();
                request.request_parameters = Some(vec![RequestParameter {
                    name: Some(name.into()),
                    position: Some(position.into()),
                    ..RequestParameter::default()
                }]);
            }
        };
        assert_eq!(codes(0, with("/a/{id}", "PATH", "id")), []);
        assert_eq!(codes(0, with("/a/{id}", "QUERY", "id")), [Code::INVALID_FIELD]);
        assert_eq!(codes(0, with("/a", "PATH", "id")), [Code::INVALID_FIELD]);
        assert_eq!(codes(0, with("=/a", "QUERY", "id")), []);
    }
}
