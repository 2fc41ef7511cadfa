//! Whole catalogs in one process: real documents, and one operation a file.

use std::fs;
use std::io;
use std::path::Path;

use crate::measure::{self, typical};
use crate::{Bench, table};

const ROUNDS: usize = 3;
/// As many operations as the largest catalog of that style has, and with three files of each
/// of these parts as many files: 2,901.
const OPERATIONS: usize = 659;
const PARTS: usize = 747;

/// A folder of real documents.
pub fn corpus(bench: &Bench, folder: &Path) -> io::Result<()> {
    let cost = preview(bench, folder)?;
    table::target("wall seconds on two idle cores", cost.wall.as_secs_f64(), 8.0);
    table::target("peak MB", table::megabytes(cost.peak), 400.0);
    Ok(())
}

/// A document whose operations all stand in files of their own, as do what these refer to.
pub fn tree(bench: &Bench) -> io::Result<()> {
    let folder = bench.scratch.join("tree");
    grow(&folder)?;
    let cost = preview(bench, &folder)?;
    table::target("wall seconds", cost.wall.as_secs_f64(), 3.0);
    Ok(())
}

fn preview(bench: &Bench, folder: &Path) -> io::Result<measure::Cost> {
    let contestant = bench.preview("preview --format jsonl", folder);
    let costs = measure::rounds(std::slice::from_ref(&contestant), ROUNDS)?;
    let cost = typical(&costs[0]);
    println!("{}, the middle of {ROUNDS} rounds\n", folder.display());
    table::print(&table::COSTS, &[table::costs(&contestant.name, &cost)]);
    println!("{}\n", summary(&bench.previewed())?);
    Ok(cost)
}

/// What the preview says of itself in its last line.
fn summary(preview: &Path) -> io::Result<String> {
    let lines = io::BufReader::new(fs::File::open(preview)?);
    let mut last = String::new();
    for line in io::BufRead::lines(lines) {
        last = line?;
    }
    let summary: serde_json::Value = serde_json::from_str(&last)?;
    let counts = ["sources", "passed_over", "documents", "operations", "items", "unfit"];
    Ok(counts.map(|count| format!("{} {count}", summary[count])).join(", "))
}

/// Writes the document, its operations, and three files that each of these refers to: a
/// parameter, a response and, by way of that one, a schema.
fn grow(folder: &Path) -> io::Result<()> {
    for room in ["operations", "parameters", "responses", "schemas"] {
        fs::create_dir_all(folder.join(room))?;
    }
    for i in 0..OPERATIONS {
        let part = i % PARTS;
        let operation = format!(
            "operationId: thing{i}\nsummary: Thing {i}\nparameters:\n\
             - $ref: ../parameters/{part}.yml\nresponses:\n  '200':\n    \
             $ref: ../responses/{part}.yml\n"
        );
        fs::write(folder.join(format!("operations/{i}.yml")), operation)?;
    }
    for i in 0..PARTS {
        let parameter = "name: id\nin: path\nrequired: true\nschema: {type: string}\n";
        fs::write(folder.join(format!("parameters/{i}.yml")), parameter)?;
        let response = format!(
            "description: Done\ncontent:\n  application/json:\n    \
             schema: {{$ref: ../schemas/{i}.yml}}\n"
        );
        fs::write(folder.join(format!("responses/{i}.yml")), response)?;
        let schema = format!("type: object\nproperties:\n  thing{i}: {{type: string}}\n");
        fs::write(folder.join(format!("schemas/{i}.yml")), schema)?;
    }
    fs::write(folder.join("openapi.yml"), root())
}

fn root() -> String {
    let head = "openapi: 3.0.3\ninfo: {title: Tree, version: '1'}\n\
                servers: [{url: 'https://api.example.com'}]\npaths:\n";
    let paths = (0..OPERATIONS)
        .map(|i| format!("  /things{i}/{{id}}:\n    get: {{$ref: operations/{i}.yml}}\n"));
    std::iter::once(head.to_owned()).chain(paths).collect()
}
