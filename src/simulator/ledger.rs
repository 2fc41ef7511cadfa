//! What came in and what became of it: one JSON object a line, appended.
//!
//! A line is on disk before the answer goes out, so that what a caller was told is never
//! ahead of the ledger. A simulator that is started on an earlier ledger holds what that
//! one held. Lines are written but not synced: the ledger survives the process, not the
//! machine.

use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use fs_err::{File, OpenOptions};
use serde::{Deserialize, Serialize};

/// One line of the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Event {
    /// Counts lines, from 1, across restarts.
    pub seq: u64,
    /// Nanoseconds since the simulator started.
    pub mono_ns: u64,
    /// RFC 3339, by the simulator's own clock.
    pub wall: String,
    /// What became of the request so far.
    pub verdict: Verdict,
    /// Such as `CreateApi`.
    pub action: String,
    /// The number of the request among those of its action, from 1.
    pub number: u64,
    /// The service, where the request names one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub service: String,
    /// `RequestConfig.Method`, where the request has one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// `RequestConfig.Path`, where the request has one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// SHA-256 of the body.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub body_sha256: String,
    /// `X-TC-Timestamp` as sent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub x_tc_timestamp: String,
    /// `X-TC-RequestClient` as sent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client: String,
    /// The id that was made or taken away.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub api_id: String,
    /// The code of a refusal, whether or not it was sent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// The fault that struck.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub fault: String,
    /// Whether a whole and true answer is sent.
    pub reply_sent: bool,
    /// The body of what was created, changed or released, so that it can be held again.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub body: String,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Verdict {
    /// Its last byte was read.
    #[default]
    Read,
    /// Something was created.
    Created,
    /// An API was changed.
    Modified,
    /// Something was deleted.
    Deleted,
    /// A service was released.
    Released,
    /// A service was taken offline.
    Unreleased,
    /// A usage plan was bound to a service.
    Bound,
    /// A read was answered.
    Served,
    /// Over the limit.
    Throttled,
    /// Refused.
    Rejected,
    /// Not carried out, by a fault.
    Dropped,
    /// Was there before any request.
    Preloaded,
}

/// The ledger as it is written.
#[derive(Debug)]
pub(crate) struct Ledger {
    place: Place,
    lines: u64,
}

#[derive(Debug)]
enum Place {
    File(File),
    Memory(Vec<Event>),
}

impl Ledger {
    /// A ledger in memory.
    pub(crate) fn in_memory() -> Self {
        Self { place: Place::Memory(Vec::new()), lines: 0 }
    }

    /// A ledger in a file, and what the file already holds. A torn last line, left by a
    /// kill, is cut: its answer never went out.
    pub(crate) fn open(path: &Path) -> io::Result<(Self, Vec<Event>)> {
        let file = OpenOptions::new().create(true).append(true).read(true).open(path)?;
        let (events, whole) = read(&file)?;
        file.set_len(whole)?;
        let lines = events.last().map_or(0, |event: &Event| event.seq);
        Ok((Self { place: Place::File(file), lines }, events))
    }

    /// Appends an event; it is with the operating system when this returns.
    pub(crate) fn write(&mut self, mut event: Event) -> io::Result<()> {
        self.lines += 1;
        event.seq = self.lines;
        match &mut self.place {
            Place::Memory(events) => events.push(event),
            Place::File(file) => {
                let mut line = serde_json::to_string(&event).map_err(io::Error::other)?;
                line.push('\n');
                file.write_all(line.as_bytes())?;
            }
        }
        Ok(())
    }

    /// Everything written so far.
    pub(crate) fn events(&self) -> io::Result<Vec<Event>> {
        match &self.place {
            Place::Memory(events) => Ok(events.clone()),
            Place::File(file) => Ok(read(&File::open(file.path())?)?.0),
        }
    }
}

/// The events of a ledger, and how many bytes they fill.
fn read(file: &File) -> io::Result<(Vec<Event>, u64)> {
    let mut reader = BufReader::new(file);
    let (mut events, mut whole, mut line) = (Vec::new(), 0, Vec::new());
    while reader.read_until(b'\n', &mut line)? > 0 {
        if line.last() != Some(&b'\n') {
            break;
        }
        let event = serde_json::from_slice(&line).map_err(|error| {
            let place = format!("{}: line {}: {error}", file.path().display(), events.len() + 1);
            io::Error::new(io::ErrorKind::InvalidData, place)
        })?;
        events.push(event);
        whole += line.len() as u64;
        line.clear();
    }
    Ok((events, whole))
}
