//! `table`: a plan for people, readable at 80 columns.

use std::io;

use super::Texts;
use crate::plan::{Entry, Planned, Summary, Unreadable};
use crate::text::escape;

/// How wide and whether in colour; the terminal is the command's to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns.
    pub width: usize,
    /// Whether colour may be used.
    pub colour: bool,
}

#[derive(Debug)]
pub(super) struct Table {
    style: Style,
}

impl Table {
    pub(super) fn new(style: Style) -> Self {
        Self { style }
    }

    pub(super) fn planned(
        &mut self,
        out: &mut impl io::Write,
        planned: &Planned,
        _texts: Texts<'_>,
    ) -> io::Result<()> {
        let _ = self.style;
        writeln!(out, "{}", escape(&planned.source))?;
        for entry in &planned.entries {
            match entry {
                Entry::Item(item) => {
                    writeln!(out, "  {:7} {}", item.key.method, escape(&item.key.path))?;
                }
                Entry::Unfit(unfit) => {
                    writeln!(out, "  {:7} {} unfit", unfit.method, escape(&unfit.path))?;
                }
                Entry::Skipped(skipped) => {
                    writeln!(out, "  {:7} {} skipped", skipped.method, escape(&skipped.path))?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn unreadable(
        &mut self,
        out: &mut impl io::Write,
        unreadable: &Unreadable,
        _texts: Texts<'_>,
    ) -> io::Result<()> {
        for finding in &unreadable.findings {
            writeln!(out, "{}: {}", escape(&unreadable.source), escape(&finding.message))?;
        }
        Ok(())
    }

    pub(super) fn finish(self, out: &mut impl io::Write, summary: &Summary) -> io::Result<()> {
        writeln!(
            out,
            "{} operations: {} items, {} unfit, {} skipped",
            summary.operations, summary.items, summary.unfit, summary.skipped
        )
    }
}
