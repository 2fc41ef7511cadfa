//! The wire form of answers: an envelope round a success or a refusal.

use serde_json::{Value, json};

/// A refusal: a code and a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Such as `InvalidParameterValue.InvalidUrl`.
    pub(crate) code: String,
    /// What is wrong, for people.
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }

    /// The refusal as an answer.
    pub(crate) fn to_body(&self, request_id: &str) -> String {
        let error = json!({"Code": self.code, "Message": self.message});
        json!({"Response": {"Error": error, "RequestId": request_id}}).to_string()
    }
}

/// What an action answers: fields that lie directly under `Response`.
pub(crate) type Fields = serde_json::Map<String, Value>;

/// A success as an answer.
pub(crate) fn success(mut fields: Fields, request_id: &str) -> String {
    fields.insert("RequestId".to_owned(), request_id.into());
    json!({"Response": fields}).to_string()
}

/// A success whose fields lie under `Result`.
pub(crate) fn result(value: Value) -> Fields {
    Fields::from_iter([("Result".to_owned(), value)])
}
