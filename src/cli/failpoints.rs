//! Safeties taken out, so that a test can show that the harness would notice: a test that
//! cannot fail proves nothing.
//!
//! The variable `APIFERRY_FAILPOINT` names the safety that is out. It is taken out where the
//! run meets the world, by another gateway or another witness; the run itself is the code that
//! runs in earnest. This file is compiled only with the feature `failpoints`, which no release
//! build takes. What a test can take out from outside needs none of it: the settle (an
//! option), the lock (a state folder of one's own) and the base (a gateway that shows nothing
//! at first).

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::run::{Fact, Transition, Witness, WitnessLost};
use crate::target::tencent::read_back::ReadBack;
use crate::target::{Created, Gateway, Page, Reply, ServiceState};

#[cfg(not(debug_assertions))]
compile_error!("`failpoints` takes safeties out; it is for the tests, never for a release build");

/// How far the disk is behind: long enough that a kill comes before it.
const BEHIND: Duration = Duration::from_millis(200);

/// The same two, without what keeps them safe where the variable asks for it.
pub(crate) fn taken_out<G: Gateway, W: Witness>(
    gateway: Arc<G>,
    witness: Arc<W>,
) -> (Arc<BlindRetry<G>>, Arc<Hasty<W>>) {
    let retry = BlindRetry { gateway, blind: is_out("look-before-retry") };
    (Arc::new(retry), Arc::new(Hasty::new(witness, is_out("intent-sync"))))
}

#[expect(clippy::disallowed_methods, reason = "a program that lacks a safety is no product")]
fn is_out(safety: &str) -> bool {
    std::env::var("APIFERRY_FAILPOINT").is_ok_and(|out| out == safety)
}

/// A client that calls a lost answer unsent, so that nothing is looked for before a retry.
pub(crate) struct BlindRetry<G> {
    gateway: Arc<G>,
    blind: bool,
}

impl<G: Gateway> Gateway for BlindRetry<G> {
    async fn create(&self, body: String) -> Reply<Created> {
        match self.gateway.create(body).await {
            Reply::Lost(why) if self.blind => Reply::NotSent(why),
            reply => reply,
        }
    }

    async fn delete(&self, service: &str, api_id: &str) -> Reply<()> {
        self.gateway.delete(service, api_id).await
    }

    async fn list(&self, service: &str, offset: u64, limit: u64) -> Reply<Page> {
        self.gateway.list(service, offset, limit).await
    }

    async fn service(&self, service: &str) -> Reply<ServiceState> {
        self.gateway.service(service).await
    }

    async fn services_named(&self, name: &str) -> Reply<Vec<ServiceState>> {
        self.gateway.services_named(name).await
    }

    async fn create_service(&self, name: &str) -> Reply<ServiceState> {
        self.gateway.create_service(name).await
    }

    async fn release(&self, service: &str, environment: &str, description: &str) -> Reply<()> {
        self.gateway.release(service, environment, description).await
    }

    async fn read(&self, service: &str, api_id: &str) -> Reply<ReadBack> {
        self.gateway.read(service, api_id).await
    }

    async fn modify(&self, body: String) -> Reply<()> {
        self.gateway.modify(body).await
    }

    async fn unrelease(&self, service: &str, environment: &str) -> Reply<()> {
        self.gateway.unrelease(service, environment).await
    }

    async fn delete_service(&self, service: &str) -> Reply<()> {
        self.gateway.delete_service(service).await
    }

    async fn reload_credentials(&self) -> bool {
        self.gateway.reload_credentials().await
    }
}

/// The same witness, which forgets the intents of services where the variable asks for it.
pub(crate) fn forgetful<W: Witness>(witness: Arc<W>) -> Arc<Forgetful<W>> {
    Arc::new(Forgetful { witness, forgets: is_out("service-intent") })
}

/// A witness that keeps nothing of services but how they end.
pub(crate) struct Forgetful<W> {
    witness: Arc<W>,
    forgets: bool,
}

impl<W: Witness> Witness for Forgetful<W> {
    async fn state(&self, mut facts: Vec<Fact>) -> Result<(), WitnessLost> {
        let is_settled = |step: &Transition| matches!(step, Transition::Settled { .. });
        let is_kept = |fact: &Fact| match fact {
            Fact::Service { step, .. } => is_settled(step),
            _ => true,
        };
        facts.retain(|fact| !self.forgets || is_kept(fact));
        self.witness.state(facts).await
    }
}

/// A witness that reports facts as safe before they are, on a disk that is behind. Only the
/// end of a run is waited for, since nothing may be missing where no kill came.
pub(crate) struct Hasty<W> {
    witness: Arc<W>,
    behind: Option<mpsc::UnboundedSender<Stated>>,
}

type Stated = (Vec<Fact>, oneshot::Sender<Result<(), WitnessLost>>);

impl<W: Witness> Hasty<W> {
    fn new(witness: Arc<W>, hasty: bool) -> Self {
        let (behind, stated) = mpsc::unbounded_channel();
        if hasty {
            tokio::spawn(write_late(Arc::clone(&witness), stated));
        }
        Self { witness, behind: hasty.then_some(behind) }
    }
}

#[expect(clippy::disallowed_methods, reason = "a disk that is behind takes its time")]
async fn write_late<W: Witness>(witness: Arc<W>, mut stated: mpsc::UnboundedReceiver<Stated>) {
    let mut gathered = Vec::new();
    while stated.recv_many(&mut gathered, usize::MAX).await > 0 {
        tokio::time::sleep(BEHIND).await;
        for (facts, done) in gathered.drain(..) {
            _ = done.send(witness.state(facts).await);
        }
    }
}

impl<W: Witness> Witness for Hasty<W> {
    async fn state(&self, facts: Vec<Fact>) -> Result<(), WitnessLost> {
        let Some(behind) = &self.behind else { return self.witness.state(facts).await };
        let last = |fact: &Fact| matches!(fact, Fact::Ended | Fact::Stopped { .. });
        let (is_last, (done, written)) = (facts.iter().any(last), oneshot::channel());
        _ = behind.send((facts, done));
        if is_last { written.await.unwrap_or(Ok(())) } else { Ok(()) }
    }
}
