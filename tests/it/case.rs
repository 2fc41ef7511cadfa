//! A `Case` is a folder of its own, a simulator on a port of its own, and the built
//! program run in it. Everything ends with the case.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Longest that one run of the program may take before it is killed and the test fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// A folder of its own, and the program run in it.
pub(crate) struct Case {
    folder: TempDir,
    variables: BTreeMap<String, String>,
    /// What runs the program, such as `nsenter`; empty: nothing does.
    runner: Vec<String>,
}

/// How one run of the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code; `None`: killed by a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A simulator serving this case; it ends when this is dropped.
pub(crate) struct Simulator {
    child: Child,
    pub(crate) endpoint: String,
    ledger: PathBuf,
}

/// One row of a report by column.
pub(crate) type Row = BTreeMap<String, String>;

impl Case {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = folder.path().join("home");
        fs::create_dir(&home).expect("a home folder");
        let variables = BTreeMap::from([
            ("HOME".into(), home.display().to_string()),
            ("XDG_STATE_HOME".into(), home.join("state").display().to_string()),
            ("PATH".into(), std::env::var("PATH").unwrap_or_default()),
        ]);
        Self { folder, variables, runner: Vec::new() }
    }

    /// Writes a file, its folders too.
    #[must_use]
    pub(crate) fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        self.write(name, text);
        self
    }

    /// Sets a variable of the program's environment.
    #[must_use]
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// Has the program, and the simulator, run by this command.
    #[must_use]
    pub(crate) fn run_by(mut self, runner: Vec<String>) -> Self {
        self.runner = runner;
        self
    }

    /// The credentials that the simulator knows.
    #[must_use]
    pub(crate) fn credentials(self) -> Self {
        self.variable("TENCENTCLOUD_SECRET_ID", "AKIDEXAMPLE")
            .variable("TENCENTCLOUD_SECRET_KEY", "SecretExample")
            .variable("TENCENTCLOUD_REGION", "ap-guangzhou")
    }

    /// Other credentials from now on.
    pub(crate) fn renew(&mut self, id: &str, key: &str) {
        self.set("TENCENTCLOUD_SECRET_ID", id);
        self.set("TENCENTCLOUD_SECRET_KEY", key);
    }

    /// Sets a variable of the program's environment from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.into(), value.into());
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("its folders");
        fs::write(path, text).expect("the file");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Writes a file for its owner alone into a folder of the same kind, as credentials lie.
    #[cfg(unix)]
    pub(crate) fn write_private(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let set = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
        };
        // Moved into place, so that nobody finds half of it.
        self.write(&format!("{name}.new"), text);
        set(&self.path(&format!("{name}.new")), 0o600);
        set(self.path(name).parent().expect("a folder"), 0o700);
        fs::rename(self.path(&format!("{name}.new")), self.path(name)).expect("the file");
    }

    /// The program with these arguments, separated by spaces.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        self.command_of(&arguments.split_whitespace().collect::<Vec<_>>())
    }

    /// The program with these arguments.
    pub(crate) fn command_of(&self, arguments: &[&str]) -> Command {
        let mut words = self.runner.iter().map(String::as_str);
        let mut command = Command::new(words.next().unwrap_or(env!("CARGO_BIN_EXE_apiferry")));
        if !self.runner.is_empty() {
            command.args(words).arg(env!("CARGO_BIN_EXE_apiferry"));
        }
        command.args(arguments).current_dir(self.folder.path());
        command.env_clear().envs(&self.variables).stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &str) -> Ended {
        self.finish(self.command(arguments))
    }

    /// Runs this command to its end.
    pub(crate) fn finish(&self, mut command: Command) -> Ended {
        let (out, err) = (self.path(".stdout"), self.path(".stderr"));
        command.stdout(File::create(&out).expect("a file for stdout"));
        command.stderr(File::create(&err).expect("a file for stderr"));
        let code = wait(command.spawn().expect("the program starts"));
        let text =
            |path: &Path| String::from_utf8_lossy(&fs::read(path).expect("output")).into_owned();
        Ended { code, stdout: text(&out), stderr: text(&err) }
    }

    /// A simulator for this case with these further arguments.
    pub(crate) fn simulator(&self, arguments: &str) -> Simulator {
        self.simulator_at("127.0.0.1:0", arguments)
    }

    /// The same at this address.
    pub(crate) fn simulator_at(&self, address: &str, arguments: &str) -> Simulator {
        let ledger = self.path("ledger.jsonl");
        let mut command = self.command(&format!("simulate --listen {address}"));
        command.arg("--ledger").arg(&ledger).args(arguments.split_whitespace());
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the simulator starts");
        let stdout = child.stdout.take().expect("its stdout");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("its first line");
        let endpoint =
            line.trim().strip_prefix("listening on ").expect("where it listens").to_owned();
        Simulator { child, endpoint, ledger }
    }

    /// The rows of a report, in its order.
    pub(crate) fn report(&self, name: &str) -> Vec<Row> {
        let mut reader = csv::Reader::from_path(self.path(name)).expect("the report");
        reader.deserialize().map(|row| row.expect("a whole row")).collect()
    }
}

impl Ended {
    /// The JSON lines of standard output.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
    }

    /// Asserts the exit code, showing the rest where it differs.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Asserts that standard error holds this text.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "{text:?} is not in:\n{}", self.stderr);
        self
    }
}

impl Simulator {
    /// Its process.
    #[cfg(target_os = "linux")]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it.
    pub(crate) fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// All events so far.
    pub(crate) fn ledger(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.ledger).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
    }

    /// The APIs created, with how often each: by `METHOD path`.
    pub(crate) fn created(&self) -> BTreeMap<String, Vec<String>> {
        let mut created: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for event in self.ledger().iter().filter(|event| event["verdict"] == "created") {
            if event["action"] != "CreateApi" {
                continue;
            }
            let id = event["api_id"].as_str().expect("an ApiId").to_owned();
            let text = |field: &str| event[field].as_str().expect("a text").to_owned();
            let key = format!("{} {}", text("method"), text("path"));
            created.entry(key).or_default().push(id);
        }
        created
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Says that a test was not played here, and why.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub(crate) fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

/// Waits for a program to end; kills it when it takes too long.
pub(crate) fn wait(child: Child) -> Option<i32> {
    wait_for(child, PATIENCE)
}

/// The same with another patience.
pub(crate) fn wait_for(mut child: Child, patience: Duration) -> Option<i32> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("the program can be waited for") {
            return status.code();
        }
        if begun.elapsed() > patience {
            let _ = child.kill();
            panic!("the program did not end within {patience:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A document of `count` operations: `GET /{prefix}/0`, `GET /{prefix}/1`, …
pub(crate) fn document(prefix: &str, count: usize) -> String {
    let mut text = String::from(
        "openapi: 3.0.3\ninfo: { title: Many, version: '1' }\nservers: [{ url: 'https://many.example.com' }]\npaths:\n",
    );
    for i in 0..count {
        let _ = write!(
            text,
            "  /{prefix}/{i}:\n    get: {{ operationId: {prefix}{i}, responses: {{ '200': {{ description: ok }} }} }}\n"
        );
    }
    text
}
