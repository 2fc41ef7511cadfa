//! Raw requests in, answers out; and the faults that only a connection can play.
//!
//! A well answered request goes through hyper. An answer that is spoilt on purpose ends the
//! connection: the service hands an [`Ending`] back as its error, and what hyper would never
//! write is written on the bare socket.

use std::time::Duration;
use std::{fmt, io};

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, DATE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::simulator::answer::Refusal;
use crate::simulator::call::Call;
use crate::simulator::fault::ReplyFault;
use crate::simulator::shared::Shared;

/// The largest body that the gateway takes.
const BODY_LIMIT: usize = 10 << 20;

/// How a connection ends that is not simply kept.
#[derive(Debug)]
enum Ending {
    Reset,
    Close,
    Silence,
    /// These bytes, so many a second, then a close.
    Bytes(Vec<u8>, Option<u32>),
    /// A head that promises, and a body that never ends.
    Huge(Vec<u8>),
    /// The ledger cannot be written: nothing can be answered truly.
    Lost(io::Error),
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Ending {}

impl From<io::Error> for Ending {
    fn from(error: io::Error) -> Self {
        Self::Lost(error)
    }
}

/// Serves one connection to its end.
pub(crate) async fn connection(stream: TcpStream, shared: Shared) {
    _ = stream.set_nodelay(true);
    let service = service_fn(|request| Box::pin(answer(&shared, request)));
    let mut connection = http1::Builder::new()
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service);
    let served = std::future::poll_fn(|cx| connection.poll_without_shutdown(cx)).await;
    let stream = connection.into_parts().io.into_inner();
    let error = served.err();
    let cause = error.as_ref().and_then(std::error::Error::source);
    if let Some(ending) = cause.and_then(|cause| cause.downcast_ref::<Ending>()) {
        // The other side may be gone already; there is nobody to tell.
        _ = end(stream, ending).await;
    }
}

async fn end(mut stream: TcpStream, ending: &Ending) -> io::Result<()> {
    match ending {
        Ending::Reset => stream.set_zero_linger(),
        Ending::Close => stream.shutdown().await,
        Ending::Silence => until_closed(&mut stream).await,
        Ending::Bytes(bytes, None) => {
            stream.write_all(bytes).await?;
            stream.shutdown().await
        }
        Ending::Bytes(bytes, Some(per_second)) => {
            let pause = Duration::from_secs(1) / (*per_second).max(1);
            for byte in bytes {
                stream.write_all(&[*byte]).await?;
                wait(pause).await;
            }
            stream.shutdown().await
        }
        Ending::Huge(head) => {
            stream.write_all(head).await?;
            loop {
                stream.write_all(&[b' '; 1 << 12]).await?;
            }
        }
        Ending::Lost(error) => {
            tracing::error!("the ledger cannot be written: {error}");
            stream.set_zero_linger()
        }
    }
}

async fn until_closed(stream: &mut TcpStream) -> io::Result<()> {
    let mut nothing = [0; 512];
    while stream.read(&mut nothing).await? > 0 {}
    Ok(())
}

/// One request from its head to its answer.
async fn answer(
    shared: &Shared,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Ending> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let action = header("x-tc-action").unwrap_or_default().to_owned();
    let (number, fate) = shared.server().arrive(&action, shared.now());
    if fate.reply == ReplyFault::Unread {
        return Err(Ending::Reset);
    }
    let (head, body) = request.into_parts();
    let headers = head.headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let headers = headers.collect();
    // A body that is cut short or too long is never carried out.
    let body = Limited::new(body, BODY_LIMIT).collect().await.map_err(|_| Ending::Close)?;
    let query = head.uri.query().unwrap_or_default().to_owned();
    let method = head.method.as_str().to_owned();
    let call = Call::new(method, query, headers, body.to_bytes(), (action, number, fate));
    let admitted = shared.server().admit(&call, shared.now())?;
    let text = match admitted {
        Ok(()) => carry_out(shared, &call).await?,
        Err(refusal) => refused(shared, &call, &refusal).await,
    };
    reply(shared, &call, text)
}

/// Carries a request out, on a task of its own where that takes time: what has begun is
/// done, whether or not its caller still waits.
async fn carry_out(shared: &Shared, call: &Call) -> io::Result<String> {
    let half = call.fate.latency / 2;
    let before = half + call.fate.late;
    let done = if before.is_zero() {
        shared.server().carry_out(call, shared.now())
    } else {
        let (shared, call) = (shared.clone(), call.clone());
        let task = tokio::spawn(async move {
            wait(before).await;
            shared.server().carry_out(&call, shared.now())
        });
        task.await.map_err(io::Error::other)?
    };
    wait(half).await;
    done
}

async fn refused(shared: &Shared, call: &Call, refusal: &Refusal) -> String {
    wait(call.fate.latency).await;
    shared.server().refusal(call, refusal)
}

#[expect(clippy::disallowed_methods, reason = "a gateway takes time to answer")]
pub(crate) async fn wait(length: Duration) {
    if !length.is_zero() {
        tokio::time::sleep(length).await;
    }
}

/// The answer on its way, spoilt where the request's fate has it.
fn reply(shared: &Shared, call: &Call, text: String) -> Result<Response<Full<Bytes>>, Ending> {
    let json = "Content-Type: application/json";
    let pace = call.fate.bytes_per_second;
    Err(match &call.fate.reply {
        ReplyFault::Reset | ReplyFault::Unread => Ending::Reset,
        ReplyFault::Close => Ending::Close,
        ReplyFault::Silence => Ending::Silence,
        ReplyFault::Page(status) => Ending::Bytes(page(*status), pace),
        ReplyFault::Garbage => Ending::Bytes(vec![0x16, 0xff, 0, b'\n', b'?', 0x1b], pace),
        ReplyFault::Redirect => {
            let head = format!("Location: /{}", call.query);
            Ending::Bytes(raw(307, &head, b""), pace)
        }
        ReplyFault::Cut => {
            let mut whole = raw(200, json, text.as_bytes());
            whole.truncate(whole.len() - text.len() / 2);
            Ending::Bytes(whole, pace)
        }
        ReplyFault::Huge => Ending::Huge(head(200, json, 1 << 40)),
        ReplyFault::GzipBomb => {
            let head = format!("{json}\r\nContent-Encoding: gzip");
            Ending::Bytes(raw(200, &head, &gzip_bomb()), pace)
        }
        ReplyFault::Says { status, body } => {
            Ending::Bytes(raw(*status, json, body.as_bytes()), pace)
        }
        ReplyFault::Raw(bytes) => Ending::Bytes(bytes.clone().into_bytes(), pace),
        ReplyFault::WrongJson => Ending::Bytes(raw(200, json, br#"{"Result":{"ApiId":7}}"#), pace),
        _ if pace.is_some() => Ending::Bytes(raw(200, json, text.as_bytes()), pace),
        _ => return Ok(shared.well(text)),
    })
}

impl Shared {
    /// A whole and true answer. The content type is exactly this one: the official clients
    /// read an error under any other as a success.
    fn well(&self, text: String) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(Bytes::from(text)));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let date = self.server().inventory.settings.scenario.date(self.now().wall);
        if let Some(date) = date.and_then(|date| HeaderValue::from_str(&date).ok()) {
            response.headers_mut().insert(DATE, date);
        }
        response
    }
}

fn head(status: u16, headers: &str, length: usize) -> Vec<u8> {
    format!("HTTP/1.1 {status} -\r\n{headers}\r\nContent-Length: {length}\r\n\r\n").into_bytes()
}

fn raw(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = head(status, headers, body.len());
    bytes.extend_from_slice(body);
    bytes
}

/// What a proxy answers when it has nothing behind it.
fn page(status: u16) -> Vec<u8> {
    let body = format!("<html><body><h1>{status}</h1><hr>proxy</body></html>");
    raw(status, "Content-Type: text/html", body.as_bytes())
}

/// What begins like gzip and goes on: whoever unpacks it unasked gets into trouble.
fn gzip_bomb() -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    bytes.resize(1 << 16, 0);
    bytes
}
