//! What only Swagger 2.0 has, as what OpenAPI 3.0 has in its place.

use openapiv3::{HeaderStyle, Parameter, ParameterData, PathStyle, QueryStyle};

use crate::finding::{Code, Finding, Place};
use crate::spec::model::{Answer, Media, Server};
use crate::spec::read::fields::Fields;
use crate::spec::read::parameter::{self, broken};
use crate::spec::reference::Resolver;
use crate::spec::schema::Schema;
use crate::spec::tree::Node;
use crate::text;

/// What 2.0 calls a parameter.
#[derive(Debug)]
pub(crate) enum Given<'s> {
    Parameter(Box<Parameter>, Option<Schema<'s>>),
    /// The body, or a field of its form.
    Body {
        form: bool,
        file: bool,
    },
}

/// A parameter, references followed; `None`, with a finding, where it cannot be understood.
pub(crate) fn parameter<'s>(
    resolver: Resolver<'s>,
    node: Node<'s>,
    findings: &mut Vec<Finding>,
) -> Option<Given<'s>> {
    let mut fields = Fields::of(node, findings);
    let (name, location) = (fields.string("name"), fields.text("in"));
    let Some(location) = location else {
        findings.push(broken(node, "it has no `in`"));
        return None;
    };
    if matches!(location, "body" | "formData") {
        let file = fields.text("type") == Some("file");
        fields.flag("required");
        fields.text("description");
        return Some(Given::Body { form: location == "formData", file });
    }
    let Some(name) = name else {
        findings.push(broken(node, "it has no `name`"));
        return None;
    };
    let collection = fields.text("collectionFormat");
    let parameter_data = data(name, location, collection, &mut fields);
    let parameter = match location {
        "query" => Parameter::Query {
            parameter_data,
            allow_reserved: false,
            style: query_style(collection),
            allow_empty_value: fields.flag("allowEmptyValue"),
        },
        "header" => Parameter::Header { parameter_data, style: HeaderStyle::Simple },
        "path" => Parameter::Path { parameter_data, style: PathStyle::Simple },
        _ => {
            findings.push(broken(node, &format!("there is no parameter in `{location}`")));
            return None;
        }
    };
    // A parameter is its own schema; some documents give it one all the same.
    let own = node.get("schema").filter(|_| node.get("type").is_none()).unwrap_or(node);
    Some(Given::Parameter(Box::new(parameter), Schema::at(resolver, own)))
}

fn data(
    name: String,
    location: &str,
    collection: Option<&str>,
    fields: &mut Fields<'_, '_>,
) -> ParameterData {
    let node = fields.node;
    ParameterData {
        example: node.get("x-example").map(Node::to_value),
        explode: node.get("items").map(|_| collection == Some("multi")),
        ..parameter::data(name, location, fields)
    }
}

fn query_style(collection: Option<&str>) -> QueryStyle {
    match collection {
        Some("ssv" | "tsv") => QueryStyle::SpaceDelimited,
        Some("pipes") => QueryStyle::PipeDelimited,
        _ => QueryStyle::Form,
    }
}

/// The media types of the body that body and form parameters make together.
pub(crate) fn body(parts: &[Given<'_>], consumes: &[String]) -> Option<Vec<String>> {
    let fields = parts.iter().filter_map(|part| match part {
        Given::Body { form, file } => Some((*form, *file)),
        Given::Parameter(..) => None,
    });
    let (form, file) = fields.reduce(|all, one| (all.0 | one.0, all.1 | one.1))?;
    let usual = match (form, file) {
        (false, _) => "*/*",
        (true, false) => "application/x-www-form-urlencoded",
        (true, true) => "multipart/form-data",
    };
    Some(if consumes.is_empty() { vec![usual.to_owned()] } else { consumes.to_vec() })
}

/// What the document says of a status, by media types: those that are produced, and those of
/// its examples.
pub(crate) fn answer<'s>(
    resolver: Resolver<'s>,
    status: &'s str,
    node: Node<'s>,
    produces: &[String],
    findings: &mut Vec<Finding>,
) -> Answer<'s> {
    let (schema, examples) = (node.get("schema"), node.get("examples"));
    let of_examples = examples.into_iter().flat_map(Node::entries).map(|(key, _)| key.as_str());
    let mut names: Vec<&str> = Vec::new();
    for name in produces.iter().map(String::as_str).chain(of_examples) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() && schema.is_some() {
        names.push("*/*");
    }
    let media = names.into_iter().map(|name| {
        let example = examples.and_then(|examples| examples.get(name));
        Media::of_swagger(resolver, name.to_owned(), example, schema)
    });
    let media = media.collect();
    let mut fields = Fields::of(node, findings);
    let description = fields.text("description").map(Into::into);
    let headers = fields.count("headers");
    Answer { status: status.into(), media, description, headers, links: 0, place: node.place() }
}

/// `host`, `basePath` and the schemes given, as servers; `https` comes first.
pub(crate) fn servers(
    resolver: Resolver<'_>,
    schemes: Vec<String>,
    findings: &mut Vec<Finding>,
) -> Vec<Server> {
    let mut fields = Fields::of(resolver.root, findings);
    let (host, base) = (fields.text("host"), fields.text("basePath").unwrap_or_default());
    let written = resolver.root.entry("host").or_else(|| resolver.root.entry("basePath"));
    let Some(place) = written.map(|(key, _)| key.place()) else { return Vec::new() };
    let slash = if base.is_empty() || base.starts_with('/') { "" } else { "/" };
    let place_of =
        |name| resolver.root.entry(name).map_or_else(|| place.clone(), |(key, _)| key.place());
    let whole = |text: &&str| text.contains("://");
    let server = |url: String| Server {
        url,
        place: place.clone(),
        has_variables: false,
        unfilled: Vec::new(),
    };
    if whole(&base) {
        findings.push(whole_address("basePath", base, place_of("basePath")));
        return vec![server(base.to_owned())];
    }
    let Some(host) = host.filter(|host| !host.is_empty()) else {
        return vec![server(format!("{slash}{base}"))]
            .into_iter()
            .filter(|server| !server.url.is_empty())
            .collect();
    };
    if let Some(host) = Some(host).filter(whole) {
        findings.push(whole_address("host", host, place.clone()));
        return vec![server(format!("{}{slash}{base}", host.trim_end_matches('/')))];
    }
    let mut schemes = schemes;
    if schemes.is_empty() {
        let message = format!("`{host}` is named without `schemes`; https is taken");
        findings.push(Finding::new(Code::ASSUMED_SCHEME, place.clone(), message));
        schemes.push("https".to_owned());
    }
    schemes.sort_by_key(|scheme| scheme != "https");
    schemes.into_iter().map(|scheme| server(format!("{scheme}://{host}{slash}{base}"))).collect()
}

/// What the document says can be called, though not in the words of the specification.
fn whole_address(name: &str, address: &str, place: Place) -> Finding {
    let address = text::address(address);
    let message = format!("`{name}` is the whole address `{address}`, which is taken as it is");
    Finding::new(Code::WHOLE_ADDRESS, place, message)
}
