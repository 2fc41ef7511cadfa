//! What to do with each operation of a plan, given the rows that an earlier run left.
//!
//! One pure decision for the first import, a resume, and a resume from a CSV alone. Nothing
//! is sent here and nothing is looked up: where it is not certain that no API of ours
//! exists, the decision is to look. What a decision makes of the rows and of the run's work
//! is `report::prepare`'s business.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::plan::{Entry, Item, Origin};
use crate::report::row::Row;
use crate::run::{Outcome, own};

/// How far the rows can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trust {
    /// They come from a journal: what is not in it did not happen.
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
    /// What this report made and somebody has deleted since.
    pub gone: bool,
}

/// What the decision depends on beside the plan and the rows.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How far the rows can be believed.
    pub trust: Trust,
    /// What to send again.
    pub retry: Retry,
    /// Sources that can no longer be read: their operations are not gone.
    pub unreadable: Vec<Arc<str>>,
}

/// What to do with an operation of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Send it.
    Send,
    /// A create may have taken effect: look before anything else.
    Look,
    /// It was made: look whether it still is there, and send it again where it is not.
    Remake,
    /// It has ended; leave it.
    Keep,
    /// As `Keep`, but what exists is not what would be sent now (or nothing would be).
    Changed,
    /// It cannot be sent, or is left out.
    LeaveOut,
}

/// What to do with an operation that is no longer in the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Leftover {
    /// Something was sent: it keeps its row and is watched.
    Gone,
    /// Nothing was sent: it is left out from now on.
    Dropped,
    /// Nothing was sent, and its source cannot be read: it waits.
    Unread,
}

/// What to do with an entry of the plan, of which an earlier run left this row.
pub(crate) fn decide(entry: &Entry, row: Option<&Row>, options: &Options) -> Decision {
    match (entry, row) {
        (Entry::Item(item), row) => of_item(item, row, options),
        (_, Some(row)) if !is_untouched(row) => Decision::Changed,
        (_, _) => Decision::LeaveOut,
    }
}

/// What to do with a row that no entry belongs to any more.
pub(crate) fn of_leftover(row: &Row, options: &Options) -> Leftover {
    let unread = options.unreadable.iter().any(|source| **source == *row.source);
    match is_untouched(row) {
        false => Leftover::Gone,
        true if unread => Leftover::Unread,
        true => Leftover::Dropped,
    }
}

fn of_item(item: &Item, row: Option<&Row>, options: &Options) -> Decision {
    let retry = options.retry;
    let is_gone = row.is_some_and(|row| row.detail.code == own::GONE);
    match row.and_then(|row| row.outcome.as_ref()) {
        Some(Outcome::Created { .. } | Outcome::Found { .. }) if retry.gone => Decision::Remake,
        Some(Outcome::Deleted { .. }) if retry.gone && is_gone => Decision::Look,
        Some(Outcome::Created { .. } | Outcome::Found { .. })
            if row.is_some_and(|row| is_changed(row, item)) =>
        {
            Decision::Changed
        }
        Some(
            Outcome::Created { .. }
            | Outcome::Found { .. }
            | Outcome::Exists { .. }
            | Outcome::Duplicate { .. },
        ) => Decision::Keep,
        Some(Outcome::Refused { .. } | Outcome::GaveUp { .. }) if !retry.refused => Decision::Keep,
        Some(Outcome::Deleted { .. }) if is_gone || !retry.deleted => Decision::Keep,
        Some(Outcome::Unconfirmed) => Decision::Look,
        // Without a journal nothing is known not to have been sent: a row may have been
        // deleted.
        _ if options.trust == Trust::CsvAlone => Decision::Look,
        _ if row.is_some_and(|row| row.doubt.is_some()) => Decision::Look,
        _ => Decision::Send,
    }
}

/// Whether nothing of it can be anywhere but in the report.
pub(crate) fn is_untouched(row: &Row) -> bool {
    let unsent = matches!(row.outcome, Some(Outcome::NotSent)) || row.is_left_out();
    unsent && row.attempts == 0 && row.doubt.is_none()
}

/// Whether what was sent is not what would be sent now.
pub(crate) fn is_changed(row: &Row, item: &Item) -> bool {
    !row.digest.is_empty() && *row.digest != *item.digest.as_str()
}

/// For each entry the row of the same operation: that of its key, else that of
/// its place in its source, where no other entry has that row's key. What was sent under
/// another key is another API: an item does not take it over.
pub(crate) fn matches(entries: &[Entry], rows: &[Row], retry: Retry) -> Vec<Option<u32>> {
    let mut found = by_key(entries, rows);
    let mut free = vec![true; rows.len()];
    for n in found.iter().flatten() {
        free[*n as usize] = false;
    }
    let mut places: HashMap<(&str, Cow<'_, str>), Vec<u32>> = HashMap::new();
    for (n, row) in (0..).zip(rows).filter(|(n, _)| free[*n as usize]) {
        places.entry((&row.source, pointer(row))).or_default().push(n);
    }
    for (entry, found) in entries.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
        let Origin { source, pointer, .. } = origin(entry);
        // What undo deleted with its service goes to another one.
        let is_free_again =
            |row: &Row| retry.deleted && matches!(row.outcome, Some(Outcome::Deleted { .. }));
        let takes =
            |row: &Row| is_untouched(row) || is_free_again(row) || !matches!(entry, Entry::Item(_));
        let here = places.get(&(&**source, Cow::Borrowed(&**pointer)));
        let fits = |n: &u32| free[*n as usize] && takes(&rows[*n as usize]);
        *found = here.map_or(&[][..], Vec::as_slice).iter().copied().find(fits);
        if let Some(n) = found {
            free[*n as usize] = false;
        }
    }
    found
}

fn by_key(entries: &[Entry], rows: &[Row]) -> Vec<Option<u32>> {
    let mut keys = HashMap::new();
    let names_an_item = |row: &Row| !row.is_left_out() || !is_untouched(row);
    for (n, row) in (0..).zip(rows).filter(|(_, row)| names_an_item(row)) {
        keys.entry((&*row.service, &*row.method, &*row.path)).or_insert(n);
    }
    let items = entries.iter().map(|entry| match entry {
        Entry::Item(Item { key, .. }) => Some((&*key.service, &*key.method, &*key.path)),
        Entry::Unfit(_) | Entry::Skipped(_) => None,
    });
    items.map(|key| keys.remove(&key?)).collect()
}

fn origin(entry: &Entry) -> &Origin {
    match entry {
        Entry::Item(item) => &item.origin,
        Entry::Unfit(unfit) => &unfit.origin,
        Entry::Skipped(skipped) => &skipped.origin,
    }
}

/// Where the operation is in its source. A CSV does not hold that, but the method and path of
/// what could not be sent are those of the document.
fn pointer(row: &Row) -> Cow<'_, str> {
    if !row.pointer.is_empty() || !row.is_left_out() {
        return Cow::Borrowed(&row.pointer);
    }
    let path = row.path.replace('~', "~0").replace('/', "~1");
    Cow::Owned(format!("/paths/{path}/{}", row.method.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Digest, ItemKey, Skipped, Unfit};
    use crate::report::fixtures::all_outcomes;
    use crate::report::row::Doubt;
    use crate::run::Detail;
    use crate::target::tencent::body::Body;

    fn origin_of(path: &str) -> Origin {
        Origin {
            source: "petstore.yaml".into(),
            line: 41,
            column: 5,
            pointer: format!("/paths/{}/get", path.replace('/', "~1")).into(),
            operation_id: None,
        }
    }

    fn item(path: &str) -> Item {
        let (service, method) = ("service-a".into(), "GET".into());
        Item {
            key: ItemKey { service, method, path: path.into() },
            api_name: path.into(),
            request: Body::default(),
            digest: Digest::of(b"as it is"),
            origin: origin_of(path),
            findings: Vec::new(),
            authorised_by: None,
        }
    }

    fn unfit(path: &str) -> Entry {
        Entry::Unfit(Unfit {
            method: "GET".into(),
            path: path.into(),
            service: "service-a".into(),
            origin: origin_of(path),
            findings: Vec::new(),
        })
    }

    fn skipped(path: &str) -> Entry {
        Entry::Skipped(Skipped {
            method: "GET".into(),
            path: path.into(),
            service: "service-a".into(),
            origin: origin_of(path),
            reason: "retired".into(),
            findings: Vec::new(),
        })
    }

    /// The row of an item that ended so, of which something was sent.
    fn row(path: &str, outcome: Option<Outcome>) -> Row {
        let left_out = outcome.as_ref().is_some_and(Outcome::is_left_out);
        let attempts = u32::from(!left_out);
        let row = Row::of(&Entry::Item(item(path)));
        Row { outcome, attempts, digest: "".into(), ..row }
    }

    fn doubtful(row: Row) -> Row {
        Row { doubt: Some(Doubt::default()), ..row }
    }

    fn all() -> impl Iterator<Item = Option<Outcome>> {
        all_outcomes().into_iter().map(Some).chain([None])
    }

    fn pets() -> Entry {
        Entry::Item(item("/pets"))
    }

    /// Every row, without and with a doubt, under every option: what is done with an
    /// operation that is in the plan as it was.
    #[test]
    fn the_truth_table() {
        let (refused, deleted) = (
            Retry { refused: true, ..Retry::default() },
            Retry { deleted: true, ..Retry::default() },
        );
        let columns = [
            (Trust::Journal, Retry::default()),
            (Trust::Journal, refused),
            (Trust::Journal, deleted),
            (Trust::CsvAlone, Retry::default()),
            (Trust::CsvAlone, refused),
            (Trust::CsvAlone, deleted),
        ];
        let mut table: Vec<String> = Vec::new();
        for outcome in all() {
            let row = row("/pets", outcome);
            let cells = columns.map(|(trust, retry)| {
                let options = Options { trust, retry, unreadable: Vec::new() };
                let of = |row: &Row| decide(&pets(), Some(row), &options);
                match (of(&row), of(&doubtful(row.clone()))) {
                    (sure, doubtful) if sure == doubtful => format!("{sure:?}"),
                    (sure, doubtful) => format!("{sure:?}/{doubtful:?}"),
                }
            });
            table.push(format!("{} | {}", row.word(), cells.join(" ")));
        }
        let expected = [
            "created | Keep Keep Keep Keep Keep Keep",
            "found | Keep Keep Keep Keep Keep Keep",
            "exists | Keep Keep Keep Keep Keep Keep",
            "refused | Keep Send/Look Keep Keep Look Keep",
            "gave-up | Keep Send/Look Keep Keep Look Keep",
            "unconfirmed | Look Look Look Look Look Look",
            "duplicate | Keep Keep Keep Keep Keep Keep",
            "unfit | Send/Look Send/Look Send/Look Look Look Look",
            "skipped | Send/Look Send/Look Send/Look Look Look Look",
            "deleted | Keep Keep Send/Look Keep Keep Look",
            "not-sent | Send/Look Send/Look Send/Look Look Look Look",
            "sending | Send/Look Send/Look Send/Look Look Look Look",
        ];
        assert_eq!(table, expected);
    }

    #[test]
    fn what_somebody_deleted_is_made_again_only_when_that_is_asked_for() {
        let ours = row("/pets", Some(Outcome::Created { id: "api-1".into() }));
        let by_undo = row("/pets", Some(Outcome::Deleted { id: "api-1".into() }));
        let gone = Row { detail: Detail::ours(own::GONE, ""), ..by_undo.clone() };
        let gone_too = Retry { gone: true, ..Retry::default() };
        let deleted = Retry { deleted: true, ..Retry::default() };
        for (retry, decisions) in [
            (Retry::default(), [Decision::Keep; 3]),
            (gone_too, [Decision::Remake, Decision::Keep, Decision::Look]),
            (deleted, [Decision::Keep, Decision::Send, Decision::Keep]),
        ] {
            let options = Options { retry, ..Options::default() };
            let told = [&ours, &by_undo, &gone].map(|row| decide(&pets(), Some(row), &options));
            assert_eq!(told, decisions);
        }
    }

    /// The rows of which nothing can be anywhere but in the report.
    fn untouched() -> Vec<Row> {
        let outcomes = [Outcome::Unfit, Outcome::Skipped, Outcome::NotSent];
        outcomes.map(|outcome| Row { attempts: 0, ..row("/pets", Some(outcome)) }).into()
    }

    /// All other rows.
    fn touched() -> Vec<Row> {
        let unsent = |row: &Row| row.is_left_out();
        let mut rows: Vec<Row> = all().map(|outcome| row("/pets", outcome)).collect();
        rows.retain(|row| !unsent(row));
        rows.extend(untouched().into_iter().map(doubtful));
        rows
    }

    #[test]
    fn what_cannot_be_sent_any_more_keeps_what_was_sent() {
        for entry in [unfit("/pets"), skipped("/pets")] {
            for row in untouched() {
                let decision = decide(&entry, Some(&row), &Options::default());
                assert_eq!(decision, Decision::LeaveOut, "{row:?}");
            }
            for row in touched() {
                let decision = decide(&entry, Some(&row), &Options::default());
                assert_eq!(decision, Decision::Changed, "{row:?}");
            }
        }
    }

    #[test]
    fn what_has_left_the_plan_is_watched_if_anything_was_sent() {
        for (unreadable, unsent) in [(false, Leftover::Dropped), (true, Leftover::Unread)] {
            let sources = if unreadable { vec!["petstore.yaml".into()] } else { Vec::new() };
            let options = Options { unreadable: sources, ..Options::default() };
            assert!(untouched().iter().all(|row| of_leftover(row, &options) == unsent));
            assert!(touched().iter().all(|row| of_leftover(row, &options) == Leftover::Gone));
        }
    }

    #[test]
    fn what_no_row_tells_of_is_sent_unless_its_row_may_have_been_lost() {
        for (trust, expected) in
            [(Trust::Journal, Decision::Send), (Trust::CsvAlone, Decision::Look)]
        {
            let options = Options { trust, ..Options::default() };
            assert_eq!(decide(&pets(), None, &options), expected);
        }
    }

    #[test]
    fn what_changed_under_an_api_is_told_apart() {
        let created = row("/pets", Some(Outcome::Created { id: "api-1".into() }));
        let of = |digest: &Digest| {
            let row = Row { digest: digest.as_str().into(), ..created.clone() };
            decide(&pets(), Some(&row), &Options::default())
        };
        assert_eq!(of(&Digest::of(b"as it was")), Decision::Changed);
        assert_eq!(of(&item("/pets").digest), Decision::Keep);
    }

    #[test]
    fn an_item_is_known_by_its_key_before_its_place() {
        // The two have changed places in their document.
        let (mut a, mut b) = (item("/a"), item("/b"));
        std::mem::swap(&mut a.origin, &mut b.origin);
        let rows = [row("/a", Some(Outcome::Unconfirmed)), row("/b", Some(Outcome::Unconfirmed))];
        assert_eq!(
            matches(&[Entry::Item(a), Entry::Item(b)], &rows, Retry::default()),
            [Some(0), Some(1)]
        );
    }

    #[test]
    fn a_mended_operation_takes_over_the_row_of_its_place() {
        let mut mended = item("/v1/pets");
        mended.origin = origin_of("/pets");
        for row in untouched() {
            assert_eq!(
                matches(&[Entry::Item(mended.clone())], &[row], Retry::default()),
                [Some(0)]
            );
        }
    }

    #[test]
    fn what_was_sent_under_another_key_is_another_api() {
        let mut moved = item("/v2/pets");
        moved.origin = origin_of("/pets");
        for row in touched() {
            assert_eq!(matches(&[Entry::Item(moved.clone())], &[row], Retry::default()), [None]);
        }
    }

    #[test]
    fn no_two_entries_take_the_same_row() {
        let entries = [unfit("/pets"), unfit("/pets"), pets()];
        let ours = row("/pets", Some(Outcome::Created { id: "api-1".into() }));
        let rows = [ours, row("/pets", Some(Outcome::Unfit))];
        assert_eq!(matches(&entries, &rows, Retry::default()), [Some(1), None, Some(0)]);
    }
}
