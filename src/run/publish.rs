//! Publishing each service that a run changed, once, after all its items have ended.
//!
//! A release publishes a whole service, so one comes after the batch, never per API. It goes
//! the way of all that is sent: its intent is on disk first, and after an answer that was lost,
//! also one that an earlier run did not wait for, a look comes before it is sent again. The
//! look shows only that some release came to the environment; where one was there before, it
//! is sent again at once, since that publishes the same.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use crate::run::fact::{Fact, ServiceAction, Transition, Witness};
use crate::run::outcome::{Outcome, Settlement};
use crate::run::retry::{Retry, step_after};
use crate::run::work::{Assignment, KnownService, Releasing, Start, Work};
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
    /// Meant to be released to this environment since then.
    meant: BTreeMap<String, Releasing>,
}

impl Publication {
    /// Of this work, to this environment.
    pub fn of(work: &Work, environment: &str) -> Self {
        let is_done = |known: &&KnownService| known.released.as_deref() == Some(environment);
        let done = work.services.iter().filter(is_done).map(|it| it.service.clone()).collect();
        let item =
            |it: &Assignment| (it.item.key.service.clone(), matches!(it.start, Start::Keep { .. }));
        let items = work.items.iter().map(item).collect();
        let meant = work.services.iter().filter_map(|it| {
            let meant = it.releasing.clone().filter(|meant| meant.environment == environment)?;
            Some((it.service.clone(), meant))
        });
        let meant = meant.collect();
        Self { environment: environment.to_owned(), items, done, meant }
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

    /// Publishes one service and writes it down; where it answers then, if the gateway shows it.
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
        // What came in since then was not published by what was meant then.
        let is_whole = self.items.iter().all(|(of, kept)| of != service || *kept);
        let meant = self.meant.get(service).filter(|_| is_whole);
        let (first, attempt) = match meant {
            Some(meant) => (meant.first, meant.attempts),
            None => (!self.is_there(service, gateway).await.unwrap_or(true), 0),
        };
        let (doubt, retry) = (meant.is_some(), Retry::new(TRIES, Duration::ZERO));
        let sending = Sending { publication: self, service, first, attempt, doubt, retry };
        sending.send(gateway, witness, &clock).await?;
        let environment = self.environment.clone();
        let fact = Fact::Released { service: service.to_owned(), environment, at: clock() };
        // The report shows a lost journal; the release is done either way.
        let _ = witness.state(vec![fact]).await;
        match gateway.service(service).await {
            Reply::Ok(state) => Ok(state.outer_sub_domain),
            _ => Ok(None),
        }
    }

    /// Whether some release came to the environment, where the gateway shows it.
    async fn is_there<G: Gateway>(&self, service: &str, gateway: &G) -> Option<bool> {
        match gateway.service(service).await {
            Reply::Ok(state) => Some(state.environments.contains(&self.environment)),
            _ => None,
        }
    }
}

/// A release under way.
struct Sending<'a> {
    publication: &'a Publication,
    service: &'a str,
    /// Whether nothing of the service was in the environment before.
    first: bool,
    attempt: u32,
    /// Whether the last request may have taken effect.
    doubt: bool,
    retry: Retry,
}

impl Sending<'_> {
    async fn send<G: Gateway, W: Witness>(
        mut self,
        gateway: &G,
        witness: &W,
        clock: &impl Fn() -> Timestamp,
    ) -> Result<(), String> {
        loop {
            if self.doubt && self.first {
                if self.publication.is_there(self.service, gateway).await == Some(true) {
                    return Ok(());
                }
                self.state(Transition::Absent, witness, clock()).await?;
            }
            self.attempt += 1;
            let intent = Transition::Intent { digest: String::new() };
            self.state(intent, witness, clock()).await?;
            let environment = &self.publication.environment;
            let reply = gateway.release(self.service, environment, "by apiferry").await;
            if let Some(step) = step_after(&reply) {
                self.doubt = matches!(step, Transition::Doubt(_));
                self.state(step, witness, clock()).await?;
                // It had no effect, so the next one has the same number.
                self.attempt -= u32::from(!self.doubt);
            }
            if self.retry.next(reply).wait(gateway).await?.is_some() {
                return Ok(());
            }
        }
    }

    async fn state<W: Witness>(
        &self,
        step: Transition,
        witness: &W,
        at: Timestamp,
    ) -> Result<(), String> {
        let environment = self.publication.environment.clone();
        let (service, attempt) = (self.service.to_owned(), self.attempt);
        let action = ServiceAction::Publish { environment, first: self.first };
        let fact = Fact::Service { service, action, attempt, at, step };
        witness.state(vec![fact]).await.map_err(|lost| lost.0)
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
            meant: BTreeMap::new(),
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
        let calls = "0 service, 0 release, 1 release, 3 service, 3 release, 7 release, 7 service";
        assert_eq!(gateway.calls().join(", "), calls);
        let steps = "intent rejected intent doubt absent intent rejected intent released";
        assert_eq!(steps_of(&gateway), steps);
    }

    fn steps_of(gateway: &Scripted) -> String {
        let step = |fact| match fact {
            Fact::Service { step, .. } => match step {
                Transition::Intent { .. } => "intent",
                Transition::Rejected(_) => "rejected",
                Transition::Doubt(_) => "doubt",
                Transition::Absent => "absent",
                Transition::Settled { .. } => "settled",
            },
            Fact::Released { .. } => "released",
            other => panic!("{other:?}"),
        };
        gateway.facts().into_iter().map(step).collect::<Vec<_>>().join(" ")
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_answer_is_looked_for_where_nothing_was_published_before() {
        let gateway =
            Scripted::default().releases([Reply::Lost("reset".into())]).shows([&[], &["test"][..]]);
        assert!(published(&gateway).await.is_ok());
        let calls = ["0 service", "0 release", "1 service", "1 service"];
        assert_eq!(gateway.calls(), calls);
        let releases = [Reply::Lost("reset".into()), Reply::Ok(())];
        let gateway = Scripted::default().releases(releases).shows([&["test"][..]]);
        assert!(published(&gateway).await.is_ok());
        let calls = ["0 service", "0 release", "1 release", "1 service"];
        assert_eq!(gateway.calls(), calls, "a look would tell nothing");
    }

    #[tokio::test(start_paused = true)]
    async fn what_an_earlier_run_meant_is_looked_for_unless_something_came_in_since() {
        let meant = Releasing { environment: "test".into(), first: true, attempts: 1 };
        for (kept, calls) in
            [(true, "0 service, 0 service"), (false, "0 service, 0 release, 0 service")]
        {
            let mut publication = publication(&[("a", kept)], &[]);
            publication.meant.insert("a".into(), meant.clone());
            let gateway = Scripted::default().releases([Reply::Ok(())]).shows([&["test"][..]]);
            let clock = || Timestamp::UNIX_EPOCH;
            assert!(publication.publish("a", &gateway, &gateway, clock).await.is_ok());
            assert_eq!(gateway.calls().join(", "), calls);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_and_credentials_that_stay_the_same_are_not_tried_again() {
        for meaning in [Meaning::Refused, Meaning::Token] {
            let gateway = Scripted::default().releases([refused(meaning)]);
            assert_eq!(published(&gateway).await, Err("no (Code)".to_owned()));
            assert_eq!((gateway.calls().len(), &*steps_of(&gateway)), (2, "intent rejected"));
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
