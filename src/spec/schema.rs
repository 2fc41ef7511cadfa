//! Schemas: looked into only where something is made of them.

use openapiv3 as typed;
use openapiv3::{ReferenceOr, SchemaData, SchemaKind};

use crate::spec::read::{Fields, Scope};
use crate::spec::tree::Node;

/// A schema, references followed. It may contain itself: who descends has to stop.
#[derive(Debug, Clone, Copy)]
pub struct Schema<'s> {
    scope: Scope<'s>,
    node: Node<'s>,
}

impl<'s> Schema<'s> {
    /// The schema at a node, where there is one: an object, or 3.1's boolean.
    pub(crate) fn at(scope: Scope<'s>, node: Node<'s>) -> Option<Self> {
        let node = scope.find(node)?;
        (node.is_map() || node.as_bool().is_some()).then_some(Self { scope, node })
    }

    /// The node, for what has no accessor here.
    pub fn node(self) -> Node<'s> {
        self.node
    }

    /// Whether both are one schema, however they were come by.
    pub fn is(self, other: Schema<'_>) -> bool {
        self.node.is(other.node)
    }

    /// 3.1's `true` and `false`.
    pub fn as_bool(self) -> Option<bool> {
        self.node.as_bool()
    }

    /// Its types, as written: one, or 3.1's list.
    pub fn types(self) -> Vec<&'s str> {
        let Some(types) = self.node.get("type") else { return Vec::new() };
        match types.as_str() {
            Some(one) => vec![one],
            None => types.items().filter_map(Node::as_str).collect(),
        }
    }

    /// The one type that values have, `null` apart.
    pub fn kind(self) -> Option<&'s str> {
        let types = self.types();
        let mut types = types.into_iter().filter(|name| *name != "null");
        let first = types.next()?;
        types.next().is_none().then_some(first)
    }

    /// Whether `null` is among its values: of an `enum` only where that lists it.
    pub fn nullable(self) -> bool {
        let says = |key| self.node.get(key).and_then(Node::as_bool) == Some(true);
        let allowed = self.enumeration();
        (says("nullable") || says("x-nullable") || self.types().contains(&"null"))
            && (allowed.is_empty() || allowed.iter().any(|value| value.is_null()))
    }

    /// `format`.
    pub fn format(self) -> Option<&'s str> {
        self.text("format")
    }

    /// `title`.
    pub fn title(self) -> Option<&'s str> {
        self.text("title")
    }

    /// `description`.
    pub fn description(self) -> Option<&'s str> {
        self.text("description")
    }

    /// `pattern`.
    pub fn pattern(self) -> Option<&'s str> {
        self.text("pattern")
    }

    /// The values allowed: `enum`, or 3.1's `const`.
    pub fn enumeration(self) -> Vec<Node<'s>> {
        match self.node.get("enum") {
            Some(list) => list.items().collect(),
            None => self.node.get("const").into_iter().collect(),
        }
    }

    /// `default`.
    pub fn default_value(self) -> Option<Node<'s>> {
        self.node.get("default")
    }

    /// Its own example: `example`, the first of 3.1's `examples`, or `x-example`.
    pub fn example(self) -> Option<Node<'s>> {
        let listed = || self.node.get("examples")?.items().next();
        self.node.get("example").or_else(listed).or_else(|| self.node.get("x-example"))
    }

    /// Its properties, in the document's order.
    pub fn properties(self) -> impl Iterator<Item = (&'s str, Schema<'s>)> {
        let entries = self.node.get("properties").map(Node::entries);
        entries
            .into_iter()
            .flatten()
            .filter_map(move |(key, node)| Some((key.as_str(), Self::at(self.scope, node)?)))
    }

    /// The names of properties that have to be there.
    pub fn required(self) -> Vec<&'s str> {
        self.node
            .get("required")
            .into_iter()
            .flat_map(Node::items)
            .filter_map(Node::as_str)
            .collect()
    }

    /// `items`.
    pub fn items(self) -> Option<Schema<'s>> {
        self.schema("items")
    }

    /// `additionalProperties`, where it is a schema.
    pub fn additional_properties(self) -> Option<Schema<'s>> {
        self.schema("additionalProperties")
    }

    /// `allOf`.
    pub fn all_of(self) -> Vec<Schema<'s>> {
        self.schemas("allOf")
    }

    /// `oneOf`.
    pub fn one_of(self) -> Vec<Schema<'s>> {
        self.schemas("oneOf")
    }

    /// `anyOf`.
    pub fn any_of(self) -> Vec<Schema<'s>> {
        self.schemas("anyOf")
    }

    /// The least value, and whether it is itself excluded.
    pub fn minimum(self) -> Option<(f64, bool)> {
        self.bound("minimum", "exclusiveMinimum")
    }

    /// The greatest value, and whether it is itself excluded.
    pub fn maximum(self) -> Option<(f64, bool)> {
        self.bound("maximum", "exclusiveMaximum")
    }

    /// `multipleOf`.
    pub fn multiple_of(self) -> Option<f64> {
        self.node.get("multipleOf")?.as_f64()
    }

    /// `minLength`.
    pub fn min_length(self) -> Option<u64> {
        self.count("minLength")
    }

    /// `maxLength`.
    pub fn max_length(self) -> Option<u64> {
        self.count("maxLength")
    }

    /// `minItems`.
    pub fn min_items(self) -> Option<u64> {
        self.count("minItems")
    }

    /// `maxItems`.
    pub fn max_items(self) -> Option<u64> {
        self.count("maxItems")
    }

    /// `minProperties`.
    pub fn min_properties(self) -> Option<u64> {
        self.count("minProperties")
    }

    /// `maxProperties`.
    pub fn max_properties(self) -> Option<u64> {
        self.count("maxProperties")
    }

    /// Whether names of properties are told by patterns, too.
    pub fn has_pattern_properties(self) -> bool {
        self.node.get("patternProperties").is_some_and(|patterns| !patterns.is_empty())
    }

    /// `uniqueItems`.
    pub fn unique_items(self) -> bool {
        self.node.get("uniqueItems").and_then(Node::as_bool) == Some(true)
    }

    /// Whether values are sent and never answered.
    pub fn write_only(self) -> bool {
        self.node.get("writeOnly").and_then(Node::as_bool) == Some(true)
    }

    fn text(self, key: &str) -> Option<&'s str> {
        self.node.get(key)?.as_str()
    }

    fn count(self, key: &str) -> Option<u64> {
        self.node.get(key)?.scalar()?.parse().ok()
    }

    fn schema(self, key: &str) -> Option<Schema<'s>> {
        Self::at(self.scope, self.node.get(key)?)
    }

    fn schemas(self, key: &str) -> Vec<Schema<'s>> {
        let items = self.node.get(key).into_iter().flat_map(Node::items);
        items.filter_map(|node| Self::at(self.scope, node)).collect()
    }

    /// 3.0 has a bound and a flag, 3.1 a bound of its own for either.
    fn bound(self, inclusive: &str, exclusive: &str) -> Option<(f64, bool)> {
        let bound = self.node.get(inclusive).and_then(Node::as_f64);
        let strict = self.node.get(exclusive);
        match strict.and_then(Node::as_f64) {
            Some(strict) => Some((strict, true)),
            None => Some((bound?, strict.and_then(Node::as_bool) == Some(true))),
        }
    }
}

/// How deep a parameter's schema is made into types; beyond this nothing depends on it.
const TYPED_DEPTH: u32 = 3;

/// A parameter's schema as types: what it holds, less what is nested deep.
pub(crate) fn typed(schema: Schema<'_>) -> typed::Schema {
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

fn typed_to(schema: Schema<'_>, depth: u32) -> typed::Schema {
    let data = SchemaData {
        nullable: schema.nullable(),
        deprecated: schema.node.get("deprecated").and_then(Node::as_bool) == Some(true),
        title: schema.title().map(str::to_owned),
        description: schema.description().map(str::to_owned),
        default: schema.default_value().map(default),
        example: schema.example().map(Node::to_value),
        ..SchemaData::default()
    };
    typed::Schema { schema_data: data, schema_kind: kind(schema, depth) }
}

fn kind(schema: Schema<'_>, depth: u32) -> SchemaKind {
    if let Some(one) = named_or_implied(schema).and_then(|name| type_of(schema, name, depth)) {
        return SchemaKind::Type(one);
    }
    let deeper = |schemas: Vec<Schema<'_>>| -> Vec<ReferenceOr<typed::Schema>> {
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
        let says = |key| schema.node.get(key).is_some();
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
fn all_of_kind(all_of: Vec<ReferenceOr<typed::Schema>>) -> SchemaKind {
    let named = all_of.iter().filter_map(ReferenceOr::as_item).map(|schema| &schema.schema_kind);
    match named.into_iter().find(|kind| !matches!(kind, SchemaKind::Any(_))) {
        Some(kind) => kind.clone(),
        None => SchemaKind::AllOf { all_of },
    }
}

/// 3.1's list of types as alternatives.
fn each_type(schema: Schema<'_>) -> Vec<ReferenceOr<typed::Schema>> {
    let types = schema.types().into_iter().filter(|name| *name != "null");
    let kinds = types.filter_map(|name| type_of(schema, name, 0)).map(SchemaKind::Type);
    kinds
        .map(|schema_kind| {
            ReferenceOr::Item(typed::Schema { schema_data: SchemaData::default(), schema_kind })
        })
        .collect()
}

fn any(schema: Schema<'_>) -> typed::AnySchema {
    let only_null = || schema.types().first().copied().filter(|name| *name == "null");
    typed::AnySchema {
        typ: schema.kind().or_else(only_null).map(str::to_owned),
        format: schema.format().map(str::to_owned),
        pattern: schema.pattern().map(str::to_owned),
        enumeration: schema.enumeration().into_iter().map(Node::to_value).collect(),
        ..typed::AnySchema::default()
    }
}

fn type_of(schema: Schema<'_>, name: &str, depth: u32) -> Option<typed::Type> {
    Some(match name {
        "string" => typed::Type::String(string(schema)),
        "number" => typed::Type::Number(number(schema)),
        "integer" => typed::Type::Integer(integer(schema)),
        "boolean" => typed::Type::Boolean(typed::BooleanType {
            enumeration: schema.enumeration().into_iter().map(Node::as_bool).collect(),
        }),
        "array" => typed::Type::Array(array(schema, depth)),
        "object" => typed::Type::Object(typed::ObjectType::default()),
        _ => return None,
    })
}

fn string(schema: Schema<'_>) -> typed::StringType {
    let text = |node: Node<'_>| node.scalar().map(str::to_owned);
    typed::StringType {
        format: schema.format().map(str::to_owned).into(),
        pattern: schema.pattern().map(str::to_owned),
        enumeration: schema.enumeration().into_iter().map(text).collect(),
        min_length: size(schema.min_length()),
        max_length: size(schema.max_length()),
    }
}

fn number(schema: Schema<'_>) -> typed::NumberType {
    let (minimum, maximum) = (schema.minimum(), schema.maximum());
    typed::NumberType {
        format: schema.format().map(str::to_owned).into(),
        multiple_of: schema.multiple_of(),
        exclusive_minimum: minimum.is_some_and(|(_, strict)| strict),
        exclusive_maximum: maximum.is_some_and(|(_, strict)| strict),
        minimum: minimum.map(|(bound, _)| bound),
        maximum: maximum.map(|(bound, _)| bound),
        enumeration: schema.enumeration().into_iter().map(Node::as_f64).collect(),
    }
}

fn integer(schema: Schema<'_>) -> typed::IntegerType {
    let (minimum, maximum) = (schema.minimum(), schema.maximum());
    typed::IntegerType {
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

fn array(schema: Schema<'_>, depth: u32) -> typed::ArrayType {
    let items = schema.items().filter(|_| depth > 0);
    typed::ArrayType {
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

/// The schema that a parameter or header gives under `schema`, in place, as types.
pub(crate) fn typed_field<'s>(
    scope: Scope<'s>,
    fields: &mut Fields<'s, '_>,
) -> Option<typed::Schema> {
    let node = fields.node.get("schema")?;
    match scope.follow(node) {
        Ok(_) => Schema::at(scope, node).map(typed),
        Err(lost) => {
            fields.findings.push(lost.finding(crate::finding::Code::MISSING_SCHEMA));
            None
        }
    }
}
