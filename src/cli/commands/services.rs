//! `--create-services`: a service for each document, or for each folder of documents, that
//! nobody names one for.
//!
//! Nothing is made for a plan that is refused as a whole: until then a service's name stands
//! for its id. How one is found or made is [`crate::run::provision`]'s business.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use sha2::{Digest as _, Sha256};

use crate::cli::args::Per;
use crate::cli::commands::catalog::{self, Station, Texts};
use crate::error::{Error, Exit};
use crate::finding::{Code, Finding, Severity};
use crate::plan::ordered::Go;
use crate::plan::{Entry, ItemKey, Planned};
use crate::run::provision::provide;
use crate::settings::PlanSettings;
use crate::source::{Found, FoundSource, Origin, Reach};
use crate::target::Gateway;
use crate::text::escape;

/// Stands for a service that is still to be made; no id looks like it.
const TO_BE_MADE: &str = "(to be made)";

/// What the console takes for a name, in characters.
const LONGEST_NAME: usize = 50;

/// A service that is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Needed {
    /// The document or the folder that it is for, as shown.
    pub(crate) home: String,
    /// The sources of the documents that go there.
    pub(crate) sources: Vec<Arc<str>>,
    /// What the service is or will be called.
    pub(crate) name: String,
}

/// What goes to one service: its documents, and the words that it is named after.
#[derive(Debug, Default)]
struct Group {
    sources: Vec<Arc<str>>,
    words: String,
}

/// The services that are still to be found or made. A document that comes to a folder which
/// has its service already is given that one in the plan. What was given one before has a say
/// in the names: a later document of the same title must not find its service.
pub(crate) fn needed(
    found: &Found,
    reach: &Reach,
    plan: &mut PlanSettings,
    per: Per,
) -> Vec<Needed> {
    let asked = PlanSettings { fallback_service: Some(TO_BE_MADE.to_owned()), ..plan.clone() };
    let folders = match per {
        Per::Document => BTreeMap::new(),
        Per::Folder => folders(found),
    };
    let mut groups: IndexMap<String, Group> = IndexMap::new();
    let mut bonds = Bonds::default();
    catalog::plan(found, reach, &asked, Texts::Dropped, |station| {
        if let Station::Planned(planned, _) = station
            && (floats(&planned) || plan.made.contains_key(&*planned.source))
        {
            let folder = folders.get(&planned.source);
            let home = folder.map_or_else(
                || planned.source.to_string(),
                |folder| folder.to_string_lossy().into_owned(),
            );
            bonds.hear(&home, &planned);
            let group = groups.entry(home).or_default();
            group.words =
                folder.map_or_else(|| planned.title.unwrap_or_default(), |it| last_name(it));
            group.sources.push(planned.source);
        }
        Go::On
    });
    let mut needed = named(bonds.put_together(groups));
    needed.retain(|it| {
        let known = it.sources.iter().find_map(|source| plan.made.get(&**source)).cloned();
        if let Some(id) = &known {
            let new = it.sources.iter().map(|source| (source.to_string(), id.clone()));
            plan.made = new.chain(std::mem::take(&mut plan.made)).collect();
        }
        known.is_none()
    });
    needed
}

/// Which documents go together, since the gateway looks for the API that authorises another
/// in no other service.
#[derive(Debug, Default)]
struct Bonds {
    /// Of each item, where it goes and its `operationId`.
    items: HashMap<ItemKey, (String, Option<String>)>,
    /// What goes to one place and has to be authorised, and by which item.
    wants: Vec<Want>,
}

#[derive(Debug)]
struct Want {
    home: String,
    authoriser: ItemKey,
    /// The `operationId`s there that only look unfit while all go to one service: one of
    /// them is nearer than the item of another document.
    own: Rc<HashSet<String>>,
}

impl Bonds {
    fn hear(&mut self, home: &str, planned: &Planned) {
        let unfit = planned.entries.iter().filter(|entry| matches!(entry, Entry::Unfit(_)));
        let own = Rc::new(unfit.filter_map(|it| it.origin().operation_id.clone()).collect());
        for entry in &planned.entries {
            let Entry::Item(item) = entry else { continue };
            let it = (home.to_owned(), item.origin.operation_id.clone());
            self.items.insert(item.key.clone(), it);
            if let Some(authoriser) = item.authorised_by.clone() {
                self.wants.push(Want { home: home.to_owned(), authoriser, own: Rc::clone(&own) });
            }
        }
    }

    /// What another one authorises goes to that one.
    fn put_together(self, mut groups: IndexMap<String, Group>) -> IndexMap<String, Group> {
        let mut leads: BTreeMap<String, String> = BTreeMap::new();
        for Want { home, authoriser, own } in self.wants {
            let Some((other, id)) = self.items.get(&authoriser) else { continue };
            let has_its_own = id.as_ref().is_some_and(|id| own.contains(id));
            let (from, to) = (end_of(&leads, &home), end_of(&leads, other));
            if from != to && !has_its_own {
                leads.insert(from, to);
            }
        }
        for home in leads.keys() {
            let Some(group) = groups.shift_remove(home) else { continue };
            if let Some(other) = groups.get_mut(&end_of(&leads, home)) {
                other.sources.extend(group.sources);
            }
        }
        groups
    }
}

/// Where a way ends.
fn end_of(leads: &BTreeMap<String, String>, home: &str) -> String {
    let next = |home: &&str| leads.get(*home).map(String::as_str);
    std::iter::successors(Some(home), next).last().unwrap_or(home).to_owned()
}

/// The top-level folder of each file: the first below the folder that was named; of a file
/// that lies in that one itself, or was named itself, the folder that holds it.
fn folders(found: &Found) -> BTreeMap<Arc<str>, PathBuf> {
    let of = |source: &FoundSource| {
        let Origin::File(path) = &source.origin else { return None };
        // Standard input is kept in a file that lies anywhere.
        let folder = path.parent().filter(|_| &*source.name != "-")?;
        let below = folder.strip_prefix(&source.root).ok()?.components().next();
        let folder = below.map_or_else(|| source.root.clone(), |first| source.root.join(first));
        Some((Arc::clone(&source.name), folder))
    };
    found.sources.iter().filter_map(of).collect()
}

/// A folder's own name, also where it was typed as `.` or `..`.
fn last_name(folder: &Path) -> String {
    let typed = folder.file_name().map(ToOwned::to_owned);
    let name = typed.or_else(|| fs_err::canonicalize(folder).ok()?.file_name().map(Into::into));
    name.unwrap_or_default().to_string_lossy().into_owned()
}

/// The names in place of the ids, for a plan that is made before the services are.
pub(crate) fn stand_ins(needed: &[Needed]) -> BTreeMap<String, String> {
    let each = |it: &Needed| -> Vec<(String, String)> {
        it.sources.iter().map(|source| (source.to_string(), it.name.clone())).collect()
    };
    needed.iter().flat_map(each).collect()
}

/// Whether something of the document goes to no service that anybody has named. What only
/// clashes with another document does too: in services of their own they do not clash.
fn floats(planned: &Planned) -> bool {
    let clashes_only = |findings: &[Finding]| {
        let mut errors = findings.iter().filter(|it| it.severity == Severity::Error);
        errors.all(|it| it.code == Code::SAME_ROUTE)
    };
    planned.entries.iter().any(|entry| match entry {
        Entry::Item(item) => item.key.service == TO_BE_MADE,
        Entry::Unfit(it) => it.service == TO_BE_MADE && clashes_only(&it.findings),
        Entry::Skipped(_) => false,
    })
}

/// Names the services; where two names would be the same, each gets a hash of what it is for,
/// so that no name depends on which comes first.
fn named(groups: IndexMap<String, Group>) -> Vec<Needed> {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for group in groups.values() {
        *count.entry(name(&group.words)).or_default() += 1;
    }
    let named = groups.into_iter().map(|(home, Group { sources, words })| {
        let plain = name(&words);
        let alone = !plain.is_empty() && count.get(&plain) == Some(&1);
        let name = if alone { plain } else { with_hash(&plain, &home) };
        Needed { home, sources, name }
    });
    named.collect()
}

/// Words as the console takes them for a name: letters, digits and `_`.
fn name(words: &str) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let words: String = words.chars().map(word).collect();
    let words: Vec<&str> = words.split('_').filter(|word| !word.is_empty()).collect();
    words.join("_").chars().take(LONGEST_NAME).collect()
}

fn with_hash(name: &str, home: &str) -> String {
    let hash = hex::encode(&Sha256::digest(home.as_bytes())[..4]);
    let name = if name.is_empty() { "apis" } else { name };
    let head: String = name.chars().take(LONGEST_NAME - hash.len() - 1).collect();
    format!("{head}_{hash}")
}

/// Finds or makes each service; the map from sources to ids.
///
/// # Errors
/// A service cannot be made, or two of its name exist. What was made stays, and is found by
/// its name when the import comes again.
pub(crate) async fn make<G: Gateway>(
    gateway: &G,
    needed: &[Needed],
    settle: Duration,
    mut tell: impl FnMut(String),
) -> Result<BTreeMap<String, String>, Error> {
    let mut made = BTreeMap::new();
    for Needed { home, sources, name } in needed {
        let provided = provide(gateway, name, settle).await.map_err(|why| {
            Error::new(Exit::Stopped, format!("the service {name} for {}: {why}", escape(home)))
                .hint("no API was sent; services that were made are found by their names next time")
        })?;
        let verb = if provided.found { "found" } else { "made" };
        let id = provided.id;
        tell(format!("{verb} the service {name} ({}) for {}", escape(&id), escape(home)));
        made.extend(sources.iter().map(|source| (source.to_string(), id.clone())));
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn named_after(words: &[&str]) -> Vec<String> {
        let group = |(i, words): (usize, &&str)| {
            (format!("{i}.yaml"), Group { sources: Vec::new(), words: (*words).to_owned() })
        };
        let groups = words.iter().enumerate().map(group).collect();
        named(groups).into_iter().map(|it| it.name).collect()
    }

    #[test]
    fn a_name_is_the_title_as_the_console_takes_it() {
        assert_eq!(named_after(&["Pet-Store (v2)!"]), ["Pet_Store_v2"]);
        let long = named_after(&[&"x".repeat(80)]);
        assert_eq!(long[0].len(), LONGEST_NAME);
    }

    #[test]
    fn equal_titles_and_titles_without_a_letter_get_a_hash_of_what_they_are_for() {
        let names = named_after(&["A", "A", "天气", ""]);
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 4, "{names:?}");
        assert!(names[0].starts_with("A_") && names[2].starts_with("apis_"), "{names:?}");
        assert_eq!(named_after(&["A", "A", "天气", ""]), names, "twice the same");
    }

    #[test]
    fn a_file_belongs_to_the_first_folder_below_the_one_that_was_named() {
        let file = |name: &str, root: &str| FoundSource {
            name: name.into(),
            origin: Origin::File(name.into()),
            named: false,
            base: Path::new("/").into(),
            root: root.into(),
        };
        let input = FoundSource { name: "-".into(), ..file("/tmp/kept", "/tmp") };
        let web = FoundSource {
            origin: Origin::Web("https://a.test/x/b.yaml".into()),
            ..file("https://a.test/x/b.yaml", "")
        };
        let sources = vec![
            file("cat/pets/v1/a.yaml", "cat"),
            file("cat/pets/b.yaml", "cat"),
            file("cat/c.yaml", "cat"),
            file("d.yaml", "."),
            input,
            web,
        ];
        let folders = folders(&Found { sources, ..Found::default() });
        let folders: Vec<_> =
            folders.iter().map(|(name, folder)| (&**name, folder.to_str().unwrap())).collect();
        assert_eq!(
            folders,
            [
                ("cat/c.yaml", "cat"),
                ("cat/pets/b.yaml", "cat/pets"),
                ("cat/pets/v1/a.yaml", "cat/pets")
            ]
        );
    }
}
