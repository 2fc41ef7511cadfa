//! Services that an import makes: killed at any moment, with late and lost answers, and made
//! by two at once. Each is made once, or the second of its name is told.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::trial::{Dice, LATE, QUICK, Tally, plays};
use crate::case::{Case, Simulator, document, wait};

/// Documents, each of which gets a service.
const DOCUMENTS: usize = 4;

/// Operations of each.
const OPERATIONS: usize = 3;

/// Runs after which a report that is still not done counts as stuck.
const RUNS: usize = 8;

/// A gateway that loses requests and answers of `CreateService`, and carries some out late.
fn scenario(seed: u64) -> String {
    let mut scenario = format!("seed: {seed}\nduplicates: accept\nlatency-ms: [0, 25]\nfaults:\n");
    for fault in [
        format!("share: 0.25, late-ms: {LATE}, carried-out: true, reply: reset"),
        "share: 0.1, carried-out: true, reply: close".to_owned(),
        "share: 0.1, carried-out: true, reply: silence".to_owned(),
        "share: 0.1, reply: reset".to_owned(),
    ] {
        scenario.extend(["- { action: CreateService, ", &fault, " }\n"]);
    }
    scenario
}

fn catalog(mut case: Case, seed: u64) -> Case {
    for n in 0..DOCUMENTS {
        let text = document(&format!("d{n}"), OPERATIONS);
        case = case.file(&format!("d/{n}.yaml"), text.replace("Many", &format!("Title{n}")));
    }
    case.file("scenario.yaml", scenario(seed))
}

fn import(case: &Case, simulator: &Simulator, report: &str) -> Command {
    let endpoint = &simulator.endpoint;
    case.command(&format!(
        "import d --create-services --endpoint {endpoint} --report {report} {QUICK}"
    ))
}

/// How many services of each name were made.
fn made(simulator: &Simulator) -> BTreeMap<String, usize> {
    let mut made = BTreeMap::new();
    for event in simulator.ledger() {
        if event["action"] == "CreateService" && event["verdict"] == "created" {
            let body: Value = serde_json::from_str(event["body"].as_str().expect("a body"))
                .expect("the body of a request");
            let name = body["ServiceName"].as_str().expect("a name");
            *made.entry(name.to_owned()).or_default() += 1;
        }
    }
    made
}

/// Kills at moments that the seed decides, most of them while services are made; then the same
/// import, or a resume, until all has ended.
pub(super) fn killed_and_repeated(case: Case, seed: u64) -> Tally {
    let case = catalog(case, seed);
    let simulator = case.simulator("--limit 500 --quota 10000 --scenario scenario.yaml");
    let mut dice = Dice::new(seed);
    let mut tally = Tally { operations: DOCUMENTS * OPERATIONS, ..Tally::default() };
    for _ in 0..=dice.roll(4) {
        let mut child = again(&case, &simulator, &mut dice)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(dice.millis(900));
        tally.kills += usize::from(child.try_wait().expect("a process").is_none());
        let _ = child.kill();
        wait(child);
    }
    let mut last = String::new();
    for _ in 0..RUNS {
        let ended = case.finish(again(&case, &simulator, &mut dice));
        last = format!("{:?} {}", ended.code, ended.stderr);
        if ended.code == Some(0) {
            break;
        }
    }
    tally.broken = violations(&case, &simulator);
    if !tally.broken.is_empty() {
        tally.broken.push(format!("last run: {last}"));
    }
    tally
}

/// The same import where nothing was sent yet, or a resume.
fn again(case: &Case, simulator: &Simulator, dice: &mut Dice) -> Command {
    let journal = std::fs::read_to_string(case.path("r.csv.journal")).unwrap_or_default();
    let is_begun = journal.contains("\"t\":\"item\"");
    if !journal.is_empty() && (is_begun || dice.roll(2) == 0) {
        case.command("resume r.csv")
    } else {
        import(case, simulator, "r.csv")
    }
}

fn violations(case: &Case, simulator: &Simulator) -> Vec<String> {
    let services = made(simulator).into_iter().filter(|(_, count)| *count > 1);
    let mut broken: Vec<String> =
        services.map(|(name, count)| format!("S1 {name} was made {count} times")).collect();
    let created = simulator.created();
    let twice = created.iter().filter(|(_, ids)| ids.len() > 1);
    broken.extend(twice.map(|(key, ids)| format!("I1 {key} stands as {ids:?}")));
    let rows = case.report("r.csv");
    let is_done = |word: &str| ["created", "found"].contains(&word);
    let open = rows.iter().filter(|row| !is_done(&row["outcome"]) || row["service"].is_empty());
    broken.extend(open.map(|row| format!("S2 not done: {row:?}")));
    if rows.len() != DOCUMENTS * OPERATIONS || created.len() != rows.len() {
        broken.push(format!("I7 {} rows, {} APIs", rows.len(), created.len()));
    }
    broken
}

#[test]
fn killed_at_any_moment_each_service_is_made_once() {
    plays("services", 12, |seed| killed_and_repeated(Case::new().credentials(), seed));
}

#[test]
fn of_two_from_two_homes_that_make_the_same_service_one_tells() {
    plays("services, two homes", 6, |seed| {
        let mut case = catalog(Case::new().credentials(), seed);
        case.write("scenario.yaml", format!("seed: {seed}\nlatency-ms: [0, 60]\n"));
        let simulator = case.simulator("--limit 500 --quota 10000 --scenario scenario.yaml");
        let children = ["r.csv", "s.csv"].map(|report| {
            case.set("XDG_STATE_HOME", &case.path(report).with_extension("home").to_string_lossy());
            let mut command = import(&case, &simulator, report);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
        });
        let codes = children.map(wait);
        let doubled: Vec<_> = made(&simulator).into_iter().filter(|(_, n)| *n > 1).collect();
        let broken = if doubled.is_empty() || codes.contains(&Some(4)) {
            Vec::new()
        } else {
            vec![format!("S1 {doubled:?} in silence: {codes:?}")]
        };
        let (operations, found) = (DOCUMENTS * OPERATIONS, doubled.len());
        Tally { operations, found, broken, ..Tally::default() }
    });
}
