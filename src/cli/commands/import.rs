//! `import`: plans, asks, writes the report, executes the plan.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::cli::args::{Format, ImportArgs, PreviewArgs, ResumeArgs, ViewArgs};
use crate::cli::commands::execute::{Execution, execute};
use crate::cli::commands::{preview, release, resume, services};
use crate::cli::destination::Destination;
use crate::cli::error::{Error, Exit};
use crate::cli::input::StandardInput;
use crate::cli::options::RunOptions;
use crate::cli::session::Session;
use crate::cli::settings::{Purpose, check_sources, check_strict};
use crate::cli::surroundings::Surroundings;
use crate::cli::{printer, private, process};
use crate::finding::Code;
use crate::plan::{Catalog, Plan, Summary};
use crate::report::prepare::{Prepared, Rows};
use crate::report::resume::Options;
use crate::report::{self, ErrorKind, Prior, Report, prepare};
use crate::run::{Action, Making, RunSettings, Work};
use crate::settings::PlanSettings;
use crate::source::{self, FoundSource};

/// Imports that may begin in one second.
const SAME_SECOND: u32 = 100;

/// More items than this are asked about on a terminal.
const LARGE: usize = 100;

/// Creates the APIs and writes a report.
pub(crate) fn import(args: ImportArgs, surroundings: &Surroundings) -> Result<Exit, Error> {
    if args.dry_run {
        let simulate = args.gateway.simulate;
        return preview::dry_run(&preview_of(args), simulate, surroundings);
    }
    let asked = RunOptions::of_import(&args, &surroundings.folder);
    let release = release::environment(asked.release.as_deref())?;
    let mut session = Session::new(asked, surroundings)?;
    let destination = session.destination()?;
    let run = session.run_settings()?;
    let mut settings = session.plan_settings(Purpose::Import)?;
    let reach = session.ref_policy();
    let names = args.report.clone().map_or_else(|| names(session.now), |told| vec![told]);
    let path = session.surroundings.folder.join(&names[0]);
    let input = StandardInput::of(&session)?;
    let found = session.find(input.path());
    services::choose(&mut settings, &session, &found, destination.is_simulated())?;
    let open = |source: &FoundSource| source::open(source, &reach);
    let threads = process::threads();
    let plan = Catalog { found: &found, open, settings: &settings, threads }.plan();
    check_sources(&plan.summary, plan.unreadable.first())?;
    let unread = plan.unread();
    unread.iter().for_each(printer::unreadable);
    plan.summary.unused.iter().for_each(printer::unused);
    check(&plan.summary, &session)?;
    if let (Some(told), Err(taken)) = (args.report.clone(), Report::check_free(&path)) {
        return go_on(taken, args, &session, told, surroundings);
    }
    let question = (&destination, &run);
    if !args.yes && !agreed(&plan.summary, question, &session.surroundings)? {
        return Err(Error::usage("cancelled: nothing was sent"));
    }
    let locks = services::hold(&plan, &destination)?;
    session.asked.services = plan.known_services();
    let sent = (&destination, &run, args.output.quiet);
    let begun = begin(plan, &settings, &session, (&names, &input), sent)?;
    let Begun { report, told, work, makings } = begun;
    let (unreadable, action) = (unread.len(), Action::Create);
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

/// A report that was made, and what is to be sent.
struct Begun {
    report: Report,
    told: PathBuf,
    work: Work,
    makings: BTreeMap<String, Making>,
}

/// Makes the report under the first of these names that is free, and then the services that are
/// still to be made.
fn begin(
    plan: Plan,
    settings: &PlanSettings,
    session: &Session,
    (names, input): (&[PathBuf], &StandardInput),
    sent: (&Destination, &RunSettings, bool),
) -> Result<Begun, Error> {
    let head = session.head(sent.0);
    let create = |rows: &Rows| {
        let folder = &session.surroundings.folder;
        let made = |name: &PathBuf| {
            Report::create(&folder.join(name), head.clone(), rows.clone(), session.now)
        };
        let (report, told) = under_free_name(names, made)?;
        input.keep_beside(report.path())?;
        private::keep_beside(report.path(), &session.asked).map(|()| (report, told))
    };
    if plan.summary.new_services.is_empty() {
        let Prepared { work, rows, .. } = prepare::import(plan.into_entries());
        let (report, told) = create(&rows)?;
        return Ok(Begun { report, told, work, makings: BTreeMap::new() });
    }
    let (report, told) = create(&prepare::before_services(&plan))?;
    let written = (report, head.clone());
    let (plan, prior) = services::create(plan, settings, &BTreeMap::new(), written, sent)?;
    let (rows, services) = (prior.rows.clone(), prior.services.clone());
    let Prepared { work, rows, .. } =
        prepare::resume(plan.into_entries(), rows, services, &Options::default());
    let makings = prior.makings.clone();
    Ok(Begun { report: prior.continue_with(head, rows)?, told, work, makings })
}

/// Where there is a report already: it is continued if it was begun for exactly this and nothing
/// was sent from it yet except for making services.
fn go_on(
    taken: report::Error,
    args: ImportArgs,
    session: &Session,
    report: PathBuf,
    surroundings: &Surroundings,
) -> Result<Exit, Error> {
    let prior =
        match Prior::open(&session.surroundings.folder.join(&report), false, &process::moment()) {
            Ok(prior) if prior.is_unbegun() && session.began(&prior) => prior,
            Err(held) if held.kind() == ErrorKind::Locked => return Err(held.into()),
            _ => return Err(taken.into()),
        };
    let resumed = ResumeArgs {
        report,
        retry: Vec::new(),
        service: Vec::new(),
        repair: false,
        quota: None,
        release: None,
        dry_run: false,
        config: None,
        references: args.sources.references,
        gateway: args.gateway,
        output: args.output,
    };
    resume::go_on(prior, resumed, surroundings)
}

/// The preview that `--dry-run` asks for.
fn preview_of(args: ImportArgs) -> PreviewArgs {
    let ImportArgs { sources, output, .. } = args;
    let view = ViewArgs::default();
    PreviewArgs { sources, format: Format::Table, explain: None, html: None, view, output }
}

/// What must hold of the plan as a whole before anything is sent.
fn check(summary: &Summary, session: &Session) -> Result<(), Error> {
    check_strict(summary, &session.asked.sources)?;
    let Some((service, count)) = summary.overflows().next() else { return Ok(()) };
    let message = format!(
        "the plan has {count} APIs for {service}, but a service holds {} (--quota); {} services are needed",
        summary.quota,
        summary.services_needed(),
    );
    Err(Error::usage(message).hint("spread the documents over several services (--spread, --create-services or `services` in the settings; `apiferry init SOURCES` writes a split of a large one by tag or path), or raise --quota if Tencent raised your quota"))
}

/// Asks before anything large and before services are made, where a person can be asked.
fn agreed(
    summary: &Summary,
    (destination, run): (&Destination, &RunSettings),
    surroundings: &Surroundings,
) -> Result<bool, Error> {
    let services = summary.new_services.len();
    if !surroundings.can_ask || (summary.items <= LARGE && services == 0) {
        return Ok(true);
    }
    let first = match services {
        0 => "Create".to_owned(),
        n => format!("Find or create {n} services, and create"),
    };
    let time = crate::cli::commands::duration(summary.items, run.rate);
    let left_out = left_out(summary).map(|told| format!("{told}\n")).unwrap_or_default();
    printer::ask(&format!(
        "{left_out}{first} {} APIs at {} ({})? This takes about {time}.",
        summary.items,
        destination.name,
        summary.services.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
    ))
}

/// What an import leaves out, where it does.
fn left_out(summary: &Summary) -> Option<String> {
    let count = summary.operations - summary.items;
    let homeless = summary.findings.get(&Code::NO_SERVICE).copied().unwrap_or_default();
    let parts = [
        (summary.unfit as u64, "are unfit"),
        (homeless, "of these for want of a service"),
        (summary.skipped as u64, "are skipped"),
    ];
    let parts = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}"));
    let parts = parts.collect::<Vec<_>>().join(", ");
    (count > 0).then(|| {
        format!(
            "{count} of {} operations are left out ({parts}): `apiferry preview` shows why.",
            summary.operations
        )
    })
}

/// Where the report goes unless a name was typed: a name made of date and time, numbered where
/// another import began in the same second.
fn names(now: Timestamp) -> Vec<PathBuf> {
    let base = format!("reports/import-{}", now.strftime("%Y%m%d-%H%M%S"));
    let numbered = (2..SAME_SECOND).map(|n| format!("{base}-{n}.csv"));
    std::iter::once(format!("{base}.csv")).chain(numbered).map(PathBuf::from).collect()
}

/// A report under the first of these names that no other import has taken; the name too.
fn under_free_name(
    names: &[PathBuf],
    make: impl Fn(&PathBuf) -> Result<Report, report::Error>,
) -> Result<(Report, PathBuf), report::Error> {
    let is_taken = |made: &Result<Report, report::Error>| {
        let error = made.as_ref().err();
        error.is_some_and(|it| matches!(it.kind(), ErrorKind::Exists | ErrorKind::Locked))
    };
    let mut tried = make(&names[0]);
    let mut nth = 0;
    while nth + 1 < names.len() && is_taken(&tried) {
        nth += 1;
        tried = make(&names[nth]);
    }
    tried.map(|report| (report, names[nth].clone()))
}
