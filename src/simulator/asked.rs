//! A gateway that tests ask without a connection.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::simulator::actions::perform;
use crate::simulator::call::{Call, Moment};
use crate::simulator::check;
use crate::simulator::inventory::Inventory;
use crate::simulator::scenario::Scenario;
use crate::simulator::settings::{SERVICE, Settings};

/// A gateway that is asked directly, with the seconds that have passed.
pub(crate) struct Gateway(pub(crate) Inventory, pub(crate) u64);

impl Gateway {
    pub(crate) fn new(scenario: &str) -> Self {
        let scenario = Scenario::parse(scenario).unwrap();
        let settings = Settings { scenario, ..Settings::default() };
        Self(Inventory::new(settings, Timestamp::UNIX_EPOCH), 0)
    }

    pub(crate) fn ask(&mut self, action: &str, body: &Value) -> Result<Value, String> {
        let body = body.as_object().unwrap();
        let since_start = Duration::from_secs(self.1);
        let at = Moment { wall: Timestamp::UNIX_EPOCH + since_start, since_start };
        let fate = self.0.settings.scenario.fate(action, 1, Duration::ZERO);
        let text = Value::from(body.clone()).to_string().into();
        let (method, query) = ("POST".into(), String::new());
        let call = Call::new(method, query, Vec::new(), text, (action.into(), 1, fate));
        check::request(action, body).map_err(|refusal| refusal.code)?;
        let done = perform(&mut self.0, &call, body, at).map_err(|refusal| refusal.code)?;
        Ok(done.fields.into())
    }

    pub(crate) fn create(&mut self, more: &Value) -> String {
        let mut body = json!({
            "ServiceId": SERVICE, "ServiceType": "MOCK", "ServiceTimeout": 15,
            "Protocol": "HTTP", "RequestConfig": {"Path": "/a", "Method": "GET"},
            "ServiceMockReturnMessage": "hello",
        });
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        let answer = self.ask("CreateApi", &body).unwrap();
        answer["Result"]["ApiId"].as_str().unwrap().to_owned()
    }

    pub(crate) fn read(&mut self, id: &str) -> Result<Value, String> {
        let asked = json!({"ServiceId": SERVICE, "ApiId": id});
        self.ask("DescribeApi", &asked).map(|answer| answer["Result"].clone())
    }
}
