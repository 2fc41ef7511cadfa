//! The one server that all connections share, and the clock it goes by.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use jiff::Timestamp;

use crate::simulator::call::Moment;
use crate::simulator::ledger::Ledger;
use crate::simulator::server::Server;
use crate::simulator::settings::Settings;

/// The server behind a lock. Clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    server: Arc<Mutex<Server>>,
    started: Instant,
}

impl Shared {
    /// A server that holds what its ledger records.
    pub(crate) fn open(settings: Settings) -> io::Result<Self> {
        let (ledger, past) = match &settings.ledger {
            Some(path) => Ledger::open(path)?,
            None => (Ledger::in_memory(), Vec::new()),
        };
        let started = start();
        let server = Server::new(settings, ledger, &past, moment(started).wall);
        Ok(Self { server: Arc::new(Mutex::new(server)), started })
    }

    /// The server, for one request.
    pub(crate) fn server(&self) -> MutexGuard<'_, Server> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time.
    pub(crate) fn now(&self) -> Moment {
        moment(self.started)
    }
}

#[expect(clippy::disallowed_methods, reason = "a gateway has a clock")]
fn start() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "a gateway has a clock")]
fn moment(started: Instant) -> Moment {
    let wall = Timestamp::try_from(std::time::SystemTime::now());
    Moment { wall: wall.unwrap_or(Timestamp::UNIX_EPOCH), since_start: started.elapsed() }
}
