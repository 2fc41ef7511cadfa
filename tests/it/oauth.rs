//! APIs that another API authorises, from the outside: the authorising one comes first, and
//! its id is in those that depend on it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::case::{Case, Simulator};

const SETTINGS: &str = "security: { oauth: { AuthType: OAUTH, authorised-by: token, OauthConfig: { PublicKey: key, TokenLocation: method.req.header.token } } }\n";

const FAST: &str = "--rate 400 --rate-limit 500 --settle 0.2";

/// Operations that depend on `POST /token`, which stands last.
fn document(names: &[&str]) -> String {
    let mut text = String::from(
        "openapi: 3.0.3\ninfo: { title: O, version: '1' }\nservers: [{ url: 'https://api.test' }]\n\
         components: { securitySchemes: { oauth: { type: oauth2, flows: {} } } }\npaths:\n",
    );
    for name in names {
        let operation = format!(
            "{{ operationId: {name}, security: [{{ oauth: [] }}], responses: {{ '200': {{ description: ok }} }} }}"
        );
        text = text + "  /" + name + ": { get: " + &operation + " }\n";
    }
    text + "  /token: { post: { operationId: token, x-apigw-api-business-type: OAUTH, responses: { '200': { description: ok } } } }\n"
}

fn case(names: &[&str], scenario: &str) -> (Case, Simulator) {
    let case = Case::new()
        .credentials()
        .file("a.yaml", document(names))
        .file("apiferry.yaml", SETTINGS)
        .file("s.yaml", scenario);
    let simulator = case.simulator("--limit 500 --scenario s.yaml");
    (case, simulator)
}

fn import(case: &Case, simulator: &Simulator) -> std::process::Command {
    case.command(&format!(
        "import a.yaml --service service-simulated --endpoint {} --report r.csv {FAST}",
        simulator.endpoint
    ))
}

/// The bodies that were created, in order: path and `AuthRelationApiId`.
fn relations(simulator: &Simulator) -> Vec<(String, Option<String>)> {
    let ledger = simulator.ledger();
    let created = ledger
        .iter()
        .filter(|event| event["action"] == "CreateApi" && event["verdict"] == "created");
    let relation = |event: &Value| {
        let body: Value =
            serde_json::from_str(event["body"].as_str().expect("a body")).expect("JSON");
        let path = body["RequestConfig"]["Path"].as_str().expect("a path").to_owned();
        (path, body["AuthRelationApiId"].as_str().map(str::to_owned))
    };
    created.map(relation).collect()
}

/// Column by path.
fn column(case: &Case, name: &str) -> BTreeMap<String, String> {
    case.report("r.csv").into_iter().map(|row| (row["path"].clone(), row[name].clone())).collect()
}

#[test]
fn the_authorising_api_comes_first_and_its_id_is_in_those_that_depend_on_it() {
    let (case, simulator) = case(&["pets", "dogs"], "{}");
    case.finish(import(&case, &simulator)).exits(0);
    let token = column(&case, "api_id")["/token"].clone();
    let relations = relations(&simulator);
    assert_eq!(relations[0], ("/token".to_owned(), None));
    assert!(relations[1..].iter().all(|(_, it)| it.as_ref() == Some(&token)), "{relations:?}");
    assert_eq!(relations.len(), 3);
}

#[test]
fn the_id_of_an_authorising_api_is_filled_in_across_a_resume() {
    for journal in [true, false] {
        let scenario = "faults: [{ from: 2, to: 2, reply: { error: InvalidParameter } }]\n";
        let (case, simulator) = case(&["pets"], scenario);
        case.finish(import(&case, &simulator)).exits(3);
        case.write("a.yaml", document(&["pets", "dogs"]));
        if !journal {
            std::fs::remove_file(case.path("r.csv.journal")).expect("the journal");
        }
        let resume =
            format!("resume r.csv --retry refused --endpoint {} {FAST}", simulator.endpoint);
        case.run(&resume).exits(0);
        let token = column(&case, "api_id")["/token"].clone();
        let relations = relations(&simulator);
        assert_eq!(relations.len(), 3, "{relations:?}");
        assert!(relations[1..].iter().all(|(_, it)| it.as_ref() == Some(&token)), "{relations:?}");
    }
}

#[test]
fn an_authorising_api_whose_answer_was_lost_is_looked_for_before_others_depend_on_it() {
    let scenario = "faults: [{ at: [1], reply: close, carried-out: true }]\n";
    let (case, simulator) = case(&["pets"], scenario);
    case.finish(import(&case, &simulator)).exits(0);
    assert_eq!(column(&case, "outcome")["/token"], "found");
    let token = column(&case, "api_id")["/token"].clone();
    assert_eq!(relations(&simulator)[1], ("/pets".to_owned(), Some(token)));
}

#[test]
fn those_whose_authorising_api_is_refused_are_not_sent_and_say_why() {
    let scenario = "faults: [{ at: [1], reply: { error: InvalidParameter } }]\n";
    let (case, simulator) = case(&["pets", "dogs"], scenario);
    let ended = case.finish(import(&case, &simulator)).exits(5);
    ended.says("POST /token must come first, but it is refused");
    let outcomes = column(&case, "outcome");
    assert_eq!((outcomes["/token"].as_str(), outcomes["/pets"].as_str()), ("refused", "not-sent"));
    assert_eq!(column(&case, "error_code")["/pets"], "InvalidParameter");
    case.run(&format!("resume r.csv {FAST}")).exits(5);
    assert_eq!(column(&case, "error_code")["/pets"], "InvalidParameter");
    case.run(&format!("resume r.csv --retry refused {FAST}")).exits(0);
    assert_eq!(relations(&simulator).len(), 3);
}
