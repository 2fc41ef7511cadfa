//! Texts from the web, by addresses that somebody typed or allowed.
//!
//! One request a text, no credentials, no cookies. A redirect is followed on the same host
//! only: who allowed one host has allowed no other.

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
    text.starts_with("http://") || text.starts_with("https://")
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

/// Fetches a text.
///
/// It waits on a thread of its own, so that it may be called from any thread, also from one
/// that drives a runtime.
pub(crate) fn fetch(address: &str) -> Result<Vec<u8>, Unavailable> {
    let wait = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(|error| unreadable(&error))?.block_on(get(address))
    };
    let bytes = std::thread::scope(|scope| scope.spawn(wait).join());
    bytes.unwrap_or_else(|_| Err(Unavailable::new(Code::UNREADABLE, "it was not fetched")))
}

async fn get(address: &str) -> Result<Vec<u8>, Unavailable> {
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls())
        .redirect(Policy::custom(redirect))
        .timeout(TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(concat!("apiferry/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| unreadable(&error))?;
    let mut response = client.get(address).send().await.map_err(|error| unreadable(&error))?;
    if !response.status().is_success() {
        return Err(Unavailable::new(
            Code::UNREADABLE,
            format!("the server answered {}", response.status()),
        ));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreadable(&error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > MAX_BYTES {
            return Err(too_large());
        }
    }
    Ok(bytes)
}

fn redirect(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let from = attempt.previous().last();
    let same = from.is_some_and(|from| from.host_str() == attempt.url().host_str());
    let weaker =
        from.is_some_and(|from| from.scheme() == "https" && attempt.url().scheme() != "https");
    if !same || weaker || attempt.previous().len() > MAX_REDIRECTS {
        return attempt.stop();
    }
    attempt.follow()
}

/// How TLS is spoken: with the system's roots, which take some milliseconds to read.
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

/// What a failure comes from in the end says more than that a request failed.
fn unreadable(error: &dyn std::error::Error) -> Unavailable {
    let chain = std::iter::successors(Some(error), |error| error.source());
    let message = chain.last().map_or_else(String::new, ToString::to_string);
    Unavailable::new(Code::UNREADABLE, format!("it cannot be fetched: {message}"))
}
