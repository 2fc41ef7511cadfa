//! The other side: the calls that a run makes, and what can come back.
//!
//! The pure files below hold the wire form, the signature and what codes mean; only
//! `client` opens a socket. Nothing here knows documents or plans. Facts of the gateway
//! are cited by the section of its public documentation.

pub mod meaning;
pub mod tencent;

use std::future::Future;

use meaning::Meaning;
use tencent::read_back::ReadBack;

/// The calls that a run makes. Each carries exactly one request over the wire: no call
/// retries, follows a redirect or waits for a slot, since only the run may decide that.
pub trait Gateway: Send + Sync + 'static {
    /// `CreateApi` with this body, serialised by [`crate::plan`].
    fn create(&self, body: String) -> impl Future<Output = Reply<Created>> + Send;

    /// `DescribeApi`: one API, whole.
    fn read(&self, service: &str, api_id: &str) -> impl Future<Output = Reply<ReadBack>> + Send;

    /// `ModifyApi` with this body, which names the API.
    fn modify(&self, body: String) -> impl Future<Output = Reply<()>> + Send;

    /// `DeleteApi`.
    fn delete(&self, service: &str, api_id: &str) -> impl Future<Output = Reply<()>> + Send;

    /// `DescribeApisStatus`: one page of what a service holds.
    fn list(
        &self,
        service: &str,
        offset: u64,
        limit: u64,
    ) -> impl Future<Output = Reply<Page>> + Send;

    /// `DescribeService`.
    fn service(&self, service: &str) -> impl Future<Output = Reply<ServiceState>> + Send;

    /// `DescribeServicesStatus`, filtered by exact name: the services of that name.
    fn services_named(&self, name: &str) -> impl Future<Output = Reply<Vec<ServiceState>>> + Send;

    /// `CreateService`.
    fn create_service(&self, name: &str) -> impl Future<Output = Reply<ServiceState>> + Send;

    /// `ReleaseService`.
    fn release(
        &self,
        service: &str,
        environment: &str,
        description: &str,
    ) -> impl Future<Output = Reply<()>> + Send;

    /// `UnReleaseService`.
    fn unrelease(&self, service: &str, environment: &str)
    -> impl Future<Output = Reply<()>> + Send;

    /// `DeleteService`.
    fn delete_service(&self, service: &str) -> impl Future<Output = Reply<()>> + Send;

    /// Reads the credentials again from where they came from; whether they differ now.
    fn reload_credentials(&self) -> impl Future<Output = bool> + Send;
}

/// What came back from one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply<T> {
    /// The gateway did it and confirmed it.
    Ok(T),
    /// The gateway answered with an error code.
    Error(ApiError),
    /// Nothing was sent: no connection was made. Certainly without effect.
    NotSent(String),
    /// The other side's certificate was refused: nothing was sent, and nothing can be.
    Untrusted(String),
    /// There is no way to the gateway, and trying again will not make one: what answers is not
    /// a gateway, or a proxy refuses. Nothing was carried out.
    Blocked(String),
    /// The request went out, and what came back does not tell what became of it: a
    /// timeout, a reset, half an answer, a page of a proxy, a success without an id.
    Lost(String),
}

impl<T> Reply<T> {
    /// The same reply about something else.
    #[must_use]
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Reply<U> {
        match self {
            Self::Ok(value) => Reply::Ok(f(value)),
            Self::Error(error) => Reply::Error(error),
            Self::NotSent(why) => Reply::NotSent(why),
            Self::Untrusted(why) => Reply::Untrusted(why),
            Self::Blocked(why) => Reply::Blocked(why),
            Self::Lost(why) => Reply::Lost(why),
        }
    }
}

/// The gateway's `Response.Error`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// The whole code, such as `InvalidParameterValue.InvalidUrl`.
    pub code: String,
    /// What the code means.
    pub meaning: Meaning,
    /// The text, whose wording the gateway does not promise; made safe and cut.
    pub message: String,
    /// The `RequestId`, for the gateway's support; empty where the answer had none.
    pub request_id: String,
}

/// A successful `CreateApi`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The new API's id.
    pub api_id: String,
    /// The path as the gateway gives it back, where it does.
    pub path: Option<String>,
    /// The method as the gateway gives it back, where it does.
    pub method: Option<String>,
    /// The `RequestId`.
    pub request_id: String,
}

/// One page of `DescribeApisStatus`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// What the gateway says the whole listing holds; `None` where it did not say.
    pub total: Option<u64>,
    /// The APIs on this page. One without an id, a path or a method is left out, and
    /// counted in `incomplete`.
    pub apis: Vec<Listed>,
    /// Entries that lacked an id, a path or a method: no absence can be concluded.
    pub incomplete: u64,
}

/// One API as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub api_id: String,
    /// The path as the gateway holds it.
    pub path: String,
    /// The method as the gateway holds it.
    pub method: String,
    /// Its name, where given.
    pub name: Option<String>,
    /// The gateway's `CreatedTime`, verbatim.
    pub created_time: Option<String>,
}

/// What matters here of an answer to `DescribeService` or `DescribeServicesStatus`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceState {
    /// Its id.
    pub service_id: String,
    /// Its name.
    pub name: Option<String>,
    /// How many APIs it holds, where told.
    pub api_total: Option<u64>,
    /// Its public address, where told.
    pub outer_sub_domain: Option<String>,
    /// The environments it is released to.
    pub environments: Vec<String>,
}
