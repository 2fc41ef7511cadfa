//! The pace of every call: a pacer for each action, since the gateway counts each by itself,
//! and one for the pages of listings, of which only a few may be in flight.

use std::time::Duration;

use crate::run::pace::Pacer;
use crate::run::work::{Action, RunSettings};

/// Listings a second, far below what the gateway allows: other readers share the account.
const LISTS_PER_SECOND: u32 = 5;

/// Pages that may be in flight at once, over all services.
const PAGES: usize = 4;

#[derive(Debug)]
pub(crate) struct Pacers {
    creating: Pacer,
    deleting: Pacer,
    pub(crate) listing: Pacer,
    pages_in_flight: usize,
}

impl Pacers {
    pub(crate) fn new(settings: &RunSettings) -> Self {
        let pacer = || Pacer::new(settings.rate, settings.rate_limit);
        let listing = Pacer::new(f64::from(LISTS_PER_SECOND), LISTS_PER_SECOND + 1);
        Self { creating: pacer(), deleting: pacer(), listing, pages_in_flight: 0 }
    }

    pub(crate) fn of(&mut self, action: Action) -> &mut Pacer {
        match action {
            Action::Create => &mut self.creating,
            Action::Delete => &mut self.deleting,
        }
    }

    /// Creates a second now.
    pub(crate) fn rate(&self) -> f64 {
        self.creating.rate()
    }

    /// When a send could start, `others` being before it.
    pub(crate) fn slot_after(&mut self, action: Action, others: usize) -> Duration {
        let pacer = self.of(action);
        let others = u32::try_from(others).unwrap_or(u32::MAX);
        pacer.not_before().saturating_add(pacer.interval().saturating_mul(others))
    }

    /// Takes a slot for a page; otherwise from when on there may be one, or nothing
    /// where that depends on a page that is in flight.
    pub(crate) fn start_page(&mut self, now: Duration) -> Result<(), Option<Duration>> {
        if self.pages_in_flight >= PAGES {
            return Err(None);
        }
        self.listing.start(now).map_err(Some)?;
        self.pages_in_flight += 1;
        Ok(())
    }

    /// A page came back.
    pub(crate) fn page_landed(&mut self) {
        self.pages_in_flight -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::simulated::quick;

    #[test]
    fn actions_do_not_share_a_pace() {
        let mut pacers = Pacers::new(&RunSettings { rate: 1.0, rate_limit: 1, ..quick() });
        assert!(pacers.of(Action::Create).start(Duration::ZERO).is_ok());
        assert!(pacers.of(Action::Create).start(Duration::ZERO).is_err());
        assert!(pacers.of(Action::Delete).start(Duration::ZERO).is_ok());
    }

    #[test]
    fn a_fifth_page_waits_for_one_to_come_back() {
        let mut pacers = Pacers::new(&quick());
        assert_eq!(pacers.start_page(Duration::ZERO), Ok(()));
        assert!(matches!(pacers.start_page(Duration::ZERO), Err(Some(_))), "one at a time");
        for second in 1..=3 {
            assert_eq!(pacers.start_page(Duration::from_secs(second)), Ok(()));
        }
        assert_eq!(pacers.start_page(Duration::from_secs(9)), Err(None));
        pacers.page_landed();
        assert_eq!(pacers.start_page(Duration::from_secs(9)), Ok(()));
    }
}
