//! Does what the conductor asks for: calls the gateway, states facts, tells listeners,
//! waits. It decides nothing, and it alone reads the clocks.

use std::sync::Arc;
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt, OptionFuture};
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::conductor::{Conductor, Effect, Input, Moment};
use super::{Ending, Fact, Listener, RunSettings, Signal, Witness, WitnessLost, Work, World};
use crate::gateway::{Gateway, Reply};

/// Carries the work out, from the first listing to the last.
pub(super) async fn drive<G: Gateway, W: Witness>(
    work: Work,
    settings: &RunSettings,
    world: World<G, W>,
) -> Ending {
    let clock = Clock { began: now(), wall: world.clock };
    let mut conductor = Conductor::new(work, settings, clock.moment());
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
        conductor.handle(clock.moment(), input);
        conductor.effects().into_iter().for_each(|effect| hands.take(effect));
        hands.write();
        if conductor.is_over() {
            return conductor.ending();
        }
        input = hands.next(&mut signals, clock.began + conductor.wake()).await;
    }
}

/// Both clocks: one to wait by, one to write down.
struct Clock {
    began: Instant,
    wall: Box<dyn Fn() -> jiff::Timestamp + Send + Sync>,
}

impl Clock {
    fn moment(&self) -> Moment {
        Moment { now: now().duration_since(self.began), wall: (self.wall)() }
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

impl<T> Reply<T> {
    /// The same reply about something else.
    fn map<U>(self, f: impl FnOnce(T) -> U) -> Reply<U> {
        match self {
            Self::Ok(value) => Reply::Ok(f(value)),
            Self::Error(error) => Reply::Error(error),
            Self::NotSent(why) => Reply::NotSent(why),
            Self::Untrusted(why) => Reply::Untrusted(why),
            Self::Lost(why) => Reply::Lost(why),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the pipeline is where a run reads the clock")]
fn now() -> Instant {
    Instant::now()
}

/// Sleeps until then; at least gives way, so that a time that has passed starves nobody.
async fn until(wake: Instant) {
    tokio::time::sleep_until(wake.max(now() + Duration::from_micros(1))).await;
}
