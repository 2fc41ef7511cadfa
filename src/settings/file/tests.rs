//! Settings files as people write them: what they come to, and what is said of slips.

use serde_json::{Value, json};

use crate::settings::condition::{self, Subject};
use crate::settings::file::*;

fn read(text: &str) -> Settings {
    parse(text, "apiferry.yaml").unwrap_or_else(|errors| {
        panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

/// The file is wrong in exactly these ways: place and message, hint.
#[track_caller]
fn check(text: &str, expected: &[(&str, &str)]) {
    let errors = parse(text, "a.yaml").map(|_| ()).unwrap_err();
    let told: Vec<_> =
        errors.iter().map(|e| (e.to_string(), e.hint.clone().unwrap_or_default())).collect();
    let expected: Vec<_> =
        expected.iter().map(|(message, hint)| (message.to_string(), hint.to_string())).collect();
    assert_eq!(told, expected);
}

#[test]
fn every_key_is_read() {
    let settings = read(
        r#"
services:
  - { sources: "billing/**", service: service-b }
  - { sources: [a.yaml, "b/*"], service: service-a }
defaults: { ServiceTimeout: 30, EnableCORS: true }
security:
  http/bearer: { AuthType: OAUTH, authorised-by: login }
rules:
  - match: { tag: internal, method: [get, HEAD], path: "/v1/**" }
    set: { ServiceConfig: { Path: "/in${path}" } }
  - match: { deprecated: true }
    skip: retired
base-path: prepend
path-match: exact
patch: any
mock: missing
mock-synthesize: true
error-codes: true
description-limit: 10
example-limit: 20
endpoint: http://127.0.0.1:8765
region: ap-guangzhou
profile: work
rate: 2.5
"#,
    );
    let plan = &settings.plan;
    assert_eq!(plan.service_of("x/billing/a.yaml"), Some("service-b"));
    assert_eq!(plan.service_of("b/c.json"), Some("service-a"));
    let defaults = json!({ "ServiceTimeout": 30, "EnableCORS": true });
    assert_eq!(Value::Object(plan.defaults.clone()), defaults);
    assert_eq!(plan.security[0].scheme, "http/bearer");
    assert_eq!(plan.security[0].authorised_by.as_deref(), Some("login"));
    assert_eq!(Value::Object(plan.security[0].fields.clone()), json!({ "AuthType": "OAUTH" }));
    assert_eq!((plan.rules[1].number, plan.rules[1].skip.as_deref()), (2, Some("retired")));
    let place = plan.place("/rules/0/set/ServiceConfig/Path").unwrap();
    assert_eq!((place.line, place.column), (10, 35));
    assert_eq!(plan.mapping.base_path, BasePath::Prepend);
    assert_eq!(plan.mapping.path_match, PathMatch::Exact);
    assert_eq!(plan.mapping.patch, Patch::Any);
    assert_eq!(plan.mapping.mock, Some(Mock::Missing));
    assert!(plan.mapping.mock_synthesize && plan.mapping.error_codes);
    assert_eq!((plan.mapping.description_limit, plan.mapping.example_limit), (10, 20));
    assert_eq!(
        settings.connection,
        Connection {
            endpoint: Some("http://127.0.0.1:8765".into()),
            region: Some("ap-guangzhou".into()),
            profile: Some("work".into()),
            rate: Some(2.5),
        }
    );
}

#[test]
fn a_rules_condition_is_read() {
    let settings = read("rules: [{ match: { method: get, tag: [a, b*] }, skip: true }]");
    let holds = |method, tag: &str| {
        settings.plan.rules[0].condition.matches(&Subject {
            source: "a",
            title: None,
            path: "/",
            method,
            tags: &[tag.to_owned()],
            operation_id: None,
            deprecated: false,
            extensions: &[],
        })
    };
    assert!(holds("GET", "bc"));
    assert!(!holds("GET", "c"));
    assert!(!holds("PUT", "a"));
}

#[test]
fn an_empty_file_sets_nothing() {
    assert_eq!(read("").connection, Connection::default());
    assert_eq!(read("# nothing yet\n").plan.mapping.description_limit, 400);
}

#[test]
fn an_empty_section_says_nothing_and_an_empty_part_of_a_rule_is_refused() {
    let plan = read("services:\ndefaults:\nsecurity:\nrules:\n  # - skip: all\n").plan;
    assert!(plan.services.is_empty() && plan.defaults.is_empty());
    assert!(plan.security.is_empty() && plan.rules.is_empty());
    check("rules: [{ match: , skip: a }]", &[("a.yaml:1:16: an object is expected, not null", "")]);
    check("patch:", &[("a.yaml:1:6: a string is expected, not null", "")]);
}

#[test]
fn a_slip_in_a_key_is_told_with_the_likest_name() {
    check("rulez: []", &[("a.yaml:1:1: there is no key `rulez`", "did you mean `rules`?")]);
    check(
        "rules:\n  - match: { methods: GET }\n    skip: x",
        &[("a.yaml:2:14: there is no key `methods`", "did you mean `method`?")],
    );
    check("services: [{ service: s }]", &[("a.yaml:1:12: `sources` is missing", "")]);
    check(
        "patch: sent",
        &[("a.yaml:1:8: `sent` is not one of refuse, any, send", "did you mean `send`?")],
    );
}

#[test]
fn fields_are_held_against_the_model() {
    check(
        "defaults:\n  ServiceTimeOut: 3",
        &[("a.yaml:2:19: there is no field `ServiceTimeOut`", "did you mean `ServiceTimeout`?")],
    );
    check(
        "rules:\n- set:\n    ServiceConfig:\n      Url: 1",
        &[("a.yaml:4:12: `Url` is a string", "")],
    );
    check(
        "security: { a: { AuthType: OAuth } }",
        &[(
            "a.yaml:1:28: `AuthType` cannot be `OAuth`; it is one of SECRET, NONE, OAUTH, APP",
            "did you mean `OAUTH`?",
        )],
    );
}

#[test]
fn names_in_templates_are_known() {
    check(
        "rules: [{ set: { ApiName: '${operationid}' } }]",
        &[(
            "a.yaml:1:27: `${operationid}` is not one of path, method, operationId, tag, source, title, \
         server.url, server.scheme, server.host, server.path",
            "did you mean `operationId`?",
        )],
    );
    check(
        "defaults: { ApiDesc: 'a ${path' }",
        &[("a.yaml:1:22: `${` is not closed by `}`", "write `$${` for the text `${`")],
    );
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    check(
        "rate: 0\nrate: 1\nmock-synthesize: yes\ndescription-limit: -1\nrules: {}",
        &[
            ("a.yaml:1:7: a number above 0 is expected", ""),
            ("a.yaml:2:1: `rate` is repeated here", ""),
            ("a.yaml:3:18: true or false is expected", ""),
            ("a.yaml:4:20: a whole number above 0 is expected", ""),
            ("a.yaml:5:8: a list is expected, not an object", ""),
        ],
    );
}

#[test]
fn what_would_select_or_say_something_else_than_it_seems_is_refused() {
    let template = "`${` is filled in only below `defaults`, `security` and `set`";
    let at = |place: &str| format!("a.yaml:{place}: {template}");
    check(
        "rules: [{ match: { path: [] }, skip: a }]",
        &[("a.yaml:1:26: an empty list selects nothing", "")],
    );
    check(
        "services: [{ sources: [], service: 's-${tag}' }]",
        &[("a.yaml:1:23: an empty list selects nothing", ""), (&at("1:36"), "")],
    );
    check(
        "rules: [{ match: { path: '${path}' }, skip: '' }, { skip: '${tag}' }]",
        &[
            (&at("1:26"), ""),
            ("a.yaml:1:45: `skip` must be a reason or true", ""),
            (&at("1:59"), ""),
        ],
    );
    check(
        "security: { k: { AuthType: NONE, authorised-by: login } }",
        &[(
            "a.yaml:1:49: `authorised-by` needs `AuthType: OAUTH`",
            "write `AuthType: OAUTH` beside it",
        )],
    );
    check("description-limit: '10'", &[("a.yaml:1:20: a whole number above 0 is expected", "")]);
    check("endpoint: ftp://x", &[("a.yaml:1:11: the gateway is called over https, not `ftp`", "")]);
    check("rules: [3]", &[("a.yaml:1:9: an object is expected, not a number", "")]);
}

#[test]
fn a_key_that_stands_twice_or_is_no_text_is_refused_at_any_depth() {
    check(
        "defaults: { ServiceConfig: { Url: a, Url: b } }",
        &[("a.yaml:1:38: `Url` is repeated here", "")],
    );
    check("? [a]\n: b", &[("a.yaml:1:3: a key must be a string", "")]);
    let merged = read("defaults: { <<: { Owner: a }, Owner: b }").plan.defaults;
    assert_eq!(Value::Object(merged), json!({ "Owner": "b" }));
}

#[test]
fn a_settings_file_may_be_json_and_may_come_from_another_system() {
    for text in [
        "\u{feff}defaults:\r\n  Owner: a\r\n",
        "{\"defaults\": {\"Owner\": \"a\"}}",
        "defaults:\n  Owner: a",
    ] {
        assert_eq!(Value::Object(read(text).plan.defaults), json!({ "Owner": "a" }), "{text:?}");
    }
    check(
        "defaults:\n\tOwner: a",
        &[(
            "a.yaml:2:2: not valid YAML: tabs disallowed within this context (block indentation)",
            "",
        )],
    );
}

#[test]
fn a_file_that_is_no_yaml_is_told_at_its_place() {
    let errors = parse("rules: [", "a.yaml").unwrap_err();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].place.line > 0, "{errors:?}");
}

/// The settings of a file of `tests/settings`, one a line, which a check of the JSON Schema
/// shares.
fn lines(name: &str) -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/settings");
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn settings_are_taken_or_refused_at_their_place_as_the_schema_has_it() {
    for text in lines("taken.txt") {
        assert!(parse(&text, "a.yaml").is_ok(), "{text}");
    }
    for text in lines("refused.txt") {
        let Err(errors) = parse(&text, "a.yaml") else { panic!("taken: {text}") };
        assert!(errors.iter().all(|error| error.place.line == 1), "{text}: {errors:?}");
    }
}

fn sample(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/settings").join(name)
}

#[test]
fn the_copy_beside_the_samples_is_this_one() {
    let text = serde_json::to_string_pretty(&json_schema()).unwrap() + "\n";
    snapbox::assert_data_eq!(
        text,
        snapbox::Data::read_from(&sample("apiferry.schema.json"), None).raw()
    );
}

#[test]
fn the_annotated_sample_uses_every_key() {
    let text = std::fs::read_to_string(sample("apiferry.yaml")).unwrap();
    let settings = parse(&text, "apiferry.yaml");
    assert!(settings.is_ok(), "{settings:?}");
    for Key { name: key, .. } in KEYS {
        let line = format!("\n{key}:");
        assert!(text.contains(&line), "{key}");
    }
    for key in condition::KEYS {
        assert!(text.contains(&format!("{key}: ")), "{key}");
    }
}
