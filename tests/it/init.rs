//! `init`: what it writes is taken, and cures what it can.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::case::{Case, skipped};

/// The last line of a preview of these sources.
fn summary(case: &Case, arguments: &str) -> Value {
    let ended = case.run(&format!("preview {arguments} --format jsonl"));
    assert!(matches!(ended.code, Some(0 | 3)), "{arguments}: {ended:?}");
    ended.lines().pop().expect("a summary")
}

fn of_server(title: &str, server: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{ title: {title}, version: '1' }}\nservers: [{{ url: '{server}' }}]\npaths:\n  /items:\n    get: {{ responses: {{}} }}\n    patch: {{ responses: {{}} }}\n"
    )
}

#[test]
fn documents_that_clash_get_services_and_those_without_a_backend_one_to_replace() {
    let case = Case::new()
        .file("d/a.yaml", of_server("A", "https://a.test"))
        .file("d/b.yaml", of_server("B", "http://localhost:8080/v1"))
        .file("d/b.json", "{}")
        .file("d/c/c [1].yaml", of_server("C", "/v1"));
    let before = summary(&case, "d");
    assert_eq!(before["unfit"], 5);
    let ended = case.run("init d").exits(0);
    assert_eq!(ended.stdout, "apiferry.yaml\n");
    let after = summary(&case, "d");
    // PATCH is a choice.
    assert_eq!((&after["items"], &after["unfit"]), (&3.into(), &3.into()), "{after}");
    assert_eq!(after["findings"]["example-backend"], 2, "what is made up is told: {after}");
    assert!(case.read("apiferry.yaml").contains("# patch: any"));
    case.run("init d").exits(2).says("cannot be written");
    case.run("init d --config other.yaml").exits(0);
}

#[test]
fn documents_of_a_folder_that_fit_together_share_a_service_with_their_twins() {
    let case = Case::new()
        .file("d/pets/a.yaml", crate::case::document("a", 2))
        .file("d/pets/b.yaml", crate::case::document("b", 2))
        .file("d/pets/twin.yml", crate::case::document("b", 2));
    case.run("init d").exits(0);
    let services: BTreeMap<String, u64> =
        serde_json::from_value(summary(&case, "d")["services"].clone()).expect("services");
    assert_eq!(services, BTreeMap::from([("service-pets".to_owned(), 4)]));
}

#[test]
fn a_document_over_the_quota_is_split_so_that_every_part_fits() {
    let document = |tag: &dyn Fn(usize) -> String| {
        let mut text = String::from(
            "openapi: 3.0.3\ninfo: { title: Large, version: '1' }\nservers: [{ url: 'https://a.test' }]\npaths:\n",
        );
        for n in 0..25 {
            let tag = tag(n);
            let _ = writeln!(
                text,
                "  /v1/{}/{n}:\n    get: {{ tags: [{tag}], responses: {{}} }}",
                n % 5
            );
        }
        text
    };
    for tag in [&|n: usize| format!("t{}", n % 4) as String, &|_| "one".to_owned()]
        as [&dyn Fn(usize) -> String; 2]
    {
        let case = Case::new().file("large.yaml", document(tag));
        case.run("init large.yaml --quota 10").exits(0);
        let after = summary(&case, "large.yaml --quota 10");
        let services: BTreeMap<String, u64> =
            serde_json::from_value(after["services"].clone()).expect("services");
        assert_eq!(services.values().sum::<u64>(), 25);
        assert!(services.len() > 2 && services.values().all(|apis| *apis <= 10), "{services:?}");
    }
}

#[test]
fn what_is_written_for_real_folders_is_taken_and_nothing_more_is_unfit() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    let Ok(folders) = std::fs::read_dir(&shared) else {
        return skipped("there is no ../shared/samples beside the project");
    };
    let mut tried = 0;
    for folder in folders.filter_map(Result::ok).filter(|it| it.path().is_dir()) {
        let case = Case::new();
        let folder = folder.path().display().to_string();
        // Some hold nothing but a document that is broken on purpose.
        if case.run(&format!("preview {folder} -q")).code == Some(2) {
            continue;
        }
        tried += 1;
        let unfit = |arguments: &str| summary(&case, arguments)["unfit"].as_u64().expect("a count");
        let before = unfit(&folder);
        let ended = case.run(&format!("init {folder} --config init.yaml"));
        assert!(matches!(ended.code, Some(0 | 3)), "{folder}: {ended:?}");
        let after = unfit(&format!("{folder} --config init.yaml"));
        assert!(after <= before, "{folder}: {after} unfit, {before} before");
    }
    assert!(tried > 5, "{tried}");
}
