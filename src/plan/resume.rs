//! What to do with each operation, given what earlier runs of a report know of it.
//!
//! One pure decision for the first import, a resume, and a resume from a CSV alone: the
//! plan, made anew from the sources as they stand now, meets what was done. Nothing is sent
//! here and nothing is looked up: where it is not certain that nothing of ours stands, the
//! decision is to look. What a decision makes of the report's rows is the report's business.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::plan::{Entry, Item, Origin};

/// What an earlier run knows of one operation.
#[derive(Debug, Clone)]
pub struct Prior<'r> {
    /// The service.
    pub service: &'r str,
    /// As sent; of what could not be sent, as in the document.
    pub method: &'r str,
    /// As sent; of what could not be sent, as in the document.
    pub path: &'r str,
    /// Its source.
    pub source: &'r str,
    /// Its place in the source; empty where that is not known.
    pub pointer: Cow<'r, str>,
    /// Digest of what was or would have been sent; empty where that is not known.
    pub digest: &'r str,
    /// What became of it.
    pub past: Past,
    /// Whether a create may stand unseen although it has ended: the word of a CSV alone.
    pub unsure: bool,
}

/// What became of an operation in earlier runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Past {
    /// It was no item: unfit or skipped.
    Idle,
    /// Nothing was ever sent for it.
    Unsent,
    /// What was sent had no effect.
    Clear,
    /// A create may stand unseen.
    Doubt,
    /// Our API stands.
    Ours,
    /// It was there before us, or it is there more than once: a person's to settle.
    Theirs,
    /// It was refused or given up.
    Refused,
    /// Undo deleted it.
    Deleted,
}

impl Past {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Idle,
        Self::Unsent,
        Self::Clear,
        Self::Doubt,
        Self::Ours,
        Self::Theirs,
        Self::Refused,
        Self::Deleted,
    ];

    /// Whether nothing of it can be anywhere but in the report.
    fn is_untouched(self) -> bool {
        matches!(self, Self::Idle | Self::Unsent)
    }
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

/// What the decision hangs on beside plan and past.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How far the past can be believed.
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
    /// A create may stand: look before anything else.
    Look,
    /// It has ended; leave it.
    Keep,
    /// As `Keep`, and what stands is not what would be sent now (or nothing would be).
    Changed,
    /// It cannot be sent, or is left out.
    Idle,
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

/// What is decided.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decisions {
    /// For each entry of the plan what to do, and which prior tells of it.
    pub entries: Vec<(Decision, Option<u32>)>,
    /// The priors of which no entry tells any more, in order.
    pub leftovers: Vec<(u32, Leftover)>,
}

/// Decides for every entry of a plan and every operation of before.
pub fn decide(entries: &[Entry], priors: &[Prior<'_>], options: &Options) -> Decisions {
    let matches = matches(entries, priors);
    let mut taken = vec![false; priors.len()];
    for n in matches.iter().flatten() {
        taken[*n as usize] = true;
    }
    let decide = |(entry, n): (&Entry, Option<u32>)| {
        (of_entry(entry, n.map(|n| &priors[n as usize]), options), n)
    };
    let rest = (0..).zip(priors).filter(|(n, _)| !taken[*n as usize]);
    Decisions {
        entries: entries.iter().zip(matches).map(decide).collect(),
        leftovers: rest.map(|(n, prior)| (n, of_leftover(prior, options))).collect(),
    }
}

fn of_entry(entry: &Entry, prior: Option<&Prior<'_>>, options: &Options) -> Decision {
    match (entry, prior) {
        (Entry::Item(item), Some(prior)) => of_item(prior, is_changed(prior, item), options),
        (Entry::Item(_), None) => anew(false, options),
        (_, Some(prior)) if !prior.past.is_untouched() => Decision::Changed,
        (_, _) => Decision::Idle,
    }
}

fn of_item(prior: &Prior<'_>, changed: bool, options: &Options) -> Decision {
    match prior.past {
        Past::Ours if changed => Decision::Changed,
        Past::Ours | Past::Theirs => Decision::Keep,
        Past::Refused if !options.retry.refused => Decision::Keep,
        Past::Deleted if !options.retry.deleted => Decision::Keep,
        Past::Doubt => Decision::Look,
        Past::Idle | Past::Unsent | Past::Clear | Past::Refused | Past::Deleted => {
            anew(prior.unsure, options)
        }
    }
}

/// Without a journal nothing is known not to have been sent: a row may have been deleted.
fn anew(unsure: bool, options: &Options) -> Decision {
    match options.trust {
        Trust::Journal if !unsure => Decision::Send,
        Trust::Journal | Trust::CsvAlone => Decision::Look,
    }
}

fn of_leftover(prior: &Prior<'_>, options: &Options) -> Leftover {
    let unread = options.unreadable.iter().any(|source| **source == *prior.source);
    match prior.past.is_untouched() {
        false => Leftover::Gone,
        true if unread => Leftover::Unread,
        true => Leftover::Dropped,
    }
}

/// Whether what was sent is not what would be sent now.
pub(crate) fn is_changed(prior: &Prior<'_>, item: &Item) -> bool {
    !prior.digest.is_empty() && prior.digest != item.digest.as_str()
}

/// For each entry the prior that tells of the same operation: that of its key, else that
/// of its place in its source, where no other entry has that prior's key. What was sent
/// under another key is another API: an item does not take it over.
fn matches(entries: &[Entry], priors: &[Prior<'_>]) -> Vec<Option<u32>> {
    let mut found = by_key(entries, priors);
    let mut free = vec![true; priors.len()];
    for n in found.iter().flatten() {
        free[*n as usize] = false;
    }
    let mut places: HashMap<(&str, &str), Vec<u32>> = HashMap::new();
    for (n, prior) in (0..).zip(priors).filter(|(n, _)| free[*n as usize]) {
        places.entry((prior.source, &prior.pointer)).or_default().push(n);
    }
    for (entry, found) in entries.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
        let Origin { source, pointer, .. } = origin(entry);
        let takes = |past: Past| past.is_untouched() || !matches!(entry, Entry::Item(_));
        let here = places.get(&(&**source, &**pointer)).map_or(&[][..], Vec::as_slice);
        let fits = |n: &u32| free[*n as usize] && takes(priors[*n as usize].past);
        *found = here.iter().copied().find(fits);
        if let Some(n) = found {
            free[*n as usize] = false;
        }
    }
    found
}

fn by_key(entries: &[Entry], priors: &[Prior<'_>]) -> Vec<Option<u32>> {
    let mut keys = HashMap::new();
    for (n, prior) in (0..).zip(priors).filter(|(_, prior)| prior.past != Past::Idle) {
        keys.entry((prior.service, prior.method, prior.path)).or_insert(n);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Digest, ItemKey, Skipped, Unfit};
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

    fn prior(path: &str, past: Past) -> Prior<'_> {
        Prior {
            service: "service-a",
            method: "GET",
            path,
            source: "petstore.yaml",
            pointer: origin_of(path).pointer.to_string().into(),
            digest: "",
            past,
            unsure: false,
        }
    }

    fn one(entry: Entry, prior: Prior<'_>, options: &Options) -> Decision {
        let decisions = decide(&[entry], &[prior], options);
        assert_eq!(decisions.entries[0].1, Some(0));
        decisions.entries[0].0
    }

    /// Every past under every option: what is done with an operation that stands in the
    /// plan as it stood.
    #[test]
    fn the_truth_table() {
        let (refused, deleted) =
            (Retry { refused: true, deleted: false }, Retry { refused: false, deleted: true });
        let columns = [
            (Trust::Journal, Retry::default()),
            (Trust::Journal, refused),
            (Trust::Journal, deleted),
            (Trust::CsvAlone, Retry::default()),
            (Trust::CsvAlone, refused),
            (Trust::CsvAlone, deleted),
        ];
        let mut table: Vec<String> = Vec::new();
        for past in Past::ALL {
            let cells = columns.map(|(trust, retry)| {
                let options = Options { trust, retry, unreadable: Vec::new() };
                format!("{:?}", one(Entry::Item(item("/pets")), prior("/pets", past), &options))
            });
            table.push(format!("{past:?} | {}", cells.join(" ")));
        }
        let expected = [
            "Idle | Send Send Send Look Look Look",
            "Unsent | Send Send Send Look Look Look",
            "Clear | Send Send Send Look Look Look",
            "Doubt | Look Look Look Look Look Look",
            "Ours | Keep Keep Keep Keep Keep Keep",
            "Theirs | Keep Keep Keep Keep Keep Keep",
            "Refused | Keep Send Keep Keep Look Keep",
            "Deleted | Keep Keep Send Keep Keep Look",
        ];
        assert_eq!(table, expected);
    }

    #[test]
    fn what_a_csv_alone_called_refused_is_looked_for_before_it_is_sent_again() {
        let retry = Retry { refused: true, deleted: true };
        let options = Options { retry, ..Options::default() };
        for past in [Past::Refused, Past::Deleted] {
            for (unsure, expected) in [(false, Decision::Send), (true, Decision::Look)] {
                let prior = Prior { unsure, ..prior("/pets", past) };
                assert_eq!(one(Entry::Item(item("/pets")), prior, &options), expected);
            }
        }
    }

    #[test]
    fn what_cannot_be_sent_any_more_keeps_what_was_sent() {
        for past in Past::ALL {
            let expected = match past {
                Past::Idle | Past::Unsent => Decision::Idle,
                _ => Decision::Changed,
            };
            for entry in [unfit("/pets"), skipped("/pets")] {
                assert_eq!(one(entry, prior("/pets", past), &Options::default()), expected);
            }
        }
    }

    #[test]
    fn what_has_left_the_plan_is_watched_if_anything_was_sent() {
        for past in Past::ALL {
            let untouched = matches!(past, Past::Idle | Past::Unsent);
            for (unreadable, unsent) in [(false, Leftover::Dropped), (true, Leftover::Unread)] {
                let sources = if unreadable { vec!["petstore.yaml".into()] } else { Vec::new() };
                let options = Options { unreadable: sources, ..Options::default() };
                let decisions = decide(&[], &[prior("/pets", past)], &options);
                let expected = if untouched { unsent } else { Leftover::Gone };
                assert_eq!(decisions.leftovers, [(0, expected)]);
            }
        }
    }

    #[test]
    fn what_no_row_tells_of_is_sent_unless_its_row_may_have_been_lost() {
        for (trust, expected) in
            [(Trust::Journal, Decision::Send), (Trust::CsvAlone, Decision::Look)]
        {
            let options = Options { trust, ..Options::default() };
            let decisions = decide(&[Entry::Item(item("/pets"))], &[], &options);
            assert_eq!(decisions.entries, [(expected, None)]);
        }
    }

    #[test]
    fn what_changed_under_an_api_is_told_apart() {
        let was = Digest::of(b"as it was");
        let other = Prior { digest: was.as_str(), ..prior("/pets", Past::Ours) };
        let pets = || Entry::Item(item("/pets"));
        assert_eq!(one(pets(), other.clone(), &Options::default()), Decision::Changed);
        let same = item("/pets").digest;
        let same = Prior { digest: same.as_str(), ..other };
        assert_eq!(one(pets(), same, &Options::default()), Decision::Keep);
    }

    #[test]
    fn an_item_is_known_by_its_key_before_its_place() {
        // The two have changed places in their document.
        let (mut a, mut b) = (item("/a"), item("/b"));
        std::mem::swap(&mut a.origin, &mut b.origin);
        let priors = [prior("/a", Past::Ours), prior("/b", Past::Doubt)];
        let decisions = decide(&[Entry::Item(a), Entry::Item(b)], &priors, &Options::default());
        assert_eq!(decisions.entries, [(Decision::Keep, Some(0)), (Decision::Look, Some(1))]);
    }

    #[test]
    fn a_mended_operation_takes_over_the_row_of_its_place() {
        let mut mended = item("/v1/pets");
        mended.origin = origin_of("/pets");
        for past in [Past::Idle, Past::Unsent] {
            let decisions = decide(
                &[Entry::Item(mended.clone())],
                &[prior("/pets", past)],
                &Options::default(),
            );
            assert_eq!(decisions.entries, [(Decision::Send, Some(0))]);
        }
    }

    #[test]
    fn what_was_sent_under_another_key_is_another_api() {
        let mut moved = item("/v2/pets");
        moved.origin = origin_of("/pets");
        for past in Past::ALL.into_iter().filter(|past| !past.is_untouched()) {
            let decisions =
                decide(&[Entry::Item(moved.clone())], &[prior("/pets", past)], &Options::default());
            assert_eq!(decisions.entries, [(Decision::Send, None)]);
            assert_eq!(decisions.leftovers, [(0, Leftover::Gone)]);
        }
    }

    #[test]
    fn no_two_entries_take_the_same_row() {
        let entries = [unfit("/pets"), unfit("/pets"), Entry::Item(item("/pets"))];
        let priors = [prior("/pets", Past::Ours), prior("/pets", Past::Idle)];
        let decisions = decide(&entries, &priors, &Options::default());
        let taken: Vec<Option<u32>> = decisions.entries.iter().map(|(_, n)| *n).collect();
        assert_eq!(taken, [Some(1), None, Some(0)]);
    }
}
