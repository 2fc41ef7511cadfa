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
    endpoint.clone_into(&mut trial.simulator.endpoint);
    let import = trial.import_as("r.csv", "--allow-plain-http");
    let begun = Instant::now();
    let ended = trial.run(import).exits(5).says(says);
    assert!(begun.elapsed() < AT_ONCE, "{:?}: {}", begun.elapsed(), ended.stderr);
    assert!(trial.simulator.created().is_empty());
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
        let says = format!("{address} uses TLS: use https:// in --endpoint");
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
    is_told_at_once(&mut trial, &endpoint, "does not use TLS: check the port, or use http://");
}

#[test]
fn what_does_not_answer_in_http_is_told_at_once() {
    let address = listen(|mut stream| {
        _ = stream.read(&mut [0; 4096]);
        _ = stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n");
    });
    let says = format!("the answer of {address} is not HTTP: check the port");
    is_told_at_once(&mut trial(), &format!("http://{address}"), &says);
}

#[test]
fn a_proxy_that_wants_a_login_is_told_at_once() {
    for (variable, endpoint) in [
        ("HTTPS_PROXY", "https://elsewhere.example"),
        ("https_proxy", "https://elsewhere.example"),
        ("HTTP_PROXY", "http://elsewhere.example"),
    ] {
        let proxy = listen(|mut stream| {
            _ = stream.read(&mut [0; 4096]);
            let refusal =
                b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
            _ = stream.write_all(refusal);
        });
        let mut trial = trial();
        trial.case.set(variable, &format!("http://{proxy}"));
        let says = format!("put them into {variable}, as in http://USER:PASSWORD@{proxy}");
        is_told_at_once(&mut trial, endpoint, &says).says("HTTP 407");
    }
}

#[test]
fn a_proxy_of_a_kind_that_is_not_supported_is_told_before_anything_is_sent() {
    let mut trial = trial();
    trial.case.set("HTTPS_PROXY", "socks://user:secret@127.0.0.1:1080");
    trial.simulator.endpoint = "https://elsewhere.example".to_owned();
    let ended = trial.run(trial.import()).exits(2);
    let ended =
        ended.says("HTTPS_PROXY is socks://127.0.0.1:1080, which is not an address such as");
    assert!(!ended.stderr.contains("secret"), "{}", ended.stderr);
}

/// A SOCKS server that takes everyone to the same place, whatever they ask for.
fn socks(place: String) -> String {
    listen(move |mut stream| {
        let read = |stream: &mut TcpStream, count: usize| {
            let mut bytes = vec![0; count];
            stream.read_exact(&mut bytes).expect("a request");
            bytes
        };
        let count = read(&mut stream, 2)[1];
        read(&mut stream, count.into());
        stream.write_all(b"\x05\0").expect("an answer");
        let rest = match read(&mut stream, 4)[3] {
            1 => 4,
            3 => read(&mut stream, 1)[0].into(),
            other => panic!("an address of kind {other}"),
        };
        read(&mut stream, rest + 2);
        stream.write_all(b"\x05\0\0\x01\0\0\0\0\0\0").expect("an answer");
        pipe(stream, &place);
    })
}

#[test]
fn a_socks_proxy_is_used() {
    let mut trial = trial();
    let front = Front::new("elsewhere", &trial.simulator.endpoint).address;
    let root = format!("{}/root.pem", super::tls::CERTIFICATES);
    let plain = trial.simulator.endpoint.replace("http://", "");
    for (variable, scheme, place, endpoint, count) in [
        ("HTTPS_PROXY", "socks5h", front, "https://elsewhere.example", 3),
        ("HTTP_PROXY", "socks5", plain, "http://192.0.2.1", 0),
    ] {
        let proxy = format!("{scheme}://{}", socks(place));
        trial.case.set(variable, &proxy);
        endpoint.clone_into(&mut trial.simulator.endpoint);
        let options = format!("--ca-file {root} --allow-plain-http");
        let import = trial.import_as(&format!("{scheme}.csv"), &options);
        let ended = trial.run(import).exits(0);
        ended.says(&format!("through the proxy {proxy}"));
        let rows = trial.case.report(&format!("{scheme}.csv"));
        assert_eq!(rows.iter().filter(|row| row["outcome"] == "created").count(), count);
    }
}

/// An address that passes one request on at a time to the simulator of this trial, and gives
/// its answers back changed.
fn changing(trial: &Trial, change: impl Fn(Vec<u8>) -> Vec<u8> + Clone + Send + 'static) -> String {
    let behind = trial.simulator.endpoint.replace("http://", "");
    let address = listen(move |mut stream| {
        let Ok(request) = super::tls::message(&mut stream) else { return };
        let mut back = TcpStream::connect(&behind).expect("the simulator");
        back.write_all(&request).expect("a request");
        let answer = super::tls::message(&mut back).expect("an answer");
        _ = stream.write_all(&change(answer));
    });
    format!("http://{address}")
}

/// The same answer with this header, and its body packed with gzip.
fn packed(answer: &[u8], encoding: &str) -> Vec<u8> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(&answer[end..]).expect("memory");
    let body = packer.finish().expect("memory");
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {}",
        body.len()
    );
    [head.as_bytes(), b"\r\n\r\n", &body].concat()
}

fn with_headers(answer: &[u8], count: usize) -> Vec<u8> {
    let headers: Vec<String> = (0..count).map(|n| format!("X-Between-{n}: value\r\n")).collect();
    let headers = headers.concat();
    let line = answer.windows(2).position(|two| two == b"\r\n").expect("a line") + 2;
    [&answer[..line], headers.as_bytes(), &answer[line..]].concat()
}

#[test]
fn answers_that_come_packed_or_with_many_headers_are_read() {
    let changes: [fn(Vec<u8>) -> Vec<u8>; 2] =
        [|answer| packed(&answer, "gzip"), |answer| with_headers(&answer, 400)];
    for change in changes {
        let mut trial = trial();
        trial.simulator.endpoint = changing(&trial, change);
        let begun = Instant::now();
        let import = trial.import();
        let last = trial.run(import).exits(0);
        assert!(begun.elapsed() < 2 * AT_ONCE, "{:?}", begun.elapsed());
        trial.hold(&last).holds();
    }
}

#[test]
fn answers_that_cannot_be_read_are_told_at_once() {
    type Change = fn(Vec<u8>) -> Vec<u8>;
    let changes: [(Change, &str); 2] = [
        (|answer| packed(&answer, "br"), "the answer is encoded as br, which was not asked for"),
        (|answer| with_headers(&answer, 5_000), "has more than 1000 headers"),
    ];
    for (change, says) in changes {
        let mut trial = trial();
        let endpoint = changing(&trial, change);
        is_told_at_once(&mut trial, &endpoint, says);
    }
}
