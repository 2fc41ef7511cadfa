//! What an item does next: a journey is told what came back and names the next step.
//!
//! The law that this file holds: after an answer that may hide a success, nothing is sent
//! until a look found nothing. A [`Journey`] is a plain value, so that the law is tested
//! over every history and not over examples. It never sends, looks, waits or reads a clock;
//! how long a pause is and when a start slot is free is decided elsewhere. Times are
//! durations since the run began.

use std::time::Duration;

use crate::run::outcome::Outcome;
use crate::run::outcome::own;
use crate::run::work::{Action, Assignment, Start};
use crate::target::Reply;
use crate::target::meaning::{Hold, Meaning, Scope};

/// Waits that a busy gateway is granted before the item is given up.
const BUSY_TRIES: u32 = 8;

/// Times that an item may fail to reach the gateway before it is given up.
const UNREACHED_TRIES: u32 = 10;

/// One item on its way.
#[expect(clippy::struct_excessive_bools, reason = "each remembers one thing that happened")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journey {
    action: Action,
    /// How it ended in earlier runs.
    was: Outcome,
    /// The most sends with a possible effect that one run allows.
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

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send it, as soon as there is a slot and nothing holds everyone up.
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
    /// The item, or its service, is locked by another operation.
    Busy {
        /// Who waits.
        hold: Hold,
        /// Which wait it is, from 1.
        nth: u32,
    },
    /// No connection came about.
    Unreached {
        /// Which wait it is, from 1.
        nth: u32,
    },
}

/// What looks have seen of an item, once that is enough to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// Late enough, and twice the same: it is not there.
    Nothing,
    /// It is there: neither in the base nor another item's.
    Here(Vec<String>),
    /// It is there, and was there before us.
    Theirs(String),
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
    pub fn new(assignment: &Assignment, limit: u32, settle: Duration, owed_from: Duration) -> Self {
        let (before, doubt) = match &assignment.start {
            Start::Send { attempts } | Start::Keep { attempts } => (*attempts, false),
            Start::Look { attempts, .. } => (*attempts, true),
        };
        Self {
            action: assignment.action,
            was: assignment.was.clone(),
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

    /// From when on a listing shows whatever its sends have done, if more than one of this
    /// run may have taken effect: then one that is found may not be the only one.
    pub fn may_be_twice_until(&self) -> Option<Duration> {
        (self.sent > 1).then_some(self.settled_from)
    }

    /// From when on a listing shows whatever its sends have done.
    pub fn settled_from(&self) -> Duration {
        self.settled_from
    }

    /// Whether this run has sent it.
    pub fn was_sent(&self) -> bool {
        self.sent > 0
    }

    /// What is done with it.
    pub fn action(&self) -> Action {
        self.action
    }

    /// The API that is to be deleted, where one is.
    pub fn to_delete(&self) -> Option<&str> {
        match self.action {
            Action::Create => None,
            Action::Delete => Some(self.was.standing_id().unwrap_or_default()),
        }
    }

    /// Whether something of ours may exist at the gateway: whether what is found is ours.
    pub fn may_be_ours(&self) -> bool {
        self.ours
    }

    /// Whether this is how it ended in an earlier run, of which the report tells already.
    pub fn was(&self, outcome: &Outcome) -> bool {
        self.was.is_ours() && self.was == *outcome
    }

    /// Whether a look is owed before anything else.
    pub fn in_doubt(&self) -> bool {
        self.doubt
    }

    /// Whether what is found is ours, where something else tells than what was sent.
    pub fn own(&mut self, ours: bool) {
        self.ours = ours;
    }

    /// A request left at `now`.
    pub fn departed(&mut self, now: Duration) {
        self.settled_from = now.saturating_add(self.settle);
    }

    /// What came back from the last send (of a create, the new API's id), and what to do
    /// about it.
    pub fn told(&mut self, now: Duration, reply: &Reply<String>) -> Step {
        match reply {
            Reply::Ok(id) => self.done(id.clone()),
            Reply::Error(error) => self.meant(now, error.code.clone(), error.meaning),
            Reply::NotSent(_) => self.not_reached(),
            Reply::Untrusted(_) | Reply::Blocked(_) => Step::Stop(Scope::Run),
            Reply::Lost(_) => self.doubt_because(own::LOST.to_owned()),
        }
    }

    /// What the look that was owed has seen, and what to do about it.
    pub fn saw(&mut self, sight: Sight) -> Step {
        match (self.action, sight) {
            (Action::Create, Sight::Here(ids)) => Step::Settle(self.found(ids)),
            (Action::Create, Sight::Theirs(id)) => Step::Settle(Outcome::Exists { id }),
            (Action::Delete, Sight::Nothing) => Step::Settle(self.deleted()),
            (Action::Create, Sight::Nothing)
            | (Action::Delete, Sight::Here(_) | Sight::Theirs(_)) => self.again(),
            (_, Sight::Alike | Sight::Unsure) => Step::Settle(self.left(true)),
        }
    }

    /// How it ends when it is left now, `flying` with a request on its way.
    pub fn left(&self, flying: bool) -> Outcome {
        match self.action {
            Action::Delete => self.was.clone(),
            Action::Create if !flying && self.sent == 0 && self.was.is_ours() => self.was.clone(),
            Action::Create if flying || self.doubt => Outcome::Unconfirmed,
            Action::Create => Outcome::NotSent,
        }
    }

    fn done(&mut self, id: String) -> Step {
        self.sent += 1;
        Step::Settle(match self.action {
            Action::Create => Outcome::Created { id },
            Action::Delete => self.deleted(),
        })
    }

    fn deleted(&self) -> Outcome {
        Outcome::Deleted { id: self.to_delete().unwrap_or_default().to_owned() }
    }

    fn meant(&mut self, now: Duration, code: String, meaning: Meaning) -> Step {
        match meaning {
            // Its wait is everyone's, and not its own.
            Meaning::Wait(Hold::Everyone) => Step::Send,
            Meaning::Wait(hold) => self.is_busy(now, hold, code),
            Meaning::Clock => once(&mut self.clock_corrected),
            Meaning::Token => once(&mut self.credentials_renewed),
            Meaning::Unclear => self.doubt_because(code),
            Meaning::MaybeTaken => self.look_before_refusing(now, code),
            // What needs it may be about to be deleted too.
            Meaning::InUse if self.action == Action::Delete => self.is_busy(now, Hold::Item, code),
            Meaning::Refused | Meaning::InUse => self.refused(now, code),
            // Where there was nothing to delete, a listing that still shows it may be late.
            Meaning::Gone => self.refused(self.settled_from, code),
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
    fn refused(&mut self, from: Duration, code: String) -> Step {
        if self.ours || self.action == Action::Delete {
            return self.look_before_refusing(from, code);
        }
        self.sent += 1;
        Step::Settle(Outcome::Refused { code })
    }

    /// This send surely had no effect: a listing begun at `from` shows whether it is there.
    fn look_before_refusing(&mut self, from: Duration, code: String) -> Step {
        self.sent += 1;
        let verdict = match self.action {
            Action::Create => Outcome::Refused { code },
            Action::Delete => self.was.clone(),
        };
        self.look(from, Some(verdict))
    }

    /// Reported to have no effect; still, it is looked for before it is given up.
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
        match self.action {
            Action::Create => Outcome::GaveUp { code },
            Action::Delete => self.was.clone(),
        }
    }

    fn found(&self, mut ids: Vec<String>) -> Outcome {
        match ids.len() {
            0 => Outcome::Unconfirmed,
            1 if self.was.standing_id() == Some(ids[0].as_str()) => self.was.clone(),
            _ if !self.ours => Outcome::Exists { id: ids.swap_remove(0) },
            1 => Outcome::Found { id: ids.swap_remove(0) },
            _ => Outcome::Duplicate { ids },
        }
    }
}

/// Sends it again, once, which `done` remembers; then nothing more can work.
fn once(done: &mut bool) -> Step {
    if std::mem::replace(done, true) { Step::Stop(Scope::Run) } else { Step::Send }
}

#[cfg(test)]
mod tests {
    //! The laws of a journey, each held against every history of up to five sends. What is
    //! lawful is told from the history alone, never from the journey.

    use super::*;
    use crate::run::simulated::item;
    use crate::target::ApiError;

    const SETTLE: Duration = Duration::from_secs(60);
    const LIMIT: u32 = 3;

    type Told = Reply<String>;

    #[derive(Debug, Clone, PartialEq)]
    enum Happened {
        Told(Told),
        Saw(Sight),
    }

    /// A journey after a history, and what it says comes next.
    struct Stop<'a> {
        assignment: &'a Assignment,
        history: &'a [Happened],
        journey: &'a Journey,
        step: &'a Step,
        departed: Duration,
    }

    fn error(code: &str, meaning: Meaning) -> Told {
        let (message, request_id) = (String::new(), String::new());
        Reply::Error(ApiError { code: code.to_owned(), meaning, message, request_id })
    }

    fn replies() -> Vec<Told> {
        let lost = || "reset".to_owned();
        vec![
            Reply::Ok("api-1".to_owned()),
            Reply::NotSent(lost()),
            Reply::Untrusted(lost()),
            Reply::Blocked(lost()),
            Reply::Lost(lost()),
            error("Throttled", Meaning::Wait(Hold::Everyone)),
            error("Busy", Meaning::Wait(Hold::Item)),
            error("ServiceBusy", Meaning::Wait(Hold::Service)),
            error("Clock", Meaning::Clock),
            error("Token", Meaning::Token),
            error("Unclear", Meaning::Unclear),
            error("MaybeTaken", Meaning::MaybeTaken),
            error("Refused", Meaning::Refused),
            error("Gone", Meaning::Gone),
            error("InUse", Meaning::InUse),
            error("ServiceGone", Meaning::Stop(Scope::Service)),
            error("NoRights", Meaning::Stop(Scope::Run)),
        ]
    }

    fn refuses(told: &Told) -> bool {
        let Reply::Error(error) = told else { return false };
        matches!(error.meaning, Meaning::Refused | Meaning::Gone | Meaning::InUse)
    }

    fn sights() -> Vec<Sight> {
        let here = |ids: &[&str]| Sight::Here(ids.iter().map(|&id| id.to_owned()).collect());
        vec![
            Sight::Nothing,
            Sight::Theirs("api-0".to_owned()),
            here(&["api-1"]),
            here(&["api-1", "api-2"]),
            Sight::Alike,
            Sight::Unsure,
        ]
    }

    /// Walks every history of up to `sends` sends that begins so; how many there are.
    fn every_history(assignment: &Assignment, sends: u32, check: &mut dyn FnMut(&Stop<'_>)) -> u64 {
        let journey = Journey::new(assignment, LIMIT, SETTLE, SETTLE);
        let step = journey.first();
        walk(assignment, &journey, &step, Duration::ZERO, sends, &mut Vec::new(), check)
    }

    fn walk(
        assignment: &Assignment,
        journey: &Journey,
        step: &Step,
        now: Duration,
        sends: u32,
        history: &mut Vec<Happened>,
        check: &mut dyn FnMut(&Stop<'_>),
    ) -> u64 {
        let departed = now.saturating_sub(Duration::from_secs(1));
        check(&Stop { assignment, history, journey, step, departed });
        let happens: Vec<Happened> = match step {
            Step::Settle(_) | Step::Stop(_) => return 1,
            Step::LookUp { .. } => sights().into_iter().map(Happened::Saw).collect(),
            Step::Send | Step::Wait(_) if sends == 0 => return 1,
            Step::Send | Step::Wait(_) => replies().into_iter().map(Happened::Told).collect(),
        };
        let mut histories = 0;
        for happened in happens {
            let mut journey = journey.clone();
            let (step, now, sends) = match &happened {
                Happened::Saw(sight) => (journey.saw(sight.clone()), now, sends),
                Happened::Told(told) => {
                    journey.departed(now);
                    let answered = now + Duration::from_secs(1);
                    (journey.told(answered, told), answered, sends - 1)
                }
            };
            history.push(happened);
            histories += walk(assignment, &journey, &step, now, sends, history, check);
            history.pop();
        }
        histories
    }

    fn hides_a_success(told: &Told) -> bool {
        use Meaning::{MaybeTaken, Unclear};
        matches!(
            told,
            Reply::Lost(_) | Reply::Error(ApiError { meaning: Unclear | MaybeTaken, .. })
        )
    }

    fn had_doubt(assignment: &Assignment, history: &[Happened]) -> bool {
        let unclear = |h: &Happened| {
            matches!(
                h,
                Happened::Told(
                    Reply::Lost(_) | Reply::Error(ApiError { meaning: Meaning::Unclear, .. })
                )
            )
        };
        matches!(assignment.start, Start::Look { .. }) || history.iter().any(unclear)
    }

    /// Whether some answer may hide a success that no look has cleared up.
    fn open_doubt(assignment: &Assignment, history: &[Happened]) -> bool {
        let mut open = matches!(assignment.start, Start::Look { .. });
        for happened in history {
            match happened {
                Happened::Told(told) => open |= hides_a_success(told),
                Happened::Saw(sight) => open &= *sight != Sight::Nothing,
            }
        }
        open
    }

    fn told(history: &[Happened], is: impl Fn(&Told) -> bool) -> u32 {
        let is = |h: &&Happened| matches!(h, Happened::Told(told) if is(told));
        u32::try_from(history.iter().filter(is).count()).unwrap()
    }

    fn creates() -> [Start; 4] {
        [
            Start::Send { attempts: 0 },
            Start::Send { attempts: 2 },
            Start::Look { attempts: 1, sent_at: None },
            Start::Look { attempts: 0, sent_at: None },
        ]
    }

    fn create(start: Start) -> Assignment {
        Assignment::create(item(0).into(), start)
    }

    fn for_every_create(mut check: impl FnMut(&Stop<'_>)) {
        for start in creates() {
            let histories = every_history(&create(start), 5, &mut check);
            assert!(histories > 10_000, "{histories}");
        }
    }

    fn goes_out(step: &Step) -> bool {
        matches!(step, Step::Send | Step::Wait(_))
    }

    #[test]
    fn after_an_answer_that_may_hide_a_success_nothing_is_sent_until_a_look_found_nothing() {
        for_every_create(|at| {
            if goes_out(at.step) {
                assert!(!open_doubt(at.assignment, at.history), "{:?}", at.history);
            }
        });
    }

    #[test]
    fn an_absence_counts_only_once_the_request_can_no_longer_take_effect() {
        for_every_create(|at| {
            let unclear = |told: &Told| {
                matches!(
                    told,
                    Reply::Lost(_) | Reply::Error(ApiError { meaning: Meaning::Unclear, .. })
                )
            };
            if let (Some(Happened::Told(last)), Step::LookUp { from }) =
                (at.history.last(), at.step)
                && unclear(last)
            {
                assert!(*from >= at.departed + SETTLE, "{:?}", at.history);
            }
        });
    }

    #[test]
    fn no_more_than_three_sends_may_have_had_an_effect() {
        for_every_create(|at| {
            if goes_out(at.step) {
                assert!(told(at.history, hides_a_success) < LIMIT, "{:?}", at.history);
            }
        });
    }

    #[test]
    fn what_was_surely_not_carried_out_is_no_attempt() {
        for_every_create(|at| {
            let counts = |told: &Told| {
                hides_a_success(told) || matches!(told, Reply::Ok(_)) || refuses(told)
            };
            let (Start::Send { attempts } | Start::Look { attempts, .. }) = &at.assignment.start
            else {
                unreachable!()
            };
            assert_eq!(at.journey.attempts(), attempts + told(at.history, counts));
        });
    }

    #[test]
    fn a_final_refusal_after_a_doubt_means_look_first() {
        for_every_create(|at| {
            if matches!(at.history.last(), Some(Happened::Told(told)) if refuses(told)) {
                let looks = matches!(at.step, Step::LookUp { .. });
                assert_eq!(looks, had_doubt(at.assignment, at.history), "{:?}", at.history);
            }
        });
    }

    #[test]
    fn what_may_mean_that_it_exists_is_looked_for_even_on_the_first_attempt() {
        for_every_create(|at| {
            if let Some(Happened::Told(Reply::Error(ApiError {
                meaning: Meaning::MaybeTaken,
                ..
            }))) = at.history.last()
            {
                assert!(matches!(at.step, Step::LookUp { .. }), "{:?}", at.history);
            }
        });
    }

    #[test]
    fn an_outcome_says_what_happened() {
        for_every_create(|at| {
            let Step::Settle(outcome) = at.step else { return };
            let refused = |told: &Told| {
                refuses(told)
                    || matches!(told, Reply::Error(ApiError { meaning: Meaning::MaybeTaken, .. }))
            };
            let true_to_it = match (outcome, at.history) {
                (Outcome::Created { .. }, [.., Happened::Told(Reply::Ok(_))]) => true,
                (Outcome::Found { id }, [.., Happened::Saw(Sight::Here(ids))]) => {
                    had_doubt(at.assignment, at.history) && *ids == [id.clone()]
                }
                (Outcome::Exists { .. }, [.., Happened::Saw(Sight::Here(_))]) => {
                    !had_doubt(at.assignment, at.history)
                }
                (Outcome::Exists { id }, [.., Happened::Saw(Sight::Theirs(theirs))]) => {
                    id == theirs
                }
                (Outcome::Duplicate { ids }, [.., Happened::Saw(Sight::Here(seen))]) => {
                    had_doubt(at.assignment, at.history) && ids == seen && ids.len() == 2
                }
                (Outcome::Refused { .. }, [.., Happened::Told(last)]) => {
                    refused(last) && !had_doubt(at.assignment, at.history)
                }
                (Outcome::Refused { .. }, [.., Happened::Told(last), Happened::Saw(sight)]) => {
                    refused(last) && *sight == Sight::Nothing
                }
                (Outcome::GaveUp { .. }, [.., Happened::Saw(Sight::Nothing)]) => {
                    told(at.history, hides_a_success) == LIMIT
                }
                (Outcome::Unconfirmed, [.., Happened::Saw(sight)]) => {
                    matches!(sight, Sight::Alike | Sight::Unsure)
                }
                _ => false,
            };
            assert!(true_to_it, "{outcome:?} after {:?}", at.history);
        });
    }

    #[test]
    fn an_item_that_is_left_is_unconfirmed_exactly_while_a_success_may_hide() {
        for_every_create(|at| {
            assert_eq!(at.journey.left(true), Outcome::Unconfirmed);
            if goes_out(at.step) {
                assert_eq!(at.journey.left(false), Outcome::NotSent);
            }
            if open_doubt(at.assignment, at.history) {
                assert_eq!(at.journey.left(false), Outcome::Unconfirmed, "{:?}", at.history);
            }
        });
    }

    #[test]
    fn clock_and_credentials_are_put_right_once_an_item() {
        for_every_create(|at| {
            for meaning in [Meaning::Clock, Meaning::Token] {
                let times = told(
                    at.history,
                    |told| matches!(told, Reply::Error(error) if error.meaning == meaning),
                );
                if times > 1 {
                    assert_eq!(*at.step, Step::Stop(Scope::Run), "{:?}", at.history);
                }
            }
        });
    }

    fn deletion() -> Assignment {
        Assignment::delete(item(0).into(), Outcome::Created { id: "api-1".to_owned() }, 1)
    }

    #[test]
    fn a_delete_is_done_when_told_so_or_when_it_is_gone_and_otherwise_leaves_the_row_as_it_was() {
        let histories = every_history(&deletion(), 5, &mut |at| {
            let gone = matches!(
                at.history.last(),
                Some(Happened::Told(Reply::Ok(_)) | Happened::Saw(Sight::Nothing))
            );
            if let Step::Settle(outcome) = at.step {
                let id = "api-1".to_owned();
                let is = if gone { Outcome::Deleted { id } } else { Outcome::Created { id } };
                assert_eq!(*outcome, is, "{:?}", at.history);
            }
            assert_eq!(at.journey.left(true), Outcome::Created { id: "api-1".to_owned() });
        });
        assert!(histories > 10_000, "{histories}");
    }

    #[test]
    fn a_refused_delete_is_looked_for_since_there_may_be_nothing_left_to_delete() {
        every_history(&deletion(), 3, &mut |at| {
            if let Some(Happened::Told(Reply::Error(ApiError {
                meaning: Meaning::Refused, ..
            }))) = at.history.last()
            {
                assert!(matches!(at.step, Step::LookUp { .. }), "{:?}", at.history);
            }
        });
    }

    #[test]
    fn a_busy_gateway_is_waited_for_eight_times_and_looked_at_before_giving_up() {
        let mut journey = Journey::new(&create(Start::Send { attempts: 0 }), LIMIT, SETTLE, SETTLE);
        let busy = || error("Busy", Meaning::Wait(Hold::Service));
        for nth in 1..8 {
            journey.departed(Duration::ZERO);
            let step = journey.told(Duration::ZERO, &busy());
            assert_eq!(step, Step::Wait(Pause::Busy { hold: Hold::Service, nth }));
        }
        let now = Duration::from_secs(9);
        assert_eq!(journey.told(now, &busy()), Step::LookUp { from: now });
        let outcome = Outcome::GaveUp { code: "Busy".to_owned() };
        assert_eq!(journey.saw(Sight::Nothing), Step::Settle(outcome));
    }

    #[test]
    fn an_item_that_never_reaches_the_gateway_is_given_up_after_ten_tries() {
        let mut journey = Journey::new(&create(Start::Send { attempts: 0 }), LIMIT, SETTLE, SETTLE);
        for nth in 1..10 {
            let step = journey.told(Duration::ZERO, &Reply::NotSent("no route".to_owned()));
            assert_eq!(step, Step::Wait(Pause::Unreached { nth }));
        }
        let outcome = Outcome::GaveUp { code: own::UNREACHABLE.to_owned() };
        assert_eq!(
            journey.told(Duration::ZERO, &Reply::NotSent("no route".to_owned())),
            Step::Settle(outcome)
        );
        assert_eq!(journey.attempts(), 0);
    }

    #[test]
    fn attempts_are_numbered_on_from_earlier_runs_and_limited_by_run() {
        let mut journey = Journey::new(&create(Start::Send { attempts: 7 }), 1, SETTLE, SETTLE);
        assert_eq!(journey.attempt(), 8);
        journey.departed(Duration::ZERO);
        journey.told(Duration::ZERO, &Reply::Lost("reset".to_owned()));
        let outcome = Outcome::GaveUp { code: own::LOST.to_owned() };
        assert_eq!(journey.saw(Sight::Nothing), Step::Settle(outcome));
        assert_eq!(journey.attempts(), 8);
    }
}
