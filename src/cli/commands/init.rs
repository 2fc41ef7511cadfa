//! `init`: writes a settings file for a catalog. What it says is `plan`'s proposal, how it is
//! written `show`'s business. A settings file that exists is neither read nor overwritten.

use std::io;

use crate::cli::args::InitArgs;
use crate::cli::commands::print;
use crate::cli::error::{Error, Exit};
use crate::cli::options::RunOptions;
use crate::cli::session::Session;
use crate::cli::surroundings::Surroundings;
use crate::cli::{printer, process, settings};
use crate::plan::{Catalog, Go, Outline, PlannedSource, Proposal};
use crate::show::proposal;
use crate::source::{self, FoundSource};
use crate::spec::DocumentSet;

/// Writes a settings file for these sources.
pub(crate) fn init(args: &InitArgs, surroundings: &Surroundings) -> Result<Exit, Error> {
    let asked = RunOptions::of_init(args, &surroundings.folder);
    let session = Session::without_file(asked, surroundings);
    let settings = session.plan_settings(settings::Purpose::Preview)?;
    let (found, reach) = (session.find(None), session.ref_policy());
    let open = |source: &FoundSource| source::open(source, &reach);
    let catalog = Catalog { found: &found, open, settings: &settings, threads: process::threads() };
    let (mut outlines, mut unreadable) = (Vec::new(), None);
    let summary = catalog.visit(
        |set, draft| Outline::of(draft, tags(&set)),
        |source| {
            match source {
                PlannedSource::Document(_, outline) => outlines.push(outline),
                PlannedSource::Unreadable(source) => drop(unreadable.get_or_insert(source)),
                PlannedSource::PassedOver(_) => {}
            }
            Go::On
        },
    );
    settings::check_sources(&summary, unreadable.as_ref())?;
    let proposal = Proposal::of(&outlines, &source::folders(&found), settings.quota);
    let path = surroundings.folder.join(&args.config);
    let shown = args.config.display();
    process::write_new(&path, &proposal::settings_file(&proposal)).map_err(|error| {
        let refused = Error::usage(format!("{shown} cannot be written: {error}"));
        match error.kind() {
            io::ErrorKind::AlreadyExists => {
                refused.hint("name another file by --config, or move that one away")
            }
            _ => refused,
        }
    })?;
    let made_up = "ids of services and addresses of backends in it are made up: put yours there";
    printer::note(args.output.quiet, made_up);
    print(format!("{shown}\n").as_bytes());
    Ok(if summary.unreadable > 0 { Exit::Partial } else { Exit::Done })
}

/// The tags of each operation, in the document's order.
fn tags(set: &DocumentSet) -> Vec<Vec<String>> {
    let document = set.document();
    document.map_or_else(
        |_| Vec::new(),
        |document| document.operations().map(|operation| operation.tags).collect(),
    )
}
