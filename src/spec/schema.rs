//! Schemas: looked into only where something is made of them.
//!
//! A schema is read from the tree on demand, keyword by keyword, since a document may hold
//! thousands and each may contain itself.

use crate::spec::reference::{Resolver, reference_of};
use crate::spec::tree::Node;
use crate::spec::version::SpecVersion;

/// A schema, references followed. It may contain itself: who descends has to stop.
///
/// From 3.1 on what stands beside a `$ref` counts, over what is there in the target; before,
/// it is void.
#[derive(Debug, Clone, Copy)]
pub struct Schema<'s> {
    resolver: Resolver<'s>,
    /// Where it is written, a reference perhaps.
    written: Node<'s>,
    /// The first of its references that counts itself, since something stands beside it.
    over: Option<Node<'s>>,
    /// What its references lead to in the end.
    target: Node<'s>,
}

impl<'s> Schema<'s> {
    /// The schema at a node, where there is one: an object, or 3.1's boolean.
    pub(crate) fn at(resolver: Resolver<'s>, written: Node<'s>) -> Option<Self> {
        let follows = resolver.version >= SpecVersion::OpenApi31;
        let mut over = None;
        let target = resolver.set.follow_by(written, |reference| {
            let counts = follows && over.is_none() && reference.entries().nth(1).is_some();
            over = over.or(counts.then_some(reference));
        });
        let target = target.ok().filter(|node| node.is_map() || node.as_bool().is_some())?;
        Some(Self { resolver, written, over, target })
    }

    /// Where it is written, references not followed.
    pub fn written(self) -> Node<'s> {
        self.written
    }

    /// Whether both are one schema, however they were come by.
    pub fn is(self, other: Schema<'_>) -> bool {
        self.target.is(other.target)
    }

    /// A keyword's value.
    fn get(self, keyword: &str) -> Option<Node<'s>> {
        self.layers().find_map(|layer| layer.get(keyword))
    }

    /// What counts of it, the strongest first: references beside which something stands, those
    /// that follow, and the target.
    fn layers(self) -> impl Iterator<Item = Node<'s>> {
        std::iter::successors(Some(self.over.unwrap_or(self.target)), move |layer| {
            let reference = (!layer.is(self.target)).then(|| reference_of(*layer))??;
            self.resolver.set.target(reference).ok()
        })
    }

    /// A default beside a `$ref` where that has no meaning.
    pub fn void_default(self) -> Option<Node<'s>> {
        let is_void = self.resolver.version < SpecVersion::OpenApi31;
        let beside = self.written.get("default").filter(|_| !self.written.is(self.target));
        beside.filter(|_| is_void)
    }

    /// 3.1's `true` and `false`, which earlier versions write as `{not: {}}`.
    pub fn as_bool(self) -> Option<bool> {
        let is_all = |not: Node<'_>| not.as_bool() == Some(true) || not.is_map() && not.is_empty();
        self.target.as_bool().or_else(|| self.get("not").filter(|it| is_all(*it)).map(|_| false))
    }

    /// Its types, as written: one, or 3.1's list.
    pub fn types(self) -> Vec<&'s str> {
        let Some(types) = self.get("type") else { return Vec::new() };
        match types.as_str() {
            Some(one) => vec![one],
            None => types.items().filter_map(Node::as_str).collect(),
        }
    }

    /// The types that values have, `null` apart: those named, else the one that its keywords
    /// speak of.
    pub fn kinds(self) -> Vec<&'s str> {
        let types = self.types();
        let implied = [("properties", "object"), ("items", "array")];
        let implied = implied.into_iter().find(|(keyword, _)| self.get(keyword).is_some());
        let implied = implied.filter(|_| types.is_empty()).map(|(_, kind)| kind);
        types.into_iter().filter(|name| *name != "null").chain(implied).collect()
    }

    /// Whether `null` is among its values: of an `enum` only where that lists it.
    pub fn nullable(self) -> bool {
        let says = |key| self.get(key).and_then(Node::as_bool) == Some(true);
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
        match self.get("enum") {
            Some(list) => list.items().collect(),
            None => self.get("const").into_iter().collect(),
        }
    }

    /// `default`.
    pub fn default_value(self) -> Option<Node<'s>> {
        self.get("default")
    }

    /// Its own example: `example`, the first of 3.1's `examples`, or `x-example`.
    pub fn example(self) -> Option<Node<'s>> {
        let listed = || self.get("examples")?.items().next();
        self.get("example").or_else(listed).or_else(|| self.get("x-example"))
    }

    /// Its properties, in the document's order.
    pub fn properties(self) -> impl Iterator<Item = (&'s str, Schema<'s>)> {
        let maps = self.layers().filter_map(|layer| layer.get("properties"));
        maps.flat_map(Node::entries)
            .filter_map(move |(key, node)| Some((key.as_str(), Self::at(self.resolver, node)?)))
    }

    /// The names of properties that have to be there.
    pub fn required(self) -> Vec<&'s str> {
        let lists = self.layers().filter_map(|layer| layer.get("required"));
        lists.flat_map(Node::items).filter_map(Node::as_str).collect()
    }

    /// 3.1's `prefixItems`: of the first items each.
    pub fn prefix_items(self) -> Vec<Schema<'s>> {
        self.schemas("prefixItems")
    }

    /// `items`: of those after the first ones.
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
        self.get("multipleOf")?.as_f64()
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
        self.get("patternProperties").is_some_and(|patterns| !patterns.is_empty())
    }

    /// `uniqueItems`.
    pub fn unique_items(self) -> bool {
        self.get("uniqueItems").and_then(Node::as_bool) == Some(true)
    }

    /// Whether values are sent and never answered.
    pub fn write_only(self) -> bool {
        self.get("writeOnly").and_then(Node::as_bool) == Some(true)
    }

    fn text(self, key: &str) -> Option<&'s str> {
        self.get(key)?.as_str()
    }

    fn count(self, key: &str) -> Option<u64> {
        self.get(key)?.scalar()?.parse().ok()
    }

    fn schema(self, key: &str) -> Option<Schema<'s>> {
        Self::at(self.resolver, self.get(key)?)
    }

    fn schemas(self, key: &str) -> Vec<Schema<'s>> {
        let lists = self.layers().filter_map(|layer| layer.get(key));
        lists.flat_map(Node::items).filter_map(|node| Self::at(self.resolver, node)).collect()
    }

    /// 3.0 has a bound and a flag, 3.1 a bound of its own for either.
    fn bound(self, inclusive: &str, exclusive: &str) -> Option<(f64, bool)> {
        let bound = self.get(inclusive).and_then(Node::as_f64);
        let strict = self.get(exclusive);
        match strict.and_then(Node::as_f64) {
            Some(strict) => Some((strict, true)),
            None => Some((bound?, strict.and_then(Node::as_bool) == Some(true))),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
