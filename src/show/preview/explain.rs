//! Explanations: each field, its value, and what sets it where; for people and for programs.

use std::io;

use serde_json::{Value, json};

use crate::finding::notes::ValueOrigin;
use crate::plan::explain::{Becomes, Explained, Explanation};
use crate::show::preview::format::{Format, Style};
use crate::show::preview::group::{self, findings};
use crate::show::preview::json::{self, add_place, line, of_origin};
use crate::show::preview::lines::Lines;
use crate::show::preview::text::{at, origin, wrapped};
use crate::text::{cut, escape};

/// Characters of a value.
const VALUE: usize = 300;

/// Writes explanations as they come.
#[derive(Debug)]
pub struct Explanations<W> {
    out: W,
    format: Format,
    count: usize,
}

impl<W: io::Write> Explanations<W> {
    /// Nothing is written yet.
    pub fn new(out: W, format: Format) -> Self {
        Self { out, format, count: 0 }
    }

    /// How many were written.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The next one.
    pub fn write(&mut self, explanation: &Explanation, lines: &Lines) -> io::Result<()> {
        self.count += 1;
        match self.format {
            Format::Table(style, _) => table(&mut self.out, explanation, style, lines),
            // It is no finding; the command refuses it.
            Format::Sarif => Ok(()),
            Format::Jsonl => line(&mut self.out, &object(explanation)),
            Format::Json => {
                let opening = if self.count == 1 { "{\"explanations\":[" } else { "," };
                write!(self.out, "{opening}{}", object(explanation))
            }
        }
    }

    /// That was all.
    pub fn finish(mut self) -> io::Result<()> {
        if matches!(self.format, Format::Json) {
            self.out.write_all(b"]}\n")?;
        }
        self.out.flush()
    }
}

fn table(
    out: &mut impl io::Write,
    explanation: &Explanation,
    style: Style,
    lines: &Lines,
) -> io::Result<()> {
    let Explanation { method, path, place, becomes, fields, .. } = explanation;
    writeln!(out, "{} {}\n  {}\n", escape(method), escape(path), at(place))?;
    match becomes {
        Becomes::Item => {}
        Becomes::Unfit => writeln!(out, "  unfit; the request would have been\n")?,
        Becomes::Skipped { reason, from } => {
            writeln!(
                out,
                "{}",
                wrapped(&format!("skipped: {}", escape(reason)), style.width, 2, 6)
            )?;
            sayers(out, std::slice::from_ref(from), style)?;
        }
    }
    for field in fields {
        let value = field.value.to_string();
        let line = format!("{}: {}", field.field, cut(&escape(&value), VALUE));
        writeln!(out, "{}", wrapped(&line, style.width, 2, 6))?;
        sayers(out, &field.from, style)?;
    }
    writeln!(out)?;
    let told = explanation.findings.iter().map(|finding| group::Told { finding, entry: None });
    findings(out, told, style, lines)
}

fn sayers(out: &mut impl io::Write, from: &[ValueOrigin], style: Style) -> io::Result<()> {
    for (index, one) in from.iter().enumerate() {
        let word = if index == 0 { "from" } else { "and" };
        let line = format!("{word} {}", origin(one));
        writeln!(out, "{}", wrapped(&line, style.width, 6, 10))?;
    }
    Ok(())
}

fn object(explanation: &Explanation) -> Value {
    let Explanation { method, path, place, becomes, fields, findings } = explanation;
    let (becomes, skipped) = match becomes {
        Becomes::Item => ("item", None),
        Becomes::Unfit => ("unfit", None),
        Becomes::Skipped { reason, from } => ("skipped", Some((reason, from))),
    };
    let mut object = json!({ "kind": "explanation" });
    add_place(&mut object, place);
    object["method"] = method.as_str().into();
    object["path"] = path.as_str().into();
    object["becomes"] = becomes.into();
    if let Some((reason, from)) = skipped {
        object["reason"] = reason.as_str().into();
        object["from"] = of_origin(from);
    }
    let field = |Explained { field, value, from }: &Explained| json!({ "field": field, "value": value, "from": from.iter().map(of_origin).collect::<Vec<_>>() });
    object["fields"] = fields.iter().map(field).collect();
    object["findings"] = json::findings(&place.source, findings);
    object
}
