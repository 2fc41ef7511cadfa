//! What earlier runs left: the journal past a torn end, or the CSV where there is no
//! journal. Reads only, until somebody goes on with it.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::report::disk::RealDisk;
use crate::report::error::{Error, ErrorKind};
use crate::report::journal::{Tail, with};
use crate::report::known::{self, History, Known};
use crate::report::lock::Lock;
use crate::report::opening::{Opening, Trust};
use crate::report::place::{keep_edited, set_aside, shown, sweep};
use crate::report::row::ReportRow;
use crate::report::store::{self, Store};
use crate::report::table::Found;
use crate::report::{Head, Report, start};
use crate::run::KnownService;

/// What earlier runs left. Nothing is written before [`Earlier::go_on`].
#[derive(Debug)]
pub struct Earlier {
    /// What the import was; `None` where a CSV is all there is.
    pub head: Option<Head>,
    /// The rows in the report's order.
    pub rows: Vec<Known>,
    /// What each service held before our first create there.
    pub services: Vec<KnownService>,
    /// How far the rows can be believed.
    pub trust: Trust,
    /// Whether the last run came to its end.
    pub ended: bool,
    /// What a person should know of what was found.
    pub notices: Vec<String>,
    path: PathBuf,
    lock: Lock,
    /// Where the journal's good part ends; `None` where there is none to go on with.
    tail: Option<Tail>,
    /// The CSV is none that this program wrote.
    edited: bool,
    now: Timestamp,
}

impl Earlier {
    pub(crate) fn read(
        path: PathBuf,
        lock: Lock,
        repair: bool,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let mut earlier = Self {
            head: None,
            rows: Vec::new(),
            services: Vec::new(),
            trust: Trust::CsvAlone,
            ended: false,
            notices: Vec::new(),
            path,
            lock,
            tail: None,
            edited: false,
            now,
        };
        let Store { journal, table } = store::find(&RealDisk, &earlier.path)?;
        match journal {
            Ok(Some((history, tail))) => earlier.trust_journal(history, tail, table),
            Ok(None) => earlier.trust_csv(table)?,
            Err(error) if repair && error.kind() == ErrorKind::Damaged => {
                earlier.notices.push(format!("{error}; it is set aside"));
                earlier.trust_csv(table)?;
            }
            Err(error) => return Err(error),
        }
        Ok(earlier)
    }

    fn trust_journal(&mut self, history: History, tail: Tail, found: Option<Found>) {
        self.services = history.services();
        let History { head, rows, tables, ended, .. } = history;
        (self.head, self.rows, self.ended) = (head, rows, ended);
        (self.trust, self.tail) = (Trust::Journal, Some(tail));
        if tail.len > tail.good {
            let torn = tail.len - tail.good;
            self.notices.push(format!("the journal's last {torn} bytes were torn and are cut off"));
        }
        if let Some(found) = found.filter(|found| !tables.contains(&found.sha256)) {
            self.edited = true;
            if found.rows.is_ok_and(|rows| claims_more(&rows, &self.rows)) {
                self.trust = Trust::CsvAlone;
                known::doubt(&mut self.rows);
                self.notices.push(
                    "the report tells of more APIs than its journal: everything is looked up"
                        .into(),
                );
            }
        }
    }

    fn trust_csv(&mut self, found: Option<Found>) -> Result<(), Error> {
        let rows = match found.map(|found| found.rows) {
            Some(Ok(rows)) if !rows.is_empty() => rows,
            Some(Err(why)) => {
                return Err(no_report(&self.path, &why));
            }
            _ => return Err(no_report(&self.path, "it has no rows")),
        };
        self.rows = known::merge(rows).into_iter().map(Known::bare).collect();
        known::doubt(&mut self.rows);
        self.edited = true;
        self.notices.push("there is no journal: everything in the report is looked up".into());
        Ok(())
    }

    /// Takes the report up with the rows of `opening`. `head` says what takes it up, and is
    /// the new journal's head where there was none.
    ///
    /// # Errors
    /// The journal or the CSV cannot be written.
    pub fn go_on(self, head: Head, opening: Opening) -> Result<Report, Error> {
        let disk = |error: io::Error| {
            Error::new(ErrorKind::DiskBefore, format!("cannot write to the report: {error}"))
        };
        sweep(&self.path);
        if self.edited {
            keep_edited(&self.path, self.now).map_err(disk)?;
        }
        let journal = if let Some(tail) = self.tail {
            store::take_up(&RealDisk, &self.path, tail, head, &opening)
        } else {
            set_aside(&with(&self.path, ".journal"), self.now)
                .and_then(|()| store::make(&RealDisk, &self.path, head, &opening))
        };
        start(self.path, journal.map_err(disk)?, opening, self.lock)
    }
}

/// That a file is none of ours.
pub(crate) fn no_report(path: &Path, why: &str) -> Error {
    Error::new(ErrorKind::NotAReport, format!("{} is not a report: {why}", shown(path)))
}

/// Whether a CSV names APIs as ours that the journal does not know: then the journal is an
/// older copy.
fn claims_more(csv: &[ReportRow], journal: &[Known]) -> bool {
    let known: HashSet<&str> =
        journal.iter().flat_map(|known| known.row.api_id.split(' ')).collect();
    let claims = csv.iter().filter(|row| row.state.is_ours() && !row.api_id.is_empty());
    claims.into_iter().any(|row| !known.contains(&*row.api_id))
}
