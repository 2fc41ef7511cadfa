//! A plan, written for people or for programs.
//!
//! Documents are written as they are admitted; what comes last is the summary. Nothing
//! here knows where the output goes or whether it is a terminal.

mod explain;
pub(crate) mod format;
mod group;
pub(crate) mod json;
mod lines;
mod narrow;
mod people;
mod sarif;
mod table;
pub(crate) mod text;

use std::io;

use crate::plan::{PlannedDocument, Summary, Unreadable};

pub use explain::Explanations;
pub use format::{Extent, Format, Style};
pub use lines::Lines;
pub use narrow::{Narrow, Status};

/// Writes a plan as it comes.
#[derive(Debug)]
pub struct Preview<W> {
    out: W,
    form: Form,
    narrow: Narrow,
}

#[derive(Debug)]
enum Form {
    People(Box<people::People>),
    Json(json::Whole),
    Jsonl,
    Sarif(sarif::Results),
}

impl<W: io::Write> Preview<W> {
    /// Into `out`, best a buffered one, as far as `narrow` asks for it.
    pub fn new(out: W, format: Format, narrow: Narrow) -> Self {
        let form = match format {
            Format::Table(style, extent) => {
                Form::People(Box::new(people::People::new(style, extent)))
            }
            Format::Json => Form::Json(json::Whole::default()),
            Format::Jsonl => Form::Jsonl,
            Format::Sarif => Form::Sarif(sarif::Results::default()),
        };
        Self { out, form, narrow }
    }

    /// The next document, with the lines that its findings are shown with.
    pub fn document(&mut self, document: &PlannedDocument, lines: &Lines) -> io::Result<()> {
        let Some(document) = self.narrow.document(document) else { return Ok(()) };
        match &mut self.form {
            Form::People(people) => people.document(&mut self.out, &document, lines),
            Form::Json(whole) => whole.document(&document),
            Form::Jsonl => json::document(&mut self.out, &document),
            Form::Sarif(results) => results.document(&mut self.out, &document),
        }
    }

    /// The next source, which holds no document that can be read.
    pub fn unreadable(&mut self, unreadable: &Unreadable) -> io::Result<()> {
        if !self.narrow.unreadable(unreadable) {
            return Ok(());
        }
        match &mut self.form {
            Form::People(people) => people.unreadable(&mut self.out, unreadable),
            Form::Json(whole) => whole.unreadable(unreadable),
            Form::Jsonl => json::unreadable(&mut self.out, unreadable),
            Form::Sarif(results) => results.unreadable(&mut self.out, unreadable),
        }
    }

    /// What it all adds up to; the end of the output.
    pub fn finish(mut self, summary: &Summary) -> io::Result<()> {
        match self.form {
            Form::People(people) => people.finish(&mut self.out, summary)?,
            Form::Json(whole) => whole.finish(&mut self.out, summary)?,
            Form::Jsonl => json::summary(&mut self.out, summary)?,
            Form::Sarif(results) => results.finish(&mut self.out)?,
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod tests;
