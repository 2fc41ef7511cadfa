//! How a command that wrote a report ends: the exit code from its rows and from what went wrong
//! with the report itself.

use crate::cli::error::{Error, Exit};
use crate::report::{self, ErrorKind, Row};
use crate::run::{Action, Outcome, StopReason, own};

/// What is known when all is over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended<'a> {
    /// What was done with the items.
    pub(crate) action: Action,
    /// The report's rows.
    pub(crate) rows: &'a [Row],
    /// Why the run stopped before its end.
    pub(crate) stop: Option<&'a StopReason>,
    /// Whether a source could not be read, whole or in part.
    pub(crate) unreadable: bool,
    /// Whether something could not be kept on this disk.
    pub(crate) disk_failed: bool,
}

impl Ended<'_> {
    /// The gravest of all exit codes that apply.
    pub(crate) fn exit(&self) -> Exit {
        let rows = self.rows.iter().map(|row| exit_of(row, self.action));
        let others = [
            self.stop.map_or(Exit::Done, exit_of_stop),
            if self.unreadable { Exit::Partial } else { Exit::Done },
            if self.disk_failed { Exit::Disk } else { Exit::Done },
        ];
        rows.chain(others).fold(Exit::Done, Exit::or)
    }
}

fn exit_of(row: &Row, action: Action) -> Exit {
    let Some(outcome) = &row.outcome else { return Exit::Doubt };
    match (outcome, action) {
        (Outcome::Unconfirmed | Outcome::Duplicate { .. }, _) => Exit::Doubt,
        (Outcome::Created { .. } | Outcome::Found { .. }, Action::Delete)
            if row.detail.code == own::MISMATCH =>
        {
            Exit::Doubt
        }
        (Outcome::Refused { .. } | Outcome::GaveUp { .. } | Outcome::Unfit, Action::Create)
        | (Outcome::Created { .. } | Outcome::Found { .. }, Action::Delete) => Exit::Partial,
        (Outcome::Deleted { .. }, Action::Create) if row.detail.code == own::GONE => Exit::Partial,
        (Outcome::NotSent, Action::Create) => Exit::Stopped,
        _ => Exit::Done,
    }
}

fn exit_of_stop(stop: &StopReason) -> Exit {
    match stop {
        StopReason::Hopeless { .. } => Exit::Stopped,
        StopReason::JournalLost { .. } => Exit::Disk,
        StopReason::Interrupted { terminate } | StopReason::Killed { terminate } => {
            if *terminate {
                Exit::Terminated
            } else {
                Exit::Interrupted
            }
        }
    }
}

impl From<report::Error> for Error {
    fn from(error: report::Error) -> Self {
        let (exit, hint) = exit_and_hint(error.kind());
        let told = Self::new(exit, error.to_string());
        if hint.is_empty() { told } else { told.hint(hint) }
    }
}

fn exit_and_hint(kind: ErrorKind) -> (Exit, &'static str) {
    match kind {
        ErrorKind::Exists => (
            Exit::Usage,
            "`apiferry resume` continues a report; a new import needs a new one (--report)",
        ),
        ErrorKind::NoPlace => {
            (Exit::Usage, "--report names a file that does not exist yet, such as reports/pets.csv")
        }
        ErrorKind::NotMade => (Exit::Usage, "nothing was sent; choose another place with --report"),
        ErrorKind::Missing => {
            (Exit::Usage, "`apiferry import` makes one; its last line of output names it")
        }
        ErrorKind::NotAReport => (
            Exit::Usage,
            "name the CSV that `apiferry import` wrote, as its last line of output did",
        ),
        ErrorKind::OtherVersion => (Exit::Usage, "use the version of apiferry that wrote it"),
        ErrorKind::Damaged => {
            (Exit::Disk, "`resume --repair` sets the journal aside and looks everything up")
        }
        ErrorKind::DiskBefore => (
            Exit::Disk,
            "nothing was sent; free some space or repair the disk, then resume the report",
        ),
        ErrorKind::JournalLost => {
            (Exit::Disk, "free some space or repair the disk, then resume the report")
        }
        ErrorKind::CsvBehind => (
            Exit::Disk,
            "the journal holds everything; free some space or repair the disk, and \
             `apiferry resume` writes the report again",
        ),
        ErrorKind::Gone => (
            Exit::Disk,
            "keep these lines, each a service, an ApiId, a method and a path: no file has them",
        ),
        ErrorKind::Locked => {
            (Exit::Locked, "nothing was sent; wait until that run has ended, or stop it")
        }
        ErrorKind::NoLock => (
            Exit::Usage,
            "lock files are made beside the report and in the state folder; both need a disk \
             that supports locks",
        ),
        ErrorKind::Bug => (Exit::Bug, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exit(words: &[&str], stop: Option<&StopReason>, unreadable: bool, disk: bool) -> Exit {
        exit_after(Action::Create, words, stop, (unreadable, disk))
    }

    fn exit_after(
        action: Action,
        words: &[&str],
        stop: Option<&StopReason>,
        (unreadable, disk_failed): (bool, bool),
    ) -> Exit {
        let row = |word: &&str| {
            Row::from_cells(|name: &str| match name {
                "outcome" => (*word).to_owned().into(),
                "api_id" => "api-1".into(),
                _ => "".into(),
            })
        };
        let rows: Vec<Row> = words.iter().map(row).collect();
        Ended { action, rows: &rows, stop, unreadable, disk_failed }.exit()
    }

    #[test]
    fn each_outcome_has_its_exit_code_and_the_gravest_is_told() {
        assert_eq!(exit(&[], None, false, false), Exit::Done);
        assert_eq!(
            exit(&["created", "found", "exists", "skipped"], None, false, false),
            Exit::Done
        );
        for word in ["refused", "gave-up", "unfit"] {
            assert_eq!(exit(&["created", word], None, false, false), Exit::Partial, "{word}");
        }
        assert_eq!(exit(&["created"], None, true, false), Exit::Partial);
        assert_eq!(exit(&["refused", "not-sent"], None, false, false), Exit::Stopped);
        for word in ["unconfirmed", "duplicate", "sending"] {
            assert_eq!(exit(&["not-sent", word], None, false, false), Exit::Doubt, "{word}");
        }
        assert_eq!(exit(&["unconfirmed"], None, false, true), Exit::Disk);
    }

    #[test]
    fn each_reason_to_stop_has_its_exit_code() {
        let hopeless = StopReason::Hopeless { code: "AuthFailure".into(), message: "no".into() };
        assert_eq!(exit(&[], Some(&hopeless), false, false), Exit::Stopped);
        let lost = StopReason::JournalLost { message: "full".into() };
        assert_eq!(exit(&[], Some(&lost), false, false), Exit::Disk);
        let interrupted = StopReason::Interrupted { terminate: false };
        assert_eq!(exit(&["not-sent"], Some(&interrupted), false, false), Exit::Interrupted);
        let killed = StopReason::Killed { terminate: true };
        assert_eq!(exit(&["not-sent"], Some(&killed), false, false), Exit::Terminated);
        assert_eq!(exit(&["unconfirmed"], Some(&killed), false, false), Exit::Doubt);
    }

    #[test]
    fn after_an_undo_only_what_it_did_counts() {
        let exit = |word| exit_after(Action::Delete, &[word], None, (false, false));
        assert_eq!(exit("created"), Exit::Partial, "it still stands");
        for word in ["deleted", "refused", "not-sent", "unfit"] {
            assert_eq!(exit(word), Exit::Done, "{word}");
        }
        assert_eq!(exit("duplicate"), Exit::Doubt);
    }
}
