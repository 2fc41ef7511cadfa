//! What is said at length about a code: why it is so, an example, and cures.
//!
//! Each room keeps its pages in a text beside the declaration of its codes, a section for each:
//! `## code`, words, and fenced blocks whose language says what they are. So a further language
//! is a further file. That every code has a page, that its example is found and that its cures
//! cure it is held by `tests/it/help.rs`.

use std::borrow::Cow;

/// A piece of a page, in the order in which it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block<'t> {
    /// A paragraph.
    Words(Cow<'t, str>),
    /// A document that has the finding; of several, all together have it.
    Example(&'t str),
    /// The settings that the example needs to have it.
    With(&'t str),
    /// What cures it on the command line, as it is typed.
    Options(&'t str),
    /// What cures it in the settings file, as it is written there.
    Settings(&'t str),
    /// Anything else that keeps its lines.
    Plain(&'t str),
}

/// The page on this code, where the text has one.
pub fn page<'t>(text: &'t str, code: &str) -> Option<Vec<Block<'t>>> {
    let mut sections = text.split("\n## ").skip(1);
    let section = sections.find_map(|it| it.strip_prefix(code)?.strip_prefix('\n'))?;
    // Every second piece is inside a fence.
    let pieces = section.split("```").enumerate();
    Some(
        pieces
            .flat_map(|(n, piece)| if n % 2 == 0 { words(piece) } else { fenced(piece) })
            .collect(),
    )
}

fn words(piece: &str) -> Vec<Block<'_>> {
    let paragraphs = piece.split("\n\n").map(str::trim).filter(|it| !it.is_empty());
    let joined = |it: &str| Block::Words(it.replace('\n', " ").into());
    paragraphs.map(joined).collect()
}

fn fenced(piece: &str) -> Vec<Block<'_>> {
    let (language, text) = piece.split_once('\n').unwrap_or((piece, ""));
    let text = text.trim_end_matches('\n');
    vec![match language {
        "yaml" | "json" => Block::Example(text),
        "with" => Block::With(text),
        "options" => Block::Options(text),
        "settings" => Block::Settings(text),
        _ => Block::Plain(text),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Codes\n\n## odd-one\nNo.\n\n## odd\n\nIt is\nodd.\n\nWhy:\n```yaml\na: 1\n\nb: 2\n```\nGive\n\n```options\n--even\n```\n## even\n\nIt is even.\n";

    #[test]
    fn a_page_is_the_section_of_its_code_in_the_order_of_the_text() {
        let blocks = [
            Block::Words("It is odd.".into()),
            Block::Words("Why:".into()),
            Block::Example("a: 1\n\nb: 2"),
            Block::Words("Give".into()),
            Block::Options("--even"),
        ];
        assert_eq!(page(TEXT, "odd").as_deref(), Some(&blocks[..]));
        assert_eq!(page(TEXT, "od"), None);
    }
}
