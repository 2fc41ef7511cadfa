//! The client against peers that misbehave, each on a free port of the loopback.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::thread;

use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::target::tencent::client::*;

const SUCCESS: &str = r#"{"Response":{"Result":{"ApiId":"api-12345678","Path":"/a","Method":"GET"},"RequestId":"r"}}"#;

/// Somebody who listens, and what was said to them.
struct Peer {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Peer {
    /// Handles every connection on a thread of its own, by blocking calls: what is tested
    /// shares no runtime with what tests it.
    fn new(behave: impl Fn(TcpStream, &Mutex<Vec<String>>) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, behave) = (Arc::clone(&requests), Arc::new(behave));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, behave) = (Arc::clone(&seen), Arc::clone(&behave));
                thread::spawn(move || behave(stream.unwrap(), &seen));
            }
        });
        Self { address, requests }
    }

    /// Reads each request whole, then goes on as told.
    fn after_reading(go_on: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        Self::new(move |mut stream, seen| {
            let request = read_request(&mut stream);
            seen.lock().unwrap().push(request);
            go_on(stream);
        })
    }

    /// Answers every request with these bytes and closes.
    fn saying(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::after_reading(move |mut stream| _ = stream.write_all(&bytes))
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    fn client(&self) -> Client {
        client(&settings(&format!("http://{}", self.address)))
    }

    async fn create(&self) -> Reply<Created> {
        self.client().create("{}".into()).await
    }
}

fn read_request(stream: &mut impl Read) -> String {
    let mut text = String::new();
    let mut byte = [0];
    while !text.ends_with("\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        text.push(byte[0].into());
    }
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).unwrap();
    text + &String::from_utf8(body).unwrap()
}

fn http(head: &str, body: &str) -> String {
    format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn settings(endpoint: &str) -> ClientSettings {
    ClientSettings {
        endpoint: Endpoint::parse(endpoint, true).unwrap(),
        region: "ap-guangzhou".into(),
        language: Some("en-US".into()),
        timeout: Duration::from_millis(600),
        ca_pem: None,
        proxies: Proxies::default(),
    }
}

fn client(settings: &ClientSettings) -> Client {
    let credentials = Credentials::new("AKIDEXAMPLE", "key-canary", Some("token-canary"));
    Client::new(settings, credentials, Arc::new(|| Box::pin(async { None }))).unwrap()
}

#[track_caller]
fn assert_lost(reply: &Reply<Created>, why: &str) {
    match reply {
        Reply::Lost(told) => assert!(told.contains(why), "{told}"),
        other => panic!("{other:?} instead of lost: {why}"),
    }
}

#[track_caller]
fn assert_not_sent(reply: &Reply<Created>) {
    assert!(matches!(reply, Reply::NotSent(_)), "{reply:?}");
}

#[tokio::test]
async fn a_request_carries_the_headers_that_the_gateway_asks_for() {
    let peer = Peer::saying(http("200 OK", SUCCESS));
    let Reply::Ok(created) = peer.client().create(r#"{"a":"ü"}"#.into()).await else { panic!() };
    assert_eq!(created.api_id, "api-12345678");
    let [request] = &peer.requests()[..] else { panic!() };
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, r#"{"a":"ü"}"#);
    let mut lines: Vec<_> = head.lines().collect();
    assert_eq!(lines.remove(0), "POST / HTTP/1.1");
    lines.sort_unstable();
    let values = lines.iter().map(|line| line.split_once(": ").unwrap());
    let (varying, fixed): (Vec<_>, Vec<_>) =
        values.partition(|(name, _)| ["authorization", "x-tc-timestamp"].contains(name));
    assert_eq!(
        fixed,
        [
            ("accept-encoding", "identity"),
            ("accept", "*/*"),
            ("content-length", "10"),
            ("content-type", "application/json"),
            ("host", &peer.address),
            ("x-tc-action", "CreateApi"),
            ("x-tc-language", "en-US"),
            ("x-tc-region", "ap-guangzhou"),
            ("x-tc-requestclient", concat!("apiferry_", env!("CARGO_PKG_VERSION"))),
            ("x-tc-token", "token-canary"),
            ("x-tc-version", "2018-08-08"),
        ]
    );
    let [(_, authorization), (_, second)] = varying[..] else { panic!() };
    let scope = CredentialScope::at(second.parse().unwrap(), "apigateway");
    let signed = [("content-type", "application/json"), ("host", peer.address.as_str())];
    let parts = Parts { method: "POST", query: "", headers: &signed, payload: body.as_bytes() };
    let who = Credentials::new("AKIDEXAMPLE", "key-canary", None);
    assert_eq!(authorization, sign::authorization(&parts, &who, &scope));
}

#[tokio::test]
async fn every_call_is_one_request_on_a_connection_of_its_own() {
    let peer = Peer::new(|mut stream, seen| {
        for _ in 0..2 {
            let request = read_request(&mut stream);
            if !request.is_empty() {
                let port = stream.peer_addr().unwrap().port();
                seen.lock().unwrap().push(port.to_string());
                stream.write_all(http("200 OK", SUCCESS).as_bytes()).unwrap();
            }
        }
    });
    let client = peer.client();
    for _ in 0..5 {
        assert!(matches!(client.create("{}".into()).await, Reply::Ok(_)));
    }
    let mut ports = peer.requests();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 5);
}

#[tokio::test]
async fn a_connection_that_does_not_come_about_sends_nothing() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for endpoint in [format!("http://{free}"), "http://nobody.invalid".into()] {
        assert_not_sent(&client(&settings(&endpoint)).create("{}".into()).await);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_connection_that_nobody_accepts_sends_nothing() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let _parked = TcpStream::connect(address).unwrap();
    assert_not_sent(&client(&settings(&format!("http://{address}"))).create("{}".into()).await);
}

#[tokio::test]
async fn a_connection_that_ends_without_an_answer_is_in_doubt() {
    let closing = Peer::new(|stream, _| drop(stream));
    assert_lost(&closing.create().await, "the connection broke");
    let read = Peer::after_reading(drop);
    assert_lost(&read.create().await, "the connection broke");
    assert_eq!(read.requests().len(), 1);
    let half = Peer::saying("HTTP/1.1 200 OK\r\nContent-Le");
    assert_lost(&half.create().await, "the connection broke");
}

#[tokio::test]
async fn half_an_answer_is_in_doubt() {
    let cut = http("200 OK", SUCCESS);
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for bytes in [
        cut[..cut.len() - 1].to_owned(),
        format!("{chunked}5\r\n{{\"Res\r\nzz\r\n"),
        format!("{chunked}{:x}\r\n{SUCCESS}", SUCCESS.len()),
        "HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n{}".to_owned(),
    ] {
        let peer = Peer::saying(bytes.clone());
        assert!(matches!(peer.create().await, Reply::Lost(_)), "{bytes}");
        assert_eq!(peer.requests().len(), 1);
    }
}

#[tokio::test]
async fn what_is_no_http_is_in_doubt() {
    for bytes in
        [&b"\x16\xff\x00\n?\x1b"[..], b"SSH-2.0-x\r\n", b"HTTP/9.9 200 OK\r\n\r\n", b"\n\n"]
    {
        let reply = Peer::saying(bytes).create().await;
        assert!(matches!(reply, Reply::Lost(_)), "{reply:?}");
    }
}

#[tokio::test]
async fn who_answers_in_tls_where_none_was_asked_for_is_told_from_a_line_that_broke() {
    let reply = Peer::saying(*b"\x15\x03\x01\x00\x02\x02\x46").create().await;
    assert_lost(&reply, "is not HTTP: check the port, or use https://");
}

#[tokio::test]
async fn a_page_of_a_proxy_is_in_doubt() {
    let reply =
        Peer::saying(http("502 Bad Gateway", "<h1>\x1b[31mBad Gateway</h1>")).create().await;
    assert_lost(&reply, r"HTTP 502 and no answer of the gateway: <h1>\x1b[31mBad Gateway</h1>");
    assert_lost(&Peer::saying(http("204 No Content", "")).create().await, "HTTP 204");
}

#[tokio::test]
async fn a_redirect_is_in_doubt_and_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let peer = Peer::saying(http(&format!("{status} -\r\nLocation: /"), ""));
        assert_lost(&peer.create().await, &format!("HTTP {status}"));
        assert_eq!(peer.requests().len(), 1);
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_in_doubt() {
    let silent = Peer::after_reading(|mut stream| _ = stream.read(&mut [0]));
    assert_lost(&silent.create().await, "no answer within 0.6 s");
    let slow = Peer::after_reading(|mut stream| {
        for byte in http("200 OK", SUCCESS).bytes() {
            if stream.write_all(&[byte]).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
    });
    assert_lost(&slow.create().await, "no answer within 0.6 s");
    let polite =
        Peer::after_reading(
            |mut stream| {
                while stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").is_ok() {}
            },
        );
    assert!(matches!(polite.create().await, Reply::Lost(_)));
}

#[tokio::test]
async fn an_answer_without_end_is_read_to_a_limit() {
    let endless = Peer::after_reading(|mut stream| {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n";
        let mut more = stream.write_all(head.as_bytes());
        while more.is_ok() {
            more = stream.write_all(&[b' '; 4096]);
        }
    });
    assert_lost(&endless.create().await, "longer than 1048576 bytes");
    let flood = Peer::after_reading(|mut stream| {
        let mut more = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        while more.is_ok() {
            more = stream.write_all(b"X-Header: value\r\n");
        }
    });
    assert!(matches!(flood.create().await, Reply::Lost(_)));
}

fn encoded(encoding: &str, body: &[u8]) -> Peer {
    let (head, length) = ("HTTP/1.1 200 OK\r\nContent-Encoding: ", body.len());
    let head = format!("{head}{encoding}\r\nContent-Length: {length}\r\n\r\n");
    Peer::saying([head.as_bytes(), body].concat())
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(text).unwrap();
    packer.finish().unwrap()
}

#[tokio::test]
async fn an_answer_that_is_packed_with_gzip_is_unpacked() {
    let packed = gzip(SUCCESS.as_bytes());
    for encoding in ["gzip", "x-gzip", "GZIP", "identity, gzip"] {
        let reply = encoded(encoding, &packed).create().await;
        assert!(matches!(reply, Reply::Ok(_)), "{reply:?}");
    }
    let (one, two) = SUCCESS.as_bytes().split_at(20);
    let in_two = [gzip(one), gzip(two)].concat();
    assert!(matches!(encoded("gzip", &in_two).create().await, Reply::Ok(_)));
    assert!(matches!(encoded("identity", SUCCESS.as_bytes()).create().await, Reply::Ok(_)));
}

#[tokio::test]
async fn an_answer_that_unpacks_to_too_much_or_not_at_all_is_in_doubt() {
    // A hundred times the bound. To unpack more than once is not asked for.
    let bomb = gzip(&b" ".repeat(100 * SMALL));
    assert!(bomb.len() < SMALL, "{}", bomb.len());
    assert_lost(&encoded("gzip", &bomb).create().await, "longer than 1048576 bytes");
    let packed = gzip(SUCCESS.as_bytes());
    for broken in [SUCCESS.as_bytes(), &packed[..packed.len() - 5], b""] {
        let reply = encoded("gzip", broken).create().await;
        assert_lost(&reply, "claims to be gzip and is not");
    }
    for encoding in ["br", "gzip, gzip", "zstd", "\x1b"] {
        let reply = encoded(encoding, &packed).create().await;
        assert!(matches!(&reply, Reply::Lost(_)), "{reply:?}");
    }
    assert_lost(&encoded("br", &packed).create().await, "encoded as br, which was not asked for");
}

#[tokio::test]
async fn an_answer_may_have_many_headers_and_not_any_number() {
    let with = |count: usize| {
        let headers: Vec<String> = (0..count).map(|n| format!("X-{n}: value\r\n")).collect();
        let headers = headers.concat();
        let length = SUCCESS.len();
        let head = format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: {length}\r\n\r\n");
        Peer::saying(head + SUCCESS)
    };
    for count in [100, 101, 900] {
        let reply = with(count).create().await;
        assert!(matches!(reply, Reply::Ok(_)), "{count}: {reply:?}");
    }
    assert_lost(&with(1_001).create().await, "has more than 1000 headers");
}

#[tokio::test]
async fn a_secret_that_is_echoed_is_not_told() {
    let error = r#"{"Response":{"Error":{"Code":"InvalidParameter","Message":"key-canary, token-canary"}}}"#;
    let Reply::Error(told) = Peer::saying(http("200 OK", error)).create().await else { panic!() };
    assert_eq!(told.message, "***, ***");
    assert_lost(&Peer::saying(http("500 -", "token-canary")).create().await, "gateway: ***");
}

fn named(proxy: &str) -> Proxy {
    Proxy { variable: "HTTPS_PROXY", address: proxy.to_owned() }
}

/// What a create comes to by way of a proxy that answers so, one part after each that it reads.
async fn through(scheme: &str, answer: &[&'static [u8]], endpoint: &str) -> Reply<Created> {
    let answer = answer.to_vec();
    let proxy = Peer::new(move |mut stream, _| {
        for part in &answer {
            _ = stream.read(&mut [0; 4096]);
            _ = stream.write_all(part);
        }
    });
    let proxy = Some(named(&format!("{scheme}{}", proxy.address)));
    let proxies = Proxies { https: proxy.clone(), http: proxy, none_for: None };
    client(&ClientSettings { proxies, ..settings(endpoint) }).create("{}".into()).await
}

#[tokio::test]
async fn a_proxy_that_wants_a_login_is_told_as_such() {
    let wants = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
    for (scheme, answer, says) in [
        ("http://", &[&wants[..]][..], "put them into HTTPS_PROXY, as in http://USER"),
        ("http://u:secret@", &[wants], "did not accept the user and the password in HTTPS_PROXY"),
        ("socks5h://", &[b"\x05\xff"], "put them into HTTPS_PROXY, as in socks5h://USER"),
        ("socks5h://", &[b"\x05\x02"], "put them into HTTPS_PROXY, as in socks5h://USER"),
        ("socks5h://u:secret@", &[b"\x05\x02", b"\x01\x01"], "did not accept the user"),
    ] {
        let reply = through(scheme, answer, "https://a.invalid").await;
        let Reply::Blocked(why) = reply else { panic!("{reply:?}") };
        assert!(why.contains(says) && !why.contains("secret"), "{why}");
    }
    // Over plain http the proxy has read the request.
    let reply = through("http://", &[wants], "http://a.invalid").await;
    assert_lost(&reply, "wants a user and a password (HTTP 407)");
}

#[tokio::test]
async fn a_proxy_that_cannot_connect_may_later() {
    let refused = b"\x05\x05\0\x01\0\0\0\0\0\0";
    for (scheme, answer) in [
        ("http://", &[&b"HTTP/1.1 502 Bad Gateway\r\n\r\n"[..]][..]),
        ("socks5h://", &[b"\x05\0", refused]),
    ] {
        let reply = through(scheme, answer, "https://a.invalid").await;
        let Reply::NotSent(why) = reply else { panic!("{reply:?}") };
        assert!(why.starts_with("cannot connect to a.invalid through the proxy "), "{why}");
    }
}

#[tokio::test]
async fn a_proxy_is_used_for_others_and_never_for_this_machine() {
    let proxy = Peer::saying("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    let through = |endpoint: &str| {
        let proxy = Some(named(&format!("http://{}", proxy.address)));
        let none_for = Some("b.invalid".into());
        let proxies = Proxies { https: proxy.clone(), http: proxy, none_for };
        client(&ClientSettings { proxies, ..settings(endpoint) })
    };
    let reply = through("https://a.invalid").create("{}".into()).await;
    assert_not_sent(&reply);
    assert!(proxy.requests()[0].starts_with("CONNECT a.invalid:443 HTTP/1.1"));
    assert_lost(&through("http://a.invalid").create("{}".into()).await, "HTTP 502");
    assert!(proxy.requests()[1].starts_with("POST http://a.invalid/ HTTP/1.1"));
    assert_not_sent(&through("https://b.invalid").create("{}".into()).await);
    let here = Peer::saying(http("200 OK", SUCCESS));
    let reply = through(&format!("http://{}", here.address)).create("{}".into()).await;
    assert!(matches!(reply, Reply::Ok(_)));
    assert_eq!(proxy.requests().len(), 2);
}

#[tokio::test]
async fn credentials_are_read_again_when_asked() {
    let peer = Peer::saying(http("200 OK", SUCCESS));
    let fresh = || Some(Credentials::new("AKIDRENEWED", "key", None));
    let reload: Reload = Arc::new(move || Box::pin(async move { fresh() }));
    let settings = settings(&format!("http://{}", peer.address));
    let client = Client::new(&settings, Credentials::new("AKIDOLD", "key", None), reload).unwrap();
    assert!(client.reload_credentials().await);
    assert!(!client.reload_credentials().await);
    client.create("{}".into()).await;
    assert!(peer.requests()[0].contains("Credential=AKIDRENEWED/"));
}

/// Serves TLS with one of the test certificates.
fn tls_peer(certificate: &'static [u8]) -> Peer {
    let chain = CertificateDer::pem_slice_iter(certificate).map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../testdata/tls/server-key.pem"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key.unwrap());
    let config = Arc::new(config.unwrap());
    Peer::new(move |stream, seen| {
        let session = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = StreamOwned::new(session, stream);
        let request = read_request(&mut stream);
        if !request.is_empty() {
            seen.lock().unwrap().push(request);
            _ = stream.write_all(http("200 OK", SUCCESS).as_bytes());
            stream.conn.send_close_notify();
            _ = stream.flush();
        }
    })
}

use rustls::pki_types::CertificateDer;

const ROOT: &[u8] = include_bytes!("../testdata/tls/root.pem");
const GOOD: &[u8] = include_bytes!("../testdata/tls/good.pem");
const EXPIRED: &[u8] = include_bytes!("../testdata/tls/expired.pem");
const ELSEWHERE: &[u8] = include_bytes!("../testdata/tls/elsewhere.pem");
const CA: &[u8] = include_bytes!("../testdata/tls/self-signed-ca.pem");
const LEAF: &[u8] = include_bytes!("../testdata/tls/self-signed-leaf.pem");
const NAMELESS: &[u8] = include_bytes!("../testdata/tls/self-signed-nameless.pem");
const CA_EXPIRED: &[u8] = include_bytes!("../testdata/tls/self-signed-expired.pem");
const CA_ELSEWHERE: &[u8] = include_bytes!("../testdata/tls/self-signed-elsewhere.pem");

async fn create_over_tls(peer: &Peer, ca: Option<&[u8]>) -> Reply<Created> {
    let endpoint = format!("https://{}", peer.address);
    let settings = ClientSettings {
        ca_pem: ca.map(<[u8]>::to_vec),
        timeout: Duration::from_secs(5),
        ..settings(&endpoint)
    };
    client(&settings).create("{}".into()).await
}

#[tokio::test]
async fn a_private_root_is_trusted_when_named() {
    let peer = tls_peer(GOOD);
    assert!(matches!(create_over_tls(&peer, Some(ROOT)).await, Reply::Ok(_)));
    assert_eq!(peer.requests().len(), 1);
}

#[tokio::test]
async fn a_certificate_that_is_refused_ends_it_before_a_request() {
    let unknown = tls_peer(GOOD);
    let (expired, elsewhere) = (tls_peer(EXPIRED), tls_peer(ELSEWHERE));
    for (peer, ca) in [(&unknown, None), (&expired, Some(ROOT)), (&elsewhere, Some(ROOT))] {
        let reply = create_over_tls(peer, ca).await;
        assert!(matches!(reply, Reply::Untrusted(_)), "{reply:?}");
        assert!(peer.requests().is_empty());
    }
}

#[tokio::test]
async fn a_servers_own_certificate_is_trusted_when_named() {
    for own in [CA, LEAF, GOOD] {
        let peer = tls_peer(own);
        assert!(matches!(create_over_tls(&peer, Some(own)).await, Reply::Ok(_)));
        // Among others too.
        let several = [ROOT, ELSEWHERE, own].concat();
        assert!(matches!(create_over_tls(&peer, Some(&several)).await, Reply::Ok(_)));
        assert_eq!(peer.requests().len(), 2);
    }
}

/// Every refusal is told in words, and what is named is trusted for nothing more than itself.
#[tokio::test]
async fn a_certificate_that_is_refused_is_told_in_words() {
    for (own, ca, why) in [
        (GOOD, None, "neither this machine nor --ca-file trusts its issuer"),
        (LEAF, Some(CA), "neither this machine nor --ca-file trusts its issuer"),
        (CA, None, "self-signed as an authority (CA:TRUE), and exactly this certificate is not"),
        (CA, Some(LEAF), "exactly this certificate is not in --ca-file"),
        (CA_EXPIRED, Some(CA_EXPIRED), "it expired on 2021-01-01, and today is 20"),
        (EXPIRED, Some(EXPIRED), "it expired on 2021-01-01, and today is 20"),
        (CA_ELSEWHERE, Some(CA_ELSEWHERE), "it is for elsewhere.example and not for 127.0.0.1"),
        (ELSEWHERE, Some(ELSEWHERE), "it is for elsewhere.example and not for 127.0.0.1"),
        (NAMELESS, Some(NAMELESS), "openssl req -x509 -addext subjectAltName=IP:127.0.0.1"),
    ] {
        let peer = tls_peer(own);
        match create_over_tls(&peer, ca).await {
            Reply::Untrusted(told) => assert!(told.contains(why), "{told}"),
            other => panic!("{other:?} instead of {why}"),
        }
        assert!(peer.requests().is_empty());
    }
}

#[tokio::test]
async fn a_server_without_tls_is_reported_at_once() {
    let plain = Peer::new(|mut stream, _| {
        _ = stream.write_all(http("400 Bad Request", "this is no TLS").as_bytes());
        _ = stream.read(&mut [0; 4096]);
    });
    let reply = create_over_tls(&plain, Some(ROOT)).await;
    assert!(matches!(&reply, Reply::Blocked(why) if why.contains("does not use TLS")), "{reply:?}");
}

#[tokio::test]
async fn a_handshake_that_breaks_off_sends_nothing() {
    let closing = Peer::new(|stream, _| drop(stream));
    assert_not_sent(&create_over_tls(&closing, Some(ROOT)).await);
}

#[test]
fn settings_that_cannot_work_are_told_at_once() {
    let no = |settings: &ClientSettings| {
        let credentials = Credentials::new("id", "key", None);
        let reload: Reload = Arc::new(|| Box::pin(async { None }));
        Client::new(settings, credentials, reload).unwrap_err().to_string()
    };
    let https = settings("https://gw.example");
    let ca = |text: &str| ClientSettings { ca_pem: Some(text.into()), ..https.clone() };
    assert!(no(&ca("")).contains("--ca-file: it has no line `-----BEGIN CERTIFICATE-----`"));
    let garbled = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(no(&ca(garbled)).contains("--ca-file: certificate 1 in it cannot be read"));
    let cut = "-----BEGIN CERTIFICATE-----\nAAAA\n";
    assert!(no(&ca(cut)).contains("--ca-file: it is not valid PEM"));
    assert!(no(&ClientSettings { region: "a\nb".into(), ..https.clone() }).contains("region"));
    let proxies = Proxies { https: Some(named("http://[")), ..Proxies::default() };
    let told = no(&ClientSettings { proxies, ..https });
    assert!(told.starts_with("HTTPS_PROXY is http://[, which is not an address such as"), "{told}");
}
