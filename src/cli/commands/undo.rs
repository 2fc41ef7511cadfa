//! `undo`: deletes what a report lists as created, through the same pipeline.

use crate::cli::args::UndoArgs;
use crate::cli::commands::execute::{Execution, execute};
use crate::cli::error::{Error, Exit};
use crate::cli::options::RunOptions;
use crate::cli::session::Session;
use crate::cli::surroundings::Surroundings;
use crate::cli::{printer, process};
use crate::report::Prior;
use crate::report::prepare::{self, Prepared};
use crate::run::Action;
use crate::text::escape;

/// Deletes what this report lists as created or found, and nothing else.
pub(crate) fn undo(args: UndoArgs, surroundings: &Surroundings) -> Result<Exit, Error> {
    let path = surroundings.folder.join(&args.report);
    let prior = Prior::open(&path, false, &process::moment())?;
    let typed = RunOptions::of_undo(&args, &surroundings.folder);
    let session = Session::of_report(&prior, typed, surroundings)?;
    let destination = session.destination_of(prior.head.as_ref())?;
    let run = session.run_settings()?;
    let prepared = prepare::undo(prior.rows.clone(), prior.services.clone());
    if args.dry_run {
        list(&prepared);
        list_services(&prior);
        return Ok(Exit::Done);
    }
    let count = prepared.work.items.len();
    let time = crate::cli::commands::duration(count, run.rate);
    let made = prior.makings.values().filter(|it| it.made().is_some()).count();
    let services = match made {
        0 => String::new(),
        n => format!(", and of {n} services that it made those that are empty then"),
    };
    let what = format!(
        "{count} APIs that this report created{services}, at {} in {}",
        destination.name, destination.region
    );
    if count + made > 0 && !args.yes {
        agree(&what, &time, surroundings)?;
    }
    let makings = prior.makings.clone();
    tell_published(&prior, args.output.quiet);
    let report = prior.continue_with(session.head(&destination), prepared.rows)?;
    let (told, work, release) = (args.report, prepared.work, None);
    let (unreadable, action) = (0, Action::Delete);
    let locks = Vec::new();
    let execution = Execution {
        report,
        told,
        work,
        destination,
        run,
        unreadable,
        action,
        release,
        locks,
        makings,
    };
    execute(execution, &args.output, &session.surroundings)
}

/// Asks a person; without a terminal nobody can be asked, and nothing is deleted.
fn agree(what: &str, time: &str, surroundings: &Surroundings) -> Result<(), Error> {
    if !surroundings.can_ask {
        return Err(Error::usage(format!("nobody can be asked here whether to delete {what}"))
            .hint("with --yes nothing is asked; --dry-run lists what would be deleted"));
    }
    if printer::ask(&format!("Delete {what}? This takes about {time}."))? {
        return Ok(());
    }
    Err(Error::usage("cancelled: nothing was deleted"))
}

/// What would be deleted, to standard output: it is what was asked for.
fn list(prepared: &Prepared) {
    for assignment in &prepared.work.items {
        let key = &assignment.item.key;
        let api_id = assignment.was.standing_id().unwrap_or_default();
        let line = format!("{} {api_id} {} {}", key.service, key.method, key.path);
        crate::cli::commands::print(escape(&line).as_bytes());
        crate::cli::commands::print(b"\n");
    }
}

/// The services that would be deleted once they are empty.
fn list_services(prior: &Prior) {
    for (name, making) in &prior.makings {
        let Some(id) = making.made() else { continue };
        crate::cli::commands::print(format!("{} service {name}\n", escape(id)).as_bytes());
    }
}

/// Services that were there before stay published: others may be using what they hold.
fn tell_published(prior: &Prior, quiet: bool) {
    let is_made = |id: &str| prior.makings.values().any(|making| making.made() == Some(id));
    for known in prior.services.iter().filter(|known| !is_made(&known.service)) {
        let Some(environment) = &known.released else { continue };
        let service = escape(&known.service);
        printer::note(
            quiet,
            &format!(
                "{service} stays published to {environment}: publish it again, or take it offline, in the console"
            ),
        );
    }
}
