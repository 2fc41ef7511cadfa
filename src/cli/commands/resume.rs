//! `resume`: continues an earlier report, given nothing but its path.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::cli::args::{ResumeArgs, Retry};
use crate::cli::commands::execute::{Execution, execute};
use crate::cli::commands::{release, services};
use crate::cli::destination::{Destination, beside};
use crate::cli::error::{Error, Exit};
use crate::cli::options::RunOptions;
use crate::cli::session::Session;
use crate::cli::settings::Purpose;
use crate::cli::surroundings::Surroundings;
use crate::cli::{input, printer, private, process};
use crate::plan::{Catalog, Plan, Unreadable};
use crate::report::Prior;
use crate::report::prepare::{self, Tally};
use crate::report::resume::{self, Options, is_untouched};
use crate::run::{Action, RunSettings};
use crate::settings::PlanSettings;
use crate::source::{self, FoundSource};
use crate::text::escape;

/// Continues an import.
pub(crate) fn resume(args: ResumeArgs, surroundings: &Surroundings) -> Result<Exit, Error> {
    let path = surroundings.folder.join(&args.report);
    let prior = Prior::open(&path, args.repair, &process::moment())?;
    go_on(prior, args, surroundings)
}

/// Continues an import whose report is open.
pub(crate) fn go_on(
    mut prior: Prior,
    args: ResumeArgs,
    surroundings: &Surroundings,
) -> Result<Exit, Error> {
    let path = surroundings.folder.join(&args.report);
    let typed = RunOptions::of_resume(&args, &surroundings.folder);
    let mut session = Session::of_report(&prior, typed, surroundings)?;
    private::check(&session.asked, prior.path())?;
    args.service.iter().try_for_each(|(old, _)| check_unsent(&prior, old))?;
    forget_deleted(&mut session, &prior, &args);
    let gone = session.folder_is_gone();
    let release = release::environment(session.asked.release.as_deref())?;
    let destination = session.destination_of(prior.head.as_ref())?;
    let run = session.run_settings()?;
    let mut settings = session.plan_settings(Purpose::Import)?;
    let mut plan = plan_of(&session, &mut settings, &destination, &path)?;
    let locks = if args.dry_run { Vec::new() } else { services::hold(&plan, &destination)? };
    if !args.dry_run && !plan.summary.new_services.is_empty() {
        let sent = (&destination, &run, args.output.quiet);
        (plan, prior) = with_services(plan, prior, &session, &settings, sent)?;
    }
    session.asked.services.extend(plan.assigned_services());
    let unread = plan.unread();
    unread.iter().for_each(printer::unreadable);
    plan.summary.unused.iter().for_each(printer::unused);
    let (all_fits, unreadable) = (plan.summary.fits(), unread.len());
    let unread = if gone { all_sources(&prior) } else { names(&unread) };
    let options = options(&prior, unread, &args);
    let (rows, services) = (prior.rows.clone(), prior.services.clone());
    let prepared = prepare::resume(plan.into_entries(), rows, services, &options);
    tell(&args, &prior, prepared.tally);
    let least = if gone { Exit::Stopped } else { Exit::Done };
    if args.dry_run {
        return Ok(least.or(if all_fits { Exit::Done } else { Exit::Partial }));
    }
    let makings = prior.makings.clone();
    let report = prior.continue_with(session.head(&destination), prepared.rows)?;
    let (told, work, action) = (args.report, prepared.work, Action::Create);
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
    execute(execution, &args.output, &session.surroundings).map(|exit| exit.or(least))
}

/// Whether all that this report has for a service may move to another: what was sent there
/// would be made twice.
fn check_unsent(prior: &Prior, service: &str) -> Result<(), Error> {
    let rows = || prior.rows.iter().filter(|row| *row.service == *service);
    let sent = rows().filter(|row| !is_untouched(row)).count();
    if rows().next().is_none() {
        return Err(Error::usage(format!("--service: no row of this report is for {service:?}")));
    }
    if sent > 0 {
        let message =
            format!("--service: {sent} APIs of this report were sent to {service:?} already");
        return Err(Error::usage(message).hint("`apiferry undo` takes them back; then import anew"));
    }
    Ok(())
}

/// Where what undo deleted is sent again, services that it deleted are made anew.
fn forget_deleted(session: &mut Session, prior: &Prior, args: &ResumeArgs) {
    let is_gone =
        |id: &String| prior.makings.values().any(|it| it.gone && it.id.as_ref() == Some(id));
    if args.retry.contains(&Retry::Deleted) {
        session.asked.services.retain(|_, id| !is_gone(id));
    }
}

/// The plan of the sources as they are now; an empty one where their folder is gone.
fn plan_of(
    session: &Session,
    settings: &mut PlanSettings,
    destination: &Destination,
    path: &Path,
) -> Result<Plan, Error> {
    if session.folder_is_gone() {
        tell_gone(session);
        return Ok(Plan::default());
    }
    let reach = session.ref_policy();
    let found = session.find(Some(&beside(path, input::SUFFIX)));
    services::choose(settings, session, &found, destination.is_simulated())?;
    let open = |source: &FoundSource| source::open(source, &reach);
    let threads = process::threads();
    Ok(Catalog { found: &found, open, settings, threads }.plan())
}

/// Makes the services that are still to be made.
fn with_services(
    plan: Plan,
    prior: Prior,
    session: &Session,
    settings: &PlanSettings,
    sent: (&Destination, &RunSettings, bool),
) -> Result<(Plan, Prior), Error> {
    let (known, notices) = (prior.makings.clone(), prior.notices.clone());
    let head = session.head(sent.0);
    let written = (prior.continue_journal(&head)?, head);
    let (plan, mut prior) = services::create(plan, settings, &known, written, sent)?;
    prior.notices = notices;
    Ok((plan, prior))
}

fn tell_gone(session: &Session) {
    let folder = session.surroundings.folder.to_string_lossy();
    let told =
        format!("the folder {} is gone, and with it the sources of the import", escape(&folder));
    printer::note(false, &format!("error: {told}: nothing is sent"));
}

fn names(unreadable: &[Unreadable]) -> Vec<Arc<str>> {
    unreadable.iter().map(|it| Arc::clone(&it.source)).collect()
}

fn all_sources(prior: &Prior) -> Vec<Arc<str>> {
    let sources: BTreeSet<&str> = prior.rows.iter().map(|row| &*row.source).collect();
    sources.into_iter().map(Arc::from).collect()
}

fn options(prior: &Prior, unreadable: Vec<Arc<str>>, args: &ResumeArgs) -> Options {
    let retry = resume::Retry {
        refused: args.retry.contains(&Retry::Refused),
        deleted: args.retry.contains(&Retry::Deleted),
        gone: args.retry.contains(&Retry::Gone),
    };
    Options { trust: prior.trust, retry, unreadable }
}

/// What a person should know before the run continues.
fn tell(args: &ResumeArgs, prior: &Prior, tally: Tally) {
    let quiet = args.output.quiet && !args.dry_run;
    for notice in &prior.notices {
        printer::note(quiet, notice);
    }
    let Tally { send, look, keep, changed, gone, unread, left_out, delete: _ } = tally;
    let parts = [
        (send, "to send"),
        (look, "in doubt, to be looked up first"),
        (keep, "already done"),
        (changed, "changed since they were created (not sent again)"),
        (gone, "no longer in their source"),
        (unread, "in sources that cannot be read now"),
        (left_out, "unfit or left out"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    printer::note(quiet, &format!("resuming {}: {}", args.report.display(), parts.join("; ")));
}
