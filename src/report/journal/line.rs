//! One line of the journal: its form and its content.
//!
//! A line is `crc32c-hex SPACE json LF`; the checksum is of the JSON. Records name items by
//! the short form of their key, since an `ItemId` is only an index of one run. No record
//! holds a secret, a header or a request body.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::report::cell::short;
use crate::report::clock::Uptime;
use crate::report::row::{COLUMNS, Doubt, Row};
use crate::run::{BaseApi, Fact, StopReason, Transition};

/// The journal's version: an older program refuses a newer journal.
pub(crate) const VERSION: u32 = 2;

/// This program, as journals name it.
pub(crate) const TOOL: &str = concat!("apiferry ", env!("CARGO_PKG_VERSION"));

/// Bytes that a line may hold, the head's excepted: real ones stay below a tenth of it.
pub(crate) const LONGEST_LINE: usize = 64 * 1024;

/// Bytes that the head may hold: it names every source of the import.
pub(crate) const LONGEST_HEAD: usize = 16 * 1024 * 1024;

/// Bytes of paths and ids that one `base` record takes before the next one goes on.
const BASE_SLICE: usize = 16 * 1024;

/// What an import was, so that a resume needs nothing but the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// The journal's version.
    pub v: u32,
    /// The program and its version.
    pub tool: String,
    /// Names this import in messages and logs.
    pub run: String,
    /// When it began.
    pub created_at: Timestamp,
    /// How long the machine had run by then, where it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uptime: Option<Uptime>,
    /// The gateway's address.
    pub endpoint: String,
    /// The gateway's region; empty where none was given.
    pub region: String,
    /// The last four characters of the `SecretId`, so that a resume under another account is
    /// noticed.
    pub secret_id_tail: String,
    /// The CSV's file name when it was made.
    pub csv: String,
    /// Digest of the plan.
    pub plan: String,
    /// What the command meant: sources with absolute paths and every option that shapes the
    /// plan, in the words of `cli`, which alone reads it. Never a secret.
    pub settings: Value,
    /// Services in whose place others are sent to.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub moved: BTreeMap<String, String>,
}

/// One line of the journal: a fact of a run, its item named by the short form of its key, or
/// a mark of the report's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "kebab-case")]
pub(crate) enum Record {
    /// What the import was; the first line, and no other.
    Head(Head),
    /// A row of the report and what is known of it. A later one of the same place replaces
    /// it.
    Row(RowLine),
    /// A resume or an undo took the report up.
    Resume {
        run: String,
        tool: String,
        at: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uptime: Option<Uptime>,
        plan: String,
        /// As in the head.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        moved: BTreeMap<String, String>,
    },
    /// The CSV with this SHA-256 is about to be put in place.
    Csv { sha256: String },
    /// Everything before this offset was synced: damage before it was not caused by a power loss.
    Synced { upto: u64 },
    /// What was meant or what happened.
    #[serde(untagged)]
    Fact(Fact<String>),
}

/// A row in the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RowLine {
    /// Its place in the report, from 0.
    pub n: u32,
    /// The item's short key; none for what cannot be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// As in the CSV, in the order of its columns, unguarded.
    pub cells: Vec<String>,
    /// JSON pointer of the operation in its source.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pointer: String,
    /// Set where a create may have taken effect unseen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Doubt>,
}

impl RowLine {
    /// The row that it holds.
    pub(crate) fn row(&self) -> Row {
        let cell = |name: &str| {
            let at = COLUMNS.iter().position(|column| *column == name);
            at.and_then(|at| self.cells.get(at)).map_or("", String::as_str).into()
        };
        Row { pointer: self.pointer.as_str().into(), doubt: self.doubt, ..Row::from_cells(cell) }
    }
}

impl Head {
    /// A head of this version; the report fills in the CSV's name and the plan's digest.
    pub fn new(run: String, created_at: Timestamp, endpoint: String, region: String) -> Self {
        Self {
            v: VERSION,
            tool: TOOL.to_owned(),
            run,
            created_at,
            uptime: None,
            endpoint,
            region,
            secret_id_tail: String::new(),
            csv: String::new(),
            plan: String::new(),
            settings: Value::Null,
            moved: BTreeMap::new(),
        }
    }
}

impl Record {
    /// The record of a row at this place of the report.
    pub(crate) fn row(n: u32, row: &Row) -> Self {
        Self::Row(RowLine {
            n,
            key: (!row.is_left_out()).then(|| row.key().short()),
            cells: row.cells().into_iter().map(Into::into).collect(),
            pointer: row.pointer.to_string(),
            doubt: row.doubt,
        })
    }

    /// Adds the record's line.
    ///
    /// # Errors
    /// The line would be longer than a reader takes.
    pub(crate) fn write(&self, lines: &mut Vec<u8>) -> Result<(), String> {
        let json = serde_json::to_vec(self).map_err(|error| error.to_string())?;
        let longest = if matches!(self, Self::Head(_)) { LONGEST_HEAD } else { LONGEST_LINE };
        if json.len() + 10 > longest {
            return Err(format!("a journal line of {} bytes cannot be read back", json.len()));
        }
        lines.extend_from_slice(format!("{:08x} ", crc32c::crc32c(&json)).as_bytes());
        lines.extend_from_slice(&json);
        lines.push(b'\n');
        Ok(())
    }

    /// Reads a line, its line feed taken off.
    pub(crate) fn read(line: &[u8]) -> Result<Self, BadLine> {
        let (sum, json) = line.split_at_checked(9).ok_or(BadLine::Garbled)?;
        let told = std::str::from_utf8(sum).ok().and_then(|sum| sum.strip_suffix(' '));
        let told = told.and_then(|sum| u32::from_str_radix(sum, 16).ok());
        if told != Some(crc32c::crc32c(json)) {
            return Err(BadLine::Garbled);
        }
        serde_json::from_slice(json).map_err(|error| BadLine::Unknown(error.to_string()))
    }
}

/// Why a line is not a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BadLine {
    /// Not as it was written: torn, overwritten, or no journal at all.
    Garbled,
    /// Whole, and not of this version.
    Unknown(String),
}

/// A fact as it is written down: its texts cut to a line's length, a long list in several.
pub(crate) fn bounded(mut fact: Fact<String>) -> Vec<Fact<String>> {
    if let Some(message) = message(&mut fact) {
        *message = short(message).into();
    }
    match fact {
        Fact::Base { service, at, apis, .. } => slices(&service, at, apis),
        fact => vec![fact],
    }
}

fn slices(service: &str, at: Timestamp, apis: Vec<BaseApi>) -> Vec<Fact<String>> {
    let mut slices = vec![Vec::new()];
    let mut room = BASE_SLICE;
    for api in apis {
        let api = BaseApi { path: short(&api.path).into(), ..api };
        let size = api.api_id.len() + api.method.len() + api.path.len() + 40;
        if size > room {
            slices.push(Vec::new());
            room = BASE_SLICE;
        }
        room = room.saturating_sub(size);
        if let Some(slice) = slices.last_mut() {
            slice.push(api);
        }
    }
    let last = slices.len() - 1;
    let fact = |(i, apis)| Fact::Base { service: service.to_owned(), at, apis, more: i < last };
    slices.into_iter().enumerate().map(fact).collect()
}

/// The gateway's message, which may be of any length.
fn message(fact: &mut Fact<String>) -> Option<&mut String> {
    match fact {
        Fact::Item { step, .. } | Fact::Service { step, .. } => match step {
            Transition::Rejected(detail)
            | Transition::Doubt(detail)
            | Transition::Settled { detail, .. } => Some(&mut detail.message),
            Transition::Intent { .. } | Transition::Absent => None,
        },
        Fact::Stopped {
            reason: StopReason::Hopeless { message, .. } | StopReason::JournalLost { message },
        } => Some(message),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Action;

    fn line(record: &Record) -> Vec<u8> {
        let mut line = Vec::new();
        record.write(&mut line).unwrap();
        line
    }

    fn intent() -> Record {
        let at = "2026-11-24T03:42:00Z".parse().unwrap();
        let step = Transition::Intent { digest: "d".into() };
        let item = "k-0011223344556677".to_owned();
        Record::Fact(Fact::Item { item, action: Action::Create, attempt: 1, at, step })
    }

    #[test]
    fn a_line_is_a_checksum_and_json() {
        assert_eq!(
            String::from_utf8(line(&intent())).unwrap(),
            "214e9a56 {\"t\":\"item\",\"item\":\"k-0011223344556677\",\"action\":\"create\",\
             \"attempt\":1,\"at\":\"2026-11-24T03:42:00Z\",\"step\":\"intent\",\"digest\":\"d\"}\n"
        );
    }

    #[test]
    fn a_line_comes_back_as_it_was_written() {
        let written = line(&intent());
        assert_eq!(Record::read(&written[..written.len() - 1]), Ok(intent()));
    }

    #[test]
    fn no_line_with_a_byte_changed_or_lost_is_read() {
        let written = line(&intent());
        let whole = &written[..written.len() - 1];
        for at in 0..whole.len() {
            assert_eq!(Record::read(&whole[..at]), Err(BadLine::Garbled), "cut at {at}");
            for flip in [0x01, 0x20, 0xff] {
                let mut bad = whole.to_vec();
                bad[at] ^= flip;
                // A hexadecimal digit in upper case is the same checksum.
                let same = bad.eq_ignore_ascii_case(whole) && at < 8;
                assert_eq!(Record::read(&bad).is_ok(), same, "byte {at} ^ {flip:x}");
            }
        }
    }

    #[test]
    fn a_whole_line_of_another_version_is_told_from_a_torn_one() {
        let json = br#"{"t":"tomorrow"}"#;
        let line = [format!("{:08x} ", crc32c::crc32c(json)).as_bytes(), json].concat();
        assert!(matches!(Record::read(&line), Err(BadLine::Unknown(_))));
    }

    #[test]
    fn a_listing_of_any_length_fits_its_lines() {
        let apis: Vec<BaseApi> = (0..3_000)
            .map(|i| BaseApi {
                api_id: format!("api-{i}"),
                path: format!("/{i}/{}", "x".repeat(i)),
                method: "GET".into(),
            })
            .collect();
        let listed = apis.len();
        let facts = slices("service-a", Timestamp::UNIX_EPOCH, apis);
        let mut seen = 0;
        for (i, fact) in facts.iter().enumerate() {
            line(&Record::Fact(fact.clone()));
            let Fact::Base { apis, more, .. } = fact else { panic!("{fact:?}") };
            seen += apis.len();
            assert_eq!(*more, i + 1 < facts.len());
        }
        assert_eq!(seen, listed);
        assert_eq!(
            slices("service-a", Timestamp::UNIX_EPOCH, Vec::new()).len(),
            1,
            "an empty service too"
        );
    }

    #[test]
    fn a_line_that_could_not_be_read_back_is_not_written() {
        let long = Record::Csv { sha256: "x".repeat(LONGEST_LINE) };
        assert!(long.write(&mut Vec::new()).is_err());
    }
}
