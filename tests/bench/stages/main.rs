//! MB/s by stage: `stages SOURCES...`, one document after the other on one thread.
//!
//! Only what the library shows to all is called. Files that a document refers to are not
//! read here: a stage is timed on a document's own text.

use std::hint::black_box;
use std::io;
use std::time::Duration;

use apiferry::plan::plan_document;
use apiferry::settings::PlanSettings;
use apiferry::show::preview::{Format, Lines, Narrow, Preview};
use apiferry::source;
use apiferry::source::Origin;
use apiferry::spec::{DocumentSet, SourceText};
use rustix::time::{ClockId, clock_gettime};

const ROUNDS: usize = 5;

/// The stages of a document's way, in its order.
const STAGES: [&str; 5] = [
    "read the file",
    "text to tree",
    "tree to operations",
    "operations to plan",
    "plan to JSON lines",
];

type Times = [Duration; STAGES.len()];

fn main() -> io::Result<()> {
    let sources: Vec<String> = std::env::args().skip(1).collect();
    let mut bytes = 0;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let (size, times) = walk(&sources)?;
        bytes = size;
        rounds.push(times);
    }
    print(bytes, &rounds);
    Ok(())
}

/// Takes every document through all stages; how many bytes they have, and the time of each
/// stage.
fn walk(sources: &[String]) -> io::Result<(usize, Times)> {
    let settings = PlanSettings {
        fallback_service: Some("service-preview".to_owned()),
        ..PlanSettings::default()
    };
    let mut preview = Preview::new(io::sink(), Format::Jsonl, Narrow::default());
    let (mut bytes, mut times) = (0, Times::default());
    let folder = std::env::current_dir()?;
    for found in source::find(&folder, sources).sources {
        let Origin::File(path) = &found.origin else { continue };
        let (text, read) = timed(|| std::fs::read_to_string(path));
        let Ok(text) = text else { continue };
        let size = text.len();
        let (set, parsed) = timed(|| DocumentSet::new(SourceText { name: found.name, text }));
        let Ok(set) = set else { continue };
        if !set.is_document() {
            continue;
        }
        let Ok(document) = set.document() else { continue };
        let (_, operations) = timed(|| set.document().map(|d| black_box(d.operations().count())));
        let ((planned, _), mapped) = timed(|| plan_document(&document, &settings));
        let (written, printed) = timed(|| preview.document(&planned, &Lines::default()));
        written?;
        bytes += size;
        // A plan reads the operations for itself.
        let mapped = mapped.saturating_sub(operations);
        let spent = [read, parsed, operations, mapped, printed];
        times.iter_mut().zip(spent).for_each(|(time, spent)| *time += spent);
    }
    Ok((bytes, times))
}

/// What this thread computes for a value; time in which it waits for others is not counted.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let now = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default();
    let begun = now();
    let made = work();
    (made, now().saturating_sub(begun))
}

#[expect(clippy::cast_precision_loss, reason = "shown to a tenth of a megabyte")]
fn print(bytes: usize, rounds: &[Times]) {
    let megabytes = bytes as f64 / 1e6;
    let middle = |stage: usize| {
        let mut times: Vec<Duration> = rounds.iter().map(|times| times[stage]).collect();
        times.sort();
        times[times.len() / 2].as_secs_f64()
    };
    let seconds: Vec<f64> = (0..STAGES.len()).map(middle).collect();
    let whole: f64 = seconds.iter().sum();
    println!("{megabytes:.1} MB, the middle of {ROUNDS} rounds on one thread\n");
    println!("{:<20}  {:>6}  {:>8}  {:>5}", "", "CPU s", "MB/s", "share");
    let rows = STAGES.iter().copied().zip(seconds).chain([("all", whole)]);
    for (stage, seconds) in rows {
        let (speed, share) = (megabytes / seconds, 100.0 * seconds / whole);
        println!("{stage:<20}  {seconds:>6.3}  {speed:>8.0}  {share:>4.0}%");
    }
}
