//! Text from documents and from the network, made safe to show, and names compared with
//! those that exist.
//!
//! Text from a document or an answer may hold sequences that move the cursor, write the
//! clipboard or reverse the reading order. Shown text goes through [`escape`]; what is
//! sent and what the journal keeps does not.

pub mod secrets;
pub mod yaml;

use std::borrow::Cow;
use std::fmt::Write as _;

use url::Url;

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

/// An address as it is shown: without user, password, query and fragment. Two of them may look
/// alike then; `source::names` tells them apart.
pub fn address(text: &str) -> Cow<'_, str> {
    let Some(mut url) = Url::parse(text).ok().filter(Url::has_host) else {
        return broken_address(text);
    };
    let has_login = !url.username().is_empty() || url.password().is_some();
    if !has_login && url.query().or(url.fragment()).is_none() {
        return Cow::Borrowed(text);
    }
    // Refused of an address that can hold neither.
    _ = url.set_username("");
    _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    let slash = if url.path() == "/" { "/" } else { "" };
    Cow::Owned(url.as_str().trim_end_matches(slash).to_owned())
}

/// The same of what is no address, and may hold a password all the same. One with a slash in
/// it cannot be told from a path, so that nothing is shown then.
fn broken_address(text: &str) -> Cow<'_, str> {
    let start = text.find("://").map_or(0, |at| at + 3);
    if start == 0 {
        let bare = text.rsplit('@').next().unwrap_or_default();
        return Cow::Borrowed(bare.split(['?', '#']).next().unwrap_or_default());
    }
    let (scheme, rest) = text.split_at(start);
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if path.contains('@') {
        return Cow::Owned(format!("{scheme}…"));
    }
    let host = authority.rsplit('@').next().unwrap_or_default();
    let path = path.split(['?', '#']).next().unwrap_or_default();
    Cow::Owned(format!("{scheme}{host}{path}"))
}

/// Stars over the user, the password and the query of every address in a text, as many as they
/// have characters, so that columns can still be counted.
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, address) = rest.split_at(at + 3);
        let end = address.find(|c: char| c.is_whitespace() || "'\"`<>".contains(c));
        let (address, after) = address.split_at(end.unwrap_or(address.len()));
        let authority = address.find(['/', '?', '#']).unwrap_or(address.len());
        let login = address[..authority].rfind('@').unwrap_or_default();
        let query = address.find('?').map_or(address.len(), |at| at + 1);
        let fragment = address[query..].find('#').map_or(address.len(), |at| query + at);
        let pieces = [before, &stars(&address[..login]), &address[login..query]];
        shown.extend(pieces);
        shown.extend([&stars(&address[query..fragment]), &address[fragment..]]);
        rest = after;
    }
    if shown.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(shown + rest) }
}

fn stars(text: &str) -> String {
    "*".repeat(text.chars().count())
}

/// The name of `known` that was probably meant, where one is similar at all.
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

/// Advice to write the most similar name instead.
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
    fn secrets_in_addresses_become_stars() {
        let shown = "a: 'https://****@x/a@b?***#c' http://y/@z";
        assert_eq!(without_secrets("a: 'https://u:üp@x/a@b?k=p#c' http://y/@z"), shown);
        assert_eq!(without_secrets(shown), shown);
    }

    #[test]
    fn an_address_is_shown_without_what_signs_in_to_it() {
        for (typed, shown) in [
            ("https://h/a@b.yaml", "https://h/a@b.yaml"),
            ("HTTPS://user:pw@H:8443/a.yaml?key=pw#pw", "https://h:8443/a.yaml"),
            ("https://h?key=pw", "https://h"),
            ("https:///u:pw@h/a", "https://h/a"),
            ("socks5://u:pw@h:1", "socks5://h:1"),
            ("https://u:pw@h:99999/a?pw", "https://h:99999/a"),
            ("https://u:p/pw@h", "https://…"),
            ("https://h:99999/?key=a@pw", "https://…"),
            ("u:pw@h:1", "h:1"),
            ("h:1", "h:1"),
            ("https:/u:pw@h", "https://h"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(address(typed), shown, "{typed}");
        }
    }

    #[test]
    fn the_likest_name_is_found_and_an_unlike_one_is_not() {
        let known = ["ServiceTimeout", "ServiceType", "EnableCORS"];
        assert_eq!(nearest("servicetimeOut", known), Some("ServiceTimeout"));
        assert_eq!(nearest("EnableCors", known), Some("EnableCORS"));
        assert_eq!(nearest("Zebra", known), None);
    }
}
