//! Schemas: looked into only where something is made of them.
//!
//! A schema is read from the tree on demand, keyword by keyword, since a document may hold
//! thousands and each may contain itself. Only those of parameters, which are small and all
//! used, are made into values: see `read::typed`.

use crate::spec::reference::Resolver;
use crate::spec::tree::Node;

/// A schema, references followed. It may contain itself: who descends has to stop.
#[derive(Debug, Clone, Copy)]
pub struct Schema<'s> {
    resolver: Resolver<'s>,
    node: Node<'s>,
}

impl<'s> Schema<'s> {
    /// The schema at a node, where there is one: an object, or 3.1's boolean.
    pub(crate) fn at(resolver: Resolver<'s>, node: Node<'s>) -> Option<Self> {
        let node = resolver.find(node)?;
        (node.is_map() || node.as_bool().is_some()).then_some(Self { resolver, node })
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
            .filter_map(move |(key, node)| Some((key.as_str(), Self::at(self.resolver, node)?)))
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
        Self::at(self.resolver, self.node.get(key)?)
    }

    fn schemas(self, key: &str) -> Vec<Schema<'s>> {
        let items = self.node.get(key).into_iter().flat_map(Node::items);
        items.filter_map(|node| Self::at(self.resolver, node)).collect()
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
