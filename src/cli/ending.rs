//! How a command that wrote a report ends: the exit code of its rows, and of what went wrong
//! with the report itself.

use crate::cli::error::{Error, Exit};
use crate::report::row::{ReportRow, State};
use crate::report::{self, ErrorKind};
use crate::run::{Action, StopReason};

/// What is known when all is over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended<'a> {
    /// What was done with the items.
    pub(crate) action: Action,
    /// The report's rows.
    pub(crate) rows: &'a [ReportRow],
    /// Why the run stopped before its end.
    pub(crate) stop: Option<&'a StopReason>,
    /// Whether a source could not be read, whole or in part.
    pub(crate) unreadable: bool,
    /// Whether something could not be kept on this disk.
    pub(crate) disk_failed: bool,
}

impl Ended<'_> {
    /// Of all exit codes that hold, the gravest.
    pub(crate) fn exit(&self) -> Exit {
        let rows = self.rows.iter().map(|row| exit_of(row.state, self.action));
        let others = [
            self.stop.map_or(Exit::Done, exit_of_stop),
            if self.unreadable { Exit::Partial } else { Exit::Done },
            if self.disk_failed { Exit::Disk } else { Exit::Done },
        ];
        rows.chain(others).fold(Exit::Done, Exit::or)
    }
}

fn exit_of(state: State, action: Action) -> Exit {
    match (state, action) {
        (State::Unconfirmed | State::Duplicate | State::Sending, _) => Exit::Doubt,
        (State::Refused | State::GaveUp | State::Unfit, Action::Create)
        | (State::Created | State::Found, Action::Delete) => Exit::Partial,
        (State::NotSent, Action::Create) => Exit::Stopped,
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

    fn exit(states: &[State], stop: Option<&StopReason>, unreadable: bool, disk: bool) -> Exit {
        exit_after(Action::Create, states, stop, (unreadable, disk))
    }

    fn exit_after(
        action: Action,
        states: &[State],
        stop: Option<&StopReason>,
        (unreadable, disk_failed): (bool, bool),
    ) -> Exit {
        let row = |state: &State| {
            let cell = |name: &str| match name {
                "outcome" => state.as_str().into(),
                "api_id" => "api-1".into(),
                _ => "".into(),
            };
            ReportRow::from_cells(cell).expect("a row")
        };
        let rows: Vec<ReportRow> = states.iter().map(row).collect();
        Ended { action, rows: &rows, stop, unreadable, disk_failed }.exit()
    }

    #[test]
    fn each_outcome_has_its_exit_code_and_the_gravest_is_told() {
        use State::{
            Created, Duplicate, Exists, Found, GaveUp, NotSent, Refused, Sending, Skipped,
            Unconfirmed, Unfit,
        };
        assert_eq!(exit(&[], None, false, false), Exit::Done);
        assert_eq!(exit(&[Created, Found, Exists, Skipped], None, false, false), Exit::Done);
        for state in [Refused, GaveUp, Unfit] {
            assert_eq!(exit(&[Created, state], None, false, false), Exit::Partial, "{state}");
        }
        assert_eq!(exit(&[Created], None, true, false), Exit::Partial);
        assert_eq!(exit(&[Refused, NotSent], None, false, false), Exit::Stopped);
        for state in [Unconfirmed, Duplicate, Sending] {
            assert_eq!(exit(&[NotSent, state], None, false, false), Exit::Doubt, "{state}");
        }
        assert_eq!(exit(&[Unconfirmed], None, false, true), Exit::Disk);
    }

    #[test]
    fn each_reason_to_stop_has_its_exit_code() {
        let hopeless = StopReason::Hopeless { code: "AuthFailure".into(), message: "no".into() };
        assert_eq!(exit(&[], Some(&hopeless), false, false), Exit::Stopped);
        let lost = StopReason::JournalLost { message: "full".into() };
        assert_eq!(exit(&[], Some(&lost), false, false), Exit::Disk);
        let interrupted = StopReason::Interrupted { terminate: false };
        assert_eq!(exit(&[State::NotSent], Some(&interrupted), false, false), Exit::Interrupted);
        let killed = StopReason::Killed { terminate: true };
        assert_eq!(exit(&[State::NotSent], Some(&killed), false, false), Exit::Terminated);
        assert_eq!(exit(&[State::Unconfirmed], Some(&killed), false, false), Exit::Doubt);
    }

    #[test]
    fn after_an_undo_only_what_it_did_counts() {
        let exit = |state| exit_after(Action::Delete, &[state], None, (false, false));
        assert_eq!(exit(State::Created), Exit::Partial, "it still stands");
        for state in [State::Deleted, State::Refused, State::NotSent, State::Unfit] {
            assert_eq!(exit(state), Exit::Done, "{state}");
        }
        assert_eq!(exit(State::Duplicate), Exit::Doubt);
    }
}
