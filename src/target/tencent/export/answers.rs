//! Answers that were saved: what `tccli apigateway DescribeApi` and its like printed, one or
//! several in a file, whole or as the gateway sent them. What each is, its own fields tell.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::target::tencent::export::holding::Holding;
use crate::target::tencent::fields::Fields;
use crate::target::tencent::read_back::ReadBack;

/// Services put together from answers.
#[derive(Debug, Default)]
pub struct SavedAnswers {
    services: BTreeMap<String, Parts>,
}

/// An API's answer as text, which [`SavedAnswers`] takes.
pub fn answer_of(holding: &Holding, api: &ReadBack) -> String {
    let mut fields = api.fields().clone();
    for (name, value) in [("ServiceId", &holding.service), ("ServiceName", &holding.name)] {
        fields.entry(name).or_insert_with(|| value.as_str().into());
    }
    format!("{:#}\n", json!({ "Result": fields }))
}

#[derive(Debug, Default)]
struct Parts {
    name: String,
    description: String,
    apis: BTreeMap<String, ReadBack>,
    listed: BTreeSet<String>,
}

/// Why a text holds no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// It is not JSON.
    #[error("is not JSON: {0}")]
    Json(String),
    /// It is the gateway's refusal.
    #[error("holds the error {0}, not an answer")]
    Refusal(String),
    /// It is something else.
    #[error(
        "is not an answer of DescribeApi, DescribeApisStatus, DescribeService or DescribeServicesStatus"
    )]
    Other,
}

impl SavedAnswers {
    /// Takes the answers of one file.
    ///
    /// # Errors
    /// What is not an answer; those before it are taken.
    pub fn take(&mut self, text: &str) -> Result<(), NoAnswer> {
        let values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        let mut is_empty = true;
        for value in values {
            let value = value.map_err(|error| NoAnswer::Json(error.to_string()))?;
            is_empty = false;
            self.answer(value)?;
        }
        if is_empty { Err(NoAnswer::Other) } else { Ok(()) }
    }

    fn answer(&mut self, value: Value) -> Result<(), NoAnswer> {
        let fields = unwrapped(value)?;
        let has = |name: &str| fields.contains_key(name);
        if has("ServiceSet") {
            items(&fields, "ServiceSet").for_each(|service| self.service(service));
        } else if has("ServiceName") && has("OuterSubDomain") {
            self.service(&fields);
        } else if has("ApiIdStatusSet") {
            items(&fields, "ApiIdStatusSet").for_each(|row| self.listed(row));
        } else if has("ApiId") && has("RequestConfig") {
            self.api(fields);
        } else {
            return Err(NoAnswer::Other);
        }
        Ok(())
    }

    fn parts(&mut self, fields: &Fields) -> &mut Parts {
        self.services.entry(text(fields, "ServiceId")).or_default()
    }

    fn service(&mut self, service: &Fields) {
        let parts = self.parts(service);
        parts.name = text(service, "ServiceName");
        parts.description = text(service, "ServiceDesc");
    }

    fn listed(&mut self, row: &Fields) {
        let id = text(row, "ApiId");
        self.parts(row).listed.insert(id);
    }

    fn api(&mut self, fields: Fields) {
        let parts = self.parts(&fields);
        if parts.name.is_empty() {
            parts.name = text(&fields, "ServiceName");
            parts.description = text(&fields, "ServiceDesc");
        }
        let id = text(&fields, "ApiId");
        if let Some(api) = ReadBack::of(fields.into()) {
            parts.apis.insert(id, api);
        }
    }

    /// What was put together, by the ids of the services.
    pub fn holdings(self) -> Vec<Holding> {
        let holding = |(service, parts): (String, Parts)| {
            let Parts { name, description, apis, mut listed } = parts;
            listed.retain(|id| !apis.contains_key(id));
            Holding {
                service,
                name,
                description,
                apis: apis.into_values().collect(),
                unread: listed,
            }
        };
        self.services.into_iter().map(holding).collect()
    }
}

/// The fields of an answer, whatever is around them.
fn unwrapped(value: Value) -> Result<Fields, NoAnswer> {
    let Value::Object(mut fields) = value else { return Err(NoAnswer::Other) };
    for around in ["Response", "Result"] {
        if let Some(error) = fields.get("Error") {
            let code = error.get("Code").and_then(Value::as_str).unwrap_or_default();
            return Err(NoAnswer::Refusal(code.to_owned()));
        }
        if let Some(Value::Object(inner)) = fields.get_mut(around) {
            fields = std::mem::take(inner);
        }
    }
    Ok(fields)
}

fn items<'f>(fields: &'f Fields, name: &str) -> impl Iterator<Item = &'f Map<String, Value>> {
    let list = fields.get(name).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_object)
}

fn text(fields: &Fields, name: &str) -> String {
    fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}
