//! Alibaba Cloud's API Gateway: `x-aliyun-apigateway-*`, as its page on importing Swagger
//! describes them. Keys of a backend come in two dialects, `address` and `serviceAddress`.
//!
//! HTTP backends, mocks and parameter mappings are read. Functions, buckets and accesses to
//! private networks stay behind: the operation is unfit, unless a rule names the address.

use crate::finding::notes::Notes;
use crate::spec::model::{Extension, Parameter};
use crate::spec::{Node, Operation};
use crate::target::tencent::backend_kind::BackendKind;
use crate::target::tencent::map::backend::{Backend, Constant, Renamed};
use crate::target::tencent::map::context::Context;
use crate::target::tencent::map::path::join;
use crate::target::tencent::map::vendors::reading::{
    self, constant, first_text, lost, moved, path_of, position, position_of, refused, seconds,
    text, unread, without_rest,
};
use crate::target::tencent::map::vendors::{Found, Vendor, Word, extension};
use crate::target::tencent::names;

const NAME: &str = "x-aliyun-apigateway-backend";

/// Who may call: registered apps, unless it says `ANONYMOUS`.
const AUTH: &str = "x-aliyun-apigateway-auth-type";

/// Whether parameters are mapped; the first is how it was first published.
const HANDLING: [&str; 2] =
    ["x-aliyun-apigateway-paramater-handling", "x-aliyun-apigateway-parameter-handling"];

const CONSTANTS: &str = "x-aliyun-apigateway-constant-parameters";

/// At a parameter: where the backend is sent it, and as what.
const LOCATION: &str = "x-aliyun-apigateway-backend-location";
const BACKEND_NAME: &str = "x-aliyun-apigateway-backend-name";

pub(super) const VENDOR: Vendor = Vendor {
    name: "Alibaba Cloud's gateway",
    prefixes: &["x-aliyun-apigateway-"],
    words: &[
        (NAME, Word::Read),
        (AUTH, Word::Read),
        (HANDLING[0], Word::Read),
        (HANDLING[1], Word::Read),
        (CONSTANTS, Word::Read),
        ("x-aliyun-apigateway-request-config", Word::Object(REQUEST)),
        ("x-aliyun-apigateway-api-market-enable", Word::Documentation),
        ("x-aliyun-apigateway-api-force-nonce-check", Word::Access),
    ],
    others: Word::Ignored,
    backends: &[NAME],
    backend,
    serves: &["x-aliyun-apigateway-"],
};

/// The key of a request's description that is read, and those that say what the document says.
const REQUEST: &[&str] = &["requestMode", "requestProtocol", "requestHttpMethod", "requestPath"];

const KIND: &[&str] = &["type", "serviceType"];
const ADDRESS: &[&str] = &["address", "serviceAddress"];
const PATH: &[&str] = &["path", "servicePath"];
const METHOD: &[&str] = &["method", "serviceMethod", "serviceHttpMethod"];
const TIMEOUT: &[&str] = &["timeout", "serviceTimeout"];
const MOCK: &[&str] = &["mockResult"];

/// What the gateway checks of callers unless the operation says that anyone may call.
pub(super) fn access(operation: &Operation<'_>) -> Option<&'static str> {
    let is_anonymous = |auth: Extension<'_>| auth.node().as_str() == Some("ANONYMOUS");
    match extension(operation, AUTH) {
        Some(auth) => (!is_anonymous(auth)).then_some(AUTH),
        None => {
            extension(operation, NAME).map(|_| "the default of `x-aliyun-apigateway-auth-type`")
        }
    }
}

fn backend(context: Context<'_>, notes: &mut Notes) -> Option<Found> {
    let found = extension(context.operation, NAME)?;
    let node = found.node();
    let read = [KIND, ADDRESS, PATH, METHOD, TIMEOUT, MOCK, &["vpcAccessName"]].concat();
    let kind = first_text(node, KIND).unwrap_or_default();
    Some(match kind.to_ascii_uppercase().as_str() {
        "HTTP" | "HTTP-VPC" | "VPC" => {
            notes.findings.extend(unread(node, NAME, &read));
            http(context, found, kind, notes)
        }
        "MOCK" => {
            notes.findings.extend(unread(node, NAME, &read));
            let mock = first_text(node, MOCK).map(str::to_owned);
            Ok(Backend { kind: BackendKind::Mock, mock, ..Backend::default() })
        }
        "" => refused(found.place(), format!("`{NAME}` has no `type`")),
        _ => refused(found.place(), format!("a backend of the type `{kind}` cannot be migrated")),
    })
}

fn http(context: Context<'_>, found: Extension<'_>, kind: &str, notes: &mut Notes) -> Found {
    let (node, place) = (found.node(), found.place());
    let named = context.set_text(names::BACKEND_URL);
    let Some(host) = named.or_else(|| first_text(node, ADDRESS)) else {
        let access = text(node, "vpcAccessName").unwrap_or_default();
        let why = match kind {
            "HTTP" => format!("`{NAME}` names no address"),
            _ => format!("the access `{access}` to a private network is not known here"),
        };
        return refused(place, why);
    };
    let address = reading::address(host, &place, notes)?;
    // An address may hold the path as well.
    let written = first_text(node, PATH).map(str::to_owned);
    let own = Some(path_of(host)).filter(|path| !path.is_empty());
    let path = written.or_else(|| own.map(str::to_owned));
    let mapped = renamed(context, notes);
    let path = match path {
        Some(path) => without_rest(join("", &braced(path)), context, &mapped, &place, notes)?,
        None => context.path().back.into_owned(),
    };
    let method = first_text(node, METHOD).map(str::to_ascii_uppercase);
    Ok(Backend {
        kind: BackendKind::Http,
        url: Some(address.url),
        path,
        method: method.filter(|method| method != context.operation.method.as_str()),
        timeout: seconds(first_text(node, TIMEOUT)),
        renamed: moved(mapped),
        constants: constants(context, notes),
        ..Backend::default()
    })
}

/// The gateway's own paths write a parameter in brackets.
fn braced(path: String) -> String {
    if path.contains('[') { path.replace('[', "{").replace(']', "}") } else { path }
}

/// What the backend is sent under other names, which counts where parameters are mapped.
fn renamed(context: Context<'_>, notes: &mut Notes) -> Vec<Renamed> {
    let of_request = || {
        let config = extension(context.operation, "x-aliyun-apigateway-request-config")?;
        text(config.node(), "requestMode")
    };
    let handling = HANDLING.iter().find_map(|name| extension(context.operation, name));
    let mode = handling.and_then(|it| it.node().as_str()).or_else(of_request);
    if !mode.is_some_and(|mode| mode.starts_with("MAPPING")) {
        return Vec::new();
    }
    let mut renamed = Vec::new();
    for Parameter { given: parameter, node, .. } in &context.operation.parameters {
        let name = &parameter.parameter_data_ref().name;
        let (to, as_name) = (text(*node, LOCATION), text(*node, BACKEND_NAME));
        let Some(from) = position_of(parameter).filter(|_| to.is_some() || as_name.is_some())
        else {
            continue;
        };
        match to.map_or(Some(from), position) {
            Some(position) => renamed.push(Renamed {
                position,
                name: as_name.unwrap_or(name).to_owned(),
                source_position: from,
                source_name: name.clone(),
            }),
            None => lost(notes, &node.place(), &format!("where the backend is sent `{name}`")),
        }
    }
    renamed
}

fn constants(context: Context<'_>, notes: &mut Notes) -> Vec<Constant> {
    let Some(found) = extension(context.operation, CONSTANTS) else { return Vec::new() };
    let mut constants = Vec::new();
    for item in found.node().items() {
        let name = first_text(item, &["backendName", "name"]).unwrap_or_default();
        let value = item.get("value").and_then(Node::scalar).unwrap_or_default();
        match text(item, "location").and_then(position) {
            Some(position) => constants.push(constant(position, name, value)),
            None => lost(notes, &item.place(), &format!("the constant `{name}`")),
        }
    }
    constants
}
