//! A report while a run writes to it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{Builder, JoinHandle};

use fs_err as fs;
use jiff::Timestamp;

use crate::report::disk::RealDisk;
use crate::report::error::{Error, ErrorKind};
use crate::report::files;
use crate::report::journal::file::Journal;
use crate::report::journal::line::Head;
use crate::report::lock::Lock;
use crate::report::paths::{folder, locate, shown, with};
use crate::report::prepare::Rows;
use crate::report::row::Row;
use crate::report::writer::{
    JournalMessage, JournalThread, Kept, RowMessage, RowThread, Writer, Written,
};

/// Journal bytes that are reserved for each item that may be sent: an intent, a doubt, an
/// absence and an outcome with the gateway's message.
const RESERVED: u64 = 1_000;

/// Journal bytes that are reserved beside: listings and marks.
const RESERVED_BESIDE: u64 = 64 * 1024;

/// A report that a run writes to.
#[derive(Debug)]
pub struct Report {
    path: PathBuf,
    writer: Arc<Writer>,
    journal: Sender<JournalMessage>,
    rows: Sender<RowMessage>,
    /// Until it is closed.
    threads: Option<(JoinHandle<Kept>, JoinHandle<Written>)>,
    /// Freed last: the threads write under it. `None` once it is handed on.
    lock: Option<Lock>,
}

/// A report at its end.
#[derive(Debug)]
pub struct Finished {
    /// The rows at the end.
    pub rows: Vec<Row>,
    /// What could not be kept on this disk, where something could not.
    pub trouble: Option<Error>,
}

impl Report {
    /// Makes a report of these rows: the journal first, then the CSV, then the blocks that
    /// the run will need. Folders on the way are made.
    ///
    /// # Errors
    /// There is a report already, another run makes it, or it cannot be made.
    pub fn create(path: &Path, head: Head, rows: Rows, now: Timestamp) -> Result<Self, Error> {
        fs::create_dir_all(folder(path)).map_err(|error| refused(path, &error))?;
        let path = locate(path)?;
        let lock = Lock::report(&path, now)?;
        Self::check_free(&path)?;
        let journal = files::make(&RealDisk, &path, head, &rows).map_err(|error| {
            // Where nothing was before, half a report is not left: nothing was sent from it,
            // and it would be in the way of the next try.
            _ = fs::remove_file(&path);
            refused(&path, &error)
        })?;
        Self::start(path, journal, rows, lock)
    }

    /// Whether there is no report at this path yet. [`Self::create`] asks too; this is for
    /// those who have something to do before it.
    ///
    /// # Errors
    /// There is one.
    pub fn check_free(path: &Path) -> Result<(), Error> {
        // A link is as free as what it leads to.
        let place = match fs::read_link(path) {
            Ok(_) => locate(path)?,
            Err(_) => path.to_owned(),
        };
        for file in [&place, &with(&place, ".journal")] {
            let Ok(found) = fs::symlink_metadata(file) else { continue };
            let name = shown(file);
            return Err(if found.is_file() {
                Error::new(ErrorKind::Exists, format!("{name} exists already"))
            } else {
                Error::new(ErrorKind::NoPlace, format!("{name} exists already and is not a file"))
            });
        }
        Ok(())
    }

    /// Reserves what the run will need on the disk, and starts the threads.
    pub(crate) fn start(
        path: PathBuf,
        mut journal: Journal<RealDisk>,
        rows: Rows,
        lock: Lock,
    ) -> Result<Self, Error> {
        let bytes = RESERVED * rows.of_items.len() as u64 + RESERVED_BESIDE;
        let failed = |error: io::Error| {
            let path = shown(&path);
            let message =
                format!("cannot keep {bytes} bytes free for the journal of {path}: {error}");
            Error::new(ErrorKind::DiskBefore, message)
        };
        journal.reserve(bytes).map_err(failed)?;
        let (to_journal, from_all) = channel();
        let (to_rows, from_journal) = channel();
        let journal = JournalThread { journal, of_items: rows.of_items, rows: to_rows.clone() };
        let rows = RowThread {
            disk: RealDisk,
            path: path.clone(),
            rows: rows.all,
            journal: to_journal.clone(),
        };
        let spawn = |name: &str| Builder::new().name(name.to_owned());
        let journal = spawn("journal").spawn(move || journal.work(&from_all)).map_err(failed)?;
        let rows = spawn("report").spawn(move || rows.work(&from_journal)).map_err(failed)?;
        Ok(Self {
            path,
            writer: Arc::new(Writer::new(to_journal.clone())),
            journal: to_journal,
            rows: to_rows,
            threads: Some((journal, rows)),
            lock: Some(lock),
        })
    }

    /// What the run writes its facts with.
    pub fn witness(&self) -> Arc<Writer> {
        Arc::clone(&self.writer)
    }

    /// Where the CSV is, symbolic links followed.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what is left to write and closes. To be called when no one writes any more.
    pub fn finish(mut self) -> Finished {
        let Some((kept, written)) = self.close() else {
            return Finished { rows: Vec::new(), trouble: Some(ended_too_early()) };
        };
        Finished {
            trouble: trouble(&self.path, kept, written.stale, &written.rows),
            rows: written.rows,
        }
    }

    /// Writes what is left to write, and hands the lock on.
    ///
    /// # Errors
    /// The disk did not keep all.
    pub(crate) fn hand_on(mut self) -> Result<(PathBuf, Lock), Error> {
        let closed = self.close().and_then(|closed| Some((closed, self.lock.take()?)));
        let Some(((kept, written), lock)) = closed else { return Err(ended_too_early()) };
        trouble(&self.path, kept, written.stale, &written.rows)
            .map_or(Ok((self.path.clone(), lock)), Err)
    }

    /// Ends the threads, the rows' first: what it writes is marked in the journal.
    fn close(&mut self) -> Option<(Kept, Written)> {
        let (journal, rows) = self.threads.take()?;
        // A thread that no longer listens has panicked, and joining tells.
        _ = self.rows.send(RowMessage::Close);
        let written = rows.join();
        _ = self.journal.send(JournalMessage::Close);
        Some((journal.join().ok()?, written.ok()?))
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        self.close();
    }
}

fn ended_too_early() -> Error {
    Error::new(ErrorKind::Bug, "a thread of the report ended too early")
}

/// What a person must know when the disk did not keep all.
fn trouble(path: &Path, kept: Kept, stale: Option<String>, rows: &[Row]) -> Option<Error> {
    let is_gone = |file: &Path| fs::symlink_metadata(file).is_err();
    // Writing to a file that was removed succeeds, and nobody can ever read it.
    if is_gone(&with(path, ".journal")) && (stale.is_some() || is_gone(path)) {
        let mut message = format!("{} and its journal are gone; what was made:", shown(path));
        rows.iter().filter_map(standing).for_each(|line| message.push_str(&line));
        return Some(Error::new(ErrorKind::Gone, message));
    }
    if let Some(why) = kept.lost {
        let mut message = format!("the journal could no longer be written: {why}");
        for line in kept.unrecorded {
            message.push_str("\n  not in the journal: ");
            message.push_str(&crate::text::escape(&line));
        }
        return Some(Error::new(ErrorKind::JournalLost, message));
    }
    let message = format!("{} could not be replaced: {}", shown(path), stale?);
    Some(Error::new(ErrorKind::CsvBehind, message))
}

/// The API that a row says is ours, on a line of its own.
fn standing(row: &Row) -> Option<String> {
    let id = row.outcome.as_ref().filter(|outcome| outcome.is_ours())?.standing_id()?;
    let line = format!("{} {id} {} {}", row.service, row.method, row.path);
    Some(format!("\n  {}", crate::text::escape(&line)))
}

fn refused(path: &Path, error: &io::Error) -> Error {
    Error::new(ErrorKind::NotMade, format!("cannot make the report {}: {error}", shown(path)))
}
