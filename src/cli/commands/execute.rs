//! Executes work, for import, resume and undo alike: connects, runs, closes the report, and
//! prints the result.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::args::{OutputArgs, Progress as Shown};
use crate::cli::commands::{release, services};
use crate::cli::destination::Destination;
use crate::cli::ending::Ended;
use crate::cli::error::{Error, Exit};
use crate::cli::log::Log;
use crate::cli::printer;
use crate::cli::process::{self, Stopped};
use crate::cli::surroundings::Surroundings;
use crate::report::lock::Lock;
use crate::report::{Finished, Report};
use crate::run::provision::Provider;
use crate::run::publish::Publication;
use crate::run::withdraw::Withdrawal;
use crate::run::{self, Action, Ending, Listener, Making, RunSettings, Signal, Work, World};
use crate::show::progress::{How, Progress};
use crate::show::summary::End;
use crate::target::tencent::client::Client;

/// What is to be executed, and onto which report.
pub(crate) struct Execution {
    pub(crate) report: Report,
    /// The report's path as shown to people.
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
    /// The names of new services, held until the end.
    pub(crate) locks: Vec<Lock>,
    /// What is known of the services that this report made or found by their names.
    pub(crate) makings: BTreeMap<String, Making>,
}

/// Executes it; the exit code is how it ended.
pub(crate) fn execute(
    execution: Execution,
    output: &OutputArgs,
    surroundings: &Surroundings,
) -> Result<Exit, Error> {
    let runtime = process::runtime()?;
    let ended = runtime.block_on(run(execution, output, surroundings));
    process::leave(runtime);
    ended
}

async fn run(
    execution: Execution,
    output: &OutputArgs,
    surroundings: &Surroundings,
) -> Result<Exit, Error> {
    let Execution {
        report,
        told,
        work,
        destination,
        run,
        unreadable,
        action,
        release,
        locks: _locks,
        makings,
    } = execution;
    let signals = process::signals(Stopped::Politely);
    let verb = match action {
        Action::Create => "sending to",
        Action::Delete => "deleting from",
    };
    printer::note(output.quiet, &format!("{verb} {}", destination.introduction));
    let services = work.items.iter().map(|it| it.item.key.service.clone());
    let made = makings.values().filter_map(|it| it.made().map(str::to_owned));
    let services: BTreeSet<String> = services.chain(made).collect();
    let services: Vec<String> = services.into_iter().collect();
    let open = destination.connect(report.path(), &services, run.quota, process::now()).await?;
    let (gateway, witness) = (Arc::clone(&open.client), report.witness());
    #[cfg(feature = "failpoints")]
    let (gateway, witness) = crate::cli::failpoints::taken_out(gateway, witness);
    let listeners = listeners(&work, output, surroundings);
    let world = World { gateway, witness, listeners, signals, clock: Box::new(process::now) };
    let publication = release.map(|environment| Publication::of(&work, &environment));
    let ending = run::run(work, &run, world).await;
    // What stopped early is looked at, published and taken back by the run that ends it.
    let after = match (&ending.stop, action) {
        (Some(_), _) => Exit::Done,
        (None, Action::Delete) => withdraw(&makings, &open.client, &report, output).await,
        (None, Action::Create) => {
            let (gateway, witness) = (&*open.client, &*report.witness());
            let provider = Provider { gateway, witness, settle: run.settle, clock: process::now };
            let alone = services::confirm(&makings, provider).await;
            match publication.as_ref().filter(|_| alone == Exit::Done) {
                Some(due) => publish(due, &ending, &open.client, &report, output).await,
                None => alone,
            }
        }
    };
    let facts = (action, unreadable > 0, publication.is_some());
    Ok(close(report, &told, &ending, facts, output.quiet).or(after))
}

/// Closes the report and prints the result.
fn close(
    report: Report,
    told: &Path,
    ending: &Ending,
    (action, unreadable, published): (Action, bool, bool),
    quiet: bool,
) -> Exit {
    let Finished { rows, trouble } = report.finish();
    let (rows, stop) = (&*rows, ending.stop.as_ref());
    let report = &*told.to_string_lossy();
    let end = End { rows, stop, closed: &ending.closed, report, action, published };
    for line in if quiet { end.trouble() } else { end.lines() } {
        printer::note(false, &line);
    }
    let ended = Ended { action, rows, stop, unreadable, disk_failed: trouble.is_some() };
    let exit = ended.exit();
    if let Some(trouble) = trouble {
        printer::error(&trouble.into());
    }
    crate::cli::commands::print(format!("{}\n", told.display()).as_bytes());
    exit
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
            tell("stopped by a signal while publishing; `apiferry resume` continues".to_owned());
            exit_of(signal)
        }
    }
}

/// Takes back the services that the report made.
async fn withdraw(
    makings: &BTreeMap<String, Making>,
    gateway: &Client,
    report: &Report,
    output: &OutputArgs,
) -> Exit {
    let witness = &*report.witness();
    let withdrawal = Withdrawal { gateway, witness, clock: process::now };
    services::withdraw(makings, withdrawal, |line| printer::note(output.quiet, &line)).await
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
    let bar: Box<dyn Listener> = Box::new(Progress::new(how(output, surroundings)));
    let log = Log::of(work, output).map(|log| -> Box<dyn Listener> { Box::new(log) });
    std::iter::once(bar).chain(log).collect()
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
