//! Answers that get lost, requests that get lost, requests that are carried out late.

use super::trial::{LATE, QUICK, Tally, Trial, plays};

/// An import to its end against this gateway.
fn imported(count: usize, scenario: &str) -> Tally {
    let mut trial = Trial::new(count, scenario);
    let last = trial.run(trial.import());
    trial.finish(last)
}

fn gateway(seed: u64, fault: &str) -> String {
    format!("seed: {seed}\nduplicates: accept\nlatency-ms: [0, 10]\nfaults: [{{ {fault} }}]\n")
}

#[test]
fn an_api_whose_answer_is_lost_in_any_way_is_found_and_not_made_again() {
    let ways = ["reset", "close", "{ page: 502 }", "cut", "garbage", "silence"];
    plays("answers lost", 12, |seed| {
        let way = ways[usize::try_from(seed % 6).expect("small")];
        let share = ["0.1", "0.5"][usize::try_from(seed / 6 % 2).expect("small")];
        imported(20, &gateway(seed, &format!("share: {share}, carried-out: true, reply: {way}")))
    });
}

#[test]
fn where_every_answer_is_lost_every_api_is_found() {
    let fault = "carried-out: true, reply: reset";
    let tally = imported(20, &gateway(1, fault));
    assert_eq!(tally.found, 20);
    tally.holds();
}

#[test]
fn a_request_that_is_lost_is_sent_again_and_at_most_three_times() {
    plays("requests lost", 8, |seed| {
        let reply = ["unread", "reset"][usize::try_from(seed % 2).expect("small")];
        let share = ["0.1", "0.5"][usize::try_from(seed / 2 % 2).expect("small")];
        let mut trial = Trial::new(20, &gateway(seed, &format!("share: {share}, reply: {reply}")));
        let last = trial.run(trial.import());
        let rows = trial.case.report("r.csv");
        let most = rows.iter().filter_map(|row| row["attempts"].parse::<u32>().ok()).max();
        let mut tally = trial.finish(last);
        if most > Some(3) {
            tally.broken.push(format!("{most:?} sends of one item"));
        }
        tally
    });
}

#[test]
fn what_is_carried_out_late_but_before_an_absence_counts_is_found() {
    plays("late within settle", 6, |seed| {
        imported(
            20,
            &gateway(
                seed,
                &format!("share: 0.3, late-ms: {LATE}, reply: silence, carried-out: true"),
            ),
        )
    });
}

#[test]
fn what_is_carried_out_after_an_absence_counted_is_told_with_both_ids() {
    // Late by far more than the settle. What keeps the run alive until then are throttled
    // answers, each of which holds everyone back for a second.
    let scenario = "duplicates: accept\nfaults:\n\
        - { at: [1, 3], late-ms: 1800, carried-out: true, reply: silence }\n\
        - { from: 7, to: 12, reply: { error: RequestLimitExceeded } }\n";
    let mut trial = Trial::new(6, scenario)
        .options(&QUICK.replace("--settle 1.2", "--settle 0.6"))
        .doubles_are_told();
    let last = trial.run(trial.import()).exits(4);
    let rows = trial.case.report("r.csv");
    let told = rows.iter().filter(|row| row["outcome"] == "duplicate").count();
    assert_eq!(told, 2, "{rows:?}");
    trial.hold(&last).holds();
}
