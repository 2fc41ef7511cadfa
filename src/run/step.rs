//! What an item does next: a journey is told what came back and names the next step.
//!
//! The law that this file holds: after an answer that may hide a success, nothing is sent
//! until a look found nothing. A [`Journey`] is a plain value, so that the law is tested
//! over every history and not over examples. It never sends, looks, waits or reads a clock;
//! how long a pause is and when a start slot is free is decided elsewhere. Times are
//! durations since the run began.

use std::time::Duration;

use super::outcome::own;
use super::{Outcome, Start};
use crate::gateway::code::{Hold, Meaning, Scope};

/// Waits that a busy gateway is granted before the item is given up.
const BUSY_TRIES: u32 = 8;

/// Times that an item may fail to reach the gateway before it is given up.
const UNREACHED_TRIES: u32 = 10;

/// One item on its way.
#[expect(clippy::struct_excessive_bools, reason = "each remembers one thing that happened")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journey {
    act: Act,
    /// How many sends that may have had an effect one run allows.
    limit: u32,
    /// How long after it left a request may still take effect.
    settle: Duration,
    /// Sends of earlier runs.
    before: u32,
    /// Sends of this run that were answered by more than "not carried out".
    sent: u32,
    /// From when on an absence proves that the last send had no effect.
    settled_from: Duration,
    /// Whether some send, ever, may have taken effect unseen: what is found is ours.
    ours: bool,
    /// Whether a look is owed before anything else.
    doubt: bool,
    /// How it ends when the look that is owed finds nothing; `None`: it is sent again.
    verdict: Option<Outcome>,
    busy: u32,
    unreached: u32,
    clock_corrected: bool,
    credentials_renewed: bool,
    /// The last code that left a doubt.
    code: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Act {
    Create,
    Delete { id: String, was: Outcome },
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send it, as soon as there is a slot.
    Send,
    /// List its service. What allows a second send (a create's absence, a delete's
    /// presence) counts only in a listing begun at `from` or later; what settles the item
    /// counts at once.
    LookUp {
        /// Since the run began.
        from: Duration,
    },
    /// Wait, then send it.
    Wait(Pause),
    /// It ended.
    Settle(Outcome),
    /// It ends unsent, and so does all else within this scope.
    Stop(Scope),
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// The account is throttled: everyone waits, and the pace falls.
    Throttled,
    /// The item, or its service, is locked by another operation.
    Busy {
        /// Who waits.
        hold: Hold,
        /// The how manyeth time, from 1.
        nth: u32,
    },
    /// No connection came about.
    Unreached {
        /// The how manyeth time, from 1.
        nth: u32,
    },
    /// The credentials have to be read again.
    Credentials,
}

/// What came back from a send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Carried out; the new API's id (for a delete, the deleted one's).
    Done(String),
    /// An error code and what it means.
    Error(String, Meaning),
    /// Surely never sent.
    NotSent,
    /// Never sent, since the other side cannot be trusted.
    Untrusted,
    /// Sent, and no telling what became of it.
    Lost,
}

/// What looks have seen of an item, once that is enough to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// Late enough, and twice the same: it is not there.
    Nothing,
    /// It is there: neither in the base nor another item's.
    Here(Vec<String>),
    /// Only something is there that differs in letter case, a trailing slash, the names of
    /// parameters or the mark of its kind of match.
    Alike,
    /// The listings do not agree with themselves.
    Unsure,
}

impl Journey {
    /// The journey that begins so, in a run that allows `limit` sends and lets `settle` pass
    /// before an absence counts. `owed_from` is from when on an absence counts for an item
    /// that begins with a look.
    pub fn new(start: &Start, limit: u32, settle: Duration, owed_from: Duration) -> Self {
        let (act, before, doubt) = match start {
            Start::Send { attempts } | Start::Keep { attempts, .. } => {
                (Act::Create, *attempts, false)
            }
            Start::Look { attempts, .. } => (Act::Create, *attempts, true),
            Start::Delete { api_id, was, attempts } => {
                (Act::Delete { id: api_id.clone(), was: was.clone() }, *attempts, false)
            }
        };
        Self {
            act,
            limit,
            settle,
            before,
            sent: 0,
            settled_from: owed_from,
            ours: doubt,
            doubt,
            verdict: None,
            busy: 0,
            unreached: 0,
            clock_corrected: false,
            credentials_renewed: false,
            code: String::new(),
        }
    }

    /// The step it begins with.
    pub fn first(&self) -> Step {
        if self.doubt { Step::LookUp { from: self.settled_from } } else { Step::Send }
    }

    /// The number of the send that is being made or comes next, from 1.
    pub fn attempt(&self) -> u32 {
        self.before + self.sent + 1
    }

    /// Sends that may have had an effect.
    pub fn attempts(&self) -> u32 {
        self.before + self.sent
    }

    /// Whether it is to be deleted, and by which id.
    pub fn deletes(&self) -> Option<&str> {
        match &self.act {
            Act::Create => None,
            Act::Delete { id, .. } => Some(id),
        }
    }

    /// Whether something of ours may stand at the gateway: whether what is found is ours.
    pub fn may_be_ours(&self) -> bool {
        self.ours
    }

    /// Whether a look is owed before anything else.
    pub fn in_doubt(&self) -> bool {
        self.doubt
    }

    /// What is found may not be ours after all: there is no saying what was there before.
    pub fn disown(&mut self) {
        self.ours = false;
    }

    /// A request left at `now`.
    pub fn departed(&mut self, now: Duration) {
        self.settled_from = now.saturating_add(self.settle);
    }

    /// What came back from the last send, and what to do about it.
    pub fn told(&mut self, now: Duration, told: Told) -> Step {
        match told {
            Told::Done(id) => self.done(id),
            Told::Lost => self.doubt_because(own::LOST.to_owned()),
            Told::NotSent => self.not_reached(),
            Told::Untrusted => Step::Stop(Scope::Run),
            Told::Error(code, meaning) => self.meant(now, code, meaning),
        }
    }

    /// What the look that was owed has seen, and what to do about it.
    pub fn saw(&mut self, sight: Sight) -> Step {
        match (&self.act, sight) {
            (Act::Create, Sight::Here(ids)) => Step::Settle(self.found(ids)),
            (Act::Delete { id, .. }, Sight::Nothing) => {
                Step::Settle(Outcome::Deleted { id: id.clone() })
            }
            (Act::Create, Sight::Nothing) | (Act::Delete { .. }, Sight::Here(_)) => self.again(),
            (_, Sight::Alike | Sight::Unsure) => Step::Settle(self.left(true)),
        }
    }

    /// How it ends when it is left now, `flying` with a request on its way.
    pub fn left(&self, flying: bool) -> Outcome {
        match &self.act {
            Act::Delete { was, .. } => was.clone(),
            Act::Create if flying || self.doubt => Outcome::Unconfirmed,
            Act::Create => Outcome::NotSent,
        }
    }

    fn done(&mut self, id: String) -> Step {
        self.sent += 1;
        Step::Settle(match &self.act {
            Act::Create => Outcome::Created { id },
            Act::Delete { id, .. } => Outcome::Deleted { id: id.clone() },
        })
    }

    fn meant(&mut self, now: Duration, code: String, meaning: Meaning) -> Step {
        match meaning {
            Meaning::Wait(Hold::Everyone) => Step::Wait(Pause::Throttled),
            Meaning::Wait(hold) => self.is_busy(now, hold, code),
            Meaning::Clock => once(&mut self.clock_corrected, Step::Send),
            Meaning::Token => once(&mut self.credentials_renewed, Step::Wait(Pause::Credentials)),
            Meaning::Unclear => self.doubt_because(code),
            Meaning::MaybeTaken => self.look_before_refusing(now, code),
            Meaning::Refused => self.refused(now, code),
            Meaning::Stop(scope) => Step::Stop(scope),
        }
    }

    /// The answer may hide a success: an absence proves something only once the request can
    /// no longer take effect.
    fn doubt_because(&mut self, code: String) -> Step {
        self.sent += 1;
        self.ours = true;
        self.code = code;
        self.look(self.settled_from, None)
    }

    /// A refusal ends the item; but where an earlier send may have taken effect, the refusal
    /// may only say that it did, and a delete may be refused since nothing is left to delete.
    fn refused(&mut self, now: Duration, code: String) -> Step {
        if self.ours || self.deletes().is_some() {
            return self.look_before_refusing(now, code);
        }
        self.sent += 1;
        Step::Settle(Outcome::Refused { code })
    }

    /// This send surely had no effect, so the look need not wait.
    fn look_before_refusing(&mut self, now: Duration, code: String) -> Step {
        self.sent += 1;
        let verdict = match &self.act {
            Act::Create => Outcome::Refused { code },
            Act::Delete { was, .. } => was.clone(),
        };
        self.look(now, Some(verdict))
    }

    /// Said to have no effect; still, it is looked for before it is given up.
    fn is_busy(&mut self, now: Duration, hold: Hold, code: String) -> Step {
        self.busy += 1;
        if self.busy < BUSY_TRIES {
            return Step::Wait(Pause::Busy { hold, nth: self.busy });
        }
        let verdict = self.given_up(code);
        self.look(now, Some(verdict))
    }

    fn not_reached(&mut self) -> Step {
        self.unreached += 1;
        if self.unreached < UNREACHED_TRIES {
            return Step::Wait(Pause::Unreached { nth: self.unreached });
        }
        Step::Settle(self.given_up(own::UNREACHABLE.to_owned()))
    }

    fn look(&mut self, from: Duration, verdict: Option<Outcome>) -> Step {
        self.doubt = true;
        self.verdict = verdict;
        Step::LookUp { from }
    }

    /// A look has shown that the last send had no effect.
    fn again(&mut self) -> Step {
        self.doubt = false;
        match self.verdict.take() {
            Some(outcome) => Step::Settle(outcome),
            None if self.sent < self.limit => Step::Send,
            None => Step::Settle(self.given_up(self.code.clone())),
        }
    }

    fn given_up(&self, code: String) -> Outcome {
        match &self.act {
            Act::Create => Outcome::GaveUp { code },
            Act::Delete { was, .. } => was.clone(),
        }
    }

    fn found(&self, mut ids: Vec<String>) -> Outcome {
        match ids.len() {
            0 => Outcome::Unconfirmed,
            _ if !self.ours => Outcome::Exists { id: ids.swap_remove(0) },
            1 => Outcome::Found { id: ids.swap_remove(0) },
            _ => Outcome::Duplicate { ids },
        }
    }
}

/// This step the first time, which `done` remembers; then nothing more can work.
fn once(done: &mut bool, step: Step) -> Step {
    if std::mem::replace(done, true) { Step::Stop(Scope::Run) } else { step }
}
