//! `json` and `jsonl`: the pinned form for programs.
//!
//! A request is written as the very text that an import would send.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use serde_json::value::RawValue;

use crate::finding::notes::Said;
use crate::finding::{Finding, Place};
use crate::plan::{Entry, Item, Origin, PlannedDocument, Skipped, Summary, Unfit, Unreadable};

/// A document and its entries, a line each.
pub(crate) fn document(out: &mut impl io::Write, planned: &PlannedDocument) -> io::Result<()> {
    line(out, &document_line(planned))?;
    planned.entries.iter().try_for_each(|entry| line(out, &Line::of(entry)?))
}

/// A source that could not be read.
pub(crate) fn unreadable(out: &mut impl io::Write, unreadable: &Unreadable) -> io::Result<()> {
    line(out, &broken(unreadable))
}

/// The last line.
pub(crate) fn summary(out: &mut impl io::Write, summary: &Summary) -> io::Result<()> {
    line(out, &Last { kind: Some("summary"), counts: counts(summary) })
}

pub(crate) fn line(out: &mut impl io::Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// The one object of `json`: kept until its end, since it is ordered by kind.
#[derive(Debug, Default)]
pub(crate) struct Whole {
    documents: List,
    items: List,
    unfit: List,
    skipped: List,
    unreadable: List,
}

impl Whole {
    pub(crate) fn document(&mut self, planned: &PlannedDocument) -> io::Result<()> {
        self.documents.push(&document_line(planned))?;
        for entry in &planned.entries {
            let list = match entry {
                Entry::Item(_) => &mut self.items,
                Entry::Unfit(_) => &mut self.unfit,
                Entry::Skipped(_) => &mut self.skipped,
            };
            list.push(&Line::of(entry)?)?;
        }
        Ok(())
    }

    pub(crate) fn unreadable(&mut self, unreadable: &Unreadable) -> io::Result<()> {
        self.unreadable.push(&broken(unreadable))
    }

    pub(crate) fn finish(self, out: &mut impl io::Write, summary: &Summary) -> io::Result<()> {
        let lists = [
            ("{\"documents\":[", self.documents),
            ("],\"items\":[", self.items),
            ("],\"unfit\":[", self.unfit),
            ("],\"skipped\":[", self.skipped),
            ("],\"unreadable\":[", self.unreadable),
        ];
        for (opening, list) in lists {
            out.write_all(opening.as_bytes())?;
            out.write_all(&list.0)?;
        }
        out.write_all(b"],\"summary\":")?;
        serde_json::to_writer(&mut *out, &Last { kind: None, counts: counts(summary) })?;
        out.write_all(b"}\n")
    }
}

/// Objects as they will stand in a list, with the commas between them.
#[derive(Debug, Default)]
struct List(Vec<u8>);

impl List {
    fn push(&mut self, value: &impl Serialize) -> io::Result<()> {
        if !self.0.is_empty() {
            self.0.push(b',');
        }
        Ok(serde_json::to_writer(&mut self.0, value)?)
    }
}

#[derive(Serialize)]
struct DocumentLine<'a> {
    kind: &'static str,
    source: &'a str,
    version: &'a str,
    title: Option<&'a str>,
    operations: usize,
    findings: Told<'a>,
}

#[derive(Serialize)]
struct UnreadableLine<'a> {
    kind: &'static str,
    source: &'a str,
    findings: Told<'a>,
}

/// An entry; what it does not have is left out.
#[expect(clippy::struct_field_names, reason = "the names are the pinned form's")]
#[derive(Serialize)]
struct Line<'a> {
    kind: &'static str,
    source: &'a str,
    line: u32,
    column: u32,
    pointer: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
    method: &'a str,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<Told<'a>>,
}

fn document_line(planned: &PlannedDocument) -> DocumentLine<'_> {
    DocumentLine {
        kind: "document",
        source: &planned.source,
        version: &planned.version,
        title: planned.title.as_deref(),
        operations: planned.entries.len(),
        findings: Told { source: &planned.source, findings: &planned.findings },
    }
}

fn broken(unreadable: &Unreadable) -> UnreadableLine<'_> {
    let Unreadable { source, findings } = unreadable;
    UnreadableLine { kind: "unreadable", source, findings: Told { source, findings } }
}

impl<'a> Line<'a> {
    fn of(entry: &'a Entry) -> serde_json::Result<Self> {
        Ok(match entry {
            Entry::Item(item) => Self::item(item)?,
            Entry::Unfit(unfit) => Self::unfit(unfit),
            Entry::Skipped(skipped) => Self::skipped(skipped),
        })
    }

    fn item(item: &'a Item) -> serde_json::Result<Self> {
        Ok(Self {
            service: Some(&item.key.service),
            request: Some(RawValue::from_string(item.body(None))?),
            findings: Some(Told { source: &item.origin.source, findings: &item.findings }),
            ..Self::bare("item", &item.origin, &item.key.method, &item.key.path)
        })
    }

    fn unfit(unfit: &'a Unfit) -> Self {
        let findings = Told { source: &unfit.origin.source, findings: &unfit.findings };
        Self {
            findings: Some(findings),
            ..Self::bare("unfit", &unfit.origin, &unfit.method, &unfit.path)
        }
    }

    fn skipped(skipped: &'a Skipped) -> Self {
        let Skipped { method, path, origin, reason, .. } = skipped;
        Self { reason: Some(reason), ..Self::bare("skipped", origin, method, path) }
    }

    fn bare(kind: &'static str, origin: &'a Origin, method: &'a str, path: &'a str) -> Self {
        Self {
            kind,
            source: &origin.source,
            line: origin.line,
            column: origin.column,
            pointer: &origin.pointer,
            service: None,
            method,
            path,
            request: None,
            reason: None,
            findings: None,
        }
    }
}

/// Findings of one source; a finding elsewhere names its own.
pub(crate) struct Told<'a> {
    pub(crate) source: &'a str,
    pub(crate) findings: &'a [Finding],
}

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer
            .collect_seq(self.findings.iter().map(|finding| One { source: self.source, finding }))
    }
}

struct One<'a> {
    source: &'a str,
    finding: &'a Finding,
}

impl Serialize for One<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { source, finding } = self;
        let place = &finding.place;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", finding.code.as_str())?;
        map.serialize_entry("severity", finding.severity.as_str())?;
        if &*place.source != *source {
            map.serialize_entry("source", &*place.source)?;
        }
        map.serialize_entry("line", &place.line)?;
        map.serialize_entry("column", &place.column)?;
        map.serialize_entry("pointer", &*place.pointer)?;
        map.serialize_entry("message", &finding.message)?;
        if let Some(hint) = finding.advice() {
            map.serialize_entry("hint", hint)?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct Last<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(flatten)]
    counts: CountsLine<'a>,
}

#[derive(Serialize)]
struct CountsLine<'a> {
    sources: usize,
    passed_over: usize,
    documents: usize,
    unreadable: usize,
    /// Told only where there are some.
    #[serde(skip_serializing_if = "Option::is_none")]
    gaps: Option<usize>,
    operations: usize,
    items: usize,
    unfit: usize,
    skipped: usize,
    services: &'a indexmap::IndexMap<String, u64>,
    findings: BTreeMap<&'static str, u64>,
    /// Told only where something is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    idle: Vec<SaidJson<'a>>,
}

fn counts(summary: &Summary) -> CountsLine<'_> {
    CountsLine {
        sources: summary.sources,
        passed_over: summary.passed_over,
        documents: summary.documents,
        unreadable: summary.unreadable,
        gaps: Some(summary.gaps.len()).filter(|gaps| *gaps > 0),
        operations: summary.operations,
        items: summary.items,
        unfit: summary.unfit,
        skipped: summary.skipped,
        services: &summary.services,
        findings: summary.findings.iter().map(|(code, count)| (code.as_str(), *count)).collect(),
        idle: summary.unused.iter().map(SaidJson::of).collect(),
    }
}

/// Something that says a value, and where.
#[derive(Serialize)]
pub(crate) struct SaidJson<'a> {
    what: &'a str,
    #[serde(flatten)]
    place: Option<At<'a>>,
}

#[derive(Serialize)]
pub(crate) struct At<'a> {
    source: &'a str,
    line: u32,
    column: u32,
    pointer: &'a str,
}

impl<'a> SaidJson<'a> {
    pub(crate) fn of(said: &'a Said) -> Self {
        Self { what: &said.what, place: said.place.as_ref().map(At::of) }
    }
}

impl<'a> At<'a> {
    pub(crate) fn of(place: &'a Place) -> Self {
        let Place { source, line, column, pointer } = place;
        Self { source, line: *line, column: *column, pointer }
    }
}
