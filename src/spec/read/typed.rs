//! Schemas of parameters as types of [`openapiv3`]: what decides the gateway's type, the
//! default, and which values are allowed. Texts for readers are left out.

use openapiv3::{ReferenceOr, SchemaData, SchemaKind};

use crate::spec::schema::Schema;
use crate::spec::tree::Node;

/// How deep a parameter's schema is made into types; beyond this nothing depends on it.
const TYPED_DEPTH: u32 = 3;

/// A parameter's schema as types: what it holds, less what is nested deep.
pub(crate) fn typed(schema: Schema<'_>) -> openapiv3::Schema {
    typed_to(schema, TYPED_DEPTH)
}

/// An integer beyond 64 bits as its digits: a float would be another one, and a default is
/// passed on as text.
fn default(node: Node<'_>) -> serde_json::Value {
    let value = node.to_value();
    if !value.is_f64() {
        return value;
    }
    let digits = node.digits();
    let is_integer = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if is_integer { digits.into() } else { value }
}

fn typed_to(schema: Schema<'_>, depth: u32) -> openapiv3::Schema {
    let data = SchemaData {
        default: schema.default_value().map(default),
        example: schema.example().map(Node::to_value),
        ..SchemaData::default()
    };
    openapiv3::Schema { schema_data: data, schema_kind: kind(schema, depth) }
}

fn kind(schema: Schema<'_>, depth: u32) -> SchemaKind {
    if let Some(one) = named_or_implied(schema).and_then(|name| type_of(schema, name, depth)) {
        return SchemaKind::Type(one);
    }
    let deeper = |schemas: Vec<Schema<'_>>| -> Vec<ReferenceOr<openapiv3::Schema>> {
        let schemas = schemas.into_iter().filter(|_| depth > 0);
        schemas.map(|schema| ReferenceOr::Item(typed_to(schema, depth - 1))).collect()
    };
    let (all_of, one_of, any_of) = (schema.all_of(), schema.one_of(), schema.any_of());
    if !all_of.is_empty() {
        all_of_kind(deeper(all_of))
    } else if !one_of.is_empty() {
        SchemaKind::OneOf { one_of: deeper(one_of) }
    } else if !any_of.is_empty() {
        SchemaKind::AnyOf { any_of: deeper(any_of) }
    } else if schema.types().len() > 1 {
        SchemaKind::AnyOf { any_of: each_type(schema) }
    } else {
        SchemaKind::Any(any(schema))
    }
}

/// The one type of a schema, or that which its keywords speak of.
fn named_or_implied(schema: Schema<'_>) -> Option<&str> {
    let implied = || {
        let says = |key| schema.node().get(key).is_some();
        let none = schema.types().is_empty();
        if none && says("properties") {
            Some("object")
        } else {
            (none && says("items")).then_some("array")
        }
    };
    schema.kind().or_else(implied)
}

/// What holds all of several schemas has the type that any of them names.
fn all_of_kind(all_of: Vec<ReferenceOr<openapiv3::Schema>>) -> SchemaKind {
    let named = all_of.iter().filter_map(ReferenceOr::as_item).map(|schema| &schema.schema_kind);
    match named.into_iter().find(|kind| !matches!(kind, SchemaKind::Any(_))) {
        Some(kind) => kind.clone(),
        None => SchemaKind::AllOf { all_of },
    }
}

/// 3.1's list of types as alternatives.
fn each_type(schema: Schema<'_>) -> Vec<ReferenceOr<openapiv3::Schema>> {
    let types = schema.types().into_iter().filter(|name| *name != "null");
    let kinds = types.filter_map(|name| type_of(schema, name, 0)).map(SchemaKind::Type);
    kinds
        .map(|schema_kind| {
            ReferenceOr::Item(openapiv3::Schema { schema_data: SchemaData::default(), schema_kind })
        })
        .collect()
}

fn any(schema: Schema<'_>) -> openapiv3::AnySchema {
    let only_null = || schema.types().first().copied().filter(|name| *name == "null");
    openapiv3::AnySchema {
        typ: schema.kind().or_else(only_null).map(str::to_owned),
        format: schema.format().map(str::to_owned),
        pattern: schema.pattern().map(str::to_owned),
        enumeration: schema.enumeration().into_iter().map(Node::to_value).collect(),
        ..openapiv3::AnySchema::default()
    }
}

fn type_of(schema: Schema<'_>, name: &str, depth: u32) -> Option<openapiv3::Type> {
    Some(match name {
        "string" => openapiv3::Type::String(string(schema)),
        "number" => openapiv3::Type::Number(number(schema)),
        "integer" => openapiv3::Type::Integer(integer(schema)),
        "boolean" => openapiv3::Type::Boolean(openapiv3::BooleanType {
            enumeration: schema.enumeration().into_iter().map(Node::as_bool).collect(),
        }),
        "array" => openapiv3::Type::Array(array(schema, depth)),
        "object" => openapiv3::Type::Object(openapiv3::ObjectType::default()),
        _ => return None,
    })
}

fn string(schema: Schema<'_>) -> openapiv3::StringType {
    let text = |node: Node<'_>| node.scalar().map(str::to_owned);
    openapiv3::StringType {
        format: schema.format().map(str::to_owned).into(),
        pattern: schema.pattern().map(str::to_owned),
        enumeration: schema.enumeration().into_iter().map(text).collect(),
        min_length: size(schema.min_length()),
        max_length: size(schema.max_length()),
    }
}

fn number(schema: Schema<'_>) -> openapiv3::NumberType {
    let (minimum, maximum) = (schema.minimum(), schema.maximum());
    openapiv3::NumberType {
        format: schema.format().map(str::to_owned).into(),
        multiple_of: schema.multiple_of(),
        exclusive_minimum: minimum.is_some_and(|(_, strict)| strict),
        exclusive_maximum: maximum.is_some_and(|(_, strict)| strict),
        minimum: minimum.map(|(bound, _)| bound),
        maximum: maximum.map(|(bound, _)| bound),
        enumeration: schema.enumeration().into_iter().map(Node::as_f64).collect(),
    }
}

fn integer(schema: Schema<'_>) -> openapiv3::IntegerType {
    let (minimum, maximum) = (schema.minimum(), schema.maximum());
    openapiv3::IntegerType {
        format: schema.format().map(str::to_owned).into(),
        multiple_of: schema.multiple_of().and_then(whole),
        exclusive_minimum: minimum.is_some_and(|(_, strict)| strict),
        exclusive_maximum: maximum.is_some_and(|(_, strict)| strict),
        minimum: minimum.and_then(|(bound, _)| whole(bound)),
        maximum: maximum.and_then(|(bound, _)| whole(bound)),
        enumeration: schema
            .enumeration()
            .into_iter()
            .map(|node| node.scalar()?.parse().ok())
            .collect(),
    }
}

fn array(schema: Schema<'_>, depth: u32) -> openapiv3::ArrayType {
    let items = schema.items().filter(|_| depth > 0);
    openapiv3::ArrayType {
        items: items.map(|items| ReferenceOr::Item(Box::new(typed_to(items, depth - 1)))),
        min_items: size(schema.min_items()),
        max_items: size(schema.max_items()),
        unique_items: schema.unique_items(),
    }
}

fn size(count: Option<u64>) -> Option<usize> {
    count.and_then(|count| usize::try_from(count).ok())
}

/// A bound of integers that an integer of the types can hold.
fn whole(bound: f64) -> Option<i64> {
    #[expect(clippy::cast_precision_loss, reason = "the edge itself is a power of two")]
    let fits = bound.fract() == 0.0 && bound >= i64::MIN as f64 && bound < i64::MAX as f64;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and within range")]
    let whole = bound as i64;
    fits.then_some(whole)
}
