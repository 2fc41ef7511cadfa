//! `x-amazon-apigateway-integration`: HTTP and mock integrations with their renamed
//! parameters. Functions and other services of that cloud cannot be migrated, nor can links
//! into its private networks unless a rule names the address: the operation is unfit.

mod renames;

use crate::finding::notes::Notes;
use crate::finding::{Code, Finding, Place};
use crate::spec::Node;
use crate::spec::model::Extension;
use crate::target::tencent::backend_kind::BackendKind;
use crate::target::tencent::map::address::Address;
use crate::target::tencent::map::backend::Backend;
use crate::target::tencent::map::context::Context;
use crate::target::tencent::map::path::join;
use crate::target::tencent::map::vendors::reading::{
    self, path_of, refused, seconds, text, unread, without_rest,
};
use crate::target::tencent::map::vendors::{Found, Vendor, Word, extension};
use crate::target::tencent::names;

use renames::Renames;

const NAME: &str = "x-amazon-apigateway-integration";

/// Who may call an operation: its `type` is `NONE` where everyone may.
const AUTH: &str = "x-amazon-apigateway-auth";

pub(super) const VENDOR: Vendor = Vendor {
    name: "Amazon API Gateway",
    prefixes: &["x-amazon-apigateway-"],
    words: &[
        (NAME, Word::Read),
        (AUTH, Word::Access),
        ("x-amazon-apigateway-policy", Word::Access),
        ("x-amazon-apigateway-documentation", Word::Documentation),
        (
            "x-amazon-apigateway-cors",
            Word::Advised("`EnableCORS: true` in a rule or in `defaults` lets the gateway answer"),
        ),
    ],
    others: Word::Ignored,
    backends: &[NAME],
    backend,
    serves: &["x-amazon-apigateway-"],
};

/// What exports the document as it is deployed.
const EXPORT: &str = "export it from the gateway: `aws apigateway get-export --export-type oas30 --parameters extensions=integrations ...`";

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
fn backend(context: Context<'_>, notes: &mut Notes) -> Option<Found> {
    let found = extension(context.operation, NAME)?;
    let Some(kind) = text(found.node(), "type") else {
        return Some(Err(without_type(found).into()));
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

/// Why an integration says nothing of a backend.
fn without_type(found: Extension<'_>) -> Finding {
    let node = found.node();
    let function = function_of(node).or_else(|| function_of(node.get("type")?));
    if let Some(function) = function {
        return deployed(found.place(), &format!("the integration is `{function}`"));
    }
    let is_dangling = node.get("$ref").is_some();
    let why = if is_dangling { "'s `$ref` leads nowhere" } else { " has no `type`" };
    Finding::new(Code::BACKEND_NOT_CARRIED, found.place(), format!("the integration{why}"))
}

/// The template's function that stands in place of a value.
fn function_of(node: Node<'_>) -> Option<&str> {
    let (key, _) = node.entries().next()?;
    let name = key.as_str();
    (name.starts_with("Fn::") || name == "Ref").then_some(name)
}

/// That something is known only once the template is deployed.
fn deployed(place: Place, what: &str) -> Finding {
    let message = format!("{what}, which CloudFormation fills in when it is deployed");
    Finding::new(Code::BACKEND_NOT_CARRIED, place, message).with_hint(EXPORT)
}

/// Whether a word says that everyone may call.
pub(super) fn is_open(word: &Extension<'_>) -> bool {
    let kind = || text(word.node(), "type");
    word.name == AUTH && kind().is_some_and(|kind| kind.eq_ignore_ascii_case("none"))
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
        let message = "a link into a private network cannot be migrated";
        return refused(integration.place(), message);
    }
    let address = address(integration, named, notes)?;
    let front = context.path();
    let renames = Renames::of(integration.get("requestParameters"), &front.front, notes)?;
    let path = renames.constants_in(&join("", renames.path.as_deref().unwrap_or(&address.path)));
    let path = without_rest(path, context, renames.parameters(), &integration.place(), notes)?;
    let method = text(integration, "httpMethod").map(str::to_ascii_uppercase);
    Ok(Backend {
        kind: BackendKind::Http,
        url: Some(address.url),
        // Where it is the operation's own, what becomes of that one becomes of it.
        method: method.filter(|method| method != context.operation.method.as_str()),
        timeout: seconds(integration.get("timeoutInMillis").and_then(Node::scalar)),
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
    let place = integration.place();
    let Some(written) = uri(integration) else {
        return match integration.get("uri").and_then(function_of) {
            Some(function) => Err(deployed(place, &format!("the `uri` is `{function}`")).into()),
            None => refused(place, "the integration has no `uri`"),
        };
    };
    let uri =
        named.map_or_else(|| written.to_owned(), |host| format!("{host}{}", path_of(written)));
    if let Some(from) = uri.find("${") {
        let variable = uri[from..].split_inclusive('}').next().unwrap_or_default();
        let what = format!("the address holds `{variable}`");
        if !variable.starts_with("${stageVariables.") {
            return Err(deployed(place, &what).into());
        }
        return refused(place, format!("{what}, and stage variables cannot be migrated"));
    }
    reading::address(&uri, &place, notes)
}

/// The `uri` as written, in place or in `Fn::Sub`.
fn uri(integration: Node<'_>) -> Option<&str> {
    let written = integration.get("uri")?;
    let substituted = || {
        let value = written.get("Fn::Sub")?;
        value.as_str().or_else(|| value.items().next()?.as_str())
    };
    written.as_str().or_else(substituted)
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
