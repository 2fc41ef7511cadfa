//! One operation's request from all that speak of it.

use std::borrow::Cow;

use serde_json::Value;

use crate::finding::notes::Notes;
use crate::finding::{Code, Finding, Place, has_errors};
use crate::settings::layers::{self, Ear, Layer};
use crate::settings::select::Subject;
use crate::settings::{PlanSettings, Rule, SecurityRule};
use crate::spec::{Method, Operation};
use crate::target::tencent::body::Body;
use crate::target::tencent::fields::{Fields, fill, said, text};
use crate::target::tencent::map::context::{Context, Scene};
use crate::target::tencent::map::{self, Mapped, Mock, limits, naming};
use crate::target::tencent::model;
use crate::target::tencent::request::CreateApi;

/// Stands for an id that is not known yet where bytes are counted.
const LIKE_AN_ID: &str = "service-12345678";

/// A request and who said what of it.
#[derive(Debug)]
pub(crate) struct Composed<'a> {
    /// The service that takes it, where one is named.
    pub(crate) service: Option<String>,
    /// As it would be sent, but for the service.
    pub(crate) request: CreateApi,
    /// The same as JSON.
    pub(crate) body: Body,
    /// The `operationId` of the API that has to authorise it first.
    pub(crate) authorised_by: Option<String>,
    /// What was found.
    pub(crate) notes: Notes,
    /// Voices stronger than the document, the strongest first.
    pub(crate) layers: Vec<Layer<'a>>,
    /// The settings' defaults.
    pub(crate) weaker: Cow<'a, Fields>,
    /// The fields of the request that are built in.
    pub(crate) built_in: Vec<&'static str>,
    /// Who names the service.
    pub(crate) service_from: Source,
    /// The entry of the settings' `security` that speaks of it.
    pub(crate) security: Option<&'a SecurityRule>,
}

/// Who names the service of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// `--service`.
    Option,
    /// A rule or an extension.
    Stronger,
    /// The settings' map from sources to services.
    Map,
    /// `--create-services`, or where an earlier run put the document.
    Made,
    /// The settings' defaults.
    Defaults,
    /// Nobody, and `--spread` decides.
    Spread,
    /// What takes the rest, or nobody.
    Fallback,
}

/// Composes the request of an operation; `Err` says why it is left out instead.
pub(crate) fn compose<'a>(
    settings: &'a PlanSettings,
    context: &'a Context<'a>,
    operation: &'a Operation<'a>,
    subject: &'a Subject<'a>,
    rules: &'a [&'a Rule],
    mut notes: Notes,
) -> Result<Composed<'a>, String> {
    let base = &context.base;
    let ear = Ear { settings, subject, rules, operation, base };
    let mut layers = ear.stronger(&mut notes);
    let check = ear.security(&mut layers, &mut notes);
    let mut stronger = layers::together(&layers);
    if settings.mapping.mock == Some(Mock::All) {
        // What rules and extensions say of other backends has no meaning then.
        stronger = limits::that_apply(&stronger, said(&stronger, &["ServiceType"]));
    }
    if cors_answers(operation, &stronger) {
        return Err("the gateway answers OPTIONS itself where CORS is on".into());
    }
    let weaker = ear.weaker(&stronger);
    let scene = Scene { context, operation, stronger: &stronger, weaker: &weaker };
    let (service, service_from) = service(settings, scene);
    check_service(service.as_deref(), service_from, &operation.place, &mut notes);
    let Mapped { mut request, built_in } = map::map(scene, &mut notes);
    service.as_deref().unwrap_or_default().clone_into(&mut request.service_id);
    let merged = merge(request, &built_in, stronger, &weaker, ear, &mut notes);
    let mut request = merged.unwrap_or_else(|why| no_request(&why, operation, &mut notes));
    shorten_name(&mut request, &operation.place, &mut notes.findings);
    let security = check.rule;
    let authorised_by = authoriser(&request, check.authorised_by, operation, &mut notes);
    of_callers(&request, operation, check.is_mapped, &mut notes);
    let body = Body::of(&request);
    let of_authoriser = authorised_by.as_ref().map(|_| LIKE_AN_ID);
    let size = body.len_with(service.as_deref().unwrap_or(LIKE_AN_ID), of_authoriser);
    limits::check(&request, size, &operation.place, &mut notes.findings);
    let needs_none = settings.makes_services && has_errors(&notes.findings);
    if service.is_none() && !needs_none {
        notes.tell(Code::NO_SERVICE, &operation.place, "no service takes the operation");
    }
    Ok(Composed {
        service,
        request,
        body,
        authorised_by,
        notes,
        layers,
        weaker,
        built_in,
        service_from,
        security,
    })
}

/// Whether the gateway answers the operation by itself: an OPTIONS that nobody has sent as
/// another method.
fn cors_answers(operation: &Operation<'_>, stronger: &Fields) -> bool {
    operation.method == Method::Options
        && said(stronger, &["RequestConfig", "Method"]).is_none()
        && map::cors_is_on(operation, stronger)
}

/// Where what is set does not come to a request: told, unless what an extension says wrongly
/// is told where it stands.
fn no_request(why: &serde_json::Error, operation: &Operation<'_>, notes: &mut Notes) -> CreateApi {
    if !has_errors(&notes.findings) {
        let message = format!("what the settings set is no request: {why}");
        notes.tell(Code::INVALID_FIELD, &operation.place, message);
    }
    CreateApi::default()
}

/// The service of an operation, and who names it.
pub(crate) fn service(settings: &PlanSettings, scene: Scene<'_>) -> (Option<String>, Source) {
    let source = &scene.context.document.source;
    let voices = [
        (settings.service.as_deref(), Source::Option),
        (text(scene.stronger, &["ServiceId"]), Source::Stronger),
        (settings.service_of(source), Source::Map),
        (settings.made.get(&**source).map(String::as_str), Source::Made),
        (text(scene.weaker, &["ServiceId"]), Source::Defaults),
        (settings.spread.first().map(String::as_str), Source::Spread),
        (settings.fallback_service.as_deref(), Source::Fallback),
    ];
    let named = voices.into_iter().find_map(|(service, from)| Some((service?, from)));
    named.map_or((None, Source::Fallback), |(service, from)| (Some(service.to_owned()), from))
}

/// Ids of options and of the map are judged where they are read; others hold what a document
/// says, or a template.
fn check_service(id: Option<&str>, from: Source, place: &Place, notes: &mut Notes) {
    let is_odd = |id: &&str| id.contains(|c: char| c.is_whitespace() || c.is_control());
    if let (Some(id), Source::Stronger | Source::Defaults) = (id.filter(is_odd), from) {
        notes.tell(Code::INVALID_FIELD, place, format!("{id:?} is no id of a service"));
    }
}

/// The document's request between what is stronger and what is weaker. Where nobody else
/// speaks, which is most of the time, it is the request as it stands.
///
/// What objects lack that their types require is told, so that the rest can be read.
fn merge(
    request: CreateApi,
    built_in: &[&str],
    stronger: Fields,
    weaker: &Fields,
    ear: Ear<'_>,
    notes: &mut Notes,
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
    fill(&mut all, &document);
    ear.judge_weaker(&all, weaker, notes);
    let weaker = limits::that_apply(weaker, all.get("ServiceType"));
    fill(&mut all, &weaker);
    fill(&mut all, &last);
    let lacking = model::complete(&mut all);
    if !has_errors(&notes.findings) {
        for field in &lacking {
            notes.tell(Code::REQUIRED_FIELD, &ear.operation.place, format!("`{field}` is missing"));
        }
    }
    notes.lacking = lacking;
    serde_json::from_value(Value::Object(all))
}

fn shorten_name(request: &mut CreateApi, place: &Place, findings: &mut Vec<Finding>) {
    let Some(name) = request.api_name.as_mut().filter(|name| naming::is_too_long(name)) else {
        return;
    };
    let config = &request.request_config;
    let short = naming::with_suffix(name, &config.method, &config.path, 0);
    let message = format!("the name is cut to `{short}`");
    findings.push(Finding::new(Code::NAME_CUT, place.clone(), message));
    *name = short;
}

/// Which API authorises one that is checked by OAUTH; that nobody does is an error.
fn authoriser(
    request: &CreateApi,
    named: Option<String>,
    operation: &Operation<'_>,
    notes: &mut Notes,
) -> Option<String> {
    let depends = request.auth_type.as_deref() == Some("OAUTH")
        && request.api_business_type.as_deref() != Some("OAUTH")
        && request.auth_relation_api_id.is_none();
    if depends && named.is_none() {
        let message = "it is checked by OAUTH, and no API is named that authorises";
        notes.tell(Code::NO_AUTHORISER, &operation.place, message);
    }
    named.filter(|_| depends)
}

/// What becomes of the credentials that the document requires.
fn of_callers(request: &CreateApi, operation: &Operation<'_>, is_mapped: bool, notes: &mut Notes) {
    let is_open = operation.security.iter().any(|required| required.schemes.is_empty());
    match (request.auth_type.as_deref(), operation.security.first()) {
        (Some("NONE"), Some(first)) if !is_open && !is_mapped => {
            notes.count(Code::SECURITY_NOT_ENFORCED, &first.place);
        }
        (Some("SECRET" | "APP"), _) => notes.count(Code::NOBODY_MAY_CALL, &operation.place),
        (Some("EIAM"), _) if request.eiam_app_id.is_none() => {
            notes.count(Code::NOBODY_MAY_CALL, &operation.place);
        }
        _ => {}
    }
}
