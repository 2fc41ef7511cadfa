//! Finding, reading and what references may reach, on real folders and loopback sockets.

use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use crate::finding::Finding;
use crate::source::*;

const PETS: &str =
    "openapi: 3.0.3\ninfo: {title: Pets}\npaths:\n  /pets:\n    get: {responses: {}}\n";

struct Folder(tempfile::TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            folder.write(name, text.as_bytes());
        }
        folder
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn argument(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// What the names below the folder are, of all sources found under it.
    fn found(&self, arguments: &[&str]) -> Vec<String> {
        let arguments: Vec<_> = arguments.iter().map(|name| self.argument(name)).collect();
        let name = |source: &FoundSource| {
            let path = Path::new(&*source.name).strip_prefix(self.0.path()).unwrap();
            path.to_str().unwrap().to_owned()
        };
        find(Path::new("/"), &arguments).sources.iter().map(name).collect()
    }

    fn open(&self, name: &str, refs: &RefPolicy) -> SourceContent {
        open(&find(Path::new("/"), &[self.argument(name)]).sources[0], refs)
    }
}

fn set(opened: SourceContent) -> DocumentSet {
    match opened {
        SourceContent::Document(set) => *set,
        other => panic!("{other:?}"),
    }
}

fn refusal(opened: SourceContent) -> Finding {
    match opened {
        SourceContent::Unreadable(findings) => findings.into_iter().next().unwrap(),
        other => panic!("{other:?}"),
    }
}

/// The codes and messages of the operations' findings, and those of the document.
fn told(set: &DocumentSet) -> Vec<String> {
    let document = set.document().unwrap();
    let own = document.operations().flat_map(|operation| operation.findings);
    let findings = document.findings.iter().cloned().chain(own);
    findings.map(|finding| format!("{}: {}", finding.code, finding.message)).collect()
}

#[test]
fn sources_come_in_one_order_whatever_the_disk_holds() {
    let folder = Folder::with(&[
        ("b.yaml", ""),
        ("a/z.json", ""),
        ("a/b.json", ""),
        ("a.yaml", ""),
        ("B.yaml", ""),
    ]);
    assert_eq!(folder.found(&[""]), ["B.yaml", "a/b.json", "a/z.json", "a.yaml", "b.yaml"]);
    assert_eq!(folder.found(&["b.yaml", "a", "a/z.json"]), ["b.yaml", "a/b.json", "a/z.json"]);
    assert_eq!(folder.found(&["*.yaml"]), ["B.yaml", "a.yaml", "b.yaml"]);
    assert_eq!(folder.found(&["**/*.json"]), ["a/b.json", "a/z.json"]);
}

#[test]
fn what_git_ignores_and_hides_is_left_out() {
    let folder = Folder::with(&[
        (".gitignore", "built/\n*.bak\n"),
        ("built/a.yaml", ""),
        ("b.bak", ""),
        (".git/c", ""),
        ("d", ""),
    ]);
    assert_eq!(folder.found(&[""]), ["d"]);
    assert_eq!(folder.found(&["b.bak"]), ["b.bak"]);
}

#[test]
fn what_is_not_there_is_told_by_its_name() {
    for argument in ["no/such/file.yaml", "no/such/*.yaml", "a[.yaml"] {
        let found = find(Path::new("/"), &[argument.to_owned()]);
        assert_eq!(found.unreadable.len(), 1, "{argument}");
        assert_eq!(&*found.unreadable[0].0, argument);
    }
}

#[test]
fn a_folders_other_files_are_passed_over_and_named_ones_are_told() {
    let others = [
        ("package.json", r#"{"name": "swagger-ui"}"#),
        ("Chart.yaml", "apiVersion: v2\nname: openapi\n"),
        ("chart.yaml", "{{ if .Values.openapi }}\na: b\n{{ end }}\n"),
        ("schema.json", r#"{"$schema": "x", "title": "openapi"}"#),
        ("README.md", "# openapi"),
        ("events.yaml", "asyncapi: 2.6.0\nchannels: {openapi: {}}\n"),
    ];
    let folder = Folder::with(&others);
    folder.write("picture.png", b"\x89PNG openapi \xff\xfe");
    for source in find(Path::new("/"), &[folder.argument("")]).sources {
        assert!(
            matches!(open(&source, &RefPolicy::default()), SourceContent::NotADocument),
            "{}",
            source.name
        );
    }
    for (name, _) in others {
        assert!(
            matches!(folder.open(name, &RefPolicy::default()), SourceContent::Unreadable(_)),
            "{name}"
        );
    }
}

#[test]
fn a_folders_code_with_a_document_in_it_is_passed_over_and_named_it_is_told_what_it_is() {
    let inside = "const doc = `{\n    \"swagger\": \"2.0\",\n    \"host\": \"{{.Host}}\"\n}`\n";
    let others = [
        ("docs.go", "swagger.json"),
        ("app.py", "app.openapi()"),
        ("main.ts", "SwaggerModule"),
        ("server.js", "swagger-jsdoc"),
        ("README.md", "a file of its own"),
    ];
    let folder = Folder::with(&others.map(|(name, _)| (name, inside)));
    for source in find(Path::new("/"), &[folder.argument("")]).sources {
        let opened = open(&source, &RefPolicy::default());
        assert!(matches!(opened, SourceContent::NotADocument), "{}: {opened:?}", source.name);
    }
    for (name, cure) in others {
        let SourceContent::Unreadable(findings) = folder.open(name, &RefPolicy::default()) else {
            panic!("{name} is no document");
        };
        assert!(findings[0].advice().is_some_and(|hint| hint.contains(cure)), "{findings:?}");
    }
}

#[test]
fn a_document_is_one_under_any_name() {
    let folder = Folder::with(&[("api.md", "openapi: 3.0.3\npaths: {}\n")]);
    for source in find(Path::new("/"), &[folder.argument("")]).sources {
        let opened = open(&source, &RefPolicy::default());
        assert!(matches!(opened, SourceContent::Document(_)), "{opened:?}");
    }
}

#[test]
fn the_files_of_other_tools_are_told_what_they_are() {
    let folder = Folder::with(&[
        ("a.json", r#"{"info": {"_postman_id": "x"}, "item": []}"#),
        ("b.json", r#"{"_type": "export", "__export_format": 4, "resources": []}"#),
        ("c.har", r#"{"log": {"version": "1.2", "entries": []}}"#),
        ("d.yaml", "asyncapi: 2.6.0\nchannels: {}\n"),
        ("e.yaml", "_format_version: '3.0'\nservices: []\n"),
        ("f.wsdl", "<wsdl:definitions/>"),
        ("redocly.yaml", "apis: { a: { root: openapi.yaml } }\n"),
        ("h.html", "<!doctype html><html><title>openapi</title></html>"),
    ]);
    for source in find(Path::new("/"), &[folder.argument("")]).sources {
        let opened = open(&source, &RefPolicy::default());
        assert!(matches!(opened, SourceContent::NotADocument), "{}: {opened:?}", source.name);
        let named = FoundSource { named: true, ..source };
        let SourceContent::Unreadable(findings) = open(&named, &RefPolicy::default()) else {
            panic!("{} is no document", named.name);
        };
        assert!(findings[0].message.starts_with("it is "), "{findings:?}");
        assert!(findings[0].advice().is_some(), "{findings:?}");
    }
}

#[test]
fn a_folders_broken_documents_are_told() {
    let folder = Folder::with(&[
        ("a.yaml", "openapi: 3.0.3\npaths: [\n"),
        ("b.json", "{\"swagger\": \"2.0\","),
        ("c.yaml", "swagger: '1.2'\n"),
    ]);
    folder.write("d.yaml", b"openapi: 3.0.3\ninfo: {title: \xc4\xe3}\n");
    let codes: Vec<_> = find(Path::new("/"), &[folder.argument("")])
        .sources
        .iter()
        .map(|source| refusal(open(source, &RefPolicy::default())).code)
        .collect();
    assert_eq!(
        codes,
        [Code::SYNTAX_ERROR, Code::SYNTAX_ERROR, Code::UNSUPPORTED_VERSION, Code::BAD_ENCODING]
    );
}

#[test]
fn utf_16_is_read_also_in_a_folder() {
    let folder = Folder::with(&[]);
    let wide: Vec<u8> =
        [0xfeff].into_iter().chain(PETS.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    folder.write("a.yaml", &wide);
    let source = &find(Path::new("/"), &[folder.argument("")]).sources[0];
    assert_eq!(set(open(source, &RefPolicy::default())).document().unwrap().operation_count(), 1);
}

#[test]
#[cfg(unix)]
fn only_regular_files_are_read() {
    let folder = Folder::with(&[]);
    let pipe = folder.path("pipe.yaml");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0)
        .unwrap();
    assert!(refusal(folder.open("pipe.yaml", &RefPolicy::default())).message.contains("regular"));
    let zero = FoundSource {
        name: "zero".into(),
        origin: Origin::File("/dev/zero".into()),
        named: true,
        base: Path::new("/").into(),
        root: "/dev".into(),
    };
    assert!(refusal(open(&zero, &RefPolicy::default())).message.contains("regular"));
}

#[test]
#[cfg(unix)]
fn a_link_out_of_a_folder_is_not_followed() {
    let outside = Folder::with(&[("secret.yaml", PETS)]);
    let folder = Folder::with(&[("inside.yaml", PETS)]);
    std::os::unix::fs::symlink(outside.path("secret.yaml"), folder.path("link.yaml")).unwrap();
    std::os::unix::fs::symlink(folder.path(""), folder.path("loop")).unwrap();
    let found = find(Path::new("/"), &[folder.argument("")]);
    assert_eq!(found.sources.len(), 1);
    assert!(found.unreadable[0].1.message.contains("points outside of"));
}

#[test]
fn names_are_as_typed_and_paths_start_from_the_base() {
    let folder = Folder::with(&[
        ("a*[1]/api/main.yaml", "openapi: 3.0.3\npaths:\n  /a: {$ref: part.yaml}\n"),
        ("a*[1]/api/part.yaml", "get: {responses: {}}\n"),
    ]);
    let base = folder.path("a*[1]");
    for (argument, name) in [
        (".", "./api/main.yaml"),
        ("api", "api/main.yaml"),
        ("./api/main.yaml", "./api/main.yaml"),
        ("./a*/m*.yaml", "api/main.yaml"),
        ("../a*/api/main.yaml", "../a*[1]/api/main.yaml"),
    ] {
        let found = find(&base, &[argument.to_owned()]);
        let source = &found.sources[0];
        assert_eq!(&*source.name, name);
        let set = set(open(source, &RefPolicy::default()));
        assert_eq!(told(&set), Vec::<String>::new());
        assert_eq!(set.trees().count(), 2, "{argument}");
    }
}

#[test]
fn references_lead_from_file_to_file() {
    let folder = Folder::with(&[
        (
            "api/main.yaml",
            "openapi: 3.0.3\npaths:\n  /a:\n    $ref: 'paths/a.yaml#/'\n  /b:\n    get: {$ref: paths/b.yaml}\n",
        ),
        (
            "api/paths/a.yaml",
            "get:\n  parameters:\n    - $ref: ../parts.json#/limit\n  responses:\n    200: {$ref: '../parts.json#/ok'}\n",
        ),
        (
            "api/paths/b.yaml",
            "operationId: b\nparameters:\n  - $ref: '../main.yaml#/components/none'\n",
        ),
        (
            "api/parts.json",
            r##"{"limit": {"name": "limit", "in": "query", "schema": {"$ref": "#/int"}}, "int": {"type": "integer"}, "ok": {"description": "fine"}}"##,
        ),
    ]);
    let set = set(folder.open("api/main.yaml", &RefPolicy::default()));
    assert_eq!(set.trees().count(), 4);
    let document = set.document().unwrap();
    let [a, b] = &document.operations().collect::<Vec<_>>()[..] else { panic!() };
    let limit = &a.parameters[0];
    assert_eq!(limit.given.parameter_data_ref().name, "limit");
    assert_eq!(limit.schema.unwrap().types(), ["integer"]);
    assert!(limit.node.place().source.ends_with("api/parts.json"));
    assert_eq!((a.place.line, &*a.place.pointer), (3, "/paths/~1a/get"));
    assert!(a.place.source.ends_with("main.yaml"));
    assert_eq!((b.place.line, b.place.column), (6, 5));
    assert_eq!(b.findings[0].code, Code::MISSING_REFERENCE);
    assert!(b.findings[0].place.source.ends_with("paths/b.yaml"));
}

#[test]
fn files_that_only_schemas_need_are_not_opened() {
    let main = |file: &str| {
        format!(
            "swagger: '2.0'\npaths:\n  /a:\n    post:\n      parameters: [{{in: body, name: b, schema: {{$ref: {file}#/x}}}}]\n      responses: {{}}\n"
        )
    };
    let (there, gone) = (main("broken.yaml"), main("none.yaml"));
    let folder =
        Folder::with(&[("there.yaml", &there), ("gone.yaml", &gone), ("broken.yaml", "a: [")]);
    let told = |name: &str| told(&set(folder.open(name, &RefPolicy::default())));
    assert_eq!(told("there.yaml"), Vec::<String>::new());
    assert_eq!(told("gone.yaml").len(), 1);
}

#[test]
fn a_missing_file_is_told_once_and_costs_only_those_who_needed_it() {
    let folder = Folder::with(&[(
        "main.yaml",
        "openapi: 3.0.3\npaths:\n  /a: {get: {$ref: none.yaml#/a}, put: {$ref: none.yaml#/b}, head: {responses: {}}}\n",
    )]);
    let told = told(&set(folder.open("main.yaml", &RefPolicy::default())));
    let count = |code: &str| told.iter().filter(|told| told.starts_with(code)).count();
    assert_eq!(
        (count("missing-file"), count("missing-reference"), told.len()),
        (1, 2, 3),
        "{told:?}"
    );
}

/// A document whose only operation refers to this.
fn referring_to(reference: &str) -> String {
    format!("openapi: 3.0.3\npaths: {{/a: {{get: {{$ref: '{reference}'}}}}}}\n")
}

#[test]
#[cfg(unix)]
fn references_do_not_leave_the_folder_of_the_source() {
    let folder = Folder::with(&[("secret.yaml", "get: {}"), ("in/other.yaml", "get: {}")]);
    std::os::unix::fs::symlink(folder.path("secret.yaml"), folder.path("in/link.yaml")).unwrap();
    let secret = folder.argument("secret.yaml");
    for reference in [
        "../secret.yaml",
        "link.yaml",
        "/etc/passwd",
        "file:///etc/passwd",
        &secret,
        "%2e%2e/secret.yaml",
        "x/../../secret.yaml",
    ] {
        folder.write("in/main.yaml", referring_to(reference).as_bytes());
        let set = set(folder.open("in/main.yaml", &RefPolicy::default()));
        assert_eq!(set.trees().count(), 1, "{reference}");
        assert!(told(&set).iter().any(|told| told.starts_with("missing-reference")), "{reference}");
    }
    let wider = RefPolicy { root: Some(folder.path("")), hosts: Vec::new() };
    folder.write("in/main.yaml", referring_to("../secret.yaml").as_bytes());
    assert_eq!(set(folder.open("in/main.yaml", &wider)).trees().count(), 2);
}

/// Serves texts by path, and tells the head of every request that came.
fn serve(texts: &[(&'static str, String)]) -> (u16, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, requests) = std::sync::mpsc::channel();
    let texts = texts.to_vec();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            reader.read_line(&mut line).unwrap();
            let mut head = String::new();
            while reader.read_line(&mut head).unwrap() > 2 {}
            let path = line.split(' ').nth(1).unwrap().to_owned();
            let answer = match texts.iter().find(|(name, _)| *name == path) {
                Some((_, to)) if to.starts_with("http") => {
                    format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n")
                }
                Some((_, text)) => {
                    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{text}", text.len())
                }
                None => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n".to_owned(),
            };
            let answer = answer.replace("length: 0\r\n", "length: 0\r\n\r\n");
            // The connection ends with its answer: who took it for open would ask a closed one.
            let answer = answer.replacen("\r\n", "\r\nconnection: close\r\n", 1);
            stream.write_all(answer.replace("PORT", &port.to_string()).as_bytes()).unwrap();
            if asked.send(head).is_err() {
                return;
            }
        }
    });
    (port, requests)
}

fn open_address(address: &str, refs: &RefPolicy) -> SourceContent {
    open(&find(Path::new("/"), &[address.to_owned()]).sources[0], refs)
}

#[test]
fn a_document_from_the_web_brings_what_its_own_host_has() {
    let (other, asked_other) = serve(&[("/x.yaml", "operationId: x\n".to_owned())]);
    let main = format!(
        "openapi: 3.0.3\npaths:\n  /a: {{get: {{$ref: b.yaml}}, put: {{$ref: 'http://127.0.0.1:{other}/x.yaml'}}, post: {{$ref: 'file:///etc/passwd'}}}}\n"
    );
    let (port, _asked) =
        serve(&[("/v1/api.yaml", main), ("/v1/b.yaml", "operationId: b\n".to_owned())]);
    let address = format!("http://127.0.0.1:{port}/v1/api.yaml");
    let own = set(open_address(&address, &RefPolicy::default()));
    assert_eq!(own.trees().count(), 2);
    assert!(asked_other.try_recv().is_err(), "no socket without permission");
    assert!(
        told(&own)
            .iter()
            .any(|told| told.contains("references to the host 127.0.0.1 are not allowed")),
        "{:?}",
        told(&own)
    );
    let allowed = RefPolicy { root: None, hosts: vec!["127.0.0.1".to_owned()] };
    assert_eq!(set(open_address(&address, &allowed)).trees().count(), 3);
}

#[test]
fn a_redirect_to_another_host_or_port_is_followed_only_where_that_is_allowed() {
    let (other, asked_other) = serve(&[("/there?pw", PETS.to_owned())]);
    let (port, _asked) = serve(&[
        ("/here", PETS.to_owned()),
        ("/stays", "http://127.0.0.1:PORT/here".to_owned()),
        ("/leaves", format!("http://u:pw@127.0.0.1:{other}/there?pw")),
        ("/far", "http://localhost:1/here".to_owned()),
        ("/round", "http://127.0.0.1:PORT/round".to_owned()),
    ]);
    let opened = |path: &str, refs: &RefPolicy| {
        open_address(&format!("http://127.0.0.1:{port}{path}"), refs)
    };
    let own = RefPolicy::default();
    assert!(matches!(opened("/here", &own), SourceContent::Document(_)));
    assert!(matches!(opened("/stays", &own), SourceContent::Document(_)));
    for (path, origin, host) in [
        ("/leaves", format!("http://127.0.0.1:{other}"), "127.0.0.1"),
        ("/far", "http://localhost:1".to_owned(), "localhost"),
    ] {
        let told = refusal(opened(path, &own));
        let expected = format!("it redirects to {origin}, which is another host or port");
        assert!(told.message.ends_with(&expected), "{}", told.message);
        let hint = format!("--allow-remote-refs {host} allows it");
        assert_eq!(told.hint.as_deref(), Some(&*hint));
    }
    assert!(asked_other.try_recv().is_err(), "no socket without permission");
    let allowed = RefPolicy { root: None, hosts: vec!["127.0.0.1".to_owned()] };
    assert!(matches!(opened("/leaves", &allowed), SourceContent::Document(_)));
    let told = |path: &str| refusal(opened(path, &own)).message;
    assert!(told("/round").contains("redirects more than 5 times"), "{}", told("/round"));
    assert!(told("/none").contains("404"), "{}", told("/none"));
    let told = refusal(open_address("http://127.0.0.1:1/x", &own));
    assert!(told.message.contains("cannot be fetched"), "{}", told.message);
}

#[test]
fn addresses_that_differ_only_in_what_is_hidden_have_names_of_their_own() {
    let typed = ["HTTPS://u:a@h/x?1", "https://u:b@h/x", "https://h/x", "https://u:b@h/x", "a?b"];
    let names = names(&typed.map(str::to_owned));
    assert_eq!(names, ["https://h/x", "https://h/x#2", "https://h/x#3", "https://h/x#2", "a?b"]);
    let found = find(Path::new("/"), &["ftp://u:pw@h/x?y".to_owned()]);
    assert_eq!(&*found.unreadable[0].0, "ftp://h/x");
    assert!(!format!("{:?}", found.unreadable).contains("pw"));
}

#[test]
fn what_signs_in_to_a_source_signs_in_to_its_own_site_and_is_shown_nowhere() {
    let main = "openapi: 3.0.3\npaths: {/a: {get: {$ref: b.yaml}, put: {$ref: 'b.yaml?key=pw'}, post: {$ref: 'none.yaml?key=pw'}}}\n";
    let b = |id: &str| format!("operationId: {id}\ncallbacks: {{}}\n");
    let (port, asked) = serve(&[
        ("/api.yaml?key=pw", main.to_owned()),
        ("/b.yaml", b("b")),
        ("/b.yaml?key=pw", b("c")),
    ]);
    let address = format!("http://user:pw@127.0.0.1:{port}/api.yaml?key=pw");
    let set = set(open_address(&address, &RefPolicy::default()));
    let names: Vec<&str> = set.trees().map(|tree| &**tree.name()).collect();
    let site = format!("http://127.0.0.1:{port}");
    assert_eq!(
        names,
        [&format!("{site}/api.yaml"), &format!("{site}/b.yaml"), &format!("{site}/b.yaml#2")]
    );
    let heads: Vec<String> = asked.try_iter().collect();
    assert_eq!(heads.len(), 4, "{heads:?}");
    assert!(heads.iter().all(|head| head.contains("Basic dXNlcjpwdw==")), "{heads:?}");
    let told = told(&set);
    assert!(told.iter().any(|it| it.contains("none.yaml` cannot be read")), "{told:?}");
    assert!(!format!("{told:?}").contains("pw"), "{told:?}");
}
