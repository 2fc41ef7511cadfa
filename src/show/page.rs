//! A page to mail: one file with the whole plan, which asks nothing of anywhere.
//!
//! What a plan adds up to is written by the template engine, which escapes it. The operations are
//! in the page once, as packed lines of JSON that its script unpacks and shows as text only; no
//! other script can run in it, since its policy names the one there is by its digest. Nothing
//! here knows files or clocks.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use minijinja::Environment;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::finding::notes::ValueOrigin;
use crate::finding::{Code, Finding, Place};
use crate::plan::explain::{Explained, Explanation};
use crate::plan::{Entry, PlannedDocument, Summary, Unreadable};
use crate::show::overview::{Cure, Overview, Toll};
use crate::show::preview::Lines;
use crate::text::{cut, without_secrets};

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// Characters of a line of a source.
const LINE: usize = 200;

/// A page that is being made, document by document.
#[derive(Debug)]
pub struct Page {
    /// Two lines for each row: what is shown of it at once, and what it opens to.
    rows: GzEncoder<Vec<u8>>,
    overview: Overview,
    /// Sources so far.
    count: usize,
}

impl Default for Page {
    fn default() -> Self {
        let rows = GzEncoder::new(Vec::new(), Compression::default());
        Self { rows, overview: Overview::default(), count: 0 }
    }
}

impl Page {
    /// Adds a document: with each of its operations, in their order, where its fields come from,
    /// and the lines that findings are shown with.
    pub fn document(
        &mut self,
        document: &PlannedDocument,
        explanations: &[Explanation],
        lines: &Lines,
    ) {
        self.count += 1;
        self.overview.document(self.count, document);
        let title = document.title.as_deref().unwrap_or_default();
        let head = json!([
            "document",
            &*document.source,
            document.version,
            title,
            document.entries.len(),
            codes(&document.findings)
        ]);
        self.row(&head, &json!({ "findings": findings(&document.findings, lines) }));
        for (n, entry) in document.entries.iter().enumerate() {
            self.entry(entry, explanations.get(n), lines);
        }
    }

    /// Adds a source that cannot be read.
    pub fn unreadable(&mut self, unreadable: &Unreadable) {
        self.count += 1;
        self.overview.unreadable(self.count, unreadable);
        let head = json!(["document", &*unreadable.source, "", "", 0, codes(&unreadable.findings)]);
        self.row(&head, &json!({ "findings": findings(&unreadable.findings, &Lines::default()) }));
    }

    /// The whole page; `made` is the moment in words.
    pub fn finish(self, summary: &Summary, made: &str) -> Result<String, String> {
        let packed = self.rows.finish().map_err(|error| error.to_string())?;
        let kinds = |kinds: &std::collections::BTreeMap<Code, Toll>| -> Vec<Value> {
            kinds.iter().map(|(code, toll)| kind(*code, toll)).collect()
        };
        let mut backends: Vec<_> = self.overview.backends.iter().collect();
        backends.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let mut environment = Environment::new();
        environment.add_template("page.html", TEMPLATE).map_err(|error| error.to_string())?;
        let template = environment.get_template("page.html").map_err(|error| error.to_string())?;
        let page = template.render(minijinja::Value::from(minijinja::value::Serde(json!({
            "made": made,
            "style": STYLE,
            "script": SCRIPT,
            "style_digest": digest(STYLE),
            "script_digest": digest(SCRIPT),
            "data": STANDARD.encode(packed),
            "totals": totals(summary),
            "quota": summary.quota,
            "services": summary.services.iter().collect::<Vec<_>>(),
            "backends": backends,
            "blocking": kinds(&self.overview.blocking),
            "lost": kinds(&self.overview.lost),
        }))));
        page.map_err(|error| error.to_string())
    }

    fn entry(&mut self, entry: &Entry, explanation: Option<&Explanation>, lines: &Lines) {
        let (method, path) = entry.route();
        let (outcome, service, name) = match entry {
            Entry::Item(item) => ("item", &*item.key.service, &*item.api_name),
            Entry::Unfit(unfit) => ("unfit", &*unfit.service, ""),
            Entry::Skipped(skipped) => ("skipped", &*skipped.service, ""),
        };
        let origin = entry.origin();
        let head = json!([
            outcome,
            &*origin.source,
            method,
            path,
            name,
            service,
            origin.line,
            codes(entry.findings())
        ]);
        let mut details = json!({ "findings": findings(entry.findings(), lines) });
        if let Some(id) = &origin.operation_id {
            details["operationId"] = id.as_str().into();
        }
        match entry {
            Entry::Item(item) => {
                details["request"] = serde_json::from_str(&item.body(None)).unwrap_or_default();
            }
            Entry::Skipped(skipped) => details["reason"] = skipped.reason.as_str().into(),
            Entry::Unfit(_) => {}
        }
        if let Some(explanation) = explanation {
            details["from"] = explanation.fields.iter().map(field).collect();
        }
        self.row(&head, &details);
    }

    fn row(&mut self, head: &Value, details: &Value) {
        // Writing to memory does not fail.
        let _ = writeln!(self.rows, "{head}\n{details}");
    }
}

fn totals(summary: &Summary) -> Value {
    json!({
        "documents": summary.documents,
        "operations": summary.operations,
        "items": summary.items,
        "unfit": summary.unfit,
        "skipped": summary.skipped,
        "unreadable": summary.unreadable,
    })
}

fn kind(code: Code, toll: &Toll) -> Value {
    json!({
        "code": code.as_str(),
        "description": code.description(),
        "operations": toll.operations,
        "documents": toll.documents,
        "places": toll.places.iter().map(at).collect::<Vec<_>>(),
        "cure": Cure::of(code, toll).map(|cure| cure.to_string()),
    })
}

fn codes(findings: &[Finding]) -> Vec<&'static str> {
    let mut codes: Vec<_> = findings.iter().map(|finding| finding.code.as_str()).collect();
    codes.dedup();
    codes
}

fn findings(findings: &[Finding], lines: &Lines) -> Vec<Value> {
    let one = |finding: &Finding| {
        let mut told = json!({
            "code": finding.code.as_str(),
            "severity": finding.severity.as_str(),
            "at": at(&finding.place),
            "message": finding.message,
        });
        if let Some(hint) = finding.advice() {
            told["hint"] = hint.into();
        }
        if let Some(line) = lines.line(&finding.place) {
            told["line"] = cut(&without_secrets(line), LINE).into();
        }
        told
    };
    findings.iter().map(one).collect()
}

/// A field and what sets it.
fn field(field: &Explained) -> Value {
    let origin = |origin: &ValueOrigin| match &origin.place {
        Some(place) => format!("{}, {}", origin.what, at(place)),
        None => origin.what.to_string(),
    };
    json!([field.field, field.from.iter().map(origin).collect::<Vec<_>>()])
}

fn at(place: &Place) -> String {
    match place.line {
        0 => place.source.to_string(),
        line => format!("{}:{line}:{}", place.source, place.column),
    }
}

/// As a policy names a text.
fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::explain::explain_all;
    use crate::plan::plan_document;
    use crate::settings::PlanSettings;
    use crate::spec::{DocumentSet, SourceText};

    fn page(text: &str) -> String {
        let settings =
            PlanSettings { fallback_service: Some("service-a".into()), ..Default::default() };
        let source = SourceText { name: "<b>.yaml".into(), text: text.to_owned() };
        let set = DocumentSet::new(source).unwrap();
        let document = set.document().unwrap();
        let (planned, summary) = plan_document(&document, &settings);
        let mut page = Page::default();
        page.document(&planned, &explain_all(&document, &planned, &settings), &Lines::default());
        page.finish(&summary, "now").unwrap()
    }

    /// The lines that the script of a page unpacks.
    fn rows(page: &str) -> Vec<Value> {
        let data = page.split("id=\"data\">").nth(1).unwrap().split('<').next().unwrap();
        let packed = STANDARD.decode(data).unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&*packed), &mut text)
            .unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    const HOSTILE: &str = "openapi: 3.0.3\nservers: [{ url: 'https://a.internal' }]\npaths:\n  /a: { trace: {}, get: { operationId: '</script><script>1' } }\n";

    #[test]
    fn a_page_holds_each_operation_with_its_request_findings_and_origins() {
        let rows = rows(&page(HOSTILE));
        assert_eq!(rows.len(), 6, "two lines for the document and for each operation");
        assert_eq!(rows[4][0], "item");
        assert_eq!(rows[5]["request"]["ServiceConfig"]["Url"], "https://a.internal");
        assert!(rows[5]["from"].as_array().is_some_and(|from| from.len() > 5));
        assert_eq!(
            (&rows[2][0], &rows[3]["findings"][0]["code"]),
            (&"unfit".into(), &"unsupported-method".into())
        );
    }

    #[test]
    fn a_page_runs_its_own_script_alone_and_holds_text_as_text() {
        let page = page(HOSTILE);
        assert!(!page.contains("<script>1") && !page.contains("<b>.yaml"), "{page}");
        assert!(page.contains("default-src 'none'"));
        assert!(page.contains("&lt;b&gt;.yaml:4:9"), "the first place is shown as text");
        let script = page.rsplit("<script>").next().unwrap().split("</script>").next().unwrap();
        let policy = digest(script).replace('/', "&#x2f;");
        assert!(page.contains(&format!("script-src '{policy}'")), "the policy names the script");
        assert!(!page.contains("http://") && !page.contains("src="), "nothing is from elsewhere");
    }
}
