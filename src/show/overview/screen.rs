//! An overview on one screen: at most 60 lines, none wider than the terminal.
//!
//! Where there is too much, what blocks is kept longest: of the other parts the ends are left
//! out, and counted.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;

use unicode_width::UnicodeWidthStr as _;

use crate::finding::{Code, Place};
use crate::plan::Summary;
use crate::show::overview::{Cure, Overview, Toll};
use crate::show::preview::Style;
use crate::show::preview::text::{Paint, fitted, origin, plural};
use crate::text::escape;

/// Lines of a screen.
const LINES: usize = 60;

/// Rows that every part keeps, as far as it has them.
const FEWEST: usize = 3;

/// Kinds of what blocks whose first places have lines of their own.
const ROOMY: usize = 8;

/// A heading and its rows, each of a few lines.
struct Part {
    heading: String,
    rows: Vec<Vec<String>>,
    /// What the rows are, where some are left out.
    what: &'static str,
    left_out: usize,
}

/// Prints what a plan comes to; all of it stands in `summary` and `overview`.
pub fn write(
    out: &mut impl io::Write,
    summary: &Summary,
    overview: &Overview,
    style: Style,
) -> io::Result<()> {
    let head = totals(summary);
    let mut parts =
        [blocking(overview, style.width), services(summary), backends(overview), lost(overview)];
    let tail = advice(summary, overview);
    shorten(&mut parts, LINES.saturating_sub(head.len() + tail.len()));
    let paint = Paint { on: style.colour };
    let line = |text: &str| fitted(text, style.width);
    for (n, text) in head.iter().enumerate() {
        let text = line(text);
        writeln!(out, "{}", if n == 0 { paint.strong(&text) } else { text })?;
    }
    for part in parts.iter().filter(|part| !part.rows.is_empty()) {
        writeln!(out, "\n{}", paint.strong(&line(&part.heading)))?;
        part.rows.iter().flatten().try_for_each(|text| writeln!(out, "{}", line(text)))?;
        if part.left_out > 0 {
            writeln!(out, "  and {} more {}", part.left_out, part.what)?;
        }
    }
    tail.iter().try_for_each(|text| writeln!(out, "{}", line(text)))
}

/// The plan in numbers, and what of the sources is not in them.
pub(crate) fn totals(summary: &Summary) -> Vec<String> {
    let Summary { documents, operations, items, unfit, skipped, .. } = summary;
    let mut lines = vec![format!(
        "{}, {}: {}, {unfit} unfit, {skipped} skipped",
        plural(*documents, "document"),
        plural(*operations, "operation"),
        plural(*items, "item"),
    )];
    if summary.unreadable > 0 {
        lines.push(format!("  {} cannot be read", plural(summary.unreadable, "source")));
    }
    if let Some(first) = summary.gaps.first() {
        let places = plural(summary.gaps.len(), "place");
        lines.push(format!("  {places} with operations that could not be counted: {}", at(first)));
    }
    if summary.passed_over > 0 {
        let files = plural(summary.passed_over, "file");
        lines.push(format!("  {files} passed over: not OpenAPI documents (-v names them)"));
    }
    let unused = summary.unused.iter().take(FEWEST);
    lines.extend(unused.map(|unused| format!("  warning: {}", origin(unused))));
    if let Some(more) = summary.unused.len().checked_sub(FEWEST).filter(|more| *more > 0) {
        lines.push(format!("  and {more} more warnings of this kind (--full)"));
    }
    lines
}

fn blocking(overview: &Overview, width: usize) -> Part {
    let row = |(code, toll): (&Code, &Toll)| {
        let head = format!("  {code}: {}", count(toll));
        let mut lines = if overview.blocking.len() <= ROOMY {
            vec![head, with_places("    first".to_owned(), toll, width)]
        } else {
            vec![with_places(head + ", first", toll, width)]
        };
        lines.push(cured(*code, toll, width));
        lines
    };
    let rows = by_weight(&overview.blocking).into_iter().map(row).collect();
    Part { heading: "What blocks".to_owned(), rows, what: "kinds (--full)", left_out: 0 }
}

/// The cure, whole or not at all: it is there to be pasted.
fn cured(code: Code, toll: &Toll, width: usize) -> String {
    let line = Cure::of(code, toll).map(|cure| format!("    cure: {cure}"));
    let fits = line.filter(|line| line.width() <= width);
    fits.unwrap_or_else(|| format!("    cure: see apiferry help findings {code}"))
}

fn services(summary: &Summary) -> Part {
    let quota = summary.quota;
    let row = |(service, count): (&String, &u64)| {
        let service = escape(service);
        let line = match count.checked_sub(quota).filter(|over| *over > 0) {
            None => format!("  {service}: {count}"),
            Some(over) => format!("  {service}: {count}, {over} more than it may hold"),
        };
        vec![line]
    };
    let mut services: Vec<_> = summary.services.iter().collect();
    services.sort_by_key(|(_, count)| Reverse(**count));
    let mut rows: Vec<_> = services.into_iter().map(row).collect();
    if summary.overflows().next().is_some() {
        let needed = plural(summary.services_needed(), "service");
        rows.insert(
            0,
            vec![format!("  {needed} are needed at least: --create-services, --spread ID,ID...")],
        );
    }
    let heading = format!("APIs by service, each of which may hold {quota} (--quota)");
    Part { heading, rows, what: "services", left_out: 0 }
}

fn backends(overview: &Overview) -> Part {
    let mut backends: Vec<_> = overview.backends.iter().collect();
    backends.sort_by_key(|(_, count)| Reverse(**count));
    let row = |(name, count): (&String, &u64)| vec![format!("  {}: {count}", escape(name))];
    let rows = backends.into_iter().map(row).collect();
    Part { heading: "APIs by backend".to_owned(), rows, what: "backends", left_out: 0 }
}

fn lost(overview: &Overview) -> Part {
    let row = |(code, toll): (&Code, &Toll)| {
        let count = if toll.operations > 0 { toll.operations } else { toll.documents };
        vec![format!("  {code} ({count}): {}", code.description())]
    };
    let rows = by_weight(&overview.lost).into_iter().map(row).collect();
    let heading = "What is sent otherwise than it is written".to_owned();
    Part { heading, rows, what: "kinds (--full)", left_out: 0 }
}

/// What to type next.
fn advice(summary: &Summary, overview: &Overview) -> Vec<String> {
    if overview.blocking.is_empty() && overview.lost.is_empty() {
        return Vec::new();
    }
    let narrow = if summary.unfit > 0 { "--status unfit" } else { "--source GLOB" };
    vec![
        String::new(),
        format!("--full lists everything; --finding CODE or {narrow} lists some of it"),
        "apiferry help findings CODE explains a finding".to_owned(),
    ]
}

/// The gravest first: by operations, then by documents.
fn by_weight(kinds: &BTreeMap<Code, Toll>) -> Vec<(&Code, &Toll)> {
    let mut kinds: Vec<_> = kinds.iter().collect();
    kinds.sort_by_key(|(_, toll)| Reverse((toll.operations, toll.documents)));
    kinds
}

fn count(toll: &Toll) -> String {
    match toll.operations {
        0 => plural(toll.documents, "source"),
        operations => {
            let documents = plural(toll.documents, "document");
            format!("{} in {documents}", plural(operations, "operation"))
        }
    }
}

/// A line with as many of the first places as it has room for, one at least.
fn with_places(mut line: String, toll: &Toll, width: usize) -> String {
    for (n, place) in toll.places.iter().enumerate() {
        let place = at(place);
        let lead = if n == 0 { " " } else { ", " };
        let room = width.saturating_sub(line.width() + lead.len());
        if n > 0 && place.width() > room {
            break;
        }
        line.push_str(lead);
        line.push_str(&tail(&place, room));
    }
    line
}

/// The end of a text, since that tells one place from another.
fn tail(text: &str, width: usize) -> String {
    let mut rest = text;
    while rest.width() > width.saturating_sub(usize::from(rest.len() < text.len()))
        && !rest.is_empty()
    {
        let step = rest.chars().next().map_or(1, char::len_utf8);
        rest = &rest[step..];
    }
    if rest.len() < text.len() { format!("…{rest}") } else { text.to_owned() }
}

fn at(place: &Place) -> String {
    let source = escape(&place.source);
    if place.line == 0 { source.into_owned() } else { format!("{source}:{}", place.line) }
}

/// Leaves out ends until all parts together have so many lines.
fn shorten(parts: &mut [Part], lines: usize) {
    while parts.iter().map(Part::lines).sum::<usize>() > lines {
        // What blocks comes first, and goes last.
        let longest = (1..parts.len()).max_by_key(|n| parts[*n].rows.len());
        let longest = longest.filter(|n| parts[*n].rows.len() > FEWEST).unwrap_or(0);
        let part = &mut parts[longest];
        if part.rows.is_empty() {
            return;
        }
        part.rows.pop();
        part.left_out += 1;
    }
}

impl Part {
    /// With the blank line before it.
    fn lines(&self) -> usize {
        let rows: usize = self.rows.iter().map(Vec::len).sum();
        if rows == 0 { 0 } else { 2 + rows + usize::from(self.left_out > 0) }
    }
}

#[cfg(test)]
mod tests;
