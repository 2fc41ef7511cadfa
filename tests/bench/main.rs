//! Benchmarks: what the program costs beside what others and bare parses cost.
//!
//! Each prints a table and says how the figures stand to their targets. Only ratios within
//! one run are worth comparing; seconds hang on the machine. Nothing here is a test: a slow
//! day is no failure.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use measure::Contestant;

mod catalog;
mod floor;
mod growth;
mod measure;
mod peers;
mod table;

/// What all benchmarks need.
pub struct Bench {
    /// The program.
    pub program: PathBuf,
    /// What parses and does nothing else.
    pub parse: PathBuf,
    /// A folder for what is written.
    pub scratch: PathBuf,
}

impl Bench {
    /// Where the last preview lies.
    pub fn previewed(&self) -> PathBuf {
        self.scratch.join("preview.jsonl")
    }

    /// The preview of sources, as JSON lines to a file.
    pub fn preview(&self, name: &str, sources: &Path) -> Contestant {
        let (program, sources) = (self.program.clone(), sources.to_owned());
        let out = self.previewed();
        Contestant::new(name, move || {
            let mut command = Command::new(&program);
            command.args(["preview", "--format", "jsonl"]).arg(&sources);
            command.stdout(File::create(&out)?);
            Ok(command)
        })
    }

    /// A parse of a file as `json` or `yaml` that makes nothing of it.
    pub fn bare(&self, format: &'static str, file: &Path) -> Contestant {
        let (parse, file) = (self.parse.clone(), file.to_owned());
        Contestant::new(format!("bare parse of {format}"), move || {
            let mut command = Command::new(&parse);
            command.arg(format).arg(&file);
            Ok(command)
        })
    }
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let bench = Bench {
        program: variable("APIFERRY_BENCH_PROGRAM"),
        parse: variable("APIFERRY_BENCH_PARSE"),
        scratch: variable("APIFERRY_BENCH_SCRATCH"),
    };
    std::fs::create_dir_all(&bench.scratch)?;
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["floor", file] => floor::json(&bench, Path::new(file)),
        ["yaml", file] => floor::yaml(&bench, Path::new(file)),
        ["to-yaml", json, yaml] => floor::to_yaml(Path::new(json), Path::new(yaml)),
        ["corpus", folder] => catalog::corpus(&bench, Path::new(folder)),
        ["tree"] => catalog::tree(&bench),
        ["growth"] => growth::growth(&bench),
        ["peers", packages] => peers::peers(&bench, Path::new(packages), None),
        ["peers", packages, file] => {
            peers::peers(&bench, Path::new(packages), Some(Path::new(file)))
        }
        _ => Err(io::Error::other("see tests/bench/README.md")),
    }
}

#[expect(clippy::disallowed_methods, reason = "`run` beside this names the programs")]
fn variable(name: &str) -> PathBuf {
    std::env::var_os(name).map(PathBuf::from).unwrap_or_default()
}
