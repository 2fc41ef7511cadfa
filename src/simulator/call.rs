//! A request as it came, and the time at which it did.

use std::time::Duration;

use hyper::body::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::simulator::check;
use crate::simulator::fault::Fate;
use crate::simulator::query;

/// A request whose body was read.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) query: String,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
    /// The fields, where the body is a JSON object or the query stands for one.
    pub(crate) json: Option<Map<String, Value>>,
    /// SHA-256 of the body.
    pub(crate) digest: String,
    pub(crate) action: String,
    /// Its number among the requests of its action, from 1.
    pub(crate) number: u64,
    pub(crate) fate: Fate,
}

impl Call {
    pub(crate) fn new(
        method: String,
        query: String,
        headers: Vec<(String, String)>,
        body: Bytes,
        (action, number, fate): (String, u64, Fate),
    ) -> Self {
        let json = match method.as_str() {
            "GET" => Some(query::to_body(check::request_type(&action), &query)),
            _ => serde_json::from_slice(&body).ok(),
        };
        let digest = hex::encode(Sha256::digest(&body));
        Self { method, query, headers, body, json, digest, action, number, fate }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A string inside the body, empty where there is none.
    pub(crate) fn part(&self, path: &[&str]) -> String {
        let (first, rest) = path.split_first().unwrap_or((&"", &[]));
        let found = self.json.as_ref().and_then(|json| json.get(*first));
        let found = rest.iter().try_fold(found, |value, key| Some(value?.get(*key))).flatten();
        found.and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

/// The time, as the world has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// By this machine's clock.
    pub(crate) wall: Timestamp,
    /// Since the simulator started.
    pub(crate) since_start: Duration,
}
