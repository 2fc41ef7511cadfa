//! What keeps a report from being made, taken up or written. Which exit code it ends a
//! command with, and which option helps, is `cli`'s to decide.

/// Why a report cannot be made, taken up or written.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

/// The kind of error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is a report at this path already.
    Exists,
    /// No report can be at this path.
    NoPlace,
    /// It cannot be made; nothing was sent.
    NotMade,
    /// There is none at this path.
    Missing,
    /// The file is not a report.
    NotAReport,
    /// The journal is not one that this version reads.
    OtherVersion,
    /// The journal is damaged where it was safe on disk.
    Damaged,
    /// The disk failed before anything was sent.
    DiskBefore,
    /// The journal could no longer be written, and the run was stopped.
    JournalLost,
    /// The journal is whole, and the CSV is behind it.
    CsvBehind,
    /// Neither is where it was: what the message lists is written down nowhere.
    Gone,
    /// Another run holds it.
    Locked,
    /// It cannot be locked.
    NoLock,
    /// A bug of this program.
    Bug,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// The kind of error.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}
