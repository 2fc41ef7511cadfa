//! One operation of a report: what a person, a spreadsheet and a script read of it, and what
//! is known beyond that.
//!
//! The columns and their order are defined in one place, [`COLUMNS`]. A run in progress and the
//! reading back of a journal learn from the same facts by the same function, so that they
//! cannot come to differ. How a cell is made safe for a spreadsheet is
//! `report::cell`'s business.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::finding::{Code, Finding, Severity};
use crate::plan::{Entry, ItemKey, Origin};
use crate::report::cell::short;
use crate::run::{Action, Detail, Fact, Outcome, Transition};

/// The columns of the report, in order. Readers go by name; writers keep the order.
pub const COLUMNS: [&str; 18] = [
    "service",
    "method",
    "path",
    "api_name",
    "outcome",
    "api_id",
    "attempts",
    "error_code",
    "error_message",
    "request_id",
    "created_at",
    "source",
    "line",
    "operation_id",
    "findings",
    "digest",
    "backend",
    "changes",
];

/// The words of the column `outcome`, in the order in which a summary counts them.
pub const WORDS: [&str; 12] = [
    "created",
    "found",
    "exists",
    "refused",
    "gave-up",
    "unconfirmed",
    "duplicate",
    "unfit",
    "skipped",
    "not-sent",
    "deleted",
    IN_PROGRESS,
];

/// The word in the column `outcome` for what has begun and not ended: a run lives, or was
/// killed.
const IN_PROGRESS: &str = "sending";

/// The finding of a created API whose operation has changed since.
pub(crate) const CHANGED: &str = Code::CHANGED.as_str();

/// One operation of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The service that takes it.
    pub service: Arc<str>,
    /// As sent; for unfit and skipped operations as in the document.
    pub method: Box<str>,
    /// As sent; for unfit and skipped operations as in the document.
    pub path: Box<str>,
    /// `ApiName` as sent; empty where nothing would be sent.
    pub api_name: Box<str>,
    /// How it ended; `None`: it is in progress, or was when the run was killed.
    pub outcome: Option<Outcome>,
    /// Creates sent, over all runs of the report.
    pub attempts: u32,
    /// The last answer, the finding that makes it unfit, or why it was not sent.
    pub detail: Detail,
    /// When we learned that our API exists, in whole seconds.
    pub created_at: Option<Timestamp>,
    /// The source as typed, joined with the path below it.
    pub source: Arc<str>,
    /// Of the operation in its source, from 1; 0 where it is not known.
    pub line: u32,
    /// The document's `operationId`, where it has one.
    pub operation_id: Box<str>,
    /// Codes of what was found, each once, joined by a space.
    pub findings: Box<str>,
    /// SHA-256 of the request body that was or would be sent, without the ids that are
    /// filled in when it is sent; empty where there is none.
    pub digest: Box<str>,
    /// The kind of the backend and its host, where it has one.
    pub backend: Box<str>,
    /// The fields that differed from what the gateway held, joined by a space.
    pub changes: Box<str>,
    /// JSON pointer of the operation in its source; empty where a CSV was all there was.
    pub pointer: Box<str>,
    /// Set where a create of ours may have taken effect unseen.
    pub doubt: Option<Doubt>,
}

/// A create of ours may have taken effect, and no answer and no look has shown it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Doubt {
    /// When it was sent, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
}

impl Row {
    /// The row of a plan's entry before anything is sent.
    pub fn of(entry: &Entry) -> Self {
        match entry {
            Entry::Item(item) => Self {
                method: item.key.method.as_str().into(),
                path: item.key.path.as_str().into(),
                api_name: short(&item.api_name).into(),
                digest: item.digest.as_str().into(),
                backend: short(&item.request.backend()).into(),
                ..Self::bare(&item.key.service, &item.origin, &item.findings, Outcome::NotSent)
            },
            Entry::Unfit(unfit) => Self {
                method: short(&unfit.method).into(),
                path: short(&unfit.path).into(),
                detail: why_unfit(&unfit.findings),
                ..Self::bare(&unfit.service, &unfit.origin, &unfit.findings, Outcome::Unfit)
            },
            Entry::Skipped(skipped) => Self {
                method: short(&skipped.method).into(),
                path: short(&skipped.path).into(),
                detail: Detail::ours("", short(&skipped.reason)),
                ..Self::bare(&skipped.service, &skipped.origin, &skipped.findings, Outcome::Skipped)
            },
        }
    }

    fn bare(service: &str, origin: &Origin, findings: &[Finding], outcome: Outcome) -> Self {
        Self {
            service: service.into(),
            method: Box::default(),
            path: Box::default(),
            api_name: Box::default(),
            outcome: Some(outcome),
            attempts: 0,
            detail: Detail::default(),
            created_at: None,
            source: Arc::clone(&origin.source),
            line: origin.line,
            operation_id: short(origin.operation_id.as_deref().unwrap_or_default()).into(),
            findings: codes(findings).into(),
            digest: Box::default(),
            backend: Box::default(),
            changes: Box::default(),
            pointer: short(&origin.pointer).into(),
            doubt: None,
        }
    }

    /// The word in the column `outcome`.
    pub fn word(&self) -> &'static str {
        self.outcome.as_ref().map_or(IN_PROGRESS, Outcome::as_str)
    }

    /// The API's id, or ids where it exists more than once.
    pub fn api_id(&self) -> String {
        self.outcome.as_ref().map(|outcome| outcome.ids().join(" ")).unwrap_or_default()
    }

    /// Whether an API of ours exists.
    pub fn is_ours(&self) -> bool {
        self.outcome.as_ref().is_some_and(Outcome::is_ours)
    }

    /// Whether it is unfit or skipped: its method and path are those of the document then,
    /// and it is not an item's row.
    pub fn is_left_out(&self) -> bool {
        self.outcome.as_ref().is_some_and(Outcome::is_left_out)
    }

    /// The key of the item that the row is of. Of what could not be sent it names nothing.
    pub fn key(&self) -> ItemKey {
        ItemKey {
            service: self.service.to_string(),
            method: self.method.to_string(),
            path: self.path.to_string(),
        }
    }

    /// Adds a finding's code, once.
    pub fn find(&mut self, code: &str) {
        if !self.has_found(code) {
            let gap = if self.findings.is_empty() { "" } else { " " };
            self.findings = format!("{}{gap}{code}", self.findings).into();
        }
    }

    /// Takes a finding's code back.
    pub fn unfind(&mut self, code: &str) {
        if self.has_found(code) {
            let rest: Vec<&str> = self.findings.split(' ').filter(|found| *found != code).collect();
            self.findings = rest.join(" ").into();
        }
    }

    /// Whether this code is among the findings.
    pub fn has_found(&self, code: &str) -> bool {
        self.findings.split(' ').any(|found| found == code)
    }

    /// Learns from a fact about this row's item.
    pub(crate) fn learn<S>(&mut self, fact: &Fact<S>) {
        let Fact::Item { action, attempt, at, step, .. } = fact else { return };
        match (step, action) {
            // Until the gateway shows otherwise the API exists.
            (Transition::Intent { .. }, Action::Delete) => {}
            (Transition::Intent { digest }, Action::Create) => {
                self.outcome = None;
                self.attempts = *attempt;
                self.digest = digest.as_str().into();
                // What is sent now is the operation as it is now.
                self.unfind(CHANGED);
                self.doubt = Some(Doubt { sent_at: Some(*at) });
            }
            (Transition::Rejected(detail), _) => {
                self.detail = detail.clone();
                self.doubt = None;
            }
            (Transition::Doubt(detail), _) => self.detail = detail.clone(),
            (Transition::Absent, _) => self.doubt = None,
            (Transition::Settled { outcome, detail }, action) => {
                self.detail = detail.clone();
                if *action == Action::Create {
                    self.attempts = self.attempts.max(*attempt);
                }
                // A delete that was left out proves nothing of what only a CSV says.
                let doubt = self.doubt.filter(|_| *action == Action::Delete && outcome.is_ours());
                self.settle(outcome, *at);
                self.doubt = self.doubt.or(doubt);
            }
        }
    }

    fn settle(&mut self, outcome: &Outcome, at: Timestamp) {
        if outcome.is_ours() && self.created_at.is_none() {
            self.created_at = Timestamp::from_second(at.as_second()).ok();
        }
        self.doubt = match outcome {
            Outcome::Unconfirmed => Some(self.doubt.unwrap_or_default()),
            _ => None,
        };
        self.outcome = Some(outcome.clone());
    }

    /// The cells as they are, in the order of [`COLUMNS`].
    pub fn cells(&self) -> [Cow<'_, str>; COLUMNS.len()] {
        [
            Cow::Borrowed(&*self.service),
            Cow::Borrowed(&*self.method),
            Cow::Borrowed(&*self.path),
            Cow::Borrowed(&*self.api_name),
            Cow::Borrowed(self.word()),
            Cow::Owned(self.api_id()),
            Cow::Owned(self.attempts.to_string()),
            Cow::Borrowed(&*self.detail.code),
            Cow::Borrowed(&*self.detail.message),
            Cow::Borrowed(&*self.detail.request_id),
            Cow::Owned(self.created_at.map(|at| at.to_string()).unwrap_or_default()),
            Cow::Borrowed(&*self.source),
            Cow::Owned(if self.line == 0 { String::new() } else { self.line.to_string() }),
            Cow::Borrowed(&*self.operation_id),
            Cow::Borrowed(&*self.findings),
            Cow::Borrowed(&*self.digest),
            Cow::Borrowed(&*self.backend),
            Cow::Borrowed(&*self.changes),
        ]
    }

    /// The row of these cells, asked for by the column's name; what is missing is empty, and
    /// what cannot be read (a number that a spreadsheet made a date of) counts as missing.
    pub fn from_cells<'c>(cell: impl Fn(&str) -> Cow<'c, str>) -> Self {
        let word = |name: &str| Box::<str>::from(cell(name));
        let detail = Detail {
            code: cell("error_code").into_owned(),
            message: cell("error_message").into_owned(),
            request_id: cell("request_id").into_owned(),
        };
        Self {
            service: Arc::from(cell("service")),
            method: word("method"),
            path: word("path"),
            api_name: word("api_name"),
            outcome: outcome(&cell("outcome"), &cell("api_id"), &detail.code),
            attempts: cell("attempts").parse().unwrap_or(0),
            detail,
            created_at: cell("created_at").parse().ok(),
            source: Arc::from(cell("source")),
            line: cell("line").parse().unwrap_or(0),
            operation_id: word("operation_id"),
            findings: word("findings"),
            digest: word("digest"),
            backend: word("backend"),
            changes: word("changes"),
            pointer: Box::default(),
            doubt: None,
        }
    }
}

/// The outcome of a row, its word as a person may have left it: in any case, with
/// spaces around. None where it was in progress, where the word is not one of the report's, and
/// where an API is called ours that has no id: nothing is known then.
fn outcome(word: &str, api_id: &str, code: &str) -> Option<Outcome> {
    let (id, code) = (api_id.to_owned(), code.to_owned());
    Some(match word.trim().to_ascii_lowercase().as_str() {
        "created" if !id.is_empty() => Outcome::Created { id },
        "found" if !id.is_empty() => Outcome::Found { id },
        "exists" => Outcome::Exists { id },
        "refused" => Outcome::Refused { code },
        "gave-up" => Outcome::GaveUp { code },
        "unconfirmed" => Outcome::Unconfirmed,
        "duplicate" => {
            Outcome::Duplicate { ids: id.split_whitespace().map(str::to_owned).collect() }
        }
        "unfit" => Outcome::Unfit,
        "skipped" => Outcome::Skipped,
        "not-sent" => Outcome::NotSent,
        "deleted" => Outcome::Deleted { id },
        _ => return None,
    })
}

/// The finding that makes it unfit is what a reader looks for first.
fn why_unfit(findings: &[Finding]) -> Detail {
    let error = findings.iter().find(|finding| finding.severity == Severity::Error);
    error.map(|error| Detail::ours(error.code.as_str(), short(&error.message))).unwrap_or_default()
}

fn codes(findings: &[Finding]) -> String {
    let mut codes: Vec<&str> = Vec::new();
    for finding in findings {
        if !codes.contains(&finding.code.as_str()) {
            codes.push(finding.code.as_str());
        }
    }
    codes.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Place;
    use crate::plan::{Skipped, Unfit};
    use crate::report::cell::{guard, unguard};
    use crate::report::fixtures::{all_outcomes, item, origin};

    fn finding(code: Code) -> Finding {
        let place = Place { source: "s".into(), line: 1, column: 1, pointer: "".into() };
        Finding::new(code, place, "not carried over")
    }

    fn reread(row: &Row) -> Row {
        let cells = row.cells();
        let row_of_cells = Row::from_cells(|name| {
            let at = COLUMNS.iter().position(|column| *column == name).unwrap();
            Cow::Owned(unguard(&guard(&cells[at])).to_owned())
        });
        Row { pointer: row.pointer.clone(), ..row_of_cells }
    }

    #[test]
    fn the_columns_are_the_pinned_ones() {
        assert_eq!(
            COLUMNS.join(","),
            "service,method,path,api_name,outcome,api_id,attempts,error_code,error_message,\
             request_id,created_at,source,line,operation_id,findings,digest,backend,changes"
        );
    }

    #[test]
    fn every_entry_of_a_plan_is_a_row() {
        let mut sent = item("GET", "/pets");
        sent.findings = vec![finding(Code::OVER_BUDGET), finding(Code::OVER_BUDGET)];
        let row = Row::of(&Entry::Item(sent.clone()));
        assert_eq!(row.outcome, Some(Outcome::NotSent));
        assert_eq!(&*row.digest, sent.digest.as_str());
        assert_eq!(&*row.findings, Code::OVER_BUDGET.as_str());
        assert_eq!((row.line, &*row.operation_id), (41, "listPets"));

        let unfit = Entry::Unfit(Unfit {
            method: "PATCH".into(),
            path: "/pets".into(),
            service: "service-a".into(),
            origin: origin(),
            findings: vec![finding(Code::SYNTAX_ERROR)],
        });
        let row = Row::of(&unfit);
        assert_eq!(row.outcome, Some(Outcome::Unfit));
        assert_eq!(row.detail, Detail::ours(Code::SYNTAX_ERROR.as_str(), "not carried over"));
        assert_eq!(&*row.digest, "");

        let skipped = Entry::Skipped(Skipped {
            method: "GET".into(),
            path: "/old".into(),
            service: "service-a".into(),
            origin: origin(),
            reason: "retired".into(),
            findings: Vec::new(),
        });
        let row = Row::of(&skipped);
        assert_eq!((row.outcome, &*row.detail.message), (Some(Outcome::Skipped), "retired"));
    }

    #[test]
    fn a_row_comes_back_from_its_cells_as_it_went_in() {
        let mut row = Row::of(&Entry::Item(item("ANY", "=/exact/{id}")));
        row.created_at = Some("2026-11-24T03:42:00Z".parse().unwrap());
        row.attempts = 2;
        row.detail = Detail::ours("Code", "-1 is not \"allowed\", 'really'");
        for outcome in [None].into_iter().chain(all_outcomes().into_iter().map(Some)) {
            row.outcome = outcome;
            assert_eq!(reread(&row), row);
        }
    }

    #[test]
    fn a_word_is_read_as_a_person_may_have_typed_it() {
        let code = "C".to_owned();
        assert_eq!(outcome(" Gave-Up ", "", "C"), Some(Outcome::GaveUp { code }));
        assert_eq!(outcome("TRUE", "api-1", ""), None);
    }

    #[test]
    fn a_claim_of_ours_without_an_id_is_no_outcome() {
        assert_eq!(outcome("created", "", ""), None);
        assert_eq!(outcome("created", "api-1", ""), Some(Outcome::Created { id: "api-1".into() }));
        let ids = vec!["api-1".to_owned(), "api-2".to_owned()];
        assert_eq!(outcome("duplicate", "api-1 api-2", ""), Some(Outcome::Duplicate { ids }));
    }

    #[test]
    fn a_finding_is_named_once_and_can_be_taken_back() {
        let mut row = Row::of(&Entry::Item(item("GET", "/pets")));
        for code in ["changed", "cut", "changed"] {
            row.find(code);
        }
        assert_eq!(&*row.findings, "changed cut");
        row.unfind("changed");
        assert_eq!(&*row.findings, "cut");
    }

    #[test]
    fn a_text_without_end_is_cut_to_a_cell() {
        let mut unfit = item("GET", "/");
        unfit.api_name = "x".repeat(1_000_000);
        assert!(Row::of(&Entry::Item(unfit)).api_name.len() < 10_000);
    }
}
