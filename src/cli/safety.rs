//! What the process must not leave behind: a core with a key in it, or a panic that prints
//! the value it tripped over.

use std::panic::{self, AssertUnwindSafe, PanicHookInfo};

use crate::cli::error::{Error, Exit};
use crate::cli::printer;

/// Runs the program so that neither a core nor a panic shows secrets.
pub(crate) fn guarded(program: impl FnOnce() -> Exit) -> Exit {
    private();
    panic::set_hook(Box::new(|info| _ = printer::error(&bug(&place(info)))));
    caught(program)
}

/// A panic ends the process; what it left broken is not looked at again.
fn caught(program: impl FnOnce() -> Exit) -> Exit {
    panic::catch_unwind(AssertUnwindSafe(program)).unwrap_or(Exit::Bug)
}

fn bug(place: &str) -> Error {
    Error::new(Exit::Bug, format!("apiferry has a bug, at {place}"))
        .hint("if a report was begun, it can be resumed; please report this bug with the command that you ran")
}

/// Where a panic was. Its message is left out: it may hold what was being handled.
fn place(info: &PanicHookInfo<'_>) -> String {
    info.location().map_or_else(
        || "an unknown place".to_owned(),
        |place| format!("{}:{}", place.file(), place.line()),
    )
}

/// Turns core dumps off, and keeps other processes of the same user from reading this one's
/// memory. Where that cannot be set the process goes on: the usual limit is none already.
#[cfg(unix)]
fn private() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // A limit of no bytes does not hold where cores are piped to a program.
        _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

#[cfg(not(unix))]
fn private() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_guarded_process_leaves_no_core_and_is_read_by_no_other() {
        use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};
        private();
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
        assert_eq!(dumpable_behavior().ok(), Some(DumpableBehavior::NotDumpable));
    }

    #[test]
    fn a_panic_is_a_bug_by_its_exit_code() {
        assert_eq!(caught(|| panic!("on purpose")), Exit::Bug);
    }
}
