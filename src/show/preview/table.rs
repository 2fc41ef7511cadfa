//! `table`: a plan for people, readable at 80 columns.
//!
//! Per document: what it is, what will be created, and its findings, one group
//! for each kind, so that a thousand operations that fail for one reason are one
//! message. Text from a document is escaped: it is somebody else's text on a terminal.

use std::io;

use comfy_table::{ContentArrangement, Table as Grid, presets};
use indexmap::{IndexMap, IndexSet};

use crate::finding::{Place, Severity};
use crate::plan::{Entry, Item, PlannedDocument, Skipped, Summary, Unreadable};
use crate::show::preview::format::Style;
use crate::show::preview::group::{Told, findings};
use crate::show::preview::lines::Lines;
use crate::show::preview::text::{Paint, origin, plural, wrapped};
use crate::text::{cut, escape};

/// Items of one document that are shown one by one.
const ROWS: usize = 40;

/// Skipped operations that are named for each reason, and places where operations could not be counted.
const NAMES: usize = 3;

/// Characters of a title or a reason.
const TITLE: usize = 200;

#[derive(Debug)]
pub(crate) struct Table {
    style: Style,
    paint: Paint,
}

impl Table {
    pub(crate) fn new(style: Style) -> Self {
        Self { style, paint: Paint { on: style.colour } }
    }

    pub(crate) fn document(
        &self,
        out: &mut impl io::Write,
        planned: &PlannedDocument,
        lines: &Lines,
    ) -> io::Result<()> {
        let (errors, others): (Vec<_>, _) =
            told(planned).partition(|told| told.finding.severity == Severity::Error);
        self.head(out, planned)?;
        findings(out, errors.into_iter(), self.style, lines)?;
        self.items(out, planned)?;
        self.skipped(out, planned)?;
        findings(out, others.into_iter(), self.style, lines)
    }

    pub(crate) fn unreadable(
        &self,
        out: &mut impl io::Write,
        unreadable: &Unreadable,
    ) -> io::Result<()> {
        let source = self.paint.strong(&escape(&unreadable.source));
        writeln!(out, "{source}\n  cannot be read\n")?;
        let told = unreadable.findings.iter().map(|finding| Told { finding, entry: None });
        findings(out, told, self.style, &Lines::default())
    }

    pub(crate) fn finish(self, out: &mut impl io::Write, summary: &Summary) -> io::Result<()> {
        let Summary { documents, operations, items, unfit, skipped, .. } = summary;
        let total = format!(
            "{}, {}: {}, {unfit} unfit, {skipped} skipped",
            plural(*documents, "document"),
            plural(*operations, "operation"),
            plural(*items, "item"),
        );
        writeln!(out, "{}", self.paint.strong(&total))?;
        for (service, count) in &summary.services {
            writeln!(out, "  {}: {}", escape(service), plural(*count, "item"))?;
        }
        if summary.overflows().next().is_some() {
            let message = format!(
                "a service holds {} APIs (--quota), so the plan needs {}",
                summary.quota,
                plural(summary.services_needed(), "service"),
            );
            writeln!(out, "  {} {message}", self.paint.warning("warning:"))?;
        }
        for unused in &summary.unused {
            let line = wrapped(&format!("warning: {}", origin(unused)), self.style.width, 2, 11);
            let painted = self.paint.warning("warning:");
            writeln!(out, "{}", line.replacen("warning:", &painted, 1))?;
        }
        if summary.unreadable > 0 {
            writeln!(out, "  {} cannot be read", plural(summary.unreadable, "source"))?;
        }
        if !summary.gaps.is_empty() {
            writeln!(out, "{}", wrapped(&uncounted(&summary.gaps), self.style.width, 2, 4))?;
        }
        if summary.passed_over > 0 {
            let files = plural(summary.passed_over, "file");
            writeln!(out, "  {files} passed over: not OpenAPI documents (-v names them)")?;
        }
        Ok(())
    }

    fn head(&self, out: &mut impl io::Write, planned: &PlannedDocument) -> io::Result<()> {
        let dialect = if planned.version.starts_with("2.") { "Swagger" } else { "OpenAPI" };
        writeln!(out, "{}", self.paint.strong(&escape(&planned.source)))?;
        write!(out, "  {dialect} {}", escape(&planned.version))?;
        if let Some(title) = planned.title.as_deref().filter(|title| !title.trim().is_empty()) {
            write!(out, ", {}", cut(&escape(title), TITLE))?;
        }
        let (mut items, mut unfit, mut skipped) = (0, 0, 0);
        for entry in &planned.entries {
            match entry {
                Entry::Item(_) => items += 1,
                Entry::Unfit(_) => unfit += 1,
                Entry::Skipped(_) => skipped += 1,
            }
        }
        let operations = plural(planned.entries.len(), "operation");
        writeln!(
            out,
            "\n  {operations}: {}, {unfit} unfit, {skipped} skipped\n",
            plural(items, "item")
        )
    }

    fn items(&self, out: &mut impl io::Write, planned: &PlannedDocument) -> io::Result<()> {
        let mut services: IndexMap<&str, Vec<&Item>> = IndexMap::new();
        for entry in &planned.entries {
            if let Entry::Item(item) = entry {
                services.entry(&item.key.service).or_default().push(item);
            }
        }
        for (service, items) in services {
            writeln!(out, "  to be created in {}", escape(service))?;
            writeln!(out, "{}", self.grid(&items))?;
            if let Some(more) = items.len().checked_sub(ROWS).filter(|more| *more > 0) {
                writeln!(out, "    and {more} more; --format jsonl shows them all")?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    fn grid(&self, items: &[&Item]) -> String {
        let mut grid = Grid::new();
        let width = u16::try_from(self.style.width).unwrap_or(u16::MAX);
        grid.load_preset(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width.max(40));
        for item in items.iter().take(ROWS) {
            grid.add_row([
                format!("   {}", item.key.method),
                escape(&item.key.path).into_owned(),
                escape(&item.api_name).into_owned(),
            ]);
        }
        grid.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }

    fn skipped(&self, out: &mut impl io::Write, planned: &PlannedDocument) -> io::Result<()> {
        let mut reasons: IndexMap<&str, Vec<&Skipped>> = IndexMap::new();
        for entry in &planned.entries {
            if let Entry::Skipped(skipped) = entry {
                reasons.entry(&skipped.reason).or_default().push(skipped);
            }
        }
        for (reason, skipped) in &reasons {
            let name = |skipped: &&Skipped| format!("{} {}", skipped.method, escape(&skipped.path));
            let names = skipped.iter().take(NAMES).map(name).collect::<Vec<_>>().join(", ");
            let more = skipped.len().saturating_sub(NAMES);
            let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
            let text = format!("skipped, {}: {names}{tail}", cut(&escape(reason), TITLE));
            writeln!(out, "{}", wrapped(&text, self.style.width, 2, 4))?;
        }
        if reasons.is_empty() { Ok(()) } else { writeln!(out) }
    }
}

/// All findings of a document, of the whole before those of its operations.
fn told(planned: &PlannedDocument) -> impl Iterator<Item = Told<'_>> {
    let of_document = planned.findings.iter().map(|finding| Told { finding, entry: None });
    let of_entries = planned.entries.iter().flat_map(|entry| {
        entry.findings().iter().map(move |finding| Told { finding, entry: Some(entry) })
    });
    of_document.chain(of_entries)
}

/// `1 file holds operations that could not be counted: a.yaml:21`
fn uncounted(gaps: &[Place]) -> String {
    let files: IndexSet<&str> = gaps.iter().map(|place| &*place.source).collect();
    let verb = if files.len() == 1 { "holds" } else { "hold" };
    let at = |place: &Place| format!("{}:{}", escape(&place.source), place.line);
    let places = gaps.iter().take(NAMES).map(at).collect::<Vec<_>>().join(", ");
    let more = gaps.len().saturating_sub(NAMES);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    let files = plural(files.len(), "file");
    format!("{files} {verb} operations that could not be counted: {places}{tail}")
}
