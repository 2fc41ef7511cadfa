//! How the cost of a preview grows with what there is of one thing: operations, parameters,
//! rules, and so on. Doubling the thing should double the cost.
//!
//! Instructions are counted where valgrind is there, since they hang on nothing else; CPU time
//! otherwise.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Bench, measure, table};

const SIZES: [usize; 4] = [1_000, 2_000, 4_000, 8_000];

/// The most that the logarithm of the last doubling's cost may be: 1 is linear, 2 quadratic.
const SLOPE: f64 = 1.25;

/// Writes a folder with so many of one thing.
type Grow = fn(&Path, usize) -> io::Result<()>;

const THINGS: [(&str, Grow); 8] = [
    ("operations", operations),
    ("query parameters", query_parameters),
    ("path parameters", path_parameters),
    ("findings", findings),
    ("documents", documents),
    ("services", services),
    ("rules", rules),
    ("rules and operations", rules_and_operations),
];

pub fn growth(bench: &Bench) -> io::Result<()> {
    let counted = has_valgrind();
    println!("{}\n", if counted { "millions of instructions" } else { "milliseconds of CPU" });
    let mut rows = Vec::new();
    let mut slopes = Vec::new();
    for (name, grow) in THINGS {
        let mut costs = Vec::new();
        for size in SIZES {
            let folder = bench.scratch.join("growth");
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            fs::create_dir_all(&folder)?;
            grow(&folder, size)?;
            costs.push(cost(bench, &folder, counted)?);
        }
        let slope = (costs[SIZES.len() - 1] / costs[SIZES.len() - 2]).log2();
        let figures = costs.iter().map(|cost| format!("{cost:.0}"));
        let name_first = std::iter::once(name.to_owned()).chain(figures);
        rows.push(name_first.chain([format!("{slope:.2}")]).collect());
        slopes.push((name, slope));
    }
    table::print(&["", "1,000", "2,000", "4,000", "8,000", "slope"], &rows);
    for (name, slope) in slopes {
        table::target(&format!("slope of {name}"), slope, SLOPE);
    }
    Ok(())
}

fn has_valgrind() -> bool {
    let quiet =
        |command: &mut Command| command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet(Command::new("valgrind").arg("--version")).is_ok_and(|status| status.success())
}

/// What a preview of the folder costs, in the unit of the table.
fn cost(bench: &Bench, folder: &Path, counted: bool) -> io::Result<f64> {
    let settings = folder.join("apiferry.yaml");
    let mut preview = if counted {
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(&bench.program);
        valgrind
    } else {
        Command::new(&bench.program)
    };
    preview.args(["preview", "--quiet", "--format", "jsonl"]);
    if settings.exists() {
        preview.arg("--config").arg(settings);
    }
    preview.arg(folder.join("documents")).stdout(Stdio::null());
    if !counted {
        return Ok(measure::cpu(&measure::measure(preview)?) * 1e3);
    }
    let said = preview.output()?.stderr;
    let said = String::from_utf8_lossy(&said);
    let count = said.lines().find_map(|line| line.split_once("Collected : "));
    let count = count.and_then(|(_, count)| count.trim().parse::<f64>().ok());
    count.map(|count| count / 1e6).ok_or_else(|| io::Error::other(said.into_owned()))
}

fn write(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    fs::create_dir_all(folder.join("documents"))?;
    fs::write(folder.join("documents").join(name), text)
}

fn document(paths: &str) -> String {
    let head = r#"{"openapi":"3.0.3","info":{"title":"g","version":"1"},"servers":[{"url":"https://b.example"}],"paths":{"#;
    format!("{head}{paths}}}}}")
}

/// So many texts with commas between them.
fn list(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect::<Vec<_>>().join(",")
}

fn operation(path: &str, parameters: &str) -> String {
    format!(r#""{path}":{{"get":{{"parameters":[{parameters}],"responses":{{}}}}}}"#)
}

fn parameter(name: &str, position: &str) -> String {
    format!(r#"{{"name":"{name}","in":"{position}","required":true,"schema":{{"type":"string"}}}}"#)
}

fn operations(folder: &Path, count: usize) -> io::Result<()> {
    write(folder, "a.json", &document(&list(count, |n| operation(&format!("/p{n}"), ""))))
}

fn query_parameters(folder: &Path, count: usize) -> io::Result<()> {
    let parameters = list(count, |n| parameter(&format!("q{n}"), "query"));
    write(folder, "a.json", &document(&operation("/p", &parameters)))
}

fn path_parameters(folder: &Path, count: usize) -> io::Result<()> {
    let path: String = (0..count).map(|n| format!("/{{v{n}}}")).collect();
    let parameters = list(count, |n| parameter(&format!("v{n}"), "path"));
    write(folder, "a.json", &document(&operation(&path, &parameters)))
}

fn findings(folder: &Path, count: usize) -> io::Result<()> {
    let cookie = parameter("c", "cookie");
    write(folder, "a.json", &document(&list(count, |n| operation(&format!("/p{n}"), &cookie))))
}

fn documents(folder: &Path, count: usize) -> io::Result<()> {
    (0..count).try_for_each(|n| {
        write(folder, &format!("{n}.json"), &document(&operation(&format!("/p{n}"), "")))
    })
}

/// As many documents, each for a service of its own: both grow.
fn services(folder: &Path, count: usize) -> io::Result<()> {
    documents(folder, count)?;
    let mut settings = "services:\n".to_owned();
    for n in 0..count {
        _ = writeln!(settings, "- {{sources: '**/{n}.json', service: service-s{n}}}");
    }
    fs::write(folder.join("apiferry.yaml"), settings)
}

fn rules(folder: &Path, count: usize) -> io::Result<()> {
    operations(folder, 100)?;
    fs::write(folder.join("apiferry.yaml"), rules_for(count, 100))
}

fn rules_and_operations(folder: &Path, count: usize) -> io::Result<()> {
    operations(folder, count / 4)?;
    fs::write(folder.join("apiferry.yaml"), rules_for(count / 4, count / 4))
}

fn rules_for(count: usize, operations: usize) -> String {
    let mut settings = "rules:\n".to_owned();
    for n in 0..count {
        let path = n % operations;
        _ = writeln!(settings, "- {{match: {{path: /p{path}}}, set: {{ServiceTimeout: 7}}}}");
    }
    settings
}
