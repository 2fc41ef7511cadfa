//! How a service's listings come in: passes and their pages, and how often a page may fail.
//! What they show is used by `opening`, `doubts` and `closing`.

use std::time::Duration;

use crate::run::backoff;
use crate::run::look::{Pass, Seen};
use crate::run::step::Pause;
use crate::target::Page;

/// Times that a page may fail to come before its listing is given up.
const PAGE_TRIES: u32 = 10;

#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// The listing that is being read.
    pass: Option<Pass>,
    /// The last listing that was read to its end.
    pub(crate) last: Option<Seen>,
    /// When the last listing began, read to its end or not.
    begun: Option<Duration>,
    /// When the page left that is in flight.
    fetching: Option<Duration>,
    /// How often the page that is wanted failed to come.
    failed: u32,
    /// The next page is not asked for before this.
    not_before: Duration,
    /// The clock was corrected for a page once.
    clock_corrected: bool,
}

impl Listing {
    /// Begins a pass, when `known` APIs of the service are known.
    pub(crate) fn begin(&mut self, now: Duration, known: usize) {
        self.pass = Some(Pass::begin(now, known));
        self.begun = Some(now);
        self.failed = 0;
    }

    /// Gives the pass up.
    pub(crate) fn abandon(&mut self) {
        self.pass = None;
    }

    /// Whether a pass is being read.
    pub(crate) fn is_being_read(&self) -> bool {
        self.pass.is_some()
    }

    /// When the last pass began.
    pub(crate) fn begun(&self) -> Option<Duration> {
        self.begun
    }

    /// From when on a page may be asked for, where one is wanted.
    pub(crate) fn wants_page(&self) -> Option<Duration> {
        (self.fetching.is_none() && self.pass.is_some()).then_some(self.not_before)
    }

    /// Asks for the next page; where it begins.
    pub(crate) fn fetch(&mut self, now: Duration) -> u64 {
        self.fetching = Some(now);
        self.pass.as_ref().map_or(0, Pass::offset)
    }

    /// The page in flight came back, or did not; when it had left.
    pub(crate) fn landed(&mut self) -> Option<Duration> {
        self.fetching.take()
    }

    /// Takes a page; all that the pass saw, if that was the last one.
    pub(crate) fn take(&mut self, page: Page) -> Option<Seen> {
        self.failed = 0;
        let is_last = self.pass.as_mut()?.take(page);
        self.pass.take_if(|_| is_last).map(Pass::finish)
    }

    /// A page did not come. A read may simply be tried again; whether that is still worth it.
    pub(crate) fn may_retry(&mut self, now: Duration, jitter: f64) -> bool {
        self.failed += 1;
        let may = self.failed < PAGE_TRIES;
        if may {
            self.not_before = now + backoff::length(Pause::Unreached { nth: self.failed }, jitter);
        }
        may
    }

    /// A page was refused since the clock is wrong; whether it is for the first time.
    pub(crate) fn corrects_clock(&mut self) -> bool {
        !std::mem::replace(&mut self.clock_corrected, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn page(total: u64, ids: std::ops::Range<u64>) -> Page {
        let api = |id| crate::target::Listed {
            api_id: format!("api-{id}"),
            path: format!("/{id}"),
            method: "GET".to_owned(),
            name: None,
            created_time: None,
        };
        Page { total: Some(total), apis: ids.map(api).collect(), incomplete: 0 }
    }

    #[test]
    fn one_page_is_in_flight_at_a_time_until_the_last_is_in() {
        let mut listing = Listing::default();
        assert_eq!(listing.wants_page(), None);
        listing.begin(secs(1), 0);
        assert_eq!(listing.wants_page(), Some(secs(0)));
        assert_eq!(listing.fetch(secs(1)), 0);
        assert_eq!(listing.wants_page(), None);
        assert_eq!(listing.landed(), Some(secs(1)));
        assert!(listing.take(page(120, 0..100)).is_none());
        assert_eq!(listing.fetch(secs(2)), 90);
        listing.landed();
        let seen = listing.take(page(120, 90..120)).unwrap();
        assert_eq!((seen.begun, seen.count()), (secs(1), 120));
        assert!(!listing.is_being_read());
        assert_eq!(listing.begun(), Some(secs(1)));
    }

    #[test]
    fn a_page_is_tried_ten_times_and_counted_anew_after_a_success() {
        let mut listing = Listing::default();
        listing.begin(secs(0), 0);
        for _ in 1..PAGE_TRIES {
            assert!(listing.may_retry(secs(5), 1.0));
            assert!(listing.wants_page() > Some(secs(5)));
        }
        assert!(!listing.may_retry(secs(5), 1.0));
        listing.take(page(120, 0..100));
        assert!(listing.may_retry(secs(5), 1.0));
    }

    #[test]
    fn a_page_that_comes_in_after_its_pass_was_given_up_tells_nothing() {
        let mut listing = Listing::default();
        listing.begin(secs(0), 0);
        listing.fetch(secs(0));
        listing.abandon();
        assert!(listing.landed().is_some());
        assert!(listing.take(page(0, 0..0)).is_none());
    }

    #[test]
    fn a_wrong_clock_is_put_right_once() {
        let mut listing = Listing::default();
        assert!(listing.corrects_clock() && !listing.corrects_clock());
    }
}
