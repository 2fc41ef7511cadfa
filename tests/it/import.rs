//! Imports from the outside: what a user types, gets and finds.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use crate::case::{Case, Row, Simulator, document, wait};

/// Options that make a test run short: a high limit on both sides, hardly any settling.
const FAST: &str = "--rate-limit 500 --settle 0.3";

fn outcomes(rows: &[Row]) -> Vec<&str> {
    rows.iter().map(|row| row["outcome"].as_str()).collect()
}

/// Every ApiId of the report is one that the simulator made, and no API was made twice.
fn holds(rows: &[Row], simulator: &Simulator) {
    let created = simulator.created();
    assert!(created.values().all(|ids| ids.len() == 1), "made twice: {created:?}");
    let made: BTreeSet<_> = created.into_values().flatten().collect();
    let told: BTreeSet<_> =
        rows.iter().map(|row| row["api_id"].clone()).filter(|id| !id.is_empty()).collect();
    assert_eq!(told, made);
}

fn import(case: &Case, simulator: &Simulator, arguments: &str) -> std::process::Command {
    paced(case, simulator, 400, arguments)
}

fn paced(case: &Case, simulator: &Simulator, rate: u32, arguments: &str) -> std::process::Command {
    case.command(&format!(
        "import {arguments} --rate {rate} --endpoint {} --service service-simulated --report r.csv {FAST}",
        simulator.endpoint
    ))
}

#[test]
fn one_row_per_operation_and_every_api_id_is_in_the_ledger() {
    let case = Case::new().credentials().file("a.yaml", document("a", 30));
    let simulator = case.simulator("--limit 500");
    let ended = case.finish(import(&case, &simulator, "a.yaml")).exits(0);
    assert_eq!(ended.stdout.trim(), "r.csv");
    let rows = case.report("r.csv");
    assert_eq!(outcomes(&rows), vec!["created"; 30]);
    holds(&rows, &simulator);
}

#[test]
fn the_built_in_simulator_needs_neither_credentials_nor_network() {
    let case = Case::new().file("a.yaml", document("a", 5));
    case.run("import a.yaml --simulate --report r.csv").exits(0);
    assert_eq!(outcomes(&case.report("r.csv")), vec!["created"; 5]);
    case.run("resume r.csv").exits(0);
    assert_eq!(outcomes(&case.report("r.csv")), vec!["created"; 5]);
}

#[test]
fn a_dry_run_sends_nothing_and_writes_nothing() {
    let case = Case::new().credentials().file("a.yaml", document("a", 3));
    let simulator = case.simulator("");
    case.finish(import(&case, &simulator, "a.yaml --dry-run")).exits(0);
    assert!(simulator.created().is_empty());
    assert!(!case.path("r.csv").exists());
}

#[test]
fn an_existing_report_is_never_overwritten() {
    let case = Case::new().credentials().file("a.yaml", document("a", 3)).file("r.csv", "mine");
    let simulator = case.simulator("");
    case.finish(import(&case, &simulator, "a.yaml")).exits(2).says("r.csv").says("resume");
    assert_eq!(case.read("r.csv"), "mine");
    assert!(simulator.created().is_empty());
}

#[test]
fn a_report_that_cannot_be_written_ends_before_anything_is_sent() {
    let case = Case::new()
        .credentials()
        .file("a.yaml", document("a", 3))
        .file("plain", "a file, no folder");
    let simulator = case.simulator("");
    for report in ["plain/r.csv", ".", "/dev/full"] {
        let arguments = format!(
            "import a.yaml --endpoint {} --service service-simulated --report {report}",
            simulator.endpoint
        );
        case.run(&arguments).exits(2).says(report);
    }
    assert!(simulator.created().is_empty());
}

#[test]
fn a_wrong_key_stops_before_the_first_create_and_can_be_resumed() {
    let case = Case::new().credentials().file("a.yaml", document("a", 3));
    let case = case.variable("TENCENTCLOUD_SECRET_KEY", "SecretWrong");
    let simulator = case.simulator("");
    case.finish(import(&case, &simulator, "a.yaml")).exits(5).says("AuthFailure");
    assert_eq!(outcomes(&case.report("r.csv")), vec!["not-sent"; 3]);
    let case = case.variable("TENCENTCLOUD_SECRET_KEY", "SecretExample");
    case.run("resume r.csv").exits(0);
    assert_eq!(outcomes(&case.report("r.csv")), vec!["created"; 3]);
}

#[test]
fn a_service_that_does_not_exist_stops_the_import() {
    let case = Case::new().credentials().file("a.yaml", document("a", 3));
    let simulator = case.simulator("");
    let arguments = format!(
        "import a.yaml --endpoint {} --service service-unknown1 --report r.csv {FAST}",
        simulator.endpoint
    );
    case.run(&arguments).exits(5).says("service-unknown1");
    assert_eq!(outcomes(&case.report("r.csv")), vec!["not-sent"; 3]);
}

#[test]
fn a_plan_that_overflows_the_quota_is_refused_whole() {
    let case = Case::new().credentials().file("a.yaml", document("a", 11));
    let simulator = case.simulator("");
    case.finish(import(&case, &simulator, "a.yaml --quota 10")).exits(2).says("11").says("10");
    assert!(!case.path("r.csv").exists());
    assert!(simulator.created().is_empty());
}

#[test]
fn what_the_service_holds_counts_against_the_quota() {
    let case =
        Case::new().credentials().file("a.yaml", document("a", 6)).file("b.yaml", document("b", 6));
    let simulator = case.simulator("--quota 10");
    case.finish(import(&case, &simulator, "a.yaml --quota 10")).exits(0);
    let second = format!(
        "import b.yaml --endpoint {} --service service-simulated --report s.csv --quota 10 {FAST}",
        simulator.endpoint
    );
    case.run(&second).exits(5);
    assert_eq!(outcomes(&case.report("s.csv")), vec!["not-sent"; 6]);
    assert_eq!(simulator.created().len(), 6);
}

#[test]
fn what_was_there_before_us_is_told_apart_and_not_sent() {
    let case = Case::new().credentials().file("a.yaml", document("a", 4));
    let simulator = case.simulator("--limit 500");
    case.finish(import(&case, &simulator, "a.yaml")).exits(0);
    case.write("a.yaml", document("a", 6));
    let second = format!(
        "import a.yaml --endpoint {} --service service-simulated --report s.csv {FAST}",
        simulator.endpoint
    );
    case.run(&second).exits(0);
    let rows = case.report("s.csv");
    assert_eq!(outcomes(&rows), ["exists", "exists", "exists", "exists", "created", "created"]);
    assert_eq!(simulator.created().len(), 6);
}

#[test]
fn a_killed_import_resumed_makes_each_api_once() {
    for moment in [0, 20, 60, 120, 250, 400] {
        let case = Case::new().credentials().file("a.yaml", document("a", 60));
        let simulator = case.simulator("--limit 500 --quota 200");
        let mut command = paced(&case, &simulator, 150, "a.yaml");
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        std::thread::sleep(Duration::from_millis(moment));
        let _ = child.kill();
        wait(child);
        let ended = if case.path("r.csv.journal").exists() {
            case.run("resume r.csv --settle 0.3")
        } else {
            case.finish(import(&case, &simulator, "a.yaml"))
        };
        ended.exits(0);
        let rows = case.report("r.csv");
        assert_eq!(rows.len(), 60, "killed after {moment} ms");
        assert!(
            outcomes(&rows).iter().all(|o| ["created", "found"].contains(o)),
            "killed after {moment} ms: {rows:?}"
        );
        holds(&rows, &simulator);
    }
}

#[test]
#[cfg(unix)]
fn the_first_interrupt_lets_what_is_in_flight_settle() {
    let case = Case::new().credentials().file("a.yaml", document("a", 60));
    let simulator = case.simulator("--limit 500 --quota 200");
    let mut command = paced(&case, &simulator, 20, "a.yaml");
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    std::thread::sleep(Duration::from_millis(700));
    let pid = child.id().to_string();
    assert!(
        std::process::Command::new("kill").args(["-INT", &pid]).status().expect("kill").success()
    );
    assert_eq!(wait(child), Some(130));
    let rows = case.report("r.csv");
    assert!(outcomes(&rows).contains(&"not-sent"));
    assert!(outcomes(&rows).iter().all(|o| ["created", "not-sent"].contains(o)), "{rows:?}");
    holds(&rows, &simulator);
    case.run("resume r.csv").exits(0);
    holds(&case.report("r.csv"), &simulator);
}

#[test]
fn an_unreachable_endpoint_ends_resumable() {
    let case = Case::new().credentials().file("a.yaml", document("a", 2));
    // Port 9 of loopback refuses at once; nothing of ours listens there.
    let ended = case.run(&format!(
        "import a.yaml --endpoint http://127.0.0.1:9 --service service-simulated --report r.csv {FAST}"
    ));
    let ended = ended.exits(5).says("cannot connect to 127.0.0.1:9").says("--endpoint");
    let told = ended.stderr.matches("shown once").count();
    assert_eq!(told, 0, "the stop says it: {}", ended.stderr);
    assert_eq!(outcomes(&case.report("r.csv")), vec!["not-sent"; 2]);
}

#[test]
fn a_release_comes_once_at_the_end_and_again_only_when_something_came_in() {
    let case = Case::new().credentials().file("a.yaml", document("a", 4));
    let simulator = case.simulator("--limit 500");
    let releases =
        || simulator.ledger().iter().filter(|event| event["verdict"] == "released").count();
    case.finish(import(&case, &simulator, "a.yaml --release nowhere")).exits(2).says("prepub");
    let ended = case.finish(import(&case, &simulator, "a.yaml --release test")).exits(0);
    ended.says("service-simulated is published to test");
    assert_eq!(releases(), 1);
    case.run("resume r.csv").exits(0);
    assert_eq!(releases(), 1, "nothing came in");
    case.write("a.yaml", document("a", 5));
    case.run("resume r.csv").exits(0);
    assert_eq!(releases(), 2, "something came in");
}

#[test]
fn a_service_for_each_document_is_made_once_and_found_again() {
    let case = Case::new()
        .credentials()
        .file("a.yaml", document("a", 3).replace("title: Many", "title: First one"))
        .file("b.yaml", document("a", 3).replace("title: Many", "title: Second"));
    let simulator = case.simulator("--limit 500");
    let command = |report: &str| {
        format!(
            "import a.yaml b.yaml --create-services --endpoint {} --report {report} {FAST}",
            simulator.endpoint
        )
    };
    case.run(&command("r.csv"))
        .exits(0)
        .says("made the service First_one")
        .says("made the service Second");
    let rows = case.report("r.csv");
    assert_eq!(outcomes(&rows), vec!["created"; 6]);
    let services: BTreeSet<_> = rows.iter().map(|row| row["service"].clone()).collect();
    assert_eq!(services.len(), 2);
    case.run("resume r.csv").exits(0);
    assert_eq!(outcomes(&case.report("r.csv")), vec!["created"; 6]);
    case.run(&command("s.csv")).exits(0).says("found the service First_one");
    assert_eq!(outcomes(&case.report("s.csv")), vec!["exists"; 6]);
}

#[test]
fn services_are_made_in_the_simulator_inside_the_process_too() {
    let case = Case::new().file("a.yaml", document("a", 2));
    case.run("import a.yaml --create-services --simulate --report d/r.csv").exits(0);
    case.run("resume d/r.csv").exits(0);
    assert_eq!(outcomes(&case.report("d/r.csv")), vec!["created"; 2]);
}

#[test]
fn every_request_and_every_end_is_logged_where_it_is_asked_for() {
    let case = Case::new().credentials().file("a.yaml", document("a", 3));
    let simulator = case.simulator("--limit 500");
    let ended = case.finish(import(&case, &simulator, "a.yaml -vv")).exits(0);
    ended.says("CreateApi: done in").says("GET /a/0: created");
}

#[test]
fn imports_that_begin_in_one_second_get_reports_of_their_own() {
    let case = Case::new().file("a.yaml", document("a", 2));
    let begun: Vec<_> = (0..4)
        .map(|_| {
            let mut command = case.command("import a.yaml --simulate -q");
            command.stdout(Stdio::piped()).spawn().expect("it starts")
        })
        .collect();
    let told = begun.into_iter().map(|child| {
        let ended = child.wait_with_output().expect("it ends");
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        String::from_utf8(ended.stdout).expect("a path").trim().to_owned()
    });
    let told: BTreeSet<String> = told.collect();
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told.iter().all(|name| case.report(name).len() == 2));
}

#[test]
fn a_dry_run_says_that_no_service_takes_an_operation() {
    let settings = "services: [{ sources: a.yaml, service: service-a }]\n";
    let case = Case::new().file("a.yaml", document("a", 1)).file("b.yaml", document("b", 1));
    case.run("import a.yaml --dry-run").exits(2).says("no service is given");
    case.run("preview a.yaml").exits(0);
    case.write("apiferry.yaml", settings);
    for command in ["preview", "import --dry-run", "import --dry-run --simulate"] {
        let ended = case.run(&format!("{command} a.yaml b.yaml")).exits(3);
        assert!(ended.stdout.contains("no-service"), "{command}: {}", ended.stdout);
    }
}
