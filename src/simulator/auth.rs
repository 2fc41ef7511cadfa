//! Who calls, and whether the signature holds.
//!
//! Everything is judged from the wire: the host that is signed is the raw `Host` header,
//! since the official command line sends and signs one with a scheme in it.

use secrecy::SecretString;

use crate::simulator::answer::Refusal;
use crate::simulator::scenario::Account;
use crate::target::tencent::sign::{ALGORITHM, CredentialScope, Parts, TERMINATOR, signature};

/// The seconds that a timestamp may be off.
const WINDOW: i64 = 300;

/// What of a request is judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signed<'a> {
    pub(crate) method: &'a str,
    pub(crate) query: &'a str,
    pub(crate) body: &'a [u8],
}

/// A header by its lower-case name; the first where there are several.
pub(crate) type Header<'h> = &'h dyn Fn(&str) -> Option<&'h str>;

/// Finds the account that signed a request.
pub(crate) fn verify<'a>(
    header: Header<'_>,
    signed: &Signed<'_>,
    accounts: &'a [Account],
    now: i64,
) -> Result<&'a Account, Refusal> {
    let claim = Claim::read(header("authorization").unwrap_or_default())
        .ok_or_else(|| refuse("InvalidAuthorization", "The Authorization header is malformed."))?;
    let account = accounts.iter().find(|account| account.id == claim.id);
    let account =
        account.ok_or_else(|| refuse("SecretIdNotFound", "The SecretId is not found."))?;
    let timestamp = header("x-tc-timestamp").and_then(|text| text.parse::<i64>().ok());
    let timestamp = timestamp.ok_or_else(|| {
        Refusal::new("MissingParameter", "X-TC-Timestamp is missing or no number.")
    })?;
    if timestamp.abs_diff(now) > WINDOW.unsigned_abs() {
        return Err(refuse("SignatureExpire", "The timestamp is more than 5 minutes off."));
    }
    claim.check(header, signed, account, timestamp)?;
    if account.token.as_deref() != header("x-tc-token") {
        return Err(refuse("TokenFailure", "The token is missing or not the key's."));
    }
    Ok(account)
}

/// What an `Authorization` header claims.
struct Claim<'a> {
    id: &'a str,
    scope: &'a str,
    headers: &'a str,
    signature: &'a str,
}

impl<'a> Claim<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix(ALGORITHM)?.split(',').map(str::trim);
        let credential = parts.next()?.strip_prefix("Credential=")?;
        let headers = parts.next()?.strip_prefix("SignedHeaders=")?;
        let signature = parts.next()?.strip_prefix("Signature=")?;
        let (id, scope) = credential.split_once('/')?;
        Some(Self { id, scope, headers, signature })
    }

    fn check(
        &self,
        header: Header<'_>,
        signed: &Signed<'_>,
        account: &Account,
        timestamp: i64,
    ) -> Result<(), Refusal> {
        let scope = CredentialScope::at(timestamp, "apigateway");
        if self.scope != scope.to_string() || !self.scope.ends_with(TERMINATOR) {
            return Err(refuse("SignatureFailure", "The credential scope is not the request's."));
        }
        let names = self.headers.split(';').collect::<Vec<_>>();
        if !names.contains(&"content-type") || !names.contains(&"host") || !names.is_sorted() {
            let text = "SignedHeaders must be sorted and hold content-type and host.";
            return Err(refuse("SignatureFailure", text));
        }
        let values = names.iter().map(|name| header(name).map(|value| (*name, value)));
        let headers = values.collect::<Option<Vec<_>>>();
        let headers =
            headers.ok_or_else(|| refuse("SignatureFailure", "A signed header is missing."))?;
        let Signed { method, query, body } = *signed;
        let parts = Parts { method, query, headers: &headers, payload: body };
        let key = SecretString::from(account.key.as_str());
        if signature(&parts, &key, &scope) != self.signature {
            return Err(refuse("SignatureFailure", "The signature is not the one computed here."));
        }
        Ok(())
    }
}

fn refuse(code: &str, message: &str) -> Refusal {
    Refusal::new(&format!("AuthFailure.{code}"), message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::tencent::sign::{Credentials, authorization};

    const NOW: i64 = 1_700_000_000;

    /// Headers of a request that was signed well, then changed.
    fn judge(names: &[&str], service: &str, change: impl Fn(&mut Vec<(String, String)>)) -> String {
        let value = |name: &str| match name {
            "content-type" => "application/json",
            "x-tc-action" => "CreateApi",
            // As the official command line sends it.
            _ => "http://127.0.0.1:18080",
        };
        let headers: Vec<_> = names.iter().map(|name| (*name, value(name))).collect();
        let parts = Parts { method: "POST", query: "", headers: &headers, payload: b"{}" };
        let who = Credentials::new("id", "key", None);
        let signed = authorization(&parts, &who, &CredentialScope::at(NOW, service));
        let all =
            ["content-type", "host", "x-tc-action"].map(|name| (name.into(), value(name).into()));
        let mut sent = Vec::from(all);
        sent.push(("authorization".into(), signed));
        sent.push(("x-tc-timestamp".into(), NOW.to_string()));
        change(&mut sent);
        let header =
            |name: &str| sent.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let signed = Signed { method: "POST", query: "", body: b"{}" };
        let accounts = [Account::new("id", "key")];
        match verify(&header, &signed, &accounts, NOW + 300) {
            Ok(_) => "ok".into(),
            Err(refusal) => refusal.code,
        }
    }

    fn set(name: &'static str, text: &str) -> impl Fn(&mut Vec<(String, String)>) {
        let text = text.to_owned();
        move |headers| {
            headers.retain(|(key, _)| key != name);
            headers.push((name.to_owned(), text.clone()));
        }
    }

    #[test]
    fn a_good_signature_holds_to_the_edge_of_its_window() {
        assert_eq!(judge(&["content-type", "host"], "apigateway", |_| ()), "ok");
        assert_eq!(judge(&["content-type", "host", "x-tc-action"], "apigateway", |_| ()), "ok");
        let early = (NOW - 1).to_string();
        let told = judge(&["content-type", "host"], "apigateway", set("x-tc-timestamp", &early));
        assert_eq!(told, "AuthFailure.SignatureExpire");
    }

    #[test]
    fn host_and_content_type_have_to_be_signed_and_names_to_be_sorted() {
        for names in [&["host"][..], &["content-type"], &["host", "content-type"], &["x-tc-action"]]
        {
            assert_eq!(
                judge(names, "apigateway", |_| ()),
                "AuthFailure.SignatureFailure",
                "{names:?}"
            );
        }
    }

    #[test]
    fn whatever_was_signed_has_to_be_what_was_sent() {
        let good = ["content-type", "host", "x-tc-action"];
        for (name, text) in [
            ("host", "127.0.0.1:18080"),
            ("content-type", "application/json; charset=utf-8"),
            ("x-tc-action", "DeleteApi"),
            ("x-tc-timestamp", "1700000001"),
        ] {
            let told = judge(&good, "apigateway", set(name, text));
            assert_eq!(told, "AuthFailure.SignatureFailure", "{name}");
        }
        let gone =
            |headers: &mut Vec<(String, String)>| headers.retain(|(key, _)| key != "x-tc-action");
        assert_eq!(judge(&good, "apigateway", gone), "AuthFailure.SignatureFailure");
        assert_eq!(judge(&good, "cvm", |_| ()), "AuthFailure.SignatureFailure");
    }

    #[test]
    fn a_header_that_claims_nothing_is_refused() {
        for text in
            ["", "TC3-HMAC-SHA256", "Basic aWQ6a2V5", "TC3-HMAC-SHA256 Credential=id, Signature=0"]
        {
            let told = judge(&["content-type", "host"], "apigateway", set("authorization", text));
            assert_eq!(told, "AuthFailure.InvalidAuthorization", "{text}");
        }
        let told = judge(&["content-type", "host"], "apigateway", set("x-tc-timestamp", "soon"));
        assert_eq!(told, "MissingParameter");
    }
}
