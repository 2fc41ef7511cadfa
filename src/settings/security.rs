//! What the gateway checks of callers: the settings' `security`, applied to what an
//! operation requires.
//!
//! Nothing is checked unless the settings say so: credentials pass through to the backend,
//! which goes on enforcing them, and a gateway that began to check would lock out every
//! client that there is.

use crate::finding::notes::Notes;
use crate::finding::{Code, Place};
use crate::settings::plan_settings::SecurityRule;
use crate::spec::Operation;
use crate::spec::model::{Requirement, Scheme};
use crate::target::tencent::fields::{Fields, text};
use crate::target::tencent::names;
use crate::target::tencent::request::{BUSINESS, OAUTH, UNCHECKED};

/// What the settings make of an operation's requirements.
#[derive(Debug, Default)]
pub(crate) struct Check<'r> {
    /// `AuthType` and the fields that go with it.
    pub(crate) fields: Fields,
    /// The `operationId` of the API that authorises.
    pub(crate) authorised_by: Option<String>,
    /// Whether a rule matches the requirements at all.
    pub(crate) is_mapped: bool,
    /// That rule, if there is one.
    pub(crate) rule: Option<&'r SecurityRule>,
}

/// What is checked of those who call an operation.
pub(crate) fn of_callers<'r>(
    operation: &Operation<'_>,
    rules: &'r [SecurityRule],
    notes: &mut Notes,
) -> Check<'r> {
    let requirements = &operation.security;
    if rules.is_empty() || requirements.iter().any(|required| required.schemes.is_empty()) {
        return Check::default();
    }
    let schemes = || requirements.iter().flat_map(|required| &required.schemes);
    let mut mapped = schemes().filter_map(|scheme| Some((scheme, rule_of(scheme, rules)?)));
    let Some((first, rule)) = mapped.next() else { return Check::default() };
    if let Some((other, _)) = mapped.find(|(_, other)| auth_type(other) != auth_type(rule)) {
        let message = format!(
            "`{}` and `{}` are mapped to different checks, and an API has only one",
            first.name, other.name
        );
        notes.tell(Code::SECURITY_CONFLICT, place(requirements, operation), message);
    } else {
        narrowed(requirements, rules, rule, operation, notes);
    }
    let mut fields = rule.fields.clone();
    if auth_type(rule) == OAUTH {
        fields.entry(names::API_BUSINESS_TYPE).or_insert_with(|| BUSINESS.into());
    }
    Check { fields, authorised_by: rule.authorised_by.clone(), is_mapped: true, rule: Some(rule) }
}

/// What an API that authorises others needs: the fields of the entries that name it.
pub(crate) fn of_authoriser<'r>(operation: &Operation<'_>, rules: &'r [SecurityRule]) -> Check<'r> {
    let id = operation.operation_id;
    let rule = rules
        .iter()
        .find(|rule| rule.authorised_by.is_some() && rule.authorised_by.as_deref() == id);
    let mut fields = rule.map(|rule| rule.fields.clone()).unwrap_or_default();
    fields.insert(names::AUTH_TYPE.into(), OAUTH.into());
    Check { fields, authorised_by: None, is_mapped: true, rule }
}

/// By the scheme's name before its kind.
fn rule_of<'r>(scheme: &Scheme, rules: &'r [SecurityRule]) -> Option<&'r SecurityRule> {
    let by = |name: &str| rules.iter().find(|rule| rule.scheme == name);
    by(&scheme.name).or_else(|| by(scheme.kind.as_deref()?))
}

fn auth_type(rule: &SecurityRule) -> &str {
    text(&rule.fields, names::AUTH_TYPE).unwrap_or(UNCHECKED)
}

/// Alternatives that no rule matches, or one that checks something else, no longer let
/// anyone in.
fn narrowed(
    requirements: &[Requirement],
    rules: &[SecurityRule],
    taken: &SecurityRule,
    operation: &Operation<'_>,
    notes: &mut Notes,
) {
    let is_open = |scheme: &Scheme| {
        let rule = rule_of(scheme, rules);
        rule.is_some_and(|rule| {
            (&rule.fields, &rule.authorised_by) == (&taken.fields, &taken.authorised_by)
        })
    };
    let is_shut = |required: &&Requirement| !required.schemes.iter().any(is_open);
    if let Some(required) =
        requirements.iter().find(is_shut).filter(|_| auth_type(taken) != UNCHECKED)
    {
        let names: Vec<&str> = required.schemes.iter().map(|scheme| scheme.name.as_str()).collect();
        let message = format!(
            "`{}` alone no longer lets a caller in, since the gateway checks `{}`",
            names.join("` with `"),
            taken.scheme
        );
        let place = if required.place.line > 0 { &required.place } else { &operation.place };
        notes.tell(Code::SECURITY_NARROWED, place, message);
    }
}

fn place<'a>(requirements: &'a [Requirement], operation: &'a Operation<'_>) -> &'a Place {
    requirements.first().map_or(&operation.place, |required| &required.place)
}
