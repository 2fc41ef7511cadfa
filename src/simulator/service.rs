//! A service as held, with its APIs, and what each of them takes from the others. Pure.

use std::collections::HashMap;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::simulator::answer::Refusal;
use crate::simulator::body::word;
use crate::simulator::scenario::{Duplicates, Sameness};

/// An API as held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    /// `api-` and eight characters.
    pub id: String,
    /// `RequestConfig.Path`.
    pub path: String,
    /// `RequestConfig.Method`.
    pub method: String,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed; when it was created, where it never was.
    pub modified: Timestamp,
    /// The fields that it has: those it was created with, and what changes made of them.
    pub(crate) body: Box<str>,
    /// The fields that it had before its last change.
    pub(crate) earlier: Option<Box<str>>,
}

impl Api {
    /// The fields that it has.
    pub(crate) fn fields(&self) -> Map<String, Value> {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The fields that a reader sees who sees only what is at least so old; none where it did
    /// not exist then.
    pub(crate) fn seen(&self, now: Timestamp, lag_ms: u64) -> Option<Map<String, Value>> {
        let is_new = |at: Timestamp| {
            let age = now.as_millisecond().saturating_sub(at.as_millisecond());
            age < i64::try_from(lag_ms).unwrap_or(i64::MAX)
        };
        match &self.earlier {
            _ if is_new(self.created) => None,
            Some(earlier) if is_new(self.modified) => serde_json::from_str(earlier).ok(),
            _ => Some(self.fields()),
        }
    }
}

/// A service as held.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// What it is for, in words.
    pub(crate) description: String,
    /// `http`, `https` or `http&https`.
    pub(crate) protocol: String,
    /// When it was created.
    pub(crate) created: Timestamp,
    /// By ApiId, in the order of creation.
    pub(crate) apis: IndexMap<String, Api>,
    /// The environments it is released to.
    pub(crate) environments: Vec<String>,
    /// All releases, the oldest first.
    pub(crate) releases: Vec<Release>,
    /// The usage plans that are bound to it, each behind its environment.
    pub(crate) plans: Vec<(String, String)>,
    /// How many APIs have a method and a path, and how many have a name.
    pub(crate) taken: HashMap<Taken, usize>,
}

/// One release of a service.
#[derive(Debug, Clone)]
pub(crate) struct Release {
    pub(crate) environment: String,
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) at: Timestamp,
}

impl Release {
    /// The release that a `ReleaseService` asks for.
    pub(crate) fn of(body: &Map<String, Value>, at: Timestamp) -> Self {
        Self {
            environment: word(body, "EnvironmentName").to_owned(),
            version: at.strftime("%Y%m%d%H%M%S").to_string(),
            description: word(body, "ReleaseDesc").to_owned(),
            at,
        }
    }
}

/// The environments of every service.
pub(crate) const ENVIRONMENTS: [&str; 3] = ["test", "prepub", "release"];

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Taken {
    Key(Key),
    Name(String),
}

/// Under what an API is reached.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) method: String,
    pub(crate) path: String,
}

/// What decides whether an API may be added.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policy {
    pub(crate) quota: u64,
    pub(crate) duplicates: Duplicates,
    pub(crate) same: Sameness,
    pub(crate) unique_names: bool,
}

impl Service {
    /// The service that a `CreateService` makes.
    pub(crate) fn new(id: &str, body: &Map<String, Value>, now: Timestamp) -> Self {
        let said = |name| word(body, name).to_owned();
        Self {
            id: id.to_owned(),
            name: said("ServiceName"),
            description: said("ServiceDesc"),
            protocol: said("Protocol"),
            created: now,
            apis: IndexMap::new(),
            environments: Vec::new(),
            releases: Vec::new(),
            plans: Vec::new(),
            taken: HashMap::new(),
        }
    }

    pub(crate) fn room_for(
        &self,
        body: &Map<String, Value>,
        policy: &Policy,
    ) -> Result<(), Refusal> {
        if self.apis.len() as u64 >= policy.quota {
            let text = format!("The service holds {} APIs already.", policy.quota);
            return Err(Refusal::new("LimitExceeded.ApiCountLimitExceeded", text));
        }
        self.free(takes(body), policy)
    }

    /// What runs in an environment.
    pub(crate) fn running(&self, environment: &str) -> Option<&Release> {
        let online = self.environments.iter().any(|one| one == environment);
        self.releases.iter().rev().find(|release| online && release.environment == environment)
    }

    /// Whether nothing else has what an API would take.
    pub(crate) fn free(
        &self,
        takes: impl Iterator<Item = Taken>,
        policy: &Policy,
    ) -> Result<(), Refusal> {
        for taken in takes {
            match (&taken, &policy.duplicates) {
                (Taken::Key(key), Duplicates::Refuse(code)) if self.has(key, policy.same) => {
                    return Err(Refusal::new(code, format!("{key} exists already.")));
                }
                (Taken::Name(name), _)
                    if policy.unique_names && self.taken.contains_key(&taken) =>
                {
                    let code = "InvalidParameterValue.InvalidApiRequestConfig";
                    return Err(Refusal::new(code, format!("The name `{name}` exists already.")));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn has(&self, key: &Key, same: Sameness) -> bool {
        if same == Sameness::default() {
            return self.taken.contains_key(&Taken::Key(key.clone()));
        }
        self.apis.values().any(|api| same.holds(key, &Key::of(&api.fields())))
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Api> {
        let api = self.apis.shift_remove(id)?;
        self.give_back(&api.fields());
        Some(api)
    }

    pub(crate) fn take(&mut self, body: &Map<String, Value>) {
        for taken in takes(body) {
            *self.taken.entry(taken).or_default() += 1;
        }
    }

    pub(crate) fn give_back(&mut self, body: &Map<String, Value>) {
        for taken in takes(body) {
            match self.taken.get_mut(&taken) {
                Some(count) if *count > 1 => *count -= 1,
                _ => _ = self.taken.remove(&taken),
            }
        }
    }
}

impl Key {
    pub(crate) fn of(body: &Map<String, Value>) -> Self {
        let config = |key: &str| body.get("RequestConfig").and_then(|config| config[key].as_str());
        let part = |key| config(key).unwrap_or_default().to_owned();
        Self { method: part("Method"), path: part("Path") }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Sameness {
    pub(crate) fn holds(self, one: &Key, other: &Key) -> bool {
        let any = self.any_method && [one, other].iter().any(|key| key.method == "ANY");
        (any || one.method == other.method) && self.path(&one.path) == self.path(&other.path)
    }

    /// A path without what does not matter.
    fn path(self, path: &str) -> String {
        let cased = if self.any_case { path.to_lowercase() } else { path.to_owned() };
        let mut parts = cased.split('{');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |path, part| match part.split_once('}') {
            Some((_, rest)) if self.any_parameter_name => path + "{}" + rest,
            _ => path + "{" + part,
        })
    }
}

/// What an API of this body takes from others.
pub(crate) fn takes(body: &Map<String, Value>) -> impl Iterator<Item = Taken> {
    let name = Some(word(body, "ApiName")).filter(|name| !name.is_empty());
    let name = name.map(|name| Taken::Name(name.to_owned()));
    [Taken::Key(Key::of(body))].into_iter().chain(name)
}
