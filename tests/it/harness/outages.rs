//! The way to the gateway gone for a while: a network that is cut, a gateway that stands
//! still or begins again, a name that does not resolve. Each heals by itself, nothing is
//! doubled, and nobody has to resume. What needs a namespace needs root on Linux.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::check;
use super::tls::message;
use super::trial::Trial;
use crate::case::{Case, wait};

/// Slow enough that an outage falls into the run, patient enough for a request that was on
/// its way when it began and is carried out when it ends.
const OPTIONS: &str = "--rate 20 --rate-limit 500 --quota 1000 --timeout 0.6 --settle 4";

#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn skipped() {
    eprintln!("skipped: a namespace can be made by root alone");
}

fn pause(length: Duration) {
    std::thread::sleep(length);
}

/// At most in flight.
const FLIGHTS: usize = 16;

/// What may have been in flight just now: intents of which the journal tells no end.
fn in_flight(trial: &Trial) -> usize {
    let text = std::fs::read(trial.case.path("r.csv.journal")).expect("the journal");
    check::in_doubt(&check::journal(&text, true))
}

fn start(trial: &Trial) -> Child {
    let mut command = trial.import();
    let told = std::fs::File::create(trial.case.path("told")).expect("a file");
    command.stdout(Stdio::null()).stderr(told).spawn().expect("it starts")
}

/// Until so many were created.
fn until_created(trial: &Trial, count: usize) {
    let begun = Instant::now();
    while trial.simulator.created().len() < count {
        assert!(begun.elapsed() < Duration::from_secs(30), "{}", trial.case.read("told"));
        pause(Duration::from_millis(20));
    }
}

/// Records of this kind in the journal.
fn records(trial: &Trial, kind: &str) -> Vec<serde_json::Value> {
    let text = std::fs::read(trial.case.path("r.csv.journal")).expect("the journal");
    check::journal(&text, true).into_iter().filter(|record| record["step"] == kind).collect()
}

/// The run ends by itself with everything in place, and no more than this was ever in doubt.
#[track_caller]
fn heals(mut trial: Trial, child: Child, in_doubt: usize) {
    assert_eq!(wait(child), Some(0), "{}", trial.case.read("told"));
    let doubts = records(&trial, "doubt").len();
    assert!(doubts <= in_doubt, "{doubts} in doubt");
    let last = trial.run(trial.again());
    trial.hold(&last).holds();
}

fn signal(trial: &Trial, name: &str) {
    let pid = trial.simulator.id().to_string();
    assert!(Command::new("kill").args([name, &pid]).status().expect("kill").success());
}

#[test]
fn a_gateway_that_stands_still_is_waited_for() {
    // As many are in flight as may be before the first is given up, and would be again.
    let trial = Trial::new(60, "duplicates: accept\n")
        .options("--rate 30 --rate-limit 500 --quota 1000 --timeout 0.8 --settle 4");
    let child = start(&trial);
    until_created(&trial, 10);
    signal(&trial, "-STOP");
    pause(Duration::from_secs(2));
    signal(&trial, "-CONT");
    heals(trial, child, FLIGHTS);
}

#[test]
fn a_gateway_that_begins_again_on_what_it_holds_is_gone_on_with() {
    let mut trial = Trial::new(60, "duplicates: accept\n").options(OPTIONS);
    let child = start(&trial);
    until_created(&trial, 10);
    trial.simulator.stop();
    let in_flight = in_flight(&trial);
    pause(Duration::from_secs(1));
    trial.begin_again();
    heals(trial, child, in_flight);
}

#[test]
fn answers_of_a_byte_a_second_hold_up_nobody_else() {
    let slow = "duplicates: accept\nfaults: [{ at: [3, 8], bytes-per-second: 1 }]\n";
    let mut trial = Trial::new(30, slow)
        .options("--rate 40 --rate-limit 500 --quota 1000 --timeout 3 --settle 0.5");
    let last = trial.run(trial.import()).exits(0);
    let ledger = trial.simulator.ledger();
    let reads = ledger.iter().filter(|e| e["verdict"] == "read" && e["action"] == "CreateApi");
    let times: Vec<u64> = reads.filter_map(|event| event["mono_ns"].as_u64()).collect();
    // Nobody waited for the three seconds after which the slow ones were left.
    let apart = times.iter().max().zip(times.iter().min()).map(|(last, first)| last - first);
    assert!(apart < Some(2_500_000_000), "{apart:?}");
    let tally = trial.hold(&last);
    assert_eq!(tally.found, 2);
    tally.holds();
}

/// A way to the gateway that can be shut: then whoever knocks hears nothing, not even no.
struct Door {
    address: SocketAddr,
    open: Arc<AtomicBool>,
}

impl Door {
    fn new(behind: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (open, behind) = (Arc::new(AtomicBool::new(true)), behind.replace("http://", ""));
        let is_open = Arc::clone(&open);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let behind = behind.clone();
                std::thread::spawn(move || pass_on(stream, &behind));
                while !is_open.load(Ordering::Relaxed) {
                    pause(Duration::from_millis(5));
                }
            }
        });
        Self { address, open }
    }

    /// Shuts it, until what is given back is dropped and it is opened: as many stand before
    /// it, saying nothing, as the system lets wait.
    fn shut(&self) -> Vec<TcpStream> {
        self.open.store(false, Ordering::Relaxed);
        let knock = || TcpStream::connect_timeout(&self.address, Duration::from_millis(200)).ok();
        std::iter::from_fn(knock).collect()
    }
}

/// One request to where it should go, and its answer back.
fn pass_on(mut front: TcpStream, behind: &str) {
    let Ok(request) = message(&mut front) else { return };
    let mut back = TcpStream::connect(behind).expect("the simulator");
    back.write_all(&request).expect("a request");
    let Ok(answer) = message(&mut back) else { return };
    _ = front.write_all(&answer);
}

#[test]
fn a_connection_that_nobody_takes_is_a_request_that_never_left() {
    let mut trial = Trial::new(60, "duplicates: accept\n").options(OPTIONS);
    let door = Door::new(&trial.simulator.endpoint);
    trial.simulator.endpoint = format!("http://{}", door.address);
    let child = start(&trial);
    until_created(&trial, 10);
    let before = door.shut();
    // A few may have slipped in among those who stand before it.
    let in_flight = in_flight(&trial);
    pause(Duration::from_millis(1500));
    let meant = records(&trial, "intent").len();
    pause(Duration::from_millis(1500));
    assert_eq!(records(&trial, "intent").len(), meant, "a create was a probe");
    drop(before);
    door.open.store(true, Ordering::Relaxed);
    heals(trial, child, in_flight);
}

/// A network of its own, with nothing but a loopback; gone with the process that holds it.
struct Network(Child);

impl Network {
    fn new() -> Option<Self> {
        let mut holder = Command::new("unshare");
        holder.args(["--net", "sh", "-c", "ip link set lo up && echo up && exec sleep 120"]);
        let mut child = holder.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        let mut said = String::new();
        let mut stdout = std::io::BufReader::new(child.stdout.take()?);
        std::io::BufRead::read_line(&mut stdout, &mut said).ok()?;
        let made = Self(child);
        (said == "up\n").then_some(made)
    }

    /// What a command is run by to be in it.
    fn within(&self) -> Vec<String> {
        vec!["nsenter".into(), format!("--net=/proc/{}/ns/net", self.0.id()), "--".into()]
    }

    fn link(&self, state: &str) {
        let within = self.within();
        let mut ip = Command::new(&within[0]);
        ip.args(&within[1..]).args(["ip", "link", "set", "lo", state]);
        assert!(ip.status().expect("ip").success());
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

#[test]
fn a_network_that_is_cut_for_a_while_costs_no_more_than_what_was_in_flight() {
    let Some(network) = Network::new() else { return skipped() };
    let case = Case::new().credentials().run_by(network.within());
    let trial = Trial::of(case, 60, 0, "duplicates: accept\n").options(OPTIONS);
    let child = start(&trial);
    until_created(&trial, 10);
    network.link("down");
    let in_flight = in_flight(&trial);
    // The creates that learn that it is cut.
    pause(Duration::from_millis(1500));
    let meant = records(&trial, "intent").len();
    pause(Duration::from_millis(1500));
    assert_eq!(records(&trial, "intent").len(), meant, "a create was a probe");
    network.link("up");
    heals(trial, child, in_flight);
}

/// Runs a command with this case's `hosts` in place of the machine's, and nobody to ask.
const OWN_NAMES: &str = "mount --bind hosts /etc/hosts && mount --bind nsswitch /etc/nsswitch.conf \
    && exec \"$@\"";

#[test]
fn a_name_that_does_not_resolve_is_a_request_that_never_left() {
    let can = ["--mount", "true"];
    if !Command::new("unshare").args(can).status().is_ok_and(|status| status.success()) {
        return skipped();
    }
    let within = ["unshare", "--mount", "sh", "-c", OWN_NAMES, "sh"].map(String::from);
    let case = Case::new().credentials().run_by(within.to_vec());
    let case = case.file("hosts", "").file("nsswitch", "hosts: files\n");
    let mut trial = Trial::of(case, 40, 0, "duplicates: accept\n")
        .options(&format!("{OPTIONS} --allow-plain-http"));
    trial.simulator.endpoint = trial.simulator.endpoint.replace("127.0.0.1", "gateway.test");
    let child = start(&trial);
    pause(Duration::from_secs(1));
    trial.case.write("hosts", "127.0.0.1 gateway.test\n");
    until_created(&trial, 10);
    trial.case.write("hosts", "");
    pause(Duration::from_secs(2));
    trial.case.write("hosts", "127.0.0.1 gateway.test\n");
    heals(trial, child, 0);
}
