//! What ends a command: the exit code, the message and the hint of each.
//!
//! What is wrong with one source is a finding, and what happens to one item is an
//! outcome; neither is an [`Error`]. Messages are written once, in `Display`; the one
//! printer in `cli` adds `error:` and `hint:`.

use std::fmt;
use std::process::ExitCode;

/// How a command ended, as scripts see it. The numbers are pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// All in place; for preview, all fit.
    Done = 0,
    /// A bug of this program.
    Bug = 1,
    /// Wrong usage, settings or sources: nothing was sent and no report was written.
    Usage = 2,
    /// Finished, but something was refused, given up, unfit or unreadable.
    Partial = 3,
    /// Something is unconfirmed or exists twice: look before anything else.
    Doubt = 4,
    /// Stopped early and resumable.
    Stopped = 5,
    /// The local disk or the journal failed after the report was once written.
    Disk = 6,
    /// The report or the service is held by another run.
    Locked = 11,
    /// Interrupted by SIGINT, and drained.
    Interrupted = 130,
    /// Interrupted by SIGTERM, and drained.
    Terminated = 143,
}

impl Exit {
    /// The one to return where several apply.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }

    fn rank(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Partial => 1,
            Self::Stopped => 2,
            Self::Interrupted | Self::Terminated => 3,
            Self::Doubt => 4,
            Self::Disk => 5,
            Self::Usage | Self::Locked => 6,
            Self::Bug => 7,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What ended a command: what happened and where, and on a line of its own what to do.
#[derive(Debug)]
pub struct Error {
    exit: Exit,
    message: String,
    hint: Option<String>,
}

impl Error {
    /// An error that ends with `exit`.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None }
    }

    /// Wrong usage, settings or sources: nothing was sent.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The same error with a line of advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The exit code that this error ends the program with.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// What to do about it, where something can be done.
    pub fn advice(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_exit_codes_the_gravest_is_told() {
        use Exit::{Disk, Done, Doubt, Interrupted, Partial, Stopped};
        let order = [Done, Partial, Stopped, Interrupted, Doubt, Disk];
        for (i, low) in order.iter().enumerate() {
            for high in &order[i..] {
                assert_eq!(low.or(*high), *high);
                assert_eq!(high.or(*low), *high);
            }
        }
    }
}
