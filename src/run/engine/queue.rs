//! The way of an item to the gateway: its intent is stated, kept on disk, and then sent; an
//! item that has to wait by itself rests. What may be sent and when is decided elsewhere; an
//! intent that is not kept is never the next to send.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::run::engine::clocks::Now;
use crate::run::work::ItemId;

/// How old an intent may be when its request leaves. What waits longer, since everyone was
/// paused, states its intent anew, so that a later run never counts from a time long before
/// the request.
pub(crate) const FRESH: Duration = Duration::from_secs(1);

/// An item that is about to be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Intent {
    pub(crate) item: ItemId,
    /// When it was stated.
    pub(crate) at: Now,
}

#[derive(Debug, Default)]
pub(crate) struct Queue {
    /// Intents on their way to disk, each with its place in the order of facts.
    stated: VecDeque<(u64, Intent)>,
    /// Intents on disk that wait for a slot.
    kept: VecDeque<Intent>,
    /// Requests that have left, and when.
    in_flight: BTreeMap<ItemId, Duration>,
    /// Items that wait by themselves, and until when.
    resting: BTreeSet<(Duration, ItemId)>,
}

impl Queue {
    /// An intent was stated as this fact.
    pub(crate) fn state(&mut self, fact: u64, intent: Intent) {
        self.stated.push_back((fact, intent));
    }

    /// The first so many facts are on disk.
    pub(crate) fn keep(&mut self, facts: u64) {
        while let Some(&(fact, intent)) = self.stated.front()
            && fact <= facts
        {
            self.stated.pop_front();
            self.kept.push_back(intent);
        }
    }

    /// The intent on disk that is next to be sent.
    pub(crate) fn next(&self) -> Option<Intent> {
        self.kept.front().copied()
    }

    /// The next intent is taken out, and its item is not sent.
    pub(crate) fn withdraw(&mut self) {
        self.kept.pop_front();
    }

    /// The next intent is taken out, and its item is sent.
    pub(crate) fn depart(&mut self, now: Duration) {
        if let Some(intent) = self.kept.pop_front() {
            self.in_flight.insert(intent.item, now);
        }
    }

    /// A request came back; when it had left.
    pub(crate) fn land(&mut self, item: ItemId) -> Option<Duration> {
        self.in_flight.remove(&item)
    }

    /// Gives up all that is in flight.
    pub(crate) fn abandon(&mut self) -> impl Iterator<Item = ItemId> + use<> {
        std::mem::take(&mut self.in_flight).into_keys()
    }

    /// How many intents have no slot yet.
    pub(crate) fn waiting(&self) -> usize {
        self.stated.len() + self.kept.len()
    }

    /// The items in flight.
    pub(crate) fn in_flight(&self) -> impl ExactSizeIterator<Item = ItemId> {
        self.in_flight.keys().copied()
    }

    /// Whether this item is in flight.
    pub(crate) fn flies(&self, item: ItemId) -> bool {
        self.in_flight.contains_key(&item)
    }

    /// Whether nothing is on its way, not even resting.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting() + self.in_flight.len() + self.resting.len() == 0
    }

    /// An item waits until then.
    pub(crate) fn rest(&mut self, item: ItemId, until: Duration) {
        self.resting.insert((until, item));
    }

    /// An item that has waited long enough; otherwise when the first one will have.
    pub(crate) fn rested(&mut self, now: Duration) -> Result<ItemId, Option<Duration>> {
        match self.resting.first() {
            Some(&(until, item)) if until <= now => {
                self.resting.pop_first();
                Ok(item)
            }
            first => Err(first.map(|(until, _)| *until)),
        }
    }
}

impl Intent {
    /// Whether it was stated too long ago, by either clock: while a machine sleeps, the one
    /// that waits go by may stop.
    pub(crate) fn is_stale(&self, now: Now) -> bool {
        let age = Duration::try_from(now.wall.duration_since(self.at.wall));
        now.elapsed > self.at.elapsed + FRESH || age.is_ok_and(|age| age > FRESH)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn at(elapsed: u64, wall: i64) -> Now {
        Now { elapsed: secs(elapsed), wall: Timestamp::from_second(wall).unwrap() }
    }

    fn intent(item: u32) -> Intent {
        Intent { item: ItemId(item), at: at(0, 0) }
    }

    #[test]
    fn nothing_is_sent_before_its_intent_is_kept() {
        let mut queue = Queue::default();
        queue.state(3, intent(7));
        queue.state(5, intent(8));
        for (kept, next) in [(2, None), (4, Some(7)), (5, Some(7))] {
            queue.keep(kept);
            assert_eq!(queue.next().map(|intent| intent.item.0), next);
        }
        queue.depart(secs(1));
        assert_eq!(queue.next().map(|intent| intent.item.0), Some(8));
        assert!(queue.flies(ItemId(7)) && !queue.flies(ItemId(8)));
        queue.withdraw();
        assert_eq!(queue.land(ItemId(7)), Some(secs(1)));
        assert_eq!(queue.land(ItemId(7)), None);
        assert!(queue.is_empty());
    }

    #[test]
    fn who_rests_comes_back_in_the_order_of_times() {
        let mut queue = Queue::default();
        assert_eq!(queue.rested(secs(9)), Err(None));
        queue.rest(ItemId(1), secs(5));
        queue.rest(ItemId(2), secs(3));
        assert_eq!(queue.rested(secs(2)), Err(Some(secs(3))));
        assert_eq!(queue.rested(secs(9)), Ok(ItemId(2)));
        assert!(!queue.is_empty());
        assert_eq!(queue.rested(secs(9)), Ok(ItemId(1)));
    }

    #[test]
    fn an_intent_grows_stale_by_either_clock() {
        assert!(!intent(1).is_stale(at(1, 1)));
        assert!(intent(1).is_stale(at(2, 0)));
        assert!(intent(1).is_stale(at(0, 2)));
        assert!(!intent(1).is_stale(at(0, -9)), "a clock that was set back proves nothing");
    }
}
