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

// Settings and options.

#[test]
fn a_slip_in_the_settings_is_refused_with_its_place_and_nothing_is_sent() {
    for (text, told) in [
        ("patsh: any\n", "apiferry.yaml:1:1: there is no key `patsh`"),
        (
            "defaults:\n  ServiceTimeOut: 3\n",
            "apiferry.yaml:2:19: there is no field `ServiceTimeOut`",
        ),
        ("patch: any\npatch: send\n", "apiferry.yaml:2:1"),
        ("---\npatch: any\n---\npatch: send\n", "apiferry.yaml:3:1: another YAML document"),
        ("[]\n", "apiferry.yaml:1:1: an object is expected"),
        ("defaults: {\n", "apiferry.yaml:1:11: not valid YAML"),
        ("a: &a [*a]\n", "apiferry.yaml:1:8: not valid YAML"),
        ("rules: [{match: {path: '['}, skip: x}]\n", "apiferry.yaml:1:24: `[` is not a glob"),
        ("defaults: {ServiceTimeout: 010}\n", "apiferry.yaml:1:28: `ServiceTimeout` is a whole"),
        ("defaults: {EnableCORS: yes}\n", "apiferry.yaml:1:24: `EnableCORS` is true or false"),
    ] {
        let case = case().file("apiferry.yaml", text);
        case.run("preview a.yaml").exits(2).says(told);
        case.run(&import("")).exits(2).says(told);
        assert!(!case.path("r.csv").exists());
    }
    case()
        .file("apiferry.yaml", "pattch: any\n")
        .run("preview a.yaml")
        .says("did you mean `patch`?");
}

#[test]
fn settings_that_are_no_small_text_are_refused_at_once() {
    let case = case()
        .file("deep.yaml", "[".repeat(100_000))
        .file("latin.yaml", b"patch: any # \xe9\n")
        .file("folder/a", "");
    #[cfg(unix)]
    pipe(&case.path("pipe.yaml"));
    for (name, told) in [
        ("deep.yaml", "levels deep"),
        ("latin.yaml", "is not UTF-8"),
        ("folder", "is not a regular file"),
        ("nowhere.yaml", "nowhere.yaml: no such file"),
        #[cfg(unix)]
        ("pipe.yaml", "is not a regular file"),
        #[cfg(unix)]
        ("/dev/zero", "is larger than 16 MiB"),
    ] {
        case.run(&format!("preview a.yaml --config {name}")).exits(2).says(told);
    }
    #[cfg(unix)]
    case.run("preview a.yaml --config /dev/null").exits(0);
}

#[cfg(unix)]
fn pipe(path: &std::path::Path) {
    let made = std::process::Command::new("mkfifo").args(["-m", "600"]).arg(path).status();
    assert!(made.expect("mkfifo").success());
}

#[test]
fn numbers_that_mean_nothing_are_refused_as_numbers() {
    for (option, told) in [
        ("--settle -1", "--settle is -1, but must be between 0 and 86400"),
        ("--rate -1", "--rate is -1, but must be between 0.01 and 20"),
        ("--rate 0x10", "not a number"),
        ("--timeout -5", "--timeout is -5, but must be between 0.05 and 600"),
        ("--timeout 1e400", "--timeout is inf"),
        ("--attempts -1", "must not be negative"),
        ("--attempts 0", "--attempts is 0, but must be between 1 and 100"),
        ("--quota -1", "must not be negative"),
        ("--quota 18446744073709551616", "too large"),
        ("--max-failures -1", "must not be negative"),
        ("--concurrency 1.5", "not a whole number"),
        ("--rate-limit -3", "must not be negative"),
    ] {
        case().run(&import(option)).exits(2).says(told);
    }
}

#[test]
fn an_option_that_names_nothing_is_refused_by_its_own_name() {
    for (option, told) in [
        ("--backend javascript:alert(1)", "--backend \"javascript:alert(1)\" is relative"),
        ("--backend https://", "--backend \"https://\" has no valid host"),
        ("--backend ftp://a.example", "has the scheme `ftp`"),
        ("--spread ,,", "--spread is \"\""),
    ] {
        case().run(&format!("preview a.yaml {option}")).exits(2).says(told);
    }
    let ended = case().run("preview a.yaml --backend https://u:hunter2@a.example").exits(2);
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
}

// Endpoints and credentials.

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
        pipe(&path);
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

#[test]
#[cfg(unix)]
fn a_report_in_the_place_of_a_folder_or_a_device_is_refused() {
    let case = Case::new().file("a.yaml", document("a", 1)).file("folder/a", "");
    pipe(&case.path("pipe.csv"));
    for name in ["folder", "pipe.csv", "/dev/null"] {
        let ended = case.run(&format!("import a.yaml --simulate --report {name}")).exits(2);
        ended.says("not a file").says("--report");
    }
}

#[test]
#[cfg(unix)]
fn a_report_that_is_a_link_is_made_where_it_leads() {
    let case = Case::new().file("a.yaml", document("a", 1)).file("folder/a", "");
    std::os::unix::fs::symlink("folder/real.csv", case.path("r.csv")).expect("a link");
    case.run("import a.yaml --simulate --report r.csv").exits(0);
    assert_eq!(case.report("folder/real.csv").len(), 1);
    assert!(case.path("folder/real.csv.lock").exists() && !case.path("r.csv.lock").exists());
    case.run("import a.yaml --simulate --report r.csv").exits(2).says("exists already");
    case.run("resume r.csv").exits(0);
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
    let newer = head[9..].replacen("\"v\":2", "\"v\":3", 1);
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

#[test]
#[cfg(unix)]
fn papers_that_are_pipes_or_devices_keep_nobody_waiting() {
    for name in ["r.csv", "r.csv.journal"] {
        let case = finished();
        fs::remove_file(case.path(name)).expect("a file");
        pipe(&case.path(name));
        let ended = case.run("resume r.csv").says("is not a regular file");
        assert!(matches!(ended.code, Some(2 | 6)), "{ended:?}");
        fs::remove_file(case.path(name)).expect("a pipe");
        std::os::unix::fs::symlink("/dev/zero", case.path(name)).expect("a link");
        let ended = case.run("resume r.csv");
        assert!(matches!(ended.code, Some(2 | 6)), "{ended:?}");
    }
}

#[test]
#[cfg(unix)]
fn a_lock_writes_over_nothing_that_is_not_its_own() {
    let case = finished().file("precious.txt", "precious");
    case.write("r.csv.lock", "a shopping list");
    case.run("resume r.csv").exits(0);
    assert_eq!(case.read("r.csv.lock"), "a shopping list");
    fs::remove_file(case.path("r.csv.lock")).expect("the lock");
    std::os::unix::fs::symlink("precious.txt", case.path("r.csv.lock")).expect("a link");
    case.run("resume r.csv").exits(2).says("r.csv.lock");
    assert_eq!(case.read("precious.txt"), "precious");
}

#[test]
fn a_row_whose_outcome_is_no_word_of_ours_is_in_doubt() {
    let case = Case::new().credentials().file("a.yaml", document("a", 3));
    let simulator = case.simulator("");
    let options = format!("--endpoint {} --settle 0.2", simulator.endpoint);
    case.run(&format!("import a.yaml --service service-simulated --report r.csv {options}"))
        .exits(0);
    fs::remove_file(case.path("r.csv.journal")).expect("the journal");
    let mut words = ["TRUE", "1", "Created "].into_iter();
    let edited: Vec<String> = case
        .read("r.csv")
        .lines()
        .map(|line| match line.split_once(",created,") {
            Some((before, after)) => format!("{before},{},{after}\n", words.next().expect("three")),
            None => format!("{line}\n"),
        })
        .collect();
    case.write("r.csv", edited.concat());
    case.run(&format!("resume r.csv {options}")).exits(0);
    let rows = case.report("r.csv");
    assert_eq!(rows.len(), 3);
    for row in &rows {
        assert!(["created", "found"].contains(&row["outcome"].as_str()), "{row:?}");
    }
    assert!(simulator.created().values().all(|ids| ids.len() == 1));
}
