//! One operation on paper: what a person, a spreadsheet and a script read of it.
//!
//! The columns and their order stand in one place, [`COLUMNS`]. A row has two texts: its
//! cells as they are (the journal keeps those) and its cells as they are safe in a
//! spreadsheet (the CSV). Which row belongs to which item, and what is known beyond the
//! row, is `report::known`'s business.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;

use crate::finding::{Finding, Severity};
use crate::plan::{Entry, ItemKey, Origin};
use crate::run::Outcome;
use crate::text;

/// The columns of the report, in order. Readers go by name; writers keep the order.
pub const COLUMNS: [&str; 16] = [
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
];

/// Characters that one cell may hold: real ones stay far below, and a journal line has to
/// hold them all.
const LONGEST_CELL: usize = 2_000;

/// One operation on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRow {
    /// The service that takes it.
    pub service: Arc<str>,
    /// As sent; for unfit and skipped operations as in the document.
    pub method: Box<str>,
    /// As sent; for unfit and skipped operations as in the document.
    pub path: Box<str>,
    /// `ApiName` as sent; empty where nothing would be sent.
    pub api_name: Box<str>,
    /// How it ended, or that it has not.
    pub state: State,
    /// The API's id; several, joined by a space, where it exists more than once.
    pub api_id: Box<str>,
    /// Creates sent, over all runs of the report.
    pub attempts: u32,
    /// The gateway's code, the code of the finding that makes it unfit, or ours.
    pub error_code: Box<str>,
    /// What goes with the code.
    pub error_message: Box<str>,
    /// The `RequestId` of the answer that decided.
    pub request_id: Box<str>,
    /// When we learned that our API stands.
    pub created_at: Option<Timestamp>,
    /// The source as typed, joined with the path below it.
    pub source: Arc<str>,
    /// Of the operation in its source, from 1; 0 where it is not known.
    pub line: u32,
    /// The document's `operationId`, where it has one.
    pub operation_id: Box<str>,
    /// Codes of what was found, each once, joined by a space.
    pub findings: Box<str>,
    /// SHA-256 of the request body that was or would be sent, without the service and without
    /// the id of the API that authorises; empty where there is none.
    pub digest: Box<str>,
}

/// The word in the column `outcome`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// By us, and told so.
    Created,
    /// By us: the answer was lost, and a look found it.
    Found,
    /// It was there before us.
    Exists,
    /// The gateway said no, and would again.
    Refused,
    /// Attempts ran out, and it is not there.
    GaveUp,
    /// Nobody knows.
    Unconfirmed,
    /// It is there more than once.
    Duplicate,
    /// Could not be sent; see its findings.
    Unfit,
    /// A rule or an option left it out, or its operation is gone.
    Skipped,
    /// Not sent yet, or stopped first.
    NotSent,
    /// Deleted again by undo.
    Deleted,
    /// Begun and not ended: a run lives, or was killed.
    Sending,
}

impl State {
    /// All states.
    pub const ALL: [Self; 12] = [
        Self::Created,
        Self::Found,
        Self::Exists,
        Self::Refused,
        Self::GaveUp,
        Self::Unconfirmed,
        Self::Duplicate,
        Self::Unfit,
        Self::Skipped,
        Self::NotSent,
        Self::Deleted,
        Self::Sending,
    ];

    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Found => "found",
            Self::Exists => "exists",
            Self::Refused => "refused",
            Self::GaveUp => "gave-up",
            Self::Unconfirmed => "unconfirmed",
            Self::Duplicate => "duplicate",
            Self::Unfit => "unfit",
            Self::Skipped => "skipped",
            Self::NotSent => "not-sent",
            Self::Deleted => "deleted",
            Self::Sending => "sending",
        }
    }

    /// Whether there is nothing that could be sent.
    pub fn is_idle(self) -> bool {
        matches!(self, Self::Unfit | Self::Skipped)
    }

    /// Whether an API of ours stands.
    pub fn is_ours(self) -> bool {
        matches!(self, Self::Created | Self::Found)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for State {
    type Err = ();

    /// Reads the word as a person may have left it: any case, spaces around.
    fn from_str(word: &str) -> Result<Self, ()> {
        let word = word.trim();
        Self::ALL.into_iter().find(|state| state.as_str().eq_ignore_ascii_case(word)).ok_or(())
    }
}

impl From<&Outcome> for State {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Created { .. } => Self::Created,
            Outcome::Found { .. } => Self::Found,
            Outcome::Exists { .. } => Self::Exists,
            Outcome::Refused { .. } => Self::Refused,
            Outcome::GaveUp { .. } => Self::GaveUp,
            Outcome::Unconfirmed => Self::Unconfirmed,
            Outcome::Duplicate { .. } => Self::Duplicate,
            Outcome::Unfit => Self::Unfit,
            Outcome::Skipped => Self::Skipped,
            Outcome::Deleted { .. } => Self::Deleted,
            Outcome::NotSent => Self::NotSent,
        }
    }
}

impl ReportRow {
    /// The row of a plan's entry before anything is sent.
    pub fn of(entry: &Entry) -> Self {
        match entry {
            Entry::Item(item) => Self {
                api_name: short(&item.api_name),
                digest: item.digest.as_str().into(),
                ..Self::bare(&item.key.service, &item.origin, &item.findings).going(
                    &item.key.method,
                    &item.key.path,
                    State::NotSent,
                )
            },
            Entry::Unfit(unfit) => Self::bare(&unfit.service, &unfit.origin, &unfit.findings)
                .going(&cell_of(&unfit.method), &cell_of(&unfit.path), State::Unfit)
                .explained_by(&unfit.findings),
            Entry::Skipped(skipped) => Self {
                error_message: short(&skipped.reason),
                ..Self::bare(&skipped.service, &skipped.origin, &skipped.findings).going(
                    &cell_of(&skipped.method),
                    &cell_of(&skipped.path),
                    State::Skipped,
                )
            },
        }
    }

    fn bare(service: &str, origin: &Origin, findings: &[Finding]) -> Self {
        Self {
            service: service.into(),
            method: Box::default(),
            path: Box::default(),
            api_name: Box::default(),
            state: State::NotSent,
            api_id: Box::default(),
            attempts: 0,
            error_code: Box::default(),
            error_message: Box::default(),
            request_id: Box::default(),
            created_at: None,
            source: Arc::clone(&origin.source),
            line: origin.line,
            operation_id: short(origin.operation_id.as_deref().unwrap_or_default()),
            findings: codes(findings).into(),
            digest: Box::default(),
        }
    }

    fn going(self, method: &str, path: &str, state: State) -> Self {
        Self { method: method.into(), path: path.into(), state, ..self }
    }

    /// The finding that makes it unfit is what a reader looks for first.
    fn explained_by(mut self, findings: &[Finding]) -> Self {
        if let Some(error) = findings.iter().find(|f| f.severity == Severity::Error) {
            self.error_code = error.code.as_str().into();
            self.error_message = short(&error.message);
        }
        self
    }

    /// The key of the item that the row is of. Of what could not be sent it names nothing.
    pub fn key(&self) -> ItemKey {
        ItemKey {
            service: self.service.to_string(),
            method: self.method.to_string(),
            path: self.path.to_string(),
        }
    }

    /// The outcome that the row tells, with its ids; `None` while it is being sent, or
    /// where a state that needs an id has none (a person may have typed the word).
    pub fn outcome(&self) -> Option<Outcome> {
        let id = || (!self.api_id.is_empty()).then(|| self.api_id.to_string());
        let code = self.error_code.to_string();
        Some(match self.state {
            State::Created => Outcome::Created { id: id()? },
            State::Found => Outcome::Found { id: id()? },
            State::Exists => Outcome::Exists { id: self.api_id.to_string() },
            State::Refused => Outcome::Refused { code },
            State::GaveUp => Outcome::GaveUp { code },
            State::Unconfirmed => Outcome::Unconfirmed,
            State::Duplicate => Outcome::Duplicate {
                ids: self.api_id.split_whitespace().map(str::to_owned).collect(),
            },
            State::Unfit => Outcome::Unfit,
            State::Skipped => Outcome::Skipped,
            State::NotSent => Outcome::NotSent,
            State::Deleted => Outcome::Deleted { id: self.api_id.to_string() },
            State::Sending => return None,
        })
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

    /// Whether this code stands among the findings.
    pub fn has_found(&self, code: &str) -> bool {
        self.findings.split(' ').any(|found| found == code)
    }

    /// The cells as they are, in the order of [`COLUMNS`].
    pub fn cells(&self) -> [Cow<'_, str>; COLUMNS.len()] {
        [
            Cow::Borrowed(&*self.service),
            Cow::Borrowed(&*self.method),
            Cow::Borrowed(&*self.path),
            Cow::Borrowed(&*self.api_name),
            Cow::Borrowed(self.state.as_str()),
            Cow::Borrowed(&*self.api_id),
            Cow::Owned(self.attempts.to_string()),
            Cow::Borrowed(&*self.error_code),
            Cow::Borrowed(&*self.error_message),
            Cow::Borrowed(&*self.request_id),
            Cow::Owned(self.created_at.map(|at| at.to_string()).unwrap_or_default()),
            Cow::Borrowed(&*self.source),
            Cow::Owned(if self.line == 0 { String::new() } else { self.line.to_string() }),
            Cow::Borrowed(&*self.operation_id),
            Cow::Borrowed(&*self.findings),
            Cow::Borrowed(&*self.digest),
        ]
    }

    /// The row of these cells, asked for by the column's name; what is missing is empty, and
    /// what cannot be read (a number that a spreadsheet made a date of) counts as missing.
    ///
    /// `None` where there is no outcome that could be read: such a row tells nothing.
    pub fn from_cells<'c>(mut cell: impl FnMut(&str) -> Cow<'c, str>) -> Option<Self> {
        let state = cell("outcome").parse().ok()?;
        let mut word = |name: &str| Box::<str>::from(cell(name));
        Some(Self {
            service: Arc::from(word("service")),
            method: word("method"),
            path: word("path"),
            api_name: word("api_name"),
            state,
            api_id: word("api_id"),
            attempts: word("attempts").parse().unwrap_or(0),
            error_code: word("error_code"),
            error_message: word("error_message"),
            request_id: word("request_id"),
            created_at: word("created_at").parse().ok(),
            source: Arc::from(word("source")),
            line: word("line").parse().unwrap_or(0),
            operation_id: word("operation_id"),
            findings: word("findings"),
            digest: word("digest"),
        })
    }
}

/// A cell as it is safe in a spreadsheet: control characters spelt out, and a `'` before
/// what would be run as a formula.
///
/// A text that already begins with `'` and then a trigger gets one more, so that
/// [`unguard`] gives back what was there.
pub fn guard(cell: &str) -> Cow<'_, str> {
    let safe = text::escape(cell);
    if is_formula(safe.trim_start_matches('\'')) { Cow::Owned(format!("'{safe}")) } else { safe }
}

/// What [`guard`] was given, control characters aside: strips exactly one `'` before a
/// trigger, and leaves a cell alone that lost its `'` on the way.
pub fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

/// Whether a spreadsheet would take it for a formula: the ASCII triggers, and the full-width
/// ones that East Asian editions read as the same.
fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r'])
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

/// A text of a document or an answer, no longer than a cell may be.
pub(crate) fn short(text: &str) -> Box<str> {
    cell_of(text).into()
}

fn cell_of(text: &str) -> Cow<'_, str> {
    text::cut(text, LONGEST_CELL)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::finding::{Code, Place};
    use crate::plan::{Skipped, Unfit};
    use crate::report::samples::{item, origin};

    fn finding(code: Code) -> Finding {
        let place = Place { source: "s".into(), line: 1, column: 1, pointer: "".into() };
        Finding::new(code, place, "not carried over")
    }

    fn reread(row: &ReportRow) -> ReportRow {
        let cells = row.cells();
        ReportRow::from_cells(|name| {
            let at = COLUMNS.iter().position(|column| *column == name).unwrap();
            Cow::Owned(unguard(&guard(&cells[at])).to_owned())
        })
        .unwrap()
    }

    #[test]
    fn the_columns_are_the_pinned_ones() {
        assert_eq!(
            COLUMNS.join(","),
            "service,method,path,api_name,outcome,api_id,attempts,error_code,error_message,\
             request_id,created_at,source,line,operation_id,findings,digest"
        );
    }

    #[test]
    fn every_entry_of_a_plan_is_a_row() {
        let mut sent = item("GET", "/pets");
        sent.findings = vec![finding(Code::OVER_BUDGET), finding(Code::OVER_BUDGET)];
        let row = ReportRow::of(&Entry::Item(sent.clone()));
        assert_eq!(row.state, State::NotSent);
        assert_eq!(&*row.digest, sent.digest.as_str());
        assert_eq!(&*row.findings, "over-budget");
        assert_eq!((row.line, &*row.operation_id), (41, "listPets"));

        let unfit = Entry::Unfit(Unfit {
            method: "PATCH".into(),
            path: "/pets".into(),
            service: "service-a".into(),
            origin: origin(),
            findings: vec![finding(Code::SYNTAX_ERROR)],
        });
        let row = ReportRow::of(&unfit);
        assert_eq!(row.state, State::Unfit);
        assert_eq!((&*row.error_code, &*row.error_message), ("syntax-error", "not carried over"));
        assert_eq!(&*row.digest, "");

        let skipped = Entry::Skipped(Skipped {
            method: "GET".into(),
            path: "/old".into(),
            service: "service-a".into(),
            origin: origin(),
            reason: "retired".into(),
            findings: Vec::new(),
        });
        let row = ReportRow::of(&skipped);
        assert_eq!((row.state, &*row.error_message), (State::Skipped, "retired"));
    }

    #[test]
    fn a_row_comes_back_from_its_cells_as_it_went_in() {
        let mut row = ReportRow::of(&Entry::Item(item("ANY", "=/exact/{id}")));
        row.created_at = Some("2026-11-24T03:42:00.5Z".parse().unwrap());
        row.api_id = "api-1".into();
        row.attempts = 2;
        row.error_message = "-1 is not \"allowed\", 'really'".into();
        for state in State::ALL {
            row.state = state;
            assert_eq!(reread(&row), row);
        }
    }

    #[test]
    fn a_cell_that_would_be_run_as_a_formula_begins_with_an_apostrophe() {
        for formula in ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "＝1+1"] {
            assert_eq!(guard(formula), format!("'{formula}"));
            assert_eq!(unguard(&guard(formula)), formula);
        }
        assert_eq!(guard("\t=1"), "\\t=1");
        assert_eq!(guard("/pets"), "/pets");
    }

    #[test]
    fn exactly_one_apostrophe_is_stripped_and_only_before_a_trigger() {
        assert_eq!(unguard("''=x"), "'=x");
        assert_eq!(unguard("'quoted'"), "'quoted'");
        assert_eq!(unguard("=x"), "=x", "a spreadsheet may have swallowed the apostrophe");
    }

    #[test]
    fn a_state_is_read_as_a_person_may_have_typed_it() {
        assert_eq!(" Gave-Up ".parse(), Ok(State::GaveUp));
        assert_eq!("TRUE".parse::<State>(), Err(()));
    }

    #[test]
    fn a_claim_of_ours_without_an_id_is_no_outcome() {
        let mut row = ReportRow::of(&Entry::Item(item("GET", "/pets")));
        row.state = State::Created;
        assert_eq!(row.outcome(), None);
        row.api_id = "api-1".into();
        assert_eq!(row.outcome(), Some(Outcome::Created { id: "api-1".into() }));
        row.state = State::Duplicate;
        row.api_id = "api-1 api-2".into();
        let ids = vec!["api-1".to_owned(), "api-2".to_owned()];
        assert_eq!(row.outcome(), Some(Outcome::Duplicate { ids }));
    }

    #[test]
    fn a_finding_is_named_once_and_can_be_taken_back() {
        let mut row = ReportRow::of(&Entry::Item(item("GET", "/pets")));
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
        assert!(ReportRow::of(&Entry::Item(unfit)).api_name.len() < 10_000);
    }

    proptest! {
        #[test]
        fn a_guarded_cell_never_begins_with_a_trigger_and_comes_back(cell in "['=+@＝a-]{0,6}.*") {
            let guarded = guard(&cell);
            prop_assert!(!is_formula(&guarded));
            prop_assert!(!guarded.chars().any(char::is_control));
            let escaped = text::escape(&cell);
            prop_assert_eq!(unguard(&guarded), &*escaped);
        }
    }
}
