//! How many requests a second pass, per action and SecretId. Pure: times are passed in.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::scenario::{LimiterKind, LimiterSettings};

/// Counts requests by action and SecretId.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    counters: HashMap<(String, String), Counter>,
}

/// When a request arrives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    /// The second of the wall clock.
    pub(super) second: i64,
    /// Since the simulator started.
    pub(super) since_start: Duration,
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
    pub(super) fn admits(
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
