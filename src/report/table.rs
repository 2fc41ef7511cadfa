//! The CSV: written whole beside and moved into place, and read back as a person left it.
//!
//! At every instant the file at the report's path is one that this program wrote whole, or
//! one that a person saved. When to write is `report::writer`'s business.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::path::Path;

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use sha2::{Digest as _, Sha256};

use crate::report::cell::{guard, unguard};
use crate::report::disk::{Disk, DiskFile as _};
use crate::report::paths::{beside, folder};
use crate::report::row::{COLUMNS, Row};

/// Bytes of a CSV that is read back: a report of a million operations is half of it.
const LARGEST: u64 = 1 << 30;

/// The byte order mark.
const MARK: char = '\u{feff}';

/// Writes the rows beside `path`, syncs them, asks `agree` with the SHA-256 of what was
/// written, and moves the file into place.
pub(crate) fn replace<D: Disk>(
    disk: &D,
    path: &Path,
    rows: &[Row],
    agree: impl FnOnce(&str) -> io::Result<()>,
) -> io::Result<()> {
    let beside = beside(path);
    let done = fill(disk, &beside, path, rows).and_then(|sha256| {
        agree(&sha256)?;
        disk.rename(&beside, path)?;
        disk.sync_folder(folder(path))
    });
    if done.is_err() {
        // What failed is told already; a leftover is removed by the next run.
        _ = disk.remove(&beside);
    }
    done
}

fn fill<D: Disk>(disk: &D, beside: &Path, path: &Path, rows: &[Row]) -> io::Result<String> {
    let mut file = disk.create(beside)?;
    disk.dress(beside, path)?;
    let sha256 = write_hashed(&mut file, rows)?;
    file.sync()?;
    Ok(sha256)
}

fn write_hashed(file: &mut impl Write, rows: &[Row]) -> io::Result<String> {
    let inner = io::BufWriter::with_capacity(64 * 1024, file);
    let mut sink = Hashed { inner, hash: Sha256::new() };
    write(&mut sink, rows)?;
    sink.flush()?;
    Ok(hex::encode(sink.hash.finalize()))
}

/// Writes a header and the rows. Without the mark at the beginning, spreadsheets in Chinese read
/// UTF-8 as GB18030.
fn write(sink: &mut impl Write, rows: &[Row]) -> io::Result<()> {
    sink.write_all(MARK.encode_utf8(&mut [0; 4]).as_bytes())?;
    let mut csv = csv::WriterBuilder::new().buffer_capacity(64 * 1024).from_writer(sink);
    csv.write_record(COLUMNS)?;
    for row in rows {
        csv.write_record(row.cells().iter().map(|cell| guard(cell)).map(Bytes))?;
    }
    csv.flush()
}

/// What `csv` asks of a field.
struct Bytes<'c>(Cow<'c, str>);

impl AsRef<[u8]> for Bytes<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

struct Hashed<W> {
    inner: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// A CSV as it was found.
#[derive(Debug)]
pub(crate) struct Csv {
    /// SHA-256 of its bytes.
    pub(crate) sha256: String,
    /// Its rows, or why it is not a report.
    pub(crate) rows: Result<Vec<Row>, String>,
}

/// Reads the CSV at `path`, where there is one with anything in it.
pub(crate) fn find<D: Disk>(disk: &D, path: &Path) -> io::Result<Option<Csv>> {
    let file = match disk.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut bytes = Vec::new();
    if file.take(LARGEST + 1).read_to_end(&mut bytes)? as u64 > LARGEST {
        return Ok(Some(Csv { sha256: String::new(), rows: Err("it is too large".into()) }));
    }
    if bytes.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    Ok(Some(Csv { sha256: hex::encode(Sha256::digest(&bytes)), rows: read(&bytes) }))
}

/// Reads a CSV as a person, a mail program or a spreadsheet left it: any of the encodings
/// and separators that those write, columns by name in any order, others passed over. Rows
/// that hold nothing (blank, torn before their outcome) are left out.
///
/// # Errors
/// Why it is not a report of this program.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Row>, String> {
    let text = decode(bytes)?;
    // A program that does not know the mark keeps it and writes its own.
    let text = past_separator_line(text.trim_start_matches(MARK));
    let mut csv = csv::ReaderBuilder::new()
        .delimiter(separator(text))
        .flexible(true)
        .from_reader(text.as_bytes());
    let headers = csv.headers().map_err(|error| error.to_string())?;
    let (columns, width) = (columns(headers)?, headers.len());
    let mut rows = Vec::new();
    for record in csv.records() {
        let record = record.map_err(|error| error.to_string())?;
        let cell = |name: &str| {
            let cell = columns.get(name).and_then(|at| record.get(*at)).unwrap_or_default();
            Cow::Owned(unguard(cell.trim()).to_owned())
        };
        let ends_early = record.len() < width;
        let told = cell("outcome");
        let row = Row::from_cells(cell);
        // Blank, or torn before its outcome: it may hold half a path.
        let says_nothing = ends_early && told.is_empty() || row.path.is_empty();
        if row.outcome.is_some() || !says_nothing {
            rows.push(believe(row, &told, ends_early));
        }
    }
    Ok(rows)
}

/// What can be believed of a row. One whose outcome was emptied or overwritten stays, in
/// doubt: skipping it would treat an API of ours as somebody else's. One that ends
/// early may hold half an id, or half a digest. What is ours was sent, though the column that counts it may be
/// gone.
fn believe(mut row: Row, told: &str, ends_early: bool) -> Row {
    if ["created", "found"].iter().any(|ours| told.eq_ignore_ascii_case(ours)) {
        row.attempts = row.attempts.max(1);
    }
    if !row.is_left_out() {
        row.method.make_ascii_uppercase();
    }
    if ends_early {
        row.digest = Box::default();
        row.outcome = row.outcome.filter(|outcome| outcome.standing_id().is_none());
    }
    row
}

/// The rows of a CSV in which a person may have doubled some: of several of one item the
/// first stays; where they name different APIs, none is believed.
pub(crate) fn merge(rows: Vec<Row>) -> Vec<Row> {
    let mut places = HashMap::new();
    let mut merged: Vec<Row> = Vec::new();
    for row in rows {
        let left_out = row.is_left_out();
        let key = (row.service.clone(), row.method.clone(), row.path.clone(), left_out);
        let place = *places.entry(key).or_insert(merged.len());
        let id = row.api_id();
        match merged.get_mut(place) {
            None => merged.push(row),
            // Without a service the key does not name one API.
            Some(first) if (left_out || row.service.is_empty()) && first.source != row.source => {
                merged.push(row);
            }
            Some(first) if first.api_id().is_empty() && !id.is_empty() => *first = row,
            Some(first) if id.is_empty() || first.api_id() == id => {}
            Some(first) => first.outcome = None,
        }
    }
    merged
}

fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    let encoding = Encoding::for_bom(bytes).map_or_else(|| guess(bytes), |(encoding, _)| encoding);
    let (text, _, broken) = encoding.decode(bytes);
    if broken {
        return Err("its text is neither UTF-8 nor UTF-16 nor GB18030".into());
    }
    Ok(text)
}

/// Without a byte order mark: UTF-16 where every other byte of the ASCII header is zero,
/// UTF-8, and else what Chinese editions of spreadsheets save.
fn guess(bytes: &[u8]) -> &'static Encoding {
    match bytes {
        [0, _, 0, _, ..] => UTF_16BE,
        [_, 0, _, 0, ..] => UTF_16LE,
        _ if std::str::from_utf8(bytes).is_ok() => UTF_8,
        _ => GB18030,
    }
}

/// Some spreadsheets write `sep=;` before the header.
fn past_separator_line(text: &str) -> &str {
    match text.split_once(['\n', '\r']) {
        Some((first, rest)) if first.trim_matches('"').starts_with("sep=") => rest.trim_start(),
        _ => text,
    }
}

fn separator(text: &str) -> u8 {
    let header = text.trim_start().split(['\n', '\r']).next().unwrap_or_default();
    let count = |separator: u8| header.bytes().filter(|byte| *byte == separator).count();
    // The first of those that occur most often.
    [b'\t', b';', b','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

fn columns(headers: &csv::StringRecord) -> Result<HashMap<&'static str, usize>, String> {
    let mut columns = HashMap::new();
    for (at, header) in headers.iter().enumerate() {
        let header = header.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        if let Some(name) = COLUMNS.into_iter().find(|name| *name == header) {
            columns.entry(name).or_insert(at);
        }
    }
    for needed in ["service", "method", "path", "outcome"] {
        if !columns.contains_key(needed) {
            return Err(format!("it has no column `{needed}`"));
        }
    }
    Ok(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Outcome, ApiId and attempts of the one row of this CSV.
    fn one(text: &str) -> (&'static str, String, u32) {
        let rows = read(text.as_bytes()).unwrap();
        let [row] = rows.as_slice() else { panic!("{rows:?}") };
        (row.word(), row.api_id(), row.attempts)
    }

    const HEADER: &str = "service,method,path,outcome,api_id,attempts";

    #[test]
    fn a_row_that_no_longer_tells_its_outcome_is_in_doubt() {
        for outcome in ["", "TRUE", "1"] {
            let text = format!("{HEADER}\ns,GET,/a,{outcome},api-1,1\n");
            assert_eq!(one(&text), ("sending", String::new(), 1), "{outcome}");
        }
    }

    #[test]
    fn the_mark_at_the_beginning_is_written_and_read_back_once_twice_or_not_at_all() {
        let mut bytes = Vec::new();
        let row = read(format!("{HEADER}\ns,GET,/\u{e9},exists,api-1,1\n").as_bytes()).unwrap();
        write(&mut bytes, &row).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let rest = text.strip_prefix(MARK).unwrap();
        for text in [rest.to_owned(), text.clone(), format!("{MARK}{text}")] {
            assert_eq!(read(text.as_bytes()).as_ref(), Ok(&row));
        }
    }

    #[test]
    fn a_row_that_is_blank_a_persons_own_or_torn_before_its_outcome_tells_nothing() {
        let text = format!("{HEADER}\n,,,,,\nTotal,7,,,,\ns,GET,/a\n");
        assert_eq!(read(text.as_bytes()), Ok(Vec::new()));
    }

    #[test]
    fn what_is_ours_was_sent_although_the_column_that_says_so_is_gone() {
        for outcome in ["created", "found"] {
            let header = "service,method,path,outcome,api_id";
            let (word, _, attempts) = one(&format!("{header}\ns,GET,/a,{outcome},api-1\n"));
            assert_eq!((word, attempts), (outcome, 1));
            let (word, _, attempts) =
                one(&format!("service,method,path,outcome\ns,GET,/a,{outcome}\n"));
            assert_eq!((word, attempts), ("sending", 1), "without its id it is in doubt");
        }
        let (_, _, attempts) = one("service,method,path,outcome\ns,GET,/a,exists\n");
        assert_eq!(attempts, 0);
    }

    #[test]
    fn a_method_in_small_letters_is_the_same_item() {
        let rows = read(format!("{HEADER}\ns,get,/a,created,api-1,1\n").as_bytes()).unwrap();
        assert_eq!(&*rows[0].method, "GET");
    }
}
