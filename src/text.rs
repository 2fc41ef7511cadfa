//! Text from documents and from the network, made safe to show, and names held against
//! those that exist.
//!
//! What a document or an answer says may hold sequences that move the cursor, write the
//! clipboard or turn the reading order round. Shown text goes through [`escape`]; what is
//! sent and what the journal keeps does not.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with everything spelt out that a terminal would act on or that would reorder a
/// line: control characters as `\x1b`, `\n`, and bidirectional controls as `\u{202e}`.
///
/// Line breaks are spelt out too: shown text is one line. A backslash stays as it is, so
/// that paths and patterns read as written.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_active) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        push_escaped(&mut safe, c);
    }
    Cow::Owned(safe)
}

/// The first `limit` characters, and `…` where more follow.
pub fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
    }
}

fn push_escaped(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        // Writing to a string does not fail.
        c if !is_active(c) => out.push(c),
        c if u32::from(c) < 0x100 => _ = write!(out, "\\x{:02x}", u32::from(c)),
        c => _ = write!(out, "\\u{{{:x}}}", u32::from(c)),
    }
}

/// Whether a terminal or a reader's eye would be led by it: C0, DEL, C1, the bidirectional
/// controls, and the separators that some programs take for a line break.
fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}')
}

/// Stars over the user and the password of every address, as many as they have characters,
/// so that columns can still be counted. An address without them stays as it is.
pub fn without_credentials(text: &str) -> Cow<'_, str> {
    let mut shown = Cow::Borrowed(text);
    for (at, _) in text.match_indices("://") {
        let rest = &text[at + 3..];
        let ends = |c: char| c.is_whitespace() || "/?#'\"`<>".contains(c);
        let authority = &rest[..rest.find(ends).unwrap_or(rest.len())];
        if let Some((secret, _)) = authority.rsplit_once('@') {
            let stars = "*".repeat(secret.chars().count());
            shown = shown.replace(&format!("://{secret}@"), &format!("://{stars}@")).into();
        }
    }
    shown
}

/// The name of `known` that was probably meant, where one is alike at all.
pub fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let folded = |text: &str| text.to_lowercase();
    let likeness = |known: &str| strsim::jaro_winkler(&folded(name), &folded(known));
    known
        .into_iter()
        .map(|known| (likeness(known), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

/// Advice to write the likest name instead.
pub fn did_you_mean<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    nearest(name, known).map(|near| format!("did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_spelt_out() {
        assert_eq!(escape("\x1b]52;c;AAAA\x07"), "\\x1b]52;c;AAAA\\x07");
        assert_eq!(escape("a\r\nb\tc"), "a\\r\\nb\\tc");
        assert_eq!(escape("\u{9b}31m\u{7f}"), "\\x9b31m\\x7f");
        assert_eq!(escape("gpj.\u{202e}exe\u{2066}\u{2028}"), "gpj.\\u{202e}exe\\u{2066}\\u{2028}");
    }

    #[test]
    fn plain_text_is_neither_changed_nor_copied() {
        for text in ["", "GET /pets/{id}", "宠物 🐈‍⬛", r"a\b"] {
            assert!(matches!(escape(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn a_cut_counts_characters_and_says_so() {
        assert_eq!(cut("宠物店", 3), "宠物店");
        assert_eq!(cut("宠物店", 2), "宠物…");
    }

    proptest! {
        #[test]
        fn escaped_text_holds_nothing_active_and_stays_as_it_is(text in any::<String>()) {
            let once = escape(&text).into_owned();
            prop_assert!(!once.chars().any(is_active));
            prop_assert_eq!(escape(&once), once.as_str());
        }
    }

    #[test]
    fn credentials_in_addresses_become_stars() {
        let shown = "a: 'https://****@x/a@b' http://y/@z";
        assert_eq!(without_credentials("a: 'https://u:üp@x/a@b' http://y/@z"), shown);
        assert_eq!(without_credentials(shown), shown);
    }

    #[test]
    fn the_likest_name_is_found_and_an_unlike_one_is_not() {
        let known = ["ServiceTimeout", "ServiceType", "EnableCORS"];
        assert_eq!(nearest("servicetimeOut", known), Some("ServiceTimeout"));
        assert_eq!(nearest("EnableCors", known), Some("EnableCORS"));
        assert_eq!(nearest("Zebra", known), None);
    }
}
