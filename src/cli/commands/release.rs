//! `--release`: publishes each touched service once, after all its items have ended.
//!
//! A release publishes a whole service, so one comes after the batch, never per API. To
//! release again what is released already publishes the same, so that an answer that was
//! lost is simply asked for again; a create could not be.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::cli::commands::world;
use crate::error::{Error, Exit};
use crate::run::{Assignment, Fact, KnownService, Outcome, Settlement, Start, Witness, Work};
use crate::target::meaning::Meaning;
use crate::target::{Gateway, Reply};
use crate::text::escape;

/// The environments that the gateway has.
const ENVIRONMENTS: [&str; 3] = ["test", "prepub", "release"];

/// Tries for one service: together they wait about a minute.
const TRIES: u32 = 8;

/// The longest wait between two tries.
const LONGEST: Duration = Duration::from_secs(20);

/// An environment as typed.
pub(crate) fn environment(typed: Option<&str>) -> Result<Option<String>, Error> {
    match typed {
        Some(name) if !ENVIRONMENTS.contains(&name) => {
            Err(Error::usage(format!("--release {name:?}: there is no such environment"))
                .hint("the gateway has test, prepub and release"))
        }
        typed => Ok(typed.map(str::to_owned)),
    }
}

/// What is to be released: asked of the work before the run, told after it.
pub(crate) struct Release {
    environment: String,
    /// Of each item of the work: its service, and whether an earlier run made it.
    items: Vec<(String, bool)>,
    /// Released to this environment since our last create there.
    done: BTreeSet<String>,
}

impl Release {
    /// Of this work, to this environment.
    pub(crate) fn of(work: &Work, environment: Option<&String>) -> Option<Self> {
        let environment = environment?.clone();
        let is_done = |known: &&KnownService| known.released.as_ref() == Some(&environment);
        let done = work.services.iter().filter(is_done).map(|it| it.service.clone()).collect();
        let item =
            |it: &Assignment| (it.item.key.service.clone(), matches!(it.start, Start::Keep { .. }));
        Some(Self { environment, items: work.items.iter().map(item).collect(), done })
    }

    /// The services that hold APIs of ours which are not released yet.
    fn due(&self, settlements: &[Settlement]) -> BTreeSet<&str> {
        let ours =
            |it: &Settlement| matches!(it.outcome, Outcome::Created { .. } | Outcome::Found { .. });
        let items = self.items.iter().zip(settlements).filter(|(_, it)| ours(it));
        items
            .filter(|((service, kept), _)| !kept || !self.done.contains(service))
            .map(|((service, _), _)| service.as_str())
            .collect()
    }

    /// Releases what is due and tells of each; the exit code that it comes to.
    pub(crate) async fn carry_out<G: Gateway, W: Witness>(
        &self,
        settlements: &[Settlement],
        gateway: &G,
        witness: &W,
        mut tell: impl FnMut(String),
    ) -> Exit {
        let mut exit = Exit::Done;
        let due = self.due(settlements);
        if due.is_empty() {
            tell(self.idle(settlements));
        }
        for service in due {
            match self.one(service, gateway).await {
                Ok(()) => tell(self.published(service, gateway, witness).await),
                Err(why) => {
                    exit = Exit::Stopped;
                    tell(format!(
                        "{service} is not published: {why}; a resume tries again, or do it in the console"
                    ));
                }
            }
        }
        exit
    }

    /// Why nothing is published. A service that this report added nothing to is left as it is:
    /// a release publishes all that somebody else may still be working on there.
    fn idle(&self, settlements: &[Settlement]) -> String {
        let theirs = settlements.iter().any(|it| matches!(it.outcome, Outcome::Exists { .. }));
        let advice = if theirs {
            "; what exists was there before: publish it in the console, if it is not"
        } else {
            ""
        };
        format!("nothing new to publish to {}{advice}", self.environment)
    }

    /// Releases one service; busy services and lost answers are asked again.
    async fn one<G: Gateway>(&self, service: &str, gateway: &G) -> Result<(), String> {
        let mut why = String::new();
        for attempt in 0..TRIES {
            match gateway.release(service, &self.environment, "by apiferry").await {
                Reply::Ok(()) => return Ok(()),
                Reply::Error(error) => {
                    why = format!("{} ({})", escape(&error.message), escape(&error.code));
                    let may_pass = match error.meaning {
                        Meaning::Token => gateway.reload_credentials().await,
                        says => passes(says),
                    };
                    if !may_pass {
                        return Err(why);
                    }
                }
                Reply::Untrusted(reason) => return Err(reason),
                Reply::NotSent(reason) | Reply::Lost(reason) => why = reason,
            }
            world::pause(LONGEST.min(Duration::from_secs(1 << attempt))).await;
        }
        Err(why)
    }

    /// Writes it down, and says where the service answers, where the gateway tells.
    async fn published<G: Gateway, W: Witness>(
        &self,
        service: &str,
        gateway: &G,
        witness: &W,
    ) -> String {
        let environment = self.environment.clone();
        let fact = Fact::Released { service: service.to_owned(), environment, at: world::now() };
        // A journal that is lost is told of by the report; the release stands either way.
        let _ = witness.state(vec![fact]).await;
        let address = match gateway.service(service).await {
            Reply::Ok(state) => state.outer_sub_domain,
            _ => None,
        };
        let at = address.map(|address| format!(" at {}", escape(&address))).unwrap_or_default();
        format!("{service} is published to {}{at}", self.environment)
    }
}

/// Whether waiting may help.
fn passes(meaning: Meaning) -> bool {
    !matches!(
        meaning,
        Meaning::Refused | Meaning::MaybeTaken | Meaning::Gone | Meaning::InUse | Meaning::Stop(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Detail;

    fn settled(outcome: Outcome) -> Settlement {
        Settlement { outcome, attempts: 1, detail: Detail::default() }
    }

    fn created() -> Settlement {
        settled(Outcome::Created { id: "api-1".into() })
    }

    fn release(items: &[(&str, bool)], done: &[&str]) -> Release {
        Release {
            environment: "test".into(),
            items: items.iter().map(|(service, kept)| ((*service).into(), *kept)).collect(),
            done: done.iter().map(|it| (*it).into()).collect(),
        }
    }

    #[test]
    fn a_service_is_due_once_however_many_apis_it_has() {
        let release = release(&[("a", false), ("a", false), ("b", false)], &[]);
        let refused = settled(Outcome::Refused { code: "X".into() });
        assert_eq!(release.due(&[created(), created(), refused]), BTreeSet::from(["a"]));
    }

    #[test]
    fn what_is_published_is_published_again_only_when_something_came_in() {
        assert!(release(&[("a", true)], &["a"]).due(&[created()]).is_empty());
        assert_eq!(release(&[("a", true)], &[]).due(&[created()]).len(), 1);
        assert_eq!(release(&[("a", false)], &["a"]).due(&[created()]).len(), 1);
    }

    #[test]
    fn only_the_gateways_environments_are_taken() {
        assert_eq!(environment(None).unwrap(), None);
        assert_eq!(environment(Some("prepub")).unwrap().as_deref(), Some("prepub"));
        assert!(environment(Some("production")).is_err());
    }
}
