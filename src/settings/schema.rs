//! The parts of the JSON Schema of a settings file.
//!
//! Made from what reads the file: the keys of a condition, and the type model.

use serde_json::{Map, Value, json};

use crate::settings::condition;
use crate::settings::template;
use crate::target::tencent::model::{self, Field};
use crate::target::tencent::names::AUTH_TYPE;
use crate::target::tencent::request::OAUTH;

/// What the schemas of keys share.
pub(crate) fn definitions() -> Value {
    json!({
        // Numbers and booleans are taken as written.
        "word": { "type": ["string", "number", "boolean"], "not": { "type": "string", "pattern": OPEN } },
        "words": one_or_more(&json!({ "$ref": "#/$defs/word" })),
        "flag": { "enum": [true, false, "true", "false"] },
        "flags": one_or_more(&json!({ "$ref": "#/$defs/flag" })),
        "text": { "type": "string", "pattern": filled_in() },
        "template": { "$ref": "#/$defs/text", "pattern": OPEN },
        "fields": object(model::REQUEST, false),
    })
}

/// Which service takes which sources.
pub(crate) fn services() -> Value {
    json!({
        "description": "which service takes which sources; the first that matches",
        "type": ["array", "null"],
        "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["sources", "service"],
            "properties": {
                "sources": { "$ref": "#/$defs/words" },
                "service": { "$ref": "#/$defs/word", "pattern": r"^\S+$" },
            },
        },
    })
}

/// Fields that the document outranks.
pub(crate) fn defaults() -> Value {
    json!({
        "description": "fields of CreateApi that hold where a document sets none",
        "anyOf": [{ "$ref": "#/$defs/fields" }, { "type": "null" }],
    })
}

/// What becomes of security schemes.
pub(crate) fn security() -> Value {
    json!({
        "description": "what the gateway checks, by a scheme's name or kind",
        "type": ["object", "null"],
        "additionalProperties": scheme(),
    })
}

/// What is changed or left out.
pub(crate) fn rules() -> Value {
    json!({
        "description": "what is changed or left out; the first that sets a field counts",
        "type": ["array", "null"],
        "items": rule(),
    })
}

/// One of these words.
pub(crate) fn words<T>(description: &str, words: &[(&str, T)]) -> Value {
    let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    json!({ "description": description, "enum": words })
}

/// True or false.
pub(crate) fn flag() -> Value {
    json!({ "type": "boolean" })
}

/// A whole number above 0.
pub(crate) fn count() -> Value {
    json!({ "type": "integer", "minimum": 1 })
}

/// A number above 0.
pub(crate) fn rate() -> Value {
    json!({ "type": "number", "exclusiveMinimum": 0 })
}

/// A name or an address.
pub(crate) fn name() -> Value {
    json!({ "$ref": "#/$defs/word", "pattern": r"\S" })
}

/// A text with something to fill in.
const OPEN: &str = r"\$\{";

/// Texts whose templates have known names: `$${` is not a template.
fn filled_in() -> String {
    let names = template::NAMES.join("|").replace('.', r"\.");
    format!(r"^([^$]|\$(?!\{{)|\$\$\{{|\$\{{({names})\}})*$")
}

fn one_or_more(item: &Value) -> Value {
    json!({ "anyOf": [item, { "type": "array", "minItems": 1, "items": item }] })
}

fn scheme() -> Value {
    let mut fields = object(model::REQUEST, false);
    fields["properties"]["authorised-by"] = json!({
        "description": "the operationId of the API that authorises",
        "type": ["string", "number", "boolean"],
    });
    let is_oauth = json!({ AUTH_TYPE: { "const": OAUTH } });
    let checked = json!({ "required": [AUTH_TYPE], "properties": is_oauth });
    fields["dependentSchemas"] = json!({ "authorised-by": checked });
    fields
}

fn rule() -> Value {
    let condition: Map<String, Value> = condition::KEYS
        .iter()
        .map(|key| match *key {
            "deprecated" => ((*key).to_owned(), json!({ "$ref": "#/$defs/flags" })),
            _ => ((*key).to_owned(), json!({ "$ref": "#/$defs/words" })),
        })
        .collect();
    json!({
        "type": "object",
        "additionalProperties": false,
        "anyOf": [
            { "required": ["set"] },
            { "required": ["skip"] },
            { "required": ["allow"] },
            { "required": ["deny"] },
        ],
        "properties": {
            "match": {
                "type": "object",
                "additionalProperties": false,
                "properties": condition,
            },
            "set": { "$ref": "#/$defs/fields" },
            "skip": { "description": "why", "$ref": "#/$defs/word", "pattern": r"\S" },
            "allow": { "description": "findings that are silenced", "$ref": "#/$defs/words" },
            "deny": { "description": "findings that are errors", "$ref": "#/$defs/words" },
        },
    })
}

/// A type of the model; `is_whole` where its required fields have to be there.
fn object(type_name: &str, is_whole: bool) -> Value {
    let fields = model::fields(type_name);
    let properties: Map<String, Value> =
        fields.iter().map(|field| (field.name.clone(), value(field))).collect();
    let required = fields.iter().filter(|field| field.required && is_whole);
    let mut object =
        json!({ "type": "object", "additionalProperties": false, "properties": properties });
    let required: Vec<&str> = required.map(|field| field.name.as_str()).collect();
    if !required.is_empty() {
        object["required"] = required.into();
    }
    object
}

fn value(field: &Field) -> Value {
    match field.kind() {
        "string" if field.values().next().is_some() => json!({ "anyOf": [
            { "enum": field.values().collect::<Vec<_>>() },
            { "$ref": "#/$defs/template" },
        ] }),
        "object" => object(field.inner().unwrap_or_default(), false),
        "array" => match field.inner() {
            Some(inner) => json!({ "type": "array", "items": object(inner, true) }),
            None => json!({ "type": "array", "items": { "$ref": "#/$defs/text" } }),
        },
        "integer" => {
            let least = field.min().unwrap_or(i64::MIN);
            json!({ "type": "integer", "minimum": least, "maximum": i64::MAX })
        }
        "string" => json!({ "$ref": "#/$defs/text" }),
        kind => json!({ "type": kind }),
    }
}
