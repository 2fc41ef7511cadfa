//! Which of a folder's files are worth reading: told by their bytes, since names lie.

use memchr::memmem;

const WORDS: [&str; 2] = ["openapi", "swagger"];

/// A text without either word is not a document, and need not be parsed to know it. In UTF-16
/// the words have gaps, so a text with its byte order mark is read.
pub(crate) fn may_be_a_document(bytes: &[u8]) -> bool {
    let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    wide || WORDS.iter().any(|word| memmem::find(bytes, word.as_bytes()).is_some())
}

/// Whether a text that cannot be read looks like a document that was broken, rather than
/// like a template or something else altogether: one of the words is a key, and a number
/// follows.
pub(crate) fn claims_to_be_a_document(bytes: &[u8]) -> bool {
    WORDS.iter().any(|word| {
        let mut found = memmem::find_iter(bytes, word.as_bytes());
        found.any(|at| is_key(&bytes[..at]) && is_versioned(&bytes[at + word.len()..]))
    })
}

/// Whether a key may begin after this.
fn is_key(before: &[u8]) -> bool {
    let before = before.strip_suffix(b"\"").or(before.strip_suffix(b"'")).unwrap_or(before);
    before.last().is_none_or(|last| b"\n\r\t {,\xbf".contains(last))
}

/// Whether this begins with a colon and a number, each perhaps after a quote.
fn is_versioned(after: &[u8]) -> bool {
    let after = unquote(after).trim_ascii_start();
    let Some(value) = after.strip_prefix(b":") else { return false };
    unquote(value.trim_ascii_start()).first().is_some_and(u8::is_ascii_digit)
}

fn unquote(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\"").or(text.strip_prefix(b"'")).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_document_still_claims_to_be_one() {
        for text in [
            "openapi: 3.0.3\n{",
            "x: 1\n'swagger' : \"2.0\"",
            "{\"a\":1,\"openapi\":\"3",
            "\u{feff}swagger: 2",
        ] {
            assert!(claims_to_be_a_document(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_only_speaks_of_documents_claims_nothing() {
        for text in [
            "see the openapi: it is good",
            "myopenapi: 3",
            "openapi: {{ .Values.version }}",
            "openapi 3",
            "openapi",
        ] {
            assert!(!claims_to_be_a_document(text.as_bytes()), "{text}");
        }
    }
}
