//! What an API calls, in a few words: the kind of backend, and its host or its function.

use std::borrow::Cow;

use serde::Deserialize;
use url::Url;

use crate::target::tencent::body::Body;

/// Of a body only what names the backend; the rest is not kept.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named<'b> {
    #[serde(rename = "ServiceType", borrow)]
    kind: Cow<'b, str>,
    #[serde(rename = "ServiceConfig")]
    config: Option<Address>,
    #[serde(rename = "ServiceScfFunctionName")]
    function: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Address {
    #[serde(rename = "Url")]
    url: Option<String>,
}

/// `HTTP api.example.com`, `SCF my-function`, `MOCK`; empty where nothing is named.
pub fn called(body: &Body) -> String {
    let named: Named<'_> = serde_json::from_str(body.as_str()).unwrap_or_default();
    let url = named.config.and_then(|config| config.url);
    let what = url.as_deref().and_then(host).or(named.function);
    match what {
        Some(what) => format!("{} {what}", named.kind),
        None => named.kind.into_owned(),
    }
}

fn host(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}{port}", url.host_str()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::tencent::request::Request;

    fn of(json: &str) -> String {
        called(&Body::of(&mut Request::read(json).unwrap()))
    }

    #[test]
    fn a_backend_is_called_by_its_kind_and_its_host_or_function() {
        let http = r#"{"ServiceType":"HTTP","ServiceConfig":{"Url":"https://u:p@h.test:8443/v1"}}"#;
        assert_eq!(of(http), "HTTP h.test:8443");
        assert_eq!(of(r#"{"ServiceType":"SCF","ServiceScfFunctionName":"f"}"#), "SCF f");
        assert_eq!(of(r#"{"ServiceType":"MOCK"}"#), "MOCK");
        assert_eq!(of("{}"), "");
    }
}
