//! Pace: the rate that was asked for, under any limit and through any storm, and never more
//! for all that is sent again.

use std::collections::VecDeque;
use std::time::Duration;

use crate::run::backoff::Jitter;
use crate::run::simulated::stage::Play;
use crate::run::simulated::store::Fate;
use crate::run::simulated::{finished, fresh, item, quick, run, secs};
use crate::run::work::{ItemId, RunSettings, Signal};

/// How a gateway counts what it lets through in a second.
#[derive(Debug, Clone, Copy)]
enum Limiter {
    WholeSecond,
    SlidingSecond,
    Bucket,
}

impl Limiter {
    /// What becomes of each request when `limit(now)` are let through a second.
    fn fates(self, limit: impl Fn(f64) -> u32) -> impl FnMut(Duration, ItemId) -> Fate {
        let mut passed: VecDeque<Duration> = VecDeque::new();
        let (mut tokens, mut filled) = (f64::from(limit(0.0)), 0.0);
        move |now, _| {
            let time = now.as_secs_f64();
            let limit = limit(time);
            tokens = (tokens + (time - filled) * f64::from(limit)).min(f64::from(limit));
            filled = time;
            let begin = match self {
                Self::WholeSecond => Duration::from_secs(now.as_secs()),
                Self::SlidingSecond | Self::Bucket => now.saturating_sub(secs(1.0)),
            };
            while passed.front().is_some_and(|&first| first < begin) {
                passed.pop_front();
            }
            let full = match self {
                Self::Bucket => tokens < 1.0,
                Self::WholeSecond | Self::SlidingSecond => passed.len() >= limit as usize,
            };
            if full {
                return Fate::Refused("RequestLimitExceeded");
            }
            tokens -= 1.0;
            passed.push_back(now);
            Fate::Answered
        }
    }
}

fn at_default_rate() -> RunSettings {
    RunSettings {
        rate: 18.0,
        rate_limit: 20,
        concurrency: 16,
        settle: secs(60.0),
        quota: 10_000,
        ..quick()
    }
}

const LIMITERS: [Limiter; 3] = [Limiter::WholeSecond, Limiter::SlidingSecond, Limiter::Bucket];

/// Shortest and longest latency: on this machine, in one region, across the world.
const LATENCIES: [(f64, f64); 3] = [(0.005, 0.025), (0.05, 0.15), (0.005, 0.3)];

/// A gateway that lets `limit(now)` through a second and answers after a while.
fn gateway(limiter: Limiter, limit: fn(f64) -> u32, (least, most): (f64, f64)) -> Play<'static> {
    let mut latency = Jitter::new(3);
    let mut world = Play::new(limiter.fates(limit));
    world.latency = Box::new(move || secs(least + (most - least) * latency.next()));
    world
}

/// From the first send to the last, in seconds.
fn took(world: &Play) -> f64 {
    (world.sent.last().unwrap().0 - world.sent[0].0).as_secs_f64()
}

#[test]
fn the_asked_rate_is_kept_within_a_hundredth_and_nothing_is_throttled() {
    for limiter in LIMITERS {
        let mut world = gateway(limiter, |_| 20, (0.005, 0.3));
        let ending = finished(&mut world, fresh((0..1000).map(item)), &at_default_rate());
        assert_eq!((ending.stats.created, ending.stats.throttled), (1000, 0), "{limiter:?}");
        let rate = 999.0 / took(&world);
        assert!((17.82..=18.18).contains(&rate), "{limiter:?}: {rate} a second");
    }
}

#[test]
fn a_storm_of_throttling_costs_little_time_and_few_refusals() {
    let phase = |time: f64| match time {
        30.0..60.0 => 5,
        90.0..120.0 => 0,
        _ => 20,
    };
    // At the gateway's own 20 a second, 5 while only 5 are let through, and none while none are.
    let ideal = 120.0 + (2000.0 - 600.0 - 150.0 - 600.0) / 20.0;
    for (limiter, latency) in LIMITERS.into_iter().zip(LATENCIES) {
        let mut world = gateway(limiter, phase, latency);
        let ending = finished(&mut world, fresh((0..2000).map(item)), &at_default_rate());
        let (took, throttled) = (took(&world), ending.stats.throttled);
        assert!(took <= 1.3 * ideal, "{limiter:?} {latency:?}: {took} s of {ideal}");
        assert!(throttled <= 60, "{limiter:?} {latency:?}: {throttled} throttled");
        assert_eq!(ending.stats.created, 2000);
        assert!(ending.settlements.iter().all(|row| row.attempts == 1));
    }
}

/// What is sent again takes a slot of the same pace, and each kind of failure has a bound of
/// its own. So sends never outrun the pace, and no budget for retries is needed on top.
#[test]
fn a_gateway_that_fails_everything_is_asked_no_faster_and_a_bounded_number_of_times() {
    let failures = [
        (Fate::LostBefore, 3),
        (Fate::Refused("InternalError"), 3),
        (Fate::Refused("ResourceUnavailable"), 8),
        (Fate::Refused("FailedOperation.ServiceInOperation"), 8),
        (Fate::Unsent, 10),
    ];
    for (fate, most) in failures {
        let mut world = Play::new(move |_, _| fate);
        let ending = run(&mut world, fresh((0..100).map(item)), &at_default_rate());
        assert_eq!(ending.stats.created, 0);
        let sent = world.sent.len();
        assert!(sent <= 100 * most, "{fate:?}: {sent} sends of 100 items");
        let within = |from: Duration| {
            let until = from + Duration::from_secs(1);
            world.sent.iter().filter(|(at, _)| (from..until).contains(at)).count()
        };
        let fullest = world.sent.iter().map(|&(at, _)| within(at)).max();
        assert!(fullest <= Some(20), "{fate:?}: {fullest:?} sends within a second");
    }
}

#[test]
fn a_hundred_thousand_items_start_at_once() {
    let settings = RunSettings { quota: 200_000, ..at_default_rate() };
    let mut world = Play::new(|_, _| Fate::Answered);
    world.signals = vec![(secs(2.0), Signal::Interrupt)];
    let ending = run(&mut world, fresh((0..100_000).map(item)), &settings);
    assert!(world.sent[0].0 < secs(1.0));
    assert_eq!(ending.stats.created + ending.stats.not_sent, 100_000);
}
