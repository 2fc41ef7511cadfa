//! Two clocks side by side: the one on the wall, which anyone may set, and the one that runs
//! since the machine was started. Reads neither.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How far the two may come apart before one of them counts as set.
const SLACK: Duration = Duration::from_secs(1);

/// One time by both clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// On the wall.
    pub wall: Timestamp,
    /// Since the machine was started, where the system tells.
    pub uptime: Option<Uptime>,
}

/// How long a machine has run, sleep included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uptime {
    /// Names this start of this machine.
    pub boot: String,
    /// Milliseconds since then.
    pub millis: u64,
}

impl Moment {
    /// Whether as much time has passed since `earlier` by one clock as by the other. Where
    /// the machine was started anew, or cannot tell, nobody knows.
    pub(crate) fn agrees(&self, earlier: &Self) -> bool {
        let (Some(now), Some(then)) = (&self.uptime, &earlier.uptime) else { return false };
        let ran = now.millis.checked_sub(then.millis).map(Duration::from_millis);
        let passed = Duration::try_from(self.wall.duration_since(earlier.wall)).ok();
        let close = |(ran, passed): (Duration, Duration)| ran.abs_diff(passed) <= SLACK;
        now.boot == then.boot && ran.zip(passed).is_some_and(close)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(wall: i64, uptime: Option<(&str, u64)>) -> Moment {
        let uptime = uptime.map(|(boot, millis)| Uptime { boot: boot.to_owned(), millis });
        Moment { wall: Timestamp::from_second(wall).unwrap(), uptime }
    }

    #[test]
    fn two_clocks_agree_when_as_much_time_has_passed_by_both() {
        let then = moment(100, Some(("b", 5_000)));
        for (wall, uptime, agree) in [
            (100, Some(("b", 5_000)), true),
            (110, Some(("b", 15_000)), true),
            (110, Some(("b", 14_000)), true),
            (110, Some(("b", 16_000)), true),
            (110, Some(("b", 13_999)), false),
            (3_700, Some(("b", 15_000)), false),
            (99, Some(("b", 5_000)), false),
            (110, Some(("b", 4_000)), false),
            (110, Some(("c", 15_000)), false),
            (110, None, false),
        ] {
            assert_eq!(moment(wall, uptime).agrees(&then), agree, "{wall} {uptime:?}");
        }
        assert!(!moment(110, Some(("b", 1))).agrees(&moment(100, None)));
    }
}
