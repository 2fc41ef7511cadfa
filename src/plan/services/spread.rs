//! `--spread`: which of the services that were named takes each document.
//!
//! The first that has room for all of it, and for all that goes with it; else the one with
//! most room. Room that is needed for items whose service a setting names is kept.

use std::collections::HashMap;

use crate::plan::draft::Draft;
use crate::plan::services::bonds::{Group, joined};

/// How many items each service was given.
#[derive(Debug, Default)]
pub(crate) struct Spread {
    held: HashMap<String, u64>,
}

impl Spread {
    /// Assigns services to the next documents.
    pub(crate) fn assign(&mut self, drafts: &mut [&mut Draft], services: &[String], quota: u64) {
        let mut groups = Vec::new();
        for (at, draft) in drafts.iter().enumerate() {
            let items = draft.entries.iter().filter(|entry| entry.item().is_some());
            for service in items.filter_map(|it| it.service.as_ref().or(draft.assigned.as_ref())) {
                *self.held.entry(service.clone()).or_default() += 1;
            }
            if draft.assigned.is_none() && open_items(draft) > 0 {
                groups.push(Group { documents: vec![at], ..Group::default() });
            }
        }
        let mut groups = joined(groups, drafts);
        groups.sort_by_key(|group| group.documents.iter().min().copied());
        for Group { documents, .. } in groups {
            let count = documents.iter().map(|&at| open_items(drafts[at])).sum();
            let Some(assigned) = self.choose(count, services, quota) else { return };
            for at in documents {
                drafts[at].assigned = Some(assigned.clone());
            }
        }
    }

    /// The service that takes so many items more.
    fn choose(&mut self, count: u64, services: &[String], quota: u64) -> Option<String> {
        let held = |service: &String| self.held.get(service).copied().unwrap_or_default();
        let fitting = services.iter().find(|service| held(service) + count <= quota);
        let service = fitting.or_else(|| services.iter().min_by_key(|it| held(it)))?.clone();
        *self.held.entry(service.clone()).or_default() += count;
        Some(service)
    }
}

/// Items for which no setting names a service.
fn open_items(draft: &Draft) -> u64 {
    draft.entries.iter().filter(|entry| entry.is_open()).count() as u64
}
