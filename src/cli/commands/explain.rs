//! `preview --explain`: where each field of one operation's request comes from.

use std::io::{self, BufWriter, Write as _};

use crate::error::{Error, Exit};
use crate::plan::explain::explain as explanations;
use crate::plan::preview::{Style, explanation};
use crate::plan::{PlanSettings, is_unfit};
use crate::source::{self, Found, Opened, Reach};
use crate::spec::tree::Tree;

/// Explains every operation of the sources that has this method and path.
pub(super) fn explain(
    route: &str,
    found: &Found,
    reach: &Reach,
    settings: &PlanSettings,
    style: Style,
) -> Result<Exit, Error> {
    let (method, path) = route.trim().split_once(char::is_whitespace).ok_or_else(|| {
        Error::usage(format!("--explain takes a method and a path, not {route:?}"))
            .hint("write it as --explain 'GET /pets/{id}'")
    })?;
    let mut out = BufWriter::new(io::stdout().lock());
    let (mut count, mut fits) = (0, true);
    for found in &found.sources {
        let Opened::Read(shelf) = source::open(found, reach) else { continue };
        let Ok(document) = shelf.document() else { continue };
        let text = |name: &str| shelf.trees().find(|tree| **tree.name() == *name).map(Tree::text);
        for one in explanations(&document, settings, method, path.trim()) {
            count += 1;
            fits &= !is_unfit(&one.findings);
            if let Err(error) = explanation(&mut out, &one, style, &text) {
                return broken(&error);
            }
        }
    }
    if count == 0 {
        return Err(Error::usage(format!("no source has the operation {route}"))
            .hint("apiferry preview SOURCES lists the operations"));
    }
    match out.flush() {
        Err(error) => broken(&error),
        Ok(()) => Ok(if fits { Exit::Done } else { Exit::Partial }),
    }
}

/// A reader that closed the pipe has read enough.
fn broken(error: &io::Error) -> Result<Exit, Error> {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Ok(Exit::Done);
    }
    Err(Error::new(Exit::Disk, format!("the explanation cannot be written: {error}")))
}
