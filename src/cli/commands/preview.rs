//! `preview`: prints the plan as it is made, and stops.

use std::io::{self, BufWriter, Write};

use crate::cli::args::{Format, PreviewArgs};
use crate::cli::commands::catalog::{self, Station, Texts};
use crate::cli::commands::{explain, services};
use crate::cli::input::Input;
use crate::cli::options::{RunOptions, SourceOptions};
use crate::cli::session::Session;
use crate::cli::settings;
use crate::cli::surroundings::Surroundings;
use crate::error::{Error, Exit};
use crate::plan::ordered::Go;
use crate::plan::{Summary, Unreadable};
use crate::show::preview as print;
use crate::show::preview::{Preview, Style};
use crate::spec::tree::Tree;

/// Shows what an import would send and what cannot be carried over.
pub(crate) fn preview(args: &PreviewArgs, surroundings: &Surroundings) -> Result<Exit, Error> {
    let asked = RunOptions::of_sources(&args.sources, &surroundings.folder);
    let session = Session::new(asked, surroundings)?;
    let mut plan = session.plan_settings(settings::Purpose::Preview)?;
    let reach = session.reach();
    let mut found = session.find(None);
    let mut input = None;
    if let Some(per) = session.asked.sources.create_services {
        // The titles are read first, and standard input can be read only once.
        let kept = input.insert(Input::of(&session)?);
        found = session.find(kept.path());
        let needed = services::needed(&found, &reach, &mut plan, per);
        plan.made = services::stand_ins(&needed);
    }
    let style = Style { width: surroundings.columns(), colour: surroundings.colour_stdout() };
    if let Some(route) = &args.explain {
        return explain::explain(route, &found, &reach, &plan, format(args.format, style));
    }
    let out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut preview = Preview::new(out, format(args.format, style));
    let texts = if args.format == Format::Table { Texts::Kept } else { Texts::Dropped };
    let mut written = Ok(());
    let mut first = None;
    let summary = catalog::plan(&found, &reach, &plan, texts, |station| {
        written = write(&mut preview, &station);
        if let Station::Unreadable(unreadable) = station {
            first.get_or_insert(unreadable);
        }
        if written.is_ok() { Go::On } else { Go::Stop }
    });
    let written = written.and_then(|()| preview.finish(&summary));
    end(written, &summary, first.as_ref(), &session.asked.sources)
}

fn write<W: Write>(preview: &mut Preview<W>, station: &Station) -> io::Result<()> {
    match station {
        Station::Unreadable(unreadable) => preview.unreadable(unreadable, &|_| None),
        Station::Planned(planned, set) => {
            let text = |name: &str| {
                set.as_ref()?.trees().find(|tree| **tree.name() == *name).map(Tree::text)
            };
            preview.planned(planned, &text)
        }
    }
}

fn format(format: Format, style: Style) -> print::Format {
    match format {
        Format::Json => print::Format::Json,
        Format::Jsonl => print::Format::Jsonl,
        Format::Table => print::Format::Table(style),
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
