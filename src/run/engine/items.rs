//! The items of a run: how far each has come, which API belongs to which, and which waits for which.

use std::collections::{HashMap, HashSet};
use std::ops::{Index, IndexMut};
use std::sync::Arc;

use crate::plan::{Item, ItemKey};
use crate::run::look::is_exactly;
use crate::run::outcome::own;
use crate::run::outcome::{Detail, Outcome};
use crate::run::step::Journey;
use crate::run::work::{Action, Assignment, ItemId};
use crate::target::Listed;

/// The longest chain of authorisers that is followed; a longer one must be a circle.
const CHAIN: usize = 16;

#[derive(Debug, Default)]
pub(crate) struct Items {
    all: Vec<ItemState>,
    /// Which item an API belongs to.
    owners: HashMap<String, ItemId>,
    /// Who waits for an item to end: creates for their authoriser, an authoriser's delete
    /// for those that it authorises.
    waiting: HashMap<ItemId, Vec<ItemId>>,
}

/// One item and how far it has come.
#[derive(Debug)]
pub(crate) struct ItemState {
    pub(crate) item: Arc<Item>,
    /// The index of its service.
    pub(crate) service: usize,
    pub(crate) journey: Journey,
    /// For a create, its authoriser.
    pub(crate) authoriser: Option<ItemId>,
    /// How many others have to end before it may be sent.
    waits_for: usize,
    /// The last answer.
    pub(crate) detail: Detail,
    pub(crate) outcome: Option<Outcome>,
}

impl Items {
    /// One more item; its number.
    pub(crate) fn add(
        &mut self,
        item: Arc<Item>,
        service: usize,
        journey: Journey,
        authoriser: Option<ItemId>,
    ) -> ItemId {
        let id = ItemId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        let (detail, outcome, waits_for) = (Detail::default(), None, 0);
        self.all.push(ItemState { item, service, journey, authoriser, waits_for, detail, outcome });
        id
    }

    /// All items, in plan order.
    pub(crate) fn into_all(self) -> Vec<ItemState> {
        self.all
    }

    pub(crate) fn key(&self, item: ItemId) -> &ItemKey {
        &self[item].item.key
    }

    pub(crate) fn action(&self, item: ItemId) -> Action {
        self[item].journey.action()
    }

    /// The item that an API belongs to.
    pub(crate) fn owner(&self, api_id: &str) -> Option<ItemId> {
        self.owners.get(api_id).copied()
    }

    /// Whether an API belongs to another item than this one.
    pub(crate) fn is_anothers(&self, api_id: &str, item: ItemId) -> bool {
        self.owner(api_id).is_some_and(|owner| owner != item)
    }

    /// These APIs are this item's.
    pub(crate) fn own(&mut self, item: ItemId, api_ids: &[String]) {
        self.owners.extend(api_ids.iter().map(|id| (id.clone(), item)));
    }

    /// Whether an item says of this API that it was there before us, at its own key.
    pub(crate) fn existed(&self, item: ItemId, api: &Listed) -> bool {
        matches!(self[item].outcome, Some(Outcome::Exists { .. }))
            && is_exactly(api, self.key(item))
    }

    /// Two items were told that this API is theirs.
    pub(crate) fn disown(&mut self, api_id: &str) {
        self.owners.remove(api_id);
    }

    /// An item ended so.
    pub(crate) fn end(&mut self, item: ItemId, outcome: Outcome) {
        self.own(item, outcome.ids());
        self[item].outcome = Some(outcome);
    }

    /// This item is not sent before the other has ended.
    pub(crate) fn wait_for(&mut self, item: ItemId, other: ItemId) {
        self.waiting.entry(other).or_default().push(item);
        self[item].waits_for += 1;
    }

    /// Whether an item has not ended and waits for no other.
    pub(crate) fn may_go(&self, item: ItemId) -> bool {
        self[item].outcome.is_none() && self[item].waits_for == 0
    }

    /// An item ended: those that have waited for it, and whether it left the way free.
    pub(crate) fn release(&mut self, item: ItemId) -> Vec<(ItemId, bool)> {
        let mut waiters = self.waiting.remove(&item).unwrap_or_default();
        waiters.retain(|waiter| self[*waiter].outcome.is_none());
        for waiter in &waiters {
            self[*waiter].waits_for -= 1;
        }
        let is_free = |waiter: ItemId| match self.action(waiter) {
            Action::Delete => matches!(self[item].outcome, Some(Outcome::Deleted { .. })),
            Action::Create => self.api_id(item).is_some(),
        };
        waiters.into_iter().map(|waiter| (waiter, is_free(waiter))).collect()
    }

    /// The API of an item which has ended.
    pub(crate) fn api_id(&self, item: ItemId) -> Option<&str> {
        self[item].outcome.as_ref().and_then(Outcome::standing_id)
    }

    /// The body to create it with, its authoriser filled in.
    pub(crate) fn body(&self, item: ItemId) -> String {
        let authoriser = self[item].authoriser.and_then(|other| self.api_id(other));
        self[item].item.body(authoriser)
    }

    /// Whether an item would need an authoriser that this run does not know.
    pub(crate) fn lacks_authoriser(&self, item: ItemId) -> bool {
        let ItemState { item, journey, authoriser, .. } = &self[item];
        let wants = journey.action() == Action::Create && item.authorised_by.is_some();
        wants && authoriser.is_none()
    }

    /// Why an item is not sent that has waited for this other one.
    pub(crate) fn blame(&self, other: ItemId) -> Detail {
        let ItemState { item, outcome, detail, .. } = &self[other];
        let (method, path) = (&item.key.method, &item.key.path);
        let word = outcome.as_ref().map_or("not-sent", Outcome::as_str);
        // What an earlier run ended has no detail in this one.
        let code = match (outcome, detail.code.as_str()) {
            (Some(Outcome::Refused { code } | Outcome::GaveUp { code }), "") => code,
            (_, "") => own::AUTHORISER,
            (_, code) => code,
        };
        Detail::ours(code, format!("{method} {path} must come first, but it is {word}"))
    }
}

impl Index<ItemId> for Items {
    type Output = ItemState;

    fn index(&self, item: ItemId) -> &ItemState {
        &self.all[item.0 as usize]
    }
}

impl IndexMut<ItemId> for Items {
    fn index_mut(&mut self, item: ItemId) -> &mut ItemState {
        &mut self.all[item.0 as usize]
    }
}

/// For each item the one that authorises it. One that is missing, or that would in the end
/// wait for itself, is none.
pub(crate) fn authorisers(items: &[Assignment]) -> Vec<Option<ItemId>> {
    let wanted = |item: &Assignment| item.item.authorised_by.clone();
    let keys: HashSet<ItemKey> = items.iter().filter_map(wanted).collect();
    let mut ids = HashMap::new();
    for (index, assignment) in (0..).zip(items) {
        if keys.contains(&assignment.item.key) {
            ids.insert(&assignment.item.key, ItemId(index));
        }
    }
    let one_of = |item: &Assignment| item.item.authorised_by.as_ref().and_then(|key| ids.get(key));
    let ends = |item: &Assignment| {
        let mut links =
            std::iter::successors(Some(item), |item| one_of(item).map(|id| &items[id.0 as usize]));
        links.nth(CHAIN).is_none()
    };
    items.iter().map(|item| one_of(item).copied().filter(|_| ends(item))).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::run::simulated::item;
    use crate::run::work::Start;

    /// Items of which each but the first is authorised by the first.
    fn items(assignments: &[Assignment]) -> Items {
        let mut items = Items::default();
        for assignment in assignments {
            let journey = Journey::new(assignment, 3, Duration::ZERO, Duration::ZERO);
            let first = (!items.all.is_empty()).then_some(ItemId(0));
            items.add(Arc::clone(&assignment.item), 0, journey, first);
        }
        items
    }

    fn creates(count: usize) -> Vec<Assignment> {
        let create = |n| Assignment::create(Arc::new(item(n)), Start::Send { attempts: 0 });
        (0..count).map(create).collect()
    }

    fn created() -> Outcome {
        Outcome::Created { id: "api-1".to_owned() }
    }

    #[test]
    fn who_waits_for_an_authoriser_goes_on_when_it_stands_and_not_otherwise() {
        for (outcome, free) in [(created(), true), (Outcome::NotSent, false)] {
            let mut items = items(&creates(3));
            items.wait_for(ItemId(1), ItemId(0));
            items.wait_for(ItemId(2), ItemId(0));
            assert!(!items.may_go(ItemId(1)));
            items.end(ItemId(2), Outcome::NotSent);
            items.end(ItemId(0), outcome);
            assert_eq!(items.release(ItemId(0)), [(ItemId(1), free)]);
            assert!(items.may_go(ItemId(1)));
            assert_eq!(items.release(ItemId(0)), []);
        }
    }

    #[test]
    fn an_authoriser_is_deleted_once_what_it_authorises_is_gone() {
        let delete = |n| Assignment::delete(Arc::new(item(n)), created(), 0);
        for (outcome, free) in
            [(Outcome::Deleted { id: "api-2".to_owned() }, true), (created(), false)]
        {
            let mut items = items(&[delete(0), delete(1)]);
            items.wait_for(ItemId(0), ItemId(1));
            items.end(ItemId(1), outcome);
            assert_eq!(items.release(ItemId(1)), [(ItemId(0), free)]);
        }
    }

    #[test]
    fn an_api_belongs_to_the_item_that_ended_with_it() {
        let mut items = items(&creates(2));
        items.end(ItemId(0), created());
        assert_eq!(items.owner("api-1"), Some(ItemId(0)));
        assert!(items.is_anothers("api-1", ItemId(1)) && !items.is_anothers("api-1", ItemId(0)));
        items.disown("api-1");
        assert_eq!((items.owner("api-1"), items.api_id(ItemId(0))), (None, Some("api-1")));
    }

    #[test]
    fn authorisers_that_wait_for_each_other_are_none() {
        let mut assignments = creates(3);
        for (n, by) in [(0, 1), (1, 0), (2, 2)] {
            let key = assignments[by].item.key.clone();
            Arc::make_mut(&mut assignments[n].item).authorised_by = Some(key);
        }
        assert_eq!(authorisers(&assignments), [None; 3]);
        Arc::make_mut(&mut assignments[1].item).authorised_by = None;
        assert_eq!(authorisers(&assignments), [Some(ItemId(1)), None, None]);
    }
}
