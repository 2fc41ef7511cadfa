//! Items in doubt: what they do next, once listings have told enough. One listing serves all
//! items of its service that are in doubt at that time.

use std::time::Duration;

use crate::run::engine::service::{PASSES, Parked};
use crate::run::engine::sight::Look;
use crate::run::engine::state::Engine;
use crate::run::fact::Transition;
use crate::run::look::Seen;
use crate::run::outcome::own;
use crate::run::outcome::{Detail, Outcome};
use crate::run::step::{Sight, Step};
use crate::run::work::{Action, ItemId};

impl Engine {
    /// An item has to be looked for before anything else.
    pub(crate) fn park(&mut self, item: ItemId, from: Duration) {
        let (action, since) = (self.items.action(item), self.clocks.now());
        self.service_of(item).parked.push(Parked { item, since, from, action, passes: 0 });
    }

    /// A listing failed: each item for which it was begun late enough is one try nearer to
    /// staying unconfirmed.
    pub(crate) fn decide_without_look(&mut self, index: usize) {
        let service = &mut self.services[index];
        let begun = service.listing.begun().unwrap_or_default();
        for mut parked in std::mem::take(&mut service.parked) {
            parked.passes += u8::from(begun >= parked.from);
            self.decide(index, parked, None);
        }
    }

    /// Holds a listing against the items in doubt.
    pub(crate) fn look_for_parked(&mut self, index: usize, seen: Seen) {
        let agrees = self.view(index).agrees_with_last(&seen, self.queue.in_flight());
        let service = &mut self.services[index];
        let sound = seen.is_sound(&service.known);
        for mut parked in std::mem::take(&mut service.parked) {
            let sight = self.view(index).sight(&parked, Look { seen: &seen, agrees });
            parked.passes += u8::from(seen.begun >= parked.from);
            self.decide(index, parked, sight);
        }
        let service = &mut self.services[index];
        let undecided = service.parked.iter().any(|parked| parked.passes > 0);
        service.quiet = undecided && (service.quiet || !sound);
        service.listing.last = Some(seen);
    }

    /// Goes on with an item in doubt, or keeps it where looks have not told enough yet.
    fn decide(&mut self, index: usize, parked: Parked, sight: Option<Sight>) {
        let unsure = || (parked.passes >= PASSES).then_some(Sight::Unsure);
        let Some(sight) = sight.or_else(unsure) else {
            return self.services[index].parked.push(parked);
        };
        let item = parked.item;
        let detail = self.detail_after(index, item, &sight);
        let attempt = self.items[item].journey.attempts();
        let step = self.items[item].journey.saw(sight);
        match &step {
            Step::Send => self.state_step(item, attempt, Transition::Absent),
            Step::Settle(Outcome::Found { id }) => {
                let settled = self.items[item].journey.may_be_twice_until().unwrap_or_default();
                let service = &mut self.services[index];
                service.closing_from = service.closing_from.max(settled);
                service.known.push(id.clone());
            }
            _ => {}
        }
        self.follow(item, step, detail);
    }

    fn detail_after(&self, index: usize, item: ItemId, sight: &Sight) -> Detail {
        let last = self.items[item].detail.clone();
        match sight {
            Sight::Here(_) | Sight::Theirs(_) if self.items.action(item) == Action::Create => {
                Detail { code: String::new(), message: String::new(), ..last }
            }
            Sight::Here(_) | Sight::Theirs(_) | Sight::Nothing => last,
            Sight::Unsure => Detail::ours(own::UNSURE, format!("{PASSES} listings disagree")),
            Sight::Alike => {
                let like = self.services[index].listing.last.as_ref();
                let like = like.and_then(|seen| self.view(index).alike(item, seen));
                let shown = like.unwrap_or_default();
                Detail::ours(own::ALIKE, format!("only a similar API is there: {shown}"))
            }
        }
    }
}
