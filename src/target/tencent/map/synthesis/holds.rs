//! Whether a value is valid against a schema, as far as schemas are read here: `not`,
//! conditions, patterns and formats are not.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::spec::{Node, Schema};

/// Schemas inside each other; `allOf` may go round in circles.
const DEPTH: usize = 40;

/// How far a quotient may be from a whole number: decimal steps are not exact in binary.
const SLACK: f64 = 1e-9;

/// Whether the value is valid.
pub(crate) fn holds(schema: Schema<'_>, value: &Value) -> bool {
    within(schema, value, DEPTH)
}

fn within(schema: Schema<'_>, value: &Value, depth: usize) -> bool {
    if let Some(all_or_none) = schema.as_bool() {
        return all_or_none;
    }
    let Some(depth) = depth.checked_sub(1) else { return true };
    if value.is_null() && schema.nullable() {
        return true;
    }
    has_type(schema, value)
        && is_listed(schema, value)
        && is_in_bounds(schema, value, depth)
        && of_alternatives(schema, value, depth)
}

fn has_type(schema: Schema<'_>, value: &Value) -> bool {
    let types = schema.types();
    types.is_empty()
        || types.iter().any(|name| match *name {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "null" => value.is_null(),
            "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
            "number" => value.is_number(),
            _ => false,
        })
}

fn is_listed(schema: Schema<'_>, value: &Value) -> bool {
    let listed = schema.enumeration();
    let is_it = |node: &Node<'_>| match (node.as_f64(), value.as_f64()) {
        (Some(one), Some(other)) if value.is_number() => (one - other).abs() < f64::EPSILON,
        _ => node.to_value() == *value,
    };
    listed.is_empty() || listed.iter().any(is_it)
}

fn is_in_bounds(schema: Schema<'_>, value: &Value, depth: usize) -> bool {
    match value {
        Value::Number(number) => number.as_f64().is_none_or(|number| of_number(schema, number)),
        Value::String(text) => {
            let length = text.chars().count() as u64;
            is_between(length, schema.min_length(), schema.max_length())
        }
        Value::Array(items) => of_array(schema, items, depth),
        Value::Object(entries) => of_object(schema, entries, depth),
        Value::Null | Value::Bool(_) => true,
    }
}

fn is_between(count: u64, least: Option<u64>, most: Option<u64>) -> bool {
    least.is_none_or(|least| count >= least) && most.is_none_or(|most| count <= most)
}

fn of_number(schema: Schema<'_>, number: f64) -> bool {
    let above = |(bound, strict): (f64, bool)| number > bound || (!strict && number >= bound);
    let below = |(bound, strict): (f64, bool)| number < bound || (!strict && number <= bound);
    let steps = |step: f64| step <= 0.0 || (number / step - (number / step).round()).abs() < SLACK;
    schema.minimum().is_none_or(above)
        && schema.maximum().is_none_or(below)
        && schema.multiple_of().is_none_or(steps)
}

fn of_array(schema: Schema<'_>, items: &[Value], depth: usize) -> bool {
    let is_new = |(n, item): (usize, &Value)| !items[..n].contains(item);
    is_between(items.len() as u64, schema.min_items(), schema.max_items())
        && (!schema.unique_items() || items.iter().enumerate().all(is_new))
        && are_items(schema, items, depth)
}

fn are_items(schema: Schema<'_>, items: &[Value], depth: usize) -> bool {
    let first = schema.prefix_items();
    let mut others = items.iter().skip(first.len());
    first.iter().zip(items).all(|(of, item)| within(*of, item, depth))
        && schema.items().is_none_or(|of| others.all(|item| within(of, item, depth)))
}

fn of_object(schema: Schema<'_>, entries: &Map<String, Value>, depth: usize) -> bool {
    let count = entries.len() as u64;
    let known: HashMap<&str, Schema<'_>> = schema.properties().collect();
    let others = schema.additional_properties().filter(|_| !schema.has_pattern_properties());
    // What is only sent is not asked of an answer.
    let is_only_sent = |name: &str| known.get(name).is_some_and(|of| of.write_only());
    let is_there = |name: &&str| entries.contains_key(*name) || is_only_sent(name);
    is_between(count, schema.min_properties(), schema.max_properties())
        && schema.required().iter().all(is_there)
        && entries.iter().all(|(name, value)| {
            let of = known.get(name.as_str()).copied().or(others);
            of.is_none_or(|of| within(of, value, depth))
        })
}

fn of_alternatives(schema: Schema<'_>, value: &Value, depth: usize) -> bool {
    let holds = |one: &Schema<'_>| within(*one, value, depth);
    let (any_of, one_of) = (schema.any_of(), schema.one_of());
    schema.all_of().iter().all(holds)
        && (any_of.is_empty() || any_of.iter().any(holds))
        && (one_of.is_empty() || one_of.iter().filter(|one| holds(one)).count() == 1)
}
