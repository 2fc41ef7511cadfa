//! Paths of one document that get in each other's way at the gateway.
//!
//! The gateway matches in an order of its own: exact paths (`=/p`), then paths with
//! parameters, then plain ones, which match as prefixes and of which the longest wins. So
//! `/users/me` is answered by `/users/{id}` where both are declared, and `/user` answers
//! `/usertest` for a method that the latter does not have. `path-match: exact` ends both.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::finding::{Code, Finding, Place};
use crate::plan::draft::DraftEntry;
use crate::plan::tally::Tally;
use crate::target::tencent::map::front::ANY;
use crate::target::tencent::map::path::shape;

/// The most paths that one path is compared with: a hostile document could have every path
/// compared with every other.
const LOOKS: usize = 1000;

/// Adds findings about the paths to the entries of a document whose open ones go to
/// the service `assigned` to it, and what is told once.
pub(crate) fn tell(entries: &mut [DraftEntry], assigned: &str, tally: &mut Tally) {
    let routes: Vec<Route<'_>> = entries
        .iter()
        .enumerate()
        .filter_map(|(at, entry)| Route::of(at, entry, assigned))
        .collect();
    let mut told = shadowed(&routes);
    told.extend(similar(&routes));
    prefixes(&routes, tally);
    beside_any(&routes, tally);
    for (at, finding) in told {
        entries[at].findings.push(finding);
    }
}

/// How callers reach an item.
#[derive(Debug)]
struct Route<'a> {
    /// Which entry it is of.
    at: usize,
    service: &'a str,
    method: &'a str,
    path: &'a str,
    place: Place,
}

impl<'a> Route<'a> {
    fn of(at: usize, entry: &'a DraftEntry, assigned: &'a str) -> Option<Self> {
        let item = entry.item()?;
        let service = entry.service.as_deref().unwrap_or(assigned);
        let place = entry.origin.place();
        Some(Self { at, service, method: &item.method, path: &item.path, place })
    }

    /// Whether the gateway matches it as a prefix.
    fn is_plain(&self) -> bool {
        self.path.starts_with('/') && !self.path.contains('{')
    }
}

/// A route's path by its segments; `{}` is any.
#[derive(Debug, Default)]
struct Trie {
    inner: HashMap<String, Trie>,
    /// The template that ends here.
    template: Option<String>,
}

impl Trie {
    fn add(&mut self, path: &str) {
        let end = shape(path)
            .split('/')
            .fold(self, |node, segment| node.inner.entry(segment.to_owned()).or_default());
        end.template.get_or_insert_with(|| path.to_owned());
    }

    /// A template that matches these segments as well; looks at `budget` nodes at most.
    fn find(&self, segments: &[&str], budget: &mut usize) -> Option<&str> {
        let Some((first, rest)) = segments.split_first() else {
            return self.template.as_deref();
        };
        *budget = budget.checked_sub(1)?;
        let mut next = |name: &str| self.inner.get(name)?.find(rest, budget);
        next(first).or_else(|| next("{}"))
    }
}

/// Literal paths that a template of the same service and method takes the requests of.
fn shadowed(routes: &[Route<'_>]) -> Vec<(usize, Finding)> {
    let mut templates: HashMap<(&str, &str), Trie> = HashMap::new();
    for route in routes.iter().filter(|route| route.path.contains('{')) {
        templates.entry((route.service, route.method)).or_default().add(route.path);
    }
    let told = routes.iter().filter(|route| route.is_plain()).filter_map(|route| {
        let trie = templates.get(&(route.service, route.method))?;
        let segments: Vec<&str> = route.path.split('/').collect();
        let template = trie.find(&segments, &mut LOOKS.clone())?;
        let message = format!("`{template}` takes the requests of `{}` at the gateway", route.path);
        Some((route.at, Finding::new(Code::SHADOWED_PATH, route.place.clone(), message)))
    });
    told.collect()
}

/// Paths that only a slash at their end or the case of a letter tells apart. Whether the
/// gateway does is not published.
fn similar(routes: &[Route<'_>]) -> Vec<(usize, Finding)> {
    let mut firsts = HashMap::new();
    let told = routes.iter().filter_map(|&Route { at, service, method, path, ref place }| {
        let shape = shape(path);
        let alike = shape.trim_end_matches('/').to_lowercase();
        let first = *firsts.entry((service, method, alike)).or_insert(path);
        // What is the same to the letter cannot be created twice, and is told as that.
        let message = (shape != self::shape(first))
            .then(|| format!("`{path}` differs from `{first}` only by a final slash or by case"));
        Some((at, Finding::new(Code::SIMILAR_PATH, place.clone(), message?)))
    });
    told.collect()
}

/// Plain paths that answer for longer ones which do not have their method.
fn prefixes(routes: &[Route<'_>], tally: &mut Tally) {
    let mut methods: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for route in routes {
        methods.entry((route.service, route.path)).or_default().push(route.method);
    }
    for route in routes.iter().filter(|route| route.is_plain()) {
        let after = methods.range((route.service, route.path)..).skip(1).take(LOOKS);
        let longer = after.take_while(|((service, path), _)| {
            *service == route.service && path.starts_with(route.path)
        });
        let mut other = longer.filter(|(_, methods)| !methods.contains(&route.method));
        if other.next().is_some() {
            tally.count([(Code::PREFIX_PATH, route.place.clone(), "")]);
        }
    }
}

/// Routes that answer every method of a path which others answer one method of.
fn beside_any(routes: &[Route<'_>], tally: &mut Tally) {
    let is_any = |route: &&Route<'_>| route.method == ANY;
    let own = routes.iter().filter(|route| !is_any(route));
    let own: HashSet<_> = own.map(|route| (route.service, shape(route.path))).collect();
    for route in routes.iter().filter(is_any) {
        if own.contains(&(route.service, shape(route.path))) {
            tally.count([(Code::ANY_BESIDE_METHOD, route.place.clone(), "")]);
        }
    }
}
