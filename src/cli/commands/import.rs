//! `import`: plans, asks, writes the report, carries the plan out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::cli::args::{Format, ImportArgs, PreviewArgs};
use crate::cli::commands::carry::{Carried, carry};
use crate::cli::commands::catalog::{self, Station, Texts};
use crate::cli::commands::services::{self, Needed};
use crate::cli::commands::{preview, release};
use crate::cli::destination::Destination;
use crate::cli::input::Input;
use crate::cli::options::RunOptions;
use crate::cli::session::Session;
use crate::cli::settings::{self, Purpose};
use crate::cli::surroundings::Surroundings;
use crate::cli::{printer, process};
use crate::error::{Error, Exit};
use crate::finding::Finding;
use crate::plan::ordered::Go;
use crate::plan::{Entry, Planned, Summary, Unreadable};
use crate::report::Report;
use crate::report::opening::{self, Before};
use crate::run::{Action, RunSettings};
use crate::settings::PlanSettings;
use crate::source::{Found, Reach};

/// More items than this are asked about on a terminal.
const LARGE: usize = 100;

/// Creates the APIs and writes a report.
pub(crate) fn import(args: ImportArgs, surroundings: &Surroundings) -> Result<Exit, Error> {
    if args.dry_run {
        return preview::preview(&preview_of(args), surroundings);
    }
    let asked = RunOptions::of_import(&args, &surroundings.folder);
    let release = release::environment(asked.release.as_deref())?;
    let mut session = Session::new(asked, surroundings)?;
    let destination = session.destination()?;
    let run = session.run_settings()?;
    let mut plan = session.plan_settings(Purpose::Import)?;
    let reach = session.reach();
    let told = args.report.clone().unwrap_or_else(|| default_report(session.now));
    let path = session.surroundings.folder.join(&told);
    let input = Input::of(&session)?;
    let found = session.find(input.path());
    let mut needed = Vec::new();
    if let Some(per) = session.asked.sources.create_services {
        needed = services::needed(&found, &reach, &mut plan, per);
        plan.made = services::stand_ins(&needed);
    } else {
        plan.fallback_service = destination.fallback_service();
        settings::check_service(&plan)?;
    }
    let mut catalog = Catalog::read(&found, &reach, &plan);
    settings::check_sources(&catalog.summary, catalog.unreadable.first())?;
    catalog.unreadable.iter().for_each(printer::unreadable);
    catalog.summary.idle.iter().for_each(printer::idle);
    check(&catalog.summary, &session)?;
    Report::check_free(&path)?;
    let question = (&destination, &run, needed.len());
    if !args.yes && !agreed(&catalog.summary, question, &session.surroundings)? {
        return Err(Error::usage("cancelled: nothing was sent"));
    }
    if !needed.is_empty() {
        drop(catalog);
        plan.made = make_services(&needed, &destination, &path, &run, args.output.quiet)?;
        catalog = Catalog::read(&found, &reach, &plan);
    }
    session.asked.services = catalog.homes.into_iter().chain(plan.made).collect();
    let head = session.head(&destination);
    let decided = opening::open(catalog.entries, Before::default());
    let report = Report::create(&path, head, decided.opening, session.now)?;
    input.keep_beside(report.path())?;
    let unreadable = catalog.unreadable.len();
    let (work, action) = (decided.work, Action::Create);
    let carried = Carried { report, told, work, destination, run, unreadable, action, release };
    carry(carried, &args.output, &session.surroundings)
}

/// Finds or makes the services of `--create-services`; the map from sources to ids.
pub(crate) fn make_services(
    needed: &[Needed],
    destination: &Destination,
    report: &Path,
    run: &RunSettings,
    quiet: bool,
) -> Result<BTreeMap<String, String>, Error> {
    let runtime = process::runtime()?;
    runtime.block_on(async {
        let open = destination.connect(report, &[], run.quota, process::now()).await?;
        let tell = |line: String| printer::note(quiet, &line);
        services::make(&*open.client, needed, run.settle, tell).await
    })
}

/// The preview that `--dry-run` stands for.
fn preview_of(args: ImportArgs) -> PreviewArgs {
    PreviewArgs { sources: args.sources, format: Format::Table, explain: None, output: args.output }
}

/// What must hold of the plan as a whole before anything is sent.
fn check(summary: &Summary, session: &Session) -> Result<(), Error> {
    settings::check_strict(summary, &session.asked.sources)?;
    let Some((service, count)) = summary.overflows().next() else { return Ok(()) };
    let message = format!(
        "the plan has {count} APIs for {service}, and a service holds {} (--quota); it needs {} services",
        summary.quota,
        summary.services_needed(),
    );
    Err(Error::usage(message).hint("give each source a service of its own in the settings, or raise --quota if yours was raised"))
}

/// Asks before anything large and before services are made, where there is someone to ask.
fn agreed(
    summary: &Summary,
    (destination, run, services): (&Destination, &RunSettings, usize),
    surroundings: &Surroundings,
) -> Result<bool, Error> {
    if !surroundings.can_ask || (summary.items <= LARGE && services == 0) {
        return Ok(true);
    }
    let first = match services {
        0 => "Create".to_owned(),
        n => format!("Find or make {n} services, and create"),
    };
    let time = crate::cli::commands::duration(summary.items, run.rate);
    printer::ask(&format!(
        "{first} {} APIs at {} ({})? It takes about {time}.",
        summary.items,
        destination.name,
        summary.services.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
    ))
}

/// Where the report goes unless a name was typed: a name made of the moment.
fn default_report(now: Timestamp) -> PathBuf {
    PathBuf::from(format!("reports/import-{}.csv", now.strftime("%Y%m%d-%H%M%S")))
}

/// All that the sources become.
#[derive(Default)]
pub(crate) struct Catalog {
    pub(crate) entries: Vec<Entry>,
    pub(crate) summary: Summary,
    /// Sources that could not be read, whole or in part: an import tells of a document as a
    /// whole only what hides operations.
    pub(crate) unreadable: Vec<Unreadable>,
    /// The services that `--spread` chose, by source.
    pub(crate) homes: BTreeMap<String, String>,
}

impl Catalog {
    /// Reads and plans all sources.
    pub(crate) fn read(found: &Found, reach: &Reach, plan: &PlanSettings) -> Self {
        let (mut entries, mut unreadable) = (Vec::new(), Vec::new());
        let mut homes = BTreeMap::new();
        let summary = catalog::plan(found, reach, plan, Texts::Dropped, |station| {
            match station {
                Station::Planned(planned, _) => {
                    unreadable.extend(in_part(&planned));
                    entries.extend(planned.entries);
                    homes.extend(planned.home.map(|home| (planned.source.to_string(), home)));
                }
                Station::Unreadable(source) => {
                    unreadable.push(source);
                }
            }
            Go::On
        });
        Self { entries, summary, unreadable, homes }
    }
}

/// A document with places behind which operations may be lost, and what is told of them.
fn in_part(planned: &Planned) -> Option<Unreadable> {
    let findings: Vec<Finding> = planned.gaps().cloned().collect();
    (!findings.is_empty()).then(|| Unreadable { source: Arc::clone(&planned.source), findings })
}
