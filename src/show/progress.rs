//! Progress while a run lives: a bar on a terminal, a plain line every few seconds elsewhere.
//!
//! [`BarState`] and its text are pure; [`Progress`] draws. Nothing here can stop a run: what
//! is drawn to a terminal that is gone is lost.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::run::{Event, EventKind, Listener, Outcome, Stats, StopReason};
use crate::target::meaning::Hold;
use crate::text::{cut, escape};

/// A plain line comes no more often than this.
const EVERY: Duration = Duration::from_secs(5);

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// A bar that is drawn over and over.
    Bar,
    /// A plain line every few seconds.
    Plain,
    /// Nothing.
    Nothing,
}

/// What progress knows, and its text.
#[derive(Debug, Clone, Default)]
pub struct BarState {
    stats: Stats,
    elapsed: Duration,
    /// Settled when the run began, in earlier runs: no part of this one's pace.
    kept: usize,
    /// Codes of refusals that were shown; each is shown once.
    shown: BTreeSet<String>,
}

impl BarState {
    /// Takes an event in. Returns a line that people should see above the bar, if there is one.
    pub fn apply(&mut self, event: &Event) -> Option<String> {
        (self.stats, self.elapsed) = (event.stats, event.elapsed);
        match &event.kind {
            EventKind::Started => {
                self.kept = event.stats.settled;
                None
            }
            EventKind::Waiting { hold: Hold::Everyone | Hold::Service, length, why, .. } => {
                Some(format!("{}; waiting {}", escape(why), span(*length)))
            }
            EventKind::LookingUp { service, items } if *items > 0 => {
                Some(format!("{items} in doubt: listing {} to find out", escape(service)))
            }
            // Why something was not sent is said once, when the service or the run is stopped.
            EventKind::Settled { outcome: Outcome::NotSent, .. } => None,
            EventKind::Settled { code, message, .. } if !code.is_empty() => {
                self.once(code, message)
            }
            EventKind::ServiceClosed { service, code, message } => Some(format!(
                "stopped sending to {}: {} ({})",
                escape(service),
                escape(message),
                escape(code)
            )),
            EventKind::Stopping { reason } => Some(stopping(reason)),
            _ => None,
        }
    }

    /// How much of it is done, from 0 to 1.
    pub fn share(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a share for people")]
        let share = self.done() as f64 / self.stats.total.max(1) as f64;
        share.min(1.0)
    }

    /// What has ended otherwise than unsent.
    fn done(&self) -> usize {
        self.stats.settled.saturating_sub(self.stats.not_sent)
    }

    /// The state in one line.
    pub fn text(&self) -> String {
        let Stats { total, in_flight, in_doubt, not_sent, sent, rate, .. } = self.stats;
        let mut parts = vec![format!("{}/{total}", self.done())];
        let mut part = |n: usize, what: &str| {
            if n > 0 {
                parts.push(format!("{n} {what}"));
            }
        };
        part(self.stats.created + self.stats.found, "created");
        part(self.stats.deleted, "deleted");
        part(self.stats.exists, "exist already");
        part(self.stats.refused + self.stats.gave_up, "failed");
        part(self.stats.duplicate, "DUPLICATE");
        part(self.stats.unconfirmed, "unconfirmed");
        part(not_sent, "not sent");
        part(in_doubt, "in doubt");
        part(in_flight, "in flight");
        // The pace is the one in force, which says nothing before something went out.
        if sent > 0 {
            parts.push(format!("{rate:.1}/s"));
        }
        if let Some(left) = self.time_left() {
            parts.push(format!("{} left", span(left)));
        }
        parts.join(", ")
    }

    /// From the pace so far, once there is one.
    fn time_left(&self) -> Option<Duration> {
        let done = self.stats.settled.checked_sub(self.kept).filter(|done| *done >= 5)?;
        let left = self.stats.total.checked_sub(self.stats.settled).filter(|left| *left > 0)?;
        let each = self.elapsed.checked_div(u32::try_from(done).ok()?)?;
        each.checked_mul(u32::try_from(left).ok()?)
    }

    fn once(&mut self, code: &str, message: &str) -> Option<String> {
        self.shown.insert(code.to_owned()).then(|| {
            format!(
                "{}: {} (shown once; the report has every row)",
                escape(code),
                escape(&cut(message, 160))
            )
        })
    }
}

fn stopping(reason: &StopReason) -> String {
    match reason {
        StopReason::Hopeless { code, message } => {
            format!("stopping: {} ({})", escape(message), escape(code))
        }
        StopReason::JournalLost { message } => {
            format!("stopping: the journal can no longer be written: {}", escape(message))
        }
        StopReason::Interrupted { .. } => {
            "stopping once all requests are answered; interrupt again to stop at once".to_owned()
        }
        StopReason::Killed { .. } => "stopping at once".to_owned(),
    }
}

/// A length of time for people.
fn span(length: Duration) -> String {
    match length.as_secs() {
        0..10 => format!("{:.1} s", length.as_secs_f64()),
        seconds @ 10..120 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// Draws progress to standard error.
#[derive(Debug)]
pub struct Progress {
    state: BarState,
    how: How,
    bar: ProgressBar,
    /// When the last plain line came.
    last: Duration,
    /// Its text.
    said: String,
}

impl Progress {
    /// Progress shown this way.
    pub fn new(how: How) -> Self {
        let target = match how {
            How::Bar => ProgressDrawTarget::stderr_with_hz(10),
            How::Plain | How::Nothing => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(1000), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {msg}") {
            bar.set_style(style);
        }
        Self { state: BarState::default(), how, bar, last: Duration::ZERO, said: String::new() }
    }

    fn draw(&self) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
        self.bar.set_position((self.state.share() * 1000.0) as u64);
        self.bar.set_message(self.state.text());
    }

    fn say(&self, line: &str) {
        match self.how {
            How::Bar => self.bar.println(line),
            How::Plain => _ = writeln!(anstream::stderr(), "{line}"),
            How::Nothing => {}
        }
    }

    /// The plain line that is due now, where it shows something new.
    fn line(&mut self, finished: bool) -> Option<String> {
        let due = self.state.elapsed.saturating_sub(self.last) >= EVERY;
        if self.state.stats.total == 0 || !(due || finished) {
            return None;
        }
        self.last = self.state.elapsed;
        let text = self.state.text();
        (text != self.said).then(|| text.clone_into(&mut self.said)).map(|()| text)
    }
}

impl Listener for Progress {
    fn hear(&mut self, event: &Event) {
        if let Some(line) = self.state.apply(event) {
            self.say(&line);
        }
        let finished = event.kind == EventKind::Finished;
        if self.how == How::Plain
            && let Some(line) = self.line(finished)
        {
            self.say(&line);
        }
        if self.how == How::Bar {
            self.draw();
            if finished {
                self.bar.finish_and_clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::ItemId;

    fn event(kind: EventKind, seconds: u64, stats: Stats) -> Event {
        Event { elapsed: Duration::from_secs(seconds), kind, stats }
    }

    #[test]
    fn the_line_says_what_is_done_and_what_is_left() {
        let mut shown = BarState::default();
        shown.apply(&event(
            EventKind::Started,
            0,
            Stats { total: 110, settled: 10, ..Stats::default() },
        ));
        let stats = Stats {
            total: 110,
            settled: 60,
            created: 48,
            refused: 2,
            in_flight: 3,
            sent: 53,
            rate: 18.0,
            ..Stats::default()
        };
        shown.apply(&event(EventKind::Tick, 5, stats));
        assert_eq!(shown.text(), "60/110, 48 created, 2 failed, 3 in flight, 18.0/s, 5.0 s left");
        assert!((shown.share() - 60.0 / 110.0).abs() < 1e-9);
    }

    #[test]
    fn a_plain_line_that_says_nothing_new_is_left_out() {
        let mut shown = Progress::new(How::Plain);
        let mut line = |seconds, settled, kind| {
            shown.state.apply(&event(
                kind,
                seconds,
                Stats { total: 8, settled, ..Stats::default() },
            ));
            shown.line(settled == 8)
        };
        assert_eq!(line(1, 0, EventKind::Started), None);
        assert_eq!(line(5, 0, EventKind::Tick).as_deref(), Some("0/8"));
        assert_eq!(line(10, 0, EventKind::Tick), None);
        assert_eq!(line(11, 8, EventKind::Tick).as_deref(), Some("8/8"));
        assert_eq!(line(12, 8, EventKind::Finished), None);
    }

    #[test]
    fn a_refusal_of_one_kind_is_told_once() {
        let mut shown = BarState::default();
        let settled = |code: &str| {
            let outcome = Outcome::Refused { code: code.into() };
            let (code, message) = (code.to_owned(), "m\u{1b}".to_owned());
            event(
                EventKind::Settled { item: ItemId(0), outcome, code, message },
                1,
                Stats::default(),
            )
        };
        assert!(shown.apply(&settled("A")).is_some_and(|line| !line.contains('\u{1b}')));
        assert_eq!(shown.apply(&settled("A")), None);
        assert!(shown.apply(&settled("B")).is_some());
    }

    #[test]
    fn a_pause_for_everyone_is_told() {
        let waiting = EventKind::Waiting {
            hold: Hold::Everyone,
            item: None,
            length: Duration::from_millis(1200),
            why: "throttled".into(),
        };
        let line = BarState::default().apply(&event(waiting, 1, Stats::default()));
        assert_eq!(line.as_deref(), Some("throttled; waiting 1.2 s"));
    }
}
