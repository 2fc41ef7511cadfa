//! The simulator called by this project's own client.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::gateway::client::{Client, ClientSettings, Proxies};
use crate::gateway::endpoint::Endpoint;
use crate::gateway::sign::Credentials;
use crate::gateway::{Gateway, Reply};

fn client(running: &Running, key: &str) -> Client {
    let settings = ClientSettings {
        endpoint: Endpoint::parse(&running.endpoint(), false).unwrap(),
        region: "ap-guangzhou".into(),
        language: None,
        timeout: Duration::from_secs(5),
        ca_pem: None,
        proxies: Proxies::default(),
    };
    let credentials = Credentials::new("AKIDEXAMPLE", key, None);
    Client::new(&settings, credentials, Arc::new(|| Box::pin(async { None }))).unwrap()
}

fn mock(path: &str) -> String {
    json!({
        "ServiceId": SERVICE, "ServiceType": "MOCK", "ServiceTimeout": 15, "Protocol": "HTTP",
        "RequestConfig": {"Path": path, "Method": "GET"}, "ServiceMockReturnMessage": "hello",
    })
    .to_string()
}

fn code<T: std::fmt::Debug>(reply: Reply<T>) -> String {
    match reply {
        Reply::Error(error) => error.code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_created_is_listed_counted_and_in_the_ledger() {
    let running = Simulator::start(Settings::default()).await.unwrap();
    let client = client(&running, "SecretExample");
    let Reply::Ok(created) = client.create(mock("/a")).await else { panic!() };
    let Reply::Ok(page) = client.list(SERVICE, 0, 100).await else { panic!() };
    assert_eq!((page.total, page.incomplete), (Some(1), 0));
    assert_eq!((&page.apis[0].api_id, page.apis[0].path.as_str()), (&created.api_id, "/a"));
    let Reply::Ok(state) = client.service(SERVICE).await else { panic!() };
    assert_eq!(state.api_total, Some(1));
    let ledger = running.simulator.ledger().unwrap();
    let made = ledger.iter().filter(|event| event.verdict == Verdict::Created);
    assert_eq!(made.map(|event| &event.api_id).collect::<Vec<_>>(), [&created.api_id]);
    assert_eq!(client.delete(SERVICE, &created.api_id).await, Reply::Ok(()));
    assert!(running.simulator.held(SERVICE).is_empty());
}

#[tokio::test]
async fn a_wrong_key_is_refused() {
    let running = Simulator::start(Settings::default()).await.unwrap();
    let client = client(&running, "wrong");
    assert_eq!(code(client.create(mock("/a")).await), "AuthFailure.SignatureFailure");
}

#[tokio::test]
async fn more_than_the_limit_in_one_second_is_throttled() {
    let running = Simulator::start(Settings { limit: 3, ..Settings::default() }).await.unwrap();
    let client = Arc::new(client(&running, "SecretExample"));
    let mut throttled = 0;
    for n in 0..8 {
        if let Reply::Error(error) = client.create(mock(&format!("/{n}"))).await {
            assert_eq!(error.code, "RequestLimitExceeded");
            throttled += 1;
        }
    }
    // Eight calls touch at most two whole seconds.
    assert!((2..=5).contains(&throttled), "{throttled}");
}
