//! The gateway's own words in a document: `x-apigw-*`.
//!
//! The published ones are few and belong to operations. Here every field of `CreateApi` has
//! one, its name in kebab case (`x-apigw-service-scf-function-name`), at the document's root,
//! at a path and at an operation. What they set is checked against the type model: a document is
//! not a settings file, so a slip costs a warning, and only a value that cannot be sent
//! makes the operation unfit.

use serde_json::Value;

use crate::finding::notes::Notes;
use crate::finding::{Code, Finding, Place};
use crate::spec::Node;
use crate::spec::model::Extension;

use crate::target::tencent::fields::Fields;
use crate::target::tencent::model::{self, Problem};
use crate::target::tencent::names::item;
use crate::text::did_you_mean;

const PREFIX: &str = "x-apigw-";

/// Words that are not a field's name in kebab case. One is published with its slip.
const NAMES: &[(&str, &str)] = &[
    ("cors", "EnableCORS"),
    ("const-paramters", "ConstantParameters"),
    ("const-parameters", "ConstantParameters"),
];

/// At the root: a request is made of the words alone.
const EXACT: &str = "exact";

/// At an operation: which one authorises it.
const AUTHORISED_BY: &str = "authorised-by";

/// Words for what the gateway says of an API and no request sets: an export may hold them.
const READ_ONLY: &[&str] = &[
    "api-id",
    "created-time",
    "environments",
    "internal-domain",
    "micro-services-info",
    "modified-time",
    "read-back",
    "service-desc",
    "service-name",
    "tags",
];

/// Fields that only the call which modifies an API takes.
const OF_MODIFY: &[&str] = &["is-base64-trigger", "base64-encoded-trigger-rules"];

/// What the gateway's own import reads in `x-apigw-backend` and its create call lacks.
const WITHOUT_FIELD: &[&str] = &["MockReturnHttpStatusCode", "MockReturnHttpHeaders"];

/// Whether an extension is one of the gateway's own words.
pub(crate) fn is_ours(name: &str) -> bool {
    name.starts_with(PREFIX)
}

/// The fields that the extensions of one level set.
pub(crate) fn fields<'a>(
    extensions: &'a [Extension<'a>],
    notes: &mut Notes,
) -> Vec<(Extension<'a>, Fields)> {
    let ours = extensions.iter().filter_map(|e| Some((e.name.strip_prefix(PREFIX)?, e)));
    let is_field =
        |word: &str| !READ_ONLY.contains(&word) && ![EXACT, AUTHORISED_BY].contains(&word);
    let set = ours.filter(|(word, _)| is_field(word));
    set.filter(|(_, extension)| !extension.node().is_null())
        .filter_map(|(word, extension)| {
            let fields = one(word, extension.node(), &extension.place(), notes)?;
            Some((*extension, fields))
        })
        .collect()
}

/// Where an extension sets the field at this pointer of a request.
pub(crate) fn place_of(extension: Extension<'_>, pointer: &str) -> Place {
    let is_backend = extension.name.strip_prefix(PREFIX) == Some("backend");
    match if is_backend { pointer } else { below(pointer) } {
        "" => extension.place(),
        inner => extension.node().nearest(inner).place(),
    }
}

/// The fields that `x-apigw-WORD: NODE` sets.
fn one(word: &str, node: Node<'_>, place: &Place, notes: &mut Notes) -> Option<Fields> {
    let mut fields = unchecked(word, node, place, notes)?;
    fields.values_mut().for_each(tidy);
    for misfit in model::check(&fields, &|_| false) {
        let inner = if word == "backend" { &*misfit.pointer } else { below(&misfit.pointer) };
        let place = if inner.is_empty() { place.clone() } else { node.nearest(inner).place() };
        remove(&mut fields, &misfit.pointer);
        match &misfit.problem {
            Problem::Unknown { name, known } => {
                notes.findings.push(without_field(name, known, place));
            }
            problem => {
                let finding = Finding::new(Code::INVALID_FIELD, place, problem.to_string());
                notes.findings.push(Finding { hint: problem.advice(None), ..finding });
            }
        }
    }
    Some(fields)
}

/// Takes out nulls, which say nothing, and writes positions as requests do: the gateway's own
/// texts write `path`, and what it answers may as well.
fn tidy(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            for (name, value) in fields {
                match value {
                    Value::String(text) if name.ends_with(item::POSITION) => {
                        text.make_ascii_uppercase();
                    }
                    inner => tidy(inner),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// The same, whether they can be sent or not.
fn unchecked(word: &str, node: Node<'_>, place: &Place, notes: &mut Notes) -> Option<Fields> {
    match (word, node.to_value()) {
        ("backend", Value::Object(mut fields)) => {
            fields.retain(|_, value| !value.is_null());
            Some(fields)
        }
        ("backend", _) => {
            notes.tell(Code::INVALID_FIELD, place, format!("`{PREFIX}backend` is an object"));
            None
        }
        (_, value) => {
            let name = field_of(word);
            if name.is_none() {
                unknown(word, place, notes);
            }
            Some(Fields::from_iter([(name?.to_owned(), value)]))
        }
    }
}

/// Whether the document's root says that its words are all that a request is made of.
pub(crate) fn is_exact(extensions: &[Extension<'_>]) -> bool {
    let exact = extensions.iter().find(|it| it.name.strip_prefix(PREFIX) == Some(EXACT));
    exact.and_then(|it| it.node().as_bool()) == Some(true)
}

/// The `operationId` of the API that authorises, where a word names it.
pub(crate) fn authorised_by(extensions: &[Extension<'_>]) -> Option<String> {
    let word = extensions.iter().find(|it| it.name.strip_prefix(PREFIX) == Some(AUTHORISED_BY))?;
    word.node().as_str().map(str::to_owned)
}

/// The word for a field.
pub(crate) fn word_of(field: &str) -> String {
    let own = NAMES.iter().find(|(_, name)| *name == field).map(|(word, _)| (*word).to_owned());
    format!("{PREFIX}{}", own.unwrap_or_else(|| kebab(field)))
}

/// The pointer without its first segment.
fn below(pointer: &str) -> &str {
    pointer[1..].find('/').map_or("", |at| &pointer[at + 1..])
}

/// The field that a word means: its name, hyphens and case apart.
fn field_of(word: &str) -> Option<&'static str> {
    if let Some((_, name)) = NAMES.iter().find(|(own, _)| *own == word) {
        return Some(name);
    }
    let folded = word.replace('-', "");
    let fields = model::fields(model::REQUEST).iter();
    fields.map(|field| field.name.as_str()).find(|name| name.eq_ignore_ascii_case(&folded))
}

fn unknown(word: &str, place: &Place, notes: &mut Notes) {
    if OF_MODIFY.contains(&word) {
        let message = format!("`{PREFIX}{word}` is not sent: only ModifyApi takes it");
        return notes.tell(Code::EXTENSION_NOT_CARRIED, place, message);
    }
    let message = format!("`{PREFIX}{word}` is not a field of CreateApi");
    let words: Vec<String> =
        model::fields(model::REQUEST).iter().map(|field| kebab(&field.name)).collect();
    let own = NAMES.iter().map(|(word, _)| *word).chain(["backend"]);
    let hint = did_you_mean(word, words.iter().map(String::as_str).chain(own));
    let finding = Finding::new(Code::EXTENSION_NOT_CARRIED, place.clone(), message);
    notes.findings.push(Finding { hint, ..finding });
}

fn without_field(name: &str, known: &[&str], place: Place) -> Finding {
    let message = if WITHOUT_FIELD.contains(&name) {
        format!("CreateApi has no field for `{name}`")
    } else {
        format!("there is no field `{name}`")
    };
    let hint = did_you_mean(name, known.iter().copied());
    let finding = Finding::new(Code::EXTENSION_NOT_CARRIED, place, message);
    Finding { hint: hint.filter(|_| !WITHOUT_FIELD.contains(&name)), ..finding }
}

fn remove(fields: &mut Fields, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
    let name = name.replace("~1", "/").replace("~0", "~");
    if parent.is_empty() {
        fields.shift_remove(&name);
        return;
    }
    let mut segments = parent.split('/').skip(1);
    let first = segments.next().and_then(|segment| fields.get_mut(segment));
    let inner = segments.fold(first, |here, segment| match here? {
        Value::Object(fields) => fields.get_mut(segment),
        Value::Array(items) => items.get_mut(segment.parse::<usize>().ok()?),
        _ => None,
    });
    if let Some(Value::Object(inner)) = inner {
        inner.shift_remove(&name);
    }
}

fn kebab(name: &str) -> String {
    let mut word = String::new();
    let mut was_upper = true;
    for c in name.chars() {
        if c.is_ascii_uppercase() && !was_upper {
            word.push('-');
        }
        was_upper = c.is_ascii_uppercase();
        word.push(c.to_ascii_lowercase());
    }
    word
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::spec::SourceText;
    use crate::spec::tree::Tree;

    /// The fields that `x-apigw-WORD` sets, and the findings: code, pointer, message.
    fn read(word: &str, value: &Value) -> (Value, Vec<(Code, String, String)>) {
        let source = SourceText { name: "a".into(), text: json!({ "x": value }).to_string() };
        let tree = Tree::read(source).unwrap();
        let (key, node) = tree.root().entry("x").unwrap();
        let mut notes = Notes::default();
        let fields = one(word, node, &key.place(), &mut notes).unwrap_or_default();
        let told = notes.findings.into_iter();
        (
            Value::Object(fields),
            told.map(|f| (f.code, f.place.pointer.to_string(), f.message)).collect(),
        )
    }

    #[test]
    fn every_field_has_a_word() {
        for field in model::fields(model::REQUEST) {
            assert_eq!(field_of(&kebab(&field.name)), Some(field.name.as_str()));
        }
        assert_eq!(field_of("cors"), Some("EnableCORS"));
        assert_eq!(field_of("eiam-app-id"), Some("EIAMAppId"));
        assert_eq!(field_of("const-paramters"), Some("ConstantParameters"));
        assert_eq!(field_of("nothing"), None);
    }

    #[test]
    fn a_backend_sets_several_fields() {
        let backend = json!({ "ServiceType": "HTTP", "ServiceConfig": { "Url": "http://b.test" } });
        assert_eq!(read("backend", &backend), (backend, vec![]));
    }

    #[test]
    fn what_has_no_field_is_left_out_and_told() {
        let (fields, told) = read(
            "backend",
            &json!({
                "ServiceType": "MOCK",
                "MockReturnHttpStatusCode": 200,
                "ServiceConfig": { "url": "x" },
            }),
        );
        assert_eq!(fields, json!({ "ServiceType": "MOCK", "ServiceConfig": {} }));
        assert_eq!(told[0].1, "/x/MockReturnHttpStatusCode");
        assert_eq!(told[1].1, "/x/ServiceConfig/url");
        assert!(told.iter().all(|(code, ..)| *code == Code::EXTENSION_NOT_CARRIED));
        assert_eq!(read("timeouts", &json!(1)).1[0].0, Code::EXTENSION_NOT_CARRIED);
    }

    #[test]
    fn a_value_that_cannot_be_sent_is_an_error() {
        let (_, told) = read("cors", &json!("yes"));
        assert_eq!(
            told,
            [(Code::INVALID_FIELD, "/x".into(), "`EnableCORS` is true or false".into())]
        );
        let (_, told) = read("const-paramters", &json!([{ "Position": "BODY" }]));
        assert_eq!(told[0].1, "/x/0/Position");
        assert_eq!(read("backend", &json!([])).1[0].0, Code::INVALID_FIELD);
    }
}
