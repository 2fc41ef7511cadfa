//! One run at a time: for a report, however it is named, and for a service.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::trial::Trial;
use crate::case::wait;

fn start(mut command: Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
}

/// A trial whose import runs for several seconds, killed once it has a report.
fn stopped() -> Trial {
    let mut trial = Trial::new(80, "duplicates: accept\n")
        .options("--rate 20 --rate-limit 500 --quota 1000 --settle 0.3");
    while !trial.case.path("r.csv.journal").exists() {
        let command = trial.import();
        trial.kill(command, Duration::from_millis(600));
    }
    trial
}

#[test]
fn of_many_resumes_of_one_report_one_goes_on_and_the_rest_are_told() {
    let mut trial = stopped();
    let all: Vec<Child> = (0..20).map(|_| start(trial.again())).collect();
    let mut codes: Vec<_> = all.into_iter().map(wait).collect();
    codes.sort_unstable();
    assert_eq!(codes[0], Some(0), "{codes:?}");
    assert_eq!(codes[1..], [Some(11); 19]);
    let last = trial.run(trial.again());
    trial.hold(&last).holds();
}

#[test]
fn a_report_by_another_name_is_the_same_report() {
    let trial = stopped();
    #[cfg(unix)]
    std::os::unix::fs::symlink(trial.case.path("r.csv"), trial.case.path("link.csv"))
        .expect("a link");
    let first = start(trial.again());
    std::thread::sleep(Duration::from_millis(700));
    trial.case.run("resume link.csv").exits(11).says("r.csv");
    trial.case.run("resume home/../r.csv").exits(11).says("r.csv");
    assert_eq!(wait(first), Some(0));
}

#[test]
fn two_reports_of_one_service_do_not_send_at_once() {
    let mut trial = stopped();
    let first = start(trial.again());
    std::thread::sleep(Duration::from_millis(700));
    let second = trial.import_as("s.csv", "");
    trial.run(second).exits(11).says("service-simulated");
    assert_eq!(wait(first), Some(0));
    let last = trial.run(trial.again());
    trial.hold(&last).holds();
}

#[test]
fn a_lock_dies_with_its_process() {
    let mut trial = stopped();
    for _ in 0..3 {
        let again = trial.again();
        trial.kill(again, Duration::from_millis(500));
    }
    let last = trial.run(trial.again());
    trial.finish(last).holds();
}
