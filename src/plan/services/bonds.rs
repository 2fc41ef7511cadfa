//! Documents that belong in one service, since one has the API that authorises items of
//! another: the gateway looks for it in no other service.

use std::collections::{HashMap, HashSet};

use crate::plan::draft::Draft;

/// Documents that are given one service.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Group {
    /// By their places in the catalog.
    pub(crate) documents: Vec<usize>,
    /// What the group is for: a document, or a folder, as shown.
    pub(crate) of: String,
    /// The words that a service of its own is named after.
    pub(crate) words: String,
}

/// Joins groups: one that needs an authorising API which it does not have goes to the first
/// that has it.
pub(crate) fn joined(mut groups: Vec<Group>, drafts: &[&mut Draft]) -> Vec<Group> {
    let leads = leads(&groups, drafts);
    for from in 0..groups.len() {
        let to = end_of(&leads, from);
        if to != from {
            let documents = std::mem::take(&mut groups[from].documents);
            groups[to].documents.extend(documents);
        }
    }
    groups.retain(|group| !group.documents.is_empty());
    groups
}

/// Which group goes to which.
fn leads(groups: &[Group], drafts: &[&mut Draft]) -> HashMap<usize, usize> {
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut own: HashSet<(usize, &str)> = HashSet::new();
    let open = |group: &Group| {
        let entries = group.documents.clone().into_iter().flat_map(|at| &drafts[at].entries);
        entries.filter(|entry| entry.service.is_none())
    };
    for (at, group) in groups.iter().enumerate() {
        for id in open(group).filter_map(|entry| entry.authoriser_id()) {
            first.entry(id).or_insert(at);
            own.insert((at, id));
        }
    }
    let mut leads = HashMap::new();
    for (at, group) in groups.iter().enumerate() {
        for id in open(group).filter_map(|entry| entry.authorised_by()) {
            let Some(other) = first.get(id).filter(|_| !own.contains(&(at, id))) else { continue };
            let (from, to) = (end_of(&leads, at), end_of(&leads, *other));
            if from != to {
                leads.insert(from, to);
            }
        }
    }
    leads
}

/// Where a way ends.
fn end_of(leads: &HashMap<usize, usize>, at: usize) -> usize {
    std::iter::successors(Some(at), |at| leads.get(at).copied()).last().unwrap_or(at)
}
