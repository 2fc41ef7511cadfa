//! One trial: a document, a faulty gateway, an import, kills and resumes, and the evidence.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::check::{self, Evidence, Facts, SERVICE};
use crate::case::{Case, Ended, Simulator, document, wait};

/// Options under which a run of a few dozen operations takes a second. The timeout leaves a
/// loaded machine room, and a late request lands well before an absence counts.
pub(crate) const QUICK: &str =
    "--rate 200 --rate-limit 500 --quota 1000 --timeout 0.4 --settle 1.2 --max-failures 1000";

/// By how much a late request is late, in milliseconds: past the timeout, before the settle.
pub(crate) const LATE: u32 = 600;

/// How the simulator of a trial is started.
const SIMULATOR: &str = "--limit 500 --quota 10000 --scenario scenario.yaml";

/// At most in flight, which is also how many rows a kill may leave in doubt.
const CONCURRENCY: usize = 16;

/// Resumes after which a report that still is not done counts as stuck.
const RESUMES: usize = 8;

/// Longest that one run of a trial may take (I12).
const PATIENCE: Duration = Duration::from_secs(45);

/// What no output may hold: the key of every case, and the signature it makes.
const SECRETS: [&str; 3] = ["SecretExample", "SecretFresh", "TC3-HMAC-SHA256"];

/// A case under way.
pub(crate) struct Trial {
    pub(crate) case: Case,
    pub(crate) simulator: Simulator,
    pub(crate) planned: BTreeSet<String>,
    options: String,
    doubles_are_told: bool,
    without_journal: bool,
    /// What was broken on the way.
    broken: Vec<String>,
}

/// How a trial came out.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) operations: usize,
    pub(crate) kills: usize,
    pub(crate) found: usize,
    pub(crate) broken: Vec<String>,
}

impl Trial {
    /// `count` operations against a gateway that plays this scenario.
    pub(crate) fn new(count: usize, scenario: &str) -> Self {
        Self::of(Case::new().credentials(), count, 0, scenario)
    }

    /// The same, `standing` of which are there before.
    pub(crate) fn of(case: Case, count: usize, standing: usize, scenario: &str) -> Self {
        let case = case.file("a.yaml", document("a", count)).file("scenario.yaml", scenario);
        if standing > 0 {
            case.write("ledger.jsonl", preloaded(standing));
        }
        let simulator = case.simulator(SIMULATOR);
        let planned = (0..count).map(|n| format!("GET /a/{n}")).collect();
        let options = QUICK.to_owned();
        Self {
            case,
            simulator,
            planned,
            options,
            doubles_are_told: false,
            without_journal: false,
            broken: Vec::new(),
        }
    }

    /// Starts the simulator again, at the same address and on the same ledger.
    pub(crate) fn begin_again(&mut self) {
        let address = self.simulator.endpoint.replace("http://", "");
        self.simulator = self.case.simulator_at(&address, SIMULATOR);
    }

    /// Other options than [`QUICK`].
    pub(crate) fn options(mut self, options: &str) -> Self {
        options.clone_into(&mut self.options);
        self
    }

    /// A gateway that breaks what the protocol rests on.
    pub(crate) fn doubles_are_told(mut self) -> Self {
        self.doubles_are_told = true;
        self
    }

    /// Holds nothing against a journal that was not there from the beginning.
    pub(crate) fn forget_the_journal(&mut self) {
        self.without_journal = true;
    }

    pub(crate) fn import(&self) -> Command {
        self.import_as("r.csv", "")
    }

    pub(crate) fn import_as(&self, report: &str, more: &str) -> Command {
        self.case.command(&format!(
            "import a.yaml --service {SERVICE} --endpoint {} --report {report} {} {more}",
            self.simulator.endpoint, self.options
        ))
    }

    /// Takes the report up, or begins where a kill came before there was one.
    pub(crate) fn again(&self) -> Command {
        if self.case.path("r.csv.journal").exists() {
            self.case.command("resume r.csv")
        } else {
            // A CSV without a journal was never sent from.
            let _ = std::fs::remove_file(self.case.path("r.csv"));
            self.import()
        }
    }

    pub(crate) fn run(&mut self, command: Command) -> Ended {
        let begun = Instant::now();
        let ended = self.case.finish(command);
        if begun.elapsed() > PATIENCE {
            self.broken.push(format!("I12 a run took {:?}:\n{}", begun.elapsed(), ended.stderr));
        }
        ended
    }

    /// Starts it and kills it after a while; whether it was still there to be killed.
    pub(crate) fn kill(&mut self, mut command: Command, after: Duration) -> bool {
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        std::thread::sleep(after);
        let killed = child.try_wait().expect("a process").is_none();
        let _ = child.kill();
        wait(child);
        self.look();
        killed
    }

    /// Something that is not as it must be.
    pub(crate) fn breaks(&mut self, what: impl Into<String>) {
        self.broken.push(what.into());
    }

    /// I6 and I7, just after a kill.
    pub(crate) fn look(&mut self) {
        if self.case.path("r.csv.journal").exists() {
            let text = std::fs::read(self.case.path("r.csv.journal")).expect("the journal");
            let doubt = check::in_doubt(&check::journal(&text, true));
            if doubt > CONCURRENCY {
                self.broken.push(format!("I6 {doubt} rows in doubt after one kill"));
            }
        }
        if self.case.path("r.csv").exists() {
            let rows = self.case.report("r.csv").len();
            if rows != self.planned.len() {
                self.broken.push(format!("I7 the report has {rows} rows after a kill"));
            }
        }
    }

    /// Resumes until all has ended, then once more, which must send nothing (I13); then the
    /// evidence is held against the invariants.
    pub(crate) fn finish(mut self, mut last: Ended) -> Tally {
        for _ in 0..RESUMES {
            let rows = self.case.path("r.csv").exists().then(|| self.case.report("r.csv"));
            let open = ["sending", "not-sent", "unconfirmed"];
            if rows
                .is_some_and(|rows| rows.iter().all(|row| !open.contains(&row["outcome"].as_str())))
            {
                break;
            }
            last = self.run(self.again());
        }
        self.hold(&last)
    }

    /// Holds what is there now against the invariants.
    pub(crate) fn hold(mut self, last: &Ended) -> Tally {
        let evidence = Evidence {
            planned: &self.planned,
            ledger: self.simulator.ledger(),
            rows: self.case.report("r.csv"),
            journal: std::fs::read(self.case.path("r.csv.journal"))
                .ok()
                .filter(|_| !self.without_journal)
                .map(|text| check::journal(&text, false))
                .unwrap_or_default(),
            last,
            doubles_are_told: self.doubles_are_told,
        };
        let mut broken = check::violations(&evidence);
        let found = evidence.rows.iter().filter(|row| row["outcome"] == "found").count();
        let sent: usize = Facts::of(&evidence.ledger).read.values().sum();
        self.run(self.case.command("resume r.csv"));
        let sent_again = Facts::of(&self.simulator.ledger()).read.values().sum::<usize>() - sent;
        if sent_again > 0 {
            broken.push(format!("I13 a finished report sent {sent_again} creates"));
        }
        for name in [".stdout", ".stderr", "r.csv", "r.csv.journal"] {
            let bytes = std::fs::read(self.case.path(name)).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            if SECRETS.iter().any(|secret| text.contains(secret)) {
                broken.push(format!("I9 {name} holds a secret"));
            }
        }
        broken.append(&mut self.broken);
        if !broken.is_empty() {
            broken.push(format!("last run:\n{}", last.stderr));
        }
        Tally { operations: self.planned.len(), kills: 0, found, broken }
    }
}

/// A ledger whose first `count` operations were there before.
fn preloaded(count: usize) -> String {
    let mut ledger = String::new();
    for n in 0..count {
        let body = format!(
            r#"{{\"ServiceId\":\"{SERVICE}\",\"ApiName\":\"old{n}\",\"RequestConfig\":{{\"Method\":\"GET\",\"Path\":\"/a/{n}\"}}}}"#
        );
        let _ = writeln!(
            ledger,
            r#"{{"seq":{},"verdict":"preloaded","wall":"2026-01-01T00:00:00Z","service":"{SERVICE}","method":"GET","path":"/a/{n}","api_id":"api-before{n}","body":"{body}"}}"#,
            n + 1
        );
    }
    ledger
}

impl Tally {
    #[track_caller]
    pub(crate) fn holds(self) {
        assert!(self.broken.is_empty(), "{}", self.broken.join("\n"));
    }
}

/// A number from the environment.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text}")))
}

/// How many trials: as many as asked for, else a few.
pub(crate) fn asked(small: u64) -> u64 {
    number("APIFERRY_HARNESS_TRIALS").unwrap_or(small)
}

/// Plays trials of consecutive seeds, several at a time, until one breaks something or all
/// are done; what came of them, and the seeds that broke something.
pub(crate) fn play(count: u64, play: impl Fn(u64) -> Tally + Sync) -> (Tally, Vec<u64>) {
    let first = number("APIFERRY_HARNESS_SEED").unwrap_or(1);
    let next = AtomicU64::new(first);
    let all = Mutex::new((Tally::default(), Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..number("APIFERRY_HARNESS_THREADS").unwrap_or(6) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        return;
                    }
                    let tally = play(seed);
                    add(&mut all.lock().expect("no trial panics"), seed, tally);
                }
            });
        }
    });
    all.into_inner().expect("no trial panics")
}

fn add(all: &mut (Tally, Vec<u64>), seed: u64, tally: Tally) {
    let (sum, seeds) = all;
    sum.operations += tally.operations;
    sum.kills += tally.kills;
    sum.found += tally.found;
    if !tally.broken.is_empty() {
        seeds.push(seed);
        sum.broken.push(format!("seed {seed}:"));
        sum.broken.extend(tally.broken);
    }
}

/// Plays trials, prints the figures, and fails with the seeds that broke something.
#[expect(clippy::print_stderr, reason = "the figures are what a large run is for")]
pub(crate) fn plays(name: &str, small: u64, trial: impl Fn(u64) -> Tally + Sync) {
    let count = asked(small);
    let (tally, seeds) = play(count, trial);
    let Tally { operations, kills, found, broken } = tally;
    eprintln!(
        "{name}: {count} trials, {operations} operations, {kills} kills, {found} found, {} broken",
        seeds.len()
    );
    assert!(
        broken.is_empty(),
        "repeat with APIFERRY_HARNESS_SEED=N APIFERRY_HARNESS_TRIALS=1, N of {seeds:?}\n{}",
        broken.join("\n")
    );
}

/// Numbers that a seed decides.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// One of `0..sides`.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    /// One of so many places.
    pub(crate) fn place(&mut self, places: usize) -> usize {
        usize::try_from(self.roll(places as u64)).expect("a place")
    }

    pub(crate) fn millis(&mut self, most: u64) -> Duration {
        Duration::from_millis(self.roll(most))
    }
}
