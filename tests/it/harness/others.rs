//! Others in the same place: a preview before the import, and a writer on another machine
//! who makes the same APIs at the same time.

use std::collections::BTreeMap;
use std::process::Stdio;

use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::check::{Facts, SERVICE, creates, key_of, request};
use super::trial::{Trial, plays};
use crate::case::wait;

/// A line of a preview, as far as it matters here.
#[derive(serde::Deserialize)]
struct Previewed<'l> {
    kind: &'l str,
    method: Option<&'l str>,
    path: Option<&'l str>,
    #[serde(borrow)]
    request: Option<&'l RawValue>,
}

#[test]
fn what_is_sent_is_what_was_previewed_and_a_preview_sends_and_writes_nothing() {
    let mut trial = Trial::new(12, "duplicates: accept\n");
    let files = |trial: &Trial| {
        let read = std::fs::read_dir(trial.case.path("")).expect("the folder");
        let mut names: Vec<_> = read.map(|entry| entry.expect("an entry").file_name()).collect();
        // The harness's own, and the simulator's.
        let others = [".stdout", ".stderr", "ledger.jsonl"];
        names.retain(|name| !others.contains(&&*name.to_string_lossy()));
        names.sort();
        names
    };
    let before = files(&trial);
    let preview = format!("preview a.yaml --service {SERVICE} --format jsonl");
    let shown = trial.run(trial.case.command(&preview)).exits(0).stdout;
    let dry = trial.import_as("r.csv", "--dry-run");
    trial.run(dry).exits(0);
    assert_eq!(files(&trial), before);
    assert!(trial.simulator.ledger().is_empty());

    let last = trial.run(trial.import()).exits(0);
    let lines = shown.lines().map(|line| serde_json::from_str(line).expect("a line"));
    let items = lines.filter(|line: &Previewed<'_>| line.kind == "item");
    let key = |method: &str, path: &str| format!("{method} {path}");
    let previewed: Vec<(String, &str)> = items
        .map(|item| {
            let (method, path) = (item.method.expect("a method"), item.path.expect("a path"));
            (key(method, path), item.request.expect("a request").get())
        })
        .collect();
    let ledger = trial.simulator.ledger();
    let text = |event: &'_ serde_json::Value, field: &str| {
        event[field].as_str().unwrap_or_default().to_owned()
    };
    let sent: BTreeMap<String, String> = creates(&ledger, "read")
        .map(|event| {
            (key(&text(event, "method"), &text(event, "path")), text(event, "body_sha256"))
        })
        .collect();
    let whole = |(key, body): &(String, &str)| (key.clone(), hex::encode(Sha256::digest(body)));
    assert_eq!(sent, previewed.iter().map(whole).collect());
    let rows = trial.case.report("r.csv");
    let rows: Vec<_> = rows.iter().map(|row| (key_of(row), row["digest"].clone())).collect();
    let as_reported = |(key, body): &(String, &str)| (key.clone(), request(body));
    assert_eq!(rows, previewed.iter().map(as_reported).collect::<Vec<_>>());
    // That each went out with one body is held with everything else (I14).
    trial.hold(&last).holds();
}

#[test]
fn what_another_machine_makes_at_the_same_time_is_told() {
    plays("two machines", 4, |seed| {
        let accepts = seed % 2 == 0;
        let duplicates = if accepts { "accept" } else { "{ refuse: ResourceInUse }" };
        let scenario = format!("seed: {seed}\nlatency-ms: [5, 60]\nduplicates: {duplicates}\n");
        let mut trial = Trial::new(40, &scenario)
            .options("--rate 60 --rate-limit 500 --quota 1000 --settle 0.5");
        // No lock of the other machine is seen on this one.
        let mut other = trial.import_as("s.csv", "");
        other.env("XDG_STATE_HOME", trial.case.path("elsewhere"));
        let other = other.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        trial.run(trial.import());
        wait(other);
        let reports = ["r.csv", "s.csv"].map(|name| trial.case.report(name));
        let stands = Facts::of(&trial.simulator.ledger()).created;
        let mut tally = super::trial::Tally { operations: 40, ..Default::default() };
        for (key, ids) in &stands {
            let told = reports.iter().flatten().filter(|row| key_of(row) == *key);
            let told: Vec<&str> = told.map(|row| row["outcome"].as_str()).collect();
            let lawful = match ids.len() {
                1 => told.contains(&"exists") || told.contains(&"found"),
                _ => told.contains(&"duplicate"),
            };
            if !lawful {
                tally.broken.push(format!("{key} stands as {ids:?} and is told {told:?}"));
            }
        }
        if stands.len() != 40 || (!accepts && stands.values().any(|ids| ids.len() > 1)) {
            tally.broken.push(format!("{stands:?}"));
        }
        tally
    });
}
