//! What differs between what is wanted of an API and what the gateway answers of it.
//!
//! Only what is wanted is compared: what the gateway holds besides, set in its console or by
//! its defaults, is an extra and no difference. Lists are wanted whole, so that a parameter
//! that no document names is one.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::target::tencent::canonical::{Canonical, KeyedRow, LISTS, default_of, readable, says};
use crate::target::tencent::fields::Fields;
use crate::target::tencent::names::{self, item};

/// One value that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Where, such as `RequestParameters[QUERY limit].Required`.
    pub field: String,
    /// As the gateway holds it; null where it holds none.
    pub was: Value,
    /// As it is wanted; null where nothing is.
    pub will: Value,
}

/// What a comparison finds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// What is wanted otherwise, in the order of the fields' names.
    pub changes: Vec<Change>,
    /// What only the gateway says, and nobody wanted or refused.
    pub extra: Vec<Change>,
}

/// Compares the fields of a request, the authorising API's id filled in, with a read-back's.
pub fn compare(wanted: &Fields, held: &Fields) -> Comparison {
    let (will, mut was) = (Canonical::of(wanted), Canonical::of(held));
    allow_for_load_balancers(&will, &mut was);
    let mut found = Comparison::default();
    for path in will.leaves.keys().chain(was.leaves.keys()).collect::<BTreeSet<_>>() {
        let (is, should) = (was.value(path), will.value(path));
        let is_used = will.uses(path.split('.').next().unwrap_or(path));
        if is == should || !is_used {
            continue;
        }
        let change = Change {
            field: path.clone(),
            was: is.unwrap_or_default(),
            will: should.unwrap_or_default(),
        };
        let to = if says(wanted, path) { &mut found.changes } else { &mut found.extra };
        to.push(change);
    }
    for (list, _) in LISTS.iter().filter(|(list, _)| will.uses(list)) {
        let to = match *list {
            names::TRIGGER_RULES if !says(wanted, list) => &mut found.extra,
            _ => &mut found.changes,
        };
        compare_rows(list, &will, &was, to);
    }
    found
}

/// The names of the fields that are compared.
pub fn fields() -> impl Iterator<Item = &'static str> {
    readable().map(|field| field.name.as_str())
}

/// Whether this names a field that is compared, or something in one.
pub fn is_compared(name: &str) -> bool {
    fields().any(|field| name.split(['.', '[']).next() == Some(field))
}

fn compare_rows(list: &str, will: &Canonical, was: &Canonical, to: &mut Vec<Change>) {
    let (will, was) = (will.rows.get(list), was.rows.get(list));
    let keys: BTreeSet<&String> =
        will.into_iter().chain(was).flat_map(|rows| rows.keys()).collect();
    for key in keys {
        let field = format!("{list}[{key}]");
        match (was.and_then(|rows| rows.get(key)), will.and_then(|rows| rows.get(key))) {
            (Some(was), Some(will)) => compare_row(&field, was, will, to),
            (Some(row), None) | (None, Some(row)) if row.is_identity => {}
            (was, will) => to.push(Change { field, was: whole(was), will: whole(will) }),
        }
    }
}

fn compare_row(field: &str, was: &KeyedRow, will: &KeyedRow, to: &mut Vec<Change>) {
    for leaf in was.leaves.keys().chain(will.leaves.keys()).collect::<BTreeSet<_>>() {
        let (was, will) = (was.leaves.get(leaf), will.leaves.get(leaf));
        if was != will {
            let field = format!("{field}.{leaf}");
            let shown = |value| or_blank(value, was.or(will), leaf);
            to.push(Change { field, was: shown(was), will: shown(will) });
        }
    }
}

/// A value, or what it is where nothing is said: its default, or a blank of its type.
fn or_blank(value: Option<&Value>, other: Option<&Value>, leaf: &str) -> Value {
    match (value, other) {
        (Some(value), _) => value.clone(),
        (None, _) if default_of(leaf).is_some() => default_of(leaf).into(),
        (None, Some(Value::Bool(_))) => false.into(),
        (None, Some(Value::String(_))) => "".into(),
        (None, _) => Value::Null,
    }
}

/// A row as an object; null where there is none.
fn whole(row: Option<&KeyedRow>) -> Value {
    let Some(row) = row else { return Value::Null };
    Value::Object(row.leaves.clone().into_iter().collect::<Map<_, _>>())
}

/// A backend behind a load balancer may be read back under a type of its own.
fn allow_for_load_balancers(will: &Canonical, was: &mut Canonical) {
    let wanted = will.word(names::SERVICE_TYPE);
    let by_balancer = will.word(names::NETWORK_PRODUCT).eq_ignore_ascii_case("clb");
    if by_balancer && was.word(names::SERVICE_TYPE) == "CLB" {
        was.leaves.insert(names::SERVICE_TYPE.to_owned(), wanted.into());
    }
}

/// Names of parameters whose default may be a secret.
const SECRET_NAMES: [&str; 7] =
    ["token", "secret", "passw", "apikey", "api-key", "api_key", "authorization"];

fn mask(value: &mut Value, is_default: bool) {
    match value {
        Value::String(text) if is_default && !text.is_empty() => "***".clone_into(text),
        Value::Object(fields) => {
            fields.get_mut(item::DEFAULT_VALUE).into_iter().for_each(|value| mask(value, true));
        }
        _ => {}
    }
}

impl Change {
    /// The same without defaults that may be secrets.
    #[must_use]
    pub fn masked(mut self) -> Self {
        let name = self.field.to_lowercase();
        if SECRET_NAMES.iter().any(|secret| name.contains(secret)) {
            let leaf = self.field.rsplit('.').next() == Some(item::DEFAULT_VALUE);
            for value in [&mut self.was, &mut self.will] {
                mask(value, leaf);
            }
        }
        self
    }

    /// Whether it lies in a field of this name: `RequestParameters`, all of `ServiceConfig`, or
    /// `RequestParameters.Required` of whichever parameter.
    pub fn is_in(&self, name: &str) -> bool {
        let mut plain = String::new();
        let mut depth = 0;
        for c in self.field.chars() {
            match c {
                '[' => depth += 1,
                ']' => depth -= 1,
                c if depth == 0 => plain.push(c),
                _ => {}
            }
        }
        [&plain, &self.field].into_iter().any(|field| {
            let rest = field.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
    }
}
