//! What a command needs of its process: small files, a runtime, signals, the clock, a seed.

use std::io;
use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
#[cfg(target_os = "linux")]
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::cli::error::{Error, Exit};
use crate::report::{Moment, Uptime};
use crate::run::Signal;
use crate::source::{Broken, decode};

/// The largest settings file, scenario or file of certificates that is read.
const MAX_BYTES: u64 = 16 << 20;

/// The bytes of a small file that was named. A pipe is refused, since it could keep the
/// reader waiting for ever; of a device no more is read than of a file.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let told = |why: &str| io::Error::other(format!("{} {why}", path.display()));
    // Asked before it is opened: to open a pipe is to wait for its writer.
    let unread = |error: io::Error| {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "no such file".to_owned(),
            io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            _ => error.to_string(),
        };
        io::Error::new(error.kind(), format!("{}: {why}", path.display()))
    };
    let kind = path.metadata().map_err(unread)?.file_type();
    if kind.is_dir() || kind.is_fifo() || kind.is_socket() {
        return Err(told("is not a regular file"));
    }
    let mut bytes = Vec::new();
    let mut file = std::fs::File::open(path).map_err(unread)?.take(MAX_BYTES + 1);
    file.read_to_end(&mut bytes).map_err(unread)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(told("is larger than 16 MiB"));
    }
    Ok(bytes)
}

/// Writes a file, in the place of what may be there, through a file beside it.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    io::Write::write_all(&mut beside, text.as_bytes())?;
    beside.persist(path).map(drop).map_err(|error| error.error)
}

/// The same as text, in the encodings that documents may have.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    let told = |broken: Broken| io::Error::other(format!("{}: {}", path.display(), broken.message));
    decode(read(path)?).map_err(told)
}

/// Writes a file that must not be there yet.
pub(crate) fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}

/// A runtime of two threads: one for the run, one for the sockets.
pub(crate) fn runtime() -> Result<Runtime, Error> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|error| {
        Error::new(Exit::Bug, format!("the async runtime cannot be started: {error}"))
    })
}

/// Ends a runtime without waiting for what a second signal has left behind.
pub(crate) fn leave(runtime: Runtime) {
    runtime.shutdown_timeout(Duration::from_millis(100));
}

/// When a listener for signals stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// The first signal ends it.
    AtOnce,
    /// The first drains, the second leaves.
    Politely,
}

/// The process's signals, as a run hears them. A terminal that went away counts as SIGTERM:
/// no one is left to press Ctrl-C a second time.
pub(crate) fn signals(stopped: Stopped) -> mpsc::Receiver<Signal> {
    let kinds = [
        (SignalKind::interrupt(), Signal::Interrupt),
        (SignalKind::terminate(), Signal::Terminate),
        (SignalKind::hangup(), Signal::Terminate),
    ];
    let (say, hear) = mpsc::channel(if stopped == Stopped::AtOnce { 1 } else { 8 });
    for (kind, meaning) in kinds {
        // Where the system hands out no handler, the signal keeps its usual effect. Asked for
        // here and not in the task, which may begin only after the first request has left.
        let Ok(mut arrivals) = signal(kind) else { continue };
        let say = say.clone();
        tokio::spawn(async move {
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
pub(crate) fn now() -> Timestamp {
    Timestamp::try_from(std::time::SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The time by both clocks.
pub(crate) fn moment() -> Moment {
    Moment { wall: now(), uptime: uptime() }
}

/// Read from files: the system call by way of `rustix` crashes under valgrind, by which the
/// cost of a preview is counted.
#[cfg(target_os = "linux")]
fn uptime() -> Option<Uptime> {
    let boot = fs_err::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let uptime = fs_err::read_to_string("/proc/uptime").ok()?;
    let seconds: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    let since = Duration::try_from_secs_f64(seconds).ok()?;
    Some(Uptime { boot: boot.trim().to_owned(), millis: u64::try_from(since.as_millis()).ok()? })
}

#[cfg(not(target_os = "linux"))]
fn uptime() -> Option<Uptime> {
    None
}

/// How many things this machine does at once.
pub(crate) fn threads() -> NonZero<usize> {
    std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
}

/// A seed for jitter: two runs that begin together must not wait in step.
pub(crate) fn seed() -> u64 {
    let nanoseconds = u64::from(now().subsec_nanosecond().unsigned_abs());
    (u64::from(std::process::id()) << 32) ^ nanoseconds
}
