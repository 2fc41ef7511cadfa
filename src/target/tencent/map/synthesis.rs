//! A value made from a schema, for a mock that has no example.
//!
//! The same schema gives the same value, the value is valid against the schema as far as it
//! is read (`not` and conditions are not), and its size is bounded: schemas contain
//! themselves. Where no valid value is found the result is none, rather than a wrong one.

mod facets;
mod holds;
mod pattern;

use serde_json::{Map, Value};

use crate::spec::{Node, Schema};

use facets::Facets;
use holds::holds;

/// Objects and arrays inside each other.
const DEPTH: usize = 8;

/// Values in all; past it only what is required is made.
const NODES: usize = 500;

/// Items of an array that asks for many.
const ITEMS: u64 = 20;

/// A value that is valid against the schema.
pub(crate) fn value(schema: Schema<'_>) -> Option<Value> {
    Making { path: Vec::new(), depth: 0, nodes: 0 }.value(&[schema], 0)
}

struct Making<'s> {
    /// The schemas that are being made, the outermost first.
    path: Vec<Schema<'s>>,
    depth: usize,
    nodes: usize,
}

impl<'s> Making<'s> {
    /// The value number `nth` of those that a list of different ones asks for, valid against
    /// all of these schemas.
    fn value(&mut self, schemas: &[Schema<'s>], nth: u64) -> Option<Value> {
        if schemas.iter().any(|schema| schema.as_bool() == Some(false)) {
            return None;
        }
        let schemas: Vec<Schema<'s>> =
            schemas.iter().copied().filter(|schema| schema.as_bool().is_none()).collect();
        if schemas.is_empty() {
            return Some(Value::Object(Map::new()));
        }
        let is_being_made = |schema: &Schema<'s>| self.path.iter().any(|outer| outer.is(*schema));
        if self.depth >= DEPTH || schemas.iter().any(is_being_made) {
            return null(&schemas);
        }
        let outer = self.path.len();
        self.nodes += 1;
        self.depth += 1;
        self.path.extend(&schemas);
        let made = self.made(&schemas, nth);
        self.path.truncate(outer);
        self.depth -= 1;
        made
    }

    /// What is made of one alternative may be valid against another as well, which `oneOf`
    /// does not allow, or against none: each value is held against the whole.
    fn made(&mut self, schemas: &[Schema<'s>], nth: u64) -> Option<Value> {
        for facets in Facets::of(schemas) {
            let typed = |this: &mut Self| {
                this.typed(&facets, nth).filter(|value| holds_all(schemas, value))
            };
            let made = given(&facets, schemas, nth).or_else(|| typed(self));
            if made.is_some() {
                return made;
            }
        }
        null(schemas)
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
        let is_open = |name: &str| facets.closed.as_ref().is_none_or(|names| names.contains(&name));
        let most = usize::try_from(facets.max_properties.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        let room = most.saturating_sub(facets.required.len());
        let mut optional = 0;
        for (name, schemas) in &facets.properties {
            let is_required = facets.required.contains(name);
            let is_full = self.nodes > NODES || optional >= room;
            if is_only_sent(schemas) || (!is_required && (is_full || !is_open(name))) {
                continue;
            }
            match self.value(schemas, 0) {
                Some(value) => _ = object.insert((*name).to_owned(), value),
                None if is_required => return None,
                None => continue,
            }
            optional += usize::from(!is_required);
        }
        for name in &facets.required {
            let is_answered = facets.properties.get(name).is_none_or(|of| !is_only_sent(of));
            if is_answered && !object.contains_key(*name) {
                object.insert((*name).to_owned(), self.other(facets)?);
            }
        }
        for n in 1..=facets.min_properties.min(ITEMS) {
            if object.len() as u64 >= facets.min_properties || facets.closed.is_some() {
                break;
            }
            object.insert(format!("key{n}"), self.other(facets)?);
        }
        Some(Value::Object(object))
    }

    /// The value of a property that the schema does not name.
    fn other(&mut self, facets: &Facets<'s>) -> Option<Value> {
        if facets.additional.is_empty() {
            return Some(Value::String("string".into()));
        }
        self.value(&facets.additional, 0)
    }

    fn array(&mut self, facets: &Facets<'s>) -> Option<Value> {
        let least = facets.min_items;
        if least > ITEMS {
            return None;
        }
        let usual = facets.first_items.len().max(1) as u64;
        let wanted = if self.nodes > NODES { least } else { least.max(usual) };
        let wanted = wanted.min(facets.max_items.unwrap_or(u64::MAX));
        let mut items = Vec::new();
        for nth in 0..wanted {
            let first = usize::try_from(nth).ok().and_then(|nth| facets.first_items.get(nth));
            let (schemas, nth) = first.map_or((&facets.items, nth), |first| (first, 0));
            if schemas.is_empty() {
                break;
            }
            let Some(item) = self.value(schemas, nth) else { break };
            if facets.unique && items.contains(&item) {
                break;
            }
            items.push(item);
        }
        let enough = items.len() as u64 >= least || (facets.items.is_empty() && !facets.unique);
        items.resize_with(items.len().max(usize::try_from(least).ok()?), || Value::from(0));
        enough.then_some(Value::Array(items))
    }
}

fn is_only_sent(schemas: &[Schema<'_>]) -> bool {
    schemas.iter().any(|schema| schema.write_only())
}

fn holds_all(schemas: &[Schema<'_>], value: &Value) -> bool {
    schemas.iter().all(|schema| holds(*schema, value))
}

/// `null`, where all of these take it.
fn null(schemas: &[Schema<'_>]) -> Option<Value> {
    schemas.iter().all(|schema| schema.nullable()).then_some(Value::Null)
}

/// What the schema itself gives, where it is valid: an allowed value, a default, an example.
fn given(facets: &Facets<'_>, schemas: &[Schema<'_>], nth: u64) -> Option<Value> {
    let valid = |node: &Node<'_>| Some(node.to_value()).filter(|value| holds_all(schemas, value));
    let allowed = || facets.enumeration.iter().filter_map(valid);
    let first = || {
        facets.default.as_ref().and_then(valid).or_else(|| facets.example.as_ref().and_then(valid))
    };
    allowed().nth(usize::try_from(nth).ok()?).or_else(|| if nth == 0 { first() } else { None })
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
