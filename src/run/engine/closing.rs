//! The last listing of a service, held against every row.

use crate::run::audit::{Verdict, audit};
use crate::run::engine::service::{PASSES, Stage};
use crate::run::engine::state::Engine;
use crate::run::look::Seen;
use crate::run::outcome::own;
use crate::run::outcome::{Detail, Outcome};
use crate::run::work::ItemId;
use crate::target::Listed;

impl Engine {
    /// Services whose items all ended are listed once more.
    pub(crate) fn close_services(&mut self) {
        if self.stop.is_on() || !self.opened {
            return;
        }
        for index in 0..self.services.len() {
            let service = &mut self.services[index];
            let reading = service.listing.is_being_read();
            if service.stage != Stage::Open || service.unsettled > 0 || reading {
                continue;
            }
            service.failed_passes = 0;
            service.stage = Stage::Closing;
            let last = &mut service.listing.last;
            let is_deleted = |item: &ItemId| {
                let outcome = &self.items[*item].outcome;
                !service.touched && matches!(outcome, Some(Outcome::Deleted { .. }))
            };
            let nothing_stands = service.items.iter().all(is_deleted);
            if nothing_stands || service.closed.is_some() && last.is_none() {
                service.stage = Stage::Done;
            } else if let Some(seen) = last.take_if(|_| !service.touched) {
                self.audit(index, &seen);
            }
        }
    }

    /// Holds a listing against every row. What it shows is final; what it lacks may only be
    /// late, so that it is asked for again.
    pub(crate) fn audit(&mut self, index: usize, seen: &Seen) {
        let sound = seen.is_sound(&[]);
        let passes = self.services[index].failed_passes;
        let (again, twice) = (passes + 1 < PASSES, passes > 0);
        let (mut missing, mut remaining) = (!sound, false);
        for item in self.services[index].items.clone() {
            let journey = &self.items[item].journey;
            // What was sent may not show yet; what was deleted may still show.
            let (may_be_late, may_go) = (journey.was_sent(), seen.begun < journey.settled_from());
            match self.verdict(index, item, seen) {
                Verdict::Stands => {}
                Verdict::Otherwise(outcome) => self.correct_to(item, outcome),
                Verdict::Missing(_) if again && may_be_late => missing = true,
                Verdict::Missing(_) if again && !twice => missing = true,
                Verdict::Missing(note) if sound && !may_be_late => self.gone(item, note),
                Verdict::Missing(note) => self.annotate(item, note),
                Verdict::Remains(_) if again || may_go => remaining = true,
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

    /// The answer confirmed the delete, but no listing does. A delete by id may
    /// be sent again at any time, so that the row keeps its id and its outcome.
    fn undelete(&mut self, item: ItemId, message: String) {
        let outcome = self.items[item].journey.left(false);
        self.correct(item, outcome, Detail::ours(own::UNSURE, message));
    }

    fn verdict(&self, index: usize, item: ItemId, seen: &Seen) -> Verdict {
        let state = &self.items[item];
        let Some(outcome) = &state.outcome else { return Verdict::Stands };
        if state.detail.code == own::MISMATCH {
            return Verdict::Stands;
        }
        if let Outcome::Created { id } | Outcome::Found { id } = outcome
            && self.services[index].in_base(id)
        {
            return Verdict::Otherwise(Outcome::Exists { id: id.clone() });
        }
        let here = self.view(index).unclaimed(item, seen);
        audit(&state.item.key, outcome, &state.journey, here, seen)
    }

    fn correct_to(&mut self, item: ItemId, outcome: Outcome) {
        let request_id = self.items[item].detail.request_id.clone();
        let message = "seen in the final listing".to_owned();
        self.correct(item, outcome, Detail { code: String::new(), message, request_id });
    }

    /// The gateway may call an API otherwise than it was sent; but where it is another
    /// item's, there is no telling what became of this one.
    fn found_elsewhere(&mut self, item: ItemId, listed: &Listed) {
        let Listed { api_id, method, path, .. } = listed;
        if self.items.is_anothers(api_id, item) {
            let message = format!("{api_id} is {method} {path}, which is another item's");
            return self.correct(item, Outcome::Unconfirmed, Detail::ours(own::UNSURE, message));
        }
        self.annotate(item, format!("the final listing shows it as {method} {path}"));
    }

    /// Two listings lack what an earlier run made: somebody deleted it.
    fn gone(&mut self, item: ItemId, note: String) {
        match &self.items[item].outcome {
            Some(Outcome::Created { id } | Outcome::Found { id }) => {
                let id = id.clone();
                self.correct(item, Outcome::Deleted { id }, Detail::ours(own::GONE, note));
            }
            _ => self.annotate(item, note),
        }
    }

    fn annotate(&mut self, item: ItemId, message: String) {
        let state = &self.items[item];
        if let Some(outcome) = state.outcome.clone() {
            let detail = Detail { message, ..state.detail.clone() };
            self.correct(item, outcome, detail);
        }
    }
}
