//! One operation's request from its document and the settings.

use std::borrow::Cow;

use crate::finding::notes::Notes;
use crate::finding::{Code, Finding, Place, has_errors};
use crate::settings::condition::Subject;
use crate::settings::layers::{self, Applied, Layer};
use crate::settings::{PlanSettings, Rule, SecurityRule};
use crate::spec::{Method, Operation};
use crate::target::tencent::body::Body;
use crate::target::tencent::fields::{Fields, fill, set, text, value};
use crate::target::tencent::map::context::{Context, DocumentContext};
use crate::target::tencent::map::options::Mock;
use crate::target::tencent::map::{self, Mapped, callers, extension, limits, naming};
use crate::target::tencent::request::Request;
use crate::target::tencent::{model, names};

/// Takes the place of an id that is not known yet where bytes are counted.
const LIKE_AN_ID: &str = "service-12345678";

/// A request and what set its fields.
#[derive(Debug)]
pub(crate) struct Composed<'a> {
    /// The service that takes it; `None`: the one assigned to its document.
    pub(crate) service: Option<String>,
    /// As it would be sent, but for the service.
    pub(crate) request: Request,
    /// The same as JSON.
    pub(crate) body: Body,
    /// The `operationId` of the API that has to authorise it first.
    pub(crate) authorised_by: Option<String>,
    /// What was found.
    pub(crate) notes: Notes,
    /// The layers that outrank the document, highest precedence first.
    pub(crate) layers: Vec<Layer<'a>>,
    /// The settings' defaults.
    pub(crate) defaults: Cow<'a, Fields>,
    /// The fields of the request that are built in.
    pub(crate) built_in: Vec<&'static str>,
    /// What decides the service.
    pub(crate) service_from: Source,
    /// The entry of the settings' `security` that matches it.
    pub(crate) security: Option<&'a SecurityRule>,
}

/// What decides the service of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// `--service`.
    Option,
    /// A rule or an extension.
    Overrides,
    /// The settings' map from sources to services.
    Map,
    /// What an earlier run assigned to its document.
    Assigned,
    /// The settings' defaults.
    Defaults,
    /// What will be assigned to its document.
    ToAssign,
    /// The service for the rest, if there is one.
    Fallback,
}

/// Composes the request of an operation; `Err` is why it is left out instead.
pub(crate) fn compose<'a>(
    settings: &'a PlanSettings,
    document: &'a DocumentContext<'a>,
    operation: &'a Operation<'a>,
    subject: &'a Subject<'a>,
    rules: &'a [&'a Rule],
    mut notes: Notes,
) -> Result<Composed<'a>, String> {
    let base = &document.base;
    let applied = Applied { settings, subject, rules, operation, base };
    let mut layers = applied.overrides(&mut notes);
    let check = applied.security(&mut layers, &mut notes);
    let mut overrides = layers::together(&layers);
    if settings.mapping.mock == Some(Mock::All) {
        // What rules and extensions say of other backends has no meaning then.
        let kind = text(&overrides, names::SERVICE_TYPE).map(str::to_owned);
        overrides = limits::that_apply(overrides, kind.as_deref());
    }
    if cors_answers(operation, &overrides) {
        return Err("the gateway answers OPTIONS itself where CORS is on".into());
    }
    let defaults = applied.defaults(&overrides);
    let context = Context { document, operation, overrides: &overrides, defaults: &defaults };
    let (service, service_from) = service(settings, context);
    check_service(service.as_deref(), service_from, &operation.place, &mut notes);
    let mapped = map::map(context, &mut notes);
    let built_in = mapped.built_in.clone();
    let mut request = merge(mapped, service.as_deref(), overrides, &defaults, applied, &mut notes);
    shorten_name(&mut request, &operation.place, &mut notes.findings);
    let security = check.rule;
    let named = extension::authorised_by(&operation.extensions.operation);
    let authorised_by = authoriser(&request, check.authorised_by.or(named), operation, &mut notes);
    callers::check(&request, operation, check.is_mapped, &mut notes);
    let body = Body::of(&mut request);
    let of_authoriser = authorised_by.as_ref().map(|_| LIKE_AN_ID);
    let size = body.len_with(service.as_deref().unwrap_or(LIKE_AN_ID), of_authoriser);
    limits::check(&request, size, &operation.place, &mut notes.findings);
    if service.is_none() && service_from == Source::Fallback {
        notes.tell(Code::NO_SERVICE, &operation.place, "no service takes the operation");
    }
    Ok(Composed {
        service,
        request,
        body,
        authorised_by,
        notes,
        layers,
        defaults,
        built_in,
        service_from,
        security,
    })
}

/// Whether the gateway answers the operation by itself: an OPTIONS that no setting sends as
/// another method.
fn cors_answers(operation: &Operation<'_>, overrides: &Fields) -> bool {
    operation.method == Method::Options
        && value(overrides, names::METHOD).is_none()
        && map::cors_is_on(operation, overrides)
}

/// The service of an operation, and what decides it; none where it is the one assigned to its
/// document.
pub(crate) fn service(settings: &PlanSettings, context: Context<'_>) -> (Option<String>, Source) {
    let source = &context.document.document.source;
    let has_assigned = settings.assigned.contains_key(&**source);
    let named = [
        (settings.service.as_deref(), Source::Option),
        (text(context.overrides, names::SERVICE_ID), Source::Overrides),
        (settings.service_of(source), Source::Map),
        (text(context.defaults, names::SERVICE_ID).filter(|_| !has_assigned), Source::Defaults),
    ];
    let named = named.into_iter().find_map(|(service, from)| Some((service?.to_owned(), from)));
    match named {
        Some((service, from)) => (Some(service), from),
        None if has_assigned => (None, Source::Assigned),
        None if settings.assigns_services() => (None, Source::ToAssign),
        None => (settings.fallback_service.clone(), Source::Fallback),
    }
}

/// Ids of options and of the map are judged where they are read; others come from a document
/// or a template.
fn check_service(id: Option<&str>, from: Source, place: &Place, notes: &mut Notes) {
    let is_odd = |id: &&str| id.contains(|c: char| c.is_whitespace() || c.is_control());
    if let (Some(id), Source::Overrides | Source::Defaults) = (id.filter(is_odd), from) {
        notes.tell(Code::INVALID_FIELD, place, format!("{id:?} is not the id of a service"));
    }
}

/// The document's request between what goes before it and what comes after it. Where nothing
/// else is set, which is most of the time, it is the request.
fn merge(
    mapped: Mapped,
    service: Option<&str>,
    overrides: Fields,
    defaults: &Fields,
    applied: Applied<'_>,
    notes: &mut Notes,
) -> Request {
    let Mapped { request, built_in } = mapped;
    if overrides.is_empty() && defaults.is_empty() {
        return request;
    }
    let mut document = Fields::from(request);
    let last = built_in.iter().filter_map(|name| document.shift_remove_entry(*name)).collect();
    set(&mut document, names::SERVICE_ID, service.unwrap_or_default());
    let mut all = overrides;
    fill(&mut all, document);
    applied.judge_defaults(&all, defaults, notes);
    let defaults = limits::that_apply(defaults.clone(), text(&all, names::SERVICE_TYPE));
    fill(&mut all, defaults);
    fill(&mut all, last);
    // The service is filled in when the request is sent.
    all.shift_remove(names::SERVICE_ID);
    if !has_errors(&notes.findings) {
        for field in model::lacking(&all) {
            notes.tell(
                Code::REQUIRED_FIELD,
                &applied.operation.place,
                format!("`{field}` is missing"),
            );
        }
    }
    all.into()
}

fn shorten_name(request: &mut Request, place: &Place, findings: &mut Vec<Finding>) {
    let name = request.name();
    if naming::is_too_long(name) {
        let short = naming::with_suffix(name, request.method(), request.path(), 0);
        let message = format!("the name is cut to `{short}`");
        findings.push(Finding::new(Code::NAME_CUT, place.clone(), message));
        request.set(names::API_NAME, short);
    }
}

/// Which API authorises one that is checked by OAUTH; that none does is an error.
fn authoriser(
    request: &Request,
    named: Option<String>,
    operation: &Operation<'_>,
    notes: &mut Notes,
) -> Option<String> {
    let depends = callers::needs_authoriser(request);
    if depends && named.is_none() {
        let message = "it is checked by OAUTH, and no API that authorises it is named";
        notes.tell(Code::NO_AUTHORISER, &operation.place, message);
    }
    named.filter(|_| depends)
}
