//! The journal and the CSV together, on any disk: made, found again, continued.
//!
//! The order in which things are written is decided here, so that tests can run exactly this
//! code on a disk that loses power.

use std::io;
use std::path::Path;

use crate::report::disk::Disk;
use crate::report::error::{Error, ErrorKind};
use crate::report::journal::file::{self, Damage, Journal, Tail};
use crate::report::journal::history::History;
use crate::report::journal::line::{Head, Record, TOOL};
use crate::report::paths::{shown, with};
use crate::report::prepare::Rows;
use crate::report::table::{self, Csv};

/// What is at a report's path.
#[derive(Debug)]
pub(crate) struct Files {
    /// The content of the journal, where there is one, and where its good part ends.
    pub(crate) journal: Result<Option<(History, Tail)>, Error>,
    /// The CSV, where there is one.
    pub(crate) csv: Option<Csv>,
}

/// Makes the journal and then the CSV. What cannot be made whole is not left.
pub(crate) fn make<D: Disk>(
    disk: &D,
    path: &Path,
    mut head: Head,
    rows: &Rows,
) -> io::Result<Journal<D>> {
    head.csv = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    head.plan.clone_from(&rows.plan);
    let file = with(path, ".journal");
    let mut journal = Journal::create(disk, &file, &head, &rows.all)?;
    write_csv(disk, path, &mut journal, rows).inspect_err(|_| {
        // What failed is told already.
        _ = disk.remove(&file);
    })?;
    Ok(journal)
}

/// Continues a journal whose good part ends at `tail`: cuts off what is torn, notes who
/// continues it and what that makes of the rows, and replaces the CSV.
pub(crate) fn continue_at<D: Disk>(
    disk: &D,
    path: &Path,
    tail: Tail,
    head: &Head,
    rows: &Rows,
) -> io::Result<Journal<D>> {
    let mut journal = note_resume(disk, path, tail, head, &rows.plan)?;
    journal.append(rows.rewritten.iter().map(|n| Record::row(*n, &rows.all[*n as usize])))?;
    write_csv(disk, path, &mut journal, rows)?;
    Ok(journal)
}

/// Continues a journal as [`continue_at`] does, and touches no row.
pub(crate) fn note_resume<D: Disk>(
    disk: &D,
    path: &Path,
    tail: Tail,
    head: &Head,
    plan: &str,
) -> io::Result<Journal<D>> {
    let mut journal = Journal::reopen(disk, &with(path, ".journal"), tail)?;
    let (run, at, plan) = (head.run.clone(), head.created_at, plan.to_owned());
    let (tool, uptime, moved) = (TOOL.to_owned(), head.uptime.clone(), head.moved.clone());
    journal.append([Record::Resume { run, tool, at, uptime, plan, moved }])?;
    Ok(journal)
}

/// Writes the CSV as it is before the run.
fn write_csv<D: Disk>(
    disk: &D,
    path: &Path,
    journal: &mut Journal<D>,
    rows: &Rows,
) -> io::Result<()> {
    table::replace(disk, path, &rows.all, |sha256| {
        journal.append([Record::Csv { sha256: sha256.to_owned() }])?;
        journal.sync()
    })
}

/// Finds what is at a report's path. Writes nothing.
pub(crate) fn find<D: Disk>(disk: &D, path: &Path) -> Result<Files, Error> {
    let csv = table::find(disk, path);
    let unreadable =
        |error| Error::new(ErrorKind::NotAReport, format!("cannot read the report: {error}"));
    let csv = csv.map_err(unreadable)?;
    Ok(Files { journal: read_journal(disk, path), csv })
}

/// The journal beside `path`; `None` where there is none, or one that a power loss left
/// without a byte in it.
fn read_journal<D: Disk>(disk: &D, path: &Path) -> Result<Option<(History, Tail)>, Error> {
    let path = with(path, ".journal");
    let unreadable = |error: &io::Error| {
        Error::new(ErrorKind::Damaged, format!("cannot read the journal: {error}"))
    };
    let input = match disk.open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        input => input.map_err(|error| unreadable(&error))?,
    };
    let mut history = History::default();
    match file::read(input, |record| history.take(record)) {
        Ok(tail) if tail.good == 0 => Ok(None),
        Ok(tail) => Ok(Some((history, tail))),
        Err(Damage::Io(error)) => Err(unreadable(&error)),
        Err(Damage::Garbled { line }) => {
            let message = format!("{}: line {line} is damaged", shown(&path));
            Err(Error::new(ErrorKind::Damaged, message))
        }
        Err(Damage::Foreign { line, why }) => Err(Error::new(
            ErrorKind::OtherVersion,
            format!("{}: line {line}: {why}", shown(&path)),
        )),
    }
}

#[cfg(test)]
mod tests;
