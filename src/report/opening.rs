//! The report before a run: what the decisions of `plan::resume` make of its rows, and of
//! the work. Pure. Rows of before keep their places; new ones come after them.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::finding::Code;
use crate::plan::resume::{self, Decision, Leftover, Past, Prior};
use crate::plan::{Digest, Entry, Item, Origin};
use crate::report::known::{CHANGED, Known, Standing};
use crate::report::row::{ReportRow, State};
use crate::run::{Assignment, KnownService, Outcome, Start, Work};

pub use crate::plan::resume::{Options, Retry, Trust};

const SOURCE_GONE: &str = Code::SOURCE_GONE.as_str();

/// What earlier runs left; nothing before a first import.
#[derive(Debug, Default)]
pub struct Before {
    /// The rows in the report's order.
    pub rows: Vec<Known>,
    /// What each service held before our first create there.
    pub services: Vec<KnownService>,
    /// How far the rows can be believed, and what to send again.
    pub options: Options,
}

/// What is to be done, and the report as it stands before it.
#[derive(Debug, Default)]
pub struct Decided {
    /// For the run.
    pub work: Work,
    /// For the report.
    pub opening: Opening,
    /// For the person.
    pub tally: Tally,
}

/// The report before a run.
#[derive(Debug, Clone, Default)]
pub struct Opening {
    /// All rows.
    pub(crate) rows: Vec<Known>,
    /// The rows that are new or read otherwise than before, in order.
    pub(crate) rewritten: Vec<u32>,
    /// Which row each item of the work is, by its place there.
    pub(crate) targets: Vec<Target>,
    /// Digest of the plan: of its items' keys and bodies, in order.
    pub(crate) plan: String,
}

/// The row of an item.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Its place in the report.
    pub(crate) row: u32,
    /// The item.
    pub(crate) item: Arc<Item>,
}

/// How many operations each decision fell to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// To be sent.
    pub send: usize,
    /// In doubt: to be looked for first.
    pub look: usize,
    /// Done earlier.
    pub keep: usize,
    /// Created earlier, and the operation has changed since.
    pub changed: usize,
    /// No longer in its source.
    pub gone: usize,
    /// Of a source that can no longer be read, and not sent.
    pub unread: usize,
    /// Cannot be sent, or left out.
    pub idle: usize,
    /// To be deleted.
    pub delete: usize,
}

/// Decides what to do with every entry of a plan and every row of before.
pub fn open(entries: Vec<Entry>, before: Before) -> Decided {
    let priors: Vec<Prior<'_>> = before.rows.iter().map(prior).collect();
    let decisions = resume::decide(&entries, &priors, &before.options);
    let mut desk = Desk::new(before.rows, before.services);
    let mut hash = Sha256::new();
    for (entry, (decision, earlier)) in entries.into_iter().zip(decisions.entries) {
        let fresh = Known::of(&entry);
        match entry {
            Entry::Item(item) => {
                hash.update(format!("{} {}\n", item.key.short(), item.digest));
                desk.item(item, fresh, decision, earlier);
            }
            Entry::Unfit(_) | Entry::Skipped(_) => desk.idle(fresh, decision, earlier),
        }
    }
    for (n, leftover) in decisions.leftovers {
        desk.leftover(n, leftover);
    }
    desk.close(&hex::encode(hash.finalize()))
}

/// Deletes what these rows say is ours, latest first, so that what depends on an API goes
/// before it.
pub fn undo(rows: Vec<Known>) -> Decided {
    let mut desk = Desk::new(rows, Vec::new());
    let mut ours: Vec<u32> = (0..).take(desk.rows.len()).collect();
    ours.retain(|n| desk.row(*n).state.is_ours());
    ours.sort_by_key(|n| Reverse((desk.row(*n).created_at, *n)));
    for n in ours {
        let row = desk.row(n).clone();
        // Without an id there is nothing that could be deleted.
        let Some(was) = row.outcome() else { continue };
        desk.tally.delete += 1;
        desk.assign(n, Assignment::delete(Arc::new(stand_in(&row)), was, 0));
    }
    desk.close("")
}

/// What a row tells to those who decide.
fn prior(known: &Known) -> Prior<'_> {
    let Known { row, pointer, .. } = known;
    Prior {
        service: &row.service,
        method: &row.method,
        path: &row.path,
        source: &row.source,
        pointer: if pointer.is_empty() { place(row) } else { Cow::Borrowed(pointer) },
        digest: &row.digest,
        past: past(known),
        unsure: known.standing != Standing::Clear,
    }
}

/// A CSV does not tell an operation's place, but the method and path of what could not be
/// sent are those of the document.
fn place(row: &ReportRow) -> Cow<'_, str> {
    if !row.state.is_idle() {
        return Cow::Borrowed("");
    }
    let path = row.path.replace('~', "~0").replace('/', "~1");
    Cow::Owned(format!("/paths/{path}/{}", row.method.to_ascii_lowercase()))
}

/// What became of a row's operation.
fn past(known: &Known) -> Past {
    match (known.row.state, known.standing) {
        // A word without an id was typed by a person.
        (State::Created | State::Found, _) if known.row.api_id.is_empty() => Past::Doubt,
        (State::Created | State::Found, _) => Past::Ours,
        (State::Exists | State::Duplicate, _) => Past::Theirs,
        (State::Refused | State::GaveUp, _) => Past::Refused,
        (State::Deleted, _) => Past::Deleted,
        (State::Unconfirmed, _) | (_, Standing::Doubt { .. }) => Past::Doubt,
        (State::Unfit | State::Skipped, Standing::Clear) if known.row.attempts == 0 => Past::Idle,
        (State::NotSent, Standing::Clear) if known.row.attempts == 0 => Past::Unsent,
        (State::Unfit | State::Skipped | State::NotSent | State::Sending, Standing::Clear) => {
            Past::Clear
        }
    }
}

/// What is carried out so far.
#[derive(Debug)]
struct Desk {
    rows: Vec<Known>,
    rewritten: Vec<u32>,
    assignments: Vec<Assignment>,
    targets: Vec<Target>,
    services: Vec<KnownService>,
    tally: Tally,
}

impl Desk {
    fn new(rows: Vec<Known>, services: Vec<KnownService>) -> Self {
        Self {
            rows,
            rewritten: Vec::new(),
            assignments: Vec::new(),
            targets: Vec::new(),
            services,
            tally: Tally::default(),
        }
    }

    fn row(&self, n: u32) -> &ReportRow {
        &self.rows[n as usize].row
    }

    fn item(&mut self, mut item: Item, fresh: Known, decision: Decision, earlier: Option<u32>) {
        // The row names them, and nobody else asks for them any more.
        item.findings = Vec::new();
        self.count(decision);
        let known = earlier.map(|n| &self.rows[n as usize]);
        let item = Arc::new(item);
        let assignment = assignment(&item, decision, known);
        let changed = known.is_some_and(|known| resume::is_changed(&prior(known), &item));
        let next = next(decision, known, fresh, changed);
        let n = self.put(earlier, next);
        self.assign(n, assignment);
    }

    /// An operation that is not to be sent (any more).
    fn idle(&mut self, fresh: Known, decision: Decision, earlier: Option<u32>) {
        self.count(decision);
        match (earlier, decision) {
            (Some(n), Decision::Changed) => self.watch(n, CHANGED),
            _ => _ = self.put(earlier, fresh),
        }
    }

    fn leftover(&mut self, n: u32, leftover: Leftover) {
        let (count, state, why) = match leftover {
            Leftover::Gone => {
                self.tally.gone += 1;
                return self.watch(n, SOURCE_GONE);
            }
            Leftover::Dropped => (&mut self.tally.gone, State::Skipped, "no longer in its source"),
            Leftover::Unread => {
                (&mut self.tally.unread, State::NotSent, "its source can no longer be read")
            }
        };
        *count += 1;
        let mut known = self.rows[n as usize].clone();
        known.row.find(SOURCE_GONE);
        known.row.state = state;
        known.row.error_code = SOURCE_GONE.into();
        known.row.error_message = why.into();
        self.put(Some(n), known);
    }

    /// A row of which something was sent, and whose operation is no item any more: nothing
    /// is sent for it, and the closing listing is held against it.
    fn watch(&mut self, n: u32, code: &str) {
        let mut known = self.rows[n as usize].clone();
        known.row.find(code);
        let outcome = match known.standing {
            Standing::Doubt { .. } => Outcome::Unconfirmed,
            Standing::Clear => known.row.outcome().unwrap_or(Outcome::NotSent),
        };
        let item = Arc::new(stand_in(&known.row));
        let keep = Assignment::keep(item, outcome, known.row.attempts);
        self.put(Some(n), known);
        self.assign(n, keep);
    }

    /// Puts a row in its place, or after all others.
    fn put(&mut self, place: Option<u32>, known: Known) -> u32 {
        let n = place.unwrap_or_else(|| u32::try_from(self.rows.len()).unwrap_or(u32::MAX));
        match self.rows.get_mut(n as usize) {
            Some(row) if *row == known => return n,
            Some(row) => *row = known,
            None => self.rows.push(known),
        }
        self.rewritten.push(n);
        n
    }

    fn assign(&mut self, row: u32, assignment: Assignment) {
        let item = Arc::clone(&assignment.item);
        if !self.services.iter().any(|known| known.service == item.key.service) {
            let service = item.key.service.clone();
            self.services.push(KnownService { service, ..KnownService::default() });
        }
        self.targets.push(Target { row, item });
        self.assignments.push(assignment);
    }

    fn count(&mut self, decision: Decision) {
        *match decision {
            Decision::Send => &mut self.tally.send,
            Decision::Look => &mut self.tally.look,
            Decision::Keep => &mut self.tally.keep,
            Decision::Changed => &mut self.tally.changed,
            Decision::Idle => &mut self.tally.idle,
        } += 1;
    }

    fn close(mut self, plan: &str) -> Decided {
        self.rewritten.sort_unstable();
        let plan = plan.to_owned();
        let Self { rows, rewritten, assignments, targets, services, tally } = self;
        Decided {
            work: Work { items: assignments, services },
            opening: Opening { rows, rewritten, targets, plan },
            tally,
        }
    }
}

/// What is to be done with an item of which an earlier run knows so much.
fn assignment(item: &Arc<Item>, decision: Decision, known: Option<&Known>) -> Assignment {
    let item = Arc::clone(item);
    let attempts = known.map_or(0, |known| known.row.attempts);
    match (decision, known) {
        (Decision::Send, _) => Assignment::create(item, Start::Send { attempts }),
        (Decision::Look, _) | (_, None) => {
            let sent_at = match known.map(|known| known.standing) {
                Some(Standing::Doubt { sent_at }) => sent_at,
                Some(Standing::Clear) | None => None,
            };
            Assignment::create(item, Start::Look { attempts, sent_at })
        }
        (Decision::Keep | Decision::Changed | Decision::Idle, Some(known)) => {
            Assignment::keep(item, known.row.outcome().unwrap_or(Outcome::Unconfirmed), attempts)
        }
    }
}

/// The row before the run. What is in doubt is written down as that, so that a resume of
/// this resume knows it too.
fn next(decision: Decision, known: Option<&Known>, fresh: Known, changed: bool) -> Known {
    let standing = match (decision, known.map(|known| known.standing)) {
        (Decision::Look, None | Some(Standing::Clear)) => Standing::Doubt { sent_at: None },
        (Decision::Send, _) | (_, None) => Standing::Clear,
        (_, Some(standing)) => standing,
    };
    let Some(known) = known.filter(|known| !known.row.state.is_idle()) else {
        return Known { standing, ..fresh };
    };
    if decision == Decision::Send {
        let row = ReportRow { attempts: known.row.attempts, ..fresh.row };
        return Known { row, standing, ..fresh };
    }
    let mut row = carried(fresh.row, &known.row);
    // What a look may find was made of the operation as it was; a new send takes it back.
    if changed && matches!(decision, Decision::Changed | Decision::Look) {
        row.find(CHANGED);
    }
    Known { row, standing, ..fresh }
}

/// What the plan says of the operation now, with what is known of its API.
fn carried(fresh: ReportRow, earlier: &ReportRow) -> ReportRow {
    ReportRow {
        state: earlier.state,
        api_id: earlier.api_id.clone(),
        attempts: earlier.attempts,
        error_code: earlier.error_code.clone(),
        error_message: earlier.error_message.clone(),
        request_id: earlier.request_id.clone(),
        created_at: earlier.created_at,
        digest: earlier.digest.clone(),
        ..fresh
    }
}

/// An item for a row that the plan has none for; it is never sent.
fn stand_in(row: &ReportRow) -> Item {
    Item {
        key: row.key(),
        api_name: row.api_name.to_string(),
        request: Default::default(),
        digest: Digest::of(b""),
        origin: Origin {
            source: Arc::clone(&row.source),
            line: row.line,
            column: 0,
            pointer: "".into(),
            operation_id: None,
        },
        findings: Vec::new(),
        authorised_by: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Unfit;
    use crate::report::samples::{item, origin};
    use crate::run::{Action, Fact, Transition};

    fn entry(path: &str) -> Entry {
        Entry::Item(item("GET", path))
    }

    fn unfit(path: &str) -> Entry {
        Entry::Unfit(Unfit {
            method: "GET".into(),
            path: path.into(),
            service: "service-a".into(),
            origin: origin(),
            findings: Vec::new(),
        })
    }

    /// The row of `/pets` as an earlier run left it.
    fn known(state: State) -> Known {
        let mut known = Known::of(&entry("/pets"));
        known.row.state = state;
        known.row.attempts = if state.is_idle() { 0 } else { 2 };
        known.row.error_code = "Code".into();
        if matches!(state, State::Created | State::Found | State::Exists | State::Deleted) {
            known.row.api_id = "api-1".into();
        }
        known
    }

    fn doubtful(state: State) -> Known {
        let standing = Standing::Doubt { sent_at: Some(jiff::Timestamp::UNIX_EPOCH) };
        Known { standing, ..known(state) }
    }

    fn before(rows: Vec<Known>) -> Before {
        Before { rows, ..Before::default() }
    }

    fn csv_alone(rows: Vec<Known>) -> Before {
        let options = Options { trust: Trust::CsvAlone, ..Options::default() };
        Before { options, ..before(rows) }
    }

    fn starts(decided: &Decided) -> Vec<&Start> {
        decided.work.items.iter().map(|assignment| &assignment.start).collect()
    }

    fn row(decided: &Decided) -> &ReportRow {
        &decided.opening.rows[0].row
    }

    #[test]
    fn every_row_has_a_past() {
        let table: Vec<String> = State::ALL
            .into_iter()
            .map(|state| format!("{state} {:?} {:?}", past(&known(state)), past(&doubtful(state))))
            .collect();
        let expected = [
            "created Ours Ours",
            "found Ours Ours",
            "exists Theirs Theirs",
            "refused Refused Refused",
            "gave-up Refused Refused",
            "unconfirmed Doubt Doubt",
            "duplicate Theirs Theirs",
            "unfit Idle Doubt",
            "skipped Idle Doubt",
            "not-sent Clear Doubt",
            "deleted Deleted Deleted",
            "sending Clear Doubt",
        ];
        assert_eq!(table, expected);
        let mut typed = known(State::Created);
        typed.row.api_id = "".into();
        assert_eq!(past(&typed), Past::Doubt, "a claim without an id");
        let mut unsent = known(State::NotSent);
        unsent.row.attempts = 0;
        assert_eq!(past(&unsent), Past::Unsent);
    }

    #[test]
    fn a_first_import_sends_everything_that_fits_and_has_a_row_of_everything() {
        let decided = open(vec![entry("/a"), unfit("/b"), entry("/c")], Before::default());
        let send = Start::Send { attempts: 0 };
        assert_eq!(starts(&decided), [&send, &send]);
        let states: Vec<State> = decided.opening.rows.iter().map(|known| known.row.state).collect();
        assert_eq!(states, [State::NotSent, State::Unfit, State::NotSent]);
        let places: Vec<u32> = decided.opening.targets.iter().map(|target| target.row).collect();
        assert_eq!(places, [0, 2]);
        assert_eq!(decided.work.services[0].service, "service-a");
        assert_eq!(decided.tally, Tally { send: 2, idle: 1, ..Tally::default() });
    }

    #[test]
    fn a_journey_begins_where_the_last_run_left_it() {
        let of = |known| {
            let decided = open(vec![entry("/pets")], before(vec![known]));
            decided.work.items[0].start.clone()
        };
        let sent_at = Some(jiff::Timestamp::UNIX_EPOCH);
        assert_eq!(of(known(State::Sending)), Start::Send { attempts: 2 });
        assert_eq!(of(doubtful(State::Sending)), Start::Look { attempts: 2, sent_at });
        assert_eq!(of(known(State::Unconfirmed)), Start::Look { attempts: 2, sent_at: None });
        assert_eq!(of(known(State::Refused)), Start::Keep { attempts: 2 });
    }

    #[test]
    fn what_changed_under_an_api_is_told_and_not_sent() {
        let mut earlier = known(State::Created);
        earlier.row.digest = Digest::of(b"as it was").as_str().into();
        let decided = open(vec![entry("/pets")], before(vec![earlier.clone()]));
        assert!(matches!(starts(&decided)[0], Start::Keep { .. }));
        assert!(row(&decided).has_found(CHANGED));
        assert_eq!(row(&decided).digest, earlier.row.digest, "what was sent");
        assert_eq!(decided.tally.changed, 1);
        // Changed back: nothing to tell any more.
        earlier.row.digest = item("GET", "/pets").digest.as_str().into();
        let decided = open(vec![entry("/pets")], before(vec![earlier]));
        assert!(!row(&decided).has_found(CHANGED));
    }

    #[test]
    fn what_a_look_may_find_is_told_to_be_of_the_operation_as_it_was() {
        let mut earlier = doubtful(State::Sending);
        earlier.row.digest = Digest::of(b"as it was").as_str().into();
        let decided = open(vec![entry("/pets")], before(vec![earlier]));
        assert!(row(&decided).has_found(CHANGED));
        let digest = item("GET", "/pets").digest.to_string();
        let at = jiff::Timestamp::UNIX_EPOCH;
        let step = Transition::Intent { digest: digest.clone() };
        let intent = Fact::Item { item: "k", action: Action::Create, attempt: 3, at, step };
        let mut known = decided.opening.rows[0].clone();
        known.learn(&intent);
        assert!(!known.row.has_found(CHANGED), "it was sent as it stands now");
        assert_eq!(*known.row.digest, digest);
    }

    #[test]
    fn a_dependent_still_names_who_authorises_it() {
        let mut dependent = item("GET", "/pets");
        dependent.authorised_by = Some(item("POST", "/token").key);
        let entries = vec![Entry::Item(dependent.clone())];
        let decided = open(entries, before(vec![known(State::NotSent)]));
        assert_eq!(decided.work.items[0].item.authorised_by, dependent.authorised_by);
    }

    #[test]
    fn new_operations_come_after_the_rows_of_before() {
        let entries = vec![entry("/new"), entry("/pets")];
        let decided = open(entries, before(vec![known(State::Created)]));
        let paths: Vec<&str> = decided.opening.rows.iter().map(|known| &*known.row.path).collect();
        assert_eq!(paths, ["/pets", "/new"]);
        assert_eq!(decided.opening.targets[0].row, 1, "work keeps the plan's order");
    }

    #[test]
    fn what_was_sent_and_is_gone_keeps_its_row_and_is_only_watched() {
        let kept = [
            (known(State::Created), Outcome::Created { id: "api-1".into() }),
            (known(State::Refused), Outcome::Refused { code: "Code".into() }),
            (doubtful(State::Sending), Outcome::Unconfirmed),
            (doubtful(State::Unconfirmed), Outcome::Unconfirmed),
        ];
        for (earlier, outcome) in kept {
            let decided = open(Vec::new(), before(vec![earlier.clone()]));
            assert_eq!(starts(&decided), [&Start::Keep { attempts: 2 }]);
            assert_eq!(decided.work.items[0].was, outcome);
            assert!(row(&decided).has_found(SOURCE_GONE));
            assert_eq!(row(&decided).state, earlier.row.state);
            assert_eq!(decided.tally.gone, 1);
        }
    }

    #[test]
    fn what_was_never_sent_is_left_out_when_gone_and_waits_when_its_source_is_unreadable() {
        let mut earlier = known(State::NotSent);
        earlier.row.attempts = 0;
        let decided = open(Vec::new(), before(vec![earlier.clone()]));
        assert_eq!(row(&decided).state, State::Skipped);
        assert!(decided.work.items.is_empty());

        let unreadable = vec![Arc::from("petstore.yaml")];
        let options = Options { unreadable, ..Options::default() };
        let decided = open(Vec::new(), Before { options, ..before(vec![earlier]) });
        assert_eq!(row(&decided).state, State::NotSent);
        assert!(row(&decided).has_found(SOURCE_GONE));
        assert_eq!(decided.tally, Tally { unread: 1, ..Tally::default() });
    }

    #[test]
    fn a_csv_finds_the_place_of_what_was_unfit_by_its_method_and_path() {
        let mut mended = item("GET", "/v1/pets");
        mended.origin.pointer = "/paths/~1pets/get".into();
        let rows = vec![Known { pointer: "".into(), ..Known::of(&unfit("/pets")) }];
        let decided = open(vec![Entry::Item(mended)], csv_alone(rows));
        assert_eq!(decided.opening.rows.len(), 1);
        assert_eq!(&*row(&decided).path, "/v1/pets");
    }

    /// Else a resume of this resume would take it for an operation that was never sent.
    #[test]
    fn what_is_in_doubt_is_written_down_as_that() {
        for state in [State::Unfit, State::NotSent, State::Sending] {
            let decided = open(vec![entry("/pets"), entry("/new")], csv_alone(vec![known(state)]));
            for known in &decided.opening.rows {
                assert_eq!(known.standing, Standing::Doubt { sent_at: None });
                assert_eq!(past(known), Past::Doubt);
                assert!(!known.row.state.is_idle());
            }
        }
    }

    #[test]
    fn a_created_api_whose_operation_is_unfit_now_stays_and_is_told() {
        let mut created = known(State::Created);
        created.pointer = origin().pointer.to_string().into();
        let decided = open(vec![unfit("/pets")], before(vec![created]));
        assert_eq!(decided.opening.rows.len(), 1);
        assert_eq!((row(&decided).state, row(&decided).has_found(CHANGED)), (State::Created, true));
        assert!(matches!(starts(&decided)[0], Start::Keep { .. }));
    }

    #[test]
    fn only_rows_that_read_otherwise_are_written_again() {
        let mut changed = known(State::Created);
        changed.row.path = "/other".into();
        changed.row.digest = "otherwise".into();
        let entries = vec![entry("/new"), entry("/pets"), entry("/other")];
        let decided = open(entries, before(vec![known(State::Created), changed]));
        assert_eq!(decided.opening.rewritten, [1, 2]);
    }

    #[test]
    fn the_plans_digest_follows_keys_and_bodies() {
        let digest = |entries| open(entries, Before::default()).opening.plan;
        let mut other = item("GET", "/a");
        other.digest = Digest::of(b"otherwise");
        let plans = [vec![entry("/a")], vec![entry("/b")], vec![Entry::Item(other)], vec![]];
        let digests: std::collections::HashSet<_> = plans.map(digest).into_iter().collect();
        assert_eq!(digests.len(), 4);
        assert_eq!(digest(vec![entry("/a"), unfit("/b")]), digest(vec![entry("/a")]));
    }

    #[test]
    fn undo_deletes_what_is_ours_and_the_latest_first() {
        let at = |second| Some(jiff::Timestamp::from_second(second).unwrap());
        let row = |state, path: &str, created_at| {
            let mut known = known(state);
            known.row.path = path.into();
            known.row.created_at = created_at;
            known
        };
        let mut typed = row(State::Created, "/typed", None);
        typed.row.api_id = "".into();
        let rows = vec![
            row(State::Created, "/token", at(1)),
            row(State::Exists, "/exists", None),
            row(State::Found, "/pets", at(2)),
            row(State::Refused, "/refused", None),
            row(State::Deleted, "/deleted", at(1)),
            row(State::Duplicate, "/twice", at(1)),
            typed,
        ];
        let decided = undo(rows);
        let paths: Vec<&str> =
            decided.work.items.iter().map(|assignment| &*assignment.item.key.path).collect();
        assert_eq!(paths, ["/pets", "/token"]);
        assert!(decided.work.items.iter().all(|assignment| assignment.action == Action::Delete));
        assert_eq!((decided.opening.rows.len(), decided.tally.delete), (7, 2));
        assert!(decided.opening.rewritten.is_empty());
    }
}
