//! Whole runs and what must hold of them.

use super::stage::{Play, play};
use super::store::Fate;
use super::{falsehoods, fresh, item, quick, secs};
use crate::run::{Ending, Fact, Work};

fn outcomes(ending: &Ending) -> Vec<&'static str> {
    ending.settlements.iter().map(|settlement| settlement.outcome.as_str()).collect()
}

fn finished(world: &mut Play, work: Work) -> Ending {
    let again = Work { items: work.items.clone(), services: work.services.clone() };
    let ending = play(world, work, &quick(), None).unwrap();
    assert_eq!(ending.stop, None);
    assert_eq!(falsehoods(world, &again, &ending.settlements), Vec::<String>::new());
    ending
}

#[test]
fn every_item_is_created_once_and_said_so() {
    let mut world = Play::new(|_| Fate::Answered);
    let ending = finished(&mut world, fresh((0..30).map(item)));
    assert_eq!(ending.stats.created, 30);
    assert!(world.journal.ends_with(&[Fact::Ended]));
    assert_eq!(ending.settlements[3].attempts, 1);
}

#[test]
fn what_stood_before_us_exists_and_is_not_sent() {
    let mut world = Play::new(|_| Fate::Answered);
    world.store.preload("service-a", "/items/1");
    let ending = finished(&mut world, fresh((0..3).map(item)));
    assert_eq!(outcomes(&ending), ["created", "exists", "created"]);
}

#[test]
fn a_lost_answer_is_looked_for_before_anything_is_sent_again() {
    for (fate, outcome) in [
        (Fate::LostAfter, "found"),
        (Fate::LostBefore, "created"),
        (Fate::Late(secs(1.5)), "found"),
    ] {
        let mut first = true;
        let mut world = Play::new(|item| match item.0 {
            1 if std::mem::take(&mut first) => fate,
            _ => Fate::Answered,
        });
        let ending = finished(&mut world, fresh((0..3).map(item)));
        assert_eq!(outcomes(&ending), ["created", outcome, "created"]);
    }
}
