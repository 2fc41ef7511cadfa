//! Carries work out, for import, resume and undo alike: connects, runs, closes the
//! report, tells what stands now.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::cli::args::{OutputArgs, Progress as Shown};
use crate::cli::commands::release;
use crate::cli::destination::Destination;
use crate::cli::ending::Ended;
use crate::cli::error::{Error, Exit};
use crate::cli::log::Log;
use crate::cli::printer;
use crate::cli::process::{self, Stopped};
use crate::cli::surroundings::Surroundings;
use crate::report::Report;
use crate::run::publish::Publication;
use crate::run::{self, Action, Ending, Listener, RunSettings, Signal, Work, World};
use crate::show::progress::{How, Progress};
use crate::show::summary::End;
use crate::target::tencent::client::Client;

/// What is to be carried out, and onto which report.
pub(crate) struct Carried {
    pub(crate) report: Report,
    /// The report's path as people know it.
    pub(crate) told: PathBuf,
    pub(crate) work: Work,
    pub(crate) destination: Destination,
    pub(crate) run: RunSettings,
    /// Sources that could not be read, whole or in part.
    pub(crate) unreadable: usize,
    /// What is done with the items.
    pub(crate) action: Action,
    /// The environment to publish to at the end.
    pub(crate) release: Option<String>,
}

/// Carries it out; the exit code says how it ended.
pub(crate) fn carry(
    carried: Carried,
    output: &OutputArgs,
    surroundings: &Surroundings,
) -> Result<Exit, Error> {
    let runtime = process::runtime()?;
    let ended = runtime.block_on(run_it(carried, output, surroundings));
    process::leave(runtime);
    ended
}

async fn run_it(
    carried: Carried,
    output: &OutputArgs,
    surroundings: &Surroundings,
) -> Result<Exit, Error> {
    let Carried { report, told, work, destination, run, unreadable, action, release } = carried;
    let services: BTreeSet<String> =
        work.items.iter().map(|it| it.item.key.service.clone()).collect();
    let services: Vec<String> = services.into_iter().collect();
    let signals = process::signals(Stopped::Politely);
    let verb = match action {
        Action::Create => "sending to",
        Action::Delete => "deleting from",
    };
    printer::note(output.quiet, &format!("{verb} {}", destination.introduction));
    let open = destination.connect(report.path(), &services, run.quota, process::now()).await?;
    let (gateway, witness) = (Arc::clone(&open.client), report.witness());
    #[cfg(feature = "failpoints")]
    let (gateway, witness) = crate::cli::failpoints::taken_out(gateway, witness);
    let outside = World {
        gateway,
        witness,
        listeners: listeners(&work, output, surroundings),
        signals,
        clock: Box::new(process::now),
    };
    let publication = release.map(|environment| Publication::of(&work, &environment));
    let ending = run::run(work, &run, outside).await;
    let published = match (&publication, &ending.stop) {
        (Some(publication), None) => {
            publish(publication, &ending, &open.client, &report, output).await
        }
        // What stopped early is published by the resume that ends it.
        _ => Exit::Done,
    };
    let finished = report.finish();
    let end = End {
        rows: &finished.rows,
        stop: ending.stop.as_ref(),
        closed: &ending.closed,
        report: &told.to_string_lossy(),
        action,
        published: publication.is_some(),
    };
    for line in if output.quiet { end.trouble() } else { end.lines() } {
        printer::note(false, &line);
    }
    let ended = Ended {
        action,
        rows: &finished.rows,
        stop: ending.stop.as_ref(),
        unreadable: unreadable > 0,
        disk_failed: finished.trouble.is_some(),
    };
    let exit = ended.exit().or(published);
    if let Some(trouble) = finished.trouble {
        printer::error(&trouble.into());
    }
    crate::cli::commands::print(format!("{}\n", told.display()).as_bytes());
    Ok(exit)
}

/// Publishes what the run touched, until it is done or a signal comes.
async fn publish(
    publication: &Publication,
    ending: &Ending,
    gateway: &Client,
    report: &Report,
    output: &OutputArgs,
) -> Exit {
    let tell = |line: String| printer::note(output.quiet, &line);
    let witness = report.witness();
    let mut signals = process::signals(Stopped::AtOnce);
    tokio::select! {
        exit = release::publish(publication, &ending.settlements, (gateway, &*witness), process::now, tell) => exit,
        Some(signal) = signals.recv() => {
            tell("stopped by a signal while publishing; a resume goes on".to_owned());
            exit_of(signal)
        }
    }
}

fn exit_of(signal: Signal) -> Exit {
    match signal {
        Signal::Interrupt => Exit::Interrupted,
        Signal::Terminate => Exit::Terminated,
    }
}

fn listeners(
    work: &Work,
    output: &OutputArgs,
    surroundings: &Surroundings,
) -> Vec<Box<dyn Listener>> {
    let mut listeners: Vec<Box<dyn Listener>> =
        vec![Box::new(Progress::new(how(output, surroundings)))];
    if let Some(log) = Log::of(work, output) {
        listeners.push(Box::new(log));
    }
    listeners
}

fn how(output: &OutputArgs, surroundings: &Surroundings) -> How {
    if output.quiet {
        return How::Nothing;
    }
    match output.progress {
        Shown::None => How::Nothing,
        Shown::Plain => How::Plain,
        Shown::Auto if !surroundings.stderr_is_terminal => How::Plain,
        Shown::Auto | Shown::Bar => How::Bar,
    }
}
