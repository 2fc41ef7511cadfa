//! What the gateway says of the services that a plan needs, before anything is sent: whether
//! they are there, and how many APIs they would hold. Reads only.
//!
//! An import finds the same out again before its first create: others may have changed it.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::run::retry::Retry;
use crate::target::{Gateway, Page, Reply, ServiceState};

/// Tries for one call: someone waits for the answer.
const TRIES: u32 = 3;

/// APIs asked for at once; the most that `DescribeApisStatus` gives.
const PAGE: u64 = 100;

/// A service that a plan needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Need {
    /// Its id; its name where `by_name`.
    pub service: String,
    /// Whether it is looked for by its name, and made where it is missing.
    pub by_name: bool,
    /// Method and path of each API that the plan has for it.
    pub routes: BTreeSet<(String, String)>,
}

/// How a service stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its id; `None`: it is not there yet and will be made.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// APIs that it holds.
    pub held: u64,
    /// APIs that the plan would add.
    pub to_come: u64,
}

/// Asks for something that needs no service, so that the endpoint, the region and the
/// credentials are judged by themselves.
///
/// # Errors
/// The gateway cannot be reached or refuses, and why.
pub async fn reach<G: Gateway>(gateway: &G) -> Result<(), String> {
    ask(gateway, || gateway.services_named("apiferry-check")).await.map(drop)
}

/// Asks how a service stands.
///
/// # Errors
/// It is not there, several have its name, or the gateway did not say; in words.
pub async fn survey<G: Gateway>(gateway: &G, need: &Need) -> Result<Standing, String> {
    let Some(state) = find(gateway, need).await? else {
        let to_come = need.routes.len() as u64;
        return Ok(Standing { id: None, name: Some(need.service.clone()), held: 0, to_come });
    };
    let there = routes(gateway, &state.service_id).await?;
    let to_come = need.routes.difference(&there).count() as u64;
    let held = state.api_total.unwrap_or_default().max(there.len() as u64);
    Ok(Standing { id: Some(state.service_id), name: state.name, held, to_come })
}

async fn find<G: Gateway>(gateway: &G, need: &Need) -> Result<Option<ServiceState>, String> {
    if !need.by_name {
        return ask(gateway, || gateway.service(&need.service)).await.map(Some);
    }
    let mut named = ask(gateway, || gateway.services_named(&need.service)).await?;
    match named.len() {
        0 | 1 => Ok(named.pop()),
        several => Err(format!("{several} services have this name; name the one that counts")),
    }
}

/// Method and path of all that a service holds.
async fn routes<G: Gateway>(gateway: &G, id: &str) -> Result<BTreeSet<(String, String)>, String> {
    let mut routes = BTreeSet::new();
    let mut offset = 0;
    loop {
        let Page { apis, .. } = ask(gateway, || gateway.list(id, offset, PAGE)).await?;
        let before = routes.len();
        offset += apis.len() as u64;
        routes.extend(apis.into_iter().map(|api| (api.method.to_uppercase(), api.path)));
        // A gateway that repeats itself has come to its end.
        if routes.len() == before {
            return Ok(routes);
        }
    }
}

/// Calls until there is an answer, or no further call is worth making.
async fn ask<G: Gateway, T, F: Future<Output = Reply<T>>>(
    gateway: &G,
    call: impl Fn() -> F,
) -> Result<T, String> {
    let mut retry = Retry::new(TRIES, Duration::ZERO);
    loop {
        if let Some(value) = retry.next(call().await).wait(gateway).await? {
            return Ok(value);
        }
    }
}
