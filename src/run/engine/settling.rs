//! How items end and how that is reported: facts first, then events, counts with each.

use crate::run::engine::state::Engine;
use crate::run::event::EventKind;
use crate::run::fact::Transition;
use crate::run::outcome::{Detail, Outcome};
use crate::run::work::{Action, ItemId};

impl Engine {
    /// An item ended.
    pub(crate) fn settle(&mut self, item: ItemId, outcome: Outcome, detail: Detail) {
        if self.items[item].outcome.is_some() {
            return;
        }
        self.service_of(item).ready.remove(&item);
        self.stall.succeeded(self.clocks.now());
        if self.items.action(item) == Action::Create && self.items[item].journey.was(&outcome) {
            self.keep(item, outcome);
        } else {
            self.count_settled(item);
            self.end(item, outcome, detail);
        }
        self.release(item);
    }

    /// An item that ended in an earlier run, as its row has it already.
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
}
