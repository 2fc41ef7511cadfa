//! From ready to sent: intents, slots, departures.

use std::time::Duration;

use crate::run::engine::queue::Intent;
use crate::run::engine::state::{Effect, Engine};
use crate::run::event::EventKind;
use crate::run::fact::Transition;
use crate::run::work::ItemId;

/// How long before its slot an intent is stated, so that syncing it delays no start.
const AHEAD: Duration = Duration::from_millis(200);

impl Engine {
    /// Items whose wait is over are ready again.
    pub(crate) fn end_rests(&mut self) {
        loop {
            match self.queue.rested(self.clocks.now()) {
                Ok(item) => self.make_ready(item),
                Err(None) => return,
                Err(Some(until)) => return self.clocks.wake_at(until),
            }
        }
    }

    /// States the intents of those that come next, as far ahead as syncing takes.
    pub(crate) fn state_intents(&mut self) {
        if !self.opened || self.stop.is_on() || self.credentials.are_being_read() {
            return;
        }
        let flights = self.breaker.flights();
        while self.queue.waiting() + self.queue.in_flight().len() < flights {
            let Some(item) = self.next_ready() else { return };
            let slot = self.pacers.slot_after(self.items.action(item), self.queue.waiting());
            if slot > self.clocks.now() + AHEAD {
                return self.clocks.wake_at(slot.saturating_sub(AHEAD));
            }
            self.state_intent(item);
        }
    }

    /// The first item in plan order that may be sent now.
    fn next_ready(&mut self) -> Option<ItemId> {
        let now = self.clocks.now();
        let waits = |until: &Duration| *until > now;
        let with_items = || self.services.iter().filter(|service| !service.ready.is_empty());
        let held = with_items().map(|service| service.held_until).filter(waits).min();
        let open = with_items().filter(|service| service.sends(now));
        let next = open.filter_map(|service| service.ready.first().copied()).min();
        if let Some(until) = held {
            self.clocks.wake_at(until);
        }
        next
    }

    fn state_intent(&mut self, item: ItemId) {
        self.service_of(item).ready.remove(&item);
        let attempt = self.items[item].journey.attempt();
        let digest = self.items[item].item.digest.to_string();
        self.state_step(item, attempt, Transition::Intent { digest });
        self.queue.state(self.facts.stated(), Intent { item, at: self.clocks.both() });
    }

    /// So many facts are kept: the intents among them may be acted on.
    pub(crate) fn kept(&mut self, facts: u64) {
        self.facts.keep(facts);
        self.queue.keep(facts);
    }

    /// Sends what has an intent on disk and finds a slot.
    pub(crate) fn depart(&mut self) {
        if self.credentials.are_being_read() {
            return;
        }
        while let Some(intent) = self.queue.next() {
            let (item, now) = (intent.item, self.clocks.now());
            let may = self.breaker.flights() > self.queue.in_flight().len()
                && !intent.is_stale(self.clocks.both())
                && self.service_of(item).sends(now);
            if self.items[item].outcome.is_some() {
                self.queue.withdraw();
            } else if !may {
                self.queue.withdraw();
                self.make_ready(item);
                self.clocks.wake_at(now);
            } else if let Err(not_before) = self.pacers.of(self.items.action(item)).start(now) {
                return self.clocks.wake_at(not_before);
            } else {
                self.queue.depart(now);
                self.send(item);
            }
        }
    }

    fn send(&mut self, item: ItemId) {
        let now = self.clocks.now();
        self.breaker.sent();
        self.stats.sent += 1;
        let service = self.service_of(item);
        service.touched = true;
        let name = service.name.clone();
        let journey = &mut self.items[item].journey;
        journey.departed(now);
        let (attempt, to_delete) = (journey.attempt(), journey.to_delete().map(str::to_owned));
        self.tell(EventKind::Sending { item, attempt });
        self.effects.push(match to_delete {
            Some(api_id) => Effect::Delete { item, service: name, api_id },
            None => Effect::Create { item, body: self.items.body(item) },
        });
    }
}
