//! The keys of `responses`: one status, a range of them, or all others.

use openapiv3::StatusCode;

/// What a key of `responses` says.
pub(crate) enum Status {
    Default,
    Code(StatusCode),
}

/// `200`, `2XX` or `default`.
pub(crate) fn status(text: &str) -> Option<Status> {
    if text == "default" {
        return Some(Status::Default);
    }
    let digit = text.as_bytes().first().filter(|digit| (b'1'..=b'9').contains(digit))?;
    if text.len() == 3 && text[1..].eq_ignore_ascii_case("xx") {
        return Some(Status::Code(StatusCode::Range(u16::from(digit - b'0'))));
    }
    let code = text.parse().ok().filter(|code| (100..1000).contains(code))?;
    Some(Status::Code(StatusCode::Code(code)))
}
