//! `import`: plans, asks, writes the report, carries the plan out.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::cli::commands::carry::{Carried, carry};
use crate::cli::commands::catalog::{self, Station, Texts};
use crate::cli::commands::services::{self, Needed};
use crate::cli::commands::stage::{Stage, beside};
use crate::cli::commands::{preview, release, world};
use crate::cli::settings::{self, Purpose, Remembered};
use crate::cli::surroundings::Surroundings;
use crate::cli::{Format, ImportArgs, PreviewArgs, printer};
use crate::error::{Error, Exit};
use crate::finding::Finding;
use crate::plan::ordered::Go;
use crate::plan::{Entry, Planned, Summary, Unreadable};
use crate::report::opening::{self, Before};
use crate::report::{Head, Report};
use crate::run::RunSettings;
use crate::settings::PlanSettings;
use crate::source::{self, Found, Reach};

/// More items than this are asked about on a terminal.
const LARGE: usize = 100;

/// Creates the APIs and writes a report.
pub(crate) fn import(args: ImportArgs, world: &Surroundings) -> Result<Exit, Error> {
    if args.dry_run {
        return preview::preview(&preview_of(args), world);
    }
    let release = release::environment(args.release.as_deref())?;
    let file = crate::cli::commands::settings_file(args.sources.config.as_deref(), world)?;
    let stage = Stage::set(&args.gateway, &file.connection, world)?;
    let quota = settings::quota(args.sources.quota)?;
    let run = settings::run_settings(&args.gateway, quota, file.connection.rate, world::seed())?;
    let mut plan = settings::plan(&args.sources, file.plan, Purpose::Import)?;
    let reach = settings::reach(&args.sources.references, world);
    let now = world::now();
    let path = report_path(args.report.as_deref(), now);
    let input = Input::of(&args.sources.sources, world)?;
    let found = find(world, &args.sources.sources, input.path());
    let mut needed = Vec::new();
    if let Some(per) = args.sources.create_services {
        needed = services::needed(&found, &reach, &mut plan, per);
        plan.made = services::stand_ins(&needed);
    } else {
        plan.fallback_service = stage.fallback_service();
        settings::check_service(&plan)?;
    }
    let mut catalog = Catalog::read(&found, &reach, &plan);
    settings::check_sources(&catalog.summary, catalog.unreadable.first())?;
    catalog.unreadable.iter().for_each(printer::unreadable);
    catalog.summary.idle.iter().for_each(printer::idle);
    check(&catalog.summary, &args)?;
    Report::check_free(&path)?;
    if !agreed(&args, &catalog.summary, needed.len(), (&stage, &run), world)? {
        return Err(Error::usage("nothing was sent, as you wished"));
    }
    if !needed.is_empty() {
        drop(catalog);
        plan.made = make_services(&needed, &stage, &path, &run, args.output.quiet)?;
        catalog = Catalog::read(&found, &reach, &plan);
    }
    let homes = catalog.homes.into_iter().chain(plan.made).collect();
    let head = head(&remembered(&args, world, homes), &stage, now);
    let decided = opening::open(catalog.entries, Before::default());
    let report = Report::create(&path, head, decided.opening, now)?;
    input.keep_beside(report.path())?;
    let told = args.report.clone().unwrap_or_else(|| path.clone());
    let unreadable = catalog.unreadable.len();
    carry(
        Carried { report, told, work: decided.work, stage, run, unreadable, undo: false, release },
        &args.output,
        world,
    )
}

/// Finds sources; standard input was kept in a file.
pub(crate) fn find(world: &Surroundings, sources: &[String], input: Option<&Path>) -> Found {
    let mut found = source::find(&world.folder, sources);
    for source in &mut found.sources {
        if let (source::Origin::Input, Some(path)) = (&source.origin, input) {
            source.origin = source::Origin::File(path.to_owned());
        }
    }
    found
}

/// Finds or makes the services of `--create-services`; the map from sources to ids.
pub(crate) fn make_services(
    needed: &[Needed],
    stage: &Stage,
    report: &Path,
    run: &RunSettings,
    quiet: bool,
) -> Result<BTreeMap<String, String>, Error> {
    let runtime = world::runtime()?;
    runtime.block_on(async {
        let open = stage.open(report, &[], run.quota, world::now()).await?;
        let tell = |line: String| printer::note(quiet, &line);
        services::make(&*open.client, needed, run.settle, tell).await
    })
}

/// The preview that `--dry-run` stands for.
fn preview_of(args: ImportArgs) -> PreviewArgs {
    PreviewArgs { sources: args.sources, format: Format::Table, explain: None, output: args.output }
}

/// What must hold of the plan as a whole before anything is sent.
fn check(summary: &Summary, args: &ImportArgs) -> Result<(), Error> {
    settings::check_strict(summary, &args.sources)?;
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
    args: &ImportArgs,
    summary: &Summary,
    services: usize,
    (stage, run): (&Stage, &RunSettings),
    world: &Surroundings,
) -> Result<bool, Error> {
    if args.yes || !world.can_ask || (summary.items <= LARGE && services == 0) {
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
        stage.name,
        summary.services.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
    ))
}

/// Where the report goes: as typed, else named by the moment.
fn report_path(typed: Option<&Path>, now: Timestamp) -> PathBuf {
    let named = || PathBuf::from(format!("reports/import-{}.csv", now.strftime("%Y%m%d-%H%M%S")));
    typed.map_or_else(named, Path::to_owned)
}

/// What a resume needs to know of this import.
fn remembered(
    args: &ImportArgs,
    world: &Surroundings,
    services: BTreeMap<String, String>,
) -> Remembered {
    Remembered {
        folder: world.folder.clone(),
        sources: args.sources.clone(),
        gateway: args.gateway.clone(),
        release: args.release.clone(),
        services,
    }
}

/// The head of the report's journal.
pub(crate) fn head(remembered: &Remembered, stage: &Stage, now: Timestamp) -> Head {
    let run = format!("{:x}-{}", now.as_millisecond(), std::process::id());
    let mut head = Head::new(run, now, stage.name.clone(), stage.region.clone());
    head.secret_id_tail.clone_from(&stage.secret_id_tail);
    head.settings = serde_json::to_value(remembered).unwrap_or_default();
    head
}

/// Standard input, kept so that a resume reads the same again.
pub(crate) struct Input(Option<tempfile::NamedTempFile>);

impl Input {
    /// Takes standard input where it is among the sources.
    pub(crate) fn of(sources: &[String], world: &Surroundings) -> Result<Self, Error> {
        if !sources.iter().any(|source| source == "-") {
            return Ok(Self(None));
        }
        let refused = |error| Error::usage(format!("standard input cannot be kept: {error}"));
        let mut file = tempfile::NamedTempFile::new_in(&world.temporary).map_err(refused)?;
        std::io::copy(&mut std::io::stdin().lock(), &mut file).map_err(refused)?;
        file.flush().map_err(refused)?;
        Ok(Self(Some(file)))
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        self.0.as_ref().map(tempfile::NamedTempFile::path)
    }

    fn keep_beside(&self, report: &Path) -> Result<(), Error> {
        let Some(path) = self.path() else { return Ok(()) };
        fs_err::copy(path, beside(report, ".input")).map(|_| ()).map_err(|error| {
            Error::new(Exit::Disk, format!("standard input cannot be kept: {error}"))
        })
    }
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
