//! A plan against what services hold: what would be created, what differs, what is the same,
//! and what only the gateway has. Pure: listings and read-backs are passed in.

use std::collections::{BTreeMap, HashMap};

use crate::plan::item::Item;
use crate::plan::key::ItemKey;
use crate::target::Listed;
use crate::target::tencent::canonical::unreadable;
use crate::target::tencent::compare::{Change, Comparison, compare};
use crate::target::tencent::read_back::ReadBack;
use crate::target::tencent::request::Request;

/// How an item stands to what the gateway holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Difference {
    /// Nothing has its method and path.
    Create,
    /// One API has, and differs.
    Change {
        /// Its id.
        api_id: String,
        /// At least one.
        changes: Vec<Change>,
        /// What is not wanted and not refused either.
        extra: Vec<Change>,
        /// What the request says and the gateway never answers.
        untold: Vec<&'static str>,
    },
    /// One API has, and is what is wanted as far as the gateway tells.
    Same {
        /// Its id.
        api_id: String,
        /// What is not wanted and not refused either.
        extra: Vec<Change>,
        /// What the request says and the gateway never answers.
        untold: Vec<&'static str>,
    },
    /// Several have.
    Duplicate {
        /// Their ids.
        ids: Vec<String>,
    },
}

/// What services hold, by the key that items have.
#[derive(Debug, Default)]
pub struct Holdings {
    by_key: HashMap<ItemKey, Vec<String>>,
    listed: Vec<(String, Listed)>,
}

impl Holdings {
    /// Adds what a service holds. `service` is what items name it by.
    pub fn add(&mut self, service: &str, apis: Vec<Listed>) {
        for api in apis {
            let key = ItemKey {
                service: service.to_owned(),
                method: api.method.to_uppercase(),
                path: api.path.clone(),
            };
            self.by_key.entry(key).or_default().push(api.api_id.clone());
            self.listed.push((service.to_owned(), api));
        }
    }

    /// The ids of the APIs with this key.
    pub fn ids(&self, key: &ItemKey) -> &[String] {
        self.by_key.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// The id of the only API with this key.
    pub fn only_id(&self, key: &ItemKey) -> Option<&str> {
        match self.ids(key) {
            [id] => Some(id),
            _ => None,
        }
    }

    /// What none of these keys has, by service.
    pub fn besides<'k>(&self, keys: impl Iterator<Item = &'k ItemKey>) -> Vec<&(String, Listed)> {
        let mut rest: BTreeMap<&str, &(String, Listed)> =
            self.listed.iter().map(|held| (held.1.api_id.as_str(), held)).collect();
        for id in keys.flat_map(|key| self.ids(key)) {
            rest.remove(id.as_str());
        }
        let mut rest: Vec<_> = rest.into_values().collect();
        rest.sort_by_key(|(service, api)| (service, &api.path, &api.method));
        rest
    }
}

impl Difference {
    /// How an item stands to the one API of its key; `None`: there is none (any more).
    pub fn of(item: &Item, holdings: &Holdings, held: Option<&ReadBack>) -> Self {
        let Some(held) = held else { return Self::Create };
        let wanted = wanted(item, holdings);
        let Comparison { changes, extra } = compare(wanted.fields(), held.fields());
        let untold = unreadable(wanted.fields()).into_iter().collect();
        let api_id = held.api_id().to_owned();
        if changes.is_empty() {
            return Self::Same { api_id, extra, untold };
        }
        Self::Change { api_id, changes, extra, untold }
    }

    /// Leaves out changes in fields of these names.
    #[must_use]
    pub fn ignoring(self, names: &[String]) -> Self {
        let Self::Change { api_id, mut changes, extra, untold } = self else { return self };
        changes.retain(|change| !names.iter().any(|name| change.is_in(name)));
        if changes.is_empty() {
            return Self::Same { api_id, extra, untold };
        }
        Self::Change { api_id, changes, extra, untold }
    }

    /// As in output for scripts.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Change { .. } => "change",
            Self::Same { untold, .. } if !untold.is_empty() => "not-comparable",
            Self::Same { .. } => "same",
            Self::Duplicate { .. } => "duplicate",
        }
    }

    /// Whether it is one that an import would have to act on.
    pub fn counts(&self) -> bool {
        !matches!(self, Self::Same { .. })
    }
}

/// The request of an item, the id of the API that authorises it filled in. Where that is still
/// to be created, its method and path stand for the id.
fn wanted(item: &Item, holdings: &Holdings) -> Request {
    let authoriser = item.authorised_by.as_ref().map(|key| match holdings.only_id(key) {
        Some(id) => id.to_owned(),
        None => format!("{} {}", key.method, key.path),
    });
    Request::read(&item.body(authoriser.as_deref())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(id: &str, method: &str, path: &str) -> Listed {
        Listed {
            api_id: id.to_owned(),
            path: path.to_owned(),
            method: method.to_owned(),
            name: None,
            created_time: None,
        }
    }

    fn key(method: &str, path: &str) -> ItemKey {
        ItemKey { service: "s".into(), method: method.into(), path: path.into() }
    }

    #[test]
    fn methods_are_the_same_in_any_case_and_paths_are_not() {
        let mut holdings = Holdings::default();
        holdings.add("s", vec![listed("api-1", "get", "/a"), listed("api-2", "GET", "/A")]);
        assert_eq!(holdings.only_id(&key("GET", "/a")), Some("api-1"));
        assert_eq!(holdings.only_id(&key("GET", "/A")), Some("api-2"));
        assert_eq!(holdings.only_id(&key("POST", "/a")), None);
    }

    #[test]
    fn several_of_one_key_are_none_to_compare_and_the_rest_is_only_there() {
        let mut holdings = Holdings::default();
        let twice = vec![listed("api-1", "GET", "/a"), listed("api-2", "GET", "/a")];
        holdings.add("s", twice);
        holdings.add("t", vec![listed("api-3", "GET", "/a")]);
        assert_eq!(holdings.only_id(&key("GET", "/a")), None);
        assert_eq!(holdings.ids(&key("GET", "/a")).len(), 2);
        let rest = holdings.besides([key("GET", "/a")].iter());
        assert_eq!(rest.iter().map(|(_, api)| &*api.api_id).collect::<Vec<_>>(), ["api-3"]);
    }
}
