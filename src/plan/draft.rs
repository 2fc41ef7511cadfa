//! First step of a plan: one document alone, everything that needs no other document.
//!
//! A draft is a function of document and settings, so drafts are made in parallel. What
//! several documents share (names, routes, quotas) is the [`crate::plan::Planner`]'s.

use std::sync::Arc;

use crate::finding::notes::Notes;
use crate::finding::{Finding, has_errors};
use crate::plan::compose::{self, Composed, compose};
use crate::plan::tally::Tally;
use crate::plan::{Digest, Item, ItemKey, Origin, Skipped, Unfit, overlaps};
use crate::settings::select::{Expr, Subject};
use crate::settings::unused::Idle;
use crate::settings::{PlanSettings, Rule};
use crate::spec::{Document, Operation};
use crate::target::tencent::fields::Fields;
use crate::target::tencent::map::address::Base;
use crate::target::tencent::map::context::{Context, DocumentContext};
use crate::target::tencent::map::vendors::{tell_checks, tell_others};

/// A document and what its operations became, other documents not looked at.
#[derive(Debug)]
pub struct Draft {
    pub(crate) source: Arc<str>,
    pub(crate) version: String,
    pub(crate) title: Option<String>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) entries: Vec<DraftEntry>,
    /// What no operation of it meets.
    pub(crate) idle: Idle,
}

/// What one operation became so far.
#[derive(Debug)]
pub(crate) enum DraftEntry {
    /// An item.
    Fit(Box<Fit>),
    /// Cannot be sent.
    Unfit(Unfit),
    /// A rule or an option left it out.
    Skipped(Skipped),
}

/// An operation that can be sent as far as its own document tells.
#[derive(Debug, Clone)]
pub(crate) struct Fit {
    pub(crate) item: Item,
    /// As in the document.
    pub(crate) method: String,
    /// As in the document.
    pub(crate) path: String,
    /// Whether it authorises others.
    pub(crate) authorises: bool,
    /// The `operationId` of the API that has to authorise it.
    pub(crate) authorised_by: Option<String>,
    /// Whether nobody names its service, and `--spread` decides.
    pub(crate) floats: bool,
}

/// Maps all operations of a document.
pub fn draft(document: &Document<'_>, settings: &PlanSettings) -> Draft {
    let base = Base::new(settings.mapping.backend.as_deref(), &document.source);
    let context = DocumentContext { options: &settings.mapping, document, base };
    let mut idle = Idle::new(settings);
    idle.meet_source(settings, &document.source);
    let mut drafting = Drafting { settings, context: &context, tally: Tally::default(), idle };
    let mut entries: Vec<_> =
        document.operations().map(|operation| drafting.entry(&operation)).collect();
    overlaps(&mut entries, settings, &mut drafting.tally);
    let mut findings = document.findings.clone();
    if let Some(operation) = document.operations().next() {
        tell_others(&operation.extensions.document, &mut findings);
        tell_checks(document.scheme_extensions(), &mut findings);
    }
    findings.extend(std::mem::take(&mut drafting.tally).findings());
    settings.judge(&mut findings);
    Draft {
        source: Arc::clone(&document.source),
        version: document.version.clone(),
        title: document.title.clone(),
        findings,
        entries,
        idle: drafting.idle,
    }
}

/// Tells of paths that get in each other's way.
fn overlaps(entries: &mut [DraftEntry], settings: &PlanSettings, tally: &mut Tally) {
    let fits = entries.iter_mut().filter_map(|entry| match entry {
        DraftEntry::Fit(fit) => Some(&mut **fit),
        _ => None,
    });
    overlaps::tell(&mut fits.collect::<Vec<_>>(), tally);
    for entry in entries {
        if let DraftEntry::Fit(fit) = entry {
            settings.judge(&mut fit.item.findings);
            if has_errors(&fit.item.findings) {
                let Fit { item, method, path, .. } = (**fit).clone();
                *entry = DraftEntry::Unfit(unfit(item, method, path));
            }
        }
    }
}

/// What an item becomes that cannot be sent after all.
pub(crate) fn unfit(item: Item, method: String, path: String) -> Unfit {
    let Item { key, origin, findings, .. } = item;
    Unfit { method, path, service: key.service, origin, findings }
}

struct Drafting<'a> {
    settings: &'a PlanSettings,
    context: &'a DocumentContext<'a>,
    tally: Tally,
    idle: Idle,
}

impl Drafting<'_> {
    fn entry(&mut self, operation: &Operation<'_>) -> DraftEntry {
        let names = extension_names(operation);
        let subject = subject(self.context, operation, &names);
        let rules = self.settings.rules_for(&subject);
        self.idle.meet(self.settings, &subject, &rules, operation);
        if let Some(by) = left_out(self.settings, &subject, &rules) {
            return self.skipped(operation, by.reason());
        }
        let notes = Notes { findings: operation.findings.clone(), ..Notes::default() };
        match compose(self.settings, self.context, operation, &subject, &rules, notes) {
            Err(reason) => self.skipped(operation, reason),
            Ok(composed) => self.composed(operation, composed),
        }
    }

    fn composed(&mut self, operation: &Operation<'_>, composed: Composed<'_>) -> DraftEntry {
        let Composed { service, request, body, authorised_by, notes, service_from, .. } = composed;
        let service = service.unwrap_or_default();
        let mut findings = notes.findings;
        tell_others(&operation.extensions.operation, &mut findings);
        tell_others(&operation.extensions.path, &mut findings);
        self.settings.judge(&mut findings);
        let (method, path) = (operation.method.to_string(), operation.path.to_string());
        let origin = origin(operation);
        if has_errors(&findings) {
            return DraftEntry::Unfit(Unfit { method, path, service, origin, findings });
        }
        self.tally.count(notes.counted);
        let authorises = request.is_authoriser();
        let (method_sent, path_sent) = (request.method().to_owned(), request.path().to_owned());
        let item = Item {
            key: ItemKey { service, method: method_sent, path: path_sent },
            api_name: request.name().to_owned(),
            digest: Digest::of(body.as_str().as_bytes()),
            request: body,
            origin,
            findings,
            authorised_by: None,
        };
        let floats = service_from == compose::Source::Spread;
        DraftEntry::Fit(Box::new(Fit { item, method, path, authorises, authorised_by, floats }))
    }

    fn skipped(&self, operation: &Operation<'_>, reason: String) -> DraftEntry {
        let mut findings = operation.findings.clone();
        self.settings.judge(&mut findings);
        let (stronger, weaker) = (&Fields::new(), &self.settings.defaults);
        let context = Context { document: self.context, operation, stronger, weaker };
        DraftEntry::Skipped(Skipped {
            method: operation.method.to_string(),
            path: operation.path.to_string(),
            service: compose::service(self.settings, context).0.unwrap_or_default(),
            origin: origin(operation),
            reason,
            findings,
        })
    }
}

/// The names of all extensions that hold for an operation.
pub(crate) fn extension_names<'a>(operation: &'a Operation<'_>) -> Vec<&'a str> {
    operation.extensions.all().map(|extension| extension.name).collect()
}

/// What rules and options look at.
pub(crate) fn subject<'a>(
    context: &'a DocumentContext<'_>,
    operation: &'a Operation<'_>,
    extensions: &'a [&'a str],
) -> Subject<'a> {
    Subject {
        source: &context.document.source,
        title: context.document.title.as_deref(),
        path: &operation.path,
        method: operation.method.as_str(),
        tags: &operation.tags,
        operation_id: operation.operation_id,
        deprecated: operation.deprecated,
        extensions,
    }
}

/// Who leaves an operation out.
pub(crate) enum LeftOut<'s> {
    /// `--include`, all of which speak of others.
    Include,
    /// An `--exclude`.
    Exclude(&'s Expr),
    /// A rule.
    Rule(&'s Rule),
}

impl LeftOut<'_> {
    /// Why.
    fn reason(&self) -> String {
        match self {
            Self::Include => "no --include speaks of it".into(),
            Self::Exclude(expr) => format!("--exclude {}", expr.text),
            Self::Rule(rule) => rule.skip.clone().unwrap_or_default(),
        }
    }
}

/// Which option or rule leaves an operation out.
pub(crate) fn left_out<'s>(
    settings: &'s PlanSettings,
    subject: &Subject<'_>,
    rules: &[&'s Rule],
) -> Option<LeftOut<'s>> {
    let speaks = |expr: &&Expr| expr.condition.holds(subject);
    if !settings.include.is_empty() && !settings.include.iter().any(|expr| speaks(&expr)) {
        return Some(LeftOut::Include);
    }
    if let Some(expr) = settings.exclude.iter().find(speaks) {
        return Some(LeftOut::Exclude(expr));
    }
    rules.iter().find(|rule| rule.skip.is_some()).map(|rule| LeftOut::Rule(rule))
}

fn origin(operation: &Operation<'_>) -> Origin {
    Origin {
        source: Arc::clone(&operation.place.source),
        line: operation.place.line,
        column: operation.place.column,
        pointer: Arc::clone(&operation.place.pointer),
        operation_id: operation.operation_id.map(str::to_owned),
    }
}
