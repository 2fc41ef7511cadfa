//! The report that an earlier run left: its journal up to a torn end, or the CSV where there
//! is no journal. Reads only, until it is continued.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use fs_err as fs;
use jiff::Timestamp;

use crate::report::clock::Moment;
use crate::report::disk::RealDisk;
use crate::report::error::{Error, ErrorKind};
use crate::report::files::{self, Files};
use crate::report::journal::file::Tail;
use crate::report::journal::history::History;
use crate::report::journal::line::Head;
use crate::report::live::Report;
use crate::report::lock::Lock;
use crate::report::paths::{keep_edited, locate, set_aside, shown, sweep, with};
use crate::report::prepare::Rows;
use crate::report::resume::{Trust, is_untouched};
use crate::report::row::Row;
use crate::report::table::{self, Csv};
use crate::run::{Detail, KnownService, Making, Outcome};

/// What earlier runs left. Nothing is written before [`Prior::continue_with`].
#[derive(Debug)]
pub struct Prior {
    /// What the import was; `None` where a CSV is all there is.
    pub head: Option<Head>,
    /// The rows in the report's order.
    pub rows: Vec<Row>,
    /// What each service held before our first create there.
    pub services: Vec<KnownService>,
    /// What is known of the services that were to be made, by their names.
    pub makings: BTreeMap<String, Making>,
    /// How far the rows can be believed.
    pub trust: Trust,
    /// Whether the last run came to its end.
    pub ended: bool,
    /// Services in whose place resumes sent to others.
    pub moved: BTreeMap<String, String>,
    /// What a person should know of what was found.
    pub notices: Vec<String>,
    path: PathBuf,
    lock: Lock,
    /// Where the journal's good part ends; `None` where there is no journal to continue.
    tail: Option<Tail>,
    /// Whether the CSV is not one that this program wrote.
    edited: bool,
    now: Timestamp,
}

impl Prior {
    /// Finds what an earlier run left: the journal, or the CSV where there is none. Reads
    /// only; `repair` lets a damaged journal count as none.
    ///
    /// # Errors
    /// There is no report, another run holds it, or it cannot be trusted.
    pub fn open(path: &Path, repair: bool, now: &Moment) -> Result<Self, Error> {
        let path = locate(path)?;
        let journal = with(&path, ".journal");
        if [&path, &journal].iter().all(|file| fs::metadata(file).is_err()) {
            let message = format!("there is no report at {}", shown(&path));
            return Err(Error::new(ErrorKind::Missing, message));
        }
        // A file that is not a report gets no lock beside it.
        if fs::metadata(&journal).is_err() {
            match table::find(&RealDisk, &path) {
                Err(error) => return Err(no_report(&path, &error.to_string())),
                Ok(Some(Csv { rows: Err(why), .. })) => {
                    return Err(no_report(&path, &why));
                }
                Ok(_) => {}
            }
        }
        let lock = Lock::report(&path, now.wall)?;
        Self::read(path, lock, repair, now)
    }

    /// Where the report is, links followed.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn read(
        path: PathBuf,
        lock: Lock,
        repair: bool,
        now: &Moment,
    ) -> Result<Self, Error> {
        let mut prior = Self {
            head: None,
            rows: Vec::new(),
            services: Vec::new(),
            makings: BTreeMap::new(),
            moved: BTreeMap::new(),
            trust: Trust::CsvAlone,
            ended: false,
            notices: Vec::new(),
            path,
            lock,
            tail: None,
            edited: false,
            now: now.wall,
        };
        let Files { journal, csv } = files::find(&RealDisk, &prior.path)?;
        match journal {
            Ok(Some((mut history, tail))) => {
                history.count_from(now);
                prior.trust_journal(history, tail, csv);
            }
            Ok(None) => prior.trust_csv(csv)?,
            Err(error) if repair && error.kind() == ErrorKind::Damaged => {
                prior.notices.push(format!("{error}; it is set aside"));
                prior.trust_csv(csv)?;
            }
            Err(error) => return Err(error),
        }
        Ok(prior)
    }

    fn trust_journal(&mut self, history: History, tail: Tail, csv: Option<Csv>) {
        self.services = history.services();
        let History { head, rows, tables, ended, makings, moved, .. } = history;
        self.moved = moved;
        (self.head, self.rows, self.ended) = (head, rows, ended);
        self.makings = makings;
        (self.trust, self.tail) = (Trust::Journal, Some(tail));
        if tail.len > tail.good {
            let torn = tail.len - tail.good;
            self.notices
                .push(format!("the journal's last {torn} bytes are incomplete and are cut off"));
        }
        if let Some(csv) = csv.filter(|csv| !tables.contains(&csv.sha256)) {
            self.edited = true;
            if csv.rows.is_ok_and(|rows| claims_more(&rows, &self.rows)) {
                self.trust = Trust::CsvAlone;
                doubt(&mut self.rows);
                self.notices.push(
                    "the report lists more APIs than its journal: everything is looked up".into(),
                );
            }
        }
    }

    fn trust_csv(&mut self, csv: Option<Csv>) -> Result<(), Error> {
        let rows = match csv.map(|csv| csv.rows) {
            Some(Ok(rows)) if !rows.is_empty() => rows,
            Some(Err(why)) => {
                return Err(no_report(&self.path, &why));
            }
            _ => return Err(no_report(&self.path, "it has no rows")),
        };
        self.rows = table::merge(rows);
        doubt(&mut self.rows);
        self.edited = true;
        self.notices.push("there is no journal: everything in the report is looked up".into());
        Ok(())
    }

    /// Reads a report again that something was written to, under the same lock.
    ///
    /// # Errors
    /// The disk did not keep all, or the report cannot be read.
    pub fn reopen(report: Report, now: &Moment) -> Result<Self, Error> {
        let (path, lock) = report.hand_on()?;
        Self::read(path, lock, false, now)
    }

    /// Writes into some rows why they are not sent, and closes the report.
    ///
    /// # Errors
    /// The journal or the CSV cannot be written.
    pub fn close_unsent(
        mut self,
        head: Head,
        why: &Detail,
        is_meant: impl Fn(&Row) -> bool,
    ) -> Result<(), Error> {
        // A CSV that tells more than its journal is the only one that does.
        if self.trust == Trust::CsvAlone {
            return Ok(());
        }
        let mut rows = Rows::default();
        for (n, row) in (0..).zip(&mut self.rows).filter(|(_, row)| is_meant(row)) {
            row.detail = why.clone();
            rows.rewritten.push(n);
        }
        rows.all.clone_from(&self.rows);
        self.continue_with(head, rows)?.finish().trouble.map_or(Ok(()), Err)
    }

    /// Whether an import began it and nothing was sent from it yet except for making services.
    pub fn is_unbegun(&self) -> bool {
        let pending = |row: &Row| row.service.is_empty() && !row.is_left_out();
        let for_services = !self.makings.is_empty() || self.rows.iter().any(pending);
        self.trust == Trust::Journal && for_services && self.rows.iter().all(is_untouched)
    }

    /// Takes up the journal alone, for what comes before the rows are known.
    /// [`Self::reopen`] takes this back.
    ///
    /// # Errors
    /// There is no journal, or it cannot be written.
    pub fn continue_journal(self, head: &Head) -> Result<Report, Error> {
        let Some(tail) = self.tail else {
            let message = "services can be created only for a report that has its journal";
            return Err(Error::new(ErrorKind::NotAReport, message));
        };
        let journal = files::note_resume(&RealDisk, &self.path, tail, head, "");
        let rows = Rows { all: self.rows, ..Rows::default() };
        Report::start(self.path, journal.map_err(|error| unwritable(&error))?, rows, self.lock)
    }

    /// Takes the report up with the rows of `rows`. `head` describes the run that takes it up, and
    /// is the new journal's head where there was none.
    ///
    /// # Errors
    /// The journal or the CSV cannot be written.
    pub fn continue_with(self, head: Head, rows: Rows) -> Result<Report, Error> {
        sweep(&self.path);
        if self.edited {
            keep_edited(&self.path, self.now).map_err(|error| unwritable(&error))?;
        }
        let journal = if let Some(tail) = self.tail {
            files::continue_at(&RealDisk, &self.path, tail, &head, &rows)
        } else {
            set_aside(&with(&self.path, ".journal"), self.now)
                .and_then(|()| files::make(&RealDisk, &self.path, head, &rows))
        };
        Report::start(self.path, journal.map_err(|error| unwritable(&error))?, rows, self.lock)
    }
}

fn unwritable(error: &io::Error) -> Error {
    Error::new(ErrorKind::DiskBefore, format!("cannot write to the report: {error}"))
}

/// The error for a file that is not a report.
pub(crate) fn no_report(path: &Path, why: &str) -> Error {
    Error::new(ErrorKind::NotAReport, format!("{} is not a report: {why}", shown(path)))
}

/// Whether a CSV names APIs as ours that the journal does not know: then the journal is an
/// older copy.
fn claims_more(csv: &[Row], journal: &[Row]) -> bool {
    let ids = |rows: &'_ [Row], ours: bool| -> HashSet<String> {
        let rows = rows.iter().filter(|row| !ours || row.is_ours());
        rows.filter_map(|row| row.outcome.as_ref()).flat_map(Outcome::ids).cloned().collect()
    };
    !ids(csv, true).is_subset(&ids(journal, false))
}

/// Rows that are only believed: whatever has not ended with an API may exist unseen.
fn doubt(rows: &mut [Row]) {
    let may_be_sent = |row: &&mut Row| !row.is_left_out() && !row.service.is_empty();
    for row in rows.iter_mut().filter(may_be_sent) {
        row.doubt.get_or_insert_default();
    }
}
