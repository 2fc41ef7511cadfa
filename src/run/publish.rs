//! Publishing each service that a run changed, once, after all its items have ended.
//!
//! A release publishes a whole service, so one comes after the batch, never per API. To
//! release again what is released already publishes the same, so that an answer that was
//! lost is simply asked for again; a create could not be.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use crate::run::fact::{Fact, Witness};
use crate::run::outcome::{Outcome, Settlement};
use crate::run::retry::Retry;
use crate::run::work::{Assignment, KnownService, Start, Work};
use crate::target::{Gateway, Reply};

/// Tries for one service: together they wait about a minute.
const TRIES: u32 = 8;

/// What is to be published: asked of the work before the run, done after it.
#[derive(Debug, Clone)]
pub struct Publication {
    environment: String,
    /// Of each item of the work: its service, and whether an earlier run made it.
    items: Vec<(String, bool)>,
    /// Released to this environment since our last create there.
    done: BTreeSet<String>,
}

impl Publication {
    /// Of this work, to this environment.
    pub fn of(work: &Work, environment: &str) -> Self {
        let is_done = |known: &&KnownService| known.released.as_deref() == Some(environment);
        let done = work.services.iter().filter(is_done).map(|it| it.service.clone()).collect();
        let item =
            |it: &Assignment| (it.item.key.service.clone(), matches!(it.start, Start::Keep { .. }));
        let items = work.items.iter().map(item).collect();
        Self { environment: environment.to_owned(), items, done }
    }

    /// The environment that is published to.
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// The services that hold APIs of ours which are not published yet. A service that this
    /// report added nothing to is left as it is: a release publishes all that somebody else
    /// may still be working on there.
    pub fn due(&self, settlements: &[Settlement]) -> BTreeSet<&str> {
        let ours =
            |it: &Settlement| matches!(it.outcome, Outcome::Created { .. } | Outcome::Found { .. });
        let items = self.items.iter().zip(settlements).filter(|(_, it)| ours(it));
        items
            .filter(|((service, kept), _)| !kept || !self.done.contains(service))
            .map(|((service, _), _)| service.as_str())
            .collect()
    }

    /// Publishes one service and writes it down; where it answers then, if the gateway tells.
    ///
    /// # Errors
    /// It is not published, for this reason.
    pub async fn publish<G: Gateway, W: Witness>(
        &self,
        service: &str,
        gateway: &G,
        witness: &W,
        clock: impl Fn() -> Timestamp,
    ) -> Result<Option<String>, String> {
        let mut retry = Retry::new(TRIES, Duration::ZERO);
        loop {
            let reply = gateway.release(service, &self.environment, "by apiferry").await;
            if retry.next(reply).wait(gateway).await?.is_some() {
                break;
            }
        }
        let environment = self.environment.clone();
        let fact = Fact::Released { service: service.to_owned(), environment, at: clock() };
        // The report tells of a lost journal; the release stands either way.
        let _ = witness.state(vec![fact]).await;
        match gateway.service(service).await {
            Reply::Ok(state) => Ok(state.outer_sub_domain),
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::outcome::Detail;
    use crate::run::retry::tests::{Scripted, refused};
    use crate::target::meaning::{Hold, Meaning};

    fn settled(outcome: Outcome) -> Settlement {
        Settlement { outcome, attempts: 1, detail: Detail::default() }
    }

    fn created() -> Settlement {
        settled(Outcome::Created { id: "api-1".into() })
    }

    fn publication(items: &[(&str, bool)], done: &[&str]) -> Publication {
        Publication {
            environment: "test".into(),
            items: items.iter().map(|(service, kept)| ((*service).into(), *kept)).collect(),
            done: done.iter().map(|it| (*it).into()).collect(),
        }
    }

    #[test]
    fn a_service_is_due_once_however_many_apis_it_has() {
        let publication = publication(&[("a", false), ("a", false), ("b", false)], &[]);
        let refused = settled(Outcome::Refused { code: "X".into() });
        assert_eq!(publication.due(&[created(), created(), refused]), BTreeSet::from(["a"]));
    }

    #[test]
    fn what_is_published_is_published_again_only_when_something_came_in() {
        assert!(publication(&[("a", true)], &["a"]).due(&[created()]).is_empty());
        assert_eq!(publication(&[("a", true)], &[]).due(&[created()]).len(), 1);
        assert_eq!(publication(&[("a", false)], &["a"]).due(&[created()]).len(), 1);
    }

    async fn published(gateway: &Scripted) -> Result<Option<String>, String> {
        let clock = || Timestamp::UNIX_EPOCH;
        publication(&[("a", false)], &[]).publish("a", gateway, gateway, clock).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_service_and_a_lost_answer_are_asked_again_and_the_release_is_written_down() {
        let replies = [
            refused(Meaning::Wait(Hold::Service)),
            Reply::Lost("reset".into()),
            refused(Meaning::Token),
            Reply::Ok(()),
        ];
        let gateway = Scripted::default().releases(replies).with_new_credentials();
        assert_eq!(published(&gateway).await, Ok(Some("a.example.com".to_owned())));
        let releases = ["0 release", "1 release", "3 release", "7 release", "7 service"];
        assert_eq!(gateway.calls(), releases);
        assert!(matches!(gateway.facts()[..], [Fact::Released { .. }]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_and_credentials_that_stay_the_same_are_not_tried_again() {
        for meaning in [Meaning::Refused, Meaning::Token] {
            let gateway = Scripted::default().releases([refused(meaning)]);
            assert_eq!(published(&gateway).await, Err("no (Code)".to_owned()));
            assert_eq!((gateway.calls().len(), gateway.facts().len()), (1, 0));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_stays_busy_is_given_up_after_about_a_minute() {
        let gateway =
            Scripted::default().releases((0..TRIES).map(|_| refused(Meaning::Wait(Hold::Service))));
        assert_eq!(published(&gateway).await, Err("no (Code)".to_owned()));
        assert_eq!(gateway.calls().last().unwrap(), "71 release");
    }
}
