//! A value made from a schema, for a mock that has no example.
//!
//! The same schema gives the same value, the value is valid against the schema as far as it
//! is read (`not` and conditions are not), and its size is bounded: schemas contain
//! themselves. Where no valid value is found there is none, rather than a wrong one.

use serde_json::{Map, Value};

use crate::spec::{Node, Schema};

mod facets;
mod pattern;

use facets::Facets;

/// Objects and arrays inside each other.
const DEPTH: usize = 8;

/// Values in all; past it only what is required is made.
const NODES: usize = 500;

/// Items of an array that asks for many.
const ITEMS: u64 = 20;

/// A value that is valid against the schema.
pub(super) fn value(schema: Schema<'_>) -> Option<Value> {
    Making { path: Vec::new(), nodes: 0 }.value(schema, 0)
}

struct Making<'s> {
    /// The schemas that are being made, the outermost first.
    path: Vec<Schema<'s>>,
    nodes: usize,
}

impl<'s> Making<'s> {
    /// The value number `nth` of those that a list of different ones asks for.
    fn value(&mut self, schema: Schema<'s>, nth: u64) -> Option<Value> {
        match schema.as_bool() {
            Some(true) => return Some(Value::Object(Map::new())),
            Some(false) => return None,
            None => {}
        }
        if self.path.len() >= DEPTH || self.path.iter().any(|outer| outer.is(schema)) {
            return schema.nullable().then_some(Value::Null);
        }
        self.nodes += 1;
        self.path.push(schema);
        let made = self.made(schema, nth);
        self.path.pop();
        made
    }

    fn made(&mut self, schema: Schema<'s>, nth: u64) -> Option<Value> {
        for facets in Facets::of(schema) {
            let made = given(&facets, nth).or_else(|| self.typed(&facets, nth));
            if made.is_some() {
                return made;
            }
        }
        schema.nullable().then_some(Value::Null)
    }

    fn typed(&mut self, facets: &Facets<'s>, nth: u64) -> Option<Value> {
        if !facets.enumeration.is_empty() {
            return None;
        }
        match facets.kind() {
            "object" => self.object(facets),
            "array" => self.array(facets),
            "string" => text(facets, nth).map(Value::String),
            "integer" => number(facets, nth, true),
            "number" => number(facets, nth, false),
            "boolean" => Some(Value::Bool(nth == 0)),
            "null" => Some(Value::Null),
            _ => None,
        }
    }

    fn object(&mut self, facets: &Facets<'s>) -> Option<Value> {
        let mut object = Map::new();
        for (name, schema) in &facets.properties {
            let is_required = facets.required.contains(name);
            if schema.write_only() || (!is_required && self.nodes > NODES) {
                continue;
            }
            match self.value(*schema, 0) {
                Some(value) => _ = object.insert((*name).to_owned(), value),
                None if is_required => return None,
                None => {}
            }
        }
        for name in &facets.required {
            let is_answered = facets.properties.get(name).is_none_or(|schema| !schema.write_only());
            if is_answered && !object.contains_key(*name) {
                let other = match facets.additional {
                    Some(schema) => self.value(schema, 0)?,
                    None => Value::String("string".into()),
                };
                object.insert((*name).to_owned(), other);
            }
        }
        Some(Value::Object(object))
    }

    fn array(&mut self, facets: &Facets<'s>) -> Option<Value> {
        let least = facets.min_items;
        if least > ITEMS {
            return None;
        }
        let wanted = if self.nodes > NODES { least } else { least.max(1) };
        let wanted = wanted.min(facets.max_items.unwrap_or(u64::MAX));
        let mut items = Vec::new();
        for nth in 0..wanted {
            let Some(schema) = facets.items else { break };
            let Some(item) = self.value(schema, nth) else { break };
            if facets.unique && items.contains(&item) {
                break;
            }
            items.push(item);
        }
        let enough = items.len() as u64 >= least || (facets.items.is_none() && !facets.unique);
        items.resize_with(items.len().max(usize::try_from(least).ok()?), || Value::from(0));
        enough.then_some(Value::Array(items))
    }
}

/// What the schema itself gives: an allowed value, a default, an example.
fn given(facets: &Facets<'_>, nth: u64) -> Option<Value> {
    let allowed = facets.enumeration.get(usize::try_from(nth).ok()?).map(|node| node.to_value());
    let fits = |node: &Node<'_>| facets.is_of_kind(&node.to_value());
    let first = || facets.default.filter(fits).or_else(|| facets.example.filter(fits));
    allowed.or_else(|| first().filter(|_| nth == 0).map(Node::to_value))
}

fn text(facets: &Facets<'_>, nth: u64) -> Option<String> {
    let (least, most) = (facets.min_length, facets.max_length.unwrap_or(u64::MAX));
    let suffix = if nth == 0 { String::new() } else { nth.to_string() };
    if let Some(pattern) = facets.pattern {
        return pattern::matching(pattern, least, most).filter(|_| nth == 0);
    }
    let base = match facets.format.unwrap_or_default() {
        "date" => format!("2024-01-{:02}", 1 + nth),
        "date-time" => format!("2024-01-{:02}T00:00:00Z", 1 + nth),
        "time" => format!("00:00:{nth:02}Z"),
        "duration" => format!("P{}D", 1 + nth),
        "uuid" => format!("00000000-0000-4000-8000-{nth:012}"),
        "email" | "idn-email" => format!("user{suffix}@example.com"),
        "uri" | "url" | "iri" => format!("https://example.com/{suffix}"),
        "uri-reference" | "iri-reference" => format!("/{suffix}"),
        "hostname" | "idn-hostname" => format!("host{suffix}.example.com"),
        "ipv4" => format!("192.0.2.{}", 1 + nth),
        "ipv6" => format!("2001:db8::{:x}", 1 + nth),
        "byte" => "c3RyaW5n".to_owned(),
        _ => return plain_text(&suffix, least, most),
    };
    let length = base.chars().count() as u64;
    (least..=most).contains(&length).then_some(base)
}

/// `string`, as long as it has to be, its number at the end.
fn plain_text(suffix: &str, least: u64, most: u64) -> Option<String> {
    let longest = 10_000;
    let length = 6.max(least).min(most);
    let room = usize::try_from(length.checked_sub(suffix.len() as u64)?).ok()?;
    if least > most || length > longest {
        return None;
    }
    let filled: String = "string".chars().cycle().take(room).collect();
    Some(filled + suffix)
}

/// The value nearest to 0 within the bounds, in steps of `multipleOf`.
#[expect(clippy::cast_precision_loss, reason = "a list asks for a few different numbers")]
fn number(facets: &Facets<'_>, nth: u64, is_whole: bool) -> Option<Value> {
    let step = facets.multiple_of.filter(|step| *step > 0.0).unwrap_or(1.0);
    let low = facets.minimum.map_or(f64::NEG_INFINITY, |(bound, strict)| {
        if strict { above(bound, step) } else { (bound / step).ceil() * step }
    });
    let high = facets.maximum.map_or(f64::INFINITY, |(bound, strict)| {
        if strict { -above(-bound, step) } else { (bound / step).floor() * step }
    });
    let start = if low > 0.0 {
        low
    } else if high < 0.0 {
        high
    } else {
        0.0
    };
    let away = if start + step * nth as f64 <= high { 1.0 } else { -1.0 };
    let value = start + away * step * nth as f64;
    if value < low || value > high {
        return between(facets, nth).filter(|_| !is_whole).map(Value::from);
    }
    Some(if is_whole || value.fract() == 0.0 { whole(value)? } else { Value::from(value) })
}

/// The first step strictly above a bound.
fn above(bound: f64, step: f64) -> f64 {
    let next = (bound / step).ceil() * step;
    if next > bound { next } else { next + step }
}

/// A number between two bounds that no step hits.
fn between(facets: &Facets<'_>, nth: u64) -> Option<f64> {
    let ((low, _), (high, _)) = (facets.minimum?, facets.maximum?);
    let free = nth == 0 && facets.multiple_of.is_none() && low < high;
    free.then_some(f64::midpoint(low, high))
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn whole(value: f64) -> Option<Value> {
    (value.abs() < 9e15 && value.fract() == 0.0).then(|| Value::from(value as i64))
}

#[cfg(test)]
mod tests;
