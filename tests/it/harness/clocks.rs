//! A clock that was set forward between a kill and a resume. The program reads the machine's
//! clocks by itself, so the journal is set back instead: its times of day, not how long the
//! machine had run, which is what it holds after such a kill.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::check::journal;
use super::trial::Trial;

/// When the first create, whose answer is lost, is carried out, in milliseconds.
const LATE: u32 = 3_800;

/// The same journal, as written an hour earlier by the wall clock.
fn set_back(text: &[u8]) -> Vec<u8> {
    let mut lines = Vec::new();
    for mut record in journal(text, true) {
        for name in ["at", "created_at"] {
            let at = record[name].as_str().and_then(|at| at.parse::<Timestamp>().ok());
            if let Some(at) = at {
                record[name] = Value::from((at - SignedDuration::from_hours(1)).to_string());
            }
        }
        let json = serde_json::to_string(&record).expect("JSON");
        let sum = crc32c::crc32c(json.as_bytes());
        lines.extend(format!("{sum:08x} {json}\n").into_bytes());
    }
    lines
}

#[test]
fn a_clock_that_was_set_forward_ends_no_wait() {
    let late = format!("faults: [{{ to: 1, late-ms: {LATE}, carried-out: true, reply: reset }}]\n");
    let mut trial = Trial::new(1, &format!("duplicates: accept\n{late}"))
        .options("--rate 200 --rate-limit 500 --quota 1000 --timeout 0.4 --settle 4");
    let import = trial.import();
    assert!(trial.kill(import, Duration::from_millis(600)));
    let written = std::fs::read(trial.case.path("r.csv.journal")).expect("the journal");
    trial.case.write("r.csv.journal", set_back(&written));
    let last = trial.run(trial.again());
    let tally = trial.finish(last);
    assert_eq!(tally.found, 1, "{:?}", tally.broken);
    tally.holds();
}
