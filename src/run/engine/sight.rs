//! What listings show of an item: whether it is there, whose it is, and whether it is certain
//! that it is not. Decides nothing and changes nothing.

use std::time::Duration;

use jiff::Timestamp;

use crate::run::engine::items::{ItemState, Items};
use crate::run::engine::service::{Parked, Service};
use crate::run::look::{Seen, created, is_exactly, was_before};
use crate::run::step::Sight;
use crate::run::work::{Believed, ItemId};
use crate::target::Listed;

/// A service, seen by what is known of all items.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) items: &'a Items,
    pub(crate) service: &'a Service,
}

/// A listing, and whether an absence may be concluded from it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look<'a> {
    pub(crate) seen: &'a Seen,
    /// It holds together, and so does the one before, and both show the same.
    pub(crate) agrees: bool,
}

/// Whose an API is that stands at the key of an item, the more careful the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Whose {
    /// This report made it.
    Ours,
    /// It was there before.
    Theirs,
    /// Nobody can tell.
    Unknown,
}

impl View<'_> {
    /// Whether this listing and the one before it hold together and show the same, but for
    /// what came or went by our own doing.
    pub(crate) fn agrees_with_last(
        &self,
        seen: &Seen,
        in_flight: impl Iterator<Item = ItemId>,
    ) -> bool {
        let Self { items, service } = self;
        let Some(last) = service.listing.last.as_ref() else { return false };
        let open: Vec<_> =
            in_flight.chain(service.parked.iter().map(|parked| parked.item)).collect();
        let by_us = |api: &Listed| {
            let is_it = |item: &ItemId| is_exactly(api, items.key(*item));
            items.owner(&api.api_id).is_some() || open.iter().any(is_it)
        };
        let sound = |seen: &Seen| seen.is_sound(&service.known);
        sound(last) && sound(seen) && seen.agrees(last, by_us)
    }

    /// What this listing, with the one before it, shows of an item in doubt.
    pub(crate) fn sight(&self, parked: &Parked, look: Look<'_>) -> Option<Sight> {
        let Look { seen, agrees } = look;
        let last = self.service.listing.last.as_ref().map(|last| last.begun);
        let twice_since = |time: Duration| agrees && last.is_some_and(|last| last >= time);
        if let Some(id) = self.items[parked.item].journey.to_delete() {
            return match seen.by_id(id) {
                Some(_) => (seen.begun >= parked.from).then(|| Sight::Here(vec![id.to_owned()])),
                // What goes by our own doing is no disagreement, so that one listing that
                // lacks everything agrees with any before it: both have to lack this one.
                None if self.service.last_shows(id) => None,
                None => twice_since(parked.since).then_some(Sight::Nothing),
            };
        }
        let absent = || match self.alike(parked.item, seen) {
            Some(_) => Sight::Alike,
            None => Sight::Nothing,
        };
        let there = self.there(parked.item, seen);
        there.or_else(|| twice_since(parked.from).then(absent))
    }

    /// What a listing shows of exactly this item's key: ours if it can be, or else what was
    /// there before us.
    pub(crate) fn there(&self, item: ItemId, seen: &Seen) -> Option<Sight> {
        let ids = self.unclaimed(item, seen);
        if !ids.is_empty() {
            return Some(Sight::Here(ids));
        }
        let mut ids = seen.exactly(self.items.key(item)).map(|api| &api.api_id);
        let before = ids.find(|id| self.service.in_base(id));
        before.map(|id| Sight::Theirs(id.clone()))
    }

    /// The APIs of exactly this item's key that can be its own: not there before us, and no
    /// other item's. Who was told one of them in answer to a key that it cannot have come
    /// from has no claim to it: the answer named the wrong API, and the listing knows better.
    pub(crate) fn unclaimed(&self, item: ItemId, seen: &Seen) -> Vec<String> {
        let comes_from =
            |owner: ItemId, id: &str| seen.like(self.items.key(owner)).any(|api| api.api_id == id);
        let is_free = |id: &&String| {
            let owner = self.items.owner(id).filter(|&owner| owner != item);
            !self.service.in_base(id) && !owner.is_some_and(|owner| comes_from(owner, id))
        };
        let ids = seen.exactly(self.items.key(item)).map(|api| &api.api_id);
        ids.filter(is_free).cloned().collect()
    }

    /// When the first API came about that is surely ours, by the gateway's clock: it stands at
    /// the key of a row that names it in more than one cell, or that says that it was sent, and
    /// has the name that was sent.
    pub(crate) fn first_of_ours(&self, seen: &Seen, believed: &Believed) -> Option<Timestamp> {
        let named = |item| Some((item, seen.by_id(self.items.api_id(item)?)?));
        let found = |item| {
            let is_sent = self.items[item].journey.attempts() > 0;
            let ids = is_sent.then(|| self.unclaimed(item, seen))?;
            Some((item, seen.by_id(ids.first()?)?))
        };
        let is_sure = |(item, api): &(ItemId, &Listed)| {
            let ItemState { item, outcome, .. } = &self.items[*item];
            let bears_out = believed.made.contains(&api.api_id)
                || outcome.is_none() && api.name.as_ref() == Some(&item.api_name);
            bears_out && is_exactly(api, &item.key) && !was_before(api, Some(believed.since))
        };
        let items = self.service.items.iter();
        let ours = items.filter_map(|&item| named(item).or_else(|| found(item)));
        ours.filter(is_sure).filter_map(|(_, api)| created(api)).min()
    }

    /// Whose it is what stands at an item's key, where no journal says what was there before;
    /// `None` where nothing stands there. What came about after the first of ours is ours. The
    /// gateway counts whole seconds: what came in the same one is told by its name.
    pub(crate) fn whose(
        &self,
        item: ItemId,
        seen: &Seen,
        first: Option<Timestamp>,
        believed: &Believed,
    ) -> Option<Whose> {
        let name = Some(&self.items[item].item.api_name);
        let of = |api: &Listed| match created(api).zip(first) {
            Some((created, first)) if created > first => Whose::Ours,
            Some((created, first)) if created == first && api.name.as_ref() == name => Whose::Ours,
            _ if was_before(api, Some(believed.since)) => Whose::Theirs,
            _ if api.name.is_some() && api.name.as_ref() != name => Whose::Theirs,
            _ => Whose::Unknown,
        };
        let ids = self.unclaimed(item, seen);
        ids.iter().filter_map(|id| seen.by_id(id)).map(of).max()
    }

    /// The deletes that must not be sent, since the API under the row's id is another than
    /// the row tells of, each with the reason. Where the ids are only `believed`, the API also
    /// has to be shown, exactly as it was sent, and to have been created no earlier.
    pub(crate) fn mismatches(
        &self,
        seen: &Seen,
        believed: Option<&Believed>,
    ) -> Vec<(ItemId, String)> {
        let since = believed.map(|believed| believed.since);
        let mismatch = |&item: &ItemId| {
            let state = &self.items[item];
            let id = state.journey.to_delete().filter(|_| state.outcome.is_none())?;
            Some((item, self.mismatch(item, id, seen, since)?))
        };
        self.service.items.iter().filter_map(mismatch).collect()
    }

    fn mismatch(
        &self,
        item: ItemId,
        id: &str,
        seen: &Seen,
        since: Option<Timestamp>,
    ) -> Option<String> {
        let key = self.items.key(item);
        let Some(api) = seen.by_id(id) else {
            let why = format!("the listing of {} does not show {id}", key.service);
            return since.map(|_| why);
        };
        let is_it =
            is_exactly(api, key) || since.is_none() && seen.like(key).any(|like| like.api_id == id);
        if !is_it {
            return Some(format!("{id} is {} {} at the gateway", api.method, api.path));
        }
        let was_there = self.service.in_base(id) || was_before(api, since);
        was_there.then(|| format!("{id} was there before the import"))
    }

    /// What is there that might be this item, if the gateway wrote its path in its own way.
    pub(crate) fn alike(&self, item: ItemId, seen: &Seen) -> Option<String> {
        let Self { items, service } = self;
        let is_stray = |api: &&Listed| {
            !service.in_base(&api.api_id)
                && items.owner(&api.api_id).is_none()
                && !service.items.iter().any(|&other| is_exactly(api, items.key(other)))
        };
        let found = seen.like(items.key(item)).find(is_stray)?;
        Some(format!("{} {} {}", found.api_id, found.method, found.path))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::run::look::Pass;
    use crate::run::outcome::Outcome;
    use crate::run::simulated::item_of;
    use crate::run::step::Journey;
    use crate::run::work::{Assignment, BaseApi, Start};
    use crate::target::Page;

    const ITEM: ItemId = ItemId(0);

    /// Items at these paths.
    fn items(paths: &[&str]) -> Items {
        let mut items = Items::default();
        for path in paths {
            let start = Start::Send { attempts: 0 };
            let assignment = Assignment::create(Arc::new(item_of("s", path)), start);
            let journey = Journey::new(&assignment, 3, Duration::ZERO, Duration::ZERO);
            items.add(assignment.item, 0, journey, None);
        }
        items
    }

    fn service(base: &[&str]) -> Service {
        let api =
            |id: &&str| BaseApi { api_id: (*id).into(), path: "/".into(), method: "GET".into() };
        let mut service = Service::new("s".to_owned(), Some(base.iter().map(api).collect()));
        service.items = vec![ITEM, ItemId(1)];
        service
    }

    /// A listing begun at this second that shows APIs of these ids at these paths.
    fn seen(second: u64, apis: &[(&str, &str)]) -> Seen {
        let listed = |&(id, path): &(&str, &str)| Listed {
            api_id: id.to_owned(),
            path: path.to_owned(),
            method: "GET".to_owned(),
            name: None,
            created_time: None,
        };
        let apis: Vec<_> = apis.iter().map(listed).collect();
        let mut pass = Pass::begin(Duration::from_secs(second), 0);
        pass.take(Page { total: Some(apis.len() as u64), apis, incomplete: 0 });
        pass.finish()
    }

    fn here(ids: &[&str]) -> Sight {
        Sight::Here(ids.iter().map(|&id| id.to_owned()).collect())
    }

    #[test]
    fn what_stands_at_its_key_is_ours_unless_it_was_there_before_or_is_anothers() {
        let (mut items, service) = (items(&["/a", "/A"]), service(&["old"]));
        let view = View { items: &items, service: &service };
        assert_eq!(view.there(ITEM, &seen(1, &[("1", "/a"), ("2", "/b")])), Some(here(&["1"])));
        let theirs = Some(Sight::Theirs("old".to_owned()));
        assert_eq!(view.there(ITEM, &seen(1, &[("old", "/a")])), theirs);
        assert_eq!(view.there(ITEM, &seen(1, &[("old", "/a"), ("1", "/a")])), Some(here(&["1"])));
        // The gateway may write the other's path so, but not that of any item.
        items.end(ItemId(1), Outcome::Created { id: "1".to_owned() });
        let view = View { items: &items, service: &service };
        assert_eq!(view.there(ITEM, &seen(1, &[("1", "/a")])), None);
    }

    #[test]
    fn an_absence_takes_two_listings_that_agree_both_begun_late_enough() {
        let (items, mut service) = (items(&["/a", "/b"]), service(&[]));
        let (since, from) = (Duration::from_secs(10), Duration::from_secs(70));
        let parked = Parked { item: ITEM, since, from, action: items.action(ITEM), passes: 0 };
        for (last, now, apis, absent) in [
            (None, 80, &[][..], false),
            (Some(60), 80, &[], false),
            (Some(70), 80, &[("9", "/other")], false),
            (Some(70), 80, &[], true),
        ] {
            service.listing.last = last.map(|second| seen(second, &[]));
            let (view, seen) = (View { items: &items, service: &service }, seen(now, apis));
            let agrees = view.agrees_with_last(&seen, [ITEM].into_iter());
            let sight = view.sight(&parked, Look { seen: &seen, agrees });
            assert_eq!(sight, absent.then_some(Sight::Nothing), "{last:?} {apis:?}");
        }
    }

    #[test]
    fn what_the_gateway_may_have_written_in_its_own_way_is_only_like_it() {
        let (items, service) = (items(&["/a", "/A"]), service(&["old"]));
        let view = View { items: &items, service: &service };
        assert_eq!(view.alike(ITEM, &seen(1, &[("1", "/a/")])).as_deref(), Some("1 GET /a/"));
        assert_eq!(view.alike(ITEM, &seen(1, &[("1", "/A")])), None, "it is the other's");
        assert_eq!(view.alike(ITEM, &seen(1, &[("old", "/a/")])), None);
    }
}
