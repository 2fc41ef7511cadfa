//! The end of a service: its listing compared with the rows.
//!
//! Nothing is ever deleted here: two APIs where one should be are named, and a person
//! decides.

use crate::plan::ItemKey;
use crate::run::look::{Seen, is_exactly};
use crate::run::outcome::Outcome;
use crate::run::step::Journey;
use crate::run::work::Action;
use crate::target::Listed;

/// What a listing shows about a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is as in the row.
    Stands,
    /// It ended otherwise.
    Otherwise(Outcome),
    /// What the row names is not there; the listing may only be late.
    Missing(String),
    /// What was deleted according to the row is there; the listing may only be late.
    Remains(String),
    /// The API of the row is there under another method or path.
    Elsewhere(Listed),
}

/// Compares a listing with one row. `here` are the APIs of exactly this key that were not
/// there before us and are not another item's.
pub(crate) fn audit(
    key: &ItemKey,
    outcome: &Outcome,
    journey: &Journey,
    here: Vec<String>,
    seen: &Seen,
) -> Verdict {
    let deletes = journey.action() == Action::Delete;
    match outcome {
        Outcome::Created { id } | Outcome::Found { id } => standing(key, id, here, seen),
        Outcome::Exists { id } if journey.attempts() == 0 || here.len() < 2 => {
            match seen.by_id(id) {
                Some(listed) if is_exactly(listed, key) => Verdict::Stands,
                Some(_) if !here.is_empty() => Verdict::Otherwise(found(here, false)),
                Some(listed) => Verdict::Elsewhere(listed.clone()),
                None => Verdict::Missing(not_shown(id)),
            }
        }
        Outcome::Exists { .. } => Verdict::Otherwise(Outcome::Duplicate { ids: here }),
        Outcome::Duplicate { ids } => match here.len() {
            0 => Verdict::Missing(not_shown(&ids.join(", "))),
            _ => changed(outcome, found(here, true)),
        },
        Outcome::Deleted { id } if deletes && seen.by_id(id).is_some() => {
            Verdict::Remains(format!("its delete was confirmed, but the listing still shows {id}"))
        }
        Outcome::Refused { .. }
        | Outcome::GaveUp { .. }
        | Outcome::Unconfirmed
        | Outcome::NotSent
            if !here.is_empty() && !deletes =>
        {
            let ours = journey.may_be_ours() || journey.attempts() > 0;
            changed(outcome, found(here, ours))
        }
        _ => Verdict::Stands,
    }
}

fn standing(key: &ItemKey, id: &str, mut here: Vec<String>, seen: &Seen) -> Verdict {
    here.retain(|other| other != id);
    match (seen.by_id(id), here.len()) {
        (None, 0) => Verdict::Missing(not_shown(id)),
        (Some(listed), 0) if is_exactly(listed, key) => Verdict::Stands,
        (Some(listed), 0) => Verdict::Elsewhere(listed.clone()),
        // The answer named an API that is another's; the listing names ours.
        (Some(listed), _) if !is_exactly(listed, key) => Verdict::Otherwise(found(here, true)),
        _ => {
            here.insert(0, id.to_owned());
            Verdict::Otherwise(Outcome::Duplicate { ids: here })
        }
    }
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
    format!("the final listing does not show {id}")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::run::look::Pass;
    use crate::run::simulated::item;
    use crate::run::work::Assignment;
    use crate::target::Page;

    /// What a listing that shows these APIs at these paths says of a row for `/a`, of which
    /// `attempts` were sent. All that is at `/a` is unclaimed.
    fn says(outcome: &Outcome, attempts: u32, shown: &[(&str, &str)]) -> Verdict {
        let listed = |&(id, path): &(&str, &str)| Listed {
            api_id: id.to_owned(),
            path: path.to_owned(),
            method: "GET".to_owned(),
            name: None,
            created_time: None,
        };
        let apis: Vec<_> = shown.iter().map(listed).collect();
        let mut pass = Pass::begin(Duration::ZERO, 0);
        pass.take(Page { total: Some(apis.len() as u64), apis, incomplete: 0 });
        let seen = pass.finish();
        let key = ItemKey { service: "s".into(), method: "GET".into(), path: "/a".into() };
        let here = seen.exactly(&key).map(|api| api.api_id.clone()).collect();
        let item = Arc::new(item(0));
        let assignment = match outcome.clone() {
            Outcome::Deleted { id } => Assignment::delete(item, Outcome::Created { id }, attempts),
            outcome => Assignment::keep(item, outcome, attempts),
        };
        let journey = Journey::new(&assignment, 3, Duration::ZERO, Duration::ZERO);
        audit(&key, outcome, &journey, here, &seen)
    }

    fn id(id: &str) -> String {
        id.to_owned()
    }

    fn found() -> Verdict {
        Verdict::Otherwise(Outcome::Found { id: id("1") })
    }

    fn twice() -> Verdict {
        Verdict::Otherwise(Outcome::Duplicate { ids: vec![id("1"), id("2")] })
    }

    #[test]
    fn an_api_of_ours_stands_is_missing_is_doubled_or_is_called_otherwise() {
        for outcome in [Outcome::Created { id: id("1") }, Outcome::Found { id: id("1") }] {
            assert_eq!(says(&outcome, 1, &[("1", "/a"), ("9", "/b")]), Verdict::Stands);
            assert_eq!(says(&outcome, 1, &[("2", "/a"), ("1", "/a")]), twice());
            assert!(matches!(says(&outcome, 1, &[("9", "/b")]), Verdict::Missing(_)));
            assert!(matches!(says(&outcome, 1, &[("1", "/A")]), Verdict::Elsewhere(_)));
        }
    }

    #[test]
    fn an_answer_that_named_another_api_is_set_right_by_the_listing() {
        let outcome = Outcome::Created { id: id("9") };
        assert_eq!(says(&outcome, 1, &[("1", "/a"), ("9", "/b")]), found());
        assert_eq!(says(&outcome, 1, &[("1", "/a"), ("9", "/b"), ("2", "/a")]), twice());
    }

    #[test]
    fn what_was_not_created_and_is_there_was_found_by_us_if_we_ever_sent_it() {
        let code = || "X".to_owned();
        for outcome in [
            Outcome::Refused { code: code() },
            Outcome::GaveUp { code: code() },
            Outcome::Unconfirmed,
            Outcome::NotSent,
        ] {
            assert_eq!(says(&outcome, 0, &[]), Verdict::Stands);
            assert_eq!(says(&outcome, 1, &[("1", "/a")]), found());
            assert_eq!(says(&outcome, 1, &[("1", "/a"), ("2", "/a")]), twice());
            let exists = Verdict::Otherwise(Outcome::Exists { id: id("1") });
            assert_eq!(says(&outcome, 0, &[("1", "/a")]), exists);
        }
    }

    #[test]
    fn a_duplicate_ends_when_a_person_has_deleted_one() {
        let outcome = Outcome::Duplicate { ids: vec![id("1"), id("2")] };
        assert_eq!(says(&outcome, 2, &[("1", "/a"), ("2", "/a")]), Verdict::Stands);
        assert_eq!(says(&outcome, 2, &[("1", "/a")]), found());
        assert!(matches!(says(&outcome, 2, &[]), Verdict::Missing(_)));
    }

    #[test]
    fn what_was_there_before_us_is_doubled_only_by_what_we_sent() {
        let outcome = Outcome::Exists { id: id("1") };
        assert_eq!(says(&outcome, 0, &[("1", "/a"), ("2", "/a")]), Verdict::Stands);
        assert_eq!(says(&outcome, 1, &[("1", "/a"), ("2", "/a")]), twice());
        assert!(matches!(says(&outcome, 0, &[]), Verdict::Missing(_)));
    }

    #[test]
    fn what_was_deleted_is_gone() {
        let outcome = Outcome::Deleted { id: id("1") };
        assert_eq!(says(&outcome, 1, &[]), Verdict::Stands);
        assert!(matches!(says(&outcome, 1, &[("1", "/a")]), Verdict::Remains(_)));
    }
}
