//! What must hold after every trial, from three witnesses that know nothing of each other:
//! the simulator's ledger, the report, and the journal.
//!
//! The numbers are the harness's: I1 no double, I2 no loss, I3 no false row, I4 no stray
//! send, I8 the exit code, I9 no secret, I10 no panic, I14 the same body every time. What
//! only shows while a run lives (I6, I7) is looked at by [`super::trial`], what needs a run
//! of its own (I5, I12, I13) by the scenarios.

use std::collections::{BTreeMap, BTreeSet};

use apiferry::plan::ItemKey;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::case::{Ended, Row};

/// The one service of every trial.
pub(crate) const SERVICE: &str = "service-simulated";

/// What a trial left.
pub(crate) struct Evidence<'t> {
    /// `METHOD path` of every operation.
    pub(crate) planned: &'t BTreeSet<String>,
    /// Lines of the ledger.
    pub(crate) ledger: Vec<Value>,
    /// Rows of the report.
    pub(crate) rows: Vec<Row>,
    /// Records of the journal; empty where it was taken away on purpose, and then nothing is
    /// held against it.
    pub(crate) journal: Vec<Value>,
    /// How the last run ended.
    pub(crate) last: &'t Ended,
    /// Whether this gateway may break what the protocol rests on: then a double must be
    /// told, not avoided.
    pub(crate) doubles_are_told: bool,
}

/// What is not as it must be, one line each.
pub(crate) fn violations(evidence: &Evidence<'_>) -> Vec<String> {
    let facts = Facts::of(&evidence.ledger);
    let mut broken = Vec::new();
    doubles(evidence, &facts, &mut broken);
    losses(evidence, &facts, &mut broken);
    falsehoods(evidence, &facts, &mut broken);
    if !evidence.journal.is_empty() {
        broken.extend(stray_sends(&evidence.ledger, &evidence.journal));
    }
    bodies(evidence, &facts, &mut broken);
    exit_code(evidence, &mut broken);
    broken
}

/// The ledger, by `METHOD path`.
#[derive(Default)]
pub(crate) struct Facts {
    /// Ids of what we created, in order.
    pub(crate) created: BTreeMap<String, Vec<String>>,
    /// Ids of what was there before.
    pub(crate) preloaded: BTreeMap<String, Vec<String>>,
    /// Creates whose last byte was read.
    pub(crate) read: BTreeMap<String, usize>,
    /// Ids of what was deleted.
    pub(crate) deleted: BTreeSet<String>,
    /// Digests of all bodies that came.
    bodies: BTreeMap<String, BTreeSet<String>>,
    /// Digests as the report gives them, of what was created.
    requests: BTreeMap<String, BTreeSet<String>>,
}

impl Facts {
    pub(crate) fn of(ledger: &[Value]) -> Self {
        let mut facts = Self::default();
        for event in ledger {
            facts.add(event);
        }
        facts
    }

    fn add(&mut self, event: &Value) {
        let text = |field: &str| event[field].as_str().unwrap_or_default().to_owned();
        let key = format!("{} {}", text("method"), text("path"));
        match (text("verdict").as_str(), text("action").as_str()) {
            ("read", "CreateApi") => {
                *self.read.entry(key.clone()).or_default() += 1;
                self.bodies.entry(key).or_default().insert(text("body_sha256"));
            }
            ("created", "CreateApi") => {
                self.requests.entry(key.clone()).or_default().insert(request(&text("body")));
                self.created.entry(key).or_default().push(text("api_id"));
            }
            ("preloaded", _) => self.preloaded.entry(key).or_default().push(text("api_id")),
            ("deleted", _) => _ = self.deleted.insert(text("api_id")),
            _ => {}
        }
    }

    fn ids<'f>(map: &'f BTreeMap<String, Vec<String>>, key: &str) -> &'f [String] {
        map.get(key).map_or(&[], Vec::as_slice)
    }
}

/// The creates of a ledger that came to this verdict.
pub(crate) fn creates<'l>(ledger: &'l [Value], verdict: &str) -> impl Iterator<Item = &'l Value> {
    ledger.iter().filter(move |event| event["verdict"] == verdict && event["action"] == "CreateApi")
}

pub(crate) fn key_of(row: &Row) -> String {
    format!("{} {}", row["method"], row["path"])
}

/// I1: at most one API for a key, or a row that names them all.
fn doubles(evidence: &Evidence<'_>, facts: &Facts, broken: &mut Vec<String>) {
    let told: BTreeMap<_, _> = evidence.rows.iter().map(|row| (key_of(row), row)).collect();
    for (key, ours) in &facts.created {
        let all = ours.len() + Facts::ids(&facts.preloaded, key).len();
        let named = told.get(key).is_some_and(|row| {
            row["outcome"] == "duplicate" && ours.iter().all(|id| row["api_id"].contains(id))
        });
        if all > 1 && !(evidence.doubles_are_told && named) {
            broken.push(format!("I1 {key} stands {all} times: {ours:?}"));
        }
    }
}

/// I2: one row for each operation, and an end for each row.
fn losses(evidence: &Evidence<'_>, facts: &Facts, broken: &mut Vec<String>) {
    let keys: Vec<_> = evidence.rows.iter().map(key_of).collect();
    let told: BTreeSet<_> = keys.iter().cloned().collect();
    if keys.len() != told.len() || told != *evidence.planned {
        let missing: Vec<_> = evidence.planned.difference(&told).collect();
        broken.push(format!("I2 {} rows, without {missing:?}", keys.len()));
    }
    for row in &evidence.rows {
        let key = key_of(row);
        let ended = ["created", "found", "exists", "refused", "gave-up", "duplicate"];
        if !ended.contains(&row["outcome"].as_str()) {
            broken.push(format!("I2 {key} is left {}", row["outcome"]));
        }
        let refused = ["refused", "gave-up"].contains(&row["outcome"].as_str());
        if refused && !Facts::ids(&facts.created, &key).is_empty() {
            broken.push(format!("I2 {key} is told {}, and stands", row["outcome"]));
        }
    }
}

/// I3: what a row says stands, stands.
fn falsehoods(evidence: &Evidence<'_>, facts: &Facts, broken: &mut Vec<String>) {
    for row in &evidence.rows {
        let (key, id) = (key_of(row), &row["api_id"]);
        let among = match row["outcome"].as_str() {
            "created" | "found" => Facts::ids(&facts.created, &key),
            "exists" => Facts::ids(&facts.preloaded, &key),
            _ => continue,
        };
        // Without a journal nobody may know what stood there before; then the row says so.
        let is_unsure = evidence.journal.is_empty() && row["error_code"] == "unsure";
        if !among.contains(id) && !is_unsure {
            broken.push(format!("I3 {key} is told {} as {id}, of {among:?}", row["outcome"]));
        }
    }
}

/// I4: requests without an intent in these records.
pub(crate) fn stray_sends(ledger: &[Value], journal: &[Value]) -> Vec<String> {
    let mut intents: BTreeMap<&str, usize> = BTreeMap::new();
    for record in
        journal.iter().filter(|record| record["step"] == "intent" && record["action"] == "create")
    {
        *intents.entry(record["item"].as_str().unwrap_or_default()).or_default() += 1;
    }
    let meant = |key: &str| intents.get(short(key).as_str()).copied().unwrap_or_default();
    let sent = Facts::of(ledger).read.into_iter();
    let stray = sent.filter(|(key, read)| *read > meant(key));
    stray
        .map(|(key, read)| {
            format!("I4 {key} was sent {read} times and meant {} times", meant(&key))
        })
        .collect()
}

/// The name that journals give to a `METHOD path`.
fn short(key: &str) -> String {
    let (method, path) = key.split_once(' ').unwrap_or_default();
    let (service, method, path) = (SERVICE.to_owned(), method.to_owned(), path.to_owned());
    ItemKey { service, method, path }.short()
}

/// I14: one body for each key, and it is the one that the report tells.
fn bodies(evidence: &Evidence<'_>, facts: &Facts, broken: &mut Vec<String>) {
    for row in &evidence.rows {
        let key = key_of(row);
        let sent = facts.bodies.get(&key).map_or(0, BTreeSet::len);
        let made = facts.requests.get(&key);
        if sent > 1 || made.is_some_and(|made| made.iter().any(|made| *made != row["digest"])) {
            broken.push(format!("I14 {key} went out in {sent} forms, and was made as {made:?}"));
        }
    }
}

/// SHA-256 of a body without the id of the service, as the report gives it.
pub(crate) fn request(body: &str) -> String {
    let rest = body.replacen(&format!("{{\"ServiceId\":\"{SERVICE}\","), "{", 1);
    hex::encode(Sha256::digest(rest))
}

/// I8 and I10: the exit code is what the rows say, and nothing panicked.
fn exit_code(evidence: &Evidence<'_>, broken: &mut Vec<String>) {
    let any =
        |words: &[&str]| evidence.rows.iter().any(|row| words.contains(&row["outcome"].as_str()));
    let due = if any(&["unconfirmed", "duplicate", "sending"]) {
        4
    } else if any(&["not-sent"]) {
        5
    } else if any(&["refused", "gave-up", "unfit"]) {
        3
    } else {
        0
    };
    if evidence.last.code != Some(due) {
        broken.push(format!("I8 the exit code is {:?}, not {due}", evidence.last.code));
    }
    if evidence.last.stderr.contains("has a bug") {
        broken.push(format!("I10 {}", evidence.last.stderr));
    }
}

/// The records of a journal. A torn tail is passed over where one is allowed.
pub(crate) fn journal(text: &[u8], torn: bool) -> Vec<Value> {
    let mut records = Vec::new();
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        match record(line) {
            Some(record) => records.push(record),
            None if torn => break,
            None => panic!("a bad line: {}", String::from_utf8_lossy(line)),
        }
    }
    records
}

fn record(line: &[u8]) -> Option<Value> {
    let (sum, json) = line.strip_suffix(b"\n")?.split_at_checked(8)?;
    let json = json.strip_prefix(b" ")?;
    let sum = u32::from_str_radix(std::str::from_utf8(sum).ok()?, 16).ok()?;
    (sum == crc32c::crc32c(json)).then(|| serde_json::from_slice(json).ok())?
}

/// I6: keys of which the last run, killed, left nobody knowing whether they stand. What an
/// earlier kill left is that one's.
pub(crate) fn in_doubt(journal: &[Value]) -> usize {
    let mut open = BTreeSet::new();
    for record in journal {
        let key = record["item"].as_str().unwrap_or_default();
        match record["step"].as_str().or(record["t"].as_str()) {
            Some("intent") if record["action"] == "create" => _ = open.insert(key),
            Some("resume") => open.clear(),
            Some("settled" | "rejected" | "absent" | "doubt") => _ = open.remove(key),
            _ => {}
        }
    }
    open.len()
}
