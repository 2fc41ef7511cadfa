//! How many requests a second pass, per action and SecretId. Pure: times are passed in.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::simulator::scenario::{LimiterKind, LimiterSettings};

/// Counts requests by action and SecretId.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    counters: HashMap<(String, String), Counter>,
}

/// When a request arrives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    /// The second of the wall clock.
    pub(crate) second: i64,
    /// Since the simulator started.
    pub(crate) since_start: Duration,
}

#[derive(Debug)]
struct Counter {
    /// The second being counted, and how many passed in it.
    second: (i64, u32),
    /// What counts in the last second.
    recent: VecDeque<Duration>,
    /// How many may pass at once, and when that was true.
    bucket: Option<(f64, Duration)>,
}

impl Throttle {
    /// Whether a request passes.
    pub(crate) fn admits(
        &mut self,
        action: &str,
        secret_id: &str,
        at: Arrival,
        settings: &LimiterSettings,
        limit: u32,
    ) -> bool {
        let key = (action.to_owned(), secret_id.to_owned());
        let counter = self.counters.entry(key).or_insert_with(|| Counter {
            second: (at.second, 0),
            recent: VecDeque::new(),
            bucket: None,
        });
        match settings.kind {
            LimiterKind::Fixed => counter.fixed(at, limit),
            LimiterKind::Sliding => counter.sliding(at, limit, settings.counts_rejected),
            LimiterKind::Bucket => counter.bucket(at, limit),
        }
    }
}

impl Counter {
    /// The first `limit` of each whole second of the wall clock, as published.
    fn fixed(&mut self, at: Arrival, limit: u32) -> bool {
        if self.second.0 != at.second {
            self.second = (at.second, 0);
        }
        self.second.1 += 1;
        self.second.1 <= limit
    }

    /// No span of one second holds more than `limit`.
    fn sliding(&mut self, at: Arrival, limit: u32, counts_rejected: bool) -> bool {
        let second = Duration::from_secs(1);
        while self.recent.front().is_some_and(|then| at.since_start >= *then + second) {
            self.recent.pop_front();
        }
        let passes = self.recent.len() < limit as usize;
        if passes || counts_rejected {
            self.recent.push_back(at.since_start);
        }
        passes
    }

    /// A bucket of `limit` tokens that fills at `limit` a second.
    fn bucket(&mut self, at: Arrival, limit: u32) -> bool {
        let full = f64::from(limit);
        let (tokens, then) = self.bucket.unwrap_or((full, at.since_start));
        let gained = at.since_start.saturating_sub(then).as_secs_f64() * full;
        let tokens = (tokens + gained).min(full);
        let passes = tokens >= 1.0;
        self.bucket = Some((if passes { tokens - 1.0 } else { tokens }, at.since_start));
        passes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of these requests pass, given in milliseconds.
    fn passing(kind: LimiterKind, counts_rejected: bool, limit: u32, at: &[u64]) -> Vec<u64> {
        let settings = LimiterSettings { kind, counts_rejected, limits: Vec::new() };
        let mut throttle = Throttle::default();
        let mut admits = |ms: u64| {
            let since_start = Duration::from_millis(ms);
            let arrival = Arrival { second: since_start.as_secs().cast_signed(), since_start };
            throttle.admits("CreateApi", "id", arrival, &settings, limit)
        };
        at.iter().copied().filter(|ms| admits(*ms)).collect()
    }

    #[test]
    fn whole_seconds_let_twice_the_limit_through_at_their_border() {
        let at = [900, 910, 920, 1000, 1010, 1020, 2000];
        assert_eq!(passing(LimiterKind::Fixed, false, 2, &at), [900, 910, 1000, 1010, 2000]);
    }

    #[test]
    fn a_sliding_second_never_holds_more_than_the_limit() {
        let at = [900, 910, 920, 1000, 1899, 1900, 1909, 1910];
        assert_eq!(passing(LimiterKind::Sliding, false, 2, &at), [900, 910, 1900, 1910]);
    }

    #[test]
    fn where_rejected_requests_count_whoever_insists_stays_out() {
        let at = [0, 10, 500, 1005, 1505, 2600];
        assert_eq!(passing(LimiterKind::Sliding, true, 2, &at), [0, 10, 1505, 2600]);
    }

    #[test]
    fn a_bucket_lets_a_burst_through_and_then_the_rate() {
        let at = [0, 1, 2, 499, 503, 504, 1002];
        assert_eq!(passing(LimiterKind::Bucket, false, 2, &at), [0, 1, 503, 1002]);
    }

    #[test]
    fn actions_and_callers_are_counted_apart() {
        let (settings, mut throttle) = (LimiterSettings::default(), Throttle::default());
        let at = Arrival { second: 0, since_start: Duration::ZERO };
        for (action, id) in [("CreateApi", "a"), ("CreateApi", "b"), ("DescribeApi", "a")] {
            assert!(throttle.admits(action, id, at, &settings, 1));
            assert!(!throttle.admits(action, id, at, &settings, 1));
        }
    }
}
