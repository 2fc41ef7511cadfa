//! What is exported, from the outside: that an import of it makes what was exported, and what
//! becomes of files that are there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::case::{Case, Simulator, document};

const FAST: &str = "--rate 400 --rate-limit 1000 --settle 0.3 --quota 1000 --yes";

fn project(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn import(case: &Case, simulator: &Simulator, sources: &str) {
    let endpoint = &simulator.endpoint;
    let report: String = sources.chars().filter(char::is_ascii_alphanumeric).collect();
    let command = format!("import {sources} --endpoint {endpoint} --report {report}.csv {FAST}");
    let ended = case.run(&command);
    assert!(matches!(ended.code, Some(0 | 3)), "{ended:?}");
}

fn export(case: &Case, simulator: &Simulator, arguments: &str) -> crate::case::Ended {
    let endpoint = &simulator.endpoint;
    case.run(&format!("export --endpoint {endpoint} --read-rate 1000 {arguments}"))
}

/// All files of a folder by name.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry"));
    let files = entries.filter(|entry| entry.path().is_file());
    files
        .map(|entry| {
            let name = entry.file_name().into_string().expect("a name");
            (name, fs::read_to_string(entry.path()).expect("text"))
        })
        .collect()
}

/// The requests of all cases of the converter, each case's as a service of its own.
fn requests() -> BTreeMap<String, Vec<Value>> {
    let mut requests: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (name, text) in files(&project("tests/specs")) {
        let Some(case) = name.strip_suffix(".expected.json") else { continue };
        let lines: Vec<Value> = serde_json::from_str(&text).expect("a case");
        for line in lines.iter().filter(|line| line["kind"] == "item") {
            let service = line["service"].as_str().unwrap_or_default();
            let mut request = line["request"].clone();
            request.as_object_mut().expect("an object").remove("ServiceId");
            requests.entry(format!("{case}.{service}")).or_default().push(request);
        }
    }
    requests
}

/// Sorts the lists that the gateway gives in any order.
fn sorted(mut request: Value) -> Value {
    for list in ["RequestParameters", "ServiceParameters", "ConstantParameters"] {
        if let Some(items) = request.get_mut(list).and_then(Value::as_array_mut) {
            items.sort_by_key(Value::to_string);
        }
    }
    request.as_object_mut().expect("an object").remove("ServiceId");
    request
}

#[test]
fn an_import_of_an_export_sends_what_was_read_field_by_field() {
    let case = Case::new();
    let mut wanted = BTreeMap::new();
    for (service, requests) in requests() {
        for (at, request) in requests.into_iter().enumerate() {
            // What another API authorises needs that one's id, which no plan knows.
            if request["AuthType"] == "OAUTH" && request["ApiBusinessType"] != "OAUTH" {
                continue;
            }
            let config = &request["RequestConfig"];
            let key =
                (service.clone(), config["Method"].clone().to_string(), config["Path"].to_string());
            let mut answer = request.clone();
            answer["ServiceId"] = service.as_str().into();
            answer["ServiceName"] = service.as_str().into();
            answer["ApiId"] = format!("api-{at}").into();
            answer["Environments"] = Value::Null;
            case.write(
                &format!("answers/{service}/{at}.json"),
                json!({"Result": answer}).to_string(),
            );
            wanted.insert(key, sorted(request));
        }
    }
    case.run("export --from-answers answers --out exported");
    let planned = case.run("preview exported --create-services --format jsonl");
    let count = wanted.len();
    for line in planned.lines().iter().filter(|line| line["kind"] == "item") {
        let name = line["source"].as_str().expect("a source").trim_start_matches("exported/");
        let service = name.strip_suffix(".yaml").expect("YAML").trim_end_matches(".2").to_owned();
        let config = &line["request"]["RequestConfig"];
        let key = (service, config["Method"].to_string(), config["Path"].to_string());
        assert_eq!(Some(sorted(line["request"].clone())), wanted.remove(&key), "{key:?}");
    }
    assert!(wanted.is_empty(), "not planned: {:?}", wanted.keys());
    assert!(count > 250, "{count} requests");
}

#[test]
fn exported_imported_and_exported_again_is_the_same_text() {
    let case = Case::new().credentials();
    let (here, there) = (case.simulator("--limit 1000"), case.simulator("--limit 1000"));
    import(&case, &here, &format!("{} --create-services", project("samples").display()));
    let ended = export(&case, &here, "--all --out first");
    assert!(matches!(ended.code, Some(0 | 3)), "{ended:?}");
    // What the gateway does not say is not made again, and what has two documents has two services.
    let mut first = files(&case.path("first"));
    let is_told = |name: &str| ended.stderr.contains(&format!("warning: {name}"));
    let is_second = |name: &str| first.contains_key(&name.replace(".yaml", ".2.yaml"));
    let left_out: Vec<String> = first
        .keys()
        .filter(|name| is_told(name) || is_second(name) || name.ends_with(".2.yaml"))
        .cloned()
        .collect();
    for name in left_out {
        fs::remove_file(case.path("first").join(&name)).expect("the file");
        first.remove(&name);
    }
    import(&case, &there, "first --create-services");
    export(&case, &there, "--all --out second").exits(0);
    let second = files(&case.path("second"));
    assert!(first.len() > 5, "{} documents", first.len());
    for (name, text) in &first {
        assert_eq!(second.get(name), Some(text), "{name}");
    }
}

#[test]
fn files_that_differ_are_not_overwritten_unasked_and_checked_by_exit_code() {
    let case = Case::new().credentials().file("many.yaml", document("m", 3));
    let simulator = case.simulator("--limit 1000");
    import(&case, &simulator, "many.yaml --service service-simulated");
    let one = "--service service-simulated";
    export(&case, &simulator, &format!("{one} --check")).exits(3);
    assert!(!case.path("exports").exists(), "--check writes nothing");
    export(&case, &simulator, one).exits(0);
    export(&case, &simulator, one).exits(0);
    export(&case, &simulator, &format!("{one} --check")).exits(0);
    let (name, text) = files(&case.path("exports")).pop_first().expect("a document");
    case.write(&format!("exports/{name}"), "mine");
    export(&case, &simulator, &format!("{one} --check")).exits(3);
    export(&case, &simulator, one).exits(2).says("--force");
    assert_eq!(case.read(&format!("exports/{name}")), "mine");
    export(&case, &simulator, &format!("{one} --force")).exits(0);
    assert_eq!(case.read(&format!("exports/{name}")), text);
    let shown = export(&case, &simulator, &format!("{one} --out -")).exits(0);
    assert_eq!(shown.stdout, text);
    let json = export(&case, &simulator, &format!("{one} --out - --format json")).exits(0);
    let json: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(json, serde_yaml::from_str::<Value>(&text).expect("YAML"));
}

#[test]
fn kept_answers_make_the_same_documents_without_a_gateway() {
    let mut case = Case::new().credentials().file("many.yaml", document("m", 3));
    let simulator = case.simulator("--limit 1000");
    import(&case, &simulator, "many.yaml --service service-simulated");
    export(&case, &simulator, "--all --keep-answers kept").exits(0);
    case.set("TENCENTCLOUD_SECRET_ID", "");
    case.run("export --from-answers kept --check").exits(0);
    case.run("export --from-answers kept --service service-none").exits(2).says("service-none");
    let listed = json!({"TotalCount": 1, "ApiIdStatusSet": [
        {"ServiceId": "service-simulated", "ApiId": "api-unread", "Method": "GET", "Path": "/x"}
    ]});
    case.write(
        "kept/listing.json",
        format!("{}\n{}", json!({"Response": {"Result": listed}}), json!({"Result": listed})),
    );
    let ended = case.run("export --from-answers kept --check").exits(3);
    ended.says("lists the API api-unread, which was not read");
    case.write(
        "kept/refused.json",
        json!({"Response": {"Error": {"Code": "AuthFailure"}}}).to_string(),
    );
    case.run("export --from-answers kept --check").exits(3).says("holds the error AuthFailure");
    case.run("export").exits(2).says("--service ID, --all, or --from-answers DIR");
}

#[test]
fn an_api_that_authorises_others_is_named_and_not_told_by_its_id() {
    let settings = "security: { http/bearer: { AuthType: OAUTH, OauthConfig: { PublicKey: k, TokenLocation: header }, authorised-by: token } }";
    let text = "openapi: 3.0.3\ninfo: { title: Shop, version: '1' }\nservers: [{ url: 'https://b.test' }]\ncomponents: { securitySchemes: { b: { type: http, scheme: bearer } } }\npaths:\n  /token: { post: { operationId: token, x-apigw-api-business-type: OAUTH, responses: {} } }\n  /pets: { get: { operationId: pets, security: [{ b: [] }], responses: {} } }\n";
    let case = Case::new().credentials().file("shop.yaml", text).file("oauth.yaml", settings);
    let (here, there) = (case.simulator("--limit 1000"), case.simulator("--limit 1000"));
    import(&case, &here, "shop.yaml --config oauth.yaml --create-services");
    export(&case, &here, "--all --out first").exits(0);
    let first = files(&case.path("first"));
    assert!(first["Shop.yaml"].contains("x-apigw-authorised-by: token"), "{first:?}");
    assert!(!first["Shop.yaml"].contains("auth-relation-api-id"), "{first:?}");
    import(&case, &there, "first --create-services");
    export(&case, &there, "--all --out second").exits(0);
    assert_eq!(files(&case.path("second")), first);
}
