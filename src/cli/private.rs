//! What a resume needs and a report must not show: whole addresses of sources, with user,
//! password and query, and where further certificates lie. It is kept in a file beside the
//! report, for its owner alone, and only where there is something to hide.

use std::collections::HashMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::cli::destination::beside;
use crate::cli::error::{Error, Exit};
use crate::cli::options::RunOptions;
use crate::cli::process;
use crate::source;

/// What beside a report keeps it.
const SUFFIX: &str = ".private";

/// The content of the file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Private {
    /// All addresses of the import, in order: those that are shown alike are told apart by it.
    addresses: Vec<String>,
    ca_file: Option<PathBuf>,
}

/// The options as a report may hold them.
pub(crate) fn public(asked: &RunOptions) -> RunOptions {
    let mut public = asked.clone();
    let typed = &asked.sources.sources;
    let named = source::names(typed);
    let hidden = named.iter().zip(typed).filter(|(name, typed)| name != typed);
    public.hidden = hidden.map(|(name, _)| name.clone()).collect();
    public.sources.sources = named;
    public.gateway.ca_file = None;
    public.gateway.endpoint = asked.gateway.endpoint.as_deref().map(shown);
    public.sources.backend = asked.sources.backend.as_deref().map(shown);
    public.sources.backend_override = asked.sources.backend_override.as_deref().map(shown);
    public
}

fn shown(address: &str) -> String {
    crate::text::address(address).into_owned()
}

/// Keeps for a resume of this report what the report does not hold.
pub(crate) fn keep_beside(report: &Path, asked: &RunOptions) -> Result<(), Error> {
    let ca_file = asked.gateway.ca_file.clone();
    if public(asked).hidden.is_empty() && ca_file.is_none() {
        return Ok(());
    }
    let sources = asked.sources.sources.iter();
    let private =
        Private { addresses: sources.filter(|it| it.contains("://")).cloned().collect(), ca_file };
    let keep = || {
        // Made for its owner alone.
        let mut file = NamedTempFile::new_in(report.parent().unwrap_or(Path::new(".")))?;
        file.write_all(&serde_json::to_vec_pretty(&private)?)?;
        file.as_file().sync_all()?;
        file.persist(beside(report, SUFFIX)).map(drop).map_err(|error| error.error)
    };
    keep().map_err(|error: io::Error| {
        Error::new(Exit::Disk, format!("the addresses of the sources cannot be kept: {error}"))
    })
}

/// Brings back what was kept beside a report. What is not there any more stays hidden.
pub(crate) fn restore(asked: &mut RunOptions, report: &Path) {
    let kept = process::read(&beside(report, SUFFIX)).ok();
    let kept: Option<Private> = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let Private { addresses, ca_file } = kept.unwrap_or_default();
    let whole: HashMap<String, String> =
        source::names(&addresses).into_iter().zip(addresses).collect();
    for source in &mut asked.sources.sources {
        if let Some(whole) = whole.get(source) {
            source.clone_from(whole);
        }
    }
    asked.hidden.retain(|name| !whole.contains_key(name));
    asked.gateway.ca_file = asked.gateway.ca_file.take().or(ca_file);
}

/// That nothing that is to be read is still hidden: without its password another document might
/// come in its place.
pub(crate) fn check(asked: &RunOptions, report: &Path) -> Result<(), Error> {
    let Some(hidden) = asked.hidden.first() else { return Ok(()) };
    let file = beside(report, SUFFIX);
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let message = format!(
        "the report does not show the whole address of {hidden}, and {name} beside it is gone or \
         does not hold it: nothing was sent"
    );
    Err(Error::usage(message).hint(
        "write that file again with all addresses of the import in their order: \
         {\"addresses\": [\"https://USER:PASSWORD@HOST/PATH?QUERY\"]}",
    ))
}
