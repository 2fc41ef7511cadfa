//! `--create-services`: a new service for each document, or for each folder of documents,
//! for which no setting names one.
//!
//! Only what they are called is decided here; they are created once the plan is agreed to.

use std::collections::{BTreeMap, HashSet};

use indexmap::IndexMap;
use sha2::{Digest as _, Sha256};

use crate::plan::draft::{Draft, DraftEntry};
use crate::plan::services::bonds::{Group, joined};
use crate::plan::summary::NewService;
use crate::settings::CreateServices;

/// Characters of a name, by the console's rule.
const LONGEST_NAME: usize = 50;

/// Assigns services to documents. One of a folder that already has its service goes
/// there. What was given one before still counts for the names: a later document of the same
/// title must not find its service.
pub(crate) fn assign(drafts: &mut [&mut Draft], per: &CreateServices) -> Vec<NewService> {
    let groups = joined(groups(drafts, per), drafts);
    let names = names(&groups);
    let mut created = Vec::new();
    for (Group { documents, of, .. }, name) in groups.into_iter().zip(names) {
        let known = documents.iter().find_map(|&at| drafts[at].assigned.clone());
        let assigned = known.unwrap_or_else(|| {
            created.push(NewService { name: name.clone(), of });
            name
        });
        for at in documents {
            drafts[at].assigned.get_or_insert_with(|| assigned.clone());
        }
    }
    created
}

fn groups(drafts: &[&mut Draft], per: &CreateServices) -> Vec<Group> {
    let open = || drafts.iter().flat_map(|draft| &draft.entries).filter(|entry| entry.is_open());
    let authorisers: HashSet<&str> = open().filter_map(DraftEntry::authoriser_id).collect();
    // An item that no API can authorise needs no service either.
    let can_be_sent = |entry: &DraftEntry| {
        entry.is_open() && entry.authorised_by().is_none_or(|id| authorisers.contains(id))
    };
    let mut groups: IndexMap<String, Group> = IndexMap::new();
    for (at, draft) in drafts.iter().enumerate() {
        if draft.assigned.is_none() && !draft.entries.iter().any(can_be_sent) {
            continue;
        }
        let folder = match per {
            CreateServices::PerDocument => None,
            CreateServices::PerFolder(folders) => folders.get(&draft.source),
        };
        let (of, words) = match folder {
            Some(folder) => (folder.path.clone(), folder.name.clone()),
            None => (draft.source.to_string(), draft.title.clone().unwrap_or_default()),
        };
        let group = groups.entry(of.clone()).or_default();
        (group.of, group.words) = (of, words);
        group.documents.push(at);
    }
    groups.into_values().collect()
}

/// The names of services; where two would be the same, each gets a hash of what it is for, so
/// that no name depends on which comes first.
fn names(groups: &[Group]) -> Vec<String> {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for group in groups {
        *count.entry(name(&group.words)).or_default() += 1;
    }
    let named = groups.iter().map(|Group { of, words, .. }| {
        let plain = name(words);
        let alone = !plain.is_empty() && count.get(&plain) == Some(&1);
        if alone { plain } else { with_hash(&plain, of) }
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

fn with_hash(name: &str, of: &str) -> String {
    let hash = hex::encode(&Sha256::digest(of.as_bytes())[..4]);
    let name = if name.is_empty() { "apis" } else { name };
    let head: String = name.chars().take(LONGEST_NAME - hash.len() - 1).collect();
    format!("{head}_{hash}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named_after(words: &[&str]) -> Vec<String> {
        let group = |(i, words): (usize, &&str)| Group {
            of: format!("{i}.yaml"),
            words: (*words).to_owned(),
            ..Group::default()
        };
        names(&words.iter().enumerate().map(group).collect::<Vec<_>>())
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
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), 4, "{names:?}");
        assert!(names[0].starts_with("A_") && names[2].starts_with("apis_"), "{names:?}");
        assert_eq!(named_after(&["A", "A", "天气", ""]), names, "twice the same");
    }
}
