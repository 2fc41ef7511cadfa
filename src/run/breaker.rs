//! When it is better to send nothing: the way to the gateway is broken, or every answer is
//! a refusal.
//!
//! A [`Breaker`] watches whether answers come back at all. A send that was lost keeps its
//! place among those in flight until an answer comes, and while the breaker is open only
//! reads probe, never a create: an outage of any length leaves no more items in doubt than
//! may be in flight. Opening after a few losses in a row instead would leave those few more,
//! and would close the way over losses that only chance had brought together. Neither sleeps
//! nor reads a clock; times are durations since the run began.

use std::collections::VecDeque;
use std::time::Duration;

use crate::run::backoff::probe_pause;
use crate::target::Reply;

/// Answers over which the share of failures is taken.
const RECENT: usize = 20;

/// Items that a half-open breaker lets through, one at a time.
const TRIAL: u32 = 5;

/// How long, at most, a gateway is tried that has never answered.
const FIRST_CONTACT: Duration = Duration::from_secs(25);

/// What became of one call, as far as the way to the gateway is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// The gateway answered, with a success or not.
    Answer,
    /// No connection was made.
    Unreached,
    /// It went out, and nothing sensible came back.
    Lost,
}

impl<T> From<&Reply<T>> for Heard {
    fn from(reply: &Reply<T>) -> Self {
        match reply {
            Reply::Ok(_) | Reply::Error(_) => Self::Answer,
            Reply::NotSent(_) | Reply::Untrusted(_) | Reply::Blocked(_) => Self::Unreached,
            Reply::Lost(_) => Self::Lost,
        }
    }
}

/// Whether the way to the gateway is open.
#[derive(Debug, Clone)]
pub(crate) struct Breaker {
    state: State,
    /// At most in flight.
    concurrency: usize,
    /// Whether the gateway has ever answered.
    reached: bool,
    /// When the first call failed, while it never has.
    first_failure: Option<Duration>,
    /// Why the last call had no answer.
    silence: String,
}

#[derive(Debug, Clone)]
enum State {
    /// `lost`: sends since the last answer whose effect is unknown.
    Closed {
        unreached: u32,
        lost: usize,
        recent: VecDeque<bool>,
    },
    Open {
        good: u32,
        probes: u32,
        next: Duration,
        probing: bool,
    },
    HalfOpen {
        started: u32,
        answered: u32,
        failed: u32,
    },
}

impl Breaker {
    /// One that lets `concurrency` items be in flight, at least one.
    pub(crate) fn new(concurrency: usize) -> Self {
        let concurrency = concurrency.max(1);
        let (state, silence) = (closed(), String::new());
        Self { state, concurrency, reached: false, first_failure: None, silence }
    }

    /// Remembers why a call had no answer, for people who wonder why nothing goes on.
    pub(crate) fn note_silence<T>(&mut self, reply: &Reply<T>) {
        if let Reply::NotSent(why) | Reply::Lost(why) = reply {
            self.silence.clone_from(why);
        }
    }

    /// Why the last call had no answer.
    pub(crate) fn silence(&self) -> &str {
        &self.silence
    }

    /// How many items may be in flight.
    pub(crate) fn flights(&self) -> usize {
        match &self.state {
            State::Closed { lost, .. } => self.concurrency.saturating_sub(*lost),
            State::Open { .. } => 0,
            State::HalfOpen { started, .. } => usize::from(*started < TRIAL),
        }
    }

    /// Whether reads may go out that are not probes.
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
        match &mut self.state {
            State::Closed { lost, recent, .. } => {
                match heard {
                    Heard::Answer => *lost = 0,
                    Heard::Lost => *lost += 1,
                    // What never left is in no doubt, and no answer either.
                    Heard::Unreached => {}
                }
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
        self.heard_read(now, heard, jitter)
    }

    /// A read came back that was not a probe; whether the breaker opened by it. That reads are
    /// answered proves nothing about creates, so only a connection that fails counts.
    pub(crate) fn heard_read(&mut self, now: Duration, heard: Heard, jitter: f64) -> bool {
        self.note_contact(now, heard);
        let (opens, closes) = match &mut self.state {
            State::Closed { unreached, lost, recent } => {
                *unreached = if heard == Heard::Unreached { *unreached + 1 } else { 0 };
                let failed = recent.iter().filter(|failed| **failed).count();
                let mostly = recent.len() == RECENT && failed * 2 > RECENT;
                (*unreached >= 3 || *lost >= self.concurrency || mostly, false)
            }
            State::Open { .. } => (false, false),
            State::HalfOpen { answered, failed, .. } => {
                (heard == Heard::Unreached || *failed * 2 > TRIAL, *answered + *failed >= TRIAL)
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
    /// address is more likely wrong than the line down, and the user should learn that soon.
    pub(crate) fn hopeless(&self, now: Duration) -> bool {
        !self.reached
            && self.first_failure.is_some_and(|at| now.saturating_sub(at) >= FIRST_CONTACT)
    }

    fn note_contact(&mut self, now: Duration, heard: Heard) {
        self.reached |= heard != Heard::Unreached;
        self.first_failure.get_or_insert(now);
    }
}

fn closed() -> State {
    State::Closed { unreached: 0, lost: 0, recent: VecDeque::new() }
}

/// Counts refusals: when the first answers are all the same refusal, or when there are too
/// many, something is wrong with the plan as a whole and not with its items.
#[derive(Debug, Clone)]
pub(crate) struct Refusals {
    limit: usize,
    count: usize,
    /// The code of the first.
    code: String,
    /// Whether all answers so far were refusals with that code.
    alike: bool,
}

impl Refusals {
    /// The first answers that must not all be the same refusal.
    const FIRST: usize = 5;

    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, count: 0, code: String::new(), alike: true }
    }

    /// An item was carried out.
    pub(crate) fn carried_out(&mut self) {
        self.alike = false;
    }

    /// An item was refused; why the run had better stop, if so.
    pub(crate) fn refused(&mut self, code: &str) -> Option<String> {
        self.count += 1;
        if self.count == 1 {
            code.clone_into(&mut self.code);
        }
        self.alike &= self.code == code;
        if self.alike && self.count == Self::FIRST {
            return Some(format!("the first {} items were all refused: {code}", Self::FIRST));
        }
        (self.count > self.limit).then(|| format!("too many items were refused: {}", self.count))
    }
}

#[cfg(test)]
mod tests {
    use super::Heard::{Answer, Lost, Unreached};
    use super::*;

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn after(heard: &[Heard]) -> Breaker {
        let mut breaker = Breaker::new(16);
        for &heard in heard {
            breaker.heard(secs(0), heard, 1.0);
        }
        breaker
    }

    /// An open breaker that two good probes have half opened.
    fn half_open() -> Breaker {
        let mut breaker = after(&[Unreached; 3]);
        breaker.probed(secs(1), Answer, 1.0);
        breaker.probed(secs(3), Answer, 1.0);
        assert_eq!(breaker.flights(), 1);
        breaker
    }

    #[test]
    fn three_connections_that_fail_in_a_row_open_it() {
        assert_eq!(after(&[Unreached, Unreached, Answer, Unreached, Unreached]).flights(), 16);
        let breaker = after(&[Answer, Unreached, Unreached, Unreached]);
        assert_eq!((breaker.flights(), breaker.reads()), (0, false));
    }

    #[test]
    fn when_more_than_half_of_the_last_twenty_answers_are_lost_it_opens() {
        let mut heard = [Lost; 20];
        (0..20).step_by(2).for_each(|nth| heard[nth] = Answer);
        assert_eq!(after(&heard).probe_at(), None);
        heard[10] = Lost;
        assert_eq!(after(&heard[..19]).probe_at(), None);
        assert!(after(&heard).probe_at().is_some());
    }

    #[test]
    fn what_is_lost_keeps_its_place_until_an_answer_comes() {
        assert_eq!(after(&[Lost, Lost, Unreached]).flights(), 14);
        assert_eq!(after(&[Lost, Lost, Answer]).flights(), 16);
    }

    #[test]
    fn when_all_that_may_be_in_flight_is_lost_it_opens() {
        let breaker = after(&[Lost; 15]);
        assert_eq!((breaker.flights(), breaker.probe_at()), (1, None));
        assert!(after(&[Lost; 16]).probe_at().is_some());
        assert!(!Breaker::new(0).heard(secs(0), Answer, 1.0));
        assert!(Breaker::new(0).heard(secs(0), Lost, 1.0));
    }

    #[test]
    fn answered_reads_say_nothing_of_creates() {
        let mut breaker = half_open();
        for _ in 0..10 {
            breaker.heard_read(secs(4), Answer, 1.0);
        }
        assert_eq!(breaker.flights(), 1);
        assert!(breaker.heard_read(secs(4), Unreached, 1.0));
    }

    #[test]
    fn while_open_only_a_probe_is_out_and_each_waits_longer_than_the_last() {
        let mut breaker = after(&[Unreached; 3]);
        let mut waits = Vec::new();
        let mut now = secs(0);
        for _ in 0..7 {
            let due = breaker.probe_at().unwrap();
            waits.push(due.saturating_sub(now).as_secs());
            now = due;
            breaker.probing();
            assert_eq!(breaker.probe_at(), None);
            breaker.probed(now, Unreached, 1.0);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
    }

    #[test]
    fn two_good_probes_in_a_row_half_open_it() {
        let mut breaker = after(&[Unreached; 3]);
        for heard in [Answer, Lost, Answer] {
            breaker.probed(secs(1), heard, 1.0);
            assert_eq!(breaker.flights(), 0);
        }
        breaker.probed(secs(1), Answer, 1.0);
        assert_eq!((breaker.flights(), breaker.probe_at()), (1, None));
    }

    #[test]
    fn half_open_lets_five_through_one_at_a_time_and_then_closes() {
        let mut breaker = half_open();
        for _ in 0..5 {
            assert_eq!(breaker.flights(), 1);
            breaker.sent();
            breaker.heard(secs(4), Answer, 1.0);
        }
        assert_eq!(breaker.flights(), 16);
    }

    #[test]
    fn half_open_lets_no_sixth_through_before_the_five_have_come_back() {
        let mut breaker = half_open();
        (0..5).for_each(|_| breaker.sent());
        assert_eq!(breaker.flights(), 0);
    }

    #[test]
    fn half_open_opens_again_when_most_are_lost_or_one_does_not_get_through() {
        let mut breaker = half_open();
        assert!(!breaker.heard(secs(4), Lost, 1.0));
        assert!(!breaker.heard(secs(4), Lost, 1.0));
        assert!(breaker.heard(secs(4), Lost, 1.0));
        assert!(half_open().heard(secs(4), Unreached, 1.0));
    }

    #[test]
    fn only_a_gateway_that_never_answered_is_hopeless_soon() {
        let mut breaker = after(&[Unreached; 3]);
        assert!(!breaker.hopeless(secs(24)) && breaker.hopeless(secs(25)));
        breaker.probed(secs(20), Answer, 1.0);
        assert!(!breaker.hopeless(secs(1000)));
        assert!(!Breaker::new(16).hopeless(secs(1000)));
    }

    fn told(limit: usize, codes: &[&str]) -> Option<String> {
        let mut refusals = Refusals::new(limit);
        codes.iter().find_map(|code| match *code {
            "" => {
                refusals.carried_out();
                None
            }
            code => refusals.refused(code),
        })
    }

    #[test]
    fn the_first_five_answers_must_not_all_be_one_refusal() {
        assert_eq!(told(50, &["A"; 4]), None);
        assert_eq!(told(50, &["A"; 5]).as_deref(), Some("the first 5 items were all refused: A"));
        assert_eq!(told(50, &["A", "A", "B", "A", "A", "A"]), None);
        assert_eq!(told(50, &["", "A", "A", "A", "A", "A"]), None);
        assert_eq!(told(50, &["A", "A", "A", "A", "", "A"]), None);
    }

    #[test]
    fn more_refusals_than_allowed_are_too_many() {
        assert_eq!(told(3, &["A", "B", "", "A"]), None);
        assert_eq!(
            told(3, &["A", "B", "", "A", "B"]).as_deref(),
            Some("too many items were refused: 4")
        );
        assert_eq!(told(0, &["", "A"]).as_deref(), Some("too many items were refused: 1"));
    }
}
