//! Every system call by which journal and CSV reach the disk: the program is killed at it,
//! or the disk fails it.
//!
//! `cargo test` plays the first, third, ninth … call of each kind. All of them:
//!
//! ```sh
//! APIFERRY_HARNESS_ALL=1 cargo test --test it harness::syscalls -- --nocapture
//! ```
//!
//! `strace` counts the calls of each thread by itself, so that the first calls of the thread
//! that keeps the journal hide behind those that open it; what is on disk at those moments
//! is there at a neighbouring call too.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::check;
use super::strace::{Strike, struck, there_is_strace, was_struck};
use super::trial::{Tally, Trial};
use crate::case::Ended;

/// The files of a report, and the calls that change what is on disk or what is in it.
const CALLS: [(&str, &str); 14] = [
    ("r.csv.journal.tmp-$$", "openat"),
    ("r.csv.journal.tmp-$$", "write"),
    ("r.csv.journal.tmp-$$", "fdatasync"),
    ("r.csv.journal.tmp-$$", "/^rename"),
    ("r.csv.journal", "write"),
    ("r.csv.journal", "openat"),
    ("r.csv.journal", "fdatasync"),
    ("r.csv.journal", "ftruncate"),
    ("r.csv.tmp-$$", "openat"),
    ("r.csv.tmp-$$", "write"),
    ("r.csv.tmp-$$", "fdatasync"),
    ("r.csv.tmp-$$", "/^rename"),
    ("", "openat"),
    ("", "fsync"),
];

/// Slow enough that intents are stated in several strokes and the CSV is replaced on the way.
const OPTIONS: &str = "--rate 25 --rate-limit 500 --quota 1000 --settle 0.4 --concurrency 4";

fn trial() -> Trial {
    Trial::new(30, "duplicates: accept\n").options(OPTIONS)
}

/// Whether every single call is asked for.
fn all() -> bool {
    std::env::var_os("APIFERRY_HARNESS_ALL").is_some()
}

/// Strikes the calls of each kind in order until a run is not struck any more, several kinds
/// at a time; prints the figures, and fails with what was broken.
#[expect(clippy::print_stderr, reason = "the figures are what a large run is for")]
fn each_call(name: &str, kinds: &[Strike<'_>], play: impl Fn(Strike<'_>) -> (bool, Tally) + Sync) {
    if !there_is_strace() {
        return;
    }
    let next = AtomicUsize::new(0);
    let sum = Mutex::new((0, Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some(kind) = kinds.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut nth = 1;
                    loop {
                        let strike = Strike { nth, ..*kind };
                        let (hit, tally) = play(strike);
                        let mut sum = sum.lock().expect("no trial panics");
                        sum.0 += usize::from(hit);
                        if !tally.broken.is_empty() {
                            sum.1.push(format!("{strike:?}\n{}", tally.broken.join("\n")));
                        }
                        if !hit {
                            break;
                        }
                        nth = if all() { nth + 1 } else { nth * 3 };
                    }
                }
            });
        }
    });
    let (hits, broken) = sum.into_inner().expect("no trial panics");
    eprintln!("{name}: {hits} calls struck, {} broken", broken.len());
    assert!(hits >= kinds.len() / 2, "hardly anything was struck");
    assert!(broken.is_empty(), "{}", broken.join("\n\n"));
}

#[test]
fn killed_at_any_call_of_journal_or_csv_each_operation_ends_once() {
    let kinds =
        CALLS.map(|(file, call)| Strike { file, call, how: "signal=KILL", nth: 1, on: false });
    each_call("kills at calls", &kinds, |strike| {
        let mut trial = trial();
        // An import is killed at its k-th call, then the resume at its own.
        let mut hit = false;
        for _ in 0..2 {
            let command = trial.again();
            let ended = trial.run(struck(&trial, &command, strike));
            hit |= ended.code.is_none();
            trial.look();
        }
        let last = trial.run(trial.again());
        (hit, trial.finish(last))
    });
}

/// Kinds of calls and how the disk fails them: once, for good, or by a signal that came in
/// between.
fn failures() -> Vec<Strike<'static>> {
    let of =
        |how, on| CALLS.into_iter().map(move |(file, call)| Strike { file, call, how, nth: 1, on });
    // What a signal may interrupt; a rename is not among it.
    let interrupted = of("error=EINTR", false).filter(|kind| !kind.call.contains("rename"));
    of("error=EIO", false).chain(of("error=ENOSPC", true)).chain(interrupted).collect()
}

#[test]
fn after_a_call_that_failed_nothing_is_sent_that_is_not_safe_on_disk() {
    // By threes each file and each failure is met, if not in every pair.
    let kinds: Vec<_> = failures().into_iter().step_by(if all() { 1 } else { 3 }).collect();
    each_call("failures at calls", &kinds, |strike| {
        let mut trial = trial();
        let command = trial.import();
        let ended = trial.run(struck(&trial, &command, strike));
        let hit = there_is_strace() && was_struck(&trial);
        if hit {
            hold_what_failed(&mut trial, &ended, strike);
        }
        let last = trial.run(trial.again());
        (hit, trial.finish(last))
    });
}

/// What must hold when a run has met a failure, before anyone resumes it.
fn hold_what_failed(trial: &mut Trial, ended: &Ended, strike: Strike<'_>) {
    let ledger = trial.simulator.ledger();
    let journal = std::fs::read(trial.case.path("r.csv.journal")).unwrap_or_default();
    let safe = if strike.call == "fdatasync" { marked(&journal) } else { journal.len() };
    for stray in check::stray_sends(&ledger, &check::journal(&journal[..safe], true)) {
        trial.breaks(format!("{stray}, of what was synced"));
    }
    let lawful = match strike.how {
        "error=EINTR" => [Some(0); 3],
        _ => [Some(0), Some(2), Some(6)],
    };
    if !lawful.contains(&ended.code) {
        trial.breaks(format!("ended with {:?}", ended.code));
    }
    let left = ["r.csv", "r.csv.journal"].map(|name| trial.case.path(name).exists());
    if ended.code == Some(2) && (left != [false; 2] || !ledger.is_empty()) {
        trial.breaks(format!("nothing was sent, it says: {left:?} {ledger:?}"));
    }
}

/// How far a journal says that it was synced. A sync that failed has no such mark, and the
/// stroke before it begins with the mark of the last that did not.
fn marked(journal: &[u8]) -> usize {
    let mut marks = check::journal(journal, true).into_iter().filter_map(|r| r["upto"].as_u64());
    marks.next_back().map_or(0, |upto| usize::try_from(upto).expect("small"))
}
