//! What becomes of documents: input and expected plan side by side in `tests/specs`, found
//! by listing. A new case is two files.
//!
//! `NAME.yaml` or `NAME.json` is a document, and a folder `NAME` holds several; beside it may
//! stand `NAME.settings.yaml`, and `NAME.args` with further options of `preview`, one a line.
//! `NAME.expected.json` holds the lines of `--format jsonl`, one element each.
//!
//! `UPDATE_EXPECT=1 cargo test --test it specs` rewrites what is expected. Then read it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::case::Case;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs")
}

/// Names of the entries that are no companions of another.
fn sources() -> Vec<String> {
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
fn stem(source: &str) -> &str {
    source.strip_suffix(".yaml").or_else(|| source.strip_suffix(".json")).unwrap_or(source)
}

fn companion(source: &str, end: &str) -> PathBuf {
    folder().join(format!("{}{end}", stem(source)))
}

/// The plan as preview writes it.
fn plan(case: &Case, source: &str) -> Vec<Value> {
    let mut args = vec!["preview".to_owned(), source.to_owned(), "--format=jsonl".to_owned()];
    let settings = companion(source, ".settings.yaml");
    if settings.exists() {
        args.push(format!("--config={}", settings.display()));
    }
    if let Ok(further) = fs::read_to_string(companion(source, ".args")) {
        args.extend(further.lines().map(str::to_owned));
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut command = case.command_of(&args);
    command.current_dir(folder());
    let ended = case.finish(command);
    assert!(matches!(ended.code, Some(0 | 3)), "{source}: {ended:?}");
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
