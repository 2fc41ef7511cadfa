//! The body of `CreateApi` with two slots, filled in when it is sent or shown.
//!
//! The service that takes an API may be chosen or made, and the API that authorises it
//! created, long after the operation was mapped. So a body is kept without `ServiceId` and
//! without the `AuthRelationApiId` that a run finds out; one that a setting or an extension
//! gives is part of the body.

use std::sync::Arc;

use serde_json::Value;

use crate::target::tencent::names;
use crate::target::tencent::request::Request;

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
    /// The body of this request, but for the service that it may name.
    pub fn of(request: &mut Request) -> Self {
        request.remove(names::SERVICE_ID);
        Self(request.write().into())
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

    /// The kind of its backend and the backend's host, where it has one.
    pub fn backend(&self) -> String {
        let Ok(request) = Request::read(&self.0) else { return String::new() };
        let (kind, address) = (request.text(names::SERVICE_TYPE), request.text(names::BACKEND_URL));
        let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        format!("{kind} {host}").trim().to_owned()
    }

    /// The same body under another `ApiName`.
    #[must_use]
    pub fn renamed(&self, name: &str) -> Self {
        let Ok(mut request) = Request::read(&self.0) else { return self.clone() };
        request.set(names::API_NAME, name);
        Self::of(&mut request)
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

    fn request(name: &str) -> Request {
        let mut request = Request::default();
        request.set(names::SERVICE_ID, "service-a");
        request.set(names::SERVICE_TIMEOUT, 15);
        request.set(names::API_NAME, name);
        request.set("Owner", "o");
        request
    }

    #[test]
    fn a_body_with_its_service_is_the_request_as_it_is_written() {
        let body = Body::of(&mut request("list"));
        assert!(!body.as_str().contains("ServiceId"));
        let whole = body.with("service-a", None);
        assert_eq!(whole, request("list").write());
        assert_eq!(whole.len(), body.len_with("service-a", None));
        let mut odd = request("list");
        odd.set(names::SERVICE_ID, "a \"b\"\n");
        assert_eq!(body.with("a \"b\"\n", None), odd.write());
    }

    #[test]
    fn a_backend_is_named_by_its_kind_and_host() {
        for (kind, url, shown) in [
            ("HTTP", "https://user:pw@api.example.com:8443/v1?q", "HTTP api.example.com:8443"),
            ("HTTP", "http://{env}.example.com", "HTTP {env}.example.com"),
            ("MOCK", "", "MOCK"),
        ] {
            let mut request = request("list");
            request.set(names::SERVICE_TYPE, kind);
            request.set(names::BACKEND_URL, url);
            assert_eq!(Body::of(&mut request).backend(), shown);
        }
    }

    #[test]
    fn the_id_of_the_authoriser_comes_last() {
        let body = Body::of(&mut request("list"));
        let whole = body.with("service-a", Some("api-1"));
        assert!(whole.ends_with(r#","Owner":"o","AuthRelationApiId":"api-1"}"#), "{whole}");
        assert_eq!(whole.len(), body.len_with("service-a", Some("api-1")));
        assert!(Request::read(&whole).is_ok());
    }

    #[test]
    fn a_new_name_changes_nothing_else() {
        let body = Body::of(&mut request("list"));
        assert_eq!(body.renamed("other"), Body::of(&mut request("other")));
    }

    #[test]
    fn a_body_without_fields_is_sent_as_an_object_too() {
        let body = Body::default();
        assert_eq!(body.with("s", None), r#"{"ServiceId":"s"}"#);
    }
}
