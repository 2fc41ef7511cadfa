//! Whether a run gets anywhere: for how long nothing was carried out, and for how long the
//! gateway has throttled everything.

use std::time::Duration;

use crate::run::outcome::Detail;
use crate::run::outcome::own;

/// How long nothing may go on.
const STALL: Duration = Duration::from_secs(300);

/// How long everything may be throttled.
const THROTTLED: Duration = Duration::from_secs(900);

#[derive(Debug, Default)]
pub(crate) struct Stall {
    last_success: Duration,
    last_throttle: Option<Duration>,
}

impl Stall {
    /// Something was carried out, or is waited for on purpose.
    pub(crate) fn succeeded(&mut self, now: Duration) {
        self.last_success = now;
    }

    /// The gateway throttled a request.
    pub(crate) fn throttled(&mut self, now: Duration) {
        self.last_throttle = Some(now);
    }

    /// Why the run had better stop, if it had.
    pub(crate) fn hopeless(&self, now: Duration) -> Option<Detail> {
        let throttled = self.last_throttle.is_some_and(|at| at > self.last_success);
        let (limit, code) =
            if throttled { (THROTTLED, own::THROTTLED) } else { (STALL, own::STALLED) };
        let minutes = limit.as_secs() / 60;
        let why = || Detail::ours(code, format!("no request has succeeded for {minutes} minutes"));
        (now >= self.last_success + limit).then(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mins(minutes: u64) -> Duration {
        Duration::from_secs(60 * minutes)
    }

    fn code(stall: &Stall, now: Duration) -> Option<String> {
        stall.hopeless(now).map(|detail| detail.code)
    }

    #[test]
    fn a_run_in_which_nothing_is_carried_out_is_given_up_after_five_minutes() {
        let mut stall = Stall::default();
        stall.succeeded(mins(2));
        assert_eq!(stall.hopeless(mins(6)), None);
        assert_eq!(code(&stall, mins(7)).as_deref(), Some("stalled"));
    }

    #[test]
    fn a_throttled_run_is_given_a_quarter_of_an_hour_unless_something_worked_since() {
        let mut stall = Stall::default();
        stall.throttled(mins(1));
        assert_eq!(stall.hopeless(mins(14)), None);
        assert_eq!(code(&stall, mins(15)).as_deref(), Some("throttled"));
        stall.succeeded(mins(3));
        assert_eq!(code(&stall, mins(8)).as_deref(), Some("stalled"));
    }
}
