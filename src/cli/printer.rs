//! The one place that writes errors: `error:`, the message, and `hint:` on its own line.
//!
//! Everything that is not asked for goes to standard error. A closed standard error is
//! not a failure: the journal and the exit code show the same.

use std::fmt::Write as _;
use std::io::Write as _;

use clap::error::ContextValue;

use crate::cli::error::{Error, Exit};
use crate::cli::settings::told;
use crate::finding::notes::ValueOrigin;
use crate::plan::Unreadable;
use crate::text::{address, escape};

/// Prints what `clap` has to say: help and version to standard output, wrong usage to
/// standard error.
pub fn usage(usage: &clap::Error) -> Exit {
    let hidden = usage.context().filter_map(|(_, value)| match value {
        ContextValue::String(typed) if typed.contains("://") => Some((typed, address(typed))),
        _ => None,
    });
    let mut hidden = hidden.peekable();
    // A reader that closed the pipe has read enough.
    if hidden.peek().is_none() {
        let _ = usage.print();
    } else {
        let text = usage.render().ansi().to_string();
        let text = hidden.fold(text, |text, (typed, shown)| text.replace(typed, &shown));
        let _ = anstream::stderr().write_all(text.as_bytes());
    }
    if usage.use_stderr() { Exit::Usage } else { Exit::Done }
}

/// Prints an error and its advice; the exit code it ends the program with.
pub fn error(error: &Error) -> Exit {
    let bold_red = anstyle::Style::new().bold().fg_color(Some(anstyle::AnsiColor::Red.into()));
    let mut text = format!("{bold_red}error{bold_red:#}: {error}\n");
    if let Some(advice) = error.advice() {
        let bold = anstyle::Style::new().bold();
        let _ = writeln!(text, "{bold}hint{bold:#}: {advice}");
    }
    let _ = anstream::stderr().write_all(text.as_bytes());
    error.exit()
}

/// Prints one line for people, unless `quiet`.
pub fn note(quiet: bool, line: &str) {
    if !quiet {
        let _ = writeln!(anstream::stderr(), "{line}");
    }
}

/// Prints why a source cannot be read.
pub fn unreadable(unreadable: &Unreadable) {
    for finding in &unreadable.findings {
        note(false, &format!("{}: {}", finding.severity.as_str(), told(finding)));
    }
}

/// Prints what in the settings and the options matches no operation.
pub fn unused(unused: &ValueOrigin) {
    let place = unused.place.as_ref();
    let place = place.map(|at| format!("{}:{}:{}: ", escape(&at.source), at.line, at.column));
    note(false, &format!("warning: {}{}", place.unwrap_or_default(), escape(&unused.what)));
}

/// Asks a yes-or-no question on the terminal; anything but yes is no.
pub fn ask(question: &str) -> Result<bool, Error> {
    let mut out = anstream::stderr();
    let _ = write!(out, "{question} [y/N] ");
    let _ = out.flush();
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|error| {
        Error::usage(format!("the answer could not be read: {error}"))
            .hint("with --yes nothing is asked")
    })?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
