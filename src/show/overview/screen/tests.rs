//! The screen of catalogs of any size.

use unicode_width::UnicodeWidthStr;

use super::*;
use crate::plan::plan_document;
use crate::settings::PlanSettings;
use crate::spec::{DocumentSet, SourceText};

const KINDS: &str = "
  /a{n}: { get: { requestBody: { content: {} }, responses: {} }, patch: { responses: {} }, trace: { responses: {} }, options: { responses: {} } }
  '/q{n}?x=1': { get: { responses: {} } }
  '/a b{n}': { get: { responses: {} } }
  /t{n}/{x: { get: { responses: {} } }
  /m{n}: { get: { parameters: [{ $ref: '#/nowhere' }] }, post: { callbacks: { c: {} }, deprecated: true, parameters: [{ name: s, in: cookie, schema: {} }, { name: l, in: query, schema: { type: array } }], responses: {} } }
  /p{n}/{id}: { get: { summary: a, security: [{ k: [] }], responses: {} } }
";

/// A screen of so many documents with a bit of everything, each with its own backend.
fn screen(documents: usize, name: &str) -> String {
    let settings = PlanSettings {
        fallback_service: Some("service-preview".into()),
        ..PlanSettings::default()
    };
    let (mut overview, mut total) =
        (Overview::default(), Summary { quota: 100, ..Summary::default() });
    for n in 0..documents {
        let paths = KINDS.replace("{n}", &n.to_string());
        let text = format!(
            "openapi: 3.0.3\nservers: [{{ url: \"https://host-{n}.test\" }}, {{ url: \"https://b.test\" }}]\ncomponents: {{ securitySchemes: {{ k: {{ type: http, scheme: basic }} }} }}\npaths:{paths}"
        );
        let source = SourceText { name: format!("{name}{n}.yaml").into(), text };
        let set = DocumentSet::new(source).unwrap();
        let (document, summary) = plan_document(&set.document().unwrap(), &settings);
        overview.document(n + 1, &document);
        total.documents += 1;
        total.operations += summary.operations;
        total.items += summary.items;
        total.unfit += summary.unfit;
        total.skipped += summary.skipped;
        total.services.insert(format!("service-{n}"), 90 + n as u64);
    }
    let mut out = Vec::new();
    write(&mut out, &total, &overview, Style::default()).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_few_documents_are_shown_with_what_blocks_and_its_cures() {
    snapbox::assert_data_eq!(screen(2, "catalog/api-"), snapbox::file!["../testdata/screen.txt"]);
}

#[test]
fn any_number_of_documents_fits_on_one_screen_of_any_width() {
    let long = "very/long/folder/宠物/".repeat(9);
    for (documents, name) in [(2, "a"), (300, "a"), (300, &*long)] {
        let screen = screen(documents, name);
        assert!(screen.lines().count() <= LINES, "{screen}");
        let widest = screen.lines().map(UnicodeWidthStr::width).max();
        assert!(widest <= Some(80), "{widest:?}: {screen}");
    }
}

#[test]
fn what_blocks_is_left_out_last() {
    let row = |n| vec![format!("{n}"); 2];
    let part = |count| Part {
        heading: String::new(),
        rows: (0..count).map(row).collect(),
        what: "",
        left_out: 0,
    };
    let mut parts = [part(10), part(10), part(2)];
    shorten(&mut parts, 37);
    let left: Vec<_> = parts.iter().map(|part| (part.rows.len(), part.left_out)).collect();
    assert_eq!(left, [(10, 0), (3, 7), (2, 0)]);
}
