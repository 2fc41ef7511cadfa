//! One service of a run: its items, what it held before us, and when it is listed next.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use crate::run::engine::listing::Listing;
use crate::run::outcome::Detail;
use crate::run::work::{Action, BaseApi, ItemId};

/// When an item in doubt is looked for early: most lost answers hide a success, and what is
/// seen need not wait for the rest.
const EARLY: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(15)];

/// Passes from when an absence counts, after which an item stays unconfirmed.
pub(crate) const PASSES: u8 = 5;

#[derive(Debug, Default)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) stage: Stage,
    /// All its items, in plan order.
    pub(crate) items: Vec<ItemId>,
    /// How many of them have not ended.
    pub(crate) unsettled: usize,
    /// Those that may be sent, lowest first.
    pub(crate) ready: BTreeSet<ItemId>,
    /// Those that a look is owed.
    pub(crate) parked: Vec<Parked>,
    /// What was there before our first create.
    pub(crate) base: Option<HashSet<String>>,
    /// Ids of APIs that certainly exist, in the order in which that became known.
    pub(crate) known: Vec<String>,
    /// Nothing of it is sent before this: it is locked by another operation.
    pub(crate) held_until: Duration,
    /// Nothing of it is sent until looks have ended: its listing does not hold still.
    pub(crate) quiet: bool,
    /// Something of it was sent.
    pub(crate) touched: bool,
    /// Why sending to it stopped.
    pub(crate) closed: Option<Detail>,
    /// The listing at the end must not begin before.
    pub(crate) closing_from: Duration,
    /// How its listings come in.
    pub(crate) listing: Listing,
    /// Passes of the opening or the closing that did not do.
    pub(crate) failed_passes: u8,
}

/// How far a service has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Stage {
    /// It is being listed before anything is sent to it.
    Opening,
    /// Its items are on their way.
    #[default]
    Open,
    /// They ended, and it is being listed once more.
    Closing,
    /// The run is being left; items in doubt are looked for once.
    Leaving,
    /// Nothing is left to do.
    Done,
}

/// An item that a look is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parked {
    pub(crate) item: ItemId,
    /// Since when.
    pub(crate) since: Duration,
    /// From when on a listing must have begun to allow a second send.
    pub(crate) from: Duration,
    /// What was being done with it.
    pub(crate) action: Action,
    /// Passes begun late enough that did not decide.
    pub(crate) passes: u8,
}

impl Service {
    pub(crate) fn new(name: String, base: Option<Vec<BaseApi>>) -> Self {
        let base = base.map(|apis| apis.into_iter().map(|api| api.api_id).collect());
        Self { name, base, ..Self::default() }
    }

    /// Whether something of it may be sent at `now`.
    pub(crate) fn sends(&self, now: Duration) -> bool {
        self.stage == Stage::Open && !self.quiet && self.held_until <= now
    }

    /// Whether the last listing that was read to its end shows this API.
    pub(crate) fn last_shows(&self, id: &str) -> bool {
        self.listing.last.as_ref().is_some_and(|seen| seen.by_id(id).is_some())
    }

    /// Whether this API was there before us.
    pub(crate) fn in_base(&self, id: &str) -> bool {
        self.base.as_ref().is_some_and(|base| base.contains(id))
    }

    /// The message when what is planned does not fit, going by its last listing.
    pub(crate) fn overflow(&self, quota: u64) -> Option<String> {
        let (name, planned) = (&self.name, self.unsettled as u64);
        let held = self.listing.last.as_ref()?.count();
        (planned > 0 && held + planned > quota).then(|| {
            format!("{name} holds {held} APIs, {planned} more are planned, and it may hold {quota}")
        })
    }

    /// Whether something of it goes on without a wait for a listing to become due.
    pub(crate) fn goes_on(&self, now: Duration) -> bool {
        self.listing.is_being_read() || self.sends(now) && !self.ready.is_empty()
    }

    /// When its next listing is to begin, `gap` apart from the last.
    pub(crate) fn next_pass(&self, gap: Duration) -> Option<Duration> {
        if self.listing.is_being_read() {
            return None;
        }
        let spaced = self.listing.begun().map_or(Duration::ZERO, |begun| begun + gap);
        match self.stage {
            Stage::Leaving => Some(Duration::ZERO),
            Stage::Closing if self.failed_passes == 0 => Some(self.closing_from),
            Stage::Opening | Stage::Closing => Some(spaced),
            Stage::Open => {
                let due =
                    self.parked.iter().map(|parked| parked.due(self.listing.begun(), gap)).min();
                due.map(|due| due.max(spaced))
            }
            Stage::Done => None,
        }
    }
}

impl Parked {
    /// When it is looked for next: the first of its times that no listing has followed.
    fn due(&self, last_begun: Option<Duration>, gap: Duration) -> Duration {
        let mut times = self.early(gap).into_iter().flatten().chain([self.from]);
        let open = times.find(|&time| last_begun.is_none_or(|begun| begun < time));
        open.or(last_begun.map(|begun| begun + gap)).unwrap_or(self.from)
    }

    /// The looks before an answer is owed: for a create, its presence counts at once; for a
    /// delete, its absence does, which takes two passes.
    fn early(&self, gap: Duration) -> [Option<Duration>; 2] {
        let times = match self.action {
            Action::Delete => [self.since, self.since + gap],
            Action::Create => EARLY.map(|early| self.since + early),
        };
        times.map(|time| (time + gap <= self.from).then_some(time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: Duration = Duration::from_secs(5);

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// A service with one item in doubt since second 10, whose absence counts from 70 on.
    fn in_doubt(action: Action) -> Service {
        let (item, since, from) = (ItemId(0), secs(10), secs(70));
        let parked = Parked { item, since, from, action, passes: 0 };
        Service { parked: vec![parked], ..Service::default() }
    }

    /// When its listings begin, if each is read at once.
    fn passes(mut service: Service, count: usize) -> Vec<u64> {
        let pass = |_| {
            let due = service.next_pass(GAP).unwrap();
            service.listing.begin(due, 0);
            service.listing.abandon();
            due.as_secs()
        };
        (0..count).map(pass).collect()
    }

    #[test]
    fn a_create_in_doubt_is_looked_for_early_and_twice_once_its_absence_counts() {
        assert_eq!(passes(in_doubt(Action::Create), 5), [15, 25, 70, 75, 80]);
    }

    #[test]
    fn a_delete_in_doubt_is_looked_for_twice_at_once() {
        assert_eq!(passes(in_doubt(Action::Delete), 4), [10, 15, 70, 75]);
    }

    #[test]
    fn a_service_without_doubt_is_listed_only_when_it_opens_and_closes() {
        let at = |stage| Service { stage, ..Service::default() }.next_pass(GAP);
        assert_eq!((at(Stage::Open), at(Stage::Done)), (None, None));
        assert_eq!(at(Stage::Opening), Some(Duration::ZERO));
        let closing_from = secs(9);
        let closing = Service { stage: Stage::Closing, closing_from, ..Service::default() };
        assert_eq!(closing.next_pass(GAP), Some(secs(9)));
    }

    #[test]
    fn what_is_held_or_quiet_sends_nothing() {
        let held = Service { held_until: secs(5), ..Service::default() };
        assert!(!held.sends(secs(4)) && held.sends(secs(5)));
        assert!(!Service { quiet: true, ..Service::default() }.sends(secs(5)));
    }
}
