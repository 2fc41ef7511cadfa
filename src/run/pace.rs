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
    /// The next slot; `None` until something has started, since nothing can be late before.
    slot: Option<Duration>,
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
            slot: None,
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
        self.slot.unwrap_or_default().max(self.paused_until).max(window)
    }

    /// Takes the slot if something may start now, and otherwise returns when.
    pub fn start(&mut self, now: Duration) -> Result<(), Duration> {
        let not_before = self.not_before();
        if now < not_before {
            return Err(not_before);
        }
        let slot = self.slot.map_or(now, |slot| slot.max(self.paused_until));
        let in_time = now.saturating_sub(slot) <= LATE.max(self.interval());
        self.slot = Some(if in_time { slot } else { now } + self.interval());
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

#[cfg(test)]
#[expect(clippy::unchecked_time_subtraction, reason = "starts only grow")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WINDOW: Duration = Duration::from_millis(1050);

    fn millis(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Starts `count` things one after the other, each `late` after its slot by a fresh draw.
    fn starts(
        pacer: &mut Pacer,
        count: usize,
        mut late: impl FnMut() -> Duration,
    ) -> Vec<Duration> {
        let mut now = Duration::ZERO;
        let mut starts = Vec::new();
        while starts.len() < count {
            now = now.max(pacer.not_before()) + late();
            if pacer.start(now).is_ok() {
                starts.push(now);
            }
        }
        starts
    }

    /// The most starts that any window of this length holds.
    fn fullest(starts: &[Duration], window: Duration) -> usize {
        let within = |&from: &Duration| {
            starts.iter().filter(|&&start| start >= from && start < from + window).count()
        };
        starts.iter().map(within).max().unwrap_or(0)
    }

    #[test]
    fn late_timers_do_not_lower_the_rate() {
        let mut draw = 7u64;
        let starts = starts(&mut Pacer::new(18.0, 20), 1000, || {
            draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            millis((draw >> 33) % 25)
        });
        let took = starts[999] - starts[0];
        assert!(took <= Duration::from_secs_f64(999.0 / 18.0 * 1.005), "{took:?}");
        assert!(fullest(&starts, WINDOW) <= 20);
    }

    #[test]
    fn idle_time_is_not_saved_up_as_a_burst() {
        let mut pacer = Pacer::new(18.0, 20);
        let first = starts(&mut pacer, 5, || Duration::ZERO);
        let mut now = first[4] + Duration::from_secs(60);
        let mut later = Vec::new();
        while later.len() < 18 {
            match pacer.start(now) {
                Ok(()) => later.push(now),
                Err(not_before) => now = not_before,
            }
        }
        for pair in later.windows(2) {
            assert!(pair[1] - pair[0] >= millis(55), "{pair:?}");
        }
    }

    #[test]
    fn the_first_start_is_not_late() {
        let mut pacer = Pacer::new(18.0, 20);
        pacer.start(millis(90)).unwrap();
        assert!(pacer.not_before() >= millis(90 + 55));
    }

    #[test]
    fn a_pacer_that_refuses_takes_nothing() {
        let mut pacer = Pacer::new(10.0, 20);
        pacer.start(millis(0)).unwrap();
        for now in 1..100 {
            assert_eq!(pacer.start(millis(now)), Err(millis(100)));
        }
        assert_eq!(pacer.start(millis(100)), Ok(()));
    }

    #[test]
    fn at_the_gateways_own_limit_the_guard_costs_a_twentieth() {
        let starts = starts(&mut Pacer::new(20.0, 20), 400, || Duration::ZERO);
        let rate = 399.0 / (starts[399] - starts[0]).as_secs_f64();
        assert!((19.0..19.1).contains(&rate), "{rate}");
    }

    #[test]
    fn a_throttled_answer_lowers_the_rate_once_per_flight_and_pauses_everyone() {
        let mut pacer = Pacer::new(18.0, 20);
        pacer.start(millis(0)).unwrap();
        pacer.start(millis(60)).unwrap();
        assert!(pacer.throttled(millis(100), millis(0), millis(1200)));
        assert!((pacer.rate() - 12.6).abs() < 1e-9);
        assert_eq!(pacer.not_before(), millis(1300));
        // The second was on its way when the rate was lowered, however late it is answered.
        assert!(!pacer.throttled(millis(5000), millis(60), millis(1200)));
        assert!(!pacer.throttled(millis(900), millis(500), millis(1200)));
        assert!(pacer.throttled(millis(1400), millis(1350), millis(1000)));
        for n in 2..20 {
            pacer.throttled(millis(n * 2000), millis(n * 2000 - 10), millis(1000));
        }
        assert!((pacer.rate() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn successes_bring_the_rate_back_by_one_a_second_and_never_above_what_was_asked() {
        let mut pacer = Pacer::new(18.0, 20);
        for n in 0..9 {
            pacer.throttled(millis(n * 2000), millis(n * 2000), millis(0));
        }
        let mut seconds = 0;
        while pacer.rate() < 18.0 {
            let before = pacer.rate();
            let mut answered = 0.5;
            while answered < before {
                pacer.succeeded();
                answered += 1.0;
            }
            assert!(pacer.rate() - before < 1.3);
            seconds += 1;
        }
        assert!((15..=25).contains(&seconds), "{seconds}");
        pacer.succeeded();
        assert!(pacer.rate() <= 18.0);
    }

    #[derive(Debug, Clone)]
    enum Act {
        Wait(u64),
        Start,
        StartWhenDue,
        Throttled(u64),
        Succeeded,
    }

    fn act() -> impl Strategy<Value = Act> {
        prop_oneof![
            2 => (0..3000u64).prop_map(Act::Wait),
            2 => (0..80u64).prop_map(Act::Wait),
            4 => Just(Act::Start),
            12 => Just(Act::StartWhenDue),
            1 => (0..2000u64).prop_map(Act::Throttled),
            4 => Just(Act::Succeeded),
        ]
    }

    proptest! {
        #[test]
        fn no_window_of_a_second_and_the_guard_holds_more_starts_than_the_gateway_allows(
            rate in 0.1..60.0f64,
            limit in 1..40u32,
            acts in prop::collection::vec(act(), 1..400),
        ) {
            let mut pacer = Pacer::new(rate.min(f64::from(limit)), limit);
            let mut now = Duration::ZERO;
            let mut starts = Vec::new();
            for act in acts {
                match act {
                    Act::Wait(ms) => now += millis(ms),
                    Act::Succeeded => pacer.succeeded(),
                    Act::Throttled(ms) => {
                        pacer.throttled(now, now, millis(ms));
                    }
                    Act::Start | Act::StartWhenDue => {
                        if matches!(act, Act::StartWhenDue) {
                            now = now.max(pacer.not_before());
                        }
                        if pacer.start(now).is_ok() {
                            starts.push(now);
                        }
                    }
                }
                prop_assert!(pacer.rate() <= rate.min(f64::from(limit)) + 1e-9);
            }
            prop_assert!(fullest(&starts, WINDOW) <= limit as usize);
        }
    }
}
