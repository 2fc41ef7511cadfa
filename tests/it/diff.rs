//! What `diff` says of what an import left at the gateway, and of what was changed since.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::case::{Case, Ended, Simulator};
use crate::specs::{NOT_IMPORTED, command, companion, sources, stem};

/// How read-backs may be told, one a line.
const READINGS: &[&str] = &[
    "{}",
    "{ empty: blank }",
    "{ empty: absent, shuffled: true }",
    "{ defaults: true, identity-parameters: true, unknown-fields: true }",
    "{ lower-case-positions: true, service-protocol: true, crlf: true }",
];

/// All of them at once.
const ALL: &str = "{ empty: blank, defaults: true, shuffled: true, identity-parameters: true, \
                   lower-case-positions: true, service-protocol: true, crlf: true }";

fn simulator(case: &Case, reading: &str) -> Simulator {
    case.write("scenario.yaml", format!("reading: {reading}\n"));
    case.simulator(&format!("--limit 2000 --scenario {}", case.path("scenario.yaml").display()))
}

fn kinds<'l>(lines: &'l [Value], kind: &str) -> Vec<&'l Value> {
    lines.iter().filter(|line| line["kind"] == kind).collect()
}

/// Imports a converter's case, and what `diff` then says.
fn case_after_import(source: &str) -> (Ended, Ended) {
    let case = Case::new().credentials();
    let simulator = simulator(&case, ALL);
    let run = |name: &str, further: &[&str]| {
        let mut command = command(&case, name, source);
        command.args(["--rate-limit=2000", "--endpoint", &simulator.endpoint]).args(further);
        let said = fs::read_to_string(companion(source, ".args")).unwrap_or_default();
        let settings = companion(source, ".settings.yaml");
        let settings = fs::read_to_string(settings).unwrap_or_default();
        let named = ["--service", "--spread", "--create-services", "services:"];
        if !named.iter().any(|it| said.contains(it) || settings.contains(it)) {
            command.arg("--service=service-simulated");
        }
        case.finish(command)
    };
    let report = case.path("r.csv").display().to_string();
    let imported = run("import", &["--settle=0", "--rate=1000", "--report", &report]);
    (imported, run("diff", &["--format=jsonl", "--read-rate=1000"]))
}

#[test]
fn nothing_differs_after_any_case_was_imported() {
    let mut sources = sources();
    sources.retain(|source| !NOT_IMPORTED.iter().any(|(name, _)| *name == stem(source)));
    let elsewhere = &AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for part in sources.chunks(sources.len().div_ceil(8)) {
            scope.spawn(move || {
                for source in part {
                    let (imported, differs) = case_after_import(source);
                    // Some name services of their own, which this simulator does not hold.
                    if !matches!(imported.code, Some(0 | 3)) {
                        elsewhere.fetch_add(1, Ordering::Relaxed);
                        continue;
                    }
                    let lines = differs.lines();
                    let summary = lines.last().unwrap_or(&Value::Null);
                    let found = ["create", "change", "duplicate", "only_there"];
                    let found: Vec<_> = found.iter().map(|kind| &summary[kind]).collect();
                    assert!(found.iter().all(|it| **it == 0), "{source}: {}", differs.stdout);
                }
            });
        }
    });
    let elsewhere = elsewhere.load(Ordering::Relaxed);
    assert!(elsewhere < sources.len() / 10, "{elsewhere} of {} were not imported", sources.len());
}

const ORDERS: &str = "
openapi: 3.0.3
info: { title: orders, version: '1' }
servers: [{ url: 'https://orders.acme.io/v1' }]
paths:
  /orders/{id}:
    get:
      operationId: order
      x-apigw-service-timeout: 15
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: limit, in: query, required: false, schema: { type: integer, default: 20 } }
        - { name: X-Token, in: header, schema: { type: string, default: abc123 } }
      responses: { '200': { description: one } }
  /health:
    get: { operationId: health, responses: { '200': { description: ok } } }
";

/// Orders imported, then what `diff` says of another version of them.
fn after(other: &str, reading: &str, arguments: &str) -> Ended {
    let case = Case::new().credentials().file("orders.yaml", ORDERS);
    let simulator = simulator(&case, reading);
    let to = format!("--service service-simulated --endpoint {}", simulator.endpoint);
    case.run(&format!("import orders.yaml {to} --report r.csv --settle 0")).exits(0);
    let case = case.file("orders.yaml", other);
    case.run(&format!("diff orders.yaml {to} {arguments}"))
}

#[test]
fn each_leaf_that_differs_is_named_however_read_backs_are_told() {
    for reading in READINGS {
        let same = after(ORDERS, reading, "--format jsonl").exits(0);
        assert_eq!(same.lines().last().expect("a summary")["same"], 2, "{reading}");
        for (from, to, field, was, will) in [
            ("timeout: 15", "timeout: 30", "ServiceTimeout", "15", "30"),
            (
                "required: false",
                "required: true",
                "RequestParameters[QUERY limit].Required",
                "false",
                "true",
            ),
            (
                "default: 20",
                "default: 50",
                "RequestParameters[QUERY limit].DefaultValue",
                "\"20\"",
                "\"50\"",
            ),
            (
                "orders.acme.io",
                "other.acme.io",
                "ServiceConfig.Url",
                "\"https://orders.acme.io\"",
                "\"https://other.acme.io\"",
            ),
        ] {
            let ended = after(&ORDERS.replace(from, to), reading, "--format jsonl").exits(3);
            let lines = ended.lines();
            for line in kinds(&lines, "change") {
                let changes = line["changes"].as_array().expect("changes");
                assert_eq!(changes.len(), 1, "{reading} {field}: {line}");
                assert_eq!(changes[0]["field"], field, "{reading}");
                let told = (changes[0]["was"].to_string(), changes[0]["will"].to_string());
                assert_eq!(told, (was.to_owned(), will.to_owned()), "{reading} {field}");
            }
            assert!(!kinds(&lines, "change").is_empty(), "{field}");
        }
    }
}

#[test]
fn what_is_missing_and_what_only_the_gateway_holds_is_told() {
    let other = ORDERS.replace("/health:", "/alive:");
    let ended = after(&other, "{}", "--format jsonl").exits(3);
    let lines = ended.lines();
    assert_eq!(kinds(&lines, "create")[0]["path"], "/alive");
    assert_eq!(kinds(&lines, "only-there")[0]["path"], "/health");
    let fewer = ORDERS.split("  /health:").next().expect("the first path").to_owned();
    let ended = after(&fewer, "{}", "").exits(0);
    let told = "0 to create, 0 to change, 1 the same, 0 duplicate; 1 only there";
    assert!(ended.stdout.contains(told), "{}", ended.stdout);
    let unfit = ORDERS.replace("get: { operationId: health", "trace: { operationId: health");
    let ended = after(&unfit, "{}", "").exits(3);
    assert!(ended.stdout.contains("; 1 unfit, which `preview` explains"), "{}", ended.stdout);
}

#[test]
fn a_field_that_is_to_be_ignored_makes_no_difference() {
    let other =
        ORDERS.replace("timeout: 15", "timeout: 30").replace("required: false", "required: true");
    after(&other, "{}", "--ignore ServiceTimeout").exits(3);
    let both = "--ignore ServiceTimeout --ignore RequestParameters.Required";
    after(&other, "{}", both).exits(0);
    after(&other, "{}", "--ignore ServiceTimout").exits(2).says("did you mean `ServiceTimeout`");
}

#[test]
fn a_default_that_looks_like_a_secret_is_masked() {
    let other = ORDERS.replace("abc123", "def456");
    for format in ["table", "json", "jsonl"] {
        let ended = after(&other, "{}", &format!("--format {format}")).exits(3);
        assert!(
            ended.stdout.contains("X-Token") || ended.stdout.contains("x-token"),
            "{}",
            ended.stdout
        );
        for secret in ["abc123", "def456"] {
            assert!(!ended.stdout.contains(secret), "{}", ended.stdout);
        }
    }
}
