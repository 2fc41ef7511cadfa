//! First step of a plan: one document alone, everything that needs no other document.
//!
//! A draft is a function of document and settings, so drafts are made in parallel. What
//! several documents share (names, routes, quotas) is the [`super::Planner`]'s.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::gateway::request::CreateApi;
use crate::spec::{Code, Document, Finding, Method, Operation, Place};

use super::backend::Base;
use super::layers::{Fields, fill, said};
use super::map::{self, Mapped};
use super::notes::Notes;
use super::scene::{Context, Scene};
use super::select::Subject;
use super::settings::PlanSettings;
use super::voices::{self, Ear};
use super::{Digest, Item, ItemKey, Origin, Skipped, Unfit, is_unfit, limits, naming};

/// A document and what its operations became, other documents not looked at.
#[derive(Debug)]
pub struct Draft {
    pub(super) source: Arc<str>,
    pub(super) version: String,
    pub(super) title: Option<String>,
    pub(super) findings: Vec<Finding>,
    pub(super) entries: Vec<DraftEntry>,
}

/// What one operation became so far.
#[derive(Debug)]
pub(super) enum DraftEntry {
    /// An item, with method and path as in the document.
    Fit { item: Box<Item>, method: String, path: String },
    /// Cannot be sent.
    Unfit(Unfit),
    /// A rule or an option left it out.
    Skipped(Skipped),
}

/// Maps all operations of a document.
pub fn draft(document: &Document<'_>, settings: &PlanSettings) -> Draft {
    let base = Base::new(settings.backend.as_deref(), &document.source);
    let mut drafting = Drafting {
        context: Context { settings, document, base },
        service: settings.service_of(&document.source),
        once: Once { schemes_apart: document.version.starts_with("2."), ..Once::default() },
    };
    let entries = document.operations().map(|operation| drafting.entry(&operation)).collect();
    let mut findings = document.findings.clone();
    findings.extend(drafting.once.findings());
    settings.judge(&mut findings);
    Draft {
        source: Arc::clone(&document.source),
        version: document.version.clone(),
        title: document.title.clone(),
        findings,
        entries,
    }
}

struct Drafting<'a> {
    context: Context<'a>,
    /// What the settings' map gives this source.
    service: Option<&'a str>,
    once: Once,
}

impl Drafting<'_> {
    fn entry(&mut self, operation: &Operation<'_>) -> DraftEntry {
        let settings = self.context.settings;
        let tags = &operation.api.tags;
        let extensions: Vec<&str> = operation.extensions.all().map(|e| e.name).collect();
        let subject = Subject {
            source: &self.context.document.source,
            title: self.context.document.title.as_deref(),
            path: &operation.path,
            method: operation.method.as_str(),
            tags,
            operation_id: operation.api.operation_id.as_deref(),
            deprecated: operation.api.deprecated,
            extensions: &extensions,
        };
        if let Some(reason) = left_out(settings, &subject) {
            return self.skipped(operation, reason);
        }
        let ear = Ear { settings, subject: &subject, operation, base: &self.context.base };
        let mut notes = Notes { findings: operation.findings.clone(), origins: None };
        let stronger = voices::together(&ear.stronger(&mut notes));
        if operation.method == Method::Options
            && said(&stronger, &["RequestConfig", "Method"]).is_none()
            && map::cors_is_on(operation, &stronger)
        {
            return self
                .skipped(operation, "the gateway answers OPTIONS itself where CORS is on".into());
        }
        let weaker = ear.weaker(&mut notes);
        let scene =
            Scene { context: &self.context, operation, stronger: &stronger, weaker: &weaker };
        let mapped = map::map(scene, &mut notes);
        self.once.hear(operation, &mapped.request);
        self.finish(operation, mapped, notes.findings, stronger, &weaker)
    }

    fn finish(
        &self,
        operation: &Operation<'_>,
        mapped: Mapped,
        mut findings: Vec<Finding>,
        stronger: Fields,
        weaker: &Fields,
    ) -> DraftEntry {
        let service = self.service(&stronger);
        let request = merge(mapped.request, &mapped.built_in, stronger, weaker);
        let mut request = request.unwrap_or_else(|why| {
            // What an extension says wrongly is told where it stands.
            if !is_unfit(&findings) {
                let message = format!("what the settings set is no request: {why}");
                findings.push(Finding::new(Code::InvalidField, operation.place.clone(), message));
            }
            CreateApi::default()
        });
        match service {
            Some(service) => request.service_id = service,
            None => findings.push(Finding::new(
                Code::NoService,
                operation.place.clone(),
                "no service takes the operation",
            )),
        }
        shorten_name(&mut request, &operation.place, &mut findings);
        let body = serialise(&request);
        limits::check(&request, body.len(), &operation.place, &mut findings);
        self.context.settings.judge(&mut findings);
        let origin = origin(operation);
        if is_unfit(&findings) {
            return DraftEntry::Unfit(Unfit {
                method: operation.method.to_string(),
                path: operation.path.to_string(),
                service: request.service_id,
                origin,
                findings,
            });
        }
        DraftEntry::Fit {
            item: Box::new(item(request, body, origin, findings)),
            method: operation.method.to_string(),
            path: operation.path.to_string(),
        }
    }

    /// `--service`, else what a rule sets, else the settings' map, else the defaults.
    fn service(&self, stronger: &Fields) -> Option<String> {
        let settings = self.context.settings;
        let of = |fields: &Fields| {
            said(fields, &["ServiceId"]).and_then(Value::as_str).map(str::to_owned)
        };
        settings
            .service
            .clone()
            .or_else(|| of(stronger))
            .or_else(|| self.service.map(str::to_owned))
            .or_else(|| of(&settings.defaults))
            .or_else(|| settings.fallback_service.clone())
    }

    fn skipped(&self, operation: &Operation<'_>, reason: String) -> DraftEntry {
        let mut findings = operation.findings.clone();
        self.context.settings.judge(&mut findings);
        DraftEntry::Skipped(Skipped {
            method: operation.method.to_string(),
            path: operation.path.to_string(),
            service: self.service(&Fields::new()).unwrap_or_default(),
            origin: origin(operation),
            reason,
            findings,
        })
    }
}

/// Why an option or a rule leaves an operation out.
fn left_out(settings: &PlanSettings, subject: &Subject<'_>) -> Option<String> {
    if !settings.include.is_empty() && !settings.include.iter().any(|e| e.condition.holds(subject))
    {
        return Some("no --include speaks of it".into());
    }
    if let Some(expr) = settings.exclude.iter().find(|e| e.condition.holds(subject)) {
        return Some(format!("--exclude {}", expr.text));
    }
    let mut rules = settings.rules.iter().filter(|rule| rule.condition.holds(subject));
    rules.find_map(|rule| rule.skip.clone())
}

/// The document's request between what is stronger and what is weaker. Where nobody else
/// speaks, which is most of the time, it is the request as it stands.
fn merge(
    request: CreateApi,
    built_in: &[&str],
    stronger: Fields,
    weaker: &Fields,
) -> Result<CreateApi, serde_json::Error> {
    if stronger.is_empty() && weaker.is_empty() {
        return Ok(request);
    }
    let Value::Object(mut document) = serde_json::to_value(request)? else {
        return Ok(CreateApi::default());
    };
    let mut last = Fields::new();
    for name in built_in {
        last.extend(document.shift_remove(*name).map(|value| ((*name).to_owned(), value)));
    }
    let mut all = stronger;
    let weaker = limits::that_apply(
        weaker,
        said(&all, &["ServiceType"]).or_else(|| document.get("ServiceType")),
    );
    for fields in [&document, &weaker, &last] {
        fill(&mut all, fields);
    }
    serde_json::from_value(Value::Object(all))
}

fn shorten_name(request: &mut CreateApi, place: &Place, findings: &mut Vec<Finding>) {
    let Some(name) = request.api_name.as_mut().filter(|name| naming::is_too_long(name)) else {
        return;
    };
    let config = &request.request_config;
    let short = naming::with_suffix(name, &config.method, &config.path, 0);
    let message = format!("the name is cut to `{short}`");
    findings.push(Finding::new(Code::NameCut, place.clone(), message));
    *name = short;
}

/// The request as it goes over the wire.
pub(super) fn serialise(request: &CreateApi) -> String {
    #[expect(
        clippy::expect_used,
        reason = "a request is text, numbers, lists and maps with text keys"
    )]
    serde_json::to_string(request).expect("a request is JSON")
}

/// The item of a request and its body.
pub(super) fn item(
    request: CreateApi,
    body: String,
    origin: Origin,
    findings: Vec<Finding>,
) -> Item {
    let config = request.request_config;
    Item {
        key: ItemKey { service: request.service_id, method: config.method, path: config.path },
        api_name: request.api_name.unwrap_or_default(),
        digest: Digest::of(body.as_bytes()),
        body: body.into(),
        origin,
        findings,
        authorised_by: None,
    }
}

fn origin(operation: &Operation<'_>) -> Origin {
    Origin {
        source: Arc::clone(&operation.place.source),
        line: operation.place.line,
        column: operation.place.column,
        pointer: Arc::clone(&operation.place.pointer),
        operation_id: operation.api.operation_id.clone(),
    }
}

/// What is so for many operations of a document and told once.
#[derive(Debug, Default)]
struct Once {
    /// 2.0: the servers are one host under several schemes.
    schemes_apart: bool,
    seen: BTreeMap<Code, (Place, usize)>,
}

impl Once {
    fn hear(&mut self, operation: &Operation<'_>, request: &CreateApi) {
        let anonymous = |r: &crate::spec::document::Requirement| r.schemes.is_empty();
        if let Some(first) = operation.security.first()
            && !operation.security.iter().any(anonymous)
            && request.auth_type.as_deref() == Some("NONE")
        {
            self.add(Code::SecurityNotEnforced, &first.place);
        }
        if let [first, _, ..] = operation.servers.as_slice()
            && !self.schemes_apart
            && request.service_config.is_some()
        {
            self.add(Code::SeveralServers, &first.place);
        }
        if !operation.api.callbacks.is_empty() {
            self.add(Code::Callbacks, &operation.place);
        }
    }

    fn add(&mut self, code: Code, place: &Place) {
        self.seen.entry(code).or_insert_with(|| (place.clone(), 0)).1 += 1;
    }

    fn findings(self) -> impl Iterator<Item = Finding> {
        self.seen.into_iter().map(|(code, (place, count))| {
            let operations = if count == 1 { "1 operation".to_owned() } else { format!("{count} operations") };
            let message = match code {
                Code::SecurityNotEnforced => {
                    format!("{operations} with credentials that the gateway passes on and does not check")
                }
                Code::SeveralServers => format!("{operations} with several servers, of which the first is taken"),
                _ => format!("{operations} with callbacks, which the gateway does not have"),
            };
            Finding::new(code, place, message)
        })
    }
}
