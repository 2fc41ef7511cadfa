//! Words, colour where it was asked for, and lines that end where the terminal does.

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::finding::Place;
use crate::finding::notes::ValueOrigin;
use crate::text::escape;

/// Paints, or does not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    pub(crate) on: bool,
}

impl Paint {
    pub(crate) fn strong(self, text: &str) -> String {
        self.with(Style::new().bold(), text)
    }

    pub(crate) fn warning(self, text: &str) -> String {
        self.with(AnsiColor::Yellow.on_default().bold(), text)
    }

    fn with(self, style: Style, text: &str) -> String {
        if self.on { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// The text in lines of at most `width` columns, broken between words: the first indented
/// by `first`, the others by `rest`. A word wider than a line stays whole.
pub(crate) fn wrapped(text: &str, width: usize, first: usize, rest: usize) -> String {
    let mut lines = String::new();
    let mut column = first;
    lines.push_str(&" ".repeat(first));
    let mut is_start = true;
    for word in text.split(' ') {
        let wide = word.width();
        if !is_start && column + 1 + wide > width {
            lines.push('\n');
            lines.push_str(&" ".repeat(rest));
            column = rest;
        } else if !is_start {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += wide;
        is_start = false;
    }
    lines
}

/// The text in one line of at most `width` columns, its end cut off where it is longer.
pub(crate) fn fitted(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut fitted = String::new();
    for c in text.chars() {
        if fitted.width() + c.width().unwrap_or_default() + 1 > width {
            break;
        }
        fitted.push(c);
    }
    fitted + "…"
}

/// `1 item`, `2 items`.
pub(crate) fn plural(count: impl TryInto<u64>, what: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// An origin, and its place, if that is in a file.
pub(crate) fn origin(origin: &ValueOrigin) -> String {
    let place = origin.place.as_ref().map(|place| format!(", {}", at(place)));
    format!("{}{}", escape(&origin.what), place.unwrap_or_default())
}

/// A place: `petstore.yaml:41:5`.
pub(crate) fn at(place: &Place) -> String {
    format!("{}:{}:{}", escape(&place.source), place.line, place.column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_count_columns() {
        assert_eq!(wrapped("aa bb cc", 5, 0, 1), "aa bb\n cc");
        assert_eq!(wrapped("宠物 商店 a", 9, 0, 0), "宠物 商店\na");
        assert_eq!(wrapped("aaaaaaaa b", 4, 2, 2), "  aaaaaaaa\n  b");
    }

    #[test]
    fn colour_is_used_only_where_asked_for() {
        assert_eq!(Paint { on: false }.strong("a"), "a");
        assert!(Paint { on: true }.strong("a").contains("\x1b["));
    }
}
