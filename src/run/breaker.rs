//! When it is better to send nothing: the way to the gateway is broken, or every answer is
//! a refusal.
//!
//! A [`Breaker`] watches whether answers come back at all. While it is open only reads
//! probe, never a create, so that an outage of any length leaves no more items in doubt
//! than were in flight when it began. Neither sleeps nor reads a clock; times are durations
//! since the run began.

use std::collections::VecDeque;
use std::time::Duration;

use super::backoff::probe_pause;

/// Answers over which the share of failures is taken.
const RECENT: usize = 20;

/// Items that a half-open breaker lets through, one at a time.
const TRIAL: u32 = 5;

/// How long, at most, a gateway is tried that has never answered.
const FIRST_CONTACT: Duration = Duration::from_secs(25);

/// What became of one call, as far as the way to the gateway is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// The gateway answered, whatever it said.
    Answer,
    /// No connection came about.
    Unreached,
    /// It went out, and nothing sensible came back.
    Lost,
}

/// Whether the way to the gateway is open.
#[derive(Debug, Clone)]
pub(crate) struct Breaker {
    state: State,
    /// Whether the gateway has ever answered.
    reached: bool,
    /// When the first call failed, while it never has.
    first_failure: Option<Duration>,
}

#[derive(Debug, Clone)]
enum State {
    Closed { unreached: u32, recent: VecDeque<bool> },
    Open { good: u32, probes: u32, next: Duration, probing: bool },
    HalfOpen { started: u32, answered: u32, failed: u32 },
}

impl Breaker {
    pub(crate) fn new() -> Self {
        Self { state: closed(), reached: false, first_failure: None }
    }

    /// How many items may be in flight, of `concurrency`.
    pub(crate) fn flights(&self, concurrency: usize) -> usize {
        match &self.state {
            State::Closed { .. } => concurrency,
            State::Open { .. } => 0,
            State::HalfOpen { started, .. } => usize::from(*started < TRIAL),
        }
    }

    /// Whether reads may go out that are no probes.
    pub(crate) fn reads(&self) -> bool {
        !matches!(self.state, State::Open { .. })
    }

    /// An item was sent.
    pub(crate) fn sent(&mut self) {
        if let State::HalfOpen { started, .. } = &mut self.state {
            *started += 1;
        }
    }

    /// A send came back; whether the breaker opened by it.
    pub(crate) fn heard(&mut self, now: Duration, heard: Heard, jitter: f64) -> bool {
        self.note_contact(now, heard);
        match &mut self.state {
            State::Closed { unreached, recent } => {
                count_unreached(unreached, heard);
                recent.push_back(heard != Heard::Answer);
                if recent.len() > RECENT {
                    recent.pop_front();
                }
            }
            State::Open { .. } => {}
            State::HalfOpen { answered, failed, .. } => {
                *answered += u32::from(heard == Heard::Answer);
                *failed += u32::from(heard != Heard::Answer);
            }
        }
        self.decide(now, heard, jitter)
    }

    /// A read came back that was no probe; whether the breaker opened by it. That reads are
    /// answered says nothing of creates, so only a connection that fails counts.
    pub(crate) fn heard_read(&mut self, now: Duration, heard: Heard, jitter: f64) -> bool {
        self.note_contact(now, heard);
        if let State::Closed { unreached, .. } = &mut self.state {
            count_unreached(unreached, heard);
        }
        self.decide(now, heard, jitter)
    }

    fn decide(&mut self, now: Duration, heard: Heard, jitter: f64) -> bool {
        let (opens, closes) = match &self.state {
            State::Closed { unreached, recent } => {
                let failed = recent.iter().filter(|failed| **failed).count();
                (*unreached >= 3 || (recent.len() == RECENT && failed * 2 > RECENT), false)
            }
            State::Open { .. } => (false, false),
            State::HalfOpen { answered, failed, .. } => {
                (heard == Heard::Unreached || *failed * 2 > TRIAL, answered + failed >= TRIAL)
            }
        };
        if opens {
            let next = now + probe_pause(0, jitter);
            self.state = State::Open { good: 0, probes: 0, next, probing: false };
        } else if closes {
            self.state = closed();
        }
        opens
    }

    /// When the next probe is due, while the breaker is open and no probe is out.
    pub(crate) fn probe_at(&self) -> Option<Duration> {
        match self.state {
            State::Open { next, probing: false, .. } => Some(next),
            _ => None,
        }
    }

    /// A probe goes out.
    pub(crate) fn probing(&mut self) {
        if let State::Open { probing, .. } = &mut self.state {
            *probing = true;
        }
    }

    /// A probe came back; two good ones in a row half open the breaker.
    pub(crate) fn probed(&mut self, now: Duration, heard: Heard, jitter: f64) {
        self.note_contact(now, heard);
        let State::Open { good, probes, next, probing } = &mut self.state else { return };
        *probing = false;
        *probes += 1;
        *next = now + probe_pause(*probes, jitter);
        *good = if heard == Heard::Answer { *good + 1 } else { 0 };
        if *good >= 2 {
            self.state = State::HalfOpen { started: 0, answered: 0, failed: 0 };
        }
    }

    /// Whether the gateway has never answered and has been tried for long enough: then the
    /// address is wrong rather than the line down, and a person should be told soon.
    pub(crate) fn hopeless(&self, now: Duration) -> bool {
        !self.reached
            && self.first_failure.is_some_and(|at| now.saturating_sub(at) >= FIRST_CONTACT)
    }

    fn note_contact(&mut self, now: Duration, heard: Heard) {
        self.reached |= heard != Heard::Unreached;
        self.first_failure.get_or_insert(now);
    }
}

fn count_unreached(unreached: &mut u32, heard: Heard) {
    *unreached = if heard == Heard::Unreached { *unreached + 1 } else { 0 };
}

fn closed() -> State {
    State::Closed { unreached: 0, recent: VecDeque::new() }
}

/// Counts refusals: when the first answers are all the same refusal, or when there are too
/// many, something is wrong with the plan as a whole and not with its items.
#[derive(Debug, Clone)]
pub(crate) struct Refusals {
    limit: usize,
    count: usize,
    /// Answers that told a verdict.
    answered: usize,
    /// The code that all answers so far had in common.
    common: Option<String>,
}

impl Refusals {
    /// The first answers that must not all be the same refusal.
    const FIRST: usize = 5;

    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, count: 0, answered: 0, common: None }
    }

    /// An item was carried out.
    pub(crate) fn carried_out(&mut self) {
        self.answered += 1;
        self.common = None;
    }

    /// An item was refused; why the run had better stop, if so.
    pub(crate) fn refused(&mut self, code: &str) -> Option<String> {
        self.answered += 1;
        self.count += 1;
        if self.answered == 1 {
            self.common = Some(code.to_owned());
        } else if self.common.as_deref() != Some(code) {
            self.common = None;
        }
        if self.answered == Self::FIRST && self.common.is_some() {
            return Some(format!("the first {} answers are all {code}", Self::FIRST));
        }
        (self.count > self.limit).then(|| format!("{} items were refused", self.count))
    }
}
