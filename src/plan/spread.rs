//! `--spread`: which service takes each document that nobody names one for.
//!
//! Documents come one after the other, and what comes later is known only as far as it was
//! foreseen: room that is taken already, and documents that hang together, since one has the
//! API that authorises those of another. Such documents go to one service, as the gateway
//! looks for an authorising API in no other.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use indexmap::IndexMap;

use crate::plan::key::ItemKey;

/// Chooses services.
#[derive(Debug, Default)]
pub(crate) struct Spread {
    /// Items still to come whose service is known, by service.
    reserved: HashMap<String, u64>,
    /// Documents still to come that hang together with others, by source.
    foreseen: IndexMap<Arc<str>, Floating>,
    /// Where documents go that went along with an earlier one.
    homes: HashMap<Arc<str>, String>,
}

/// What is foreseen of a document that nobody names a service for.
#[derive(Debug, Default)]
pub(crate) struct Floating {
    /// Its items.
    pub(crate) count: u64,
    /// The `operationId`s of APIs that authorise: its own, and those that it needs.
    pub(crate) authorisers: HashSet<String>,
    /// Its own of them, with their keys but for the service.
    pub(crate) own: Vec<(String, ItemKey)>,
}

/// Where a document goes.
#[derive(Debug, Default)]
pub(crate) struct Home {
    /// The service.
    pub(crate) service: String,
    /// APIs that will come to it with later documents, and that authorise.
    pub(crate) authorisers: Vec<(String, ItemKey)>,
}

impl Spread {
    /// An item will come to a service that somebody names for it.
    pub(crate) fn reserve(&mut self, service: &str) {
        *self.reserved.entry(service.to_owned()).or_default() += 1;
    }

    /// What was reserved for has come.
    pub(crate) fn arrived(&mut self, service: &str, count: u64) {
        if let Some(reserved) = self.reserved.get_mut(service) {
            *reserved = reserved.saturating_sub(count);
        }
    }

    /// A document will come that hangs together with others.
    pub(crate) fn foresee(&mut self, source: &Arc<str>, document: Floating) {
        self.foreseen.insert(Arc::clone(source), document);
    }

    /// Where a document of so many items goes: where those went that it hangs together with,
    /// else to the first service that has room for all of them, else to the one with most
    /// room. `held` says what a service was given so far.
    pub(crate) fn home(
        &mut self,
        source: &Arc<str>,
        count: u64,
        services: &[String],
        quota: u64,
        held: impl Fn(&str) -> u64,
    ) -> Option<Home> {
        if let Some(service) = self.homes.remove(source) {
            self.arrived(&service, count);
            return Some(Home { service, ..Home::default() });
        }
        let others = self.others(source);
        let together = count + others.iter().map(|(_, other)| other.count).sum::<u64>();
        let used =
            |service: &str| held(service) + self.reserved.get(service).copied().unwrap_or_default();
        let fitting = services.iter().find(|service| used(service) + together <= quota);
        let service =
            fitting.or_else(|| services.iter().min_by_key(|service| used(service)))?.clone();
        let mut home = Home { service, authorisers: Vec::new() };
        for (other, Floating { count, own, .. }) in others {
            *self.reserved.entry(home.service.clone()).or_default() += count;
            self.homes.insert(other, home.service.clone());
            home.authorisers.extend(own);
        }
        Some(home)
    }

    /// Takes what a document hangs together with, directly or by way of others.
    fn others(&mut self, source: &Arc<str>) -> Vec<(Arc<str>, Floating)> {
        let Some(document) = self.foreseen.shift_remove(source) else { return Vec::new() };
        let mut names = document.authorisers;
        let mut others = Vec::new();
        let shares = |it: &Floating, names: &HashSet<String>| !it.authorisers.is_disjoint(names);
        while let Some(at) = self.foreseen.values().position(|it| shares(it, &names)) {
            if let Some((source, other)) = self.foreseen.shift_remove_index(at) {
                names.extend(other.authorisers.iter().cloned());
                others.push((source, other));
            }
        }
        others
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICES: [&str; 2] = ["s1", "s2"];

    fn floating(count: u64, authorisers: &[&str]) -> Floating {
        let authorisers = authorisers.iter().map(|it| (*it).to_owned()).collect();
        Floating { count, authorisers, own: Vec::new() }
    }

    /// Where each of these goes, with a quota of 4.
    fn homes(documents: Vec<(&str, Floating)>) -> Vec<String> {
        let services = SERVICES.map(str::to_owned);
        let counts: Vec<(Arc<str>, u64)> =
            documents.iter().map(|(source, it)| ((*source).into(), it.count)).collect();
        let mut spread = Spread::default();
        for (source, document) in documents.into_iter().filter(|(_, it)| !it.authorisers.is_empty())
        {
            spread.foresee(&source.into(), document);
        }
        let mut held: HashMap<String, u64> = HashMap::new();
        let place = |(source, count): &(Arc<str>, u64)| {
            let so_far = |service: &str| held.get(service).copied().unwrap_or_default();
            let home = spread.home(source, *count, &services, 4, so_far).expect("a service");
            *held.entry(home.service.clone()).or_default() += count;
            home.service
        };
        counts.iter().map(place).collect()
    }

    #[test]
    fn a_document_goes_to_the_first_service_that_has_room_for_it() {
        let documents =
            vec![("a", floating(3, &[])), ("b", floating(2, &[])), ("c", floating(1, &[]))];
        assert_eq!(homes(documents), ["s1", "s2", "s1"]);
    }

    #[test]
    fn documents_that_hang_together_go_together() {
        let documents = vec![
            ("a", floating(2, &[])),
            ("b", floating(2, &["login"])),
            ("c", floating(1, &["other"])),
            ("d", floating(1, &["login", "other"])),
            ("e", floating(2, &[])),
        ];
        assert_eq!(homes(documents), ["s1", "s2", "s2", "s2", "s1"]);
    }

    #[test]
    fn the_room_of_what_will_come_is_kept() {
        let documents = vec![
            ("a", floating(2, &["login"])),
            ("b", floating(1, &[])),
            ("c", floating(2, &["login"])),
        ];
        assert_eq!(homes(documents), ["s1", "s2", "s1"]);
    }
}
