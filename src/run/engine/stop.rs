//! Why a run stops before its end, and since when: of several reasons the gravest.

use std::time::Duration;

use crate::run::event::StopReason;
use crate::run::outcome::Detail;
use crate::run::outcome::own;

/// How long what is in flight is waited for: as long as a request may take.
const DRAIN: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
pub(crate) struct Stop {
    reason: Option<StopReason>,
    since: Duration,
}

impl Stop {
    /// Whether the run stops.
    pub(crate) fn is_on(&self) -> bool {
        self.reason.is_some()
    }

    /// The gravest reason.
    pub(crate) fn reason(&self) -> Option<&StopReason> {
        self.reason.as_ref()
    }

    /// Whether a person has asked for it.
    pub(crate) fn by_signal(&self) -> bool {
        matches!(self.reason, Some(StopReason::Interrupted { .. } | StopReason::Killed { .. }))
    }

    /// One more reason to stop; whether it is graver than those before it.
    pub(crate) fn add(&mut self, reason: &StopReason, now: Duration) -> bool {
        let graver = self.reason.as_ref().is_none_or(|old| old.gravity() < reason.gravity());
        if !self.is_on() {
            self.since = now;
        }
        if graver {
            self.reason = Some(reason.clone());
        }
        graver
    }

    /// When the run is left, whatever is in flight then.
    pub(crate) fn leaves_at(&self) -> Option<Duration> {
        self.is_on().then(|| self.since + DRAIN)
    }

    /// The detail in a row that was not sent for this reason.
    pub(crate) fn detail(&self) -> Option<Detail> {
        self.reason.as_ref().map(|reason| match reason {
            StopReason::Hopeless { code, message } => Detail::ours(code, message.clone()),
            StopReason::JournalLost { message } => Detail::ours(own::JOURNAL, message.clone()),
            StopReason::Interrupted { .. } | StopReason::Killed { .. } => {
                Detail::ours(own::INTERRUPTED, "the run was interrupted")
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_reason_stands_and_the_first_one_starts_the_clock() {
        let hopeless =
            |code: &str| StopReason::Hopeless { code: code.into(), message: String::new() };
        let interrupted = StopReason::Interrupted { terminate: false };
        let mut stop = Stop::default();
        assert_eq!((stop.is_on(), stop.leaves_at(), stop.detail()), (false, None, None));
        assert!(stop.add(&hopeless("a"), Duration::from_secs(1)));
        assert!(!stop.add(&hopeless("b"), Duration::from_secs(2)));
        assert_eq!(stop.detail().unwrap().code, "a");
        assert!(stop.add(&interrupted, Duration::from_secs(3)) && stop.by_signal());
        assert_eq!(stop.detail().unwrap().code, "interrupted");
        assert_eq!(stop.leaves_at(), Some(Duration::from_secs(31)));
    }
}
