//! Explanations: each field, its value, who says it and where; for people and for programs.

use std::io;

use serde::Serialize;
use serde_json::Value;

use crate::finding::notes::Said;
use crate::plan::explain::{Becomes, Explanation};
use crate::show::preview::format::{Format, Style};
use crate::show::preview::group::{self, findings};
use crate::show::preview::json::{At, SaidJson, Told, line};
use crate::show::preview::lines::Lines;
use crate::show::preview::text::{at, said, wrapped};
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
            Format::Table(style) => table(&mut self.out, explanation, style, lines),
            Format::Jsonl => line(&mut self.out, &Line::of(explanation)),
            Format::Json => {
                let opening = if self.count == 1 { "{\"explanations\":[" } else { "," };
                self.out.write_all(opening.as_bytes())?;
                Ok(serde_json::to_writer(&mut self.out, &Line::of(explanation))?)
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

fn sayers(out: &mut impl io::Write, from: &[Said], style: Style) -> io::Result<()> {
    for (index, one) in from.iter().enumerate() {
        let word = if index == 0 { "from" } else { "and" };
        let line = format!("{word} {}", said(one));
        writeln!(out, "{}", wrapped(&line, style.width, 6, 10))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Line<'a> {
    kind: &'static str,
    #[serde(flatten)]
    place: At<'a>,
    method: &'a str,
    path: &'a str,
    becomes: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<SaidJson<'a>>,
    fields: Vec<Field<'a>>,
    findings: Told<'a>,
}

#[expect(clippy::struct_field_names, reason = "the names are the written form's")]
#[derive(Serialize)]
struct Field<'a> {
    field: &'a str,
    value: &'a Value,
    from: Vec<SaidJson<'a>>,
}

impl<'a> Line<'a> {
    fn of(explanation: &'a Explanation) -> Self {
        let Explanation { method, path, place, becomes, fields, findings } = explanation;
        let (becomes, reason, from) = match becomes {
            Becomes::Item => ("item", None, None),
            Becomes::Unfit => ("unfit", None, None),
            Becomes::Skipped { reason, from } => ("skipped", Some(reason.as_str()), Some(from)),
        };
        let fields = fields.iter().map(|it| Field {
            field: &it.field,
            value: &it.value,
            from: it.from.iter().map(SaidJson::of).collect(),
        });
        Self {
            kind: "explanation",
            place: At::of(place),
            method,
            path,
            becomes,
            reason,
            from: from.map(SaidJson::of),
            fields: fields.collect(),
            findings: Told { source: &place.source, findings },
        }
    }
}
