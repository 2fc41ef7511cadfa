//! `preview --explain`: where each field of one operation's request comes from.

use std::io::{self, BufWriter};

use crate::cli::commands::catalog::{self, Station, Texts};
use crate::cli::settings;
use crate::error::{Error, Exit};
use crate::finding::has_errors;
use crate::plan::Planned;
use crate::plan::explain::{Route, explain as explained, routes};
use crate::plan::ordered::Go;
use crate::settings::PlanSettings;
use crate::show::preview::{Explanations, Format};
use crate::source::{Found, Reach};
use crate::spec::DocumentSet;
use crate::spec::tree::Tree;

/// Explains every operation of the sources that has this method and path, as the whole plan
/// has it.
pub(crate) fn explain(
    asked: &str,
    found: &Found,
    reach: &Reach,
    settings: &PlanSettings,
    format: Format,
) -> Result<Exit, Error> {
    let route = asked.parse().map_err(|()| {
        Error::usage(format!("--explain takes a method and a path, not {asked:?}"))
            .hint("write it as --explain 'GET /pets/{id}'")
    })?;
    let out = Explanations::new(BufWriter::new(io::stdout().lock()), format);
    let mut explaining = Explaining { settings, route, out, fits: true, known: Vec::new() };
    let mut written = Ok(());
    let mut first = None;
    let summary = catalog::plan(found, reach, settings, Texts::Kept, |station| {
        match station {
            Station::Planned(planned, Some(set)) => {
                written = explaining.document(&planned, &set);
            }
            Station::Planned(_, None) => {}
            Station::Unreadable(unreadable) => _ = first.get_or_insert(unreadable),
        }
        if written.is_ok() { Go::On } else { Go::Stop }
    });
    settings::check_sources(&summary, first.as_ref())?;
    if written.is_ok() && explaining.out.count() == 0 {
        let advice = explaining.route.advice(&explaining.known);
        let advice =
            advice.unwrap_or_else(|| "apiferry preview SOURCES lists the operations".to_owned());
        let unread = match summary.unreadable {
            0 => String::new(),
            count => format!(" ({count} cannot be read)"),
        };
        let message = format!("no source has the operation {asked}{unread}");
        return Err(Error::usage(message).hint(advice));
    }
    let fits = explaining.fits;
    match written.and_then(|()| explaining.out.finish()) {
        // A reader that closed the pipe has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Done),
        Err(error) => {
            Err(Error::new(Exit::Disk, format!("the explanation cannot be written: {error}")))
        }
        Ok(()) => Ok(if fits { Exit::Done } else { Exit::Partial }),
    }
}

struct Explaining<'a, W> {
    settings: &'a PlanSettings,
    route: Route,
    out: Explanations<W>,
    /// Whether all that was explained can be sent.
    fits: bool,
    /// The routes of all operations, for the one that was probably meant.
    known: Vec<(String, String)>,
}

impl<W: io::Write> Explaining<'_, W> {
    fn document(&mut self, planned: &Planned, texts: &DocumentSet) -> io::Result<()> {
        let Ok(document) = texts.document() else { return Ok(()) };
        let text = |name: &str| texts.trees().find(|tree| **tree.name() == *name).map(Tree::text);
        for explanation in explained(&document, planned, self.settings, &self.route) {
            self.fits &= !has_errors(&explanation.findings);
            self.out.write(&explanation, &text)?;
        }
        if self.out.count() == 0 {
            self.known.extend(routes(&document, planned));
        }
        Ok(())
    }
}
