//! A settings file as `init` writes it: what is proposed, with comments that say what to do.

use std::fmt::Write as _;

use crate::finding::Code;
use crate::plan::{Part, Proposal, ProposedBackend, ProposedService};

/// The file's text.
pub fn settings_file(proposal: &Proposal) -> String {
    let mut text = String::from(
        "# Settings for this catalog, written by `apiferry init`. Ids of services and addresses of\n\
         # backends are made up: put yours in their place, and look with `apiferry preview`.\n\
         # samples/settings/apiferry.yaml explains every key.\n\n\
         # Which service takes which documents; the first that matches.\nservices:\n",
    );
    proposal.services.iter().for_each(|it| service(&mut text, it));
    let (whole, some): (Vec<_>, Vec<_>) = proposal.backends.iter().partition(|it| it.is_whole);
    if !(whole.is_empty() && proposal.parts.is_empty()) {
        text.push_str("\nrules:\n");
        for it in whole {
            backend(&mut text, it, "");
        }
        proposal.parts.iter().for_each(|it| part(&mut text, it));
    }
    if !some.is_empty() {
        text.push_str(
            "\n# These name a backend for some of their operations alone. Narrow the rule by\n",
        );
        text.push_str(
            "# `path` or `tag` before it goes under `rules`, or it takes the others too.\n",
        );
        for it in some {
            backend(&mut text, it, "# ");
        }
    }
    choices(&mut text, proposal);
    text
}

fn service(text: &mut String, service: &ProposedService) {
    let ProposedService { sources, service, apis } = service;
    let _ = writeln!(text, "  - sources: {} # {apis} APIs\n    service: {service}", list(sources));
}

fn backend(text: &mut String, backend: &ProposedBackend, mark: &str) {
    let ProposedBackend { source, url, why, .. } = backend;
    let _ = writeln!(
        text,
        "{mark}  # {why}: {}\n{mark}  - match: {{ source: {} }}\n{mark}    set: {{ ServiceConfig: {{ Url: {} }} }}",
        why.description(),
        quoted(source),
        quoted(url)
    );
}

fn part(text: &mut String, part: &Part) {
    let Part { source, key, values, service, apis } = part;
    let _ = writeln!(
        text,
        "  # {apis} APIs of a document that is too large for one service\n  \
         - match: {{ source: {}, {key}: {} }}\n    set: {{ ServiceId: {service} }}",
        quoted(source),
        list(values)
    );
}

/// Keys that cure what blocks, each with what it would be.
const CHOICES: &[(Code, &[&str])] = &[
    (Code::PATCH_METHOD, &["patch: any # or: send"]),
    (Code::OPTIONS_METHOD, &["defaults: { EnableCORS: true }"]),
    (Code::MOCK_WITHOUT_EXAMPLE, &["mock-synthesize: true"]),
];

/// What else blocks, with its cures as comments: each is a choice.
fn choices(text: &mut String, proposal: &Proposal) {
    for (code, count) in &proposal.errors {
        let noun = if *count == 1 { "operation" } else { "operations" };
        let _ = writeln!(text, "\n# {count} {noun}, {code}: {}", code.description());
        if let Some(hint) = code.hint() {
            let _ = writeln!(text, "# {hint}");
        }
        let lines = CHOICES.iter().find(|(known, _)| known == code).map(|(_, lines)| *lines);
        for line in lines.unwrap_or_default() {
            let _ = writeln!(text, "# {line}");
        }
    }
}

fn list(values: &[String]) -> String {
    match values {
        [one] => quoted(one),
        several => {
            let quoted: Vec<String> = several.iter().map(|value| quoted(value)).collect();
            format!("[{}]", quoted.join(", "))
        }
    }
}

/// JSON's quotes are YAML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
