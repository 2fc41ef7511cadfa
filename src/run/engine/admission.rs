//! How a run begins: every item finds its service and its first step, or the item that it
//! has to wait for.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::run::engine::items::authorisers;
use crate::run::engine::queue::FRESH;
use crate::run::engine::service::{Service, Stage};
use crate::run::engine::state::Engine;
use crate::run::event::EventKind;
use crate::run::outcome::Detail;
use crate::run::outcome::own;
use crate::run::step::{Journey, Step};
use crate::run::work::{Action, Assignment, ItemId, Start, Work};

impl Engine {
    pub(crate) fn admit(&mut self, work: Work) {
        let mut numbers = HashMap::new();
        for known in work.services {
            numbers.insert(known.service.clone(), self.services.len());
            self.services.push(Service::new(known.service, known.base));
        }
        for (assignment, authoriser) in work.items.iter().zip(authorisers(&work.items)) {
            let name = &assignment.item.key.service;
            let service = *numbers.entry(name.clone()).or_insert_with(|| {
                self.services.push(Service::new(name.clone(), None));
                self.services.len() - 1
            });
            self.add(assignment, service, authoriser);
        }
        let all = || (0..).map(ItemId).zip(&work.items);
        all().for_each(|(item, assignment)| self.bind(item, assignment));
        self.tell(EventKind::Started);
        all().for_each(|(item, assignment)| self.set_out(item, &assignment.start));
    }

    /// Gives an item its place in the run.
    fn add(&mut self, assignment: &Assignment, index: usize, authoriser: Option<ItemId>) {
        let Assignment { item, start, .. } = assignment;
        let from = self.owed_from(start);
        let mut journey = Journey::new(assignment, self.settings.attempts, self.settle, from);
        let service = &mut self.services[index];
        if matches!(start, Start::Look { attempts: 0, .. }) && service.base.is_none() {
            // What was there before us is not known, nor whether we ever sent it.
            journey.own(false);
        }
        if self.believed.is_some() || !matches!(start, Start::Keep { .. }) {
            service.stage = Stage::Opening;
        }
        service.items.push(self.items.add(Arc::clone(item), index, journey, authoriser));
        service.unsettled += 1;
        self.stats.total += 1;
    }

    /// From when on an absence counts for an item that earlier runs left in doubt.
    fn owed_from(&self, start: &Start) -> Duration {
        let Start::Look { sent_at: Some(sent_at), .. } = start else { return self.settle };
        // A time that is still to come means that the clock was set back: count from now.
        let ago = Duration::try_from(self.clocks.wall().duration_since(*sent_at));
        ago.map_or(self.settle, |ago| (self.settle + FRESH).saturating_sub(ago))
    }

    /// What is known of an item before any sets out: whether it already exists, and what waits
    /// for it. An authoriser cannot be deleted while others are bound to it.
    fn bind(&mut self, item: ItemId, assignment: &Assignment) {
        let authoriser = self.items[item].authoriser;
        match (&assignment.start, assignment.action) {
            (Start::Keep { .. }, _) => self.keep(item, assignment.was.clone()),
            (_, Action::Delete) => {
                self.items.own(item, assignment.was.ids());
                let of_delete = |&other: &ItemId| self.items.action(other) == Action::Delete;
                if let Some(authoriser) = authoriser.filter(of_delete) {
                    self.items.wait_for(authoriser, item);
                }
            }
            (_, Action::Create) => {
                if let Some(authoriser) = authoriser {
                    self.items.wait_for(item, authoriser);
                }
            }
        }
    }

    /// The first step of an item. One in doubt is looked for whoever it waits for.
    fn set_out(&mut self, item: ItemId, start: &Start) {
        match self.items[item].journey.first() {
            _ if matches!(start, Start::Keep { .. }) => self.release(item),
            Step::LookUp { from } => self.park(item, from),
            _ => self.make_ready(item),
        }
    }

    /// An item ended: who waited for it goes on, or never can.
    pub(crate) fn release(&mut self, item: ItemId) {
        for (waiter, is_free) in self.items.release(item) {
            if !is_free {
                self.leave_unsent(waiter, self.items.blame(item));
            } else if !self.items[waiter].journey.in_doubt() {
                self.make_ready(waiter);
            }
        }
    }

    /// An item may be sent, unless the run or its service stopped or it has to wait
    /// for another.
    pub(crate) fn make_ready(&mut self, item: ItemId) {
        let closed = self.service_of(item).closed.clone();
        if let Some(detail) = closed.or_else(|| self.stop.detail()) {
            self.leave_unsent(item, detail);
        } else if self.items.lacks_authoriser(item) {
            let why = "the API that authorises it is missing";
            self.leave_unsent(item, Detail::ours(own::AUTHORISER, why));
        } else if self.items.may_go(item) {
            self.service_of(item).ready.insert(item);
        }
    }

    /// An item ends as it is, without a send in flight.
    pub(crate) fn leave_unsent(&mut self, item: ItemId, detail: Detail) {
        self.settle(item, self.items[item].journey.left(false), detail);
    }
}
