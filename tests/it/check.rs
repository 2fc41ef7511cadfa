//! `check`: what an import would stumble over is told before it is tried, all at once.

use crate::case::{Case, Ended, Simulator, document};

fn check(case: &Case, simulator: &Simulator, arguments: &str) -> Ended {
    case.run(&format!("check {arguments} --endpoint {}", simulator.endpoint))
}

#[test]
fn a_catalog_with_room_passes_and_nothing_is_made_or_written() {
    let case = Case::new().credentials().file("a.yaml", document("a", 3));
    let simulator = case.simulator("");
    let ended = check(&case, &simulator, "a.yaml --service service-simulated").exits(0);
    let shown = |text: &str| assert!(ended.stdout.contains(text), "{}", ended.stdout);
    shown("documents read: 1; 3 items, 0 unfit, 0 skipped");
    shown("0 of 100 APIs, 3 to come");
    assert!(simulator.created().is_empty());
    assert!(!case.path("reports").exists() && !case.path("home/state").exists());
}

#[test]
fn apis_that_are_there_already_need_no_room() {
    let case = Case::new().credentials().file("a.yaml", document("a", 3));
    let simulator = case.simulator("--quota 3");
    let service = "--service service-simulated";
    let import = format!("import a.yaml {service} --report r.csv --settle 0.3");
    case.run(&format!("{import} --endpoint {}", simulator.endpoint)).exits(0);
    check(&case, &simulator, &format!("a.yaml {service} --quota 3")).exits(0);
    case.write("a.yaml", document("b", 1));
    let ended = check(&case, &simulator, &format!("a.yaml {service} --quota 3")).exits(5);
    ended.says("has no room: it holds 3 APIs, 1 is to come, and 3 is the most");
}

#[test]
fn faults_of_settings_credentials_and_services_are_told_at_once() {
    let case = Case::new()
        .credentials()
        .file("a.yaml", document("a", 1))
        .file("apiferry.yaml", "patch: perhaps\n");
    let simulator = case.simulator("");
    let ended = check(&case, &simulator, "a.yaml --service service-other").exits(2);
    ended.says("apiferry.yaml:1:").says("service-other");
    case.write("apiferry.yaml", "services:\n  - {sources: '**', service: service-gone}\n");
    check(&case, &simulator, "a.yaml").exits(5).says("service-gone");
    case.write("apiferry.yaml", "");
    check(&case, &simulator, "a.yaml").exits(2).says("no service is given");
}

#[test]
fn a_wrong_key_and_a_gateway_that_is_not_there_are_told_once() {
    let mut case = Case::new().credentials();
    let simulator = case.simulator("");
    case.renew("AKIDEXAMPLE", "WrongKey");
    check(&case, &simulator, "--service service-simulated").exits(5).says("AuthFailure");
    let ended = case.run("check --service service-a --endpoint http://127.0.0.1:9").exits(5);
    assert_eq!(ended.stderr.matches("error:").count(), 1, "{}", ended.stderr);
}

#[test]
fn a_service_still_to_be_made_is_told_as_such() {
    let case = Case::new().credentials().file("a.yaml", document("a", 2));
    let simulator = case.simulator("");
    let ended = check(&case, &simulator, "a.yaml --create-services").exits(0);
    assert!(ended.stdout.contains("will be made; APIs to come: 2"), "{}", ended.stdout);
}

#[test]
fn operations_that_do_not_fit_make_it_partial() {
    let broken = document("a", 1).replace("get:", "trace:");
    let case = Case::new().credentials().file("a.yaml", broken);
    let simulator = case.simulator("");
    check(&case, &simulator, "a.yaml --service service-simulated").exits(3);
}
