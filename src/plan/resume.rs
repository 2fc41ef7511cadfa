//! What to do with each operation, given what earlier runs of the report know of it: one
//! pure decision for the first import, a resume, and a resume from a CSV alone.
//!
//! The plan is made anew from the sources as they stand now; here it meets what was done.
//! Nothing is sent here, and nothing is looked up: where it is not certain that nothing of
//! ours stands, the decision is to look.

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::plan::{Entry, Item, ItemKey, Origin};
use crate::report::known::{CHANGED, Known, Standing};
use crate::report::row::{ReportRow, State};
use crate::run::{Assignment, KnownService, Outcome, Start, Work};
use crate::spec::Code;

const SOURCE_GONE: &str = Code::SourceGone.as_str();

/// What is asked for, and what earlier runs left.
#[derive(Debug, Default)]
pub struct Before {
    /// The rows in the report's order.
    pub rows: Vec<Known>,
    /// What each service held before our first create there.
    pub services: Vec<KnownService>,
    /// How far the rows can be believed.
    pub trust: Trust,
    /// Sources that can no longer be read: their operations are not gone.
    pub unreadable: Vec<Arc<str>>,
    /// What to send again.
    pub retry: Retry,
}

/// How far earlier rows can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trust {
    /// They come from a journal: what it does not tell did not happen.
    #[default]
    Journal,
    /// They come from a CSV that a person may have edited: whatever is not confirmed is in
    /// doubt, also what has no row.
    CsvAlone,
}

/// What to send again although it has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retry {
    /// What was refused or given up.
    pub refused: bool,
    /// What undo has deleted.
    pub deleted: bool,
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
    pub rows: Vec<Known>,
    /// The rows that are new or read otherwise than before, in order.
    pub rewritten: Vec<u32>,
    /// Which row each item of the work is, by its place there.
    pub targets: Vec<Target>,
    /// Digest of the plan: of its items' keys and bodies, in order.
    pub plan: String,
}

/// The row of an item.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its place in the report.
    pub row: u32,
    /// The item.
    pub item: Arc<Item>,
    /// Whether it is to be deleted.
    pub delete: bool,
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
}

/// What to do with one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    Send,
    Look,
    Keep,
    Changed,
}

/// Decides for every entry of a plan and every row of before.
pub fn decide(entries: Vec<Entry>, before: Before) -> Decided {
    let matches = matches(&entries, &before.rows);
    let mut desk = Desk::new(before);
    let mut hash = Sha256::new();
    for (entry, earlier) in entries.into_iter().zip(matches) {
        let fresh = Known::of(&entry);
        match entry {
            Entry::Item(item) => {
                hash.update(format!("{} {}\n", item.key.short(), item.digest));
                desk.item(item, fresh, earlier);
            }
            Entry::Unfit(_) | Entry::Skipped(_) => desk.idle(fresh, earlier),
        }
    }
    desk.vanished();
    desk.close(&hex::encode(hash.finalize()))
}

/// Deletes what these rows say is ours, latest first, so that what depends on an API goes
/// before it.
pub fn undo(rows: Vec<Known>) -> Decided {
    let mut desk = Desk::new(Before { rows, ..Before::default() });
    let mut ours: Vec<u32> = (0..).take(desk.rows.len()).collect();
    ours.retain(|n| desk.row(*n).state.is_ours() && !desk.row(*n).api_id.is_empty());
    ours.sort_by_key(|n| std::cmp::Reverse((desk.row(*n).created_at, *n)));
    for n in ours {
        let row = desk.row(n).clone();
        let Some(was) = row.outcome() else { continue };
        let start = Start::Delete { api_id: row.api_id.to_string(), was, attempts: 0 };
        desk.assign(n, Arc::new(stand_in(&row)), start);
    }
    desk.close("")
}

/// The decisions so far. Rows of before keep their places; new ones come after them.
#[derive(Debug)]
struct Desk {
    rows: Vec<Known>,
    /// Of the rows of before, those that an entry of the plan has taken up.
    taken: Vec<bool>,
    rewritten: Vec<u32>,
    assignments: Vec<Assignment>,
    targets: Vec<Target>,
    services: Vec<KnownService>,
    trust: Trust,
    unreadable: Vec<Arc<str>>,
    retry: Retry,
    tally: Tally,
}

impl Desk {
    fn new(before: Before) -> Self {
        Self {
            taken: vec![false; before.rows.len()],
            rows: before.rows,
            rewritten: Vec::new(),
            assignments: Vec::new(),
            targets: Vec::new(),
            services: before.services,
            trust: before.trust,
            unreadable: before.unreadable,
            retry: before.retry,
            tally: Tally::default(),
        }
    }

    fn row(&self, n: u32) -> &ReportRow {
        &self.rows[n as usize].row
    }

    fn item(&mut self, mut item: Item, fresh: Known, earlier: Option<u32>) {
        // The row names them, and nobody else asks for them any more.
        item.findings = Vec::new();
        let Some(n) = earlier else { return self.first_seen(item, fresh) };
        self.taken[n as usize] = true;
        let known = &self.rows[n as usize];
        let changed = is_changed(known, &item);
        let decision = self.decision(known, changed);
        let (start, next) = (start(decision, known), next(decision, known, fresh, changed));
        self.count(decision);
        self.rewrite(n, next);
        self.assign(n, Arc::new(item), start);
    }

    fn first_seen(&mut self, item: Item, mut fresh: Known) {
        let (decision, start) = match self.trust {
            Trust::Journal => (Decision::Send, Start::Send { attempts: 0 }),
            // Its row may have been deleted, and it may stand.
            Trust::CsvAlone => {
                fresh.standing = Standing::Doubt { sent_at: None };
                (Decision::Look, Start::Look { attempts: 0, sent_at: None })
            }
        };
        self.count(decision);
        let n = self.add(fresh);
        self.assign(n, Arc::new(item), start);
    }

    fn decision(&self, known: &Known, changed: bool) -> Decision {
        let send = match self.trust {
            Trust::Journal => Decision::Send,
            Trust::CsvAlone => Decision::Look,
        };
        match (known.row.state, known.standing) {
            // A word without an id was typed by a person.
            (State::Created | State::Found, _) if known.row.api_id.is_empty() => Decision::Look,
            (State::Created | State::Found, _) if changed => Decision::Changed,
            (State::Created | State::Found | State::Exists | State::Duplicate, _) => Decision::Keep,
            (State::Refused | State::GaveUp, _) if !self.retry.refused => Decision::Keep,
            (State::Deleted, _) if !self.retry.deleted => Decision::Keep,
            (State::Unconfirmed, _) | (_, Standing::Doubt { .. }) => Decision::Look,
            (
                State::Refused
                | State::GaveUp
                | State::Deleted
                | State::Sending
                | State::NotSent
                | State::Unfit
                | State::Skipped,
                Standing::Clear,
            ) => send,
        }
    }

    /// An operation that is not to be sent (any more).
    fn idle(&mut self, fresh: Known, earlier: Option<u32>) {
        let Some(n) = earlier else {
            self.tally.idle += 1;
            self.add(fresh);
            return;
        };
        self.taken[n as usize] = true;
        if is_untouched(&self.rows[n as usize]) {
            self.tally.idle += 1;
            self.rewrite(n, fresh);
        } else {
            self.tally.changed += 1;
            self.keep_unplanned(n, CHANGED);
        }
    }

    /// What stands in the report and not in the plan.
    fn vanished(&mut self) {
        for n in (0..).take(self.taken.len()) {
            if self.taken[n as usize] {
                continue;
            }
            let known = &self.rows[n as usize];
            let unread = self.unreadable.contains(&known.row.source);
            if !is_untouched(known) {
                self.tally.gone += 1;
                self.keep_unplanned(n, SOURCE_GONE);
            } else if unread {
                self.tally.unread += 1;
                self.leave(n, State::NotSent, "its source can no longer be read");
            } else {
                self.tally.gone += 1;
                self.leave(n, State::Skipped, "no longer in its source");
            }
        }
    }

    /// A row of which something was sent, and whose operation is no item any more: nothing
    /// is sent for it, and the closing listing is held against it.
    fn keep_unplanned(&mut self, n: u32, code: &str) {
        let mut known = self.rows[n as usize].clone();
        known.row.find(code);
        let outcome = match known.standing {
            Standing::Doubt { .. } => Outcome::Unconfirmed,
            Standing::Clear => known.row.outcome().unwrap_or(Outcome::NotSent),
        };
        let item = Arc::new(stand_in(&known.row));
        let start = Start::Keep { outcome, attempts: known.row.attempts };
        self.rewrite(n, known);
        self.assign(n, item, start);
    }

    fn leave(&mut self, n: u32, state: State, why: &str) {
        let mut known = self.rows[n as usize].clone();
        known.row.find(SOURCE_GONE);
        known.row.state = state;
        known.row.error_code = SOURCE_GONE.into();
        known.row.error_message = why.into();
        self.rewrite(n, known);
    }

    fn add(&mut self, known: Known) -> u32 {
        let n = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.rewritten.push(n);
        self.rows.push(known);
        n
    }

    fn rewrite(&mut self, n: u32, known: Known) {
        if self.rows[n as usize] != known {
            self.rewritten.push(n);
            self.rows[n as usize] = known;
        }
    }

    fn assign(&mut self, row: u32, item: Arc<Item>, start: Start) {
        if !self.services.iter().any(|known| known.service == item.key.service) {
            let service = item.key.service.clone();
            self.services.push(KnownService { service, base: None });
        }
        let delete = matches!(start, Start::Delete { .. });
        self.targets.push(Target { row, item: Arc::clone(&item), delete });
        self.assignments.push(Assignment { item, start });
    }

    fn count(&mut self, decision: Decision) {
        *match decision {
            Decision::Send => &mut self.tally.send,
            Decision::Look => &mut self.tally.look,
            Decision::Keep => &mut self.tally.keep,
            Decision::Changed => &mut self.tally.changed,
        } += 1;
    }

    fn close(mut self, plan: &str) -> Decided {
        self.rewritten.sort_unstable();
        Decided {
            work: Work { items: self.assignments, services: self.services },
            opening: Opening {
                rows: self.rows,
                rewritten: self.rewritten,
                targets: self.targets,
                plan: plan.to_owned(),
            },
            tally: self.tally,
        }
    }
}

/// Where the journey of an item with such a past begins.
fn start(decision: Decision, known: &Known) -> Start {
    let attempts = known.row.attempts;
    match decision {
        Decision::Send => Start::Send { attempts },
        Decision::Look => {
            let sent_at = match known.standing {
                Standing::Doubt { sent_at } => sent_at,
                Standing::Clear => None,
            };
            Start::Look { attempts, sent_at }
        }
        Decision::Keep | Decision::Changed => {
            let outcome = known.row.outcome().unwrap_or(Outcome::Unconfirmed);
            Start::Keep { outcome, attempts }
        }
    }
}

/// The row before the run. What is in doubt is written down as that, so that a resume of
/// this resume knows it too.
fn next(decision: Decision, known: &Known, fresh: Known, changed: bool) -> Known {
    if decision == Decision::Send {
        let row = ReportRow { attempts: known.row.attempts, ..fresh.row };
        return Known { row, ..fresh };
    }
    let mut row = fresh.row;
    // Why it was no item is no longer so.
    if !known.row.state.is_idle() {
        row = carried(row, &known.row);
    }
    if changed {
        row.find(CHANGED);
    }
    let standing = match (decision, known.standing) {
        (Decision::Look, Standing::Clear) => Standing::Doubt { sent_at: None },
        (_, standing) => standing,
    };
    Known { row, standing, planned: known.planned.clone(), ..fresh }
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

/// Whether what was sent is not what would be sent now. Where the id of another API is
/// filled in, only a journal knows the digest before that.
fn is_changed(known: &Known, item: &Item) -> bool {
    let comparable = item.authorised_by.is_none() || known.planned.is_some();
    let earlier = known.planned();
    comparable && !earlier.is_empty() && earlier != item.digest.as_str()
}

/// Whether nothing was ever sent for it, nor found of it.
fn is_untouched(known: &Known) -> bool {
    (known.row.state == State::NotSent || known.row.state.is_idle())
        && known.row.attempts == 0
        && known.standing == Standing::Clear
}

/// For each entry the row of before that tells of the same operation: the row of its key,
/// else the row of its place in its source, where no other entry has that row's key.
fn matches(entries: &[Entry], rows: &[Known]) -> Vec<Option<u32>> {
    let mut by_key = HashMap::new();
    let mut by_place: HashMap<_, Vec<u32>> = HashMap::new();
    for (n, known) in (0..).zip(rows) {
        if !known.row.state.is_idle() {
            by_key.entry(key_of(&known.row)).or_insert(n);
        }
        by_place.entry((&*known.row.source, place_of(known))).or_default().push(n);
    }
    let mut found: Vec<Option<u32>> =
        entries.iter().map(|entry| by_key.remove(&key_as_sent(entry)?)).collect();
    let mut free = vec![true; rows.len()];
    for n in found.iter().flatten() {
        free[*n as usize] = false;
    }
    for (entry, found) in entries.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
        let origin = origin(entry);
        let place = (&*origin.source, origin.pointer.to_string());
        let at_place = by_place.get(&place).map_or(&[][..], Vec::as_slice);
        // What was sent under another key stays a row of its own.
        let fits = |n: &&u32| {
            let n = **n as usize;
            free[n] && (!matches!(entry, Entry::Item(_)) || is_untouched(&rows[n]))
        };
        *found = at_place.iter().find(fits).copied();
        if let Some(n) = found {
            free[*n as usize] = false;
        }
    }
    found
}

type Key<'k> = (&'k str, &'k str, &'k str);

fn key_of(row: &ReportRow) -> Key<'_> {
    (&row.service, &row.method, &row.path)
}

fn key_as_sent(entry: &Entry) -> Option<Key<'_>> {
    match entry {
        Entry::Item(Item { key, .. }) => Some((&key.service, &key.method, &key.path)),
        Entry::Unfit(_) | Entry::Skipped(_) => None,
    }
}

fn origin(entry: &Entry) -> &Origin {
    match entry {
        Entry::Item(item) => &item.origin,
        Entry::Unfit(unfit) => &unfit.origin,
        Entry::Skipped(skipped) => &skipped.origin,
    }
}

/// The pointer of a row's operation. A CSV does not tell it, but the method and path of
/// what was not sent are those of the document.
fn place_of(known: &Known) -> String {
    let row = &known.row;
    if known.pointer.is_empty() && row.state.is_idle() {
        let path = row.path.replace('~', "~0").replace('/', "~1");
        return format!("/paths/{path}/{}", row.method.to_ascii_lowercase());
    }
    known.pointer.to_string()
}

/// An item for a row that the plan has none for; it is never sent.
fn stand_in(row: &ReportRow) -> Item {
    Item {
        key: ItemKey {
            service: row.service.to_string(),
            method: row.method.to_string(),
            path: row.path.to_string(),
        },
        api_name: row.api_name.to_string(),
        body: "".into(),
        digest: super::Digest::of(b""),
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
    use crate::plan::{Digest, Skipped, Unfit};
    use crate::report::row::tests::{item, origin};

    fn entry(path: &str) -> Entry {
        Entry::Item(item("GET", path))
    }

    fn unfit(path: &str) -> Entry {
        let service = "service-a".into();
        let (method, path) = ("GET".into(), path.into());
        Entry::Unfit(Unfit { method, path, service, origin: origin(), findings: Vec::new() })
    }

    fn skipped(path: &str) -> Entry {
        let Entry::Unfit(Unfit { method, path, service, origin, .. }) = unfit(path) else {
            unreachable!()
        };
        let reason = "retired".into();
        Entry::Skipped(Skipped { method, path, service, origin, reason, findings: Vec::new() })
    }

    /// The row of `/pets` as an earlier run left it.
    fn known(state: State, doubt: bool) -> Known {
        let mut known = Known::of(&entry("/pets"));
        known.row.state = state;
        known.row.attempts = if state.is_idle() { 0 } else { 2 };
        known.row.error_code = "Code".into();
        let has_id = matches!(
            state,
            State::Created | State::Found | State::Exists | State::Duplicate | State::Deleted
        );
        if has_id {
            known.row.api_id = "api-1".into();
        }
        if doubt && !state.is_idle() {
            known.standing = Standing::Doubt { sent_at: Some(jiff::Timestamp::UNIX_EPOCH) };
        }
        known
    }

    fn before(rows: Vec<Known>) -> Before {
        Before { rows, ..Before::default() }
    }

    fn starts(decided: &Decided) -> Vec<&Start> {
        decided.work.items.iter().map(|assignment| &assignment.start).collect()
    }

    fn word(start: &Start) -> &'static str {
        match start {
            Start::Send { .. } => "send",
            Start::Look { sent_at: Some(_), .. } => "look",
            Start::Look { sent_at: None, .. } => "look from now",
            Start::Keep { .. } => "keep",
            Start::Delete { .. } => "delete",
        }
    }

    /// Every state with every doubt, under every option: what is done with an operation
    /// that stands in the plan unchanged.
    #[test]
    fn the_truth_table() {
        let refused = Retry { refused: true, ..Retry::default() };
        let deleted = Retry { deleted: true, ..Retry::default() };
        let columns = [
            (Trust::Journal, Retry::default(), false),
            (Trust::Journal, Retry::default(), true),
            (Trust::Journal, refused, false),
            (Trust::Journal, deleted, false),
            (Trust::CsvAlone, Retry::default(), false),
            (Trust::CsvAlone, refused, false),
            (Trust::CsvAlone, deleted, false),
        ];
        let line = |state: State| {
            let cells = columns.map(|(trust, retry, doubt)| {
                let before = Before { trust, retry, ..before(vec![known(state, doubt)]) };
                let entries = vec![entry("/pets")];
                word(starts(&decide(entries, before))[0])
            });
            format!("{state:<11} | {}\n", cells.join(" | "))
        };
        let table: String = State::ALL.into_iter().map(line).collect();
        // Some of these cannot be, such as a doubt about what is created; they stand in the
        // table all the same. What is unfit or skipped is never in doubt.
        let expected = "\
created     | keep | keep | keep | keep | keep | keep | keep
found       | keep | keep | keep | keep | keep | keep | keep
exists      | keep | keep | keep | keep | keep | keep | keep
refused     | keep | keep | send | keep | keep | look from now | keep
gave-up     | keep | keep | send | keep | keep | look from now | keep
unconfirmed | look from now | look | look from now | look from now | look from now | look from now | look from now
duplicate   | keep | keep | keep | keep | keep | keep | keep
unfit       | send | send | send | send | look from now | look from now | look from now
skipped     | send | send | send | send | look from now | look from now | look from now
not-sent    | send | look | send | send | look from now | look from now | look from now
deleted     | keep | keep | keep | send | keep | keep | look from now
sending     | send | look | send | send | look from now | look from now | look from now
";
        assert_eq!(table, expected);
    }

    /// Else a resume of this resume would find it by its place, and send it.
    #[test]
    fn what_is_in_doubt_is_written_down_as_an_item_that_was_not_sent() {
        for idle in [State::Unfit, State::Skipped] {
            let rows = vec![known(idle, false)];
            let before = Before { trust: Trust::CsvAlone, ..before(rows) };
            let decided = decide(vec![entry("/pets")], before);
            let row = &decided.opening.rows[0];
            assert_eq!(row.row.state, State::NotSent);
            assert_eq!(row.standing, Standing::Doubt { sent_at: None });
        }
    }

    #[test]
    fn a_first_import_sends_everything_that_fits_and_has_a_row_of_everything() {
        let entries = vec![entry("/a"), unfit("/b"), skipped("/c"), entry("/d")];
        let decided = decide(entries, Before::default());
        let send = Start::Send { attempts: 0 };
        assert_eq!(starts(&decided), [&send, &send]);
        let states: Vec<State> = decided.opening.rows.iter().map(|known| known.row.state).collect();
        assert_eq!(states, [State::NotSent, State::Unfit, State::Skipped, State::NotSent]);
        let places: Vec<u32> = decided.opening.targets.iter().map(|target| target.row).collect();
        assert_eq!(places, [0, 3]);
        assert_eq!(decided.work.services[0].service, "service-a");
        assert_eq!(decided.tally, Tally { send: 2, idle: 2, ..Tally::default() });
    }

    #[test]
    fn what_changed_under_an_api_is_told_and_not_sent() {
        for state in [State::Created, State::Found] {
            let mut earlier = known(state, false);
            earlier.row.digest = Digest::of(b"as it was").as_str().into();
            let decided = decide(vec![entry("/pets")], before(vec![earlier.clone()]));
            assert_eq!(word(starts(&decided)[0]), "keep");
            let row = &decided.opening.rows[0].row;
            assert!(row.has_found(CHANGED));
            assert_eq!(row.digest, earlier.row.digest, "what was sent");
            assert_eq!(decided.tally.changed, 1);
            // Changed back: nothing to tell any more.
            earlier.row.digest = item("GET", "/pets").digest.as_str().into();
            let decided = decide(vec![entry("/pets")], before(vec![earlier]));
            assert!(!decided.opening.rows[0].row.has_found(CHANGED));
        }
    }

    #[test]
    fn an_id_filled_in_when_it_was_sent_is_no_change() {
        let mut dependent = item("GET", "/pets");
        dependent.authorised_by = Some(item("POST", "/token").key);
        let mut earlier = known(State::Created, false);
        earlier.row.digest = Digest::of(b"with the id").as_str().into();
        // A CSV alone does not tell what was planned: no opinion.
        let entries = || vec![Entry::Item(dependent.clone())];
        let decided = decide(entries(), before(vec![earlier.clone()]));
        assert!(!decided.opening.rows[0].row.has_found(CHANGED));
        earlier.planned = Some(dependent.digest.as_str().into());
        let decided = decide(entries(), before(vec![earlier.clone()]));
        assert!(!decided.opening.rows[0].row.has_found(CHANGED));
        earlier.planned = Some(Digest::of(b"otherwise").as_str().into());
        let decided = decide(entries(), before(vec![earlier]));
        assert!(decided.opening.rows[0].row.has_found(CHANGED));
    }

    #[test]
    fn an_item_knows_who_authorises_it_also_on_resume() {
        let mut dependent = item("GET", "/pets");
        dependent.authorised_by = Some(item("POST", "/token").key);
        let entries = vec![entry("/a"), Entry::Item(dependent.clone())];
        let decided = decide(entries, before(vec![known(State::NotSent, false)]));
        assert_eq!(decided.work.items[1].item.authorised_by, dependent.authorised_by);
    }

    #[test]
    fn new_operations_come_after_the_rows_of_before_and_are_sent() {
        let entries = vec![entry("/new"), entry("/pets")];
        let decided = decide(entries, before(vec![known(State::Created, false)]));
        assert_eq!(starts(&decided)[0], &Start::Send { attempts: 0 });
        let paths: Vec<&str> = decided.opening.rows.iter().map(|known| &*known.row.path).collect();
        assert_eq!(paths, ["/pets", "/new"]);
        assert_eq!(decided.opening.targets[0].row, 1, "work keeps the plan's order");
    }

    #[test]
    fn what_was_sent_and_is_gone_keeps_its_row_and_is_only_looked_at() {
        let kept = [
            (known(State::Created, false), Outcome::Created { id: "api-1".into() }),
            (known(State::Refused, false), Outcome::Refused { code: "Code".into() }),
            (known(State::Sending, true), Outcome::Unconfirmed),
            (known(State::Unconfirmed, true), Outcome::Unconfirmed),
        ];
        for (earlier, outcome) in kept {
            let decided = decide(Vec::new(), before(vec![earlier.clone()]));
            assert_eq!(starts(&decided), [&Start::Keep { outcome, attempts: 2 }]);
            let row = &decided.opening.rows[0].row;
            assert!(row.has_found(SOURCE_GONE));
            assert_eq!(row.state, earlier.row.state);
            assert_eq!(decided.tally.gone, 1);
        }
    }

    #[test]
    fn what_was_never_sent_is_left_out_when_gone_and_waits_when_its_source_is_unreadable() {
        let mut earlier = known(State::NotSent, false);
        earlier.row.attempts = 0;
        let decided = decide(Vec::new(), before(vec![earlier.clone()]));
        assert_eq!(decided.opening.rows[0].row.state, State::Skipped);
        assert!(decided.work.items.is_empty());

        let unreadable = vec![Arc::from("petstore.yaml")];
        let before = Before { unreadable, ..before(vec![earlier]) };
        let decided = decide(Vec::new(), before);
        assert_eq!(decided.opening.rows[0].row.state, State::NotSent);
        assert!(decided.opening.rows[0].row.has_found(SOURCE_GONE));
        assert_eq!(decided.tally, Tally { unread: 1, ..Tally::default() });
    }

    #[test]
    fn a_mended_operation_takes_over_the_row_of_its_place() {
        // Unfit before, and its path is sent with the base path before it now.
        let mut mended = item("GET", "/v1/pets");
        mended.origin.pointer = "/paths/~1pets/get".into();
        let rows = vec![Known::of(&unfit("/pets"))];
        let decided = decide(vec![Entry::Item(mended.clone())], before(rows));
        assert_eq!(decided.opening.rows.len(), 1);
        assert_eq!(&*decided.opening.rows[0].row.path, "/v1/pets");
        assert_eq!(starts(&decided), [&Start::Send { attempts: 0 }]);

        // A CSV does not hold the place, but method and path of the document.
        let rows = vec![Known { pointer: "".into(), ..Known::of(&unfit("/pets")) }];
        let before = Before { trust: Trust::CsvAlone, ..before(rows) };
        let decided = decide(vec![Entry::Item(mended)], before);
        assert_eq!(decided.opening.rows.len(), 1);
    }

    #[test]
    fn an_operation_sent_under_another_key_keeps_its_row_beside_the_new_one() {
        let mut moved = item("GET", "/v2/pets");
        moved.origin.pointer = "/paths/~1pets/get".into();
        let decided = decide(vec![Entry::Item(moved)], before(vec![known(State::Created, false)]));
        let states: Vec<State> = decided.opening.rows.iter().map(|known| known.row.state).collect();
        assert_eq!(states, [State::Created, State::NotSent]);
        assert!(decided.opening.rows[0].row.has_found(SOURCE_GONE));
    }

    #[test]
    fn a_created_api_whose_operation_is_unfit_or_left_out_now_stays_and_is_told() {
        for now in [unfit("/pets"), skipped("/pets")] {
            let decided = decide(vec![now], before(vec![known(State::Created, false)]));
            assert_eq!(decided.opening.rows.len(), 1);
            let row = &decided.opening.rows[0].row;
            assert_eq!((row.state, row.has_found(CHANGED)), (State::Created, true));
            assert_eq!(word(starts(&decided)[0]), "keep");
        }
    }

    #[test]
    fn a_claim_without_an_id_is_looked_up() {
        let mut typed = known(State::Created, false);
        typed.row.api_id = "".into();
        let decided = decide(vec![entry("/pets")], before(vec![typed]));
        assert_eq!(word(starts(&decided)[0]), "look from now");
    }

    #[test]
    fn only_rows_that_read_otherwise_are_written_again() {
        let mut same = known(State::Created, false);
        same.row.error_code = "".into();
        let mut changed = same.clone();
        changed.row.path = "/other".into();
        changed.row.digest = "otherwise".into();
        let entries = vec![entry("/new"), entry("/pets"), entry("/other")];
        let decided = decide(entries, before(vec![same, changed]));
        assert_eq!(decided.opening.rewritten, [1, 2]);
    }

    #[test]
    fn the_plans_digest_follows_keys_and_bodies() {
        let digest = |entries| decide(entries, Before::default()).opening.plan;
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
            let mut known = known(state, false);
            known.row.path = path.into();
            known.row.created_at = created_at;
            known
        };
        let rows = vec![
            row(State::Created, "/token", at(1)),
            row(State::Exists, "/exists", None),
            row(State::Found, "/pets", at(2)),
            row(State::Refused, "/refused", None),
            row(State::Deleted, "/deleted", at(1)),
            row(State::Duplicate, "/twice", at(1)),
        ];
        let decided = undo(rows);
        let paths: Vec<&str> =
            decided.work.items.iter().map(|assignment| &*assignment.item.key.path).collect();
        assert_eq!(paths, ["/pets", "/token"]);
        assert!(starts(&decided).iter().all(|start| word(start) == "delete"));
        assert!(decided.opening.targets.iter().all(|target| target.delete));
        assert_eq!(decided.opening.rows.len(), 6);
        assert!(decided.opening.rewritten.is_empty());
    }
}
