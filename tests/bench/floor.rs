//! This program against a bare parse of the same bytes, which no reader can beat by much.

use std::io;
use std::path::Path;
use std::process::Command;

use crate::measure::{self, cpu, peak, ratio, typical};
use crate::{Bench, table};

const ROUNDS: usize = 11;

/// JSON: `preview` against `serde_json` into its `Value`.
pub fn json(bench: &Bench, file: &Path) -> io::Result<()> {
    let (preview, parse) = compare(bench, file, "json")?;
    let size = std::fs::metadata(file)?.len();
    let memory = table::megabytes(typical(&preview).peak) / table::megabytes(size);
    table::target("CPU to a bare parse", ratio(&preview, &parse, cpu), 2.0);
    table::target("peak memory to the file", memory, 6.0);
    Ok(())
}

/// YAML: `preview` against the maintained serde crate into its `Value`, on the same document
/// written as YAML.
pub fn yaml(bench: &Bench, json: &Path) -> io::Result<()> {
    let file = bench.scratch.join("document.yaml");
    let mut writer = Command::new(std::env::current_exe()?);
    let written = writer.arg("to-yaml").args([json, &file]).status()?;
    if !written.success() {
        return Err(io::Error::other(format!("{} was not written", file.display())));
    }
    let (preview, parse) = compare(bench, &file, "yaml")?;
    table::target("CPU to a bare parse", ratio(&preview, &parse, cpu), 2.0);
    table::target("peak memory to a bare parse", ratio(&preview, &parse, peak), 0.5);
    Ok(())
}

/// Writes a document as YAML, entries in their order. Done in a process of its own, since it
/// takes much memory: see [`measure::measure`].
pub fn to_yaml(json: &Path, yaml: &Path) -> io::Result<()> {
    let value: serde_json::Value = serde_json::from_slice(&std::fs::read(json)?)?;
    let file = io::BufWriter::new(std::fs::File::create(yaml)?);
    serde_yaml::to_writer(file, &value).map_err(io::Error::other)
}

type Costs = Vec<measure::Cost>;

/// Runs both in turns; what the preview took, and what the parse.
fn compare(bench: &Bench, file: &Path, format: &'static str) -> io::Result<(Costs, Costs)> {
    let contestants = [bench.preview("preview --format jsonl", file), bench.bare(format, file)];
    let costs = measure::rounds(&contestants, ROUNDS)?;
    let rows: Vec<_> = contestants
        .iter()
        .zip(&costs)
        .map(|(contestant, costs)| table::costs(&contestant.name, &typical(costs)))
        .collect();
    let size = table::megabytes(std::fs::metadata(file)?.len());
    println!("{} ({size:.1} MB), the middle of {ROUNDS} rounds\n", file.display());
    table::print(&table::COSTS, &rows);
    let mut costs = costs.into_iter();
    Ok((costs.next().unwrap_or_default(), costs.next().unwrap_or_default()))
}
