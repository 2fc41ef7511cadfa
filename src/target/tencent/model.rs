//! What the official type model says of a request's fields: names, types, known values.
//!
//! For settings and document extensions, which set parts of a request: what they leave out
//! is not a misfit here. Required fields that depend on others are judged by `map::limits`.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Number, Value};

use crate::text::did_you_mean;

/// The type of a whole request.
pub const REQUEST: &str = "CreateApiRequest";

/// The type of a whole change.
pub const CHANGE: &str = "ModifyApiRequest";

/// A field of a type.
#[derive(Debug, Deserialize)]
pub struct Field {
    /// Its name on the wire.
    pub name: String,
    /// `string`, `integer`, `boolean`, `object` or `array`.
    #[serde(rename = "type")]
    kind: String,
    /// The type of an object.
    of: Option<String>,
    /// The type of an array's items.
    items: Option<String>,
    /// Whether a whole value of the type needs it.
    pub required: bool,
    /// The values that the model lists; empty: any.
    #[serde(default)]
    allowed: Vec<String>,
    /// Further values that a source outside the list mentions.
    #[serde(default)]
    also: Vec<String>,
    /// The least that an integer may be.
    min: Option<i64>,
}

impl Field {
    fn is_outside(&self, value: &str) -> bool {
        let listed = self.allowed.iter().chain(&self.also).any(|known| known == value);
        !self.allowed.is_empty() && !listed
    }

    /// `string`, `integer`, `boolean`, `object` or `array`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// All values that are known for it; none where it takes any.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        let more = self.also.iter().filter(|_| !self.allowed.is_empty());
        self.allowed.iter().chain(more).map(String::as_str)
    }

    /// The least that it may be.
    pub fn min(&self) -> Option<i64> {
        self.min
    }

    /// The type of the objects in it: of itself or, for a list, of its items.
    pub fn inner(&self) -> Option<&str> {
        self.of.as_deref().or_else(|| self.items.as_deref().filter(|items| *items != "string"))
    }
}

#[derive(Deserialize)]
struct Model {
    types: HashMap<String, Vec<Field>>,
}

#[expect(clippy::expect_used, reason = "the text is part of the program; a test reads it")]
static MODEL: LazyLock<Model> = LazyLock::new(|| {
    serde_json::from_str(include_str!("model.json")).expect("the embedded model reads")
});

/// The fields of a type, in the model's order.
pub fn fields(type_name: &str) -> &'static [Field] {
    MODEL.types.get(type_name).map_or(&[], Vec::as_slice)
}

/// A value that the model does not have there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The JSON pointer of the value in what was checked.
    pub pointer: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The type has no such field.
    Unknown {
        /// The name as written.
        name: String,
        /// What the type has.
        known: Vec<&'static str>,
    },
    /// A value of another type.
    Type {
        /// The field.
        field: &'static str,
        /// In words, such as `a string`.
        expected: &'static str,
    },
    /// A text outside the field's list.
    Value {
        /// The field.
        field: &'static str,
        /// The value as written.
        value: String,
        /// The list.
        known: Vec<&'static str>,
    },
    /// An integer below what the field takes.
    TooSmall {
        /// The field.
        field: &'static str,
        /// The least that it takes.
        min: i64,
    },
    /// An item of a list lacks a field that it must have.
    Missing {
        /// The field.
        field: &'static str,
    },
}

impl Problem {
    /// What was probably meant; `more` are names that are allowed beside the model's fields.
    pub(crate) fn advice<'k>(&self, more: impl IntoIterator<Item = &'k str>) -> Option<String> {
        match self {
            Self::Unknown { name, known } => did_you_mean(name, known.iter().copied().chain(more)),
            Self::Value { value, known, .. } => did_you_mean(value, known.iter().copied()),
            _ => None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, .. } => write!(f, "there is no field `{name}`"),
            Self::Type { field, expected } => write!(f, "`{field}` is {expected}"),
            Self::Value { field, value, known } => {
                write!(f, "`{field}` cannot be `{value}`; it is one of {}", known.join(", "))
            }
            Self::TooSmall { field, min } => write!(f, "`{field}` is at least {min}"),
            Self::Missing { field } => write!(f, "`{field}` is missing"),
        }
    }
}

/// Holds part of a request against the model. `is_open` recognises texts whose values
/// are not known yet.
pub fn check(part: &Map<String, Value>, is_open: &dyn Fn(&str) -> bool) -> Vec<Misfit> {
    let mut checking = ModelCheck { is_open, misfits: Vec::new() };
    checking.object(part, REQUEST, "");
    checking.misfits
}

/// The texts that objects in a request must have and do not, such as `OauthConfig.PublicKey`.
/// What the request as a whole must have is not among them.
pub fn lacking(request: &Map<String, Value>) -> Vec<String> {
    let mut lacking = Vec::new();
    let objects =
        fields(REQUEST).iter().filter_map(|field| Some((field, request.get(&field.name)?)));
    for (field, value) in objects {
        lacking_in(value, field, &field.name, &mut lacking);
    }
    lacking
}

fn lacking_in(value: &Value, of: &Field, path: &str, lacking: &mut Vec<String>) {
    let Some(object) = value.as_object() else { return };
    for field in of.inner().into_iter().flat_map(fields) {
        let here = format!("{path}.{}", field.name);
        match object.get(&field.name) {
            Some(value) => lacking_in(value, field, &here, lacking),
            None if field.required && field.kind == "string" => lacking.push(here),
            None => {}
        }
    }
}

/// Brings the fields of a request into the model's order, at every level. Fields that the model
/// does not have come last.
pub(crate) fn sort(request: &mut Map<String, Value>) {
    sort_object(request, fields(REQUEST));
}

fn sort_object(object: &mut Map<String, Value>, known: &[Field]) {
    let mut rest = known.iter();
    if !object.keys().all(|name| rest.any(|field| field.name == *name)) {
        let mut all = std::mem::take(object);
        object.extend(known.iter().filter_map(|field| all.swap_remove_entry(&field.name)));
        object.extend(all);
    }
    let mut rest = known.iter();
    for (name, value) in object {
        let Some(of) = rest.find(|field| field.name == *name).and_then(Field::inner) else {
            continue;
        };
        let inner = fields(of);
        match value {
            Value::Object(object) => sort_object(object, inner),
            Value::Array(items) => {
                let objects = items.iter_mut().filter_map(Value::as_object_mut);
                objects.for_each(|object| sort_object(object, inner));
            }
            _ => {}
        }
    }
}

struct ModelCheck<'a> {
    is_open: &'a dyn Fn(&str) -> bool,
    misfits: Vec<Misfit>,
}

impl ModelCheck<'_> {
    fn object(&mut self, object: &Map<String, Value>, type_name: &str, pointer: &str) {
        for (name, value) in object {
            let at = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
            match fields(type_name).iter().find(|field| field.name == *name) {
                Some(field) => self.value(value, field, at),
                None => self.refuse(
                    at,
                    Problem::Unknown {
                        name: name.clone(),
                        known: fields(type_name).iter().map(|field| field.name.as_str()).collect(),
                    },
                ),
            }
        }
    }

    fn value(&mut self, value: &Value, field: &'static Field, at: String) {
        match (field.kind.as_str(), value) {
            ("string", Value::String(text)) => self.text(text, field, at),
            ("integer", Value::Number(number)) if number.is_i64() => self.range(number, field, at),
            ("boolean", Value::Bool(_)) => {}
            ("object", Value::Object(object)) => {
                self.object(object, field.inner().unwrap_or_default(), &at);
            }
            ("array", Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.item(item, field, format!("{at}/{index}"));
                }
            }
            (kind, _) => {
                self.refuse(at, Problem::Type { field: &field.name, expected: in_words(kind) });
            }
        }
    }

    fn text(&mut self, text: &str, field: &'static Field, at: String) {
        if field.is_outside(text) && !(self.is_open)(text) {
            let known = field.allowed.iter().map(String::as_str).collect();
            self.refuse(at, Problem::Value { field: &field.name, value: text.into(), known });
        }
    }

    fn range(&mut self, number: &Number, field: &'static Field, at: String) {
        if let (Some(min), Some(value)) = (field.min, number.as_i64())
            && value < min
        {
            self.refuse(at, Problem::TooSmall { field: &field.name, min });
        }
    }

    /// Lists are taken whole, so their items are whole.
    fn item(&mut self, item: &Value, field: &'static Field, at: String) {
        match (field.inner(), item) {
            (None, Value::String(_)) => {}
            (Some(of), Value::Object(object)) => {
                self.object(object, of, &at);
                for lacking in
                    fields(of).iter().filter(|f| f.required && !object.contains_key(&f.name))
                {
                    self.refuse(at.clone(), Problem::Missing { field: &lacking.name });
                }
            }
            (of, _) => {
                let expected = if of.is_some() { "a list of objects" } else { "a list of strings" };
                self.refuse(at, Problem::Type { field: &field.name, expected });
            }
        }
    }

    fn refuse(&mut self, pointer: String, problem: Problem) {
        self.misfits.push(Misfit { pointer, problem });
    }
}

fn in_words(kind: &str) -> &'static str {
    match kind {
        "integer" => "a whole number",
        "boolean" => "true or false",
        "object" => "an object",
        "array" => "a list",
        _ => "a string",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check_one(part: &Value, pointer: &str, message: &str) {
        let part = part.as_object().unwrap();
        let misfits = check(part, &|text| text.contains("${"));
        let told: Vec<_> =
            misfits.iter().map(|m| (m.pointer.as_str(), m.problem.to_string())).collect();
        assert_eq!(told, [(pointer, message.to_owned())]);
    }

    #[test]
    fn every_field_of_the_request_and_of_its_types_is_known() {
        assert_eq!(fields(REQUEST).len(), 54);
        for inner in fields(REQUEST).iter().filter_map(Field::inner) {
            assert!(!fields(inner).is_empty(), "{inner}");
        }
    }

    #[test]
    fn what_fits_is_not_told() {
        let part = json!({
            "AuthType": "EIAM", "EnableCORS": true, "ServiceTimeout": 5, "ServiceType": "${tag}",
            "RequestConfig": { "Method": "PATCH" },
            "ServiceConfig": { "CosConfig": { "Action": "AppendObject" } },
            "MicroServices": [{ "ClusterId": "c", "NamespaceId": "n", "MicroServiceName": "m" }],
        });
        assert_eq!(check(part.as_object().unwrap(), &|text| text.contains("${")), []);
    }

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(object) => object,
            other => panic!("not an object: {other}"),
        }
    }

    #[test]
    fn what_an_object_must_have_and_lacks_is_named() {
        let config = json!({ "CosConfig": { "Action": "GetObject" } });
        let request = object(json!({ "ServiceConfig": config, "OauthConfig": {} }));
        assert_eq!(
            lacking(&request),
            [
                "ServiceConfig.CosConfig.BucketName",
                "OauthConfig.PublicKey",
                "OauthConfig.TokenLocation"
            ]
        );
    }

    /// A value of a type with every field of the model, in the model's order or against it.
    fn full(type_name: &str, is_turned: bool) -> Value {
        let value = |field: &Field| match (field.kind(), field.inner()) {
            ("object", Some(of)) => full(of, is_turned),
            ("array", Some(of)) => json!([full(of, is_turned), full(of, is_turned)]),
            (kind, _) => json!(kind),
        };
        let mut all: Vec<_> =
            fields(type_name).iter().map(|field| (field.name.clone(), value(field))).collect();
        if is_turned {
            all.reverse();
        }
        all.into_iter().collect()
    }

    #[test]
    fn fields_are_sorted_into_the_models_order_at_every_level() {
        let mut request = object(full(REQUEST, true));
        let sorted = full(REQUEST, false);
        assert_ne!(Value::Object(request.clone()).to_string(), sorted.to_string());
        sort(&mut request);
        assert_eq!(Value::Object(request.clone()).to_string(), sorted.to_string());
        sort(&mut request);
        assert_eq!(Value::Object(request).to_string(), sorted.to_string());
    }

    #[test]
    fn a_misfit_is_told_at_its_place() {
        check_one(
            &json!({ "ServiceTimeOut": 1 }),
            "/ServiceTimeOut",
            "there is no field `ServiceTimeOut`",
        );
        check_one(
            &json!({ "ServiceConfig": { "url": "" } }),
            "/ServiceConfig/url",
            "there is no field `url`",
        );
        check_one(
            &json!({ "ServiceTimeout": "5" }),
            "/ServiceTimeout",
            "`ServiceTimeout` is a whole number",
        );
        check_one(
            &json!({ "ServiceTimeout": 1.5 }),
            "/ServiceTimeout",
            "`ServiceTimeout` is a whole number",
        );
        check_one(&json!({ "EnableCORS": "yes" }), "/EnableCORS", "`EnableCORS` is true or false");
        check_one(
            &json!({ "ServiceTimeout": 0 }),
            "/ServiceTimeout",
            "`ServiceTimeout` is at least 1",
        );
        check_one(&json!({ "Owner": null }), "/Owner", "`Owner` is a string");
        check_one(
            &json!({ "Protocol": "HTTPS" }),
            "/Protocol",
            "`Protocol` cannot be `HTTPS`; it is one of HTTP, WEBSOCKET",
        );
        check_one(
            &json!({ "MicroServices": [{ "ClusterId": "c", "NamespaceId": "n" }] }),
            "/MicroServices/0",
            "`MicroServiceName` is missing",
        );
        check_one(
            &json!({ "MicroServices": ["m"] }),
            "/MicroServices/0",
            "`MicroServices` is a list of objects",
        );
    }
}
