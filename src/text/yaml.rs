//! A value as YAML that every reader reads alike: block style, and quoted as JSON is wherever
//! a plain text could be taken for something else.

use serde_json::{Map, Value};

/// Characters that a key may have without a mark of its own; YAML's limit is near 1,024.
const KEY: usize = 900;

/// Texts that some reader takes for another type.
const WORDS: &[&str] = &["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

/// The value as a document.
pub fn write(value: &Value) -> String {
    let mut yaml = String::new();
    match value {
        Value::Object(fields) if !fields.is_empty() => map(&mut yaml, fields, 0),
        Value::Array(items) if !items.is_empty() => list(&mut yaml, items, 0),
        scalar => {
            inline(&mut yaml, scalar);
            yaml.push('\n');
        }
    }
    yaml
}

fn map(yaml: &mut String, fields: &Map<String, Value>, depth: usize) {
    for (at, (key, value)) in fields.iter().enumerate() {
        if at > 0 {
            indent(yaml, depth);
        }
        let key = text(key);
        if key.len() > KEY {
            yaml.extend(["? ", &key, "\n"]);
            indent(yaml, depth);
        } else {
            yaml.push_str(&key);
        }
        yaml.push(':');
        below(yaml, value, depth);
    }
}

/// What stands behind a key.
fn below(yaml: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            yaml.push('\n');
            indent(yaml, depth + 1);
            map(yaml, fields, depth + 1);
        }
        Value::Array(items) if !items.is_empty() => {
            yaml.push('\n');
            indent(yaml, depth + 1);
            list(yaml, items, depth + 1);
        }
        scalar => {
            yaml.push(' ');
            inline(yaml, scalar);
            yaml.push('\n');
        }
    }
}

fn list(yaml: &mut String, items: &[Value], depth: usize) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            indent(yaml, depth);
        }
        yaml.push_str("- ");
        match item {
            Value::Object(fields) if !fields.is_empty() => map(yaml, fields, depth + 1),
            Value::Array(items) if !items.is_empty() => list(yaml, items, depth + 1),
            scalar => {
                inline(yaml, scalar);
                yaml.push('\n');
            }
        }
    }
}

fn indent(yaml: &mut String, depth: usize) {
    yaml.extend(std::iter::repeat_n("  ", depth));
}

/// A scalar, or something empty.
fn inline(yaml: &mut String, value: &Value) {
    match value {
        Value::String(it) => yaml.push_str(&text(it)),
        other => yaml.push_str(&other.to_string()),
    }
}

fn text(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

/// Whether a text without quotes is the same text to every reader.
fn is_plain(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '_');
    let inner = |c: char| c.is_ascii_alphanumeric() || "_-./{}$ ".contains(c);
    let is_word = WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    begins && !text.ends_with(' ') && text.chars().all(inner) && !is_word
}

/// As JSON quotes it, and what YAML takes for a line's end or for nothing printable spelt out.
fn quoted(text: &str) -> String {
    let json = Value::from(text).to_string();
    if !json.contains(is_odd) {
        return json;
    }
    let spelt = |c: char| if is_odd(c) { format!("\\u{:04x}", u32::from(c)) } else { c.into() };
    json.chars().map(spelt).collect()
}

fn is_odd(c: char) -> bool {
    matches!(
        c,
        '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read_back_by_another_reader() {
        let values = [
            json!({"a": {"b": [1, [2, {"c": []}], {"d": null, "e": {}}], "f g": "x y"}}),
            json!([
                "", " ", "a: b", "a #b", "- a", "1", "1e3", "0x1", "No", "~", "null", "é", "{a"
            ]),
            json!({"/a/{id}": "/b/{id}", "": 1, "a:": 2, "\u{85}\u{2028}\u{7f}": "\u{feff}\n\t\\\""}),
            json!({"k".repeat(2000): {"a": 1}, "b": ["\u{1f600}", -1.5, u64::MAX]}),
            json!("text"),
            json!([]),
        ];
        for value in values {
            let yaml = write(&value);
            let read: Value = serde_yaml::from_str(&yaml).unwrap_or_else(|e| panic!("{e}\n{yaml}"));
            assert_eq!(read, value, "{yaml}");
        }
    }

    #[test]
    fn a_document_reads_as_people_write_one() {
        let value =
            json!({"paths": {"/a/{id}": {"get": {"tags": ["x", {"b": true}], "name": "on"}}}});
        let expected = "paths:\n  /a/{id}:\n    get:\n      tags:\n        - x\n        - b: true\n      name: \"on\"\n";
        assert_eq!(write(&value), expected);
    }
}
