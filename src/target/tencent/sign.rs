//! TC3-HMAC-SHA256: a request, credentials and a time in, an `Authorization` header out.
//!
//! Pure: no clock, no environment. The intermediate values are functions of their own,
//! since the published vectors give them and whoever debugs a refused signature needs
//! them. The gateway's other, older scheme is left out.
//!
//! Three things bite: the canonical URI is `/` even where the endpoint has a path; the
//! content type is signed byte for byte; the session token is not signed at all.

use std::fmt;
use std::time::Duration;

use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// The scheme's name, first word of `Authorization`.
pub const ALGORITHM: &str = "TC3-HMAC-SHA256";

/// The last part of every scope.
pub const TERMINATOR: &str = "tc3_request";

/// How old a signature may be when the gateway still accepts it.
pub const LIFETIME: Duration = Duration::from_secs(300);

/// Who signs. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Credentials {
    /// `SecretId`; names the key and is not itself secret, yet not shown either.
    pub secret_id: String,
    /// `SecretKey`; never leaves this machine.
    pub secret_key: SecretString,
    /// The session token of temporary credentials.
    pub token: Option<SecretString>,
}

impl Credentials {
    /// Credentials; an empty token is none.
    pub fn new(secret_id: &str, secret_key: &str, token: Option<&str>) -> Self {
        let token = token.filter(|token| !token.is_empty()).map(SecretString::from);
        Self { secret_id: secret_id.to_owned(), secret_key: secret_key.into(), token }
    }

    /// Whether these are the same credentials.
    pub fn same(&self, other: &Self) -> bool {
        let token = |of: &Self| of.token.as_ref().map(|token| token.expose_secret().to_owned());
        self.secret_id == other.secret_id
            && self.secret_key.expose_secret() == other.secret_key.expose_secret()
            && token(self) == token(other)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(hidden)")
    }
}

/// What of a request is signed.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// `POST` or `GET`.
    pub method: &'a str,
    /// The query as it is sent, without `?`; empty for `POST`.
    pub query: &'a str,
    /// The headers that are signed: names in lower case and sorted, values as sent.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body as sent.
    pub payload: &'a [u8],
}

impl Parts<'_> {
    /// The names of the signed headers, as `SignedHeaders` lists them.
    pub fn signed_headers(&self) -> String {
        self.headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";")
    }

    /// The canonical request.
    pub fn canonical(&self) -> String {
        let mut text = format!("{}\n/\n{}\n", self.method, self.query);
        for (name, value) in self.headers {
            text.extend([name, ":", &value.trim().to_lowercase(), "\n"]);
        }
        text + "\n" + &self.signed_headers() + "\n" + &hex::encode(Sha256::digest(self.payload))
    }
}

/// When and for what service a signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialScope {
    /// Seconds since 1970, UTC; goes into `X-TC-Timestamp`.
    pub timestamp: i64,
    /// The UTC day of `timestamp`, `YYYY-MM-DD`.
    pub date: String,
    /// The product, such as `apigateway`, whatever the host is called.
    pub service: String,
}

impl CredentialScope {
    /// The scope of a second. Seconds beyond the calendar get its first day, which no
    /// gateway accepts.
    pub fn at(timestamp: i64, service: &str) -> Self {
        let day = jiff::Timestamp::from_second(timestamp).unwrap_or(jiff::Timestamp::MIN);
        let date = day.to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
        Self { timestamp, date, service: service.to_owned() }
    }

    /// The text that is signed in the end.
    pub fn string_to_sign(&self, parts: &Parts<'_>) -> String {
        let hash = hex::encode(Sha256::digest(parts.canonical()));
        format!("{ALGORITHM}\n{}\n{self}\n{hash}", self.timestamp)
    }
}

impl fmt::Display for CredentialScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{TERMINATOR}", self.date, self.service)
    }
}

/// The signature, in hexadecimal.
pub fn signature(parts: &Parts<'_>, secret_key: &SecretString, scope: &CredentialScope) -> String {
    let [.., key] = keys(secret_key, scope);
    hex::encode(hmac(&key, &scope.string_to_sign(parts)))
}

/// The whole `Authorization` header.
pub fn authorization(
    parts: &Parts<'_>,
    credentials: &Credentials,
    scope: &CredentialScope,
) -> String {
    format!(
        "{ALGORITHM} Credential={}/{scope}, SignedHeaders={}, Signature={}",
        credentials.secret_id,
        parts.signed_headers(),
        signature(parts, &credentials.secret_key, scope),
    )
}

/// The keys made of each other: of the day, of the service, of the signature.
fn keys(secret_key: &SecretString, scope: &CredentialScope) -> [[u8; 32]; 3] {
    let first = format!("TC3{}", secret_key.expose_secret());
    let date = hmac(first.as_bytes(), &scope.date);
    let service = hmac(&date, &scope.service);
    [date, service, hmac(&service, TERMINATOR)]
}

fn hmac(key: &[u8], text: &str) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn vectors() -> Vec<Value> {
        serde_json::from_str(include_str!("testdata/tc3-vectors.json")).unwrap()
    }

    fn text<'v>(vector: &'v Value, key: &str) -> &'v str {
        vector[key].as_str().unwrap()
    }

    /// The parts, credentials and scope of a vector.
    fn with<R>(
        vector: &Value,
        check: impl Fn(&Parts<'_>, &Credentials, &CredentialScope) -> R,
    ) -> R {
        let header = |name| match name {
            "content-type" => (name, text(vector, "content_type")),
            "host" => (name, text(vector, "host")),
            "x-tc-action" => (name, text(vector, "action")),
            other => panic!("a vector signs {other}"),
        };
        let parts = Parts {
            method: text(vector, "method"),
            query: text(vector, "canonical_query"),
            headers: &text(vector, "signed").split(';').map(header).collect::<Vec<_>>(),
            payload: text(vector, "body").as_bytes(),
        };
        let id = text(vector, "secret_id");
        let who = Credentials::new(id, text(vector, "secret_key"), vector["token"].as_str());
        let when = vector["timestamp"].as_i64().unwrap();
        check(&parts, &who, &CredentialScope::at(when, text(vector, "service")))
    }

    #[test]
    fn every_known_vector_is_reproduced_step_by_step() {
        let vectors = vectors();
        assert_eq!(vectors.len(), 6);
        for vector in vectors {
            with(&vector, |parts, credentials, scope| {
                assert_eq!(scope.date, text(&vector, "date"));
                assert_eq!(scope.to_string(), text(&vector, "scope"));
                assert_eq!(parts.signed_headers(), text(&vector, "signed"));
                assert_eq!(parts.canonical(), text(&vector, "canonical_request"));
                assert_eq!(scope.string_to_sign(parts), text(&vector, "string_to_sign"));
                let made = keys(&credentials.secret_key, scope).map(hex::encode);
                assert_eq!(made, ["k_date", "k_service", "k_signing"].map(|k| text(&vector, k)));
                let signature = signature(parts, &credentials.secret_key, scope);
                assert_eq!(signature, text(&vector, "signature"));
                assert_eq!(
                    authorization(parts, credentials, scope),
                    text(&vector, "authorization")
                );
            });
        }
    }

    #[test]
    fn the_port_belongs_to_the_signed_host() {
        let vector = &vectors()[2];
        with(vector, |parts, _, scope| {
            let headers = [("content-type", "application/json"), ("host", "127.0.0.1:18080")];
            let parts = Parts { headers: &headers, ..*parts };
            assert_eq!(
                signature(&parts, &"SecretExample".into(), scope),
                "a37078d3a7e6a59ec544902833414f0f8daf57c2f218e542f0624c9eb3daec78"
            );
        });
    }

    #[test]
    fn the_session_token_is_not_signed() {
        let vector = &vectors()[4];
        with(vector, |parts, credentials, scope| {
            assert!(credentials.token.is_some());
            let bare = Credentials { token: None, ..credentials.clone() };
            assert_eq!(
                authorization(parts, credentials, scope),
                authorization(parts, &bare, scope)
            );
        });
    }

    #[test]
    fn the_scope_changes_with_the_utc_day() {
        assert_eq!(CredentialScope::at(1_735_689_599, "apigateway").date, "2024-12-31");
        assert_eq!(CredentialScope::at(1_735_689_600, "apigateway").date, "2025-01-01");
        CredentialScope::at(i64::MAX, "apigateway");
    }

    #[test]
    fn debug_shows_nothing_of_credentials() {
        let shown =
            format!("{:?}", Credentials::new("AKIDcanary", "key-canary", Some("tok-canary")));
        assert!(!shown.contains("canary"), "{shown}");
    }

    #[test]
    fn an_empty_token_is_none() {
        assert!(Credentials::new("id", "key", Some("")).token.is_none());
    }
}
