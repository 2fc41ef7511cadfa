//! Where each field of one operation's request comes from.
//!
//! What is explained is the plan: the request as the plan has it, and for every field the
//! layer of highest precedence that sets it, with the place. The operation is composed once
//! more for that, with every layer kept; plans are too many to keep them always.

use std::str::FromStr;

use serde_json::Value;

use crate::finding::notes::{DEFAULT, Notes, ValueOrigin};
use crate::finding::{Finding, Place};
use crate::plan::compose::{Composed, Source, compose};
use crate::plan::document::PlannedDocument;
use crate::plan::draft::{Draft, Kind, LeftOut, extension_names, left_out, subject};
use crate::plan::item::{Entry, Skipped, Unfit};
use crate::plan::tally::Tally;
use crate::settings::PlanSettings;
use crate::settings::baseline::Baseline;
use crate::settings::layers::{Applied, LayerSource};
use crate::spec::{Document, Operation};
use crate::target::tencent::fields::{Fields, value};
use crate::target::tencent::map;
use crate::target::tencent::map::context::DocumentContext;
use crate::target::tencent::map::extension;
use crate::target::tencent::names;
use crate::text::nearest;

/// The operation that is asked about: method and path as in the document or as sent.
#[derive(Debug, Clone)]
pub struct Route {
    method: String,
    path: String,
}

impl FromStr for Route {
    type Err = ();

    /// Reads `GET /pets/{id}`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (method, path) = text.trim().split_once(char::is_whitespace).ok_or(())?;
        Ok(Self { method: method.to_owned(), path: path.trim().to_owned() })
    }
}

impl Route {
    fn is(&self, method: &str, path: &str) -> bool {
        self.method.eq_ignore_ascii_case(method) && self.path == path
    }

    /// Whether a document may have it: what is unfit can be meant by what would have been
    /// sent, which only its explanation shows.
    pub fn may_be_in(&self, draft: &Draft) -> bool {
        draft.entries.iter().any(|entry| match &entry.kind {
            _ if self.is(&entry.method, &entry.path) => true,
            Kind::Item(item) => self.is(&item.method, &item.path),
            Kind::Unfit => true,
            Kind::Skipped { .. } => false,
        })
    }

    /// What was probably meant, of the routes that there are, each a method and a path.
    pub fn advice(&self, known: &[(String, String)]) -> Option<String> {
        let here = known.iter().filter(|(_, path)| *path == self.path);
        let methods: Vec<&str> = here.map(|(method, _)| method.as_str()).collect();
        if !methods.is_empty() {
            return Some(format!("{} has {}", self.path, methods.join(", ")));
        }
        let written: Vec<String> =
            known.iter().map(|(method, path)| format!("{method} {path}")).collect();
        let asked = format!("{} {}", self.method, self.path);
        let near = nearest(&asked, written.iter().map(String::as_str))?;
        Some(format!("did you mean '{near}'?"))
    }
}

/// One operation's request, field by field.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// As in the document.
    pub method: String,
    /// As in the document.
    pub path: String,
    /// Where the operation is.
    pub place: Place,
    /// What the plan makes of it.
    pub becomes: Becomes,
    /// In the order of the request; none where it is left out.
    pub fields: Vec<Explained>,
    /// Findings about the operation.
    pub findings: Vec<Finding>,
}

impl Explanation {
    fn is_sent_as(&self, route: &Route) -> bool {
        let sent = |field: &str| {
            let found = self.fields.iter().find(|it| it.field == field);
            found.and_then(|it| it.value.as_str()).unwrap_or_default()
        };
        route.is(sent(names::METHOD), sent(names::PATH))
    }
}

/// What the plan makes of an operation.
#[derive(Debug, Clone, PartialEq)]
pub enum Becomes {
    /// An item.
    Item,
    /// It cannot be sent; the request is what it would have been.
    Unfit,
    /// It is left out.
    Skipped {
        /// Why.
        reason: String,
        /// What leaves it out.
        from: ValueOrigin,
    },
}

/// A field of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// Such as `ServiceConfig.Url` or `RequestParameters[0]`.
    pub field: String,
    /// As sent.
    pub value: Value,
    /// What sets it; for a value made of several parts, what sets each.
    pub from: Vec<ValueOrigin>,
}

/// Explains the operations of a document that are meant, as they were planned.
pub fn explain(
    document: &Document<'_>,
    planned: &PlannedDocument,
    settings: &PlanSettings,
    route: &Route,
) -> Vec<Explanation> {
    let context = map::document_context(document, &settings.mapping);
    let entries = document.operations().zip(&planned.entries);
    let explained = entries.filter_map(|(operation, entry)| {
        let (method, path) = entry.route();
        if route.is(operation.method.as_str(), &operation.path) || route.is(method, path) {
            return Some(one(settings, &context, &operation, entry));
        }
        // What is unfit is not sent, and can be meant by what would have been.
        let Entry::Unfit(_) = entry else { return None };
        Some(one(settings, &context, &operation, entry)).filter(|it| it.is_sent_as(route))
    });
    explained.collect()
}

/// Explains every operation of a document, in the order of its entries.
pub fn explain_all(
    document: &Document<'_>,
    planned: &PlannedDocument,
    settings: &PlanSettings,
) -> Vec<Explanation> {
    let context = map::document_context(document, &settings.mapping);
    let entries = document.operations().zip(&planned.entries);
    entries.map(|(operation, entry)| one(settings, &context, &operation, entry)).collect()
}

fn one(
    settings: &PlanSettings,
    context: &DocumentContext<'_>,
    operation: &Operation<'_>,
    entry: &Entry,
) -> Explanation {
    let names = extension_names(operation);
    let subject = subject(context, operation, &names);
    let mut explanation = Explanation {
        method: operation.method.to_string(),
        path: operation.path.to_string(),
        place: operation.place.clone(),
        becomes: Becomes::Item,
        fields: Vec::new(),
        findings: entry.findings().to_vec(),
    };
    let rules = settings.rules_for(&subject);
    if let Entry::Skipped(skipped) = entry {
        let from = if let Some(by) = left_out(settings, &subject, &rules) {
            of_skip(settings, &by)
        } else {
            let base = &context.base;
            of_cors(Applied { settings, subject: &subject, rules: &rules, operation, base })
        };
        explanation.becomes = Becomes::Skipped { reason: skipped.reason.clone(), from };
        return explanation;
    }
    let notes = Notes {
        findings: operation.findings.clone(),
        origins: Some(Vec::new()),
        ..Notes::default()
    };
    if let Ok(mut composed) = compose(settings, context, operation, &subject, &rules, notes) {
        let baseline = Baseline::of(&rules);
        baseline.judge_counted(settings, &mut composed.notes);
        let mut tally = Tally::default();
        tally.count(std::mem::take(&mut composed.notes.counted));
        let mut told: Vec<Finding> = tally.findings().collect();
        baseline.judge(settings, &mut told);
        explanation.findings.extend(told);
        let asked = Asked { composed: &composed, settings, operation };
        explanation.fields = match entry {
            Entry::Item(item) => asked.fields(&item.body(None)),
            Entry::Unfit(Unfit { service, .. }) | Entry::Skipped(Skipped { service, .. }) => {
                asked.fields(&composed.body.with(service, None))
            }
        };
    }
    if let Entry::Unfit(_) = entry {
        explanation.becomes = Becomes::Unfit;
    }
    explanation
}

fn of_skip(settings: &PlanSettings, by: &LeftOut<'_>) -> ValueOrigin {
    match by {
        LeftOut::Include => ValueOrigin::nowhere("--include"),
        LeftOut::Exclude(expr) => {
            ValueOrigin { what: format!("--exclude {}", expr.text).into(), place: None }
        }
        LeftOut::Rule(rule) => {
            let pointer = format!("/rules/{}/skip", rule.number - 1);
            ValueOrigin {
                what: format!("rule {}", rule.number).into(),
                place: settings.place(&pointer),
            }
        }
    }
}

/// Everything that may set a field.
struct Asked<'a> {
    composed: &'a Composed<'a>,
    settings: &'a PlanSettings,
    operation: &'a Operation<'a>,
}

impl Asked<'_> {
    fn fields(&self, body: &str) -> Vec<Explained> {
        let Ok(Value::Object(request)) = serde_json::from_str(body) else { return Vec::new() };
        let mut fields = Vec::new();
        for (name, value) in request {
            leaves(&mut vec![name], &value, &mut |path, value| {
                let (field, value, from) = (written(path), value.clone(), self.who(path));
                fields.push(Explained { field, value, from });
            });
        }
        fields.extend(self.authoriser());
        fields
    }

    /// What is filled in when the API that authorises is there.
    fn authoriser(&self) -> Option<Explained> {
        let authoriser = self.composed.authorised_by.as_ref()?;
        let field = names::AUTHORISER_ID.to_owned();
        let value = format!("the ApiId of {authoriser}, which is created first").into();
        let from = vec![of_layer(
            self.settings,
            LayerSource::Security(self.composed.security),
            "/authorised-by",
        )];
        Some(Explained { field, value, from })
    }

    /// What sets a field: the layer of highest precedence that does.
    fn who(&self, path: &[String]) -> Vec<ValueOrigin> {
        let composed = self.composed;
        let named: Vec<&str> =
            path.iter().map(String::as_str).filter(|p| !p.starts_with('[')).collect();
        if named == [names::SERVICE_ID] {
            return vec![self.of_service()];
        }
        let dotted = named.join(".");
        let says = |fields: &Fields| value(fields, &dotted).is_some();
        if let Some(layer) = composed.layers.iter().find(|layer| says(&layer.fields)) {
            return vec![of_layer(self.settings, layer.source, &pointer(path))];
        }
        let is_built_in = composed.built_in.contains(&named[0]);
        let origins = self.origins(&written(path));
        match (is_built_in, says(&composed.defaults)) {
            (false, _) if !origins.is_empty() => origins,
            (_, true) => vec![self.of_defaults(&pointer(path))],
            (true, false) => vec![ValueOrigin::nowhere(DEFAULT)],
            (false, false) => {
                let place = Some(self.operation.place.clone());
                vec![ValueOrigin { what: "the document".into(), place }]
            }
        }
    }

    /// What in the document, or made of it by a setting, a field comes from.
    fn origins(&self, field: &str) -> Vec<ValueOrigin> {
        let origins = self.composed.notes.origins.iter().flatten();
        let origins = origins.filter(|origin| is_within(field, &origin.field));
        origins.map(|origin| origin.origin.clone()).collect()
    }

    fn of_service(&self) -> ValueOrigin {
        let settings = self.settings;
        match self.composed.service_from {
            Source::Option => ValueOrigin::nowhere("--service"),
            Source::ToAssign if settings.create_services.is_some() => {
                ValueOrigin::nowhere("--create-services")
            }
            Source::ToAssign => ValueOrigin::nowhere("--spread"),
            Source::Assigned => ValueOrigin::nowhere("an earlier run"),
            Source::Fallback => ValueOrigin::nowhere(DEFAULT),
            Source::Defaults => self.of_defaults(&format!("/{}", names::SERVICE_ID)),
            Source::Map => {
                let source = &self.operation.place.source;
                let index = settings.services.iter().position(|rule| rule.takes(source));
                let pointer = format!("/services/{}/service", index.unwrap_or_default());
                ValueOrigin {
                    what: "the settings' services".into(),
                    place: settings.place(&pointer),
                }
            }
            Source::Overrides => {
                let mut layers = self.composed.layers.iter();
                let layer = layers.find(|layer| layer.fields.contains_key(names::SERVICE_ID));
                layer.map_or(ValueOrigin::nowhere(DEFAULT), |it| {
                    of_layer(self.settings, it.source, &format!("/{}", names::SERVICE_ID))
                })
            }
        }
    }

    fn of_defaults(&self, pointer: &str) -> ValueOrigin {
        let place = self.settings.place(&format!("/defaults{pointer}"));
        ValueOrigin { what: "the settings' defaults".into(), place }
    }
}

/// What turns CORS on, for an OPTIONS that the gateway then answers.
fn of_cors(applied: Applied<'_>) -> ValueOrigin {
    let mut layers = applied.overrides(&mut Notes::default());
    applied.security(&mut layers, &mut Notes::default());
    match layers.iter().find(|layer| layer.fields.contains_key(names::ENABLE_CORS)) {
        Some(layer) => {
            of_layer(applied.settings, layer.source, &format!("/{}", names::ENABLE_CORS))
        }
        None => ValueOrigin {
            what: "`options`".into(),
            place: Some(applied.operation.place_of("options")),
        },
    }
}

/// The layer that sets the value at this pointer of the request.
fn of_layer(settings: &PlanSettings, source: LayerSource<'_>, pointer: &str) -> ValueOrigin {
    let (what, place) = match source {
        LayerSource::MockAll => return settings.mapping.mock_origin("all"),
        LayerSource::Rule(rule) => {
            let set = format!("/rules/{}/set{pointer}", rule.number - 1);
            (format!("rule {}", rule.number), settings.place(&set))
        }
        LayerSource::Extension(extension) => {
            let place = extension::place_of(extension, pointer);
            (format!("`{}`", extension.name), Some(place))
        }
        LayerSource::Security(Some(rule)) => {
            let place = settings.place(&(rule.pointer() + pointer));
            (format!("`{}` of the settings' security", rule.scheme), place)
        }
        LayerSource::Security(None) => ("being an API that authorises others".to_owned(), None),
    };
    ValueOrigin { what: what.into(), place }
}

/// Calls `take` with every value that is set as a whole: maps are gone into, and lists
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

/// `/ServiceConfig/Url`, `/RequestParameters/0`.
fn pointer(path: &[String]) -> String {
    let segments = path.iter().map(|name| name.trim_matches(['[', ']']));
    segments.fold(String::new(), |pointer, segment| pointer + "/" + segment)
}

fn is_within(field: &str, origin: &str) -> bool {
    field.strip_prefix(origin).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests;
