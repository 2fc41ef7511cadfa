//! How far this machine's clock is from the gateway's.
//!
//! The gateway refuses a timestamp that is more than five minutes off. Its answers carry a
//! `Date`, so the distance can be learned and signed with. Pure: times are passed in.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// A distance below which nothing is corrected without the gateway's complaint: it is
/// inside the window that the gateway accepts, with a minute to spare.
const HARMLESS_SECONDS: i64 = 240;

/// An answer that took longer says too little about the moment at which it was dated.
const SLOW_SECONDS: i64 = 5;

/// Seconds that the gateway's clock is ahead of this machine's; zero until learned.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset: AtomicI64,
}

/// When a request went out, when its answer came, and how that was dated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dated<'a> {
    /// By this machine's clock.
    pub(crate) sent: Timestamp,
    /// By this machine's clock.
    pub(crate) answered: Timestamp,
    /// The `Date` header.
    pub(crate) date: Option<&'a str>,
    /// Whether there was an `Age` header: then a cache answered, and the date is old.
    pub(crate) aged: bool,
}

impl Clock {
    /// The second to sign with.
    pub(crate) fn now(&self, local: Timestamp) -> i64 {
        local.as_second().saturating_add(self.offset())
    }

    /// Seconds that the gateway's clock is ahead.
    pub(crate) fn offset(&self) -> i64 {
        self.offset.load(Ordering::Relaxed)
    }

    /// Learns from an answer. `expired`: it was a complaint about the timestamp.
    pub(crate) fn learn(&self, dated: &Dated<'_>, expired: bool) {
        let Some(seen) = dated.offset() else { return };
        if expired || (seen - self.offset()).abs() > HARMLESS_SECONDS {
            self.offset.store(seen, Ordering::Relaxed);
        }
    }
}

impl Dated<'_> {
    /// The distance that this answer shows, if it is to be believed.
    fn offset(&self) -> Option<i64> {
        let date = jiff::fmt::rfc2822::parse(self.date?).ok()?;
        let took = self.answered.as_second() - self.sent.as_second();
        let believable = (2020..2090).contains(&date.year());
        let prompt = (0..=SLOW_SECONDS).contains(&took);
        let middle = self.sent.as_second() + took / 2;
        (believable && prompt && !self.aged).then(|| date.timestamp().as_second() - middle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: i64 = 1_700_000_000;

    fn dated(date: &str) -> Dated<'_> {
        let at = Timestamp::from_second(LOCAL).unwrap();
        Dated { sent: at, answered: at, date: Some(date), aged: false }
    }

    fn http_date(second: i64) -> String {
        let at = Timestamp::from_second(second).unwrap().to_zoned(jiff::tz::TimeZone::UTC);
        at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    fn learned(dated: &Dated<'_>, expired: bool) -> i64 {
        let clock = Clock::default();
        clock.learn(dated, expired);
        assert_eq!(clock.now(dated.sent), dated.sent.as_second() + clock.offset());
        clock.offset()
    }

    #[test]
    fn a_complaint_corrects_any_distance() {
        for off in [-3600, -200, 2, 200, 3600] {
            assert_eq!(learned(&dated(&http_date(LOCAL + off)), true), off);
        }
    }

    #[test]
    fn without_a_complaint_only_a_harmful_distance_is_corrected() {
        for (off, kept) in [(200, 0), (-240, 0), (-241, -241), (3600, 3600)] {
            assert_eq!(learned(&dated(&http_date(LOCAL + off)), false), kept);
        }
    }

    #[test]
    fn a_date_that_cannot_be_believed_teaches_nothing() {
        let good = http_date(LOCAL + 3600);
        let late = Timestamp::from_second(LOCAL + 6).unwrap();
        let early = Timestamp::from_second(LOCAL - 6).unwrap();
        assert_eq!(learned(&Dated { aged: true, ..dated(&good) }, true), 0);
        assert_eq!(learned(&Dated { answered: late, ..dated(&good) }, true), 0);
        assert_eq!(learned(&Dated { answered: early, ..dated(&good) }, true), 0);
        assert_eq!(learned(&Dated { date: None, ..dated(&good) }, true), 0);
        for bad in
            ["", "yesterday", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"]
        {
            assert_eq!(learned(&dated(bad), true), 0, "{bad}");
        }
    }

    #[test]
    fn the_middle_of_the_exchange_counts() {
        let answered = Timestamp::from_second(LOCAL + 4).unwrap();
        let date = http_date(LOCAL + 1002);
        assert_eq!(learned(&Dated { answered, ..dated(&date) }, true), 1000);
    }
}
