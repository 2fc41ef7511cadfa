//! Sending: what is in flight, waits, and what has to be sent before what.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::plan::Item;
use crate::run::backoff::Jitter;
use crate::run::event::EventKind;
use crate::run::fact::{Fact, Transition};
use crate::run::simulated::stage::Play;
use crate::run::simulated::store::Fate;
use crate::run::simulated::{
    Chooser, finished, fresh, is_intent, item, item_of, outcomes, quick, secs, step_of,
};
use crate::run::work::{ItemId, RunSettings};

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
    let looked =
        |event: &&crate::run::simulated::Event| matches!(event.kind, EventKind::LookingUp { .. });
    assert!(world.events.iter().any(|event| looked(&event)));
}

#[test]
fn an_intent_that_a_sleeping_machine_let_grow_old_is_stated_anew() {
    // The stage asserts that no intent is older than a second, by the wall clock.
    let settings = RunSettings { rate: 18.0, rate_limit: 20, ..quick() };
    let mut world = Play::new(|_, _| Fate::Answered);
    world.sleep = Some((secs(1.01), secs(3600.0)));
    finished(&mut world, fresh((0..40).map(item)), &settings);
    let intents = world.journal.iter().filter(|fact| is_intent(fact)).count();
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
    let planned = dependent.digest.as_str();
    let digest = |fact: &Fact| match step_of(fact) {
        Some((ItemId(0), Transition::Intent { digest })) => Some(digest.clone()),
        _ => None,
    };
    let stated = world.journal.iter().find_map(digest).unwrap();
    assert_eq!(stated, planned, "the digest leaves out what is filled in");
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
