//! The actions that change what the store holds.

use serde_json::{Value, json};

use crate::simulator::answer::{Fields, Refusal, result};
use crate::simulator::body::{Body, word};
use crate::simulator::call::{Call, Moment};
use crate::simulator::change::changed;
use crate::simulator::done::{Done, time};
use crate::simulator::inventory::Inventory;
use crate::simulator::ledger::Verdict;
use crate::simulator::reads::outer;
use crate::simulator::rules;
use crate::simulator::service::Release;

pub(crate) fn create_api(
    inventory: &mut Inventory,
    call: &Call,
    body: &Body,
    at: Moment,
) -> Result<Done, Refusal> {
    not_busy(inventory, body, at)?;
    authorised(inventory, body)?;
    let text = text(call, body);
    let policy = inventory.policy();
    let api = inventory.store.create_api(body, &text, &policy, at.wall)?;
    let answer = json!({
        "ApiId": api.id, "Path": api.path, "Method": api.method, "CreatedTime": time(api.created),
    });
    Ok(Done { api_id: api.id, body: text, ..Done::new(Verdict::Created, result(answer)) })
}

/// A request's fields as they came, or as JSON where they came in a query.
fn text(call: &Call, body: &Body) -> String {
    match std::str::from_utf8(&call.body) {
        Ok(text) if !text.is_empty() => text.to_owned(),
        _ => Value::from(body.clone()).to_string(),
    }
}

/// Whether the API that is to authorise this one is there and can.
fn authorised(inventory: &Inventory, body: &Body) -> Result<(), Refusal> {
    let relation = word(body, "AuthRelationApiId");
    if word(body, "AuthType") != "OAUTH" || relation.is_empty() {
        return Ok(());
    }
    let api = inventory.store.api(word(body, "ServiceId"), relation).ok();
    if api.is_some_and(|api| word(&api.fields(), "ApiBusinessType") == "OAUTH") {
        return Ok(());
    }
    let text = format!("`{relation}` is no authorising API of this service.");
    Err(Refusal::new("ResourceNotFound.InvalidOauthApi", text))
}

pub(crate) fn modify_api(
    inventory: &mut Inventory,
    body: &Body,
    at: Moment,
) -> Result<Done, Refusal> {
    not_busy(inventory, body, at)?;
    let (service, id) = (word(body, "ServiceId"), word(body, "ApiId"));
    let held = inventory.store.api(service, id)?.fields();
    let body = changed(&held, body, inventory.settings.scenario.modify);
    rules::judge(&body)?;
    authorised(inventory, &body)?;
    let text = Value::from(body.clone()).to_string();
    let policy = inventory.policy();
    inventory.store.modify_api(service, id, &body, &policy, at.wall)?;
    Ok(Done { api_id: id.to_owned(), body: text, ..Done::new(Verdict::Modified, Fields::new()) })
}

pub(crate) fn delete_api(
    inventory: &mut Inventory,
    body: &Body,
    at: Moment,
) -> Result<Done, Refusal> {
    not_busy(inventory, body, at)?;
    let api = inventory.store.delete_api(word(body, "ServiceId"), word(body, "ApiId"))?;
    Ok(Done { api_id: api.id, ..Done::new(Verdict::Deleted, result(true.into())) })
}

pub(crate) fn create_service(
    inventory: &mut Inventory,
    call: &Call,
    body: &Body,
    at: Moment,
) -> Result<Done, Refusal> {
    let id = inventory.store.create_service(body, at.wall);
    let service = inventory.store.service(&id)?;
    let fields = Fields::from_iter([
        ("ServiceId".to_owned(), id.as_str().into()),
        ("ServiceName".to_owned(), service.name.as_str().into()),
        ("ServiceDesc".to_owned(), service.description.as_str().into()),
        ("OuterSubDomain".to_owned(), outer(service).into()),
        ("InnerSubDomain".to_owned(), "".into()),
        ("CreatedTime".to_owned(), time(service.created).into()),
        ("NetTypes".to_owned(), json!(["OUTER"])),
        ("IpVersion".to_owned(), "IPv4".into()),
    ]);
    Ok(Done { service: id, body: text(call, body), ..Done::new(Verdict::Created, fields) })
}

pub(crate) fn delete_service(
    inventory: &mut Inventory,
    body: &Body,
    at: Moment,
) -> Result<Done, Refusal> {
    not_busy(inventory, body, at)?;
    inventory.store.delete_service(word(body, "ServiceId"))?;
    Ok(Done::new(Verdict::Deleted, result(true.into())))
}

pub(crate) fn release_service(
    inventory: &mut Inventory,
    call: &Call,
    body: &Body,
    at: Moment,
) -> Result<Done, Refusal> {
    not_busy(inventory, body, at)?;
    let service = word(body, "ServiceId");
    let release = Release::of(body, at.wall);
    let answer = json!({"ReleaseDesc": release.description, "ReleaseVersion": release.version});
    inventory.store.release(service, release)?;
    inventory.release(service, at);
    Ok(Done { body: text(call, body), ..Done::new(Verdict::Released, result(answer)) })
}

pub(crate) fn unrelease_service(
    inventory: &mut Inventory,
    call: &Call,
    body: &Body,
    at: Moment,
) -> Result<Done, Refusal> {
    not_busy(inventory, body, at)?;
    inventory.store.unrelease(word(body, "ServiceId"), word(body, "EnvironmentName"))?;
    Ok(Done { body: text(call, body), ..Done::new(Verdict::Unreleased, result(true.into())) })
}

/// Usage plans are made by hand: whichever is named is there.
pub(crate) fn bind_environment(
    inventory: &mut Inventory,
    call: &Call,
    body: &Body,
    at: Moment,
) -> Result<Done, Refusal> {
    not_busy(inventory, body, at)?;
    inventory.store.bind(body)?;
    Ok(Done { body: text(call, body), ..Done::new(Verdict::Bound, result(true.into())) })
}

fn not_busy(inventory: &Inventory, body: &Body, at: Moment) -> Result<(), Refusal> {
    let service = word(body, "ServiceId");
    inventory.store.service(service)?;
    if inventory.is_busy(service, at) {
        let text = format!("Another operation is running on the service `{service}`.");
        return Err(Refusal::new("FailedOperation.ServiceInOperation", text));
    }
    Ok(())
}
