//! One API as an operation: what the standard says of it, and all its fields in words of the
//! gateway's own.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use crate::target::tencent::export::gap::{Gap, route};
use crate::target::tencent::export::paths::Place;
use crate::target::tencent::fields::Fields;
use crate::target::tencent::map::extension;
use crate::target::tencent::map::path::Template;
use crate::target::tencent::model;
use crate::target::tencent::names::{self, item};
use crate::target::tencent::read_back::ReadBack;

/// How operations of a service are called, so that they can be referred to.
#[derive(Debug)]
pub(super) struct Naming {
    /// By the ids of their APIs.
    ids: HashMap<String, String>,
}

impl Naming {
    /// Names for all of these, in this order.
    pub(super) fn of(apis: &[&ReadBack]) -> Self {
        let mut taken = HashSet::new();
        let ids = apis.iter().map(|api| {
            let safe = safe(if api.name().is_empty() { "api" } else { api.name() });
            let further = (2..).map(|number| format!("{safe}-{number}"));
            let mut candidates = std::iter::once(safe.clone()).chain(further);
            let free = candidates.find(|name| taken.insert(name.clone())).unwrap_or_default();
            (api.api_id().to_owned(), free)
        });
        Self { ids: ids.collect() }
    }

    fn id(&self, api: &str) -> Option<&str> {
        self.ids.get(api).map(String::as_str)
    }
}

/// A name that stands in addresses as it is.
fn safe(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-._~".contains(c) { c } else { '_' })
        .collect()
}

/// The operation, and the scheme by which its callers are checked.
pub(super) fn of(
    api: &ReadBack,
    place: &Place,
    naming: &Naming,
    gaps: &mut Vec<Gap>,
) -> (Map<String, Value>, Option<&'static str>) {
    let mut fields = known(api.fields(), model::REQUEST);
    fields.shift_remove(names::SERVICE_ID);
    repair(api, &mut fields, gaps);
    let mut operation = Map::new();
    if let Some(id) = naming.id(api.api_id()) {
        operation.insert("operationId".to_owned(), id.into());
    }
    texts(api, &mut operation);
    let scheme = scheme_of(api.text(names::AUTH_TYPE));
    let required: Vec<Value> = scheme.iter().map(|name| json!({ *name: [] })).collect();
    operation.insert("security".to_owned(), required.into());
    let parameters = parameters(&fields, &place.key);
    if !parameters.is_empty() {
        operation.insert("parameters".to_owned(), parameters.into());
    }
    operation.insert("responses".to_owned(), responses(api));
    words(fields, api, place, naming, gaps, &mut operation);
    tell_unreadable(api, gaps);
    (operation, scheme)
}

/// Of these fields those that a request has, at every level, in the model's order.
fn known(fields: &Fields, of: &str) -> Fields {
    let kept = model::fields(of).iter().filter_map(|field| {
        let value = match (fields.get(&field.name)?, field.inner()) {
            (Value::Null, _) => return None,
            (Value::Object(inner), Some(of)) => Value::Object(known(inner, of)),
            (Value::Array(items), Some(of)) => {
                let known_item = |item: &Value| match item {
                    Value::Object(inner) => Value::Object(known(inner, of)),
                    other => other.clone(),
                };
                items.iter().map(known_item).collect()
            }
            (value, _) => value.clone(),
        };
        Some((field.name.clone(), value))
    });
    kept.collect()
}

/// Brings what answers write otherwise to what a request takes.
fn repair(api: &ReadBack, fields: &mut Fields, gaps: &mut Vec<Gap>) {
    for list in [names::REQUEST_PARAMETERS, names::SERVICE_PARAMETERS, names::CONSTANT_PARAMETERS] {
        let Some(items) = fields.get_mut(list).and_then(Value::as_array_mut) else { continue };
        for item in items.iter_mut().filter_map(Value::as_object_mut) {
            for position in [item::POSITION, item::SOURCE_POSITION] {
                if let Some(Value::String(text)) = item.get_mut(position) {
                    text.make_ascii_uppercase();
                }
            }
        }
        items.sort_by_cached_key(|item| [item::POSITION, item::NAME].map(|key| text_of(item, key)));
    }
    let protocol = api.text(names::PROTOCOL);
    if !protocol.is_empty() && !matches!(protocol, "HTTP" | "WEBSOCKET") {
        let message = format!("its protocol is `{protocol}` there and HTTP in the document");
        gaps.push(Gap { code: "protocol", route: route(api), message, is_loss: false });
        fields.insert(names::PROTOCOL.to_owned(), "HTTP".into());
    }
    declare_path(api, fields, gaps);
}

fn text_of(item: &Value, key: &str) -> String {
    item.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Declares what the path names and nothing declares: a create is refused otherwise.
fn declare_path(api: &ReadBack, fields: &mut Fields, gaps: &mut Vec<Gap>) {
    let path = crate::target::tencent::map::path::unmarked(api.path());
    let Ok(Template { names: in_path, .. }) = Template::parse(path) else { return };
    let declared = fields.get(names::REQUEST_PARAMETERS).and_then(Value::as_array);
    let is_declared = |name: &str| {
        declared
            .into_iter()
            .flatten()
            .any(|it| text_of(it, item::POSITION) == "PATH" && text_of(it, item::NAME) == name)
    };
    let lacking: Vec<Value> = in_path
        .into_iter()
        .filter(|name| !is_declared(name))
        .map(|name| json!({ "Name": name, "Desc": "", "Position": "PATH", "Type": "string", "DefaultValue": "", "Required": true }))
        .collect();
    for parameter in &lacking {
        let name = text_of(parameter, item::NAME);
        let message = format!(
            "the path names `{name}`, which it does not declare; it is declared as a string"
        );
        gaps.push(Gap { code: "parameter-undeclared", route: route(api), message, is_loss: false });
    }
    if !lacking.is_empty() {
        let all = fields.entry(names::REQUEST_PARAMETERS).or_insert_with(|| json!([]));
        if let Some(all) = all.as_array_mut() {
            all.extend(lacking);
        }
    }
}

/// Summary and description.
fn texts(api: &ReadBack, operation: &mut Map<String, Value>) {
    let description = api.text(names::API_DESC).trim();
    let is_line = !description.is_empty() && !description.contains(['\n', '\r']);
    let route = route(api);
    let name = if api.name().is_empty() { &*route } else { api.name() };
    operation.insert("summary".to_owned(), if is_line { description } else { name }.into());
    if !description.is_empty() && !is_line {
        operation.insert("description".to_owned(), description.into());
    }
}

/// How callers are checked, as the standard says it.
pub(super) fn scheme(name: &str) -> Value {
    let description = match name {
        "apigw-oauth" => return json!({ "type": "http", "scheme": "bearer" }),
        "apigw-secret" => "Signed with a key of the gateway's",
        "apigw-app" => "Signed with the key of an app of the gateway's",
        _ => "Checked by the identity service of the gateway's cloud",
    };
    json!({ "type": "apiKey", "in": "header", "name": "Authorization", "description": description })
}

fn scheme_of(auth_type: &str) -> Option<&'static str> {
    match auth_type {
        "SECRET" => Some("apigw-secret"),
        "APP" => Some("apigw-app"),
        "OAUTH" => Some("apigw-oauth"),
        "EIAM" => Some("apigw-eiam"),
        _ => None,
    }
}

/// The parameters that the standard can say: each place and name once, and each name of the
/// path.
fn parameters(fields: &Fields, key: &str) -> Vec<Value> {
    let in_path = Template::parse(key).map(|template| template.names).unwrap_or_default();
    let mut seen = HashSet::new();
    let mut parameters = Vec::new();
    let declared = fields.get(names::REQUEST_PARAMETERS).and_then(Value::as_array);
    for declared in declared.into_iter().flatten() {
        let (name, place) =
            (text_of(declared, item::NAME), text_of(declared, item::POSITION).to_ascii_lowercase());
        let is_there = match place.as_str() {
            "path" => in_path.contains(&&*name),
            "query" | "header" => !name.is_empty(),
            _ => false,
        };
        if is_there && seen.insert((place.clone(), name.to_ascii_lowercase())) {
            parameters.push(parameter(declared, &name, &place));
        }
    }
    for name in in_path {
        if seen.insert(("path".to_owned(), name.to_ascii_lowercase())) {
            parameters.push(parameter(&Value::Null, name, "path"));
        }
    }
    parameters
}

fn parameter(declared: &Value, name: &str, place: &str) -> Value {
    let mut parameter = json!({ "name": name, "in": place });
    let description = text_of(declared, item::DESC);
    if !description.is_empty() {
        parameter["description"] = description.into();
    }
    let is_required = declared.get(item::REQUIRED).and_then(Value::as_bool) == Some(true);
    parameter["required"] = (is_required || place == "path").into();
    let mut schema = schema(&text_of(declared, item::TYPE));
    let default = text_of(declared, item::DEFAULT_VALUE);
    if let Some(default) = default_of(&default, &schema["type"]) {
        schema["default"] = default;
    }
    parameter["schema"] = schema;
    parameter
}

fn schema(kind: &str) -> Value {
    match kind.to_ascii_lowercase().as_str() {
        "int" | "integer" => json!({ "type": "integer" }),
        "long" => json!({ "type": "integer", "format": "int64" }),
        "float" => json!({ "type": "number", "format": "float" }),
        "double" | "number" => json!({ "type": "number" }),
        "boolean" => json!({ "type": "boolean" }),
        _ => json!({ "type": "string" }),
    }
}

/// A default as a value of its type; none where it is no such value.
fn default_of(text: &str, kind: &Value) -> Option<Value> {
    match kind.as_str()? {
        _ if text.is_empty() => None,
        "integer" => text.parse::<i64>().ok().map(Into::into),
        "number" => text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Into::into),
        "boolean" => text.parse::<bool>().ok().map(Into::into),
        _ => Some(text.into()),
    }
}

/// What callers are answered, with the example of a success where it is JSON, and the errors
/// that have a status.
fn responses(api: &ReadBack) -> Value {
    let mut success = json!({ "description": "Success" });
    let example = serde_json::from_str::<Value>(api.text(names::SUCCESS_EXAMPLE));
    if let Ok(example) = example {
        success["content"] = json!({ "application/json": { "example": example } });
    }
    let mut responses = Map::from_iter([("200".to_owned(), success)]);
    let codes = api.fields().get(names::ERROR_CODES).and_then(Value::as_array);
    for code in codes.into_iter().flatten() {
        let status = code.get(item::CODE).and_then(Value::as_i64).unwrap_or_default();
        if (400..600).contains(&status) {
            let words = text_of(code, item::MESSAGE);
            let words = if words.is_empty() { status.to_string() } else { words };
            responses.insert(status.to_string(), json!({ "description": words }));
        }
    }
    responses.sort_keys();
    responses.into()
}

/// The fields as words, those of the backend together.
fn words(
    mut fields: Fields,
    api: &ReadBack,
    place: &Place,
    naming: &Naming,
    gaps: &mut Vec<Gap>,
    operation: &mut Map<String, Value>,
) {
    if place.says_all {
        fields.shift_remove("RequestConfig");
    }
    if let Some(Value::String(id)) = fields.shift_remove(names::AUTHORISER_ID)
        && !id.is_empty()
    {
        if let Some(name) = naming.id(&id) {
            operation.insert("x-apigw-authorised-by".to_owned(), name.into());
        } else {
            let message = format!("the API {id}, which authorises it, is not in this service");
            let route = route(api);
            gaps.push(Gap { code: "authoriser-elsewhere", route, message, is_loss: true });
        }
    }
    let (backend, rest): (Fields, Fields) =
        fields.into_iter().partition(|(name, _)| is_of_backend(name));
    let mut words: Map<String, Value> =
        rest.into_iter().map(|(name, value)| (extension::word_of(&name), value)).collect();
    words.insert("x-apigw-backend".to_owned(), backend.into());
    words.sort_keys();
    operation.extend(words);
}

/// The fields that the published word `x-apigw-backend` holds.
fn is_of_backend(field: &str) -> bool {
    let groups = ["ServiceScf", "ServiceWebsocket", "ServiceTsf", "TargetServices"];
    matches!(
        field,
        names::SERVICE_TYPE
            | names::SERVICE_CONFIG
            | names::MOCK_MESSAGE
            | names::MICRO_SERVICES
            | names::EVENT_BUS_ID
            | "IsBase64Encoded"
            | "TargetNamespaceId"
    ) || groups.iter().any(|group| field.starts_with(group))
}

/// Tells of fields that the gateway does not answer and that such an API has.
fn tell_unreadable(api: &ReadBack, gaps: &mut Vec<Gap>) {
    let has = |field| api.fields().contains_key(field);
    let kind = api.text(names::SERVICE_TYPE);
    let mut tell = |message: &str, is_loss| {
        let message = message.to_owned();
        gaps.push(Gap { code: "not-read-back", route: route(api), message, is_loss });
    };
    match kind {
        "EB" if !has(names::EVENT_BUS_ID) => {
            tell("the gateway does not say which event bus it calls; set `EventBusId`", true);
        }
        "TARGET" if !has(names::TARGET_SERVICES) => {
            tell("the gateway does not say which machines it calls; set `TargetServices`", true);
        }
        "SCF" if !has("ServiceScfFunctionType") => tell(
            "the gateway does not say whether its function is of the type EVENT or HTTP; EVENT is what holds unless `ServiceScfFunctionType` is set",
            false,
        ),
        _ => {}
    }
    if api.text(names::AUTH_TYPE) == "EIAM" && !has(names::EIAM_APP_ID) {
        tell("the gateway does not say which EIAM app checks callers; set the `EIAM` fields", true);
    }
    if api.fields().get("IsBase64Trigger").and_then(Value::as_bool) == Some(true) {
        let message = "its base64 trigger is taken by ModifyApi alone; set it after an import";
        gaps.push(Gap {
            code: "base64-trigger",
            route: route(api),
            message: message.to_owned(),
            is_loss: true,
        });
    }
}
