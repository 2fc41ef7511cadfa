//! `x-amazon-apigateway-integration`: HTTP and mock integrations with their renamed
//! parameters. Functions and other services of that cloud cannot be migrated, nor can links
//! into its private networks unless a rule names the address: the operation is unfit.

mod renames;

use crate::finding::notes::Notes;
use crate::finding::{Code, Finding};
use crate::spec::Node;
use crate::spec::model::Extension;
use crate::target::tencent::backend_kind::BackendKind;
use crate::target::tencent::map::address::Address;
use crate::target::tencent::map::backend::Backend;
use crate::target::tencent::map::context::Context;
use crate::target::tencent::map::path::join;
use crate::target::tencent::map::vendors::{extension, refused, tell_query, text, unread};
use crate::target::tencent::names;

use renames::Renames;

pub(crate) const NAME: &str = "x-amazon-apigateway-integration";

/// What is read of an integration, and what concerns only that gateway's own workings.
const READ: &[&str] = &[
    "connectionId",
    "connectionType",
    "httpMethod",
    "passthroughBehavior",
    "payloadFormatVersion",
    "requestParameters",
    "timeoutInMillis",
    "type",
    "uri",
];

/// What a proxy has no use for, since bodies pass through it.
const OF_NO_PROXY: &[&str] = &["requestTemplates", "responses"];

/// What a mock reads besides: its request template chooses the answer.
const OF_MOCK: &[&str] = &["requestTemplates", "responses"];

/// The backend that the integration names.
pub(crate) fn backend(
    context: Context<'_>,
    notes: &mut Notes,
) -> Option<Result<Backend, Box<Finding>>> {
    let found = extension(context, NAME)?;
    let Some(kind) = text(found.node(), "type") else {
        let is_dangling = found.node().get("$ref").is_some();
        let why = if is_dangling { "'s `$ref` leads nowhere" } else { " has no `type`" };
        return Some(refused(found.place(), format!("the integration{why}")));
    };
    Some(match kind.to_ascii_lowercase().as_str() {
        "mock" => {
            tell_unread(found, OF_MOCK, notes);
            Ok(mock(found.node(), notes))
        }
        "http" => {
            tell_unread(found, &[], notes);
            http(context, found.node(), notes)
        }
        "http_proxy" => {
            tell_unread(found, OF_NO_PROXY, notes);
            http(context, found.node(), notes)
        }
        other => {
            let message = format!("an integration of the type `{other}` cannot be migrated");
            refused(found.place(), message)
        }
    })
}

fn tell_unread(integration: Extension<'_>, also_read: &[&str], notes: &mut Notes) {
    let read = [READ, also_read].concat();
    notes.findings.extend(unread(integration.node(), NAME, &read));
}

fn http(
    context: Context<'_>,
    integration: Node<'_>,
    notes: &mut Notes,
) -> Result<Backend, Box<Finding>> {
    let named = context.set_text(names::BACKEND_URL);
    let is_private = text(integration, "connectionType")
        .is_some_and(|kind| kind.eq_ignore_ascii_case("VPC_LINK"));
    if is_private && named.is_none() {
        let message = "a link into a private network cannot be migrated".into();
        return refused(integration.place(), message);
    }
    let address = address(integration, named, notes)?;
    let front = context.path();
    let renames = Renames::of(integration.get("requestParameters"), &front.front, notes)?;
    let path = renames.constants_in(&join("", renames.path.as_deref().unwrap_or(&address.path)));
    let path = match &front.rest {
        Some(rest) => renames.without_rest(path, rest, integration, notes)?,
        None => path,
    };
    let method = text(integration, "httpMethod").map(str::to_ascii_uppercase);
    Ok(Backend {
        kind: BackendKind::Http,
        url: Some(address.url),
        // Where it is the operation's own, what becomes of that one becomes of it.
        method: method.filter(|method| method != context.operation.method.as_str()),
        timeout: timeout(integration),
        renamed: renames.moved(),
        constants: renames.constants,
        path,
        ..Backend::default()
    })
}

/// Where the requests go. Where a rule names the host, it stands for the integration's own,
/// which may be known inside that cloud alone.
fn address(
    integration: Node<'_>,
    named: Option<&str>,
    notes: &mut Notes,
) -> Result<Address, Box<Finding>> {
    let Some(written) = text(integration, "uri") else {
        return refused(integration.place(), "the integration has no `uri`".into());
    };
    let uri =
        named.map_or_else(|| written.to_owned(), |host| format!("{host}{}", path_of(written)));
    if let Some(from) = uri.find("${") {
        let variable = uri[from..].split_inclusive('}').next().unwrap_or_default();
        let message =
            format!("the address holds `{variable}`, and stage variables cannot be migrated");
        return refused(integration.place(), message);
    }
    match Address::parse(&uri) {
        Ok(address) => {
            tell_query(&address, written, &integration.place(), notes);
            Ok(address)
        }
        Err(fault) => refused(integration.place(), format!("the address `{uri}` {fault}")),
    }
}

/// What stands behind the host of an address.
fn path_of(uri: &str) -> &str {
    let behind_scheme = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    behind_scheme.find(['/', '?', '#']).map_or("", |at| &behind_scheme[at..])
}

/// Milliseconds there, whole seconds here.
fn timeout(integration: Node<'_>) -> Option<i64> {
    let milliseconds: u64 = integration.get("timeoutInMillis")?.scalar()?.parse().ok()?;
    i64::try_from(milliseconds.div_ceil(1000).max(1)).ok()
}

/// A mock answers with the template of a success, where that is plain text.
fn mock(integration: Node<'_>, notes: &mut Notes) -> Backend {
    let responses = || integration.get("responses").into_iter().flat_map(Node::entries);
    let is_success = |response: Node<'_>| {
        let status = response.get("statusCode").and_then(Node::scalar);
        status.is_some_and(|status| status.starts_with('2'))
    };
    let default =
        responses().find(|(key, response)| key.as_str() == "default" && is_success(*response));
    let found = default.or_else(|| responses().find(|(_, response)| is_success(*response)));
    let read = ["responseTemplates", "statusCode"];
    let told = found.into_iter().flat_map(|(_, response)| unread(response, NAME, &read));
    notes.findings.extend(told);
    // The gateway's mock has one answer.
    let chosen = found.map_or("", |(key, _)| key.as_str());
    let all = integration.get("responses");
    let others =
        all.into_iter().flat_map(|all| unread(all, "responses", std::slice::from_ref(&chosen)));
    notes.findings.extend(others);
    let body = found.and_then(|(_, response)| template(response));
    let has_variables =
        |body: &Node<'_>| body.as_str().is_some_and(|text| text.contains(['$', '#']));
    if let Some(body) = body.filter(has_variables) {
        let message = "the mock's template has variables, which have no counterpart";
        notes.tell(Code::EXTENSION_NOT_CARRIED, &body.place(), message);
    }
    let plain = body.filter(|body| !has_variables(body)).and_then(Node::as_str);
    let mock = plain.filter(|text| !text.trim().is_empty()).map(str::to_owned);
    Backend { kind: BackendKind::Mock, mock, ..Backend::default() }
}

/// The response's template: of JSON, else the first.
fn template(response: Node<'_>) -> Option<Node<'_>> {
    let templates = response.get("responseTemplates")?;
    let first = || templates.entries().map(|(_, value)| value).next();
    templates.get("application/json").or_else(first)
}
