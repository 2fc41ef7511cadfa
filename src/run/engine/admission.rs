//! How a run begins: every item finds its service and its first step, or the item that it
//! has to wait for.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use crate::plan::ItemKey;
use crate::run::engine::service::{Service, Stage};
use crate::run::engine::{Conductor, FRESH, Traveller};
use crate::run::outcome::own;
use crate::run::step::{Journey, Step};
use crate::run::{Action, Assignment, Detail, EventKind, ItemId, Outcome, Start, Work};

impl Conductor {
    pub(crate) fn admit(&mut self, work: Work) {
        let mut numbers = HashMap::new();
        for known in work.services {
            numbers.insert(known.service.clone(), self.services.len());
            self.services.push(Service::new(known.service, known.base));
        }
        for (assignment, authoriser) in work.items.iter().zip(authorisers(&work.items)) {
            let name = &assignment.item.key.service;
            let service = numbers.get(name).copied().unwrap_or_else(|| {
                self.services.push(Service::new(name.clone(), None));
                numbers.insert(name.clone(), self.services.len() - 1);
                self.services.len() - 1
            });
            self.seat(assignment, service, authoriser);
        }
        let all = || (0..).map(ItemId).zip(&work.items);
        all().for_each(|(item, assignment)| self.bind(item, assignment));
        self.tell(EventKind::Started);
        all().for_each(|(item, assignment)| self.set_out(item, &assignment.start));
    }

    /// Gives an item its place in the run.
    fn seat(&mut self, assignment: &Assignment, service: usize, authoriser: Option<ItemId>) {
        let Assignment { item, action, start, .. } = assignment;
        let from = self.owed_from(start);
        let mut journey = Journey::new(assignment, self.settings.attempts, self.settle, from);
        let seats = &mut self.services[service];
        if matches!(start, Start::Look { attempts: 0, .. }) && seats.base.is_none() {
            // Nobody knows what stood there before us, nor that we ever sent it.
            journey.disown();
        }
        if *action == Action::Create && !matches!(start, Start::Keep { .. }) {
            seats.stage = Stage::Opening;
        }
        seats.items.push(ItemId(u32::try_from(self.travellers.len()).unwrap_or(u32::MAX)));
        seats.unsettled += 1;
        self.unsettled += 1;
        self.stats.total += 1;
        self.travellers.push(Traveller {
            item: Arc::clone(item),
            service,
            journey,
            authoriser,
            waits_for: 0,
            detail: Detail::default(),
            outcome: None,
        });
    }

    /// From when on an absence counts for an item that earlier runs left in doubt.
    fn owed_from(&self, start: &Start) -> Duration {
        let Start::Look { sent_at: Some(sent_at), .. } = start else { return self.settle };
        // A time that is still to come means that the clock was set back: count from now.
        let ago = Duration::try_from(self.at.wall.duration_since(*sent_at));
        ago.map_or(self.settle, |ago| (self.settle + FRESH).saturating_sub(ago))
    }

    /// What is known of an item before any sets out: where it already stands, and who waits
    /// for it. An authoriser cannot be deleted while others are bound to it.
    fn bind(&mut self, item: ItemId, assignment: &Assignment) {
        let authoriser = self.traveller(item).authoriser;
        match (&assignment.start, assignment.action) {
            (Start::Keep { .. }, _) => self.keep(item, assignment.was.clone()),
            (_, Action::Delete) => {
                for id in assignment.was.ids() {
                    self.claimed.insert(id.clone(), item);
                }
                let of_delete = |&other: &ItemId| self.action(other) == Action::Delete;
                if let Some(authoriser) = authoriser.filter(of_delete) {
                    self.wait_for(authoriser, item);
                }
            }
            (_, Action::Create) => {
                if let Some(authoriser) = authoriser {
                    self.wait_for(item, authoriser);
                }
            }
        }
    }

    pub(crate) fn action(&self, item: ItemId) -> Action {
        self.traveller(item).journey.action()
    }

    fn wait_for(&mut self, item: ItemId, other: ItemId) {
        self.waiting.entry(other).or_default().push(item);
        self.traveller_mut(item).waits_for += 1;
    }

    /// The first step of an item. One in doubt is looked for whoever it waits for.
    fn set_out(&mut self, item: ItemId, start: &Start) {
        match self.traveller(item).journey.first() {
            _ if matches!(start, Start::Keep { .. }) => self.release(item),
            Step::LookUp { from } => self.park(item, from),
            _ => self.make_ready(item),
        }
    }

    /// An item ended: who waited for it goes on, or never can.
    pub(crate) fn release(&mut self, item: ItemId) {
        for waiter in self.waiting.remove(&item).unwrap_or_default() {
            if self.traveller(waiter).outcome.is_some() {
                continue;
            }
            let in_the_way = match self.action(waiter) {
                Action::Delete => {
                    !matches!(self.traveller(item).outcome, Some(Outcome::Deleted { .. }))
                }
                Action::Create => self.api_id_of(item).is_none(),
            };
            self.traveller_mut(waiter).waits_for -= 1;
            if in_the_way {
                self.settle_unauthorised(waiter, Some(item));
            } else if !self.traveller(waiter).journey.in_doubt() {
                self.make_ready(waiter);
            }
        }
    }

    /// The ApiId that an item ended with.
    pub(crate) fn api_id_of(&self, item: ItemId) -> Option<&str> {
        self.traveller(item).outcome.as_ref().and_then(Outcome::standing_id)
    }

    /// Whether an item would need an authoriser that this run does not know.
    pub(crate) fn lacks_authoriser(&self, item: ItemId) -> bool {
        let traveller = self.traveller(item);
        let creates = traveller.journey.action() == Action::Create;
        let wants = creates && traveller.item.authorised_by.is_some();
        wants && traveller.authoriser.is_none()
    }

    /// An item cannot be sent because of how another ended, or because there is no other.
    pub(crate) fn settle_unauthorised(&mut self, item: ItemId, other: Option<ItemId>) {
        let detail = match other {
            None => Detail::ours(own::AUTHORISER, "the API that authorises it is not there"),
            Some(other) => self.blame(other),
        };
        let outcome = self.traveller(item).journey.left(false);
        self.settle(item, outcome, detail);
    }

    fn blame(&mut self, other: ItemId) -> Detail {
        let other = self.traveller(other);
        let key = &other.item.key;
        let word = other.outcome.as_ref().map_or("not-sent", Outcome::as_str);
        let message = format!("{} {} has to be done first and is {word}", key.method, key.path);
        // What an earlier run ended has no detail in this one.
        let code = match (&other.outcome, other.detail.code.as_str()) {
            (Some(Outcome::Refused { code } | Outcome::GaveUp { code }), "") => code,
            (_, "") => own::AUTHORISER,
            (_, code) => code,
        };
        Detail::ours(code, message)
    }
}

/// For each item the one that authorises it. One that is missing, or that would in the end
/// wait for itself, is none.
fn authorisers(items: &[Assignment]) -> Vec<Option<ItemId>> {
    let wanted = |item: &Assignment| item.item.authorised_by.clone();
    let keys: HashSet<ItemKey> = items.iter().filter_map(wanted).collect();
    let mut ids = HashMap::new();
    for (index, assignment) in (0..).zip(items) {
        if keys.contains(&assignment.item.key) {
            ids.insert(&assignment.item.key, ItemId(index));
        }
    }
    let one_of = |item: &Assignment| item.item.authorised_by.as_ref().and_then(|key| ids.get(key));
    let rank = |item: &Assignment| {
        let mut links =
            std::iter::successors(Some(item), |item| one_of(item).map(|id| &items[id.0 as usize]));
        links.nth(CHAIN).is_none()
    };
    items.iter().map(|item| one_of(item).copied().filter(|_| rank(item))).collect()
}

/// How many authorisers in a row are followed; more must be a circle.
const CHAIN: usize = 16;
