//! What a schema asks of a value, all that it is made of taken together.

use indexmap::IndexMap;

use crate::spec::{Node, Schema};

/// Schemas that are taken together at most; `allOf` may go round in circles.
const PARTS: usize = 64;

/// Alternatives that are tried.
const ALTERNATIVES: usize = 16;

/// What a value has to be like.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facets<'s> {
    types: Vec<&'s str>,
    pub(crate) format: Option<&'s str>,
    pub(crate) pattern: Option<&'s str>,
    pub(crate) enumeration: Vec<Node<'s>>,
    pub(crate) default: Option<Node<'s>>,
    pub(crate) example: Option<Node<'s>>,
    /// Of each, the schemas that hold for it together.
    pub(crate) properties: IndexMap<&'s str, Vec<Schema<'s>>>,
    pub(crate) required: Vec<&'s str>,
    /// What holds together for properties without a name here.
    pub(crate) additional: Vec<Schema<'s>>,
    /// The names that a closed part allows; `None`: any.
    pub(crate) closed: Option<Vec<&'s str>>,
    pub(crate) min_properties: u64,
    pub(crate) max_properties: Option<u64>,
    /// What holds together for each of the first items.
    pub(crate) first_items: Vec<Vec<Schema<'s>>>,
    /// What holds together for each item after them.
    pub(crate) items: Vec<Schema<'s>>,
    pub(crate) minimum: Option<(f64, bool)>,
    pub(crate) maximum: Option<(f64, bool)>,
    pub(crate) multiple_of: Option<f64>,
    pub(crate) min_length: u64,
    pub(crate) max_length: Option<u64>,
    pub(crate) min_items: u64,
    pub(crate) max_items: Option<u64>,
    pub(crate) unique: bool,
}

impl<'s> Facets<'s> {
    /// One for each alternative of `oneOf` or `anyOf`, in the document's order; one alone
    /// where there are none.
    pub(crate) fn of(schemas: &[Schema<'s>]) -> Vec<Self> {
        let mut common = Self::default();
        let mut parts = schemas.to_vec();
        let mut alternatives = Vec::new();
        let mut at = 0;
        while let Some(part) = parts.get(at).copied().filter(|_| at < PARTS) {
            common.add(part);
            let fresh = |other: &Schema<'s>| !parts.iter().any(|part| part.is(*other));
            let more: Vec<_> = part.all_of().into_iter().filter(fresh).collect();
            parts.extend(more);
            for listed in [part.one_of(), part.any_of()] {
                if alternatives.is_empty() {
                    alternatives = listed;
                }
            }
            at += 1;
        }
        if alternatives.is_empty() {
            return vec![common];
        }
        let possible = alternatives.into_iter().filter(|one| one.as_bool() != Some(false));
        let each = possible.take(ALTERNATIVES).flat_map(|one| {
            let own =
                if parts.iter().any(|part| part.is(one)) { Vec::new() } else { Self::of(&[one]) };
            own.into_iter().map(|facets| facets.with(&common))
        });
        each.take(ALTERNATIVES).collect()
    }

    fn add(&mut self, part: Schema<'s>) {
        let own = Self {
            types: part.types(),
            format: part.format(),
            pattern: part.pattern(),
            enumeration: part.enumeration(),
            default: part.default_value(),
            example: part.example(),
            properties: part.properties().map(|(name, of)| (name, vec![of])).collect(),
            required: part.required(),
            additional: part
                .additional_properties()
                .filter(|other| other.as_bool().is_none())
                .into_iter()
                .collect(),
            closed: closed(part),
            min_properties: part.min_properties().unwrap_or_default(),
            max_properties: part.max_properties(),
            first_items: part.prefix_items().into_iter().map(|item| vec![item]).collect(),
            items: part.items().into_iter().collect(),
            minimum: part.minimum(),
            maximum: part.maximum(),
            multiple_of: part.multiple_of(),
            min_length: part.min_length().unwrap_or_default(),
            max_length: part.max_length(),
            min_items: part.min_items().unwrap_or_default(),
            max_items: part.max_items(),
            unique: part.unique_items(),
        };
        *self = std::mem::take(self).with(&own);
    }

    /// Both together: the stricter bound, all properties.
    fn with(mut self, other: &Self) -> Self {
        if self.types.is_empty() {
            self.types.clone_from(&other.types);
        }
        if self.enumeration.is_empty() {
            self.enumeration.clone_from(&other.enumeration);
        }
        self.format = self.format.or(other.format);
        self.pattern = self.pattern.or(other.pattern);
        self.default = self.default.or(other.default);
        self.example = self.example.or(other.example);
        for (name, schemas) in &other.properties {
            self.properties.entry(name).or_default().extend(schemas);
        }
        self.required.extend(&other.required);
        self.additional.extend(&other.additional);
        self.closed = match (self.closed.take(), &other.closed) {
            (Some(ours), Some(theirs)) => {
                Some(ours.into_iter().filter(|name| theirs.contains(name)).collect())
            }
            (ours, theirs) => ours.or_else(|| theirs.clone()),
        };
        self.min_properties = self.min_properties.max(other.min_properties);
        self.max_properties = least(self.max_properties, other.max_properties);
        for (n, schemas) in other.first_items.iter().enumerate() {
            match self.first_items.get_mut(n) {
                Some(item) => item.extend(schemas),
                None => self.first_items.push(schemas.clone()),
            }
        }
        self.items.extend(&other.items);
        self.minimum = stricter(self.minimum, other.minimum, |a, b| a > b);
        self.maximum = stricter(self.maximum, other.maximum, |a, b| a < b);
        self.multiple_of = self.multiple_of.or(other.multiple_of);
        self.min_length = self.min_length.max(other.min_length);
        self.max_length = least(self.max_length, other.max_length);
        self.min_items = self.min_items.max(other.min_items);
        self.max_items = least(self.max_items, other.max_items);
        self.unique |= other.unique;
        self
    }

    /// The type that is made: the first one named but `null`, else what the rest is about.
    pub(crate) fn kind(&self) -> &'s str {
        let named = self.types.iter().find(|name| **name != "null").or_else(|| self.types.first());
        if let Some(named) = named {
            named
        } else if !self.items.is_empty() || !self.first_items.is_empty() || self.min_items > 0 {
            "array"
        } else if self.minimum.is_some() || self.maximum.is_some() || self.multiple_of.is_some() {
            "number"
        } else if self.pattern.is_some() || self.format.is_some() || self.min_length > 0 {
            "string"
        } else {
            "object"
        }
    }
}

/// The names of a part that allows no others.
fn closed(part: Schema<'_>) -> Option<Vec<&str>> {
    let shut = part.additional_properties()?.as_bool() == Some(false);
    (shut && !part.has_pattern_properties())
        .then(|| part.properties().map(|(name, _)| name).collect())
}

fn stricter(
    a: Option<(f64, bool)>,
    b: Option<(f64, bool)>,
    is_stricter: fn(f64, f64) -> bool,
) -> Option<(f64, bool)> {
    match (a, b) {
        (Some(a), Some(b)) if is_stricter(a.0, b.0) => Some(a),
        (Some(a), Some(b)) if is_stricter(b.0, a.0) => Some(b),
        (Some((bound, a)), Some((_, b))) => Some((bound, a || b)),
        (one, other) => one.or(other),
    }
}

fn least(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    a.into_iter().chain(b).min()
}
