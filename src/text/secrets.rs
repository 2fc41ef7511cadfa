//! Keys and tokens in texts of documents: known by how their issuers write them, or by the
//! name of a value that looks random.
//!
//! Told too seldom rather than too often: what issuers write in their own guides, and words
//! that stand for a key, are no secrets.

use std::ops::Range;

/// A key or token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Where it stands in the text.
    pub at: Range<usize>,
    /// What it is, in words.
    pub kind: &'static str,
}

/// How an issuer writes its keys.
struct Shape {
    kind: &'static str,
    prefix: &'static str,
    /// Characters after the prefix, at least and at most.
    length: (usize, usize),
    holds: fn(char) -> bool,
}

const fn shape(
    kind: &'static str,
    prefix: &'static str,
    length: (usize, usize),
    holds: fn(char) -> bool,
) -> Shape {
    Shape { kind, prefix, length, holds }
}

/// Any number of characters from there on.
const MANY: usize = usize::MAX;

/// From the issuers' documentation and public scanners' lists.
const SHAPES: &[Shape] = &[
    shape("a SecretId of Tencent Cloud", "AKID", (32, 32), is_alphanumeric),
    shape("an access key of AWS", "AKIA", (16, 16), is_upper),
    shape("an access key of AWS", "ASIA", (16, 16), is_upper),
    shape("an access key of Alibaba Cloud", "LTAI", (12, 26), is_alphanumeric),
    shape("an API key of Google", "AIza", (35, 35), is_word),
    shape("a token of Google", "ya29.", (20, MANY), is_dotted),
    shape("a token of GitHub", "ghp_", (36, 36), is_alphanumeric),
    shape("a token of GitHub", "gho_", (36, 36), is_alphanumeric),
    shape("a token of GitHub", "ghu_", (36, 36), is_alphanumeric),
    shape("a token of GitHub", "ghs_", (36, 36), is_alphanumeric),
    shape("a token of GitHub", "github_pat_", (60, MANY), is_word),
    shape("a token of GitLab", "glpat-", (20, MANY), is_word),
    shape("a token of Slack", "xoxb-", (10, MANY), is_word),
    shape("a token of Slack", "xoxp-", (10, MANY), is_word),
    shape("a key of Stripe", "sk_live_", (16, MANY), is_alphanumeric),
    shape("a key of Stripe", "rk_live_", (16, MANY), is_alphanumeric),
    shape("a key of SendGrid", "SG.", (60, MANY), is_dotted),
    shape("a key of OpenAI", "sk-", (40, MANY), is_word),
    shape("a token of Hugging Face", "hf_", (34, 34), is_alphanumeric),
    shape("a token of npm", "npm_", (36, 36), is_alphanumeric),
    shape("a token of Shopify", "shpat_", (32, 32), is_alphanumeric),
    shape("a JSON web token", "eyJ", (60, MANY), is_dotted),
    shape("a private key", "-----BEGIN ", (11, MANY), is_header),
];

/// What guides show, and documents have from there: of jwt.io's token, and of GitHub's.
const SHOWN: &[&str] = &["eyJzdWIiOiIxMjM0NTY3ODkw", "16C7e42F292c6912E7710c838347Ae178B4a"];

fn is_alphanumeric(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

fn is_upper(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit()
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

fn is_dotted(c: char) -> bool {
    is_word(c) || c == '.'
}

fn is_header(c: char) -> bool {
    c.is_ascii_uppercase() || c == ' '
}

/// The keys and tokens in a text, in its order.
pub fn secrets(text: &str) -> Vec<Secret> {
    secrets_before(text, text.len())
}

/// Those that begin before this byte.
pub fn secrets_before(text: &str, limit: usize) -> Vec<Secret> {
    let bytes = text.as_bytes();
    let mut found: Vec<Secret> = Vec::new();
    for at in word_begins(bytes, limit).filter(|at| BEGIN[usize::from(bytes[*at])]) {
        if found.last().is_none_or(|last| last.at.end <= at) {
            found.extend(SHAPES.iter().find_map(|shape| of_shape(text, at, shape)));
        }
    }
    found
}

/// The bytes that a shape begins with: of a long text hardly any word is looked at twice.
const BEGIN: [bool; 256] = {
    let mut begin = [false; 256];
    let mut at = 0;
    while at < SHAPES.len() {
        begin[SHAPES[at].prefix.as_bytes()[0] as usize] = true;
        at += 1;
    }
    begin
};

/// Where words begin, before a byte.
fn word_begins(text: &[u8], limit: usize) -> impl Iterator<Item = usize> {
    let is_in_word = |at: usize| is_word(char::from(text[at]));
    (0..limit).filter(move |&at| is_in_word(at) && (at == 0 || !is_in_word(at - 1)))
}

/// The text with these replaced.
pub fn without(text: &str, secrets: &[Secret]) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut from = 0;
    for Secret { at, .. } in secrets {
        clean.push_str(&text[from..at.start]);
        clean.push_str("[redacted]");
        from = at.end;
    }
    clean + &text[from..]
}

/// A value as a secret, by its looks or by what it is called.
pub fn named(name: &str, value: &str) -> Option<&'static str> {
    let by_looks = secrets(value).first().map(|secret| secret.kind);
    by_looks.or_else(|| (is_called_secret(name) && is_random(value)).then_some("a key or token"))
}

/// The secret of this shape that begins here, where a word does.
fn of_shape(text: &str, start: usize, shape: &Shape) -> Option<Secret> {
    let body = text[start..].strip_prefix(shape.prefix)?;
    let length = body.find(|c| !(shape.holds)(c)).unwrap_or(body.len());
    let (least, most) = shape.length;
    let end = start + shape.prefix.len() + length;
    let end = if shape.prefix.starts_with('-') { end_of_key(text, end)? } else { end };
    let is_real = (least..=most).contains(&length) && is_no_sample(shape, &text[start..end]);
    is_real.then_some(Secret { at: start..end, kind: shape.kind })
}

/// A private key goes on to its last line, or to the end of what is shown of it.
fn end_of_key(text: &str, header: usize) -> Option<usize> {
    text[..header].ends_with("PRIVATE KEY").then_some(())?;
    let rest = &text[header..];
    let last =
        rest.find("-----END ").and_then(|at| Some(at + 9 + rest[at + 9..].find("-----")? + 5));
    Some(header + last.unwrap_or_else(|| rest.find('"').unwrap_or(rest.len())))
}

/// Whether it is more than a text that stands for a key.
fn is_no_sample(shape: &Shape, secret: &str) -> bool {
    if shape.prefix.starts_with('-') {
        return true;
    }
    let is_broken = shape.prefix == "eyJ" && secret.split('.').count() != 3;
    let is_shown = SHOWN.iter().any(|shown| secret.contains(shown));
    !is_broken && !is_shown && is_random(&secret[shape.prefix.len()..])
}

/// Whether a name is one that keys and tokens have.
fn is_called_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words = ["key", "token", "secret", "passw", "pwd", "authorization", "credential"];
    words.iter().any(|word| name.contains(word))
}

/// Whether a text looks drawn by lot: long, of letters and digits, of many different ones.
fn is_random(text: &str) -> bool {
    let has = |is: fn(&char) -> bool| text.chars().any(|c| is(&c));
    let mut different: Vec<char> = text.chars().collect();
    different.sort_unstable();
    different.dedup();
    let lower = text.to_ascii_lowercase();
    let placeholders = ["example", "xxxx", "0000", "12345", "abcde", "your", "sample", "test"];
    text.len() >= 16
        && text.chars().all(|c| is_dotted(c) || "+/=".contains(c))
        && has(char::is_ascii_digit)
        && has(char::is_ascii_alphabetic)
        && different.len() >= 10
        && !placeholders.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Put together here, so that no scanner takes this file for a leak.
    fn key(prefix: &str, rest: &str) -> String {
        format!("{prefix}{rest}")
    }

    #[test]
    fn keys_are_known_by_how_their_issuers_write_them() {
        for (secret, kind) in [
            (key("AKID", "z8krbsJ5yKBZQpn74WFkmLPx3gnPhESA"), "a SecretId of Tencent Cloud"),
            (key("AKIA", "Z44FA4RJICA5SPPQ"), "an access key of AWS"),
            (key("AIza", "SyD9tJ2vQe7Lx0PqWmR4uKbNcYhGfTzXo1w"), "an API key of Google"),
            (key("ghp_", "9fK2mQ7xTz4Rb1Vw8Ye3Lp6Hd5Js0GaUcNoI"), "a token of GitHub"),
        ] {
            let text = format!("{{\"k\": \"{secret}\"}}");
            let found = secrets(&text);
            assert_eq!(found.len(), 1, "{secret}");
            assert_eq!((&text[found[0].at.clone()], found[0].kind), (&*secret, kind));
            assert_eq!(without(&text, &found), "{\"k\": \"[redacted]\"}");
        }
    }

    #[test]
    fn a_private_key_is_left_out_whole() {
        let text =
            key("a -----BEGIN RSA ", "PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- b");
        assert_eq!(without(&text, &secrets(&text)), "a [redacted] b");
    }

    #[test]
    fn what_stands_for_a_key_is_none() {
        for text in [
            key("AKIA", "IOSFODNN7EXAMPLE"),
            key("AKID", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
            key("xoxp-", &"X".repeat(20)),
            key("xoxb-", "access-token-string"),
            key(
                "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.",
                "eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
            ),
            key("ghu_", "16C7e42F292c6912E7710c838347Ae178B4a"),
            key("taskghp_", "9fK2mQ7xTz4Rb1Vw8Ye3Lp6Hd5Js0GaUcNoI"),
        ] {
            assert_eq!(secrets(&text), [], "{text}");
        }
    }

    #[test]
    fn a_random_value_is_a_secret_by_its_name() {
        let random = "7ae5b17008fb414d84981191cf3b66a4";
        assert!(named("X-API-KEY", random).is_some());
        for (name, value) in [
            ("id", random),
            ("key", "YOUR_API_KEY"),
            ("app_token", "{{X-VTEX-API-AppToken}}"),
            ("sortKeys", "score,,desc"),
            ("api_key", "[authentication key]"),
        ] {
            assert_eq!(named(name, value), None, "{name}: {value}");
        }
    }
}
