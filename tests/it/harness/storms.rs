//! Throttle storms, credentials that expire, clocks that are wrong.

use std::process::Stdio;
use std::time::Duration;

use super::check::{Facts, creates};
use super::trial::Trial;
use crate::case::{Case, wait};

/// How many creates came to this verdict.
fn count(trial: &Trial, verdict: &str) -> usize {
    creates(&trial.simulator.ledger(), verdict).count()
}

#[test]
fn at_the_pace_that_was_asked_for_no_kind_of_limiter_throttles() {
    // Long enough that a burst or a rate kept by guesswork would meet the limit.
    let play = |kind: &str| {
        let limiter =
            format!("limiter: {{ kind: {kind}, limits: [{{ after-ms: 0, limit: 50 }}] }}");
        let mut trial = Trial::new(100, &format!("latency-ms: [5, 300]\n{limiter}\n"))
            .options("--rate 40 --rate-limit 50 --quota 1000 --settle 0.5");
        let last = trial.run(trial.import()).exits(0);
        assert_eq!(count(&trial, "throttled"), 0, "{kind}");
        trial.hold(&last).holds();
    };
    std::thread::scope(|scope| {
        for kind in ["fixed", "sliding", "bucket"] {
            scope.spawn(move || play(kind));
        }
    });
}

#[test]
fn in_a_storm_of_throttling_nothing_fails_and_little_is_sent_in_vain() {
    let scenario = "duplicates: accept\nlimiter: { kind: sliding, limits: [\
        { after-ms: 0, limit: 40 }, { after-ms: 1000, limit: 10 }, { after-ms: 2000, limit: 40 },\
        { after-ms: 2500, limit: 0 }, { after-ms: 3300, limit: 40 }] }\n";
    let mut trial =
        Trial::new(100, scenario).options("--rate 36 --rate-limit 40 --quota 1000 --settle 0.3");
    let last = trial.run(trial.import()).exits(0);
    // Three where nothing else keeps the machine busy; the exact figures are tested in `run::simulated`.
    let throttled = count(&trial, "throttled");
    assert!(throttled <= 8, "{throttled} throttled of 100");
    trial.hold(&last).holds();
}

#[test]
fn no_second_holds_more_creates_than_were_asked_for() {
    let mut trial = Trial::new(80, "duplicates: accept\n")
        .options("--rate 40 --rate-limit 44 --quota 1000 --settle 0.2");
    let last = trial.run(trial.import()).exits(0);
    let ledger = trial.simulator.ledger();
    let times: Vec<u64> =
        creates(&ledger, "read").filter_map(|event| event["mono_ns"].as_u64()).collect();
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
