//! One request of `CreateApi`: its fields, and what the program asks of them.
//!
//! Fields are set in any order and written in the type model's. Names, types and listed
//! values are [`model`]'s to judge, what fields mean together
//! is `map::limits`'s.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::Value;

use crate::target::tencent::backend_kind::BackendKind;
use crate::target::tencent::fields::{Fields, set, set_some, text, value};
use crate::target::tencent::names::item;
use crate::target::tencent::{model, names};

/// Texts that make a difference to callers or to the backend.
const ESSENTIAL: &[&str] = &[
    names::SERVICE_TYPE,
    names::PROTOCOL,
    names::METHOD,
    names::PATH,
    names::AUTH_TYPE,
    names::BACKEND_URL,
    names::BACKEND_PATH,
    names::BACKEND_METHOD,
];

/// A request, or as much of one as is known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    fields: Fields,
}

impl From<Fields> for Request {
    fn from(fields: Fields) -> Self {
        Self { fields }
    }
}

impl From<Request> for Fields {
    fn from(request: Request) -> Self {
        request.fields
    }
}

impl Request {
    /// Reads a body.
    ///
    /// # Errors
    /// It is not a JSON object.
    pub fn read(body: &str) -> serde_json::Result<Self> {
        serde_json::from_str(body).map(|fields| Self { fields })
    }

    /// The body to send, its fields in the model's order.
    pub fn write(&mut self) -> String {
        model::sort(&mut self.fields);
        #[expect(clippy::expect_used, reason = "the keys of a JSON object are text")]
        serde_json::to_string(&self.fields).expect("a JSON object can be written")
    }

    /// The fields.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The value at a path such as `ServiceConfig.Url`.
    pub(crate) fn value(&self, path: &str) -> Option<&Value> {
        value(&self.fields, path)
    }

    /// The text at a path; empty where there is none.
    pub(crate) fn text(&self, path: &str) -> &str {
        text(&self.fields, path).unwrap_or_default()
    }

    /// The objects of the list at a path.
    pub(crate) fn items(&self, path: &str) -> impl Iterator<Item = &Fields> {
        let list = self.value(path).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_object)
    }

    /// A hash of what makes a difference to callers and to the backend: texts for readers do not.
    pub(crate) fn essence(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for field in ESSENTIAL {
            self.text(field).hash(&mut hasher);
        }
        for parameter in self.items(names::REQUEST_PARAMETERS) {
            let text = |field| parameter.get(field).and_then(Value::as_str);
            [item::NAME, item::POSITION, item::TYPE].map(text).hash(&mut hasher);
            parameter.get(item::REQUIRED).and_then(Value::as_bool).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// Sets the value at a path.
    pub(crate) fn set(&mut self, path: &str, value: impl Into<Value>) {
        set(&mut self.fields, path, value);
    }

    /// Sets the value at a path, if there is one.
    pub(crate) fn set_some(&mut self, path: &str, value: Option<impl Into<Value>>) {
        set_some(&mut self.fields, path, value);
    }

    /// Leaves a field out.
    pub(crate) fn remove(&mut self, name: &str) {
        self.fields.shift_remove(name);
    }

    /// The method that callers use.
    pub fn method(&self) -> &str {
        self.text(names::METHOD)
    }

    /// The path that callers use, with the mark of how it is matched.
    pub fn path(&self) -> &str {
        self.text(names::PATH)
    }

    /// The API's name.
    pub fn name(&self) -> &str {
        self.text(names::API_NAME)
    }

    /// The kind of its backend.
    pub fn backend_kind(&self) -> BackendKind {
        BackendKind::named(self.text(names::SERVICE_TYPE))
    }

    /// Whether callers are checked by OAuth.
    pub fn is_checked_by_oauth(&self) -> bool {
        self.text(names::AUTH_TYPE) == OAUTH
    }

    /// Whether the API authorises callers of other APIs.
    pub fn is_authoriser(&self) -> bool {
        self.text(names::API_BUSINESS_TYPE) == OAUTH
    }
}

/// A value of `AuthType`: callers are checked by an API that authorises them. A value of
/// `ApiBusinessType`: the API authorises them.
pub(crate) const OAUTH: &str = "OAUTH";

/// A value of `AuthType`: callers are not checked.
pub(crate) const UNCHECKED: &str = "NONE";

/// A value of `ApiBusinessType`: the API does not authorise callers.
pub(crate) const BUSINESS: &str = "NORMAL";
