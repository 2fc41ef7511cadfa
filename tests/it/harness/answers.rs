//! Answers that are no answers: foreign pages, redirects, garbage, bombs, half-truths. None
//! of them makes a row `created`, and none costs memory or a panic.

use super::trial::{Tally, Trial, plays};
use crate::case::Case;

/// An import whose first answers to creates are all like this. Each is a doubt, so that
/// every API is found, or sent again where nothing was carried out.
fn answered(reply: &str, carried_out: bool) -> Tally {
    let scenario = format!(
        "duplicates: accept\nfaults: [{{ to: 8, carried-out: {carried_out}, reply: {reply} }}]\n"
    );
    let mut trial = Trial::new(8, &scenario);
    let last = trial.run(trial.import());
    let mut tally = trial.finish(last);
    let due = if carried_out { 8 } else { 0 };
    if tally.found != due {
        tally.broken.push(format!("{reply}: {} found, not {due}", tally.found));
    }
    tally
}

fn each(replies: &[&str]) {
    for reply in replies {
        for carried_out in [true, false] {
            let Tally { broken, .. } = answered(reply, carried_out);
            assert!(
                broken.is_empty(),
                "{reply}, carried out: {carried_out}\n{}",
                broken.join("\n")
            );
        }
    }
}

#[test]
fn pages_of_proxies_and_redirects_are_doubts() {
    each(&["{ page: 403 }", "{ page: 413 }", "{ page: 503 }", "redirect"]);
}

#[test]
fn bodies_that_are_no_envelope_are_doubts() {
    each(&["wrong-json", "huge", "gzip-bomb"]);
}

/// `{ says: … }` with this body under 200.
fn says(body: &str) -> String {
    format!("{{ says: {{ status: 200, body: '{body}' }} }}")
}

#[test]
fn a_success_without_a_plain_api_id_is_a_doubt() {
    let of = |id: &str| {
        says(&format!(r#"{{"Response":{{"Result":{{"ApiId":{id}}},"RequestId":"r"}}}}"#))
    };
    let long = format!("\"{}\"", "x".repeat(10_000));
    let ids = ["null", "\"\"", "17", r#""api-1\nx""#, &long].map(of);
    let none = says(r#"{"Response":{"RequestId":"r"}}"#);
    let deep = says(&format!("{}{}", "[".repeat(200), "]".repeat(200)));
    let both = says(
        r#"{"Response":{"Error":{"Code":"InternalError","Message":"m"},"Result":{"ApiId":"api-x"},"RequestId":"r"}}"#,
    );
    let all: Vec<&str> =
        ids.iter().map(String::as_str).chain([none.as_str(), &deep, &both]).collect();
    for reply in all {
        answered(reply, true).holds();
    }
}

#[test]
fn one_api_id_for_two_operations_is_believed_of_neither() {
    let reply = says(
        r#"{"Response":{"Result":{"ApiId":"api-same","Path":"/a/0","Method":"GET"},"RequestId":"r"}}"#,
    );
    let scenario = format!(
        "duplicates: accept\nfaults: [{{ at: [2, 3], carried-out: true, reply: {reply} }}]\n"
    );
    let mut trial = Trial::new(6, &scenario);
    let last = trial.run(trial.import());
    trial.finish(last).holds();
}

#[test]
fn an_error_text_can_neither_move_the_cursor_nor_start_a_formula() {
    let text = r#"{"Response":{"Error":{"Code":"InvalidParameterValue.InvalidUrl","Message":"=cmd()\u001b[31m SecretExample"},"RequestId":"r"}}"#;
    let scenario = format!("faults: [{{ at: [1], reply: {} }}]\n", says(text));
    let mut trial = Trial::new(3, &scenario);
    let ended = trial.run(trial.import()).exits(3);
    let refused = trial.case.report("r.csv").remove(0);
    assert_eq!(refused["outcome"], "refused");
    assert!(refused["error_message"].starts_with("'="), "{refused:?}");
    for text in [&ended.stderr, &trial.case.read("r.csv"), &trial.case.read("r.csv.journal")] {
        assert!(!text.contains('\u{1b}') && !text.contains("SecretExample"), "{text}");
    }
}

#[test]
fn a_listing_is_read_to_its_end_however_its_pages_are_cut() {
    plays("small pages", 6, |seed| {
        let order = ["created", "newest", "shuffled"][usize::try_from(seed % 3).expect("small")];
        let scenario = format!(
            "seed: {seed}\nduplicates: accept\nlisting: {{ order: {order}, most: 10 }}\nfaults:\n\
            - {{ share: 0.2, carried-out: true, reply: reset }}\n"
        );
        let mut trial = Trial::of(Case::new().credentials(), 25, 15, &scenario);
        let last = trial.run(trial.import()).exits(0);
        trial.finish(last)
    });
}

#[test]
fn a_listing_that_contradicts_itself_proves_no_absence() {
    let faults = ["wrong-total", "repeated-page", "empty-page", "short-page", "no-path"];
    plays("list faults", 10, |seed| {
        let n = usize::try_from(seed).expect("small");
        let (fault, order) = (faults[n % 5], ["shuffled", "newest"][n / 5 % 2]);
        let scenario = format!(
            "seed: {seed}\nduplicates: accept\nlisting: {{ order: {order}, lag-ms: 300 }}\nfaults:\n\
            - {{ share: 0.2, carried-out: true, reply: reset }}\n\
            - {{ action: DescribeApisStatus, share: 0.3, reply: {fault} }}\n\
            - {{ action: DescribeApisStatus, share: 0.1, reply: {{ page: 500 }} }}\n"
        );
        let mut trial = Trial::new(20, &scenario);
        let last = trial.run(trial.import());
        trial.finish(last)
    });
}

#[test]
fn a_flood_before_the_answer_or_an_answer_by_drops_is_a_doubt() {
    let proper = r"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    let continues = r"HTTP/1.1 100 Continue\r\n\r\n".repeat(20_000);
    let headers: Vec<String> = (0..20_000).map(|n| format!(r"X-{n}: a\r\n")).collect();
    let long = format!(r"{proper}X: {}\r\n", "a".repeat(4 << 20));
    let floods = [continues, format!("{proper}{}", headers.concat()), long];
    let raw = floods.map(|flood| format!("{{ raw: \"{flood}\" }}"));
    std::thread::scope(|scope| {
        for reply in raw.iter().map(String::as_str).chain(["proper, bytes-per-second: 1"]) {
            scope.spawn(move || answered(reply, true).holds());
        }
    });
}

#[test]
fn an_answer_that_names_another_route_is_a_creation_with_a_warning() {
    let scenario = "duplicates: accept\nfaults: [{ at: [2, 4], reply: other-route }]\n";
    let mut trial = Trial::new(5, scenario);
    let last = trial.run(trial.import()).exits(0);
    assert_eq!(last.stderr.matches("the gateway has it as PUT /another/path").count(), 2);
    let rows = trial.case.report("r.csv");
    assert!(rows.iter().all(|row| row["outcome"] == "created"), "{rows:?}");
    let odd = rows.iter().filter(|row| row["error_message"].contains("PUT /another/path"));
    assert_eq!(odd.count(), 2);
    trial.hold(&last).holds();
}

#[test]
fn whatever_a_throttle_says_of_when_to_come_back_the_run_goes_on() {
    let body =
        r#"{"Response":{"Error":{"Code":"RequestLimitExceeded","Message":"m"},"RequestId":"r"}}"#;
    let faults = [
        ("200 OK", "99999999"),
        ("429 Too Many Requests", "-5"),
        ("429 Too Many Requests", "Fri, 01 Jan 2100 00:00:00 GMT"),
        ("200 OK", "soon"),
    ];
    let faults = faults.iter().zip(2..).map(|((status, when), at)| {
        let head = format!("HTTP/1.1 {status}\r\nRetry-After: {when}");
        let raw = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let raw = serde_json::Value::from(raw);
        format!("- {{ at: [{at}], reply: {{ raw: {raw} }} }}\n")
    });
    let scenario = format!("faults:\n{}", faults.collect::<Vec<_>>().concat());
    let mut trial = Trial::new(8, &scenario);
    let last = trial.run(trial.import()).exits(0);
    let struck =
        trial.simulator.ledger().iter().filter(|event| event["verdict"] == "dropped").count();
    assert_eq!(struck, 4, "each was answered so");
    trial.hold(&last).holds();
}
