//! The simulator called over HTTP by this project's own client. What its parts decide is
//! tested beside them; here is what only a connection or a restart shows.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::simulator::*;
use crate::target::tencent::client::{Client, ClientSettings, Proxies};
use crate::target::tencent::endpoint::Endpoint;
use crate::target::tencent::sign::Credentials;
use crate::target::{Gateway, Reply};

fn client_of(running: &Running, credentials: Credentials, timeout: u64) -> Client {
    let settings = ClientSettings {
        endpoint: Endpoint::parse(&running.endpoint(), false).unwrap(),
        region: "ap-guangzhou".into(),
        language: None,
        timeout: Duration::from_millis(timeout),
        ca_pem: None,
        proxies: Proxies::default(),
    };
    Client::new(&settings, credentials, Arc::new(|| Box::pin(async { None }))).unwrap()
}

fn example() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "SecretExample", None)
}

async fn playing(scenario: &str) -> (Running, Client) {
    let scenario = Scenario::parse(scenario).unwrap();
    let running = Simulator::start(Settings { scenario, ..Settings::default() }).await.unwrap();
    let client = client_of(&running, example(), 500);
    (running, client)
}

fn mock(path: &str) -> String {
    mock_with(path, &json!({}))
}

fn mock_with(path: &str, more: &Value) -> String {
    let mut body = json!({
        "ServiceId": SERVICE, "ServiceType": "MOCK", "ServiceTimeout": 15, "Protocol": "HTTP",
        "RequestConfig": {"Path": path, "Method": "GET"}, "ServiceMockReturnMessage": "hello",
    });
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body.to_string()
}

fn code<T: std::fmt::Debug>(reply: Reply<T>) -> String {
    match reply {
        Reply::Error(error) => error.code,
        other => panic!("{other:?}"),
    }
}

fn verdicts(running: &Running) -> Vec<Verdict> {
    running.simulator.ledger().unwrap().iter().map(|event| event.verdict).collect()
}

#[tokio::test]
async fn what_is_created_is_listed_counted_and_in_the_ledger() {
    let (running, client) = playing("").await;
    let Reply::Ok(created) = client.create(mock("/a")).await else { panic!() };
    let Reply::Ok(page) = client.list(SERVICE, 0, 100).await else { panic!() };
    assert_eq!((page.total, page.incomplete), (Some(1), 0));
    assert_eq!((&page.apis[0].api_id, page.apis[0].path.as_str()), (&created.api_id, "/a"));
    let Reply::Ok(state) = client.service(SERVICE).await else { panic!() };
    assert_eq!(state.api_total, Some(1));
    let ledger = running.simulator.ledger().unwrap();
    let made = ledger.iter().filter(|event| event.verdict == Verdict::Created);
    assert_eq!(made.map(|event| &event.api_id).collect::<Vec<_>>(), [&created.api_id]);
    let Reply::Ok(read) = client.read(SERVICE, &created.api_id).await else { panic!() };
    assert_eq!((read.method(), read.path(), read.api_id()), ("GET", "/a", &*created.api_id));
    assert_eq!(client.delete(SERVICE, &created.api_id).await, Reply::Ok(()));
    let gone = client.read(SERVICE, &created.api_id).await;
    assert_eq!(code(gone), "ResourceNotFound.InvalidApi");
    assert!(running.simulator.held(SERVICE).is_empty());
}

#[tokio::test]
async fn all_services_of_a_name_are_found_however_pages_are_cut() {
    let (_running, client) = playing("listing: { most: 1 }").await;
    for name in ["shop", "shop", "other", "shop"] {
        assert!(matches!(client.create_service(name).await, Reply::Ok(_)));
    }
    let Reply::Ok(found) = client.services_named("shop").await else { panic!() };
    assert_eq!(found.len(), 3);
}

#[tokio::test]
async fn services_are_made_found_by_name_and_released() {
    let (_running, client) = playing("").await;
    let Reply::Ok(made) = client.create_service("shop").await else { panic!() };
    let Reply::Ok(found) = client.services_named("shop").await else { panic!() };
    assert_eq!(found.iter().map(|it| &it.service_id).collect::<Vec<_>>(), [&made.service_id]);
    let id = &made.service_id;
    assert_eq!(code(client.release(id, "release", "first").await), "ResourceNotFound.InvalidApi");
    let body = mock_with("/a", &json!({"ServiceId": id}));
    assert!(matches!(client.create(body).await, Reply::Ok(_)));
    assert_eq!(client.release(id, "release", "first").await, Reply::Ok(()));
    let Reply::Ok(state) = client.service(id).await else { panic!() };
    assert_eq!(state.environments, ["release"]);
    assert_eq!(
        code(client.release(id, "elsewhere", "x").await),
        "InvalidParameterValue.NotInOptions"
    );
}

#[tokio::test]
async fn a_request_that_the_model_does_not_know_is_refused_by_the_published_code() {
    let (running, client) = playing("").await;
    for (more, told) in [
        (json!({"ApiNmae": "n"}), "UnknownParameter"),
        (json!({"RequestConfig": {"Path": "/a", "Method": "GET", "X": 1}}), "UnknownParameter"),
        (json!({"ServiceTimeout": "15"}), "InvalidParameter.FormatError"),
        (json!({"EnableCORS": "true"}), "InvalidParameter.FormatError"),
        (json!({"RequestParameters": ["a"]}), "InvalidParameter.FormatError"),
        (json!({"Protocol": null}), "MissingParameter"),
        (json!({"RequestConfig": {"Path": "/a"}}), "MissingParameter"),
        (json!({"AuthType": "MAGIC"}), "InvalidParameterValue.NotInOptions"),
        (json!({"ServiceTimeout": 0}), "InvalidParameterValue.RangeExceeded"),
        (json!({"RequestParameters": vec![json!({}); 101]}), "InvalidParameterValue.LimitExceeded"),
        (
            json!({"ServiceMockReturnMessage": ""}),
            "InvalidParameterValue.InvalidServiceMockReturnMessage",
        ),
        (json!({"ServiceId": "service-other"}), "ResourceNotFound.InvalidService"),
        (
            json!({"AuthType": "OAUTH", "AuthRelationApiId": "api-1"}),
            "ResourceNotFound.InvalidOauthApi",
        ),
    ] {
        running.simulator.change(|settings| settings.limit = 1000);
        assert_eq!(code(client.create(mock_with("/a", &more)).await), told, "{more}");
    }
    assert_eq!(code(client.create("[]".into()).await), "InvalidParameter.FormatError");
    assert!(running.simulator.held(SERVICE).is_empty());
}

#[tokio::test]
async fn a_page_of_more_than_100_is_refused() {
    let (_running, client) = playing("").await;
    assert!(matches!(client.list(SERVICE, 0, 100).await, Reply::Ok(_)));
    let told = code(client.list(SERVICE, 0, 101).await);
    assert_eq!(told, "InvalidParameterValue.RangeExceeded");
}

#[tokio::test]
async fn whoever_cannot_sign_is_refused() {
    let (running, _) = playing("").await;
    for (who, told) in [
        (Credentials::new("AKIDEXAMPLE", "wrong", None), "AuthFailure.SignatureFailure"),
        (Credentials::new("AKIDOTHER", "SecretExample", None), "AuthFailure.SecretIdNotFound"),
        (Credentials::new("AKIDEXAMPLE", "SecretExample", Some("t")), "AuthFailure.TokenFailure"),
    ] {
        let client = client_of(&running, who, 500);
        assert_eq!(code(client.create(mock("/a")).await), told);
    }
}

#[tokio::test]
async fn temporary_credentials_expire_and_others_go_on() {
    let scenario =
        "credentials: [{ id: A, key: k, token: t, expires-after: 2 }, { id: B, key: k }]";
    let (running, _) = playing(scenario).await;
    let old = client_of(&running, Credentials::new("A", "k", Some("t")), 500);
    let new = client_of(&running, Credentials::new("B", "k", None), 500);
    for path in ["/a", "/b"] {
        assert!(matches!(old.create(mock(path)).await, Reply::Ok(_)));
    }
    assert_eq!(code(old.create(mock("/c")).await), "AuthFailure.TokenFailure");
    assert!(matches!(new.create(mock("/c")).await, Reply::Ok(_)));
}

#[tokio::test]
async fn a_clock_that_is_off_is_corrected_after_one_complaint() {
    for offset in [3600, -3600] {
        let (_running, client) = playing(&format!("clock-offset: {offset}")).await;
        assert_eq!(code(client.create(mock("/a")).await), "AuthFailure.SignatureExpire");
        assert!((client.clock_offset() - offset).abs() <= 1);
        assert!(matches!(client.create(mock("/a")).await, Reply::Ok(_)));
    }
    let (_running, client) = playing("clock-offset: 200").await;
    assert!(matches!(client.create(mock("/a")).await, Reply::Ok(_)));
    let (_running, client) = playing("clock-offset: 3600\ndate: ''").await;
    client.create(mock("/a")).await;
    assert_eq!(code(client.create(mock("/a")).await), "AuthFailure.SignatureExpire");
}

#[tokio::test]
async fn more_than_the_limit_in_one_second_is_throttled() {
    let (running, client) = playing("").await;
    running.simulator.change(|settings| settings.limit = 3);
    let mut throttled = 0;
    for n in 0..8 {
        if let Reply::Error(error) = client.create(mock(&format!("/{n}"))).await {
            assert_eq!(error.code, "RequestLimitExceeded");
            throttled += 1;
        }
    }
    // Eight calls touch at most two whole seconds.
    assert!((2..=5).contains(&throttled), "{throttled}");
    assert_eq!(
        verdicts(&running).iter().filter(|it| **it == Verdict::Throttled).count(),
        throttled
    );
}

/// Plays one fault on the first create: whether its answer is lost, and how many APIs are
/// held afterwards.
async fn play(fault: &str) -> (Reply<crate::target::Created>, usize) {
    let (running, client) = playing(&format!("faults: [{{ at: [1], {fault} }}]")).await;
    let reply = client.create(mock("/a")).await;
    (reply, running.simulator.held(SERVICE).len())
}

#[tokio::test]
async fn an_answer_can_be_lost_in_every_way_whether_or_not_the_create_was_carried_out() {
    for reply in [
        "reset",
        "close",
        "{ page: 502 }",
        "cut",
        "garbage",
        "silence",
        "redirect",
        "huge",
        "gzip-bomb",
        "wrong-json",
    ] {
        for (carried_out, held) in [("false", 0), ("true", 1)] {
            let (told, count) = play(&format!("reply: {reply}, carried-out: {carried_out}")).await;
            assert!(matches!(told, Reply::Lost(_)), "{reply}: {told:?}");
            assert_eq!(count, held, "{reply}");
        }
    }
    let (told, count) = play("reply: unread").await;
    assert!(matches!(told, Reply::Lost(_)) && count == 0, "{told:?}");
}

#[tokio::test]
async fn a_create_can_be_told_as_an_error_although_it_was_carried_out() {
    let (told, count) =
        play("reply: { error: InternalError.ApigwException }, carried-out: true").await;
    assert_eq!((code(told).as_str(), count), ("InternalError.ApigwException", 1));
    let (told, count) = play("reply: { error: RequestLimitExceeded }").await;
    assert_eq!((code(told).as_str(), count), ("RequestLimitExceeded", 0));
}

#[tokio::test]
async fn an_answer_can_be_said_to_the_byte() {
    let body = r#"'{"Response":{"Result":{"ApiId":null},"RequestId":"r"}}'"#;
    let (told, held) = play(&format!("reply: {{ says: {{ status: 200, body: {body} }} }}")).await;
    assert!(matches!(told, Reply::Lost(_)) && held == 0, "{told:?}");
    let body = r#"'{"Response":{"RequestId":"r"}}'"#;
    let (told, _) = play(&format!("reply: {{ says: {{ status: 429, body: {body} }} }}")).await;
    assert_eq!(code(told), "RequestLimitExceeded");
}

#[tokio::test]
async fn a_create_is_carried_out_late_although_its_caller_gave_up() {
    let (running, client) = playing("faults: [{ late-ms: 800 }]").await;
    assert!(matches!(client.create(mock("/a")).await, Reply::Lost(_)));
    assert!(running.simulator.held(SERVICE).is_empty());
    while running.simulator.held(SERVICE).is_empty() {
        crate::simulator::http::wait(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_slow_answer_is_whole_in_the_end() {
    let (running, _) = playing("faults: [{ at: [1], bytes-per-second: 2000 }]").await;
    let patient = client_of(&running, example(), 30_000);
    let told = patient.create(mock("/a")).await;
    assert!(matches!(told, Reply::Ok(_)), "{told:?}");
    let (told, held) = play("bytes-per-second: 100").await;
    assert!(matches!(told, Reply::Lost(_)) && held == 1, "{told:?}");
}

#[tokio::test]
async fn a_busy_service_says_so_and_a_release_makes_it_busy() {
    let (running, client) = playing("busy: [{ after-ms: 0, for-ms: 60000 }]").await;
    let busy = "FailedOperation.ServiceInOperation";
    assert_eq!(code(client.create(mock("/a")).await), busy);
    running.simulator.change(|settings| {
        settings.scenario = Scenario { release_ms: 60_000, ..Scenario::default() };
    });
    assert!(matches!(client.create(mock("/a")).await, Reply::Ok(_)));
    assert_eq!(client.release(SERVICE, "test", "first").await, Reply::Ok(()));
    assert_eq!(code(client.create(mock("/b")).await), busy);
}

#[tokio::test]
async fn a_listing_can_lag_be_shuffled_and_be_wrong() {
    let (running, client) = playing("").await;
    for n in 0..30 {
        running.simulator.preload(SERVICE, &mock(&format!("/{n}"))).unwrap();
    }
    let paths = async |scenario: &str, offset| {
        let scenario = Scenario::parse(scenario).unwrap();
        running.simulator.change(|settings| settings.scenario = scenario);
        let Reply::Ok(page) = client.list(SERVICE, offset, 10).await else { panic!() };
        let paths = page.apis.into_iter().map(|api| api.path).collect::<Vec<_>>();
        (page.total.unwrap(), page.incomplete, paths)
    };
    let strip = |(total, incomplete, paths): (u64, u64, Vec<String>)| {
        (total, incomplete, paths.len(), paths.first().cloned().unwrap_or_default())
    };
    let fault = |reply: &str| format!("faults: [{{ action: DescribeApisStatus, reply: {reply} }}]");
    assert_eq!(strip(paths("", 10).await), (30, 0, 10, "/10".into()));
    assert_eq!(strip(paths("listing: { order: newest }", 0).await), (30, 0, 10, "/29".into()));
    assert_eq!(strip(paths("listing: { lag-ms: 60000 }", 0).await), (0, 0, 0, String::new()));
    assert_eq!(strip(paths(&fault("wrong-total"), 10).await), (31, 0, 10, "/10".into()));
    assert_eq!(strip(paths(&fault("empty-page"), 10).await), (30, 0, 0, String::new()));
    assert_eq!(strip(paths(&fault("short-page"), 10).await), (30, 0, 5, "/10".into()));
    assert_eq!(strip(paths(&fault("no-path"), 10).await), (30, 10, 0, String::new()));
    assert_eq!(strip(paths(&fault("repeated-page"), 10).await), (30, 0, 30, "/0".into()));
    running.simulator.preload(SERVICE, &mock("/Upper")).unwrap();
    let lower = paths("listing: { lower-case-paths: true }", 30).await;
    assert_eq!(strip(lower), (31, 0, 1, "/upper".into()));
    let shuffled = "listing: { order: shuffled }";
    assert_ne!(paths(shuffled, 0).await, paths(shuffled, 0).await);
}

#[tokio::test]
async fn a_simulator_started_on_an_earlier_ledger_holds_what_that_one_held() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger.jsonl");
    let settings = Settings { ledger: Some(ledger.clone()), ..Settings::default() };
    let running = Simulator::start(settings.clone()).await.unwrap();
    let client = client_of(&running, example(), 500);
    let preloaded = running.simulator.preload(SERVICE, &mock("/old")).unwrap();
    let Reply::Ok(kept) = client.create(mock("/a")).await else { panic!() };
    let Reply::Ok(gone) = client.create(mock("/b")).await else { panic!() };
    let Reply::Ok(service) = client.create_service("shop").await else { panic!() };
    assert_eq!(client.delete(SERVICE, &gone.api_id).await, Reply::Ok(()));
    assert_eq!(client.release(SERVICE, "test", "first").await, Reply::Ok(()));
    let Reply::Ok(empty) = client.create_service("empty").await else { panic!() };
    assert_eq!(client.delete_service(&empty.service_id).await, Reply::Ok(()));
    assert_eq!(client.release(SERVICE, "prepub", "first").await, Reply::Ok(()));
    assert_eq!(client.unrelease(SERVICE, "prepub").await, Reply::Ok(()));
    let changed = mock_with("/moved", &json!({"ApiId": kept.api_id, "ApiName": "changed"}));
    assert_eq!(client.modify(changed).await, Reply::Ok(()));
    running.stop().await;
    // A kill can cut the last line; what it said was told to nobody.
    let mut text = fs_err::read_to_string(&ledger).unwrap();
    text.push_str("{\"seq\":99,\"verdict\":\"crea");
    fs_err::write(&ledger, text).unwrap();

    let running = Simulator::start(settings).await.unwrap();
    let held = running.simulator.held(SERVICE);
    assert_eq!(held.iter().map(|api| &api.id).collect::<Vec<_>>(), [&preloaded.id, &kept.api_id]);
    let client = client_of(&running, example(), 500);
    let Reply::Ok(found) = client.services_named("shop").await else { panic!() };
    assert_eq!(found[0].service_id, service.service_id);
    assert_eq!(client.services_named("empty").await, Reply::Ok(Vec::new()));
    let Reply::Ok(read) = client.read(SERVICE, &kept.api_id).await else { panic!() };
    assert_eq!((read.path(), read.name()), ("/moved", "changed"));
    let Reply::Ok(state) = client.service(SERVICE).await else { panic!() };
    assert_eq!(state.environments, ["test"]);
    let Reply::Ok(fresh) = client.create(mock("/c")).await else { panic!() };
    assert!(![&kept.api_id, &gone.api_id, &preloaded.id].contains(&&fresh.api_id));
    let events = running.simulator.ledger().unwrap();
    assert_eq!(
        events.iter().map(|event| event.seq).collect::<Vec<_>>(),
        (1..=events.len() as u64).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_ledger_that_is_none_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    fs_err::write(&path, "shopping list\n").unwrap();
    let told = Simulator::open(Settings { ledger: Some(path.clone()), ..Settings::default() });
    assert!(told.unwrap_err().to_string().contains("line 1"));
    assert_eq!(fs_err::read_to_string(&path).unwrap(), "shopping list\n");
}

#[tokio::test]
async fn a_create_is_in_the_ledger_before_it_is_answered() {
    let (running, client) = playing("latency-ms: 300").await;
    let create = client.create(mock("/a"));
    let written = async {
        while !verdicts(&running).contains(&Verdict::Created) {
            crate::simulator::http::wait(Duration::from_millis(5)).await;
        }
    };
    let first = futures::future::select(Box::pin(create), Box::pin(written)).await;
    assert!(matches!(first, futures::future::Either::Right(_)));
}
