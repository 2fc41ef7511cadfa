//! Told to stop, once and twice; nobody reading what it says.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::trial::{Dice, Tally, Trial, plays};
use crate::case::wait;

pub(super) fn signal(pid: u32, name: &str) {
    let status = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status();
    assert!(status.expect("kill").success());
}

#[test]
fn told_to_stop_once_or_twice_at_any_moment_it_can_be_resumed() {
    plays("signals", 9, |seed| {
        let mut dice = Dice::new(seed);
        let (name, code) =
            [("INT", 130), ("TERM", 143), ("HUP", 143)][usize::try_from(seed % 3).expect("small")];
        let scenario = format!(
            "seed: {seed}\nduplicates: accept\nlatency-ms: [5, 60]\nfaults: [{{ share: 0.1, carried-out: true, reply: silence }}]\n"
        );
        let mut trial = Trial::new(120, &scenario).options(
            "--rate 40 --rate-limit 500 --quota 1000 --timeout 0.4 --settle 1 --max-failures 1000",
        );
        let mut command = trial.import();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("it starts");
        // Later than the handlers stand, earlier than it could end.
        std::thread::sleep(Duration::from_millis(500) + dice.millis(1500));
        signal(child.id(), name);
        if dice.roll(2) == 1 {
            std::thread::sleep(dice.millis(40));
            signal(child.id(), name);
        }
        let ended = wait(child);
        let rows = trial.case.report("r.csv");
        // What a second signal leaves in doubt, or what the first left unlooked for, counts more.
        let doubt = rows.iter().any(|row| row["outcome"] == "unconfirmed");
        let due = if doubt { 4 } else { code };
        let last = trial.run(trial.again());
        let mut tally = trial.finish(last);
        if ended != Some(due) {
            tally.broken.push(format!("{name} ended with {ended:?}, not {due}"));
        }
        if rows.iter().any(|row| row["outcome"] == "sending") {
            tally.broken.push(format!("{name} left rows sending"));
        }
        Tally { ..tally }
    });
}

#[test]
#[cfg(target_os = "linux")]
fn closed_or_full_outputs_stop_no_run() {
    for redirection in [">&- 2>&-", ">/dev/full 2>/dev/full", "2>&1 | true"] {
        let mut trial = Trial::new(20, "duplicates: accept\n");
        let import = trial.import();
        let words: Vec<_> = std::iter::once(import.get_program())
            .chain(import.get_args())
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("{} {redirection}", words.join(" ")));
        shell
            .current_dir(trial.case.path(""))
            .env_clear()
            .envs(import.get_envs().filter_map(|(name, value)| Some((name, value?))));
        trial.case.finish(shell);
        let last = trial.run(trial.again());
        trial.hold(&last).holds();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_process_leaves_no_core() {
    let trial = Trial::new(1, "");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", trial.simulator.id()));
    let limits = limits.expect("the limits of a process");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a line");
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"]);
}
