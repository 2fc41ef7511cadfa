//! Rules, options and entries of the settings that no operation of the whole catalog meets:
//! most likely slips, and one in a rule that leaves operations out would be costly.
//!
//! Said once for the plan. It is no finding, since it is about no source.

use crate::finding::notes::Said;
use crate::settings::condition::{Condition, Subject};
use crate::settings::plan_settings::{PlanSettings, Rule};
use crate::spec::Operation;

/// Which of them nobody has met yet, by their order in the settings.
#[derive(Debug, Clone)]
pub(crate) struct Unused {
    rules: Vec<usize>,
    include: Vec<usize>,
    exclude: Vec<usize>,
    security: Vec<usize>,
    services: Vec<usize>,
}

impl Unused {
    /// All of them, before the first operation.
    pub(crate) fn new(settings: &PlanSettings) -> Self {
        Self {
            rules: (0..settings.rules.len()).collect(),
            include: (0..settings.include.len()).collect(),
            exclude: (0..settings.exclude.len()).collect(),
            security: (0..settings.security.len()).collect(),
            services: (0..settings.services.len()).collect(),
        }
    }

    /// A document is there.
    pub(crate) fn meet_source(&mut self, settings: &PlanSettings, source: &str) {
        self.services.retain(|&index| !settings.services[index].takes(source));
    }

    /// An operation is there that these rules speak of, whatever becomes of it.
    pub(crate) fn meet(
        &mut self,
        settings: &PlanSettings,
        subject: &Subject<'_>,
        rules: &[&Rule],
        operation: &Operation<'_>,
    ) {
        self.rules.retain(|index| !rules.iter().any(|rule| rule.number == index + 1));
        let idles = |condition: &Condition| !condition.holds(subject);
        self.include.retain(|&index| idles(&settings.include[index].condition));
        self.exclude.retain(|&index| idles(&settings.exclude[index].condition));
        let id = operation.operation_id;
        self.security.retain(|&index| {
            let rule = &settings.security[index];
            let mut schemes = operation.security.iter().flat_map(|required| &required.schemes);
            let requires = schemes.any(|scheme| {
                scheme.name == rule.scheme || scheme.kind.as_deref() == Some(&*rule.scheme)
            });
            let authorises = id.is_some() && rule.authorised_by.as_deref() == id;
            !requires && !authorises
        });
    }

    /// Only what is idle here too stays so.
    pub(crate) fn join(&mut self, other: &Self) {
        // They stay in their order, and there may be many, of many documents.
        let join = |own: &mut Vec<usize>, other: &[usize]| {
            own.retain(|it| other.binary_search(it).is_ok());
        };
        join(&mut self.rules, &other.rules);
        join(&mut self.include, &other.include);
        join(&mut self.exclude, &other.exclude);
        join(&mut self.security, &other.security);
        join(&mut self.services, &other.services);
    }

    /// What is to be said of them, with their places.
    pub(crate) fn said(&self, settings: &PlanSettings) -> Vec<Said> {
        let at = |what: String, pointer: String| Said {
            what: what.into(),
            place: settings.place(&pointer),
        };
        let option = |what: String| Said { what: what.into(), place: None };
        let services = self.services.iter().map(|index| {
            let what = format!("entry {} of `services` takes no source", index + 1);
            at(what, format!("/services/{index}"))
        });
        let security = self.security.iter().map(|&index| {
            let rule = &settings.security[index];
            let what = format!("no operation requires `{}` of `security`", rule.scheme);
            at(what, rule.pointer())
        });
        let rules = self.rules.iter().map(|index| {
            at(format!("rule {} speaks of no operation", index + 1), format!("/rules/{index}"))
        });
        let include = self.include.iter().map(|&index| {
            option(format!("--include {} speaks of no operation", settings.include[index].text))
        });
        let exclude = self.exclude.iter().map(|&index| {
            option(format!("--exclude {} speaks of no operation", settings.exclude[index].text))
        });
        services.chain(security).chain(rules).chain(include).chain(exclude).collect()
    }
}
