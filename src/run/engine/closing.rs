//! The last listing of a service, held against every row.

use crate::run::audit::{Verdict, audit};
use crate::run::engine::Conductor;
use crate::run::engine::service::{PASSES, Stage};
use crate::run::look::Seen;
use crate::run::outcome::own;
use crate::run::{Detail, ItemId, Outcome};
use crate::target::Listed;

impl Conductor {
    /// Services whose items all ended are listed once more.
    pub(crate) fn close_services(&mut self) {
        if self.stop.is_some() || !self.opened {
            return;
        }
        for index in 0..self.services.len() {
            let service = &mut self.services[index];
            if service.stage != Stage::Open || service.unsettled > 0 || service.pass.is_some() {
                continue;
            }
            service.failed_passes = 0;
            service.stage = Stage::Closing;
            if service.items.is_empty() || service.closed.is_some() && service.last.is_none() {
                service.stage = Stage::Done;
            } else if let Some(seen) = service.last.take_if(|_| !service.touched) {
                self.close_books(index, &seen);
            }
        }
    }

    /// Holds a listing against every row. What it shows is final; what it lacks may only be
    /// late, so that it is asked for again.
    pub(crate) fn close_books(&mut self, index: usize, seen: &Seen) {
        let sound = seen.is_sound(&[]);
        let again = self.services[index].failed_passes + 1 < PASSES;
        let (mut missing, mut remaining) = (!sound, false);
        for item in self.services[index].items.clone() {
            match self.verdict(index, item, seen) {
                Verdict::Stands => {}
                Verdict::Otherwise(outcome) => self.correct_to(item, outcome),
                Verdict::Missing(_) if again && self.may_be_late(item) => missing = true,
                Verdict::Missing(note) => self.annotate(item, note),
                Verdict::Remains(_) if again || self.may_still_go(item, seen) => remaining = true,
                Verdict::Remains(note) => self.undelete(item, note),
                Verdict::Elsewhere(listed) => self.found_elsewhere(item, &listed),
            }
        }
        let service = &mut self.services[index];
        service.failed_passes = service.failed_passes.saturating_add(1);
        if !(missing && again || remaining) {
            service.stage = Stage::Done;
        }
    }

    /// Whether a listing may not show yet what became of an item.
    fn may_be_late(&self, item: ItemId) -> bool {
        self.traveller(item).journey.was_sent()
    }

    /// Whether a delete may have been carried out too late for this listing.
    fn may_still_go(&self, item: ItemId, seen: &Seen) -> bool {
        seen.begun < self.traveller(item).journey.settled_from()
    }

    /// The answer said that it was deleted, and no listing bears that out. A delete by id may
    /// be sent again at any time, so that the row keeps its id and its outcome.
    fn undelete(&mut self, item: ItemId, message: String) {
        let outcome = self.traveller(item).journey.left(false);
        self.correct(item, outcome, Detail::ours(own::UNSURE, message));
    }

    fn verdict(&mut self, index: usize, item: ItemId, seen: &Seen) -> Verdict {
        let here = self.unclaimed(index, item, seen);
        let traveller = self.traveller(item);
        let Some(outcome) = &traveller.outcome else { return Verdict::Stands };
        audit(&traveller.item.key, outcome, &traveller.journey, here, seen)
    }

    fn correct_to(&mut self, item: ItemId, outcome: Outcome) {
        let detail = Detail { code: String::new(), ..self.traveller(item).detail.clone() };
        let message = "learned from the listing at the end".to_owned();
        self.correct(item, outcome, Detail { message, ..detail });
    }

    /// The gateway may call an API otherwise than it was sent; but where it is another
    /// item's, nobody knows what became of this one.
    fn found_elsewhere(&mut self, item: ItemId, listed: &Listed) {
        let Listed { api_id, method, path, .. } = listed;
        if self.claimed.get(api_id).is_some_and(|&owner| owner != item) {
            let message = format!("{api_id} is {method} {path}, which is another item's");
            return self.correct(item, Outcome::Unconfirmed, Detail::ours(own::UNSURE, message));
        }
        self.annotate(item, format!("the listing shows it as {method} {path}"));
    }

    fn annotate(&mut self, item: ItemId, message: String) {
        let traveller = self.traveller(item);
        let detail = Detail { message, ..traveller.detail.clone() };
        if let Some(outcome) = traveller.outcome.clone() {
            self.correct(item, outcome, detail);
        }
    }
}
