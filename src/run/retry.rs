//! Retrying a call that sends no item: a value decides after each reply what to do next, and one
//! function waits.
//!
//! Services are made and published with it. An item's own sends are not: they outlive a run,
//! and [`crate::run::step`] decides on them.

use std::time::Duration;

use crate::run::backoff;
use crate::run::fact::Transition;
use crate::run::outcome::Detail;
use crate::target::meaning::Meaning;
use crate::target::{ApiError, Gateway, Reply};
use crate::text::escape;

/// What to do after a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next<T> {
    /// It was carried out.
    Done(T),
    /// It had no effect; make the same call again after this long.
    Again(Duration),
    /// It may have had an effect, which shows after this long.
    Doubt(Duration),
    /// It had no effect, for this reason: read the credentials again, wait, and repeat it.
    Renew(Duration, String),
    /// Another try would fail too, for this reason.
    GiveUp(String),
}

/// The tries of one call.
#[derive(Debug, Clone)]
pub(crate) struct Retry {
    limit: u32,
    /// How long a request whose answer was lost may still take effect.
    settle: Duration,
    failed: u32,
}

impl Retry {
    /// Allows `limit` replies other than a success.
    pub(crate) fn new(limit: u32, settle: Duration) -> Self {
        Self { limit, settle, failed: 0 }
    }

    /// What to do after this reply.
    pub(crate) fn next<T>(&mut self, reply: Reply<T>) -> Next<T> {
        let nth = self.failed + 1;
        let pause = backoff::alone(nth);
        let doubt = Next::Doubt(pause.max(self.settle));
        let (next, why) = match reply {
            Reply::Ok(value) => return Next::Done(value),
            Reply::Untrusted(why) | Reply::Blocked(why) => return Next::GiveUp(why),
            Reply::NotSent(why) => (Next::Again(pause), why),
            Reply::Lost(why) => (doubt, why),
            Reply::Error(error) => {
                let why = shown(&error);
                let next = match error.meaning {
                    Meaning::Wait(_) | Meaning::Clock => Next::Again(pause),
                    Meaning::Token => Next::Renew(pause, why.clone()),
                    Meaning::Unclear => doubt,
                    Meaning::Refused
                    | Meaning::MaybeTaken
                    | Meaning::Gone
                    | Meaning::InUse
                    | Meaning::Stop(_) => return Next::GiveUp(why),
                };
                (next, why)
            }
        };
        self.failed = nth;
        if nth < self.limit { next } else { Next::GiveUp(why) }
    }
}

impl<T> Next<T> {
    /// Waits as long as it asks for. The value once there is one; `None` when it is time to try again.
    ///
    /// # Errors
    /// No further try is worth making, and why.
    pub(crate) async fn wait<G: Gateway>(self, gateway: &G) -> Result<Option<T>, String> {
        match self {
            Self::Done(value) => return Ok(Some(value)),
            Self::GiveUp(why) => return Err(why),
            Self::Renew(_, why) if !gateway.reload_credentials().await => return Err(why),
            Self::Again(length) | Self::Doubt(length) | Self::Renew(length, _) => {
                pause(length).await;
            }
        }
        Ok(None)
    }
}

/// What an answer other than a success means: whether the call may have had an effect.
pub(crate) fn step_after<T>(reply: &Reply<T>) -> Option<Transition> {
    let detail = Detail::of(reply);
    Some(match reply {
        Reply::Ok(_) => return None,
        Reply::Lost(_) => Transition::Doubt(detail),
        Reply::Error(error) if error.meaning == Meaning::Unclear => Transition::Doubt(detail),
        Reply::Error(_) | Reply::NotSent(_) | Reply::Blocked(_) | Reply::Untrusted(_) => {
            Transition::Rejected(detail)
        }
    })
}

/// Waits.
#[expect(clippy::disallowed_methods, reason = "calls outside the engine wait for themselves")]
pub(crate) async fn pause(length: Duration) {
    tokio::time::sleep(length).await;
}

fn shown(error: &ApiError) -> String {
    format!("{} ({})", escape(&error.message), escape(&error.code))
}

#[cfg(test)]
pub(crate) mod tests;
