//! What this side has sent and no message may show, should the other side echo it.

use reqwest::header::{AUTHORIZATION, HeaderMap};
use secrecy::ExposeSecret;

use crate::target::tencent::sign::Credentials;
use crate::target::{ApiError, Reply};

/// What stands for it.
const MASK: &str = "***";

/// The fewest characters of a secret: a shorter one is not real, and would match parts of words.
const SHORTEST: usize = 6;

/// The fewest characters at the end of a text that was cut that count as the start of a secret.
const LEAST: usize = 4;

/// The same reply without the key, the token, the `SecretId` and the signature.
pub(crate) fn masked<T>(
    mut reply: Reply<T>,
    credentials: &Credentials,
    headers: Option<&HeaderMap>,
) -> Reply<T> {
    let texts: Vec<&mut String> = match &mut reply {
        Reply::Ok(_) => return reply,
        Reply::Error(ApiError { code, message, request_id, .. }) => vec![code, message, request_id],
        Reply::NotSent(why) | Reply::Untrusted(why) | Reply::Blocked(why) | Reply::Lost(why) => {
            vec![why]
        }
    };
    let signature = headers.and_then(signature);
    let keys = std::iter::once(&credentials.secret_key).chain(&credentials.token);
    let secrets = keys.map(ExposeSecret::expose_secret).chain([&*credentials.secret_id]);
    let secrets: Vec<&str> = secrets.chain(signature).filter(|it| it.len() >= SHORTEST).collect();
    for text in texts {
        for secret in &secrets {
            mask(text, secret);
        }
    }
    reply
}

/// The signature in the `Authorization` header.
fn signature(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.rsplit('=').next()
}

/// Masks a secret, also where a text was cut in the middle of it.
fn mask(text: &mut String, secret: &str) {
    if text.contains(secret) {
        *text = text.replace(secret, MASK);
    }
    let whole = text.trim_end_matches('…');
    let mut starts = (LEAST..secret.len()).rev().filter_map(|length| secret.get(..length));
    if let Some(rest) = starts.find_map(|start| whole.strip_suffix(start)) {
        *text = format!("{rest}{MASK}…");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_signs_and_the_signature_are_masked_wherever_they_are_echoed() {
        let sent = "TC3-HMAC-SHA256 Credential=AKIDabcd/x, SignedHeaders=host, Signature=0123abcd";
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, sent.parse().unwrap());
        let credentials = Credentials::new("AKIDabcd", "key", None);
        let masked =
            |text: &str| match masked::<()>(Reply::Lost(text.into()), &credentials, Some(&headers))
            {
                Reply::Lost(text) => text,
                other => panic!("{other:?}"),
            };
        assert_eq!(masked(sent), sent.replace("AKIDabcd", "***").replace("0123abcd", "***"));
        assert_eq!(masked("0123abcd is not valid"), "*** is not valid");
    }

    #[test]
    fn a_secret_that_a_cut_has_broken_is_masked_as_well() {
        let of = |text: &str| {
            let mut text = text.to_owned();
            mask(&mut text, "secret-of-mine");
            text
        };
        assert_eq!(of("a secret-of-mine, b"), "a ***, b");
        assert_eq!(of("the header was secret-of-…"), "the header was ***…");
        assert_eq!(of("nothing to see"), "nothing to see");
    }
}
