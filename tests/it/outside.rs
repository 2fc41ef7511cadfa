//! What a preview touches of the world: no socket, and no file but its sources' own. Seen
//! from outside, by strace; skipped where there is none.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::case::{Case, Ended, document, skipped};

/// Calls that would reach out of the machine, open a file or start a program.
const TRACED: &str = "trace=open,openat,openat2,socket,connect,execve";

/// A preview of a folder, and what it touched.
struct Traced {
    ended: Ended,
    /// The lines that strace wrote.
    trace: String,
}

impl Traced {
    /// Runs a preview under strace; `None` where there is none.
    fn run(case: &Case, source: &Path) -> Option<Self> {
        if Command::new("strace").arg("-V").output().is_err() {
            skipped("there is no strace on this machine");
            return None;
        }
        let source = source.to_str().expect("a path in UTF-8");
        let program = case.command_of(&["preview", source, "--format", "jsonl"]);
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "--seccomp-bpf", "-s", "4096", "-e", TRACED, "-o"]);
        command.arg(case.path("trace"));
        command.arg(program.get_program()).args(program.get_args()).current_dir(case.path("."));
        let ended = case.finish(command);
        assert!(matches!(ended.code, Some(0 | 2 | 3)), "{ended:?}");
        let trace = String::from_utf8_lossy(&std::fs::read(case.path("trace")).expect("a trace"))
            .into_owned();
        Some(Self { ended, trace })
    }

    /// The paths that it opened, or tried to.
    fn opened(&self) -> BTreeSet<PathBuf> {
        let calls = self.trace.lines().filter(|line| line.contains("open"));
        calls.filter_map(|line| line.split('"').nth(1)).map(PathBuf::from).collect()
    }

    /// Asserts that beside what any preview opens it opened nothing that is not below `root`.
    #[track_caller]
    fn stays_below(&self, root: &Path) {
        for call in ["socket(", "connect("] {
            assert!(!self.trace.contains(call), "{call}:\n{}", self.trace);
        }
        assert_eq!(self.trace.matches("execve(").count(), 1, "it starts no other program");
        let usual = usual();
        let root = root.canonicalize().expect("a folder");
        let strays: Vec<PathBuf> = self
            .opened()
            .into_iter()
            .filter(|path| !usual.contains(path) && !of_git(path))
            .filter(|path| {
                // Where nothing is, nothing was read; the folder that it would lie in counts.
                let found = path.canonicalize().unwrap_or_else(|_| path.clone());
                !found.starts_with(&root)
            })
            .collect();
        assert!(strays.is_empty(), "it opened {strays:?}");
    }
}

/// What the walk of a folder asks for by itself, there and in the folders above: what git
/// leaves out.
fn of_git(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    [".git", ".gitignore", ".ignore", "commondir", "exclude"].iter().any(|known| name == *known)
}

/// What the C library asks the kernel when a thread gives memory back: some runs do, some do
/// not.
const OF_MEMORY: &str = "/proc/sys/vm/overcommit_memory";

/// What a preview opens that refers to nothing: libraries, and what the threads ask the
/// kernel.
fn usual() -> BTreeSet<PathBuf> {
    let case = Case::new();
    for name in ["a", "b", "c"] {
        case.write(&format!("in/{name}.yaml"), document(name, 1));
    }
    let traced = Traced::run(&case, &case.path("in")).expect("strace is here");
    let inside = case.path("in");
    let opened = traced.opened();
    assert!(opened.contains(&inside.join("a.yaml")), "{opened:?}");
    let outside = opened.into_iter().filter(|path| !path.starts_with(&inside));
    outside.chain([PathBuf::from(OF_MEMORY)]).collect()
}

/// Holds every document of a folder to it.
fn stays_within(folder: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    if !root.is_dir() {
        return skipped(&format!("{} is not here", folder.display()));
    }
    let Some(traced) = Traced::run(&Case::new(), &root) else { return };
    let last = traced.ended.lines().pop().expect("a summary");
    assert!(last["documents"].as_u64() > Some(10), "{last}");
    traced.stays_below(&root);
}

#[test]
fn no_document_of_the_kit_reaches_out_of_its_root() {
    stays_within(Path::new("tests/specs"));
}

#[test]
fn no_sample_reaches_out_of_its_root() {
    stays_within(Path::new("../shared/samples"));
}

#[cfg(unix)]
#[test]
fn a_document_that_names_files_outside_its_root_opens_none_of_them() {
    let targets = [
        "file:///etc/passwd",
        "/etc/shadow",
        "../secret.yaml",
        "link.yaml",
        "http://127.0.0.1:9/x",
        "https://example.com/x.yaml#/a",
        "//host/share.yaml",
        "inner/good.yaml#/a",
    ];
    let paths: Vec<String> =
        targets.iter().enumerate().map(|(i, to)| format!("  /{i}: {{$ref: '{to}'}}\n")).collect();
    let case = Case::new()
        .file("in/bad.yaml", document("a", 0) + &paths.concat())
        .file("secret.yaml", "get: {}")
        .file("in/inner/good.yaml", "a: {get: {}}");
    std::os::unix::fs::symlink("../secret.yaml", case.path("in/link.yaml")).expect("a link");
    let Some(traced) = Traced::run(&case, &case.path("in/bad.yaml")) else { return };
    assert!(traced.trace.contains("inner/good.yaml"), "{}", traced.trace);
    traced.stays_below(&case.path("in"));
    for named in ["passwd", "shadow", "secret.yaml", "link.yaml", "share.yaml"] {
        assert!(!traced.trace.contains(named), "{named} was opened:\n{}", traced.trace);
    }
    let lines = traced.ended.lines();
    assert_eq!(lines.iter().filter(|line| line["kind"] == "item").count(), 1);
}
