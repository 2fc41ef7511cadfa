//! The gateway over HTTP: signs a request, sends it once, and reads what comes back.
//!
//! Once means once: no redirect is followed (a 307 would send a create again), nothing is
//! retried, and no idle connection is used again, since on one that the other side is just
//! closing a request is lost without anyone knowing whether it was read. What is sent when,
//! and whether again, is `run`'s to decide.

mod answer;
mod certificate;
mod clock;
mod error;
mod failure;
mod mask;
mod proxy;
mod tls;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::{self, HeaderMap, HeaderValue};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::target::meaning::Meaning;
use crate::target::tencent::endpoint::Endpoint;
use crate::target::tencent::envelope;
use crate::target::tencent::read_back::ReadBack;
use crate::target::tencent::sign::{self, CredentialScope, Credentials, Parts};
use crate::target::{ApiError, Created, Gateway, Page, Reply, ServiceState};
use crate::text::escape;

use answer::Answer;
use clock::{Clock, Dated};
use failure::Failure;
use mask::masked;

pub use error::ClientError;
pub use proxy::{Proxies, Proxy};

/// The product's name in the scope of a signature, whatever the host is called.
const PRODUCT: &str = "apigateway";

/// The version of the gateway's interface.
const VERSION: &str = "2018-08-08";

const CONTENT_TYPE: &str = "application/json";

/// The most bytes of an answer that are read; a create's is a few hundred.
const SMALL: usize = 1 << 20;

/// The same for a listing of 100 APIs.
const LARGE: usize = 8 << 20;

/// The most pages of services that are read: far more than any account holds.
const PAGES: usize = 100;

/// How to reach the gateway.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// Where it is.
    pub endpoint: Endpoint,
    /// `X-TC-Region`.
    pub region: String,
    /// `X-TC-Language`, the language of the gateway's messages.
    pub language: Option<String>,
    /// From the first attempt to connect to the last byte of the answer.
    pub timeout: Duration,
    /// Certificates in PEM that are trusted besides the system's.
    pub ca_pem: Option<Vec<u8>>,
    /// What the environment says about proxies.
    pub proxies: Proxies,
}

/// Reads the credentials again from where they came from; `None` where that fails.
pub type Reload = Arc<dyn Fn() -> BoxFuture<'static, Option<Credentials>> + Send + Sync>;

/// The gateway over HTTP.
pub struct Client {
    http: reqwest::Client,
    endpoint: Endpoint,
    timeout: Duration,
    credentials: RwLock<Arc<Credentials>>,
    reload: Reload,
    clock: Clock,
    proxy: Option<Proxy>,
    /// Whether the gateway has ever answered.
    answered: AtomicBool,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Client {
    /// A client that signs with `credentials`, and asks `reload` for others when they no
    /// longer hold.
    pub fn new(
        settings: &ClientSettings,
        credentials: Credentials,
        reload: Reload,
    ) -> Result<Self, ClientError> {
        Ok(Self {
            http: http(settings)?,
            endpoint: settings.endpoint.clone(),
            timeout: settings.timeout,
            credentials: RwLock::new(Arc::new(credentials)),
            reload,
            clock: Clock::default(),
            proxy: settings.proxies.on_the_way_to(&settings.endpoint).cloned(),
            answered: AtomicBool::new(false),
        })
    }

    /// Seconds by which signatures are corrected, since the gateway's clock is ahead of this
    /// machine's; zero unless it was found to matter.
    pub fn clock_offset(&self) -> i64 {
        self.clock.offset()
    }

    fn credentials(&self) -> Arc<Credentials> {
        Arc::clone(&self.credentials.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sends one request and reads its answer.
    async fn call<T>(
        &self,
        action: &'static str,
        body: String,
        cap: usize,
        read: impl FnOnce(u16, &[u8]) -> Reply<T>,
    ) -> Reply<T> {
        let credentials = self.credentials();
        let sent = now();
        let first = action.starts_with("Describe") && !self.answered.load(Ordering::Relaxed);
        let headers = self.headers(&credentials, action, &body, self.clock.now(sent));
        let answer = match &headers {
            Ok(headers) => self.exchange(headers.clone(), body, cap).await,
            Err(why) => Err(Failure::NotSent(why.clone())),
        };
        let mut reply = match answer {
            Err(failure) => failure.reply(first),
            Ok(answer) => {
                let reply = read(answer.status, &answer.body);
                let expired = matches!(&reply, Reply::Error(e) if e.meaning == Meaning::Clock);
                let (date, aged, answered) = (answer.date.as_deref(), answer.aged, now());
                self.clock.learn(&Dated { sent, answered, date, aged }, expired);
                reply
            }
        };
        match reply {
            Reply::Ok(_) | Reply::Error(_) => self.answered.store(true, Ordering::Relaxed),
            Reply::Lost(_) | Reply::Blocked(_) if first && self.wants_tls().await => {
                let host = self.endpoint.host();
                reply = Reply::Blocked(format!("{host} uses TLS: use https:// in --endpoint"));
            }
            _ => {}
        }
        let reply = masked(reply, &credentials, headers.as_ref().ok());
        log(action, now().duration_since(sent), &reply);
        reply
    }

    /// Whether plain http goes to a port that uses TLS. Servers answer it in many ways, and some
    /// only hang up. No request leaves for it: a client for plain http trusts no certificate,
    /// so that it ends the handshake itself.
    async fn wants_tls(&self) -> bool {
        if self.endpoint.is_https() || self.proxy.is_some() {
            return false;
        }
        let mut url = self.endpoint.url().clone();
        let port = url.port_or_known_default();
        let encrypted = url.set_scheme("https").and_then(|()| url.set_port(port));
        let shake = self.http.get(url).timeout(Duration::from_secs(2).min(self.timeout)).send();
        encrypted.is_ok() && shake.await.is_err_and(|error| failure::speaks_tls(&error))
    }

    async fn exchange(
        &self,
        headers: HeaderMap,
        body: String,
        cap: usize,
    ) -> Result<Answer, Failure> {
        let request = self.http.post(self.endpoint.url().clone()).headers(headers).body(body);
        let host = self.endpoint.host();
        let proxy = self.proxy.as_ref();
        let lost = |error| Failure::of(&error, &host, proxy, self.timeout);
        let response = request.send().await.map_err(lost)?;
        // A tunnel that is refused comes as an error; plain http has none.
        if let (StatusCode::PROXY_AUTHENTICATION_REQUIRED, Some(proxy)) = (response.status(), proxy)
        {
            return Err(Failure::Foreign(proxy.wants_a_login("HTTP 407")));
        }
        Answer::receive(response, cap, lost).await
    }

    /// The headers of one request, signed for this second.
    fn headers(
        &self,
        credentials: &Credentials,
        action: &'static str,
        body: &str,
        second: i64,
    ) -> Result<HeaderMap, String> {
        let host = self.endpoint.host();
        let signed = [("content-type", CONTENT_TYPE), ("host", host.as_str())];
        let parts = Parts { method: "POST", query: "", headers: &signed, payload: body.as_bytes() };
        let authorization =
            sign::authorization(&parts, credentials, &CredentialScope::at(second, PRODUCT));
        let value = |text: &str| {
            HeaderValue::from_str(text)
                .map_err(|_| "the credentials cannot be sent in a header".to_owned())
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, value(&host)?);
        headers.insert(header::AUTHORIZATION, hidden(value(&authorization)?));
        headers.insert("x-tc-action", HeaderValue::from_static(action));
        headers.insert("x-tc-timestamp", second.into());
        if let Some(token) = &credentials.token {
            headers.insert("x-tc-token", hidden(value(token.expose_secret())?));
        }
        Ok(headers)
    }
}

impl Client {
    /// All services.
    pub async fn services(&self) -> Reply<Vec<ServiceState>> {
        self.services_by(&json!([])).await
    }

    /// The services that these filters take.
    async fn services_by(&self, filters: &serde_json::Value) -> Reply<Vec<ServiceState>> {
        let mut states: Vec<ServiceState> = Vec::new();
        // Whether the filter matches exactly is not published, nor how many a page holds: the
        // end is where nothing new comes.
        for _ in 0..PAGES {
            let body = json!({"Limit": 100, "Offset": states.len(), "Filters": filters});
            let page = self
                .call("DescribeServicesStatus", body.to_string(), LARGE, envelope::services)
                .await;
            let Reply::Ok(mut page) = page else { return page };
            page.retain(|new| states.iter().all(|it| it.service_id != new.service_id));
            if page.is_empty() {
                break;
            }
            states.extend(page);
        }
        Reply::Ok(states)
    }
}

impl Gateway for Client {
    async fn create(&self, body: String) -> Reply<Created> {
        self.call("CreateApi", body, SMALL, envelope::created).await
    }

    async fn read(&self, service: &str, api_id: &str) -> Reply<ReadBack> {
        let body = json!({"ServiceId": service, "ApiId": api_id}).to_string();
        let reply = self.call("DescribeApi", body, LARGE, envelope::read_back).await;
        match reply.map(|read| read.asked_as(api_id)) {
            Reply::Ok(other) if other.api_id() != api_id => {
                Reply::Lost("the answer is about another API".to_owned())
            }
            reply => reply,
        }
    }

    async fn modify(&self, body: String) -> Reply<()> {
        self.call("ModifyApi", body, SMALL, envelope::done).await
    }

    async fn delete(&self, service: &str, api_id: &str) -> Reply<()> {
        let body = json!({"ServiceId": service, "ApiId": api_id});
        self.call("DeleteApi", body.to_string(), SMALL, envelope::done).await
    }

    async fn list(&self, service: &str, offset: u64, limit: u64) -> Reply<Page> {
        let body = json!({"ServiceId": service, "Offset": offset, "Limit": limit});
        self.call("DescribeApisStatus", body.to_string(), LARGE, envelope::page).await
    }

    async fn service(&self, service: &str) -> Reply<ServiceState> {
        let body = json!({"ServiceId": service});
        self.call("DescribeService", body.to_string(), LARGE, envelope::service).await
    }

    async fn services_named(&self, name: &str) -> Reply<Vec<ServiceState>> {
        let filter = json!([{"Name": "ServiceName", "Values": [name]}]);
        self.services_by(&filter).await.map(|mut states| {
            states.retain(|state| state.name.as_deref() == Some(name));
            states
        })
    }

    async fn create_service(&self, name: &str) -> Reply<ServiceState> {
        let body = json!({"ServiceName": name, "Protocol": "http&https"});
        self.call("CreateService", body.to_string(), SMALL, envelope::service).await
    }

    async fn release(&self, service: &str, environment: &str, description: &str) -> Reply<()> {
        let body = json!({
            "ServiceId": service, "EnvironmentName": environment, "ReleaseDesc": description,
        });
        self.call("ReleaseService", body.to_string(), SMALL, envelope::done).await
    }

    async fn unrelease(&self, service: &str, environment: &str) -> Reply<()> {
        let body = json!({"ServiceId": service, "EnvironmentName": environment});
        self.call("UnReleaseService", body.to_string(), SMALL, envelope::done).await
    }

    async fn delete_service(&self, service: &str) -> Reply<()> {
        let body = json!({"ServiceId": service});
        self.call("DeleteService", body.to_string(), SMALL, envelope::done).await
    }

    async fn reload_credentials(&self) -> bool {
        let Some(fresh) = (self.reload)().await else { return false };
        let mut held = self.credentials.write().unwrap_or_else(PoisonError::into_inner);
        let differ = !fresh.same(&held);
        *held = Arc::new(fresh);
        differ
    }
}

/// One line a request. Neither headers nor bodies are in it, and what the other side said has
/// been masked.
fn log<T>(action: &str, took: jiff::SignedDuration, reply: &Reply<T>) {
    let took = took.as_millis();
    match reply {
        Reply::Ok(_) => tracing::debug!("{action}: done in {took} ms"),
        Reply::Error(ApiError { code, request_id, .. }) => {
            tracing::debug!(
                "{action}: {} in {took} ms, RequestId {}",
                escape(code),
                escape(request_id)
            );
        }
        Reply::NotSent(why) => tracing::debug!("{action}: not sent: {}", escape(why)),
        Reply::Untrusted(why) => tracing::debug!("{action}: not trusted: {}", escape(why)),
        Reply::Blocked(why) => tracing::debug!("{action}: blocked: {}", escape(why)),
        Reply::Lost(why) => tracing::debug!("{action}: lost after {took} ms: {}", escape(why)),
    }
}

/// The HTTP library, set so that one call is one request.
fn http(settings: &ClientSettings) -> Result<reqwest::Client, ClientError> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls::config(&settings.endpoint, settings.ca_pem.as_deref())?)
        .default_headers(fixed_headers(settings)?)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .http1_only()
        .http1_max_headers(failure::HEADERS)
        .pool_max_idle_per_host(0)
        .timeout(settings.timeout)
        // Well inside the whole time, so that running out of it always means that a
        // connection stood and bytes may have gone out.
        .connect_timeout(Duration::from_secs(5).min(settings.timeout / 2))
        .tcp_nodelay(true)
        .tcp_keepalive(Duration::from_secs(15))
        .tcp_keepalive_interval(Duration::from_secs(5))
        .tcp_keepalive_retries(3)
        .no_proxy();
    #[cfg(target_os = "linux")]
    {
        builder = builder.tcp_user_timeout(Duration::from_secs(20));
    }
    if let Some(proxy) = settings.proxies.on_the_way_to(&settings.endpoint) {
        builder = builder.proxy(proxy.for_requests()?);
    }
    Ok(builder.build()?)
}

/// The headers that are the same for every request.
fn fixed_headers(settings: &ClientSettings) -> Result<HeaderMap, ClientError> {
    let client = concat!("apiferry_", env!("CARGO_PKG_VERSION"));
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    // Who says nothing takes everything, and of what is compressed only gzip is read.
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert("x-tc-version", HeaderValue::from_static(VERSION));
    headers.insert("x-tc-requestclient", HeaderValue::from_static(client));
    headers.insert("x-tc-region", HeaderValue::from_str(&settings.region)?);
    if let Some(language) = &settings.language {
        headers.insert("x-tc-language", HeaderValue::from_str(language)?);
    }
    Ok(headers)
}

fn hidden(mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(true);
    value
}

#[expect(clippy::disallowed_methods, reason = "a signature needs the time at which it is made")]
fn now() -> Timestamp {
    Timestamp::try_from(std::time::SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
