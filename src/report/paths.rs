//! Where a report is, and the names of the files beside it; those that are neither the
//! journal nor the CSV are made and removed here.

use std::io;
use std::path::{Path, PathBuf};

use fs_err as fs;
use jiff::Timestamp;

use crate::report::error::{Error, ErrorKind};
use crate::text;

/// Where the report really is: links followed. Its folder is there already.
pub(crate) fn locate(path: &Path) -> Result<PathBuf, Error> {
    let bad = |message| Error::new(ErrorKind::NoPlace, message);
    if path.is_dir() {
        return Err(bad(format!("{} is a folder", shown(path))));
    }
    let path = match fs::read_link(path) {
        Ok(target) => folder(path).join(target),
        Err(_) => path.to_owned(),
    };
    let Some(name) = path.file_name() else {
        return Err(bad(format!("{} does not name a file", shown(&path))));
    };
    let folder = fs::canonicalize(folder(&path));
    let folder = folder.map_err(|error| bad(format!("the report cannot be put there: {error}")))?;
    Ok(folder.join(name))
}

/// Removes what killed runs left half written. The lock is held, so no one else writes there.
pub(crate) fn sweep(path: &Path) {
    let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else {
        return;
    };
    let Ok(files) = fs::read_dir(folder(path)) else { return };
    for file in files.flatten() {
        let found = file.file_name().to_string_lossy().into_owned();
        let rest = found.strip_prefix(&name).unwrap_or_default();
        if rest.starts_with(".tmp-") || rest.starts_with(".journal.tmp-") {
            // A leftover costs nothing but its place.
            _ = fs::remove_file(file.path());
        }
    }
}

/// Keeps a CSV that a person edited, under a name of its own.
pub(crate) fn keep_edited(path: &Path, now: Timestamp) -> io::Result<()> {
    if fs::metadata(path).is_err() {
        return Ok(());
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let copy = path.with_file_name(format!("{stem}.edited-{}.csv", stamp(now)));
    fs::copy(path, copy).map(drop)
}

/// Sets a journal aside, where there is one, that is not continued.
pub(crate) fn set_aside(journal: &Path, now: Timestamp) -> io::Result<()> {
    match fs::rename(journal, with(journal, &format!(".broken-{}", stamp(now)))) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// A time for a file's name.
fn stamp(now: Timestamp) -> String {
    now.strftime("%Y%m%d-%H%M%S").to_string()
}

/// A path as it is shown.
pub(crate) fn shown(path: &Path) -> String {
    text::escape(&path.display().to_string()).into_owned()
}

/// The file that `path` is written to before it is moved into place.
pub(crate) fn beside(path: &Path) -> PathBuf {
    with(path, &format!(".tmp-{}", std::process::id()))
}

/// `path` with `suffix` at its end.
pub(crate) fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The folder that holds `path`.
pub(crate) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
