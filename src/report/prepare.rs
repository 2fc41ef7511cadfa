//! The report before a run: what the decisions of `report::resume` make of its rows, and of
//! the run's work. Pure. Rows of an earlier run keep their places; new ones come after them.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};

use crate::finding::Code;
use crate::plan::{Digest, Entry, Item, Origin, Plan};
use crate::report::resume::{self, Decision, Leftover, Options, Trust};
use crate::report::row::{CHANGED, Row};
use crate::run::{Assignment, Believed, Detail, KnownService, Outcome, Start, Work, own};
use crate::target::tencent::body::Body;

/// How far our clock and the gateway's may be apart, and an answer may be late.
const APART: SignedDuration = SignedDuration::from_mins(5);

const SOURCE_GONE: &str = Code::SOURCE_GONE.as_str();

/// What is to be done, and the report before it is done.
#[derive(Debug, Default)]
pub struct Prepared {
    /// For the run.
    pub work: Work,
    /// For the report.
    pub rows: Rows,
    /// For the person.
    pub tally: Tally,
}

/// The rows of a report before a run.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// All of them.
    pub(crate) all: Vec<Row>,
    /// Those that are new or differ from what the journal holds, in order.
    pub(crate) rewritten: Vec<u32>,
    /// The row of each item of the work, by its place there.
    pub(crate) of_items: Vec<ItemRow>,
    /// Digest of the plan: of its items' keys and bodies, in order.
    pub(crate) plan: String,
}

/// The row of an item.
#[derive(Debug, Clone)]
pub(crate) struct ItemRow {
    /// Its place in the report.
    pub(crate) row: u32,
    /// The item.
    pub(crate) item: Arc<Item>,
}

/// How many operations each decision applies to.
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
    pub left_out: usize,
    /// To be deleted.
    pub delete: usize,
}

/// Prepares a first import.
pub fn import(entries: Vec<Entry>) -> Prepared {
    resume(entries, Vec::new(), Vec::new(), &Options::default())
}

/// The rows of a first import while its services are still to be made: those that wait for
/// one have none, so that no name can be taken for an id.
pub fn before_services(plan: &Plan) -> Rows {
    let is_new = |row: &Row| plan.summary.new_services.iter().any(|new| *new.name == *row.service);
    let entries = plan.documents.iter().flat_map(|document| &document.entries);
    let mut rows: Vec<Row> = entries.map(Row::of).collect();
    rows.iter_mut().filter(|row| is_new(row)).for_each(|row| row.service = "".into());
    Rows { all: rows, ..Rows::default() }
}

/// Prepares a resume: decides what to do with every entry of a plan and every row of an
/// earlier run.
pub fn resume(
    entries: Vec<Entry>,
    rows: Vec<Row>,
    services: Vec<KnownService>,
    options: &Options,
) -> Prepared {
    let matches = resume::matches(&entries, &rows, options.retry);
    let mut left: Vec<bool> = vec![true; rows.len()];
    for n in matches.iter().flatten() {
        left[*n as usize] = false;
    }
    let believed = (options.trust == Trust::CsvAlone).then(|| believed(&rows));
    let mut builder = Builder { believed, ..Builder::new(rows, services) };
    let mut hash = Sha256::new();
    for (entry, n) in entries.into_iter().zip(matches) {
        let decision = resume::decide(&entry, n.map(|n| builder.row(n)), options);
        let fresh = Row::of(&entry);
        match entry {
            Entry::Item(item) => {
                hash.update(format!("{} {}\n", item.key.short(), item.digest));
                builder.item(item, fresh, decision, n);
            }
            Entry::Unfit(_) | Entry::Skipped(_) => builder.left_out(fresh, decision, n),
        }
    }
    for (n, _) in (0..).zip(left).filter(|(_, left)| *left) {
        builder.leftover(n, resume::of_leftover(builder.row(n), options));
    }
    builder.finish(&hex::encode(hash.finalize()))
}

/// Prepares an undo: deletes what these rows say is ours, latest first, so that what depends
/// on an API goes before it.
///
/// What only a CSV says is believed no further than a listing bears it out, and not at all
/// where it does not even say when we made it.
pub fn undo(rows: Vec<Row>, services: Vec<KnownService>) -> Prepared {
    let is_believed = rows.iter().any(|row| row.is_ours() && row.doubt.is_some());
    let believed = is_believed.then(|| believed(&rows));
    let mut builder = Builder { believed, ..Builder::new(rows, services) };
    let mut ours: Vec<u32> = (0..).take(builder.rows.len()).collect();
    ours.retain(|n| builder.row(*n).is_ours());
    ours.sort_by_key(|n| Reverse((builder.row(*n).created_at, *n)));
    let named = named(&builder.rows);
    for n in ours {
        let row = builder.row(n);
        let Some(was) = row.outcome.clone() else { continue };
        if let Some(why) = contradiction(row, &named) {
            let detail = Detail::ours(own::MISMATCH, why);
            let row = Row { detail, ..row.clone() };
            builder.put(Some(n), row);
            continue;
        }
        let assignment = Assignment::delete(Arc::new(stand_in(row)), was, 0);
        builder.tally.delete += 1;
        builder.assign(n, assignment);
    }
    builder.finish("")
}

/// How many rows name each API.
fn named(rows: &[Row]) -> HashMap<String, usize> {
    let mut named = HashMap::new();
    for id in rows.iter().filter_map(|row| row.outcome.as_ref()).flat_map(Outcome::ids) {
        *named.entry(id.clone()).or_default() += 1;
    }
    named
}

/// Why a row that no journal bears out does not tell of an API of ours.
fn contradiction(row: &Row, named: &HashMap<String, usize>) -> Option<&'static str> {
    row.doubt?;
    if row.created_at.is_none() {
        return Some("the row does not say when it was created");
    }
    let is_shared = named.get(&row.api_id()).is_some_and(|rows| *rows > 1);
    is_shared.then_some("another row names this id too")
}

/// How far rows are believed that no journal bears out. Before `since` the gateway created
/// nothing of what they say is ours, however far its clock and ours are apart and however long
/// an answer took.
fn believed(rows: &[Row]) -> Believed {
    let ours = || rows.iter().filter(|row| row.is_ours() && row.created_at.is_some());
    let first = ours().filter_map(|row| row.created_at).min().unwrap_or_default();
    let since = first.checked_sub(APART).unwrap_or_default();
    Believed { since, made: ours().map(Row::api_id).collect() }
}

#[derive(Debug)]
struct Builder {
    rows: Vec<Row>,
    rewritten: Vec<u32>,
    of_items: Vec<ItemRow>,
    assignments: Vec<Assignment>,
    services: Vec<KnownService>,
    believed: Option<Believed>,
    tally: Tally,
}

impl Builder {
    fn new(rows: Vec<Row>, services: Vec<KnownService>) -> Self {
        Self {
            rows,
            rewritten: Vec::new(),
            of_items: Vec::new(),
            assignments: Vec::new(),
            services,
            believed: None,
            tally: Tally::default(),
        }
    }

    fn row(&self, n: u32) -> &Row {
        &self.rows[n as usize]
    }

    fn item(&mut self, mut item: Item, fresh: Row, decision: Decision, n: Option<u32>) {
        // The row names them, and nothing asks for them any more.
        item.findings = Vec::new();
        self.count(decision);
        let earlier = n.map(|n| self.row(n));
        let changed = earlier.is_some_and(|row| resume::is_changed(row, &item));
        let assignment = assignment(Arc::new(item), decision, earlier);
        let row = next_row(decision, earlier, fresh, changed);
        let n = self.put(n, row);
        self.assign(n, assignment);
    }

    /// An operation that is not to be sent (any more).
    fn left_out(&mut self, fresh: Row, decision: Decision, n: Option<u32>) {
        self.count(decision);
        match (n, decision) {
            (Some(n), Decision::Changed) => self.watch(n, CHANGED),
            _ => _ = self.put(n, fresh),
        }
    }

    fn leftover(&mut self, n: u32, leftover: Leftover) {
        let (count, outcome, why) = match leftover {
            Leftover::Gone => {
                self.tally.gone += 1;
                return self.watch(n, SOURCE_GONE);
            }
            Leftover::Dropped => {
                (&mut self.tally.gone, Outcome::Skipped, "no longer in its source")
            }
            Leftover::Unread => {
                (&mut self.tally.unread, Outcome::NotSent, "its source can no longer be read")
            }
        };
        *count += 1;
        let mut row = self.row(n).clone();
        row.find(SOURCE_GONE);
        row.outcome = Some(outcome);
        row.detail = Detail { request_id: row.detail.request_id, ..Detail::ours(SOURCE_GONE, why) };
        self.put(Some(n), row);
    }

    /// A row of which something was sent, and whose operation is no longer an item: nothing
    /// is sent for it, and the closing listing is held against it.
    fn watch(&mut self, n: u32, code: &str) {
        let mut row = self.row(n).clone();
        row.find(code);
        let outcome = match row.doubt {
            Some(_) => Outcome::Unconfirmed,
            None => row.outcome.clone().unwrap_or(Outcome::NotSent),
        };
        let keep = Assignment::keep(Arc::new(stand_in(&row)), outcome, row.attempts);
        self.put(Some(n), row);
        self.assign(n, keep);
    }

    /// Puts a row in its place, or after all others.
    fn put(&mut self, place: Option<u32>, row: Row) -> u32 {
        let n = place.unwrap_or_else(|| u32::try_from(self.rows.len()).unwrap_or(u32::MAX));
        match self.rows.get_mut(n as usize) {
            Some(before) if *before == row => return n,
            Some(before) => *before = row,
            None => self.rows.push(row),
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
        self.of_items.push(ItemRow { row, item });
        self.assignments.push(assignment);
    }

    fn count(&mut self, decision: Decision) {
        *match decision {
            Decision::Send => &mut self.tally.send,
            Decision::Look | Decision::Remake => &mut self.tally.look,
            Decision::Keep => &mut self.tally.keep,
            Decision::Changed => &mut self.tally.changed,
            Decision::LeaveOut => &mut self.tally.left_out,
        } += 1;
    }

    fn finish(mut self, plan: &str) -> Prepared {
        self.rewritten.sort_unstable();
        let Self { rows: all, rewritten, of_items, assignments, services, believed, tally } = self;
        Prepared {
            work: Work { items: assignments, services, believed },
            rows: Rows { all, rewritten, of_items, plan: plan.to_owned() },
            tally,
        }
    }
}

/// What is to be done with an item, of which an earlier run left this row.
fn assignment(item: Arc<Item>, decision: Decision, row: Option<&Row>) -> Assignment {
    let attempts = row.map_or(0, |row| row.attempts);
    match (decision, row) {
        (Decision::Send, _) => Assignment::create(item, Start::Send { attempts }),
        (Decision::Remake, Some(row)) => {
            let was = row.outcome.clone().unwrap_or(Outcome::Unconfirmed);
            let start = Start::Look { attempts, sent_at: None };
            Assignment { was, ..Assignment::create(item, start) }
        }
        (Decision::Look, _) | (_, None) => {
            let sent_at = row.and_then(|row| row.doubt).and_then(|doubt| doubt.sent_at);
            Assignment::create(item, Start::Look { attempts, sent_at })
        }
        (Decision::Keep | Decision::Changed | Decision::LeaveOut, Some(row)) => {
            Assignment::keep(item, row.outcome.clone().unwrap_or(Outcome::Unconfirmed), attempts)
        }
    }
}

/// The row before the run. What is in doubt is written down as that, so that a resume of
/// this resume knows it too.
fn next_row(decision: Decision, earlier: Option<&Row>, fresh: Row, changed: bool) -> Row {
    let doubt = match (decision, earlier.and_then(|row| row.doubt)) {
        (Decision::Send, _) => None,
        (Decision::Look, doubt) => Some(doubt.unwrap_or_default()),
        (_, doubt) => doubt,
    };
    let Some(earlier) = earlier.filter(|row| !row.is_left_out()) else {
        return Row { doubt, ..fresh };
    };
    if decision == Decision::Send {
        return Row { attempts: earlier.attempts, doubt, ..fresh };
    }
    let mut row = Row {
        outcome: earlier.outcome.clone(),
        attempts: earlier.attempts,
        detail: earlier.detail.clone(),
        created_at: earlier.created_at,
        digest: known(&earlier.digest, &fresh.digest),
        backend: known(&earlier.backend, &fresh.backend),
        changes: earlier.changes.clone(),
        doubt,
        ..fresh
    };
    // What a look may find was made of the operation as it was; a new send takes it back.
    if changed && matches!(decision, Decision::Changed | Decision::Look) {
        row.find(CHANGED);
    }
    row
}

/// What an earlier run knew, where it did.
fn known(earlier: &str, fresh: &str) -> Box<str> {
    if earlier.is_empty() { fresh.into() } else { earlier.into() }
}

/// An item for a row that the plan has none for; it is never sent.
fn stand_in(row: &Row) -> Item {
    Item {
        key: row.key(),
        api_name: row.api_name.to_string(),
        request: Body::default(),
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
    use crate::report::fixtures::{item, origin};
    use crate::report::resume::Trust;
    use crate::report::row::Doubt;
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

    fn created() -> Outcome {
        Outcome::Created { id: "api-1".into() }
    }

    fn refused() -> Outcome {
        Outcome::Refused { code: "Code".into() }
    }

    /// The row of `/pets` as an earlier run left it.
    fn known(outcome: impl Into<Option<Outcome>>) -> Row {
        let outcome = outcome.into();
        let attempts = if outcome.as_ref().is_some_and(Outcome::is_left_out) { 0 } else { 2 };
        let detail = Detail::ours("Code", "");
        Row { outcome, attempts, detail, ..Row::of(&entry("/pets")) }
    }

    fn doubtful(outcome: impl Into<Option<Outcome>>) -> Row {
        let doubt = Some(Doubt { sent_at: Some(jiff::Timestamp::UNIX_EPOCH) });
        Row { doubt, ..known(outcome) }
    }

    fn resumed(entries: Vec<Entry>, rows: Vec<Row>) -> Prepared {
        resume(entries, rows, Vec::new(), &Options::default())
    }

    fn resumed_from_csv(entries: Vec<Entry>, rows: Vec<Row>) -> Prepared {
        let options = Options { trust: Trust::CsvAlone, ..Options::default() };
        resume(entries, rows, Vec::new(), &options)
    }

    fn starts(prepared: &Prepared) -> Vec<&Start> {
        prepared.work.items.iter().map(|assignment| &assignment.start).collect()
    }

    fn row(prepared: &Prepared) -> &Row {
        &prepared.rows.all[0]
    }

    #[test]
    fn a_first_import_sends_everything_that_fits_and_has_a_row_of_everything() {
        let prepared = import(vec![entry("/a"), unfit("/b"), entry("/c")]);
        let send = Start::Send { attempts: 0 };
        assert_eq!(starts(&prepared), [&send, &send]);
        let words: Vec<&str> = prepared.rows.all.iter().map(Row::word).collect();
        assert_eq!(words, ["not-sent", "unfit", "not-sent"]);
        let places: Vec<u32> = prepared.rows.of_items.iter().map(|target| target.row).collect();
        assert_eq!(places, [0, 2]);
        assert_eq!(prepared.work.services[0].service, "service-a");
        assert_eq!(prepared.tally, Tally { send: 2, left_out: 1, ..Tally::default() });
    }

    #[test]
    fn a_journey_begins_where_the_last_run_left_it() {
        let of = |known| {
            let prepared = resumed(vec![entry("/pets")], vec![known]);
            prepared.work.items[0].start.clone()
        };
        let sent_at = Some(jiff::Timestamp::UNIX_EPOCH);
        assert_eq!(of(known(None)), Start::Send { attempts: 2 });
        assert_eq!(of(doubtful(None)), Start::Look { attempts: 2, sent_at });
        assert_eq!(of(known(Outcome::Unconfirmed)), Start::Look { attempts: 2, sent_at: None });
        assert_eq!(of(known(refused())), Start::Keep { attempts: 2 });
    }

    #[test]
    fn what_changed_under_an_api_is_told_and_not_sent() {
        let mut earlier = known(created());
        earlier.digest = Digest::of(b"as it was").as_str().into();
        let prepared = resumed(vec![entry("/pets")], vec![earlier.clone()]);
        assert!(matches!(starts(&prepared)[0], Start::Keep { .. }));
        assert!(row(&prepared).has_found(CHANGED));
        assert_eq!(row(&prepared).digest, earlier.digest, "what was sent");
        assert_eq!(prepared.tally.changed, 1);
        // Changed back: nothing to tell any more.
        earlier.digest = item("GET", "/pets").digest.as_str().into();
        let prepared = resumed(vec![entry("/pets")], vec![earlier]);
        assert!(!row(&prepared).has_found(CHANGED));
    }

    #[test]
    fn what_a_look_may_find_is_told_to_be_of_the_operation_as_it_was() {
        let mut earlier = doubtful(None);
        earlier.digest = Digest::of(b"as it was").as_str().into();
        let prepared = resumed(vec![entry("/pets")], vec![earlier]);
        assert!(row(&prepared).has_found(CHANGED));
        let digest = item("GET", "/pets").digest.to_string();
        let at = jiff::Timestamp::UNIX_EPOCH;
        let step = Transition::Intent { digest: digest.clone() };
        let intent = Fact::Item { item: "k", action: Action::Create, attempt: 3, at, step };
        let mut known = prepared.rows.all[0].clone();
        known.learn(&intent);
        assert!(!known.has_found(CHANGED), "it was sent as it stands now");
        assert_eq!(*known.digest, digest);
    }

    #[test]
    fn a_dependent_still_names_who_authorises_it() {
        let mut dependent = item("GET", "/pets");
        dependent.authorised_by = Some(item("POST", "/token").key);
        let entries = vec![Entry::Item(dependent.clone())];
        let prepared = resumed(entries, vec![known(Outcome::NotSent)]);
        assert_eq!(prepared.work.items[0].item.authorised_by, dependent.authorised_by);
    }

    #[test]
    fn new_operations_come_after_the_rows_of_before() {
        let entries = vec![entry("/new"), entry("/pets")];
        let prepared = resumed(entries, vec![known(created())]);
        let paths: Vec<&str> = prepared.rows.all.iter().map(|row| &*row.path).collect();
        assert_eq!(paths, ["/pets", "/new"]);
        assert_eq!(prepared.rows.of_items[0].row, 1, "work keeps the plan's order");
    }

    #[test]
    fn what_was_sent_and_is_gone_keeps_its_row_and_is_only_watched() {
        let kept = [
            (known(created()), Outcome::Created { id: "api-1".into() }),
            (known(refused()), Outcome::Refused { code: "Code".into() }),
            (doubtful(None), Outcome::Unconfirmed),
            (doubtful(Outcome::Unconfirmed), Outcome::Unconfirmed),
        ];
        for (earlier, outcome) in kept {
            let prepared = resumed(Vec::new(), vec![earlier.clone()]);
            assert_eq!(starts(&prepared), [&Start::Keep { attempts: 2 }]);
            assert_eq!(prepared.work.items[0].was, outcome);
            assert!(row(&prepared).has_found(SOURCE_GONE));
            assert_eq!(row(&prepared).outcome, earlier.outcome);
            assert_eq!(prepared.tally.gone, 1);
        }
    }

    #[test]
    fn what_was_never_sent_is_left_out_when_gone_and_waits_when_its_source_is_unreadable() {
        let mut earlier = known(Outcome::NotSent);
        earlier.attempts = 0;
        let prepared = resumed(Vec::new(), vec![earlier.clone()]);
        assert_eq!(row(&prepared).outcome, Some(Outcome::Skipped));
        assert!(prepared.work.items.is_empty());

        let unreadable = vec![Arc::from("petstore.yaml")];
        let options = Options { unreadable, ..Options::default() };
        let prepared = resume(Vec::new(), vec![earlier], Vec::new(), &options);
        assert_eq!(row(&prepared).outcome, Some(Outcome::NotSent));
        assert!(row(&prepared).has_found(SOURCE_GONE));
        assert_eq!(prepared.tally, Tally { unread: 1, ..Tally::default() });
    }

    #[test]
    fn a_csv_finds_the_place_of_what_was_unfit_by_its_method_and_path() {
        let mut mended = item("GET", "/v1/pets");
        mended.origin.pointer = "/paths/~1pets/get".into();
        let rows = vec![Row { pointer: "".into(), ..Row::of(&unfit("/pets")) }];
        let prepared = resumed_from_csv(vec![Entry::Item(mended)], rows);
        assert_eq!(prepared.rows.all.len(), 1);
        assert_eq!(&*row(&prepared).path, "/v1/pets");
    }

    /// Else a resume of this resume would take it for an operation that was never sent.
    #[test]
    fn what_is_in_doubt_is_written_down_as_that() {
        for outcome in [Some(Outcome::Unfit), Some(Outcome::NotSent), None] {
            let prepared =
                resumed_from_csv(vec![entry("/pets"), entry("/new")], vec![known(outcome)]);
            for row in &prepared.rows.all {
                assert_eq!(row.doubt, Some(Doubt::default()));
                assert!(!row.is_left_out());
            }
        }
    }

    #[test]
    fn a_created_api_whose_operation_is_unfit_now_stays_and_is_told() {
        let mut ours = known(created());
        ours.pointer = origin().pointer.to_string().into();
        let prepared = resumed(vec![unfit("/pets")], vec![ours]);
        assert_eq!(prepared.rows.all.len(), 1);
        assert_eq!(row(&prepared).outcome, Some(created()));
        assert!(row(&prepared).has_found(CHANGED));
        assert!(matches!(starts(&prepared)[0], Start::Keep { .. }));
    }

    #[test]
    fn only_rows_that_read_otherwise_are_written_again() {
        let mut changed = known(created());
        changed.path = "/other".into();
        changed.digest = "otherwise".into();
        let entries = vec![entry("/new"), entry("/pets"), entry("/other")];
        let prepared = resumed(entries, vec![known(created()), changed]);
        assert_eq!(prepared.rows.rewritten, [1, 2]);
    }

    #[test]
    fn the_plans_digest_follows_keys_and_bodies() {
        let digest = |entries| import(entries).rows.plan;
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
        let row = |outcome: Outcome, path: &str, created_at| Row {
            path: path.into(),
            created_at,
            ..known(outcome)
        };
        let typed = Row { path: "/typed".into(), ..known(None) };
        let rows = vec![
            row(created(), "/token", at(1)),
            row(Outcome::Exists { id: "api-1".into() }, "/exists", None),
            row(Outcome::Found { id: "api-1".into() }, "/pets", at(2)),
            row(refused(), "/refused", None),
            row(Outcome::Deleted { id: "api-1".into() }, "/deleted", at(1)),
            row(Outcome::Duplicate { ids: vec![] }, "/twice", at(1)),
            typed,
        ];
        let prepared = undo(rows, Vec::new());
        let paths: Vec<&str> =
            prepared.work.items.iter().map(|assignment| &*assignment.item.key.path).collect();
        assert_eq!(paths, ["/pets", "/token"]);
        assert!(prepared.work.items.iter().all(|assignment| assignment.action == Action::Delete));
        assert_eq!((prepared.rows.all.len(), prepared.tally.delete), (7, 2));
        assert!(prepared.rows.rewritten.is_empty());
    }

    #[test]
    fn undo_believes_no_row_whose_id_another_row_names_too() {
        let row = |outcome, path: &str| Row {
            path: path.into(),
            created_at: Some(jiff::Timestamp::UNIX_EPOCH),
            ..doubtful(outcome)
        };
        let exists = || Outcome::Exists { id: "api-1".into() };
        let prepared = undo(vec![row(created(), "/a"), row(exists(), "/b")], Vec::new());
        assert!(prepared.work.items.is_empty());
        assert_eq!(prepared.rows.all[0].detail.message, "another row names this id too");
        let by_journal = Row { doubt: None, ..row(created(), "/a") };
        let prepared = undo(vec![by_journal, row(exists(), "/b")], Vec::new());
        assert_eq!(prepared.work.items.len(), 1);
    }
}
