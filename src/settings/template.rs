//! `${name}` in the settings' values, so that one rule serves a catalog.
//!
//! `{name}` is a path template's parameter at the gateway and stays as it is; `$${` is `${`
//! as text. Names are checked when the settings are read, values are filled in for each
//! operation.

use serde_json::Value;

use crate::target::tencent::fields::Fields;

/// What a value may name.
pub(crate) const NAMES: &[&str] = &[
    "path",
    "method",
    "operationId",
    "tag",
    "source",
    "title",
    "server.url",
    "server.scheme",
    "server.host",
    "server.path",
];

/// Whether a text has something to fill in.
pub(crate) fn is_open(text: &str) -> bool {
    text.contains("${")
}

/// Whether some text of these fields has something to fill in.
pub(crate) fn any_open(fields: &Fields) -> bool {
    fn open(value: &Value) -> bool {
        match value {
            Value::String(text) => is_open(text),
            Value::Array(items) => items.iter().any(open),
            Value::Object(fields) => any_open(fields),
            _ => false,
        }
    }
    fields.values().any(open)
}

/// Why a text cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// `${` without `}`.
    Unclosed,
    /// No such name, or (where values are filled in) no value for it.
    Name(String),
}

impl Fault {
    fn name(self) -> Option<String> {
        match self {
            Self::Unclosed => None,
            Self::Name(name) => Some(name),
        }
    }
}

/// Checks a text without filling it in.
pub(crate) fn check(text: &str) -> Result<(), Fault> {
    fill_text(text, &|name| NAMES.contains(&name).then(String::new)).map(|_| ())
}

/// The fields with each `${name}` replaced by its value. A text stays as it is where a name
/// in it has none; such names are put into `lacking`.
pub(crate) fn fill_in(
    fields: &Fields,
    value_of: &dyn Fn(&str) -> Option<String>,
    lacking: &mut Vec<String>,
) -> Fields {
    let filled = fields.iter().map(|(name, it)| (name.clone(), filled(it, value_of, lacking)));
    filled.collect()
}

fn filled(
    value: &Value,
    value_of: &dyn Fn(&str) -> Option<String>,
    lacking: &mut Vec<String>,
) -> Value {
    match value {
        Value::String(text) if is_open(text) => match fill_text(text, value_of) {
            Ok(full) => Value::String(full),
            Err(fault) => {
                // One that is not closed is told where the settings are read.
                lacking.extend(fault.name());
                value.clone()
            }
        },
        Value::Array(items) => items.iter().map(|item| filled(item, value_of, lacking)).collect(),
        Value::Object(fields) => Value::Object(fill_in(fields, value_of, lacking)),
        other => other.clone(),
    }
}

fn fill_text(text: &str, value_of: &dyn Fn(&str) -> Option<String>) -> Result<String, Fault> {
    let mut full = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if let Some(before) = rest[..at].strip_suffix('$') {
            full.push_str(before);
            full.push_str("${");
            rest = &rest[at + 2..];
            continue;
        }
        full.push_str(&rest[..at]);
        let (name, after) = rest[at + 2..].split_once('}').ok_or(Fault::Unclosed)?;
        full.push_str(&value_of(name).ok_or_else(|| Fault::Name(name.to_owned()))?);
        rest = after;
    }
    full.push_str(rest);
    Ok(full)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn value_of(name: &str) -> Option<String> {
        (name == "path").then(|| "/pets/{id}".to_owned())
    }

    #[test]
    fn names_are_filled_in_and_the_gateways_own_braces_stay() {
        let filled = |text| fill_text(text, &value_of);
        assert_eq!(filled("/v2${path}/{x}"), Ok("/v2/pets/{id}/{x}".into()));
        assert_eq!(filled("$${path} $LATEST $"), Ok("${path} $LATEST $".into()));
        assert_eq!(filled("${path"), Err(Fault::Unclosed));
        assert_eq!(filled("${nobody}"), Err(Fault::Name("nobody".into())));
    }

    #[test]
    fn every_text_of_a_value_is_filled_in() {
        let fields = json!({ "A": [{ "b": "${path}", "n": "${nobody}" }], "C": 1 });
        let fields = fields.as_object().unwrap();
        assert!(any_open(fields));
        let mut lacking = Vec::new();
        let filled = Value::Object(fill_in(fields, &value_of, &mut lacking));
        assert_eq!(filled, json!({ "A": [{ "b": "/pets/{id}", "n": "${nobody}" }], "C": 1 }));
        assert_eq!(lacking, ["nobody"]);
    }
}
