//! `preview`: prints the plan as it is made, and stops.

use std::io::{self, BufWriter};

use crate::cli::args::{Format, PreviewArgs};
use crate::cli::commands::{explain, page, services};
use crate::cli::error::{Error, Exit};
use crate::cli::options::{RunOptions, SourceOptions};
use crate::cli::session::Session;
use crate::cli::surroundings::Surroundings;
use crate::cli::{printer, process, settings};
use crate::plan::explain::explain_all;
use crate::plan::{Catalog, Go, PlannedDocument, PlannedSource, Summary, Unreadable};
use crate::settings::PlanSettings;
use crate::show::page::Page;
use crate::show::preview as print;
use crate::show::preview::{Extent, Lines, Narrow, Preview, Style};
use crate::source::{self, FoundSource, FoundSources};
use crate::spec::DocumentSet;
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
    let preview = Preview::new(out, format, narrow);
    let page = args.html.is_some().then(Page::default);
    let has_lines = args.format == Format::Table || page.is_some();
    let mut showing = Showing { preview, page, settings: &settings, written: Ok(()), first: None };
    let summary = catalog.visit(
        |set, draft| {
            let places = if has_lines { draft.places() } else { Vec::new() };
            (Lines::of(&set, places), args.html.is_some().then_some(set))
        },
        |source| showing.source(source, args.output.verbose),
    );
    if let (Some(page), Some(path)) = (showing.page, &args.html) {
        page::write(page, &summary, &session, path)?;
    }
    let written = showing.written.and_then(|()| showing.preview.finish(&summary));
    end(written, &summary, showing.first.as_ref(), &session.asked.sources)
}

/// What is shown of a plan as it comes.
struct Showing<'s, W> {
    preview: Preview<W>,
    page: Option<Page>,
    settings: &'s PlanSettings,
    written: io::Result<()>,
    /// The first source that cannot be read.
    first: Option<Unreadable>,
}

impl<W: io::Write> Showing<'_, W> {
    fn source(
        &mut self,
        source: PlannedSource<(Lines, Option<Box<DocumentSet>>)>,
        verbose: u8,
    ) -> Go {
        match source {
            PlannedSource::Document(document, (lines, set)) => {
                self.document(&document, &lines, set.as_deref());
            }
            PlannedSource::Unreadable(unreadable) => {
                self.print(|preview| preview.unreadable(&unreadable));
                if let Some(page) = &mut self.page {
                    page.unreadable(&unreadable);
                }
                self.first.get_or_insert(unreadable);
            }
            PlannedSource::PassedOver(name) if verbose > 0 => {
                printer::note(false, &format!("passed over: {}", escape(&name)));
            }
            PlannedSource::PassedOver(_) => {}
        }
        // A page is made whole, though nobody reads what is printed any more.
        if self.written.is_ok() || self.page.is_some() { Go::On } else { Go::Stop }
    }

    fn document(&mut self, document: &PlannedDocument, lines: &Lines, set: Option<&DocumentSet>) {
        self.print(|preview| preview.document(document, lines));
        let read = set.and_then(|set| set.document().ok());
        if let (Some(page), Some(read)) = (&mut self.page, read) {
            page.document(document, &explain_all(&read, document, self.settings), lines);
        }
    }

    fn print(&mut self, print: impl FnOnce(&mut Preview<W>) -> io::Result<()>) {
        if self.written.is_ok() {
            self.written = print(&mut self.preview);
        }
    }
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
