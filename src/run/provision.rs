//! Finding or making a service by its name.
//!
//! Creating a service has no idempotency key either, but a name to find it by. So it goes the
//! way of an item: its intent is on disk before it is sent, what may have taken effect is
//! waited for and looked for before it is sent again, and it is settled once no other service
//! has its name. A run that was killed here is continued from its journal.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use crate::run::fact::{Fact, ServiceAction, Transition, Witness, WitnessLost};
use crate::run::outcome::{Detail, Outcome};
use crate::run::retry::{Retry, pause, step_after};
use crate::target::Gateway;
use crate::text::escape;

/// Tries for one service.
const TRIES: u32 = 5;

/// A service to send to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provided {
    /// Its id.
    pub id: String,
    /// Whether it was there already.
    pub found: bool,
}

/// Why there is no service to send to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unprovided {
    /// Several have this name; their ids.
    Several(BTreeSet<String>),
    /// A call failed, and why.
    Failed(String),
    /// What is done can no longer be written down, and why.
    Unwritten(String),
}

/// What is known of making the service of a name, over all runs of a report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Making {
    /// Requests that may have made it.
    pub attempts: u32,
    /// When the last of them was sent, while it may still take effect unseen.
    pub sent_at: Option<Timestamp>,
    /// Its id, once it is known to be the only one of its name.
    pub id: Option<String>,
    /// Whether an undo has deleted it again.
    pub gone: bool,
}

impl Making {
    /// Learns from a step.
    pub fn learn(&mut self, attempt: u32, at: Timestamp, step: &Transition) {
        match step {
            Transition::Intent { .. } => {
                *self = Self { attempts: attempt, sent_at: Some(at), ..Self::default() };
            }
            // It had no effect, so the next one has the same number.
            Transition::Rejected(_) => {
                (self.attempts, self.sent_at) = (attempt.saturating_sub(1), None);
            }
            Transition::Doubt(_) => {}
            Transition::Absent => self.sent_at = None,
            Transition::Settled { outcome, .. } => {
                self.id = outcome.standing_id().map(str::to_owned);
                (self.sent_at, self.gone) = (None, false);
            }
        }
    }

    /// The id of the service that stands.
    pub fn standing(&self) -> Option<&str> {
        self.id.as_deref().filter(|_| !self.gone)
    }

    /// The same, if this report made it.
    pub fn made(&self) -> Option<&str> {
        self.standing().filter(|_| self.attempts > 0)
    }
}

/// Where services are looked for and made, and who keeps what happens.
#[derive(Debug)]
pub struct Provider<'a, G, W> {
    /// The gateway.
    pub gateway: &'a G,
    /// The journal.
    pub witness: &'a W,
    /// How long a request whose answer was lost may still take effect.
    pub settle: Duration,
    /// What time it is.
    pub clock: fn() -> Timestamp,
}

impl<G: Gateway, W: Witness> Provider<'_, G, W> {
    /// Finds the service of this name, or makes it. `known` is what earlier runs recorded about it.
    ///
    /// # Errors
    /// It can be neither found nor made, or there is more than one.
    pub async fn provide(&self, name: &str, known: Making) -> Result<Provided, Unprovided> {
        if let Some(id) = known.standing() {
            return Ok(Provided { id: id.to_owned(), found: true });
        }
        let known = if known.gone { Making::default() } else { known };
        let settle = self.settle.max(Duration::from_secs(1));
        let retry = Retry::new(TRIES, settle);
        let mut provision = Provision { provider: self, name, retry, known };
        let ended = provision.provide(settle).await;
        if let Some(step) = settled(&ended) {
            provision.state(step).await?;
        }
        ended
    }

    /// Whether the service of this name that is `known` is still the only one: somebody may have
    /// made another meanwhile. Where it is not, that is recorded.
    ///
    /// # Errors
    /// There is more than one, or nobody can tell.
    pub async fn confirm(&self, name: &str, known: &Making) -> Result<(), Unprovided> {
        let Some(id) = known.standing().map(str::to_owned) else { return Ok(()) };
        let (retry, known) = (Retry::new(TRIES, self.settle), known.clone());
        let mut provision = Provision { provider: self, name, retry, known };
        let ended = provision.check_alone(&id).await;
        if let Err(Unprovided::Several(ids)) = &ended {
            provision.state(twice(ids)).await?;
        }
        ended
    }
}

struct Provision<'a, G, W> {
    provider: &'a Provider<'a, G, W>,
    name: &'a str,
    retry: Retry,
    known: Making,
}

impl<G: Gateway, W: Witness> Provision<'_, G, W> {
    async fn provide(&mut self, settle: Duration) -> Result<Provided, Unprovided> {
        if let Some(sent_at) = self.known.sent_at {
            pause(left(settle, sent_at, (self.provider.clock)())).await;
        }
        let provided = loop {
            if let Some(id) = self.look().await? {
                break Provided { id, found: true };
            }
            if self.known.sent_at.is_some() {
                self.state(Transition::Absent).await?;
            }
            if let Some(id) = self.make().await? {
                break Provided { id, found: false };
            }
        };
        // Someone else may have made one at the same time, or an earlier request one that no
        // look saw before this one was made.
        if self.known.attempts > 1 {
            pause(settle).await;
        }
        if self.known.attempts > 1 || !provided.found {
            self.check_alone(&provided.id).await?;
        }
        Ok(provided)
    }

    /// The id of the one service of this name, where there is one.
    async fn look(&mut self) -> Result<Option<String>, Unprovided> {
        let gateway = self.provider.gateway;
        let states = loop {
            let reply = gateway.services_named(self.name).await;
            if let Some(states) = self.retry.next(reply).wait(gateway).await? {
                break states;
            }
        };
        let ids: BTreeSet<String> = states.into_iter().map(|state| state.service_id).collect();
        if ids.len() > 1 { Err(Unprovided::Several(ids)) } else { Ok(ids.into_iter().next()) }
    }

    /// Makes it; `None` when it has to be looked for before anything else.
    async fn make(&mut self) -> Result<Option<String>, Unprovided> {
        let gateway = self.provider.gateway;
        self.known.attempts += 1;
        self.state(Transition::Intent { digest: String::new() }).await?;
        let reply = gateway.create_service(self.name).await;
        if let Some(step) = step_after(&reply) {
            self.state(step).await?;
        }
        Ok(self.retry.next(reply).wait(gateway).await?.map(|state| state.service_id))
    }

    /// Whether no other service than this one has this name.
    async fn check_alone(&mut self, id: &str) -> Result<(), Unprovided> {
        match self.look().await? {
            Some(other) if other != id => Err(Unprovided::Several([id.to_owned(), other].into())),
            _ => Ok(()),
        }
    }

    /// Writes a step down, and goes on from it.
    async fn state(&mut self, step: Transition) -> Result<(), Unprovided> {
        let (service, at) = (self.name.to_owned(), (self.provider.clock)());
        let attempt = self.known.attempts;
        self.known.learn(attempt, at, &step);
        let fact = Fact::Service { service, action: ServiceAction::Make, attempt, at, step };
        self.provider.witness.state(vec![fact]).await?;
        Ok(())
    }
}

/// How it ended, where it did: what failed stays as it was, for a resume.
fn settled(ended: &Result<Provided, Unprovided>) -> Option<Transition> {
    let outcome = match ended {
        Ok(Provided { id, found: true }) => Outcome::Found { id: id.clone() },
        Ok(Provided { id, found: false }) => Outcome::Created { id: id.clone() },
        Err(Unprovided::Several(ids)) => return Some(twice(ids)),
        Err(Unprovided::Failed(_) | Unprovided::Unwritten(_)) => return None,
    };
    Some(Transition::Settled { outcome, detail: Detail::default() })
}

/// Several services have the name.
fn twice(ids: &BTreeSet<String>) -> Transition {
    let outcome = Outcome::Duplicate { ids: ids.iter().cloned().collect() };
    Transition::Settled { outcome, detail: Detail::default() }
}

/// How much of `settle` is left since then. A clock that went back is not counted.
fn left(settle: Duration, since: Timestamp, now: Timestamp) -> Duration {
    let passed = Duration::try_from(now.duration_since(since)).unwrap_or_default();
    settle.saturating_sub(passed)
}

impl From<WitnessLost> for Unprovided {
    fn from(WitnessLost(why): WitnessLost) -> Self {
        Self::Unwritten(why)
    }
}

impl From<String> for Unprovided {
    fn from(why: String) -> Self {
        Self::Failed(why)
    }
}

impl fmt::Display for Unprovided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(why) | Self::Unwritten(why) => f.write_str(why),
            Self::Several(ids) => {
                let ids = ids.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                let ids = escape(&ids);
                write!(
                    f,
                    "several services have this name ({ids}); delete all but one in the console"
                )
            }
        }
    }
}

impl std::error::Error for Unprovided {}

#[cfg(test)]
mod tests {
    //! Against a gateway that answers as it is told, under a paused clock.

    use super::*;
    use crate::run::retry::tests::{Scripted, refused, services};
    use crate::target::Reply;
    use crate::target::meaning::{Hold, Meaning};

    const SETTLE: Duration = Duration::from_secs(60);

    fn lost<T>() -> Reply<T> {
        Reply::Lost("reset".to_owned())
    }

    fn provided(id: &str, found: bool) -> Provided {
        Provided { id: id.to_owned(), found }
    }

    async fn provide_by(gateway: &Scripted) -> Result<Provided, Unprovided> {
        go_on(gateway, Making::default()).await
    }

    async fn go_on(gateway: &Scripted, known: Making) -> Result<Provided, Unprovided> {
        let clock = || Timestamp::UNIX_EPOCH + Duration::from_secs(20);
        Provider { gateway, witness: gateway, settle: SETTLE, clock }.provide("pets", known).await
    }

    /// What was sent, and the steps that were written down, in their order.
    fn steps(gateway: &Scripted) -> Vec<&'static str> {
        let step = |fact| match fact {
            Fact::Service { step, .. } => match step {
                Transition::Intent { .. } => "intent",
                Transition::Rejected(_) => "rejected",
                Transition::Doubt(_) => "doubt",
                Transition::Absent => "absent",
                Transition::Settled { outcome, .. } => outcome.as_str(),
            },
            other => panic!("{other:?}"),
        };
        gateway.facts().into_iter().map(step).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_is_looked_for_before_it_is_made() {
        let gateway = Scripted::default().named([services(&["s-1"])]);
        assert_eq!(provide_by(&gateway).await, Ok(provided("s-1", true)));
        let named = [services(&[]), services(&["s-2"])];
        let gateway = Scripted::default().named(named).creates([Reply::Ok("s-2")]);
        assert_eq!(provide_by(&gateway).await, Ok(provided("s-2", false)));
        assert_eq!(gateway.calls(), ["0 named", "0 create", "0 named"]);
        assert_eq!(steps(&gateway), ["intent", "created"]);
    }

    #[tokio::test(start_paused = true)]
    #[expect(clippy::disallowed_methods, reason = "the clock is paused")]
    async fn what_an_earlier_run_sent_is_waited_for_from_the_time_of_its_intent() {
        let known =
            Making { attempts: 1, sent_at: Some(Timestamp::UNIX_EPOCH), ..Making::default() };
        let gateway = Scripted::default().named([services(&["s-1"])]);
        let begun = tokio::time::Instant::now();
        assert_eq!(go_on(&gateway, known.clone()).await, Ok(provided("s-1", true)));
        assert_eq!(begun.elapsed().as_secs(), 40, "20 of 60 seconds had passed");
        let named = [services(&[]), services(&["s-2"])];
        let gateway = Scripted::default().named(named).creates([Reply::Ok("s-2")]);
        assert_eq!(go_on(&gateway, known).await, Ok(provided("s-2", false)));
        assert_eq!(gateway.calls(), ["0 named", "0 create", "60 named"]);
        assert_eq!(steps(&gateway), ["absent", "intent", "created"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_an_earlier_run_settled_is_not_asked_for_again() {
        let known = Making { attempts: 1, id: Some("s-1".to_owned()), ..Making::default() };
        let gateway = Scripted::default();
        assert_eq!(go_on(&gateway, known).await, Ok(provided("s-1", true)));
        assert!(gateway.calls().is_empty() && gateway.facts().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_somebody_else_made_at_the_same_time_is_told() {
        let named = [services(&[]), services(&["s-1", "s-2"])];
        let gateway = Scripted::default().named(named).creates([Reply::Ok("s-2")]);
        let several = ["s-1", "s-2"].map(str::to_owned).into();
        assert_eq!(provide_by(&gateway).await, Err(Unprovided::Several(several)));
        assert_eq!(steps(&gateway), ["intent", "duplicate"]);
    }

    /// Every way in which it ends, learned from the facts alone.
    #[tokio::test(start_paused = true)]
    async fn what_is_known_in_the_end_follows_from_what_was_written_down() {
        let named = [services(&[]), services(&[]), services(&[]), services(&["s-1"])];
        let creates = [refused(Meaning::Wait(Hold::Item)), lost(), Reply::Ok("s-1")];
        let gateway = Scripted::default().named(named).creates(creates);
        assert_eq!(provide_by(&gateway).await, Ok(provided("s-1", false)));
        let all = ["intent", "rejected", "intent", "doubt", "absent", "intent", "created"];
        assert_eq!(steps(&gateway), all);
        let mut known = Making::default();
        for fact in gateway.facts() {
            let Fact::Service { attempt, at, step, .. } = fact else { panic!("{fact:?}") };
            known.learn(attempt, at, &step);
        }
        assert_eq!(known, Making { attempts: 2, id: Some("s-1".to_owned()), ..Making::default() });
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_lost_answer_it_is_looked_for_once_a_late_request_can_no_longer_take_effect() {
        let gateway =
            Scripted::default().named([services(&[]), services(&["s-1"])]).creates([lost()]);
        assert_eq!(provide_by(&gateway).await, Ok(provided("s-1", true)));
        assert_eq!(gateway.calls(), ["0 named", "0 create", "60 named"]);
        assert_eq!(steps(&gateway), ["intent", "doubt", "found"]);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_no_look_showed_before_the_second_was_made_is_told() {
        let named = [services(&[]), services(&[]), services(&["s-1", "s-2"])];
        let gateway = Scripted::default().named(named).creates([lost(), Reply::Ok("s-2")]);
        let several = ["s-1", "s-2"].map(str::to_owned).into();
        assert_eq!(provide_by(&gateway).await, Err(Unprovided::Several(several)));
        assert_eq!(gateway.calls().last().unwrap(), "120 named");
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_somebody_made_meanwhile_is_told_in_the_end() {
        let known = Making { attempts: 1, id: Some("s-1".to_owned()), ..Making::default() };
        let clock = || Timestamp::UNIX_EPOCH;
        for (named, told) in [(&["s-1"][..], &[][..]), (&["s-1", "s-2"], &["duplicate"])] {
            let gateway = Scripted::default().named([services(named)]);
            let provider = Provider { gateway: &gateway, witness: &gateway, settle: SETTLE, clock };
            assert_eq!(provider.confirm("pets", &known).await.is_ok(), told.is_empty());
            assert_eq!(steps(&gateway), told);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_gateway_is_asked_again_and_a_refusal_ends_it() {
        let named = [refused(Meaning::Wait(Hold::Everyone)), services(&[]), services(&[])];
        let creates = [refused(Meaning::Wait(Hold::Item)), refused(Meaning::Refused)];
        let gateway = Scripted::default().named(named).creates(creates);
        let why = "no (Code)".to_owned();
        assert_eq!(provide_by(&gateway).await, Err(Unprovided::Failed(why)));
        assert_eq!(gateway.calls(), ["0 named", "1 named", "1 create", "3 named", "3 create"]);
    }
}
