//! Told to stop, or no longer listened to, in each phase of a run: while it reads, lists,
//! sends, waits for what is in doubt, looks, lists at the end, and writes. [`super::signals`]
//! does the first at any moment; here no phase is missed because it is short.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::check::{SERVICE, creates};
use super::signals::signal;
use super::strace::{Strike, struck, there_is_strace};
use super::trial::{Tally, Trial};
use crate::case::{document, wait};

/// Operations of each trial.
const COUNT: usize = 12;

/// A run that stays in one phase for a while.
struct Phase {
    name: &'static str,
    /// Besides that duplicates are accepted.
    scenario: &'static str,
    settle: &'static str,
    /// Whether a run has come to it.
    reached: fn(&Trial) -> bool,
    /// How many creates may have gone out by the end of a run that was stopped in it.
    sent: std::ops::RangeInclusive<usize>,
}

const PHASES: [Phase; 5] = [
    Phase {
        name: "listing",
        scenario: "faults: [{ action: DescribeApisStatus, at: [1], late-ms: 800 }]\n",
        settle: "0.3",
        reached: |trial| listings(trial) == 1,
        sent: 0..=0,
    },
    Phase {
        name: "sending",
        scenario: "latency-ms: 250\n",
        settle: "0.3",
        reached: |trial| !trial.simulator.created().is_empty(),
        sent: 1..=COUNT - 1,
    },
    Phase {
        name: "waiting for what is in doubt",
        scenario: "faults: [{ at: [2], carried-out: true, reply: silence }]\n",
        settle: "30",
        reached: |trial| trial.case.read("r.csv.journal").contains(r#""step":"doubt""#),
        sent: COUNT..=COUNT,
    },
    Phase {
        name: "looking",
        scenario: "faults:\n- { at: [2], carried-out: true, reply: silence }\n\
            - { action: DescribeApisStatus, at: [2], late-ms: 800 }\n",
        settle: "0.3",
        reached: |trial| listings(trial) == 2,
        sent: COUNT..=COUNT,
    },
    Phase {
        name: "the listing at the end",
        scenario: "faults: [{ action: DescribeApisStatus, at: [2], late-ms: 800 }]\n",
        settle: "0.3",
        reached: |trial| listings(trial) == 2,
        sent: COUNT..=COUNT,
    },
];

/// Listings that have arrived.
fn listings(trial: &Trial) -> usize {
    let ledger = trial.simulator.ledger();
    let read = |event: &&serde_json::Value| {
        event["verdict"] == "read" && event["action"] == "DescribeApisStatus"
    };
    ledger.iter().filter(read).count()
}

impl Phase {
    fn trial(&self) -> Trial {
        Trial::new(COUNT, &format!("duplicates: accept\n{}", self.scenario)).options(&format!(
            "--rate 40 --rate-limit 500 --quota 1000 --timeout 1.5 --settle {}",
            self.settle
        ))
    }
}

/// Until the run is there.
fn come(trial: &Trial, phase: &str, reached: impl Fn(&Trial) -> bool) {
    let begun = Instant::now();
    while !(trial.case.path("r.csv.journal").exists() && reached(trial)) {
        assert!(begun.elapsed() < Duration::from_secs(20), "never: {phase}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn silent(mut command: Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
}

/// Stops it by a first signal and perhaps a second; its code.
fn stop(child: Child, name: &str, twice: bool) -> Option<i32> {
    signal(child.id(), name);
    if twice {
        std::thread::sleep(Duration::from_millis(20));
        // A run that had nothing to wait for is gone by now.
        let mut kill = Command::new("kill");
        kill.args([&format!("-{name}"), &child.id().to_string()]);
        _ = kill.stderr(Stdio::null()).status();
    }
    wait(child)
}

/// What must hold of the rows and the code just after a stop.
fn stopped(trial: &Trial, phase: &Phase, ended: Option<i32>, code: i32) -> Vec<String> {
    let rows = trial.case.report("r.csv");
    let any = |outcome: &str| rows.iter().any(|row| row["outcome"] == outcome);
    let mut broken = Vec::new();
    let due = if any("unconfirmed") { 4 } else { code };
    if ended != Some(due) {
        broken.push(format!("ended with {ended:?}, not {due}"));
    }
    let sent = creates(&trial.simulator.ledger(), "read").count();
    if !phase.sent.contains(&sent) || any("sending") {
        broken.push(format!("{sent} were sent: {rows:?}"));
    }
    broken
}

#[test]
fn told_to_stop_in_any_phase_it_stops_and_can_be_resumed() {
    let play = |phase: &Phase, name, code, twice| {
        let mut trial = phase.trial();
        let child = silent(trial.import());
        come(&trial, phase.name, phase.reached);
        let ended = stop(child, name, twice);
        let mut broken = stopped(&trial, phase, ended, code);
        let last = trial.run(trial.again());
        let Tally { broken: more, .. } = trial.finish(last);
        broken.extend(more);
        assert!(broken.is_empty(), "{name} while {}: {}", phase.name, broken.join("\n"));
    };
    std::thread::scope(|scope| {
        for phase in &PHASES {
            scope.spawn(move || play(phase, "INT", 130, false));
            scope.spawn(move || play(phase, "TERM", 143, true));
        }
    });
}

#[test]
fn in_whatever_phase_nobody_listens_any_more_the_run_goes_on_to_its_end() {
    let play = |phase: &Phase| {
        let mut trial = phase.trial();
        let mut import = trial.import_as("r.csv", "--progress plain -v");
        import.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = import.spawn().expect("it starts");
        come(&trial, phase.name, phase.reached);
        drop((child.stdout.take(), child.stderr.take()));
        // What waits for half a minute does so with nobody listening too, and is not awaited.
        if phase.settle == "30" {
            std::thread::sleep(Duration::from_millis(300));
            assert_eq!(stop(child, "INT", false), Some(130), "{}", phase.name);
        } else {
            assert_eq!(wait(child), Some(0), "{}", phase.name);
        }
        let last = trial.run(trial.again());
        trial.finish(last).holds();
    };
    std::thread::scope(|scope| {
        for phase in &PHASES {
            scope.spawn(move || play(phase));
        }
    });
}

#[test]
fn told_to_stop_while_it_reads_nothing_is_sent_or_written() {
    let trial = Trial::new(3, "");
    let mut reading = trial.case.command(&format!(
        "import - --service {SERVICE} --endpoint {} --report r.csv",
        trial.simulator.endpoint
    ));
    reading.stdin(Stdio::piped());
    let mut child = reading.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    // Half of it has been taken in, more than a pipe holds.
    let mut stdin = child.stdin.take().expect("its stdin");
    stdin.write_all(document("a", 3000).as_bytes()).expect("it reads");
    // Not INT: whoever is started in the background of a shell is born ignoring it, and
    // before a run the program leaves signals their usual effect.
    assert_eq!(stop(child, "TERM", false), None);
    assert!(trial.simulator.ledger().is_empty() && !trial.case.path("r.csv").exists());
}

#[test]
fn told_to_stop_while_it_writes_the_report_is_whole() {
    if !there_is_strace() {
        return;
    }
    let slow = Strike {
        file: "r.csv.tmp-$$",
        call: "/^rename",
        how: "delay_enter=400000",
        nth: 1,
        on: true,
    };
    let mut trial = Trial::new(COUNT, "duplicates: accept\n");
    let import = trial.import();
    let child = silent(struck(&trial, &import, slow));
    let writing = format!("r.csv.tmp-{}", child.id());
    come(&trial, "writing", |trial| {
        trial.simulator.created().len() == COUNT && trial.case.path(&writing).exists()
    });
    // All is in place by then; whether the run hears of it depends on which writing it was.
    let ended = stop(child, "INT", false);
    assert!([Some(0), Some(130)].contains(&ended), "{ended:?}");
    assert_eq!(trial.case.report("r.csv").len(), COUNT);
    let last = trial.run(trial.again());
    trial.hold(&last).holds();
}
