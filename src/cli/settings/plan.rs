//! What a plan is made by: the options of preview and import over the settings file's.

use std::collections::HashSet;

use crate::cli::error::Error;
use crate::cli::options::SourceOptions;
use crate::cli::settings::gateway::quota;
use crate::finding::{Code, Finding};
use crate::plan::{Summary, Unreadable, codes};
use crate::settings::PlanSettings;
use crate::settings::condition::Expr;
use crate::target::tencent::map::address;
use crate::target::tencent::map::options::{MappingOptions, Mock, SetBy};
use crate::text::{self, did_you_mean, escape};

/// What a plan is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To be shown: items without a service go to `service-preview`.
    Preview,
    /// To be sent: what has no service is unfit.
    Import,
}

/// The options over the settings file's values.
pub fn plan(
    args: &SourceOptions,
    file: PlanSettings,
    purpose: Purpose,
) -> Result<PlanSettings, Error> {
    for rule in &file.rules {
        let named = rule.allow.iter().map(|text| ("allow", text));
        for (key, text) in named.chain(rule.deny.iter().map(|text| ("deny", text))) {
            code(&format!("rule {} of the settings: {key}", rule.number), text)?;
        }
    }
    let service = args.service.as_deref().map(|id| service_id("--service", id)).transpose()?;
    let everywhere = |typed: &str| if typed == "all" { Mock::All } else { Mock::Missing };
    let mock = args.mock.as_deref().map(everywhere);
    let mut plan = PlanSettings {
        service: service.or(file.service),
        spread: services(&args.spread)?,
        quota: quota(args.quota)?,
        mapping: MappingOptions {
            mock_by: if mock.is_some() { SetBy::Option } else { file.mapping.mock_by },
            mock: mock.or(file.mapping.mock),
            redact: args.redact,
            backend: backend("--backend", args.backend.as_ref())?.or(file.mapping.backend),
            backend_override_by: match args.backend_override {
                Some(_) => SetBy::Option,
                None => SetBy::File,
            },
            backend_override: backend("--backend-override", args.backend_override.as_ref())?
                .or(file.mapping.backend_override),
            ..file.mapping
        },
        include: expressions("--include", &args.include)?,
        exclude: expressions("--exclude", &args.exclude)?,
        deny: listed_codes("--deny", &args.deny)?,
        allow: listed_codes("--allow", &args.allow)?,
        ..file
    };
    // Where a service is named, a preview says what it does not take, as an import would.
    if purpose == Purpose::Preview && !plan.names_a_service() {
        plan.fallback_service = Some("service-preview".to_owned());
    }
    Ok(plan)
}

/// Whether anything was found that can be planned.
pub fn check_sources(summary: &Summary, first: Option<&Unreadable>) -> Result<(), Error> {
    if summary.documents > 0 {
        return Ok(());
    }
    if let Some(unreadable) = first {
        return Err(nothing_readable(summary.unreadable, unreadable));
    }
    let passed = match summary.passed_over {
        0 => "there are no files".to_owned(),
        1 => "the only file is not an OpenAPI or Swagger document".to_owned(),
        n => format!("none of the {n} files is an OpenAPI or Swagger document"),
    };
    Err(Error::usage(format!("no document was found: {passed}")).hint(
        "name files or folders with OpenAPI documents; files that .gitignore names are passed over",
    ))
}

/// The error: the only source that was named, or the first of several.
fn nothing_readable(count: usize, first: &Unreadable) -> Error {
    let Some(finding) = first.findings.first() else {
        return Error::usage("no source can be read");
    };
    let told = told(finding);
    let message = match count {
        1 => told,
        n => format!("none of the {n} sources can be read; the first: {told}"),
    };
    match finding.advice() {
        Some(advice) => Error::usage(message).hint(advice),
        None => Error::usage(message),
    }
}

/// A finding in one line: place, message, code.
pub fn told(finding: &Finding) -> String {
    let Finding { code, place, message, .. } = finding;
    let source = escape(&place.source);
    let place = match place.line {
        0 => source.into_owned(),
        line => format!("{source}:{line}:{}", place.column),
    };
    format!("{place}: {} [{code}]", escape(message))
}

/// Whether an import knows where to send anything at all.
pub fn check_service(plan: &PlanSettings) -> Result<(), Error> {
    if plan.names_a_service() {
        return Ok(());
    }
    Err(Error::usage("no service is given for the APIs")
        .hint("use --service ID, or `services` in the settings"))
}

/// `--strict` and `--deny`: nothing is sent while something is unfit or denied.
pub fn check_strict(summary: &Summary, args: &SourceOptions) -> Result<(), Error> {
    let option = match (args.strict, args.deny.as_slice()) {
        (true, _) => "--strict",
        (false, [_, ..]) => "--deny",
        (false, []) => return Ok(()),
    };
    if summary.fits() && summary.denied == 0 {
        return Ok(());
    }
    let reasons = [
        (summary.unfit as u64, "unfit operation", ""),
        (summary.unreadable as u64, "unreadable source", ""),
        (summary.gaps.len() as u64, "place", " with operations that could not be counted"),
        (summary.denied, "denied finding", ""),
    ];
    let reasons = reasons.iter().filter(|(count, ..)| *count > 0).map(|(count, what, more)| {
        let plural = if *count == 1 { "" } else { "s" };
        format!("{count} {what}{plural}{more}")
    });
    let reasons: Vec<String> = reasons.collect();
    let message = format!("{option} sends nothing: the plan has {}", reasons.join(", "));
    Err(Error::usage(message).hint("`apiferry preview SOURCES` shows what is wrong"))
}

/// A service as typed. What the gateway takes for an id is not documented, so only what no
/// id can be is refused.
pub fn service_id(option: &str, typed: &str) -> Result<String, Error> {
    if typed.is_empty() || typed.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Error::usage(format!(
            "{option} is {typed:?}, which is not a valid service id"
        ))
        .hint("ids look like service-ody35h5e; the console lists them"));
    }
    Ok(typed.to_owned())
}

fn services(spread: &[String]) -> Result<Vec<String>, Error> {
    spread.iter().map(|id| service_id("--spread", id)).collect()
}

/// A backend, judged here: a slip in it must not look like a fault of every document.
fn backend(option: &str, typed: Option<&String>) -> Result<Option<String>, Error> {
    let refused = |fault| {
        let shown = typed.map(|typed| text::address(typed)).unwrap_or_default();
        Error::usage(format!("{option} {shown:?} {fault}"))
            .hint("write it as https://api.example.com or https://api.example.com/v1")
    };
    typed.map(|typed| address::check(typed)).transpose().map_err(refused)?;
    Ok(typed.cloned())
}

fn expressions(option: &str, typed: &[String]) -> Result<Vec<Expr>, Error> {
    let parse = |text: &String| {
        text.parse().map_err(|refusal| Error::usage(format!("{option} {text:?}: {refusal}")))
    };
    typed.iter().map(parse).collect()
}

fn listed_codes(option: &str, typed: &[String]) -> Result<HashSet<Code>, Error> {
    typed.iter().map(|text| code(option, text)).collect()
}

/// A code as typed.
pub fn code(option: &str, text: &str) -> Result<Code, Error> {
    codes::named(text).ok_or_else(|| {
        let error = Error::usage(format!("{option} {text:?}: no finding has this code"));
        match did_you_mean(text, codes::all().map(Code::as_str)) {
            Some(advice) => error.hint(advice),
            None => error.hint("`apiferry help findings` lists all codes"),
        }
    })
}
