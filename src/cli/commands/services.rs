//! `--create-services`: a service for each document that nobody names one for.
//!
//! Creating a service has no idempotency key either, but a name to find it by: it is looked
//! for before it is made, and again after an answer that may hide a success, so that a run
//! that was killed here finds it when it comes again. Nothing is made for a plan that is
//! refused as a whole: until then a service's name stands for its id.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::catalog::{self, Station, Texts};
use super::ordered::Go;
use super::world;
use crate::error::{Error, Exit};
use crate::gateway::code::{self, Meaning};
use crate::gateway::{Gateway, Reply};
use crate::plan::{Entry, PlanSettings, Planned};
use crate::source::{Found, Reach};
use crate::spec::{Code, Finding, Severity};
use crate::text::escape;

/// Stands for a service that is still to be made; no id looks like it.
const TO_BE_MADE: &str = "(to be made)";

/// What the console takes for a name, in characters.
const LONGEST_NAME: usize = 50;

/// Tries for one service.
const TRIES: u32 = 5;

/// A document that needs a service of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Needed {
    pub(super) source: Arc<str>,
    /// What the service is or will be called.
    pub(super) name: String,
}

/// The documents that need a service and were not given one yet. Those that were have a say
/// in the names: a later document of the same title must not find their service.
pub(super) fn needed(found: &Found, reach: &Reach, plan: &PlanSettings) -> Vec<Needed> {
    let plan = PlanSettings { fallback_service: Some(TO_BE_MADE.to_owned()), ..plan.clone() };
    let mut documents = Vec::new();
    catalog::plan(found, reach, &plan, Texts::Dropped, |station| {
        if let Station::Planned(planned, _) = station
            && (floats(&planned) || plan.made.contains_key(&*planned.source))
        {
            documents.push((planned.source, planned.title.unwrap_or_default()));
        }
        Go::On
    });
    let mut needed = names(documents);
    needed.retain(|it| !plan.made.contains_key(&*it.source));
    needed
}

/// The names in place of the ids, for a plan that is made before the services are.
pub(super) fn stand_ins(needed: &[Needed]) -> BTreeMap<String, String> {
    needed.iter().map(|it| (it.source.to_string(), it.name.clone())).collect()
}

/// Whether something of the document goes to no service that anybody has named. What only
/// clashes with another document does too: in services of their own they do not clash.
fn floats(planned: &Planned) -> bool {
    let clashes_only = |findings: &[Finding]| {
        let mut errors = findings.iter().filter(|it| it.severity == Severity::Error);
        errors.all(|it| it.code == Code::SameRoute)
    };
    planned.entries.iter().any(|entry| match entry {
        Entry::Item(item) => item.key.service == TO_BE_MADE,
        Entry::Unfit(it) => it.service == TO_BE_MADE && clashes_only(&it.findings),
        Entry::Skipped(_) => false,
    })
}

/// Names by title; where two would be the same, each gets a hash of its source, so that no
/// name depends on which comes first.
fn names(documents: Vec<(Arc<str>, String)>) -> Vec<Needed> {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for (_, title) in &documents {
        *count.entry(name(title)).or_default() += 1;
    }
    let named = documents.into_iter().map(|(source, title)| {
        let plain = name(&title);
        let alone = !plain.is_empty() && count.get(&plain) == Some(&1);
        let name = if alone { plain } else { with_hash(&plain, &source) };
        Needed { source, name }
    });
    named.collect()
}

/// A title as the console takes it for a name: letters, digits and `_`.
fn name(title: &str) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let words: String = title.chars().map(word).collect();
    let words: Vec<&str> = words.split('_').filter(|word| !word.is_empty()).collect();
    words.join("_").chars().take(LONGEST_NAME).collect()
}

fn with_hash(name: &str, source: &str) -> String {
    let hash = hex::encode(&Sha256::digest(source.as_bytes())[..4]);
    let name = if name.is_empty() { "apis" } else { name };
    let head: String = name.chars().take(LONGEST_NAME - hash.len() - 1).collect();
    format!("{head}_{hash}")
}

/// Finds or makes each service; the map from sources to ids.
///
/// # Errors
/// A service cannot be made, or two of its name exist. What was made stays, and is found by
/// its name when the import comes again.
pub(super) async fn make<G: Gateway>(
    gateway: &G,
    needed: &[Needed],
    settle: Duration,
    mut tell: impl FnMut(String),
) -> Result<BTreeMap<String, String>, Error> {
    let mut made = BTreeMap::new();
    for Needed { source, name } in needed {
        let (id, found) = one(gateway, name, settle).await.map_err(|why| {
            Error::new(Exit::Stopped, format!("the service {name} for {}: {why}", escape(source)))
                .hint("no API was sent; services that were made are found by their names next time")
        })?;
        let verb = if found { "found" } else { "made" };
        tell(format!("{verb} the service {name} ({}) for {}", escape(&id), escape(source)));
        made.insert(source.to_string(), id);
    }
    Ok(made)
}

/// The id of the service of this name, and whether it was there.
async fn one<G: Gateway>(
    gateway: &G,
    name: &str,
    settle: Duration,
) -> Result<(String, bool), String> {
    let mut why = String::new();
    for attempt in 0..TRIES {
        match look(gateway, name).await {
            Ok(Some(id)) => return Ok((id, true)),
            Ok(None) => {}
            Err(Trouble::Final(why)) => return Err(why),
            Err(Trouble::Passing(reason)) => {
                why = reason;
                world::pause(Duration::from_secs(1 << attempt)).await;
                continue;
            }
        }
        match judge(gateway.create_service(name, "http&https").await) {
            Ok(state) => return Ok((state.service_id, false)),
            Err(Trouble::Final(why)) => return Err(why),
            Err(Trouble::Passing(reason)) => why = reason,
        }
        // It may have been made all the same: looked for only when a late request can no
        // longer take effect.
        world::pause(settle.max(Duration::from_secs(1))).await;
    }
    Err(why)
}

async fn look<G: Gateway>(gateway: &G, name: &str) -> Result<Option<String>, Trouble> {
    let states = judge(gateway.services_named(name).await)?;
    let ids: BTreeSet<String> = states.into_iter().map(|state| state.service_id).collect();
    if ids.len() > 1 {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let ids = escape(&ids.join(", ")).into_owned();
        return Err(Trouble::Final(format!("more than one has this name ({ids})")));
    }
    Ok(ids.into_iter().next())
}

/// Why a call came to nothing.
enum Trouble {
    /// It would again.
    Final(String),
    /// It may have had an effect, or may go well later.
    Passing(String),
}

fn judge<T>(reply: Reply<T>) -> Result<T, Trouble> {
    match reply {
        Reply::Ok(value) => Ok(value),
        Reply::Error(error) => {
            let why = format!("{} ({})", escape(&error.message), escape(&error.code));
            Err(match code::meaning(&error.code) {
                Meaning::Refused | Meaning::MaybeTaken | Meaning::Stop(_) => Trouble::Final(why),
                _ => Trouble::Passing(why),
            })
        }
        Reply::Untrusted(why) => Err(Trouble::Final(why)),
        Reply::NotSent(why) | Reply::Lost(why) => Err(Trouble::Passing(why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(titles: &[&str]) -> Vec<String> {
        let documents = titles.iter().enumerate();
        let documents =
            documents.map(|(i, title)| (format!("{i}.yaml").into(), (*title).to_owned()));
        names(documents.collect()).into_iter().map(|it| it.name).collect()
    }

    #[test]
    fn a_name_is_the_title_as_the_console_takes_it() {
        assert_eq!(named(&["Pet-Store (v2)!"]), ["Pet_Store_v2"]);
        let long = named(&[&"x".repeat(80)]);
        assert_eq!(long[0].len(), LONGEST_NAME);
    }

    #[test]
    fn equal_titles_and_titles_without_a_letter_get_a_hash_of_their_source() {
        let names = named(&["A", "A", "天气", ""]);
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 4, "{names:?}");
        assert!(names[0].starts_with("A_") && names[2].starts_with("apis_"), "{names:?}");
        assert_eq!(named(&["A", "A", "天气", ""]), names, "twice the same");
    }
}
