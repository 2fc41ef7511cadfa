//! Plays one run: the engine's effects against the store, under a clock of its own.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::run::engine::{Effect, Engine, FRESH, Input, Now};
use crate::run::event::Event;
use crate::run::fact::Fact;
use crate::run::simulated::is_intent;
use crate::run::simulated::store::{Fate, Store};
use crate::run::work::{ItemId, RunSettings, Signal, Work};
use crate::run::world::Ending;
use crate::target::{Created, Page, Reply};

/// When a run is killed: before it takes in this many inputs.
pub(crate) type Cut = Option<usize>;

/// A world to play in. It outlives runs: time goes on, and so does what the gateway holds.
pub(crate) struct Play<'a> {
    pub(crate) store: Store,
    pub(crate) now: Duration,
    /// What is on disk, and how much of it would outlive a power cut.
    pub(crate) journal: Vec<Fact>,
    pub(crate) synced: usize,
    pub(crate) events: Vec<Event>,
    /// What becomes of each create or delete, by the time at which it arrives.
    pub(crate) fate: Box<dyn FnMut(Duration, ItemId) -> Fate + 'a>,
    /// What becomes of each listing, by the time; `None`: answered.
    pub(crate) list_fate: Box<dyn FnMut(Duration) -> Option<Reply<Page>> + 'a>,
    /// How long one call takes.
    pub(crate) latency: Box<dyn FnMut() -> Duration + 'a>,
    /// Signals and when they come, soonest last.
    pub(crate) signals: Vec<(Duration, Signal)>,
    /// The facts that can be kept before the disk fails.
    pub(crate) room: usize,
    /// When the machine sleeps and for how long: only the wall clock goes on.
    pub(crate) sleep: Option<(Duration, Duration)>,
    /// A client that calls a lost answer unsent: blind retry.
    pub(crate) blind_retry: bool,
    /// Whether reading the credentials again brings new ones.
    pub(crate) renews: bool,
    pub(crate) lists: usize,
    /// When each listing began.
    pub(crate) passes: Vec<Duration>,
    pub(crate) sent: Vec<(Duration, ItemId)>,
    pub(crate) bodies: BTreeMap<ItemId, String>,
    pub(crate) probes: Vec<Duration>,
    pub(crate) reloads: usize,
    pub(crate) most_flying: usize,
}

impl<'a> Play<'a> {
    pub(crate) fn new(fate: impl FnMut(Duration, ItemId) -> Fate + 'a) -> Self {
        Self {
            store: Store::default(),
            now: Duration::ZERO,
            journal: Vec::new(),
            synced: 0,
            events: Vec::new(),
            fate: Box::new(fate),
            list_fate: Box::new(|_| None),
            latency: Box::new(|| Duration::from_millis(20)),
            signals: Vec::new(),
            room: usize::MAX,
            sleep: None,
            blind_retry: false,
            renews: false,
            lists: 0,
            passes: Vec::new(),
            sent: Vec::new(),
            bodies: BTreeMap::new(),
            probes: Vec::new(),
            reloads: 0,
            most_flying: 0,
        }
    }

    /// When this item was sent.
    pub(crate) fn sends_of(&self, of: u32) -> Vec<Duration> {
        self.sent.iter().filter(|(_, item)| item.0 == of).map(|(at, _)| *at).collect()
    }

    fn wall(&self) -> Timestamp {
        let slept = self.sleep.filter(|(at, _)| self.now >= *at).map(|(_, length)| length);
        Timestamp::UNIX_EPOCH + self.now + slept.unwrap_or_default()
    }
}

/// Plays a run to its end, or to its cut.
pub(crate) fn play(
    play: &mut Play,
    work: Work,
    settings: &RunSettings,
    cut: Cut,
) -> Option<Ending> {
    let began = play.now;
    let now = |play: &Play| Now { elapsed: play.now.saturating_sub(began), wall: play.wall() };
    let mut engine = Engine::new(work, settings, now(play));
    let mut queue = Queue { kept_before: play.journal.len(), ..Queue::default() };
    play.synced = play.journal.len();
    let mut input = Input::Time;
    for inputs in 0.. {
        assert!(inputs < 2_000_000, "the run does not end");
        if cut == Some(inputs) {
            return None;
        }
        for effect in engine.handle(now(play), input) {
            play.act(effect, &mut queue);
        }
        play.most_flying = play.most_flying.max(queue.flying);
        if engine.is_over() {
            return Some(engine.ending());
        }
        input = play.next(&mut queue, began + engine.wake());
    }
    None
}

#[derive(Default)]
struct Queue {
    inputs: BTreeMap<(Duration, u64), Input>,
    order: u64,
    flying: usize,
    facts: u64,
    /// Facts of earlier runs.
    kept_before: usize,
}

impl Queue {
    fn push(&mut self, at: Duration, input: Input) {
        self.order += 1;
        self.inputs.insert((at, self.order), input);
    }
}

impl Play<'_> {
    fn act(&mut self, effect: Effect, queue: &mut Queue) {
        match effect {
            Effect::State(fact) => self.write(fact, queue),
            Effect::Tell(event) => self.events.push(event),
            Effect::Create { item, body } => {
                let fate = self.send(item, queue);
                let reply = self.store.create(self.now, &body, fate);
                self.bodies.insert(item, body);
                let reply = self.seen(reply);
                queue.push(self.back(), Input::Replied { item, reply });
            }
            Effect::Delete { item, api_id, .. } => {
                let fate = self.send(item, queue);
                let reply = self.store.delete(self.now, &api_id, fate);
                let reply = self.seen(reply);
                queue.push(self.back(), Input::Replied { item, reply });
            }
            Effect::List { service, name, offset, limit } => {
                self.lists += 1;
                if offset == 0 {
                    self.passes.push(self.now);
                }
                let held = self.store.list(self.now, &name, offset, limit);
                let reply = (self.list_fate)(self.now).unwrap_or(held);
                queue.push(self.back(), Input::Listed { service, reply });
            }
            Effect::Probe { name } => {
                self.probes.push(self.now);
                let held = self.store.list(self.now, &name, 0, 1);
                let reply = (self.list_fate)(self.now).unwrap_or(held);
                queue.push(self.back(), Input::Probed { reply });
            }
            Effect::Reload => {
                self.reloads += 1;
                queue.push(self.back(), Input::Reloaded(self.renews));
            }
        }
    }

    /// When a call that goes out now comes back.
    fn back(&mut self) -> Duration {
        self.now + (self.latency)()
    }

    fn send(&mut self, item: ItemId, queue: &mut Queue) -> Fate {
        self.sent.push((self.now, item));
        queue.flying += 1;
        self.assert_intent_is_safe(item);
        (self.fate)(self.now, item)
    }

    /// Every request that leaves has an intent that would outlive a power cut, and that is
    /// no more than a second old.
    fn assert_intent_is_safe(&self, sent: ItemId) {
        let mut intents = self.journal[..self.synced].iter().rev();
        let of_item = intents.find_map(|fact| match fact {
            Fact::Item { item, at, .. } if *item == sent && is_intent(fact) => Some(*at),
            _ => None,
        });
        let stated = of_item.expect("no intent on disk");
        assert!(self.wall().duration_since(stated) <= FRESH.try_into().unwrap());
    }

    fn seen(&self, reply: Reply<Option<Created>>) -> Reply<Option<Created>> {
        match reply {
            Reply::Lost(why) if self.blind_retry => Reply::NotSent(why),
            reply => reply,
        }
    }

    fn write(&mut self, fact: Fact, queue: &mut Queue) {
        if self.journal.len() >= self.room {
            let lost = crate::run::fact::WitnessLost("disk full".to_owned());
            return queue.push(self.now, Input::JournalLost(lost));
        }
        self.journal.push(fact);
        queue.facts += 1;
        queue.push(self.now + Duration::from_millis(2), Input::Kept(queue.facts));
    }

    fn next(&mut self, queue: &mut Queue, wake: Duration) -> Input {
        let next = queue.inputs.first_key_value().map(|(&(at, _), _)| at);
        let signal = self.signals.last().map(|&(at, _)| at);
        let at = [next, signal].into_iter().flatten().chain([wake]).min().unwrap_or(wake);
        self.now = self.now.max(at);
        if signal == Some(at) {
            return self.signals.pop().map_or(Input::Time, |(_, signal)| Input::Signal(signal));
        }
        if next != Some(at) {
            return Input::Time;
        }
        let input = queue.inputs.pop_first().map_or(Input::Time, |(_, input)| input);
        match input {
            Input::Replied { .. } => queue.flying -= 1,
            Input::Kept(facts) => self.synced = queue.kept_before + usize::try_from(facts).unwrap(),
            _ => {}
        }
        input
    }
}
