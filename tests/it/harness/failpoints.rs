//! The harness can fail: with any one safety out it finds what that safety prevents.
//!
//! Needs a program built with the feature `failpoints`:
//! `cargo test --features failpoints --test it harness::failpoints`.

use std::process::{Child, Stdio};

use super::check::{Facts, SERVICE};
use super::kills::{ambiguous, killed_and_resumed, trial};
use super::services::killed_and_repeated;
use super::trial::{QUICK, Trial, play};
use crate::case::{Case, Simulator, document, wait};

/// Trials within which a program that lacks a safety must have been caught.
const TRIALS: u64 = 18;

/// The first listing of a service shows nothing: what was there before is not known.
const BLIND_BASE: &str = "- { action: DescribeApisStatus, at: [1], reply: { says: { status: 200, \
     body: '{\"Response\":{\"Result\":{\"TotalCount\":0,\"ApiIdStatusSet\":[]},\"RequestId\":\"r\"}}' } } }\n";

fn case(out: &str) -> Case {
    Case::new().credentials().variable("APIFERRY_FAILPOINT", out)
}

/// Asserts that the kills of the harness catch the program of these trials.
#[track_caller]
fn caught(by: &str, trial: impl Fn(u64) -> Trial + Sync) {
    let (tally, seeds) = play(TRIALS, |seed| killed_and_resumed(trial(seed), seed));
    let found = tally.broken.iter().any(|line| line.starts_with(by));
    assert!(found, "nothing of {by} was found: {seeds:?} {:#?}", tally.broken);
}

#[test]
fn without_the_intent_on_disk_first_requests_go_out_that_nobody_meant() {
    caught("I4", |seed| trial(case("intent-sync"), &ambiguous(seed)));
}

#[test]
fn without_settling_apis_are_made_twice() {
    let hasty = QUICK.replace("--settle 1.2", "--settle 0");
    caught("I1", |seed| trial(case(""), &ambiguous(seed)).options(&hasty));
}

#[test]
fn without_a_look_before_the_retry_apis_are_made_twice() {
    caught("I1", |seed| trial(case("look-before-retry"), &ambiguous(seed)));
}

#[test]
fn without_the_base_what_was_there_is_made_again() {
    caught("I1", |seed| trial(case(""), &(ambiguous(seed) + BLIND_BASE)));
}

#[test]
fn without_the_lock_two_runs_make_each_api_twice() {
    let doubled = two_at_once();
    assert!(doubled > 0, "two runs at once doubled nothing");
}

/// Two imports of the same at once, each with a state folder and so with locks of its own;
/// how many APIs stand twice.
fn two_at_once() -> usize {
    let mut case =
        case("").file("a.yaml", document("a", 30)).file("s.yaml", "duplicates: accept\n");
    let simulator = case.simulator("--limit 500 --scenario s.yaml");
    let children = ["r", "s"].map(|name| {
        case.set("XDG_STATE_HOME", &case.path(name).display().to_string());
        slow_import(&case, &simulator, name)
    });
    children.into_iter().for_each(|child| _ = wait(child));
    Facts::of(&simulator.ledger()).created.values().filter(|ids| ids.len() > 1).count()
}

fn slow_import(case: &Case, simulator: &Simulator, name: &str) -> Child {
    let mut command = case.command(&format!(
        "import a.yaml --service {SERVICE} --endpoint {} --report {name}.csv --rate 30 --rate-limit 500 --settle 0.3",
        simulator.endpoint
    ));
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
}

#[test]
fn without_the_intent_of_services_they_are_made_twice() {
    let (tally, seeds) = play(TRIALS, |seed| killed_and_repeated(case("service-intent"), seed));
    let found = tally.broken.iter().any(|line| line.starts_with("S1"));
    assert!(found, "no service was made twice: {seeds:?} {:#?}", tally.broken);
}

#[test]
fn with_every_safety_in_the_same_trials_find_nothing() {
    let (tally, seeds) =
        play(TRIALS, |seed| killed_and_resumed(trial(case(""), &ambiguous(seed)), seed));
    assert!(tally.broken.is_empty(), "{seeds:?} {:#?}", tally.broken);
}
