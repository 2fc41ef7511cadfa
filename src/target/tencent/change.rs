//! The body of `ModifyApi`: what the gateway holds, under what is wanted.
//!
//! Whether fields that a change leaves out keep their value is not published. So every change
//! says everything: all that was read back and may be set, and over it all that is wanted,
//! lists whole. A field that cannot be read back cannot be carried over; whoever changes an
//! API that may have one must know that ([`may_lose`]).

use serde_json::{Value, json};

use crate::target::tencent::canonical::{Canonical, LISTS, says_something};
use crate::target::tencent::fields::{Fields, fill};
use crate::target::tencent::model::{self, CHANGE, Field};
use crate::target::tencent::names::{self, item};
use crate::target::tencent::read_back::ReadBack;

/// The body that changes an API of this service to what is wanted, the authorising API's id
/// filled in.
pub fn change(service: &str, held: &ReadBack, wanted: &Fields) -> String {
    let mut fields = wanted.clone();
    fill(&mut fields, carried_over(held.fields(), wanted));
    complete_lists(&mut fields, held.fields());
    let mut body = known(CHANGE, &fields);
    body.insert(names::SERVICE_ID.into(), service.into());
    body.insert("ApiId".into(), held.api_id().into());
    Value::Object(body).to_string()
}

/// What is kept of a read-back: what it says, what such an API uses, and no list that is wanted
/// whole. Of another kind of backend nothing is kept.
fn carried_over(held: &Fields, wanted: &Fields) -> Fields {
    let (will, was) = (Canonical::of(wanted), Canonical::of(held));
    let moves = will.word(names::SERVICE_TYPE) != was.word(names::SERVICE_TYPE);
    let is_kept = |name: &str| match name {
        names::PROTOCOL => false,
        names::SERVICE_CONFIG if moves => false,
        names::TRIGGER_RULES => true,
        _ => will.uses(name) && LISTS.iter().all(|(list, _)| *list != name),
    };
    let kept = held.iter().filter(|(name, _)| is_kept(name));
    kept.filter_map(|(name, value)| Some((name.clone(), without_blanks(value)?))).collect()
}

/// A value without what says nothing; `None` where nothing is left.
fn without_blanks(value: &Value) -> Option<Value> {
    let Value::Object(fields) = value else {
        return says_something(value).then(|| value.clone());
    };
    let inner =
        fields.iter().filter_map(|(name, value)| Some((name.clone(), without_blanks(value)?)));
    let inner: Fields = inner.collect();
    (!inner.is_empty()).then(|| inner.into())
}

/// Says each list, if only that it is empty, and in it all that the model demands.
fn complete_lists(fields: &mut Fields, held: &Fields) {
    let will = Canonical::of(fields);
    for (list, _) in LISTS {
        if will.uses(list) && list != names::TRIGGER_RULES {
            fields.entry(list).or_insert_with(|| json!([]));
        }
    }
    let is_empty = |fields: &Fields| !fields.get(names::ERROR_CODES).is_some_and(says_something);
    fields.remove(names::DELETE_ERROR_CODES);
    if is_empty(fields) && !is_empty(held) {
        fields.insert(names::DELETE_ERROR_CODES.into(), true.into());
    }
    let parameters = fields.get_mut(names::REQUEST_PARAMETERS).and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten().filter_map(Value::as_object_mut) {
        for (leaf, blank) in [
            (item::NAME, json!("")),
            (item::POSITION, json!("")),
            (item::TYPE, json!("string")),
            (item::DEFAULT_VALUE, json!("")),
            (item::REQUIRED, json!(false)),
            (item::DESC, json!("")),
        ] {
            let given = parameter.entry(leaf).or_insert(Value::Null);
            if given.is_null() {
                *given = blank;
            }
        }
    }
}

/// The fields of a type, in the model's order, without nulls and what the type does not have.
fn known(type_name: &str, fields: &Fields) -> Fields {
    let given = |field: &Field| {
        let value = fields.get(&field.name).filter(|value| !value.is_null())?;
        Some((field.name.clone(), known_value(field, value)))
    };
    model::fields(type_name).iter().filter_map(given).collect()
}

fn known_value(field: &Field, value: &Value) -> Value {
    match (field.inner(), value) {
        (Some(inner), Value::Object(fields)) => known(inner, fields).into(),
        (Some(inner), Value::Array(items)) => {
            let item = |item: &Value| match item {
                Value::Object(fields) => known(inner, fields).into(),
                other => other.clone(),
            };
            items.iter().map(item).collect()
        }
        _ => value.clone(),
    }
}

/// What a change of this API may lose, since nobody can read it back and what is wanted does
/// not say it: fields that an API of its kind has. A function is one of events unless what is
/// wanted says otherwise, so its type is not among them.
pub fn may_lose(held: &ReadBack, wanted: &Fields) -> Vec<&'static str> {
    let will = Canonical::of(wanted);
    let by_eiam = will.word(names::AUTH_TYPE) == "EIAM";
    let callers: &[&str] =
        if by_eiam { &[names::EIAM_APP_ID, "EIAMAuthType", "EIAMAppType"] } else { &[] };
    let backend: &[&str] = match will.word(names::SERVICE_TYPE).as_str() {
        "EB" => &[names::EVENT_BUS_ID],
        "TARGET" => &["TargetServicesHealthCheckConf", "TargetServicesLoadBalanceConf"],
        _ => &[],
    };
    let is_lost =
        |name: &&&str| !wanted.contains_key(**name) && !held.fields().contains_key(**name);
    callers.iter().chain(backend).filter(is_lost).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(value: &Value) -> Fields {
        value.as_object().unwrap().clone()
    }

    fn changed(held: Value, wanted: &Value) -> Value {
        let held = ReadBack::of(held).unwrap();
        serde_json::from_str(&change("service-a", &held, &fields(wanted))).unwrap()
    }

    #[test]
    fn what_nobody_decided_is_carried_over_and_lists_are_said_whole() {
        let held = json!({
            "ApiId": "api-1", "ApiDesc": "by hand", "IsBase64Trigger": true, "ServiceType": "HTTP",
            "Tags": [{"Key": "a"}], "Environments": ["test"], "AuthRelationApiId": "api-9",
            "RequestParameters": [{"Name": "old", "Position": "QUERY"}],
            "ResponseErrorCodes": [{"Code": 404}], "ServiceConfig": {"UniqVpcId": "vpc-1", "Url": "a"},
        });
        let wanted = json!({
            "ServiceType": "HTTP", "ServiceConfig": {"Url": "b"}, "Owner": "o",
            "RequestConfig": {"Path": "/p", "Method": "GET"},
        });
        let body = json!({
            "ServiceId": "service-a", "ApiId": "api-1", "ApiDesc": "by hand", "ServiceType": "HTTP",
            "RequestConfig": {"Path": "/p", "Method": "GET"}, "IsBase64Trigger": true,
            "ServiceConfig": {"Url": "b", "UniqVpcId": "vpc-1"}, "RequestParameters": [],
            "ServiceParameters": [], "ConstantParameters": [], "ResponseErrorCodes": [],
            "IsDeleteResponseErrorCodes": true,
        });
        assert_eq!(changed(held, &wanted), body);
    }

    #[test]
    fn of_another_kind_of_backend_nothing_is_kept() {
        let held = json!({
            "ApiId": "api-1", "ServiceType": "COS", "ServiceConfig": {"CosConfig": {"Action": "a"}},
        });
        let wanted = json!({"ServiceType": "HTTP", "ServiceConfig": {"Url": "b"}});
        assert_eq!(changed(held, &wanted)["ServiceConfig"], json!({"Url": "b"}));
    }

    #[test]
    fn what_cannot_be_read_back_is_lost_unless_it_is_said() {
        let lost =
            |held: Value, wanted: &Value| may_lose(&ReadBack::of(held).unwrap(), &fields(wanted));
        let bus = json!({"ServiceType": "EB"});
        assert_eq!(lost(json!({}), &bus), ["EventBusId"]);
        assert_eq!(lost(json!({"EventBusId": "eb-1"}), &bus), [] as [&str; 0]);
        assert_eq!(
            lost(json!({}), &json!({"ServiceType": "EB", "EventBusId": "eb-1"})),
            [] as [&str; 0]
        );
        assert_eq!(lost(json!({}), &json!({"ServiceType": "HTTP"})), [] as [&str; 0]);
    }
}
