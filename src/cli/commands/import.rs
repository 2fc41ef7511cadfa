//! `import`: plans, asks, writes the report, executes the plan.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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
use crate::plan::{Catalog, Plan, Summary};
use crate::report::prepare::Rows;
use crate::report::resume::Options;
use crate::report::{self, ErrorKind, Prior, Report, prepare};
use crate::run::{Action, Making, RunSettings, Work};
use crate::settings::PlanSettings;
use crate::source::{self, FoundSource};

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
    let mut settings = session.plan_settings(Purpose::Import)?;
    let reach = session.ref_policy();
    let told = args.report.clone().unwrap_or_else(|| default_report(session.now));
    let path = session.surroundings.folder.join(&told);
    let input = StandardInput::of(&session)?;
    let found = session.find(input.path());
    services::choose(&mut settings, &session, &found, &destination)?;
    let open = |source: &FoundSource| source::open(source, &reach);
    let threads = process::threads();
    let plan = Catalog { found: &found, open, settings: &settings, threads }.plan();
    check_sources(&plan.summary, plan.unreadable.first())?;
    let unread = plan.unread();
    unread.iter().for_each(printer::unreadable);
    plan.summary.unused.iter().for_each(printer::unused);
    check(&plan.summary, &session)?;
    if let Err(taken) = Report::check_free(&path) {
        return go_on(taken, args, &session, told, surroundings);
    }
    let question = (&destination, &run);
    if !args.yes && !agreed(&plan.summary, question, &session.surroundings)? {
        return Err(Error::usage("cancelled: nothing was sent"));
    }
    let locks = services::hold(&plan, &destination)?;
    session.asked.services = plan.known_services();
    let sent = (&destination, &run, args.output.quiet);
    let (report, work, makings) = begin(plan, &settings, &session, (&path, &input), sent)?;
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

/// Makes the report, and then the services that are still to be made; what is to be sent.
fn begin(
    plan: Plan,
    settings: &PlanSettings,
    session: &Session,
    (path, input): (&Path, &StandardInput),
    sent: (&Destination, &RunSettings, bool),
) -> Result<(Report, Work, BTreeMap<String, Making>), Error> {
    let head = session.head(sent.0);
    let create = |rows: Rows| {
        let report = Report::create(path, head.clone(), rows, session.now)?;
        input.keep_beside(report.path())?;
        private::keep_beside(report.path(), &session.asked).map(|()| report)
    };
    if plan.summary.new_services.is_empty() {
        let prepared = prepare::import(plan.into_entries());
        return Ok((create(prepared.rows)?, prepared.work, BTreeMap::new()));
    }
    let written = (create(prepare::before_services(&plan))?, head.clone());
    let (plan, prior) = services::create(plan, settings, &BTreeMap::new(), written, sent)?;
    let (rows, services) = (prior.rows.clone(), prior.services.clone());
    let prepared = prepare::resume(plan.into_entries(), rows, services, &Options::default());
    let makings = prior.makings.clone();
    Ok((prior.continue_with(head, prepared.rows)?, prepared.work, makings))
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
    PreviewArgs { sources, format: Format::Table, explain: None, view, output }
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
    Err(Error::usage(message).hint("spread the documents over several services (--spread, --create-services or `services` in the settings), or raise --quota if Tencent raised your quota"))
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
    printer::ask(&format!(
        "{first} {} APIs at {} ({})? This takes about {time}.",
        summary.items,
        destination.name,
        summary.services.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
    ))
}

/// Where the report goes unless a name was typed: a name made of date and time.
fn default_report(now: Timestamp) -> PathBuf {
    PathBuf::from(format!("reports/import-{}.csv", now.strftime("%Y%m%d-%H%M%S")))
}
