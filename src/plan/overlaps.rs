//! Paths of one document that get in each other's way at the gateway.
//!
//! The gateway matches in an order of its own: exact paths (`=/p`), then paths with
//! parameters, then plain ones, which match as prefixes and of which the longest wins. So
//! `/users/me` is answered by `/users/{id}` where both are declared, and `/user` answers
//! `/usertest` for a method that the latter does not have. `path-match: exact` ends both.

use std::collections::{BTreeMap, HashMap};

use crate::finding::{Code, Finding};
use crate::plan::ItemKey;
use crate::plan::draft::Fit;
use crate::plan::tally::Tally;
use crate::target::tencent::map::path::shape;

/// Paths that one path is held against at most: a hostile document could have every path
/// held against every other.
const LOOKS: usize = 1000;

/// Adds what is to be told of the paths to the items, and what is told once.
pub(crate) fn tell(fits: &mut [&mut Fit], tally: &mut Tally) {
    shadowed(fits);
    similar(fits);
    prefixes(fits, tally);
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
fn shadowed(fits: &mut [&mut Fit]) {
    let mut templates: HashMap<(String, String), Trie> = HashMap::new();
    for fit in fits.iter().filter(|fit| fit.item.key.path.contains('{')) {
        let key = &fit.item.key;
        templates.entry((key.service.clone(), key.method.clone())).or_default().add(&key.path);
    }
    for fit in fits.iter_mut().filter(|fit| is_plain(&fit.item.key.path)) {
        let key = &fit.item.key;
        let trie = templates.get(&(key.service.clone(), key.method.clone()));
        let segments: Vec<&str> = key.path.split('/').collect();
        if let Some(template) = trie.and_then(|trie| trie.find(&segments, &mut LOOKS.clone())) {
            let message =
                format!("`{template}` takes the requests of `{}` at the gateway", key.path);
            let place = fit.item.origin.place();
            fit.item.findings.push(Finding::new(Code::SHADOWED_PATH, place, message));
        }
    }
}

/// Paths that only a slash at their end or the case of a letter tells apart. Whether the
/// gateway does is not published.
fn similar(fits: &mut [&mut Fit]) {
    let mut firsts = HashMap::new();
    let mut told = Vec::new();
    for (index, fit) in fits.iter().enumerate() {
        let ItemKey { service, method, path } = &fit.item.key;
        let shape = shape(path);
        let alike = shape.trim_end_matches('/').to_lowercase();
        let first = *firsts.entry((service, method, alike)).or_insert(path);
        // What is the same to the letter cannot be created twice, and is told as that.
        if shape != self::shape(first) {
            let message =
                format!("only its end or the case of a letter tells `{path}` from `{first}`");
            told.push((index, message));
        }
    }
    for (index, message) in told {
        let item = &mut fits[index].item;
        item.findings.push(Finding::new(Code::SIMILAR_PATH, item.origin.place(), message));
    }
}

/// Plain paths that answer for longer ones which do not have their method.
fn prefixes(fits: &[&mut Fit], tally: &mut Tally) {
    let mut methods: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for fit in fits {
        let key = &fit.item.key;
        methods.entry((&key.service, &key.path)).or_default().push(&key.method);
    }
    for fit in fits.iter().filter(|fit| is_plain(&fit.item.key.path)) {
        let key = &fit.item.key;
        let after = methods.range((key.service.as_str(), key.path.as_str())..).skip(1).take(LOOKS);
        let longer = after.take_while(|((service, path), _)| {
            *service == key.service && path.starts_with(&key.path)
        });
        let mut other = longer.filter(|(_, methods)| !methods.contains(&key.method.as_str()));
        if other.next().is_some() {
            tally.count([(Code::PREFIX_PATH, fit.item.origin.place(), "")]);
        }
    }
}

/// Whether the gateway matches it as a prefix.
fn is_plain(path: &str) -> bool {
    path.starts_with('/') && !path.contains('{')
}
