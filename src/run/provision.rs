//! Finding or making a service by its name.
//!
//! Creating a service has no idempotency key either, but a name to find it by: it is looked
//! up before it is made, and again after an answer that may hide a success. So a program
//! that was killed here finds the service when it comes again.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use crate::run::retry::{Retry, pause};
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
    /// A call failed; says why.
    Failed(String),
}

/// Finds the service of this name, or makes it. `settle` is how long a request whose answer
/// was lost may still take effect.
///
/// # Errors
/// It can be neither found nor made, or there is more than one.
pub async fn provide<G: Gateway>(
    gateway: &G,
    name: &str,
    settle: Duration,
) -> Result<Provided, Unprovided> {
    let settle = settle.max(Duration::from_secs(1));
    let mut provision = Provision { gateway, name, retry: Retry::new(TRIES, settle), sent: 0 };
    let provided = loop {
        if let Some(id) = provision.look().await? {
            break Provided { id, found: true };
        }
        if let Some(id) = provision.make().await? {
            break Provided { id, found: false };
        }
    };
    // An earlier request may have made one that no look saw before this one was made.
    if provision.sent > 1 {
        pause(settle).await;
        provision.check_alone(&provided.id).await?;
    }
    Ok(provided)
}

struct Provision<'a, G> {
    gateway: &'a G,
    name: &'a str,
    retry: Retry,
    /// Requests that may have made a service.
    sent: u32,
}

impl<G: Gateway> Provision<'_, G> {
    /// The id of the one service of this name, where there is one.
    async fn look(&mut self) -> Result<Option<String>, Unprovided> {
        let states = loop {
            let reply = self.gateway.services_named(self.name).await;
            if let Some(states) = self.retry.next(reply).wait(self.gateway).await? {
                break states;
            }
        };
        let ids: BTreeSet<String> = states.into_iter().map(|state| state.service_id).collect();
        if ids.len() > 1 { Err(Unprovided::Several(ids)) } else { Ok(ids.into_iter().next()) }
    }

    /// Makes it; `None` when it has to be looked for before anything else.
    async fn make(&mut self) -> Result<Option<String>, Unprovided> {
        let next = self.retry.next(self.gateway.create_service(self.name).await);
        self.sent += u32::from(next.may_have_worked());
        Ok(next.wait(self.gateway).await?.map(|state| state.service_id))
    }

    /// Whether no other service than this one has this name.
    async fn check_alone(&mut self, id: &str) -> Result<(), Unprovided> {
        match self.look().await? {
            Some(other) if other != id => Err(Unprovided::Several([id.to_owned(), other].into())),
            _ => Ok(()),
        }
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
            Self::Failed(why) => f.write_str(why),
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

    fn provided(id: &str, found: bool) -> Result<Provided, Unprovided> {
        Ok(Provided { id: id.to_owned(), found })
    }

    async fn provide_by(gateway: &Scripted) -> Result<Provided, Unprovided> {
        provide(gateway, "pets", SETTLE).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_is_looked_for_before_it_is_made() {
        let gateway = Scripted::default().named([services(&["s-1"])]);
        assert_eq!(provide_by(&gateway).await, provided("s-1", true));
        let gateway = Scripted::default().named([services(&[])]).creates([Reply::Ok("s-2")]);
        assert_eq!(provide_by(&gateway).await, provided("s-2", false));
        assert_eq!(gateway.calls(), ["0 named", "0 create"]);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_lost_answer_it_is_looked_for_once_a_late_request_can_no_longer_take_effect() {
        let gateway =
            Scripted::default().named([services(&[]), services(&["s-1"])]).creates([lost()]);
        assert_eq!(provide_by(&gateway).await, provided("s-1", true));
        assert_eq!(gateway.calls(), ["0 named", "0 create", "60 named"]);
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
    async fn a_busy_gateway_is_asked_again_and_a_refusal_ends_it() {
        let named = [refused(Meaning::Wait(Hold::Everyone)), services(&[]), services(&[])];
        let creates = [refused(Meaning::Wait(Hold::Item)), refused(Meaning::Refused)];
        let gateway = Scripted::default().named(named).creates(creates);
        let why = "no (Code)".to_owned();
        assert_eq!(provide_by(&gateway).await, Err(Unprovided::Failed(why)));
        assert_eq!(gateway.calls(), ["0 named", "1 named", "1 create", "3 named", "3 create"]);
    }
}
