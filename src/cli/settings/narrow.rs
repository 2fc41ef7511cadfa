//! What of a plan is printed, by the options that ask for some of it.

use crate::cli::args::ViewArgs;
use crate::cli::error::Error;
use crate::cli::settings::plan::code;
use crate::finding::Severity;
use crate::settings::condition::Glob;
use crate::show::preview::{Narrow, Status};

/// What is asked for.
pub fn narrow(args: &ViewArgs) -> Result<Narrow, Error> {
    let codes = args.finding.iter().map(|text| code("--finding", text));
    let sources = args.source.iter().map(|glob| {
        Glob::source(glob).map_err(|refusal| Error::usage(format!("--source {glob:?}: {refusal}")))
    });
    Ok(Narrow {
        codes: codes.collect::<Result<_, _>>()?,
        severity: args.severity.as_deref().map(severity),
        sources: sources.collect::<Result<_, _>>()?,
        status: args.status.as_deref().map(status),
    })
}

/// Of those that the option takes.
fn severity(word: &str) -> Severity {
    match word {
        "error" => Severity::Error,
        "warning" => Severity::Warning,
        _ => Severity::Note,
    }
}

fn status(word: &str) -> Status {
    match word {
        "item" => Status::Item,
        "unfit" => Status::Unfit,
        _ => Status::Skipped,
    }
}
