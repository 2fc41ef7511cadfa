//! What only OpenAPI 3 has: its parameters, bodies and responses, as types of 3.0.

use indexmap::IndexMap;
use openapiv3::{
    CookieStyle, HeaderStyle, MediaType, Parameter, ParameterData, ParameterSchemaOrContent,
    PathStyle, QueryStyle, ReferenceOr, RequestBody, Response,
};

use crate::finding::{Code, Finding};
use crate::spec::model::{Answer, Media};
use crate::spec::read::{Dialect, Fields, Scope, extensions, is_extension};
use crate::spec::schema::typed_field;
use crate::spec::tree::Node;

/// A parameter, references followed; `None`, with a finding, where it cannot be understood.
pub(crate) fn parameter<'s>(
    scope: Scope<'s>,
    node: Node<'s>,
    findings: &mut Vec<Finding>,
) -> Option<Parameter> {
    let mut fields = Fields::of(node, findings);
    let (name, location) = (fields.string("name"), fields.text("in"));
    let (Some(name), Some(location)) = (name, location) else {
        findings.push(broken(node, "it has no `name` or no `in`"));
        return None;
    };
    let style = fields.text("style");
    let parameter_data = data(scope, name, location, &mut fields);
    Some(match location {
        "query" => Parameter::Query {
            parameter_data,
            allow_reserved: fields.flag("allowReserved").unwrap_or_default(),
            style: query_style(style),
            allow_empty_value: fields.flag("allowEmptyValue"),
        },
        "header" => Parameter::Header { parameter_data, style: HeaderStyle::Simple },
        "path" => Parameter::Path { parameter_data, style: path_style(style) },
        "cookie" => Parameter::Cookie { parameter_data, style: CookieStyle::Form },
        "querystring" if scope.dialect >= Dialect::OpenApi32 => {
            findings.push(broken(node, "it is the whole query string, which passes through"));
            return None;
        }
        _ => {
            findings.push(broken(node, &format!("there is no parameter in `{location}`")));
            return None;
        }
    })
}

pub(crate) fn broken(node: Node<'_>, why: &str) -> Finding {
    Finding::new(Code::BROKEN_PARAMETER, node.place(), format!("this parameter is left out: {why}"))
}

fn data<'s>(
    scope: Scope<'s>,
    name: String,
    location: &str,
    fields: &mut Fields<'s, '_>,
) -> ParameterData {
    let required = fields.flag("required").unwrap_or_default();
    ParameterData {
        name,
        description: fields.string("description"),
        required: required || location == "path",
        deprecated: fields.flag("deprecated"),
        format: format(scope, fields),
        example: fields.node.get("example").map(Node::to_value),
        examples: fields.node.get("examples").map(example_names).unwrap_or_default(),
        explode: fields.flag("explode"),
        extensions: own_extensions(fields.node),
    }
}

pub(crate) fn own_extensions(node: Node<'_>) -> IndexMap<String, serde_json::Value> {
    extensions(node).map(|(key, value)| (key.as_str().to_owned(), value.to_value())).collect()
}

fn format<'s>(scope: Scope<'s>, fields: &mut Fields<'s, '_>) -> ParameterSchemaOrContent {
    if let Some(content) = fields.map("content") {
        return ParameterSchemaOrContent::Content(media_names(content));
    }
    let schema = typed_field(scope, fields).unwrap_or_else(any_schema);
    ParameterSchemaOrContent::Schema(ReferenceOr::Item(schema))
}

fn example_names(examples: Node<'_>) -> IndexMap<String, ReferenceOr<openapiv3::Example>> {
    let example = || ReferenceOr::Item(openapiv3::Example::default());
    examples.entries().map(|(key, _)| (key.as_str().to_owned(), example())).collect()
}

/// Documentation that lies elsewhere: where.
pub(crate) fn external_docs(node: Node<'_>) -> openapiv3::ExternalDocumentation {
    let url = node.get("url").and_then(Node::scalar).unwrap_or_default().to_owned();
    openapiv3::ExternalDocumentation { url, ..openapiv3::ExternalDocumentation::default() }
}

/// The schema of a parameter that has none.
pub(crate) fn any_schema() -> openapiv3::Schema {
    openapiv3::Schema {
        schema_data: openapiv3::SchemaData::default(),
        schema_kind: openapiv3::SchemaKind::Any(openapiv3::AnySchema::default()),
    }
}

fn media_names(content: Node<'_>) -> IndexMap<String, MediaType> {
    content.entries().map(|(key, _)| (key.as_str().to_owned(), MediaType::default())).collect()
}

fn query_style(style: Option<&str>) -> QueryStyle {
    match style {
        Some("spaceDelimited") => QueryStyle::SpaceDelimited,
        Some("pipeDelimited") => QueryStyle::PipeDelimited,
        Some("deepObject") => QueryStyle::DeepObject,
        _ => QueryStyle::Form,
    }
}

fn path_style(style: Option<&str>) -> PathStyle {
    match style {
        Some("matrix") => PathStyle::Matrix,
        Some("label") => PathStyle::Label,
        _ => PathStyle::Simple,
    }
}

/// The request's body, by media types; nothing is made of its schemas.
pub(crate) fn request_body<'s>(
    scope: Scope<'s>,
    node: Node<'s>,
    findings: &mut Vec<Finding>,
) -> Option<RequestBody> {
    let found =
        scope.follow(node).map_err(|lost| findings.push(lost.finding(Code::MISSING_SCHEMA)));
    let node = found.ok().filter(|node| node.is_map())?;
    let mut fields = Fields::of(node, findings);
    Some(RequestBody {
        description: fields.string("description"),
        content: fields.map("content").map(media_names).unwrap_or_default(),
        required: fields.flag("required").unwrap_or_default(),
        extensions: IndexMap::new(),
    })
}

/// A response by media types, and with the names of its headers and links.
pub(crate) fn response(node: Node<'_>, findings: &mut Vec<Finding>) -> Response {
    let mut fields = Fields::of(node, findings);
    Response {
        description: fields.string("description").unwrap_or_default(),
        content: fields.map("content").map(media_names).unwrap_or_default(),
        headers: fields.map("headers").map(header_names).unwrap_or_default(),
        links: fields.map("links").map(link_names).unwrap_or_default(),
        extensions: IndexMap::new(),
    }
}

pub(crate) fn header_names(headers: Node<'_>) -> IndexMap<String, ReferenceOr<openapiv3::Header>> {
    let header = || openapiv3::Header {
        description: None,
        style: HeaderStyle::Simple,
        required: false,
        deprecated: None,
        format: ParameterSchemaOrContent::Content(IndexMap::new()),
        example: None,
        examples: IndexMap::new(),
        extensions: IndexMap::new(),
    };
    headers
        .entries()
        .map(|(key, _)| (key.as_str().to_owned(), ReferenceOr::Item(header())))
        .collect()
}

fn link_names(links: Node<'_>) -> IndexMap<String, ReferenceOr<openapiv3::Link>> {
    let link = || openapiv3::Link {
        description: None,
        operation: openapiv3::LinkOperation::OperationId(String::new()),
        request_body: None,
        parameters: IndexMap::new(),
        server: None,
        extensions: IndexMap::new(),
    };
    links.entries().map(|(key, _)| (key.as_str().to_owned(), ReferenceOr::Item(link()))).collect()
}

/// The names of an operation's callbacks, and of the addresses under each.
pub(crate) fn callbacks(callbacks: Node<'_>) -> IndexMap<String, openapiv3::Callback> {
    let addresses = |node: Node<'_>| -> openapiv3::Callback {
        let keys = node.entries().map(|(key, _)| key.as_str()).filter(|key| !is_extension(key));
        keys.map(|key| (key.to_owned(), openapiv3::PathItem::default())).collect()
    };
    callbacks.entries().map(|(key, node)| (key.as_str().to_owned(), addresses(node))).collect()
}

/// What a response says, for its examples.
pub(crate) fn answer<'s>(scope: Scope<'s>, status: &'s str, node: Node<'s>) -> Answer<'s> {
    let content = node.get("content").map(Node::entries).into_iter().flatten();
    let media = content.map(|(key, media)| Media::new(scope, key.as_str(), media)).collect();
    let description = node.get("description").and_then(Node::scalar).map(Into::into);
    Answer { status: status.into(), media, description, place: node.place() }
}
