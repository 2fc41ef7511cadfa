//! How the simulator behaves: what the real gateway leaves open, played either way, and
//! faults by script or by seed.
//!
//! A scenario is a value; who reads it from JSON or YAML is above. Whether a fault strikes is a function of
//! the seed and the request's number, never of the moment, so that a run can be repeated.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::simulator::change::Modify;
use crate::simulator::fault::{Fate, Fault};
use crate::simulator::random::mix;
use crate::simulator::reading::Reading;

/// How the simulator behaves. The default is a gateway in good health.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Scenario {
    /// Decides ids, latencies and what strikes by chance.
    pub seed: u64,
    /// How long an answer takes, half of it before the request is carried out: milliseconds,
    /// or a least and a most.
    pub latency_ms: Span,
    /// What happens to a second API of the same method and path.
    pub duplicates: Duplicates,
    /// What more is the same method and path.
    pub same: Sameness,
    /// Whether a service refuses a second API of the same name.
    pub unique_names: bool,
    /// How requests are counted against the limit.
    pub limiter: LimiterSettings,
    /// Seconds by which the gateway's clock is ahead.
    pub clock_offset: i64,
    /// The `Date` header: verbatim, or empty for none.
    pub date: Option<String>,
    /// Who may call, instead of those named on the command line.
    pub credentials: Vec<Account>,
    /// How what is held is shown.
    pub listing: Listing,
    /// How one API is answered.
    pub reading: Reading,
    /// What becomes of fields that a change leaves out.
    pub modify: Modify,
    /// Times at which a service is busy.
    pub busy: Vec<Busy>,
    /// How long a release keeps its service busy.
    pub release_ms: u64,
    /// What goes wrong. Of several that match a request the first strikes.
    pub faults: Vec<Fault>,
}

/// Milliseconds: one number, or a least and a most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Span {
    /// Always this long.
    Fixed(u64),
    /// Anything from the first to the second.
    Between(u64, u64),
}

impl Default for Span {
    fn default() -> Self {
        Self::Fixed(0)
    }
}

impl Span {
    /// The length that a draw from [0, 1) gives.
    fn at(self, draw: f64) -> Duration {
        let (least, most) = match self {
            Self::Fixed(length) => (length, length),
            Self::Between(least, most) => (least, most),
        };
        let least = Duration::from_millis(least);
        least + Duration::from_millis(most).saturating_sub(least).mul_f64(draw)
    }
}

/// What happens to a second API of the same method and path.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duplicates {
    /// It is created too.
    Accept,
    /// It is refused with this code. No code is published for it; the default is the one
    /// that describes best what is wrong.
    Refuse(String),
}

impl Default for Duplicates {
    fn default() -> Self {
        Self::Refuse("InvalidParameterValue.InvalidApiRequestConfig".to_owned())
    }
}

/// What counts as the same method and path, besides what is equal to the letter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Sameness {
    /// `/a/{x}` and `/a/{y}`.
    pub any_parameter_name: bool,
    /// `/Users` and `/users`.
    pub any_case: bool,
    /// `ANY` and every other method.
    pub any_method: bool,
}

/// How requests are counted against the limit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct LimiterSettings {
    /// By what window.
    pub kind: LimiterKind,
    /// Whether a throttled request counts too, in a sliding window.
    pub counts_rejected: bool,
    /// Limits that take over after a time, in order; without any the command line's holds.
    pub limits: Vec<LimitStep>,
}

/// By what window requests are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LimiterKind {
    /// Whole seconds of the wall clock, as published.
    #[default]
    Fixed,
    /// The last second.
    Sliding,
    /// A bucket that fills evenly.
    Bucket,
}

/// A limit that takes over after a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LimitStep {
    /// Since the first create.
    pub after_ms: u64,
    /// Requests a second.
    pub limit: u32,
}

/// Who may call.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Account {
    /// `SecretId`.
    pub id: String,
    /// `SecretKey`.
    pub key: String,
    /// The session token, which every request must then carry.
    #[serde(default)]
    pub token: Option<String>,
    /// How many requests it is good for.
    #[serde(default)]
    pub expires_after: Option<u64>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Account(hidden)")
    }
}

/// How what is held is shown by `DescribeApisStatus`; lag and pages by
/// `DescribeServicesStatus` too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Listing {
    /// How long a new API or service stays unseen.
    pub lag_ms: u64,
    /// In what order.
    pub order: Order,
    /// How many a page holds at most, whatever it is asked for.
    pub most: Option<u64>,
    /// Whether the filter `ApiPath` also finds longer paths.
    pub loose_paths: bool,
    /// Whether paths are shown in lower case, whatever they were created with.
    pub lower_case_paths: bool,
}

/// In what order APIs are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The oldest first.
    #[default]
    Created,
    /// The newest first.
    Newest,
    /// Another order for every page.
    Shuffled,
}

/// A time at which a service answers `FailedOperation.ServiceInOperation`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Busy {
    /// Its id; every service where there is none.
    #[serde(default)]
    pub service: Option<String>,
    /// Since the first create.
    pub after_ms: u64,
    /// How long.
    pub for_ms: u64,
}

impl Scenario {
    /// The scenario that a value says, whichever format it was read from; none says nothing.
    pub fn of(value: Value) -> Result<Self, String> {
        if value.is_null() {
            return Ok(Self::default());
        }
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    /// What becomes of the `number`th request of this action, `elapsed` after the first
    /// create.
    pub(crate) fn fate(&self, action: &str, number: u64, elapsed: Duration) -> Fate {
        let draw = |salt: u64| self.draw(salt, number);
        let latency = self.latency_ms.at(draw(u64::MAX));
        let mut faults = self.faults.iter().zip(0..);
        let strikes = |(fault, salt): &(&Fault, u64)| {
            fault.action == action
                && fault.counts(number, elapsed)
                && fault.share.is_none_or(|share| draw(*salt) < share)
        };
        let struck = faults.find(strikes).map(|(fault, _)| fault);
        let reply = struck.map(|fault| fault.reply.clone()).unwrap_or_default();
        Fate {
            carried_out: struck.and_then(|fault| fault.carried_out).unwrap_or(reply.carries_out()),
            late: Duration::from_millis(struck.map_or(0, |fault| fault.late_ms)),
            latency,
            reply,
            bytes_per_second: struck.and_then(|fault| fault.bytes_per_second),
            struck: struck.is_some(),
        }
    }

    /// The limit in force.
    pub(crate) fn limit(&self, otherwise: u32, elapsed: Duration) -> u32 {
        let begun = |step: &&LimitStep| Duration::from_millis(step.after_ms) <= elapsed;
        self.limiter.limits.iter().rev().find(begun).map_or(otherwise, |step| step.limit)
    }

    /// Whether a service is busy.
    pub(crate) fn is_busy(&self, service: &str, elapsed: Duration) -> bool {
        self.busy.iter().any(|busy| {
            let start = Duration::from_millis(busy.after_ms);
            let span = start..start + Duration::from_millis(busy.for_ms);
            busy.service.as_deref().is_none_or(|id| id == service) && span.contains(&elapsed)
        })
    }

    /// A number from [0, 1), the same whenever it is asked for.
    fn draw(&self, salt: u64, number: u64) -> f64 {
        let mixed = mix(self.seed ^ mix(salt ^ mix(number)));
        #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
        let draw = (mixed >> 11) as f64 / (1_u64 << 53) as f64;
        draw
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::fault::ReplyFault;
    use crate::spec::{SourceText, tree::Tree};

    impl Scenario {
        /// Reads a scenario as the command does.
        pub(crate) fn parse(text: &str) -> Result<Self, String> {
            let source = SourceText { name: "scenario".into(), text: text.to_owned() };
            let tree = Tree::read(source).map_err(|flaw| flaw.message)?;
            Self::of(tree.root().to_value())
        }
    }

    fn fates(scenario: &Scenario, count: u64) -> Vec<Fate> {
        (1..=count).map(|number| scenario.fate("CreateApi", number, Duration::ZERO)).collect()
    }

    fn struck(scenario: &Scenario, count: u64) -> Vec<u64> {
        let fates = fates(scenario, count).into_iter().zip(1..);
        fates.filter(|(fate, _)| fate.struck).map(|(_, number)| number).collect()
    }

    #[test]
    fn a_scenario_is_read_from_yaml_and_from_json() {
        let yaml = "
            seed: 7
            latency-ms: [5, 300]
            duplicates: accept
            limiter: { kind: sliding, counts-rejected: true, limits: [{ after-ms: 0, limit: 5 }] }
            credentials: [{ id: a, key: b, expires-after: 3 }]
            listing: { lag-ms: 10, order: shuffled }
            busy: [{ after-ms: 1, for-ms: 2 }]
            faults:
              - { at: [17], carried-out: true, reply: reset }
              - { share: 0.05, reply: { error: InternalError.ApigwException } }
              - { from: 100, to: 140, reply: { page: 502 }, late-ms: 5, bytes-per-second: 1 }
        ";
        let read = Scenario::parse(yaml).unwrap();
        assert_eq!(read.latency_ms, Span::Between(5, 300));
        assert_eq!(read.duplicates, Duplicates::Accept);
        assert_eq!(read.faults[1].reply, ReplyFault::Error("InternalError.ApigwException".into()));
        let json: serde_json::Value = serde_yaml::from_str(yaml).unwrap();
        assert_eq!(Scenario::parse(&json.to_string()).unwrap(), read);
        assert_eq!(Scenario::parse("# nothing\n").unwrap(), Scenario::default());
    }

    #[test]
    fn the_scenario_that_help_shows_is_one() {
        let help = include_str!("../cli/help/scenario.en.txt");
        let shown: Vec<&str> = help.lines().filter(|line| line.starts_with("    ")).collect();
        let scenario = Scenario::parse(&shown.join("\n")).unwrap();
        assert_eq!((scenario.seed, scenario.faults.len()), (7, 7));
    }

    #[test]
    fn a_scenario_with_a_slip_is_refused() {
        for slip in ["sed: 1", "faults: [{ rply: reset }]", "faults: [{ reply: rest }]", "[", "{"] {
            assert!(Scenario::parse(slip).is_err(), "{slip}");
        }
    }

    #[test]
    fn a_fault_strikes_the_requests_it_names() {
        let of = |text: &str| struck(&Scenario::parse(text).unwrap(), 9);
        assert_eq!(of("faults: [{ at: [2, 5], reply: reset }]"), [2, 5]);
        assert_eq!(of("faults: [{ from: 4, to: 6, reply: reset }]"), [4, 5, 6]);
        assert_eq!(of("faults: [{ from: 8, reply: reset }]"), [8, 9]);
        assert_eq!(of("faults: [{ action: DeleteApi, reply: reset }]"), [] as [u64; 0]);
        assert_eq!(of("faults: [{ from: 2, at: [1, 3], reply: reset }]"), [3]);
    }

    #[test]
    fn of_several_faults_the_first_strikes() {
        let text = "faults: [{ at: [2], reply: reset }, { reply: close }]";
        let fates = fates(&Scenario::parse(text).unwrap(), 2);
        assert_eq!([&fates[0].reply, &fates[1].reply], [&ReplyFault::Close, &ReplyFault::Reset]);
    }

    #[test]
    fn a_share_strikes_about_as_often_and_the_same_ones_each_time() {
        let scenario = |seed| {
            Scenario::parse(&format!("seed: {seed}\nfaults: [{{ share: 0.1, reply: reset }}]"))
                .unwrap()
        };
        let first = struck(&scenario(1), 10_000);
        assert!((900..1100).contains(&first.len()), "{}", first.len());
        assert_eq!(struck(&scenario(1), 10_000), first);
        assert_ne!(struck(&scenario(2), 10_000), first);
    }

    #[test]
    fn what_is_told_truly_was_carried_out_and_what_is_lost_was_not_unless_said() {
        let carried_out = |text: &str| fates(&Scenario::parse(text).unwrap(), 1)[0].carried_out;
        assert!(carried_out(""));
        assert!(carried_out("faults: [{ late-ms: 5 }]"));
        assert!(!carried_out("faults: [{ reply: reset }]"));
        assert!(carried_out("faults: [{ reply: reset, carried-out: true }]"));
        assert!(!carried_out("faults: [{ reply: { error: ResourceInUse } }]"));
    }

    #[test]
    fn faults_limits_and_busy_times_have_their_time() {
        let scenario = Scenario::parse(
            "limiter: { limits: [{ after-ms: 10, limit: 5 }, { after-ms: 20, limit: 0 }] }
busy: [{ service: s, after-ms: 10, for-ms: 5 }]
faults: [{ after-ms: 10, until-ms: 20, reply: reset }]",
        )
        .unwrap();
        let at = |ms: u64| {
            let elapsed = Duration::from_millis(ms);
            let struck = scenario.fate("CreateApi", 1, elapsed).struck;
            (scenario.limit(20, elapsed), scenario.is_busy("s", elapsed), struck)
        };
        assert_eq!(
            [at(9), at(10), at(15)],
            [(20, false, false), (5, true, true), (5, false, true)]
        );
        assert_eq!(at(20), (0, false, false));
        assert!(!scenario.is_busy("t", Duration::from_millis(10)));
    }

    #[test]
    fn latency_stays_inside_its_span() {
        let scenario = Scenario::parse("latency-ms: [5, 300]").unwrap();
        let lengths = fates(&scenario, 1000).into_iter().map(|fate| fate.latency.as_millis());
        let lengths: Vec<_> = lengths.collect();
        assert!(lengths.iter().all(|ms| (5..=300).contains(ms)));
        assert!(lengths.iter().any(|ms| *ms < 30) && lengths.iter().any(|ms| *ms > 270));
    }
}
