//! What a plan is made by: the settings file and the options, as one value.
//!
//! Options are put over the file's values by the command; nothing here knows where a value
//! was typed. Connection settings ride along, since they stand in the same file.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::spec::tree::{Tree, escape_pointer};
use crate::spec::{Code, Finding, Place, Severity};

use super::layers::Fields;
use super::nodes::find;
use super::notes::Said;
use super::select::{Condition, Expr, Glob, Subject};

mod file;
mod schema;

pub use schema::schema;

pub use file::{Connection, KEYS, Settings, SettingsError, parse};

/// Whether `--backend` may be this address.
///
/// # Errors
/// What is wrong with it, to be read after it.
pub fn check_backend(address: &str) -> Result<(), String> {
    super::backend::check(address)
}

/// All that decides what operations become. `Default` is what holds without a settings
/// file and without options, as `import` has it.
#[derive(Debug, Clone)]
pub struct PlanSettings {
    /// `--service`: takes everything, whatever else says.
    pub service: Option<String>,
    /// The map from sources to services; the first that matches holds.
    pub services: Vec<ServiceRule>,
    /// Takes what nobody else takes. Preview's is `service-preview`; import has none, and
    /// what has no service is unfit there.
    pub fallback_service: Option<String>,
    /// `--create-services`: a document of which nothing can be sent has no service, and needs
    /// none.
    pub makes_services: bool,
    /// Services that single sources were given, by `--create-services` or in an earlier run;
    /// weaker than the map.
    pub made: BTreeMap<String, String>,
    /// `--spread`: what nobody names a service for goes to these, document by document.
    pub spread: Vec<String>,
    /// APIs that one service may hold.
    pub quota: u64,
    /// Weaker than what the document says.
    pub defaults: Fields,
    /// What the gateway checks of callers, by security scheme.
    pub security: Vec<SecurityRule>,
    /// Stronger than what the document says, in the file's order.
    pub rules: Vec<Rule>,
    /// What becomes of the server's path.
    pub base_path: BasePath,
    /// How a path without parameters is matched.
    pub path_match: PathMatch,
    /// What becomes of PATCH.
    pub patch: Patch,
    /// Whether MOCK backends fill gaps or take all.
    pub mock: Option<Mock>,
    /// Who says so.
    pub mock_by: SaidBy,
    /// Whether a mock's body may be made from the schema.
    pub mock_synthesize: bool,
    /// Whether 4xx and 5xx responses become `ResponseErrorCodes`.
    pub error_codes: bool,
    /// Characters of a description.
    pub description_limit: usize,
    /// Characters of an example.
    pub example_limit: usize,
    /// `--backend`: fills gaps, and what relative servers are relative to.
    pub backend: Option<String>,
    /// An operation that none of them speaks of is skipped; empty: none is.
    pub include: Vec<Expr>,
    /// An operation that one of them speaks of is skipped.
    pub exclude: Vec<Expr>,
    /// Findings that are errors.
    pub deny: HashSet<Code>,
    /// Findings that are not told, errors apart: what cannot be sent cannot be silenced.
    pub allow: HashSet<Code>,
    /// The settings file as read, for the places of its values; `None`: there is none.
    pub file: Option<Arc<Tree>>,
}

impl Default for PlanSettings {
    fn default() -> Self {
        Self {
            service: None,
            services: Vec::new(),
            fallback_service: None,
            makes_services: false,
            made: BTreeMap::new(),
            spread: Vec::new(),
            quota: 100,
            defaults: Fields::new(),
            security: Vec::new(),
            rules: Vec::new(),
            base_path: BasePath::default(),
            path_match: PathMatch::default(),
            patch: Patch::default(),
            mock: None,
            mock_by: SaidBy::default(),
            mock_synthesize: false,
            error_codes: false,
            description_limit: 400,
            example_limit: 2000,
            backend: None,
            include: Vec::new(),
            exclude: Vec::new(),
            deny: HashSet::new(),
            allow: HashSet::new(),
            file: None,
        }
    }
}

impl PlanSettings {
    /// The service that the map gives a source.
    pub fn service_of(&self, source: &str) -> Option<&str> {
        let taken = self.services.iter().find(|rule| rule.takes(source));
        taken.map(|rule| rule.service.as_str())
    }

    /// The rules that speak of an operation, in their order. Asked once for each operation,
    /// since there may be many.
    pub(super) fn rules_for(&self, subject: &Subject<'_>) -> Vec<&Rule> {
        self.rules.iter().filter(|rule| rule.condition.holds(subject)).collect()
    }

    /// Where the settings file says what stands at this pointer, or what holds it.
    pub(super) fn place(&self, pointer: &str) -> Option<Place> {
        self.file.as_ref().map(|tree| find(tree.root(), pointer).place())
    }

    /// A key of the file that says something, with its value in words.
    pub(super) fn says(&self, key: &str, value: &str) -> Said {
        Said { what: format!("{key}: {value}").into(), place: self.place(&format!("/{key}")) }
    }

    /// The same of what `--mock` says or the file.
    pub(super) fn says_mock(&self, value: &str) -> Said {
        if self.mock_by == SaidBy::Option {
            return Said { what: format!("--mock {value}").into(), place: None };
        }
        self.says("mock", value)
    }

    /// Whether there is a service at all that something can go to, extensions apart.
    pub fn names_a_service(&self) -> bool {
        let sets = |fields: &Fields| fields.contains_key("ServiceId");
        self.service.is_some()
            || self.fallback_service.is_some()
            || !self.services.is_empty()
            || !self.made.is_empty()
            || !self.spread.is_empty()
            || sets(&self.defaults)
            || self.rules.iter().any(|rule| sets(&rule.set))
    }

    /// Whether items depend on APIs that authorise them.
    fn names_authorisers(&self) -> bool {
        self.security.iter().any(|rule| rule.authorised_by.is_some())
    }

    /// Whether what documents become hangs on those that come after them.
    pub fn looks_ahead(&self) -> bool {
        let is_settled = || {
            let sets = |rule: &Rule| rule.set.contains_key("ServiceId");
            !self.made.is_empty() || !self.services.is_empty() || self.rules.iter().any(sets)
        };
        self.names_authorisers() || (!self.spread.is_empty() && is_settled())
    }

    /// Raises what is denied and drops what is allowed.
    pub fn judge(&self, findings: &mut Vec<Finding>) {
        if self.deny.is_empty() && self.allow.is_empty() {
            return;
        }
        for finding in findings.iter_mut().filter(|finding| self.deny.contains(&finding.code)) {
            finding.severity = Severity::Error;
        }
        findings.retain(|finding| {
            finding.severity == Severity::Error || !self.allow.contains(&finding.code)
        });
    }
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
    /// Whether it speaks of this source.
    pub(super) fn takes(&self, source: &str) -> bool {
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
    /// Where it stands in the settings file.
    pub(super) fn pointer(&self) -> String {
        format!("/security/{}", escape_pointer(&self.scheme))
    }
}

/// What is changed or left out, and where. The default speaks of everything and does nothing.
#[derive(Debug, Clone, Default)]
pub struct Rule {
    /// From 1, in the file's order.
    pub number: usize,
    /// Which operations it speaks of.
    pub condition: Condition,
    /// Fields of CreateApi, merged leaf by leaf.
    pub set: Fields,
    /// Why the operations are left out; `None`: they are not.
    pub skip: Option<String>,
}

/// What becomes of the server's path at the front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BasePath {
    /// Callers leave it out.
    #[default]
    Ignore,
    /// Callers go on writing it.
    Prepend,
}

/// How a path without parameters is matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PathMatch {
    /// As a prefix, which is what the gateway makes of a plain path.
    #[default]
    Plain,
    /// Exactly: the path is sent as `=/path`.
    Exact,
}

/// What becomes of PATCH, which the gateway's documents do not settle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patch {
    /// The operation is unfit.
    #[default]
    Refuse,
    /// It is created as ANY.
    Any,
    /// It is sent as PATCH.
    Send,
}

/// Who says what an option and the settings file can both say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SaidBy {
    /// The settings file.
    #[default]
    File,
    /// The command line.
    Option,
}

/// Where MOCK backends stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mock {
    /// Where nobody names a backend.
    Missing,
    /// Everywhere.
    All,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Place;

    fn finding(code: Code) -> Finding {
        let place = Place { source: "a".into(), line: 1, column: 1, pointer: "".into() };
        Finding::new(code, place, "m")
    }

    #[test]
    fn what_cannot_be_sent_cannot_be_silenced() {
        let settings = PlanSettings {
            allow: [Code::CookieParameter, Code::PathQuery].into(),
            deny: [Code::PartialTemplate].into(),
            ..PlanSettings::default()
        };
        let mut findings =
            [Code::CookieParameter, Code::PathQuery, Code::PartialTemplate].map(finding).to_vec();
        settings.judge(&mut findings);
        let left: Vec<_> = findings.iter().map(|f| (f.code, f.severity)).collect();
        assert_eq!(
            left,
            [(Code::PathQuery, Severity::Error), (Code::PartialTemplate, Severity::Error)]
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
