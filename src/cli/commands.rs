//! One function per command: connects the rooms.
//!
//! Nothing is decided here that a room could decide; here is only the order in which they
//! are called.

mod check;
mod diff;
mod execute;
mod explain;
mod export;
mod import;
mod init;
mod page;
mod preview;
mod release;
mod resume;
mod services;
mod simulate;
mod undo;

use std::io::Write as _;

use clap::CommandFactory as _;

use crate::cli::args::{Cli, Command};
use crate::cli::error::{Error, Exit};
use crate::cli::surroundings::Surroundings;
use crate::cli::{help, log};

/// Runs a command.
pub fn run(command: Command, surroundings: &Surroundings) -> Result<Exit, Error> {
    if let Some(output) = command.output() {
        log::start(output, surroundings);
    }
    match command {
        Command::Init(args) => init::init(&args, surroundings),
        Command::Preview(args) => preview::preview(&args, surroundings),
        Command::Check(args) => check::check(&args, surroundings),
        Command::Completions { shell } => Ok(completions(shell)),
        Command::Man => man(),
        Command::Help { words } => help::of(&words).map(|text| print(text.as_bytes())),
        Command::Diff(args) => diff::diff(&args, surroundings),
        Command::Import(args) => import::import(args, surroundings),
        Command::Resume(args) => resume::resume(args, surroundings),
        Command::Undo(args) => undo::undo(args, surroundings),
        Command::Export(args) => export::export(&args, surroundings),
        Command::Simulate(args) => simulate::simulate(&args, surroundings),
    }
}

fn completions(shell: clap_complete::Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "apiferry", &mut script);
    print(&script)
}

fn man() -> Result<Exit, Error> {
    let page = manual().map_err(|error| {
        Error::new(Exit::Bug, format!("the manual cannot be rendered: {error}"))
    })?;
    Ok(print(&page))
}

/// One page for all commands, each a section with its options as subsections.
fn manual() -> std::io::Result<Vec<u8>> {
    let mut program = Cli::command();
    program.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(program.clone()).render(&mut page)?;
    for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
        let mut options = Vec::new();
        clap_mangen::Man::new(command.clone()).render_options_section(&mut options)?;
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let options = String::from_utf8_lossy(&options).replace(".SH ", ".SS ");
        writeln!(page, ".SH {}\n{about}\n{options}", command.get_name().to_uppercase())?;
    }
    for (name, _) in help::TOPICS {
        let text = help::topic(name).unwrap_or_default();
        // A dot or a quote that begins a line would be a command of the formatter.
        let text = text.replace('\\', "\\e").replace("\n.", "\n\\&.").replace("\n'", "\n\\&'");
        writeln!(page, ".SH {}\n.nf\n{text}.fi", name.to_uppercase())?;
    }
    Ok(page)
}

/// How long so many requests take at so many a second, for people.
fn duration(count: usize, rate: f64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a duration for people")]
    let seconds = (count as f64 / rate).ceil();
    if seconds < 120.0 {
        format!("{seconds} s")
    } else {
        format!("{} min", (seconds / 60.0).ceil())
    }
}

/// What was asked for, to standard output. A reader that closed it has read enough.
fn print(bytes: &[u8]) -> Exit {
    let _ = std::io::stdout().write_all(bytes);
    Exit::Done
}
