//! A gateway and a journal in memory, under a clock that a test moves: whole runs, with
//! every loss, delay and crash, played against the real engine in microseconds.
//!
//! Safeties are taken out where the run meets the world (a client that calls a lost answer
//! unsent, a disk that forgets, a listing that shows nothing), so that what is tested is
//! always the code that runs in earnest.

#![expect(clippy::unchecked_time_subtraction, reason = "simulated time only grows")]

mod closing;
mod doubt;
mod pacing;
mod seeds;
mod sending;
mod stage;
mod stopping;
mod store;
mod undoing;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Map;

use crate::plan::{Digest, Item, ItemKey, Origin};
use crate::run::backoff::Jitter;
use crate::run::event::Event;
use crate::run::fact::{Fact, Transition};
use crate::run::outcome::{Outcome, Settlement};
use crate::run::work::{Assignment, BaseApi, ItemId, KnownService, RunSettings, Start, Work};
use crate::run::world::Ending;
use crate::target::tencent::body::Body;

use stage::{Play, play};

pub(crate) use store::{Fate, Store};

/// Settings under which a run of a few items takes a few seconds of virtual time.
pub(crate) fn quick() -> RunSettings {
    RunSettings {
        rate: 1000.0,
        rate_limit: 1000,
        concurrency: 4,
        settle: Duration::from_secs(2),
        attempts: 3,
        strict_once: false,
        signature_lifetime: Duration::from_secs(300),
        max_failures: 50,
        quota: 1000,
        seed: 1,
    }
}

pub(crate) fn secs(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// Plays a run to its end.
pub(crate) fn run(world: &mut Play, work: Work, settings: &RunSettings) -> Ending {
    play(world, work, settings, None).unwrap()
}

/// Plays a run that ends by itself, and whose rows are true.
pub(crate) fn finished(world: &mut Play, work: Work, settings: &RunSettings) -> Ending {
    let items = work.items.clone();
    let ending = run(world, work, settings);
    assert_eq!(ending.stop, None);
    assert_eq!(falsehoods(world, &items, &ending.settlements), Vec::<String>::new());
    ending
}

pub(crate) fn outcomes(ending: &Ending) -> Vec<&'static str> {
    ending.settlements.iter().map(|row| row.outcome.as_str()).collect()
}

/// This fate for the first send of one item; all else is answered.
pub(crate) fn first_fate(of: u32, fate: Fate) -> impl FnMut(Duration, ItemId) -> Fate {
    let mut first = true;
    move |_, item| if item.0 == of && std::mem::take(&mut first) { fate } else { Fate::Answered }
}

/// The `n`th item of a plan for one service.
pub(crate) fn item(n: usize) -> Item {
    item_of("service-a", &format!("/items/{n}"))
}

pub(crate) fn item_of(service: &str, path: &str) -> Item {
    let config = serde_json::json!({"Path": path, "Method": "GET"});
    let request = Body::of(&mut Map::from_iter([("RequestConfig".to_owned(), config)]).into());
    Item {
        key: ItemKey {
            service: service.to_owned(),
            method: "GET".to_owned(),
            path: path.to_owned(),
        },
        api_name: path.to_owned(),
        digest: Digest::of(format!("{service} {path}").as_bytes()),
        request,
        origin: Origin {
            source: "test.yaml".into(),
            line: 1,
            column: 1,
            pointer: "/paths".into(),
            operation_id: None,
        },
        findings: Vec::new(),
        authorised_by: None,
    }
}

/// Work that sends these items for the first time.
pub(crate) fn fresh(items: impl IntoIterator<Item = Item>) -> Work {
    let items = items.into_iter();
    let send = |item| Assignment::create(Arc::new(item), Start::Send { attempts: 0 });
    Work { items: items.map(send).collect(), ..Work::default() }
}

/// What a later run makes of the facts of earlier ones: the rules of a resume, as short as
/// they can be said.
pub(crate) fn resumed(work: &Work, journal: &[Fact]) -> Work {
    let mut bases: BTreeMap<String, Vec<BaseApi>> = BTreeMap::new();
    let mut items = work.items.clone();
    for fact in journal {
        match fact {
            Fact::Base { service, apis, .. } => {
                bases.insert(service.clone(), apis.clone());
            }
            Fact::Item { item, attempt, at, step, .. } => {
                let before = &mut items[item.0 as usize];
                *before = after(before, *attempt, *at, step);
            }
            Fact::Service { .. } | Fact::Released { .. } | Fact::Stopped { .. } | Fact::Ended => {}
        }
    }
    let services = bases.into_iter().map(|(service, base)| KnownService {
        service,
        base: Some(base),
        released: None,
        releasing: None,
    });
    Work { items, services: services.collect(), ..Work::default() }
}

fn after(before: &Assignment, attempts: u32, at: Timestamp, step: &Transition) -> Assignment {
    let create = |start| Assignment::create(Arc::clone(&before.item), start);
    match step {
        Transition::Intent { .. } => create(Start::Look { attempts, sent_at: Some(at) }),
        Transition::Rejected(_) => create(Start::Send { attempts: attempts - 1 }),
        Transition::Doubt(_) => before.clone(),
        Transition::Absent | Transition::Settled { outcome: Outcome::NotSent, .. } => {
            create(Start::Send { attempts })
        }
        Transition::Settled { outcome: Outcome::Unconfirmed, .. } => {
            let sent_at = match before.start {
                Start::Look { sent_at, .. } => sent_at,
                Start::Send { .. } | Start::Keep { .. } => None,
            };
            create(Start::Look { attempts, sent_at })
        }
        Transition::Settled { outcome, .. } => {
            Assignment::keep(Arc::clone(&before.item), outcome.clone(), attempts)
        }
    }
}

/// What a fact says of an item, where it is of one.
pub(crate) fn step_of(fact: &Fact) -> Option<(ItemId, &Transition)> {
    match fact {
        Fact::Item { item, step, .. } => Some((*item, step)),
        _ => None,
    }
}

/// Whether a fact is the intent of an item.
pub(crate) fn is_intent(fact: &Fact) -> bool {
    matches!(fact, Fact::Item { step: Transition::Intent { .. }, .. })
}

/// The rows that are not true at the end of a run that ended by itself, and the APIs that
/// no row tells of; late creates count.
pub(crate) fn falsehoods(
    world: &mut Play,
    items: &[Assignment],
    rows: &[Settlement],
) -> Vec<String> {
    let ours = world.store.ours(world.now + secs(3600.0));
    let foreign = world.store.foreign();
    let mut false_rows = Vec::new();
    for (assignment, row) in items.iter().zip(rows) {
        let key = &assignment.item.key;
        let made = ours.get(&(key.service.clone(), key.path.clone())).cloned();
        let made = made.unwrap_or_default();
        let holds = match &row.outcome {
            Outcome::Created { id } | Outcome::Found { id } => made == [id.clone()],
            Outcome::Exists { id } => made.is_empty() && foreign.contains(id),
            Outcome::Refused { .. } | Outcome::GaveUp { .. } | Outcome::NotSent => made.is_empty(),
            Outcome::Duplicate { ids } => made.len() > 1 && ids.len() == made.len(),
            _ => false,
        };
        if !holds {
            false_rows.push(format!("{} {:?}, made {made:?}", key.path, row.outcome));
        }
    }
    false_rows
}

/// How many keys have more than one API of ours.
pub(crate) fn doubles(world: &mut Play) -> usize {
    let ours = world.store.ours(world.now + secs(3600.0));
    ours.values().filter(|ids| ids.len() > 1).count()
}

/// Where choices come from: a seed, or all of them in turn.
pub(crate) trait Chooser {
    /// A number below `options`.
    fn choose(&mut self, options: usize) -> usize;
}

impl Chooser for Jitter {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "small numbers"
    )]
    fn choose(&mut self, options: usize) -> usize {
        (self.next() * options as f64) as usize
    }
}

/// Walks through every sequence of choices, the last choice first.
#[derive(Debug, Default)]
pub(crate) struct Every {
    path: Vec<(usize, usize)>,
    depth: usize,
}

impl Every {
    /// Goes to the next sequence; whether there is one.
    pub(crate) fn advance(&mut self) -> bool {
        self.depth = 0;
        while let Some((choice, options)) = self.path.pop() {
            if choice + 1 < options {
                self.path.push((choice + 1, options));
                return true;
            }
        }
        false
    }
}

impl Chooser for Every {
    fn choose(&mut self, options: usize) -> usize {
        if self.depth == self.path.len() {
            self.path.push((0, options));
        }
        self.depth += 1;
        self.path[self.depth - 1].0
    }
}
