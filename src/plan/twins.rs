//! Documents that say the same as an earlier one, as the JSON and the YAML that one generator
//! writes: their operations are skipped, so that no API is created twice and no service made
//! for nothing.
//!
//! The same is said where title, version and operations are equal: their routes and services,
//! what callers send and where it goes. Texts for readers may differ.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use crate::finding::{Code, Finding, Place, Severity};
use crate::plan::draft::{Draft, DraftEntry, Kind};
use crate::plan::key::Digest;
use crate::plan::tally::Tally;

/// The documents so far, by what they say.
#[derive(Debug, Default)]
pub(crate) struct Twins(HashMap<Digest, Arc<str>>);

impl Twins {
    /// Takes all documents at once: one that an earlier run gave a service counts, whichever
    /// comes first.
    pub(crate) fn meet_all(&mut self, drafts: &mut [&mut Draft]) {
        for has_service in [true, false] {
            let next = drafts.iter_mut().filter(|it| it.assigned.is_some() == has_service);
            next.for_each(|draft| self.meet(draft));
        }
    }

    /// Takes the next document, in the order of the sources.
    pub(crate) fn meet(&mut self, draft: &mut Draft) {
        if draft.entries.is_empty() {
            return;
        }
        match self.0.entry(said(draft)) {
            Entry::Vacant(entry) => drop(entry.insert(Arc::clone(&draft.source))),
            Entry::Occupied(entry) => skip(draft, entry.get()),
        }
    }
}

/// What a document says, whatever the order of its operations.
pub(crate) fn said(draft: &Draft) -> Digest {
    let mut lines: Vec<String> = draft.entries.iter().map(line).collect();
    lines.sort_unstable();
    lines.push(format!("{:?} {:?}", draft.title, draft.api_version));
    Digest::of(lines.join("\n").as_bytes())
}

fn line(entry: &DraftEntry) -> String {
    let DraftEntry { service, method, path, kind, .. } = entry;
    let kind = match kind {
        Kind::Item(item) => format!("item {}", item.essence),
        Kind::Unfit => "unfit".to_owned(),
        Kind::Skipped { reason } => format!("skipped {reason}"),
    };
    format!("{service:?} {method} {path} {kind}")
}

/// Leaves out what an earlier document says. What could not be counted stays an error.
fn skip(draft: &mut Draft, first: &str) {
    let place = Place { source: Arc::clone(&draft.source), line: 1, column: 1, pointer: "".into() };
    let message = format!("`{}` says the same as `{first}`, whose operations count", draft.source);
    draft.findings.retain(|finding| finding.severity == Severity::Error);
    draft.findings.push(Finding::new(Code::TWIN, place, message));
    draft.tally = Tally::default();
    for entry in &mut draft.entries {
        if !matches!(entry.kind, Kind::Skipped { .. }) {
            entry.findings.clear();
            entry.kind = Kind::Skipped { reason: format!("{first} says the same") };
        }
    }
}
