//! How long a wait is: pure arithmetic, jitter passed in.
//!
//! Full jitter (a random share of a doubling ceiling) spreads the retries of many items
//! evenly; what was tried elsewhere, equal or decorrelated jitter, buys nothing for one
//! client. Nothing here waits.
//!
//! There is no budget for retries, such as a tenth of all sends. A budget keeps many clients
//! from multiplying the load of a service that fails; here a retry takes a slot of the one
//! pace, in place of a first send, so that a gateway that fails is asked no faster than one
//! that works. How often one item is sent is bounded by kind (three sends whose fate was
//! unknown, eight waits for a busy gateway, ten tries to reach it), what spreads opens the
//! breaker or ends the run, and a throttled answer lowers the pace of all. What a budget
//! would add is items given up in a brown-out that a second send would have brought through.

use std::time::Duration;

use crate::run::step::Pause;

/// A seeded source of numbers from 0 to 1. Waits need no better randomness than this, and a
/// run can be played again from its seed.
#[derive(Debug, Clone)]
pub(crate) struct Jitter(u64);

impl Jitter {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number in `0.0..1.0` (`SplitMix64`).
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        f64::from(u32::try_from((bits ^ (bits >> 31)) >> 32).unwrap_or(0)) / 4_294_967_296.0
    }
}

/// How long one pause of an item or a service is.
pub(crate) fn length(pause: Pause, jitter: f64) -> Duration {
    let (base, nth) = match pause {
        Pause::Busy { nth, .. } => (Duration::from_secs(1), nth),
        Pause::Unreached { nth } => (Duration::from_millis(500), nth),
    };
    ceiling(base, nth, Duration::from_secs(20)).mul_f64(jitter)
}

/// How long a caller waits before its try after the `nth`, without others whose
/// retries jitter would have to spread: 1, 2, 4 to 20 seconds.
pub(crate) fn alone(nth: u32) -> Duration {
    ceiling(Duration::from_secs(1), nth, Duration::from_secs(20))
}

/// How long everyone pauses after a throttled answer: the gateway counts by whole seconds,
/// so that a pause below one second would meet the same full second again.
pub(crate) fn throttle_pause(jitter: f64) -> Duration {
    Duration::from_secs(1) + Duration::from_millis(300).mul_f64(jitter)
}

/// How long to wait before the probe after `nth` probes: 1, 2, 4 to 30 seconds, at least
/// half of it, since a probe that follows at once learns nothing.
pub(crate) fn probe_pause(nth: u32, jitter: f64) -> Duration {
    let ceiling = ceiling(Duration::from_secs(1), nth + 1, Duration::from_secs(30));
    ceiling.mul_f64(0.5 + jitter / 2.0)
}

/// `base` doubled for every try after the first, never above `cap`.
fn ceiling(base: Duration, nth: u32, cap: Duration) -> Duration {
    let doubled = 2u32.saturating_pow(nth.saturating_sub(1).min(16));
    base.saturating_mul(doubled).min(cap)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::meaning::Hold;

    fn busy(nth: u32) -> Duration {
        length(Pause::Busy { hold: Hold::Item, nth }, 1.0)
    }

    #[test]
    fn waits_double_up_to_their_cap() {
        let seconds: Vec<_> = (1..=7).map(|nth| busy(nth).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 20, 20]);
        assert_eq!(busy(u32::MAX).as_secs(), 20);
        assert_eq!(length(Pause::Unreached { nth: 1 }, 1.0), Duration::from_millis(500));
    }

    #[test]
    fn probes_come_one_two_four_to_thirty_seconds_apart() {
        let seconds: Vec<_> = (0..7).map(|nth| probe_pause(nth, 1.0).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(probe_pause(0, 0.0), Duration::from_millis(500));
    }

    #[test]
    fn a_throttle_pause_outlasts_the_second_that_was_full() {
        assert_eq!(throttle_pause(0.0), Duration::from_secs(1));
        assert!(throttle_pause(1.0) <= Duration::from_millis(1300));
    }

    #[test]
    fn jitter_is_spread_over_the_unit_and_repeats_by_seed() {
        let draw = |seed| {
            let mut jitter = Jitter::new(seed);
            (0..1000).map(|_| jitter.next()).collect::<Vec<_>>()
        };
        let drawn = draw(7);
        let mean = drawn.iter().sum::<f64>() / 1000.0;
        assert!((0.45..0.55).contains(&mean), "{mean}");
        assert!(drawn.iter().all(|x| (0.0..1.0).contains(x)));
        assert_eq!(drawn, draw(7));
        assert_ne!(drawn, draw(8));
    }
}
