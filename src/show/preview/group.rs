//! Findings of one kind as one message: the first in full, with its line of the source, and
//! the operations that it concerns.

use std::collections::{HashMap, HashSet};
use std::io;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Level, Origin, Renderer, Snippet};
use indexmap::{IndexMap, IndexSet};

use crate::finding::{Code, Finding, Place, Severity};
use crate::plan::Entry;
use crate::show::preview::format::Style;
use crate::show::preview::lines::Lines;
use crate::show::preview::text::wrapped;
use crate::text::{cut, escape, without_secrets};

/// Causes of one kind that are shown one by one.
const CAUSES: usize = 8;

/// Operations that are named one by one.
const NAMES: usize = 4;

/// Parameters that are named beside the first.
const SUBJECTS: usize = 8;

/// Characters of their paths.
const PATH: usize = 60;

/// Characters shown around a place: a document can be one line of megabytes.
const WINDOW: usize = 60;

/// Characters of a message.
const MESSAGE: usize = 400;

/// A finding and the operation that it was found at, where it was one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told<'f> {
    pub(crate) finding: &'f Finding,
    pub(crate) entry: Option<&'f Entry>,
}

/// Findings of one code and severity; where each message names a cause of its own to fix, of
/// one message too, for as many as a person reads.
#[derive(Debug)]
struct Group<'f> {
    told: Vec<Told<'f>>,
}

/// Writes findings by kind.
pub(crate) fn findings<'f>(
    out: &mut impl io::Write,
    told: impl Iterator<Item = Told<'f>>,
    style: Style,
    lines: &Lines,
) -> io::Result<()> {
    groups(told).iter().try_for_each(|group| writeln!(out, "{}\n", group.render(style, lines)))
}

/// The findings by code, the gravest first, else in the order of first sight.
fn groups<'f>(told: impl Iterator<Item = Told<'f>>) -> Vec<Group<'f>> {
    let mut by_kind: IndexMap<(Severity, Code, &str), Vec<Told<'_>>> = IndexMap::new();
    let mut causes: HashMap<Code, HashSet<&str>> = HashMap::new();
    for told in told {
        let Finding { severity, code, message, .. } = told.finding;
        let message: &str = message;
        let causes = causes.entry(*code).or_default();
        let has_room = causes.len() < CAUSES;
        let is_told_apart = names_a_cause(*code)
            && (causes.contains(message) || has_room && causes.insert(message));
        let cause = if is_told_apart { message } else { "" };
        by_kind.entry((*severity, *code, cause)).or_default().push(told);
    }
    let mut groups: Vec<_> = by_kind.into_iter().collect();
    groups.sort_by_key(|((severity, ..), _)| std::cmp::Reverse(*severity));
    groups.into_iter().map(|(_, told)| Group { told }).collect()
}

/// Whether a message of this kind names what to fix; others name the operation, which is
/// shown anyway.
fn names_a_cause(code: Code) -> bool {
    matches!(
        code,
        Code::INVALID_FIELD
            | Code::EXTENSION_NOT_CARRIED
            | Code::BACKEND_NOT_CARRIED
            | Code::MISSING_FILE
            | Code::MISSING_PATH_ITEM
            | Code::MISSING_REFERENCE
    )
}

/// Whether a message of this kind begins with the name of a parameter.
fn names_a_parameter(code: Code) -> bool {
    matches!(
        code,
        Code::PARAMETER_FLATTENED
            | Code::PARAMETER_REPEATED
            | Code::PARAMETER_UNDECLARED
            | Code::PARAMETER_UNUSED
            | Code::COOKIE_PARAMETER
            | Code::DESCRIPTION_CUT
            | Code::OBJECT_EXPANDED
            | Code::OBJECT_UNDECLARED
    )
}

impl Group<'_> {
    /// As people read it, without a line break at the end.
    fn render(&self, style: Style, lines: &Lines) -> String {
        let Some(Told { finding, .. }) = self.told.first() else { return String::new() };
        let (level, name) = match finding.severity {
            Severity::Error => (Level::ERROR, "error"),
            Severity::Warning => (Level::WARNING, "warning"),
            Severity::Note => (Level::NOTE, "note"),
        };
        let code = finding.code.as_str();
        let lead = name.len() + code.len() + 4;
        let message = format!("{}{}", escape(&finding.message), self.others());
        let title = wrapped(&cut(&message, MESSAGE), style.width.saturating_sub(lead), 0, 0);
        let block = level.primary_title(title).id(code);
        let block = match excerpt(&finding.place, lines).filter(|_| name == "error") {
            Some((snippet, is_whole)) if is_whole => {
                block.element(snippet.path(escape(&finding.place.source).into_owned()))
            }
            Some((snippet, _)) => block.element(origin(&finding.place)).element(snippet),
            None => block.element(origin(&finding.place)),
        };
        let notes = self.operations().map(|text| (Level::NOTE.with_name(Some("in")), text));
        let advice = finding.advice().map(|text| (Level::HELP, escape(text).into_owned()));
        let width = style.width.saturating_sub(12);
        let notes = notes.into_iter().chain(advice);
        let block =
            block.elements(notes.map(|(level, text)| level.message(wrapped(&text, width, 0, 0))));
        let renderer = if style.colour { Renderer::styled() } else { Renderer::plain() };
        renderer.term_width(style.width).decor_style(DecorStyle::Ascii).render(&[block])
    }

    /// A note of how many more causes there are, of which only the first is shown, or of the
    /// other parameters that the same is told of.
    fn others(&self) -> String {
        let Some(Told { finding: first, .. }) = self.told.first() else { return String::new() };
        if names_a_parameter(first.code) {
            return also(self.told.iter().filter_map(|told| subject(&told.finding.message)));
        }
        if !names_a_cause(first.code) {
            return String::new();
        }
        let others = self.told.iter().filter(|told| told.finding.message != first.message).count();
        if others == 0 {
            String::new()
        } else {
            format!(" ({others} more; --format jsonl shows them all)")
        }
    }

    /// Which operations it concerns, the first by name.
    fn operations(&self) -> Option<String> {
        let mut names: Vec<String> = Vec::new();
        let mut count: usize = 0;
        let mut last = None;
        for Told { finding, entry } in &self.told {
            let Some(entry) = entry.filter(|entry| last != Some(entry.origin())) else { continue };
            last = Some(entry.origin());
            count += 1;
            if names.len() < NAMES {
                names.push(name_of(entry, &finding.place));
            }
        }
        let more = count.saturating_sub(NAMES);
        let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
        (count > 0).then(|| format!("{}{tail}", names.join(", ")))
    }
}

/// What a message is about: the first name in it.
fn subject(message: &str) -> Option<&str> {
    message.split('`').nth(1)
}

/// Those of the names that come after the first one.
fn also<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: IndexSet<&str> = names.collect();
    let others: Vec<_> = names.iter().skip(1).collect();
    let shown: Vec<_> =
        others.iter().take(SUBJECTS).map(|it| format!("`{}`", escape(it))).collect();
    match others.len() - shown.len() {
        0 if shown.is_empty() => String::new(),
        0 => format!(" (also {})", shown.join(", ")),
        more => format!(" (also {} and {more} more)", shown.join(", ")),
    }
}

/// `GET /pets (4:5)`
fn name_of(entry: &Entry, place: &Place) -> String {
    let (method, path) = entry.route();
    let path = cut(&escape(path), PATH).into_owned();
    format!("{method} {path} ({}:{})", place.line, place.column)
}

fn origin(place: &Place) -> Origin<'static> {
    let origin = Origin::path(escape(&place.source).into_owned());
    if place.line == 0 {
        return origin;
    }
    origin.line(place.line as usize).char_column(place.column as usize)
}

/// The line of the source with the place marked, and whether it is shown
/// from its beginning, so that columns can be counted in it.
fn excerpt(place: &Place, lines: &Lines) -> Option<(Snippet<'static, Annotation<'static>>, bool)> {
    let line = without_secrets(lines.line(place)?);
    let (text, span) = window(&line, place.column as usize);
    let is_whole = !text.starts_with('…');
    let mark = AnnotationKind::Primary.span(span);
    Some((Snippet::source(text).line_start(place.line as usize).annotation(mark), is_whole))
}

/// What is shown of a line, and the bytes of it that are marked.
fn window(line: &str, column: usize) -> (String, std::ops::Range<usize>) {
    let start = column.saturating_sub(1);
    let from = start.saturating_sub(WINDOW);
    let before: String = line.chars().skip(from).take(start - from).collect();
    let rest: String = line.chars().skip(start).take(WINDOW + 1).collect();
    let (token, after) = rest.split_at(token_length(&rest));
    let mut text = if from > 0 { "…".to_owned() } else { String::new() };
    text.push_str(&escape(&before));
    let begin = text.len();
    text.push_str(&escape(token));
    let end = text.len().max(begin + 1);
    text.push_str(&cut(&escape(after), WINDOW));
    if text.len() < end {
        text.push(' ');
    }
    (text, begin..end)
}

/// Bytes of the word that a text begins with: a quoted string, or up to white space or a
/// mark of either format.
fn token_length(text: &str) -> usize {
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        return text
            .find(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | '}' | ']'))
            .unwrap_or(text.len());
    };
    text[1..].find(quote).map_or(text.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(line: &str, column: usize) -> String {
        let (text, span) = window(line, column);
        format!("{}<{}>{}", &text[..span.start], &text[span.clone()], &text[span.end..])
    }

    #[test]
    fn the_word_at_the_place_is_marked() {
        assert_eq!(marked("    patch:", 5), "    <patch>:");
        assert_eq!(marked(r#"{"a b": 1}"#, 2), r#"{<"a b">: 1}"#);
        assert_eq!(marked("", 1), "< >");
        assert_eq!(marked("宠物: 1", 1), "<宠物>: 1");
    }

    #[test]
    fn what_is_told_of_several_names_each_once_and_says_how_many_more() {
        let told = |count: usize| (0..count).map(|n| format!("`p{}`, an array", n / 2));
        let also = |count| {
            let messages: Vec<String> = told(count).collect();
            also(messages.iter().filter_map(|message| subject(message)))
        };
        assert_eq!(also(2), "");
        assert_eq!(also(5), " (also `p1`, `p2`)");
        assert!(also(40).ends_with("`p8` and 11 more)"), "{}", also(40));
    }

    #[test]
    fn a_long_line_is_shown_around_the_place_only() {
        let line = format!("{}patch:{}", "a".repeat(5000), "b".repeat(5000));
        let shown = marked(&line, 5001);
        assert!(shown.starts_with("…aa") && shown.contains("<patch>"), "{shown}");
        assert!(shown.chars().count() < 200, "{shown}");
    }

    #[test]
    fn a_line_cannot_act_on_the_terminal() {
        let shown = marked("a\x1b]0;x\x07 patch:", 9);
        assert_eq!(shown, "a\\x1b]0;x\\x07 <patch>:");
    }
}
