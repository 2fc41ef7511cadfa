//! Who calls, and whether the signature holds.
//!
//! Everything is judged from the wire: the host that is signed is the raw `Host` header,
//! since the official command line sends and signs one with a scheme in it.

use secrecy::SecretString;

use super::answer::Refusal;
use super::scenario::Account;
use crate::gateway::sign::{ALGORITHM, Parts, Scope, TERMINATOR, signature};

/// The seconds that a timestamp may be off.
const WINDOW: i64 = 300;

/// What of a request is judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    pub(super) query: &'a str,
    pub(super) body: &'a [u8],
}

/// A header by its lower-case name; the first where there are several.
pub(super) type Header<'h> = &'h dyn Fn(&str) -> Option<&'h str>;

/// Finds the account that signed a request.
pub(super) fn verify<'a>(
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
        let scope = Scope::at(timestamp, "apigateway");
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
