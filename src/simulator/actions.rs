//! The actions, on what the store holds.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::simulator::answer::{Fields, Refusal, result};
use crate::simulator::call::{Call, Moment};
use crate::simulator::check;
use crate::simulator::fault::ReplyFault;
use crate::simulator::inventory::Inventory;
use crate::simulator::ledger::Verdict;
use crate::simulator::random::mix;
use crate::simulator::scenario::{Listing, Order};
use crate::simulator::store::{Api, Service, word};

type Body = Map<String, Value>;

/// What came of a request that was carried out.
pub(crate) struct Done {
    pub(crate) verdict: Verdict,
    pub(crate) fields: Fields,
    /// What was made or taken away, for the ledger.
    pub(crate) api_id: String,
    /// The service that was made, for the ledger.
    pub(crate) service: String,
    /// The body of what was made, for the ledger.
    pub(crate) body: String,
}

impl Done {
    fn new(verdict: Verdict, fields: Fields) -> Self {
        let (api_id, service, body) = Default::default();
        Self { verdict, fields, api_id, service, body }
    }
}

/// Carries out a request whose body was judged to be one of its action.
pub(crate) fn perform(
    inventory: &mut Inventory,
    call: &Call,
    body: &Body,
    at: Moment,
) -> Result<Done, Refusal> {
    match call.action.as_str() {
        "CreateApi" => create_api(inventory, call, body, at),
        "DeleteApi" => delete_api(inventory, body, at),
        "DescribeApi" => describe_api(inventory, body),
        "DescribeApisStatus" => describe_apis_status(inventory, call, body, at),
        "CreateService" => create_service(inventory, call, body, at),
        "DescribeService" => describe_service(inventory, body),
        "DescribeServicesStatus" => describe_services_status(inventory, body, at),
        "ReleaseService" => release_service(inventory, call, body, at),
        other => Err(Refusal::new("InvalidAction", format!("There is no action `{other}`."))),
    }
}

fn create_api(
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

fn delete_api(inventory: &mut Inventory, body: &Body, at: Moment) -> Result<Done, Refusal> {
    not_busy(inventory, body, at)?;
    let api = inventory.store.delete_api(word(body, "ServiceId"), word(body, "ApiId"))?;
    Ok(Done { api_id: api.id, ..Done::new(Verdict::Deleted, result(true.into())) })
}

fn describe_api(inventory: &Inventory, body: &Body) -> Result<Done, Refusal> {
    let service = inventory.store.service(word(body, "ServiceId"))?;
    let api = inventory.store.api(&service.id, word(body, "ApiId"))?;
    let mut info = api.fields();
    for (key, value) in [
        ("ServiceName", service.name.as_str()),
        ("ApiId", &api.id),
        ("CreatedTime", &time(api.created)),
        ("ModifiedTime", &time(api.created)),
    ] {
        info.insert(key.to_owned(), value.into());
    }
    Ok(Done::new(Verdict::Served, result(info.into())))
}

fn describe_apis_status(
    inventory: &Inventory,
    call: &Call,
    body: &Body,
    at: Moment,
) -> Result<Done, Refusal> {
    let service = inventory.store.service(word(body, "ServiceId"))?;
    let listing = &inventory.settings.scenario.listing;
    let filters = filters_in(body, "DescribeApisStatusRequest")?;
    let mut seen: Vec<_> =
        service.apis.values().filter(|api| listing.shows(api.created, at.wall)).collect();
    seen.retain(|api| filters.iter().all(|filter| filter.takes_api(api, listing)));
    listing.sort(&mut seen, inventory.settings.scenario.seed ^ call.number);
    let total = seen.len();
    let first = Body::from_iter([("Limit".to_owned(), 100.into())]);
    let asked = if call.fate.reply == ReplyFault::RepeatedPage { &first } else { body };
    let shown = |api| listing.show(status(&service.id, api));
    let set = page(asked, seen.into_iter()).take(listing.page_holds()).map(shown).collect();
    let (total, set) = spoilt(&call.fate.reply, total, set);
    let answer = json!({"TotalCount": total, "ApiIdStatusSet": set});
    Ok(Done::new(Verdict::Served, result(answer)))
}

/// A listing as its fault has it.
fn spoilt(fault: &ReplyFault, total: usize, mut set: Vec<Value>) -> (usize, Vec<Value>) {
    match fault {
        ReplyFault::WrongTotal => (total + 1, set),
        ReplyFault::EmptyPage => (total, Vec::new()),
        ReplyFault::ShortPage => {
            set.truncate(set.len() / 2);
            (total, set)
        }
        ReplyFault::NoPath => {
            for api in &mut set {
                api["Path"] = Value::Null;
            }
            (total, set)
        }
        _ => (total, set),
    }
}

fn create_service(
    inventory: &mut Inventory,
    call: &Call,
    body: &Body,
    at: Moment,
) -> Result<Done, Refusal> {
    let (name, protocol) = (word(body, "ServiceName"), word(body, "Protocol"));
    let id = inventory.store.create_service(name, protocol, at.wall);
    let service = inventory.store.service(&id)?;
    let fields = Fields::from_iter([
        ("ServiceId".to_owned(), id.as_str().into()),
        ("ServiceName".to_owned(), name.into()),
        ("ServiceDesc".to_owned(), word(body, "ServiceDesc").into()),
        ("OuterSubDomain".to_owned(), outer(service).into()),
        ("InnerSubDomain".to_owned(), "".into()),
        ("CreatedTime".to_owned(), time(service.created).into()),
        ("NetTypes".to_owned(), json!(["OUTER"])),
        ("IpVersion".to_owned(), "IPv4".into()),
    ]);
    Ok(Done { service: id, body: text(call, body), ..Done::new(Verdict::Created, fields) })
}

fn describe_service(inventory: &Inventory, body: &Body) -> Result<Done, Refusal> {
    let service = inventory.store.service(word(body, "ServiceId"))?;
    let mut fields = service_fields(service);
    fields.insert("ApiTotalCount".to_owned(), service.apis.len().into());
    let set = service.apis.values().take(20).map(|api| status(&service.id, api));
    fields.insert("ApiIdStatusSet".to_owned(), set.collect());
    fields.insert("UsagePlanTotalCount".to_owned(), 0.into());
    Ok(Done::new(Verdict::Served, fields))
}

fn describe_services_status(
    inventory: &Inventory,
    body: &Body,
    at: Moment,
) -> Result<Done, Refusal> {
    let filters = filters_in(body, "DescribeServicesStatusRequest")?;
    let listing = &inventory.settings.scenario.listing;
    let takes = |service: &&Service| {
        listing.shows(service.created, at.wall)
            && filters.iter().all(|filter| filter.takes_service(service))
    };
    let found: Vec<_> = inventory.store.services().filter(takes).collect();
    let total = found.len();
    let page = page(body, found.into_iter()).take(listing.page_holds());
    let set: Vec<_> = page.map(service_fields).collect();
    Ok(Done::new(Verdict::Served, result(json!({"TotalCount": total, "ServiceSet": set}))))
}

fn release_service(
    inventory: &mut Inventory,
    call: &Call,
    body: &Body,
    at: Moment,
) -> Result<Done, Refusal> {
    not_busy(inventory, body, at)?;
    let service = word(body, "ServiceId");
    inventory.store.release(service, word(body, "EnvironmentName"))?;
    inventory.release(service, at);
    let version = at.wall.strftime("%Y%m%d%H%M%S").to_string();
    let answer = json!({"ReleaseDesc": word(body, "ReleaseDesc"), "ReleaseVersion": version});
    Ok(Done { body: text(call, body), ..Done::new(Verdict::Released, result(answer)) })
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

/// An API as listings show it.
fn status(service: &str, api: &Api) -> Value {
    let body = api.fields();
    let or_null = |key: &str| body.get(key).cloned().unwrap_or_default();
    json!({
        "ServiceId": service,
        "ApiId": api.id,
        "ApiDesc": or_null("ApiDesc"),
        "CreatedTime": time(api.created),
        "ModifiedTime": time(api.created),
        "ApiName": or_null("ApiName"),
        "VpcId": null,
        "UniqVpcId": body.get("ServiceConfig").map(|config| config["UniqVpcId"].clone()),
        "ApiType": body.get("ApiType").cloned().unwrap_or_else(|| "NORMAL".into()),
        "Protocol": or_null("Protocol"),
        "IsDebugAfterCharge": body.get("IsDebugAfterCharge").cloned().unwrap_or_else(|| false.into()),
        "AuthType": body.get("AuthType").cloned().unwrap_or_else(|| "NONE".into()),
        "ApiBusinessType": body.get("ApiBusinessType").cloned().unwrap_or_else(|| "NORMAL".into()),
        "AuthRelationApiId": body.get("AuthRelationApiId").cloned().unwrap_or_else(|| "".into()),
        "OauthConfig": or_null("OauthConfig"),
        "Tags": null,
        "Path": api.path,
        "Method": api.method,
    })
}

fn service_fields(service: &Service) -> Fields {
    let fields = json!({
        "ServiceId": service.id,
        "ServiceName": service.name,
        "ServiceDesc": null,
        "Protocol": service.protocol,
        "CreatedTime": time(service.created),
        "ModifiedTime": time(service.created),
        "NetTypes": ["OUTER"],
        "IpVersion": "IPv4",
        "OuterSubDomain": outer(service),
        "AvailableEnvironments": service.environments,
    });
    let Value::Object(fields) = fields else { return Fields::new() };
    fields
}

/// The public address, in a domain that belongs to no one.
fn outer(service: &Service) -> String {
    format!("{}.gateway.example", service.id)
}

/// The form that the gateway gives times in.
fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The page that `Offset` and `Limit` ask for.
fn page<T>(body: &Body, all: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
    let number = |key: &str| body.get(key).and_then(Value::as_u64);
    let number = |key, otherwise| usize::try_from(number(key).unwrap_or(otherwise)).unwrap_or(0);
    all.skip(number("Offset", 0)).take(number("Limit", 20))
}

/// One filter: any of its values will do.
struct Filter<'b> {
    name: &'b str,
    values: Vec<&'b str>,
}

fn filters_in<'b>(body: &'b Body, request: &str) -> Result<Vec<Filter<'b>>, Refusal> {
    let filters = body.get("Filters").and_then(Value::as_array).into_iter().flatten();
    let read = filters.map(|filter| {
        let values = filter["Values"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Filter { name: filter["Name"].as_str().unwrap_or_default(), values: values.collect() }
    });
    let read: Vec<_> = read.collect();
    let field = check::fields(request).iter().find(|field| field["name"] == "Filters");
    let known = field.and_then(|field| field["allowed_names"].as_array());
    let is_known = |filter: &&Filter<'_>| known.is_some_and(|k| k.iter().any(|n| n == filter.name));
    match read.iter().find(|filter| !is_known(filter)) {
        Some(filter) => {
            let text = format!("There is no filter `{}`.", filter.name);
            Err(Refusal::new("InvalidParameterValue.NotInOptions", text))
        }
        None => Ok(read),
    }
}

impl Filter<'_> {
    fn takes_api(&self, api: &Api, listing: &Listing) -> bool {
        let body = api.fields();
        self.values.iter().any(|value| match self.name {
            "ApiId" => api.id == *value,
            "ApiPath" if listing.loose_paths => api.path.contains(value),
            "ApiPath" => api.path == *value,
            "ApiBuniessType" => word(&body, "ApiBusinessType") == *value,
            "ApiName" | "ApiType" | "AuthRelationApiId" | "AuthType" => {
                word(&body, self.name) == *value
            }
            // Usage plans, environments and tags are not held: nothing is ruled out.
            _ => true,
        })
    }

    fn takes_service(&self, service: &Service) -> bool {
        self.values.iter().any(|value| match self.name {
            "ServiceId" => service.id == *value,
            "ServiceName" => service.name == *value,
            "Environment" => service.environments.iter().any(|one| one == value),
            _ => true,
        })
    }
}

impl Listing {
    fn shows(&self, created: Timestamp, now: Timestamp) -> bool {
        let age = now.as_millisecond().saturating_sub(created.as_millisecond());
        age >= i64::try_from(self.lag_ms).unwrap_or(i64::MAX)
    }

    fn page_holds(&self) -> usize {
        self.most.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX)
    }

    fn show(&self, mut api: Value) -> Value {
        if self.lower_case_paths {
            api["Path"] = api["Path"].as_str().map(str::to_lowercase).into();
        }
        api
    }

    fn sort(&self, apis: &mut [&Api], salt: u64) {
        match self.order {
            Order::Created => {}
            Order::Newest => apis.reverse(),
            Order::Shuffled => apis.sort_by_key(|api| {
                api.id.bytes().fold(salt, |hash, byte| mix(hash ^ u64::from(byte)))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters_of(filters: &Value) -> Result<usize, String> {
        let body = Body::from_iter([("Filters".to_owned(), filters.clone())]);
        let read = filters_in(&body, "DescribeApisStatusRequest");
        read.map(|read| read.len()).map_err(|refusal| refusal.code)
    }

    /// Whether an API passes these filters; a path filter is loose where told.
    fn passes(filters: &Value, loose_paths: bool) -> bool {
        let body = json!({
            "ApiName": "list", "AuthType": "OAUTH", "ApiBusinessType": "NORMAL",
            "RequestConfig": {"Path": "/pets", "Method": "GET"},
        });
        let api = Api {
            id: "api-1".into(),
            path: "/pets".into(),
            method: "GET".into(),
            created: Timestamp::UNIX_EPOCH,
            body: body.to_string().into(),
        };
        let listing = Listing { loose_paths, ..Listing::default() };
        let asked = Body::from_iter([("Filters".to_owned(), filters.clone())]);
        let filters = filters_in(&asked, "DescribeApisStatusRequest").unwrap();
        filters.iter().all(|filter| filter.takes_api(&api, &listing))
    }

    #[test]
    fn all_filters_must_hold_and_any_value_will_do() {
        let one = |name: &str, values: &[&str]| json!({"Name": name, "Values": values});
        for (filters, holds) in [
            (json!([]), true),
            (json!([one("ApiId", &["api-1"])]), true),
            (json!([one("ApiId", &["api-2", "api-1"])]), true),
            (json!([one("ApiId", &["api-2"])]), false),
            (json!([one("ApiId", &["api-1"]), one("ApiName", &["other"])]), false),
            (json!([one("ApiName", &["list"]), one("AuthType", &["OAUTH"])]), true),
            (json!([one("ApiBuniessType", &["OAUTH"])]), false),
            (json!([one("ApiPath", &["/pets"])]), true),
            (json!([one("ApiPath", &["/pet"])]), false),
            (json!([one("NotUsagePlanId", &["x"])]), true),
        ] {
            assert_eq!(passes(&filters, false), holds, "{filters}");
        }
        assert!(passes(&json!([one("ApiPath", &["/pet"])]), true));
    }

    #[test]
    fn a_filter_that_is_not_published_is_refused() {
        assert_eq!(filters_of(&json!([{"Name": "ApiPath", "Values": ["/a"]}])), Ok(1));
        let told = filters_of(&json!([{"Name": "Method", "Values": ["GET"]}]));
        assert_eq!(told, Err("InvalidParameterValue.NotInOptions".to_owned()));
    }

    #[test]
    fn a_page_is_what_offset_and_limit_ask_for() {
        let asked = |offset: Value, limit: Value| {
            let pairs = [("Offset".to_owned(), offset), ("Limit".to_owned(), limit)];
            page(&Body::from_iter(pairs), 0..50).collect::<Vec<_>>()
        };
        assert_eq!(asked(Value::Null, Value::Null), (0..20).collect::<Vec<_>>());
        assert_eq!(asked(45.into(), 100.into()), (45..50).collect::<Vec<_>>());
        assert_eq!(asked(90.into(), 100.into()), [] as [i32; 0]);
    }
}
