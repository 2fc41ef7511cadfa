//! The first listing of a service, before anything is sent to it: what is there already
//! exists, what is left has to fit.

use crate::run::engine::service::{PASSES, Service, Stage};
use crate::run::engine::sight::Whose;
use crate::run::engine::state::Engine;
use crate::run::fact::Fact;
use crate::run::look::{Seen, was_before};
use crate::run::outcome::own;
use crate::run::outcome::{Detail, Outcome};
use crate::run::step::Step;
use crate::run::work::{Action, BaseApi, ItemId};
use crate::target::Listed;

/// What is said of an API of which nobody can tell whose it is.
const UNKNOWN: &str = "without its journal nobody knows whether this import made it";

impl Engine {
    /// What was there before us exists; what is left has to fit.
    pub(crate) fn open(&mut self, index: usize, seen: Seen) {
        let service = &mut self.services[index];
        // What cannot be read now may be there before us, and be taken for ours later.
        let again = seen.is_partly_illegible() && service.failed_passes + 1 < PASSES;
        if !seen.serves_as_base || again {
            service.failed_passes += 1;
            if service.failed_passes >= PASSES {
                let why = format!("{PASSES} listings of {} are inconsistent", service.name);
                self.close(index, Detail::ours(own::LISTING, why));
            }
            return;
        }
        service.stage = Stage::Open;
        self.tell_apart(index, &seen);
        let standing = self.standing(index, &seen);
        self.keep_base(index, &seen, &standing);
        for (item, outcome) in standing {
            self.services[index].parked.retain(|parked| parked.item != item);
            let detail = self.items[item].detail.clone();
            self.settle(item, outcome, detail);
        }
        for (item, why) in self.view(index).mismatches(&seen, self.believed.as_ref()) {
            let outcome = self.items[item].journey.left(false);
            self.settle(item, outcome, Detail::ours(own::MISMATCH, why));
        }
        self.services[index].listing.last = Some(seen);
    }

    /// Without a journal nobody knows what was there before us. What stands at the key of an
    /// item in doubt is told apart by its age, and what comes about from now on is ours.
    fn tell_apart(&mut self, index: usize, seen: &Seen) {
        let believed = self.believed.as_ref().filter(|_| self.services[index].base.is_none());
        let Some(believed) = believed else { return };
        let view = self.view(index);
        let first = view.first_of_ours(seen, believed);
        let items = self.services[index].items.iter().copied();
        let doubtful = items.filter(|&item| self.items[item].journey.in_doubt());
        let told: Vec<_> =
            doubtful.map(|item| (item, view.whose(item, seen, first, believed))).collect();
        for (item, whose) in told {
            let state = &mut self.items[item];
            match whose {
                None | Some(Whose::Ours) => state.journey.own(true),
                Some(Whose::Theirs) => state.journey.own(false),
                Some(Whose::Unknown) if state.journey.may_be_ours() => {}
                Some(Whose::Unknown) => state.detail = Detail::ours(own::UNSURE, UNKNOWN),
            }
        }
    }

    /// Which items exist already, and as what.
    fn standing(&mut self, index: usize, seen: &Seen) -> Vec<(ItemId, Outcome)> {
        let mut standing = Vec::new();
        for item in self.services[index].items.clone() {
            if let Some(id) = self.items.api_id(item) {
                if seen.by_id(id).is_some() {
                    self.services[index].known.push(id.to_owned());
                }
            } else if self.items[item].outcome.is_none()
                && self.items.action(item) == Action::Create
                && let Some(sight) = self.view(index).there(item, seen)
                && let Step::Settle(outcome) = self.items[item].journey.saw(sight)
            {
                standing.push((item, outcome));
            }
        }
        standing
    }

    /// What was there before our first create: all that is there and not ours.
    fn keep_base(&mut self, index: usize, seen: &Seen, standing: &[(ItemId, Outcome)]) {
        if self.services[index].base.is_some() || self.only_deletes(index) {
            return;
        }
        let since = self.believed.as_ref().map(|believed| believed.since);
        let ours = |api: &Listed| {
            let id = &api.api_id;
            let found = |(_, outcome): &(ItemId, Outcome)| {
                !matches!(outcome, Outcome::Exists { .. }) && outcome.ids().contains(id)
            };
            let owner = self.items.owner(id);
            let told_so = owner.is_some_and(|owner| !self.items.existed(owner, api));
            told_so && !was_before(api, since) || standing.iter().any(found)
        };
        let theirs = seen.apis().iter().filter(|api| !ours(api));
        let apis: Vec<_> = theirs.map(BaseApi::of).collect();
        let service = &mut self.services[index];
        service.base = Some(apis.iter().map(|api| api.api_id.clone()).collect());
        let (service, at) = (service.name.clone(), self.clocks.wall());
        self.state(Fact::Base { service, at, apis, more: false });
    }

    /// Whether nothing is to be created there.
    fn only_deletes(&self, index: usize) -> bool {
        let mut items = self.services[index].items.iter();
        items.all(|item| self.items.action(*item) == Action::Delete)
    }

    /// Once all services are open: whether what is planned fits into them.
    pub(crate) fn open_run(&mut self) {
        if self.opened || self.services.iter().any(|service| service.stage == Stage::Opening) {
            return;
        }
        self.opened = true;
        let grows = |(index, _): &(usize, &Service)| !self.only_deletes(*index);
        let growing = self.services.iter().enumerate().filter(grows);
        let overflow = |(_, service): (usize, &Service)| service.overflow(self.settings.quota);
        let over: Vec<_> = growing.filter_map(overflow).collect();
        if !over.is_empty() {
            self.hopeless(Detail::ours(own::QUOTA, over.join("; ")));
        }
    }
}
