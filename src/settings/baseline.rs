//! What rules allow and deny of what is found about the operations that they match: a catalog's
//! baseline. The options `--allow` and `--deny` outrank them.

use crate::finding::notes::Notes;
use crate::finding::{Code, Finding, Severity};
use crate::settings::plan_settings::{PlanSettings, Rule, may_be_allowed};

/// What becomes of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judgement {
    Allowed,
    Denied,
}

/// What the rules that match an operation say of its findings; of a code the first counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Baseline(Vec<(String, Judgement)>);

impl Baseline {
    /// Of these rules, in their order.
    pub(crate) fn of(rules: &[&Rule]) -> Self {
        let said = rules.iter().flat_map(|rule| {
            let of = |codes: &[String], judgement| {
                codes.iter().map(|code| (code.clone(), judgement)).collect::<Vec<_>>()
            };
            [of(&rule.deny, Judgement::Denied), of(&rule.allow, Judgement::Allowed)].concat()
        });
        Self(said.collect())
    }

    fn judgement(&self, code: Code, settings: &PlanSettings) -> Option<Judgement> {
        let said = self.0.iter().find(|(text, _)| text == code.as_str())?;
        let is_open = !settings.allow.contains(&code) && !settings.deny.contains(&code);
        is_open.then_some(said.1)
    }

    /// Raises what is denied and drops what is allowed, by rules and by options.
    pub(crate) fn judge(&self, settings: &PlanSettings, findings: &mut Vec<Finding>) {
        findings.retain_mut(|finding| match self.judgement(finding.code, settings) {
            Some(Judgement::Denied) => {
                finding.severity = Severity::Error;
                true
            }
            Some(Judgement::Allowed) => !may_be_allowed(finding),
            None => true,
        });
        settings.judge(findings);
    }

    /// Takes what is judged out of what is counted: what is denied becomes a finding.
    pub(crate) fn judge_counted(&self, settings: &PlanSettings, notes: &mut Notes) {
        if self.0.is_empty() {
            return;
        }
        let findings = &mut notes.findings;
        notes.counted.retain(|(code, place, _)| match self.judgement(*code, settings) {
            // Counted for each word of its message, and told once.
            Some(Judgement::Denied) if findings.iter().any(|it| it.code == *code) => false,
            Some(Judgement::Denied) => {
                findings.push(Finding::new(*code, place.clone(), code.description()));
                false
            }
            judgement => judgement.is_none(),
        });
    }
}
