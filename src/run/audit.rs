//! The end of a service: what its listing says against what a row says.
//!
//! Nothing is ever deleted here: two APIs where one should be are named, and a person
//! decides.

use super::Outcome;
use super::look::{Seen, is_exactly};
use super::step::Journey;
use crate::plan::ItemKey;

/// What a listing says of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is as the row says.
    Stands,
    /// It ended otherwise.
    Otherwise(Outcome),
    /// What the row names is not there, or not gone; the listing may only be late.
    Missing(String),
    /// It is as the row says, and there is something to tell.
    Note(String),
}

/// Holds a listing against one row. `here` are the APIs of exactly this key that were not
/// there before us and are no other item's.
pub(crate) fn audit(
    key: &ItemKey,
    outcome: &Outcome,
    journey: &Journey,
    here: Vec<String>,
    seen: &Seen,
) -> Verdict {
    match outcome {
        Outcome::Created { id } | Outcome::Found { id } => standing(key, id, here, seen),
        Outcome::Exists { id } if journey.attempts() == 0 || here.len() < 2 => {
            match seen.by_id(id) {
                Some(_) => Verdict::Stands,
                None => Verdict::Missing(not_shown(id)),
            }
        }
        Outcome::Exists { .. } => Verdict::Otherwise(Outcome::Duplicate { ids: here }),
        Outcome::Duplicate { ids } => match here.len() {
            0 => Verdict::Missing(not_shown(&ids.join(", "))),
            _ => changed(outcome, found(here, true)),
        },
        Outcome::Deleted { id } if journey.deletes().is_some() && seen.by_id(id).is_some() => {
            Verdict::Missing(format!("{id} was deleted, and the listing still shows it"))
        }
        Outcome::Refused { .. }
        | Outcome::GaveUp { .. }
        | Outcome::Unconfirmed
        | Outcome::NotSent
            if !here.is_empty() && journey.deletes().is_none() =>
        {
            let ours = journey.may_be_ours() || journey.attempts() > 0;
            changed(outcome, found(here, ours))
        }
        _ => Verdict::Stands,
    }
}

fn standing(key: &ItemKey, id: &str, here: Vec<String>, seen: &Seen) -> Verdict {
    let others = here.iter().filter(|other| *other != id).count();
    let Some(listed) = seen.by_id(id) else { return Verdict::Missing(not_shown(id)) };
    if others > 0 {
        let others = here.into_iter().filter(|other| other != id);
        let ids = std::iter::once(id.to_owned()).chain(others).collect();
        return Verdict::Otherwise(Outcome::Duplicate { ids });
    }
    if is_exactly(listed, key) {
        return Verdict::Stands;
    }
    Verdict::Note(format!("the listing shows it as {} {}", listed.method, listed.path))
}

fn found(mut ids: Vec<String>, ours: bool) -> Outcome {
    match ids.len() {
        1 if ours => Outcome::Found { id: ids.swap_remove(0) },
        _ if ours => Outcome::Duplicate { ids },
        _ => Outcome::Exists { id: ids.swap_remove(0) },
    }
}

fn changed(before: &Outcome, now: Outcome) -> Verdict {
    if *before == now { Verdict::Stands } else { Verdict::Otherwise(now) }
}

fn not_shown(id: &str) -> String {
    format!("the listing at the end does not show {id}")
}
