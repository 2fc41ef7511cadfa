//! How items end and what is said of it: facts first, then events, counts with each.

use std::time::Duration;

use crate::run::engine::{Effect, Engine};
use crate::run::{Detail, Event, EventKind, Fact, ItemId, Outcome, Transition};
use crate::target::meaning::Hold;

impl Engine {
    /// An item ended.
    pub(crate) fn settle(&mut self, item: ItemId, outcome: Outcome, detail: Detail) {
        if self.items[item].outcome.is_some() {
            return;
        }
        self.service_of(item).ready.remove(&item);
        self.stall.succeeded(self.clocks.now());
        self.count_settled(item);
        self.end(item, outcome, detail);
        self.release(item);
    }

    /// An item that ended in an earlier run, as its row says already.
    pub(crate) fn keep(&mut self, item: ItemId, outcome: Outcome) {
        self.count_settled(item);
        *self.stats.of(&outcome, self.items.action(item)) += 1;
        self.items.end(item, outcome);
    }

    fn count_settled(&mut self, item: ItemId) {
        self.stats.settled += 1;
        self.service_of(item).unsettled -= 1;
    }

    /// An item that ended before turns out to have ended otherwise.
    pub(crate) fn correct(&mut self, item: ItemId, outcome: Outcome, detail: Detail) {
        let state = &self.items[item];
        if state.outcome.as_ref() == Some(&outcome) && state.detail == detail {
            return;
        }
        if let Some(before) = &state.outcome {
            *self.stats.of(before, self.items.action(item)) -= 1;
        }
        self.end(item, outcome, detail);
    }

    fn end(&mut self, item: ItemId, outcome: Outcome, detail: Detail) {
        *self.stats.of(&outcome, self.items.action(item)) += 1;
        self.items.end(item, outcome.clone());
        self.items[item].detail = detail.clone();
        let attempts = self.items[item].journey.attempts();
        let (code, message) = (detail.code.clone(), detail.message.clone());
        let settled = Transition::Settled { outcome: outcome.clone(), detail };
        self.state_step(item, attempts, settled);
        self.tell(EventKind::Settled { item, outcome, code, message });
    }

    /// Writes down a step of an item.
    pub(crate) fn state_step(&mut self, item: ItemId, attempt: u32, step: Transition) {
        let (action, at) = (self.items.action(item), self.clocks.wall());
        self.state(Fact::Item { item, action, attempt, at, step });
    }

    /// Writes a fact down, after all before it.
    pub(crate) fn state(&mut self, fact: Fact) {
        if self.facts.state() {
            self.effects.push(Effect::State(fact));
        }
    }

    /// Tells the listeners.
    pub(crate) fn tell(&mut self, kind: EventKind) {
        self.stats.in_flight = self.queue.in_flight().len();
        self.stats.in_doubt = self.services.iter().map(|service| service.parked.len()).sum();
        self.stats.rate = self.pacers.rate();
        self.clocks.told();
        let (elapsed, stats) = (self.clocks.now(), self.stats);
        self.effects.push(Effect::Tell(Event { elapsed, kind, stats }));
    }

    /// Tells the listeners of a wait.
    pub(crate) fn say_waiting(
        &mut self,
        hold: Hold,
        item: Option<ItemId>,
        length: Duration,
        why: String,
    ) {
        self.tell(EventKind::Waiting { hold, item, length, why });
    }
}
