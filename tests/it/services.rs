//! Services of an import from the outside: made, found again, spread over, published.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::case::{Case, Simulator, document, wait};

const FAST: &str = "--rate 400 --rate-limit 500 --settle 0.3";

fn titled(title: &str, prefix: &str, count: usize) -> String {
    document(prefix, count).replace("title: Many", &format!("title: {title}"))
}

fn import(case: &Case, simulator: &Simulator, arguments: &str) -> Command {
    case.command(&format!("import {arguments} --endpoint {} {FAST}", simulator.endpoint))
}

/// The same, which waits longer for what may be late.
fn patient(case: &Case, simulator: &Simulator, arguments: &str) -> Command {
    let fast = FAST.replace("0.3", "3");
    case.command(&format!("import {arguments} --endpoint {} {fast}", simulator.endpoint))
}

/// The services that were made, in order.
fn made(simulator: &Simulator) -> Vec<String> {
    let ledger = simulator.ledger();
    let made = ledger
        .iter()
        .filter(|event| event["action"] == "CreateService" && event["verdict"] == "created");
    made.map(|event| event["service"].as_str().expect("an id").to_owned()).collect()
}

/// The services of each source, as the report has them.
fn homes(case: &Case, report: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut homes: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for row in case.report(report) {
        homes.entry(row["source"].clone()).or_default().insert(row["service"].clone());
    }
    homes
}

fn all_created(case: &Case, report: &str, count: usize) {
    let rows = case.report(report);
    assert_eq!(rows.len(), count, "{rows:?}");
    assert!(rows.iter().all(|row| row["outcome"] == "created"), "{rows:?}");
}

#[test]
fn no_service_is_made_for_a_plan_that_is_refused_as_a_whole() {
    let case = Case::new().credentials().file("a.yaml", titled("A", "a", 3)).file("r.csv", "mine");
    let simulator = case.simulator("--limit 500");
    let refused = |arguments: &str| {
        let command = format!("a.yaml --create-services {arguments}");
        case.finish(import(&case, &simulator, &command)).exits(2)
    };
    refused("--quota 2 --report s.csv").says("2 services are needed");
    refused("--report r.csv").says("exists already");
    assert!(made(&simulator).is_empty());
}

#[test]
fn a_service_whose_answer_was_lost_is_found_and_not_made_again() {
    let scenario =
        "faults: [{ action: CreateService, at: [1], reply: close, carried-out: true }]\n";
    let case =
        Case::new().credentials().file("a.yaml", titled("A", "a", 2)).file("s.yaml", scenario);
    let simulator = case.simulator("--limit 500 --scenario s.yaml");
    case.finish(import(&case, &simulator, "a.yaml --create-services --report r.csv"))
        .exits(0)
        .says("found the service A");
    assert_eq!(made(&simulator).len(), 1);
    all_created(&case, "r.csv", 2);
}

#[test]
fn a_service_that_was_made_twice_unseen_is_told_and_nothing_is_sent() {
    // The listing lags longer than a late request is waited for.
    let scenario = "listing: { lag-ms: 1500 }\n\
        faults: [{ action: CreateService, at: [1], reply: close, carried-out: true }]\n";
    let case =
        Case::new().credentials().file("a.yaml", titled("A", "a", 2)).file("s.yaml", scenario);
    let simulator = case.simulator("--limit 500 --scenario s.yaml");
    let ended = case.finish(import(&case, &simulator, "a.yaml --create-services --report r.csv"));
    let made = made(&simulator);
    assert_eq!(made.len(), 2);
    let ended = ended.exits(4).says("several services have this name");
    made.iter().fold(ended, |ended, id| ended.says(id));
    assert!(simulator.created().is_empty());
    let rows = case.report("r.csv");
    assert_eq!(rows.len(), 2);
    let told = |row: &BTreeMap<String, String>| {
        row["outcome"] == "not-sent" && row["error_code"] == "duplicate-service"
    };
    assert!(rows.iter().all(told), "{rows:?}");
    case.run("resume r.csv").exits(4);
    // Who names the one that counts goes on.
    case.write(
        "apiferry.yaml",
        format!("services: [{{ sources: a.yaml, service: {} }}]\n", made[1]),
    );
    case.run("resume r.csv").exits(0);
    all_created(&case, "r.csv", 2);
}

/// Starts an import and kills it as soon as its journal says this.
fn killed_once(case: &Case, mut command: Command, says: &str) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let begun = Instant::now();
    let journal = || std::fs::read_to_string(case.path("r.csv.journal")).unwrap_or_default();
    while !journal().contains(says) && begun.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(5));
    }
    // Long enough that the request has left, too short for an answer.
    std::thread::sleep(Duration::from_millis(100));
    let _ = child.kill();
    wait(child);
}

const INTENT: &str = r#""t":"service","service":"A","action":"make","attempt":1"#;

#[test]
fn a_service_that_a_killed_run_may_have_made_is_waited_for_and_not_made_again() {
    let scenario = "faults: [{ action: CreateService, at: [1], late-ms: 1200, carried-out: true, reply: reset }]\n";
    for again in ["resume", "import"] {
        let case =
            Case::new().credentials().file("a.yaml", titled("A", "a", 2)).file("s.yaml", scenario);
        let simulator = case.simulator("--limit 500 --scenario s.yaml");
        let arguments = "a.yaml --create-services --report r.csv";
        killed_once(&case, patient(&case, &simulator, arguments), INTENT);
        assert!(made(&simulator).is_empty(), "the request is late");
        let rows = case.report("r.csv");
        assert!(rows.iter().all(|row| row["outcome"] == "not-sent" && row["service"].is_empty()));
        let told = if again == "resume" {
            case.run("resume r.csv")
        } else {
            case.finish(patient(&case, &simulator, arguments))
        };
        told.exits(0).says("found the service A");
        assert_eq!(made(&simulator).len(), 1);
        all_created(&case, "r.csv", 2);
        assert!(simulator.created().values().all(|ids| ids.len() == 1));
    }
}

#[test]
fn an_import_killed_between_services_finds_what_it_made() {
    let scenario = "faults: [{ action: CreateService, at: [2], late-ms: 60000 }]\n";
    let case = Case::new()
        .credentials()
        .file("d/a.yaml", titled("A", "a", 2))
        .file("d/b.yaml", titled("B", "b", 2))
        .file("s.yaml", scenario);
    let simulator = case.simulator("--limit 500 --scenario s.yaml");
    let arguments = "d --create-services --report r.csv";
    killed_once(&case, import(&case, &simulator, arguments), &INTENT.replace('A', "B"));
    assert_eq!(made(&simulator).len(), 1);
    assert!(simulator.created().is_empty(), "no API was meant yet");
    case.finish(import(&case, &simulator, arguments))
        .exits(0)
        .says("found the service A")
        .says("made the service B");
    assert_eq!(made(&simulator).len(), 2);
    all_created(&case, "r.csv", 4);
}

#[test]
fn a_document_that_is_new_at_a_resume_gets_a_service_of_its_own() {
    let case = Case::new().credentials().file("d/a.yaml", titled("Same", "a", 2));
    let simulator = case.simulator("--limit 500");
    case.finish(import(&case, &simulator, "d --create-services --report r.csv")).exits(0);
    case.write("d/b.yaml", titled("Same", "b", 2));
    case.run("resume r.csv --dry-run").exits(0).says("2 to send");
    assert_eq!(made(&simulator).len(), 1, "a dry run makes nothing");
    case.run("resume r.csv").exits(0).says("made the service Same_");
    all_created(&case, "r.csv", 4);
    assert_eq!(homes(&case, "r.csv")["d/b.yaml"], BTreeSet::from([made(&simulator)[1].clone()]));
    case.run("resume r.csv").exits(0);
    all_created(&case, "r.csv", 4);
    assert_eq!(made(&simulator).len(), 2);
}

#[test]
fn a_service_that_may_not_be_made_ends_resumable_with_nothing_sent() {
    let scenario = "faults: [{ action: CreateService, reply: { error: UnsupportedOperation } }]\n";
    let case =
        Case::new().credentials().file("a.yaml", titled("A", "a", 2)).file("s.yaml", scenario);
    let simulator = case.simulator("--limit 500 --scenario s.yaml");
    case.finish(import(&case, &simulator, "a.yaml --create-services --report r.csv"))
        .exits(5)
        .says("the service A for a.yaml")
        .says("UnsupportedOperation");
    let rows = case.report("r.csv");
    let told = |row: &BTreeMap<String, String>| {
        row["outcome"] == "not-sent" && row["error_code"] == "no-service"
    };
    assert!(rows.len() == 2 && rows.iter().all(told), "{rows:?}");
    assert!(simulator.created().is_empty());
    case.run("resume r.csv").exits(5);
}

#[test]
fn of_two_imports_at_once_one_makes_the_service_and_the_other_sends_nothing() {
    let scenario =
        "faults: [{ action: CreateService, at: [1], late-ms: 800, carried-out: true }]\n";
    for report in ["r.csv", "s.csv"] {
        let case =
            Case::new().credentials().file("a.yaml", titled("A", "a", 2)).file("s.yaml", scenario);
        let simulator = case.simulator("--limit 500 --scenario s.yaml");
        let mut command = import(&case, &simulator, "a.yaml --create-services --report r.csv");
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        let journal = || std::fs::read_to_string(case.path("r.csv.journal")).unwrap_or_default();
        while !journal().contains(INTENT) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let second = format!("a.yaml --create-services --report {report}");
        case.finish(import(&case, &simulator, &second)).exits(11).says("is in use");
        assert_eq!(wait(child), Some(0));
        assert!(!case.path("s.csv").exists(), "the second can begin anew");
        assert_eq!(made(&simulator).len(), 1);
        all_created(&case, "r.csv", 2);
    }
}

#[test]
fn what_was_spread_stays_where_it_is_when_a_document_comes_before_it() {
    let case = Case::new()
        .credentials()
        .file("d/a.yaml", titled("A", "a", 2))
        .file("d/c.yaml", titled("C", "c", 2));
    let simulator = case.simulator("--limit 500 --service service-1 --service service-2");
    let spread = "d --spread service-1,service-2 --quota 4 --report r.csv";
    case.finish(import(&case, &simulator, spread)).exits(0);
    let before = homes(&case, "r.csv");
    assert_eq!(before["d/c.yaml"], BTreeSet::from(["service-1".to_owned()]));
    case.write("d/b.yaml", titled("B", "b", 2));
    case.run("resume r.csv").exits(0);
    let after = homes(&case, "r.csv");
    assert_eq!(after["d/b.yaml"], BTreeSet::from(["service-2".to_owned()]), "where there is room");
    assert!(before.iter().all(|(source, home)| after[source] == *home), "{after:?}");
    all_created(&case, "r.csv", 6);
    std::fs::remove_file(case.path("r.csv.journal")).expect("the journal");
    case.run(&format!("resume r.csv --endpoint {} {FAST}", simulator.endpoint)).exits(0);
    assert_eq!(homes(&case, "r.csv"), after, "the rows alone tell it too");
    assert!(simulator.created().values().all(|ids| ids.len() == 1));
}

#[test]
fn every_touched_service_is_published_and_a_busy_one_waited_for() {
    let scenario = "faults: [{ action: ReleaseService, at: [1], reply: { error: FailedOperation.ServiceInOperation } }, { action: ReleaseService, at: [3], reply: close, carried-out: true }]\n";
    let case = Case::new()
        .credentials()
        .file("a.yaml", titled("A", "a", 2))
        .file("b.yaml", titled("B", "b", 2))
        .file("s.yaml", scenario);
    let simulator = case.simulator("--limit 500 --scenario s.yaml");
    let arguments = "a.yaml b.yaml --create-services --release release --report r.csv";
    let ended = case.finish(import(&case, &simulator, arguments)).exits(0);
    let mut ended = ended;
    for service in made(&simulator) {
        ended = ended.says(&format!("{service} is published to release at "));
    }
}

#[test]
fn a_release_that_is_answered_with_a_null_is_done() {
    let scenario = "faults: [{ action: ReleaseService, carried-out: true, reply: { says: { status: 200, body: '{\"Response\":{\"Result\":null,\"RequestId\":\"r\"}}' } } }]\n";
    let case =
        Case::new().credentials().file("a.yaml", titled("A", "a", 2)).file("s.yaml", scenario);
    let simulator = case.simulator("--limit 500 --scenario s.yaml --service service-1");
    let arguments = "a.yaml --service service-1 --release test --report r.csv";
    case.finish(import(&case, &simulator, arguments)).exits(0).says("is published to test");
    let released = |event: &&serde_json::Value| event["verdict"] == "released";
    assert_eq!(simulator.ledger().iter().filter(released).count(), 1);
}

#[test]
fn a_release_with_credentials_that_expired_and_cannot_be_renewed_is_not_tried_again() {
    let scenario =
        "faults: [{ action: ReleaseService, reply: { error: AuthFailure.TokenFailure } }]\n";
    let case =
        Case::new().credentials().file("a.yaml", titled("A", "a", 2)).file("s.yaml", scenario);
    let simulator = case.simulator("--limit 500 --scenario s.yaml --service service-1");
    let arguments = "a.yaml --service service-1 --release test --report r.csv";
    case.finish(import(&case, &simulator, arguments)).exits(5).says("service-1 was not published");
    let ledger = simulator.ledger();
    let asked = ledger.iter().filter(|event| event["action"] == "ReleaseService");
    assert!(asked.clone().count() > 0 && asked.clone().all(|event| event["number"] == 1));
}

#[test]
fn a_signal_while_publishing_ends_the_run_and_a_resume_publishes() {
    let scenario = "faults: [{ action: ReleaseService, at: [1], reply: { error: FailedOperation.ServiceInOperation } }]\n";
    let case =
        Case::new().credentials().file("a.yaml", titled("A", "a", 2)).file("s.yaml", scenario);
    let simulator = case.simulator("--limit 500 --scenario s.yaml --service service-1");
    let arguments = "a.yaml --service service-1 --release test --report r.csv";
    let child = import(&case, &simulator, arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let asked = || simulator.ledger().iter().any(|event| event["action"] == "ReleaseService");
    while !asked() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let told = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(told.expect("kill").success());
    assert_eq!(wait(child), Some(130));
    case.run("resume r.csv").exits(0).says("service-1 is published to test");
}

#[test]
fn a_release_that_a_killed_run_sent_is_looked_for_before_it_is_sent_again() {
    let scenario = "faults: [{ action: ReleaseService, at: [1], bytes-per-second: 1 }]\n";
    let case =
        Case::new().credentials().file("a.yaml", titled("A", "a", 2)).file("s.yaml", scenario);
    let simulator = case.simulator("--limit 500 --scenario s.yaml --service service-1");
    let arguments = "a.yaml --service service-1 --release test --report r.csv";
    let intent =
        r#""service":"service-1","action":{"publish":{"environment":"test","first":true}}"#;
    killed_once(&case, import(&case, &simulator, arguments), intent);
    let releases = || {
        let ledger = simulator.ledger();
        ledger.iter().filter(|event| event["verdict"] == "released").count()
    };
    assert_eq!(releases(), 1);
    case.run("resume r.csv").exits(0).says("service-1 is published to test");
    assert_eq!(releases(), 1, "a look showed it");
}

#[test]
fn a_release_that_is_refused_is_told_and_tried_again_by_a_resume() {
    let scenario =
        "faults: [{ action: ReleaseService, at: [1], reply: { error: UnauthorizedOperation } }]\n";
    let case =
        Case::new().credentials().file("a.yaml", titled("A", "a", 2)).file("s.yaml", scenario);
    let simulator = case.simulator("--limit 500 --scenario s.yaml --service service-1");
    let arguments = "a.yaml --service service-1 --release test --report r.csv";
    case.finish(import(&case, &simulator, arguments)).exits(5).says("service-1 was not published");
    all_created(&case, "r.csv", 2);
    case.run("resume r.csv").exits(0).says("service-1 is published to test");
    let told = case.run("resume r.csv").exits(0);
    assert!(!told.stderr.contains("is published"), "{}", told.stderr);
}

#[test]
fn a_twin_gets_no_service_and_is_skipped_at_a_resume_too_wherever_it_comes() {
    let case = Case::new()
        .credentials()
        .file("d/b.yaml", titled("Same", "a", 2))
        .file("d/c.yaml", titled("Same", "a", 2));
    let simulator = case.simulator("--limit 500");
    case.finish(import(&case, &simulator, "d --create-services --report r.csv")).exits(0);
    case.write("d/a.yaml", titled("Same", "a", 2));
    case.run("resume r.csv").exits(0);
    assert_eq!(made(&simulator).len(), 1);
    let rows = case.report("r.csv");
    let outcomes = |source: &str| -> BTreeSet<String> {
        let of = rows.iter().filter(|row| row["source"] == source);
        of.map(|row| row["outcome"].clone()).collect()
    };
    assert_eq!(outcomes("d/b.yaml"), BTreeSet::from(["created".to_owned()]));
    for twin in ["d/a.yaml", "d/c.yaml"] {
        assert_eq!(outcomes(twin), BTreeSet::from(["skipped".to_owned()]), "{twin}");
    }
}

#[test]
fn a_service_is_made_for_each_folder_and_what_comes_to_it_later_goes_there_too() {
    let case = Case::new()
        .credentials()
        .file("d/pets/v1/a.yaml", titled("A", "a", 2))
        .file("d/pets/b.yaml", titled("B", "b", 1))
        .file("d/orders/c.yaml", titled("C", "c", 2))
        .file("d/e.yaml", titled("E", "e", 1));
    let simulator = case.simulator("--limit 500");
    let arguments = "d --create-services=folder --report r.csv";
    case.finish(import(&case, &simulator, arguments))
        .exits(0)
        .says("made the service pets")
        .says("made the service orders")
        .says("made the service d ");
    assert_eq!(made(&simulator).len(), 3);
    let before = homes(&case, "r.csv");
    assert_eq!(before["d/pets/v1/a.yaml"], before["d/pets/b.yaml"]);
    case.write("d/orders/new.yaml", titled("N", "n", 2));
    case.write("d/bills/new.yaml", titled("N", "m", 2));
    let told = case.run("resume r.csv").exits(0).says("made the service bills");
    assert!(!told.stderr.contains("orders"), "the journal knows that one: {}", told.stderr);
    let after = homes(&case, "r.csv");
    assert_eq!(after["d/orders/new.yaml"], before["d/orders/c.yaml"]);
    assert!(before.iter().all(|(source, home)| after[source] == *home), "{after:?}");
    all_created(&case, "r.csv", 10);
    case.finish(import(&case, &simulator, &arguments.replace("r.csv", "s.csv")))
        .exits(0)
        .says("found the service pets");
    assert_eq!(made(&simulator).len(), 4, "found by their names");
}

#[test]
fn a_document_of_which_nothing_can_be_sent_gets_its_service_when_it_is_mended() {
    let broken = titled("B", "b", 2).replace("servers:", "x-servers:");
    let case =
        Case::new().credentials().file("d/a.yaml", titled("A", "a", 2)).file("d/b.yaml", broken);
    let simulator = case.simulator("--limit 500");
    case.finish(import(&case, &simulator, "d --create-services --report r.csv")).exits(3);
    assert_eq!(made(&simulator).len(), 1);
    let rows = case.report("r.csv");
    let unfit: Vec<_> = rows.iter().filter(|row| row["outcome"] == "unfit").collect();
    assert_eq!(unfit.len(), 2);
    assert!(unfit.iter().all(|row| row["findings"] == "no-backend"), "{unfit:?}");
    case.run("resume r.csv --dry-run").exits(3);
    case.write("d/b.yaml", titled("B", "b", 2));
    case.run("resume r.csv --dry-run").exits(0).says("2 to send");
    case.run("resume r.csv").exits(0).says("made the service B");
    assert_eq!(made(&simulator).len(), 2);
    all_created(&case, "r.csv", 4);
}

#[test]
fn a_catalog_of_which_nothing_can_be_sent_makes_no_service_and_can_be_resumed() {
    let broken = titled("B", "b", 2).replace("servers:", "x-servers:");
    let case = Case::new().credentials().file("b.yaml", broken);
    let simulator = case.simulator("--limit 500");
    case.finish(import(&case, &simulator, "b.yaml --create-services --report r.csv")).exits(3);
    assert!(made(&simulator).is_empty());
    case.run("resume r.csv").exits(3);
    case.write("b.yaml", titled("B", "b", 2));
    case.run("resume r.csv").exits(0).says("made the service B");
    all_created(&case, "r.csv", 2);
}

#[test]
fn a_release_that_has_nothing_new_to_publish_says_so() {
    let case = Case::new().credentials().file("a.yaml", titled("A", "a", 2));
    let simulator = case.simulator("--limit 500 --service service-1");
    let releases = || {
        let ledger = simulator.ledger();
        ledger.iter().filter(|event| event["action"] == "ReleaseService").count()
    };
    let arguments = "a.yaml --service service-1 --release test --report r.csv";
    case.finish(import(&case, &simulator, arguments)).exits(0).says("service-1 is published");
    let before = releases();
    case.finish(import(&case, &simulator, &arguments.replace("r.csv", "s.csv")))
        .exits(0)
        .says("nothing new to publish to test; APIs that existed before");
    assert_eq!(releases(), before);
}

#[test]
fn documents_that_one_of_them_authorises_are_spread_together() {
    let settings = "security:\n  oauth:\n    AuthType: OAUTH\n    OauthConfig: { PublicKey: key, TokenLocation: header }\n    authorised-by: login\n";
    let secured = titled("A", "a", 2)
        + "security: [{ oauth: [] }]\ncomponents: { securitySchemes: { oauth: { type: http, scheme: bearer } } }\n";
    let login = "openapi: 3.0.3\ninfo: { title: L, version: '1' }\nservers: [{ url: 'https://b.test' }]\npaths:\n  /login:\n    post:\n      operationId: login\n      x-apigw-api-business-type: OAUTH\n      responses: { '200': { description: OK } }\n";
    let case = Case::new()
        .credentials()
        .file("d/a.yaml", secured)
        .file("d/b.yaml", titled("B", "b", 2))
        .file("d/c.yaml", login)
        .file("s.yaml", settings);
    let simulator = case.simulator("--limit 500 --service service-1 --service service-2");
    let spread = "d --config s.yaml --spread service-1,service-2 --quota 3 --report r.csv";
    case.finish(import(&case, &simulator, spread)).exits(0);
    all_created(&case, "r.csv", 5);
    let homes = homes(&case, "r.csv");
    assert_eq!(homes["d/a.yaml"], homes["d/c.yaml"]);
    assert_ne!(homes["d/a.yaml"], homes["d/b.yaml"]);
}

/// A document of which each operation but `authoriser`'s has to be authorised by `token`.
fn guarded(title: &str, prefix: &str, authorises: Option<&str>) -> String {
    let mut text = format!(
        "openapi: 3.0.3\ninfo: {{ title: {title}, version: '1' }}\nservers: [{{ url: 'https://api.test' }}]\n\
         components: {{ securitySchemes: {{ oauth: {{ type: oauth2, flows: {{}} }} }} }}\npaths:\n\
         \x20 /{prefix}: {{ get: {{ operationId: {prefix}, security: [{{ oauth: [] }}], responses: {{ '200': {{ description: ok }} }} }} }}\n"
    );
    if let Some(path) = authorises {
        let operation = "{ operationId: token, x-apigw-api-business-type: OAUTH, responses: { '200': { description: ok } } }";
        text = format!("{text}  {path}: {{ post: {operation} }}\n");
    }
    text
}

#[test]
fn a_service_is_made_for_documents_that_one_of_them_authorises() {
    let settings = "security: { oauth: { AuthType: OAUTH, authorised-by: token, OauthConfig: { PublicKey: key, TokenLocation: header } } }\n";
    let case = Case::new()
        .credentials()
        .file("apiferry.yaml", settings)
        .file("d/a.yaml", guarded("A", "a", None))
        .file("d/b.yaml", guarded("B", "b", None))
        .file("d/c.yaml", guarded("C", "c", Some("/token")))
        .file("d/d.yaml", guarded("D", "d", Some("/token")));
    let simulator = case.simulator("--limit 500");
    case.finish(import(&case, &simulator, "d --create-services --report r.csv"))
        .exits(0)
        .says("made the service C")
        .says("made the service D");
    assert_eq!(made(&simulator).len(), 2);
    let homes = homes(&case, "r.csv");
    assert_eq!(homes["d/a.yaml"], homes["d/c.yaml"]);
    assert_eq!(homes["d/b.yaml"], homes["d/c.yaml"]);
    assert_ne!(homes["d/d.yaml"], homes["d/c.yaml"], "it has an authorising API of its own");
    all_created(&case, "r.csv", 6);
}

/// The services that were deleted.
fn taken_back(simulator: &Simulator) -> Vec<String> {
    let ledger = simulator.ledger();
    let deleted = ledger
        .iter()
        .filter(|event| event["action"] == "DeleteService" && event["verdict"] == "deleted");
    deleted.map(|event| event["service"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn an_undo_takes_offline_and_deletes_the_services_that_the_import_made() {
    let case = Case::new()
        .credentials()
        .file("a.yaml", titled("A", "a", 2))
        .file("b.yaml", titled("B", "b", 2));
    let simulator = case.simulator("--limit 500");
    let arguments = "a.yaml b.yaml --create-services --release test --report r.csv";
    case.finish(import(&case, &simulator, arguments)).exits(0);
    let made = made(&simulator);
    // Somebody else puts an API into the second one.
    case.write("c.yaml", titled("C", "c", 1));
    let other = format!("c.yaml --service {} --report c.csv", made[1]);
    case.finish(import(&case, &simulator, &other)).exits(0);
    case.run("undo r.csv").exits(2);
    let listed = case.run("undo r.csv --dry-run").exits(0).stdout;
    assert!(listed.contains(&format!("{} service A", made[0])), "{listed}");
    let ended = case.run("undo r.csv --yes").exits(0);
    ended
        .says(&format!("the service A ({}) is deleted", made[0]))
        .says(&format!("the service B ({}) stays: APIs still in it: 1", made[1]));
    assert_eq!(taken_back(&simulator), made[..1]);
    case.run("resume r.csv").exits(0);
    assert_eq!(self::made(&simulator), made, "nothing is made again unasked");
    case.run("undo r.csv --yes").exits(0);
    case.run("resume r.csv --retry deleted").exits(0);
    let rows = case.report("r.csv");
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|row| row["outcome"] == "created"), "{rows:?}");
    let again = self::made(&simulator);
    assert_eq!(again.len(), 3);
    assert!(rows.iter().all(|row| row["service"] != made[0]), "{rows:?}");
    case.run("undo c.csv --yes").exits(0);
    case.run("undo r.csv --yes").exits(0);
    assert_eq!(taken_back(&simulator), [&made[0], &again[2], &made[1]].map(String::clone));
}

#[test]
fn an_undo_leaves_a_service_that_the_import_only_found() {
    let case = Case::new().credentials().file("a.yaml", titled("A", "a", 2));
    let simulator = case.simulator("--limit 500");
    let arguments = "a.yaml --create-services --report";
    case.finish(import(&case, &simulator, &format!("{arguments} r.csv"))).exits(0);
    case.write("a.yaml", titled("A", "other", 2));
    case.finish(import(&case, &simulator, &format!("{arguments} s.csv"))).exits(0);
    case.run("undo s.csv --yes").exits(0);
    assert!(taken_back(&simulator).is_empty());
    case.run("undo r.csv --yes").exits(0).says("is deleted");
    assert_eq!(taken_back(&simulator), made(&simulator));
}
