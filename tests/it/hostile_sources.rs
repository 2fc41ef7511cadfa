//! Hostile sources: each costs little time and memory, is answered by the right word, and
//! takes nothing down.
//!
//! What a kind of input is told by is a code; where nothing is wrong with it, an exit code.
//! Inputs are made here, since most are large, and the small ones read better beside what is
//! expected of them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::case::{Case, Ended};

/// Longest that any of them may take: a build without optimisation, on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);
/// Seconds of processor time that any of them may take.
const CPU_SECONDS: u32 = 10;
/// Writable memory that any of them may take, in KiB.
const MEMORY: u32 = 200 << 10;

/// The program under these limits, told to write JSON lines.
fn bounded(case: &Case, arguments: &str, memory: u32) -> Ended {
    let program = case.command(arguments);
    let mut command = Command::new("/bin/sh");
    let limits = format!("ulimit -t {CPU_SECONDS} && ulimit -d {memory} && exec \"$0\" \"$@\"");
    command.arg("-c").arg(limits).arg(program.get_program()).args(program.get_args());
    command.current_dir(case.path("."));
    command.env_clear();
    command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let begun = Instant::now();
    let ended = case.finish(command);
    assert!(begun.elapsed() < LIMIT, "{arguments} took {:?}", begun.elapsed());
    assert!(matches!(ended.code, Some(0..=3)), "{arguments}: {ended:?}");
    ended
}

/// All codes that the lines of a preview hold.
fn codes(ended: &Ended) -> BTreeSet<String> {
    let lines = ended.lines();
    let findings = lines.iter().filter_map(|line| line["findings"].as_array()).flatten();
    findings.map(|finding| finding["code"].as_str().expect("a code").to_owned()).collect()
}

/// A document with these paths, in YAML.
fn with_paths(paths: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\nservers: [{{url: 'https://a.example'}}]\npaths:\n{paths}"
    )
}

/// Asserts that a preview of this text ends with this exit code and tells this code.
#[track_caller]
fn is_told(text: impl AsRef<[u8]>, exit: i32, code: &str) {
    let case = Case::new().file("bad", text);
    let ended = bounded(&case, "preview bad --format jsonl", MEMORY).exits(exit);
    assert!(codes(&ended).contains(code), "{code} is not in:\n{}", ended.stdout);
}

/// Asserts that a preview of this text makes nothing of it, for the reason of this code.
#[track_caller]
fn is_refused(text: impl AsRef<[u8]>, code: &str) {
    is_told(text, 2, code);
}

// Bombs.

/// Many pieces of text as one.
fn joined(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect::<Vec<_>>().concat()
}

#[test]
fn billion_laughs_are_refused() {
    let mut text = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for i in 1..10 {
        let again = vec![format!("*a{}", i - 1); 9].join(", ");
        let _ = writeln!(text, "a{i}: &a{i} [{again}]");
    }
    is_refused(&text, "over-budget");
    is_refused(
        with_paths(&format!("  /a: {{get: {{x: 1}}}}\nx:\n  {}", text.replace('\n', "\n  "))),
        "over-budget",
    );
}

#[test]
fn what_is_aliased_thousands_of_times_is_refused() {
    let long = "x".repeat(100_000);
    is_refused(format!("a: &a {long}\nb: [{}]\n", vec!["*a"; 10_000].join(", ")), "over-budget");
    let map = joined(2000, |i| format!("  k{i}: v\n"));
    is_refused(format!("a: &a\n{map}b: [{}]\n", vec!["*a"; 2000].join(", ")), "over-budget");
    is_refused(format!("a: &a\n{map}b:\n{}", "  - <<: *a\n".repeat(2000)), "over-budget");
}

#[test]
fn deep_nesting_is_refused_and_exhausts_no_stack() {
    for text in ["[", "- ", "a: {", "{\"a\":", "? "] {
        let case = Case::new().file("bad", text.repeat(100_000));
        let ended = bounded(&case, "preview bad --format jsonl", MEMORY).exits(2);
        let told = codes(&ended);
        assert!(told.contains("over-budget") || told.contains("syntax-error"), "{text}: {told:?}");
    }
}

#[test]
fn an_alias_of_what_it_stands_in_is_refused() {
    is_refused("&a [*a]", "syntax-error");
    is_refused("a: &a {b: {<<: *a}}", "syntax-error");
}

#[test]
fn many_anchors_and_chains_of_merges_cost_little() {
    let anchors = joined(600_000, |i| format!("- &a{i} x\n"));
    is_refused(&anchors, "not-a-document");
    let mut chain = String::from("a0: &a0 {k: v}\n");
    for i in 1..2000 {
        let _ = writeln!(chain, "a{i}: &a{i} {{<<: *a{}, k{i}: v}}", i - 1);
    }
    is_refused(&chain, "over-budget");
}

#[test]
fn a_description_of_20_mb_is_cut() {
    let text = with_paths(&format!("  /a: {{get: {{description: '{}'}}}}\n", "x".repeat(20 << 20)));
    is_told(&text, 0, "description-cut");
}

/// Previews a document of so many operations and of little else.
fn of_operations(count: usize, memory: u32) {
    let mut text = String::from(
        "{\"openapi\":\"3.0.3\",\"info\":{\"title\":\"t\",\"version\":\"1\"},\"servers\":[{\"url\":\"https://a.example\"}],\"paths\":{",
    );
    for i in 0..count {
        let comma = if i == 0 { "" } else { "," };
        let _ = write!(text, "{comma}\"/{i}\":{{\"get\":{{}}}}");
    }
    text.push_str("}}");
    let case = Case::new().file("bad", text);
    let ended = bounded(&case, "preview bad --quota 1000000 --format jsonl", memory);
    let last = ended.lines().pop().expect("a summary");
    assert_eq!((&last["operations"], &last["items"]), (&count.into(), &count.into()));
}

#[test]
fn many_operations_are_read_within_the_memory_of_their_document() {
    of_operations(50_000, MEMORY);
}

#[test]
#[ignore = "it takes a minute without optimisation: cargo test --release --test it -- --ignored"]
fn a_million_operations_are_read_within_the_memory_of_their_document() {
    of_operations(1_000_000, 2 << 20);
}

// Keys.

#[test]
fn a_path_or_method_that_stands_twice_is_told_with_both_lines() {
    let yaml = with_paths("  /a: {get: {}}\n  /a: {get: {}}\n");
    let json = "{\"openapi\": \"3.0.0\", \"info\": {}, \"paths\": {\n\"/a\": {\n\"get\": {},\n\"get\": {}}}}";
    for (text, first, second) in [(yaml.as_str(), 5, 6), (json, 3, 4)] {
        let case = Case::new().file("bad", text);
        let ended = bounded(&case, "preview bad --format jsonl --mock all", MEMORY).exits(3);
        let lines = ended.lines();
        let unfit = lines.iter().find(|line| line["kind"] == "unfit").expect("it is unfit");
        let finding = &unfit["findings"][0];
        assert_eq!(
            (&finding["code"], &finding["line"]),
            (&"repeated-operation".into(), &first.into())
        );
        let message = finding["message"].as_str().expect("a message");
        assert!(message.contains(&format!("line {second}")), "{message}");
    }
}

#[test]
fn a_status_that_stands_twice_however_quoted_is_told() {
    let text = with_paths(
        "  /a:\n    get:\n      responses:\n        200: {description: a}\n        '200': {description: b}\n",
    );
    is_told(&text, 0, "repeated-key");
}

#[test]
fn an_operation_of_two_files_is_made_once_and_both_are_named() {
    let text = with_paths("  /a: {get: {}}\n");
    let other = text.replace("a.example", "b.example");
    let case = Case::new().file("c/one.yaml", &text).file("c/two.yaml", other);
    let ended = bounded(&case, "preview c --format jsonl", MEMORY).exits(3);
    let lines = ended.lines();
    let unfit: Vec<_> = lines.iter().filter(|line| line["kind"] == "unfit").collect();
    assert_eq!(unfit.len(), 1);
    assert_eq!(
        (&unfit[0]["source"], &unfit[0]["findings"][0]["code"]),
        (&"c/two.yaml".into(), &"same-route".into())
    );
    assert!(unfit[0]["findings"][0]["message"].as_str().expect("a text").contains("c/one.yaml"));
}

#[test]
fn a_file_that_says_the_same_as_another_is_skipped_and_both_are_named() {
    let text = with_paths("  /a: {get: {}}\n  /b: {patch: {}}\n");
    let case = Case::new().file("c/one.yaml", &text).file("c/two.yml", &text);
    let ended = bounded(&case, "preview c --format jsonl --exclude method:PATCH", MEMORY).exits(0);
    let lines = ended.lines();
    let skipped = lines.iter().filter(|line| line["kind"] == "skipped");
    assert_eq!(skipped.count(), 3);
    let twin = lines.iter().find(|line| line["source"] == "c/two.yml").expect("a document");
    let told = &twin["findings"][0];
    assert_eq!(told["code"], "twin");
    let message = told["message"].as_str().expect("a text");
    assert!(message.contains("c/one.yaml") && message.contains("c/two.yml"), "{message}");
}

#[test]
fn paths_that_differ_only_by_a_parameters_name_clash() {
    is_told(with_paths("  /a/{x}: {get: {}}\n  /a/{y}: {get: {}}\n"), 3, "same-route");
}

#[test]
fn paths_that_only_their_end_or_case_tells_apart_are_told() {
    for (one, other) in [("/a", "/a/"), ("/A", "/a"), ("/b/{X}/", "/B/{y}")] {
        is_told(
            with_paths(&format!("  {one}: {{get: {{}}}}\n  {other}: {{get: {{}}}}\n")),
            0,
            "similar-path",
        );
    }
    let apart =
        with_paths("  /a: {get: {}}\n  /a/: {put: {}}\n  /ab: {get: {}}\n  /a/b: {get: {}}\n");
    let case = Case::new().file("good", apart);
    let told = codes(&bounded(&case, "preview good --format jsonl", MEMORY).exits(0));
    assert!(!told.contains("similar-path"), "{told:?}");
}

#[test]
fn keys_of_yaml_that_look_like_something_else_are_texts() {
    let text = with_paths(
        "  /no: {get: {operationId: no, summary: 012, tags: [1:30, 2001-12-14]}}\n  ? /on\n  : {get: {operationId: ~}}\n  2001-12-14: {get: {}}\n",
    );
    let case = Case::new().file("bad", text);
    let ended = bounded(&case, "preview bad --format jsonl", MEMORY).exits(3);
    let lines = ended.lines();
    let item = |path: &str| lines.iter().find(|line| line["path"] == path).expect("an entry");
    assert_eq!(
        (&item("/no")["request"]["ApiName"], &item("/no")["request"]["ApiDesc"]),
        (&"no".into(), &"012".into())
    );
    assert_eq!(item("/on")["kind"], "item");
    assert_eq!(item("2001-12-14")["findings"][0]["code"], "path-without-slash");
}

#[test]
fn an_anchor_that_stands_twice_means_the_one_before_its_alias() {
    let text = with_paths(
        "  /a: &x {get: {operationId: one}}\n  /b: &x {get: {operationId: two}}\n  /c: *x\n",
    );
    let case = Case::new().file("bad", text);
    let lines = bounded(&case, "preview bad --format jsonl", MEMORY).exits(0).lines();
    let c = lines.iter().find(|line| line["path"] == "/c").expect("it is an item");
    assert!(c["request"]["ApiName"].as_str().expect("a name").starts_with("two"), "{c}");
    is_refused(with_paths("  /a: *nowhere\n"), "syntax-error");
    is_refused(with_paths("\t/a: {get: {}}\n"), "syntax-error");
}

// References.

#[test]
fn a_path_whose_reference_leads_nowhere_is_no_success() {
    let text = with_paths("  /a: {$ref: 'gone.yaml'}\n  /b: {get: {}}\n");
    let case = Case::new().file("a.yaml", text);
    let ended = case.run("preview a.yaml --format jsonl").exits(3);
    let last = ended.lines().pop().expect("a summary");
    assert_eq!(
        (&last["operations"], &last["items"], &last["gaps"]),
        (&1.into(), &1.into(), &1.into())
    );
    case.run("preview a.yaml --strict")
        .exits(2)
        .says("the plan has 1 place with operations that could not be counted");
    case.run("preview a.yaml").exits(3);

    case.run("import a.yaml --simulate --strict --report s.csv").exits(2);
    assert!(!case.path("s.csv").exists());
    let ended = case.run("import a.yaml --simulate --report r.csv").exits(3);
    ended.says("missing-path-item").says("gone.yaml");
    case.write("gone.yaml", "get: {}");
    case.run("resume r.csv").exits(0);
    assert_eq!(case.report("r.csv").len(), 2);
}

#[test]
fn operations_behind_a_file_that_went_missing_keep_their_rows() {
    let case = Case::new()
        .file("a.yaml", with_paths("  /a: {get: {}}\n  /b: {$ref: 'part.yaml'}\n"))
        .file("part.yaml", "get: {}");
    let mut import = case.command("import a.yaml --simulate --rate 0.01 --report r.csv");
    import.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut child = import.spawn().expect("it starts");
    while !case.path("r.csv").exists()
        || !case.report("r.csv").iter().any(|row| row["outcome"] == "created")
    {
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().expect("it was there");
    crate::case::wait(child);
    std::fs::remove_file(case.path("part.yaml")).expect("the part");
    let rows =
        |outcome: &str| case.report("r.csv").iter().filter(|row| row["outcome"] == outcome).count();
    case.run("resume r.csv --rate 18").exits(5);
    assert_eq!((rows("created"), rows("not-sent")), (1, 1));
    case.write("part.yaml", "get: {}");
    case.run("resume r.csv").exits(0);
    assert_eq!(rows("created"), 2);
}

#[test]
fn a_reference_outside_the_root_is_not_opened() {
    for target in [
        "file:///proc/self/environ",
        "/etc/passwd",
        "../secret.yaml",
        "../../../../../etc/passwd",
        "link.yaml",
        "folder/secret.yaml",
        "http://169.254.169.254/latest",
        "%2e%2e/secret.yaml",
    ] {
        let text = with_paths(&format!("  /a: {{$ref: '{target}'}}\n  /b: {{get: {{}}}}\n"));
        let case =
            Case::new().file("secret.yaml", "get: {summary: SECRET}").file("in/bad.yaml", text);
        link(&case, "../secret.yaml", "in/link.yaml");
        link(&case, "..", "in/folder");
        let ended = bounded(&case, "preview in/bad.yaml --format jsonl", MEMORY).exits(3);
        assert!(codes(&ended).contains("missing-path-item"), "{target}: {}", ended.stdout);
        for secret in ["SECRET", "HOME=", "root:"] {
            assert!(!ended.stdout.contains(secret), "{target}: {}", ended.stdout);
        }
    }
}

#[cfg(unix)]
fn link(case: &Case, to: &str, at: &str) {
    std::os::unix::fs::symlink(to, case.path(at)).expect("a symbolic link");
}

#[test]
fn a_cycle_of_references_ends() {
    for paths in [
        "  /a: {$ref: '#/paths/~1a'}\n",
        "  /a: {$ref: '#/paths/~1b'}\n  /b: {$ref: '#/paths/~1a'}\n",
    ] {
        is_told(with_paths(paths), 3, "missing-path-item");
    }
    let schemas = "components: {schemas: {A: {properties: {b: {$ref: '#/components/schemas/B'}}}, B: {properties: {a: {$ref: '#/components/schemas/A'}}}}}\n";
    is_mocked_within_bounds("A", schemas);
}

/// A mock of this schema is made, or told to be impossible, in little time and memory.
#[track_caller]
fn is_mocked_within_bounds(schema: &str, schemas: &str) {
    let content = format!("{{schema: {{$ref: '#/components/schemas/{schema}'}}}}");
    let body = format!("{{200: {{description: a, content: {{application/json: {content}}}}}}}");
    let case = Case::new()
        .file("bad", with_paths(&format!("  /a: {{get: {{responses: {body}}}}}\n{schemas}")));
    case.write("apiferry.yaml", "mock-synthesize: true\n");
    let ended = bounded(&case, "preview bad --mock all --format jsonl", MEMORY);
    assert_eq!(ended.lines().pop().expect("a summary")["operations"], 1);
}

#[test]
fn references_that_fan_out_are_not_followed_each_time() {
    let mut schemas = String::from("components:\n  schemas:\n    s0: {type: string}\n");
    for i in 1..31 {
        let inner = format!("{{$ref: '#/components/schemas/s{}'}}", i - 1);
        let _ = writeln!(
            schemas,
            "    s{i}: {{properties: {{a: {inner}, b: {inner}}}, required: [a, b]}}"
        );
    }
    is_mocked_within_bounds("s30", &schemas);
}

#[test]
fn a_reference_that_leads_nowhere_costs_the_operation_that_needs_it() {
    for pointer in ["#/nowhere", "#/info/title/x", "#/a~2b", "#/%zz", "#nowhere", "#/paths/-1"] {
        let text = with_paths(&format!(
            "  /a: {{get: {{parameters: [{{$ref: '{pointer}'}}]}}}}\n  /b: {{get: {{}}}}\n"
        ));
        is_told(&text, 3, "missing-reference");
    }
}

// Texts that are no documents.

#[test]
fn what_holds_nothing_is_no_document() {
    for text in
        ["", " \n\t\n", "# a comment\n", "---\n...\n", "null", "~\n", "[]", "{}", "a text", "12"]
    {
        is_refused(text, "not-a-document");
    }
}

#[test]
fn a_text_that_is_cut_off_is_refused_with_its_line() {
    let json = "{\"openapi\": \"3.0.0\",\n\"paths\": {\"/a\": {\"get\":";
    let yaml = "openapi: 3.0.0\npaths:\n  /a: {get: {responses: \"";
    for (text, line) in [(json, 2), (yaml, 3)] {
        let case = Case::new().file("bad", text);
        let ended = bounded(&case, "preview bad --format jsonl", MEMORY).exits(2);
        let finding = &ended.lines()[0]["findings"][0];
        assert_eq!(
            (&finding["code"], &finding["line"]),
            (&"syntax-error".into(), &line.into()),
            "{finding}"
        );
    }
}

#[test]
fn a_second_document_in_a_file_is_an_error_and_the_first_is_read() {
    let text = with_paths("  /a: {get: {}}\n") + "---\n" + &with_paths("  /b: {get: {}}\n");
    is_told(&text, 3, "second-document");
    let case = Case::new().file("bad", &text);
    let ended = bounded(&case, "preview bad --format jsonl", MEMORY).exits(3);
    let items: Vec<_> = ended.lines().into_iter().filter(|line| line["kind"] == "item").collect();
    assert_eq!(items.len(), 1, "{items:?}");
    assert_eq!(items[0]["path"], "/a");
}

#[test]
fn paths_that_stand_twice_are_an_error_and_the_last_are_read() {
    let text = with_paths("  /a: {get: {}}\n") + "paths:\n  /b: {get: {}}\n";
    is_told(text, 3, "repeated-operation");
}

#[test]
fn an_encoding_that_is_not_read_is_refused_by_name() {
    let text = with_paths("  /a: {get: {summary: 'é'}}\n");
    let latin: Vec<u8> =
        text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
    is_refused(latin, "bad-encoding");
    is_refused(
        text.as_bytes().split_last().map(|(_, all)| [all, &[0xff]].concat()).expect("a text"),
        "bad-encoding",
    );
    is_refused(text.replace("get", "\0"), "syntax-error");
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    is_refused(wide(&text), "bad-encoding");
    let wider: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
    is_refused(wider, "bad-encoding");
    is_refused("\u{feff}", "not-a-document");
    is_refused(wide("\u{feff}"), "not-a-document");
    let utf16: Vec<u8> =
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for good in [utf16, format!("\u{feff}{text}").into_bytes()] {
        let case = Case::new().file("good", good);
        bounded(&case, "preview good --format jsonl", MEMORY).exits(0);
    }
}

#[test]
fn tags_run_nothing() {
    let text = with_paths(
        "  /a: {get: {summary: !!python/object/apply:os.system ['touch ran'], operationId: !mine x}}\n",
    );
    let case = Case::new().file("bad", text);
    bounded(&case, "preview bad --format jsonl", MEMORY).exits(0);
    assert!(!case.path("ran").exists());
}

#[test]
fn a_version_is_read_or_refused_and_never_guessed() {
    for version in [
        "swagger: '1.2'",
        "swaggerVersion: '1.2'",
        "asyncapi: 2.0.0",
        "openapi: 4.0.0",
        "openapi: two",
        "swagger: 3.0",
    ] {
        is_refused(format!("{version}\npaths: {{}}\n"), "unsupported-version");
    }
    for version in
        ["swagger: '2.0'", "swagger: 2.0", "openapi: 3.0.0", "openapi: 3.1.0", "openapi: 3.2.0"]
    {
        let case = Case::new()
            .file("good", format!("{version}\ninfo: {{}}\nhost: a.example\nschemes: [https]\nservers: [{{url: 'https://a.example'}}]\npaths: {{/a: {{get: {{}}}}}}\n"));
        bounded(&case, "preview good --format jsonl", MEMORY).exits(0);
    }
}

#[test]
fn paths_that_are_none_are_told() {
    for paths in ["paths:", "paths: null", "paths: []", "paths: text", "x: 1"] {
        is_told(format!("openapi: 3.0.0\n{paths}\n"), 0, "no-paths");
    }
}

// What operations hold.

#[test]
fn a_method_that_the_gateway_lacks_costs_its_operation() {
    is_told(with_paths("  /a: {trace: {}}\n"), 3, "unsupported-method");
    is_told(with_paths("  /a: {QUERY: {}, get: {}}\n"), 0, "unknown-method");
}

#[test]
fn a_path_that_no_request_can_have_costs_its_operation() {
    for (path, code) in [
        ("a", "path-without-slash"),
        ("/a b", "path-character"),
        ("/a?b=c", "path-query"),
        ("/a#b", "path-query"),
        ("/{a", "path-template"),
        ("/{a}/{a}", "path-template"),
        ("/{}", "path-template"),
    ] {
        is_told(with_paths(&format!("  '{path}': {{get: {{}}}}\n")), 3, code);
    }
    for path in [format!("/{}", "a".repeat(1000)), "/../..".into(), "/%00".into(), "/路径".into()]
    {
        let case = Case::new().file("bad", with_paths(&format!("  '{path}': {{get: {{}}}}\n")));
        let ended = bounded(&case, "preview bad --format jsonl", MEMORY);
        assert_eq!(ended.lines().pop().expect("a summary")["operations"], 1, "{path}");
    }
}

#[test]
fn a_name_is_made_of_any_operation_and_is_the_same_each_time() {
    let long = "a".repeat(500);
    let text = with_paths(&format!(
        "  /a: {{get: {{operationId: {long}}}, put: {{operationId: same}}, post: {{operationId: same}}, delete: {{}}}}\n  /b: {{get: {{operationId: '😀'}}}}\n"
    ));
    let case = Case::new().file("bad", text);
    let first = bounded(&case, "preview bad --format jsonl", MEMORY).exits(0);
    let told = codes(&first);
    assert!(told.contains("name-cut") && told.contains("name-taken"), "{told:?}");
    assert_eq!(bounded(&case, "preview bad --format jsonl", MEMORY).stdout, first.stdout);
}

#[test]
fn what_would_move_a_terminal_is_shown_escaped_and_sent_as_it_is() {
    let evil = "\\e]0;x\\a\\e]8;;http://x\\e]52;c;eA==\\r\\u202e";
    let text = with_paths(&format!(
        "  \"/a{evil}\": {{get: {{summary: \"{evil}\", tags: [\"{evil}\"]}}}}\n"
    ))
    .replace("title: t", &format!("title: \"{evil}\""))
    .replace("https://a.example", &format!("https://a.example/{evil}"))
    .replace("'https", "\"https")
    .replace("'}", "\"}")
    .replace("version: '1\"", "version: '1'");
    let case = Case::new().file("bad", text);
    // JSON escapes what it has to, and has bidirectional controls as they are: a program reads.
    for (format, shown) in [("table", ""), ("jsonl", "\u{202e}")] {
        let ended = bounded(&case, &format!("preview bad --format {format}"), MEMORY);
        for stream in [&ended.stdout, &ended.stderr] {
            let moves = ['\u{1b}', '\u{7}', '\r', '\u{202e}'];
            for character in moves.into_iter().filter(|&character| !shown.contains(character)) {
                assert!(!stream.contains(character), "{format} shows {character:?}:\n{stream:?}");
            }
        }
    }
    let case =
        Case::new().file("bad", with_paths(&format!("  /a: {{get: {{summary: \"{evil}\"}}}}\n")));
    let lines = bounded(&case, "preview bad --format jsonl", MEMORY).lines();
    let item = lines.iter().find(|line| line["kind"] == "item").expect("an item");
    assert!(item["request"]["ApiDesc"].as_str().expect("a text").contains('\u{202e}'));
}

#[test]
fn numbers_beyond_any_width_cost_nothing_else() {
    let text = with_paths(
        "  /a:\n    get:\n      parameters: [{name: a, in: query, schema: {type: integer, default: 123456789012345678901234567890, maximum: .nan, example: 1e999}}]\n",
    );
    let case = Case::new().file("bad", text);
    let ended = bounded(&case, "preview bad --format jsonl", MEMORY).exits(0);
    assert!(ended.stdout.contains("123456789012345678901234567890"), "{}", ended.stdout);
}

#[test]
fn credentials_in_a_servers_address_are_not_shown() {
    let text = with_paths("  /a: {get: {}}\n").replace("https://", "https://user:hunter2@");
    let case = Case::new().file("bad", text);
    for arguments in ["preview bad", "preview bad --format jsonl"] {
        let ended = bounded(&case, arguments, MEMORY);
        assert!(!ended.stderr.contains("hunter2"), "{ended:?}");
        assert!(!ended.stdout.contains("hunter2"), "{ended:?}");
    }
}

// Sources that are no files, or none that stay as they are.

#[test]
fn a_source_without_a_name_is_wrong_use() {
    let case = Case::new();
    case.finish(case.command_of(&["preview", ""])).exits(2).says("SOURCES");
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let case = Case::new().file("closed.yaml", with_paths("  /a: {get: {}}\n"));
    let closed = std::fs::Permissions::from_mode(0o000);
    std::fs::set_permissions(case.path("closed.yaml"), closed).expect("a mode");
    if std::fs::read(case.path("closed.yaml")).is_ok() {
        return crate::case::skipped("whoever runs this may read every file");
    }
    let ended = bounded(&case, "preview closed.yaml --format jsonl", MEMORY).exits(2);
    assert!(codes(&ended).contains("unreadable"), "{ended:?}");
}

#[test]
fn a_source_that_changes_during_the_run_is_sent_as_it_was_read() {
    let case = Case::new().credentials().file("a.yaml", crate::case::document("a", 20));
    let planned = case.run("preview a.yaml --service service-simulated --format jsonl").lines();
    let planned = planned.iter().filter(|line| line["kind"] == "item").count();
    let simulator = case.simulator("");
    let mut import = case.command(&format!(
        "import a.yaml --service service-simulated --endpoint {} --report r.csv --settle 0.2",
        simulator.endpoint
    ));
    import.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let child = import.spawn().expect("it starts");
    while simulator.created().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    case.write("a.yaml", "openapi: 3.0.3\npaths: {/b: {get: {");
    assert_eq!(crate::case::wait(child), Some(0));
    let created = simulator.created();
    assert_eq!(created.len(), planned);
    assert!((0..20).all(|n| created.contains_key(&format!("GET /a/{n}"))), "{created:?}");
    assert!(case.report("r.csv").iter().all(|row| row["outcome"] == "created"));
}

#[cfg(unix)]
#[test]
fn only_regular_files_are_read() {
    let case = Case::new().file("c/good.yaml", with_paths("  /a: {get: {}}\n"));
    let made = Command::new("mkfifo").arg(case.path("c/pipe.yaml")).status().expect("mkfifo");
    assert!(made.success());
    let _socket =
        std::os::unix::net::UnixListener::bind(case.path("c/socket.yaml")).expect("a socket");
    link(&case, "/dev/zero", "c/zero.yaml");
    for source in ["/dev/zero", "c/pipe.yaml", "c/socket.yaml", "nowhere.yaml"] {
        let ended = bounded(&case, &format!("preview {source} --format jsonl"), MEMORY).exits(2);
        assert!(codes(&ended).contains("unreadable"), "{source}: {ended:?}");
    }
    case.run("preview c/pipe.yaml").exits(2).says("standard input");
    let ended = bounded(&case, "preview c --format jsonl", MEMORY);
    assert_eq!(ended.lines().pop().expect("a summary")["documents"], 1, "{ended:?}");
}

#[test]
fn archives_are_no_documents() {
    for magic in [b"PK\x03\x04\x14\0\0\0".as_slice(), b"\x1f\x8b\x08\0\0\0\0\0"] {
        let case =
            Case::new().file("c/a.zip", magic).file("c/b.yaml", with_paths("  /a: {get: {}}\n"));
        let ended = bounded(&case, "preview c --format jsonl", MEMORY).exits(0);
        assert_eq!(ended.lines().pop().expect("a summary")["passed_over"], 1);
        bounded(&case, "preview c/a.zip --format jsonl", MEMORY).exits(2);
    }
}

// Many files.

#[test]
fn a_tree_of_659_operations_in_2900_files_is_read_soon() {
    let case = Case::new();
    let mut paths = String::new();
    for i in 0..659 {
        let _ = writeln!(paths, "  /v2/{i}: {{get: {{$ref: 'resources/r{i}/get.yaml'}}}}");
        let response =
            "{description: ok, content: {application/json: {schema: {$ref: 'model.yml'}}}}";
        case.write(&format!("c/resources/r{i}/get.yaml"), format!("operationId: op{i}\nparameters: [{{$ref: 'parameters.yml#/id'}}]\nresponses: {{'200': {{$ref: 'response.yml'}}}}\n"));
        case.write(
            &format!("c/resources/r{i}/parameters.yml"),
            "id: {name: id, in: query, schema: {type: string}}\n",
        );
        case.write(&format!("c/resources/r{i}/response.yml"), response);
        case.write(
            &format!("c/resources/r{i}/model.yml"),
            "type: object\nproperties: {a: {$ref: '../../shared/m0.yml'}}\n",
        );
    }
    for i in 0..263 {
        case.write(
            &format!("c/shared/m{i}.yml"),
            format!("type: object\nproperties: {{next: {{$ref: 'm{}.yml'}}}}\n", (i + 1) % 263),
        );
    }
    case.write("c/root.yaml", with_paths(&paths));
    let ended = bounded(&case, "preview c/root.yaml --quota 1000 --format jsonl", MEMORY).exits(0);
    let last = ended.lines().pop().expect("a summary");
    assert_eq!((&last["operations"], &last["items"]), (&659.into(), &659.into()));
}
