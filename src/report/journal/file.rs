//! The journal: what was meant and what happened, line by line, in a file that only grows.
//!
//! Here are its bytes: made atomically, appended to, synced, read back past a torn
//! end. When to sync is decided by `report::writer`, the form of a line by `journal::line`.
//!
//! **What a damaged journal is worth.** A line that cannot be read is either the mark of a
//! power loss, which may lose any part of what was not yet synced, or damage to what was.
//! The first costs nothing: no request went out on the strength of it. The second could
//! cost an API. So the journal notes in itself how far it was synced ([`Record::Synced`]):
//! what lies after the last such mark may be cut off, damage before one is refused.

use std::borrow::Borrow;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::report::disk::{Disk, DiskFile as _};
use crate::report::journal::line::{BadLine, Head, LONGEST_HEAD, LONGEST_LINE, Record};
use crate::report::paths::{beside, folder, with};
use crate::report::row::Row;

/// Bytes of rows that are gathered before they are written.
const CHUNK: usize = 256 * 1024;

/// An open journal.
#[derive(Debug)]
pub(crate) struct Journal<D: Disk> {
    file: D::File,
    len: u64,
    /// How far the file is known to be safe.
    synced: u64,
    /// How far the last mark in the file itself goes.
    marked: u64,
}

impl<D: Disk> Journal<D> {
    /// Makes a journal that holds its head and the rows. Written beside, synced, and moved
    /// into place: there is no moment at which a journal without a head could be found.
    pub(crate) fn create(disk: &D, path: &Path, head: &Head, rows: &[Row]) -> io::Result<Self> {
        let beside = beside(path);
        let moved = Self::fill(disk, &beside, head, rows)
            .and_then(|len| disk.rename(&beside, path).map(|()| len));
        // What cannot be made whole is not left; what failed is told already.
        let len = moved.inspect_err(|_| _ = disk.remove(&beside))?;
        let opened = disk.sync_folder(folder(path)).and_then(|()| disk.append(path));
        let file = opened.inspect_err(|_| _ = disk.remove(path))?;
        Ok(Self { file, len, synced: len, marked: 0 })
    }

    fn fill(disk: &D, path: &Path, head: &Head, rows: &[Row]) -> io::Result<u64> {
        let mut file = disk.create(path)?;
        let mut len = 0;
        let mut lines = Vec::new();
        let rows = (0..).zip(rows).map(|(n, row)| Record::row(n, row));
        for record in std::iter::once(Record::Head(head.clone())).chain(rows) {
            record.write(&mut lines).map_err(io::Error::other)?;
            if lines.len() > CHUNK {
                len += write(&mut file, &mut lines)?;
            }
        }
        len += write(&mut file, &mut lines)?;
        file.sync()?;
        Ok(len)
    }

    /// Takes up a journal that [`read`] found good up to `tail.good`. What lies beyond is
    /// kept in a file beside it and cut off.
    pub(crate) fn reopen(disk: &D, path: &Path, tail: Tail) -> io::Result<Self> {
        if tail.len > tail.good {
            keep_torn(disk, path, tail.good)?;
        }
        let mut file = disk.append(path)?;
        // Also where nothing is cut: blocks reserved by a run that was killed.
        file.cut(tail.good)?;
        file.sync()?;
        Ok(Self { file, len: tail.good, synced: tail.good, marked: 0 })
    }

    /// Reserves room for `bytes` more.
    pub(crate) fn reserve(&mut self, bytes: u64) -> io::Result<()> {
        self.file.reserve(self.len, bytes)
    }

    /// Appends the records in one write. After an error the file may end anywhere: nothing
    /// may be appended any more.
    pub(crate) fn append(
        &mut self,
        records: impl IntoIterator<Item = impl Borrow<Record>>,
    ) -> io::Result<()> {
        let mut lines = Vec::new();
        if self.synced > self.marked {
            self.marked = self.synced;
            Record::Synced { upto: self.synced }.write(&mut lines).map_err(io::Error::other)?;
        }
        for record in records {
            record.borrow().write(&mut lines).map_err(io::Error::other)?;
        }
        self.len += write(&mut self.file, &mut lines)?;
        Ok(())
    }

    /// Makes what was appended safe. After an error nothing is known of the file, and the
    /// next sync may lie: it must not be called again.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.file.sync()?;
        self.synced = self.len;
        Ok(())
    }

    /// Gives back the blocks that were reserved and not needed.
    pub(crate) fn close(mut self) -> io::Result<()> {
        self.file.cut(self.len)?;
        self.file.sync()
    }
}

fn write(file: &mut impl io::Write, lines: &mut Vec<u8>) -> io::Result<u64> {
    file.write_all(lines)?;
    file.flush()?;
    let written = lines.len() as u64;
    lines.clear();
    Ok(written)
}

fn keep_torn<D: Disk>(disk: &D, path: &Path, good: u64) -> io::Result<()> {
    let mut journal = disk.open(path)?;
    io::copy(&mut journal.by_ref().take(good), &mut io::sink())?;
    let mut torn = disk.append(&with(path, ".torn"))?;
    io::copy(&mut journal, &mut torn)?;
    torn.sync()
}

/// Where a journal's good part ends, and how long the file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tail {
    /// Bytes that hold whole records.
    pub(crate) good: u64,
    /// Bytes of the file.
    pub(crate) len: u64,
}

/// Why a journal is not taken up.
#[derive(Debug)]
pub(crate) enum Damage {
    /// It cannot be read.
    Io(io::Error),
    /// A line that was safe on disk is garbled.
    Garbled { line: u64 },
    /// The lines are whole, and do not make a journal of this version.
    Foreign { line: u64, why: String },
}

impl From<io::Error> for Damage {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads a journal, and hands over its records up to the first line that is not one.
///
/// # Errors
/// The journal is damaged where it was safe on disk, or `take` refuses a record.
pub(crate) fn read(
    input: impl Read,
    mut take: impl FnMut(Record) -> Result<(), String>,
) -> Result<Tail, Damage> {
    let mut lines = Lines { input: BufReader::with_capacity(CHUNK, input), at: 0, number: 0 };
    let mut bad: Option<(u64, u64)> = None;
    let mut line = Vec::new();
    loop {
        let (start, whole) = (lines.at, lines.next(&mut line)?);
        if lines.at == start {
            let good = bad.map_or(start, |(at, _)| at);
            return Ok(Tail { good, len: start });
        }
        let record = if whole { Record::read(&line) } else { Err(BadLine::Garbled) };
        let foreign = |why| Damage::Foreign { line: lines.number, why };
        match (record, bad) {
            (Ok(record), None) => take(record).map_err(foreign)?,
            // The head was moved into place whole and synced. Nothing but zeros is a file
            // whose name outlived its contents.
            (Err(BadLine::Garbled), None) if start == 0 && line.iter().any(|b| *b != 0) => {
                return Err(Damage::Garbled { line: 1 });
            }
            (Err(BadLine::Garbled), None) => bad = Some((start, lines.number)),
            (Err(BadLine::Unknown(why)), None) => return Err(foreign(why)),
            (Ok(Record::Synced { upto }), Some((at, number))) if upto > at => {
                return Err(Damage::Garbled { line: number });
            }
            (_, Some(_)) => {}
        }
    }
}

/// Lines of a bounded length: a longer one cannot be a line of a journal, and is skipped
/// without being kept in memory.
struct Lines<R> {
    input: BufReader<R>,
    at: u64,
    number: u64,
}

impl<R: Read> Lines<R> {
    /// Reads the next line without its line feed; whether it is whole.
    fn next(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        line.clear();
        self.number += 1;
        let longest = if self.at == 0 { LONGEST_HEAD } else { LONGEST_LINE } as u64;
        let taken = (&mut self.input).take(longest).read_until(b'\n', line)?;
        self.at += taken as u64;
        if line.pop_if(|last| *last == b'\n').is_some() {
            return Ok(true);
        }
        if taken as u64 == longest {
            self.at += self.input.skip_until(b'\n')? as u64;
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::report::disk::RealDisk;
    use crate::report::fixtures::head;
    use crate::run::Fact;

    /// A journal of some lines after its head, and where each line ends.
    fn journal(folder: &Path, lines: u64) -> (PathBuf, Vec<u64>) {
        let path = folder.join("report.csv.journal");
        let mut journal = Journal::create(&RealDisk, &path, &head(), &[]).unwrap();
        for n in 0..lines {
            journal.append(&[Record::Csv { sha256: format!("line {n}") }]).unwrap();
        }
        let bytes = std::fs::read(&path).unwrap();
        let ends = (1..).zip(&bytes).filter(|(_, byte)| **byte == b'\n').map(|(end, _)| end);
        (path, ends.collect())
    }

    fn read_all(path: &Path) -> Result<(usize, Tail), Damage> {
        let mut count = 0;
        let tail = read(RealDisk.open(path).unwrap(), |_| {
            count += 1;
            Ok(())
        })?;
        Ok((count, tail))
    }

    #[test]
    fn a_journal_cut_at_any_byte_reads_up_to_its_last_whole_line() {
        let folder = tempfile::tempdir().unwrap();
        let (path, ends) = journal(folder.path(), 3);
        let whole = std::fs::read(&path).unwrap();
        for cut in ends[0]..=whole.len() as u64 {
            for tail in [&b""[..], &[0; 4096], b"garbage\n", b"0 "] {
                let bytes = [&whole[..usize::try_from(cut).unwrap()], tail].concat();
                std::fs::write(&path, &bytes).unwrap();
                let (count, tail) = read_all(&path).unwrap();
                let good = *ends.iter().rfind(|end| **end <= cut).unwrap();
                assert_eq!(tail, Tail { good, len: bytes.len() as u64 });
                assert_eq!(count, ends.iter().filter(|end| **end <= cut).count());
            }
        }
    }

    #[test]
    fn a_torn_end_is_cut_off_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (path, ends) = journal(folder.path(), 2);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 3]).unwrap();
        let (_, tail) = read_all(&path).unwrap();
        let mut journal = Journal::reopen(&RealDisk, &path, tail).unwrap();
        journal.append(&[Record::Fact(Fact::Ended)]).unwrap();
        let torn = std::fs::read(with(&path, ".torn")).unwrap();
        assert_eq!(torn, whole[usize::try_from(ends[2]).unwrap()..whole.len() - 3]);
        let (count, tail) = read_all(&path).unwrap();
        assert_eq!((count, tail.good), (5, tail.len), "head, mark, line, mark, end");
    }

    #[test]
    fn damage_to_what_was_safe_is_refused_and_a_hole_in_what_was_not_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        for synced in [false, true] {
            let path = folder.path().join(format!("{synced}"));
            let mut journal = Journal::create(&RealDisk, &path, &head(), &[]).unwrap();
            let record = [Record::Csv { sha256: "x".into() }];
            journal.append(&record).unwrap();
            let (from, len) = (usize::try_from(journal.len).unwrap(), 20);
            journal.append(&record).unwrap();
            if synced {
                journal.sync().unwrap();
            }
            journal.append(&record).unwrap();
            let mut bytes = std::fs::read(&path).unwrap();
            bytes[from..from + len].fill(0);
            std::fs::write(&path, &bytes).unwrap();
            match read_all(&path) {
                Err(Damage::Garbled { line: 4 }) => assert!(synced),
                Ok((3, tail)) => {
                    assert!(!synced);
                    assert_eq!(tail.good, from as u64);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_journal_that_lost_its_head_is_refused_and_an_empty_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let (path, _) = journal(folder.path(), 2);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[3] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert!(matches!(read_all(&path), Err(Damage::Garbled { line: 1 })));
        for length in [0, 100_000] {
            std::fs::write(&path, vec![0; length]).unwrap();
            assert_eq!(read_all(&path).unwrap().1.good, 0);
        }
    }

    #[test]
    fn a_line_without_end_is_passed_over_without_being_held() {
        let folder = tempfile::tempdir().unwrap();
        let (path, ends) = journal(folder.path(), 1);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend(vec![b'x'; 3 * LONGEST_LINE]);
        std::fs::write(&path, &bytes).unwrap();
        let (_, tail) = read_all(&path).unwrap();
        assert_eq!(tail, Tail { good: ends[2], len: bytes.len() as u64 });
    }

    #[test]
    fn whole_lines_that_make_no_journal_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (path, _) = journal(folder.path(), 1);
        let refuse = |_: Record| Err("no".to_owned());
        let refused = read(RealDisk.open(&path).unwrap(), refuse);
        assert!(matches!(refused, Err(Damage::Foreign { line: 1, .. })));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_a_journal() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (path, _) = journal(folder.path(), 0);
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
