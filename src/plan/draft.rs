//! First step of a plan: one document alone, everything that needs no other document.
//!
//! A draft is a function of document and settings, so drafts are made in parallel. Which
//! service takes an item may be open still; what documents share (services, routes, names)
//! comes after.

use std::sync::Arc;

use crate::finding::notes::Notes;
use crate::finding::{Finding, Place, Severity, has_errors};
use crate::plan::compose::{self, Composed, compose};
use crate::plan::item::Origin;
use crate::plan::key::Digest;
use crate::plan::tally::Tally;
use crate::settings::baseline::Baseline;
use crate::settings::condition::{Expr, Subject};
use crate::settings::unused::Unused;
use crate::settings::{PlanSettings, Rule};
use crate::spec::{Document, Operation};
use crate::target::tencent::body::Body;
use crate::target::tencent::fields::Fields;
use crate::target::tencent::map;
use crate::target::tencent::map::address::path_of;
use crate::target::tencent::map::context::{Context, DocumentContext};
use crate::target::tencent::map::vendors::{tell_checks, tell_others};

/// A document and what its operations became, other documents not looked at.
#[derive(Debug, Clone)]
pub struct Draft {
    pub(crate) source: Arc<str>,
    pub(crate) version: String,
    pub(crate) title: Option<String>,
    pub(crate) api_version: Option<String>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) entries: Vec<DraftEntry>,
    /// Findings that are reported once for all operations.
    pub(crate) tally: Tally,
    /// What in the settings matches no operation of it.
    pub(crate) unused: Unused,
    /// The service of those entries that leave it open, once it is known.
    pub(crate) assigned: Option<String>,
}

/// What one operation became so far.
#[derive(Debug, Clone)]
pub(crate) struct DraftEntry {
    /// The service that takes it; `None`: the one assigned to its document.
    pub(crate) service: Option<String>,
    /// As in the document, upper case.
    pub(crate) method: String,
    /// As in the document.
    pub(crate) path: String,
    pub(crate) origin: Origin,
    pub(crate) findings: Vec<Finding>,
    pub(crate) kind: Kind,
}

/// Whether it can be sent.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// As far as its own document shows.
    Item(DraftItem),
    /// Cannot be sent.
    Unfit,
    /// A rule or an option left it out.
    Skipped {
        /// Why.
        reason: String,
    },
}

/// One API to create.
#[derive(Debug, Clone)]
pub(crate) struct DraftItem {
    /// As sent.
    pub(crate) method: String,
    /// As sent.
    pub(crate) path: String,
    pub(crate) api_name: String,
    pub(crate) request: Body,
    pub(crate) digest: Digest,
    /// What of the request makes a difference to callers and to the backend.
    pub(crate) essence: u64,
    /// What `base-path: prepend` would put before its path.
    pub(crate) base_path: String,
    /// Whether it authorises others.
    pub(crate) authorises: bool,
    /// The `operationId` of the API that has to authorise it.
    pub(crate) authorised_by: Option<String>,
    /// What rules say of findings about it.
    pub(crate) baseline: Baseline,
}

impl DraftEntry {
    /// Its item, where it is one.
    pub(crate) fn item(&self) -> Option<&DraftItem> {
        match &self.kind {
            Kind::Item(item) => Some(item),
            Kind::Unfit | Kind::Skipped { .. } => None,
        }
    }

    /// Whether it is an item that goes wherever its document does.
    pub(crate) fn is_open(&self) -> bool {
        self.service.is_none() && self.item().is_some()
    }

    /// The `operationId` by which others name it, where it authorises them.
    pub(crate) fn authoriser_id(&self) -> Option<&str> {
        self.item().filter(|item| item.authorises)?;
        self.origin.operation_id.as_deref()
    }

    /// The `operationId` of the API that has to authorise it.
    pub(crate) fn authorised_by(&self) -> Option<&str> {
        self.item()?.authorised_by.as_deref()
    }
}

impl Draft {
    /// The routes of its operations, each a method and a path: in the document and as sent.
    pub fn routes(&self) -> Vec<(String, String)> {
        let mut routes = Vec::new();
        for entry in &self.entries {
            routes.push((entry.method.clone(), entry.path.clone()));
            routes.extend(entry.item().map(|item| (item.method.clone(), item.path.clone())));
        }
        routes.dedup();
        routes
    }

    /// The places whose lines may be shown: those of its errors, and of its operations, which
    /// may yet turn out to clash with others.
    pub fn places(&self) -> Vec<Place> {
        let findings = self.findings.iter().chain(self.entries.iter().flat_map(|it| &it.findings));
        let errors = findings.filter(|finding| finding.severity == Severity::Error);
        let operations = self.entries.iter().map(|entry| entry.origin.place());
        errors.map(|finding| finding.place.clone()).chain(operations).collect()
    }
}

/// Maps all operations of a document.
pub(crate) fn draft(document: &Document<'_>, settings: &PlanSettings) -> Draft {
    let context = map::document_context(document, &settings.mapping);
    let mut unused = Unused::new(settings);
    unused.meet_source(settings, &document.source);
    let mut drafting = Drafting { settings, context: &context, tally: Tally::default(), unused };
    let entries = document.operations().map(|operation| drafting.entry(&operation)).collect();
    let mut findings = document.findings.clone();
    if let Some(operation) = document.operations().next() {
        tell_others(&operation.extensions.document, &mut findings);
        tell_checks(document.scheme_extensions(), &mut findings);
    }
    settings.judge(&mut findings);
    Draft {
        source: Arc::clone(&document.source),
        version: document.version.clone(),
        title: document.title.clone(),
        api_version: document.api_version.clone(),
        findings,
        entries,
        tally: drafting.tally,
        unused: drafting.unused,
        assigned: settings.assigned.get(&*document.source).cloned(),
    }
}

struct Drafting<'a> {
    settings: &'a PlanSettings,
    context: &'a DocumentContext<'a>,
    tally: Tally,
    unused: Unused,
}

impl Drafting<'_> {
    fn entry(&mut self, operation: &Operation<'_>) -> DraftEntry {
        let names = extension_names(operation);
        let subject = subject(self.context, operation, &names);
        let rules = self.settings.rules_for(&subject);
        self.unused.meet(self.settings, &subject, &rules, operation);
        if let Some(by) = left_out(self.settings, &subject, &rules) {
            return self.skipped(operation, by.reason());
        }
        let notes = Notes { findings: operation.findings.clone(), ..Notes::default() };
        match compose(self.settings, self.context, operation, &subject, &rules, notes) {
            Err(reason) => self.skipped(operation, reason),
            Ok(composed) => self.composed(operation, composed, Baseline::of(&rules)),
        }
    }

    fn composed(
        &mut self,
        operation: &Operation<'_>,
        composed: Composed<'_>,
        baseline: Baseline,
    ) -> DraftEntry {
        let Composed { service, request, body, authorised_by, mut notes, .. } = composed;
        baseline.judge_counted(self.settings, &mut notes);
        let mut findings = notes.findings;
        tell_others(&operation.extensions.operation, &mut findings);
        tell_others(&operation.extensions.path, &mut findings);
        baseline.judge(self.settings, &mut findings);
        if has_errors(&findings) {
            return entry(operation, service, findings, Kind::Unfit);
        }
        self.tally.count(notes.counted);
        let item = DraftItem {
            method: request.method().to_owned(),
            path: request.path().to_owned(),
            api_name: request.name().to_owned(),
            digest: Digest::of(body.as_str().as_bytes()),
            request: body,
            essence: request.essence(),
            base_path: operation.servers.first().map(path_of).unwrap_or_default(),
            authorises: request.is_authoriser(),
            authorised_by,
            baseline,
        };
        entry(operation, service, findings, Kind::Item(item))
    }

    fn skipped(&self, operation: &Operation<'_>, reason: String) -> DraftEntry {
        let mut findings = operation.findings.clone();
        self.settings.judge(&mut findings);
        let (overrides, defaults) = (&Fields::new(), &self.settings.defaults);
        let context = Context { document: self.context, operation, overrides, defaults };
        let (service, _) = compose::service(self.settings, context);
        entry(operation, service, findings, Kind::Skipped { reason })
    }
}

fn entry(
    operation: &Operation<'_>,
    service: Option<String>,
    findings: Vec<Finding>,
    kind: Kind,
) -> DraftEntry {
    let (method, path) = (operation.method.to_string(), operation.path.to_string());
    DraftEntry { service, method, path, origin: origin(operation), findings, kind }
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

/// What leaves an operation out.
pub(crate) enum LeftOut<'s> {
    /// No `--include` matches it.
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
            Self::Include => "no --include matches it".into(),
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
    let matches = |expr: &&Expr| expr.condition.matches(subject);
    if !settings.include.is_empty() && !settings.include.iter().any(|expr| matches(&expr)) {
        return Some(LeftOut::Include);
    }
    if let Some(expr) = settings.exclude.iter().find(matches) {
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
