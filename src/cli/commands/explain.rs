//! `preview --explain`: where each field of one operation's request comes from.

use std::io::{self, BufWriter};

use crate::cli::error::{Error, Exit};
use crate::cli::settings;
use crate::finding::has_errors;
use crate::plan::explain::{Route, explain as explained};
use crate::plan::{Catalog, Go, PlannedDocument, PlannedSource};
use crate::settings::PlanSettings;
use crate::show::preview::{Explanations, Format, Lines};
use crate::source::{FoundSource, SourceContent};
use crate::spec::DocumentSet;

/// Explains every operation of the sources that has this method and path, as the whole plan
/// has it.
pub(crate) fn explain(
    asked: &str,
    catalog: &Catalog<'_, impl Fn(&FoundSource) -> SourceContent + Sync>,
    format: Format,
) -> Result<Exit, Error> {
    let route: Route = asked.parse().map_err(|()| {
        Error::usage(format!("--explain needs a method and a path, not {asked:?}"))
            .hint("write it as --explain 'GET /pets/{id}'")
    })?;
    let out = Explanations::new(BufWriter::new(io::stdout().lock()), format);
    let mut explaining = Explaining { settings: catalog.settings, route: &route, out, fits: true };
    let mut written = Ok(());
    let (mut first, mut known) = (None, Vec::new());
    let summary = catalog.visit(
        |set, draft| (route.may_be_in(draft).then_some(set), draft.routes()),
        |source| {
            match source {
                PlannedSource::Document(document, (set, routes)) => {
                    known.extend(routes);
                    written = set.map_or(Ok(()), |it| explaining.document(&document, &it));
                }
                PlannedSource::Unreadable(unreadable) => _ = first.get_or_insert(unreadable),
                PlannedSource::PassedOver(_) => {}
            }
            if written.is_ok() { Go::On } else { Go::Stop }
        },
    );
    settings::check_sources(&summary, first.as_ref())?;
    if written.is_ok() && explaining.out.count() == 0 {
        let advice = route.advice(&known);
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
    route: &'a Route,
    out: Explanations<W>,
    /// Whether all that was explained can be sent.
    fits: bool,
}

impl<W: io::Write> Explaining<'_, W> {
    fn document(&mut self, planned: &PlannedDocument, set: &DocumentSet) -> io::Result<()> {
        let Ok(document) = set.document() else { return Ok(()) };
        for explanation in explained(&document, planned, self.settings, self.route) {
            self.fits &= !has_errors(&explanation.findings);
            let places = explanation.findings.iter().map(|finding| finding.place.clone());
            self.out.write(&explanation, &Lines::of(set, places))?;
        }
        Ok(())
    }
}
