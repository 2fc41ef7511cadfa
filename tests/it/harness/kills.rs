//! Killed at any moment and resumed, with and without a gateway whose answers get lost.

use std::fmt::Write as _;

use super::trial::{Dice, LATE, Tally, Trial, plays};
use crate::case::Case;

/// A gateway that loses a twentieth of the requests, a twentieth of the answers in six
/// ways, and answers a few late; it takes everything twice.
pub(super) fn ambiguous(seed: u64) -> String {
    let lost = ["reset", "close", "{ page: 502 }", "cut", "garbage", "silence"];
    let mut scenario = format!("seed: {seed}\nduplicates: accept\nlatency-ms: [0, 25]\nfaults:\n");
    scenario += "- { share: 0.025, reply: unread }\n- { share: 0.025, reply: reset }\n";
    for reply in lost {
        let _ = writeln!(scenario, "- {{ share: 0.0085, carried-out: true, reply: {reply} }}");
    }
    let _ = writeln!(scenario, "- {{ share: 0.02, late-ms: {LATE} }}");
    scenario
}

/// A trial of 40 operations, 4 of which are there before.
pub(super) fn trial(case: Case, scenario: &str) -> Trial {
    Trial::of(case, 40, 4, scenario)
}

/// One to four kills at moments that the seed decides, then resumes until all has ended.
pub(super) fn killed_and_resumed(mut trial: Trial, seed: u64) -> Tally {
    let mut dice = Dice::new(seed);
    let kills = 1 + dice.roll(4);
    let mut killed = 0;
    for _ in 0..kills {
        let command = trial.again();
        killed += usize::from(trial.kill(command, dice.millis(900)));
    }
    let last = trial.run(trial.again());
    Tally { kills: killed, ..trial.finish(last) }
}

#[test]
fn killed_at_any_moment_each_operation_ends_once() {
    plays("kills, faults off", 12, |seed| {
        let scenario = format!("seed: {seed}\nduplicates: accept\nlatency-ms: [0, 25]\n");
        killed_and_resumed(trial(Case::new().credentials(), &scenario), seed)
    });
}

#[test]
fn killed_at_any_moment_with_a_tenth_of_the_answers_lost_each_operation_ends_once() {
    plays("kills, ambiguous", 24, |seed| {
        killed_and_resumed(trial(Case::new().credentials(), &ambiguous(seed)), seed)
    });
}
