//! What an object in a query is sent as: its properties, by name.
//!
//! A query has no objects. In the form style, exploded, and as `deepObject` the object's own
//! name is never sent alone; its properties are. The specification leaves open how what is
//! nested in them is written, so it is not told here.

use indexmap::IndexMap;

use crate::spec::schema::Schema;

/// Schemas inside each other that are looked into: they may contain themselves.
const DEPTH: u32 = 8;

/// What is known of values of a schema as far as they are objects.
#[derive(Debug, Clone, Default)]
pub struct ObjectShape<'s> {
    /// Each with its alternatives.
    pub properties: IndexMap<&'s str, Vec<Schema<'s>>>,
    /// Properties that every value has.
    pub required: Vec<&'s str>,
    /// Whether values may be objects.
    pub is_object: bool,
    /// What else they may be, `null` apart.
    pub others: Vec<Schema<'s>>,
    /// Whether there may be no value: nothing is required then.
    pub is_nullable: bool,
    /// Whether it allows properties beside those that it names; `None` where it does not say.
    more: Option<bool>,
}

impl<'s> ObjectShape<'s> {
    /// Of the values of a schema.
    pub fn of(schema: Schema<'s>) -> Self {
        Self::within(schema, DEPTH)
    }

    /// Whether values are objects and nothing else.
    pub fn is_only_object(&self) -> bool {
        self.is_object && self.others.is_empty()
    }

    /// Whether there are properties whose names the schema does not give.
    pub fn is_open(&self) -> bool {
        self.is_object && self.more.unwrap_or_else(|| self.properties.is_empty())
    }

    fn within(schema: Schema<'s>, depth: u32) -> Self {
        let Some(depth) = depth.checked_sub(1) else { return Self::default() };
        let parts = schema.all_of().into_iter().map(|part| Self::within(part, depth));
        let whole = parts.fold(Self::own(schema), Self::and);
        let alternatives = [schema.one_of(), schema.any_of()].map(|alternatives| {
            let each = alternatives.into_iter().map(|one| Self::alternative(one, depth));
            each.reduce(Self::or)
        });
        alternatives.into_iter().flatten().fold(whole, Self::and)
    }

    /// Of an alternative to others: one that says nothing may be anything.
    fn alternative(schema: Schema<'s>, depth: u32) -> Self {
        let mut shape = Self::within(schema, depth);
        if !shape.is_object && !shape.is_nullable && shape.others.is_empty() {
            shape.others.push(schema);
        }
        shape
    }

    /// Of the keywords of a schema alone.
    fn own(schema: Schema<'s>) -> Self {
        let kinds = schema.kinds();
        let is_other = kinds.iter().any(|kind| *kind != "object");
        let others = schema.additional_properties().map(|of| of.as_bool() != Some(false));
        Self {
            properties: schema.properties().map(|(name, of)| (name, vec![of])).collect(),
            required: schema.required(),
            is_object: kinds.contains(&"object"),
            others: is_other.then_some(schema).into_iter().collect(),
            is_nullable: schema.nullable() || schema.types() == ["null"],
            more: if schema.has_pattern_properties() { Some(true) } else { others },
        }
    }

    /// Of values that are both; what is said first counts.
    fn and(mut self, other: Self) -> Self {
        if self.is_only_object() || other.is_only_object() {
            self.others = Vec::new();
        } else {
            self.others.extend(other.others);
        }
        for (name, schemas) in other.properties {
            self.properties.entry(name).or_insert(schemas);
        }
        self.required.extend(other.required);
        self.is_object |= other.is_object;
        self.is_nullable |= other.is_nullable;
        self.more = self.more.into_iter().chain(other.more).min();
        self
    }

    /// Of values that are one or the other.
    fn or(mut self, other: Self) -> Self {
        self.more = Some(self.is_open() || other.is_open());
        for (name, schemas) in other.properties {
            self.properties.entry(name).or_default().extend(schemas);
        }
        self.required.retain(|name| other.required.contains(name));
        self.others.extend(other.others);
        self.is_object |= other.is_object;
        self.is_nullable |= other.is_nullable;
        self
    }
}
