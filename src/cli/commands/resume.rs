//! `resume`: takes an earlier report up again, with nothing but its path.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::cli::commands::carry::{Carried, carry};
use crate::cli::commands::import::{Catalog, find, head, make_services};
use crate::cli::commands::stage::{Stage, beside};
use crate::cli::commands::{release, services, settings_file, world};
use crate::cli::settings::{self, Purpose, Remembered};
use crate::cli::surroundings::Surroundings;
use crate::cli::{GatewayArgs, ResumeArgs, Retry, printer};
use crate::error::{Error, Exit};
use crate::plan::Unreadable;
use crate::report::opening::{self, Before, Options, Tally};
use crate::report::{Earlier, Head, Report, ReportRow};
use crate::settings::{Connection, Settings};
use crate::text::escape;

/// Goes on with an import.
pub(crate) fn resume(args: ResumeArgs, world: &Surroundings) -> Result<Exit, Error> {
    let now = world::now();
    let path = world.folder.join(&args.report);
    let earlier = Report::reopen(&path, args.repair, now)?;
    let typed = Typed { gateway: &args.gateway, config: args.config.as_deref() };
    let mut remembered = remembered(&earlier, &typed, world)?;
    remembered.sources.references = args.references.clone().over(remembered.sources.references);
    remembered.release = args.release.clone().or(remembered.release);
    let release = release::environment(remembered.release.as_deref())?;
    let (world, file) = there(&earlier, &remembered, world)?;
    let gone = !world.folder.is_dir();
    let stage = Stage::set(&remembered.gateway, &file.connection, &world)?;
    check_target(earlier.head.as_ref(), &stage)?;
    let quota = settings::quota(args.quota.or(remembered.sources.quota))?;
    let rate = file.connection.rate;
    let run = settings::run_settings(&remembered.gateway, quota, rate, world::seed())?;
    let mut plan = settings::plan(&remembered.sources, file.plan, Purpose::Import)?;
    plan.made.clone_from(&remembered.services);
    let reach = settings::reach(&remembered.sources.references, &world);
    let input = beside(&path, ".input");
    let found = find(&world, &remembered.sources.sources, Some(&input));
    if gone {
        tell_gone(&world.folder);
    } else if let Some(per) = remembered.sources.create_services {
        let needed = services::needed(&found, &reach, &mut plan, per);
        plan.made.extend(if needed.is_empty() || args.dry_run {
            services::stand_ins(&needed)
        } else {
            make_services(&needed, &stage, &path, &run, args.output.quiet)?
        });
    } else {
        plan.fallback_service = stage.fallback_service();
        settings::check_service(&plan)?;
    }
    let catalog = if gone { Catalog::default() } else { Catalog::read(&found, &reach, &plan) };
    remembered.services = plan.made.into_iter().chain(catalog.homes).collect();
    catalog.unreadable.iter().for_each(printer::unreadable);
    catalog.summary.idle.iter().for_each(printer::idle);
    let unreadable = catalog.unreadable.len();
    let all_fits = catalog.summary.fits();
    let unread = if gone { all_sources(&earlier) } else { names(&catalog.unreadable) };
    let decided = opening::open(catalog.entries, before(&earlier, unread, &args));
    tell(&args, &earlier, decided.tally);
    let least = if gone { Exit::Stopped } else { Exit::Done };
    if args.dry_run {
        return Ok(least.or(if all_fits { Exit::Done } else { Exit::Partial }));
    }
    let head = head(&remembered, &stage, now);
    let report = earlier.go_on(head, decided.opening)?;
    let (told, work) = (args.report, decided.work);
    carry(
        Carried { report, told, work, stage, run, unreadable, undo: false, release },
        &args.output,
        &world,
    )
    .map(|exit| exit.or(least))
}

/// What is typed now and outranks what a report remembers.
pub(crate) struct Typed<'a> {
    pub(crate) gateway: &'a GatewayArgs,
    pub(crate) config: Option<&'a Path>,
}

/// What the import was, under what is typed now.
pub(crate) fn remembered(
    earlier: &Earlier,
    typed: &Typed<'_>,
    world: &Surroundings,
) -> Result<Remembered, Error> {
    let mut then: Remembered = match &earlier.head {
        Some(head) => serde_json::from_value(head.settings.clone()).map_err(|error| {
            Error::usage(format!(
                "the report remembers options that this version does not know: {error}"
            ))
            .hint("resume it with the version that made it")
        })?,
        None => of_rows(earlier, world),
    };
    then.gateway = typed.gateway.clone().over(then.gateway);
    if let Some(config) = typed.config {
        then.sources.config = Some(world.folder.join(config));
    }
    Ok(then)
}

/// What the rows alone tell of the import, where there is no journal.
fn of_rows(earlier: &Earlier, world: &Surroundings) -> Remembered {
    let mut remembered = Remembered { folder: world.folder.clone(), ..Remembered::default() };
    let rows = || earlier.rows.iter().map(|known| &known.row);
    remembered.services = homes(rows());
    let mut seen = BTreeSet::new();
    let sources =
        rows().map(|row| row.source.to_string()).filter(|source| seen.insert(source.clone()));
    remembered.sources.sources = sources.collect();
    let services: BTreeSet<String> = rows().map(|row| row.service.to_string()).collect();
    if services.len() == 1 {
        remembered.sources.service = services.into_iter().next();
    }
    remembered
}

/// The sources that have rows in one service alone.
fn homes<'a>(rows: impl Iterator<Item = &'a ReportRow>) -> BTreeMap<String, String> {
    let mut services: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in rows.filter(|row| !row.service.is_empty()) {
        services.entry(&row.source).or_default().insert(&row.service);
    }
    let alone = services.into_iter().filter(|(_, services)| services.len() == 1);
    let first =
        |services: BTreeSet<&str>| services.first().map_or_else(String::new, |it| (*it).to_owned());
    alone.map(|(source, services)| (source.to_owned(), first(services))).collect()
}

/// The surroundings and the settings file of the import: relative paths start where it ran.
/// Where that folder is gone, the head still knows the gateway.
pub(crate) fn there(
    earlier: &Earlier,
    remembered: &Remembered,
    world: &Surroundings,
) -> Result<(Surroundings, Settings), Error> {
    let world = world.at(&remembered.folder);
    if world.folder.is_dir() {
        let file = settings_file(remembered.sources.config.as_deref(), &world)?;
        return Ok((world, file));
    }
    let known = |text: fn(&Head) -> &String| earlier.head.as_ref().map(text).cloned();
    let (endpoint, region) = (known(|head| &head.endpoint), known(|head| &head.region));
    let connection = Connection { endpoint, region, ..Connection::default() };
    Ok((world, Settings { connection, ..Settings::default() }))
}

fn tell_gone(folder: &Path) {
    let folder = escape(&folder.to_string_lossy()).into_owned();
    let told =
        format!("the folder {folder} is gone, and with it the import's sources: nothing is sent");
    printer::note(false, &format!("error: {told}"));
}

/// A report belongs to one gateway: elsewhere, what it calls created is not there.
pub(crate) fn check_target(head: Option<&Head>, stage: &Stage) -> Result<(), Error> {
    let Some(head) = head else { return Ok(()) };
    if (&head.endpoint, &head.region) == (&stage.name, &stage.region) {
        return Ok(());
    }
    let message = format!(
        "the report is of {} in {}, and this would go to {} in {}",
        head.endpoint, head.region, stage.name, stage.region
    );
    Err(Error::usage(message).hint("import into another gateway with a report of its own"))
}

fn names(unreadable: &[Unreadable]) -> Vec<Arc<str>> {
    unreadable.iter().map(|it| Arc::clone(&it.source)).collect()
}

fn all_sources(earlier: &Earlier) -> Vec<Arc<str>> {
    let sources: BTreeSet<&str> = earlier.rows.iter().map(|known| &*known.row.source).collect();
    sources.into_iter().map(Arc::from).collect()
}

fn before(earlier: &Earlier, unreadable: Vec<Arc<str>>, args: &ResumeArgs) -> Before {
    Before {
        rows: earlier.rows.clone(),
        services: earlier.services.clone(),
        options: Options {
            trust: earlier.trust,
            unreadable,
            retry: opening::Retry {
                refused: args.retry.contains(&Retry::Refused),
                deleted: args.retry.contains(&Retry::Deleted),
            },
        },
    }
}

/// What a person should know before it goes on.
fn tell(args: &ResumeArgs, earlier: &Earlier, tally: Tally) {
    let quiet = args.output.quiet && !args.dry_run;
    for notice in &earlier.notices {
        printer::note(quiet, notice);
    }
    let Tally { send, look, keep, changed, gone, unread, idle, delete: _ } = tally;
    let parts = [
        (send, "to send"),
        (look, "in doubt, looked for first"),
        (keep, "done earlier"),
        (changed, "changed since they were created, not sent"),
        (gone, "no longer in their source"),
        (unread, "of sources that cannot be read now"),
        (idle, "unfit or left out"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    printer::note(quiet, &format!("resuming {}: {}", args.report.display(), parts.join("; ")));
}
