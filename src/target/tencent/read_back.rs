//! An API as the gateway answers it, `DescribeApi`'s `Result`.
//!
//! Every field of it may be null, absent or empty, and there may be more than the model
//! knows. So nothing is asked of it here: what says nothing is left out, all else is kept as
//! it came. What two of them, or one and a request, have in common is
//! [`canonical`](crate::target::tencent::canonical)'s to tell.

use serde_json::Value;

use crate::target::tencent::fields::{Fields, set, text};
use crate::target::tencent::names;

/// An API as the gateway holds it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReadBack {
    fields: Fields,
}

impl ReadBack {
    /// The API that a `Result` describes; `None` where it is no object.
    pub fn of(result: Value) -> Option<Self> {
        let Value::Object(mut fields) = result else { return None };
        drop_nulls(&mut fields);
        Some(Self { fields })
    }

    /// All that was said, nulls left out at every level.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The text at a path such as `ServiceConfig.Url`; empty where there is none.
    pub fn text(&self, path: &str) -> &str {
        text(&self.fields, path).unwrap_or_default()
    }

    /// Its id.
    pub fn api_id(&self) -> &str {
        self.text("ApiId")
    }

    /// The method that callers use.
    pub fn method(&self) -> &str {
        self.text(names::METHOD)
    }

    /// The path that callers use, with the mark of how it is matched.
    pub fn path(&self) -> &str {
        self.text(names::PATH)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.text(names::API_NAME)
    }

    /// The environments that it is published to.
    pub fn environments(&self) -> impl Iterator<Item = &str> {
        let list = self.fields.get("Environments").and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str)
    }

    /// The same one under the id that it was asked for by, should it not name its own.
    #[must_use]
    pub(crate) fn asked_as(mut self, api_id: &str) -> Self {
        if self.api_id().is_empty() {
            set(&mut self.fields, "ApiId", api_id);
        }
        self
    }
}

fn drop_nulls(fields: &mut Fields) {
    fields.retain(|_, value| !value.is_null());
    fields.values_mut().for_each(drop_inner_nulls);
}

fn drop_inner_nulls(value: &mut Value) {
    match value {
        Value::Object(inner) => drop_nulls(inner),
        Value::Array(items) => {
            items.retain(|item| !item.is_null());
            items.iter_mut().for_each(drop_inner_nulls);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_says_nothing_is_left_out_and_all_else_is_kept() {
        let answer = json!({
            "ApiId": "api-1", "ApiDesc": null, "ApiName": "", "Novel": [1, null],
            "ServiceConfig": {"Url": null, "Path": "/a", "CosConfig": null},
            "RequestParameters": [null, {"Name": "a", "Desc": null}],
            "RequestConfig": {"Path": "/p", "Method": "GET"}, "Environments": ["test", null],
        });
        let read = ReadBack::of(answer).unwrap();
        let kept = json!({
            "ApiId": "api-1", "ApiName": "", "Novel": [1], "ServiceConfig": {"Path": "/a"},
            "RequestParameters": [{"Name": "a"}],
            "RequestConfig": {"Path": "/p", "Method": "GET"}, "Environments": ["test"],
        });
        assert_eq!(Value::from(read.fields().clone()), kept);
        assert_eq!((read.method(), read.path(), read.api_id()), ("GET", "/p", "api-1"));
        assert_eq!(read.environments().collect::<Vec<_>>(), ["test"]);
        assert_eq!(ReadBack::of(json!([])), None);
    }

    #[test]
    fn one_without_an_id_has_the_id_that_it_was_asked_for_by() {
        let read = |answer| ReadBack::of(answer).unwrap().asked_as("api-1").api_id().to_owned();
        assert_eq!(read(json!({"ApiId": null})), "api-1");
        assert_eq!(read(json!({"ApiId": "api-2"})), "api-2");
    }
}
