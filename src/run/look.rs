//! What a service holds: pages to a pass, passes to what was seen of an item.
//!
//! Pages overlap, since an API that is created or deleted while the pages are read shifts
//! the rest. A gateway may give fewer entries than it is asked for. Where the end is reached
//! and some are missing, the pages are read once more, as long as that shows new ones: no
//! order of a listing is published, nor that it stays the same, and APIs may come in at its
//! beginning. A pass is sound when it holds as many APIs as the gateway counts, all
//! of them legible, and every API that was known before it began. Nothing here sends or
//! waits.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::plan::ItemKey;
use crate::target::{Listed, Page};

/// APIs asked for at once: the most that the gateway gives.
pub(crate) const LIMIT: u64 = 100;

/// Of so many entries of a page one comes again with the next page, so that pages overlap.
const OVERLAP: u64 = 10;

/// Pages after which a pass is given up: more APIs than any account holds.
const PAGES: u64 = 20_000;

/// One pass over a service's listing, while its pages come in.
#[derive(Debug)]
pub(crate) struct Pass {
    begun: Duration,
    /// How many of the service's known APIs were known when it began.
    known: usize,
    pages: u64,
    /// Where the next page begins.
    offset: u64,
    /// How many APIs had been seen when the pages were last read from the start.
    seen_at_first_page: usize,
    total: Option<u64>,
    incomplete: u64,
    apis: Vec<Listed>,
    by_id: HashMap<String, usize>,
}

/// What a finished pass saw.
#[derive(Debug)]
pub(crate) struct Seen {
    /// When it began: nothing that happened later can be missed in it.
    pub(crate) begun: Duration,
    /// Whether it holds as many as the gateway counts, each legible.
    whole: bool,
    /// Whether it may serve to say what was there before: whole but for illegible ones.
    pub(crate) serves_as_base: bool,
    known: usize,
    illegible: u64,
    apis: Vec<Listed>,
    by_id: HashMap<String, usize>,
    by_likeness: HashMap<String, Vec<usize>>,
}

impl Pass {
    /// A pass that begins now, when `known` APIs of the service are known.
    pub(crate) fn begin(now: Duration, known: usize) -> Self {
        Self {
            begun: now,
            known,
            pages: 0,
            offset: 0,
            seen_at_first_page: 0,
            total: None,
            incomplete: 0,
            apis: Vec::new(),
            by_id: HashMap::new(),
        }
    }

    /// Where the next page begins.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Takes a page; whether it was the last.
    pub(crate) fn take(&mut self, page: Page) -> bool {
        let entries = page.apis.len() as u64 + page.incomplete;
        let before = self.apis.len();
        self.pages += 1;
        self.offset += entries - entries / OVERLAP;
        self.total = page.total;
        self.incomplete += page.incomplete;
        for api in page.apis {
            if !self.by_id.contains_key(&api.api_id) {
                self.by_id.insert(api.api_id.clone(), self.apis.len());
                self.apis.push(api);
            }
        }
        let Some(total) = self.total else { return self.apis.len() == before || self.is_endless() };
        let at_the_end = entries == 0 || self.offset >= total;
        self.apis.len() as u64 >= total || self.is_endless() || at_the_end && !self.begins_again()
    }

    fn is_endless(&self) -> bool {
        self.pages >= PAGES
    }

    /// At the end with some lacking: whether to read the pages once more, and goes there.
    fn begins_again(&mut self) -> bool {
        let lacks_some = self.total > Some(self.apis.len() as u64 + self.incomplete);
        let saw_others = self.apis.len() > self.seen_at_first_page;
        let again = lacks_some && saw_others;
        if again {
            (self.offset, self.seen_at_first_page) = (0, self.apis.len());
        }
        again
    }

    /// All that it saw, once the last page is in; `None` where some lack or are illegible.
    pub(crate) fn into_whole(self) -> Option<Vec<Listed>> {
        let all = self.total.is_none_or(|total| total == self.apis.len() as u64);
        (all && self.incomplete == 0).then_some(self.apis)
    }

    /// What it saw, once the last page is in.
    pub(crate) fn finish(self) -> Seen {
        let distinct = self.apis.len() as u64;
        let mut by_likeness: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, api) in self.apis.iter().enumerate() {
            by_likeness.entry(likeness(&api.method, &api.path)).or_default().push(index);
        }
        Seen {
            begun: self.begun,
            whole: self.total == Some(distinct) && self.incomplete == 0,
            serves_as_base: self
                .total
                .is_none_or(|total| (distinct..=distinct + self.incomplete).contains(&total)),
            known: self.known,
            illegible: self.incomplete,
            apis: self.apis,
            by_id: self.by_id,
            by_likeness,
        }
    }
}

impl Seen {
    /// The APIs, in the gateway's order.
    pub(crate) fn apis(&self) -> &[Listed] {
        &self.apis
    }

    /// How many the service holds.
    pub(crate) fn count(&self) -> u64 {
        self.apis.len() as u64 + self.illegible
    }

    /// Whether some of it could not be read.
    pub(crate) fn is_partly_illegible(&self) -> bool {
        self.illegible > 0
    }

    /// The API of this id.
    pub(crate) fn by_id(&self, id: &str) -> Option<&Listed> {
        self.by_id.get(id).map(|&index| &self.apis[index])
    }

    /// The APIs of exactly this method and path.
    pub(crate) fn exactly<'a>(&'a self, key: &'a ItemKey) -> impl Iterator<Item = &'a Listed> {
        self.like(key).filter(|api| is_exactly(api, key))
    }

    /// The APIs that this key could have become, if the gateway writes paths in its own way.
    pub(crate) fn like(&self, key: &ItemKey) -> impl Iterator<Item = &Listed> {
        let found = self.by_likeness.get(&likeness(&key.method, &key.path));
        found.into_iter().flatten().map(|&index| &self.apis[index])
    }

    /// Whether an absence may be concluded from it, as far as it alone can tell. `known` are
    /// the ids of APIs that certainly exist, oldest knowledge first: a pass that lacks one of
    /// those known before it began shows an older state.
    pub(crate) fn is_sound(&self, known: &[String]) -> bool {
        let before = &known[..self.known.min(known.len())];
        self.whole && before.iter().all(|id| self.by_id.contains_key(id))
    }

    /// Whether nothing differs between an earlier pass and this one that is not `explained`.
    pub(crate) fn agrees(&self, earlier: &Self, explained: impl Fn(&Listed) -> bool) -> bool {
        let differ = |from: &Self, to: &Self| {
            from.apis.iter().any(|api| !to.by_id.contains_key(&api.api_id) && !explained(api))
        };
        !differ(earlier, self) && !differ(self, earlier)
    }
}

/// Whether this API has the key's method and path as they were sent.
pub(crate) fn is_exactly(api: &Listed, key: &ItemKey) -> bool {
    api.path == key.path && api.method.eq_ignore_ascii_case(&key.method)
}

/// Whether the gateway says that this API was created before then. What it does not say
/// counts as no.
pub(crate) fn was_before(api: &Listed, since: Option<Timestamp>) -> bool {
    created(api).zip(since).is_some_and(|(created, since)| created < since)
}

/// When the gateway says that this API was created.
pub(crate) fn created(api: &Listed) -> Option<Timestamp> {
    api.created_time.as_ref()?.parse().ok()
}

/// What is left of a method and path when all is taken off that a gateway might write
/// otherwise: the mark of the kind of match, letter case, a trailing slash, parameter names.
fn likeness(method: &str, path: &str) -> String {
    let mut bare = method.to_ascii_uppercase();
    bare.push(' ');
    let path = path.strip_prefix("^~").or_else(|| path.strip_prefix('=')).unwrap_or(path);
    let mut in_braces = false;
    for c in path.trim_end_matches('/').chars() {
        match c {
            '{' => bare.push('{'),
            '}' => bare.push('}'),
            _ if in_braces => {}
            _ => bare.extend(c.to_lowercase()),
        }
        in_braces = c == '{' || in_braces && c != '}';
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(id: u64, path: &str) -> Listed {
        Listed {
            api_id: format!("api-{id}"),
            path: path.to_owned(),
            method: "GET".to_owned(),
            name: None,
            created_time: None,
        }
    }

    fn key(path: &str) -> ItemKey {
        ItemKey { service: "s".to_owned(), method: "GET".to_owned(), path: path.to_owned() }
    }

    fn page(total: Option<u64>, ids: std::ops::Range<u64>) -> Page {
        Page { total, apis: ids.map(|id| api(id, &format!("/{id}"))).collect(), incomplete: 0 }
    }

    /// Reads pages until the pass says that it has all, or pages run out.
    fn pass(pages: Vec<Page>) -> (Seen, usize) {
        let mut pass = Pass::begin(Duration::ZERO, 0);
        let mut read = 0;
        for page in pages {
            read += 1;
            if pass.take(page) {
                break;
            }
        }
        (pass.finish(), read)
    }

    #[test]
    fn pages_overlap_and_a_pass_ends_once_it_has_all_there_are() {
        let mut pass = Pass::begin(Duration::ZERO, 0);
        assert_eq!(pass.offset(), 0);
        assert!(!pass.take(page(Some(250), 0..100)));
        assert_eq!(pass.offset(), 90);
        assert!(!pass.take(page(Some(250), 90..190)));
        assert_eq!(pass.offset(), 180);
        assert!(pass.take(page(Some(250), 180..250)));
        let seen = pass.finish();
        assert_eq!((seen.count(), seen.whole, seen.serves_as_base), (250, true, true));
    }

    #[test]
    fn one_page_may_be_all() {
        for count in [0, 1, 99, 100] {
            let (seen, pages) = pass(vec![page(Some(count), 0..count)]);
            assert_eq!((pages, seen.whole, seen.count()), (1, true, count));
        }
    }

    /// Reads a whole listing from a gateway that answers an offset with a page.
    fn read(mut gateway: impl FnMut(u64) -> Page) -> (Seen, usize) {
        let mut pass = Pass::begin(Duration::ZERO, 0);
        for pages in 1.. {
            if pass.take(gateway(pass.offset())) {
                return (pass.finish(), pages);
            }
        }
        unreachable!("a pass ends")
    }

    #[test]
    fn a_gateway_that_gives_less_than_it_is_asked_for_is_read_to_the_end() {
        for (most, pages) in [(1, 45), (10, 5), (20, 3), (44, 2), (45, 1)] {
            let gateway = |offset: u64| page(Some(45), offset.min(45)..(offset + most).min(45));
            let (seen, read) = read(gateway);
            assert_eq!((seen.whole, seen.count(), read), (true, 45, pages), "{most} a page");
        }
    }

    #[test]
    fn an_order_that_changes_from_page_to_page_is_read_until_all_are_seen_or_none_is_new() {
        // Every second time the pages are read from the other end.
        let mut asked = 0;
        let (seen, pages) = read(|offset| {
            asked += 1;
            match (asked, offset) {
                (2, 90) => page(Some(150), 0..60),
                _ => page(Some(150), offset..(offset + 100).min(150)),
            }
        });
        assert_eq!((seen.whole, seen.count(), pages), (true, 150, 5));
        let (seen, pages) = read(|_| page(Some(150), 0..100));
        assert_eq!((seen.whole, seen.count(), pages), (false, 100, 4));
    }

    #[test]
    fn what_comes_in_at_the_beginning_while_the_pages_are_read_is_not_missed() {
        // The newest first: from page to page three more.
        let mut there = 147;
        let (seen, pages) = read(|offset| {
            there += 3;
            let (from, to) = (there - offset.min(there), there - (offset + 100).min(there));
            page(Some(there), to..from)
        });
        assert!(seen.whole, "{} of {there} in {pages} pages", seen.count());
    }

    #[test]
    fn what_an_api_that_left_meanwhile_shifted_is_still_seen() {
        // The first API is deleted after the first page: all others move up by one.
        let (seen, _) = pass(vec![page(Some(120), 0..100), page(Some(119), 91..120)]);
        assert!((91..120).all(|id| seen.by_id(&format!("api-{id}")).is_some()));
        assert!(!seen.whole, "the total no longer fits, so that another pass has to decide");
    }

    #[test]
    fn a_pass_that_lacks_some_or_ends_early_is_not_whole() {
        for pages in [
            vec![page(Some(3), 0..2), page(Some(3), 0..0)],
            vec![page(Some(200), 0..100), page(Some(200), 0..0)],
            vec![page(Some(200), 0..100), page(Some(200), 0..100), page(Some(200), 0..100)],
            vec![page(Some(2), 0..3)],
        ] {
            let (seen, _) = pass(pages);
            assert!(!seen.whole && !seen.serves_as_base && !seen.is_sound(&[]));
        }
    }

    #[test]
    fn a_listing_without_a_total_tells_what_is_there_but_not_what_is_missing() {
        let (seen, pages) = pass(vec![page(None, 0..100), page(None, 90..150)]);
        assert_eq!((pages, seen.count(), seen.whole, seen.serves_as_base), (2, 150, false, true));
    }

    #[test]
    fn illegible_entries_count_as_held_and_hide_an_absence() {
        let (seen, _) = pass(vec![Page { incomplete: 2, ..page(Some(5), 0..3) }]);
        assert_eq!((seen.count(), seen.whole, seen.serves_as_base), (5, false, true));
        let (seen, _) = pass(vec![Page { incomplete: 2, ..page(Some(3), 0..3) }]);
        assert!(!seen.whole);
    }

    #[test]
    fn a_pass_that_lacks_what_was_known_before_it_began_is_stale() {
        let known = ["api-0".to_owned(), "api-7".to_owned()];
        for (knew, sound) in [(0, true), (1, true), (2, false)] {
            let mut pass = Pass::begin(Duration::ZERO, knew);
            pass.take(page(Some(3), 0..3));
            assert_eq!(pass.finish().is_sound(&known), sound, "{knew} known");
        }
    }

    #[test]
    fn passes_agree_when_all_that_differs_is_explained() {
        let (one, _) = pass(vec![page(Some(3), 0..3)]);
        let (same, _) = pass(vec![page(Some(3), 0..3)]);
        let (more, _) = pass(vec![page(Some(4), 0..4)]);
        let by_us = |api: &Listed| api.api_id == "api-3";
        assert!(same.agrees(&one, |_| false));
        assert!(!more.agrees(&one, |_| false) && !one.agrees(&more, |_| false));
        assert!(more.agrees(&one, by_us) && one.agrees(&more, by_us));
    }

    #[test]
    fn likeness_forgives_what_a_gateway_might_write_otherwise_and_nothing_else() {
        let page = Page { total: Some(1), apis: vec![api(1, "=/Users/{id}/")], incomplete: 0 };
        let (seen, _) = pass(vec![page]);
        for path in ["/users/{id}", "/users/{user_id}/", "=/users/{x}", "^~/USERS/{id}"] {
            assert_eq!(seen.like(&key(path)).count(), 1, "{path}");
            assert_eq!(seen.exactly(&key(path)).count(), 0, "{path}");
        }
        for path in ["/users/id", "/users/{id}/x", "/users", "/user/{id}"] {
            assert_eq!(seen.like(&key(path)).count(), 0, "{path}");
        }
        assert_eq!(seen.exactly(&key("=/Users/{id}/")).count(), 1);
        let post = ItemKey { method: "POST".to_owned(), ..key("=/Users/{id}/") };
        assert_eq!(seen.like(&post).count(), 0);
    }
}
