//! One run at a time: for a report, and for a service of a gateway.
//!
//! A lock is a file of its own, never removed and never renamed: a lock on the report
//! itself would be worth nothing once the report is replaced. The kernel frees it with the
//! process that holds it, however that ends; the content of the file is only for the
//! message.

use std::ffi::OsStr;
use std::io::{Read, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use fs_err as fs;
use jiff::Timestamp;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::report::disk::guarded;
use crate::report::error::{Error, ErrorKind};
use crate::report::paths::with;

/// Held until dropped.
#[derive(Debug)]
pub struct Lock {
    _file: fs::File,
}

/// Who holds a lock.
#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    pid: u32,
    host: String,
    since: Timestamp,
    what: String,
}

impl Lock {
    /// The lock of a report. `path` has its symbolic links followed already.
    ///
    /// # Errors
    /// Another run holds it, or it cannot be made.
    pub fn report(path: &Path, now: Timestamp) -> Result<Self, Error> {
        Self::take(&with(path, ".lock"), &format!("the report {}", path.display()), now)
    }

    /// The lock of a service, so that two imports with two reports do not both send to it.
    /// `folder` is [`state_folder`]'s.
    ///
    /// # Errors
    /// Another run holds it, or it cannot be made.
    pub fn service(
        folder: &Path,
        endpoint: &str,
        region: &str,
        service: &str,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let folder = folder.join("locks");
        fs::create_dir_all(&folder).map_err(|error| unusable(&error))?;
        let name = hex::encode(Sha256::digest(format!("{endpoint}|{region}|{service}")));
        Self::take(&folder.join(name + ".lock"), &format!("the service {service}"), now)
    }

    fn take(path: &Path, what: &str, now: Timestamp) -> Result<Self, Error> {
        let mut options = fs::OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let file = guarded(options).open(path);
        let mut file = file.map_err(|error| unusable(&error))?;
        match flock(file.file(), FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Err(held(&mut file, what)),
            Err(error) => {
                let message = format!("cannot lock {}: {error}", path.display());
                return Err(Error::new(ErrorKind::NoLock, message));
            }
        }
        let holder =
            Holder { pid: std::process::id(), host: host(), since: now, what: what.to_owned() };
        // The lock is held whether or not its holder's name can be written.
        _ = sign(&mut file, &holder);
        Ok(Self { _file: file })
    }
}

/// Where locks of services lie: `XDG_STATE_HOME`, else `~/.local/state`, else the folder for
/// temporary files. The three are read from the environment by `cli`.
pub fn state_folder(xdg: Option<&OsStr>, home: Option<&OsStr>, temp: &Path) -> PathBuf {
    let absolute = |path: Option<&OsStr>| path.map(PathBuf::from).filter(|path| path.is_absolute());
    let state = absolute(xdg).or_else(|| absolute(home).map(|home| home.join(".local/state")));
    state.unwrap_or_else(|| temp.to_owned()).join("apiferry")
}

/// Writes down who holds a lock, unless its file belongs to someone else: a lock may lie where
/// others can put a file.
fn sign(file: &mut fs::File, holder: &Holder) -> std::io::Result<()> {
    let mut before = Vec::new();
    Read::take(&mut *file, 4096).read_to_end(&mut before)?;
    if !(before.iter().all(|byte| *byte == 0) || before.starts_with(br#"{"pid":"#)) {
        return Ok(());
    }
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(&serde_json::to_vec(holder)?)
}

fn held(file: &mut fs::File, what: &str) -> Error {
    let mut text = String::new();
    // A holder that has not signed yet, or a file that is not ours: the lock counts.
    _ = file.take(4096).read_to_string(&mut text);
    let by = serde_json::from_str(&text).map_or_else(
        |_| "another run".to_owned(),
        |Holder { pid, host, since, .. }| format!("process {pid} on {host}, since {since}"),
    );
    Error::new(ErrorKind::Locked, format!("{what} is in use by {by}"))
}

fn unusable(error: &std::io::Error) -> Error {
    Error::new(ErrorKind::NoLock, format!("cannot make a lock: {error}"))
}

#[cfg(unix)]
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    "this machine".to_owned()
}
