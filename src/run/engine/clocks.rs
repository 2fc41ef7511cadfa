//! The clocks of a run: what time it is, when to look at it again, and when listeners last
//! heard something. Nothing here waits.

use std::time::Duration;

use jiff::Timestamp;

/// How long nothing happens before a tick.
const TICK: Duration = Duration::from_secs(1);

/// One time by both clocks: the one that waits go by, and the one on the wall.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    /// Since the run began.
    pub(crate) elapsed: Duration,
    pub(crate) wall: Timestamp,
}

#[derive(Debug)]
pub(crate) struct Clocks {
    now: Now,
    told_at: Duration,
    wake: Duration,
}

impl Clocks {
    pub(crate) fn new(now: Now) -> Self {
        Self { now, told_at: Duration::ZERO, wake: Duration::ZERO }
    }

    /// Time has passed.
    pub(crate) fn set(&mut self, now: Now) {
        self.now = now;
    }

    /// The time since the run began.
    pub(crate) fn now(&self) -> Duration {
        self.now.elapsed
    }

    /// The time on the wall, for what is written down.
    pub(crate) fn wall(&self) -> Timestamp {
        self.now.wall
    }

    /// The time by both.
    pub(crate) fn both(&self) -> Now {
        self.now
    }

    /// Listeners hear something now.
    pub(crate) fn told(&mut self) {
        self.told_at = self.now();
    }

    /// Whether listeners have heard nothing for so long that a tick is due.
    pub(crate) fn is_tick_due(&self) -> bool {
        self.now() >= self.told_at + TICK
    }

    /// Forgets all times to wake at but that of the next tick.
    pub(crate) fn sleep(&mut self) {
        self.wake = self.told_at + TICK;
    }

    /// Something is due then.
    pub(crate) fn wake_at(&mut self, time: Duration) {
        self.wake = self.wake.min(time);
    }

    /// When time has to be told again, should nothing else happen first.
    pub(crate) fn wake(&self) -> Duration {
        self.wake
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Now {
        Now { elapsed: Duration::from_secs(seconds), wall: Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn it_wakes_for_what_is_due_first_and_for_a_tick_at_the_latest() {
        let mut clocks = Clocks::new(at(5));
        clocks.told();
        clocks.sleep();
        assert_eq!(clocks.wake(), Duration::from_secs(6));
        clocks.wake_at(Duration::from_secs(9));
        clocks.wake_at(Duration::from_millis(5500));
        assert_eq!(clocks.wake(), Duration::from_millis(5500));
    }

    #[test]
    fn a_tick_is_due_a_second_after_listeners_last_heard_something() {
        let mut clocks = Clocks::new(at(5));
        clocks.told();
        assert!(!clocks.is_tick_due());
        clocks.set(at(6));
        assert!(clocks.is_tick_due());
    }
}
