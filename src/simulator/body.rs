//! The fields of a request.

use serde_json::{Map, Value};

/// The fields of a request.
pub(crate) type Body = Map<String, Value>;

/// A string field, empty where there is none.
pub(crate) fn word<'b>(body: &'b Map<String, Value>, key: &str) -> &'b str {
    body.get(key).and_then(Value::as_str).unwrap_or_default()
}
