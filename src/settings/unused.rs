//! Rules, options and entries of the settings that match no operation of the whole catalog:
//! most likely slips, and one in a rule that leaves operations out would be costly.
//!
//! Reported once for the plan. It is not a finding, since it is not about a source.

use crate::finding::notes::ValueOrigin;
use crate::settings::condition::Subject;
use crate::settings::plan_settings::{PlanSettings, Rule, SecurityRule};
use crate::spec::Operation;

/// What has matched nothing yet: by part, and by its order there.
#[derive(Debug, Clone)]
pub(crate) struct Unused(Vec<(Part, usize)>);

/// The parts that hold several of them, in the order in which they are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Services,
    Security,
    Rules,
    Include,
    Exclude,
}

impl Unused {
    /// All of them, before the first operation.
    pub(crate) fn new(settings: &PlanSettings) -> Self {
        let counts = [
            (Part::Services, settings.services.len()),
            (Part::Security, settings.security.len()),
            (Part::Rules, settings.rules.len()),
            (Part::Include, settings.include.len()),
            (Part::Exclude, settings.exclude.len()),
        ];
        Self(counts.into_iter().flat_map(|(part, n)| (0..n).map(move |at| (part, at))).collect())
    }

    /// Takes a document in.
    pub(crate) fn meet_source(&mut self, settings: &PlanSettings, source: &str) {
        let takes = |at: usize| settings.services[at].takes(source);
        self.0.retain(|&(part, at)| part != Part::Services || !takes(at));
    }

    /// Takes in an operation that these rules match, whatever becomes of it.
    pub(crate) fn meet(
        &mut self,
        settings: &PlanSettings,
        subject: &Subject<'_>,
        rules: &[&Rule],
        operation: &Operation<'_>,
    ) {
        self.0.retain(|&(part, at)| match part {
            Part::Services => true,
            Part::Security => !is_used(&settings.security[at], operation),
            Part::Rules => !rules.iter().any(|rule| rule.number == at + 1),
            Part::Include => !settings.include[at].condition.matches(subject),
            Part::Exclude => !settings.exclude[at].condition.matches(subject),
        });
    }

    /// Keeps only what is unused in both.
    pub(crate) fn join(&mut self, other: &Self) {
        // They stay in their order, and there may be many, of many documents.
        self.0.retain(|it| other.0.binary_search(it).is_ok());
    }

    /// The warnings about them, with their places.
    pub(crate) fn warnings(&self, settings: &PlanSettings) -> Vec<ValueOrigin> {
        let told = |&(part, at): &(Part, usize)| {
            let (what, pointer) = match part {
                Part::Services => {
                    let what = format!("entry {} of `services` matches no source", at + 1);
                    (what, Some(format!("/services/{at}")))
                }
                Part::Security => {
                    let rule = &settings.security[at];
                    let what = format!("no operation requires `{}` of `security`", rule.scheme);
                    (what, Some(rule.pointer()))
                }
                Part::Rules => {
                    let what = format!("rule {} matches no operation", at + 1);
                    (what, Some(format!("/rules/{at}")))
                }
                Part::Include => (unmatched("--include", &settings.include[at].text), None),
                Part::Exclude => (unmatched("--exclude", &settings.exclude[at].text), None),
            };
            let place = pointer.and_then(|pointer| settings.place(&pointer));
            ValueOrigin { what: what.into(), place }
        };
        self.0.iter().map(told).collect()
    }
}

fn unmatched(option: &str, text: &str) -> String {
    format!("{option} {text} matches no operation")
}

/// Whether an operation requires the scheme, or is the API that authorises with it.
fn is_used(rule: &SecurityRule, operation: &Operation<'_>) -> bool {
    let id = operation.operation_id;
    let mut schemes = operation.security.iter().flat_map(|required| &required.schemes);
    let requires = schemes
        .any(|scheme| scheme.name == rule.scheme || scheme.kind.as_deref() == Some(&*rule.scheme));
    requires || (id.is_some() && rule.authorised_by.as_deref() == id)
}
