//! `--create-services`: what services are created for, and finding or making them.
//!
//! Nothing is made for a plan that is refused as a whole. How one service is found or made is
//! [`crate::run::provision`]'s business.

use std::collections::BTreeMap;
use std::path::Path;

use crate::cli::args::Per;
use crate::cli::destination::Destination;
use crate::cli::error::{Error, Exit};
use crate::cli::session::Session;
use crate::cli::settings::check_service;
use crate::cli::{printer, process};
use crate::plan::{NewService, Plan};
use crate::run::RunSettings;
use crate::run::provision::{Unprovided, provide};
use crate::settings::{CreateServices, PlanSettings};
use crate::source::{self, FoundSources};
use crate::text::escape;

/// Sets what takes the items for which no setting names a service.
///
/// # Errors
/// Nothing does, and no setting names a service at all.
pub(crate) fn choose(
    settings: &mut PlanSettings,
    session: &Session,
    found: &FoundSources,
    destination: &Destination,
) -> Result<(), Error> {
    settings.create_services = asked(session, found);
    if settings.create_services.is_some() {
        return Ok(());
    }
    settings.fallback_service = destination.fallback_service();
    check_service(settings)
}

/// What services are to be created for.
pub(crate) fn asked(session: &Session, found: &FoundSources) -> Option<CreateServices> {
    Some(match session.asked.sources.create_services? {
        Per::Document => CreateServices::PerDocument,
        Per::Folder => CreateServices::PerFolder(source::folders(found)),
    })
}

/// Finds or makes the services that a plan needs; the plan with their ids.
///
/// # Errors
/// A service cannot be made, or two of its name exist. What was made stays, and is found by
/// its name when the import comes again.
pub(crate) fn create(
    plan: Plan,
    settings: &PlanSettings,
    destination: &Destination,
    (report, run): (&Path, &RunSettings),
    quiet: bool,
) -> Result<Plan, Error> {
    if plan.summary.new_services.is_empty() {
        return Ok(plan);
    }
    let runtime = process::runtime()?;
    let ids = runtime.block_on(async {
        let open = destination.connect(report, &[], run.quota, process::now()).await?;
        let mut ids = BTreeMap::new();
        for service in &plan.summary.new_services {
            let provided = provide(&*open.client, &service.name, run.settle).await;
            let provided = provided.map_err(|why| not_created(service, &why))?;
            let verb = if provided.found { "found" } else { "made" };
            let NewService { name, of } = service;
            let id = escape(&provided.id);
            printer::note(quiet, &format!("{verb} the service {name} ({id}) for {}", escape(of)));
            ids.insert(name.clone(), provided.id);
        }
        Ok::<_, Error>(ids)
    });
    Ok(plan.with_services(&ids?, settings))
}

fn not_created(NewService { name, of }: &NewService, why: &Unprovided) -> Error {
    Error::new(Exit::Stopped, format!("the service {name} for {}: {why}", escape(of)))
        .hint("no API was sent; services that were created are found by name next time")
}
