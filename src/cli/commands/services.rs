//! `--create-services`: what services are created for, and finding or making them.
//!
//! Nothing is made for a plan that is refused as a whole, and nothing before the report and its
//! journal are there. How one service is found or made is
//! [`crate::run::provision`]'s business.

use std::collections::BTreeMap;

use crate::cli::args::Per;
use crate::cli::destination::Destination;
use crate::cli::error::{Error, Exit};
use crate::cli::session::Session;
use crate::cli::settings::check_service;
use crate::cli::{printer, process};
use crate::plan::{NewService, Plan};
use crate::report::lock::Lock;
use crate::report::{Head, Prior, Report, Row};
use crate::run::provision::{Provided, Provider, Unprovided};
use crate::run::withdraw::{Withdrawal, Withdrawn};
use crate::run::{Detail, Making, RunSettings, Witness, own};
use crate::settings::{CreateServices, PlanSettings};
use crate::simulator;
use crate::source::{self, FoundSources};
use crate::target::Gateway;
use crate::text::escape;

/// Sets which service takes the items for which no setting names one.
///
/// # Errors
/// There is none, and no setting names a service at all.
pub(crate) fn choose(
    settings: &mut PlanSettings,
    session: &Session,
    found: &FoundSources,
    simulate: bool,
) -> Result<(), Error> {
    settings.create_services = asked(session, found);
    if settings.create_services.is_some() {
        return Ok(());
    }
    // Where a service is named, what it does not take is told, by a simulated import too.
    if !settings.names_a_service() {
        settings.fallback_service = simulate.then(|| simulator::SERVICE.to_owned());
    }
    check_service(settings)
}

/// What services are to be created for.
pub(crate) fn asked(session: &Session, found: &FoundSources) -> Option<CreateServices> {
    Some(match session.asked.sources.create_services? {
        Per::Document => CreateServices::PerDocument,
        Per::Folder => CreateServices::PerFolder(source::folders(found)),
    })
}

/// Locks the names of new services against other runs on this machine, until the ids are locked.
pub(crate) fn hold(plan: &Plan, destination: &Destination) -> Result<Vec<Lock>, Error> {
    let names = plan.summary.new_services.iter().map(|new| &*new.name);
    Ok(destination.hold(names, process::now())?)
}

/// Finds or makes the services that a plan needs, and records it; the plan with their ids, and the
/// report. `known` is what earlier runs recorded about them.
///
/// # Errors
/// A service cannot be made, or two of its name exist: the report shows it. What was made
/// stays, and is known when the report is resumed.
pub(crate) fn create(
    plan: Plan,
    settings: &PlanSettings,
    known: &BTreeMap<String, Making>,
    (report, head): (Report, Head),
    (destination, run, quiet): (&Destination, &RunSettings, bool),
) -> Result<(Plan, Prior), Error> {
    let runtime = process::runtime()?;
    let connected = destination.connect(report.path(), &[], run.quota, process::now());
    let open = runtime.block_on(connected)?;
    let witness = report.witness();
    #[cfg(feature = "failpoints")]
    let witness = crate::cli::failpoints::forgetful(witness);
    let (gateway, witness) = (&*open.client, &*witness);
    let provider = Provider { gateway, witness, settle: run.settle, clock: process::now };
    let mut ids = BTreeMap::new();
    for service in &plan.summary.new_services {
        let NewService { name, of } = service;
        let making = known.get(name).cloned().unwrap_or_default();
        match runtime.block_on(provider.provide(name, making)) {
            Ok(Provided { id, found }) => {
                let verb = if found { "found" } else { "made" };
                let (shown, of) = (escape(&id), escape(of));
                printer::note(quiet, &format!("{verb} the service {name} ({shown}) for {of}"));
                ids.insert(name.clone(), id);
            }
            Err(why) => return Err(not_created(&plan, service, &why, (report, head))),
        }
    }
    Ok((plan.with_services(&ids, settings), Prior::reopen(report, &process::moment())?))
}

/// Looks once more, at the end, whether each service that was made or found by its name is the
/// only one of it: another machine may have made one at the same time. The exit code.
pub(crate) async fn confirm<G: Gateway, W: Witness>(
    makings: &BTreeMap<String, Making>,
    provider: Provider<'_, G, W>,
) -> Exit {
    let mut exit = Exit::Done;
    for (name, making) in makings {
        let Err(why) = provider.confirm(name, making).await else { continue };
        let several = matches!(why, Unprovided::Several(_));
        printer::note(false, &format!("the service {name}: {why}"));
        exit = exit.or(if several { Exit::Doubt } else { Exit::Done });
    }
    exit
}

/// Takes back the services that a report made, and says what became of each; the exit code.
pub(crate) async fn withdraw<G: Gateway, W: Witness>(
    makings: &BTreeMap<String, Making>,
    withdrawal: Withdrawal<'_, G, W>,
    mut tell: impl FnMut(String),
) -> Exit {
    let mut exit = Exit::Done;
    for (name, making) in makings {
        let Some(id) = making.made() else { continue };
        let shown = format!("the service {name} ({})", escape(id));
        tell(match withdrawal.withdraw(id).await {
            Ok(Withdrawn::Deleted) => format!("{shown} is deleted"),
            Ok(Withdrawn::Stays(held)) => format!("{shown} stays: APIs still in it: {held}"),
            Err(why) => {
                exit = Exit::Partial;
                format!("{shown} was not deleted: {why}; another `apiferry undo` tries again")
            }
        });
    }
    exit
}

/// Records in the report why a service is not there; the error.
fn not_created(
    plan: &Plan,
    NewService { name, of }: &NewService,
    why: &Unprovided,
    (report, head): (Report, Head),
) -> Error {
    let path = report.path().to_owned();
    let (exit, code, advice) = match why {
        Unprovided::Several(_) => (
            Exit::Doubt,
            own::DUPLICATE_SERVICE,
            "delete all but one, or name the one that counts under `services` in the settings",
        ),
        _ => (Exit::Stopped, own::NO_SERVICE, "no API was sent"),
    };
    let sources = plan.assigned_services();
    let is_meant = |row: &Row| {
        let waits = row.service.is_empty() && !row.is_left_out();
        waits && sources.get(&*row.source) == Some(name)
    };
    let detail = Detail::ours(code, why.to_string());
    let prior = Prior::reopen(report, &process::moment());
    if let Err(error) = prior.and_then(|prior| prior.close_unsent(head, &detail, is_meant)) {
        return error.into();
    }
    let (of, path) = (escape(of), path.display());
    Error::new(exit, format!("the service {name} for {of}: {why}"))
        .hint(format!("{advice}; `apiferry resume {path}` continues"))
}
