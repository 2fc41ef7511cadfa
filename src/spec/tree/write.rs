//! A node written out: as JSON text that keeps its digits, or as a JSON value.

use std::fmt::Write as _;

use crate::spec::tree::node::{Kind, Node};
use crate::spec::tree::number::number;

impl Node<'_> {
    /// As compact JSON, map by map in the order of the text.
    pub fn to_json(self) -> String {
        let mut json = String::new();
        self.write_json(&mut json);
        json
    }

    fn write_json(self, json: &mut String) {
        match self.kind() {
            Kind::Null => json.push_str("null"),
            Kind::Bool => {
                json.push_str(if self.as_bool() == Some(true) { "true" } else { "false" });
            }
            Kind::Number => write_number(json, self.tree.string(self.raw())),
            Kind::String => write_string(json, self.tree.string(self.raw())),
            Kind::List => self.write_list(json),
            Kind::Map => self.write_map(json),
        }
    }

    fn write_list(self, json: &mut String) {
        for (i, item) in self.items().enumerate() {
            json.push(if i == 0 { '[' } else { ',' });
            item.write_json(json);
        }
        json.push_str(if self.is_empty() { "[]" } else { "]" });
    }

    fn write_map(self, json: &mut String) {
        json.push('{');
        for (i, (key, value)) in self.entries().enumerate() {
            if i > 0 {
                json.push(',');
            }
            write_string(json, key.as_str());
            json.push(':');
            value.write_json(json);
        }
        json.push('}');
    }

    /// A number as JSON writes it, with the digits of the text where JSON can say them.
    pub(crate) fn digits(self) -> String {
        let mut digits = String::new();
        self.write_json(&mut digits);
        digits
    }

    /// As a JSON value. Integers beyond 64 bits become floats there.
    pub fn to_value(self) -> serde_json::Value {
        use serde_json::Value;
        match self.kind() {
            Kind::Null => Value::Null,
            Kind::Bool => Value::Bool(self.as_bool() == Some(true)),
            Kind::Number => {
                let text = self.tree.string(self.raw());
                number(text).map_or_else(|| Value::from(text), Value::Number)
            }
            Kind::String => Value::from(self.tree.string(self.raw())),
            Kind::List => Value::Array(self.items().map(Self::to_value).collect()),
            Kind::Map => Value::Object(
                self.entries()
                    .map(|(key, value)| (key.as_str().to_owned(), value.to_value()))
                    .collect(),
            ),
        }
    }
}

/// A number keeps its digits where JSON can say them.
fn write_number(json: &mut String, text: &str) {
    if serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok() {
        return json.push_str(text);
    }
    match number(text) {
        Some(number) => _ = write!(json, "{number}"),
        None => write_string(json, text),
    }
}

/// Most strings have nothing to escape, and are copied as they are.
fn write_string(json: &mut String, text: &str) {
    if text.bytes().any(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        return json.push_str(&serde_json::Value::from(text).to_string());
    }
    json.push('"');
    json.push_str(text);
    json.push('"');
}
