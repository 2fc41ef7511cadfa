//! Items in doubt: what two listings tell of them, and what they do next. One listing serves
//! all items of its service that are in doubt at that time.

use std::time::Duration;

use crate::run::engine::Conductor;
use crate::run::engine::service::{PASSES, Parked};
use crate::run::look::{Seen, is_exactly};
use crate::run::outcome::own;
use crate::run::step::{Sight, Step};
use crate::run::{Action, Detail, ItemId, Outcome, Transition};
use crate::target::Listed;

impl Conductor {
    /// An item has to be looked for before anything else.
    pub(crate) fn park(&mut self, item: ItemId, from: Duration) {
        let action = self.traveller(item).journey.action();
        let since = self.at.now;
        self.parked += 1;
        self.service_of(item).parked.push(Parked { item, since, from, action, passes: 0 });
    }

    pub(crate) fn unpark(&mut self, index: usize) -> Vec<Parked> {
        let parked = std::mem::take(&mut self.services[index].parked);
        self.parked -= parked.len();
        parked
    }

    pub(crate) fn unpark_one(&mut self, item: ItemId) {
        let parked = &mut self.service_of(item).parked;
        let before = parked.len();
        parked.retain(|parked| parked.item != item);
        let gone = before - parked.len();
        self.parked -= gone;
    }

    /// A listing failed: who it would have been late enough for is one try nearer to
    /// staying unconfirmed.
    pub(crate) fn decide_without_look(&mut self, index: usize) {
        let begun = self.services[index].last_begun.unwrap_or_default();
        for mut parked in self.unpark(index) {
            parked.passes += u8::from(begun >= parked.from);
            self.decide(index, parked, None);
        }
    }

    /// Holds a listing against the items in doubt.
    pub(crate) fn look_for_parked(&mut self, index: usize, seen: Seen) {
        let agreed = self.agrees_with_last(index, &seen);
        let parked = self.unpark(index);
        let sound = seen.is_sound(&self.services[index].known);
        for mut parked in parked {
            let sight = self.sight(index, &parked, &seen, sound, agreed);
            parked.passes += u8::from(seen.begun >= parked.from);
            self.decide(index, parked, sight);
        }
        let service = &mut self.services[index];
        let undecided = service.parked.iter().any(|parked| parked.passes > 0);
        service.quiet = undecided && (service.quiet || !sound);
        service.last = Some(seen);
    }

    /// Whether this listing and the one before it show the same, but for what came or went
    /// by our own doing.
    fn agrees_with_last(&self, index: usize, seen: &Seen) -> bool {
        let service = &self.services[index];
        let Some(last) = service.last.as_ref().filter(|last| last.is_sound(&service.known)) else {
            return false;
        };
        let parked = service.parked.iter().map(|parked| &parked.item);
        let open: Vec<_> = self.flying.keys().chain(parked).collect();
        seen.agrees(last, |api| {
            let by_us = |item: &&ItemId| is_exactly(api, self.key(**item));
            self.claimed.contains_key(&api.api_id) || open.iter().any(by_us)
        })
    }

    /// What this listing, with the one before it, tells of an item in doubt.
    fn sight(
        &self,
        index: usize,
        parked: &Parked,
        seen: &Seen,
        sound: bool,
        agreed: bool,
    ) -> Option<Sight> {
        let last = self.services[index].last.as_ref().map(|last| last.begun);
        let twice_since = |time| agreed && sound && last.is_some_and(|last| last >= time);
        let traveller = self.traveller(parked.item);
        if let Some(id) = traveller.journey.to_delete() {
            return match seen.by_id(id) {
                Some(_) => (seen.begun >= parked.from).then(|| Sight::Here(vec![id.to_owned()])),
                // What goes by our own doing is no disagreement, so that one listing that
                // lacks everything agrees with any before it: both have to lack this one.
                None if self.services[index].last_shows(id) => None,
                None => twice_since(parked.since).then_some(Sight::Nothing),
            };
        }
        let there = self.there(index, parked.item, seen);
        if there.is_some() {
            return there;
        }
        let absent = || match self.alike(index, parked.item, seen) {
            Some(_) => Sight::Alike,
            None => Sight::Nothing,
        };
        twice_since(parked.from).then(absent)
    }

    /// Goes on with an item in doubt, or keeps it where looks have not told enough yet.
    fn decide(&mut self, index: usize, parked: Parked, sight: Option<Sight>) {
        let unsure = || (parked.passes >= PASSES).then_some(Sight::Unsure);
        let Some(sight) = sight.or_else(unsure) else {
            self.parked += 1;
            return self.services[index].parked.push(parked);
        };
        let item = parked.item;
        let detail = self.detail_after(index, item, &sight);
        let attempt = self.traveller(item).journey.attempts();
        let step = self.traveller_mut(item).journey.saw(sight);
        match &step {
            Step::Send => self.state_step(item, attempt, Transition::Absent),
            Step::Settle(Outcome::Found { id }) => {
                let settled = self.traveller(item).journey.may_be_twice_until().unwrap_or_default();
                let service = &mut self.services[index];
                service.closing_from = service.closing_from.max(settled);
                service.known.push(id.clone());
            }
            _ => {}
        }
        self.follow(item, step, detail);
    }

    fn detail_after(&self, index: usize, item: ItemId, sight: &Sight) -> Detail {
        let last = self.traveller(item).detail.clone();
        match sight {
            Sight::Here(_) | Sight::Theirs(_) if self.action(item) == Action::Create => {
                Detail { code: String::new(), message: String::new(), ..last }
            }
            Sight::Here(_) | Sight::Theirs(_) | Sight::Nothing => last,
            Sight::Unsure => Detail::ours(own::UNSURE, format!("{PASSES} listings do not agree")),
            Sight::Alike => {
                let like = self.services[index].last.as_ref();
                let like = like.and_then(|seen| self.alike(index, item, seen));
                let shown = like.unwrap_or_default();
                Detail::ours(own::ALIKE, format!("only something like it is there: {shown}"))
            }
        }
    }

    /// What a listing shows of exactly this item's key: ours if it can be, or else what was
    /// there before us.
    pub(crate) fn there(&self, index: usize, item: ItemId, seen: &Seen) -> Option<Sight> {
        let ids = self.unclaimed(index, item, seen);
        if !ids.is_empty() {
            return Some(Sight::Here(ids));
        }
        let before = self.exactly(item, seen).find(|id| self.services[index].in_base(id));
        before.map(|id| Sight::Theirs(id.to_owned()))
    }

    /// The ids that a listing shows under exactly this item's key.
    fn exactly<'a>(&'a self, item: ItemId, seen: &'a Seen) -> impl Iterator<Item = &'a str> {
        let key = self.key(item);
        seen.exactly(key).map(|api| api.api_id.as_str())
    }

    /// Those of them that can be this item's: not there before us, and no other item's. Who was
    /// told one of them in answer to a key that it cannot have come from has no claim to it:
    /// the answer named the wrong API, and the listing knows better.
    pub(crate) fn unclaimed(&self, index: usize, item: ItemId, seen: &Seen) -> Vec<String> {
        let comes_from =
            |owner: ItemId, id: &str| seen.like(self.key(owner)).any(|api| api.api_id == id);
        let others = |id: &str| {
            let owner = self.claimed.get(id).copied().filter(|&owner| owner != item);
            owner.is_some_and(|owner| comes_from(owner, id))
        };
        let free = |id: &&str| !self.services[index].in_base(id) && !others(id);
        self.exactly(item, seen).filter(free).map(str::to_owned).collect()
    }

    /// What is there that might be this item, if the gateway wrote its path in its own way.
    fn alike(&self, index: usize, item: ItemId, seen: &Seen) -> Option<String> {
        let key = |item: ItemId| self.key(item);
        let service = &self.services[index];
        let stray = |api: &&Listed| {
            !service.in_base(&api.api_id)
                && !self.claimed.contains_key(&api.api_id)
                && !service.items.iter().any(|&other| is_exactly(api, key(other)))
        };
        let found = seen.like(key(item)).find(stray)?;
        Some(format!("{} {} {}", found.api_id, found.method, found.path))
    }
}
