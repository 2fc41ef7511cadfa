//! A plan, written for people or for programs.
//!
//! Documents are written as they are admitted; what comes last is the summary. Nothing
//! here knows where the output goes or whether it is a terminal.

mod explain;
mod json;
mod table;

use std::io;

use crate::plan::{Planned, Summary, Unreadable};

pub use explain::Explanations;
pub use table::Style;

/// How a plan is written.
#[derive(Debug, Clone, Copy)]
pub enum Format {
    /// For people.
    Table(Style),
    /// One object.
    Json,
    /// One object a line, in source order.
    Jsonl,
}

/// The text of a source by its name as shown, where it is at hand; findings show the line.
pub type Texts<'t> = &'t dyn Fn(&str) -> Option<&'t str>;

/// Writes a plan as it comes.
#[derive(Debug)]
pub struct Preview<W> {
    out: W,
    form: Form,
}

#[derive(Debug)]
enum Form {
    Table(table::Table),
    Json(json::Whole),
    Jsonl,
}

impl<W: io::Write> Preview<W> {
    /// Into `out`; best a buffered one.
    pub fn new(out: W, format: Format) -> Self {
        let form = match format {
            Format::Table(style) => Form::Table(table::Table::new(style)),
            Format::Json => Form::Json(json::Whole::default()),
            Format::Jsonl => Form::Jsonl,
        };
        Self { out, form }
    }

    /// The next document.
    pub fn planned(&mut self, planned: &Planned, texts: Texts<'_>) -> io::Result<()> {
        match &mut self.form {
            Form::Table(table) => table.planned(&mut self.out, planned, texts),
            Form::Json(whole) => whole.planned(planned),
            Form::Jsonl => json::planned(&mut self.out, planned),
        }
    }

    /// The next source, which holds no document that can be read.
    pub fn unreadable(&mut self, unreadable: &Unreadable, texts: Texts<'_>) -> io::Result<()> {
        match &mut self.form {
            Form::Table(table) => table.unreadable(&mut self.out, unreadable, texts),
            Form::Json(whole) => whole.unreadable(unreadable),
            Form::Jsonl => json::unreadable(&mut self.out, unreadable),
        }
    }

    /// What it all comes to; the end of the output.
    pub fn finish(mut self, summary: &Summary) -> io::Result<()> {
        match self.form {
            Form::Table(table) => table.finish(&mut self.out, summary)?,
            Form::Json(whole) => whole.finish(&mut self.out, summary)?,
            Form::Jsonl => json::summary(&mut self.out, summary)?,
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod tests;
