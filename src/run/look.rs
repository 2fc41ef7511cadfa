//! What a service holds: pages to a pass, passes to what was seen of an item.
//!
//! Pages overlap, since an API that is created or deleted while the pages are read shifts
//! the rest. A pass is sound when it holds as many APIs as the gateway says there are, all
//! of them legible, and every API that was known before it began. Nothing here sends or
//! waits.

use std::collections::HashMap;
use std::time::Duration;

use crate::gateway::{Listed, Page};
use crate::plan::ItemKey;

/// APIs asked for at once: the most that the gateway gives.
pub(crate) const LIMIT: u64 = 100;

/// From page to page; less than [`LIMIT`], so that pages overlap.
const STEP: u64 = 90;

/// Pages after which a pass is given up: more APIs than any account holds.
const PAGES: u64 = 20_000;

/// One pass over a service's listing, while its pages come in.
#[derive(Debug)]
pub(crate) struct Pass {
    begun: Duration,
    /// How many of the service's known APIs were known when it began.
    known: usize,
    pages: u64,
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
    /// Whether it holds all that the gateway says there is, each legible.
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
            total: None,
            incomplete: 0,
            apis: Vec::new(),
            by_id: HashMap::new(),
        }
    }

    /// Where the next page begins.
    pub(crate) fn offset(&self) -> u64 {
        self.pages * STEP
    }

    /// Takes a page; whether it was the last.
    pub(crate) fn take(&mut self, page: Page) -> bool {
        let entries = page.apis.len() as u64 + page.incomplete;
        self.pages += 1;
        self.total = page.total;
        self.incomplete += page.incomplete;
        for api in page.apis {
            if !self.by_id.contains_key(&api.api_id) {
                self.by_id.insert(api.api_id.clone(), self.apis.len());
                self.apis.push(api);
            }
        }
        let all = |total| self.apis.len() as u64 >= total || self.offset() >= total;
        entries == 0 || self.pages >= PAGES || self.total.map_or(entries < LIMIT, all)
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
    /// the ids of APIs that surely stand, oldest knowledge first: a pass that lacks one of
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
