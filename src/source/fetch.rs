//! Texts from the web, by addresses that were typed or allowed.
//!
//! One request a text, no cookies, no credentials but those in its address. A redirect is
//! followed to the same origin, and to hosts that are allowed: who allowed one has allowed no
//! other. No message holds an address but as it is shown.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::Url;
use reqwest::redirect::{Attempt, Policy};
use rustls::{ClientConfig, RootCertStore};

use crate::finding::Code;
use crate::source::text::{MAX_BYTES, too_large};
use crate::spec::reference::Unavailable;

/// For the whole of one text. The largest real document takes a few seconds.
const TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const MAX_REDIRECTS: usize = 5;

/// Whether this is an address on the web rather than a path.
pub(crate) fn is_address(text: &str) -> bool {
    let begins =
        |with: &str| text.get(..with.len()).is_some_and(|it| it.eq_ignore_ascii_case(with));
    begins("http://") || begins("https://")
}

/// The host that an address names, without its port.
pub(crate) fn host(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    url.host_str().map(str::to_owned)
}

/// Whether both addresses are of one scheme, host and port.
pub(crate) fn same_site(a: &str, b: &str) -> bool {
    match (Url::parse(a), Url::parse(b)) {
        (Ok(a), Ok(b)) => a.origin() == b.origin(),
        _ => false,
    }
}

/// The address with the user and the password of another, where it has none itself.
pub(crate) fn with_login_of(address: &str, other: &str) -> String {
    let (Ok(mut url), Ok(other)) = (Url::parse(address), Url::parse(other)) else {
        return address.to_owned();
    };
    if url.username().is_empty() && url.password().is_none() {
        // Refused of an address that can hold neither.
        _ = url.set_username(other.username());
        _ = url.set_password(other.password());
    }
    url.into()
}

/// Fetches a text. It may be redirected to these hosts.
///
/// It waits on a thread of its own, so that it may be called from any thread, also from one
/// that drives a runtime.
pub(crate) fn fetch(address: &str, hosts: &[String]) -> Result<Vec<u8>, Unavailable> {
    let wait = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(|error| unreadable(&error))?.block_on(get(address, hosts))
    };
    let bytes = std::thread::scope(|scope| scope.spawn(wait).join());
    bytes.unwrap_or_else(|_| Err(Unavailable::new(Code::UNREADABLE, "it was not fetched")))
}

async fn get(address: &str, hosts: &[String]) -> Result<Vec<u8>, Unavailable> {
    let hosts = hosts.to_vec();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls())
        .redirect(Policy::custom(move |attempt| redirect(attempt, &hosts)))
        .timeout(TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(concat!("apiferry/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(not_fetched)?;
    let mut response = client.get(address).send().await.map_err(not_fetched)?;
    if !response.status().is_success() {
        return Err(Unavailable::new(
            Code::UNREADABLE,
            format!("the server answered {}", response.status()),
        ));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(not_fetched)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > MAX_BYTES {
            return Err(too_large());
        }
    }
    Ok(bytes)
}

/// A redirect that is not followed.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("it redirects to {origin}, which is another host or port")]
    Elsewhere { origin: String, host: String },
    #[error("it redirects to plain http")]
    Weaker,
    #[error("it redirects more than {MAX_REDIRECTS} times")]
    Endless,
}

fn redirect(attempt: Attempt<'_>, hosts: &[String]) -> reqwest::redirect::Action {
    match attempt.previous().last().and_then(|from| refused(from, attempt.url(), hosts)) {
        Some(refused) => attempt.error(refused),
        None if attempt.previous().len() > MAX_REDIRECTS => attempt.error(Refused::Endless),
        None => attempt.follow(),
    }
}

/// Why a redirect is not followed.
fn refused(from: &Url, to: &Url, hosts: &[String]) -> Option<Refused> {
    let host = to.host_str().unwrap_or_default();
    if from.scheme() == "https" && to.scheme() != "https" {
        return Some(Refused::Weaker);
    }
    // Servers send who comes by plain http to themselves by https.
    let upgrade = (from.scheme(), from.port(), to.port()) == ("http", None, None);
    let same = from.origin() == to.origin() || (upgrade && from.host_str() == Some(host));
    let allowed = same || hosts.iter().any(|it| it.eq_ignore_ascii_case(host));
    let elsewhere =
        || Refused::Elsewhere { origin: to.origin().ascii_serialization(), host: host.to_owned() };
    (!allowed).then(elsewhere)
}

/// The TLS settings: with the system's roots, which take some milliseconds to read.
fn tls() -> ClientConfig {
    static CONFIG: OnceLock<ClientConfig> = OnceLock::new();
    CONFIG.get_or_init(config).clone()
}

fn config() -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    #[expect(clippy::expect_used, reason = "ring knows the versions that rustls is built with")]
    let versions = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider's own versions");
    versions.with_root_certificates(roots).with_no_client_auth()
}

/// Why a request failed, without its address.
fn not_fetched(error: reqwest::Error) -> Unavailable {
    let error = error.without_url();
    let chain = || std::iter::successors(Some(&error as &dyn std::error::Error), |it| it.source());
    let unavailable = unreadable(chain().last().unwrap_or(&error));
    match chain().find_map(|it| it.downcast_ref()) {
        Some(Refused::Elsewhere { host, .. }) => {
            unavailable.with_hint(format!("--allow-remote-refs {host} allows it"))
        }
        _ => unavailable,
    }
}

/// The root cause of a failure says more than that a request failed.
fn unreadable(error: &dyn std::error::Error) -> Unavailable {
    Unavailable::new(Code::UNREADABLE, format!("it cannot be fetched: {error}"))
}
