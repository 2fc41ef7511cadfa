//! Explanations of the cases in `tests/specs`: complete, and with their places.

use std::path::{Path, PathBuf};

use crate::plan::explain::*;
use crate::plan::plan_document;
use crate::settings;
use crate::spec::{DocumentSet, SourceText};
use crate::target::tencent::map;
use crate::target::tencent::model::{self, Field};

/// Origins that are not in a file.
const NOWHERE: &[&str] = &[
    DEFAULT,
    "--service",
    "--backend",
    "the type of the backend",
    "being an API that authorises others",
];

/// The documents of the cases, folders of several apart, each with its settings.
fn cases() -> Vec<(PathBuf, PlanSettings)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_document = |path: &PathBuf| {
        let name = path.to_string_lossy();
        path.is_file()
            && !["settings.yaml", "expected.json", "args"].iter().any(|e| name.ends_with(e))
    };
    names.filter(is_document).map(|path| (path.clone(), settings_of(&path))).collect()
}

fn settings_of(path: &Path) -> PlanSettings {
    let text = std::fs::read_to_string(path.with_extension("settings.yaml")).unwrap_or_default();
    let settings = settings::parse(&text, "apiferry.yaml").unwrap().plan;
    PlanSettings {
        fallback_service: Some("service-preview".into()),
        mapping: map::options::MappingOptions {
            backend: Some("http://option.test".into()),
            ..settings.mapping
        },
        ..settings
    }
}

/// All explanations of a document.
fn explanations(set: &DocumentSet, settings: &PlanSettings) -> Vec<(Explanation, Entry)> {
    let document = set.document().unwrap();
    let (planned, _) = plan_document(&document, settings);
    let context = map::document_context(&document, &settings.mapping);
    let entries = document.operations().zip(&planned.entries);
    entries
        .map(|(operation, entry)| (one(settings, &context, &operation, entry), entry.clone()))
        .collect()
}

/// The explanations in the cases, of all items: the case, the body as sent, the explanation.
fn items() -> Vec<(String, Value, Explanation)> {
    let mut items = Vec::new();
    for (path, settings) in cases() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let Ok(set) = DocumentSet::new(SourceText { name: name.as_str().into(), text }) else {
            continue;
        };
        if set.document().is_err() {
            continue;
        }
        for (explanation, entry) in explanations(&set, &settings) {
            if let Entry::Item(item) = entry {
                items.push((
                    name.clone(),
                    serde_json::from_str(&item.body(None)).unwrap(),
                    explanation,
                ));
            }
        }
    }
    assert!(items.len() > 150, "{}", items.len());
    items
}

#[test]
fn an_explanation_is_of_the_whole_request_as_it_is_sent() {
    for (case, body, explanation) in items() {
        let mut told = Value::Object(serde_json::Map::new());
        for Explained { field, value, .. } in explanation.fields {
            let pointer = format!("/{}", field.replace(['.', '['], "/").replace(']', ""));
            put(&mut told, &pointer, value);
        }
        let mut body = body;
        if let Some(id) = told.get("AuthRelationApiId") {
            body["AuthRelationApiId"] = id.clone();
        }
        assert_eq!(told, body, "{case}");
    }
}

/// Puts a value at a pointer, making what holds it.
fn put(into: &mut Value, pointer: &str, value: Value) {
    let segments: Vec<&str> = pointer.split('/').skip(1).collect();
    let mut here = into;
    for (index, segment) in segments.iter().enumerate() {
        let is_list = segments.get(index + 1).is_some_and(|next| next.parse::<usize>().is_ok());
        let fresh = if is_list { Value::Array(Vec::new()) } else { Value::Object(Fields::new()) };
        here = match here {
            Value::Array(items) => {
                items.push(fresh);
                items.last_mut().unwrap()
            }
            other => other.as_object_mut().unwrap().entry(*segment).or_insert(fresh),
        };
    }
    *here = value;
}

#[test]
fn every_field_has_somebody_who_says_it_and_its_place() {
    for (case, _, explanation) in items() {
        for Explained { field, from, .. } in &explanation.fields {
            assert!(!from.is_empty(), "{case}: nothing sets {field}");
            for origin in from {
                let is_placed = origin.place.as_ref().is_some_and(|place| place.line > 0);
                let is_nowhere = NOWHERE.contains(&&*origin.what);
                assert!(is_placed != is_nowhere, "{case}: {field} is set by {origin:?}");
                assert!(origin.what != "the document", "{case}: {field} is set by {origin:?}");
            }
        }
    }
}

#[test]
fn what_the_settings_say_stands_in_the_settings_at_that_place() {
    let mut seen = 0;
    for (case, _, explanation) in items() {
        for Explained { field, from, .. } in &explanation.fields {
            for place in from.iter().filter_map(|origin| origin.place.as_ref()) {
                if &*place.source == "apiferry.yaml" && from[0].what.starts_with("rule") {
                    let named = field.split('[').next().unwrap_or_default().replace('.', "/");
                    assert!(place.pointer.contains(&named), "{case}: {field} at {place:?}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn a_route_that_is_not_there_is_answered_with_the_one_that_was_meant() {
    let known = [("GET", "/pets/{id}"), ("PUT", "/pets/{id}"), ("GET", "/orders")];
    let known = known.map(|(method, path)| (method.to_owned(), path.to_owned()));
    let advice = |asked: &str| asked.parse::<Route>().unwrap().advice(&known);
    assert_eq!(advice("POST /pets/{id}").as_deref(), Some("/pets/{id} has GET, PUT"));
    assert_eq!(advice("get /pet/{id}").as_deref(), Some("did you mean 'GET /pets/{id}'?"));
    assert_eq!(advice("TRACE /zebra"), None);
    assert!("GET".parse::<Route>().is_err());
}

/// Fields that a document always sets itself, so that defaults do not.
const OF_DOCUMENTS: &[&str] = &[
    "ServiceType",
    "RequestConfig.Path",
    "RequestConfig.Method",
    "ApiName",
    "ServiceConfig.Url",
    "ServiceConfig.Path",
    "ServiceConfig.Method",
];

/// Values of a field, one for each number as far as it has so many.
fn value_of(field: &Field, number: usize) -> Value {
    let known: Vec<&str> = field.values().collect();
    match (field.kind(), known.as_slice()) {
        ("string", []) => format!("v{number}").into(),
        ("string", known) => known[number % known.len()].into(),
        ("integer", _) => (field.min().unwrap_or(0) + 1 + i64::try_from(number).unwrap()).into(),
        ("boolean", _) => number.is_multiple_of(2).into(),
        _ => match field.inner() {
            Some(of) => vec![object_of(of, number)].into(),
            None => vec![format!("v{number}")].into(),
        },
    }
}

fn object_of(of: &str, number: usize) -> Value {
    let fields = model::fields(of).iter();
    Value::Object(fields.map(|it| (it.name.clone(), value_of(it, number))).collect())
}

/// All fields that layers set as a whole: every field of the model, objects gone into.
fn leaves_of(of: &'static str, path: &[&'static str]) -> Vec<(Vec<&'static str>, &'static Field)> {
    let inner = |field: &'static Field| {
        let path = [path, &[field.name.as_str()]].concat();
        match field.inner() {
            Some(of) if field.kind() == "object" => leaves_of(of, &path),
            _ => vec![(path, field)],
        }
    };
    model::fields(of).iter().flat_map(inner).collect()
}

fn nested(path: &[&str], value: Value) -> Value {
    path.iter().rev().fold(value, |value, name| serde_json::json!({ *name: value }))
}

/// A backend for which a field means something.
fn kind_for(field: &str) -> &'static str {
    match field {
        "MicroServices" | "ServiceTsfLoadBalanceConf" | "ServiceTsfHealthCheckConf" => "TSF",
        "EventBusId" => "EB",
        "ServiceMockReturnMessage" => "MOCK",
        _ if field.starts_with("Target") => "TARGET",
        _ if field == "IsBase64Encoded" || field.starts_with("ServiceScf") => "SCF",
        _ if field.starts_with("ServiceWebsocket") => "SCF",
        _ => "HTTP",
    }
}

/// Document and settings in which the `highest` and all layers below it set a field.
fn set_by(path: &[&str], field: &Field, highest: usize) -> (String, PlanSettings) {
    let value = |number| value_of(field, number);
    let mut settings = serde_json::json!({ "rules": [] });
    let mut document = serde_json::json!({
        "openapi": "3.0.3",
        "servers": [{ "url": "http://b.test" }],
        "paths": { "/p": { "get": { "operationId": "o", "responses": {} } } },
    });
    let word = format!("x-apigw-{}", path[0].to_lowercase());
    let levels = ["", "/paths/~1p", "/paths/~1p/get"];
    settings["defaults"] = nested(path, value(0));
    for (number, level) in (1..).zip(levels).take(highest) {
        document.pointer_mut(level).unwrap()[&word] = nested(&path[1..], value(number));
    }
    let rules = settings["rules"].as_array_mut().unwrap();
    if highest == 4 {
        rules.extend([4, 5].map(|n| serde_json::json!({ "set": nested(path, value(n)) })));
    }
    if path[0] != "ServiceType" {
        rules.push(serde_json::json!({ "set": { "ServiceType": kind_for(path[0]) } }));
    }
    let plan = settings::parse(&settings.to_string(), "apiferry.yaml").unwrap().plan;
    (document.to_string(), plan)
}

#[test]
fn the_highest_layer_that_sets_a_field_is_shown_with_its_place() {
    let mut seen = 0;
    for (path, field) in leaves_of(model::REQUEST, &[]) {
        let name = path.join(".");
        let lowest = usize::from(OF_DOCUMENTS.contains(&&*name));
        for highest in lowest..=4 {
            let (text, settings) = set_by(&path, field, highest);
            let set = DocumentSet::new(SourceText { name: "a".into(), text }).unwrap();
            let (explanation, _) = explanations(&set, &settings).remove(0);
            let is_it = |it: &&Explained| it.field.split('[').next() == Some(&*name);
            let told = explanation.fields.iter().find(is_it).unwrap_or_else(|| panic!("{name}"));
            let mut wanted = match value_of(field, highest) {
                Value::Array(items) => items[0].clone(),
                value => value,
            };
            // An export spells positions in lower case; what documents say is read as meant.
            for position in ["Position", "RelevantRequestParameterPosition"] {
                let position = wanted.get_mut(position).filter(|_| (1..=3).contains(&highest));
                if let Some(position) = position {
                    *position = position.as_str().unwrap().to_uppercase().into();
                }
            }
            assert_eq!(told.value, wanted, "{name}, {highest}");
            let place = told.from[0].place.as_ref().unwrap_or_else(|| panic!("{name}"));
            let roots = ["/defaults/", "/x-", "/paths/~1p/x-", "/paths/~1p/get/x-", "/rules/0/"];
            assert!(place.pointer.starts_with(roots[highest]), "{name}: {place:?}");
            seen += 1;
        }
    }
    assert!(seen > 300, "{seen}");
}

#[test]
fn who_turns_cors_on_is_told_where_the_gateway_answers_options() {
    let check = |settings: &str, key: &str, expected: (&str, &str, u32)| {
        let text = format!("openapi: 3.0.3\npaths:\n  /a:\n    {key}: true\n    options: {{}}\n");
        let set = DocumentSet::new(SourceText { name: "a.yaml".into(), text }).unwrap();
        let settings = settings::parse(settings, "apiferry.yaml").unwrap().plan;
        let (explanation, _) = explanations(&set, &settings).pop().unwrap();
        let Becomes::Skipped { from, .. } = explanation.becomes else { panic!("not skipped") };
        let place = from.place.unwrap();
        assert_eq!((&*from.what, &*place.source, place.line), expected);
    };
    check("", "x-other", ("`options`", "a.yaml", 5));
    check("", "x-apigw-cors", ("`x-apigw-cors`", "a.yaml", 4));
    let rule = "rules:\n- set:\n    EnableCORS: true\n";
    check(rule, "x-apigw-cors", ("rule 1", "apiferry.yaml", 3));
}
