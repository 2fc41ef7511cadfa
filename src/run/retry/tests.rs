//! What a retry says of each reply; and a gateway that answers as it is told, for all that
//! retries: each call takes the next of its replies, and is written down with the second in
//! which it came.

use std::collections::VecDeque;
use std::sync::Mutex;

use tokio::time::Instant;

use super::*;
use crate::run::fact::{Fact, Witness, WitnessLost};
use crate::target::meaning::{Hold, Scope};
use crate::target::tencent::read_back::ReadBack;
use crate::target::{Created, Page, ServiceState};

type Replies<T> = Mutex<VecDeque<Reply<T>>>;

#[derive(Debug, Default)]
pub(crate) struct Scripted {
    named: Replies<Vec<ServiceState>>,
    creates: Replies<&'static str>,
    releases: Replies<()>,
    withdraws: Replies<()>,
    /// How many APIs a listing counts.
    held: u64,
    /// The environments that a service is shown to be in, look by look; then none.
    shown: Mutex<VecDeque<&'static [&'static str]>>,
    /// Whether reading the credentials again brings new ones.
    renews: bool,
    begun: Mutex<Option<Instant>>,
    calls: Mutex<Vec<String>>,
    facts: Mutex<Vec<Fact>>,
}

/// Services of one name.
pub(crate) fn services(ids: &[&str]) -> Reply<Vec<ServiceState>> {
    Reply::Ok(ids.iter().map(|id| service(id)).collect())
}

/// An error that says this.
pub(crate) fn refused<T>(meaning: Meaning) -> Reply<T> {
    let (code, message, request_id) = ("Code".into(), "no".into(), "r".into());
    Reply::Error(ApiError { code, meaning, message, request_id })
}

fn service(id: &str) -> ServiceState {
    let outer_sub_domain = Some(format!("{id}.example.com"));
    ServiceState { service_id: id.to_owned(), outer_sub_domain, ..ServiceState::default() }
}

impl Scripted {
    pub(crate) fn named(self, replies: impl IntoIterator<Item = Reply<Vec<ServiceState>>>) -> Self {
        Self { named: Mutex::new(replies.into_iter().collect()), ..self }
    }

    pub(crate) fn creates(self, replies: impl IntoIterator<Item = Reply<&'static str>>) -> Self {
        Self { creates: Mutex::new(replies.into_iter().collect()), ..self }
    }

    pub(crate) fn releases(self, replies: impl IntoIterator<Item = Reply<()>>) -> Self {
        Self { releases: Mutex::new(replies.into_iter().collect()), ..self }
    }

    /// What is answered to taking offline and deleting.
    pub(crate) fn withdraws(self, replies: impl IntoIterator<Item = Reply<()>>) -> Self {
        Self { withdraws: Mutex::new(replies.into_iter().collect()), ..self }
    }

    pub(crate) fn holds(self, held: u64) -> Self {
        Self { held, ..self }
    }

    pub(crate) fn shows(self, shown: impl IntoIterator<Item = &'static [&'static str]>) -> Self {
        Self { shown: Mutex::new(shown.into_iter().collect()), ..self }
    }

    /// Reading the credentials again brings others.
    pub(crate) fn with_new_credentials(self) -> Self {
        Self { renews: true, ..self }
    }

    /// The calls, each with the seconds since the first.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    pub(crate) fn facts(&self) -> Vec<Fact> {
        self.facts.lock().unwrap().clone()
    }

    #[expect(clippy::disallowed_methods, reason = "the clock is paused")]
    fn called(&self, name: &str) {
        let begun = *self.begun.lock().unwrap().get_or_insert_with(Instant::now);
        self.calls.lock().unwrap().push(format!("{} {name}", begun.elapsed().as_secs()));
    }

    fn next<T>(&self, name: &str, replies: &Replies<T>) -> Reply<T> {
        self.called(name);
        replies.lock().unwrap().pop_front().expect("one more reply")
    }
}

impl Gateway for Scripted {
    async fn create(&self, _: String) -> Reply<Created> {
        unreachable!("items are sent by a run")
    }

    async fn delete(&self, _: &str, _: &str) -> Reply<()> {
        unreachable!("items are sent by a run")
    }

    async fn list(&self, _: &str, _: u64, _: u64) -> Reply<Page> {
        self.called("list");
        Reply::Ok(Page { total: Some(self.held), ..Page::default() })
    }

    async fn service(&self, id: &str) -> Reply<ServiceState> {
        self.called("service");
        let shown = self.shown.lock().unwrap().pop_front().unwrap_or_default();
        let environments = shown.iter().map(ToString::to_string).collect();
        Reply::Ok(ServiceState { environments, ..service(id) })
    }

    async fn services_named(&self, _: &str) -> Reply<Vec<ServiceState>> {
        self.next("named", &self.named)
    }

    async fn create_service(&self, _: &str) -> Reply<ServiceState> {
        self.next("create", &self.creates).map(service)
    }

    async fn release(&self, _: &str, _: &str, _: &str) -> Reply<()> {
        self.next("release", &self.releases)
    }

    async fn read(&self, _: &str, _: &str) -> Reply<ReadBack> {
        unreachable!("items are read by a run")
    }

    async fn modify(&self, _: String) -> Reply<()> {
        unreachable!("items are changed by a run")
    }

    async fn unrelease(&self, _: &str, _: &str) -> Reply<()> {
        self.next("offline", &self.withdraws)
    }

    async fn delete_service(&self, _: &str) -> Reply<()> {
        self.next("delete", &self.withdraws)
    }

    async fn reload_credentials(&self) -> bool {
        self.renews
    }
}

impl Witness for Scripted {
    async fn state(&self, facts: Vec<Fact>) -> Result<(), WitnessLost> {
        self.facts.lock().unwrap().extend(facts);
        Ok(())
    }
}

const SETTLE: Duration = Duration::from_secs(60);

fn first(reply: Reply<()>) -> Next<()> {
    Retry::new(5, SETTLE).next(reply)
}

#[test]
fn what_had_no_effect_is_repeated_soon_and_what_may_have_had_one_after_settle() {
    let soon = Next::Again(Duration::from_secs(1));
    assert_eq!(first(Reply::NotSent("no route".into())), soon);
    assert_eq!(first(refused(Meaning::Wait(Hold::Service))), soon);
    assert_eq!(first(Reply::Lost("reset".into())), Next::Doubt(SETTLE));
    assert_eq!(first(refused(Meaning::Unclear)), Next::Doubt(SETTLE));
}

#[test]
fn a_refusal_and_an_untrusted_gateway_end_it_at_once() {
    for meaning in [Meaning::Refused, Meaning::MaybeTaken, Meaning::Stop(Scope::Run)] {
        assert_eq!(first(refused(meaning)), Next::GiveUp("no (Code)".to_owned()));
    }
    assert_eq!(first(Reply::Untrusted("expired".into())), Next::GiveUp("expired".into()));
}

#[test]
fn tries_are_counted_and_come_ever_later() {
    let mut retry = Retry::new(7, Duration::ZERO);
    let mut nexts = (0..7).map(|_| retry.next(Reply::<()>::NotSent("no route".into())));
    for seconds in [1, 2, 4, 8, 16, 20] {
        assert_eq!(nexts.next(), Some(Next::Again(Duration::from_secs(seconds))));
    }
    assert_eq!(nexts.next(), Some(Next::GiveUp("no route".into())));
}
