//! A disk that fills up, and one that lies. Needs Linux, `strace`, and for the full disk
//! root; says so and skips where these are absent. What single calls do is in
//! [`super::syscalls`].

use std::path::Path;
use std::process::Command;

use super::strace::{Strike, struck, there_is_strace};
use super::trial::Trial;

#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn skipped(what: &str) {
    eprintln!("skipped: {what}");
}

#[test]
fn a_disk_that_swallows_part_of_a_line_has_nothing_read_from_it_that_is_not_whole() {
    let mut trial = Trial::new(20, "duplicates: accept\n")
        .options("--rate 40 --rate-limit 500 --quota 1000 --settle 0.3");
    if !there_is_strace() {
        return;
    }
    let lies = Strike { file: "r.csv.journal", call: "write", how: "retval=3", nth: 5, on: false };
    let import = trial.import();
    trial.run(struck(&trial, &import, lies));
    // Damaged where it was safe: refused. After the last sync: cut, and looked for.
    let ended = trial.run(trial.again());
    assert!([Some(0), Some(6)].contains(&ended.code), "{:?} {}", ended.code, ended.stderr);
    assert!(trial.simulator.created().values().all(|ids| ids.len() == 1));
}

/// A small file system of its own, gone when dropped.
struct Small<'p>(&'p Path);

impl<'p> Small<'p> {
    fn mount(at: &'p Path) -> Option<Self> {
        std::fs::create_dir(at).expect("a folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=256k", "none"]).arg(at);
        mount.output().ok()?.status.success().then_some(Self(at))
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").args(["-l"]).arg(self.0).output();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn on_a_full_disk_the_old_csv_stays_whole_and_nothing_is_doubled() {
    let mut trial = Trial::new(60, "duplicates: accept\n")
        .options("--rate 30 --rate-limit 500 --quota 1000 --settle 0.3");
    let folder = trial.case.path("small");
    let Some(_small) = Small::mount(&folder) else {
        return skipped("a file system can be mounted by root alone");
    };
    let mut command = trial.import_as("small/r.csv", "");
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let child = command.spawn().expect("it starts");
    std::thread::sleep(std::time::Duration::from_millis(900));
    // As much as there is room for.
    let _ = std::fs::write(folder.join("filler"), vec![0_u8; 300 * 1024]);
    let code = crate::case::wait(child);
    assert!([Some(0), Some(6)].contains(&code), "{code:?}");
    assert_eq!(trial.case.report("small/r.csv").len(), 60);
    std::fs::remove_file(folder.join("filler")).expect("the filler");
    trial.run(trial.case.command("resume small/r.csv")).exits(0);
    for name in ["r.csv", "r.csv.journal"] {
        std::fs::copy(folder.join(name), trial.case.path(name)).expect("a copy");
    }
    let last = trial.run(trial.again());
    trial.hold(&last).holds();
}

#[test]
fn where_no_room_can_be_reserved_nothing_is_sent() {
    let mut trial = Trial::new(400, "duplicates: accept\n");
    let folder = trial.case.path("small");
    let Some(_small) = Small::mount(&folder) else {
        return skipped("a file system can be mounted by root alone");
    };
    std::fs::write(folder.join("filler"), vec![0_u8; 180 * 1024]).expect("a filler");
    let command = trial.import_as("small/r.csv", "");
    let ended = trial.run(command);
    assert!([Some(2), Some(6)].contains(&ended.code), "{:?} {}", ended.code, ended.stderr);
    assert!(trial.simulator.created().is_empty());
}

#[test]
fn where_the_reports_folder_has_vanished_what_was_made_is_printed_line_by_line() {
    let mut trial = Trial::new(12, "duplicates: accept\n")
        .options("--rate 6 --rate-limit 500 --quota 1000 --settle 0.3");
    let folder = trial.case.path("gone");
    let at = std::time::Duration::from_millis(900);
    let removed = std::thread::spawn(move || {
        std::thread::sleep(at);
        // Until no file is made anew while the others are removed.
        (0..1_000).any(|_| std::fs::remove_dir_all(&folder).is_ok())
    });
    let ended = trial.run(trial.import_as("gone/r.csv", "")).exits(6);
    assert!(removed.join().expect("a thread"));
    let made = trial.simulator.created();
    assert_eq!(made.len(), 12);
    for (key, ids) in made {
        let line = format!("  service-simulated {} {key}", ids[0]);
        assert!(ended.stderr.lines().any(|told| told == line), "{line} in {}", ended.stderr);
    }
    assert!(!ended.stderr.contains("the journal holds everything"), "{}", ended.stderr);
}
