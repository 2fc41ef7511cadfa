//! Bad input: each a message with what, where and what to do, and the pinned exit code.

use crate::case::{Case, document};

#[test]
fn a_folder_without_documents_is_wrong_use() {
    let case = Case::new().file("d/package.json", "{}").file("d/notes.txt", "hello");
    case.run("preview d").exits(2).says("d");
}

#[test]
fn a_missing_file_is_wrong_use_and_named() {
    let ended = Case::new().run("preview nowhere.yaml").exits(2);
    ended.says("nowhere.yaml").says("no such file or folder");
}

#[test]
fn a_missing_file_costs_that_source_only() {
    let case = Case::new().file("a.yaml", document("a", 2));
    let ended = case.run("preview a.yaml nowhere.yaml --format jsonl").exits(3);
    assert_eq!(ended.lines().last().expect("a summary")["items"], 2);
}

#[test]
fn broken_yaml_and_broken_json_are_shown_with_their_place() {
    let case = Case::new()
        .file("a.yaml", document("a", 1))
        .file("broken.yaml", "openapi: 3.0.0\ninfo: {title: x\npaths:\n  - [\n")
        .file("broken.json", "{\n  \"openapi\": \"3.0.0\",\n  \"paths\": {]\n}\n");
    let ended = case.run("preview a.yaml broken.yaml broken.json --format jsonl").exits(3);
    let lines = ended.lines();
    let of =
        |name: &str| lines.iter().find(|l| l["source"] == name).expect(name)["findings"][0].clone();
    assert_eq!(of("broken.json")["code"], "syntax-error");
    assert_eq!(
        (of("broken.json")["line"].as_u64(), of("broken.json")["column"].as_u64()),
        (Some(3), Some(13))
    );
    assert_eq!(of("broken.yaml")["code"], "syntax-error");
    assert!(of("broken.yaml")["line"].as_u64() > Some(1));
}

#[test]
fn swagger_1_2_and_asyncapi_are_named_and_refused() {
    let case = Case::new()
        .file("old.json", r#"{"swaggerVersion": "1.2", "apis": []}"#)
        .file("async.yaml", "asyncapi: 2.6.0\ninfo: {title: x, version: '1'}\nchannels: {}\n");
    case.run("preview old.json").exits(2).says("1.2");
    case.run("preview async.yaml").exits(2).says("AsyncAPI");
}

#[test]
fn an_import_without_credentials_says_where_it_looked() {
    let case = Case::new().file("a.yaml", document("a", 1));
    let ended = case.run("import a.yaml --service service-a --region ap-guangzhou --report r.csv");
    ended.exits(2).says("TENCENTCLOUD_SECRET_ID");
}

#[test]
fn an_import_without_a_service_says_how_to_name_one() {
    let case = Case::new().credentials().file("a.yaml", document("a", 1));
    case.run("import a.yaml --report r.csv").exits(2).says("--service");
}

#[test]
fn plain_http_leaves_this_machine_only_when_allowed() {
    let case = Case::new().credentials().file("a.yaml", document("a", 1));
    let command =
        "import a.yaml --service service-a --report r.csv --endpoint http://gateway.example.com";
    case.run(command).exits(2).says("--allow-plain-http");
}

#[test]
fn rates_outside_their_range_are_refused_with_the_range() {
    let case = Case::new().credentials().file("a.yaml", document("a", 1));
    for rate in ["0", "-1", "1000", "NaN"] {
        let ended = case.finish(case.command_of(&[
            "import",
            "a.yaml",
            "--service",
            "service-a",
            &format!("--rate={rate}"),
        ]));
        ended.exits(2).says("--rate");
    }
}

#[test]
fn a_malformed_service_is_wrong_use() {
    let case = Case::new().credentials().file("a.yaml", document("a", 1));
    case.finish(case.command_of(&["import", "a.yaml", "--service", "service a"]))
        .exits(2)
        .says("service a");
}

#[test]
fn strict_and_deny_send_nothing_while_something_is_unfit() {
    let case = Case::new().credentials().file(
        "a.yaml",
        document("a", 1)
            + &document("b", 1).split_off(document("b", 0).len()).replace("get:", "trace:"),
    );
    let simulator = case.simulator("");
    let base = format!(
        "import a.yaml --service service-simulated --endpoint {} --report r.csv",
        simulator.endpoint
    );
    case.run(&format!("{base} --strict")).exits(2);
    assert!(!case.path("r.csv").exists());
    case.run(&format!("{base} --deny no-such-code")).exits(2).says("no-such-code");
    assert!(simulator.created().is_empty());
}

#[test]
fn the_manual_has_every_option_of_every_command() {
    let page = Case::new().run("man").exits(0).stdout;
    for word in [".SH PREVIEW", "explain", "strict\\-once", ".SH UNDO", "ledger"] {
        assert!(page.contains(word), "{word}");
    }
}

#[test]
fn a_time_that_means_nothing_is_refused_with_a_simulator_too() {
    let case = Case::new().file("a.yaml", document("a", 1));
    case.run("import a.yaml --simulate --timeout 0").exits(2).says("--timeout");
}

#[test]
fn what_is_no_report_is_told_and_nothing_is_left_beside_it() {
    let case = Case::new().file("a.yaml", document("a", 1));
    case.run("resume a.yaml --simulate").exits(2).says("not a report");
    assert!(!case.path("a.yaml.lock").exists());
}

#[test]
fn help_manual_and_completions_go_to_standard_output() {
    let case = Case::new();
    for command in ["--help", "import --help", "man", "completions bash", "--version"] {
        let ended = case.run(command).exits(0);
        assert!(ended.stdout.contains("apiferry"), "{command}");
        assert!(ended.stderr.is_empty(), "{command}");
    }
    case.run("import").exits(2);
    case.run("frobnicate").exits(2);
}

#[test]
fn a_rule_that_names_no_finding_is_told() {
    let case = Case::new()
        .file("a.yaml", document("a", 1))
        .file("apiferry.yaml", "rules: [{ allow: [nam-cut] }]\n");
    case.run("preview a.yaml").exits(2).says("rule 1 of the settings: allow \"nam-cut\"");
}

#[test]
fn settings_are_read_in_the_encodings_of_documents() {
    let text = "rules: [{ match: { path: '/**' }, skip: 退役 }]";
    let wide = ["\u{feff}", text].concat().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let case = Case::new().file("a.yaml", document("a", 2));
    for bytes in [wide, text.as_bytes().to_vec()] {
        case.write("apiferry.yaml", bytes);
        let ended = case.run("preview a.yaml --format jsonl").exits(0);
        assert_eq!(ended.lines().last().expect("a summary")["skipped"], 2);
    }
    case.write("apiferry.yaml", b"region: caf\xe9");
    let ended = case.run("preview a.yaml").exits(2);
    ended.says("apiferry.yaml").says("byte 11, in line 1, is not UTF-8");
}
