//! Where to send and how fast: numbers with their ranges, endpoint and region.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::cli::error::Error;
use crate::cli::options::GatewayOptions;
use crate::cli::surroundings::Surroundings;
use crate::run::RunSettings;
use crate::target::tencent::compare;
use crate::target::tencent::endpoint::{self, Endpoint};
use crate::target::tencent::{APIS_PER_SERVICE, REQUESTS_PER_SECOND, sign};
use crate::text::{did_you_mean, escape};

/// The region: what is typed, else the environment's, else that of the settings file or the
/// profile. It has no default, since a wrong one looks like a missing service.
pub fn region(
    typed: Option<&str>,
    fallback: Option<String>,
    surroundings: &Surroundings,
) -> Result<String, Error> {
    let typed = typed.or_else(|| surroundings.variable("TENCENTCLOUD_REGION")).map(str::to_owned);
    let region = typed.or(fallback).ok_or_else(|| {
        Error::usage("no region is given")
            .hint("give --region NAME, such as ap-guangzhou, or set TENCENTCLOUD_REGION")
    })?;
    name("--region", region)
}

/// `--timeout`.
pub fn timeout(args: &GatewayOptions) -> Result<Duration, Error> {
    seconds("--timeout", args.timeout.unwrap_or(30.0), 0.05..=600.0)
}

/// Whether an address of the public gateway and a region go together. The regions of
/// finance are cut off from all others and are reached by their own address alone.
pub fn check_region(endpoint: &Endpoint, region: &str) -> Result<(), Error> {
    let host = endpoint.host();
    let access = endpoint.region();
    let apart = |name: &str| name.ends_with("-fsi");
    let public = access.is_some() || format!("https://{host}") == endpoint::DEFAULT;
    if !public || access == Some(region) || !(apart(region) || access.is_some_and(apart)) {
        return Ok(());
    }
    let at = if apart(region) { region } else { access.unwrap_or_default() };
    Err(Error::usage(format!(
        "{host} does not serve {region}: a finance region has an address of its own"
    ))
    .hint(format!("use --endpoint https://apigateway.{at}.tencentcloudapi.com with --region {at}")))
}

/// How fast, how often and how long, each within the range in which it means something.
pub fn run_settings(
    args: &GatewayOptions,
    quota: u64,
    rate: Option<f64>,
    seed: u64,
) -> Result<RunSettings, Error> {
    let rate_limit =
        within("--rate-limit", args.rate_limit.unwrap_or(REQUESTS_PER_SECOND), 1..=10_000)?;
    let set_by = if args.rate.is_some() { "--rate" } else { "`rate` of the settings" };
    let rate = args.rate.or(rate).unwrap_or_else(|| f64::from(rate_limit).min(18.0));
    let settle = seconds("--settle", args.settle.unwrap_or(60.0), 0.0..=86_400.0)?;
    Ok(RunSettings {
        rate: within_limit(set_by, rate, rate_limit)?,
        rate_limit,
        concurrency: within("--concurrency", args.concurrency.unwrap_or(16), 1..=1_000)?,
        settle,
        attempts: within("--attempts", args.attempts.unwrap_or(3), 1..=100)?,
        strict_once: args.strict_once,
        signature_lifetime: sign::LIFETIME,
        max_failures: within("--max-failures", args.max_failures.unwrap_or(50), 0..=usize::MAX)?,
        quota,
        seed,
    })
}

/// `--ignore`: a field that is compared.
pub fn field(name: &str) -> Result<(), Error> {
    if compare::is_compared(name) {
        return Ok(());
    }
    let error = Error::usage(format!("--ignore: there is no field `{}`", escape(name)));
    Err(match did_you_mean(name, compare::fields()) {
        Some(advice) => error.hint(advice),
        None => error.hint("name one as `diff` shows it, such as ServiceConfig.Url"),
    })
}

/// `--read-rate`: APIs to read a second. The gateway takes 100 of that call.
pub fn read_rate(args: &GatewayOptions) -> Result<f64, Error> {
    within("--read-rate", args.read_rate.unwrap_or(50.0), 0.01..=1_000.0)
}

/// `--quota`, whose default is the documented one.
pub fn quota(typed: Option<u64>) -> Result<u64, Error> {
    within("--quota", typed.unwrap_or(APIS_PER_SERVICE), 1..=1_000_000)
}

fn within_limit(name: &str, rate: f64, limit: u32) -> Result<f64, Error> {
    let limit = f64::from(limit);
    if rate >= 0.01 && rate <= limit {
        return Ok(rate);
    }
    let error = Error::usage(format!(
        "{name} is {rate}, but must be between 0.01 and {limit}, the limit of the gateway"
    ));
    Err(if rate > limit {
        error.hint("if the gateway allows you more, raise --rate-limit")
    } else {
        error
    })
}

fn within<N: PartialOrd + Display>(
    option: &str,
    value: N,
    range: RangeInclusive<N>,
) -> Result<N, Error> {
    if range.contains(&value) {
        return Ok(value);
    }
    let (least, most) = range.into_inner();
    Err(Error::usage(format!("{option} is {value}, but must be between {least} and {most}")))
}

fn seconds(option: &str, value: f64, range: RangeInclusive<f64>) -> Result<Duration, Error> {
    within(option, value, range).map(Duration::from_secs_f64)
}

/// Names travel in headers and in messages: no spaces, no control characters.
fn name(option: &str, value: String) -> Result<String, Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return Ok(value);
    }
    Err(Error::usage(format!("{option} is {value:?}, which is not a valid name of a region")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(rate: f64, limit: Option<u32>) -> Result<f64, String> {
        let args =
            GatewayOptions { rate: Some(rate), rate_limit: limit, ..GatewayOptions::default() };
        run_settings(&args, 100, None, 0).map(|s| s.rate).map_err(|e| e.to_string())
    }

    #[test]
    fn a_rate_lies_between_a_hundredth_and_the_limit() {
        assert_eq!(rate(18.0, None), Ok(18.0));
        assert_eq!(rate(20.0, None), Ok(20.0));
        assert_eq!(rate(40.0, Some(50)), Ok(40.0));
        for refused in [0.0, -1.0, 1000.0, f64::NAN, f64::INFINITY] {
            assert!(rate(refused, None).unwrap_err().contains("between 0.01 and 20"), "{refused}");
        }
    }

    #[test]
    fn the_default_rate_stays_under_a_lower_limit() {
        let args = GatewayOptions { rate_limit: Some(5), ..GatewayOptions::default() };
        assert!((run_settings(&args, 100, None, 0).unwrap().rate - 5.0).abs() < f64::EPSILON);
    }

    #[test]
    fn seconds_take_decimals_and_settle_takes_none() {
        let args = GatewayOptions { settle: Some(0.0), ..GatewayOptions::default() };
        assert_eq!(run_settings(&args, 100, None, 0).unwrap().settle, Duration::ZERO);
        let args = GatewayOptions { settle: Some(f64::NAN), ..GatewayOptions::default() };
        assert!(run_settings(&args, 100, None, 0).is_err());
    }

    #[test]
    fn a_region_of_finance_is_reached_by_its_own_address_alone() {
        let check = |address: &str, region: &str| {
            check_region(&Endpoint::parse(address, false).unwrap(), region).is_ok()
        };
        let at = |region: &str| format!("https://apigateway.{region}.tencentcloudapi.com");
        assert!(check(&at("ap-shanghai-fsi"), "ap-shanghai-fsi"));
        assert!(!check(&at("ap-shanghai-fsi"), "ap-shanghai"));
        assert!(!check(&at("ap-shanghai"), "ap-shanghai-fsi"));
        assert!(!check(endpoint::DEFAULT, "ap-shanghai-fsi"));
        // Elsewhere the access region and the one acted on are two things.
        assert!(check(&at("ap-shanghai"), "ap-guangzhou"));
        assert!(check(endpoint::DEFAULT, "ap-guangzhou"));
        assert!(check("https://gw.example", "ap-shanghai-fsi"));
    }

    #[test]
    fn a_region_is_typed_or_set_or_remembered_but_never_guessed() {
        let region = |typed: Option<&str>, fallback: Option<&str>, set: &[_]| {
            let surroundings = Surroundings::of(set.iter().copied());
            region(typed, fallback.map(str::to_owned), &surroundings).ok()
        };
        let set = [("TENCENTCLOUD_REGION", "ap-beijing")];
        assert_eq!(region(Some("a"), Some("c"), &set).as_deref(), Some("a"));
        assert_eq!(region(None, Some("c"), &set).as_deref(), Some("ap-beijing"));
        assert_eq!(region(None, Some("c"), &[]).as_deref(), Some("c"));
        assert_eq!(region(None, None, &[]), None);
        assert_eq!(region(Some("a b"), None, &[]), None);
    }
}
