//! The gateway's stand-in on this machine.
//!
//! It takes requests as they come over the wire, checks signatures and fields against the
//! official type model, holds what is created, and writes a ledger of it. It is for trying
//! an import without an account, and for tests that need a gateway which loses answers,
//! throttles, or dies in the middle ([`Scenario`]).
//!
//! It shares no type with [`crate::target`] (only the signature, which known vectors pin):
//! if the two agreed by sharing code, they would agree on a mistake. What is not here: the
//! data plane (a created API answers nobody), and every action that no import calls.

mod actions;
mod answer;
mod auth;
mod check;
mod desk;
mod http;
mod ledger;
mod query;
mod rules;
pub mod scenario;
mod store;
mod throttle;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use desk::{Desk, Moment};

pub use ledger::{Event, Verdict};
pub use scenario::{Account, Scenario};
pub use store::Api;

/// The service of a simulator that was told none.
pub const SERVICE: &str = "service-simulated";

/// What a simulator is told before it starts.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The services that are there from the start.
    pub services: Vec<String>,
    /// APIs that one service may hold.
    pub quota: u64,
    /// Requests a second for one action and one SecretId.
    pub limit: u32,
    /// Who may call.
    pub credentials: Vec<Account>,
    /// Where the ledger is kept; in memory where there is none. What an earlier simulator
    /// wrote there is held again.
    pub ledger: Option<PathBuf>,
    /// How it behaves.
    pub scenario: Scenario,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            services: vec![SERVICE.to_owned()],
            quota: 100,
            limit: 20,
            credentials: vec![Account::example()],
            ledger: None,
            scenario: Scenario::default(),
        }
    }
}

impl Account {
    /// The account that a simulator knows unless it is told others.
    pub fn example() -> Self {
        Self::new("AKIDEXAMPLE", "SecretExample")
    }

    /// An account without a token that never expires.
    pub fn new(id: &str, key: &str) -> Self {
        Self { id: id.to_owned(), key: key.to_owned(), token: None, expires_after: None }
    }
}

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
pub struct Simulator {
    desk: Arc<Mutex<Desk>>,
    started: Instant,
}

impl Simulator {
    /// A simulator that holds what its ledger says.
    pub fn open(settings: Settings) -> io::Result<Self> {
        let (ledger, past) = match &settings.ledger {
            Some(path) => ledger::Ledger::open(path)?,
            None => (ledger::Ledger::in_memory(), Vec::new()),
        };
        let Moment { wall, .. } = moment(None);
        let desk = Arc::new(Mutex::new(Desk::new(settings, ledger, &past, wall)));
        Ok(Self { desk, started: start() })
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
                        connections.spawn(http::connection(stream, self.clone()));
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
        change(&mut self.desk().settings);
    }

    /// Adds an API that was there before any request, by its `CreateApi` body.
    pub fn preload(&self, service: &str, body: &str) -> io::Result<Api> {
        let now = self.now();
        let mut desk = self.desk();
        desk.preload(service, body, now)
    }

    /// What was written to the ledger so far.
    pub fn ledger(&self) -> io::Result<Vec<Event>> {
        self.desk().ledger.events()
    }

    /// What a service holds, the oldest first; nothing where there is no such service.
    pub fn held(&self, service: &str) -> Vec<Api> {
        let desk = self.desk();
        desk.store
            .service(service)
            .map(|it| it.apis.values().cloned().collect())
            .unwrap_or_default()
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Moment {
        moment(Some(self.started))
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

#[expect(clippy::disallowed_methods, reason = "a gateway has a clock")]
fn start() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "a gateway has a clock")]
fn moment(started: Option<Instant>) -> Moment {
    let wall = Timestamp::try_from(std::time::SystemTime::now());
    Moment {
        wall: wall.unwrap_or(Timestamp::UNIX_EPOCH),
        since_start: started.map(|started| started.elapsed()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
