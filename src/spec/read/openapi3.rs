//! What only OpenAPI 3 has: its parameters, bodies and responses.

use openapiv3::{
    CookieStyle, Example, HeaderStyle, MediaType, Parameter, ParameterData,
    ParameterSchemaOrContent, PathStyle, QueryStyle, ReferenceOr,
};

use crate::finding::{Code, Finding};
use crate::spec::model::{Answer, Media};
use crate::spec::read::fields::Fields;
use crate::spec::read::parameter::{self, broken};
use crate::spec::reference::{DanglingReference, Resolver};
use crate::spec::schema::Schema;
use crate::spec::tree::Node;
use crate::spec::version::SpecVersion;

/// A parameter, references followed; `None`, with a finding, where it cannot be understood.
pub(crate) fn parameter<'s>(
    resolver: Resolver<'s>,
    node: Node<'s>,
    findings: &mut Vec<Finding>,
) -> Option<(Parameter, Option<Schema<'s>>)> {
    let mut fields = Fields::of(node, findings);
    let (name, location) = (fields.string("name"), fields.text("in"));
    let (Some(name), Some(location)) = (name, location) else {
        findings.push(broken(node, "it has no `name` or no `in`"));
        return None;
    };
    let style = fields.text("style");
    let (parameter_data, schema) = data(resolver, name, location, &mut fields);
    let given = match location {
        "query" => Parameter::Query {
            parameter_data,
            allow_reserved: fields.flag("allowReserved").unwrap_or_default(),
            style: query_style(style),
            allow_empty_value: fields.flag("allowEmptyValue"),
        },
        "header" => Parameter::Header { parameter_data, style: HeaderStyle::Simple },
        "path" => Parameter::Path { parameter_data, style: path_style(style) },
        "cookie" => Parameter::Cookie { parameter_data, style: CookieStyle::Form },
        "querystring" if resolver.version >= SpecVersion::OpenApi32 => {
            findings.push(broken(node, "it is the whole query string, which passes through"));
            return None;
        }
        _ => {
            findings.push(broken(node, &format!("there is no parameter in `{location}`")));
            return None;
        }
    };
    Some((given, schema))
}

fn data<'s>(
    resolver: Resolver<'s>,
    name: String,
    location: &str,
    fields: &mut Fields<'s, '_>,
) -> (ParameterData, Option<Schema<'s>>) {
    let node = fields.node;
    let common = parameter::data(name, location, fields);
    let content = fields.map("content");
    let schema = if content.is_none() { schema(resolver, fields) } else { None };
    let content = content.map(|content| names(Some(content), MediaType::default));
    let data = ParameterData {
        deprecated: fields.flag("deprecated"),
        format: content.map_or(common.format, ParameterSchemaOrContent::Content),
        example: node.get("example").map(Node::to_value),
        examples: names(node.get("examples"), || ReferenceOr::Item(Example::default())),
        explode: fields.flag("explode"),
        ..common
    };
    (data, schema)
}

fn schema<'s>(resolver: Resolver<'s>, fields: &mut Fields<'s, '_>) -> Option<Schema<'s>> {
    let written = fields.node.get("schema")?;
    match resolver.follow(written) {
        Ok(_) => Schema::at(resolver, written),
        Err(dangling) => {
            tell_missing(&dangling, fields.findings);
            None
        }
    }
}

/// Tells that nothing is known of a schema or a body.
fn tell_missing(dangling: &DanglingReference<'_>, findings: &mut Vec<Finding>) {
    if !dangling.lacks_a_file() {
        findings.push(dangling.finding(Code::MISSING_SCHEMA));
    }
}

/// The keys of a map, each with an empty value: nothing is made of the values.
fn names<T, M: FromIterator<(String, T)>>(map: Option<Node<'_>>, empty: fn() -> T) -> M {
    let entries = map.into_iter().flat_map(Node::entries);
    entries.map(|(key, _)| (key.as_str().to_owned(), empty())).collect()
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

/// The media types of the request's body.
pub(crate) fn body<'s>(
    resolver: Resolver<'s>,
    node: Node<'s>,
    findings: &mut Vec<Finding>,
) -> Option<Vec<String>> {
    let found = resolver.follow(node);
    let found = found.map_err(|dangling| tell_missing(&dangling, findings));
    let mut fields = Fields::of(found.ok().filter(|node| node.is_map())?, findings);
    fields.text("description");
    let content = fields.map("content").into_iter().flat_map(Node::entries);
    fields.flag("required");
    Some(content.map(|(key, _)| key.as_str().to_owned()).collect())
}

/// The answer declared for a status.
pub(crate) fn answer<'s>(
    resolver: Resolver<'s>,
    status: &'s str,
    node: Node<'s>,
    findings: &mut Vec<Finding>,
) -> Answer<'s> {
    let mut fields = Fields::of(node, findings);
    let description = fields.text("description").map(Into::into);
    let content = fields.map("content").into_iter().flat_map(Node::entries);
    let (headers, links) = (fields.count("headers"), fields.count("links"));
    let media = content.map(|(key, media)| Media::new(resolver, key.as_str(), media)).collect();
    Answer { status: status.into(), media, description, headers, links, place: node.place() }
}
