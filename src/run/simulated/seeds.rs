//! Runs by seed: every loss, every delay, kills and power cuts, a lagging listing. And the
//! same with one safety taken out, which has to be seen to double: a simulation that cannot
//! fail proves nothing.

use crate::run::backoff::Jitter;
use crate::run::simulated::stage::{Play, play};
use crate::run::simulated::store::Fate;
use crate::run::simulated::{
    Chooser, Every, doubles, falsehoods, fresh, item, quick, resumed, secs,
};
use crate::run::work::{RunSettings, Work};

/// Items of one run.
const ITEMS: usize = 12;

/// What is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Without {
    Nothing,
    /// A look comes at once.
    Settle,
    /// A lost answer is taken for a request that was never sent.
    Look,
    /// What was said to be safe on disk is not.
    Sync,
    /// The listing before the first create shows nothing.
    Base,
}

#[derive(Debug, Default)]
struct Told {
    doubled: usize,
    false_rows: Vec<String>,
}

fn run_of_seed(seed: u64, without: Without) -> Told {
    let mut chooser = Jitter::new(seed);
    let work = fresh((0..ITEMS).map(item));
    let mut world = world_of_seed(seed, &mut chooser, without);
    let mut settings = RunSettings { seed, ..quick() };
    if without == Without::Settle {
        settings.settle = secs(0.0);
    }
    for _ in 0..chooser.choose(5) {
        let cut = Some(chooser.choose(150));
        let again = next_run(&work, &mut world, without);
        if play(&mut world, again, &settings, cut).is_some() {
            break;
        }
        power_cut(&mut world, &mut chooser, without);
    }
    let again = next_run(&work, &mut world, without);
    let ending = play(&mut world, again, &settings, None).unwrap();
    assert_eq!(ending.stop, None, "seed {seed}");
    let false_rows = falsehoods(&mut world, &work.items, &ending.settlements);
    Told { doubled: doubles(&mut world), false_rows }
}

fn world_of_seed(seed: u64, chooser: &mut Jitter, without: Without) -> Play<'static> {
    let mut fates = Jitter::new(seed + 1_000_000);
    let mut latencies = Jitter::new(seed + 2_000_000);
    let mut world = Play::new(move |_, _| mixed(&mut fates));
    world.latency = Box::new(move || secs(0.3 * latencies.next()));
    world.blind_retry = without == Without::Look;
    world.store.lag = secs(0.2 * chooser.next());
    world.store.newest_first = chooser.choose(2) == 0;
    world.store.preload("service-a", "/items/3");
    if chooser.choose(2) == 0 {
        world.store.refuses_twins = Some("InvalidParameterValue.InvalidApiRequestConfig");
    }
    world
}

fn next_run(work: &Work, world: &mut Play, without: Without) -> Work {
    if without == Without::Base {
        world.store.blind_pages = 1;
    }
    resumed(work, &world.journal)
}

/// What was not yet safe may be gone; time goes on.
fn power_cut(world: &mut Play, chooser: &mut Jitter, without: Without) {
    let safe = if without == Without::Sync { 0 } else { world.synced };
    let kept = safe + chooser.choose(world.journal.len() - safe + 1);
    world.journal.truncate(kept);
    world.synced = world.synced.min(kept);
    world.now += secs(3.0 * chooser.next());
}

fn mixed(chooser: &mut Jitter) -> Fate {
    match chooser.choose(40) {
        0 | 1 => Fate::LostBefore,
        2 | 3 => Fate::LostAfter,
        4 => Fate::Late(secs(1.4 * chooser.next())),
        5 => Fate::Refused("RequestLimitExceeded"),
        6 => Fate::Unsent,
        7 => Fate::RefusedAfter("InternalError"),
        8 => Fate::Refused("InternalError.ApigwException"),
        9 => Fate::Refused("FailedOperation.ServiceInOperation"),
        _ => Fate::Answered,
    }
}

#[test]
fn no_seed_doubles_loses_or_belies_an_api() {
    for seed in 0..1000 {
        let told = run_of_seed(seed, Without::Nothing);
        assert_eq!(told.doubled, 0, "seed {seed}");
        assert_eq!(told.false_rows, Vec::<String>::new(), "seed {seed}");
    }
}

#[test]
fn each_safety_is_missed_when_it_is_taken_out() {
    for without in [Without::Settle, Without::Look, Without::Sync, Without::Base] {
        let told: Vec<_> = (0..400).map(|seed| run_of_seed(seed, without)).collect();
        let doubled: usize = told.iter().map(|told| told.doubled).sum();
        let belied: usize = told.iter().map(|told| told.false_rows.len()).sum();
        let missed = if without == Without::Base { belied } else { doubled };
        assert!(missed > 0, "without {without:?}: {doubled} doubled, {belied} false rows");
    }
}

/// Two items, every pair of fates for the first two sends, and a kill before any input of
/// the first run, with all or nothing of the unsafe facts gone.
#[test]
fn no_order_of_two_losses_and_a_kill_doubles_or_belies() {
    let mut every = Every::default();
    loop {
        let mut world = Play::new(|_, _| Fate::Answered);
        let fates = [few(&mut every), few(&mut every)];
        let mut sends = 0;
        world.fate = Box::new(move |_, _| {
            sends += 1;
            fates.get(sends - 1).copied().unwrap_or(Fate::Answered)
        });
        let work = fresh((0..2).map(item));
        let cut = Some(every.choose(40));
        let settings = quick();
        if play(&mut world, resumed(&work, &[]), &settings, cut).is_none() {
            if every.choose(2) == 0 {
                world.journal.truncate(world.synced);
            }
            let again = resumed(&work, &world.journal);
            let ending = play(&mut world, again, &settings, None).unwrap();
            let belied = falsehoods(&mut world, &work.items, &ending.settlements);
            assert_eq!(belied, Vec::<String>::new(), "{fates:?}, killed at {cut:?}");
        }
        if !every.advance() {
            return;
        }
    }
}

fn few(every: &mut Every) -> Fate {
    let fates = [
        Fate::Answered,
        Fate::LostBefore,
        Fate::LostAfter,
        Fate::Late(secs(1.9)),
        Fate::Refused("RequestLimitExceeded"),
        Fate::RefusedAfter("InternalError"),
        Fate::Unsent,
    ];
    fates[every.choose(fates.len())]
}
