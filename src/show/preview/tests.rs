//! A plan in each form, compared whole.

use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

use crate::finding::{Code, Finding, Place};
use crate::plan::explain::explain;
use crate::plan::{Entry, plan_document};
use crate::settings::PlanSettings;
use crate::show::preview::*;
use crate::spec::{DocumentSet, SourceText};

const PETS: &str = r#"openapi: 3.0.3
info: { title: 宠物商店 }
servers: [{ url: "https://pets.test/v1" }]
paths:
  /pets/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get: { operationId: getPet, responses: {} }
    patch: { operationId: changePet, responses: {} }
    delete: { operationId: removePet, deprecated: true, responses: {} }
  /pets:
    get: { operationId: listPets, parameters: [{ name: session, in: cookie, schema: {} }], responses: {} }
    trace: { operationId: tracePets, responses: {} }
"#;

fn settings() -> PlanSettings {
    PlanSettings {
        fallback_service: Some("service-preview".into()),
        exclude: vec!["deprecated".parse().unwrap()],
        ..PlanSettings::default()
    }
}

/// A document's plan and a broken source's, in this format.
fn written(text: &str, format: Format) -> String {
    let settings = settings();
    let set =
        DocumentSet::new(SourceText { name: "pets.yaml".into(), text: text.to_owned() }).unwrap();
    let (document, summary) = plan_document(&set.document().unwrap(), &settings);
    let place = Place { source: "broken.yaml".into(), line: 2, column: 3, pointer: "".into() };
    let unreadable = Unreadable {
        source: "broken.yaml".into(),
        findings: vec![Finding::new(Code::SYNTAX_ERROR, place, "this is no YAML")],
    };
    let summary = Summary { sources: 3, passed_over: 1, unreadable: 1, ..summary };
    let lines = Lines::of(&set, places(&document));
    let mut out = Vec::new();
    let mut preview = Preview::new(&mut out, format, Narrow::default());
    preview.document(&document, &lines).unwrap();
    preview.unreadable(&unreadable).unwrap();
    preview.finish(&summary).unwrap();
    String::from_utf8(out).unwrap()
}

fn places(document: &PlannedDocument) -> Vec<Place> {
    let of_entries = document.entries.iter().flat_map(Entry::findings);
    document.findings.iter().chain(of_entries).map(|finding| finding.place.clone()).collect()
}

fn table(text: &str) -> String {
    written(text, Format::Table(Style { width: 80, colour: false }, Extent::List))
}

#[test]
fn a_table_says_what_is_created_and_what_not_and_why() {
    snapbox::assert_data_eq!(table(PETS), snapbox::file!["testdata/pets.txt"]);
}

#[test]
fn a_table_keeps_to_its_width_and_to_the_terminal() {
    let hostile = PETS
        .replace("宠物商店", "\"a\\e]0;x\\a\\u202eb\"")
        .replace("getPet", &"很长的名字 ".repeat(30))
        .replace(
            "/pets/{id}",
            "/pets/{id}/宠物/很长很长很长很长很长很长很长很长很长很长很长很长很长很长",
        );
    for text in [PETS, hostile.as_str()] {
        let table = table(text);
        for line in table.lines() {
            assert!(line.width() <= 80, "{}: {line}", line.width());
        }
        assert!(!table.chars().any(|c| c.is_control() && c != '\n'), "{table}");
        assert!(!table.contains('\u{202e}'), "{table}");
    }
}

#[test]
fn each_cause_is_told_with_its_operations_and_of_very_many_the_rest_together() {
    let operation = |(n, parameter)| {
        format!("  /o{n}: {{get: {{parameters: [{{$ref: '#/p{parameter}'}}]}}}}\n")
    };
    let operations: String = (0..15).map(|n| (n, n)).chain([(15, 0)]).map(operation).collect();
    let text =
        format!("openapi: 3.0.0\nservers: [{{url: \"http://a.test\"}}]\npaths:\n{operations}");
    let told = table(&text);
    assert_eq!(told.matches("error[missing-reference]").count(), 9, "{told}");
    assert!(told.contains("in: GET /o0 (4:35), GET /o15 (19:36)"), "{told}");
    assert!(told.contains("`#/p8` does not exist (6 more;"), "{told}");
}

#[test]
fn colour_is_used_only_where_asked_for() {
    let coloured = written(PETS, Format::Table(Style { width: 80, colour: true }, Extent::List));
    assert!(coloured.contains("\x1b["));
    assert!(!table(PETS).contains("\x1b["));
}

#[test]
fn jsonl_has_a_line_for_everything_in_the_order_of_the_sources() {
    let text = written(PETS, Format::Jsonl);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = lines.iter().map(|line| line["kind"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["document", "item", "unfit", "skipped", "item", "unfit", "unreadable", "summary"]
    );
    assert_eq!(lines[7]["operations"], 5);
    assert_eq!(lines[7]["unreadable"], 1);
    assert_eq!(lines[7]["findings"]["cookie-parameter"], 1);
    assert_eq!(lines[1]["request"]["ServiceConfig"]["Path"], "/v1/pets/{id}");
}

#[test]
fn json_is_the_same_by_kind() {
    let whole: Value = serde_json::from_str(&written(PETS, Format::Json)).unwrap();
    let keys: Vec<&String> = whole.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["documents", "items", "unfit", "skipped", "unreadable", "summary"]);
    let text = written(PETS, Format::Jsonl);
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let items: Vec<Value> = lines.filter(|line| line["kind"] == "item").collect();
    assert_eq!(whole["items"], Value::from(items));
    assert_eq!(whole["summary"]["kind"], Value::Null);
}

#[test]
fn an_explanation_names_who_says_each_field_and_where() {
    let text = PETS.replace("operationId: getPet", "operationId: getPet, x-apigw-cors: true");
    let file = "defaults: { ServiceTimeout: 9 }\nrules:\n  - set: { ServiceConfig: { Url: \"http://rule.test\" } }\n";
    let plan = crate::settings::parse(file, "apiferry.yaml").unwrap().plan;
    let plan = PlanSettings { fallback_service: Some("service-preview".into()), ..plan };
    let set = DocumentSet::new(SourceText { name: "pets.yaml".into(), text }).unwrap();
    let document = set.document().unwrap();
    let (planned, _) = plan_document(&document, &plan);
    let found = explain(&document, &planned, &plan, &"get /pets/{id}".parse().unwrap());
    assert_eq!(found.len(), 1);
    let mut out = Vec::new();
    let mut explanations =
        Explanations::new(&mut out, Format::Table(Style::default(), Extent::List));
    let places = found[0].findings.iter().map(|finding| finding.place.clone());
    explanations.write(&found[0], &Lines::of(&set, places)).unwrap();
    explanations.finish().unwrap();
    snapbox::assert_data_eq!(
        String::from_utf8(out).unwrap(),
        snapbox::file!["testdata/explain.txt"]
    );
}
