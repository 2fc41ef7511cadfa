//! Taking back the services that a report made: one that is empty now is taken offline and
//! deleted; one that is not stays.
//!
//! Both calls name what they act on, so that they may be sent again at any time. Still each is
//! written down before it is sent, and what is gone already counts as done.

use jiff::Timestamp;

use crate::run::fact::{Fact, ServiceAction, Transition, Witness};
use crate::run::outcome::{Detail, Outcome};
use crate::run::retry::{Retry, step_after};
use crate::target::meaning::{Meaning, Scope};
use crate::target::{Gateway, Reply, ServiceState};

/// Tries of one call.
const TRIES: u32 = 8;

/// Where services are taken back, and who keeps what happens.
#[derive(Debug)]
pub struct Withdrawal<'a, G, W> {
    /// The gateway.
    pub gateway: &'a G,
    /// The journal.
    pub witness: &'a W,
    /// What time it is.
    pub clock: fn() -> Timestamp,
}

/// What became of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawn {
    /// It is deleted.
    Deleted,
    /// It stays, since it holds so many APIs.
    Stays(u64),
}

impl<G: Gateway, W: Witness> Withdrawal<'_, G, W> {
    /// Deletes the service of this id if it is empty.
    ///
    /// # Errors
    /// A call failed, for this reason; what was done so far is recorded.
    pub async fn withdraw(&self, id: &str) -> Result<Withdrawn, String> {
        let Some(state) = self.look(id).await? else {
            self.state(id, &ServiceAction::Delete, 0, deleted(id)).await?;
            return Ok(Withdrawn::Deleted);
        };
        let held = self.held(id).await?;
        if held > 0 {
            return Ok(Withdrawn::Stays(held));
        }
        for environment in state.environments {
            self.carry_out(id, &ServiceAction::TakeOffline { environment }).await?;
        }
        self.carry_out(id, &ServiceAction::Delete).await?;
        Ok(Withdrawn::Deleted)
    }

    /// The service, if it is still there.
    async fn look(&self, id: &str) -> Result<Option<ServiceState>, String> {
        let mut retry = retry();
        loop {
            let reply = self.gateway.service(id).await;
            if is_gone(&reply) {
                return Ok(None);
            }
            if let Some(state) = retry.next(reply).wait(self.gateway).await? {
                return Ok(Some(state));
            }
        }
    }

    /// How many APIs it holds.
    async fn held(&self, id: &str) -> Result<u64, String> {
        let mut retry = retry();
        loop {
            let reply = self.gateway.list(id, 0, 1).await;
            if let Some(page) = retry.next(reply).wait(self.gateway).await? {
                let shown = page.apis.len() as u64 + page.incomplete;
                return Ok(page.total.unwrap_or_default().max(shown));
            }
        }
    }

    async fn carry_out(&self, id: &str, action: &ServiceAction) -> Result<(), String> {
        let mut retry = retry();
        for attempt in 1.. {
            let intent = Transition::Intent { digest: String::new() };
            self.state(id, action, attempt, intent).await?;
            let reply = match action {
                ServiceAction::TakeOffline { environment } => {
                    self.gateway.unrelease(id, environment).await
                }
                _ => self.gateway.delete_service(id).await,
            };
            if is_gone(&reply) {
                break;
            }
            if let Some(step) = step_after(&reply) {
                self.state(id, action, attempt, step).await?;
            }
            if retry.next(reply).wait(self.gateway).await?.is_some() {
                break;
            }
        }
        self.state(id, action, 0, deleted(id)).await
    }

    async fn state(
        &self,
        id: &str,
        action: &ServiceAction,
        attempt: u32,
        step: Transition,
    ) -> Result<(), String> {
        let (service, action, at) = (id.to_owned(), action.clone(), (self.clock)());
        let fact = Fact::Service { service, action, attempt, at, step };
        self.witness.state(vec![fact]).await.map_err(|lost| lost.0)
    }
}

fn retry() -> Retry {
    Retry::new(TRIES, std::time::Duration::ZERO)
}

fn deleted(id: &str) -> Transition {
    let outcome = Outcome::Deleted { id: id.to_owned() };
    Transition::Settled { outcome, detail: Detail::default() }
}

/// Whether there is no such service any more.
fn is_gone<T>(reply: &Reply<T>) -> bool {
    let Reply::Error(error) = reply else { return false };
    matches!(error.meaning, Meaning::Gone | Meaning::Stop(Scope::Service))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::retry::tests::{Scripted, refused};

    async fn withdrawn(gateway: &Scripted) -> Result<Withdrawn, String> {
        let clock = || Timestamp::UNIX_EPOCH;
        Withdrawal { gateway, witness: gateway, clock }.withdraw("s-1").await
    }

    #[tokio::test(start_paused = true)]
    async fn an_empty_service_is_taken_offline_and_deleted() {
        let gateway = Scripted::default().shows([&["test"][..]]).holds(0);
        let lost = || Reply::Lost("reset".into());
        let gateway = gateway.withdraws([Reply::Ok(()), lost(), refused(Meaning::Gone)]);
        assert_eq!(withdrawn(&gateway).await, Ok(Withdrawn::Deleted));
        let calls = "0 service, 0 list, 0 offline, 0 delete, 1 delete";
        assert_eq!(gateway.calls().join(", "), calls);
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_holds_an_api_stays() {
        let gateway = Scripted::default().shows([&["test"][..]]).holds(2);
        assert_eq!(withdrawn(&gateway).await, Ok(Withdrawn::Stays(2)));
        assert!(gateway.facts().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_told() {
        let gateway = Scripted::default().holds(0).withdraws([refused(Meaning::Refused)]);
        assert_eq!(withdrawn(&gateway).await, Err("no (Code)".to_owned()));
    }
}
