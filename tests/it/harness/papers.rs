//! Papers that were lost, edited or mixed up between a kill and a resume, and refusals that
//! are sent again on request.

use std::time::Duration;

use super::kills::ambiguous;
use super::trial::{Dice, Tally, Trial, plays};

fn resume_anywhere(trial: &Trial) -> std::process::Command {
    trial.case.command(&format!(
        "resume r.csv --endpoint {} --region ap-guangzhou --rate 200 --rate-limit 500 --quota 1000 --timeout 0.4 --settle 1.2",
        trial.simulator.endpoint
    ))
}

#[test]
fn with_the_journal_lost_after_a_kill_nothing_is_doubled() {
    plays("journal lost", 4, |seed| {
        let mut trial = Trial::new(30, &ambiguous(seed));
        let import = trial.import();
        let killed = trial.kill(import, Duration::from_millis(350) + Dice::new(seed).millis(300));
        let gone = std::fs::remove_file(trial.case.path("r.csv.journal")).is_ok();
        let last =
            if gone { trial.run(resume_anywhere(&trial)) } else { trial.run(trial.import()) };
        trial.forget_the_journal();
        Tally { kills: usize::from(killed), ..trial.finish(last) }
    });
}

#[test]
fn with_the_csv_lost_or_empty_or_torn_after_a_kill_the_journal_makes_it_again() {
    plays("CSV lost", 6, |seed| {
        let mut trial = Trial::new(30, &ambiguous(seed));
        let import = trial.import();
        let killed = trial.kill(import, Duration::from_millis(350) + Dice::new(seed).millis(300));
        let csv = trial.case.path("r.csv");
        if trial.case.path("r.csv.journal").exists() && csv.exists() {
            let text = std::fs::read(&csv).expect("the CSV");
            match seed % 3 {
                0 => std::fs::remove_file(&csv).expect("the CSV"),
                1 => std::fs::write(&csv, "").expect("the CSV"),
                _ => std::fs::write(&csv, &text[..text.len() * 2 / 3]).expect("the CSV"),
            }
        }
        let last = trial.run(trial.again());
        Tally { kills: usize::from(killed), ..trial.finish(last) }
    });
}

/// What a spreadsheet or a person makes of a CSV.
fn edited(text: &str, how: u64) -> Vec<u8> {
    let lines: Vec<&str> = text.lines().collect();
    let swapped = |from: &str, to: &str| text.replace(from, to).into_bytes();
    match how {
        0 => format!("\u{feff}{}\r\n", lines.join("\r\n")).into_bytes(),
        1 => swapped(",", ";"),
        2 => swapped(",", "\t"),
        3 => {
            let quoted = lines.iter().map(|line| format!("\"{}\"\n", line.replace(',', "\",\"")));
            quoted.collect::<String>().into_bytes()
        }
        4 => format!("{}\n{}\n\n", lines[0], lines[5..].join("\n")).into_bytes(),
        5 => swapped("created", "Created"),
        6 => swapped("not-sent", "created"),
        _ => {
            let wide = std::iter::once(0xfeff_u16).chain(text.encode_utf16());
            wide.flat_map(u16::to_le_bytes).collect()
        }
    }
}

#[test]
fn edits_to_the_csv_cost_nothing_while_the_journal_is_there() {
    plays("edits", 8, |seed| {
        let mut trial = Trial::new(20, "duplicates: accept\n")
            .options("--rate 20 --rate-limit 500 --quota 1000 --settle 0.3");
        let import = trial.import();
        trial.kill(import, Duration::from_millis(900));
        if trial.case.path("r.csv").exists() {
            trial.case.write("r.csv", edited(&trial.case.read("r.csv"), (seed - 1) % 8));
        }
        let last = trial.run(trial.again());
        trial.finish(last)
    });
}

#[test]
fn what_was_refused_is_sent_again_only_when_asked_for() {
    let refusal = "faults: [{ to: 20, share: 0.3, reply: { error: InvalidParameterValue.InvalidUrl } }]\nseed: 5\nduplicates: accept\n";
    let mut trial = Trial::new(20, refusal);
    trial.run(trial.import()).exits(3);
    let refused = |trial: &Trial| {
        trial.case.report("r.csv").iter().filter(|row| row["outcome"] == "refused").count()
    };
    let count = refused(&trial);
    assert!(count > 0);
    trial.run(trial.again()).exits(3);
    assert_eq!(refused(&trial), count);
    let creates = |trial: &Trial| {
        trial
            .simulator
            .ledger()
            .iter()
            .filter(|e| e["verdict"] == "read" && e["action"] == "CreateApi")
            .count()
    };
    let before = creates(&trial);
    let last = trial.run(trial.case.command("resume r.csv --retry refused")).exits(0);
    assert_eq!(creates(&trial) - before, count, "only what was refused goes out again");
    trial.hold(&last).holds();
}

#[test]
fn a_journal_that_was_damaged_in_its_middle_is_refused_and_nothing_is_sent() {
    let mut trial = Trial::new(20, "duplicates: accept\n");
    trial.run(trial.import()).exits(0);
    let mut bytes = std::fs::read(trial.case.path("r.csv.journal")).expect("the journal");
    let middle = bytes.len() / 3;
    bytes[middle] ^= 0x20;
    trial.case.write("r.csv.journal", bytes);
    let before = trial.simulator.ledger().len();
    trial.run(trial.again()).exits(6).says("r.csv.journal");
    assert_eq!(trial.simulator.ledger().len(), before);
}
