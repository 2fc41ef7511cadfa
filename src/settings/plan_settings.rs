//! What a plan is made by: the settings file and the options, as one value.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::finding::{Code, Finding, Place, Severity};
use crate::settings::condition::{Condition, Expr, Glob, Subject};
use crate::source::Folder;
use crate::spec::tree::pointer::escape;
use crate::target::tencent::fields::Fields;
use crate::target::tencent::map;
use crate::target::tencent::{APIS_PER_SERVICE, names};

/// All that decides what operations become. `Default` is what holds without a settings
/// file and without options, as `import` has it.
#[derive(Debug, Clone)]
pub struct PlanSettings {
    /// `--service`: takes everything, whatever else is set.
    pub service: Option<String>,
    /// The map from sources to services; the first that matches holds.
    pub services: Vec<ServiceRule>,
    /// Takes everything without another service. Preview's is `service-preview`; import has none,
    /// and an operation without a service is unfit there.
    pub fallback_service: Option<String>,
    /// `--create-services`: for items for which no setting names a service.
    pub create_services: Option<CreateServices>,
    /// Services that an earlier run gave to sources; the map outranks them.
    pub assigned: BTreeMap<String, String>,
    /// `--spread`: items without a named service go to these, document by document.
    pub spread: Vec<String>,
    /// APIs that one service may hold.
    pub quota: u64,
    /// Fields that the document outranks.
    pub defaults: Fields,
    /// What the gateway checks of callers, by security scheme.
    pub security: Vec<SecurityRule>,
    /// Rules, which outrank the document, in the file's order.
    pub rules: Vec<Rule>,
    /// How an operation is mapped to a request.
    pub mapping: map::options::MappingOptions,
    /// An operation that none of them matches is skipped; empty: none is.
    pub include: Vec<Expr>,
    /// An operation that one of them matches is skipped.
    pub exclude: Vec<Expr>,
    /// Findings that are errors.
    pub deny: HashSet<Code>,
    /// Findings that are silenced, except errors: what cannot be sent cannot be silenced, unless
    /// it is an error only because nobody is likely to mean it.
    pub allow: HashSet<Code>,
}

impl Default for PlanSettings {
    fn default() -> Self {
        Self {
            service: None,
            services: Vec::new(),
            fallback_service: None,
            create_services: None,
            assigned: BTreeMap::new(),
            spread: Vec::new(),
            quota: APIS_PER_SERVICE,
            defaults: Fields::new(),
            security: Vec::new(),
            rules: Vec::new(),
            mapping: map::options::MappingOptions::default(),
            include: Vec::new(),
            exclude: Vec::new(),
            deny: HashSet::new(),
            allow: HashSet::new(),
        }
    }
}

impl PlanSettings {
    /// The service that the map gives a source.
    pub fn service_of(&self, source: &str) -> Option<&str> {
        let taken = self.services.iter().find(|rule| rule.takes(source));
        taken.map(|rule| rule.service.as_str())
    }

    /// The rules that match an operation, in their order. Asked once for each operation,
    /// since there may be many.
    pub(crate) fn rules_for(&self, subject: &Subject<'_>) -> Vec<&Rule> {
        self.rules.iter().filter(|rule| rule.condition.matches(subject)).collect()
    }

    /// The place of this pointer in the settings file, or of what holds it.
    pub(crate) fn place(&self, pointer: &str) -> Option<Place> {
        self.mapping.place(pointer)
    }

    /// Whether there is a service at all that something can go to, extensions apart.
    pub fn names_a_service(&self) -> bool {
        let sets = |fields: &Fields| fields.contains_key(names::SERVICE_ID);
        self.service.is_some()
            || self.fallback_service.is_some()
            || !self.services.is_empty()
            || !self.assigned.is_empty()
            || !self.spread.is_empty()
            || sets(&self.defaults)
            || self.rules.iter().any(|rule| sets(&rule.set))
    }

    /// Puts other services in the place of these, wherever a service is named as a whole.
    pub fn move_services(&mut self, moved: &BTreeMap<String, String>) {
        let named = self.services.iter_mut().map(|rule| &mut rule.service);
        let assigned = self.assigned.values_mut();
        for service in self.service.iter_mut().chain(named).chain(&mut self.spread).chain(assigned)
        {
            // One may have been moved before; in a circle it ends somewhere.
            for _ in 0..moved.len() {
                let Some(other) = moved.get(service) else { break };
                service.clone_from(other);
            }
        }
    }

    /// The services that are named as a whole, not by a field of single operations.
    pub fn named_services(&self) -> impl Iterator<Item = &str> {
        let others = self.services.iter().map(|rule| &rule.service).chain(&self.spread);
        // `--service` leaves nothing to the others.
        let others = others.filter(|_| self.service.is_none());
        self.service.iter().chain(others).map(String::as_str)
    }

    /// Whether items depend on APIs that authorise them.
    fn names_authorisers(&self) -> bool {
        self.security.iter().any(|rule| rule.authorised_by.is_some())
    }

    /// Whether documents are assigned services where no setting names one.
    pub(crate) fn assigns_services(&self) -> bool {
        self.create_services.is_some() || !self.spread.is_empty()
    }

    /// Whether what documents become depends on those that come after them.
    pub fn looks_ahead(&self) -> bool {
        let is_settled = || {
            let sets = |rule: &Rule| rule.set.contains_key(names::SERVICE_ID);
            !self.assigned.is_empty() || !self.services.is_empty() || self.rules.iter().any(sets)
        };
        self.create_services.is_some()
            || self.names_authorisers()
            || (!self.spread.is_empty() && is_settled())
    }

    /// Raises what is denied and drops what is allowed.
    pub fn judge(&self, findings: &mut Vec<Finding>) {
        if self.deny.is_empty() && self.allow.is_empty() {
            return;
        }
        for finding in findings.iter_mut().filter(|finding| self.deny.contains(&finding.code)) {
            finding.severity = Severity::Error;
        }
        findings.retain(|it| !(may_be_allowed(it) && self.allow.contains(&it.code)));
    }
}

/// Whether a finding may be silenced: what cannot be sent may not, unless it is an error only
/// because nobody is likely to mean it.
pub(crate) fn may_be_allowed(finding: &Finding) -> bool {
    finding.severity != Severity::Error || finding.code == Code::LOOPBACK_BACKEND
}

/// What `--create-services` creates services for.
#[derive(Debug, Clone)]
pub enum CreateServices {
    /// Each document.
    PerDocument,
    /// Each of these folders, by source; a source that lies in none has a service of its own.
    PerFolder(BTreeMap<Arc<str>, Folder>),
}

/// Which service takes which sources.
#[derive(Debug, Clone)]
pub struct ServiceRule {
    /// Globs over the source as shown.
    pub sources: Vec<Glob>,
    /// The service's id.
    pub service: String,
}

impl ServiceRule {
    /// Whether it matches this source.
    pub(crate) fn takes(&self, source: &str) -> bool {
        self.sources.iter().any(|glob| glob.matches(source))
    }
}

/// What becomes of a security scheme.
#[derive(Debug, Clone)]
pub struct SecurityRule {
    /// The scheme's name in documents, or its kind, such as `http/bearer`.
    pub scheme: String,
    /// `AuthType` and the fields that go with it.
    pub fields: Fields,
    /// The `operationId` of the API that authorises, with OAUTH.
    pub authorised_by: Option<String>,
}

impl SecurityRule {
    /// Where it is in the settings file.
    pub(crate) fn pointer(&self) -> String {
        format!("/security/{}", escape(&self.scheme))
    }
}

/// What is changed or left out, and where. The default matches everything and does nothing.
#[derive(Debug, Clone, Default)]
pub struct Rule {
    /// From 1, in the file's order.
    pub number: usize,
    /// Which operations it matches.
    pub condition: Condition,
    /// Fields of CreateApi, merged leaf by leaf.
    pub set: Fields,
    /// Why the operations are left out; `None`: they are not.
    pub skip: Option<String>,
    /// Codes of findings about them that are silenced.
    pub allow: Vec<String>,
    /// Codes of findings about them that are errors.
    pub deny: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Place;

    fn finding(code: Code) -> Finding {
        let place = Place { source: "a".into(), line: 1, column: 1, pointer: "".into() };
        Finding::new(code, place, "m")
    }

    #[test]
    fn what_cannot_be_sent_cannot_be_silenced() {
        let settings = PlanSettings {
            allow: [Code::COOKIE_PARAMETER, Code::PATH_QUERY].into(),
            deny: [Code::PARTIAL_TEMPLATE].into(),
            ..PlanSettings::default()
        };
        let mut findings = [Code::COOKIE_PARAMETER, Code::PATH_QUERY, Code::PARTIAL_TEMPLATE]
            .map(finding)
            .to_vec();
        settings.judge(&mut findings);
        let left: Vec<_> = findings.iter().map(|f| (f.code, f.severity)).collect();
        assert_eq!(
            left,
            [(Code::PATH_QUERY, Severity::Error), (Code::PARTIAL_TEMPLATE, Severity::Error)]
        );
    }

    #[test]
    fn the_first_service_that_matches_takes_a_source() {
        let rule = |glob, service: &str| ServiceRule {
            sources: vec![Glob::source(glob).unwrap()],
            service: service.into(),
        };
        let settings = PlanSettings {
            services: vec![rule("billing/**", "service-b"), rule("**", "service-a")],
            ..PlanSettings::default()
        };
        assert_eq!(settings.service_of("billing/x.yaml"), Some("service-b"));
        assert_eq!(settings.service_of("y.yaml"), Some("service-a"));
        assert_eq!(PlanSettings::default().service_of("y.yaml"), None);
    }
}
