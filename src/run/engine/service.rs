//! One service of a run: its items, what it held before us, and when it is listed next.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use crate::run::look::{Pass, Seen};
use crate::run::{Action, BaseApi, Detail, ItemId};

/// When an item in doubt is looked for early: most lost answers hide a success, and what is
/// seen need not wait for the rest.
const EARLY: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(15)];

/// Passes from when an absence counts, after which an item stays unconfirmed.
pub(crate) const PASSES: u8 = 5;

/// One service of a run.
#[derive(Debug)]
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
    /// Ids of APIs that surely stand, in the order in which that became known.
    pub(crate) known: Vec<String>,
    /// Nothing of it is sent before this: it is locked by another operation.
    pub(crate) held_until: Duration,
    /// Nothing of it is sent until looks have ended: its listing does not hold still.
    pub(crate) quiet: bool,
    /// Something of it was sent.
    pub(crate) touched: bool,
    /// What is planned does not fit, in words.
    pub(crate) planned_over: Option<String>,
    /// Why it takes no more.
    pub(crate) closed: Option<Detail>,
    /// The listing at the end must not begin before.
    pub(crate) closing_from: Duration,
    /// The listing that is being read.
    pub(crate) pass: Option<Pass>,
    /// The last listing that was read to its end.
    pub(crate) last: Option<Seen>,
    /// When the last listing began, read to its end or not.
    pub(crate) last_begun: Option<Duration>,
    /// Passes of the opening or the closing that did not do.
    pub(crate) failed_passes: u8,
    /// When the page left that is on its way.
    pub(crate) fetching: Option<Duration>,
    /// How often the page that is wanted failed to come.
    pub(crate) tries: u32,
    /// The next page is not asked for before this.
    pub(crate) page_not_before: Duration,
    /// The clock was corrected for a page once.
    pub(crate) clock_corrected: bool,
}

/// How far a service has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It is being listed before anything is sent to it.
    Opening,
    /// Its items are on their way.
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
        Self {
            name,
            stage: Stage::Open,
            items: Vec::new(),
            unsettled: 0,
            ready: BTreeSet::new(),
            parked: Vec::new(),
            base: base.map(|apis| apis.into_iter().map(|api| api.api_id).collect()),
            known: Vec::new(),
            held_until: Duration::ZERO,
            quiet: false,
            touched: false,
            planned_over: None,
            closing_from: Duration::ZERO,
            closed: None,
            pass: None,
            last: None,
            last_begun: None,
            failed_passes: 0,
            fetching: None,
            tries: 0,
            page_not_before: Duration::ZERO,
            clock_corrected: false,
        }
    }

    /// Whether something of it may be sent at `now`.
    pub(crate) fn sends(&self, now: Duration) -> bool {
        self.stage == Stage::Open && !self.quiet && self.held_until <= now
    }

    /// Whether the last listing that was read to its end shows this API.
    pub(crate) fn last_shows(&self, id: &str) -> bool {
        self.last.as_ref().is_some_and(|seen| seen.by_id(id).is_some())
    }

    /// Whether this API was there before us.
    pub(crate) fn in_base(&self, id: &str) -> bool {
        self.base.as_ref().is_some_and(|base| base.contains(id))
    }

    /// When its next listing is to begin, `gap` apart from the last.
    pub(crate) fn next_pass(&self, gap: Duration) -> Option<Duration> {
        if self.pass.is_some() {
            return None;
        }
        let spaced = self.last_begun.map_or(Duration::ZERO, |begun| begun + gap);
        match self.stage {
            Stage::Leaving => Some(Duration::ZERO),
            Stage::Closing if self.failed_passes == 0 => Some(self.closing_from),
            Stage::Opening | Stage::Closing => Some(spaced),
            Stage::Open => {
                let due = self.parked.iter().map(|parked| parked.due(self.last_begun, gap)).min();
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
