//! From a request to its answer: who calls, how often, with what, and what comes of it.
//!
//! One server serves all connections, one request at a time. It is told the time; waiting
//! and spoiling answers is `simulator::http`'s business.

use std::collections::HashMap;
use std::io;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::simulator::actions;
use crate::simulator::answer::{Fields, Refusal, success};
use crate::simulator::auth::{self, Signed};
use crate::simulator::body::word;
use crate::simulator::call::{Call, Moment};
use crate::simulator::check;
use crate::simulator::fault::{Fate, ReplyFault};
use crate::simulator::inventory::Inventory;
use crate::simulator::ledger::{Event, Ledger, Verdict};
use crate::simulator::random::mix;
use crate::simulator::rules;
use crate::simulator::scenario::Scenario;
use crate::simulator::service::{Api, Release};
use crate::simulator::settings::Settings;
use crate::simulator::throttle::{Arrival, Throttle};

/// How many times as many `DescribeApi` as others the gateway takes: 100 a second are published
/// for it, and 20 for the rest.
const READS_TO_WRITES: u32 = 5;

/// The gateway's end of the wire.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) inventory: Inventory,
    pub(crate) ledger: Ledger,
    throttle: Throttle,
    counts: HashMap<String, u64>,
    /// Requests that each account signed.
    uses: HashMap<String, u64>,
}

impl Server {
    pub(crate) fn new(settings: Settings, ledger: Ledger, past: &[Event], now: Timestamp) -> Self {
        let mut server = Self {
            inventory: Inventory::new(settings, now),
            ledger,
            throttle: Throttle::default(),
            counts: HashMap::new(),
            uses: HashMap::new(),
        };
        for event in past {
            server.remember(event);
        }
        server
    }

    /// Does again what an earlier simulator wrote down.
    fn remember(&mut self, event: &Event) {
        let created = event.wall.parse().unwrap_or(Timestamp::UNIX_EPOCH);
        let body = || serde_json::from_str::<Map<String, Value>>(&event.body).unwrap_or_default();
        match (event.verdict, event.action.as_str()) {
            (Verdict::Created, "CreateService") => {
                self.inventory.store.restore_service(&event.service, &body(), created);
            }
            (Verdict::Created | Verdict::Preloaded, _) => {
                self.inventory.store.restore_api(
                    &event.service,
                    &event.api_id,
                    &event.body,
                    created,
                );
            }
            (Verdict::Modified, _) => {
                let (id, text) = (&event.api_id, &event.body);
                self.inventory.store.restore_changed(&event.service, id, text, created);
            }
            (Verdict::Released, _) => {
                let release = Release::of(&body(), created);
                _ = self.inventory.store.release(&event.service, release);
            }
            (Verdict::Unreleased, _) => {
                let environment = body();
                let environment = word(&environment, "EnvironmentName");
                _ = self.inventory.store.unrelease(&event.service, environment);
            }
            (Verdict::Bound, _) => _ = self.inventory.store.bind(&body()),
            (Verdict::Deleted, "DeleteService") => {
                _ = self.inventory.store.delete_service(&event.service);
            }
            (Verdict::Deleted, _) => {
                _ = self.inventory.store.delete_api(&event.service, &event.api_id);
            }
            _ => {}
        }
    }

    /// Counts a request whose head was read, and decides its fate.
    pub(crate) fn arrive(&mut self, action: &str, at: Moment) -> (u64, Fate) {
        if action == "CreateApi" {
            self.inventory.note_create(at);
        }
        let number = self.counts.entry(action.to_owned()).or_default();
        *number += 1;
        let number = *number;
        (number, self.inventory.settings.scenario.fate(action, number, self.inventory.elapsed(at)))
    }

    /// Notes that a request was read, and returns whether it may go on.
    pub(crate) fn admit(&mut self, call: &Call, at: Moment) -> io::Result<Result<(), Refusal>> {
        self.note(call, at, Verdict::Read, |_| {})?;
        let admitted = self.caller(call, at).and_then(|id| self.passes(call, &id, at));
        if let Err(refusal) = &admitted {
            let throttled = refusal.code == "RequestLimitExceeded";
            let verdict = if throttled { Verdict::Throttled } else { Verdict::Rejected };
            self.note(call, at, verdict, |event| event.code.clone_from(&refusal.code))?;
        }
        Ok(admitted)
    }

    /// Who signed the request.
    fn caller(&mut self, call: &Call, at: Moment) -> Result<String, Refusal> {
        let signed = Signed { method: &call.method, query: &call.query, body: &call.body };
        let now = at.wall.as_second() + self.inventory.settings.scenario.clock_offset;
        let header = |name: &str| call.header(name);
        let account = auth::verify(&header, &signed, self.inventory.settings.accounts(), now)?;
        let uses = self.uses.entry(account.id.clone()).or_default();
        *uses += 1;
        if account.expires_after.is_some_and(|last| *uses > last) {
            return Err(Refusal::new("AuthFailure.TokenFailure", "The token has expired."));
        }
        Ok(account.id.clone())
    }

    fn passes(&mut self, call: &Call, secret_id: &str, at: Moment) -> Result<(), Refusal> {
        let scenario = &self.inventory.settings.scenario;
        let limit = scenario.limit(self.inventory.settings.limit, self.inventory.elapsed(at));
        let limit = if call.action == "DescribeApi" {
            limit.saturating_mul(READS_TO_WRITES)
        } else {
            limit
        };
        let arrival = Arrival { second: at.wall.as_second(), since_start: at.since_start };
        let limiter = &scenario.limiter;
        if self.throttle.admits(&call.action, secret_id, arrival, limiter, limit) {
            return Ok(());
        }
        let text = format!("More than {limit} requests a second for {}.", call.action);
        Err(Refusal::new("RequestLimitExceeded", text))
    }

    /// Carries a request out, or not, as its fate has it; the answer, as it would be.
    pub(crate) fn carry_out(&mut self, call: &Call, at: Moment) -> io::Result<String> {
        let request_id = self.request_id(call);
        let done = if call.fate.carried_out {
            self.perform(call, at)?
        } else {
            self.note(call, at, Verdict::Dropped, |_| {})?;
            Err(Refusal::new("InternalError", "The simulator did not carry this out."))
        };
        Ok(match (&call.fate.reply, done) {
            (ReplyFault::Error(code), _) => {
                Refusal::new(code, "The simulator was told to answer this.").to_body(&request_id)
            }
            (ReplyFault::OtherRoute, Ok(mut fields)) => {
                if let Some(api) = fields.get_mut("Result") {
                    api["Method"] = "PUT".into();
                    api["Path"] = "/another/path".into();
                }
                success(fields, &request_id)
            }
            (_, Ok(fields)) => success(fields, &request_id),
            (_, Err(refusal)) => refusal.to_body(&request_id),
        })
    }

    /// A refusal as this call's answer.
    pub(crate) fn refusal(&self, call: &Call, refusal: &Refusal) -> String {
        refusal.to_body(&self.request_id(call))
    }

    fn request_id(&self, call: &Call) -> String {
        request_id(self.inventory.settings.scenario.seed, &call.action, call.number)
    }

    fn perform(&mut self, call: &Call, at: Moment) -> io::Result<Result<Fields, Refusal>> {
        let done =
            body(call).and_then(|body| actions::perform(&mut self.inventory, call, body, at));
        match done {
            Ok(done) => {
                self.note(call, at, done.verdict, |event| {
                    event.api_id = done.api_id;
                    event.body = done.body;
                    if !done.service.is_empty() {
                        event.service = done.service;
                    }
                })?;
                Ok(Ok(done.fields))
            }
            Err(refusal) => {
                self.note(call, at, Verdict::Rejected, |event| {
                    event.code.clone_from(&refusal.code);
                })?;
                Ok(Err(refusal))
            }
        }
    }

    /// Adds an API that was there before any request.
    pub(crate) fn preload(&mut self, service: &str, body: &str, at: Moment) -> io::Result<Api> {
        let id = self.inventory.store.new_id("api-");
        let api = self.inventory.store.restore_api(service, &id, body, at.wall).clone();
        self.ledger.write(Event {
            wall: at.wall.to_string(),
            verdict: Verdict::Preloaded,
            service: service.to_owned(),
            method: api.method.clone(),
            path: api.path.clone(),
            api_id: id,
            body: body.to_owned(),
            ..Event::default()
        })?;
        Ok(api)
    }

    fn note(
        &mut self,
        call: &Call,
        at: Moment,
        verdict: Verdict,
        fill: impl FnOnce(&mut Event),
    ) -> io::Result<()> {
        let header = |name| call.header(name).unwrap_or_default().to_owned();
        let mut event = Event {
            mono_ns: u64::try_from(at.since_start.as_nanos()).unwrap_or(u64::MAX),
            wall: at.wall.to_string(),
            verdict,
            action: call.action.clone(),
            number: call.number,
            service: call.part(&["ServiceId"]),
            method: call.part(&["RequestConfig", "Method"]),
            path: call.part(&["RequestConfig", "Path"]),
            body_sha256: call.digest.clone(),
            x_tc_timestamp: header("x-tc-timestamp"),
            client: header("x-tc-requestclient"),
            fault: if call.fate.struck { format!("{:?}", call.fate.reply) } else { String::new() },
            reply_sent: verdict != Verdict::Read && call.fate.reply == ReplyFault::Proper,
            ..Event::default()
        };
        fill(&mut event);
        self.ledger.write(event)
    }
}

impl Scenario {
    /// The `Date` header: `None` where there is to be none.
    pub(crate) fn date(&self, wall: Timestamp) -> Option<String> {
        if let Some(text) = &self.date {
            return Some(text.clone()).filter(|text| !text.is_empty());
        }
        let shifted = Timestamp::from_second(wall.as_second() + self.clock_offset);
        let shifted = shifted.unwrap_or(wall).to_zoned(jiff::tz::TimeZone::UTC);
        Some(shifted.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
    }
}

/// The body, if it can be one of this action.
fn body(call: &Call) -> Result<&Map<String, Value>, Refusal> {
    if !check::knows(&call.action) {
        let text = format!("There is no action `{}`.", call.action);
        return Err(Refusal::new("InvalidAction", text));
    }
    if call.header("x-tc-version") != Some("2018-08-08") {
        return Err(Refusal::new("NoSuchVersion", "The version is 2018-08-08."));
    }
    if call.header("x-tc-region").is_none_or(str::is_empty) {
        return Err(Refusal::new("MissingParameter", "X-TC-Region is missing."));
    }
    let Some(body) = &call.json else {
        return Err(Refusal::new("InvalidParameter.FormatError", "The body is no JSON object."));
    };
    check::request(&call.action, body)?;
    if call.action == "CreateApi" {
        rules::judge(body)?;
    }
    Ok(body)
}

/// An id for support that looks like the gateway's.
fn request_id(seed: u64, action: &str, number: u64) -> String {
    let of = action.bytes().fold(seed, |hash, byte| mix(hash ^ u64::from(byte)));
    let text = format!("{:016x}{:016x}", mix(of ^ number), mix(of.wrapping_add(1) ^ number));
    let parts = [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]];
    parts.join("-")
}
