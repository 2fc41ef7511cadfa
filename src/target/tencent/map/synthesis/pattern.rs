//! A text that a pattern matches.
//!
//! Patterns are those of ECMAScript; the parser here is Rust's, which reads all but
//! look-around and back references. What it cannot read has no text.

use regex_syntax::hir::{Class, ClassUnicodeRange, Hir, HirKind};

/// Characters that a text may have; a pattern may ask for any number.
const LONGEST: usize = 1000;

/// The shortest text found that the pattern matches and that has from `least` to `most`
/// characters.
pub(crate) fn matching(pattern: &str, least: u64, most: u64) -> Option<String> {
    let least = usize::try_from(least).ok().filter(|least| *least <= LONGEST)?;
    let hir = regex_syntax::parse(pattern).ok()?;
    (0..=least).find_map(|more| {
        let mut text = String::new();
        write(&hir, more, &mut text)?;
        let length = text.chars().count();
        // Where the pattern is open at its end, more may follow.
        let lack = least.saturating_sub(length);
        if lack > 0 && is_open(pattern) {
            text.extend(std::iter::repeat_n('a', lack));
        }
        let length = text.chars().count();
        (length >= least && length as u64 <= most).then_some(text)
    })
}

/// Whether a match may be followed by anything.
fn is_open(pattern: &str) -> bool {
    !pattern.contains('$') && !pattern.contains("\\b")
}

/// Writes what matches, each repetition `more` times more than it must be.
fn write(hir: &Hir, more: usize, text: &mut String) -> Option<()> {
    if text.len() > LONGEST {
        return None;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(()),
        HirKind::Literal(literal) => {
            text.push_str(std::str::from_utf8(&literal.0).ok()?);
            Some(())
        }
        HirKind::Class(class) => {
            text.push(member(class)?);
            Some(())
        }
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(u32::MAX) as usize;
            let times = (repetition.min as usize + more).min(most);
            (0..times).try_for_each(|_| write(&repetition.sub, 0, text))
        }
        HirKind::Capture(capture) => write(&capture.sub, more, text),
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| write(part, more, text)),
        HirKind::Alternation(parts) => write(parts.first()?, more, text),
    }
}

/// A member that reads well, else the first.
fn member(class: &Class) -> Option<char> {
    let Class::Unicode(class) = class else { return None };
    let holds =
        |c: &char| class.ranges().iter().any(|range| range.start() <= *c && *c <= range.end());
    let usual = ['a', 'A', '0', '1', '-', '_', '.', ' '];
    let first = class.ranges().first().map(ClassUnicodeRange::start);
    usual.into_iter().find(holds).or(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_made_of_what_the_pattern_asks_for() {
        let made = |pattern, least, most| matching(pattern, least, most);
        assert_eq!(made("^[a-z]{3}-[0-9]+$", 0, 99).as_deref(), Some("aaa-0"));
        assert_eq!(made("^[a-z]+$", 5, 5).as_deref(), Some("aaaaa"));
        assert_eq!(made("^(cat|dog)s?$", 0, 99).as_deref(), Some("cat"));
        assert_eq!(made("x", 3, 9).as_deref(), Some("xaa"));
        assert_eq!(made("^ab$", 3, 9), None);
        assert_eq!(made("^a{9}$", 0, 5), None);
        assert_eq!(made("(?=a)b", 0, 9), None);
        assert_eq!(made("^a{1000000}$", 0, 9), None);
    }
}
