//! Throttle storms, credentials that expire, clocks that are wrong.

use std::process::Stdio;
use std::time::Duration;

use super::check::Facts;
use super::trial::Trial;
use crate::case::{Case, wait};

/// Requests of this verdict.
fn count(trial: &Trial, verdict: &str) -> usize {
    let ledger = trial.simulator.ledger();
    let of =
        |event: &&serde_json::Value| event["verdict"] == verdict && event["action"] == "CreateApi";
    ledger.iter().filter(of).count()
}

#[test]
fn in_a_storm_of_throttling_nothing_fails_and_little_is_sent_in_vain() {
    let scenario = "duplicates: accept\nlimiter: { kind: sliding, limits: [\
        { after-ms: 0, limit: 40 }, { after-ms: 1500, limit: 10 }, { after-ms: 3500, limit: 40 },\
        { after-ms: 4500, limit: 0 }, { after-ms: 5500, limit: 40 }] }\n";
    let mut trial =
        Trial::new(200, scenario).options("--rate 36 --rate-limit 40 --quota 1000 --settle 0.5");
    let last = trial.run(trial.import()).exits(0);
    let throttled = count(&trial, "throttled");
    assert!(throttled <= 40, "{throttled} throttled of 200");
    trial.hold(&last).holds();
}

#[test]
fn no_second_holds_more_creates_than_were_asked_for() {
    let mut trial = Trial::new(80, "duplicates: accept\n")
        .options("--rate 40 --rate-limit 44 --quota 1000 --settle 0.2");
    let last = trial.run(trial.import()).exits(0);
    let ledger = trial.simulator.ledger();
    let reads = ledger.iter().filter(|e| e["verdict"] == "read" && e["action"] == "CreateApi");
    let times: Vec<u64> = reads.filter_map(|event| event["mono_ns"].as_u64()).collect();
    let most = times
        .iter()
        .map(|from| times.iter().filter(|at| (*from..from + 1_000_000_000).contains(at)).count())
        .max();
    assert!(most <= Some(45), "{most:?} creates within a second (I5)");
    trial.hold(&last).holds();
}

#[test]
fn credentials_that_expire_stop_the_run_at_once_and_a_resume_ends_it() {
    let scenario = "credentials:\n- { id: AKIDEXAMPLE, key: SecretExample, expires-after: 20 }\n- { id: AKIDFRESH, key: SecretFresh }\n";
    let mut trial = Trial::new(40, scenario);
    let ended = trial.run(trial.import()).exits(5);
    ended.says("AuthFailure.TokenFailure");
    assert!(count(&trial, "rejected") <= 16, "{}", count(&trial, "rejected"));
    let rows = trial.case.report("r.csv");
    assert!(rows.iter().all(|row| ["created", "not-sent"].contains(&row["outcome"].as_str())));
    trial.case.renew("AKIDFRESH", "SecretFresh");
    let last = trial.run(trial.again());
    trial.finish(last).holds();
}

#[test]
#[cfg(unix)]
fn credentials_that_are_renewed_in_their_file_are_read_again_once_and_the_run_goes_on() {
    let profile = |id: &str, key: &str| format!(r#"{{"secretId": "{id}", "secretKey": "{key}"}}"#);
    let scenario = "credentials:\n- { id: AKIDEXAMPLE, key: SecretExample, expires-after: 12 }\n- { id: AKIDFRESH, key: SecretFresh }\n";
    let case = Case::new()
        .variable("TENCENTCLOUD_REGION", "ap-guangzhou")
        .file("home/.tccli/default.configure", "{}");
    let file = "home/.tccli/default.credential";
    case.write_private(file, &profile("AKIDEXAMPLE", "SecretExample"));
    let mut trial = Trial::of(case, 30, 0, scenario)
        .options("--rate 20 --rate-limit 500 --quota 1000 --settle 0.3");
    let mut import = trial.import();
    import.stdout(Stdio::null()).stderr(Stdio::null());
    let child = import.spawn().expect("it starts");
    while count(&trial, "created") < 2 {
        std::thread::sleep(Duration::from_millis(5));
    }
    trial.case.write_private(file, &profile("AKIDFRESH", "SecretFresh"));
    assert_eq!(wait(child), Some(0));
    let expired = count(&trial, "rejected");
    assert!((1..=16).contains(&expired), "{expired} were sent with what had expired");
    let rows = trial.case.report("r.csv");
    assert!(rows.iter().all(|row| row["outcome"] == "created"), "{rows:?}");
    let last = trial.run(trial.again());
    trial.hold(&last).holds();
}

#[test]
fn a_clock_that_is_wrong_is_corrected_once_and_never_loops() {
    for (offset, date, code) in [
        (3600, "", 0),
        (-3600, "", 0),
        (200, "", 0),
        (-200, "", 0),
        (0, "date: garbage\n", 0),
        (0, "date: 'Fri, 01 Jan 2100 00:00:00 GMT'\n", 0),
        (0, "date: 'Thu, 01 Jan 1970 00:00:00 GMT'\n", 0),
        (0, "date: ''\n", 0),
        (3600, "date: ''\n", 5),
        (3600, "date: 'Thu, 01 Jan 1970 00:00:00 GMT'\n", 5),
    ] {
        let scenario = format!("clock-offset: {offset}\n{date}");
        let mut trial = Trial::of(Case::new().credentials(), 6, 0, &scenario);
        let ended = trial.run(trial.import());
        assert_eq!(ended.code, Some(code), "{scenario}{}", ended.stderr);
        let ledger = trial.simulator.ledger();
        let refused = ledger.iter().filter(|event| event["verdict"] == "rejected").count();
        assert!(refused <= 16, "{scenario}: {refused} refused");
        let created = Facts::of(&ledger).created;
        assert_eq!(created.len(), if code == 0 { 6 } else { 0 }, "{scenario}");
    }
}
