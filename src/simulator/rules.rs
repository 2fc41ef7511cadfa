//! What a well-formed `CreateApi` must make sense as: for callers, for its backend, for its
//! authorisation, with the codes published for each.
//!
//! Where the documentation is silent, what is plausible passes: a stand-in that refuses more
//! than is known would teach its users rules that do not exist. What depends on what is
//! there already is [`crate::simulator::store`]'s.

use serde_json::{Map, Value};

use crate::simulator::answer::Refusal;
use crate::simulator::body::word;

type Body = Map<String, Value>;
type Verdict = Result<(), Refusal>;

/// Judges a body that has the right fields of the right types.
pub(crate) fn judge(body: &Body) -> Verdict {
    front(body)?;
    parameters(body)?;
    backend(body)?;
    authorisation(body)
}

/// What callers see.
fn front(body: &Body) -> Verdict {
    let (path, method) =
        (text(body, "RequestConfig", "Path"), text(body, "RequestConfig", "Method"));
    let begins = ["/", "=/", "^~/", "~"].iter().any(|start| path.starts_with(start));
    hold(begins, "InvalidApiRequestConfig", "RequestConfig.Path must begin with /.")?;
    let odd = path.contains(|c: char| c.is_whitespace() || c.is_control() || "?#".contains(c));
    hold(!odd, "InvalidApiRequestConfig", "RequestConfig.Path must be a path of a URL.")?;
    let braces = names_in(path).is_some();
    hold(braces, "InvalidApiRequestConfig", "RequestConfig.Path has unpaired or empty braces.")?;
    let websocket = word(body, "Protocol") == "WEBSOCKET";
    hold(!websocket || method == "GET", "InvalidWSMethod", "A WEBSOCKET front is opened by GET.")?;
    let named = word(body, "ApiName").chars().count() <= 60;
    hold(named, "RangeExceeded", "ApiName has more than 60 characters.")
}

/// What callers send, and what becomes of it.
fn parameters(body: &Body) -> Verdict {
    let declared = list(body, "RequestParameters");
    let at = |parameter: &Value, position: &str, name: &str| {
        field(parameter, "Position").eq_ignore_ascii_case(position)
            && field(parameter, "Name") == name
    };
    let path = text(body, "RequestConfig", "Path");
    let in_path = names_in(path).unwrap_or_default();
    for name in &in_path {
        let found = declared.iter().any(|parameter| at(parameter, "PATH", name));
        let message = format!("The path's {{{name}}} is not declared in RequestParameters.");
        hold(found, "InvalidRequestParameters", &message)?;
    }
    for parameter in declared {
        let name = field(parameter, "Name");
        hold(!name.is_empty(), "InvalidRequestParameters", "A parameter has no name.")?;
        let stray =
            field(parameter, "Position").eq_ignore_ascii_case("PATH") && !in_path.contains(&name);
        let message = format!("The path has no {{{name}}}.");
        hold(!stray, "ParameterNotMatch", &message)?;
    }
    for mapped in list(body, "ServiceParameters") {
        let position = field(mapped, "RelevantRequestParameterPosition");
        let name = field(mapped, "RelevantRequestParameterName");
        let found =
            name.is_empty() || declared.iter().any(|parameter| at(parameter, position, name));
        let message = format!("A backend parameter refers to `{name}`, which no caller sends.");
        hold(found, "ParameterNotMatch", &message)?;
    }
    Ok(())
}

fn backend(body: &Body) -> Verdict {
    let kind = word(body, "ServiceType");
    let micro = word(body, "ApiType") != "TSF" || kind == "TSF";
    hold(micro, "InvalidApiType", "A microservice API has a TSF backend.")?;
    let front = word(body, "Protocol");
    let config = |key| text(body, "ServiceConfig", key);
    match kind {
        "HTTP" | "VPC" | "GRPC" => address(body),
        "MOCK" => {
            let message = !word(body, "ServiceMockReturnMessage").is_empty();
            let code = "InvalidServiceMockReturnMessage";
            hold(message, code, "A MOCK backend needs a return message.")
        }
        "SCF" if front == "WEBSOCKET" => {
            let named = !word(body, "ServiceWebsocketTransportFunctionName").is_empty();
            hold(named, "InvalidScfConfig", "A WEBSOCKET front needs a transport function.")
        }
        "SCF" => {
            let named = !word(body, "ServiceScfFunctionName").is_empty();
            hold(named, "InvalidScfConfig", "An SCF backend needs a function.")
        }
        "WEBSOCKET" => {
            let code = "InvalidServiceType";
            hold(front == "WEBSOCKET", code, "A WEBSOCKET backend needs a WEBSOCKET front.")?;
            address(body)
        }
        "TSF" => {
            let short = body.get("ServiceTimeout").and_then(Value::as_i64).unwrap_or(0) <= 30;
            hold(short, "RangeExceeded", "A TSF backend has at most 30 seconds.")?;
            let some = !list(body, "MicroServices").is_empty();
            hold(some, "InvalidTsfConfig", "A TSF backend needs a microservice.")
        }
        "TARGET" => targets(body),
        "COS" => bucket(body),
        "UPSTREAM" => {
            let named = !config("UpstreamId").is_empty();
            hold(named, "InvalidUpstream", "An UPSTREAM backend needs an UpstreamId.")?;
            network(body)
        }
        "EB" => {
            let named = !word(body, "EventBusId").is_empty();
            hold(named, "InvalidServiceConfig", "An EB backend needs an EventBusId.")
        }
        _ => Ok(()),
    }
}

/// A backend that is reached by an address.
fn address(body: &Body) -> Verdict {
    let config = |key| text(body, "ServiceConfig", key);
    let whole = body.get("ServiceConfig").is_some_and(|it| it["Path"].is_string());
    let whole = whole && !config("Method").is_empty();
    hold(whole, "InvalidServiceConfig", "ServiceConfig needs Url, Path and Method.")?;
    hold(is_address(config("Url")), "InvalidUrl", "ServiceConfig.Url is scheme://host[:port].")?;
    let path = config("Path");
    let rooted = path.is_empty() || path.starts_with('/');
    hold(rooted, "InvalidBackendPath", "ServiceConfig.Path must begin with /.")?;
    network(body)
}

fn network(body: &Body) -> Verdict {
    let config = |key| text(body, "ServiceConfig", key);
    let whole = config("Product").is_empty() || !config("UniqVpcId").is_empty();
    hold(whole, "InvalidVpcConfig", "ServiceConfig.Product needs UniqVpcId.")
}

/// `scheme://host[:port]`, nothing behind it.
fn is_address(url: &str) -> bool {
    let Some((scheme, host)) = url.split_once("://") else { return false };
    let (host, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port.parse().unwrap_or(0)),
        _ => (host, 1_u16),
    };
    let odd = host.contains(|c: char| c.is_whitespace() || "/?#@".contains(c));
    ["http", "https", "ws", "wss", "grpc", "grpcs"].contains(&scheme)
        && !host.is_empty()
        && !odd
        && port > 0
}

fn targets(body: &Body) -> Verdict {
    let targets = list(body, "TargetServices");
    hold(!targets.is_empty(), "InvalidServiceConfig", "A TARGET backend needs TargetServices.")?;
    for target in targets {
        let port = target["VmPort"].as_i64().unwrap_or(0);
        hold((1..=65_535).contains(&port), "InvalidPort", "VmPort is no port.")?;
        for key in ["VmIp", "HostIp"] {
            let is_address = field(target, key).parse::<std::net::IpAddr>().is_ok();
            hold(is_address, "InvalidIPAddress", &format!("{key} is no address."))?;
        }
    }
    Ok(())
}

fn bucket(body: &Body) -> Verdict {
    let config = body.get("ServiceConfig").map(|it| &it["CosConfig"]);
    let config = config.filter(|it| it.is_object());
    hold(config.is_some(), "InvalidServiceConfig", "A COS backend needs ServiceConfig.CosConfig.")?;
    let method = text(body, "RequestConfig", "Method");
    hold(method != "ANY", "InvalidApiRequestConfig", "A COS backend takes no ANY.")?;
    let action = config.map_or("", |it| field(it, "Action"));
    let fits = match method {
        "POST" => ["PostObject", "AppendObject"].contains(&action),
        "GET" => action == "GetObject",
        "PUT" => action == "PutObject",
        "HEAD" => action == "HeadObject",
        "DELETE" => action == "DeleteObject",
        _ => false,
    };
    hold(fits, "NotInOptions", &format!("CosConfig.Action `{action}` does not go with {method}."))
}

fn authorisation(body: &Body) -> Verdict {
    let authorises = word(body, "ApiBusinessType") == "OAUTH";
    let oauth = word(body, "AuthType") == "OAUTH";
    let code = "InvalidApiBusinessType";
    hold(oauth || !authorises, code, "Only an API with AuthType OAUTH can authorise others.")?;
    let key = !text(body, "OauthConfig", "PublicKey").is_empty();
    hold(!authorises || key, "InvalidPublicKey", "An authorising API needs a public key.")?;
    if oauth && !authorises && word(body, "AuthRelationApiId").is_empty() {
        let message = "A business API needs the AuthRelationApiId of its authorising API.";
        return Err(Refusal::new("ResourceNotFound.InvalidOauthApi", message));
    }
    Ok(())
}

/// The names in braces, in order; `None` where braces are unpaired, nested or empty. The
/// braces of a regular expression's counts are none of a path's.
fn names_in(path: &str) -> Option<Vec<&str>> {
    if path.starts_with('~') {
        return Some(Vec::new());
    }
    let mut parts = path.split('{');
    let closed = parts.next().is_some_and(|first| !first.contains('}'));
    let names = parts.map(|part| {
        let (name, rest) = part.split_once('}')?;
        (!name.is_empty() && !rest.contains('}')).then_some(name)
    });
    names.collect::<Option<_>>().filter(|_| closed)
}

/// A string inside an object of the body, empty where there is none.
fn text<'b>(body: &'b Body, object: &str, key: &str) -> &'b str {
    body.get(object).map_or("", |it| field(it, key))
}

/// A string of an object, empty where there is none.
fn field<'v>(object: &'v Value, key: &str) -> &'v str {
    object[key].as_str().unwrap_or_default()
}

/// A list of the body, empty where there is none.
fn list<'b>(body: &'b Body, key: &str) -> &'b [Value] {
    body.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Refuses unless this holds.
fn hold(holds: bool, code: &str, message: &str) -> Verdict {
    if holds {
        return Ok(());
    }
    Err(Refusal::new(&format!("InvalidParameterValue.{code}"), message))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// A body that passes, with some fields set otherwise; null takes one away.
    fn body(kind: &str, changes: &Value) -> Body {
        let mut body = json!({
            "ServiceId": "service-1", "ServiceType": kind, "ServiceTimeout": 15, "Protocol": "HTTP",
            "RequestConfig": {"Path": "/a", "Method": "GET"},
        });
        let more = match kind {
            "HTTP" | "VPC" | "GRPC" => {
                json!({"ServiceConfig": {"Url": "http://b.example", "Path": "/b", "Method": "GET"}})
            }
            "WEBSOCKET" => json!({
                "Protocol": "WEBSOCKET",
                "ServiceConfig": {"Url": "ws://b.example:80", "Path": "", "Method": "GET"},
            }),
            "MOCK" => json!({"ServiceMockReturnMessage": "hello"}),
            "SCF" => json!({"ServiceScfFunctionName": "f"}),
            "TSF" => json!({"MicroServices": [{}]}),
            "EB" => json!({"EventBusId": "eb-1"}),
            "UPSTREAM" => json!({
                "ServiceConfig": {"Product": "upstream", "UniqVpcId": "vpc-1", "UpstreamId": "u"},
            }),
            "COS" => {
                json!({"ServiceConfig": {"CosConfig": {"Action": "GetObject", "BucketName": "b"}}})
            }
            "TARGET" => json!({"TargetServices": [
                {"VmIp": "10.0.0.1", "VpcId": "v", "VmPort": 80, "HostIp": "10.0.0.2"},
            ]}),
            other => panic!("{other}"),
        };
        for (key, value) in more.as_object().unwrap().iter().chain(changes.as_object().unwrap()) {
            body[key] = value.clone();
        }
        let Value::Object(mut body) = body else { panic!() };
        body.retain(|_, value| !value.is_null());
        body
    }

    #[track_caller]
    fn refused(kind: &str, changes: &Value, code: &str) {
        let told = judge(&body(kind, changes)).map_err(|refusal| refusal.code);
        let code =
            if code.contains('.') { code.into() } else { format!("InvalidParameterValue.{code}") };
        assert_eq!(told, Err(code), "{kind} {changes}");
    }

    #[track_caller]
    fn taken(kind: &str, changes: &Value) {
        assert_eq!(judge(&body(kind, changes)), Ok(()), "{kind} {changes}");
    }

    #[test]
    fn every_kind_of_backend_is_taken_with_what_it_needs() {
        let model: Value =
            serde_json::from_str(include_str!("../target/tencent/model.json")).unwrap();
        let fields = model["types"]["CreateApiRequest"].as_array().unwrap();
        let kinds = fields.iter().find(|field| field["name"] == "ServiceType").unwrap();
        for kind in kinds["allowed"].as_array().unwrap() {
            taken(kind.as_str().unwrap(), &json!({}));
        }
    }

    #[test]
    fn every_kind_of_backend_is_refused_without_what_it_needs() {
        for kind in ["HTTP", "VPC", "GRPC", "WEBSOCKET"] {
            refused(kind, &json!({"ServiceConfig": null}), "InvalidServiceConfig");
            let config =
                |url, path| json!({"ServiceConfig": {"Url": url, "Path": path, "Method": "GET"}});
            for url in
                ["", "b.example", "ftp://b", "http://", "http://b/path", "http://b:0", "http://u@b"]
            {
                refused(kind, &config(url, "/b"), "InvalidUrl");
            }
            refused(kind, &config("http://b", "b"), "InvalidBackendPath");
            taken(kind, &config("http://[::1]:80", ""));
        }
        refused(
            "MOCK",
            &json!({"ServiceMockReturnMessage": ""}),
            "InvalidServiceMockReturnMessage",
        );
        refused("SCF", &json!({"ServiceScfFunctionName": null}), "InvalidScfConfig");
        refused("SCF", &json!({"Protocol": "WEBSOCKET"}), "InvalidScfConfig");
        refused("TSF", &json!({"MicroServices": []}), "InvalidTsfConfig");
        refused("TSF", &json!({"ServiceTimeout": 31}), "RangeExceeded");
        refused("EB", &json!({"EventBusId": null}), "InvalidServiceConfig");
        refused("UPSTREAM", &json!({"ServiceConfig": {}}), "InvalidUpstream");
        refused("TARGET", &json!({"TargetServices": null}), "InvalidServiceConfig");
        let target = |ip, port| json!({"TargetServices": [{"VmIp": ip, "VmPort": port, "HostIp": "1.1.1.1"}]});
        refused("TARGET", &target("10.0.0.1", 70_000), "InvalidPort");
        refused("TARGET", &target("here", 80), "InvalidIPAddress");
        refused("COS", &json!({"ServiceConfig": {}}), "InvalidServiceConfig");
    }

    #[test]
    fn a_bucket_is_read_and_written_by_the_method_that_fits() {
        let post = json!({"RequestConfig": {"Path": "/a", "Method": "POST"}});
        refused("COS", &post, "NotInOptions");
        let any = json!({"RequestConfig": {"Path": "/a", "Method": "ANY"}});
        refused("COS", &any, "InvalidApiRequestConfig");
    }

    #[test]
    fn a_private_network_is_named_with_what_stands_in_it() {
        let config =
            json!({"Product": "clb", "Url": "http://10.0.0.1:80", "Path": "/", "Method": "GET"});
        refused("HTTP", &json!({"ServiceConfig": config}), "InvalidVpcConfig");
    }

    #[test]
    fn front_and_backend_have_to_go_together() {
        refused("MOCK", &json!({"ApiType": "TSF"}), "InvalidApiType");
        refused("WEBSOCKET", &json!({"Protocol": "HTTP"}), "InvalidServiceType");
        let post = json!({"RequestConfig": {"Path": "/a", "Method": "POST"}});
        refused("WEBSOCKET", &post, "InvalidWSMethod");
    }

    #[test]
    fn a_path_is_one_that_the_gateway_can_match() {
        let path = |path: &str| json!({"RequestConfig": {"Path": path, "Method": "GET"}});
        for odd in ["", "a", "=a", "/a b", "/a?b", "/a#b", "/{", "/}", "/{}", "/{a}}", "/{a{b}}"] {
            refused("MOCK", &path(odd), "InvalidApiRequestConfig");
        }
        for fine in ["/", "=/a", "^~/a", "~^/a{2}$", "/用户"] {
            taken("MOCK", &path(fine));
        }
    }

    #[test]
    fn the_parameters_of_a_path_are_declared_and_no_others() {
        let with = |parameters: Value| {
            json!({
                "RequestConfig": {"Path": "/{a}/{b}", "Method": "GET"},
                "RequestParameters": parameters,
            })
        };
        let one = |name| json!({"Name": name, "Position": "PATH", "Type": "string"});
        taken("MOCK", &with(json!([one("a"), one("b")])));
        refused("MOCK", &with(json!([one("a")])), "InvalidRequestParameters");
        refused("MOCK", &with(json!([one("a"), one("b"), one("c")])), "ParameterNotMatch");
        let nameless = json!([one("a"), one("b"), {"Position": "QUERY"}]);
        refused("MOCK", &with(nameless), "InvalidRequestParameters");
    }

    #[test]
    fn a_backend_parameter_refers_to_one_that_callers_send() {
        let refers = |name| {
            json!({
                "RequestParameters": [{"Name": "q", "Position": "QUERY"}],
                "ServiceParameters": [{"Name": "x", "Position": "HEADER",
                    "RelevantRequestParameterPosition": "QUERY", "RelevantRequestParameterName": name}],
            })
        };
        taken("HTTP", &refers("q"));
        refused("HTTP", &refers("r"), "ParameterNotMatch");
    }

    #[test]
    fn an_api_authorises_others_or_is_authorised_by_one() {
        let authorising = |key| {
            json!({
                "AuthType": "OAUTH", "ApiBusinessType": "OAUTH", "OauthConfig": {"PublicKey": key},
            })
        };
        taken("MOCK", &authorising("k"));
        refused("MOCK", &authorising(""), "InvalidPublicKey");
        refused("MOCK", &json!({"ApiBusinessType": "OAUTH"}), "InvalidApiBusinessType");
        taken("MOCK", &json!({"AuthType": "OAUTH", "AuthRelationApiId": "api-1"}));
        refused("MOCK", &json!({"AuthType": "OAUTH"}), "ResourceNotFound.InvalidOauthApi");
    }

    #[test]
    fn a_name_has_at_most_60_characters() {
        taken("MOCK", &json!({"ApiName": "名".repeat(60)}));
        refused("MOCK", &json!({"ApiName": "n".repeat(61)}), "RangeExceeded");
    }

    /// Any JSON, in the shape of a body and with the model's names.
    fn any_body() -> impl Strategy<Value = Body> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "(HTTP|MOCK|COS|TARGET|OAUTH|/[{}a]{0,5}|http://.{0,5}|.{0,5})".prop_map(Value::from),
        ];
        let names = crate::simulator::check::fields("CreateApiRequest");
        let nested = ["ApiRequestConfig", "ServiceConfig", "RequestParameter", "TargetServicesReq"];
        let nested = nested.into_iter().flat_map(crate::simulator::check::fields);
        let name = |field: &Value| field["name"].as_str().unwrap().to_owned();
        let inner: Vec<_> = nested.map(name).collect();
        let outer: Vec<_> = names.iter().map(name).collect();
        let value = leaf.prop_recursive(3, 24, 6, move |value| {
            let key = prop::sample::select(inner.clone());
            prop_oneof![
                prop::collection::vec(value.clone(), 0..3).prop_map(Value::from),
                prop::collection::hash_map(key, value, 0..6)
                    .prop_map(|map| Value::from(map.into_iter().collect::<Body>())),
            ]
        });
        prop::collection::hash_map(prop::sample::select(outer), value, 0..12)
            .prop_map(|map| map.into_iter().collect())
    }

    proptest! {
        #[test]
        fn no_body_makes_the_judges_fall(body in any_body()) {
            _ = crate::simulator::check::request("CreateApi", &body);
            _ = judge(&body);
        }
    }
}
