//! Runs that end before their end: refusals, credentials, signals, outages, a lost journal.

use std::time::Duration;

use crate::run::backoff::Jitter;
use crate::run::event::{EventKind, StopReason};
use crate::run::fact::{Fact, Transition};
use crate::run::outcome::Outcome;
use crate::run::simulated::stage::Play;
use crate::run::simulated::store::Fate;
use crate::run::simulated::{
    finished, first_fate, fresh, item, item_of, outcomes, quick, run, secs, step_of,
};
use crate::run::work::{ItemId, RunSettings, Signal};
use crate::target::Reply;

fn paced() -> RunSettings {
    RunSettings { rate: 18.0, rate_limit: 20, concurrency: 16, settle: secs(60.0), ..quick() }
}

fn code_of(stop: Option<&StopReason>) -> &str {
    match stop {
        Some(StopReason::Hopeless { code, .. }) => code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn when_the_first_five_answers_are_one_refusal_the_run_stops() {
    let mut world = Play::new(|_, _| Fate::Refused("InvalidParameterValue.InvalidUrl"));
    let ending = run(&mut world, fresh((0..100).map(item)), &paced());
    assert_eq!(code_of(ending.stop.as_ref()), "too-many-failures");
    assert!((5..8).contains(&ending.stats.refused), "{:?}", ending.stats);
    assert_eq!(ending.stats.refused + ending.stats.not_sent, 100);
    assert!(matches!(world.journal.last(), Some(Fact::Stopped { .. })));
}

#[test]
fn five_refusals_that_differ_or_follow_a_success_are_no_reason_to_stop() {
    let codes = ["InvalidParameterValue.InvalidUrl", "InvalidParameterValue.InvalidPort"];
    let mut world = Play::new(move |_, item: ItemId| Fate::Refused(codes[item.0 as usize % 2]));
    let ending = finished(&mut world, fresh((0..20).map(item)), &paced());
    assert_eq!(ending.stats.refused, 20);
    let mut world = Play::new(move |_, item: ItemId| match item.0 {
        0 => Fate::Answered,
        _ => Fate::Refused(codes[0]),
    });
    let ending = finished(&mut world, fresh((0..20).map(item)), &paced());
    assert_eq!(ending.stats.refused, 19);
}

#[test]
fn too_many_refusals_stop_the_run() {
    let mut world = Play::new(|_, item: ItemId| match item.0 % 2 {
        0 => Fate::Answered,
        _ => Fate::Refused("InvalidParameterValue.InvalidUrl"),
    });
    let settings = RunSettings { max_failures: 10, ..paced() };
    let ending = run(&mut world, fresh((0..100).map(item)), &settings);
    assert_eq!(code_of(ending.stop.as_ref()), "too-many-failures");
    assert!((11..14).contains(&ending.stats.refused), "{:?}", ending.stats);
}

#[test]
fn a_full_service_is_sent_nothing_more_and_others_go_on() {
    const FULL: &str = "LimitExceeded.ApiCountLimitExceeded";
    let mut world = Play::new(|_, item: ItemId| match item.0 {
        n if n >= 4 && n.is_multiple_of(2) => Fate::Refused(FULL),
        _ => Fate::Answered,
    });
    let items = (0..40).map(|n| item_of(["service-a", "service-b"][n % 2], &format!("/{n}")));
    let settings = RunSettings { concurrency: 2, ..paced() };
    let ending = finished(&mut world, fresh(items), &settings);
    assert_eq!((ending.stats.created, ending.stats.not_sent), (22, 18));
    assert_eq!(ending.closed.len(), 1);
    assert!(world.sent.iter().filter(|(_, item)| item.0 % 2 == 0).count() <= 4);
    assert!(ending.settlements.iter().step_by(2).skip(2).all(|row| row.detail.code == FULL));
}

#[test]
fn refused_credentials_stop_the_run_and_no_item_is_called_refused() {
    let mut world = Play::new(|now, _| {
        if now < secs(1.0) { Fate::Answered } else { Fate::Refused("AuthFailure.SecretIdNotFound") }
    });
    world.latency = Box::new(|| secs(0.2));
    let ending = run(&mut world, fresh((0..100).map(item)), &paced());
    assert_eq!(code_of(ending.stop.as_ref()), "AuthFailure.SecretIdNotFound");
    assert_eq!(ending.stats.created + ending.stats.not_sent, 100);
    let refused = world.sent.iter().filter(|(at, _)| *at >= secs(1.0)).count();
    assert!(refused <= 16, "{refused}");
}

#[test]
fn expired_credentials_are_read_again_as_often_as_they_work() {
    let mut world = Play::new(|now: Duration, _| {
        // Each token lives for two seconds, and the first request after that learns it.
        match now.as_millis() % 2000 {
            0..100 => Fate::Refused("AuthFailure.TokenFailure"),
            _ => Fate::Answered,
        }
    });
    world.renews = true;
    let mut latency = Jitter::new(9);
    world.latency = Box::new(move || secs(0.05 + 0.4 * latency.next()));
    let ending = finished(&mut world, fresh((0..100).map(item)), &paced());
    assert_eq!(ending.stats.created, 100);
    assert!((2..=4).contains(&world.reloads), "{}", world.reloads);
}

#[test]
fn what_left_before_the_credentials_were_read_again_says_nothing_new() {
    let mut sends = 0;
    let mut world = Play::new(move |_, _| {
        sends += 1;
        if sends <= 2 { Fate::Refused("AuthFailure.TokenFailure") } else { Fate::Answered }
    });
    world.renews = true;
    // A listing, two creates, the reading of the credentials between their answers.
    let mut latencies = [0.02, 0.05, 0.3, 0.05].into_iter();
    world.latency = Box::new(move || secs(latencies.next().unwrap_or(0.5)));
    let ending = finished(&mut world, fresh((0..2).map(item)), &quick());
    assert_eq!((ending.stats.created, world.reloads), (2, 1));
}

#[test]
fn credentials_that_are_the_same_or_refused_again_stop_the_run() {
    for renews in [false, true] {
        let mut world = Play::new(|_, _| Fate::Refused("AuthFailure.TokenFailure"));
        world.renews = renews;
        let ending = run(&mut world, fresh((0..50).map(item)), &paced());
        assert_eq!(code_of(ending.stop.as_ref()), "AuthFailure.TokenFailure");
        assert_eq!((world.reloads, ending.stats.not_sent), (1, 50));
        assert!(world.sent.len() <= 32, "{}", world.sent.len());
    }
}

#[test]
fn a_wrong_clock_is_put_right_once() {
    const SKEW: &str = "AuthFailure.SignatureExpire";
    let mut world = Play::new(first_fate(0, Fate::Refused(SKEW)));
    let ending = finished(&mut world, fresh((0..3).map(item)), &paced());
    assert_eq!(ending.stats.created, 3);
    let mut world = Play::new(|_, _| Fate::Refused(SKEW));
    let ending = run(&mut world, fresh((0..3).map(item)), &paced());
    assert_eq!(code_of(ending.stop.as_ref()), SKEW);
    assert!(world.sent.len() <= 6);
}

#[test]
fn a_lost_journal_ends_all_sending_and_lets_what_is_in_flight_settle() {
    let mut world = Play::new(|_, _| Fate::Answered);
    world.latency = Box::new(|| secs(1.0));
    world.room = 12;
    let ending = run(&mut world, fresh((0..100).map(item)), &paced());
    assert!(matches!(ending.stop, Some(StopReason::JournalLost { .. })), "{ending:?}");
    assert_eq!(ending.stats.created, world.sent.len());
    assert_eq!(ending.stats.created + ending.stats.not_sent, 100);
    assert!(world.sent.len() <= 12);
}

#[test]
fn a_first_signal_sends_nothing_more_and_leaves_nothing_in_doubt() {
    for (signal, terminate) in [(Signal::Interrupt, false), (Signal::Terminate, true)] {
        let mut world = Play::new(|_, _| Fate::Answered);
        world.latency = Box::new(|| secs(1.0));
        world.signals = vec![(secs(2.0), signal)];
        let ending = run(&mut world, fresh((0..100).map(item)), &paced());
        assert_eq!(ending.stop, Some(StopReason::Interrupted { terminate }));
        assert!(world.sent.iter().all(|(at, _)| *at <= secs(2.0)));
        assert_eq!(ending.stats.created, world.sent.len());
        assert_eq!(ending.stats.created + ending.stats.not_sent, 100);
        assert!(world.now < secs(4.0), "{:?}", world.now);
    }
}

#[test]
fn items_in_doubt_are_looked_for_once_before_an_interrupted_run_is_left() {
    let mut world = Play::new(|now: Duration, item: ItemId| match item.0 {
        0 => Fate::LostAfter,
        1 => Fate::LostBefore,
        _ if now < secs(0.0) => Fate::Unsent,
        _ => Fate::Answered,
    });
    world.signals = vec![(secs(2.0), Signal::Interrupt)];
    let ending = run(&mut world, fresh((0..100).map(item)), &paced());
    assert_eq!(outcomes(&ending)[..3], ["found", "unconfirmed", "created"]);
    assert!(world.now < secs(4.0), "{:?}", world.now);
}

#[test]
fn a_run_is_left_half_a_minute_after_a_signal_whatever_hangs() {
    let mut world = Play::new(|_, _| Fate::Answered);
    let mut calls = 0;
    world.latency = Box::new(move || {
        calls += 1;
        secs(if calls > 10 { 1000.0 } else { 0.1 })
    });
    world.signals = vec![(secs(2.0), Signal::Interrupt)];
    let ending = run(&mut world, fresh((0..100).map(item)), &paced());
    assert!((secs(32.0)..secs(33.0)).contains(&world.now), "{:?}", world.now);
    assert_eq!(ending.stats.unconfirmed, 16);
    assert!(
        ending
            .settlements
            .iter()
            .filter(|row| row.outcome == Outcome::Unconfirmed)
            .all(|row| row.detail.code == "interrupted")
    );
}

#[test]
fn a_second_signal_leaves_at_once_and_what_was_in_flight_is_unconfirmed() {
    let mut world = Play::new(|_, _| Fate::Answered);
    world.latency = Box::new(|| secs(1.0));
    world.signals = vec![(secs(2.1), Signal::Interrupt), (secs(2.0), Signal::Interrupt)];
    let ending = run(&mut world, fresh((0..100).map(item)), &paced());
    assert_eq!(ending.stop, Some(StopReason::Killed { terminate: false }));
    assert!(ending.stats.unconfirmed > 0);
    assert_eq!(ending.stats.created + ending.stats.unconfirmed, world.sent.len());
    assert!(world.now < secs(2.2), "{:?}", world.now);
}

#[test]
fn of_several_reasons_to_stop_the_gravest_is_told() {
    let refused = |_, item: ItemId| match item.0 {
        20 => Fate::Refused("AuthFailure.SecretIdNotFound"),
        _ => Fate::Answered,
    };
    for signal in [1.4, 1.8] {
        let mut world = Play::new(refused);
        world.latency = Box::new(|| secs(0.5));
        world.signals = vec![(secs(signal), Signal::Interrupt)];
        let settings = RunSettings { rate: 30.0, rate_limit: 40, ..paced() };
        let ending = run(&mut world, fresh((0..100).map(item)), &settings);
        assert_eq!(ending.settlements[20].detail.code, "AuthFailure.SecretIdNotFound");
        assert_eq!(ending.stop, Some(StopReason::Interrupted { terminate: false }), "{signal}");
    }
}

#[test]
fn a_signal_before_anything_was_sent_sends_nothing() {
    let mut world = Play::new(|_, _| Fate::Answered);
    world.signals = vec![(secs(0.0), Signal::Interrupt)];
    let ending = run(&mut world, fresh((0..10).map(item)), &paced());
    assert_eq!((world.sent.len(), ending.stats.not_sent), (0, 10));
}

#[test]
fn a_gateway_that_never_answers_is_given_up_within_half_a_minute() {
    let mut world = Play::new(|_, _| Fate::Answered);
    world.list_fate = Box::new(|_| Some(Reply::NotSent("connection refused".to_owned())));
    world.latency = Box::new(|| secs(0.001));
    let ending = run(&mut world, fresh((0..10).map(item)), &paced());
    assert_eq!(code_of(ending.stop.as_ref()), "unreachable");
    assert!(world.now <= secs(30.0), "{:?}", world.now);
    assert_eq!(ending.stats.not_sent, 10);
    let why =
        |row: &crate::run::outcome::Settlement| row.detail.message.contains("connection refused");
    assert!(ending.settlements.iter().all(why), "{:?}", ending.settlements[0].detail);
}

#[test]
fn an_untrusted_gateway_and_one_without_a_way_stop_the_run_at_once() {
    for (reply, code) in [
        (Reply::Untrusted("unknown issuer".to_owned()), "untrusted"),
        (Reply::Blocked("not a gateway".to_owned()), "unreachable"),
    ] {
        let mut world = Play::new(|_, _| Fate::Answered);
        world.list_fate = Box::new(move |_| Some(reply.clone()));
        let ending = run(&mut world, fresh((0..10).map(item)), &paced());
        assert_eq!(code_of(ending.stop.as_ref()), code);
        assert_eq!((world.lists, world.sent.len()), (1, 0));
    }
}

/// A world that cannot be reached from second 2 on, for so long.
fn outage(length: f64) -> Play<'static> {
    let out = move |now: Duration| (secs(2.0)..secs(2.0 + length)).contains(&now);
    let mut world = Play::new(move |now, _| match (out(now), out(now + secs(0.1))) {
        (true, _) => Fate::Unsent,
        (false, true) => Fate::LostAfter,
        _ => Fate::Answered,
    });
    world.latency = Box::new(|| secs(0.3));
    world.list_fate = Box::new(move |now| out(now).then(|| Reply::NotSent("down".to_owned())));
    world
}

#[test]
fn an_outage_is_probed_by_reads_and_the_run_goes_on_by_itself() {
    let mut world = outage(90.0);
    let ending = finished(&mut world, fresh((0..100).map(item)), &paced());
    assert_eq!(ending.stats.created + ending.stats.found, 100);
    let tried = world.sent.iter().filter(|(at, _)| *at >= secs(2.0) && *at < secs(92.0)).count();
    assert!(tried <= 16, "{tried} creates went out into the outage");
    assert!((5..20).contains(&world.probes.len()), "{:?}", world.probes);
    let in_doubt = world.events.iter().map(|event| event.stats.in_doubt).max();
    assert!(in_doubt.unwrap() <= 16);
}

#[test]
fn a_gateway_that_stands_still_leaves_no_more_in_doubt_than_may_be_in_flight() {
    for (concurrency, carried_out) in
        [1, 2, 3, 16, 40].into_iter().flat_map(|most| [(most, true), (most, false)])
    {
        let still = |now: Duration| (secs(2.0)..secs(60.0)).contains(&now);
        let mut world = Play::new(move |now, _| match (still(now), carried_out) {
            (false, _) => Fate::Answered,
            (true, true) => Fate::LostAfter,
            (true, false) => Fate::LostBefore,
        });
        world.list_fate =
            Box::new(move |now| still(now).then(|| Reply::Lost("silence".to_owned())));
        // As long as the timeout, so that each loss makes room for another create.
        world.latency = Box::new(|| secs(0.8));
        let settings = RunSettings { concurrency, ..paced() };
        let ending = finished(&mut world, fresh((0..120).map(item)), &settings);
        let doubts = world
            .journal
            .iter()
            .filter(|fact| matches!(step_of(fact), Some((_, Transition::Doubt(_)))))
            .count();
        assert!((1..=concurrency).contains(&doubts), "{doubts} of {concurrency}");
        assert_eq!(ending.stats.created + ending.stats.found, 120);
    }
}

#[test]
fn an_outage_of_more_than_five_minutes_stops_the_run() {
    let mut world = outage(1000.0);
    let ending = run(&mut world, fresh((0..100).map(item)), &paced());
    assert_eq!(code_of(ending.stop.as_ref()), "stalled");
    assert!((secs(300.0)..secs(340.0)).contains(&world.now), "{:?}", world.now);
    assert_eq!(ending.stats.settled, 100);
}

#[test]
fn throttling_alone_is_endured_for_a_quarter_of_an_hour() {
    let mut world = Play::new(|now, _| match now.as_secs() {
        0 | 800.. => Fate::Answered,
        _ => Fate::Refused("RequestLimitExceeded"),
    });
    let ending = finished(&mut world, fresh((0..100).map(item)), &paced());
    assert_eq!(ending.stats.created, 100);
    let mut world = Play::new(|_, _| Fate::Refused("RequestLimitExceeded"));
    let ending = run(&mut world, fresh((0..100).map(item)), &paced());
    assert_eq!(code_of(ending.stop.as_ref()), "throttled");
    assert!((secs(900.0)..secs(910.0)).contains(&world.now), "{:?}", world.now);
    assert_eq!(ending.stats.not_sent, 100);
}

#[test]
fn when_most_answers_are_lost_creates_go_out_one_by_one_and_all_are_found() {
    let mut world = Play::new(|_, _| Fate::LostAfter);
    let ending = finished(&mut world, fresh((0..60).map(item)), &paced());
    assert_eq!(ending.stats.found, 60);
    let in_doubt = world.events.iter().map(|event| event.stats.in_doubt).max().unwrap();
    assert!(in_doubt <= 45, "{in_doubt}");
    assert!(world.events.iter().any(|event| matches!(event.kind, EventKind::Waiting { .. })));
}
