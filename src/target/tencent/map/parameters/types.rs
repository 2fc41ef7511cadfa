//! The gateway's types, and defaults as values of them.

use crate::spec::tree::Kind;
use crate::spec::{Node, Schema};

/// Schemas inside each other that are looked into: they may contain themselves.
const DEPTH: u32 = 4;

/// What a schema is to the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParameterType {
    /// One of the gateway's types.
    Plain(&'static str),
    /// Something that it has no type for.
    Flat(&'static str),
}

/// The type of a text, which is what nothing else is said of.
const TEXT: ParameterType = ParameterType::Plain("string");

/// The type of a schema's values.
pub(crate) fn type_of(schema: Schema<'_>) -> ParameterType {
    within(schema, DEPTH).unwrap_or(TEXT)
}

/// The type of values of any of these schemas.
pub(crate) fn type_of_any<'s>(schemas: impl IntoIterator<Item = Schema<'s>>) -> ParameterType {
    union(schemas.into_iter().map(type_of))
}

/// `None` where the schema says nothing of it.
fn within(schema: Schema<'_>, depth: u32) -> Option<ParameterType> {
    let depth = depth.checked_sub(1)?;
    let kinds = schema.kinds();
    if let [kind] = kinds[..]
        && let Some(kind) = type_of_name(kind, schema.format())
    {
        return Some(kind);
    }
    let all_of = schema.all_of();
    if !all_of.is_empty() {
        return all_of.into_iter().find_map(|part| within(part, depth));
    }
    let alternatives = [schema.one_of(), schema.any_of()];
    if let Some(members) = alternatives.into_iter().find(|members| !members.is_empty()) {
        let is_null = |member: &Schema<'_>| member.types() == ["null"];
        let members = members.into_iter().filter(|member| !is_null(member));
        return Some(union(members.map(|member| within(member, depth).unwrap_or(TEXT))));
    }
    let kinds = kinds.into_iter().filter_map(|kind| type_of_name(kind, schema.format()));
    Some(union(kinds)).filter(|_| schema.types().len() > 1)
}

fn type_of_name(name: &str, format: Option<&str>) -> Option<ParameterType> {
    Some(match (name, format) {
        ("integer", Some("int64")) => ParameterType::Plain("long"),
        ("integer", _) => ParameterType::Plain("int"),
        ("number", Some("float")) => ParameterType::Plain("float"),
        ("number", _) => ParameterType::Plain("double"),
        ("boolean", _) => ParameterType::Plain("boolean"),
        ("array", _) => ParameterType::Flat("an array"),
        ("object", _) => ParameterType::Flat("an object"),
        ("string", _) => TEXT,
        _ => return None,
    })
}

/// A union is its members' type where they agree; `null` among them does not count, since
/// that is how generators write an optional value.
fn union(mut kinds: impl Iterator<Item = ParameterType>) -> ParameterType {
    match kinds.next() {
        None => TEXT,
        Some(first) if kinds.all(|kind| kind == first) => first,
        Some(_) => ParameterType::Flat("one of several types"),
    }
}

/// A default as text: what a caller would write. A list of plain values is separated by
/// commas; anything deeper is JSON.
pub(crate) fn text_of(value: Node<'_>) -> Option<String> {
    let is_plain = |value: &Node<'_>| !value.is_map() && !value.is_list();
    match value.kind() {
        Kind::Null => None,
        Kind::List if value.items().all(|item| is_plain(&item)) => {
            let texts: Vec<String> = value.items().map(scalar).collect();
            Some(texts.join(","))
        }
        _ => Some(scalar(value)),
    }
}

/// Of an integer beyond 64 bits its digits: a float would be another one.
fn scalar(node: Node<'_>) -> String {
    let value = node.to_value();
    match value.as_str() {
        Some(text) => text.to_owned(),
        None if value.is_f64() => Some(node.digits())
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'))
            .unwrap_or_else(|| value.to_string()),
        None => value.to_string(),
    }
}

/// A text as a value of one of the gateway's types; `None` where it is none.
pub(crate) fn value_of(text: &str, kind: &str) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::spec::schema::tests::with;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "cases read better without borrows")]
    fn check(schema: Value, kind: ParameterType) {
        assert_eq!(with("3.1.0", &schema, &json!({}), type_of), kind, "{schema}");
    }

    #[test]
    fn types_are_the_gateways() {
        check(json!({ "type": "integer" }), ParameterType::Plain("int"));
        check(json!({ "type": "integer", "format": "int64" }), ParameterType::Plain("long"));
        check(json!({ "type": ["integer", "null"] }), ParameterType::Plain("int"));
        check(json!({ "type": "number" }), ParameterType::Plain("double"));
        check(json!({ "type": "number", "format": "float" }), ParameterType::Plain("float"));
        check(json!({ "type": "boolean" }), ParameterType::Plain("boolean"));
        check(json!({ "type": "string", "format": "date" }), TEXT);
        check(json!({ "type": "file" }), TEXT);
        check(json!({}), TEXT);
        check(json!(true), TEXT);
        check(json!({ "type": "array", "items": {} }), ParameterType::Flat("an array"));
        check(json!({ "properties": { "a": {} } }), ParameterType::Flat("an object"));
    }

    #[test]
    fn a_union_that_agrees_is_no_union() {
        let int = || json!({ "type": "integer" });
        let nothing = json!({ "type": "null" });
        let several = ParameterType::Flat("one of several types");
        check(json!({ "anyOf": [int(), nothing] }), ParameterType::Plain("int"));
        check(json!({ "oneOf": [int(), int()] }), ParameterType::Plain("int"));
        check(json!({ "oneOf": [int(), { "type": "string" }] }), several);
        check(json!({ "type": ["integer", "string"] }), several);
        check(json!({ "oneOf": [{ "$ref": "#/gone" }] }), TEXT);
    }

    #[test]
    fn a_whole_has_the_type_that_any_of_its_parts_names() {
        let described = json!({ "description": "d" });
        check(json!({ "allOf": [described, { "type": "integer" }] }), ParameterType::Plain("int"));
        check(json!({ "allOf": [described] }), TEXT);
    }

    #[test]
    fn a_schema_that_contains_itself_ends() {
        let own = json!({ "$ref": "#/components/schemas/A" });
        let others = json!({ "A": { "allOf": [own, { "type": "integer" }], "anyOf": [own] } });
        assert_eq!(with("3.0.0", &own, &others, type_of), ParameterType::Plain("int"));
    }

    #[test]
    fn a_default_is_text() {
        let default = |value: Value| {
            let schema = json!({ "default": value });
            with("3.1.0", &schema, &json!({}), |schema| text_of(schema.default_value()?))
        };
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
