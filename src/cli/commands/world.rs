//! What a run needs of the process: a runtime, signals, clocks, a seed.

use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::error::{Error, Exit};
use crate::run::Signal;

/// A runtime of two threads: one for the run, one for the sockets.
pub(super) fn runtime() -> Result<Runtime, Error> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Error::new(Exit::Bug, format!("no runtime can be started: {error}")))
}

/// Ends a runtime without waiting for what a second signal has left behind.
pub(super) fn leave(runtime: Runtime) {
    runtime.shutdown_timeout(Duration::from_millis(100));
}

/// How someone who listens for signals stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stopped {
    /// The first signal ends it.
    AtOnce,
    /// The first drains, the second leaves.
    Politely,
}

/// The process's signals, as a run hears them. A terminal that went away counts as SIGTERM:
/// nobody is left to press Ctrl-C a second time.
pub(super) fn signals(stopped: Stopped) -> mpsc::Receiver<Signal> {
    let kinds = [
        (SignalKind::interrupt(), Signal::Interrupt),
        (SignalKind::terminate(), Signal::Terminate),
        (SignalKind::hangup(), Signal::Terminate),
    ];
    let (say, hear) = mpsc::channel(if stopped == Stopped::AtOnce { 1 } else { 8 });
    for (kind, meaning) in kinds {
        let say = say.clone();
        tokio::spawn(async move {
            // Where the system hands out no handler, the signal keeps its usual effect.
            let Ok(mut arrivals) = signal(kind) else { return };
            while arrivals.recv().await.is_some() {
                if say.send(meaning).await.is_err() {
                    return;
                }
            }
        });
    }
    hear
}

/// The wall clock, for what is written down.
#[expect(clippy::disallowed_methods, reason = "the one clock that commands pass on")]
pub(super) fn now() -> Timestamp {
    Timestamp::try_from(std::time::SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Waits.
#[expect(clippy::disallowed_methods, reason = "commands are a shell that waits")]
pub(super) async fn pause(length: Duration) {
    tokio::time::sleep(length).await;
}

/// A seed for jitter: two runs that begin together must not wait in step.
pub(super) fn seed() -> u64 {
    let nanoseconds = u64::from(now().subsec_nanosecond().unsigned_abs());
    (u64::from(std::process::id()) << 32) ^ nanoseconds
}
