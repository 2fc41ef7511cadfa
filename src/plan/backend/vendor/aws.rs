//! `x-amazon-apigateway-integration`: HTTP and mock integrations with their renamed
//! parameters. Functions and other services of that cloud, and links into its private
//! networks, stay behind: the operation is unfit.

use super::{extension, not_carried, refused, text};
use crate::gateway::request::{ConstantParameter, ServiceParameter};
use crate::plan::backend::{Address, Backend};
use crate::plan::notes::Notes;
use crate::plan::path::{Template, join};
use crate::plan::scene::Scene;
use crate::spec::{Code, Finding, Node};

pub(super) const NAME: &str = "x-amazon-apigateway-integration";

/// What has no counterpart in any integration.
const NO_FIELD: &[&str] = &["cacheKeyParameters", "cacheNamespace", "credentials", "tlsConfig"];

/// What an integration that is no proxy does to bodies.
const NO_TEMPLATES: &[&str] = &["requestTemplates", "responses", "contentHandling"];

/// What a mapped parameter of a REST API begins with.
const OWN: &str = "integration.request.";

/// The same, and those of HTTP APIs.
const MAPPINGS: &[&str] = &[OWN, "append:", "overwrite:"];

/// What the parameters of callers begin with, in either.
const SOURCES: &[&str] = &["method.request.", "$request."];

/// The backend that the integration names.
pub(super) fn backend(
    scene: Scene<'_>,
    notes: &mut Notes,
) -> Option<Result<Backend, Box<Finding>>> {
    let found = extension(scene, NAME)?;
    let kind = text(found.node(), "type")?.to_ascii_lowercase();
    Some(match kind.as_str() {
        "mock" => Ok(mock(found.node(), notes)),
        "http" | "http_proxy" => {
            if kind == "http" {
                not_carried(found, NO_TEMPLATES, notes);
            }
            not_carried(found, NO_FIELD, notes);
            http(scene, found.node(), notes)
        }
        other => {
            let message = format!("an integration of the type `{other}` stays behind");
            refused(found.place(), message)
        }
    })
}

fn http(
    scene: Scene<'_>,
    integration: Node<'_>,
    notes: &mut Notes,
) -> Result<Backend, Box<Finding>> {
    if text(integration, "connectionType").is_some_and(|kind| kind.eq_ignore_ascii_case("VPC_LINK"))
    {
        let message = "a link into a private network stays behind".into();
        return refused(integration.place(), message);
    }
    let address = address(integration)?;
    let mut renames = Renames::default();
    for (key, from) in integration.get("requestParameters").into_iter().flat_map(Node::entries) {
        let (to, from) = (key.as_str(), from.scalar().unwrap_or_default());
        if renames.add(to, from).is_none() {
            let message = format!("`{to}: {from}` has no counterpart");
            notes.tell(Code::ExtensionNotCarried, &key.place(), message);
        }
    }
    let path = renames.constants_in(&join("", &address.path));
    Ok(Backend {
        kind: "HTTP".into(),
        url: Some(address.url),
        method: text(integration, "httpMethod").map(str::to_ascii_uppercase),
        timeout: timeout(integration),
        parameters: Some(renames.parameters(&path, &scene.path())),
        constants: renames.constants,
        path,
        ..Backend::default()
    })
}

fn address(integration: Node<'_>) -> Result<Address, Box<Finding>> {
    let uri = text(integration, "uri").unwrap_or_default();
    if let Some(from) = uri.find("${") {
        let variable = uri[from..].split_inclusive('}').next().unwrap_or_default();
        let message = format!("the address holds `{variable}`, and stage variables stay behind");
        return refused(integration.place(), message);
    }
    let refuse = |fault| refused(integration.place(), format!("the address `{uri}` {fault}"));
    Address::parse(uri).or_else(refuse)
}

/// Milliseconds there, whole seconds here.
fn timeout(integration: Node<'_>) -> Option<i64> {
    let milliseconds: u64 = integration.get("timeoutInMillis")?.scalar()?.parse().ok()?;
    i64::try_from(milliseconds.div_ceil(1000).max(1)).ok()
}

/// `requestParameters`: from what callers send to what the backend is sent.
#[derive(Debug, Default)]
struct Renames {
    parameters: Vec<ServiceParameter>,
    constants: Vec<ConstantParameter>,
    /// Names in the backend's path and the texts that stand for them.
    path_constants: Vec<(String, String)>,
}

impl Renames {
    /// Takes one; `None` where nothing like it can be said.
    fn add(&mut self, to: &str, from: &str) -> Option<()> {
        let rest = MAPPINGS.iter().find_map(|prefix| to.strip_prefix(prefix))?;
        let (position, name) = place_of(rest)?;
        let quoted = from.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
        let plain = || (!to.starts_with(OWN) && !from.contains('$')).then_some(from);
        let constant = quoted.or_else(plain);
        match (constant, position) {
            (Some(text), "PATH") => self.path_constants.push((name.into(), text.into())),
            (Some(text), _) => self.constants.push(ConstantParameter {
                name: Some(name.into()),
                position: Some(position.into()),
                default_value: Some(text.into()),
                desc: None,
            }),
            (None, _) => {
                let source = SOURCES.iter().find_map(|prefix| from.strip_prefix(prefix))?;
                let (relevant, source) = place_of(source)?;
                self.parameters.push(parameter(name, position, source, relevant));
            }
        }
        Some(())
    }

    fn constants_in(&self, path: &str) -> String {
        self.path_constants
            .iter()
            .fold(path.to_owned(), |path, (name, text)| path.replace(&format!("{{{name}}}"), text))
    }

    /// What has to be listed: path parameters, and others that change name or position.
    /// A path parameter that nobody renames keeps its name.
    fn parameters(&self, back: &str, front: &str) -> Vec<ServiceParameter> {
        let moves = |p: &&ServiceParameter| {
            p.position.as_deref() == Some("PATH")
                || p.name != p.relevant_request_parameter_name
                || p.position != p.relevant_request_parameter_position
        };
        let mut listed: Vec<ServiceParameter> =
            self.parameters.iter().filter(moves).cloned().collect();
        let names = |path| Template::parse(path).map(|template| template.names).unwrap_or_default();
        for name in names(back) {
            let is_listed = listed.iter().any(|p| p.name.as_deref() == Some(name));
            if !is_listed && names(front).contains(&name) {
                listed.push(parameter(name, "PATH", name, "PATH"));
            }
        }
        listed
    }
}

fn parameter(name: &str, position: &str, source: &str, relevant: &str) -> ServiceParameter {
    ServiceParameter {
        name: Some(name.into()),
        position: Some(position.into()),
        relevant_request_parameter_position: Some(relevant.into()),
        relevant_request_parameter_name: Some(source.into()),
        ..ServiceParameter::default()
    }
}

/// `path.NAME`, `querystring.NAME` or `header.NAME`.
fn place_of(text: &str) -> Option<(&'static str, &str)> {
    let (place, name) = text.split_once('.')?;
    let position = match place {
        "path" => "PATH",
        "querystring" | "multivaluequerystring" => "QUERY",
        "header" | "multivalueheader" => "HEADER",
        _ => return None,
    };
    Some((position, name))
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
    let body = found.and_then(|(_, response)| template(response));
    let has_variables =
        |body: &Node<'_>| body.as_str().is_some_and(|text| text.contains(['$', '#']));
    if let Some(body) = body.filter(has_variables) {
        let message = "the mock's template has variables, which have no counterpart";
        notes.tell(Code::ExtensionNotCarried, &body.place(), message);
    }
    let plain = body.filter(|body| !has_variables(body)).and_then(Node::as_str);
    let mock = plain.filter(|text| !text.trim().is_empty()).map(str::to_owned);
    Backend { kind: "MOCK".into(), mock, ..Backend::default() }
}

/// The response's template: of JSON, else the first.
fn template(response: Node<'_>) -> Option<Node<'_>> {
    let templates = response.get("responseTemplates")?;
    let first = || templates.entries().map(|(_, value)| value).next();
    templates.get("application/json").or_else(first)
}
