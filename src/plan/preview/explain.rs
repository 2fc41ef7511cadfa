//! An explanation for people: each field, its value, who says it and where.

use std::io;

use super::Texts;
use super::table::{Style, findings, wrapped};
use crate::plan::explain::Explanation;
use crate::spec::Place;
use crate::text::{cut, escape};

/// Characters of a value.
const VALUE: usize = 300;

/// Writes an explanation.
pub fn explanation(
    out: &mut impl io::Write,
    explanation: &Explanation,
    style: Style,
    texts: Texts<'_>,
) -> io::Result<()> {
    let Explanation { method, path, place, left_out, fields, .. } = explanation;
    writeln!(out, "{method} {}\n  {}\n", escape(path), at(place))?;
    if let Some(reason) = left_out {
        writeln!(out, "  skipped: {}\n", escape(reason))?;
    }
    for field in fields {
        let value = field.value.to_string();
        let line = format!("{}: {}", field.field, cut(&escape(&value), VALUE));
        writeln!(out, "{}", wrapped(&line, style.width, 2, 6))?;
        let place = field.place.as_ref().map(|place| format!(", {}", at(place)));
        writeln!(out, "      from {}{}", escape(&field.from), place.unwrap_or_default())?;
    }
    writeln!(out)?;
    findings(out, &explanation.findings, style, texts)
}

fn at(place: &Place) -> String {
    format!("{}:{}:{}", escape(&place.source), place.line, place.column)
}
