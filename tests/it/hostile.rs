//! Settings, credentials and reports that are not what they should be: refused with a word
//! about what is wrong, before anything is sent.

use std::fs;

use crate::case::{Case, document};

fn case() -> Case {
    Case::new().credentials().file("a.yaml", document("a", 3))
}

/// An import of `a.yaml` that no gateway hears of.
fn import(more: &str) -> String {
    format!(
        "import a.yaml --service service-simulated --endpoint http://127.0.0.1:9 --report r.csv {more}"
    )
}

#[test]
fn endpoints_with_more_than_a_host_are_refused() {
    for endpoint in [
        "https://user:pass@example.com",
        "https://example.com/a?b",
        "ftp://example.com",
        "nonsense",
    ] {
        let command =
            format!("import a.yaml --service service-a --report r.csv --endpoint {endpoint}");
        let ended = case().run(&command).exits(2);
        assert!(!ended.stderr.contains("pass@"), "{}", ended.stderr);
    }
}

#[test]
fn keys_with_a_character_too_many_are_refused_and_not_trimmed() {
    for (name, value) in [
        ("TENCENTCLOUD_SECRET_KEY", "SecretExample "),
        ("TENCENTCLOUD_SECRET_KEY", "SecretExample\r"),
        ("TENCENTCLOUD_SECRET_ID", "\u{feff}AKIDEXAMPLE"),
        ("TENCENTCLOUD_SECRET_KEY", ""),
    ] {
        let case = case().variable(name, value);
        let ended = case.run(&import("")).exits(2);
        assert!(!ended.stderr.contains("SecretExample"), "{}", ended.stderr);
        assert!(!case.path("r.csv").exists());
    }
}

#[test]
fn an_id_and_a_key_in_each_others_place_are_refused() {
    let case = case().variable("TENCENTCLOUD_SECRET_ID", "SecretExample");
    let case = case.variable("TENCENTCLOUD_SECRET_KEY", "AKIDEXAMPLE");
    let ended = case.run(&import("")).exits(2).says("swapped");
    assert!(!ended.stderr.contains("SecretExample"), "{}", ended.stderr);
}

/// A case whose credentials lie in the profile file.
fn with_profile(text: &str) -> Case {
    let case = Case::new()
        .variable("TENCENTCLOUD_REGION", "ap-guangzhou")
        .file("a.yaml", document("a", 3))
        .file("home/.tccli/default.credential", text);
    mode(&case, 0o600);
    case
}

#[cfg(unix)]
fn mode(case: &Case, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    let set = |name: &str, mode| {
        fs::set_permissions(case.path(name), fs::Permissions::from_mode(mode)).expect("a mode");
    };
    set("home/.tccli/default.credential", mode);
    set("home/.tccli", if mode == 0o600 { 0o700 } else { 0o755 });
}

#[cfg(not(unix))]
fn mode(_: &Case, _: u32) {}

const PROFILE: &str = r#"{"secretId": "AKIDEXAMPLE", "secretKey": "SecretExample"}"#;

#[test]
#[cfg(unix)]
fn a_credentials_file_that_others_can_read_is_refused_with_the_remedy() {
    let case = with_profile(PROFILE);
    mode(&case, 0o644);
    case.run(&import("")).exits(2).says("chmod 600");
}

#[test]
fn a_credentials_file_that_is_huge_or_no_file_is_refused_at_once() {
    with_profile(&" ".repeat(1 << 20)).run(&import("")).exits(2);
    let case = with_profile("{");
    case.run(&import("")).exits(2);
    #[cfg(unix)]
    {
        let path = case.path("home/.tccli/default.credential");
        fs::remove_file(&path).expect("the file");
        let made = std::process::Command::new("mkfifo").args(["-m", "600"]).arg(&path).status();
        assert!(made.expect("mkfifo").success());
        case.run(&import("")).exits(2);
    }
}

#[test]
fn no_option_takes_a_secret() {
    for option in ["--secret-key=x", "--secret-id=x", "--token=x"] {
        case().run(&import(option)).exits(2);
    }
}

#[test]
fn a_report_in_the_place_of_a_source_is_refused() {
    let case = case();
    case.run("import a.yaml --service service-a --endpoint http://127.0.0.1:9 --report a.yaml")
        .exits(2);
    assert_eq!(case.read("a.yaml"), document("a", 3));
}

/// A finished report of the simulator inside the process.
fn finished() -> Case {
    let case = Case::new().file("a.yaml", document("a", 3));
    case.run("import a.yaml --simulate --report r.csv").exits(0);
    case
}

/// A journal line of this JSON.
fn line(json: &str) -> String {
    format!("{:08x} {json}\n", crc32c::crc32c(json.as_bytes()))
}

#[test]
fn a_journal_of_a_newer_program_is_refused() {
    let case = finished();
    let journal = case.read("r.csv.journal");
    let (head, rest) = journal.split_once('\n').expect("a head");
    let newer = head[9..].replacen("\"v\":1", "\"v\":2", 1);
    case.write("r.csv.journal", line(&newer) + rest);
    case.run("resume r.csv").exits(2).says("newer");
}

#[test]
fn a_journal_with_two_heads_is_refused() {
    let case = finished();
    let journal = case.read("r.csv.journal");
    let head = journal.split_inclusive('\n').next().expect("a head").to_owned();
    case.write("r.csv.journal", journal + &head);
    let ended = case.run("resume r.csv");
    assert!([Some(2), Some(6)].contains(&ended.code), "{:?} {}", ended.code, ended.stderr);
}

#[test]
fn a_tail_of_zeros_is_cut_and_kept_aside() {
    let case = finished();
    let mut journal = fs::read(case.path("r.csv.journal")).expect("the journal");
    journal.extend([0; 4096]);
    case.write("r.csv.journal", journal);
    case.run("resume r.csv").exits(0);
    assert!(case.path("r.csv.journal.torn").exists());
    assert!(!case.read("r.csv.journal").contains('\0'));
}

#[test]
fn a_report_without_rows_or_of_another_tool_is_refused() {
    for text in ["", "\0\0\0\0", "name,price\nfoo,1\n", "service,method,path\n"] {
        let case = Case::new().credentials().file("r.csv", text);
        let ended = case.run("resume r.csv --endpoint http://127.0.0.1:9");
        assert_eq!(ended.code, Some(2), "{text:?}: {}", ended.stderr);
    }
}
