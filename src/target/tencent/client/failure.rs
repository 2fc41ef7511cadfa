//! A call without an answer: what it says about the request.
//!
//! The line is drawn where bytes may have left: before it a failure is without effect, after
//! it the effect is not known. "Connection closed before message completed" proves nothing: it comes
//! back both when the other side read the whole request and when it never saw it.

use std::error::Error;
use std::time::Duration;

use crate::target::Reply;
use crate::target::tencent::client::certificate;
use crate::target::tencent::client::proxy::Proxy;

/// The most headers of an answer that are read.
pub(crate) const HEADERS: usize = 1_000;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No connection was made.
    NotSent(String),
    /// The certificate was refused, or there was none.
    Untrusted(String),
    /// No request can be sent, now or later.
    Blocked(String),
    /// The request may have gone out.
    Lost(String),
    /// The request went out, and what came back is not an answer of a gateway that could be read,
    /// now or later. For a create still a doubt: what stands between may have garbled a true
    /// answer.
    Foreign(String),
}

impl Failure {
    /// What it is as a reply. `first`: a read, before the gateway has ever answered. Then what
    /// is foreign is no gateway, and asking again would only put off saying so.
    pub(crate) fn reply<T>(self, first: bool) -> Reply<T> {
        match self {
            Self::NotSent(why) => Reply::NotSent(why),
            Self::Foreign(why) if first => Reply::Blocked(why),
            Self::Untrusted(why) => Reply::Untrusted(why),
            Self::Blocked(why) => Reply::Blocked(why),
            Self::Lost(why) | Self::Foreign(why) => Reply::Lost(why),
        }
    }

    /// What this error of the HTTP library says.
    pub(crate) fn of(
        error: &reqwest::Error,
        host: &str,
        proxy: Option<&Proxy>,
        timeout: Duration,
    ) -> Self {
        if let Some(why) = certificate_refused(error, host) {
            return Self::Untrusted(format!("the certificate of {host} was refused: {why}"));
        }
        if speaks_no_tls(error) {
            return Self::Blocked(format!(
                "{host} does not use TLS: check the port, or use http:// in --endpoint"
            ));
        }
        if error.is_builder() || error.is_connect() {
            return not_connected(&innermost(error), host, proxy);
        }
        if error.is_timeout() {
            return Self::Lost(format!("no answer within {} s", timeout.as_secs_f64()));
        }
        if too_many_headers(error) {
            return Self::Foreign(format!(
                "the answer of {host} has more than {HEADERS} headers, or too long ones"
            ));
        }
        if speaks_no_http(error) {
            return Self::Foreign(format!(
                "the answer of {host} is not HTTP: check the port, or use https:// in --endpoint \
                 ({})",
                innermost(error)
            ));
        }
        match innermost(error).as_str() {
            // It may be a page of a busy proxy, which may have time later.
            "received unexpected message from connection" => {
                Self::Lost(format!("{host} sent data before the request: check the port"))
            }
            why => Self::Lost(format!("the connection broke: {why}")),
        }
    }
}

/// What the library says when a proxy, or a SOCKS server, wants another login or one at all.
const LOGINS: [(&str, &str); 4] = [
    ("tunnel error: proxy authorization required", "HTTP 407"),
    ("SOCKS error: server does not support user/pass authentication", "SOCKS"),
    ("SOCKS error: server implements authentication incorrectly", "SOCKS"),
    ("SOCKS error: credentials not accepted", "SOCKS"),
];

fn not_connected(why: &str, host: &str, proxy: Option<&Proxy>) -> Failure {
    let Some(proxy) = proxy else {
        return Failure::NotSent(format!("cannot connect to {host}: {why}"));
    };
    if let Some((_, how)) = LOGINS.iter().find(|(text, _)| *text == why) {
        return Failure::Blocked(proxy.wants_a_login(how));
    }
    let shown = proxy.shown();
    let why = if why == "tunnel error: unsuccessful" { "it refused" } else { why };
    Failure::NotSent(format!("cannot connect to {host} through the proxy {shown}: {why}"))
}

/// An error and what caused it, outermost first. An I/O error's own `source` steps over
/// what it wraps, and a refused certificate is wrapped twice.
fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        let inside = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        inside.map(|inside| inside as &(dyn Error + 'static)).or_else(|| (*error).source())
    })
}

fn innermost(error: &reqwest::Error) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

/// What answers does not use TLS at all: nothing may be sent there, now or later.
fn speaks_no_tls(error: &reqwest::Error) -> bool {
    matches!(in_tls(error), Some(rustls::Error::InvalidMessage(_)))
}

/// Whether an error could only come about with a server that uses TLS.
pub(crate) fn speaks_tls(error: &reqwest::Error) -> bool {
    in_tls(error).is_some_and(|error| !matches!(error, rustls::Error::InvalidMessage(_)))
}

fn in_tls(error: &reqwest::Error) -> Option<&rustls::Error> {
    chain(error).find_map(|cause| cause.downcast_ref())
}

fn too_many_headers(error: &reqwest::Error) -> bool {
    chain(error).any(|cause| cause.downcast_ref().is_some_and(hyper::Error::is_parse_too_large))
}

fn speaks_no_http(error: &reqwest::Error) -> bool {
    chain(error).any(|cause| cause.downcast_ref().is_some_and(hyper::Error::is_parse))
}

fn certificate_refused(error: &reqwest::Error, host: &str) -> Option<String> {
    match in_tls(error)? {
        rustls::Error::InvalidCertificate(why) => Some(certificate::in_words(why, host)),
        rustls::Error::NoCertificatesPresented => Some("the server showed none".to_owned()),
        _ => None,
    }
}
