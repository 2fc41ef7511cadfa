//! The body of `CreateApi` with two slots, filled in when it is sent or shown.
//!
//! The service that takes an API may be chosen or made, and the API that authorises it
//! created, long after the operation was mapped. So a body is kept without `ServiceId` and
//! without the `AuthRelationApiId` that a run finds out; one that a setting or an extension
//! gives is part of the body.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::target::tencent::request::CreateApi;

/// A JSON object: all fields of a request but the slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body(Arc<str>);

impl Default for Body {
    /// No fields at all.
    fn default() -> Self {
        Self("{}".into())
    }
}

impl Body {
    /// The body of this request, whatever service it names.
    pub fn of(request: &CreateApi) -> Self {
        #[expect(
            clippy::expect_used,
            reason = "a request is text, numbers, lists and maps with text keys"
        )]
        let mut text = serde_json::to_string(request).expect("a request is JSON");
        // The field that the model has first.
        let first = format!(r#"{{"ServiceId":{},"#, quoted(&request.service_id));
        if text.starts_with(&first) {
            text.replace_range(1..first.len(), "");
        }
        Self(text.into())
    }

    /// The body of these fields.
    pub fn of_fields(fields: &Map<String, Value>) -> Self {
        let rest = fields.iter().filter(|(name, _)| *name != "ServiceId");
        let rest: Map<_, _> = rest.map(|(name, value)| (name.clone(), value.clone())).collect();
        Self(Value::Object(rest).to_string().into())
    }

    /// As it is sent: to this service, authorised by the API of this id.
    pub fn with(&self, service: &str, authoriser: Option<&str>) -> String {
        let mut whole = String::with_capacity(self.len_with(service, authoriser));
        let fields = &self.0[1..self.0.len() - 1];
        whole.push_str(r#"{"ServiceId":"#);
        whole.push_str(&quoted(service));
        if !fields.is_empty() {
            whole.push(',');
            whole.push_str(fields);
        }
        if let Some(id) = authoriser {
            whole.push_str(r#","AuthRelationApiId":"#);
            whole.push_str(&quoted(id));
        }
        whole.push('}');
        whole
    }

    /// How many bytes [`Self::with`] has, for ids that need no escapes.
    pub fn len_with(&self, service: &str, authoriser: Option<&str>) -> usize {
        let authoriser = authoriser.map_or(0, |id| r#","AuthRelationApiId":"""#.len() + id.len());
        self.0.len() + r#""ServiceId":"","#.len() + service.len() + authoriser
    }

    /// The same body under another `ApiName`.
    #[must_use]
    pub fn renamed(&self, name: &str) -> Self {
        let Ok(mut fields) = serde_json::from_str::<Map<String, Value>>(&self.0) else {
            return self.clone();
        };
        fields.insert("ApiName".to_owned(), name.into());
        Self::of_fields(&fields)
    }

    /// The object without the slots.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> CreateApi {
        CreateApi {
            service_id: "service-a".to_owned(),
            api_name: Some("list".to_owned()),
            service_timeout: 15,
            owner: Some("o".to_owned()),
            ..CreateApi::default()
        }
    }

    #[test]
    fn a_body_with_its_service_is_the_request_as_it_serialises() {
        let body = Body::of(&request());
        assert!(!body.as_str().contains("ServiceId"));
        let whole = body.with("service-a", None);
        assert_eq!(whole, serde_json::to_string(&request()).unwrap());
        assert_eq!(whole.len(), body.len_with("service-a", None));
        let odd = CreateApi { service_id: "a \"b\"\n".to_owned(), ..request() };
        assert_eq!(body.with("a \"b\"\n", None), serde_json::to_string(&odd).unwrap());
    }

    #[test]
    fn the_id_of_the_authoriser_comes_last() {
        let whole = Body::of(&request()).with("service-a", Some("api-1"));
        assert!(whole.ends_with(r#","Owner":"o","AuthRelationApiId":"api-1"}"#), "{whole}");
        assert_eq!(whole.len(), Body::of(&request()).len_with("service-a", Some("api-1")));
        assert!(serde_json::from_str::<CreateApi>(&whole).is_ok());
    }

    #[test]
    fn a_new_name_changes_nothing_else() {
        let renamed = CreateApi { api_name: Some("other".to_owned()), ..request() };
        assert_eq!(Body::of(&request()).renamed("other"), Body::of(&renamed));
    }

    #[test]
    fn a_body_without_fields_is_sent_as_an_object_too() {
        let body = Body::default();
        assert_eq!(body.with("s", None), r#"{"ServiceId":"s"}"#);
    }
}
