//! The first and the last listing of a service: what was there before us, and what is there
//! in the end.

use crate::run::event::{EventKind, StopReason};
use crate::run::fact::{Fact, Transition};
use crate::run::outcome::Outcome;
use crate::run::simulated::stage::Play;
use crate::run::simulated::store::{Fate, error};
use crate::run::simulated::{
    finished, first_fate, fresh, is_intent, item, item_of, outcomes, quick, run, secs, step_of,
};
use crate::run::work::{Assignment, ItemId, RunSettings, Work};
use crate::target::{Page, Reply};

#[test]
fn every_item_is_created_once_and_said_so() {
    let mut world = Play::new(|_, _| Fate::Answered);
    let ending = finished(&mut world, fresh((0..30).map(item)), &quick());
    assert_eq!(ending.stats.created, 30);
    assert!(matches!(world.journal[0], Fact::Base { .. }));
    assert!(world.journal.ends_with(&[Fact::Ended]));
    assert_eq!(ending.settlements[3].attempts, 1);
}

#[test]
fn what_stood_before_us_exists_and_is_not_sent() {
    let mut world = Play::new(|_, _| Fate::Answered);
    world.store.preload("service-a", "/items/1");
    let ending = finished(&mut world, fresh((0..3).map(item)), &quick());
    assert_eq!(outcomes(&ending), ["created", "exists", "created"]);
    let meant = |fact: &Fact| is_intent(fact) && fact.item() == Some(&ItemId(1));
    assert!(!world.journal.iter().any(meant));
}

#[test]
fn what_does_not_fit_stops_the_run_before_the_first_create_of_anything() {
    let mut world = Play::new(|_, _| Fate::Answered);
    world.store.preload("service-b", "/one");
    let items = (0..4).map(|n| item_of(["service-a", "service-b"][n % 2], &format!("/{n}")));
    let settings = RunSettings { quota: 2, ..quick() };
    let ending = run(&mut world, fresh(items), &settings);
    assert!(world.sent.is_empty());
    assert_eq!(ending.stats.not_sent, 4);
    let Some(StopReason::Hopeless { code, message }) = ending.stop else { panic!("stopped") };
    assert_eq!(code, "quota");
    assert_eq!(message, "service-b holds 1 APIs, 2 more are planned, and it may hold 2");
}

#[test]
fn what_exists_already_needs_no_room() {
    let mut world = Play::new(|_, _| Fate::Answered);
    world.store.preload("service-a", "/items/0");
    world.store.preload("service-a", "/items/1");
    let settings = RunSettings { quota: 3, ..quick() };
    let ending = finished(&mut world, fresh((0..3).map(item)), &settings);
    assert_eq!(outcomes(&ending), ["exists", "exists", "created"]);
}

#[test]
fn a_service_that_cannot_be_listed_is_sent_nothing_while_others_go_on() {
    let mut world = Play::new(|_, _| Fate::Answered);
    world.store.missing = Some("service-a".to_owned());
    let items = (0..4).map(|n| item_of(["service-a", "service-b"][n % 2], &format!("/{n}")));
    let ending = finished(&mut world, fresh(items), &quick());
    assert_eq!(outcomes(&ending), ["not-sent", "created", "not-sent", "created"]);
    assert_eq!(ending.closed.len(), 1);
    assert_eq!(ending.closed[0].1.code, "ResourceNotFound.InvalidService");
    assert_eq!(ending.settlements[0].detail.code, "ResourceNotFound.InvalidService");
}

#[test]
fn a_service_whose_first_listing_contradicts_itself_is_sent_nothing() {
    let mut world = Play::new(|_, _| Fate::Answered);
    world.list_fate = Box::new(|_| Some(Reply::Ok(Page { total: Some(3), ..Page::default() })));
    let ending = run(&mut world, fresh((0..2).map(item)), &quick());
    assert_eq!(outcomes(&ending), ["not-sent", "not-sent"]);
    assert_eq!(ending.closed[0].1.code, "listing");
}

#[test]
fn a_create_that_took_effect_later_than_settle_is_named_a_duplicate_and_nothing_is_deleted() {
    let mut world = Play::new(first_fate(0, Fate::Late(secs(6.0))));
    // Others go on for long enough.
    let settings = RunSettings { rate: 1.0, ..quick() };
    let ending = finished(&mut world, fresh((0..12).map(item)), &settings);
    let Outcome::Duplicate { ids } = &ending.settlements[0].outcome else { panic!("{ending:?}") };
    assert_eq!(ids.len(), 2);
    assert_eq!((ending.stats.duplicate, ending.stats.created, ending.stats.settled), (1, 11, 12));
    assert_eq!(world.store.standing(world.now).len(), 13);
}

#[test]
fn what_was_lost_twice_and_found_once_is_looked_for_until_both_can_be_seen() {
    // The first takes effect when the second is on its way, and is seen by an early look;
    // the second takes effect after that.
    let mut fates = [Fate::Late(secs(68.0)), Fate::Late(secs(20.0))].into_iter();
    let mut world = Play::new(move |_, _| fates.next().unwrap_or(Fate::Answered));
    let settings = RunSettings { settle: secs(60.0), ..quick() };
    let ending = finished(&mut world, fresh((0..1).map(item)), &settings);
    assert_eq!(outcomes(&ending), ["duplicate"]);
}

#[test]
fn what_was_refused_and_is_there_all_the_same_is_found_at_the_end() {
    let mut world =
        Play::new(first_fate(0, Fate::RefusedAfter("InvalidParameterValue.InvalidUrl")));
    let ending = finished(&mut world, fresh((0..2).map(item)), &quick());
    assert_eq!(outcomes(&ending), ["found", "created"]);
    assert_eq!(ending.stats.refused, 0);
    let told =
        |fact: &&Fact| matches!(step_of(fact), Some((ItemId(0), Transition::Settled { .. })));
    assert_eq!(world.journal.iter().filter(told).count(), 2);
}

#[test]
fn what_is_created_and_not_listed_is_asked_for_again_and_then_told() {
    let mut world = Play::new(|_, _| Fate::Answered);
    world.store.lag = secs(2.5);
    let ending = finished(&mut world, fresh((0..2).map(item)), &quick());
    assert!(ending.settlements.iter().all(|row| row.detail.message.is_empty()));

    let mut world = Play::new(|_, _| Fate::Answered);
    world.store.lag = secs(1000.0);
    let ending = finished(&mut world, fresh((0..2).map(item)), &quick());
    assert_eq!(outcomes(&ending), ["created", "created"]);
    let message = &ending.settlements[0].detail.message;
    assert_eq!(message, "the final listing does not show api-1");
}

#[test]
fn what_the_gateway_calls_otherwise_is_created_and_told() {
    let fate = Fate::Misfiled { path: "/items/zero", answered: true };
    let mut world = Play::new(first_fate(0, fate));
    let ending = run(&mut world, fresh((0..1).map(item)), &quick());
    assert_eq!(outcomes(&ending), ["created"]);
    let message = &ending.settlements[0].detail.message;
    assert_eq!(message, "the final listing shows it as GET /items/zero");
}

#[test]
fn a_run_whose_last_listing_fails_carries_out_the_rest_and_says_that_it_did_not_end() {
    let mut world = Play::new(|now, item: ItemId| match item.0 {
        2 if now < secs(30.0) => Fate::Refused("RequestLimitExceeded"),
        _ => Fate::Answered,
    });
    world.list_fate = Box::new(|now| (now > secs(0.5)).then(|| error("InvalidParameter")));
    let items = (0..3).map(|n| item_of(["service-a", "service-b"][n % 2], &format!("/{n}")));
    let ending = run(&mut world, fresh(items), &quick());
    assert_eq!(outcomes(&ending), ["created", "created", "created"]);
    assert!(matches!(ending.stop, Some(StopReason::Hopeless { .. })), "{ending:?}");
    assert!(matches!(world.journal.last(), Some(Fact::Stopped { .. })));
}

#[test]
fn a_report_that_is_done_is_held_against_one_listing_and_nothing_is_sent() {
    let mut world = Play::new(|_, _| Fate::Answered);
    let first = fresh((0..3).map(item));
    let items: Vec<_> = first.items.iter().map(|assignment| assignment.item.clone()).collect();
    let ending = finished(&mut world, first, &quick());
    let (sent, lists) = (world.sent.len(), world.lists);
    let rows = items.into_iter().zip(ending.settlements);
    let keep = rows.map(|(item, row)| Assignment::keep(item, row.outcome, row.attempts));
    let ending = finished(&mut world, Work { items: keep.collect(), ..Work::default() }, &quick());
    assert_eq!(outcomes(&ending), ["created", "created", "created"]);
    assert_eq!((world.sent.len(), world.lists), (sent, lists + 1));
    assert_eq!(ending.stats.created, 3);
    assert!(!world.events.iter().any(|event| matches!(event.kind, EventKind::Stopping { .. })));
}

#[test]
fn a_run_without_items_ends_at_once() {
    let mut world = Play::new(|_, _| Fate::Answered);
    let ending = finished(&mut world, Work::default(), &quick());
    assert_eq!((ending.stats.total, world.lists), (0, 0));
}
