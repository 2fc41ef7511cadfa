//! Does what the engine asks for: calls the gateway, states facts, tells listeners,
//! waits. It decides nothing, and it alone reads the clocks.

use std::sync::Arc;
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt, OptionFuture};
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::run::engine::{Effect, Engine, Input, Now};
use crate::run::event::Listener;
use crate::run::fact::{Fact, Witness, WitnessLost};
use crate::run::work::{RunSettings, Signal, Work};
use crate::run::world::{Ending, World};
use crate::target::Gateway;

/// Carries the work out, from the first listing to the last.
pub(crate) async fn drive<G: Gateway, W: Witness>(
    work: Work,
    settings: &RunSettings,
    world: World<G, W>,
) -> Ending {
    let clock = Clock { began: now(), wall: world.clock };
    let mut engine = Engine::new(work, settings, clock.now());
    let mut hands = Hands {
        gateway: world.gateway,
        witness: world.witness,
        listeners: world.listeners,
        calls: FuturesUnordered::new(),
        facts: Vec::new(),
        writing: None,
        kept: 0,
        lost: false,
    };
    let mut signals = Some(world.signals);
    let mut input = Input::Time;
    loop {
        let effects = engine.handle(clock.now(), input);
        for effect in effects {
            hands.take(effect);
        }
        hands.write();
        if engine.is_over() {
            return engine.ending();
        }
        input = hands.next(&mut signals, clock.began + engine.wake()).await;
    }
}

/// Both clocks: one to wait by, one to write down.
struct Clock {
    began: Instant,
    wall: Box<dyn Fn() -> jiff::Timestamp + Send + Sync>,
}

impl Clock {
    fn now(&self) -> Now {
        Now { elapsed: now().duration_since(self.began), wall: (self.wall)() }
    }
}

/// What is under way outside.
struct Hands<G, W> {
    gateway: Arc<G>,
    witness: Arc<W>,
    listeners: Vec<Box<dyn Listener>>,
    calls: FuturesUnordered<BoxFuture<'static, Input>>,
    /// Facts that wait for those before them to be written.
    facts: Vec<Fact>,
    writing: Option<BoxFuture<'static, (u64, Result<(), WitnessLost>)>>,
    kept: u64,
    /// The witness is lost: nothing more can be stated.
    lost: bool,
}

impl<G: Gateway, W: Witness> Hands<G, W> {
    fn take(&mut self, effect: Effect) {
        match effect {
            Effect::State(fact) => self.facts.push(fact),
            Effect::Tell(event) => {
                self.listeners.iter_mut().for_each(|listener| listener.hear(&event));
            }
            call => self.call(call),
        }
    }

    fn call(&mut self, effect: Effect) {
        let gateway = Arc::clone(&self.gateway);
        self.calls.push(
            async move {
                match effect {
                    Effect::Create { item, body } => {
                        let reply = gateway.create(body).await.map(Some);
                        Input::Replied { item, reply }
                    }
                    Effect::Delete { item, service, api_id } => {
                        let reply = gateway.delete(&service, &api_id).await.map(|()| None);
                        Input::Replied { item, reply }
                    }
                    Effect::List { service, name, offset, limit } => {
                        let reply = gateway.list(&name, offset, limit).await;
                        Input::Listed { service, reply }
                    }
                    Effect::Probe { name } => {
                        Input::Probed { reply: gateway.list(&name, 0, 1).await }
                    }
                    Effect::Reload => Input::Reloaded(gateway.reload_credentials().await),
                    Effect::State(_) | Effect::Tell(_) => Input::Time,
                }
            }
            .boxed(),
        );
    }

    /// Hands over all facts that have gathered, as one batch: what comes in meanwhile
    /// becomes the next.
    fn write(&mut self) {
        if self.lost {
            self.facts.clear();
        }
        if self.writing.is_some() || self.facts.is_empty() {
            return;
        }
        let facts = std::mem::take(&mut self.facts);
        let (witness, count) = (Arc::clone(&self.witness), facts.len() as u64);
        self.writing = Some(async move { (count, witness.state(facts).await) }.boxed());
    }

    async fn next(&mut self, signals: &mut Option<mpsc::Receiver<Signal>>, wake: Instant) -> Input {
        let signal = OptionFuture::from(signals.as_mut().map(mpsc::Receiver::recv));
        tokio::select! {
            biased;
            Some(signal) = signal => {
                // A sender that is gone says nothing more, and must not be asked again.
                if signal.is_none() {
                    *signals = None;
                }
                signal.map_or(Input::Time, Input::Signal)
            }
            Some((count, written)) = OptionFuture::from(self.writing.as_mut()) => {
                self.writing = None;
                self.kept += count;
                self.lost = written.is_err();
                written.map_or_else(Input::JournalLost, |()| Input::Kept(self.kept))
            }
            Some(input) = self.calls.next() => input,
            () = until(wake) => Input::Time,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the pipeline is where a run reads the clock")]
fn now() -> Instant {
    Instant::now()
}

/// Sleeps until then; at least gives way, so that a time that has passed starves no other task.
async fn until(wake: Instant) {
    tokio::time::sleep_until(wake.max(now() + Duration::from_micros(1))).await;
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a gateway in memory takes its time")]
mod tests {
    //! What only the pipeline does; what a run decides is tested in `simulated`. All under a
    //! paused clock.

    use std::sync::Mutex;

    use super::*;
    use crate::run::event::Event;
    use crate::run::event::{EventKind, StopReason};
    use crate::run::simulated::{Fate, Store, fresh, is_intent, item, quick};
    use crate::run::work::ItemId;
    use crate::target::tencent::read_back::ReadBack;
    use crate::target::{Created, Page, Reply, ServiceState};

    /// A gateway in memory that takes its time, beside a journal that takes its own.
    #[derive(Default)]
    struct Memory {
        store: Mutex<Store>,
        latency: Duration,
        /// Calls take one to so many times the latency.
        spread: u32,
        syncing: Duration,
        room: Option<usize>,
        kept: Mutex<Vec<Vec<Fact>>>,
        asked: Mutex<usize>,
        intents_when_sent: Mutex<Vec<usize>>,
    }

    fn intents(facts: &[Vec<Fact>]) -> usize {
        facts.iter().flatten().filter(|fact| is_intent(fact)).count()
    }

    impl Gateway for Memory {
        async fn create(&self, body: String) -> Reply<Created> {
            let intents = intents(&self.kept.lock().unwrap());
            let nth = {
                let mut sent = self.intents_when_sent.lock().unwrap();
                sent.push(intents);
                u32::try_from(sent.len()).unwrap()
            };
            tokio::time::sleep(self.latency * (1 + nth % self.spread.max(1))).await;
            let reply = self.store.lock().unwrap().create(Duration::ZERO, &body, Fate::Answered);
            reply.map(|created| created.expect("a create names its API"))
        }

        async fn delete(&self, _: &str, api_id: &str) -> Reply<()> {
            let mut store = self.store.lock().unwrap();
            store.delete(Duration::ZERO, api_id, Fate::Answered).map(|_| ())
        }

        async fn list(&self, service: &str, offset: u64, limit: u64) -> Reply<Page> {
            self.store.lock().unwrap().list(Duration::ZERO, service, offset, limit)
        }

        async fn service(&self, _: &str) -> Reply<ServiceState> {
            unreachable!("a run does not ask")
        }

        async fn services_named(&self, _: &str) -> Reply<Vec<ServiceState>> {
            unreachable!("a run does not ask")
        }

        async fn create_service(&self, _: &str) -> Reply<ServiceState> {
            unreachable!("a run does not ask")
        }

        async fn release(&self, _: &str, _: &str, _: &str) -> Reply<()> {
            unreachable!("a run does not ask")
        }

        async fn read(&self, _: &str, _: &str) -> Reply<ReadBack> {
            unreachable!("nothing is compared")
        }

        async fn modify(&self, _: String) -> Reply<()> {
            unreachable!("nothing is compared")
        }

        async fn unrelease(&self, _: &str, _: &str) -> Reply<()> {
            unreachable!("a run does not ask")
        }

        async fn delete_service(&self, _: &str) -> Reply<()> {
            unreachable!("a run does not ask")
        }

        async fn reload_credentials(&self) -> bool {
            false
        }
    }

    impl Witness for Memory {
        async fn state(&self, facts: Vec<Fact>) -> Result<(), WitnessLost> {
            *self.asked.lock().unwrap() += 1;
            tokio::time::sleep(self.syncing).await;
            let mut kept = self.kept.lock().unwrap();
            if self.room.is_some_and(|room| kept.len() >= room) {
                return Err(WitnessLost("no space left".to_owned()));
            }
            kept.push(facts);
            Ok(())
        }
    }

    struct Notes(Arc<Mutex<Vec<Event>>>);

    impl Listener for Notes {
        fn hear(&mut self, event: &Event) {
            self.0.lock().unwrap().push(event.clone());
        }
    }

    struct Outing {
        memory: Arc<Memory>,
        events: Arc<Mutex<Vec<Event>>>,
        signals: mpsc::Sender<Signal>,
        run: BoxFuture<'static, Ending>,
    }

    fn outing(items: usize, memory: Memory) -> Outing {
        outing_at(1000.0, items, memory)
    }

    fn outing_at(rate: f64, items: usize, memory: Memory) -> Outing {
        let memory = Arc::new(memory);
        let events = Arc::default();
        let (signals, receiver) = mpsc::channel(2);
        let began = now();
        let world = World {
            gateway: Arc::clone(&memory),
            witness: Arc::clone(&memory),
            listeners: vec![Box::new(Notes(Arc::clone(&events)))],
            signals: receiver,
            clock: Box::new(move || jiff::Timestamp::UNIX_EPOCH + now().duration_since(began)),
        };
        let settings = RunSettings { rate, ..quick() };
        let run = async move { drive(fresh((0..items).map(item)), &settings, world).await };
        Outing { memory, events, signals, run: run.boxed() }
    }

    fn millis(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[tokio::test(start_paused = true)]
    async fn every_request_leaves_after_its_intent_is_kept() {
        let memory = Memory { latency: millis(20), syncing: millis(15), ..Memory::default() };
        let outing = outing(40, memory);
        let ending = outing.run.await;
        assert_eq!((ending.stop, ending.stats.created), (None, 40));
        let kept = outing.memory.intents_when_sent.lock().unwrap();
        assert_eq!(kept.len(), 40);
        assert!(kept.iter().enumerate().all(|(sent, &kept)| kept > sent), "{kept:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn facts_that_gather_while_the_journal_syncs_are_kept_as_one_batch() {
        let memory = Memory { latency: millis(1), syncing: millis(50), ..Memory::default() };
        let outing = outing(40, memory);
        outing.run.await;
        let kept = outing.memory.kept.lock().unwrap();
        let facts: usize = kept.iter().map(Vec::len).sum();
        assert_eq!(facts, 1 + 2 * 40 + 1);
        assert!(kept.len() <= 30, "{} batches", kept.len());
        assert_eq!(kept.last().unwrap().last(), Some(&Fact::Ended));
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_journal_is_asked_to_keep_nothing_more_and_nothing_more_is_sent() {
        let (latency, syncing) = (millis(30), millis(40));
        let memory = Memory { latency, spread: 4, syncing, room: Some(3), ..Memory::default() };
        // Slowly, so that there is always something in flight and something to keep.
        let outing = outing_at(60.0, 40, memory);
        let ending = outing.run.await;
        assert!(matches!(ending.stop, Some(StopReason::JournalLost { .. })));
        assert_eq!(*outing.memory.asked.lock().unwrap(), 4);
        let sent = outing.memory.intents_when_sent.lock().unwrap().len();
        assert_eq!(sent, ending.stats.created);
        assert_eq!(ending.stats.created + ending.stats.not_sent, 40);
    }

    #[tokio::test(start_paused = true)]
    async fn a_first_signal_lets_what_is_in_flight_settle_and_a_second_drops_it() {
        for signals in 1..=2 {
            let outing = outing(40, Memory { latency: millis(500), ..Memory::default() });
            let run = tokio::spawn(outing.run);
            tokio::time::sleep(millis(100)).await;
            for _ in 0..signals {
                outing.signals.send(Signal::Terminate).await.unwrap();
            }
            let asked = now();
            let ending = run.await.unwrap();
            let in_flight =
                if signals == 1 { ending.stats.created } else { ending.stats.unconfirmed };
            assert_eq!(in_flight, 4);
            assert_eq!(now() - asked >= millis(300), signals == 1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_channel_of_signals_is_not_a_signal() {
        let Outing { run, signals, events, .. } = outing(3, Memory::default());
        drop(signals);
        assert_eq!(run.await.stats.created, 3);
        let events = events.lock().unwrap();
        assert!(events.len() < 12, "{} events", events.len());
    }

    #[tokio::test(start_paused = true)]
    async fn listeners_hear_that_time_passes_while_nothing_happens() {
        let outing = outing(1, Memory { latency: Duration::from_secs(10), ..Memory::default() });
        outing.run.await;
        let events = outing.events.lock().unwrap();
        let ticks = events.iter().filter(|event| event.kind == EventKind::Tick).count();
        assert!((8..=10).contains(&ticks), "{ticks}");
        let settled = |kind: &EventKind| matches!(kind, EventKind::Settled { item: ItemId(0), .. });
        assert!(events.iter().any(|event| settled(&event.kind)));
    }
}
