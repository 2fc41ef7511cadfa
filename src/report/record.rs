//! Journal records and their lines.
//!
//! A line is `crc32c-hex SPACE json LF`; the checksum is of the JSON. Records name items by
//! the short form of their key, since an `ItemId` is only an index of one run. No record
//! holds a secret, a header or a request body.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::report::row;
use crate::run::{BaseApi, Fact, Outcome, StopReason};

/// The journal's version: an older program refuses a newer journal.
pub const VERSION: u32 = 1;

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
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "lowercase")]
pub enum Record {
    /// What the import was; the first line, and no other.
    Head(Head),
    /// A row of the report and what is known of it. A later one of the same place replaces
    /// it.
    Row(RowLine),
    /// A resume or an undo took the report up.
    Resume { run: String, tool: String, at: Timestamp, plan: String },
    /// What a service held before our first create there; `more` follows in the next one.
    Base { service: String, at: Timestamp, apis: Vec<Listed>, more: bool },
    /// A create is about to be sent; the digest is the planned item's.
    Intent { key: String, n: u32, at: Timestamp, digest: String },
    /// A delete is about to be sent.
    Delete { key: String, n: u32, at: Timestamp },
    /// Surely without effect.
    Rejected { key: String, n: u32, code: String, message: String, rid: String },
    /// The answer may hide a success.
    Doubt { key: String, n: u32, why: String, code: String, rid: String },
    /// A look, late enough, found nothing.
    Absent { key: String, n: u32, at: Timestamp },
    /// The item ended.
    Settled(Settled),
    /// The CSV with this SHA-256 is about to be put in place.
    Csv { sha256: String },
    /// Everything before this offset was synced: damage before it is no power loss.
    Synced { upto: u64 },
    /// A service was released to an environment.
    Released { service: String, environment: String, at: Timestamp },
    /// The run stopped early.
    Stop { reason: String, code: String, message: String },
    /// All items ended.
    End,
}

/// A row in the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowLine {
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
    /// A create may stand unseen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubt: bool,
    /// When that create was sent, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
}

/// An API that was there before us: id, method, path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listed(pub String, pub String, pub String);

/// How an item ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settled {
    /// Which item.
    pub key: String,
    /// Creates sent.
    pub n: u32,
    /// The word in the report.
    pub outcome: String,
    /// The API's id, or ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
    /// The gateway's code, or ours.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// What goes with it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The `RequestId` of the answer that decided.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rid: String,
    /// When.
    pub at: Timestamp,
}

impl Head {
    /// A head of this version; the report fills in the CSV's name and the plan's digest.
    pub fn new(run: String, created_at: Timestamp, endpoint: String, region: String) -> Self {
        Self {
            v: VERSION,
            tool: TOOL.to_owned(),
            run,
            created_at,
            endpoint,
            region,
            secret_id_tail: String::new(),
            csv: String::new(),
            plan: String::new(),
            settings: Value::Null,
        }
    }
}

impl Record {
    /// The records of a fact. `key` is the short key of the fact's item.
    pub(crate) fn of(fact: Fact, key: &str) -> Vec<Self> {
        let key = key.to_owned();
        vec![match fact {
            Fact::Base { service, apis, listed_at } => return base(&service, &apis, listed_at),
            Fact::Intent { attempt, sent_at, digest, .. } => {
                Self::Intent { key, n: attempt, at: sent_at, digest }
            }
            Fact::Rejected { attempt, code, message, request_id, .. } => {
                let message = row::short(&message).into();
                Self::Rejected { key, n: attempt, code, message, rid: request_id }
            }
            Fact::Doubt { attempt, why, code, request_id, .. } => {
                Self::Doubt { key, n: attempt, why, code, rid: request_id }
            }
            Fact::Absent { attempt, listed_at, .. } => {
                Self::Absent { key, n: attempt, at: listed_at }
            }
            Fact::Settled { attempts, outcome, detail, at, .. } => Self::Settled(Settled {
                key,
                n: attempts,
                outcome: outcome.as_str().to_owned(),
                ids: ids(outcome),
                code: detail.code,
                message: row::short(&detail.message).into(),
                rid: detail.request_id,
                at,
            }),
            Fact::Released { service, environment, at } => {
                Self::Released { service, environment, at }
            }
            Fact::Stopped { reason } => stop(reason),
            Fact::Ended => Self::End,
        }]
    }

    /// The same record, told of a delete: it counts no creates, and its intent leaves the
    /// row as it stands.
    pub(crate) fn of_delete(self) -> Self {
        match self {
            Self::Intent { key, n, at, .. } => Self::Delete { key, n, at },
            Self::Settled(settled) => Self::Settled(Settled { n: 0, ..settled }),
            record => record,
        }
    }

    /// The short key of the item that the record tells of.
    pub(crate) fn key(&self) -> Option<&str> {
        match self {
            Self::Intent { key, .. }
            | Self::Delete { key, .. }
            | Self::Rejected { key, .. }
            | Self::Doubt { key, .. }
            | Self::Absent { key, .. }
            | Self::Settled(Settled { key, .. }) => Some(key),
            _ => None,
        }
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

/// Why a line is no record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BadLine {
    /// Not as it was written: torn, overwritten, or no journal at all.
    Garbled,
    /// Whole, and not of this version.
    Unknown(String),
}

/// A listing in as many records as its length asks for.
fn base(service: &str, apis: &[BaseApi], at: Timestamp) -> Vec<Record> {
    let mut slices = vec![Vec::new()];
    let mut room = BASE_SLICE;
    for api in apis {
        let path = row::short(&api.path).into_string();
        let size = api.api_id.len() + api.method.len() + path.len() + 12;
        if size > room {
            slices.push(Vec::new());
            room = BASE_SLICE;
        }
        room = room.saturating_sub(size);
        if let Some(slice) = slices.last_mut() {
            slice.push(Listed(api.api_id.clone(), api.method.clone(), path));
        }
    }
    let last = slices.len() - 1;
    let record = |(i, apis)| Record::Base { service: service.to_owned(), at, apis, more: i < last };
    slices.into_iter().enumerate().map(record).collect()
}

fn ids(outcome: Outcome) -> Vec<String> {
    match outcome {
        Outcome::Created { id }
        | Outcome::Found { id }
        | Outcome::Exists { id }
        | Outcome::Deleted { id } => vec![id],
        Outcome::Duplicate { ids } => ids,
        _ => Vec::new(),
    }
}

fn stop(reason: StopReason) -> Record {
    let (reason, code, message) = match reason {
        StopReason::Hopeless { code, message } => ("hopeless", code, message),
        StopReason::JournalLost { message } => ("journal-lost", String::new(), message),
        StopReason::Interrupted { .. } => ("interrupted", String::new(), String::new()),
        StopReason::Killed { .. } => ("killed", String::new(), String::new()),
    };
    let message = row::short(&message).into();
    Record::Stop { reason: reason.to_owned(), code, message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::ItemId;

    fn line(record: &Record) -> Vec<u8> {
        let mut line = Vec::new();
        record.write(&mut line).unwrap();
        line
    }

    fn intent() -> Record {
        let at = "2026-11-24T03:42:00Z".parse().unwrap();
        let fact = Fact::Intent { item: ItemId(0), attempt: 1, sent_at: at, digest: "d".into() };
        Record::of(fact, "k-0011223344556677").remove(0)
    }

    #[test]
    fn a_line_is_a_checksum_and_json() {
        assert_eq!(
            String::from_utf8(line(&intent())).unwrap(),
            "96c89d4a {\"t\":\"intent\",\"key\":\"k-0011223344556677\",\"n\":1,\
             \"at\":\"2026-11-24T03:42:00Z\",\"digest\":\"d\"}\n"
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
        let records = base("service-a", &apis, Timestamp::UNIX_EPOCH);
        let mut seen = 0;
        for (i, record) in records.iter().enumerate() {
            line(record);
            let Record::Base { apis, more, .. } = record else { panic!("{record:?}") };
            seen += apis.len();
            assert_eq!(*more, i + 1 < records.len());
        }
        assert_eq!(seen, apis.len());
        assert_eq!(base("service-a", &[], Timestamp::UNIX_EPOCH).len(), 1, "an empty service too");
    }

    #[test]
    fn a_line_that_could_not_be_read_back_is_not_written() {
        let long = Record::Csv { sha256: "x".repeat(LONGEST_LINE) };
        assert!(long.write(&mut Vec::new()).is_err());
    }
}
