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
fn a_description_of_20_mb_is_cut_and_a_million_operations_stream() {
    let text = with_paths(&format!("  /a: {{get: {{description: '{}'}}}}\n", "x".repeat(20 << 20)));
    is_told(&text, 0, "description-cut");
}

#[test]
#[ignore = "it takes a minute without optimisation: cargo test --release --test it -- --ignored"]
fn a_million_operations_are_read_within_the_memory_of_their_document() {
    let mut text = String::from(
        "{\"openapi\":\"3.0.3\",\"info\":{\"title\":\"t\",\"version\":\"1\"},\"servers\":[{\"url\":\"https://a.example\"}],\"paths\":{",
    );
    for i in 0..1_000_000 {
        let comma = if i == 0 { "" } else { "," };
        let _ = write!(text, "{comma}\"/{i}\":{{\"get\":{{}}}}");
    }
    text.push_str("}}");
    let case = Case::new().file("bad", text);
    let ended = bounded(&case, "preview bad --quota 1000000 --format jsonl", 2 << 20);
    let last = ended.lines().pop().expect("a summary");
    assert_eq!((&last["operations"], &last["items"]), (&1_000_000.into(), &1_000_000.into()));
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
    let case = Case::new().file("c/one.yaml", &text).file("c/two.yaml", &text);
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
fn paths_that_differ_only_by_a_parameters_name_clash() {
    is_told(with_paths("  /a/{x}: {get: {}}\n  /a/{y}: {get: {}}\n"), 3, "same-route");
}

// References.

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
        let ended = bounded(&case, "preview in/bad.yaml --format jsonl", MEMORY).exits(0);
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
    is_told(with_paths("  /a: {$ref: '#/paths/~1a'}\n"), 0, "missing-path-item");
    is_told(
        with_paths("  /a: {$ref: '#/paths/~1b'}\n  /b: {$ref: '#/paths/~1a'}\n"),
        0,
        "missing-path-item",
    );
    let schemas = "components: {schemas: {A: {properties: {b: {$ref: '#/components/schemas/B'}}}, B: {properties: {a: {$ref: '#/components/schemas/A'}}}}}\n";
    let body = "{200: {description: a, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}}";
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
    let body = "{200: {description: a, content: {application/json: {schema: {$ref: '#/components/schemas/s30'}}}}}";
    let case = Case::new()
        .file("bad", with_paths(&format!("  /a: {{get: {{responses: {body}}}}}\n{schemas}")));
    case.write("apiferry.yaml", "mock-synthesize: true\n");
    let ended = bounded(&case, "preview bad --mock all --format jsonl", MEMORY);
    assert_eq!(ended.lines().pop().expect("a summary")["operations"], 1);
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
fn a_second_document_in_a_file_is_told() {
    let text = with_paths("  /a: {get: {}}\n") + "---\n" + &with_paths("  /b: {get: {}}\n");
    is_told(&text, 0, "second-document");
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

// Sources that are no files.

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

// The world outside.

/// Calls that would reach out of the machine or open a file.
const TRACED: &str = "open,openat,openat2,socket,connect,execve";

#[test]
fn a_preview_opens_no_socket_and_no_path_outside_its_root() {
    if Command::new("strace").arg("-V").output().is_err() {
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("skipped: there is no strace on this machine");
        }
        return;
    }
    let targets = [
        "file:///etc/passwd",
        "/etc/shadow",
        "../secret.yaml",
        "link.yaml",
        "http://127.0.0.1:9/x",
        "https://example.com/x.yaml#/a",
        "//host/share.yaml",
        "inner/good.yaml#/a",
    ];
    let paths = joined(targets.len(), |i| format!("  /{i}: {{$ref: '{}'}}\n", targets[i]));
    let case = Case::new()
        .file("in/bad.yaml", with_paths(&paths))
        .file("secret.yaml", "get: {}")
        .file("in/inner/good.yaml", "a: {get: {}}");
    link(&case, "../secret.yaml", "in/link.yaml");
    let program = case.command("preview in/bad.yaml --format jsonl");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", &format!("trace={TRACED}"), "-o"]).arg(case.path("trace"));
    command.arg(program.get_program()).args(program.get_args()).current_dir(case.path("."));
    let ended = case.finish(command).exits(0);
    let trace = case.read("trace");
    assert!(trace.contains("bad.yaml") && trace.contains("inner/good.yaml"), "{trace}");
    assert!(!trace.contains("socket(") && !trace.contains("connect("), "{trace}");
    for named in ["passwd", "shadow", "secret.yaml", "share.yaml"] {
        assert!(!trace.contains(named), "{named} was opened:\n{trace}");
    }
    assert_eq!(ended.lines().iter().filter(|line| line["kind"] == "item").count(), 1);
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
