//! Previews from the outside: counts, formats, and what is said of bad input.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::case::{Case, document};

fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    if folder.is_dir() {
        return Some(folder);
    }
    #[expect(clippy::print_stderr, reason = "a skipped test says so")]
    {
        eprintln!("skipped: there is no ../shared/samples beside the project");
    }
    None
}

fn count(lines: &[Value], kind: &str) -> usize {
    lines.iter().filter(|line| line["kind"] == kind).count()
}

#[test]
fn every_operation_of_real_documents_is_an_item_unfit_or_skipped() {
    let Some(folder) = shared() else { return };
    let index = std::fs::read_to_string(folder.join("INDEX.tsv")).expect("its index");
    let mut seen = 0;
    for row in index.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let (path, operations) = (columns[0], columns[3]);
        let case = Case::new();
        let source = folder.join(path).display().to_string();
        let ended = case.finish(case.command_of(&["preview", &source, "--format", "jsonl"]));
        let lines = ended.lines();
        let summary = lines.last().expect("a summary");
        assert_eq!(summary["kind"], "summary", "{path}");
        if let Ok(operations) = operations.parse::<usize>() {
            assert_eq!(summary["operations"], operations, "{path}");
            let (items, unfit, skipped) =
                (count(&lines, "item"), count(&lines, "unfit"), count(&lines, "skipped"));
            assert_eq!(items + unfit + skipped, operations, "{path}");
            assert_eq!(summary["items"], items, "{path}");
        } else {
            assert_eq!(count(&lines, "unreadable"), 1, "{path}");
        }
        seen += 1;
    }
    assert!(seen >= 25, "the index has rows");
}

#[test]
fn a_plan_that_fits_ends_with_0_and_one_that_does_not_with_3() {
    let case = Case::new().file("a.yaml", document("a", 2));
    case.run("preview a.yaml").exits(0);
    case.write("b.yaml", document("b", 2).replace("get:", "trace:"));
    case.run("preview a.yaml b.yaml").exits(3);
}

#[test]
fn a_plan_over_the_quota_is_told_and_its_items_stay_items() {
    let case = Case::new().file("a.yaml", document("a", 4));
    let ended = case.run("preview a.yaml --quota 3 --format jsonl").exits(3);
    assert_eq!(count(&ended.lines(), "item"), 4);
}

#[test]
fn json_and_jsonl_say_the_same() {
    let case =
        Case::new().file("a.yaml", document("a", 3)).file("b.json", "{\"openapi\": \"3.0.0\", ");
    let lines = case.run("preview . --format jsonl").exits(3).lines();
    let whole: Value =
        serde_json::from_str(&case.run("preview . --format json").exits(3).stdout).expect("JSON");
    for (kind, key) in [
        ("document", "documents"),
        ("item", "items"),
        ("unfit", "unfit"),
        ("unreadable", "unreadable"),
    ] {
        let of_kind: Vec<&Value> = lines.iter().filter(|line| line["kind"] == kind).collect();
        assert_eq!(whole[key].as_array().expect(key).len(), of_kind.len(), "{key}");
    }
    assert_eq!(
        whole["items"][0]["request"],
        lines.iter().find(|l| l["kind"] == "item").expect("an item")["request"]
    );
}

#[test]
fn a_table_is_read_at_80_columns() {
    let case = Case::new();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").display().to_string();
    let ended = case.finish(case.command_of(&["preview", &samples])).exits(3);
    assert!(!ended.stdout.is_empty());
    assert!(!ended.stdout.contains('\u{1b}'), "no colour without a terminal");
}

#[test]
fn standard_input_is_a_source() {
    let case = Case::new().file("a.yaml", document("a", 2));
    let mut command = case.command("preview - --format jsonl");
    command.stdin(std::fs::File::open(case.path("a.yaml")).expect("a.yaml"));
    assert_eq!(count(&case.finish(command).exits(0).lines(), "item"), 2);
}

#[test]
fn a_denied_finding_is_wrong_use_whether_it_costs_an_operation_or_not() {
    let case = Case::new().file("a.yaml", document("a", 2));
    case.run("preview a.yaml --deny name-cut").exits(0);
    case.write("b.yaml", document("b", 1) + "x-webhooks: { a: {} }\n");
    case.run("preview b.yaml --deny not-imported").exits(2).says("1 denied finding");
}

#[test]
fn an_explanation_is_of_one_operation() {
    let case = Case::new().file("a.yaml", document("a", 2));
    case.write("apiferry.yaml", "defaults: { ServiceTimeout: 9 }\n");
    let route = case.run("preview a.yaml").exits(0).stdout;
    let path = route.split_whitespace().find(|word| word.starts_with('/')).expect("a path");
    let ended =
        case.finish(case.command_of(&["preview", "a.yaml", "--explain", &format!("get {path}")]));
    let ended = ended.exits(0);
    assert!(
        ended
            .stdout
            .contains("ServiceTimeout: 9\n      from the settings' defaults, apiferry.yaml:1:29"),
        "{}",
        ended.stdout
    );
    case.finish(case.command_of(&["preview", "a.yaml", "--explain", "GET /nowhere"]))
        .exits(2)
        .says("no source has the operation GET /nowhere");
    case.finish(case.command_of(&["preview", "a.yaml", "--explain", "/pets"]))
        .exits(2)
        .says("--explain needs");
}

/// The requests of a document by name.
fn requests(source: &std::path::Path) -> std::collections::BTreeMap<String, Value> {
    let command = format!("preview {} --format jsonl", source.display());
    let items = Case::new().run(&command).exits(0).lines().into_iter();
    let items = items.filter(|line| line["kind"] == "item").map(|line| line["request"].clone());
    items.map(|it| (it["ApiName"].as_str().expect("a name").to_owned(), it)).collect()
}

#[test]
fn the_petstore_gives_the_same_requests_in_2_0_json_and_in_3_0_yaml() {
    let Some(samples) = shared() else { return };
    let folder = samples.join("npm-oas-examples");
    let old = requests(&folder.join("2.0/json/petstore.json"));
    let new = requests(&folder.join("3.0/yaml/petstore.yaml"));
    assert_eq!(old.len(), 20);
    assert_eq!(old.keys().collect::<Vec<_>>(), new.keys().collect::<Vec<_>>());
    let mut differ = Vec::new();
    for (name, old) in &old {
        let (old, new) = (old.as_object().expect("fields"), new[name].as_object().expect("fields"));
        let fields: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).collect();
        let other = fields.into_iter().filter(|field| old.get(*field) != new.get(*field));
        differ.extend(other.map(|field| format!("{name} {field}")));
    }
    // What the documents themselves say otherwise: a capital letter in a summary, and media
    // types of answers that the newer one declares without content.
    let documents_differ = [
        "createUser ResponseType",
        "createUsersWithArrayInput ResponseType",
        "createUsersWithListInput ResponseType",
        "logoutUser ResponseType",
        "uploadFile ApiDesc",
    ];
    assert_eq!(differ, documents_differ);
}

#[test]
fn an_explanation_is_of_the_plan_and_tells_what_is_left_out_or_cannot_be_sent() {
    let other = EXPLAINED.replace("b.test", "c.test");
    let case = Case::new().file("a.yaml", EXPLAINED).file("b.yaml", other).file(
        "apiferry.yaml",
        "services: [{ sources: '*.yaml', service: service-m }]\n\
         rules:\n  - { match: { method: delete }, skip: retired }\npatch: any\n",
    );
    let explain = |sources: &str, route: &str, more: &str| {
        let mut args = vec!["preview"];
        args.extend(sources.split(' '));
        args.extend(["--explain", route]);
        args.extend(more.split_whitespace());
        case.finish(case.command_of(&args))
    };
    let told = explain("a.yaml", "PATCH /pets", "").exits(0);
    assert!(told.stdout.contains("from the settings' services, apiferry.yaml:1:42"), "{told:?}");
    assert!(told.stdout.contains("and patch: any, apiferry.yaml:4:8"), "{told:?}");
    let told = explain("a.yaml", "ANY /pets", "--service service-o").exits(0);
    assert!(told.stdout.contains("ServiceId: \"service-o\"\n      from --service\n"), "{told:?}");
    let told = explain("a.yaml", "DELETE /pets", "").exits(0);
    let skipped = "skipped: retired\n      from rule 1, apiferry.yaml:3:40";
    assert!(told.stdout.contains(skipped), "{told:?}");
    // The second document's is the same route, so it is unfit.
    let lines = explain("a.yaml b.yaml", "any /pets", "--format jsonl").exits(3).lines();
    let becomes: Vec<_> = lines.iter().map(|line| line["becomes"].as_str()).collect();
    assert_eq!(becomes, [Some("item"), Some("unfit")]);
    assert_eq!(lines[1]["findings"].as_array().map(Vec::len), Some(2));
    let whole = explain("a.yaml b.yaml", "DELETE /pets", "--format json").exits(0).stdout;
    let whole: Value = serde_json::from_str(&whole).expect("JSON");
    assert_eq!(whole["explanations"][1]["from"]["line"], 3);
    explain("a.yaml", "PUT /pets", "").exits(2).says("/pets has PATCH, ANY, DELETE");
    explain("c.yaml", "PUT /pets", "").exits(2).says("c.yaml: no such file");
}

const EXPLAINED: &str = "openapi: 3.0.0
info: { title: t, version: '1' }
servers: [{ url: http://b.test }]
paths:
  /pets:
    patch: { responses: {} }
    delete: { responses: {} }
";

/// Takes out what tells where something stands.
fn without_places(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let places = ["source", "version", "line", "column", "pointer"];
            fields.retain(|name, _| !places.contains(&name.as_str()));
            fields.values_mut().for_each(without_places);
        }
        Value::Array(items) => items.iter_mut().for_each(without_places),
        _ => {}
    }
}

#[test]
fn one_api_gives_the_same_requests_and_findings_whatever_version_it_is_written_in() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs");
    let lines = |name: &str, option: &str| {
        let command = format!("preview {} --format jsonl {option}", folder.join(name).display());
        let mut lines = Case::new().run(&command).lines();
        lines.iter_mut().for_each(without_places);
        lines
    };
    for option in ["", "--mock all"] {
        let old = lines("petstore-of-swagger2.json", option);
        assert_eq!(old.len(), 8);
        assert_eq!(old, lines("petstore-of-openapi3.yaml", option), "{option}");
    }
}

/// Two documents that fit but for an operation, and a file that is none.
fn two() -> Case {
    Case::new()
        .file("c/a.yaml", document("a", 3))
        .file("c/b.yaml", document("b", 2).replacen("get:", "patch:", 1))
        .file("c/notes.yaml", "remember: milk\n")
}

#[test]
fn several_documents_are_an_overview_and_full_lists_them() {
    let case = two();
    let shown = case.run("preview c").exits(3).stdout;
    assert!(
        shown.starts_with("2 documents, 5 operations: 4 items, 1 unfit, 0 skipped\n"),
        "{shown}"
    );
    assert!(
        shown.contains("patch-method: 1 operation in 1 document\n    first c/b.yaml:"),
        "{shown}"
    );
    assert!(!shown.contains("GET  /a/0"), "{shown}");
    assert!(shown.contains("    cure: patch: any (in apiferry.yaml)\n"), "{shown}");
    let listed = case.run("preview c --full").exits(3).stdout;
    assert!(listed.contains("GET  /a/0") && listed.contains("error[patch-method]"), "{listed}");
    let alone = case.run("preview c/b.yaml").exits(3).stdout;
    assert!(alone.find("error[patch-method]") < alone.find("GET  /b/1"), "errors first: {alone}");
}

#[test]
fn what_is_printed_can_be_narrowed_and_the_plan_stays_as_it_is() {
    let case = two();
    let jsonl = |options: &str| {
        let lines = case.run(&format!("preview c --format jsonl {options}")).exits(3).lines();
        let summary = lines.last().expect("a summary");
        assert_eq!(
            (&summary["operations"], &summary["unfit"]),
            (&5.into(), &1.into()),
            "{options}"
        );
        ["document", "item", "unfit"].map(|kind| count(&lines, kind))
    };
    assert_eq!(jsonl(""), [2, 4, 1]);
    assert_eq!(jsonl("--status unfit"), [1, 0, 1]);
    assert_eq!(jsonl("--status item"), [2, 4, 0]);
    assert_eq!(jsonl("--source a.yaml"), [1, 3, 0]);
    assert_eq!(jsonl("--finding patch-method"), [1, 0, 1]);
    assert_eq!(jsonl("--severity error"), [1, 0, 1]);
    assert_eq!(jsonl("--finding cookie-parameter"), [0, 0, 0]);
    case.run("preview c --finding patch-metod").exits(2).says("did you mean `patch-method`?");
    let table = case.run("preview c --status unfit").exits(3).stdout;
    assert!(table.contains("error[patch-method]") && !table.contains("/a/0"), "{table}");
}

#[test]
fn totals_alone_and_the_files_that_were_passed_over_are_told_where_asked_for() {
    let case = two();
    let totals = case.run("preview c -q").exits(3).stdout;
    assert_eq!(totals.lines().count(), 2, "{totals}");
    case.run("preview c -v").exits(3).says("passed over: c/notes.yaml\n");
    assert_eq!(case.run("preview c").exits(3).stderr, "");
}

#[test]
fn a_catalog_of_any_size_is_one_screen() {
    let case = Case::new();
    for n in 0..60 {
        let text = document(&format!("o{n}"), 3).replace("many.", &format!("many{n}."));
        case.write(
            &format!("a/folder/with/a/very/long/name/of/its/own/{n}/{}.yaml", "x".repeat(60)),
            text.replacen("get:", "trace:", 1),
        );
    }
    let shown = case.run("preview a --create-services").exits(3).stdout;
    assert!(shown.lines().count() <= 60, "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    assert!(shown.contains("unsupported-method: 60 operations in 60 documents"), "{shown}");
}

#[test]
fn sarif_has_a_rule_for_each_code_and_a_result_for_each_finding() {
    let case = two();
    case.write("c/broken.json", "{\"openapi\": \"3.0.0\", ");
    let whole: Value =
        serde_json::from_str(&case.run("preview c --format sarif").exits(3).stdout).expect("JSON");
    assert_eq!(whole["version"], "2.1.0");
    let run = &whole["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    assert_eq!(rules.len(), apiferry::plan::codes::all().count());
    let results = run["results"].as_array().expect("results");
    let of = |code: &str| results.iter().find(|it| it["ruleId"] == code).expect("a result");
    let patch = of("patch-method");
    let location = &patch["locations"][0]["physicalLocation"];
    assert_eq!((&patch["level"], &location["region"]["startLine"]), (&"error".into(), &6.into()));
    assert_eq!(location["artifactLocation"]["uri"], "c/b.yaml");
    assert_eq!(
        of("syntax-error")["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "c/broken.json"
    );
    // What is narrowed away is no result; a plan without findings is a run without results.
    let lines = case.run("preview c --format jsonl").exits(3).lines();
    let told = |line: &Value| line["findings"].as_array().map_or(0, Vec::len);
    assert_eq!(results.len(), lines.iter().map(told).sum::<usize>());
    let none = case.run("preview c/a.yaml --format sarif --severity error").exits(0).stdout;
    assert!(none.ends_with("\"results\":[]}]}\n"), "{none}");
}
