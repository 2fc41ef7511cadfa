//! The settings file as a JSON Schema, for editors.
//!
//! Made from what reads the file: its keys, the keys of a condition, and the type model. A
//! test holds it against the copy in `samples/settings`.

use serde_json::{Map, Value, json};

use crate::settings::file::KEYS;
use crate::settings::{select, template};
use crate::target::tencent::model::{self, Field};
use crate::target::tencent::names::AUTH_TYPE;
use crate::target::tencent::request::OAUTH;

/// The schema of a settings file.
pub fn schema() -> Value {
    let properties: Map<String, Value> =
        KEYS.iter().map(|key| ((*key).to_owned(), setting(key))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of apiferry",
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": properties,
        "$defs": {
            // Numbers and booleans are taken as written.
            "word": { "type": ["string", "number", "boolean"], "not": { "type": "string", "pattern": OPEN } },
            "words": one_or_more(&json!({ "$ref": "#/$defs/word" })),
            "flag": { "enum": [true, false, "true", "false"] },
            "flags": one_or_more(&json!({ "$ref": "#/$defs/flag" })),
            "text": { "type": "string", "pattern": filled_in() },
            "template": { "$ref": "#/$defs/text", "pattern": OPEN },
            "fields": object(model::REQUEST, false),
        },
    })
}

/// What has something to fill in.
const OPEN: &str = r"\$\{";

/// Texts whose templates have known names: `$${` is no template.
fn filled_in() -> String {
    let names = template::NAMES.join("|").replace('.', r"\.");
    format!(r"^([^$]|\$(?!\{{)|\$\$\{{|\$\{{({names})\}})*$")
}

fn one_or_more(item: &Value) -> Value {
    json!({ "anyOf": [item, { "type": "array", "minItems": 1, "items": item }] })
}

fn setting(key: &str) -> Value {
    match key {
        "services" => json!({
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
        }),
        "defaults" => json!({
            "description": "fields of CreateApi, weaker than what a document says",
            "anyOf": [{ "$ref": "#/$defs/fields" }, { "type": "null" }],
        }),
        "security" => json!({
            "description": "what the gateway checks, by a scheme's name or kind",
            "type": ["object", "null"],
            "additionalProperties": security(),
        }),
        "rules" => json!({
            "description": "what is changed or left out; the first that sets a field wins",
            "type": ["array", "null"],
            "items": rule(),
        }),
        "base-path" => {
            words("what becomes of a server's path at the front", &["ignore", "prepend"])
        }
        "path-match" => words("how a path without parameters is matched", &["plain", "exact"]),
        "patch" => words("what becomes of PATCH", &["refuse", "any", "send"]),
        "mock" => words("where MOCK backends stand in", &["missing", "all"]),
        "mock-synthesize" | "error-codes" => json!({ "type": "boolean" }),
        "description-limit" | "example-limit" => json!({ "type": "integer", "minimum": 1 }),
        "rate" => json!({ "type": "number", "exclusiveMinimum": 0 }),
        _ => json!({ "$ref": "#/$defs/word", "pattern": r"\S" }),
    }
}

fn words(description: &str, words: &[&str]) -> Value {
    json!({ "description": description, "enum": words })
}

fn security() -> Value {
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
    let condition: Map<String, Value> = select::KEYS
        .iter()
        .map(|key| match *key {
            "deprecated" => ((*key).to_owned(), json!({ "$ref": "#/$defs/flags" })),
            _ => ((*key).to_owned(), json!({ "$ref": "#/$defs/words" })),
        })
        .collect();
    json!({
        "type": "object",
        "additionalProperties": false,
        "anyOf": [{ "required": ["set"] }, { "required": ["skip"] }],
        "properties": {
            "match": {
                "type": "object",
                "additionalProperties": false,
                "properties": condition,
            },
            "set": { "$ref": "#/$defs/fields" },
            "skip": { "description": "why", "$ref": "#/$defs/word", "pattern": r"\S" },
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn sample(name: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/settings").join(name)
    }

    #[test]
    fn the_copy_beside_the_samples_is_this_one() {
        let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
        snapbox::assert_data_eq!(
            text,
            snapbox::Data::read_from(&sample("apiferry.schema.json"), None).raw()
        );
    }

    #[test]
    fn the_annotated_sample_uses_every_key() {
        let text = std::fs::read_to_string(sample("apiferry.yaml")).unwrap();
        let settings = crate::settings::parse(&text, "apiferry.yaml");
        assert!(settings.is_ok(), "{settings:?}");
        for key in KEYS {
            let line = format!("\n{key}:");
            assert!(text.contains(&line), "{key}");
        }
        for key in select::KEYS {
            assert!(text.contains(&format!("{key}: ")), "{key}");
        }
    }
}
