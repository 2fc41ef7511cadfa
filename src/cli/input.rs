//! Standard input, kept in a file: it can be read once, and a resume reads the same again.

use std::io::{self, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::cli::destination::beside;
use crate::cli::error::{Error, Exit};
use crate::cli::session::Session;

/// The file beside a report that keeps its standard input.
pub(crate) const SUFFIX: &str = ".input";

/// Standard input in a temporary file, where it is among the sources.
pub(crate) struct StandardInput(Option<NamedTempFile>);

impl StandardInput {
    /// Reads it where it is among the sources.
    pub(crate) fn of(session: &Session) -> Result<Self, Error> {
        if !session.asked.sources.sources.iter().any(|source| source == "-") {
            return Ok(Self(None));
        }
        let keep = || {
            let mut file = NamedTempFile::new_in(&session.surroundings.temporary)?;
            io::copy(&mut io::stdin().lock(), &mut file)?;
            file.flush()?;
            Ok(file)
        };
        let refused = |error: io::Error| Error::usage(cannot_be_kept(&error));
        keep().map(|file| Self(Some(file))).map_err(refused)
    }

    /// Where it is kept.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.0.as_ref().map(NamedTempFile::path)
    }

    /// Keeps it for a resume of this report.
    pub(crate) fn keep_beside(&self, report: &Path) -> Result<(), Error> {
        let Some(path) = self.path() else { return Ok(()) };
        fs_err::copy(path, beside(report, SUFFIX))
            .map(drop)
            .map_err(|error| Error::new(Exit::Disk, cannot_be_kept(&error)))
    }
}

fn cannot_be_kept(error: &io::Error) -> String {
    format!("standard input cannot be kept: {error}")
}
