//! How items end and what is said of it: facts first, then events, counts with each.

use crate::run::engine::{Conductor, Effect};
use crate::run::{Detail, Event, EventKind, Fact, ItemId, Outcome, Transition};

impl Conductor {
    /// An item ended.
    pub(crate) fn settle(&mut self, item: ItemId, outcome: Outcome, detail: Detail) {
        if self.traveller(item).outcome.is_some() {
            return;
        }
        self.unsettled -= 1;
        self.stats.settled += 1;
        let service = self.service_of(item);
        service.unsettled -= 1;
        service.ready.remove(&item);
        self.last_success = self.at.now;
        self.put_down(item, outcome, detail);
        self.release(item);
    }

    /// An item that ended before turns out to have ended otherwise.
    pub(crate) fn correct(&mut self, item: ItemId, outcome: Outcome, detail: Detail) {
        let traveller = self.traveller_mut(item);
        if traveller.outcome.as_ref() == Some(&outcome) && traveller.detail == detail {
            return;
        }
        if let Some(before) = traveller.outcome.take() {
            let action = traveller.journey.action();
            *self.stats.of(&before, action) -= 1;
        }
        self.put_down(item, outcome, detail);
    }

    /// An item that ended in an earlier run, as its row says already.
    pub(crate) fn keep(&mut self, item: ItemId, outcome: Outcome) {
        self.unsettled -= 1;
        self.stats.settled += 1;
        self.service_of(item).unsettled -= 1;
        self.note(item, outcome);
    }

    /// What was said last of an item.
    pub(crate) fn remark(&mut self, item: ItemId, detail: Detail) {
        self.traveller_mut(item).detail = detail;
    }

    fn put_down(&mut self, item: ItemId, outcome: Outcome, detail: Detail) {
        self.note(item, outcome.clone());
        self.remark(item, detail.clone());
        let attempts = self.traveller(item).journey.attempts();
        let (code, message) = (detail.code.clone(), detail.message.clone());
        let settled = Transition::Settled { outcome: outcome.clone(), detail };
        self.state_step(item, attempts, settled);
        self.tell(EventKind::Settled { item, outcome, code, message });
    }

    fn note(&mut self, item: ItemId, outcome: Outcome) {
        *self.stats.of(&outcome, self.traveller(item).journey.action()) += 1;
        for id in outcome.ids() {
            self.claimed.insert(id.to_owned(), item);
        }
        self.traveller_mut(item).outcome = Some(outcome);
    }

    /// Writes down a step of an item.
    pub(crate) fn state_step(&mut self, item: ItemId, attempt: u32, step: Transition) {
        let (action, at) = (self.action(item), self.at.wall);
        self.state(Fact::Item { item, action, attempt, at, step });
    }

    /// Writes a fact down, after all before it.
    pub(crate) fn state(&mut self, fact: Fact) {
        if !self.journal_lost {
            self.facts += 1;
            self.effects.push(Effect::State(fact));
        }
    }

    /// Tells the listeners.
    pub(crate) fn tell(&mut self, kind: EventKind) {
        self.stats.in_flight = self.flying.len();
        self.stats.in_doubt = self.parked;
        self.stats.rate = self.creating.rate();
        self.told_at = self.at.now;
        self.effects.push(Effect::Tell(Event { elapsed: self.at.now, kind, stats: self.stats }));
    }
}
