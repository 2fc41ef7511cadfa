//! Undo: the same pipeline, by id.

use jiff::Timestamp;

use crate::plan::Item;
use crate::run::fact::Fact;
use crate::run::outcome::Outcome;
use crate::run::simulated::stage::Play;
use crate::run::simulated::store::Fate;
use crate::run::simulated::{first_fate, fresh, is_intent, item, item_of, quick, run, secs};
use crate::run::work::{Assignment, Believed, ItemId, Signal, Work};
use crate::run::world::Ending;
use crate::target::{Page, Reply};

/// Creates these items, and gives the work that undoes it.
fn undone(world: &mut Play, items: Vec<Item>) -> Work {
    let ending = run(world, fresh(items.clone()), &quick());
    world.sent.clear();
    world.journal.clear();
    let rows = items.into_iter().zip(ending.settlements);
    let delete = |(item, row): (Item, crate::run::outcome::Settlement)| {
        Assignment::delete(item.into(), row.outcome, row.attempts)
    };
    Work { items: rows.map(delete).collect(), ..Work::default() }
}

fn left(world: &mut Play) -> usize {
    world.store.standing(world.now + secs(3600.0)).len()
}

/// Undoes an import of three, the first delete of the second item having this fate.
fn undo_with(fate: Fate) -> (Play<'static>, Ending) {
    let mut world = Play::new(|_, _| Fate::Answered);
    let work = undone(&mut world, (0..3).map(item).collect());
    world.fate = Box::new(first_fate(1, fate));
    let ending = run(&mut world, work, &quick());
    (world, ending)
}

#[test]
fn what_was_created_is_deleted_and_nothing_else() {
    let mut world = Play::new(|_, _| Fate::Answered);
    world.store.preload("service-a", "/other");
    let work = undone(&mut world, (0..30).map(item).collect());
    let ending = run(&mut world, work, &quick());
    assert_eq!((ending.stop, ending.stats.deleted, left(&mut world)), (None, 30, 1));
}

#[test]
fn a_delete_whose_answer_is_lost_is_done_when_it_is_gone_and_sent_again_when_it_is_not() {
    for (fate, sends) in [
        (Fate::LostAfter, 1),
        (Fate::LostBefore, 2),
        (Fate::RefusedAfter("InternalError"), 1),
        (Fate::Refused("InternalError"), 2),
    ] {
        let (mut world, ending) = undo_with(fate);
        assert_eq!((ending.stats.deleted, left(&mut world)), (3, 0), "{fate:?}");
        assert_eq!(world.sends_of(1).len(), sends, "{fate:?}");
    }
}

#[test]
fn one_listing_that_shows_nothing_does_not_make_a_delete_done() {
    for blind in 1..8 {
        let mut world = Play::new(|_, _| Fate::Answered);
        let work = undone(&mut world, (0..3).map(item).collect());
        world.fate = Box::new(first_fate(1, Fate::LostBefore));
        let mut listings = 0;
        world.list_fate = Box::new(move |_| {
            listings += 1;
            (listings == blind).then(|| Reply::Ok(Page { total: Some(0), ..Page::default() }))
        });
        let ending = run(&mut world, work, &quick());
        assert_eq!((ending.stats.deleted, left(&mut world)), (3, 0), "listing {blind} is blind");
    }
}

#[test]
fn what_is_gone_already_is_deleted() {
    let mut world = Play::new(|_, _| Fate::Answered);
    let work = undone(&mut world, (0..3).map(item).collect());
    world.store.apis.remove(1);
    let ending = run(&mut world, work, &quick());
    assert_eq!((ending.stop, ending.stats.deleted), (None, 3));
}

#[test]
fn what_is_gone_already_is_deleted_although_a_late_listing_still_shows_it() {
    let mut world = Play::new(|_, _| Fate::Answered);
    let work = undone(&mut world, (0..3).map(item).collect());
    world.store.lag = quick().settle / 2;
    world.now += world.store.lag;
    world.store.apis[1].deleted = Some(world.now);
    let ending = run(&mut world, work, &quick());
    assert_eq!((ending.stop, ending.stats.deleted), (None, 3));
    assert_eq!(world.sends_of(1).len(), 1);
}

#[test]
fn a_delete_that_is_refused_leaves_the_row_as_it_was_and_tells_why() {
    let (mut world, ending) = undo_with(Fate::Refused("OperationDenied"));
    assert_eq!((ending.stats.deleted, ending.stats.undeleted, left(&mut world)), (2, 1, 1));
    let row = &ending.settlements[1];
    assert_eq!(row.outcome, Outcome::Created { id: "api-2".to_owned() });
    assert_eq!(row.detail.code, "OperationDenied");
}

#[test]
fn what_listings_show_long_after_its_delete_was_answered_is_told_and_keeps_its_row() {
    let settle = quick().settle;
    for (lag, deleted) in [(settle / 2, 3), (settle * 3, 0)] {
        let mut world = Play::new(|_, _| Fate::Answered);
        let work = undone(&mut world, (0..3).map(item).collect());
        world.store.lag = lag;
        world.now += lag;
        let ending = run(&mut world, work, &quick());
        assert_eq!((ending.stats.deleted, ending.stats.undeleted), (deleted, 3 - deleted));
        for row in ending.settlements.iter().filter(|row| row.outcome.as_str() != "deleted") {
            assert_eq!((row.outcome.as_str(), row.detail.code.as_str()), ("created", "unsure"));
        }
    }
}

#[test]
fn what_is_authorised_is_deleted_before_what_authorises_it() {
    let authoriser = item(0);
    let dependent =
        Item { authorised_by: Some(authoriser.key.clone()), ..item_of("service-a", "/dependent") };
    let mut world = Play::new(|_, _| Fate::Answered);
    let work = undone(&mut world, vec![authoriser, dependent]);
    let ending = run(&mut world, work.clone(), &quick());
    assert_eq!(ending.stats.deleted, 2);
    let order: Vec<_> = world.sent.iter().map(|(_, item)| item.0).collect();
    assert_eq!(order, [1, 0]);

    let mut world = Play::new(|_, _| Fate::Refused("UnsupportedOperation.UnsupportedDeleteApi"));
    let rows = [("service-a", "/items/0"), ("service-a", "/dependent")];
    for (service, path) in rows {
        world.store.preload(service, path);
    }
    let ending = run(&mut world, work, &quick());
    assert_eq!((ending.stats.undeleted, world.sends_of(0).len()), (2, 0));
    assert!(ending.settlements[0].detail.message.contains("/dependent"));
}

#[test]
fn what_others_are_bound_to_is_deleted_once_they_are_gone() {
    // No row tells who authorises whom: both go out at once, and the first is refused.
    let mut world = Play::new(|_, _| Fate::Answered);
    let work = undone(&mut world, (0..2).map(item).collect());
    world.fate =
        Box::new(first_fate(0, Fate::Refused("UnsupportedOperation.UnsupportedDeleteApi")));
    let ending = run(&mut world, work, &quick());
    assert_eq!((ending.stats.deleted, left(&mut world)), (2, 0));
}

#[test]
fn an_interrupted_undo_leaves_rows_that_it_can_go_on_from() {
    let mut world = Play::new(|_, _| Fate::Answered);
    let work = undone(&mut world, (0..30).map(item).collect());
    world.latency = Box::new(|| secs(1.0));
    world.signals = vec![(world.now + secs(1.5), Signal::Interrupt)];
    let ending = run(&mut world, work, &quick());
    assert_eq!((ending.stats.deleted, ending.stats.undeleted), (4, 26));
    assert_eq!(ending.settlements[20].outcome.as_str(), "created");
    let intents = |fact: &&Fact| is_intent(fact) && fact.item() == Some(&ItemId(20));
    assert_eq!(world.journal.iter().filter(intents).count(), 0);
}

/// Two of ours at `/items/0` and `/items/1`, beside another's at `/other`; what rows that name
/// these ids end as, believed so far back or as a journal bears them out.
fn undone_as(ids: [&str; 2], since: Option<u64>) -> (Vec<String>, usize) {
    let mut world = Play::new(|_, _| Fate::Answered);
    world.store.preload("service-a", "/other");
    world.now = secs(1000.0);
    let mut work = undone(&mut world, (0..2).map(item).collect());
    for (assignment, id) in work.items.iter_mut().zip(ids) {
        assignment.was = Outcome::Created { id: id.to_owned() };
    }
    let since = since.map(|second| Timestamp::UNIX_EPOCH + std::time::Duration::from_secs(second));
    work.believed = since.map(|since| Believed { since, ..Believed::default() });
    let ending = run(&mut world, work, &quick());
    let told = ending.settlements.iter();
    let told = told.map(|row| format!("{} {}", row.outcome.as_str(), row.detail.code));
    (told.map(|told| told.trim_end().to_owned()).collect(), left(&mut world))
}

#[test]
fn only_the_api_that_the_row_tells_of_is_deleted() {
    let (done, not) = ("deleted", "created mismatch");
    let gone = "deleted ResourceNotFound.InvalidApi";
    for (ids, since, told, left) in [
        (["api-2", "api-3"], None, [done, done], 1),
        (["api-2", "api-3"], Some(900), [done, done], 1),
        (["api-2", "api-3"], Some(1_100), [not, not], 3),
        (["api-3", "api-2"], None, [not, not], 3),
        (["api-1", "api-3"], None, [not, done], 2),
        (["api-2", "api-9"], None, [done, gone], 2),
        (["api-2", "api-9"], Some(900), [done, not], 2),
    ] {
        assert_eq!(
            undone_as(ids, since),
            (told.map(str::to_owned).to_vec(), left),
            "{ids:?} {since:?}"
        );
    }
}
