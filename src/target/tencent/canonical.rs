//! One form for what is wanted of an API and for what the gateway answers of it, so that the
//! two can be compared without differences that are none.
//!
//! Nothing else is ever compared. Only fields that both `CreateApi` takes and `DescribeApi`
//! answers are in it; what is absent, null, empty or the gateway's default is the same; lists
//! have no order; the gateway may add rows that pass a parameter on unchanged.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::target::tencent::fields::{Fields, value};
use crate::target::tencent::model::{self, Field};
use crate::target::tencent::names::{self, item};

/// The type of what `DescribeApi` answers.
const ANSWER: &str = "ApiInfo";

/// An API in canonical form.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Canonical {
    /// Values by path, without those that are the same as none.
    pub(crate) leaves: BTreeMap<String, Value>,
    /// Lists of objects, by what tells their objects apart.
    pub(crate) rows: BTreeMap<&'static str, BTreeMap<String, KeyedRow>>,
}

/// One object of a list.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct KeyedRow {
    /// Its values, but for those that tell it apart.
    pub(crate) leaves: BTreeMap<String, Value>,
    /// Whether it only passes a parameter on as it came: the gateway may add or leave out such.
    pub(crate) is_identity: bool,
}

/// Lists of objects, each with the leaves that tell its objects apart.
pub(crate) const LISTS: [(&str, &[&str]); 6] = [
    (names::REQUEST_PARAMETERS, &[item::POSITION, item::NAME]),
    (names::SERVICE_PARAMETERS, &[item::POSITION, item::NAME]),
    (names::CONSTANT_PARAMETERS, &[item::POSITION, item::NAME]),
    (names::ERROR_CODES, &[item::CODE]),
    (names::MICRO_SERVICES, &["MicroServiceName"]),
    (names::TRIGGER_RULES, &[item::NAME]),
];

impl Canonical {
    /// The form of a request's fields or a read-back's.
    pub fn of(fields: &Fields) -> Self {
        let mut form = Self::default();
        for field in readable() {
            let Some(value) = fields.get(&field.name) else { continue };
            match LISTS.iter().find(|(list, _)| *list == field.name) {
                Some((list, keys)) => _ = form.rows.insert(list, rows(field, value, keys)),
                None => put(&mut form.leaves, field, &field.name, value),
            }
        }
        form.rows.retain(|_, rows| !rows.is_empty());
        form.mark_identities();
        form
    }

    /// The value at a path, or what it is where nothing is said.
    pub(crate) fn value(&self, path: &str) -> Option<Value> {
        self.leaves.get(path).cloned().or_else(|| default_of(path).map(Value::from))
    }

    /// The word at a path; empty where there is none.
    pub(crate) fn word(&self, path: &str) -> String {
        let value = self.value(path);
        value.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// Whether an API like this one uses a field of this name.
    pub(crate) fn uses(&self, name: &str) -> bool {
        let kind = self.word(names::SERVICE_TYPE);
        let is = |kinds: &[&str]| kinds.contains(&kind.as_str());
        let by_oauth = self.word(names::AUTH_TYPE) == "OAUTH";
        match name {
            names::MOCK_MESSAGE => is(&["MOCK"]),
            names::SERVICE_CONFIG => !is(&["MOCK", "SCF", "EB"]),
            names::MICRO_SERVICES => is(&["TSF"]),
            names::AUTHORISER_ID | names::API_BUSINESS_TYPE | "OauthConfig" => by_oauth,
            _ if name.starts_with("ServiceTsf") => is(&["TSF"]),
            _ if name.starts_with("ServiceScf") => is(&["SCF"]),
            _ if name.starts_with("ServiceWebsocket") => is(&["SCF", "WEBSOCKET"]),
            _ => true,
        }
    }

    fn mark_identities(&mut self) {
        let front = self.rows.get(names::REQUEST_PARAMETERS).cloned().unwrap_or_default();
        let mapped = self.rows.get_mut(names::SERVICE_PARAMETERS);
        for (key, row) in mapped.into_iter().flatten() {
            let source = |name: &str| row.leaves.get(name).and_then(Value::as_str);
            let from = source(item::SOURCE_POSITION).zip(source(item::SOURCE_NAME));
            let from = from.map(|(position, name)| parameter_key(position, name));
            let behind = from.as_ref().and_then(|from| front.get(from));
            let adds = |leaf: &str, of: &str| {
                let given = row.leaves.get(leaf);
                given.is_some() && given != behind.and_then(|behind| behind.leaves.get(of))
            };
            row.is_identity = from.as_ref() == Some(key)
                && !adds(item::SOURCE_DESC, item::DESC)
                && !adds(item::DEFAULT_VALUE, item::DEFAULT_VALUE);
        }
    }
}

/// The fields that are compared, in the model's order.
pub(crate) fn readable() -> impl Iterator<Item = &'static Field> {
    // Which service it is in is part of what an API is known by.
    let rest = model::fields(model::REQUEST).iter().filter(|it| it.name != names::SERVICE_ID);
    let answered = |field: &&Field| model::fields(ANSWER).iter().any(|it| it.name == field.name);
    let triggers = |field: &&Field| names::TRIGGERS.contains(&field.name.as_str());
    rest.filter(answered).chain(model::fields(model::CHANGE).iter().filter(triggers))
}

/// Fields of a request that the gateway never answers, so that nobody can compare them.
pub fn unreadable(fields: &Fields) -> BTreeSet<&'static str> {
    let answered: BTreeSet<&str> = readable().map(|field| field.name.as_str()).collect();
    let is_order = |name: &str| [names::SERVICE_ID, names::DELETE_ERROR_CODES].contains(&name);
    let all = model::fields(model::REQUEST).iter().map(|field| field.name.as_str());
    let lost = |name: &&str| !answered.contains(name) && !is_order(name);
    all.filter(lost).filter(|name| fields.get(*name).is_some_and(says_something)).collect()
}

/// Whether a value is more than nothing.
pub(crate) fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_i64() != Some(0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => fields.values().any(says_something),
    }
}

/// Puts the leaves below a value where they belong.
fn put(leaves: &mut BTreeMap<String, Value>, field: &Field, path: &str, value: &Value) {
    if let Value::Object(inner) = value {
        for field in field.inner().into_iter().flat_map(model::fields) {
            if let Some(value) = inner.get(&field.name) {
                put(leaves, field, &format!("{path}.{}", field.name), value);
            }
        }
        return;
    }
    let value = normal(field, path, value);
    let is_default = value.as_str().is_some_and(|text| default_of(path) == Some(text));
    if says_something(&value) && !is_default {
        leaves.insert(path.to_owned(), value);
    }
}

fn rows(field: &Field, list: &Value, keys: &[&str]) -> BTreeMap<String, KeyedRow> {
    let inner = field.inner().map_or(&[][..], model::fields);
    let items = list.as_array().into_iter().flatten().filter_map(Value::as_object);
    let mut found: Vec<_> = items.map(|item| row(inner, item, keys)).collect();
    // Two of one key are told apart by what else they say, since a list has no order.
    found.sort_by_cached_key(|(key, row)| (key.clone(), format!("{:?}", row.leaves)));
    let mut rows = BTreeMap::new();
    for (key, row) in found {
        let twins = (2..).map(|nth| format!("{key} #{nth}"));
        let mut free = std::iter::once(key.clone()).chain(twins);
        let key = free.find(|key| !rows.contains_key(key)).unwrap_or(key);
        rows.insert(key, row);
    }
    rows
}

fn row(inner: &[Field], item: &Fields, keys: &[&str]) -> (String, KeyedRow) {
    let mut leaves = BTreeMap::new();
    for field in inner.iter().filter(|field| field.name != item::SOURCE_TYPE) {
        if let Some(value) = item.get(&field.name) {
            put(&mut leaves, field, &field.name, value);
        }
    }
    let key = row_key(&leaves, keys);
    for key in keys {
        leaves.remove(*key);
    }
    (key, KeyedRow { leaves, is_identity: false })
}

fn row_key(leaves: &BTreeMap<String, Value>, keys: &[&str]) -> String {
    let word = |key: &str| match leaves.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    match keys {
        [item::POSITION, item::NAME] => parameter_key(&word(item::POSITION), &word(item::NAME)),
        _ => keys.iter().map(|key| word(key)).collect::<Vec<_>>().join(" "),
    }
}

/// Names of headers are the same in any case.
fn parameter_key(position: &str, name: &str) -> String {
    let name = if position == "HEADER" { name.to_lowercase() } else { name.to_owned() };
    format!("{position} {name}")
}

/// What a leaf is where nothing is said.
pub(crate) fn default_of(path: &str) -> Option<&'static str> {
    match path {
        names::API_TYPE | names::API_BUSINESS_TYPE => Some("NORMAL"),
        names::AUTH_TYPE => Some("NONE"),
        item::TYPE => Some("string"),
        names::BACKEND_PATH => Some("/"),
        "ServiceConfig.CosConfig.PathMatchMode" => Some("BackEndPath"),
        _ if path.ends_with("FunctionNamespace") => Some("default"),
        _ if path.ends_with("FunctionQualifier") => Some("$LATEST"),
        _ => None,
    }
}

/// A leaf without what makes no difference.
fn normal(field: &Field, path: &str, value: &Value) -> Value {
    match (field.kind(), value) {
        ("integer", Value::String(text)) => {
            text.trim().parse::<i64>().map_or_else(|_| value.clone(), Value::from)
        }
        ("boolean", Value::String(text)) => {
            text.to_lowercase().parse::<bool>().map_or_else(|_| value.clone(), Value::from)
        }
        ("string", Value::Number(_) | Value::Bool(_)) => normal_text(path, &value.to_string()),
        ("string", Value::String(text)) => normal_text(path, text),
        ("array", Value::Array(items)) => {
            let mut texts: Vec<String> = items.iter().map(ToString::to_string).collect();
            texts.sort_unstable();
            if texts.is_empty() { Value::Null } else { texts.into_iter().collect() }
        }
        _ => value.clone(),
    }
}

fn normal_text(path: &str, text: &str) -> Value {
    let text = text.replace("\r\n", "\n");
    let last = path.rsplit('.').next().unwrap_or(path);
    let normal = match last {
        names::API_DESC | names::SUCCESS_EXAMPLE | names::FAIL_EXAMPLE | item::DESC => {
            text.trim_end().to_owned()
        }
        item::SOURCE_DESC => text.trim_end().to_owned(),
        names::PROTOCOL => front_protocol(&text),
        item::POSITION | item::SOURCE_POSITION => match text.to_uppercase().as_str() {
            "HEAD" => "HEADER".to_owned(),
            other => other.to_owned(),
        },
        names::API_TYPE
        | names::AUTH_TYPE
        | names::API_BUSINESS_TYPE
        | names::SERVICE_TYPE
        | names::RESPONSE_TYPE => text.to_uppercase(),
        "Method" if path != "ServiceTsfLoadBalanceConf.Method" => text.to_uppercase(),
        item::TYPE => text.to_lowercase(),
        "Url" => address(&text),
        "PublicKey" => text.split_whitespace().collect(),
        _ => text,
    };
    normal.into()
}

/// An API's `Protocol`, which may be read back as the service spells its own.
fn front_protocol(text: &str) -> String {
    match text.to_uppercase().as_str() {
        "HTTPS" | "HTTP&HTTPS" => "HTTP".to_owned(),
        other => other.to_owned(),
    }
}

/// `scheme://host` in lower case, without a slash at the end.
fn address(text: &str) -> String {
    let text = text.trim_end_matches('/');
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    let (host, rest) = rest.split_at(end);
    format!("{}://{}{rest}", scheme.to_lowercase(), host.to_lowercase())
}

/// Whether fields say something at a path, if only that it is empty.
pub(crate) fn says(fields: &Fields, path: &str) -> bool {
    value(fields, path).is_some_and(|value| !value.is_null())
}
