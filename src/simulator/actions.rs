//! The actions by their names.

use crate::simulator::answer::Refusal;
use crate::simulator::body::Body;
use crate::simulator::call::{Call, Moment};
use crate::simulator::done::Done;
use crate::simulator::inventory::Inventory;
use crate::simulator::reads;
use crate::simulator::writes;

/// Carries out a request whose body was judged to be one of its action.
pub(crate) fn perform(
    inventory: &mut Inventory,
    call: &Call,
    body: &Body,
    at: Moment,
) -> Result<Done, Refusal> {
    match call.action.as_str() {
        "CreateApi" => writes::create_api(inventory, call, body, at),
        "ModifyApi" => writes::modify_api(inventory, body, at),
        "DeleteApi" => writes::delete_api(inventory, body, at),
        "CreateService" => writes::create_service(inventory, call, body, at),
        "DeleteService" => writes::delete_service(inventory, body, at),
        "ReleaseService" => writes::release_service(inventory, call, body, at),
        "UnReleaseService" => writes::unrelease_service(inventory, call, body, at),
        "BindEnvironment" => writes::bind_environment(inventory, call, body, at),
        "DescribeApi" => reads::api(inventory, call, body, at),
        "DescribeApisStatus" => reads::apis(inventory, call, body, at),
        "DescribeService" => reads::service(inventory, body, at),
        "DescribeServicesStatus" => reads::services(inventory, body, at),
        "DescribeServiceEnvironmentList" => reads::environments(inventory, body),
        "DescribeServiceEnvironmentReleaseHistory" => reads::releases(inventory, body),
        other => Err(Refusal::new("InvalidAction", format!("There is no action `{other}`."))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::simulator::asked::Gateway;
    use crate::simulator::check;
    use crate::simulator::settings::SERVICE;

    /// Where an object differs from its type in the model: fields that it lacks or has besides.
    fn misfits(of: &str, value: &Value, at: &str, found: &mut Vec<String>) {
        let fields = check::fields(of);
        let object = value.as_object().unwrap();
        let known = |name: &String| fields.iter().any(|field| field["name"] == **name);
        found.extend(object.keys().filter(|it| !known(it)).map(|it| format!("{at}{it}: unknown")));
        for field in fields.iter().filter(|field| field["name"] != "RequestId") {
            let name = field["name"].as_str().unwrap();
            let inner = field["of"].as_str().or(field["items"].as_str()).unwrap_or_default();
            let place = format!("{at}{name}.");
            match object.get(name) {
                None => found.push(format!("{at}{name}: missing")),
                Some(Value::Array(items)) if !check::fields(inner).is_empty() => {
                    for item in items {
                        misfits(inner, item, &place, found);
                    }
                }
                Some(value @ Value::Object(_)) => misfits(inner, value, &place, found),
                Some(_) => {}
            }
        }
    }

    #[test]
    fn each_answer_has_the_fields_of_its_model_and_no_other() {
        let mut gateway = Gateway::new("");
        let parameter = json!({"Name": "q", "Position": "QUERY"});
        let mapped = json!({
            "Name": "q", "Position": "QUERY", "RelevantRequestParameterName": "q",
            "RelevantRequestParameterPosition": "QUERY", "RelevantRequestParameterType": "string",
        });
        gateway.create(&json!({
            "RequestParameters": [parameter], "ServiceParameters": [mapped], "Owner": "o",
            "ResponseErrorCodes": [{"Code": 1, "Msg": "m"}], "ServiceConfig": {"Url": "http://a"},
        }));
        let id = gateway.create(&json!({"RequestConfig": {"Path": "/b", "Method": "GET"}}));
        let (service, environment) = (json!(SERVICE), json!("release"));
        let bound = json!({
            "UsagePlanIds": ["usagePlan-1"], "BindType": "SERVICE", "Environment": environment,
            "ServiceId": service,
        });
        let told = |action: &str, body: Value| (action.to_owned(), body);
        let asked = [
            told("CreateService", json!({"ServiceName": "shop", "Protocol": "http&https"})),
            told("BindEnvironment", bound),
            told("DescribeApi", json!({"ServiceId": service, "ApiId": id})),
            told(
                "ModifyApi",
                json!({
                    "ServiceId": service, "ApiId": id, "ServiceType": "MOCK",
                    "ServiceMockReturnMessage": "m", "RequestConfig": {"Path": "/c", "Method": "GET"},
                }),
            ),
            told(
                "ReleaseService",
                json!({
                    "ServiceId": service, "EnvironmentName": environment, "ReleaseDesc": "first",
                }),
            ),
            told("DescribeApisStatus", json!({"ServiceId": service})),
            told("DescribeService", json!({"ServiceId": service})),
            told("DescribeServicesStatus", json!({})),
            told("DescribeServiceEnvironmentList", json!({"ServiceId": service})),
            told("DescribeServiceEnvironmentReleaseHistory", json!({"ServiceId": service})),
            told(
                "UnReleaseService",
                json!({
                    "ServiceId": service, "EnvironmentName": environment,
                }),
            ),
            told("DeleteApi", json!({"ServiceId": service, "ApiId": id})),
        ];
        for (action, body) in asked {
            let answer = gateway.ask(&action, &body).unwrap();
            let (mut found, of) = (Vec::new(), format!("{action}Response"));
            misfits(&of, &answer, "", &mut found);
            assert!(found.is_empty(), "{action}: {found:?}");
        }
    }

    #[test]
    fn a_page_of_less_than_one_is_refused() {
        let mut gateway = Gateway::new("");
        for (limit, offset) in [(-1, 0), (0, 0), (101, 0), (20, -1)] {
            let asked = json!({"ServiceId": SERVICE, "Limit": limit, "Offset": offset});
            let told = gateway.ask("DescribeApisStatus", &asked).unwrap_err();
            assert_eq!(told, "InvalidParameterValue.RangeExceeded", "{limit} {offset}");
        }
    }

    #[test]
    fn a_service_is_deleted_when_it_is_offline_and_empty() {
        let mut gateway = Gateway::new("");
        let id = gateway.create(&json!({}));
        let (service, test) = (json!({"ServiceId": SERVICE}), "test");
        let environment =
            json!({"ServiceId": SERVICE, "EnvironmentName": test, "ReleaseDesc": "r"});
        let offline = json!({"ServiceId": SERVICE, "EnvironmentName": test});
        let told = gateway.ask("UnReleaseService", &offline).unwrap_err();
        assert_eq!(told, "InvalidParameterValue.InvalidEnvStatus");
        gateway.ask("ReleaseService", &environment).unwrap();
        let told = gateway.ask("DeleteService", &service).unwrap_err();
        assert_eq!(told, "UnsupportedOperation.ExistingOnlineEnvironment");
        let shown = gateway.ask("DescribeServiceEnvironmentList", &service).unwrap();
        let status = |shown: &Value| shown["Result"]["EnvironmentList"][0]["Status"].clone();
        assert_eq!(status(&shown), 1);
        gateway.ask("UnReleaseService", &offline).unwrap();
        assert_eq!(status(&gateway.ask("DescribeServiceEnvironmentList", &service).unwrap()), 0);
        let told = gateway.ask("DeleteService", &service).unwrap_err();
        assert_eq!(told, "UnsupportedOperation.ApiListNotEmpty");
        gateway.ask("DeleteApi", &json!({"ServiceId": SERVICE, "ApiId": id})).unwrap();
        gateway.ask("DeleteService", &service).unwrap();
        let told = gateway.ask("DescribeService", &service).unwrap_err();
        assert_eq!(told, "ResourceNotFound.InvalidService");
    }

    #[test]
    fn a_change_shows_in_the_read_back_and_moves_its_time_and_its_key() {
        let mut gateway = Gateway::new("");
        let id = gateway.create(&json!({"ApiDesc": "d"}));
        let other = json!({"RequestConfig": {"Path": "/taken", "Method": "GET"}});
        gateway.create(&other);
        gateway.1 = 10;
        let change = |path: &str| {
            json!({
                "ServiceId": SERVICE, "ApiId": id, "ServiceType": "MOCK",
                "ServiceMockReturnMessage": "other",
                "RequestConfig": {"Path": path, "Method": "GET"},
            })
        };
        let told = gateway.ask("ModifyApi", &change("/taken")).unwrap_err();
        assert_eq!(told, "InvalidParameterValue.InvalidApiRequestConfig");
        gateway.ask("ModifyApi", &change("/moved")).unwrap();
        let read = gateway.read(&id).unwrap();
        assert_eq!(
            (&read["ServiceMockReturnMessage"], &read["ApiDesc"]),
            (&json!("other"), &Value::Null)
        );
        assert_ne!(read["CreatedTime"], read["ModifiedTime"]);
        gateway.create(&json!({"RequestConfig": {"Path": "/a", "Method": "GET"}}));
        let mut strange = change("/moved");
        strange["RequestParameters"] = json!([{"Name": "q", "Position": "QUERY"}]);
        assert_eq!(gateway.ask("ModifyApi", &strange).unwrap_err(), "MissingParameter");
    }

    #[test]
    fn what_is_new_stays_unseen_as_long_as_told() {
        let mut gateway = Gateway::new("reading: { lag-ms: 5000 }");
        let id = gateway.create(&json!({}));
        assert_eq!(gateway.read(&id).unwrap_err(), "ResourceNotFound.InvalidApi");
        gateway.1 = 5;
        assert!(gateway.read(&id).is_ok());
        let change = json!({
            "ServiceId": SERVICE, "ApiId": id, "ServiceType": "MOCK", "ApiName": "late",
            "ServiceMockReturnMessage": "m", "RequestConfig": {"Path": "/a", "Method": "GET"},
        });
        gateway.ask("ModifyApi", &change).unwrap();
        assert_eq!(gateway.read(&id).unwrap()["ApiName"], Value::Null);
        gateway.1 = 10;
        assert_eq!(gateway.read(&id).unwrap()["ApiName"], "late");
    }

    #[test]
    fn a_read_back_is_told_as_its_switches_say() {
        let parameters = json!([
            {"Name": "q", "Position": "QUERY", "Desc": "a\nb"}, {"Name": "r", "Position": "HEADER"},
        ]);
        let read = |switch: &str| {
            let mut gateway = Gateway::new(&format!("reading: {{ {switch} }}"));
            let id = gateway.create(&json!({"RequestParameters": parameters}));
            gateway.read(&id).unwrap()
        };
        let plain = read("");
        assert_eq!((&plain["ApiType"], &plain["Tags"]), (&Value::Null, &Value::Null));
        assert_eq!(plain.as_object().unwrap().len(), 52);
        let blank = read("empty: blank");
        assert_eq!((&blank["ApiDesc"], &blank["Tags"]), (&json!(""), &json!([])));
        assert_eq!(blank["RequestParameters"][0]["Required"], false);
        assert!(read("empty: absent").get("ApiDesc").is_none());
        assert_eq!(read("defaults: true")["ResponseType"], "HTML");
        assert_eq!(read("crlf: true")["RequestParameters"][0]["Desc"], "a\r\nb");
        assert_eq!(read("identity-parameters: true")["ServiceParameters"][1]["Name"], "r");
        let lower = read("lower-case-positions: true");
        assert_eq!(lower["RequestParameters"][1]["Position"], "header");
        assert_eq!(read("service-protocol: true")["Protocol"], "http&https");
        assert!(read("unknown-fields: true").get("GatewayRevision").is_some());
        let shuffled = (0..8).map(|seed| {
            let mut gateway = Gateway::new(&format!("seed: {seed}\nreading: {{ shuffled: true }}"));
            let id = gateway.create(&json!({"RequestParameters": parameters}));
            gateway.read(&id).unwrap()["RequestParameters"][0]["Name"].clone()
        });
        assert_eq!(shuffled.collect::<std::collections::HashSet<_>>().len(), 2);
    }
}
