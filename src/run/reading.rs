//! Reads what services hold: their listings, and each API whole, at a pace of its own.
//!
//! Nothing here changes anything, so that a call whose answer was lost is made again at once.

use std::time::Duration;

use futures::stream::{self, StreamExt as _};
use tokio::sync::Mutex;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::run::look::{LIMIT, Pass};
use crate::run::retry::Retry;
use crate::target::meaning::Meaning;
use crate::target::tencent::read_back::ReadBack;
use crate::target::{Gateway, Listed, Reply};

/// Tries of one call.
const TRIES: u32 = 5;

/// How fast APIs are read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReadPace {
    /// Calls a second.
    pub rate: f64,
    /// At most so many at once.
    pub in_flight: usize,
}

/// All that a service holds, as its listing shows it.
///
/// # Errors
/// The listing cannot be read to its end, and why.
pub async fn list<G: Gateway>(gateway: &G, service: &str) -> Result<Vec<Listed>, String> {
    let mut pass = Pass::begin(Duration::ZERO, 0);
    loop {
        if pass.take(ask(gateway, || gateway.list(service, pass.offset(), LIMIT)).await?) {
            return pass.into_whole().ok_or_else(|| "the listing is not whole".to_owned());
        }
    }
}

/// Calls until there is an answer, or no further call is worth making.
///
/// # Errors
/// There is none, and why.
pub async fn ask<G: Gateway, T, F: Future<Output = Reply<T>>>(
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

/// Reads APIs, each named by its service and its id, and gives each to `take` by its place
/// among them, in the order in which they come; `None`: it is gone.
///
/// # Errors
/// One cannot be read, and why.
pub async fn read_each<G: Gateway>(
    gateway: &G,
    pace: ReadPace,
    asked: &[(&str, &str)],
    mut take: impl FnMut(usize, Option<ReadBack>),
) -> Result<(), String> {
    let mut ticks = interval(Duration::from_secs_f64(1.0 / pace.rate));
    // A timer that fires late must not lower the rate.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let ticks = &Mutex::new(ticks);
    let reads = asked.iter().enumerate().map(|(place, (service, api_id))| async move {
        (place, read(gateway, ticks, service, api_id).await)
    });
    let mut reads = stream::iter(reads).buffer_unordered(pace.in_flight);
    while let Some((place, read)) = reads.next().await {
        take(place, read?);
    }
    Ok(())
}

async fn read<G: Gateway>(
    gateway: &G,
    ticks: &Mutex<Interval>,
    service: &str,
    api_id: &str,
) -> Result<Option<ReadBack>, String> {
    let mut retry = Retry::new(TRIES, Duration::ZERO);
    loop {
        ticks.lock().await.tick().await;
        let reply = gateway.read(service, api_id).await;
        if matches!(&reply, Reply::Error(error) if error.meaning == Meaning::Gone) {
            return Ok(None);
        }
        if let Some(read) = retry.next(reply).wait(gateway).await? {
            return Ok(Some(read));
        }
    }
}
