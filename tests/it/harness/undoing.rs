//! Undo: what the report says is ours and nothing else, in the right order, whatever
//! happens in between.

use std::collections::BTreeSet;
use std::process::Command;

use super::check::{Facts, SERVICE};
use super::kills::ambiguous;
use super::trial::{Dice, QUICK, Tally, Trial, plays};
use crate::case::{Case, Row};

const HEALTHY: &str = "duplicates: accept\n";

fn imported(count: usize, standing: usize, scenario: &str) -> Trial {
    let mut trial = Trial::of(Case::new().credentials(), count, standing, scenario);
    trial.run(trial.import()).exits(0);
    trial
}

fn undo(trial: &Trial, more: &str) -> Command {
    trial.case.command(&format!("undo r.csv {more}"))
}

fn outcomes(trial: &Trial) -> Vec<String> {
    trial.case.report("r.csv").into_iter().map(|row: Row| row["outcome"].clone()).collect()
}

/// Ids that we made, and ids that were deleted.
fn made_and_deleted(trial: &Trial) -> (BTreeSet<String>, BTreeSet<String>) {
    let facts = Facts::of(&trial.simulator.ledger());
    (facts.created.into_values().flatten().collect(), facts.deleted)
}

#[test]
fn what_was_there_before_us_is_not_deleted() {
    let mut trial = imported(8, 3, HEALTHY);
    trial.run(undo(&trial, "--yes")).exits(0);
    let (made, deleted) = made_and_deleted(&trial);
    assert_eq!(deleted, made);
    assert_eq!(outcomes(&trial)[..3], ["exists", "exists", "exists"]);
    assert_eq!(outcomes(&trial)[3..], ["deleted"; 5]);
}

#[test]
fn a_dry_run_shows_each_api_and_deletes_nothing() {
    let mut trial = imported(4, 1, HEALTHY);
    let before = trial.case.read("r.csv");
    let ended = trial.run(undo(&trial, "--dry-run")).exits(0);
    let (made, deleted) = made_and_deleted(&trial);
    assert_eq!(ended.stdout.lines().count(), 3);
    assert!(made.iter().all(|id| ended.stdout.contains(id.as_str())), "{}", ended.stdout);
    assert!(deleted.is_empty());
    assert_eq!(trial.case.read("r.csv"), before);
}

#[test]
fn what_is_still_listed_though_its_delete_was_answered_is_told_and_deleted_by_the_next_undo() {
    let said = r#"{"Response":{"Result":true,"RequestId":"r"}}"#;
    let scenario = format!(
        "faults: [{{ action: DeleteApi, at: [2], carried-out: false, reply: {{ says: {{ status: 200, body: '{said}' }} }} }}]\n"
    );
    let mut trial = imported(3, 0, &scenario);
    trial.run(undo(&trial, "--yes")).exits(3).says("still there: ").says("apiferry undo r.csv");
    let left = outcomes(&trial).iter().filter(|word| *word == "created").count();
    assert_eq!(left, 1);
    trial.run(undo(&trial, "--yes")).exits(0);
    assert_eq!(outcomes(&trial), ["deleted"; 3]);
}

#[test]
fn an_undone_report_undone_again_sends_nothing() {
    let mut trial = imported(4, 0, HEALTHY);
    trial.run(undo(&trial, "--yes")).exits(0);
    let deletes = || {
        let ledger = trial.simulator.ledger();
        ledger.iter().filter(|event| event["action"] == "DeleteApi").count()
    };
    let before = deletes();
    trial.case.finish(undo(&trial, "--yes")).exits(0);
    assert_eq!(deletes(), before);
}

#[test]
fn what_was_deleted_comes_back_only_when_asked_for() {
    let mut trial = imported(4, 0, HEALTHY);
    trial.run(undo(&trial, "--yes")).exits(0);
    trial.run(trial.again()).exits(0);
    assert_eq!(outcomes(&trial), ["deleted"; 4]);
    trial.run(trial.case.command("resume r.csv --retry deleted")).exits(0);
    assert_eq!(outcomes(&trial), ["created"; 4]);
    let created = Facts::of(&trial.simulator.ledger()).created;
    assert!(created.values().all(|ids| ids.len() == 2), "{created:?}");
}

#[test]
fn an_undo_killed_at_any_moment_and_taken_up_deletes_all_of_ours() {
    plays("undo, killed", 8, |seed| {
        let mut dice = Dice::new(seed);
        // Of the deletes, a tenth loses its answer, and a tenth is lost.
        let scenario = format!(
            "seed: {seed}\nduplicates: accept\nfaults:\n\
            - {{ action: DeleteApi, share: 0.1, carried-out: true, reply: reset }}\n\
            - {{ action: DeleteApi, share: 0.1, reply: reset }}\n"
        );
        let mut trial = imported(30, 3, &scenario);
        let mut kills = 0;
        for _ in 0..2 {
            kills += usize::from(trial.kill(undo(&trial, "--yes"), dice.millis(400)));
        }
        for _ in 0..4 {
            trial.run(undo(&trial, "--yes"));
        }
        let (made, deleted) = made_and_deleted(&trial);
        let mut broken = Vec::new();
        if deleted != made {
            broken.push(format!("made {made:?}, deleted {deleted:?}"));
        }
        if outcomes(&trial)[3..] != ["deleted"; 27] {
            broken.push(format!("{:?}", outcomes(&trial)));
        }
        Tally { operations: 30, kills, found: 0, broken }
    });
}

#[test]
fn an_undo_of_what_a_faulty_gateway_holds_deletes_what_was_found_too() {
    let mut trial = Trial::new(20, &ambiguous(3));
    trial.run(trial.import());
    for _ in 0..3 {
        trial.run(undo(&trial, "--yes"));
    }
    let (made, deleted) = made_and_deleted(&trial);
    assert_eq!(deleted, made);
}

/// An API that authorises two others, and the settings that say so.
const AUTHORISED: [(&str, &str); 2] = [
    (
        "signed.yaml",
        "openapi: 3.0.3
info: { title: Signed, version: '1' }
servers: [{ url: 'https://signed.example.com' }]
components: { securitySchemes: { oauth: { type: oauth2, flows: {} } } }
paths:
  /orders: { get: { security: [{ oauth: [] }], responses: { '200': { description: ok } } } }
  /bills: { get: { security: [{ oauth: [] }], responses: { '200': { description: ok } } } }
  /token: { post: { operationId: token, x-apigw-api-business-type: OAUTH, responses: { '200': { description: ok } } } }
",
    ),
    (
        "settings.yaml",
        "security: { oauth: { AuthType: OAUTH, authorised-by: token, OauthConfig: { PublicKey: key, TokenLocation: method.req.header.token } } }
",
    ),
];

#[test]
fn what_an_api_authorises_is_made_after_it_and_deleted_before_it() {
    let case = AUTHORISED
        .iter()
        .fold(Case::new().credentials(), |case, (name, text)| case.file(name, text));
    let simulator = case.simulator("--limit 500");
    case.run(&format!(
        "import signed.yaml --config settings.yaml --service {SERVICE} --endpoint {} --report r.csv {QUICK}",
        simulator.endpoint
    ))
    .exits(0);
    case.run("undo r.csv --yes").exits(0);
    let ledger = simulator.ledger();
    let ids = |verdict: &str| -> Vec<String> {
        let of = ledger.iter().filter(|event| event["verdict"] == verdict);
        of.map(|event| event["api_id"].as_str().expect("an id").to_owned()).collect()
    };
    let (created, deleted) = (ids("created"), ids("deleted"));
    assert_eq!((created.len(), deleted.len()), (3, 3));
    assert_eq!(created[0], deleted[2], "the authorising API is first in and last out");
}
