//! What is known of each row: the row itself, and whether a create of ours may stand
//! unseen. Pure: a run in progress and the reading back of a journal learn from the same
//! records by the same function, so that they cannot come to differ.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use crate::finding::Code;
use crate::plan::Entry;
use crate::report::record::{Head, Record, RowLine, VERSION};
use crate::report::row::{self, COLUMNS, ReportRow, State};
use crate::run::{Action, BaseApi, Detail, Fact, KnownService, Outcome, Transition};

/// The finding of a created API whose operation has changed since.
pub(crate) const CHANGED: &str = Code::CHANGED.as_str();

/// A row and what is known beyond it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The row.
    pub row: ReportRow,
    /// Whether a create of ours may stand unseen.
    pub standing: Standing,
    /// JSON pointer of the operation in its source; empty where a CSV was all there was.
    pub pointer: Box<str>,
}

/// Whether a create of ours may stand unseen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// No: nothing was sent, or it is known what became of it.
    Clear,
    /// Yes: it went out, or may have, and no answer and no look has told. `sent_at` is the
    /// last intent's time; `None` where that is not known.
    Doubt { sent_at: Option<Timestamp> },
}

impl Known {
    /// An entry of a plan, of which nothing was sent.
    pub fn of(entry: &Entry) -> Self {
        let origin = match entry {
            Entry::Item(item) => &item.origin,
            Entry::Unfit(unfit) => &unfit.origin,
            Entry::Skipped(skipped) => &skipped.origin,
        };
        Self { pointer: row::short(&origin.pointer), ..Self::bare(ReportRow::of(entry)) }
    }

    /// A row of which nothing else is known.
    pub fn bare(row: ReportRow) -> Self {
        Self { row, standing: Standing::Clear, pointer: Box::default() }
    }

    /// Learns what a fact of this row's item tells.
    pub(crate) fn learn<S>(&mut self, fact: &Fact<S>) {
        let Fact::Item { action, attempt, at, step, .. } = fact else { return };
        match step {
            // Until the gateway says otherwise the API stands.
            Transition::Intent { .. } if *action == Action::Delete => {}
            Transition::Intent { digest } => {
                self.row.state = State::Sending;
                self.row.attempts = *attempt;
                self.row.digest = digest.as_str().into();
                // What is sent now is the operation as it stands now.
                self.row.unfind(CHANGED);
                self.standing = Standing::Doubt { sent_at: Some(*at) };
            }
            Transition::Rejected(detail) => {
                self.answered(detail);
                self.standing = Standing::Clear;
            }
            Transition::Doubt(detail) => self.answered(detail),
            Transition::Absent => self.standing = Standing::Clear,
            Transition::Settled { outcome, detail } => {
                self.answered(detail);
                if *action == Action::Create {
                    self.row.attempts = self.row.attempts.max(*attempt);
                }
                self.settle(outcome, *at);
            }
        }
    }

    fn answered(&mut self, detail: &Detail) {
        self.row.error_code = detail.code.as_str().into();
        self.row.error_message = detail.message.as_str().into();
        self.row.request_id = detail.request_id.as_str().into();
    }

    fn settle(&mut self, outcome: &Outcome, at: Timestamp) {
        self.row.state = outcome.into();
        self.row.api_id = outcome.ids().join(" ").into();
        if outcome.is_ours() && self.row.created_at.is_none() {
            self.row.created_at = Some(at);
        }
        self.standing = match (outcome, self.standing) {
            (Outcome::Unconfirmed, Standing::Clear) => Standing::Doubt { sent_at: None },
            (Outcome::Unconfirmed, doubt) => doubt,
            _ => Standing::Clear,
        };
    }

    /// The row's record.
    pub(crate) fn line(&self, n: u32) -> Record {
        let cells = self.row.cells().into_iter().map(Into::into).collect();
        let key = (!self.row.state.is_idle()).then(|| self.row.key().short());
        let (doubt, sent_at) = match self.standing {
            Standing::Clear => (false, None),
            Standing::Doubt { sent_at } => (true, sent_at),
        };
        let pointer = self.pointer.to_string();
        Record::Row(RowLine { n, key, cells, pointer, doubt, sent_at })
    }
}

impl Known {
    fn from_line(line: &RowLine) -> Option<Self> {
        let cell = |name: &str| {
            let at = COLUMNS.iter().position(|column| *column == name);
            at.and_then(|at| line.cells.get(at)).map_or("", String::as_str).into()
        };
        let doubt = Standing::Doubt { sent_at: line.sent_at };
        let standing = if line.doubt { doubt } else { Standing::Clear };
        Some(Self {
            row: ReportRow::from_cells(cell)?,
            standing,
            pointer: line.pointer.as_str().into(),
        })
    }
}

/// What a journal tells, record by record.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// The first record.
    pub(crate) head: Option<Head>,
    /// The rows in the report's order.
    pub(crate) rows: Vec<Known>,
    /// SHA-256 of the CSVs that this program put in place, or was about to.
    pub(crate) tables: Vec<String>,
    /// Whether the last run came to its end.
    pub(crate) ended: bool,
    by_key: HashMap<String, u32>,
    bases: BTreeMap<String, Base>,
    /// The environment of each service that was released since our last create there.
    released: BTreeMap<String, String>,
}

#[derive(Debug, Default)]
struct Base {
    apis: Vec<BaseApi>,
    whole: bool,
}

impl History {
    /// Takes the next record.
    ///
    /// # Errors
    /// The record cannot stand where it does: the journal is not what this program writes.
    pub(crate) fn take(&mut self, record: Record) -> Result<(), String> {
        match record {
            Record::Head(head) => return self.begin(head),
            _ if self.head.is_none() => return Err("it does not begin with a head".into()),
            Record::Row(line) => return self.place(line),
            Record::Csv { sha256 } => self.tables.push(sha256),
            Record::Resume { .. } => self.ended = false,
            Record::Synced { .. } => {}
            Record::Fact(fact) => return self.learn(fact),
        }
        Ok(())
    }

    fn learn(&mut self, fact: Fact<String>) -> Result<(), String> {
        match fact {
            Fact::Base { service, apis, more, .. } => self.list(service, apis, more),
            Fact::Released { service, environment, .. } => {
                self.released.insert(service, environment);
            }
            Fact::Ended => self.ended = true,
            Fact::Stopped { .. } => {}
            Fact::Item { ref item, ref step, .. } => {
                let known = self.by_key.get(item).and_then(|n| self.rows.get_mut(*n as usize));
                let known = known.ok_or_else(|| format!("{item:?} is of no row"))?;
                known.learn(&fact);
                if let Transition::Settled { outcome, .. } = step
                    && outcome.is_ours()
                {
                    self.released.remove(&*known.row.service);
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, head: Head) -> Result<(), String> {
        if self.head.is_some() {
            return Err("it has two heads".into());
        }
        if head.v != VERSION {
            let age = if head.v > VERSION { "a newer" } else { "an older" };
            return Err(format!("it was written by {age} version ({})", head.tool));
        }
        self.head = Some(head);
        Ok(())
    }

    fn place(&mut self, line: RowLine) -> Result<(), String> {
        let n = line.n as usize;
        if n > self.rows.len() {
            return Err(format!("row {n} comes too early"));
        }
        let known = Known::from_line(&line).ok_or("a row has no outcome")?;
        if let Some(key) = line.key {
            self.by_key.insert(key, line.n);
        }
        match self.rows.get_mut(n) {
            Some(row) => *row = known,
            None => self.rows.push(known),
        }
        Ok(())
    }

    fn list(&mut self, service: String, apis: Vec<BaseApi>, more: bool) {
        let base = self.bases.entry(service).or_default();
        // A listing that was cut short before, and taken again.
        if base.whole {
            *base = Base::default();
        }
        base.apis.extend(apis);
        base.whole = !more;
    }

    /// What was there before our first create, per service that was listed whole.
    pub(crate) fn services(&self) -> Vec<KnownService> {
        let whole = self.bases.iter().filter(|(_, base)| base.whole);
        whole
            .map(|(service, base)| KnownService {
                service: service.clone(),
                base: Some(base.apis.clone()),
                released: self.released.get(service).cloned(),
            })
            .collect()
    }
}

/// Rows that are only believed: whatever has not ended with an API may stand unseen.
pub(crate) fn doubt(rows: &mut [Known]) {
    for known in rows.iter_mut().filter(|known| !known.row.state.is_idle()) {
        if known.standing == Standing::Clear {
            known.standing = Standing::Doubt { sent_at: None };
        }
    }
}

/// The rows of a CSV in which a person may have doubled some: of several of one item the
/// first stays; where they name different APIs, none is believed.
pub(crate) fn merge(rows: Vec<ReportRow>) -> Vec<ReportRow> {
    let mut places = HashMap::new();
    let mut merged: Vec<ReportRow> = Vec::new();
    for row in rows {
        let idle = matches!(row.state, State::Unfit | State::Skipped);
        let key = (row.service.clone(), row.method.clone(), row.path.clone(), idle);
        let place = *places.entry(key).or_insert(merged.len());
        match merged.get_mut(place) {
            None => merged.push(row),
            Some(first) if idle && first.source != row.source => merged.push(row),
            Some(first) if first.api_id.is_empty() && !row.api_id.is_empty() => *first = row,
            Some(first) if row.api_id.is_empty() || first.api_id == row.api_id => {}
            Some(first) => {
                first.state = State::Sending;
                first.api_id = Box::default();
            }
        }
    }
    merged
}
