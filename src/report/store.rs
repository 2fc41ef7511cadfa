//! The journal and the CSV together, on any disk: made, found again, taken up.
//!
//! What is written in which order stands here, so that a disk that loses power can be put
//! under exactly what runs in earnest.

use std::io;
use std::path::Path;

use crate::report::disk::Disk;
use crate::report::error::{Error, ErrorKind};
use crate::report::journal::{self, Damage, Journal, Tail, with};
use crate::report::known::History;
use crate::report::opening::Opening;
use crate::report::place::shown;
use crate::report::record::{Head, Record, TOOL};
use crate::report::table::{self, Found};

/// What lies at a report's place.
#[derive(Debug)]
pub(crate) struct Store {
    /// What the journal tells, where there is one, and where its good part ends.
    pub(crate) journal: Result<Option<(History, Tail)>, Error>,
    /// The CSV, where there is one.
    pub(crate) table: Option<Found>,
}

/// Makes the journal and then the CSV. What cannot be made whole is not left.
pub(crate) fn make<D: Disk>(
    disk: &D,
    path: &Path,
    mut head: Head,
    opening: &Opening,
) -> io::Result<Journal<D>> {
    head.csv = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    head.plan.clone_from(&opening.plan);
    let file = with(path, ".journal");
    let mut journal = Journal::create(disk, &file, &head, &opening.rows)?;
    lay_out(disk, path, &mut journal, opening).inspect_err(|_| {
        // What failed is told already.
        _ = disk.remove(&file);
    })?;
    Ok(journal)
}

/// Takes up a journal whose good part ends at `tail`: cuts what is torn, notes who takes it
/// up and what that makes of the rows, and replaces the CSV.
pub(crate) fn take_up<D: Disk>(
    disk: &D,
    path: &Path,
    tail: Tail,
    head: Head,
    opening: &Opening,
) -> io::Result<Journal<D>> {
    let mut journal = Journal::reopen(disk, &with(path, ".journal"), tail)?;
    let Head { run, created_at: at, .. } = head;
    let resume = Record::Resume { run, tool: TOOL.to_owned(), at, plan: opening.plan.clone() };
    let rows = opening.rewritten.iter().map(|n| opening.rows[*n as usize].line(*n));
    journal.append(std::iter::once(resume).chain(rows))?;
    lay_out(disk, path, &mut journal, opening)?;
    Ok(journal)
}

/// Writes the CSV as it stands before the run.
fn lay_out<D: Disk>(
    disk: &D,
    path: &Path,
    journal: &mut Journal<D>,
    opening: &Opening,
) -> io::Result<()> {
    let rows = opening.rows.iter().map(|known| &known.row);
    table::replace(disk, path, rows, |sha256| {
        journal.append([Record::Csv { sha256: sha256.to_owned() }])?;
        journal.sync()
    })
}

/// Finds what lies at a report's place. Writes nothing.
pub(crate) fn find<D: Disk>(disk: &D, path: &Path) -> Result<Store, Error> {
    let table = table::find(disk, path);
    let unreadable =
        |error| Error::new(ErrorKind::NotAReport, format!("cannot read the report: {error}"));
    let table = table.map_err(unreadable)?;
    Ok(Store { journal: read_journal(disk, path), table })
}

/// The journal beside `path`; `None` where there is none, or one that a power loss left
/// without a byte in it.
fn read_journal<D: Disk>(disk: &D, path: &Path) -> Result<Option<(History, Tail)>, Error> {
    let path = with(path, ".journal");
    let unreadable = |error: &io::Error| {
        Error::new(ErrorKind::Damaged, format!("cannot read the journal: {error}"))
    };
    let file = match disk.open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(|error| unreadable(&error))?,
    };
    let mut history = History::default();
    match journal::read(file, |record| history.take(record)) {
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
