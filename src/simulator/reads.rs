//! The actions that read what the store holds, answered exactly as the official type model
//! says: every field of it, and none besides.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::simulator::answer::{Fields, Refusal, result};
use crate::simulator::body::{Body, word};
use crate::simulator::call::{Call, Moment};
use crate::simulator::check;
use crate::simulator::done::{Done, time};
use crate::simulator::fault::ReplyFault;
use crate::simulator::inventory::Inventory;
use crate::simulator::ledger::Verdict;
use crate::simulator::random::mix;
use crate::simulator::scenario::{Listing, Order};
use crate::simulator::service::{Api, ENVIRONMENTS, Service};
use crate::simulator::shape::{object, shaped};
use crate::simulator::store::no_api;

/// One API, whole.
pub(crate) fn api(
    inventory: &Inventory,
    call: &Call,
    body: &Body,
    at: Moment,
) -> Result<Done, Refusal> {
    let service = inventory.store.service(word(body, "ServiceId"))?;
    let api = inventory.store.api(&service.id, word(body, "ApiId"))?;
    let reading = &inventory.settings.scenario.reading;
    let seen = api.seen(at.wall, reading.lag_ms).ok_or_else(|| no_api(&api.id))?;
    let info = reading.prepare(api_info(service, api, seen), &service.protocol);
    let info =
        reading.tell(object("ApiInfo", info), inventory.settings.scenario.seed ^ call.number);
    Ok(Done::new(Verdict::Served, result(info.into())))
}

/// One page of what a service holds.
pub(crate) fn apis(
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
    let shown = |api| {
        let row = row("DescribeApisStatusResultApiIdStatusSetInfo", &service.id, api);
        listing.show(row)
    };
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

/// One service, with the first of its APIs.
pub(crate) fn service(inventory: &Inventory, body: &Body, at: Moment) -> Result<Done, Refusal> {
    let service = inventory.store.service(word(body, "ServiceId"))?;
    let mut fields = service_fields(service, at.wall);
    fields.insert("ApiTotalCount".to_owned(), service.apis.len().into());
    let set = service.apis.values().take(20).map(|api| row("ApiIdStatus", &service.id, api));
    fields.insert("ApiIdStatusSet".to_owned(), set.collect());
    let plans: Vec<_> = service.plans.iter().map(plan).collect();
    fields.insert("UsagePlanTotalCount".to_owned(), plans.len().into());
    fields.insert("UsagePlanList".to_owned(), plans.into());
    Ok(Done::new(Verdict::Served, object("DescribeServiceResponse", fields)))
}

fn plan((environment, id): &(String, String)) -> Value {
    shaped("UsagePlan", json!({"Environment": environment, "UsagePlanId": id, "UsagePlanName": id}))
}

/// One page of the services.
pub(crate) fn services(inventory: &Inventory, body: &Body, at: Moment) -> Result<Done, Refusal> {
    let filters = filters_in(body, "DescribeServicesStatusRequest")?;
    let listing = &inventory.settings.scenario.listing;
    let takes = |service: &&Service| {
        listing.shows(service.created, at.wall)
            && filters.iter().all(|filter| filter.takes_service(service))
    };
    let found: Vec<_> = inventory.store.services().filter(takes).collect();
    let total = found.len();
    let page = page(body, found.into_iter()).take(listing.page_holds());
    let set: Vec<_> =
        page.map(|service| object("Service", service_fields(service, at.wall))).collect();
    Ok(Done::new(Verdict::Served, result(json!({"TotalCount": total, "ServiceSet": set}))))
}

/// What each environment of a service runs.
pub(crate) fn environments(inventory: &Inventory, body: &Body) -> Result<Done, Refusal> {
    let service = inventory.store.service(word(body, "ServiceId"))?;
    let shown = |name: &&'static str| {
        let release = service.running(name);
        json!({
            "EnvironmentName": name, "Url": format!("{}/{name}", outer(service)),
            "Status": i32::from(release.is_some()), "VersionName": release.map(|it| &it.version),
            "CreateTime": release.map(|it| time(it.at)),
        })
    };
    let set: Vec<_> = page(body, ENVIRONMENTS.iter().map(shown)).collect();
    let answer = json!({"TotalCount": ENVIRONMENTS.len(), "EnvironmentList": set});
    Ok(Done::new(Verdict::Served, result(answer)))
}

/// What was released, the latest first.
pub(crate) fn releases(inventory: &Inventory, body: &Body) -> Result<Done, Refusal> {
    let service = inventory.store.service(word(body, "ServiceId"))?;
    let name = word(body, "EnvironmentName");
    let mut found: Vec<_> = service.releases.iter().rev().collect();
    found.retain(|release| name.is_empty() || release.environment == name);
    let total = found.len();
    let shown = page(body, found.into_iter()).map(|release| {
        json!({
            "VersionName": release.version, "VersionDesc": release.description,
            "ReleaseTime": time(release.at),
        })
    });
    let answer = json!({"TotalCount": total, "VersionList": shown.collect::<Vec<_>>()});
    Ok(Done::new(Verdict::Served, result(answer)))
}

/// An API as it was sent, with what the gateway knows of it.
fn api_info(service: &Service, api: &Api, sent: Map<String, Value>) -> Map<String, Value> {
    let mut info = sent;
    let environments = Value::from(service.environments.clone());
    let texts = [
        ("ServiceName", service.name.clone()),
        ("ServiceDesc", service.description.clone()),
        ("ApiId", api.id.clone()),
        ("CreatedTime", time(api.created)),
        ("ModifiedTime", time(api.modified)),
        ("InternalDomain", String::new()),
    ];
    info.extend(texts.map(|(name, text)| (name.to_owned(), text.into())));
    info.insert("Environments".to_owned(), environments);
    info
}

/// An API as listings show it.
fn row(type_name: &str, service: &str, api: &Api) -> Value {
    let mut info = api.fields();
    let known = json!({
        "ServiceId": service,
        "ApiId": api.id,
        "CreatedTime": time(api.created),
        "ModifiedTime": time(api.modified),
        "UniqVpcId": info.get("ServiceConfig").map(|config| config["UniqVpcId"].clone()),
        "Path": api.path,
        "Method": api.method,
    });
    for (name, value) in [
        ("ApiType", "NORMAL".into()),
        ("IsDebugAfterCharge", false.into()),
        ("AuthType", "NONE".into()),
        ("ApiBusinessType", "NORMAL".into()),
        ("AuthRelationApiId", Value::from("")),
    ] {
        info.entry(name).or_insert(value);
    }
    info.extend(known.as_object().cloned().unwrap_or_default());
    object(type_name, info).into()
}

fn service_fields(service: &Service, now: Timestamp) -> Fields {
    let fields = json!({
        "ServiceId": service.id,
        "ServiceName": service.name,
        "ServiceDesc": service.description,
        "Protocol": service.protocol,
        "CreatedTime": time(service.created),
        "ModifiedTime": time(service.created.min(now)),
        "NetTypes": ["OUTER"],
        "IpVersion": "IPv4",
        "OuterSubDomain": outer(service),
        "InnerHttpPort": 0,
        "InnerHttpsPort": 0,
        "AvailableEnvironments": service.environments,
    });
    let Value::Object(fields) = fields else { return Fields::new() };
    fields
}

/// The public address, in a domain that belongs to no one.
pub(crate) fn outer(service: &Service) -> String {
    format!("{}.gateway.example", service.id)
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
            modified: Timestamp::UNIX_EPOCH,
            body: body.to_string().into(),
            earlier: None,
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
