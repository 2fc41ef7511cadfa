//! Addresses behind which no gateway answers, or not in the usual way: what stands there is
//! told at once, with what to do, and nothing is sent that could have an effect.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::tls::Front;
use super::trial::Trial;
use crate::case::Ended;

/// What a wrong address may take. Alone on a machine it is some milliseconds; retrying, as for
/// a gateway that is away, takes half a minute.
const AT_ONCE: Duration = Duration::from_secs(8);

/// With the default timeout, so that none of this is told by its running out.
fn trial() -> Trial {
    Trial::new(3, "duplicates: accept\n").options("--settle 1.2")
}

/// Handles every connection on a thread of its own; the address, and all ends with the process.
pub(super) fn listen(behave: impl Fn(TcpStream) + Clone + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let behave = behave.clone();
            std::thread::spawn(move || behave(stream));
        }
    });
    address
}

/// Imports at this endpoint; it has to end at once, with this text and nothing sent.
fn is_told_at_once(trial: &mut Trial, endpoint: &str, says: &str) -> Ended {
    trial.simulator.endpoint = endpoint.to_owned();
    let import = trial.import_as("r.csv", "--allow-plain-http");
    let begun = Instant::now();
    let ended = trial.run(import).exits(5).says(says);
    assert!(begun.elapsed() < AT_ONCE, "{:?}: {}", begun.elapsed(), ended.stderr);
    assert!(trial.simulator.ledger().is_empty());
    assert!(trial.case.report("r.csv").iter().all(|row| row["outcome"] == "not-sent"));
    ended
}

/// Servers answer plain http on a port for TLS with an alert, with a page of their own, or
/// not at all.
#[test]
fn plain_http_to_a_port_for_tls_is_told_at_once() {
    let hang_up = |_: TcpStream| {};
    let page = |mut stream: TcpStream| {
        let body = "<h1>400</h1>The plain HTTP request was sent to HTTPS port";
        let length = body.len();
        _ = stream.read(&mut [0; 4096]);
        _ = write!(stream, "HTTP/1.1 400 Bad Request\r\nContent-Length: {length}\r\n\r\n{body}");
    };
    let ways: [Option<fn(TcpStream)>; 3] = [None, Some(hang_up), Some(page)];
    for to_plain_http in ways {
        let mut trial = trial();
        let front = Front::new("good", &trial.simulator.endpoint).address;
        let address = to_plain_http.map_or(front.clone(), |answer| {
            listen(move |stream| {
                let mut first = [0];
                _ = stream.peek(&mut first);
                if first == [0x16] { pipe(stream, &front) } else { answer(stream) }
            })
        });
        let says = format!("{address} speaks TLS: use https:// in --endpoint");
        is_told_at_once(&mut trial, &format!("http://{address}"), &says);
    }
}

/// Both ways at once, until either side hangs up.
fn pipe(near: TcpStream, far: &str) {
    super::tls::copy_both_ways(near, TcpStream::connect(far).expect("the place"));
}

#[test]
fn https_to_a_port_for_plain_http_is_told_at_once() {
    let mut trial = trial();
    let endpoint = trial.simulator.endpoint.replace("http:", "https:");
    is_told_at_once(&mut trial, &endpoint, "does not speak TLS: check the port, or use http://");
}

#[test]
fn what_does_not_answer_in_http_is_told_at_once() {
    let address = listen(|mut stream| {
        _ = stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n");
        _ = stream.read(&mut [0; 4096]);
    });
    let says = format!("the answer of {address} is not HTTP: check the port");
    is_told_at_once(&mut trial(), &format!("http://{address}"), &says);
}
