//! What only Swagger 2.0 has, as what OpenAPI 3.0 has in its place.

use indexmap::IndexMap;
use openapiv3::{
    HeaderStyle, MediaType, Parameter, ParameterData, ParameterSchemaOrContent, PathStyle,
    QueryStyle, ReferenceOr, RequestBody, Response,
};

use crate::finding::{Code, Finding, Place};
use crate::spec::model::{Answer, Media, Server};
use crate::spec::read::openapi3::{broken, header_names, own_extensions};
use crate::spec::read::{Fields, Scope};
use crate::spec::schema::{Schema, typed};
use crate::spec::tree::Node;
use crate::text::without_credentials;

/// What 2.0 calls a parameter.
#[derive(Debug)]
pub(crate) enum Given {
    Parameter(Box<Parameter>),
    /// The body, or a field of its form.
    Body {
        form: bool,
        file: bool,
        required: bool,
        description: Option<String>,
    },
}

/// A parameter, references followed; `None`, with a finding, where it cannot be understood.
pub(crate) fn parameter<'s>(
    scope: Scope<'s>,
    node: Node<'s>,
    findings: &mut Vec<Finding>,
) -> Option<Given> {
    let mut fields = Fields::of(node, findings);
    let (name, location) = (fields.string("name"), fields.text("in"));
    let Some(location) = location else {
        findings.push(broken(node, "it has no `in`"));
        return None;
    };
    if matches!(location, "body" | "formData") {
        return Some(body(location == "formData", &mut fields));
    }
    let Some(name) = name else {
        findings.push(broken(node, "it has no `name`"));
        return None;
    };
    let collection = fields.text("collectionFormat");
    let parameter_data = data(scope, name, location, collection, &mut fields);
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
    Some(Given::Parameter(Box::new(parameter)))
}

fn body(form: bool, fields: &mut Fields<'_, '_>) -> Given {
    Given::Body {
        form,
        file: fields.text("type") == Some("file"),
        required: fields.flag("required").unwrap_or_default(),
        description: fields.string("description"),
    }
}

/// In 2.0 a parameter is its own schema; some documents give it one all the same.
fn data<'s>(
    scope: Scope<'s>,
    name: String,
    location: &str,
    collection: Option<&str>,
    fields: &mut Fields<'s, '_>,
) -> ParameterData {
    let required = fields.flag("required").unwrap_or_default();
    let node = fields.node;
    let own = node.get("schema").filter(|_| node.get("type").is_none()).unwrap_or(node);
    let mut schema =
        Schema::at(scope, own).map_or_else(crate::spec::read::openapi3::any_schema, typed);
    let description = fields.string("description");
    schema.schema_data.description = None;
    ParameterData {
        name,
        description,
        required: required || location == "path",
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(ReferenceOr::Item(schema)),
        example: node.get("x-example").map(Node::to_value),
        examples: IndexMap::new(),
        explode: node.get("items").map(|_| collection == Some("multi")),
        extensions: own_extensions(node),
    }
}

fn query_style(collection: Option<&str>) -> QueryStyle {
    match collection {
        Some("ssv" | "tsv") => QueryStyle::SpaceDelimited,
        Some("pipes") => QueryStyle::PipeDelimited,
        _ => QueryStyle::Form,
    }
}

/// The body that body and form parameters make together.
pub(crate) fn request_body(parts: Vec<Given>, consumes: &[String]) -> Option<RequestBody> {
    let mut body: Option<RequestBody> = None;
    let mut forms = 0;
    let mut files = 0;
    for part in parts {
        let Given::Body { form, file, required, description } = part else { continue };
        forms += usize::from(form);
        files += usize::from(file);
        let whole = body.get_or_insert_with(RequestBody::default);
        whole.required |= required;
        if !form {
            whole.description = description;
        }
    }
    let mut body = body?;
    let usual = match (forms, files) {
        (0, _) => "*/*",
        (_, 0) => "application/x-www-form-urlencoded",
        _ => "multipart/form-data",
    };
    body.content = media_names(consumes);
    if body.content.is_empty() {
        body.content = media_names(&[usual.to_owned()]);
    }
    Some(body)
}

fn media_names(names: &[String]) -> IndexMap<String, MediaType> {
    names.iter().map(|name| (name.clone(), MediaType::default())).collect()
}

/// A response by media types: those that are produced, and those of its examples.
pub(crate) fn response(
    node: Node<'_>,
    produces: &[String],
    findings: &mut Vec<Finding>,
) -> Response {
    let mut fields = Fields::of(node, findings);
    let mut content = media_names(produces);
    for (key, _) in node.get("examples").map(Node::entries).into_iter().flatten() {
        content.entry(key.as_str().to_owned()).or_default();
    }
    if content.is_empty() && node.get("schema").is_some() {
        content.insert("*/*".to_owned(), MediaType::default());
    }
    Response {
        description: fields.string("description").unwrap_or_default(),
        content,
        headers: fields.map("headers").map(header_names).unwrap_or_default(),
        links: IndexMap::new(),
        extensions: IndexMap::new(),
    }
}

/// What a response says, for its examples.
pub(crate) fn answer<'s>(
    scope: Scope<'s>,
    status: &'s str,
    node: Node<'s>,
    response: &Response,
) -> Answer<'s> {
    let schema = node.get("schema");
    let media = response.content.keys().map(|name| {
        let example = node.get("examples").and_then(|examples| examples.get(name));
        Media::of_swagger(scope, name.clone(), example, schema)
    });
    let description = node.get("description").and_then(Node::scalar).map(Into::into);
    Answer { status: status.into(), media: media.collect(), description, place: node.place() }
}

/// `host`, `basePath` and the schemes given, as servers; `https` comes first.
pub(crate) fn servers(
    scope: Scope<'_>,
    schemes: Vec<String>,
    findings: &mut Vec<Finding>,
) -> Vec<Server> {
    let mut fields = Fields::of(scope.root, findings);
    let (host, base) = (fields.text("host"), fields.text("basePath").unwrap_or_default());
    let written = scope.root.entry("host").or_else(|| scope.root.entry("basePath"));
    let Some(place) = written.map(|(key, _)| key.place()) else { return Vec::new() };
    let slash = if base.is_empty() || base.starts_with('/') { "" } else { "/" };
    let place_of =
        |name| scope.root.entry(name).map_or_else(|| place.clone(), |(key, _)| key.place());
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
    let address = without_credentials(address);
    let message = format!("`{name}` is the whole address `{address}`, which is taken as it is");
    Finding::new(Code::WHOLE_ADDRESS, place, message)
}
