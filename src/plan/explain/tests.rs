//! Explanations of the cases in `tests/specs`: complete, and with their places.

use std::path::{Path, PathBuf};

use super::*;
use crate::plan::{Planner, draft, settings};
use crate::spec::{Shelf, Source as Text};

/// What is said in no file.
const NOWHERE: &[&str] = &[
    DEFAULT,
    "--service",
    "--backend",
    "the type of the backend",
    "its being an API that authorises others",
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
        backend: Some("http://option.test".into()),
        ..settings
    }
}

/// All explanations of a document.
fn explanations(shelf: &Shelf, settings: &PlanSettings) -> Vec<(Explanation, Entry)> {
    let document = shelf.document().unwrap();
    let planned = Planner::new(settings).admit(draft(&document, settings));
    let base = Base::new(settings.backend.as_deref(), &document.source);
    let context = Context { settings, document: &document, base };
    let entries = document.operations().zip(&planned.entries);
    entries.map(|(operation, entry)| (one(&context, &operation, entry), entry.clone())).collect()
}

/// What is said in the cases, of all items: the case, the body as sent, the explanation.
fn items() -> Vec<(String, Value, Explanation)> {
    let mut items = Vec::new();
    for (path, settings) in cases() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let Ok(shelf) = Shelf::new(Text { name: name.as_str().into(), text }) else { continue };
        if shelf.document().is_err() {
            continue;
        }
        for (explanation, entry) in explanations(&shelf, &settings) {
            if let Entry::Item(item) = entry {
                items.push((name.clone(), serde_json::from_str(&item.body).unwrap(), explanation));
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
            assert!(!from.is_empty(), "{case}: nobody says {field}");
            for said in from {
                let is_placed = said.place.as_ref().is_some_and(|place| place.line > 0);
                let is_nowhere = NOWHERE.contains(&&*said.what);
                assert!(is_placed != is_nowhere, "{case}: {field} is said by {said:?}");
                assert!(said.what != "the document", "{case}: {field} is said by {said:?}");
            }
        }
    }
}

#[test]
fn what_the_settings_say_stands_in_the_settings_at_that_place() {
    let mut seen = 0;
    for (case, _, explanation) in items() {
        for Explained { field, from, .. } in &explanation.fields {
            for place in from.iter().filter_map(|said| said.place.as_ref()) {
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
