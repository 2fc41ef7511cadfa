//! The harness can fail: with any one safety out it finds what that safety prevents.
//!
//! Needs a program built with the feature `weakened`:
//! `cargo test --features weakened --test it harness::weakened`.

use std::process::Stdio;

use super::check::{Facts, SERVICE};
use super::kills::{ambiguous, killed_and_resumed};
use super::trial::{Tally, Trial, play};
use crate::case::{Case, document, wait};

/// Trials within which a weakened program must have been caught.
const TRIALS: u64 = 18;

fn case(out: &str) -> Case {
    Case::new().credentials().variable("APIFERRY_WEAKENED", out)
}

/// Asserts that the kills of the harness catch the program without this safety.
#[track_caller]
fn caught(out: &str, by: &str) {
    let (tally, seeds) = play(TRIALS, |seed| killed_and_resumed(case(out), seed, &ambiguous(seed)));
    let found = tally.broken.iter().any(|line| line.starts_with(by));
    assert!(found, "without {out} nothing of {by} was found: {seeds:?} {:#?}", tally.broken);
}

#[test]
fn without_the_intent_on_disk_first_requests_go_out_that_nobody_meant() {
    caught("intent-sync", "I4");
}

#[test]
fn without_settling_apis_are_made_twice() {
    caught("settle", "I1");
}

#[test]
fn without_a_look_before_the_retry_apis_are_made_twice() {
    caught("look-before-retry", "I1");
}

#[test]
fn without_the_base_what_was_there_is_made_again() {
    caught("baseline", "I1");
}

#[test]
fn without_the_lock_two_runs_make_each_api_twice() {
    let doubled = two_at_once();
    assert!(doubled > 0, "two runs at once doubled nothing");
}

/// Two imports of the same at once; how many APIs stand twice.
fn two_at_once() -> usize {
    let case =
        case("lock").file("a.yaml", document("a", 30)).file("s.yaml", "duplicates: accept\n");
    let simulator = case.simulator("--limit 500 --scenario s.yaml");
    let import = |report: &str| {
        let mut command = case.command(&format!(
            "import a.yaml --service {SERVICE} --endpoint {} --report {report} --rate 30 --rate-limit 500 --settle 0.3",
            simulator.endpoint
        ));
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
    };
    for child in [import("r.csv"), import("s.csv")] {
        wait(child);
    }
    Facts::of(&simulator.ledger()).created.values().filter(|ids| ids.len() > 1).count()
}

#[test]
fn with_every_safety_in_the_same_trials_find_nothing() {
    let (tally, seeds) =
        play(TRIALS, |seed| killed_and_resumed(case("nothing"), seed, &ambiguous(seed)));
    assert!(tally.broken.is_empty(), "{seeds:?} {:#?}", tally.broken);
}
