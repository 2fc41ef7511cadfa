//! The findings that there are, and what is said at length about each.

use std::fmt::Write as _;

use crate::finding::Code;
use crate::finding::page::Block;
use crate::plan::codes;
use crate::show::preview::text::wrapped;

/// Columns of a text; a line of an example may be longer.
const WIDTH: usize = 80;

/// Every code with its severity, in the order of the reference.
pub fn list() -> String {
    let mut text = String::new();
    for code in codes::all() {
        let _ = writeln!(text, "{code} ({})", code.severity().as_str());
        let _ = writeln!(text, "{}", wrapped(code.description(), WIDTH, 4, 4));
    }
    text
}

/// What a code means, why it is so at this gateway, an example, and cures.
pub fn explained(code: Code) -> String {
    let mut text = format!("{code} ({})\n", code.severity().as_str());
    let _ = writeln!(text, "{}", wrapped(code.description(), WIDTH, 0, 0));
    for block in codes::page(code) {
        let _ = writeln!(text, "\n{}", piece(&block));
    }
    text
}

fn piece(block: &Block<'_>) -> String {
    match block {
        Block::Words(words) => wrapped(words, WIDTH, 0, 0),
        Block::Options(line) => format!("    cure: {line}"),
        Block::Settings(lines) => format!("    cure, in apiferry.yaml:\n{}", indented(lines)),
        Block::Example(lines) | Block::With(lines) | Block::Plain(lines) => indented(lines),
    }
}

fn indented(lines: &str) -> String {
    lines.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
