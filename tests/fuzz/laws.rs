//! What holds of every text whatsoever. The fuzz targets look for texts that break it, and
//! `cargo test` replays those that once did, or that lead into odd corners.
//!
//! Left out: what a text means, which the tests beside the code know.

use std::io;
use std::sync::Arc;

use apiferry::finding::Code;
use apiferry::plan::{Entry, PlannedDocument, plan_document};
use apiferry::settings::PlanSettings;
use apiferry::show::preview::{Extent, Format, Lines, Narrow, Preview, Style};
use apiferry::spec::tree::Tree;
use apiferry::spec::{DocumentSet, SourceText};
use apiferry::target::tencent::map::options::{MappingOptions, Mock};

/// Stands between the files of one input.
const SEPARATOR: &str = "\n====\n";

/// Files that one input may bring; those that are asked for beyond are not there.
const FILES: usize = 32;

fn source(text: &str) -> SourceText {
    SourceText { name: Arc::from("fuzz"), text: text.to_owned() }
}

/// YAML ends in a tree or in a flaw, and a tree can be read to its end.
pub(crate) fn yaml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // A comment before it keeps the JSON reader away.
    if let Ok(tree) = Tree::read(source(&format!("#\n{text}"))) {
        let value = tree.root().to_value();
        assert_eq!(value, tree.root().to_value(), "reading changes nothing");
    }
}

/// What `serde_json` takes, this takes, and reads the same.
pub(crate) fn json(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if !text.trim_start().starts_with(['{', '[']) {
        return;
    }
    let ours = Tree::read(source(text));
    if let Ok(theirs) = serde_json::from_str::<serde_json::Value>(text) {
        let tree = ours.expect("serde_json takes it");
        assert_eq!(tree.root().to_value(), theirs);
    }
}

/// References end, wherever they lead, and cost no operation in silence.
pub(crate) fn references(data: &[u8]) {
    let Some(set) = set(data) else { return };
    let Ok(document) = set.document() else { return };
    assert_eq!(document.operations().count(), document.operation_count());
}

/// Every operation is an entry, and what is shown moves no terminal.
pub(crate) fn preview(data: &[u8]) {
    let Some(set) = set(data) else { return };
    let Ok(document) = set.document() else { return };
    let settings = PlanSettings {
        fallback_service: Some("service-fuzz".into()),
        mapping: MappingOptions {
            mock: Some(Mock::Missing),
            mock_synthesize: data.len().is_multiple_of(2),
            error_codes: true,
            ..MappingOptions::default()
        },
        ..PlanSettings::default()
    };
    let (made, summary) = plan_document(&document, &settings);
    assert_eq!(made.entries.len(), document.operation_count());
    assert_eq!(summary.items + summary.unfit + summary.skipped, summary.operations);

    let findings = made.findings.iter().chain(made.entries.iter().flat_map(Entry::findings));
    let lines = Lines::of(&set, findings.map(|finding| finding.place.clone()));
    let print = |format| written(format, &made, &lines).expect("memory takes all");
    let table = print(Format::Table(Style { width: 80, colour: false }, Extent::List));
    assert!(!table.contains(['\u{1b}', '\u{7}', '\r', '\u{202e}']), "{table:?}");
    for line in print(Format::Jsonl).lines() {
        serde_json::from_str::<serde_json::Value>(line).expect("a line is JSON");
    }
}

fn written(format: Format, planned: &PlannedDocument, lines: &Lines) -> io::Result<String> {
    let mut out = Vec::new();
    Preview::new(&mut out, format, Narrow::default()).document(planned, lines)?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// The first file of an input is the document; whatever it asks for is the next one.
fn set(data: &[u8]) -> Option<DocumentSet> {
    let mut files = std::str::from_utf8(data).ok()?.split(SEPARATOR);
    let mut set = DocumentSet::new(source(files.next()?)).ok()?;
    let mut files = files.take(FILES);
    loop {
        let missing = set.missing();
        if missing.is_empty() {
            return Some(set);
        }
        for address in missing {
            let absent = || {
                apiferry::spec::reference::Unavailable::new(
                    Code::UNREADABLE,
                    "there are no more files",
                )
            };
            set.add(address, files.next().map(str::to_owned).ok_or_else(absent));
        }
    }
}
