//! When the next request may start.
//!
//! A [`Pacer`] never sleeps and never reads a clock: it is told `now` and answers "go" or
//! "not before", and takes nothing when it refuses. Two laws hold it. In the long run the
//! rate is the one asked for: slots lie on a schedule, so that a timer that fires late does
//! not lower it. And no window of one second and [`GUARD`] ever holds more starts than the
//! gateway allows a second, whatever happened before: idle time is not saved up.
//!
//! A bucket that refills was tried and measured: it lets twice the rate through in its first
//! window, which the gateway throttles. Times are durations since the run began.

use std::collections::VecDeque;
use std::time::Duration;

/// What is added to the gateway's second, since requests that leave evenly do not arrive
/// evenly.
pub const GUARD: Duration = Duration::from_millis(50);

/// How late a start may be and still keep its place on the schedule. More than this is idle
/// time: the slots that went by are lost.
const LATE: Duration = Duration::from_millis(100);

/// The floor of the rate, so that the end of a long throttling is noticed.
const SLOWEST: f64 = 1.0;

/// Paces one action: the gateway counts each by itself.
#[derive(Debug, Clone)]
pub struct Pacer {
    /// Starts a second that were asked for.
    ceiling: f64,
    /// Starts a second now.
    rate: f64,
    /// Starts that the gateway allows a second.
    limit: usize,
    /// The next slot.
    slot: Duration,
    /// Nothing starts before this.
    paused_until: Duration,
    /// When the rate was last lowered.
    lowered: Option<Duration>,
    /// Starts within the last window, oldest first.
    starts: VecDeque<Duration>,
}

impl Pacer {
    /// A pacer of `rate` starts a second under a gateway that allows `limit`. A rate of
    /// nothing is taken as the slowest there is.
    pub fn new(rate: f64, limit: u32) -> Self {
        let ceiling = if rate.is_finite() { rate.max(0.01) } else { SLOWEST };
        Self {
            ceiling,
            rate: ceiling,
            limit: usize::try_from(limit.max(1)).unwrap_or(usize::MAX),
            slot: Duration::ZERO,
            paused_until: Duration::ZERO,
            lowered: None,
            starts: VecDeque::new(),
        }
    }

    /// Starts a second now.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// The time between two slots.
    pub fn interval(&self) -> Duration {
        Duration::from_secs_f64(1.0 / self.rate)
    }

    /// The earliest time at which something may start.
    pub fn not_before(&self) -> Duration {
        let window = match self.starts.len().checked_sub(self.limit) {
            Some(oldest) => self.starts[oldest] + Duration::from_secs(1) + GUARD,
            None => Duration::ZERO,
        };
        self.slot.max(self.paused_until).max(window)
    }

    /// Takes the slot if something may start now, and otherwise says when.
    pub fn start(&mut self, now: Duration) -> Result<(), Duration> {
        let not_before = self.not_before();
        if now < not_before {
            return Err(not_before);
        }
        let late = now.saturating_sub(self.slot.max(self.paused_until));
        let lost = if late <= LATE.max(self.interval()) { Duration::ZERO } else { late };
        self.slot = self.slot.max(self.paused_until) + lost + self.interval();
        self.log(now);
        Ok(())
    }

    /// The gateway throttled a request that left at `departed`. Lowers the rate and pauses
    /// everyone for `pause`, once per second and once per flight: requests that were on
    /// their way when the rate was last lowered say nothing new. Whether it did.
    pub fn throttled(&mut self, now: Duration, departed: Duration, pause: Duration) -> bool {
        if self.lowered.is_some_and(|at| departed <= at || now < at + Duration::from_secs(1)) {
            return false;
        }
        self.lowered = Some(now);
        self.rate = (self.rate * 0.7).max(SLOWEST.min(self.ceiling));
        self.paused_until = self.paused_until.max(now + pause);
        true
    }

    /// The gateway took a request: the rate rises by about one a second every second, never
    /// above what was asked for.
    pub fn succeeded(&mut self) {
        self.rate = (self.rate + 1.0 / self.rate).min(self.ceiling);
    }

    fn log(&mut self, now: Duration) {
        self.starts.push_back(now);
        let window = Duration::from_secs(1) + GUARD;
        while self.starts.front().is_some_and(|&start| start + window <= now) {
            self.starts.pop_front();
        }
    }
}
