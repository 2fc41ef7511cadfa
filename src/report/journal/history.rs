//! What is known from a journal when it is read back, record by record.

use std::collections::{BTreeMap, HashMap};

use crate::report::clock::Moment;
use crate::report::journal::line::{Head, Record, RowLine, VERSION};
use crate::report::row::Row;
use crate::run::{BaseApi, Fact, KnownService, Making, Releasing, ServiceAction, Transition};

/// What is known from a journal, record by record.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// The first record.
    pub(crate) head: Option<Head>,
    /// The rows in the report's order.
    pub(crate) rows: Vec<Row>,
    /// SHA-256 of the CSVs that this program put in place, or was about to.
    pub(crate) tables: Vec<String>,
    /// Whether the last run came to its end.
    pub(crate) ended: bool,
    /// What is known of the services that were to be made, by their names.
    pub(crate) makings: BTreeMap<String, Making>,
    /// Services in whose place resumes sent to others.
    pub(crate) moved: BTreeMap<String, String>,
    /// When runs of the report began, by both clocks.
    pub(crate) begun: Vec<Moment>,
    by_key: HashMap<String, u32>,
    bases: BTreeMap<String, Base>,
    /// The environment of each service that was released since our last create there.
    released: BTreeMap<String, String>,
    /// Releases that were meant and not settled, of the same time.
    releasing: BTreeMap<String, Releasing>,
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
    /// The record cannot come at this place: this program does not write such a journal.
    pub(crate) fn take(&mut self, record: Record) -> Result<(), String> {
        match record {
            Record::Head(head) => return self.begin(head),
            _ if self.head.is_none() => return Err("it does not begin with a head".into()),
            Record::Row(line) => return self.place(line),
            Record::Csv { sha256 } => self.tables.push(sha256),
            Record::Resume { at: wall, uptime, moved, .. } => {
                self.moved.extend(moved);
                self.ended = false;
                self.begun.push(Moment { wall, uptime });
            }
            Record::Synced { .. } => {}
            Record::Fact(fact) => return self.learn(fact),
        }
        Ok(())
    }

    fn learn(&mut self, fact: Fact<String>) -> Result<(), String> {
        match fact {
            Fact::Base { service, apis, more, .. } => self.list(service, apis, more),
            Fact::Released { service, environment, .. } => {
                self.releasing.remove(&service);
                self.released.insert(service, environment);
            }
            Fact::Service { service, action: ServiceAction::Make, attempt, at, step } => {
                self.makings.entry(service).or_default().learn(attempt, at, &step);
            }
            Fact::Service { service, action, step: Transition::Settled { .. }, .. }
                if !matches!(action, ServiceAction::Publish { .. }) =>
            {
                self.released.remove(&service);
                let of_it = |making: &&mut Making| making.id.as_deref() == Some(&service);
                if let (ServiceAction::Delete, Some(making)) =
                    (action, self.makings.values_mut().find(of_it))
                {
                    making.gone = true;
                }
            }
            Fact::Service { service, action, attempt, step, .. } => {
                let ServiceAction::Publish { environment, first } = action else { return Ok(()) };
                match step {
                    Transition::Intent { .. } | Transition::Doubt(_) => {
                        let releasing = Releasing { environment, first, attempts: attempt };
                        self.releasing.insert(service, releasing);
                    }
                    _ => _ = self.releasing.remove(&service),
                }
            }
            Fact::Ended => self.ended = true,
            Fact::Stopped { .. } => {}
            Fact::Item { ref item, ref step, .. } => {
                let row = self.by_key.get(item).and_then(|n| self.rows.get_mut(*n as usize));
                let row = row.ok_or_else(|| format!("no row belongs to {item:?}"))?;
                row.learn(&fact);
                if let Transition::Settled { outcome, .. } = step
                    && outcome.is_ours()
                {
                    self.released.remove(&*row.service);
                    self.releasing.remove(&*row.service);
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
        self.begun.push(Moment { wall: head.created_at, uptime: head.uptime.clone() });
        self.head = Some(head);
        Ok(())
    }

    fn place(&mut self, line: RowLine) -> Result<(), String> {
        let n = line.n as usize;
        if n > self.rows.len() {
            return Err(format!("row {n} is out of order"));
        }
        match self.rows.get_mut(n) {
            Some(row) => *row = line.row(),
            None => self.rows.push(line.row()),
        }
        if let Some(key) = line.key {
            self.by_key.insert(key, line.n);
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

    /// Counts what is in doubt from now on, where the times in the journal cannot be believed:
    /// a clock was set, or the machine was started anew, since one of the runs began.
    pub(crate) fn count_from(&mut self, now: &Moment) {
        if self.begun.iter().all(|begun| now.agrees(begun)) {
            return;
        }
        let rows = self.rows.iter_mut().filter_map(|row| row.doubt.as_mut());
        let services = self.makings.values_mut().map(|making| &mut making.sent_at);
        let times = rows.map(|doubt| &mut doubt.sent_at).chain(services);
        times.flatten().for_each(|sent_at| *sent_at = now.wall);
    }

    /// What was there before our first create, per service that was listed whole.
    pub(crate) fn services(&self) -> Vec<KnownService> {
        let whole = self.bases.iter().filter(|(_, base)| base.whole);
        whole
            .map(|(service, base)| KnownService {
                service: service.clone(),
                base: Some(base.apis.clone()),
                released: self.released.get(service).cloned(),
                releasing: self.releasing.get(service).cloned(),
            })
            .collect()
    }
}
