//! The command line: reads what was typed, does what is meant, prints what came of it.
//!
//! [`args`] is what was typed and [`options`] what it asks for; a `Session` adds the settings
//! file and the surroundings, and [`commands`] connect the rooms. Exit codes and the names of options in hints are
//! known here and in no other room.

pub mod args;
pub mod commands;
pub mod credentials;
mod destination;
mod ending;
pub mod error;
mod exports;
#[cfg(feature = "failpoints")]
mod failpoints;
mod help;
mod input;
pub mod log;
pub mod options;
pub mod printer;
mod private;
mod process;
mod safety;
mod session;
pub mod settings;
pub mod surroundings;

use std::ffi::OsString;

use clap::Parser as _;

use crate::cli::error::Exit;

/// Parses and runs; the whole program but for the process's own exit. The process leaves no
/// core, and a panic shows no values.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    safety::guarded(|| parse_and_run(arguments))
}

fn parse_and_run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match args::Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(usage) => return printer::usage(&usage),
    };
    let surroundings = surroundings::Surroundings::capture();
    match commands::run(cli.command, &surroundings) {
        Ok(exit) => exit,
        Err(error) => printer::error(&error),
    }
}
