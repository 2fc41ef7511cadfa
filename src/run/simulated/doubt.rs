//! Doubt: answers that may hide a success, and looks that decide.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::run::event::EventKind;
use crate::run::fact::{Fact, Transition};
use crate::run::outcome::Outcome;
use crate::run::simulated::stage::Play;
use crate::run::simulated::store::Fate;
use crate::run::simulated::{
    finished, first_fate, fresh, item, item_of, outcomes, quick, run, secs, step_of,
};
use crate::run::work::{
    Assignment, BaseApi, Believed, ItemId, KnownService, RunSettings, Start, Work,
};
use crate::target::{Page, Reply};

/// The settle time that users have.
fn patient() -> RunSettings {
    RunSettings { settle: secs(60.0), ..quick() }
}

/// When an item ended, since the run began.
fn ended_at(world: &Play, of: u32) -> Duration {
    let ended = |event: &&crate::run::simulated::Event| matches!(event.kind, EventKind::Settled { item, .. } if item.0 == of);
    world.events.iter().find(ended).unwrap().elapsed
}

#[test]
fn a_lost_answer_is_looked_for_before_anything_is_sent_again() {
    for (fate, outcome) in [
        (Fate::LostAfter, "found"),
        (Fate::LostBefore, "created"),
        (Fate::Late(secs(1.5)), "found"),
        (Fate::RefusedAfter("InternalError"), "found"),
        (Fate::Refused("NoSuchCodeAnywhere"), "created"),
    ] {
        let mut world = Play::new(first_fate(1, fate));
        let ending = finished(&mut world, fresh((0..3).map(item)), &quick());
        assert_eq!(outcomes(&ending), ["created", outcome, "created"], "{fate:?}");
    }
}

#[test]
fn the_journal_tells_the_way_of_an_item_through_its_doubt() {
    let mut world = Play::new(first_fate(0, Fate::LostBefore));
    finished(&mut world, fresh((0..1).map(item)), &quick());
    let told = world.journal.iter().map(|fact| match fact {
        Fact::Base { .. } => "base".to_owned(),
        Fact::Item { attempt, step, .. } => match step {
            Transition::Intent { .. } => format!("intent {attempt}"),
            Transition::Doubt(detail) => format!("doubt {attempt} {}", detail.code),
            Transition::Absent => format!("absent {attempt}"),
            Transition::Settled { outcome, .. } => format!("{} {attempt}", outcome.as_str()),
            Transition::Rejected(_) => format!("rejected {attempt}"),
        },
        other => format!("{other:?}"),
    });
    let way = ["base", "intent 1", "doubt 1 lost", "absent 1", "intent 2", "created 2", "Ended"];
    assert_eq!(told.collect::<Vec<_>>(), way);
}

#[test]
fn what_was_created_is_adopted_early_and_what_was_not_waits_for_settle() {
    let mut world = Play::new(first_fate(1, Fate::LostAfter));
    finished(&mut world, fresh((0..3).map(item)), &patient());
    let found = ended_at(&world, 1);
    assert!((secs(5.0)..secs(6.0)).contains(&found), "{found:?}");

    let mut world = Play::new(first_fate(1, Fate::Late(secs(12.0))));
    finished(&mut world, fresh((0..3).map(item)), &patient());
    let found = ended_at(&world, 1);
    assert!((secs(15.0)..secs(16.0)).contains(&found), "{found:?}");

    let mut world = Play::new(first_fate(1, Fate::LostBefore));
    finished(&mut world, fresh((0..3).map(item)), &patient());
    let [first, second] = world.sends_of(1)[..] else { panic!("sent twice") };
    assert!((secs(65.0)..secs(67.0)).contains(&(second - first)), "{first:?} {second:?}");
}

#[test]
fn under_strict_once_the_gateways_own_fence_is_waited_for() {
    let settings = RunSettings { strict_once: true, ..patient() };
    let mut world = Play::new(first_fate(0, Fate::LostBefore));
    let ending = finished(&mut world, fresh((0..2).map(item)), &settings);
    assert_eq!(outcomes(&ending), ["created", "created"]);
    let [first, second] = world.sends_of(0)[..] else { panic!("sent twice") };
    assert!(second - first >= secs(370.0));
}

#[test]
fn one_listing_serves_all_items_in_doubt() {
    let mut world =
        Play::new(|now, _| if now < secs(1.0) { Fate::LostAfter } else { Fate::Answered });
    let settings = RunSettings { concurrency: 16, ..patient() };
    let ending = finished(&mut world, fresh((0..16).map(item)), &settings);
    assert!(ending.stats.found >= 10);
    assert!(world.lists <= 5, "{} listings", world.lists);
}

#[test]
fn no_more_than_three_are_sent_and_what_is_not_there_is_given_up() {
    let mut world =
        Play::new(|_, item: ItemId| if item.0 == 1 { Fate::LostBefore } else { Fate::Answered });
    let ending = finished(&mut world, fresh((0..3).map(item)), &quick());
    assert_eq!(outcomes(&ending), ["created", "gave-up", "created"]);
    assert_eq!(ending.settlements[1].attempts, 3);
    assert_eq!(world.sends_of(1).len(), 3);
}

#[test]
fn what_may_mean_that_it_exists_is_believed_only_after_a_look() {
    const TAKEN: &str = "InvalidParameterValue.InvalidApiRequestConfig";
    // Someone else creates it between our first listing and our create.
    let mut world = Play::new(first_fate(0, Fate::TakenMeanwhile(TAKEN)));
    let ending = finished(&mut world, fresh((0..1).map(item)), &quick());
    assert_eq!(outcomes(&ending), ["exists"]);
    let mut world = Play::new(first_fate(0, Fate::Refused(TAKEN)));
    let ending = finished(&mut world, fresh((0..1).map(item)), &quick());
    assert_eq!(outcomes(&ending), ["refused"]);
}

#[test]
fn a_refusal_after_a_late_success_is_no_refusal() {
    // The first is lost and takes effect so late that a look missed it; the gateway refuses
    // the second.
    let mut world = Play::new(first_fate(0, Fate::Late(secs(3.5))));
    world.store.refuses_twins = Some("InvalidParameterValue.InvalidUrl");
    world.latency = Box::new(|| secs(1.0));
    let ending = finished(&mut world, fresh((0..1).map(item)), &quick());
    assert_eq!(outcomes(&ending), ["found"]);
}

#[test]
fn a_listing_that_lags_behind_what_is_known_proves_no_absence() {
    let mut world = Play::new(first_fate(5, Fate::LostAfter));
    world.store.lag = secs(5.0);
    let ending = finished(&mut world, fresh((0..6).map(item)), &quick());
    assert_eq!(outcomes(&ending)[5], "found");
    assert_eq!(world.sends_of(5).len(), 1);
}

#[test]
fn a_listing_that_contradicts_itself_proves_no_absence() {
    let mut world = Play::new(first_fate(1, Fate::LostBefore));
    world.list_fate = Box::new(|now| {
        (now > secs(0.5)).then(|| Reply::Ok(Page { total: Some(9), ..Page::default() }))
    });
    let ending = run(&mut world, fresh((0..3).map(item)), &quick());
    assert_eq!(outcomes(&ending), ["created", "unconfirmed", "created"]);
    assert_eq!(world.sends_of(1).len(), 1);
    assert_eq!(ending.settlements[1].detail.code, "unsure");
}

#[test]
fn one_page_with_a_wrong_total_only_delays_the_conclusion() {
    let mut world = Play::new(first_fate(1, Fate::LostBefore));
    let mut lies = 2;
    world.list_fate = Box::new(move |now| {
        (now > secs(0.5) && lies > 0).then(|| {
            lies -= 1;
            Reply::Ok(Page { total: Some(9), ..Page::default() })
        })
    });
    let ending = finished(&mut world, fresh((0..3).map(item)), &quick());
    assert_eq!(outcomes(&ending), ["created", "created", "created"]);
}

#[test]
fn what_the_first_listing_shows_illegibly_is_read_again_before_anything_is_sent() {
    let mut world = Play::new(|_, _| Fate::Answered);
    world.store.preload("service-a", "/items/0");
    let mut illegible = 1;
    world.list_fate = Box::new(move |_| {
        let page = Page { total: Some(1), incomplete: 1, apis: vec![] };
        (std::mem::replace(&mut illegible, 0) > 0).then_some(Reply::Ok(page))
    });
    let ending = run(&mut world, fresh((0..1).map(item)), &quick());
    assert_eq!((outcomes(&ending), world.sent.len()), (vec!["exists"], 0));
}

#[test]
fn an_illegible_entry_proves_no_absence() {
    let mut world = Play::new(first_fate(0, Fate::LostBefore));
    world.list_fate = Box::new(|now| {
        (now > secs(0.5)).then(|| Reply::Ok(Page { total: Some(1), incomplete: 1, apis: vec![] }))
    });
    let ending = run(&mut world, fresh((0..1).map(item)), &quick());
    assert_eq!(outcomes(&ending), ["unconfirmed"]);
}

#[test]
fn a_service_of_many_pages_is_listed_whole_while_creates_go_on() {
    for newest_first in [false, true] {
        let mut lost = BTreeSet::new();
        let mut world = Play::new(move |_, item: ItemId| match item.0 {
            n if n % 60 == 7 && lost.insert(n) => Fate::LostBefore,
            _ => Fate::Answered,
        });
        world.store.newest_first = newest_first;
        let settings = RunSettings { rate: 18.0, rate_limit: 20, quota: 2000, ..quick() };
        for n in 0..150 {
            world.store.preload("service-a", &format!("/old/{n}"));
        }
        let ending = finished(&mut world, fresh((0..400).map(item)), &settings);
        assert_eq!(ending.stats.created, 400, "newest first: {newest_first}");
    }
}

#[test]
fn what_is_only_like_it_is_shown_and_not_adopted() {
    let mut world =
        Play::new(first_fate(0, Fate::Misfiled { path: "/ITEMS/{other}/", answered: false }));
    let path = "/items/{id}";
    let ending = run(&mut world, fresh([item_of("service-a", path)]), &quick());
    assert_eq!(outcomes(&ending), ["unconfirmed"]);
    let detail = &ending.settlements[0].detail;
    assert_eq!(detail.code, "alike");
    assert!(detail.message.contains("/ITEMS/{other}/"), "{}", detail.message);
    assert_eq!(world.sent.len(), 1);
}

#[test]
fn a_neighbour_of_the_plan_is_not_taken_for_something_like_it() {
    let mut world = Play::new(first_fate(1, Fate::LostBefore));
    let items = ["/items", "/items/"].map(|path| item_of("service-a", path));
    let ending = finished(&mut world, fresh(items), &quick());
    assert_eq!(outcomes(&ending), ["created", "created"]);
}

/// Every other page from then on is this one.
fn every_other(page: Page) -> impl FnMut(Duration) -> Option<Reply<Page>> {
    let mut pages = 0;
    move |now| {
        pages += u32::from(now > secs(0.5));
        (pages % 2 == 1).then(|| Reply::Ok(page.clone()))
    }
}

#[test]
fn one_sound_listing_between_unsound_ones_proves_no_absence() {
    let mut world = Play::new(first_fate(0, Fate::LostBefore));
    world.list_fate = Box::new(every_other(Page { total: Some(1), ..Page::default() }));
    let ending = run(&mut world, fresh((0..1).map(item)), &quick());
    assert_eq!(outcomes(&ending), ["unconfirmed"]);
}

#[test]
fn listings_that_each_hold_together_but_differ_prove_no_absence() {
    let mut world = Play::new(first_fate(0, Fate::LostBefore));
    world.store.preload("service-a", "/other");
    world.list_fate = Box::new(every_other(Page { total: Some(0), ..Page::default() }));
    let ending = run(&mut world, fresh((0..1).map(item)), &quick());
    assert_eq!(outcomes(&ending), ["unconfirmed"]);
}

#[test]
fn listings_of_a_service_keep_their_distance() {
    let mut world = Play::new(|now: Duration, _| match now.as_millis() {
        ..4000 if now.as_millis() % 400 < 60 => Fate::LostBefore,
        _ => Fate::Answered,
    });
    let settings = RunSettings { rate: 18.0, rate_limit: 20, ..patient() };
    finished(&mut world, fresh((0..120).map(item)), &settings);
    let gaps: Vec<_> = world.passes.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // The last one, at the end, decides no absence.
    assert!(gaps.len() > 3);
    assert!(gaps[..gaps.len() - 1].iter().all(|gap| *gap >= secs(5.0)), "{gaps:?}");
}

#[test]
fn what_was_there_before_us_is_never_adopted_although_a_listing_did_not_show_it_at_first() {
    let mut world = Play::new(first_fate(0, Fate::LostBefore));
    let theirs = world.store.preload("service-a", "/items/0");
    world.store.blind_pages = 1;
    let base = BaseApi { api_id: theirs, path: "/items/0".to_owned(), method: "GET".to_owned() };
    let known = KnownService {
        service: "service-a".to_owned(),
        base: Some(vec![base]),
        released: None,
        releasing: None,
    };
    let work = Work { services: vec![known], ..fresh((0..1).map(item)) };
    let ending = finished(&mut world, work, &quick());
    assert_eq!(outcomes(&ending), ["exists"]);
    assert_eq!(world.sent.len(), 1);
}

#[test]
fn of_two_answers_with_one_id_the_listing_says_whose_it_is() {
    // The first item is told the id that the third one's API will have.
    let mut world = Play::new(first_fate(0, Fate::AnsweredAs("api-3")));
    let ending = finished(&mut world, fresh((0..3).map(item)), &quick());
    assert_eq!(outcomes(&ending), ["found", "created", "found"]);
}

#[test]
fn what_another_item_was_told_it_created_is_not_adopted() {
    // A gateway that drops trailing slashes shows both items under one path.
    let mut fates = [Fate::Misfiled { path: "/x", answered: true }, Fate::LostBefore].into_iter();
    let mut world = Play::new(move |_, _| fates.next().unwrap_or(Fate::Answered));
    let items = ["/x/", "/x"].map(|path| item_of("service-a", path));
    let ending = run(&mut world, fresh(items), &quick());
    assert_eq!(outcomes(&ending), ["created", "created"]);
    assert_eq!(world.store.standing(world.now).len(), 2);
}

#[test]
fn an_answer_with_another_items_id_tells_nothing() {
    let mut world = Play::new(first_fate(1, Fate::AnsweredAs("api-1")));
    let ending = finished(&mut world, fresh((0..3).map(item)), &quick());
    assert_eq!(outcomes(&ending), ["created", "found", "created"]);
}

#[test]
fn an_answer_that_names_the_api_of_an_item_in_doubt_does_not_hide_it() {
    // The first is answered with the id of the second, whose own answer is lost.
    let fate = |_, item: ItemId| match item {
        ItemId(0) => Fate::AnsweredAs("api-2"),
        _ => Fate::LostAfter,
    };
    let mut world = Play::new(fate);
    let ending = run(&mut world, fresh(vec![item(0), item(1)]), &quick());
    let found = |id: &str| Outcome::Found { id: id.to_owned() };
    let outcomes: Vec<_> = ending.settlements.into_iter().map(|row| row.outcome).collect();
    assert_eq!(outcomes, [found("api-1"), found("api-2")]);
    assert_eq!((world.sends_of(0).len(), world.sends_of(1).len()), (1, 1));
}

fn left_in_doubt(attempts: u32, sent_at: Option<Duration>, base: bool) -> Work {
    let sent_at = sent_at.map(|at| jiff::Timestamp::UNIX_EPOCH + at);
    let start = Start::Look { attempts, sent_at };
    let known = KnownService {
        service: "service-a".to_owned(),
        base: Some(Vec::new()),
        released: None,
        releasing: None,
    };
    Work {
        items: vec![Assignment::create(item(0).into(), start)],
        services: if base { vec![known] } else { Vec::new() },
        ..Work::default()
    }
}

#[test]
fn a_resumed_doubt_waits_from_the_earlier_send_on() {
    for (sent_at, waits) in [(Some(40.0), 41.0), (None, 60.0), (Some(1e6), 60.0)] {
        let mut world = Play::new(|_, _| Fate::Answered);
        world.now = secs(60.0);
        let work = left_in_doubt(1, sent_at.map(secs), true);
        let ending = finished(&mut world, work, &patient());
        assert_eq!(outcomes(&ending), ["created"]);
        let waited = world.sent[0].0 - secs(60.0);
        assert!((secs(waits + 5.0)..secs(waits + 6.0)).contains(&waited), "{waited:?}");
        assert_eq!(ending.settlements[0].attempts, 2);
    }
}

#[test]
fn what_a_resumed_run_finds_is_ours_only_if_the_report_can_tell() {
    for (attempts, base, outcome) in
        [(1, true, "found"), (0, true, "found"), (1, false, "found"), (0, false, "exists")]
    {
        let mut world = Play::new(|_, _| Fate::Answered);
        world.store.preload("service-a", "/items/0");
        let ending = run(&mut world, left_in_doubt(attempts, None, base), &patient());
        assert_eq!(outcomes(&ending), [outcome], "{attempts} {base}");
        assert!(world.sent.is_empty());
    }
}

#[test]
fn what_was_made_and_is_gone_is_made_again_after_a_look_and_what_stands_is_left() {
    let mut world = Play::new(|_, _| Fate::Answered);
    let stands = world.store.preload("service-a", "/items/0");
    let made = |id: &str| Outcome::Created { id: id.to_owned() };
    let again = |n, was| {
        let start = Start::Look { attempts: 1, sent_at: None };
        Assignment { was, ..Assignment::create(item(n).into(), start) }
    };
    let known = KnownService {
        service: "service-a".to_owned(),
        base: Some(Vec::new()),
        ..KnownService::default()
    };
    let items = vec![again(0, made(&stands)), again(1, made("api-9"))];
    let work = Work { items, services: vec![known], ..Work::default() };
    let ending = run(&mut world, work, &patient());
    assert_eq!(outcomes(&ending), ["created", "created"]);
    assert_eq!(ending.settlements[0].outcome, made(&stands));
    assert_eq!((world.sends_of(0).len(), world.sends_of(1).len()), (0, 1));
    assert!(world.sends_of(1)[0] >= secs(60.0), "{:?}", world.sent);
    let of_the_first = |fact: &&Fact| fact.item() == Some(&ItemId(0));
    assert_eq!(world.journal.iter().filter(of_the_first).count(), 0, "its row stays as it is");
}

/// `/items/0` to `/items/2`, which came about at these seconds, and a row of each: the first
/// says that we made it, the others nothing. What each ends as.
fn told_apart_by_age(seconds: [u64; 3]) -> Vec<String> {
    let mut world = Play::new(|_, _| Fate::Answered);
    for (n, second) in seconds.into_iter().enumerate() {
        let id = world.store.preload("service-a", &format!("/items/{n}"));
        let api = world.store.apis.iter_mut().find(|api| api.id == id).unwrap();
        api.created = Duration::from_secs(second);
    }
    world.now = secs(5_000.0);
    let was = Outcome::Created { id: "api-1".to_owned() };
    let look = |n| Assignment::create(item(n).into(), Start::Look { attempts: 0, sent_at: None });
    let items = vec![Assignment::keep(item(0).into(), was, 1), look(1), look(2)];
    let since = jiff::Timestamp::UNIX_EPOCH + Duration::from_secs(900);
    let believed = Some(Believed { since, made: ["api-1".to_owned()].into() });
    let ending = run(&mut world, Work { items, believed, ..Work::default() }, &patient());
    let told = ending.settlements.iter();
    let told = told.map(|row| format!("{} {}", row.outcome.as_str(), row.detail.code));
    told.map(|told| told.trim_end().to_owned()).collect()
}

#[test]
fn without_a_journal_what_came_after_the_first_of_ours_is_ours() {
    assert_eq!(told_apart_by_age([1_000, 1_001, 800]), ["created", "found", "exists"]);
    assert_eq!(
        told_apart_by_age([1_000, 1_000, 950]),
        ["created", "exists unsure", "exists unsure"]
    );
    // The row itself tells of an API that is older than anything that we made.
    assert_eq!(told_apart_by_age([800, 1_001, 800]), ["exists", "exists unsure", "exists"]);
}

#[test]
fn what_a_lost_report_created_is_not_part_of_the_base() {
    let mut world = Play::new(|_, _| Fate::Answered);
    let ours = world.store.preload("service-a", "/items/0");
    let theirs = world.store.preload("service-a", "/other");
    run(&mut world, left_in_doubt(1, None, false), &patient());
    let base = world.journal.iter().find_map(|fact| match fact {
        Fact::Base { apis, .. } => {
            Some(apis.iter().map(|api| api.api_id.clone()).collect::<Vec<_>>())
        }
        _ => None,
    });
    assert_eq!(base, Some(vec![theirs]));
    let Some((_, Transition::Settled { outcome, .. })) = step_of(&world.journal[1]) else {
        panic!("{:?}", world.journal)
    };
    assert_eq!(*outcome, Outcome::Found { id: ours });
}
