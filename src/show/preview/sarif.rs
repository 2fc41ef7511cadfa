//! `sarif`: findings in SARIF 2.1.0, as code scanning takes them.
//!
//! Values are written by hand: what is needed of the format are a dozen names. What would be
//! sent is no finding, and is not in here. Results are written as they come; only the rules, one
//! for each code, stand before them.

use std::io;

use serde_json::{Value, json};
use url::Url;

use crate::finding::{Code, Finding};
use crate::plan::{Entry, PlannedDocument, Unreadable, codes};

/// Writes one run.
#[derive(Debug, Default)]
pub(crate) struct Results {
    count: usize,
}

impl Results {
    pub(crate) fn document(
        &mut self,
        out: &mut impl io::Write,
        document: &PlannedDocument,
    ) -> io::Result<()> {
        let of_entries = document.entries.iter().flat_map(Entry::findings);
        document.findings.iter().chain(of_entries).try_for_each(|it| self.result(out, it))
    }

    pub(crate) fn unreadable(
        &mut self,
        out: &mut impl io::Write,
        unreadable: &Unreadable,
    ) -> io::Result<()> {
        unreadable.findings.iter().try_for_each(|it| self.result(out, it))
    }

    pub(crate) fn finish(mut self, out: &mut impl io::Write) -> io::Result<()> {
        self.lead(out)?;
        out.write_all(b"]}]}\n")
    }

    fn result(&mut self, out: &mut impl io::Write, finding: &Finding) -> io::Result<()> {
        self.lead(out)?;
        let comma = if self.count > 1 { "," } else { "" };
        write!(out, "{comma}{}", result(finding))
    }

    /// What stands before the first result.
    fn lead(&mut self, out: &mut impl io::Write) -> io::Result<()> {
        self.count += 1;
        if self.count > 1 {
            return Ok(());
        }
        let rules: Vec<Value> = codes::all().map(rule).collect();
        let driver = json!({
            "name": env!("CARGO_PKG_NAME"),
            "version": env!("CARGO_PKG_VERSION"),
            "rules": rules,
        });
        let schema = "https://json.schemastore.org/sarif-2.1.0.json";
        write!(
            out,
            "{{\"$schema\":\"{schema}\",\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{{\"driver\":{driver}}},\"columnKind\":\"unicodeCodePoints\",\"results\":["
        )
    }
}

fn rule(code: Code) -> Value {
    let mut rule = json!({
        "id": code.as_str(),
        "shortDescription": { "text": code.description() },
        "defaultConfiguration": { "level": code.severity().as_str() },
    });
    if let Some(hint) = code.hint() {
        rule["help"] = json!({ "text": hint });
    }
    rule
}

fn result(finding: &Finding) -> Value {
    let place = &finding.place;
    let text = match finding.advice() {
        Some(advice) => format!("{}. {advice}", finding.message),
        None => finding.message.clone(),
    };
    let mut location = json!({ "artifactLocation": { "uri": uri(&place.source) } });
    if place.line > 0 {
        location["region"] = json!({ "startLine": place.line, "startColumn": place.column.max(1) });
    }
    json!({
        "ruleId": finding.code.as_str(),
        "level": finding.severity.as_str(),
        "message": { "text": text },
        "locations": [{ "physicalLocation": location }],
        // The same finding is known again though lines were added above it.
        "partialFingerprints": { "codeAndPointer/v1": format!("{} {}", finding.code, place.pointer) },
    })
}

/// A source as an address: relative where it is a relative path.
fn uri(source: &str) -> String {
    if source.contains("://") {
        return source.to_owned();
    }
    // A path is escaped as that of an address, which keeps `/` and escapes `?`, `#` and spaces.
    let Ok(mut whole) = Url::parse("file:///") else { return String::new() };
    let relative = source.trim_start_matches("./");
    whole.set_path(&relative.replace('%', "%25"));
    let path = whole.path();
    if relative.starts_with('/') {
        path.to_owned()
    } else {
        path.trim_start_matches('/').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_an_address_that_leads_to_it() {
        for (source, address) in [
            ("./a b/c?#.yaml", "a%20b/c%3F%23.yaml"),
            ("/x/100%.yaml", "/x/100%25.yaml"),
            ("宠物.yaml", "%E5%AE%A0%E7%89%A9.yaml"),
            ("https://h.test/a.yaml", "https://h.test/a.yaml"),
            ("-", "-"),
        ] {
            assert_eq!(uri(source), address);
        }
    }
}
