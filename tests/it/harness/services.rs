//! Services that an import makes and publishes: killed at any moment, with late and lost answers, and made
//! by two at once. Each is made once, or the second of its name is told.

use std::collections::{BTreeMap, BTreeSet};
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

/// A gateway that loses requests and answers of what is done with services, and carries some
/// out late.
fn scenario(seed: u64) -> String {
    let mut scenario = format!("seed: {seed}\nduplicates: accept\nlatency-ms: [0, 25]\nfaults:\n");
    for fault in [
        format!("share: 0.25, late-ms: {LATE}, carried-out: true, reply: reset"),
        "share: 0.1, carried-out: true, reply: close".to_owned(),
        "share: 0.1, carried-out: true, reply: silence".to_owned(),
        "share: 0.1, reply: reset".to_owned(),
    ] {
        for action in ["CreateService", "ReleaseService"] {
            scenario.extend(["- { action: ", action, ", ", &fault, " }\n"]);
        }
    }
    scenario
}

fn catalog(mut case: Case, seed: u64) -> Case {
    for n in 0..DOCUMENTS {
        let text = document(&format!("d{n}"), OPERATIONS);
        let name = format!("d/{}/{n}.yaml", n % 2);
        case = case.file(&name, text.replace("Many", &format!("Title{n}")));
    }
    case.file("scenario.yaml", scenario(seed))
}

/// What services are made for, and whether they are published.
const MODES: [&str; 4] = ["", "=folder", " --release test", "=folder --release test"];

fn mode(seed: u64) -> &'static str {
    MODES[usize::try_from(seed).expect("a seed") % MODES.len()]
}

fn import(case: &Case, simulator: &Simulator, report: &str, seed: u64) -> Command {
    let (endpoint, mode) = (&simulator.endpoint, mode(seed));
    case.command(&format!(
        "import d --create-services{mode} --endpoint {endpoint} --report {report} {QUICK}"
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
        let mut child = again(&case, &simulator, seed, &mut dice)
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
        let ended = case.finish(again(&case, &simulator, seed, &mut dice));
        last = format!("{:?} {}", ended.code, ended.stderr);
        if ended.code == Some(0) {
            break;
        }
    }
    tally.broken = violations(&case, &simulator, seed);
    if !tally.broken.is_empty() {
        tally.broken.push(format!("last run: {last}"));
    }
    tally
}

/// The same import where nothing was sent yet, or a resume.
fn again(case: &Case, simulator: &Simulator, seed: u64, dice: &mut Dice) -> Command {
    let journal = std::fs::read_to_string(case.path("r.csv.journal")).unwrap_or_default();
    let is_begun = journal.contains("\"t\":\"item\"");
    if !journal.is_empty() && (is_begun || dice.roll(2) == 0) {
        case.command("resume r.csv")
    } else {
        import(case, simulator, "r.csv", seed)
    }
}

fn violations(case: &Case, simulator: &Simulator, seed: u64) -> Vec<String> {
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
    if mode(seed).contains("--release") {
        let open = unpublished(simulator).into_iter();
        broken.extend(open.map(|service| format!("S3 {service} is not published whole")));
    }
    broken
}

/// Services in which something was created after their last release.
fn unpublished(simulator: &Simulator) -> BTreeSet<String> {
    let mut open = BTreeSet::new();
    for event in simulator.ledger() {
        let service = event["service"].as_str().unwrap_or_default().to_owned();
        match (event["action"].as_str(), event["verdict"].as_str()) {
            (Some("CreateApi"), Some("created")) => _ = open.insert(service),
            (_, Some("released")) => _ = open.remove(&service),
            _ => {}
        }
    }
    open
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
            let mut command = import(&case, &simulator, report, seed);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
        });
        let codes = children.map(wait);
        let doubled: Vec<_> = made(&simulator).into_iter().filter(|(_, n)| *n > 1).collect();
        // Whoever made one of the two tells, however far it came.
        let told = codes.contains(&Some(4)) && !codes.contains(&Some(0));
        let broken = if doubled.is_empty() || told {
            Vec::new()
        } else {
            vec![format!("S1 {doubled:?} in silence: {codes:?}")]
        };
        let (operations, found) = (DOCUMENTS * OPERATIONS, doubled.len());
        Tally { operations, found, broken, ..Tally::default() }
    });
}
