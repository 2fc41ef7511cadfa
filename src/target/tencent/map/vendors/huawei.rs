//! Huawei Cloud's APIG: `x-apigateway-*`, as its pages on extended definitions describe them.
//!
//! HTTP backends, mocks and parameter mappings are read. Functions, channels into private
//! networks and variables of an environment stay behind: the operation is unfit, unless a rule
//! names the address.

use crate::finding::Place;
use crate::finding::notes::Notes;
use crate::spec::{Node, Operation};
use crate::target::tencent::backend_kind::BackendKind;
use crate::target::tencent::map::backend::{Backend, Constant, Renamed};
use crate::target::tencent::map::context::Context;
use crate::target::tencent::map::path::join;
use crate::target::tencent::map::vendors::reading::{
    self, constant, lost, moved, position, refused, seconds, sent_in, text, unread, without_rest,
};
use crate::target::tencent::map::vendors::{Found, Vendor, Word, extension};
use crate::target::tencent::names;

const NAME: &str = "x-apigateway-backend";

const CORS: &str = "x-apigateway-cors";

/// What an export writes in place of a server: the address of the group of APIs at the gateway.
pub(super) const ENTRY: &str = "$APIG_GROUP_ENTRY_URL";

pub(super) const VENDOR: Vendor = Vendor {
    name: "Huawei Cloud's gateway",
    prefixes: &["x-apigateway-"],
    words: &[
        (NAME, Word::Read),
        (CORS, Word::Read),
        // A prefix is what a plain path matches here; that an exact path does too is told.
        ("x-apigateway-match-mode", Word::Read),
        ("x-apigateway-request-type", Word::Documentation),
        ("x-apigateway-content-type", Word::Documentation),
        ("x-apigateway-response", Word::Documentation),
        ("x-apigateway-auth-type", Word::Access),
        ("x-apigateway-auth-opt", Word::Access),
        ("x-apigateway-access-control", Word::Access),
        ("x-apigateway-access-controls", Word::Access),
    ],
    others: Word::Ignored,
    backends: &[NAME],
    backend,
    serves: &["x-apigateway-"],
};

/// What is read of a backend's description.
const READ: &[&str] = &["scheme", "address", "path", "method", "timeout"];

/// Whether the gateway answers preflight requests.
pub(super) fn cors(operation: &Operation<'_>) -> Option<(bool, Place)> {
    let found = extension(operation, CORS)?;
    Some((found.node().as_bool()?, found.place()))
}

fn backend(context: Context<'_>, notes: &mut Notes) -> Option<Found> {
    let found = extension(context.operation, NAME)?;
    let (node, place) = (found.node(), found.place());
    let kind = text(node, "type").unwrap_or_default();
    let described = |key| node.get(key).unwrap_or(node);
    Some(match kind.to_ascii_uppercase().as_str() {
        "HTTP" => http(context, node, described("httpEndpoints"), notes),
        "HTTP-VPC" if context.is_set(names::BACKEND_URL) => {
            http(context, node, described("httpVpcEndpoints"), notes)
        }
        "HTTP-VPC" => {
            let channel = text(described("httpVpcEndpoints"), "name").unwrap_or_default();
            refused(
                place,
                format!("the channel `{channel}` into a private network is not known here"),
            )
        }
        "MOCK" => Ok(mock(described("mockEndpoints"))),
        "" => refused(place, format!("`{NAME}` has no `type`")),
        _ => refused(place, format!("a backend of the type `{kind}` cannot be migrated")),
    })
}

fn mock(described: Node<'_>) -> Backend {
    let mock = text(described, "result-content").map(str::to_owned);
    Backend { kind: BackendKind::Mock, mock, ..Backend::default() }
}

fn http(context: Context<'_>, node: Node<'_>, described: Node<'_>, notes: &mut Notes) -> Found {
    let place = described.place();
    notes.findings.extend(unread(described, NAME, &[READ, &["name", "description"]].concat()));
    let host = match context.set_text(names::BACKEND_URL) {
        Some(named) => named.to_owned(),
        None => host(described, &place)?,
    };
    let path = text(described, "path").map(str::to_owned);
    if let Some(variable) = path.as_deref().and_then(variable) {
        return refused(place, format!("the path holds `{variable}` of an environment"));
    }
    let address = reading::address(&host, &place, notes)?;
    let method = text(described, "method").map(str::to_ascii_uppercase);
    let (mapped, constants) = parameters(context, node, notes);
    let path = match path {
        Some(path) => without_rest(join("", &path), context, &mapped, &place, notes)?,
        None => context.path().back.into_owned(),
    };
    Ok(Backend {
        kind: BackendKind::Http,
        url: Some(address.url),
        path,
        method: method.filter(|method| method != context.operation.method.as_str()),
        timeout: seconds(described.get("timeout").and_then(Node::scalar)),
        renamed: moved(mapped),
        constants,
        ..Backend::default()
    })
}

/// Scheme and host as one address.
fn host(described: Node<'_>, place: &Place) -> Result<String, Box<crate::finding::Finding>> {
    let Some(host) = text(described, "address") else {
        return refused(place.clone(), format!("`{NAME}` names no address"));
    };
    if let Some(variable) = variable(host) {
        return refused(place.clone(), format!("the address holds `{variable}` of an environment"));
    }
    let scheme = text(described, "scheme").unwrap_or("http").to_ascii_lowercase();
    Ok(if host.contains("://") { host.to_owned() } else { format!("{scheme}://{host}") })
}

/// A variable of an environment, as in `#host#`.
fn variable(text: &str) -> Option<&str> {
    let from = text.find('#')?;
    let length = text[from + 1..].find('#')?;
    Some(&text[from..from + length + 2])
}

/// What the backend is sent otherwise than callers send it.
fn parameters(
    context: Context<'_>,
    node: Node<'_>,
    notes: &mut Notes,
) -> (Vec<Renamed>, Vec<Constant>) {
    let (mut renamed, mut constants) = (Vec::new(), Vec::new());
    for parameter in node.get("parameters").into_iter().flat_map(Node::items) {
        let name = text(parameter, "name").unwrap_or_default();
        let value = parameter.get("value").and_then(Node::scalar).unwrap_or_default();
        let to = text(parameter, "in").and_then(position);
        let from = || sent_in(context, value, to.unwrap_or_default());
        let origin = text(parameter, "origin").unwrap_or("REQUEST").to_ascii_uppercase();
        match (origin.as_str(), to) {
            ("CONSTANT", Some(to)) => constants.push(constant(to, name, value)),
            ("REQUEST", Some(to)) if let Some(from) = from() => renamed.push(Renamed {
                position: to,
                name: name.to_owned(),
                source_position: from,
                source_name: value.to_owned(),
            }),
            _ => lost(notes, &parameter.place(), &format!("the backend's parameter `{name}`")),
        }
    }
    (renamed, constants)
}
