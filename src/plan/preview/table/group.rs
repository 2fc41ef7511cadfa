//! Findings of one kind as one message: the first with its line of the source, the places
//! of some others, and how many there are.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group as Block, Level, Origin, Renderer, Snippet};
use indexmap::IndexMap;

use super::Style;
use super::paint::wrapped;
use crate::plan::preview::Texts;
use crate::spec::{Code, Finding, Place, Severity};
use crate::text::{cut, escape};

/// Further places that are named one by one.
const PLACES: usize = 4;

/// Characters shown around a place: a document can be one line of megabytes.
const WINDOW: usize = 60;

/// Characters of a message.
const MESSAGE: usize = 400;

/// Findings of one code and severity.
#[derive(Debug)]
pub(super) struct Group<'f> {
    findings: Vec<&'f Finding>,
}

/// The findings by code, the gravest first, else in the order of first sight.
pub(super) fn groups<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<Group<'f>> {
    let mut by_code: IndexMap<(Severity, Code), Vec<&Finding>> = IndexMap::new();
    for finding in findings {
        by_code.entry((finding.severity, finding.code)).or_default().push(finding);
    }
    let mut groups: Vec<_> = by_code.into_iter().collect();
    groups.sort_by_key(|((severity, _), _)| std::cmp::Reverse(*severity));
    groups.into_iter().map(|(_, findings)| Group { findings }).collect()
}

impl Group<'_> {
    /// As people read it, without a line break at the end.
    pub(super) fn render(&self, style: Style, texts: Texts<'_>) -> String {
        let Some((first, others)) = self.findings.split_first() else { return String::new() };
        let (level, name) = match first.severity {
            Severity::Error => (Level::ERROR, "error"),
            Severity::Warning => (Level::WARNING, "warning"),
            Severity::Note => (Level::NOTE, "note"),
        };
        let code = first.code.as_str();
        let lead = name.len() + code.len() + 4;
        let message = escape(&first.message);
        let title = wrapped(&cut(&message, MESSAGE), style.width.saturating_sub(lead), 0, 0);
        let mut block = level.primary_title(title).id(code).elements([origin(&first.place)]);
        if first.severity == Severity::Error {
            block = excerpt(block, &first.place, texts);
        }
        if let Some(also) = also(others, style.width) {
            block = block.element(Level::NOTE.message(also));
        }
        if let Some(advice) = first.advice() {
            let advice = wrapped(&escape(advice), style.width.saturating_sub(12), 0, 0);
            block = block.element(Level::HELP.message(advice));
        }
        let renderer = if style.colour { Renderer::styled() } else { Renderer::plain() };
        renderer.term_width(style.width).decor_style(DecorStyle::Ascii).render(&[block])
    }
}

fn origin(place: &Place) -> Origin<'static> {
    let origin = Origin::path(escape(&place.source).into_owned());
    if place.line == 0 {
        return origin;
    }
    origin.line(place.line as usize).char_column(place.column as usize)
}

/// `and 12 more: a.yaml:4:5, a.yaml:9:5, …`
fn also(others: &[&Finding], width: usize) -> Option<String> {
    if others.is_empty() {
        return None;
    }
    let place = |finding: &&Finding| {
        let Place { source, line, column, .. } = &finding.place;
        format!("{}:{line}:{column}", escape(source))
    };
    let mut places: Vec<String> = others.iter().take(PLACES).map(place).collect();
    if others.len() > PLACES {
        places.push("…".into());
    }
    let text = format!("and {} more: {}", others.len(), places.join(", "));
    Some(wrapped(&text, width.saturating_sub(12), 0, 0))
}

/// Adds the line of the source, with what stands at the place marked.
fn excerpt<'b>(block: Block<'b>, place: &Place, texts: Texts<'_>) -> Block<'b> {
    let line = texts(&place.source)
        .and_then(|text| text.split('\n').nth((place.line as usize).checked_sub(1)?));
    let Some(line) = line else { return block };
    let (text, span) = window(line.trim_end_matches('\r'), place.column as usize);
    block.element(
        Snippet::source(text)
            .line_start(place.line as usize)
            .annotation(AnnotationKind::Primary.span(span)),
    )
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
