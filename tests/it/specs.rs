//! What becomes of documents: input and expected plan side by side in `tests/specs`, found
//! by listing. A new case is two files.
//!
//! `NAME.yaml` or `NAME.json` is a document, and a folder `NAME` holds several; beside it may
//! stand `NAME.settings.yaml`, and `NAME.args` with further options of `preview`, one a line.
//! `NAME.expected.json` holds the lines of `--format jsonl`, one element each.
//!
//! `UPDATE_EXPECT=1 cargo test --test it specs` rewrites what is expected. Then read it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::case::Case;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs")
}

/// Names of the entries that are no companions of another.
pub(crate) fn sources() -> Vec<String> {
    let entries = fs::read_dir(folder()).expect("the folder of cases");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .filter(|name| {
            [".settings.yaml", ".expected.json", ".args"].iter().all(|end| !name.ends_with(end))
        })
        .collect();
    names.sort();
    names
}

/// The case's name: the source's without what tells its format.
pub(crate) fn stem(source: &str) -> &str {
    source.strip_suffix(".yaml").or_else(|| source.strip_suffix(".json")).unwrap_or(source)
}

pub(crate) fn companion(source: &str, end: &str) -> PathBuf {
    folder().join(format!("{}{end}", stem(source)))
}

/// A command on a case's source, with its settings and its further options.
pub(crate) fn command(case: &Case, subcommand: &str, source: &str) -> Command {
    let mut args = vec![subcommand.to_owned(), source.to_owned()];
    let settings = companion(source, ".settings.yaml");
    if settings.exists() {
        // By name alone, since places of settings are told.
        let name = settings.file_name().expect("a file").to_string_lossy();
        args.push(format!("--config={name}"));
    }
    if let Ok(further) = fs::read_to_string(companion(source, ".args")) {
        args.extend(further.lines().map(str::to_owned));
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut command = case.command_of(&args);
    command.current_dir(folder());
    command
}

/// The plan as preview writes it.
fn plan(case: &Case, source: &str) -> Vec<Value> {
    let mut command = command(case, "preview", source);
    command.arg("--format=jsonl");
    let ended = case.finish(command);
    // With --deny, what is denied is wrong use; the plan is shown all the same.
    assert!(matches!(ended.code, Some(0 | 2 | 3)), "{source}: {ended:?}");
    ended.lines()
}

/// `None` where the plan is as expected, else a message.
fn check(case: &Case, source: &str) -> Option<String> {
    let plan = serde_json::to_string_pretty(&plan(case, source)).expect("values are JSON") + "\n";
    let file = companion(source, ".expected.json");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&file, &plan).expect("the expectation can be written");
        return None;
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    let differs = plan.lines().zip(expected.lines()).position(|(got, wanted)| got != wanted);
    (plan != expected).then(|| {
        let line = differs.unwrap_or_else(|| plan.lines().count().min(expected.lines().count()));
        let show = |text: &str| text.lines().skip(line).take(5).collect::<Vec<_>>().join("\n");
        format!(
            "{source}, from line {} of what is expected:\n{}\nbut got\n{}",
            line + 1,
            show(&expected),
            show(&plan)
        )
    })
}

#[test]
fn documents_become_the_plans_that_stand_beside_them() {
    let case = Case::new();
    let sources = sources();
    let wrong: Vec<String> = sources.iter().filter_map(|source| check(&case, source)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(!sources.is_empty());
}

/// Adds the pointers of all fields in an object, list items as one.
fn fields_of(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let inner = format!("{at}/{name}");
                fields_of(value, &inner, found);
                found.insert(inner);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fields_of(item, at, found)),
        _ => {}
    }
}

/// Adds the pointers of all fields that the official model has.
fn fields_of_model(model: &Value, name: &str, at: &str, found: &mut BTreeSet<String>) {
    for field in model["types"][name].as_array().expect("the type") {
        let inner = format!("{at}/{}", field["name"].as_str().expect("a name"));
        if let Some(of) =
            field["of"].as_str().or(field["items"].as_str()).filter(|of| *of != "string")
        {
            fields_of_model(model, of, &inner, found);
        }
        found.insert(inner);
    }
}

#[test]
fn every_field_of_the_model_is_set_by_some_case() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/target/tencent/model.json");
    let model = fs::read_to_string(file).expect("the model");
    let model = serde_json::from_str(&model).expect("JSON");
    let mut lacking = BTreeSet::new();
    fields_of_model(&model, "CreateApiRequest", "", &mut lacking);
    assert!(lacking.len() > 54);
    let mut set = BTreeSet::new();
    for source in sources() {
        let text = fs::read_to_string(companion(&source, ".expected.json")).expect("a plan");
        let lines: Vec<Value> = serde_json::from_str(&text).expect("JSON");
        for line in lines {
            fields_of(&line["request"], "", &mut set);
        }
    }
    lacking.retain(|field| !set.contains(field));
    assert!(lacking.is_empty(), "no case sets {lacking:?}");
}

#[test]
fn operations_are_items_unfit_or_skipped_in_every_case() {
    let case = Case::new();
    for source in sources() {
        let lines = plan(&case, &source);
        let count = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).count();
        let summary = lines.last().expect("a summary");
        let told: u64 = lines.iter().filter_map(|line| line["operations"].as_u64()).sum();
        assert_eq!(summary["operations"].as_u64().map(|n| n * 2), Some(told), "{source}");
        let entries = count("item") + count("unfit") + count("skipped");
        assert_eq!(summary["operations"], entries, "{source}");
    }
}

/// Cases that an import would not end well with, and why.
pub(crate) const NOT_IMPORTED: &[(&str, &str)] = &[
    ("deny-and-allow", "import sends nothing while something that is denied is unfit"),
    ("findings-allowed-by-a-rule-and-denied-by-an-option", "for the same reason"),
    ("security-oauth-with-an-authoriser-that-exists", "it exists at no simulator"),
];

/// Imports a case's source into a simulator; what became of its operations.
fn outcomes(source: &str) -> Vec<String> {
    let case = Case::new();
    let mut command = command(&case, "import", source);
    let report = case.path("report.csv");
    command.args(["--simulate", "--settle=0", "--rate=500", "--rate-limit=500", "--report"]);
    command.arg(&report);
    let ended = case.finish(command);
    assert!(matches!(ended.code, Some(0 | 3)), "{source}: {ended:?}");
    case.report("report.csv").iter().map(|row| row["outcome"].clone()).collect()
}

#[test]
fn the_simulator_creates_every_item_of_every_case() {
    let mut sources = sources();
    sources.retain(|source| !NOT_IMPORTED.iter().any(|(name, _)| *name == stem(source)));
    // Most of an import's time is waiting.
    std::thread::scope(|scope| {
        for part in sources.chunks(sources.len().div_ceil(16)) {
            scope.spawn(move || {
                for source in part {
                    let lines = plan(&Case::new(), source);
                    let count = |kind: &str| lines.iter().filter(|l| l["kind"] == kind).count();
                    let outcomes = outcomes(source);
                    let ended = |name: &str| outcomes.iter().filter(|o| *o == name).count();
                    let told = (ended("created"), ended("unfit"), ended("skipped"));
                    let planned = (count("item"), count("unfit"), count("skipped"));
                    assert_eq!(told, planned, "{source}: {outcomes:?}");
                }
            });
        }
    });
}
