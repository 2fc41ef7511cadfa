//! Where each field of one operation's request comes from.
//!
//! The request is composed as for a plan; here every voice is kept and asked in turn. What
//! only other documents decide (a name that is taken, a route) is not known here.

use serde_json::Value;

use crate::spec::{Document, Finding, Operation, Place};

use super::backend::Base;
use super::compose::{Composed, Source, compose};
use super::draft::{extension_names, left_out, subject};
use super::layers::{Fields, said};
use super::notes::Notes;
use super::once::Once;
use super::scene::Context;
use super::settings::PlanSettings;
use super::voices::Voice;

/// One operation's request, field by field.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// As in the document.
    pub method: String,
    /// As in the document.
    pub path: String,
    /// Where the operation is.
    pub place: Place,
    /// Why it is left out; the request is then not composed.
    pub left_out: Option<String>,
    /// In the order of the request.
    pub fields: Vec<Explained>,
    /// What is to be told about the operation.
    pub findings: Vec<Finding>,
}

/// A field of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// Such as `ServiceConfig.Url` or `RequestParameters[0]`.
    pub field: String,
    /// As sent.
    pub value: Value,
    /// Who says it, in words.
    pub from: String,
    /// Where it is said, where that is a file.
    pub place: Option<Place>,
}

/// Explains the operations of a document that are meant: method and path as in the document
/// or as sent.
pub fn explain(
    document: &Document<'_>,
    settings: &PlanSettings,
    method: &str,
    path: &str,
) -> Vec<Explanation> {
    let base = Base::new(settings.backend.as_deref(), &document.source);
    let context = Context { settings, document, base };
    let explained = document.operations().map(|operation| one(&context, &operation));
    explained
        .filter(|it| {
            let sent = |field| it.fields.iter().find(|f| f.field == field).map(|f| &f.value);
            let same_method = it.method.eq_ignore_ascii_case(method)
                || sent("RequestConfig.Method").is_some_and(|sent| sent == method);
            let same_path =
                it.path == path || sent("RequestConfig.Path").is_some_and(|sent| sent == path);
            same_method && same_path
        })
        .collect()
}

fn one(context: &Context<'_>, operation: &Operation<'_>) -> Explanation {
    let names = extension_names(operation);
    let subject = subject(context, operation, &names);
    let mut explanation = Explanation {
        method: operation.method.to_string(),
        path: operation.path.to_string(),
        place: operation.place.clone(),
        left_out: left_out(context.settings, &subject),
        fields: Vec::new(),
        findings: operation.findings.clone(),
    };
    if explanation.left_out.is_some() {
        return explanation;
    }
    let notes = Notes {
        findings: operation.findings.clone(),
        origins: Some(Vec::new()),
        ..Notes::default()
    };
    match compose(context, operation, &subject, notes) {
        Err(reason) => explanation.left_out = Some(reason),
        Ok(composed) => {
            explanation.fields = fields(&composed, &operation.place);
            let mut once = Once::default();
            once.hear(composed.notes.once);
            explanation.findings = composed.notes.findings;
            explanation.findings.extend(once.findings());
            context.settings.judge(&mut explanation.findings);
        }
    }
    explanation
}

fn fields(composed: &Composed<'_>, place: &Place) -> Vec<Explained> {
    let Ok(Value::Object(request)) = serde_json::from_str(&composed.body) else {
        return Vec::new();
    };
    let mut fields = Vec::new();
    for (name, value) in request {
        leaves(&mut vec![name], &value, &mut |path, value| {
            let (from, place) = who(composed, path, place);
            fields.push(Explained { field: written(path), value: value.clone(), from, place });
        });
    }
    if let Some(authoriser) = &composed.authorised_by {
        let value = format!("the ApiId of {authoriser}, which is created first").into();
        let from = "authorised-by of the settings' security".into();
        fields.push(Explained { field: "AuthRelationApiId".into(), value, from, place: None });
    }
    fields
}

/// Calls `take` with every value that voices say as a whole: maps are gone into, and lists
/// item by item, since their items come from different places.
fn leaves(path: &mut Vec<String>, value: &Value, take: &mut impl FnMut(&[String], &Value)) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) if path.iter().all(|name| !name.starts_with('[')) => {
            fields.iter().map(|(name, value)| (name.clone(), value)).collect()
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().map(|(index, item)| (format!("[{index}]"), item)).collect()
        }
        _ => return take(path, value),
    };
    for (name, value) in inner {
        path.push(name);
        leaves(path, value, take);
        path.pop();
    }
}

/// `ServiceConfig.Url`, `RequestParameters[0]`.
fn written(path: &[String]) -> String {
    path.join(".").replace(".[", "[")
}

/// Who says a field: the strongest voice that does.
fn who(composed: &Composed<'_>, path: &[String], place: &Place) -> (String, Option<Place>) {
    let named: Vec<&str> =
        path.iter().map(String::as_str).filter(|p| !p.starts_with('[')).collect();
    if named == ["ServiceId"] {
        return of_service(composed);
    }
    let says = |fields: &Fields| said(fields, &named).is_some();
    if let Some(layer) = composed.layers.iter().find(|layer| says(&layer.fields)) {
        return of_voice(&layer.voice);
    }
    let is_built_in = composed.built_in.contains(&named[0]);
    let field = written(path);
    let origins = composed.notes.origins.iter().flatten();
    let mut origins = origins.filter(|origin| is_within(&field, &origin.field));
    if let Some(origin) = origins.next().filter(|_| !is_built_in) {
        return (origin.what.to_owned(), Some(origin.place.clone()));
    }
    if says(&composed.weaker) {
        return of_voice(&Voice::Defaults);
    }
    if is_built_in {
        ("built in".into(), None)
    } else {
        ("the document".into(), Some(place.clone()))
    }
}

fn is_within(field: &str, origin: &str) -> bool {
    field.strip_prefix(origin).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn of_service(composed: &Composed<'_>) -> (String, Option<Place>) {
    match composed.service_from {
        Source::Option => ("--service".into(), None),
        Source::Map => ("the settings' services".into(), None),
        Source::Made => ("--create-services".into(), None),
        Source::Spread => ("--spread, which decides document by document".into(), None),
        Source::Defaults => ("the settings' defaults".into(), None),
        Source::Fallback => ("nobody names a service".into(), None),
        Source::Stronger => {
            let says = |layer: &&super::voices::Layer<'_>| layer.fields.contains_key("ServiceId");
            let layer = composed.layers.iter().find(says);
            layer.map_or_else(|| ("the settings".into(), None), |layer| of_voice(&layer.voice))
        }
    }
}

fn of_voice(voice: &Voice) -> (String, Option<Place>) {
    match voice {
        Voice::Setting(name) => ((*name).into(), None),
        Voice::Rule(number, place) => (format!("rule {number}"), Some(place.clone())),
        Voice::Extension(place) => ("an extension".into(), Some(place.clone())),
        Voice::Security => ("the settings' security".into(), None),
        Voice::Defaults => ("the settings' defaults".into(), None),
    }
}
