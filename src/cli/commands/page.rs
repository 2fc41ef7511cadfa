//! `--html`: where a page goes.

use std::path::Path;

use crate::cli::error::{Error, Exit};
use crate::cli::process;
use crate::cli::session::Session;
use crate::plan::Summary;
use crate::show::page::Page;

/// Writes a page in the place of what may be there.
pub(crate) fn write(
    page: Page,
    summary: &Summary,
    session: &Session,
    path: &Path,
) -> Result<(), Error> {
    let made = session.now.strftime("%Y-%m-%d %H:%M UTC").to_string();
    let refused = |error: &dyn std::fmt::Display| {
        Error::new(Exit::Disk, format!("{}: the page cannot be written: {error}", path.display()))
    };
    let text = page.finish(summary, &made).map_err(|error| refused(&error))?;
    process::write(&session.surroundings.folder.join(path), &text).map_err(|error| refused(&error))
}
