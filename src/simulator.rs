//! The gateway's stand-in on this machine.
//!
//! It takes requests as they come over the wire, checks signatures and fields against the
//! official type model, holds what is created, and writes a ledger of it. It is for trying
//! an import without an account, and for tests that need a gateway which loses answers,
//! throttles, or dies in the middle ([`Scenario`]).
//!
//! It shares no type with [`crate::target`] (only the signature, which known vectors pin):
//! if the two agreed by sharing code, they would agree on a mistake. What is not here: the
//! data plane (a created API answers no calls; which one would is [`routing`]'s to say), and
//! every action that no import calls.

mod actions;
mod answer;
#[cfg(test)]
mod asked;
mod auth;
mod body;
mod call;
mod change;
mod check;
mod done;
pub mod fault;
mod http;
mod inventory;
mod ledger;
mod query;
mod random;
mod reading;
mod reads;
pub mod routing;
mod rules;
pub mod scenario;
mod server;
mod service;
mod settings;
mod shape;
mod shared;
mod store;
mod throttle;
mod writes;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use shared::Shared;

pub use change::Modify;
pub use ledger::{Event, Verdict};
pub use reading::{Empty, Reading};
pub use scenario::{Account, Scenario};
pub use service::Api;
pub use settings::{SERVICE, Settings};

/// Serves until `shutdown`; connections still open then are dropped.
pub async fn serve(
    listener: TcpListener,
    settings: Settings,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    Simulator::open(settings)?.serve(listener, shutdown).await
}

/// A gateway's stand-in. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Simulator(Shared);

impl Simulator {
    /// A simulator that holds what its ledger records.
    pub fn open(settings: Settings) -> io::Result<Self> {
        Shared::open(settings).map(Self)
    }

    /// Serves until `shutdown`; connections still open then are dropped.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let mut connections = JoinSet::new();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(http::connection(stream, self.0.clone()));
                    }
                    // The other side left while it waited, or files ran out for a moment.
                    Err(error) => {
                        tracing::debug!("a connection was not accepted: {error}");
                        http::wait(Duration::from_millis(20)).await;
                    }
                },
                Some(_) = connections.join_next() => {}
                () = &mut shutdown => return Ok(()),
            }
        }
    }

    /// Starts one in this process, on a free port of the loopback.
    pub async fn start(settings: Settings) -> io::Result<Running> {
        let simulator = Self::open(settings)?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let served = simulator.clone();
        let task = tokio::spawn(async move {
            // A dropped sender stops it too.
            served.serve(listener, async { _ = stopped.await }).await
        });
        Ok(Running { simulator, address, stop, task })
    }

    /// Changes how it behaves from the next request on.
    pub fn change(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.0.server().inventory.settings);
    }

    /// Adds an API that was there before any request, by its `CreateApi` body.
    pub fn preload(&self, service: &str, body: &str) -> io::Result<Api> {
        let now = self.0.now();
        self.0.server().preload(service, body, now)
    }

    /// What was written to the ledger so far.
    pub fn ledger(&self) -> io::Result<Vec<Event>> {
        self.0.server().ledger.events()
    }

    /// What a service holds, the oldest first; nothing where there is no such service.
    pub fn held(&self, service: &str) -> Vec<Api> {
        let server = self.0.server();
        let store = &server.inventory.store;
        store.service(service).map(|it| it.apis.values().cloned().collect()).unwrap_or_default()
    }
}

/// A simulator that runs in this process; it stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    /// The simulator.
    pub simulator: Simulator,
    /// Where it listens.
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

impl Running {
    /// The endpoint to call it by.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops it and waits until it has.
    pub async fn stop(self) {
        _ = self.stop.send(());
        _ = self.task.await;
    }
}

#[cfg(test)]
mod tests;
