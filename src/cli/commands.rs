//! One function per command: wires the stations together.
//!
//! Nothing is decided here that a station could decide; what stands here is the order in
//! which they are asked.

mod catalog;
mod ordered;
mod preview;

use std::io::Write as _;

use clap::CommandFactory as _;

use super::surroundings::Surroundings;
use super::{Cli, Command};
use crate::error::{Error, Exit};

/// Carries a command out.
pub fn carry_out(command: Command, world: &Surroundings) -> Result<Exit, Error> {
    match command {
        Command::Preview(args) => preview::preview(&args, world),
        Command::Completions { shell } => Ok(completions(shell)),
        Command::Man => man(),
        _ => Err(Error::usage("soon")),
    }
}

fn completions(shell: clap_complete::Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "apiferry", &mut script);
    print(&script)
}

fn man() -> Result<Exit, Error> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(|error| {
        Error::new(Exit::Bug, format!("the manual cannot be rendered: {error}"))
    })?;
    Ok(print(&page))
}

/// What was asked for, to standard output. A reader that closed it has read enough.
fn print(bytes: &[u8]) -> Exit {
    let _ = std::io::stdout().write_all(bytes);
    Exit::Done
}
