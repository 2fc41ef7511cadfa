//! `preview`: prints the plan as it is made, and stops.

use std::io::{self, BufWriter};

use crate::cli::args::{Format, PreviewArgs};
use crate::cli::commands::{explain, services};
use crate::cli::error::{Error, Exit};
use crate::cli::options::{RunOptions, SourceOptions};
use crate::cli::session::Session;
use crate::cli::surroundings::Surroundings;
use crate::cli::{printer, process, settings};
use crate::plan::{Catalog, Go, PlannedSource, Summary, Unreadable};
use crate::settings::PlanSettings;
use crate::show::preview as print;
use crate::show::preview::{Extent, Lines, Narrow, Preview, Style};
use crate::source::{self, FoundSource, FoundSources};
use crate::text::escape;

/// Shows what an import would send and what cannot be migrated.
pub(crate) fn preview(args: &PreviewArgs, surroundings: &Surroundings) -> Result<Exit, Error> {
    show(args, Planned::AsItIs, surroundings)
}

/// Shows what an import would send, and refuses what it would refuse for want of a service.
pub(crate) fn dry_run(
    args: &PreviewArgs,
    simulate: bool,
    surroundings: &Surroundings,
) -> Result<Exit, Error> {
    show(args, Planned::AsImported { simulate }, surroundings)
}

/// What a plan is shown for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Planned {
    /// For itself: it needs no service yet.
    AsItIs,
    /// As an import would send it.
    AsImported { simulate: bool },
}

fn show(args: &PreviewArgs, planned: Planned, surroundings: &Surroundings) -> Result<Exit, Error> {
    let asked = RunOptions::of_sources(&args.sources, &surroundings.folder);
    let session = Session::new(asked, surroundings)?;
    let reach = session.ref_policy();
    let found = session.find(None);
    let settings = plan_settings(&session, &found, planned)?;
    let open = |source: &FoundSource| source::open(source, &reach);
    let threads = process::threads();
    let catalog = Catalog { found: &found, open, settings: &settings, threads };
    let narrow = settings::narrow(&args.view)?;
    let format = format(args, &narrow, surroundings);
    if let Some(route) = &args.explain {
        if args.format == Format::Sarif {
            return Err(Error::usage("--explain is no finding, so it has no form in SARIF"));
        }
        return explain::explain(route, &catalog, format);
    }
    let out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut preview = Preview::new(out, format, narrow);
    let mut written = Ok(());
    let mut first = None;
    let summary = catalog.visit(
        |set, draft| match args.format {
            Format::Table => Lines::of(&set, draft.places()),
            Format::Json | Format::Jsonl | Format::Sarif => Lines::default(),
        },
        |source| {
            match source {
                PlannedSource::Document(document, lines) => {
                    written = preview.document(&document, &lines);
                }
                PlannedSource::Unreadable(unreadable) => {
                    written = preview.unreadable(&unreadable);
                    first.get_or_insert(unreadable);
                }
                PlannedSource::PassedOver(name) if args.output.verbose > 0 => {
                    printer::note(false, &format!("passed over: {}", escape(&name)));
                }
                PlannedSource::PassedOver(_) => {}
            }
            if written.is_ok() { Go::On } else { Go::Stop }
        },
    );
    let written = written.and_then(|()| preview.finish(&summary));
    end(written, &summary, first.as_ref(), &session.asked.sources)
}

fn plan_settings(
    session: &Session,
    found: &FoundSources,
    planned: Planned,
) -> Result<PlanSettings, Error> {
    let Planned::AsImported { simulate } = planned else {
        let mut settings = session.plan_settings(settings::Purpose::Preview)?;
        settings.create_services = services::asked(session, found);
        return Ok(settings);
    };
    let mut settings = session.plan_settings(settings::Purpose::Import)?;
    services::choose(&mut settings, session, found, simulate)?;
    Ok(settings)
}

fn format(args: &PreviewArgs, narrow: &Narrow, surroundings: &Surroundings) -> print::Format {
    let style = Style { width: surroundings.columns(), colour: surroundings.colour_stdout() };
    let extent = match &args.view {
        _ if args.output.quiet => Extent::Totals,
        view if view.full || narrow.is_asked_for() => Extent::List,
        _ => Extent::Overview,
    };
    match args.format {
        Format::Json => print::Format::Json,
        Format::Jsonl => print::Format::Jsonl,
        Format::Sarif => print::Format::Sarif,
        Format::Table => print::Format::Table(style, extent),
    }
}

/// The exit code. A reader that closed the pipe has read enough, and that is no failure.
fn end(
    written: io::Result<()>,
    summary: &Summary,
    first: Option<&Unreadable>,
    args: &SourceOptions,
) -> Result<Exit, Error> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Exit::Done),
        Err(error) => {
            return Err(Error::new(Exit::Disk, format!("the preview cannot be written: {error}")));
        }
        Ok(()) => {}
    }
    settings::check_sources(summary, first)?;
    settings::check_strict(summary, args)?;
    let fits = summary.fits() && summary.overflows().next().is_none();
    Ok(if fits { Exit::Done } else { Exit::Partial })
}
