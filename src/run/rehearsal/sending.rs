//! Sending: pace, throttling, waits, and what has to be sent before what.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::stage::Play;
use super::store::Fate;
use super::{Chooser, finished, fresh, item, item_of, outcomes, quick, run, secs};
use crate::plan::Item;
use crate::run::backoff::Jitter;
use crate::run::{EventKind, Fact, ItemId, RunSettings};

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

#[test]
fn the_asked_rate_is_kept_within_three_percent_and_nothing_is_throttled() {
    for limiter in [Limiter::WholeSecond, Limiter::SlidingSecond, Limiter::Bucket] {
        let mut latency = Jitter::new(3);
        let mut world = Play::new(limiter.fates(|_| 20));
        world.latency = Box::new(move || secs(0.005 + 0.295 * latency.next()));
        let ending = finished(&mut world, fresh((0..1223).map(item)), &at_default_rate());
        assert_eq!((ending.stats.created, ending.stats.throttled), (1223, 0), "{limiter:?}");
        let took = world.sent[1222].0 - world.sent[0].0;
        assert!(took <= secs(1223.0 / 18.0 * 1.03), "{limiter:?}: {took:?}");
        assert!(took >= secs(1222.0 / 18.0 * 0.99), "{limiter:?}: {took:?}");
    }
}

#[test]
fn a_storm_of_throttling_costs_little_time_and_few_refusals() {
    let phase = |time: f64| match time {
        30.0..60.0 => 5,
        90.0..120.0 => 0,
        _ => 20,
    };
    let mut latency = Jitter::new(5);
    let mut world = Play::new(Limiter::WholeSecond.fates(phase));
    world.latency = Box::new(move || secs(0.05 + 0.1 * latency.next()));
    let ending = finished(&mut world, fresh((0..2000).map(item)), &at_default_rate());
    let took = world.sent.last().unwrap().0.as_secs_f64();
    // At 18 a second, 5 while only 5 are let through, and none while none are.
    let ideal = 30.0 + 30.0 + 30.0 + 30.0 + (2000.0 - 540.0 - 150.0 - 540.0) / 18.0;
    assert!(took <= 1.3 * ideal, "{took} of {ideal}");
    assert!(ending.stats.throttled <= 60, "{}", ending.stats.throttled);
    assert_eq!(ending.stats.created, 2000);
    assert!(ending.settlements.iter().all(|row| row.attempts == 1));
}

#[test]
fn no_more_are_in_flight_than_asked_for() {
    let mut world = Play::new(|_, _| Fate::Answered);
    world.latency = Box::new(|| secs(3.0));
    finished(&mut world, fresh((0..60).map(item)), &quick());
    assert_eq!(world.most_flying, 4);
}

#[test]
fn a_busy_service_holds_back_its_own_items_only() {
    let busy = |now: Duration, item: ItemId| match item.0 % 2 {
        0 if now < secs(4.0) => Fate::Refused("FailedOperation.ServiceInOperation"),
        _ => Fate::Answered,
    };
    let mut world = Play::new(busy);
    let services = ["service-a", "service-b"];
    let items = (0..40).map(|n| item_of(services[n % 2], &format!("/items/{n}")));
    let settings = RunSettings { concurrency: 2, ..quick() };
    let ending = finished(&mut world, fresh(items), &settings);
    assert_eq!(ending.stats.created, 40);
    let tried = world.sent.iter().filter(|(at, item)| item.0 % 2 == 0 && *at < secs(4.0));
    assert!(tried.count() < 15);
    let last_other = world.sent.iter().rfind(|(_, item)| item.0 % 2 == 1).unwrap();
    assert!(last_other.0 < secs(4.0), "{last_other:?}");
}

#[test]
fn a_busy_item_waits_by_itself_and_is_given_up_only_after_a_look() {
    let busy = |_, item: ItemId| match item.0 {
        1 => Fate::Refused("ResourceUnavailable"),
        _ => Fate::Answered,
    };
    let mut world = Play::new(busy);
    let ending = finished(&mut world, fresh((0..3).map(item)), &quick());
    assert_eq!(outcomes(&ending), ["created", "gave-up", "created"]);
    assert_eq!(world.sent.iter().filter(|(_, item)| item.0 == 1).count(), 8);
    let looked = |event: &&super::Event| matches!(event.kind, EventKind::LookingUp { .. });
    assert!(world.events.iter().any(|event| looked(&event)));
}

#[test]
fn an_intent_that_a_sleeping_machine_let_grow_old_is_stated_anew() {
    // The stage asserts that no intent is older than a second, by the wall clock.
    let settings = RunSettings { rate: 18.0, rate_limit: 20, ..quick() };
    let mut world = Play::new(|_, _| Fate::Answered);
    world.sleep = Some((secs(1.01), secs(3600.0)));
    finished(&mut world, fresh((0..40).map(item)), &settings);
    let intents = world.journal.iter().filter(|fact| matches!(fact, Fact::Intent { .. })).count();
    assert!(intents > 40, "{intents}");
}

/// An item that needs another's ApiId.
fn authorised(path: &str, by: &Item) -> Item {
    Item { authorised_by: Some(by.key.clone()), ..item_of("service-a", path) }
}

#[test]
fn an_authoriser_is_created_first_and_its_id_filled_in() {
    let authoriser = item(0);
    let dependent = authorised("/dependent", &authoriser);
    let mut world = Play::new(|_, _| Fate::Answered);
    let ending = finished(&mut world, fresh([dependent.clone(), authoriser]), &quick());
    assert_eq!(outcomes(&ending), ["created", "created"]);
    let order: Vec<_> = world.sent.iter().map(|(_, item)| item.0).collect();
    assert_eq!(order, [1, 0]);
    let body = &world.bodies[&ItemId(0)];
    assert!(body.contains(r#""AuthRelationApiId":"api-1""#), "{body}");
    let digest = |fact: &Fact| match fact {
        Fact::Intent { item: ItemId(0), digest, .. } => Some(digest.clone()),
        _ => None,
    };
    let stated = world.journal.iter().find_map(digest).unwrap();
    assert_eq!(stated, crate::plan::Digest::of(body.as_bytes()).as_str());
}

#[test]
fn what_a_refused_api_would_have_authorised_is_not_sent_and_says_why() {
    let authoriser = item(0);
    let dependents = [authorised("/a", &authoriser), authorised("/b", &item(9))];
    let fate = |_, item: ItemId| match item.0 {
        0 => Fate::Refused("InvalidParameterValue.InvalidUrl"),
        _ => Fate::Answered,
    };
    let mut world = Play::new(fate);
    let items = [authoriser].into_iter().chain(dependents);
    let ending = finished(&mut world, fresh(items), &quick());
    assert_eq!(outcomes(&ending), ["refused", "not-sent", "not-sent"]);
    let codes: Vec<_> = ending.settlements.iter().map(|row| row.detail.code.as_str()).collect();
    assert_eq!(codes[1..], ["InvalidParameterValue.InvalidUrl", "authoriser"]);
}

#[test]
fn items_that_authorise_each_other_are_not_waited_for() {
    let (mut a, mut b) = (item(0), item(1));
    a.authorised_by = Some(b.key.clone());
    b.authorised_by = Some(a.key.clone());
    let mut world = Play::new(|_, _| Fate::Answered);
    let ending = finished(&mut world, fresh([a, b, item(2)]), &quick());
    assert_eq!(outcomes(&ending), ["not-sent", "not-sent", "created"]);
}

#[test]
fn events_tell_each_item_s_way_to_its_end_and_the_counts_add_up() {
    let mut fates = Jitter::new(11);
    let mut world = Play::new(move |_, _| match fates.choose(5) {
        0 => Fate::LostAfter,
        1 => Fate::Refused("RequestLimitExceeded"),
        _ => Fate::Answered,
    });
    let ending = finished(&mut world, fresh((0..20).map(item)), &quick());
    let mut ended = BTreeMap::new();
    for event in &world.events {
        match &event.kind {
            EventKind::Sending { item, .. } => assert!(!ended.contains_key(item)),
            EventKind::Settled { item, outcome, .. } => {
                assert_eq!(ended.insert(*item, outcome.clone()), None);
            }
            _ => {}
        }
        assert_eq!(event.stats.settled, ended.len());
    }
    assert_eq!(world.events[0].kind, EventKind::Started);
    let last = world.events.last().unwrap();
    assert_eq!((&last.kind, last.stats), (&EventKind::Finished, ending.stats));
    assert_eq!(ending.stats.created + ending.stats.found, 20);
}

#[test]
fn a_hundred_thousand_items_start_at_once() {
    let settings = RunSettings { quota: 200_000, ..at_default_rate() };
    let mut world = Play::new(|_, _| Fate::Answered);
    world.signals = vec![(secs(2.0), crate::run::Signal::Interrupt)];
    let ending = run(&mut world, fresh((0..100_000).map(item)), &settings);
    assert!(world.sent[0].0 < secs(1.0));
    assert_eq!(ending.stats.created + ending.stats.not_sent, 100_000);
}
