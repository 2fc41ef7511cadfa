//! The program under `strace`, which strikes the k-th call of one name on one file: it kills
//! at it, or has it fail. Needs Linux, `strace` and the right to trace.

use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use super::trial::Trial;

/// Which calls are struck, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Strike<'s> {
    /// A file in the trial's folder, `$$` standing for the program's process id; empty for
    /// the folder itself.
    pub(crate) file: &'s str,
    /// The call's name, or what `strace` takes for one.
    pub(crate) call: &'s str,
    /// What happens at it, in the words of `strace -e inject`, such as `signal=KILL`.
    pub(crate) how: &'s str,
    /// The how manyeth call of a thread; `strace` counts each thread by itself.
    pub(crate) nth: usize,
    /// Whether all calls after it are struck too.
    pub(crate) on: bool,
}

/// Whether programs can be traced here; says so where they cannot.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub(crate) fn there_is_strace() -> bool {
    static THERE: LazyLock<bool> = LazyLock::new(|| {
        let mut strace = Command::new("strace");
        strace.args(["-o", "/dev/null", "true"]).stdout(Stdio::null()).stderr(Stdio::null());
        strace.status().is_ok_and(|status| status.success())
    });
    if !*THERE {
        eprintln!("skipped: there is no strace, or nothing may be traced");
    }
    *THERE
}

/// The same command, struck. `strace` stays in the background, so that the process that is
/// waited for is the program itself, under the id that its temporary files are named by.
pub(crate) fn struck(trial: &Trial, command: &Command, strike: Strike<'_>) -> Command {
    let Strike { file, call, how, nth, on } = strike;
    let on = if on { "+" } else { "" };
    // A record of another run would be taken for this one's.
    _ = std::fs::remove_file(trial.case.path("strace.out"));
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!(
        "exec strace -D -f -q -o strace.out -P \"$PWD/{file}\" -e inject={call}:{how}:when={nth}{on} -- \"$@\""
    ));
    shell.arg("sh").arg(command.get_program()).args(command.get_args());
    shell.current_dir(trial.case.path("")).env_clear();
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.stdin(Stdio::null());
    shell
}

/// Whether a command that has ended was struck.
pub(crate) fn was_struck(trial: &Trial) -> bool {
    let begun = Instant::now();
    loop {
        let told = std::fs::read_to_string(trial.case.path("strace.out")).unwrap_or_default();
        let ends: Vec<_> = told.lines().filter(|line| line.contains(" +++ ")).collect();
        if ends.iter().any(|line| line.contains("killed by SIGKILL")) || told.contains("(INJECTED)")
        {
            return true;
        }
        // The tracer ends a little after the program. A run that touched nothing has no line
        // of a call, but one of its end.
        if ends.iter().any(|line| line.contains("exited with"))
            && begun.elapsed() > Duration::from_millis(100)
        {
            return false;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "strace does not end:\n{told}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
