//! The first listing of a service, before anything is sent to it: what is there already
//! exists, what is left has to fit.

use crate::run::engine::Conductor;
use crate::run::engine::service::{PASSES, Service, Stage};
use crate::run::look::Seen;
use crate::run::outcome::own;
use crate::run::step::Step;
use crate::run::{Action, BaseApi, Detail, Fact, ItemId, Outcome};

impl Conductor {
    /// What was there before us exists; what is left has to fit.
    pub(crate) fn open(&mut self, index: usize, seen: Seen) {
        let service = &mut self.services[index];
        if !seen.serves_as_base {
            service.failed_passes += 1;
            if service.failed_passes >= PASSES {
                let why = format!("{PASSES} listings of {} contradict themselves", service.name);
                self.close(index, Detail::ours(own::LISTING, why));
            }
            return;
        }
        // What cannot be read now may be there before us, and be taken for ours later.
        if seen.is_partly_illegible() && service.failed_passes + 1 < PASSES {
            service.failed_passes += 1;
            return;
        }
        service.stage = Stage::Open;
        let standing = self.standing(index, &seen);
        self.lay_base(index, &seen, &standing);
        for (item, outcome) in standing {
            self.unpark_one(item);
            self.settle(item, outcome, Detail::default());
        }
        let service = &mut self.services[index];
        service.planned_over = service.overflow(seen.count(), self.settings.quota);
        service.last = Some(seen);
    }

    /// Which items stand already, and as what.
    fn standing(&mut self, index: usize, seen: &Seen) -> Vec<(ItemId, Outcome)> {
        let mut standing = Vec::new();
        for item in self.services[index].items.clone() {
            let traveller = self.traveller(item);
            if let Some(id) = traveller.outcome.as_ref().and_then(Outcome::standing_id) {
                if seen.by_id(id).is_some() {
                    let id = id.to_owned();
                    self.services[index].known.push(id);
                }
            } else if traveller.outcome.is_none() && traveller.journey.action() == Action::Create {
                standing.extend(self.stands_as(index, item, seen).map(|outcome| (item, outcome)));
            }
        }
        standing
    }

    fn stands_as(&mut self, index: usize, item: ItemId, seen: &Seen) -> Option<Outcome> {
        let there = self.there(index, item, seen)?;
        match self.traveller_mut(item).journey.saw(there) {
            Step::Settle(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// What was there before our first create: all that is there and not ours.
    fn lay_base(&mut self, index: usize, seen: &Seen, standing: &[(ItemId, Outcome)]) {
        if self.services[index].base.is_some() {
            return;
        }
        let ours = |id: &str| {
            let found = |(_, outcome): &(ItemId, Outcome)| {
                !matches!(outcome, Outcome::Exists { .. }) && outcome.ids().iter().any(|o| o == id)
            };
            self.claimed.contains_key(id) || standing.iter().any(found)
        };
        let theirs = seen.apis().iter().filter(|api| !ours(&api.api_id));
        let apis: Vec<_> = theirs.map(BaseApi::of).collect();
        let service = &mut self.services[index];
        service.base = Some(apis.iter().map(|api| api.api_id.clone()).collect());
        let service = service.name.clone();
        self.state(Fact::Base { service, at: self.at.wall, apis, more: false });
    }

    /// Once all services are open: whether what is planned fits into them.
    pub(crate) fn open_run(&mut self) {
        if self.opened || self.services.iter().any(|service| service.stage == Stage::Opening) {
            return;
        }
        self.opened = true;
        let over: Vec<_> =
            self.services.iter_mut().filter_map(|service| service.planned_over.take()).collect();
        if !over.is_empty() {
            self.hopeless(Detail::ours(own::QUOTA, over.join("; ")));
        }
    }
}

impl Service {
    /// What to tell when what is planned does not fit.
    fn overflow(&self, held: u64, quota: u64) -> Option<String> {
        let planned = self.unsettled as u64;
        (planned > 0 && held + planned > quota).then(|| {
            let name = &self.name;
            format!(
                "{name} holds {held} APIs, {planned} more are planned, and {quota} may be there"
            )
        })
    }
}
