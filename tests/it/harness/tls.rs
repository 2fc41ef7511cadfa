//! An encrypted way to the gateway, also through a proxy: a private root that is named is
//! trusted, whoever cannot prove who they are is sent nothing, and no keys are written down.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::trial::Trial;

pub(super) const CERTIFICATES: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/src/target/tencent/testdata/tls");

/// Speaks TLS before a simulator; it ends with the process.
pub(super) struct Front {
    pub(super) address: String,
    /// Requests that were understood.
    heard: Arc<AtomicUsize>,
}

impl Front {
    /// Shows this certificate.
    pub(super) fn new(certificate: &str, behind: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let (config, behind) = (config(certificate), behind.replace("http://", ""));
        let heard = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, behind) = (Arc::clone(&config), behind.clone());
                let counted = Arc::clone(&counted);
                std::thread::spawn(move || pass_on(stream, config, &behind, &counted));
            }
        });
        Self { address, heard }
    }
}

fn config(certificate: &str) -> Arc<ServerConfig> {
    let read = |name: &str| std::fs::read(format!("{CERTIFICATES}/{name}.pem")).expect("a PEM");
    let chain = CertificateDer::pem_slice_iter(&read(certificate))
        .collect::<Result<_, _>>()
        .expect("certificates");
    let key = PrivateKeyDer::from_pem_slice(&read("server-key")).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.expect("versions").with_no_client_auth().with_single_cert(chain, key);
    Arc::new(config.expect("a certificate and its key"))
}

/// One request there and its answer back; who says nothing sensible is hung up on.
fn pass_on(stream: TcpStream, config: Arc<ServerConfig>, behind: &str, heard: &AtomicUsize) {
    let mut front = StreamOwned::new(ServerConnection::new(config).expect("a session"), stream);
    let Ok(request) = message(&mut front) else { return };
    heard.fetch_add(1, Ordering::Relaxed);
    let mut back = TcpStream::connect(behind).expect("the simulator");
    back.write_all(&request).expect("a request");
    // Who has hung up needs no answer.
    let Ok(answer) = message(&mut back) else { return };
    _ = front.write_all(&answer);
    front.conn.send_close_notify();
    _ = front.flush();
}

/// A head and a body of the length that it tells.
pub(super) fn message(stream: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().expect("a length"))];
    stream.read_exact(&mut body)?;
    Ok([bytes, body].concat())
}

/// A proxy that takes everyone to the same place; it ends with the process.
struct Proxy {
    address: String,
    /// The head of each request.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn to(place: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (place, heads) = (place.to_owned(), Arc::clone(&asked));
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let head = message(&mut stream).expect("a request");
                heads.lock().expect("heads").push(String::from_utf8_lossy(&head).into_owned());
                tunnel(stream, TcpStream::connect(&place).expect("the place"));
            }
        });
        Self { address, asked }
    }
}

fn tunnel(mut near: TcpStream, far: TcpStream) {
    near.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").expect("an answer");
    copy_both_ways(near, far);
}

pub(super) fn copy_both_ways(near: TcpStream, far: TcpStream) {
    let ways = [(near.try_clone(), far.try_clone()), (Ok(far), Ok(near))];
    for (from, to) in ways {
        let (mut from, mut to) = (from.expect("a stream"), to.expect("a stream"));
        std::thread::spawn(move || {
            // Whichever side hangs up ends both.
            _ = std::io::copy(&mut from, &mut to);
            _ = to.shutdown(Shutdown::Both);
        });
    }
}

/// An import by way of this address.
fn by_way_of(trial: &mut Trial, endpoint: String, roots: Option<&str>) -> crate::case::Ended {
    trial.simulator.endpoint = endpoint;
    let roots = roots.map(|name| format!("--ca-file {CERTIFICATES}/{name}.pem"));
    let import = trial.import_as("r.csv", &roots.unwrap_or_default());
    trial.run(import)
}

#[test]
fn a_private_root_that_is_named_is_trusted() {
    let mut trial = Trial::new(6, "duplicates: accept\n");
    let front = Front::new("good", &trial.simulator.endpoint);
    let last = by_way_of(&mut trial, format!("https://{}", front.address), Some("root")).exits(0);
    assert!(front.heard.load(Ordering::Relaxed) >= 6);
    trial.hold(&last).holds();
}

/// What `openssl req -x509` makes, with the names that the endpoint is called by.
#[test]
fn a_self_signed_certificate_that_is_named_is_trusted() {
    for certificate in ["self-signed-ca", "self-signed-leaf"] {
        let mut trial = Trial::new(3, "duplicates: accept\n");
        let front = Front::new(certificate, &trial.simulator.endpoint);
        let endpoint = format!("https://{}", front.address);
        let last = by_way_of(&mut trial, endpoint, Some(certificate)).exits(0);
        assert!(front.heard.load(Ordering::Relaxed) >= 3);
        trial.hold(&last).holds();
    }
}

#[test]
fn who_cannot_prove_who_they_are_is_sent_nothing_and_it_is_said_what_to_do() {
    for (certificate, roots, says) in [
        ("good", None, "trusts its issuer"),
        ("expired", Some("root"), "expired"),
        ("self-signed-ca", None, "it is self-signed as an authority"),
        ("self-signed-nameless", Some("self-signed-nameless"), "-addext subjectAltName=IP:127"),
        ("elsewhere", Some("root"), "it is for elsewhere.example and not for 127.0.0.1"),
    ] {
        let mut trial = Trial::new(3, "");
        let front = Front::new(certificate, &trial.simulator.endpoint);
        let ended = by_way_of(&mut trial, format!("https://{}", front.address), roots).exits(5);
        ended.says(says).says("--ca-file");
        assert_eq!(front.heard.load(Ordering::Relaxed), 0, "{certificate}");
        assert!(trial.simulator.ledger().is_empty());
        assert!(trial.case.report("r.csv").iter().all(|row| row["outcome"] == "not-sent"));
    }
}

#[test]
fn another_machine_is_reached_through_the_proxy_that_the_environment_names() {
    let mut trial = Trial::new(6, "duplicates: accept\n");
    let front = Front::new("elsewhere", &trial.simulator.endpoint);
    let proxy = Proxy::to(&front.address);
    trial.case.set("HTTPS_PROXY", &format!("http://user:password@{}", proxy.address));
    let last = by_way_of(&mut trial, "https://elsewhere.example".to_owned(), Some("root")).exits(0);
    let last = last.says(&format!("through the proxy http://{}", proxy.address));
    assert!(!last.stderr.contains("password"), "{}", last.stderr);
    let asked = proxy.asked.lock().expect("heads");
    assert!(!asked.is_empty());
    for head in &*asked {
        assert!(head.starts_with("CONNECT elsewhere.example:443 HTTP/1.1\r\n"), "{head}");
        assert!(head.to_ascii_lowercase().contains("proxy-authorization: basic "), "{head}");
        assert!(!head.contains("TC3-HMAC-SHA256"), "{head}");
    }
    trial.hold(&last).holds();
}

#[test]
fn the_keys_of_a_session_are_written_nowhere() {
    let mut trial = Trial::new(3, "duplicates: accept\n");
    let front = Front::new("good", &trial.simulator.endpoint);
    let keys = trial.case.path("keys.log");
    trial.case.set("SSLKEYLOGFILE", &keys.display().to_string());
    by_way_of(&mut trial, format!("https://{}", front.address), Some("root")).exits(0);
    assert!(front.heard.load(Ordering::Relaxed) >= 3);
    assert!(!keys.exists());
}
