//! The journal lost after a kill, and a CSV that is not the last one, torn or mixed up: what
//! the import made is still told from what was there before it.

use std::fmt::Write as _;
use std::process::Stdio;
use std::time::Duration;

use super::check::{Facts, key_of};
use super::kills::ambiguous;
use super::trial::{Dice, Tally, Trial, plays};
use crate::case::{Case, wait};

const OPERATIONS: usize = 40;

/// Those that were there before.
const STANDING: usize = 4;

/// How often the CSV is looked at while the import runs: a copy of each state is kept.
const EVERY: Duration = Duration::from_millis(50);

/// Runs an import, kills it, and leaves the CSV as it was about a second before.
fn killed_with_an_old_csv(trial: &mut Trial, dice: &mut Dice) -> Option<String> {
    let mut command = trial.import();
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    let mut copies = Vec::new();
    for _ in 0..20 + dice.roll(40) {
        std::thread::sleep(EVERY);
        copies.push(std::fs::read_to_string(trial.case.path("r.csv")).unwrap_or_default());
    }
    let _ = child.kill();
    wait(child);
    let age = dice.place(20);
    copies.into_iter().rev().nth(age).filter(|copy| !copy.is_empty())
}

/// What a disk or a person makes of a CSV.
fn mistreated(text: &str, how: u64, dice: &mut Dice) -> String {
    let (header, rows) = text.split_once('\n').expect("a header");
    let mut rows: Vec<&str> = rows.lines().collect();
    match how {
        0 => return text.to_owned(),
        1 => return text[..text.len() * 2 / 3].to_owned(),
        2 => {
            for n in (1..rows.len()).rev() {
                rows.swap(n, dice.place(n + 1));
            }
        }
        _ => rows.retain(|_| dice.roll(4) > 0),
    }
    rows.iter().fold(format!("{header}\n"), |mut all, row| {
        let _ = writeln!(all, "{row}");
        all
    })
}

/// Rows that call somebody else's API ours, or ours somebody else's without a word.
fn misjudged(trial: &Trial) -> Vec<String> {
    let facts = Facts::of(&trial.simulator.ledger());
    let is_among = |ids: Option<&Vec<String>>, id: &String| ids.is_some_and(|ids| ids.contains(id));
    let mut broken = Vec::new();
    for row in trial.case.report("r.csv") {
        let (key, id) = (key_of(&row), &row["api_id"]);
        let (ours, before) = (facts.created.get(&key), facts.preloaded.get(&key));
        match row["outcome"].as_str() {
            "exists" if is_among(ours, id) && row["error_code"].is_empty() => {
                broken.push(format!("W1 {key} is ours and told exists"));
            }
            "created" | "found" if is_among(before, id) => {
                broken.push(format!("W2 {key} was there before and is told ours"));
            }
            _ => {}
        }
    }
    broken
}

#[test]
fn without_the_journal_ours_is_told_from_what_was_there_before() {
    plays("journal lost, CSV old", 8, |seed| {
        let mut dice = Dice::new(seed);
        let case = Case::new().credentials();
        let mut trial = Trial::of(case, OPERATIONS, STANDING, &ambiguous(seed)).options(
            "--rate 25 --rate-limit 500 --quota 1000 --timeout 0.4 --settle 1.2 --max-failures 1000",
        );
        let Some(csv) = killed_with_an_old_csv(&mut trial, &mut dice) else {
            return Tally::default();
        };
        trial.case.write("r.csv", mistreated(&csv, seed % 4, &mut dice));
        std::fs::remove_file(trial.case.path("r.csv.journal")).expect("the journal");
        let endpoint = &trial.simulator.endpoint;
        let resume = trial.case.command(&format!(
            "resume r.csv --endpoint {endpoint} --region ap-guangzhou --rate 200 --rate-limit 500 \
             --quota 1000 --timeout 0.4 --settle 1.2"
        ));
        let last = trial.run(resume);
        let broken = misjudged(&trial);
        trial.forget_the_journal();
        let mut tally = Tally { kills: 1, ..trial.finish(last) };
        tally.broken.extend(broken);
        tally
    });
}
