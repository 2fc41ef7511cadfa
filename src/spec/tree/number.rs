//! Numbers as JSON and YAML write them.

/// The number that a text in either format says.
pub(crate) fn number(text: &str) -> Option<serde_json::Number> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    if let Some(hex) = digits.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok().map(Into::into);
    }
    if let Some(octal) = digits.strip_prefix("0o") {
        return u64::from_str_radix(octal, 8).ok().map(Into::into);
    }
    let integer =
        digits.parse::<i64>().map(Into::into).or_else(|_| digits.parse::<u64>().map(Into::into));
    let integer = integer.ok().filter(|_| digits != "-0");
    integer.or_else(|| serde_json::Number::from_f64(digits.parse().ok()?))
}
