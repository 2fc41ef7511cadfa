//! A plan for people: one document as a list, several as an overview, and either where it is
//! asked for.

use std::io;

use crate::plan::{PlannedDocument, Summary, Unreadable};
use crate::show::overview::{Overview, screen};
use crate::show::preview::format::{Extent, Style};
use crate::show::preview::lines::Lines;
use crate::show::preview::table::Table;

#[derive(Debug)]
pub(crate) struct People {
    style: Style,
    extent: Extent,
    table: Table,
    overview: Overview,
    /// Sources so far.
    count: usize,
    /// The first source, shown as a list where it stays the only one.
    first: Vec<u8>,
}

impl People {
    pub(crate) fn new(style: Style, extent: Extent) -> Self {
        let (table, overview) = (Table::new(style), Overview::default());
        Self { style, extent, table, overview, count: 0, first: Vec::new() }
    }

    pub(crate) fn document(
        &mut self,
        out: &mut impl io::Write,
        document: &PlannedDocument,
        lines: &Lines,
    ) -> io::Result<()> {
        self.count += 1;
        if self.extent == Extent::List {
            return self.table.document(out, document, lines);
        }
        self.overview.document(self.count, document);
        if self.count == 1 { self.table.document(&mut self.first, document, lines) } else { Ok(()) }
    }

    pub(crate) fn unreadable(
        &mut self,
        out: &mut impl io::Write,
        unreadable: &Unreadable,
    ) -> io::Result<()> {
        self.count += 1;
        if self.extent == Extent::List {
            return self.table.unreadable(out, unreadable);
        }
        self.overview.unreadable(self.count, unreadable);
        if self.count == 1 { self.table.unreadable(&mut self.first, unreadable) } else { Ok(()) }
    }

    pub(crate) fn finish(self, out: &mut impl io::Write, summary: &Summary) -> io::Result<()> {
        match self.extent {
            Extent::Totals => {
                screen::totals(summary).iter().try_for_each(|line| writeln!(out, "{line}"))
            }
            Extent::Overview if self.count > 1 => {
                screen::write(out, summary, &self.overview, self.style)
            }
            Extent::Overview | Extent::List => {
                out.write_all(&self.first)?;
                self.table.finish(out, summary)
            }
        }
    }
}
