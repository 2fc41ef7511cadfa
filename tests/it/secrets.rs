//! Canaries in everything that is secret, and no output, report, journal or other file that
//! holds one, whatever fails and however loud the program is.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::case::{Case, Ended, document};

const CERTIFICATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/target/tencent/testdata/tls");

const ID: &str = "AKIDcanaryWhoSigns0000";
const KEY: &str = "canaryKeyThatSigns";
const TOKEN: &str = "canaryTokenOfTheKey";

/// The word that every secret holds, in the case in which it may come back. The `SecretId` shows
/// its last four characters, which hold none.
const CANARY: &str = "canary";

/// What a resume needs; the only file that may hold one.
const PRIVATE: &str = ".private";

/// Answers each request on this machine by what its head, and its body where it has one, ask for.
fn serve(answer: impl Fn(&str) -> String + Send + 'static) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().expect("the same connection"));
            let mut head = String::new();
            while reader.read_line(&mut head).is_ok_and(|length| length > 2) {}
            let length = head.lines().find_map(|line| {
                line.to_lowercase().strip_prefix("content-length: ")?.parse::<u64>().ok()
            });
            let mut body = String::new();
            let _ = reader.take(length.unwrap_or(0)).read_to_string(&mut body);
            let _ = stream.write_all(answer(&head).as_bytes());
        }
    });
    port
}

fn http(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\n{headers}connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// A site that shows documents to who signs in.
fn site() -> u16 {
    serve(|head| {
        let path = head.split(' ').nth(1).unwrap_or_default();
        match path.split(['?', '#']).next().unwrap_or_default() {
            _ if !head.to_lowercase().contains("authorization: basic ") => http("401 No", "", ""),
            "/a.yaml" => http("200 OK", "", &referring(head)),
            "/part.yaml" => http("200 OK", "", "operationId: part\n"),
            "/away" => {
                http("302 Found", "location: http://canary:canary@127.0.0.1:1/?canary\r\n", "")
            }
            _ => http("404 Not Found", "", "canary"),
        }
    })
}

/// A document that refers to others by addresses with secrets, one of them not there.
fn referring(head: &str) -> String {
    let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    let operation = |path: &str, at: &str| format!("  /{path}: {{ get: {{ $ref: '{at}' }} }}\n");
    document("a", 3)
        + &operation("part", "part.yaml?canary")
        + &operation("none", &format!("http://{host}/none.yaml?canary#/x"))
        + &operation("elsewhere", "https://canary:canary@127.0.0.1:1/x.yaml?canary")
}

/// A gateway that says back what it was sent.
fn echo() -> u16 {
    serve(|head| {
        let lines = head.lines().filter(|line| line.to_lowercase().contains("canary"));
        let echoed: Vec<&str> = lines.chain(head.lines()).collect();
        let error = serde_json::json!({"Code": "AuthFailure.SignatureFailure", "Message": echoed.join(" ")});
        let body = serde_json::json!({"Response": {"Error": error, "RequestId": "r"}});
        http("200 OK", "", &body.to_string())
    })
}

fn case() -> Case {
    let ca = fs::read(format!("{CERTIFICATES}/root.pem")).expect("a certificate");
    Case::new()
        .variable("TENCENTCLOUD_SECRET_ID", ID)
        .variable("TENCENTCLOUD_SECRET_KEY", KEY)
        .variable("TENCENTCLOUD_TOKEN", TOKEN)
        .variable("TENCENTCLOUD_REGION", "ap-guangzhou")
        .variable("HTTPS_PROXY", "http://canary:canary@127.0.0.1:1/?canary")
        .variable("SOMETHING_ELSE", "canary")
        .variable("NO_PROXY", "127.0.0.1")
        .file("canary-ca.pem", ca)
        .file("b.yaml", document("b", 5))
        .file(
            "s.yaml",
            format!(
                "credentials: [{{ id: {ID}, key: {KEY}, token: {TOKEN} }}]
faults:
  - {{ at: [2], reply: {{ error: InvalidParameterValue }} }}
  - {{ at: [3], reply: reset, carried-out: true }}
  - {{ at: [4], reply: {{ page: 502 }} }}
"
            ),
        )
}

/// Runs it as loud as it gets, and looks for a canary in what it says and in what it leaves.
#[track_caller]
fn quiet_about_secrets(case: &Case, arguments: &[&str]) -> Ended {
    let command = case.command_of(&[arguments, &["-v", "-v"]].concat());
    let ended = case.finish(command);
    assert!(!ended.stdout.contains(CANARY), "{arguments:?}: stdout:\n{}", ended.stdout);
    assert!(!ended.stderr.contains(CANARY), "{arguments:?}: stderr:\n{}", ended.stderr);
    look_into(&case.path(""));
    ended
}

/// All files but what the case itself has put there.
#[track_caller]
fn look_into(folder: &Path) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        let name = path.to_string_lossy().into_owned();
        if path.is_dir() {
            look_into(&path);
        } else if !name.ends_with("/s.yaml") && !name.ends_with(PRIVATE) {
            let bytes = fs::read(&path).expect("a file");
            assert!(!String::from_utf8_lossy(&bytes).contains(CANARY), "{name}");
        }
    }
}

#[test]
fn no_secret_is_in_any_output_or_file_whatever_fails() {
    let case = case();
    let simulator = case.simulator("--limit 500 --scenario s.yaml");
    let site = site();
    let address = format!("http://canary:canary@127.0.0.1:{site}/a.yaml?canary");
    let twin = format!("http://canary2:canary@127.0.0.1:{site}/a.yaml?canary");
    for format in ["table", "json", "jsonl"] {
        quiet_about_secrets(&case, &["preview", &address, &twin, "--format", format]).exits(3);
    }
    let explain = ["preview", &address, "--explain", "GET /a/0"];
    quiet_about_secrets(&case, &explain).exits(0);
    let at = ["--endpoint", &simulator.endpoint, "--ca-file", "canary-ca.pem"];
    let fast =
        ["--rate", "18", "--settle", "0.2", "--attempts", "1", "--service", "service-simulated"];
    let import = |report: &'static str, sources: &[&str], at: &[&str]| {
        let arguments = [&["import", "--report", report], sources, at, &fast].concat();
        quiet_about_secrets(&case, &arguments)
    };
    import("r.csv", &[&address, "b.yaml"], &at).exits(3).says("InvalidParameterValue");
    import("r.csv", &[&address], &at).exits(2).says("r.csv");
    let ended = quiet_about_secrets(&case, &["resume", "r.csv", "--retry", "refused"]).exits(3);
    ended.says("unfit");
    let rows = case.report("r.csv");
    let named = format!("http://127.0.0.1:{site}/a.yaml");
    assert_eq!(rows.iter().filter(|row| row["source"] == named).count(), 6, "{rows:?}");
    assert_eq!(rows.iter().filter(|row| !row["api_id"].is_empty()).count(), 9, "{rows:?}");
    quiet_about_secrets(&case, &["undo", "r.csv", "--dry-run"]).exits(0);
    quiet_about_secrets(&case, &["undo", "r.csv", "--yes"]).exits(0);

    let echo = format!("http://127.0.0.1:{}", echo());
    import("e.csv", &["b.yaml"], &["--endpoint", &echo]).exits(5).says("***");
    quiet_about_secrets(&case, &["resume", "e.csv"]).exits(5).says("***");
    import("p.csv", &["b.yaml"], &["--endpoint", "https://192.0.2.1"]).exits(5).says("127.0.0.1:1");
}

#[test]
fn what_is_refused_is_told_without_its_secrets() {
    let case = case().file("r.csv", "");
    let site = site();
    let import = |more: &[&str]| {
        let import = ["import", "b.yaml", "--service", "service-a", "--report", "n.csv"];
        quiet_about_secrets(&case, &[&import, more].concat()).exits(2)
    };
    for endpoint in [
        "https://canary:canary@h:99999",
        "canary:canary@h",
        "https://h/?canary",
        "https://canary:a/canary@h",
    ] {
        import(&["--endpoint", endpoint]).says("endpoint");
    }
    for backend in ["https://canary:canary@h", "ftp://h/?canary", "canary:canary@h"] {
        import(&["--backend", backend]).says("--backend");
    }
    for file in ["none-canary.pem", "home"] {
        import(&["--ca-file", file]).says("--ca-file");
    }
    import(&["--endpont=https://canary:canary@h/?canary"]);
    import(&["--mock", "https://canary:canary@h/?canary"]).says("--mock");
    import(&["--rate", "https://canary:canary@h/?canary"]).says("--rate");
    quiet_about_secrets(&case, &["https://canary:canary@h/?canary"]).exits(2);
    quiet_about_secrets(&case, &["resume", "r.csv", "https://canary:canary@h/?canary"]).exits(2);
    let away = format!("http://canary:canary@127.0.0.1:{site}/away");
    let none = format!("http://canary:canary@127.0.0.1:{site}/none?canary");
    for source in [
        &away,
        &none,
        "http://canary:canary@127.0.0.1:1/?canary",
        "http://canary:canary@h:99999/?canary",
        "HTTPS://canary:canary@127.0.0.1:1/?canary",
        "ftp://canary:canary@h/?canary",
        "https://canary:a/canary@h",
    ] {
        quiet_about_secrets(&case, &["preview", source]).exits(2);
    }
}

#[test]
fn a_resume_asks_for_the_addresses_that_the_report_does_not_show() {
    let case = case();
    let simulator = case.simulator("--limit 500 --scenario s.yaml");
    let address = format!("http://canary:canary@127.0.0.1:{}/a.yaml?canary", site());
    let more = ["--service", "service-simulated", "--report", "r.csv", "--settle", "0.2"];
    let import = ["import", &address, "--endpoint", &simulator.endpoint];
    quiet_about_secrets(&case, &[import.as_slice(), &more].concat()).exits(3);
    let kept = case.read("r.csv.private");
    assert!(kept.contains(&address), "{kept}");
    for name in ["r.csv", "r.csv.journal", "r.csv.private"] {
        let file = fs::metadata(case.path(name)).expect("a file").permissions().mode();
        assert_eq!(file & 0o777, 0o600, "{name}");
    }
    fs::remove_file(case.path("r.csv.private")).expect("it was there");
    let ended = quiet_about_secrets(&case, &["resume", "r.csv"]).exits(2);
    ended.says("r.csv.private beside it is gone").says("https://USER:PASSWORD@HOST");
    case.write("r.csv.private", format!("{{\"addresses\": [\"{address}\"]}}"));
    quiet_about_secrets(&case, &["resume", "r.csv"]).exits(3);
    assert_eq!(case.report("r.csv").len(), 6);
}
