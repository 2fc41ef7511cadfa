//! `json` and `jsonl`: the pinned form for programs.
//!
//! A request is written as the very text that an import would send.

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use serde_json::{Map, Value, json};

use crate::finding::notes::ValueOrigin;
use crate::finding::{Finding, Place};
use crate::plan::{Entry, PlannedDocument, Summary, Unreadable};

/// A document and its entries, a line each.
pub(crate) fn document(out: &mut impl io::Write, document: &PlannedDocument) -> io::Result<()> {
    line(out, &of_document(document))?;
    document.entries.iter().try_for_each(|it| {
        entry(out, it)?;
        out.write_all(b"\n")
    })
}

/// A source that could not be read.
pub(crate) fn unreadable(out: &mut impl io::Write, unreadable: &Unreadable) -> io::Result<()> {
    line(out, &of_unreadable(unreadable))
}

/// The last line.
pub(crate) fn summary(out: &mut impl io::Write, summary: &Summary) -> io::Result<()> {
    let mut last = Map::from_iter([("kind".to_owned(), "summary".into())]);
    last.extend(of_summary(summary));
    line(out, &last.into())
}

/// A value on a line of its own.
pub(crate) fn line(out: &mut impl io::Write, value: &Value) -> io::Result<()> {
    writeln!(out, "{value}")
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
    pub(crate) fn document(&mut self, document: &PlannedDocument) -> io::Result<()> {
        write!(self.documents.next(), "{}", of_document(document))?;
        document.entries.iter().try_for_each(|it| {
            let list = match it {
                Entry::Item(_) => &mut self.items,
                Entry::Unfit(_) => &mut self.unfit,
                Entry::Skipped(_) => &mut self.skipped,
            };
            entry(list.next(), it)
        })
    }

    pub(crate) fn unreadable(&mut self, unreadable: &Unreadable) -> io::Result<()> {
        write!(self.unreadable.next(), "{}", of_unreadable(unreadable))
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
        writeln!(out, "],\"summary\":{}}}", Value::from(of_summary(summary)))
    }
}

/// Objects as they will be in a list, with the commas between them.
#[derive(Debug, Default)]
struct List(Vec<u8>);

impl List {
    /// Where the next one is written.
    fn next(&mut self) -> &mut Vec<u8> {
        if !self.0.is_empty() {
            self.0.push(b',');
        }
        &mut self.0
    }
}

fn of_document(document: &PlannedDocument) -> Value {
    json!({
        "kind": "document",
        "source": &*document.source,
        "version": document.version,
        "title": document.title,
        "operations": document.entries.len(),
        "findings": findings(&document.source, &document.findings),
    })
}

fn of_unreadable(Unreadable { source, findings: told }: &Unreadable) -> Value {
    json!({ "kind": "unreadable", "source": &**source, "findings": findings(source, told) })
}

/// An entry without a line break; what it does not have is left out.
pub(crate) fn entry(out: &mut impl io::Write, entry: &Entry) -> io::Result<()> {
    let origin = entry.origin();
    let (kind, service) = match entry {
        Entry::Item(item) => ("item", Some(&item.key.service)),
        Entry::Unfit(_) => ("unfit", None),
        Entry::Skipped(_) => ("skipped", None),
    };
    let mut head = json!({ "kind": kind });
    add_place(&mut head, &origin.place());
    if let Some(service) = service {
        head["service"] = service.as_str().into();
    }
    let (method, path) = entry.route();
    head["method"] = method.into();
    head["path"] = path.into();
    if let Entry::Skipped(skipped) = entry {
        head["reason"] = skipped.reason.as_str().into();
        return write!(out, "{head}");
    }
    let head = head.to_string();
    write!(out, "{}", head.trim_end_matches('}'))?;
    if let Entry::Item(item) = entry {
        write!(out, ",\"request\":{}", item.body(None))?;
    }
    write!(out, ",\"findings\":{}}}", findings(&origin.source, entry.findings()))
}

/// Findings of one source; a finding elsewhere names its own.
pub(crate) fn findings(source: &str, findings: &[Finding]) -> Value {
    let one = |finding: &Finding| {
        let Place { line, column, pointer, .. } = &finding.place;
        let mut told =
            json!({ "code": finding.code.as_str(), "severity": finding.severity.as_str() });
        if &*finding.place.source != source {
            told["source"] = (*finding.place.source).into();
        }
        told["line"] = (*line).into();
        told["column"] = (*column).into();
        told["pointer"] = (**pointer).into();
        told["message"] = finding.message.as_str().into();
        if let Some(hint) = finding.advice() {
            told["hint"] = hint.into();
        }
        told
    };
    findings.iter().map(one).collect()
}

/// What sets a value, and where.
pub(crate) fn of_origin(origin: &ValueOrigin) -> Value {
    let mut told = json!({ "what": origin.what });
    if let Some(place) = &origin.place {
        add_place(&mut told, place);
    }
    told
}

/// Adds a place to an object.
pub(crate) fn add_place(to: &mut Value, Place { source, line, column, pointer }: &Place) {
    to["source"] = (**source).into();
    to["line"] = (*line).into();
    to["column"] = (*column).into();
    to["pointer"] = (**pointer).into();
}

fn of_summary(summary: &Summary) -> Map<String, Value> {
    let findings: BTreeMap<&str, u64> =
        summary.findings.iter().map(|(code, count)| (code.as_str(), *count)).collect();
    let mut counts = json!({
        "sources": summary.sources,
        "passed_over": summary.passed_over,
        "documents": summary.documents,
        "unreadable": summary.unreadable,
        "gaps": summary.gaps.len(),
        "operations": summary.operations,
        "items": summary.items,
        "unfit": summary.unfit,
        "skipped": summary.skipped,
        "services": summary.services,
        "findings": findings,
        "idle": summary.unused.iter().map(of_origin).collect::<Vec<_>>(),
    });
    let counts = counts.as_object_mut().map(std::mem::take).unwrap_or_default();
    // These are told only where there are some.
    let is_told = |key: &str| match key {
        "gaps" => !summary.gaps.is_empty(),
        "idle" => !summary.unused.is_empty(),
        _ => true,
    };
    counts.into_iter().filter(|(key, _)| is_told(key)).collect()
}
