//! Credentials that expire on the way and are read again.

use std::time::Duration;

use crate::run::outcome::Detail;

/// What to do when an answer reports that the credentials have expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expiry {
    /// Nothing: it is being seen to, or was since that request left.
    Known,
    /// Read them again.
    Reload,
    /// They were read again, and nothing has worked since.
    Hopeless(Detail),
}

#[derive(Debug)]
pub(crate) struct Credentials {
    /// The answer when they expired, while they are being read again.
    expired: Option<Detail>,
    /// When they were last read again.
    read_at: Option<Duration>,
    /// Whether something was carried out since.
    worked: bool,
}

impl Credentials {
    pub(crate) fn new() -> Self {
        Self { expired: None, read_at: None, worked: true }
    }

    /// Whether they are being read again; nothing goes out meanwhile.
    pub(crate) fn are_being_read(&self) -> bool {
        self.expired.is_some()
    }

    /// Something was carried out: they hold.
    pub(crate) fn worked(&mut self) {
        self.worked = true;
    }

    /// A request that left at `departed` was answered that they have expired.
    pub(crate) fn expired(&mut self, departed: Duration, detail: Detail) -> Expiry {
        if self.are_being_read() || self.read_at.is_some_and(|at| departed <= at) {
            Expiry::Known
        } else if self.worked {
            self.expired = Some(detail);
            Expiry::Reload
        } else {
            Expiry::Hopeless(detail)
        }
    }

    /// They were read again. The answer when they expired, if they do not `differ`.
    pub(crate) fn reloaded(&mut self, now: Duration, differ: bool) -> Option<Detail> {
        (self.read_at, self.worked) = (Some(now), false);
        self.expired.take().filter(|_| !differ)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn expired() -> Detail {
        Detail::ours("Expired", "no longer valid")
    }

    #[test]
    fn they_are_read_again_once_for_all_requests_that_left_before() {
        let mut credentials = Credentials::new();
        assert_eq!(credentials.expired(secs(1), expired()), Expiry::Reload);
        assert!(credentials.are_being_read());
        assert_eq!(credentials.expired(secs(2), expired()), Expiry::Known);
        assert_eq!(credentials.reloaded(secs(3), true), None);
        assert!(!credentials.are_being_read());
        assert_eq!(credentials.expired(secs(2), expired()), Expiry::Known);
    }

    #[test]
    fn they_are_read_as_often_as_something_worked_in_between() {
        let mut credentials = Credentials::new();
        credentials.expired(secs(1), expired());
        credentials.reloaded(secs(2), true);
        credentials.worked();
        assert_eq!(credentials.expired(secs(5), expired()), Expiry::Reload);
        credentials.reloaded(secs(6), true);
        assert_eq!(credentials.expired(secs(7), expired()), Expiry::Hopeless(expired()));
    }

    #[test]
    fn the_same_ones_again_are_hopeless() {
        let mut credentials = Credentials::new();
        credentials.expired(secs(1), expired());
        assert_eq!(credentials.reloaded(secs(2), false), Some(expired()));
    }
}
