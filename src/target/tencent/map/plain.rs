//! Markdown and HTML to one line of plain text, cut at a limit.
//!
//! Descriptions go to a field that the gateway shows as it is. What markup means beyond
//! its words is left out; no attempt is made to be a Markdown parser, since real
//! descriptions are not valid Markdown either. Nothing past the limit is looked at: real
//! ones reach 170,000 characters.

use std::borrow::Cow;

/// HTML elements that end a line; their tags become a space.
const BLOCKS: &[&str] = &[
    "br",
    "p",
    "div",
    "li",
    "ul",
    "ol",
    "tr",
    "td",
    "th",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "pre",
    "blockquote",
    "thead",
    "tbody",
    "details",
    "summary",
];

/// HTML elements within a line; their tags vanish. Any other `<word>` is taken for text,
/// since `<token>` in a description is a placeholder, not an element.
const INLINES: &[&str] = &[
    "a", "b", "code", "em", "i", "img", "kbd", "mark", "s", "small", "span", "strong", "sub",
    "sup", "tt", "u",
];

/// Text without markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plain {
    /// At most `limit` characters; the last is `…` where it was cut.
    pub(crate) text: String,
    /// Whether something had to go.
    pub(crate) cut: bool,
}

/// The words of `text` on one line, at most `limit` characters of them.
pub(crate) fn plain(text: &str, limit: usize) -> Plain {
    let mut line = Line { text: String::new(), length: 0, gap: false, limit };
    let mut rest = text;
    let mut line_start = true;
    while !line.is_over() {
        if line_start {
            rest = strip_block_marker(rest);
        }
        let Some(first) = rest.chars().next() else { break };
        line_start = first == '\n';
        rest = step(&mut line, rest, first);
    }
    line.finish()
}

/// Cuts to `limit` characters, the last of them `…`; `None` where it fits.
pub(crate) fn cut(text: &str, limit: usize) -> Option<String> {
    text.char_indices().nth(limit)?;
    Some(crate::text::cut(text, limit.saturating_sub(1)).into_owned())
}

struct Line {
    text: String,
    length: usize,
    gap: bool,
    limit: usize,
}

impl Line {
    /// One character past the limit tells that the text has to be cut.
    fn is_over(&self) -> bool {
        self.length > self.limit
    }

    fn push(&mut self, c: char) {
        if c.is_whitespace() {
            self.gap = true;
            return;
        }
        if c.is_control() {
            return;
        }
        if self.gap && !self.text.is_empty() {
            self.text.push(' ');
            self.length += 1;
        }
        self.gap = false;
        self.text.push(c);
        self.length += 1;
    }

    fn finish(self) -> Plain {
        match cut(&self.text, self.limit) {
            Some(text) => Plain { text, cut: true },
            None => Plain { text: self.text, cut: false },
        }
    }
}

/// Takes one character or one piece of markup; what is left.
fn step<'t>(line: &mut Line, rest: &'t str, first: char) -> &'t str {
    let after = &rest[first.len_utf8()..];
    match first {
        '<' => tag(line, rest).unwrap_or_else(|| literal(line, first, after)),
        '&' => entity(line, rest).unwrap_or_else(|| literal(line, first, after)),
        '[' => link(line, rest).unwrap_or_else(|| literal(line, first, after)),
        '!' if after.starts_with('[') && link_parts(after).is_some() => after,
        '\\' => escaped(line, after).unwrap_or_else(|| literal(line, first, after)),
        '_' => emphasis(line, rest).unwrap_or_else(|| literal(line, first, after)),
        '`' => after,
        '*' if !stands_alone(line, after) => after,
        _ => literal(line, first, after),
    }
}

fn literal<'t>(line: &mut Line, c: char, after: &'t str) -> &'t str {
    line.push(c);
    after
}

/// `a * b` is arithmetic or a wildcard; next to a word, `*` is emphasis.
fn stands_alone(line: &Line, after: &str) -> bool {
    let before_is_gap = line.gap || line.text.is_empty() || line.text.ends_with(['/', '.', '"']);
    before_is_gap && after.chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '*')
}

fn tag<'t>(line: &mut Line, rest: &'t str) -> Option<&'t str> {
    let inner = rest[1..].trim_start_matches('/');
    let name_end = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
    let name = inner[..name_end].to_ascii_lowercase();
    let block = BLOCKS.contains(&name.as_str());
    if !block && !INLINES.contains(&name.as_str()) {
        return None;
    }
    let end = near(rest).find('>')?;
    line.gap |= block;
    Some(&rest[end + 1..])
}

/// As far as one piece of markup reaches: a text full of beginnings without ends would
/// otherwise be searched to its end for each of them.
fn near(text: &str) -> &str {
    let end = (0..=text.len().min(2000)).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

fn entity<'t>(line: &mut Line, rest: &'t str) -> Option<&'t str> {
    const NAMED: &[(&str, char)] = &[
        ("&amp;", '&'),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&quot;", '"'),
        ("&apos;", '\''),
        ("&#39;", '\''),
        ("&nbsp;", ' '),
    ];
    let (name, c) = NAMED.iter().find(|(name, _)| rest.starts_with(name))?;
    line.push(*c);
    Some(&rest[name.len()..])
}

/// `[words](address)` gives its words.
fn link<'t>(line: &mut Line, rest: &'t str) -> Option<&'t str> {
    let (words, after) = link_parts(rest)?;
    for c in words.chars().filter(|c| !matches!(c, '`' | '*')) {
        line.push(c);
    }
    Some(after)
}

/// `_words_` and `__words__` between words; `snake_case` and `_id` are names.
fn emphasis<'t>(line: &mut Line, rest: &'t str) -> Option<&'t str> {
    if !line.gap && line.text.ends_with(char::is_alphanumeric) {
        return None;
    }
    let inner = rest.trim_start_matches('_');
    let mark = &rest[..rest.len() - inner.len()];
    let words = near(inner).split('\n').next().unwrap_or_default();
    let ends = |at: &usize| {
        let (before, after) = (&words[..*at], &words[at + mark.len()..]);
        before.ends_with(|c: char| !c.is_whitespace() && c != '_')
            && !after.starts_with(|c: char| c.is_alphanumeric() || c == '_')
    };
    let end = words.match_indices(mark).map(|(at, _)| at).find(ends)?;
    for c in words[..end].chars().filter(|c| !matches!(c, '`' | '*')) {
        line.push(c);
    }
    Some(&inner[end + mark.len()..])
}

fn link_parts(rest: &str) -> Option<(&str, &str)> {
    let close = near(rest).find([']', '\n']).filter(|at| rest[*at..].starts_with("]("))?;
    let address = &rest[close + 2..];
    let end = near(address).find([')', '\n']).filter(|at| address[*at..].starts_with(')'))?;
    Some((&rest[1..close], &address[end + 1..]))
}

fn escaped<'t>(line: &mut Line, after: &'t str) -> Option<&'t str> {
    let c = after.chars().next().filter(char::is_ascii_punctuation)?;
    line.push(c);
    Some(&after[1..])
}

/// Headings, quotes, bullets and fences at the start of a line say nothing on one line.
fn strip_block_marker(line: &str) -> &str {
    let text = line.trim_start_matches([' ', '\t']);
    if let Some(fence) = text.strip_prefix("```") {
        return fence.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    }
    let marked = text.trim_start_matches(['#', '>', '*', '-', '+']);
    if marked.len() < text.len() && marked.starts_with([' ', '\t']) { marked } else { line }
}

/// One line without leading, trailing and repeated white space and without control
/// characters; borrowed where it is one already.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    let unruly = trimmed.contains(|c: char| c.is_control() || (c.is_whitespace() && c != ' '))
        || trimmed.contains("  ");
    if !unruly {
        return Cow::Borrowed(trimmed);
    }
    let words: Vec<String> = trimmed
        .split_whitespace()
        .map(|word| word.chars().filter(|c| !c.is_control()).collect())
        .collect();
    Cow::Owned(words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(markup: &str, expected: &str) {
        assert_eq!(plain(markup, 400), Plain { text: expected.into(), cut: false });
    }

    #[test]
    fn markup_gives_its_words() {
        check("Lists **all** `pets`.", "Lists all pets.");
        check("How _many_, __two words__ or (_one_)", "How many, two words or (one)");
        check("See [the *guide*](https://x.test/a) first", "See the guide first");
        check("![logo](x.png) Pets", "logo Pets");
        check("# Pets\n\n> quoted\n\n* one\n* two", "Pets quoted one two");
        check("<p>One<br/>two <a href=\"x\">three</a></p>", "One two three");
        check("```json\n{}\n```\nend", "{} end");
        check("a &lt; b &amp;&nbsp;c", "a < b & c");
    }

    #[test]
    fn what_only_looks_like_markup_stays() {
        check(
            "Use <token>, snake_case_name, _id, __init 2 * 3, a/*",
            "Use <token>, snake_case_name, _id, __init 2 * 3, a/*",
        );
        check(r"\*not emphasis\*", "*not emphasis*");
        check("[no link] (here) & there", "[no link] (here) & there");
    }

    #[test]
    fn beginnings_without_ends_cost_no_time() {
        for begin in ["<b ", "[a](", "_a ", "**"] {
            let text = begin.repeat(1_000_000);
            assert!(plain(&text, 400).text.chars().count() <= 400);
        }
    }

    #[test]
    fn white_space_and_control_characters_collapse() {
        check(" a \r\n\t b\u{7}\u{1b}[31m c ", "a b[31m c");
        assert_eq!(one_line(" a\n b\u{1b} "), "a b");
        assert!(matches!(one_line(" a b "), Cow::Borrowed("a b")));
    }

    #[test]
    fn a_cut_counts_characters_and_shows() {
        assert_eq!(plain("一二三四五", 4), Plain { text: "一二三…".into(), cut: true });
        assert_eq!(plain("一二三四", 4), Plain { text: "一二三四".into(), cut: false });
        assert_eq!(plain("abc   ", 3), Plain { text: "abc".into(), cut: false });
        assert_eq!(cut("abc", 0).as_deref(), Some("…"));
    }
}
