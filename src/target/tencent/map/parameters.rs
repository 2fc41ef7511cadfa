//! The parameters that callers send: names, positions, types, defaults.
//!
//! Request bodies and form fields pass through the gateway and are not declared. Types are
//! the few that the gateway's clients write; what has no such type is a string there, and
//! a finding tells what was flattened.

use std::collections::HashSet;

use openapiv3::{
    IntegerFormat, NumberFormat, Parameter, ParameterData, ParameterSchemaOrContent, PathStyle,
    QueryStyle, ReferenceOr, Schema, SchemaKind, Type, VariantOrUnknownOrEmpty,
};
use serde_json::Value;

use crate::finding::notes::Notes;
use crate::finding::{Code, Place};
use crate::spec::Operation;
use crate::spec::tree::Node;
use crate::target::tencent::fields::{Fields, set, set_some};
use crate::target::tencent::map::backend::{Constant, Renamed};
use crate::target::tencent::map::plain::{one_line, plain};
use crate::target::tencent::map::unsupported;
use crate::target::tencent::names::{REQUEST_PARAMETERS, item};

/// Headers that the OpenAPI specification takes out of parameters: requests carry them
/// whether declared or not.
const NO_PARAMETERS: &[&str] = &["accept", "content-type", "authorization"];

/// Parameters that the gateway takes at most (its error text).
pub(crate) const LIMIT: usize = 100;

/// The request parameters of an operation whose front path names `names`, which leave out
/// `rest`, and whose backend is sent `sent` under other names.
pub(crate) fn request_parameters(
    operation: &Operation<'_>,
    names: &[&str],
    rest: Option<&str>,
    sent: &[Renamed],
    description_limit: usize,
    notes: &mut Notes,
) -> Vec<Value> {
    let (of_path, seen) = (names.iter().copied().collect(), HashSet::new());
    let mut taking = Taking { names: of_path, rest, description_limit, notes, seen };
    let mut parameters = Vec::new();
    for (parameter, node) in &operation.parameters {
        if let Some(taken) = taking.take(parameter, *node) {
            let (index, what) = (parameters.len(), "the parameter");
            taking.notes.of_item(REQUEST_PARAMETERS, index, what, || node.place());
            parameters.push(taken);
        }
    }
    let of_path = names.iter().map(|name| ("PATH", *name));
    // A path has the parameters that it names.
    let of_backend = sent.iter().filter(|it| it.source_position != "PATH");
    let of_backend = of_backend.map(|it| (it.source_position, it.source_name.as_str()));
    for (position, name) in of_path.chain(of_backend) {
        if taking.seen.insert((position, key_of(position, name))) {
            let (notes, place) = (&mut *taking.notes, &operation.place);
            let what = if position == "PATH" { "the path" } else { "what the backend is sent" };
            notes.of_item(REQUEST_PARAMETERS, parameters.len(), what, || place.clone());
            parameters.push(undeclared(position, name, place, notes));
        }
    }
    parameters
}

/// A name as it is told from others of its position: headers are the same in any case.
fn key_of(position: &str, name: &str) -> String {
    if position == "HEADER" { name.to_ascii_lowercase() } else { name.to_owned() }
}

/// What the backend is sent of them: what is renamed, and path parameters under their own
/// names, as far as the backend's path names them. Others pass through without being listed.
pub(crate) fn service_parameters(renamed: &[Renamed], front: &[&str], back: &[&str]) -> Vec<Value> {
    let in_path = |it: &&Renamed| it.position == "PATH";
    let back: HashSet<&str> = back.iter().copied().collect();
    let renamed_in_path: HashSet<&str> =
        renamed.iter().filter(in_path).map(|it| it.name.as_str()).collect();
    // A path that the settings set has names of its own.
    let has_place = |it: &&Renamed| !in_path(it) || back.contains(it.name.as_str());
    let own = front.iter().filter(|own| back.contains(*own) && !renamed_in_path.contains(*own));
    let own = own.map(|own| service_parameter("PATH", own, "PATH", own));
    let moved = renamed
        .iter()
        .filter(has_place)
        .map(|it| service_parameter(it.position, &it.name, it.source_position, &it.source_name));
    moved.chain(own).collect()
}

fn service_parameter(position: &str, name: &str, source_position: &str, source: &str) -> Value {
    let mut parameter = Fields::with_capacity(4);
    set(&mut parameter, item::NAME, name);
    set(&mut parameter, item::POSITION, position);
    set(&mut parameter, item::SOURCE_POSITION, source_position);
    set(&mut parameter, item::SOURCE_NAME, source);
    parameter.into()
}

/// A parameter of a fixed value.
pub(crate) fn constant(constant: &Constant) -> Value {
    let mut parameter = Fields::with_capacity(4);
    set(&mut parameter, item::NAME, &*constant.name);
    set(&mut parameter, item::POSITION, constant.position);
    set(&mut parameter, item::DEFAULT_VALUE, &*constant.value);
    parameter.into()
}

fn undeclared(position: &str, name: &str, place: &Place, notes: &mut Notes) -> Value {
    let whose = if position == "PATH" { "the path names" } else { "the backend is sent" };
    let message = format!("{whose} `{name}`, which is not declared; it is declared as a string");
    notes.tell(Code::PARAMETER_UNDECLARED, place, message);
    let mut parameter = Fields::with_capacity(4);
    set(&mut parameter, item::NAME, name);
    set(&mut parameter, item::POSITION, position);
    set(&mut parameter, item::TYPE, "string");
    set(&mut parameter, item::REQUIRED, position == "PATH");
    parameter.into()
}

struct Taking<'a> {
    names: HashSet<&'a str>,
    /// The parameter that has become the end of the path.
    rest: Option<&'a str>,
    description_limit: usize,
    notes: &'a mut Notes,
    /// Positions and names so far; header names in lower case.
    seen: HashSet<(&'static str, String)>,
}

impl Taking<'_> {
    fn take(&mut self, parameter: &Parameter, node: Node<'_>) -> Option<Value> {
        let data = parameter.parameter_data_ref();
        let position = self.position(parameter, data, node)?;
        let kind = self.kind(parameter, data, node);
        unsupported::of_parameter(parameter, schema_of(data), node, self.notes);
        let description = data.description.as_deref().unwrap_or_default();
        let desc = plain(description, self.description_limit);
        if desc.cut {
            let message = format!("the description of `{}` is cut", data.name);
            self.tell(Code::DESCRIPTION_CUT, node, message);
        }
        let mut taken = Fields::with_capacity(6);
        set(&mut taken, item::NAME, &*data.name);
        set_some(&mut taken, item::DESC, Some(desc.text).filter(|text| !text.is_empty()));
        set(&mut taken, item::POSITION, position);
        set(&mut taken, item::TYPE, kind);
        set_some(&mut taken, item::DEFAULT_VALUE, self.default(data, kind, node));
        set(&mut taken, item::REQUIRED, data.required || position == "PATH");
        Some(taken.into())
    }

    /// Where callers put it; `None` where the gateway has no such parameter.
    fn position(
        &mut self,
        parameter: &Parameter,
        data: &ParameterData,
        node: Node<'_>,
    ) -> Option<&'static str> {
        let name = data.name.as_str();
        if name.trim().is_empty() {
            self.tell(
                Code::PARAMETER_UNNAMED,
                node,
                "a parameter without a name is left out".into(),
            );
            return None;
        }
        let position = match parameter {
            Parameter::Query { .. } => "QUERY",
            Parameter::Path { .. } => "PATH",
            Parameter::Header { .. } => "HEADER",
            Parameter::Cookie { .. } => {
                let message = format!("the cookie `{name}` is not declared; cookies pass through");
                self.tell(Code::COOKIE_PARAMETER, node, message);
                return None;
            }
        };
        let key = key_of(position, name);
        if position == "HEADER" && NO_PARAMETERS.contains(&key.as_str()) {
            return None;
        }
        if position == "PATH" && !self.names.contains(name) {
            if self.rest == Some(name) {
                return None;
            }
            let message =
                format!("the path does not name the parameter `{name}`, so it is left out");
            self.tell(Code::PARAMETER_UNUSED, node, message);
            return None;
        }
        if !self.seen.insert((position, key)) {
            let message = format!("the parameter `{name}` is declared twice; the first counts");
            self.tell(Code::PARAMETER_REPEATED, node, message);
            return None;
        }
        Some(position)
    }

    /// The gateway's type; tells what was flattened.
    fn kind(
        &mut self,
        parameter: &Parameter,
        data: &ParameterData,
        node: Node<'_>,
    ) -> &'static str {
        let kind = schema_of(data).map_or(ParameterType::Plain("string"), type_of);
        let shape = match (&data.format, kind) {
            (ParameterSchemaOrContent::Content(content), _) => {
                let media = content.keys().next().map_or("another media type", String::as_str);
                format!("text of {}", one_line(media))
            }
            (_, ParameterType::Plain(plain)) => return plain,
            (_, ParameterType::Flat(shape)) => format!("{shape}{}", style_of(parameter, data)),
        };
        let message = format!("`{}`, {shape}, is declared as a string", data.name);
        self.tell(Code::PARAMETER_FLATTENED, node, message);
        "string"
    }

    /// The default; one that is not a value of the parameter's type is a finding and left out.
    fn default(&mut self, data: &ParameterData, kind: &str, node: Node<'_>) -> Option<String> {
        let text = schema_of(data).and_then(default_value)?;
        let value = value_of(&text, kind);
        if value.is_none() {
            let (text, name) = (one_line(&text), &data.name);
            let message = format!(
                "`{text}` is not of the type {kind}; `{name}` is declared without a default"
            );
            self.tell(Code::DEFAULT_OF_ANOTHER_TYPE, node, message);
        }
        value
    }

    fn tell(&mut self, code: Code, node: Node<'_>, message: String) {
        self.notes.tell(code, &node.place(), message);
    }
}

/// What a schema is to the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ParameterType {
    /// One of the gateway's types.
    Plain(&'static str),
    /// Something that it has no type for.
    Flat(&'static str),
}

fn schema_of(data: &ParameterData) -> Option<&Schema> {
    match &data.format {
        ParameterSchemaOrContent::Schema(ReferenceOr::Item(schema)) => Some(schema),
        _ => None,
    }
}

fn type_of(schema: &Schema) -> ParameterType {
    match &schema.schema_kind {
        SchemaKind::Type(kind) => type_of_type(kind),
        SchemaKind::OneOf { one_of: members } | SchemaKind::AnyOf { any_of: members } => {
            union(members)
        }
        SchemaKind::AllOf { all_of } => union(all_of),
        SchemaKind::Not { .. } => ParameterType::Plain("string"),
        SchemaKind::Any(any) => match any.typ.as_deref() {
            Some(name) => type_of_name(name, any.format.as_deref()),
            None if !any.properties.is_empty() => ParameterType::Flat("an object"),
            None if any.items.is_some() => ParameterType::Flat("an array"),
            None => union(any.one_of.iter().chain(&any.any_of).chain(&any.all_of)),
        },
    }
}

fn type_of_type(kind: &Type) -> ParameterType {
    match kind {
        Type::String(_) => ParameterType::Plain("string"),
        Type::Boolean(_) => ParameterType::Plain("boolean"),
        Type::Integer(integer) => match integer.format {
            VariantOrUnknownOrEmpty::Item(IntegerFormat::Int64) => ParameterType::Plain("long"),
            _ => ParameterType::Plain("int"),
        },
        Type::Number(number) => match number.format {
            VariantOrUnknownOrEmpty::Item(NumberFormat::Float) => ParameterType::Plain("float"),
            _ => ParameterType::Plain("double"),
        },
        Type::Object(_) => ParameterType::Flat("an object"),
        Type::Array(_) => ParameterType::Flat("an array"),
    }
}

fn type_of_name(name: &str, format: Option<&str>) -> ParameterType {
    match (name, format) {
        ("integer", Some("int64")) => ParameterType::Plain("long"),
        ("integer", _) => ParameterType::Plain("int"),
        ("number", Some("float")) => ParameterType::Plain("float"),
        ("number", _) => ParameterType::Plain("double"),
        ("boolean", _) => ParameterType::Plain("boolean"),
        ("array", _) => ParameterType::Flat("an array"),
        ("object", _) => ParameterType::Flat("an object"),
        _ => ParameterType::Plain("string"),
    }
}

/// A union is its members' type where they agree; `null` among them does not count, since
/// that is how generators write an optional value.
fn union<'s>(members: impl IntoIterator<Item = &'s ReferenceOr<Schema>>) -> ParameterType {
    let mut kinds = members
        .into_iter()
        .filter_map(ReferenceOr::as_item)
        .filter(|schema| !is_null(schema))
        .map(type_of);
    match kinds.next() {
        None => ParameterType::Plain("string"),
        Some(first) if kinds.all(|kind| kind == first) => first,
        Some(_) => ParameterType::Flat("one of several types"),
    }
}

fn is_null(schema: &Schema) -> bool {
    matches!(&schema.schema_kind, SchemaKind::Any(any) if any.typ.as_deref() == Some("null"))
}

/// How the document wants a flattened value written, where it is not the usual way.
fn style_of(parameter: &Parameter, data: &ParameterData) -> &'static str {
    match parameter {
        Parameter::Query { style: QueryStyle::DeepObject, .. } => " written as `deepObject`",
        Parameter::Query { style: QueryStyle::PipeDelimited, .. } => " separated by `|`",
        Parameter::Query { style: QueryStyle::SpaceDelimited, .. } => " separated by spaces",
        Parameter::Query { .. } if data.explode == Some(false) => " separated by commas",
        Parameter::Path { style: PathStyle::Matrix, .. } => " written as `matrix`",
        Parameter::Path { style: PathStyle::Label, .. } => " written as `label`",
        _ => "",
    }
}

/// A default as text: what a caller would write. A list of plain values is separated by
/// commas; anything deeper is JSON.
fn default_value(schema: &Schema) -> Option<String> {
    match schema.schema_data.default.as_ref()? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(values) if values.iter().all(|v| !v.is_array() && !v.is_object()) => {
            let texts: Vec<String> = values.iter().map(scalar).collect();
            Some(texts.join(","))
        }
        value => Some(value.to_string()),
    }
}

/// A text as a value of one of the gateway's types; `None` where it is none.
fn value_of(text: &str, kind: &str) -> Option<String> {
    match kind {
        "int" | "long" => whole(text),
        "float" | "double" => {
            text.parse().ok().filter(|number: &f64| number.is_finite()).map(|_| text.to_owned())
        }
        "boolean" => {
            Some(text.to_ascii_lowercase()).filter(|text| matches!(text.as_str(), "true" | "false"))
        }
        _ => Some(text.to_owned()),
    }
}

/// A whole number of any length, also where it is written with a fraction of nothing.
fn whole(text: &str) -> Option<String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.to_owned());
    }
    // Beyond this a float no longer holds each of them.
    let exact = |number: &f64| number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
    text.parse().ok().filter(exact).map(|number| format!("{number:.0}"))
}

fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema(value: Value) -> Schema {
        serde_json::from_value(value).unwrap()
    }

    #[track_caller]
    fn check(value: Value, kind: ParameterType) {
        assert_eq!(type_of(&schema(value)), kind);
    }

    #[test]
    fn types_are_the_gateways() {
        check(json!({ "type": "integer" }), ParameterType::Plain("int"));
        check(json!({ "type": "integer", "format": "int64" }), ParameterType::Plain("long"));
        check(
            json!({ "type": "integer", "minimum": 0.5, "format": "int64" }),
            ParameterType::Plain("long"),
        );
        check(json!({ "type": "number" }), ParameterType::Plain("double"));
        check(json!({ "type": "number", "format": "float" }), ParameterType::Plain("float"));
        check(json!({ "type": "boolean" }), ParameterType::Plain("boolean"));
        check(json!({ "type": "string", "format": "date" }), ParameterType::Plain("string"));
        check(json!({}), ParameterType::Plain("string"));
        check(json!({ "type": "array", "items": {} }), ParameterType::Flat("an array"));
        check(json!({ "properties": { "a": {} } }), ParameterType::Flat("an object"));
    }

    #[test]
    fn a_union_that_agrees_is_no_union() {
        let int = || json!({ "type": "integer" });
        let nothing = json!({ "type": "null" });
        check(json!({ "anyOf": [int(), nothing] }), ParameterType::Plain("int"));
        check(json!({ "allOf": [int()] }), ParameterType::Plain("int"));
        check(json!({ "oneOf": [int(), int()] }), ParameterType::Plain("int"));
        check(
            json!({ "oneOf": [int(), { "type": "string" }] }),
            ParameterType::Flat("one of several types"),
        );
        check(json!({ "oneOf": [{ "$ref": "#/gone" }] }), ParameterType::Plain("string"));
    }

    #[test]
    fn a_default_is_text() {
        let default = |value: Value| default_value(&schema(json!({ "default": value })));
        assert_eq!(default(json!("a")), Some("a".into()));
        assert_eq!(default(json!(1.5)), Some("1.5".into()));
        assert_eq!(default(json!(false)), Some("false".into()));
        assert_eq!(default(json!(["a", 2])), Some("a,2".into()));
        assert_eq!(default(json!({ "a": [] })), Some(r#"{"a":[]}"#.into()));
        assert_eq!(default(Value::Null), None);
    }

    #[test]
    fn a_default_is_a_value_of_its_type() {
        for (text, kind, value) in [
            ("12", "int", Some("12")),
            ("-123456789012345678901234567890", "long", Some("-123456789012345678901234567890")),
            ("1000.0", "int", Some("1000")),
            ("1e3", "long", Some("1000")),
            ("1.5", "int", None),
            ("1e999", "int", None),
            ("1_000", "int", None),
            ("", "int", None),
            ("1e3", "double", Some("1e3")),
            ("1e999", "double", None),
            (".nan", "float", None),
            ("NaN", "double", None),
            ("True", "boolean", Some("true")),
            ("yes", "boolean", None),
            ("", "string", Some("")),
        ] {
            assert_eq!(value_of(text, kind).as_deref(), value, "{text} as {kind}");
        }
    }
}
