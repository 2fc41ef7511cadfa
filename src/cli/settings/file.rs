//! The settings file: where it is, and what it says of the plan and of the connection.

use std::path::Path;

use super::Fallbacks;
use super::plan::file_path;
use crate::cli::surroundings::Surroundings;
use crate::error::Error;
use crate::plan::PlanSettings;

/// What the settings file says; the built-in defaults where there is none.
#[derive(Debug, Clone, Default)]
pub struct File {
    /// Of the plan.
    pub plan: PlanSettings,
    /// Of the connection.
    pub connection: Fallbacks,
}

/// Reads the settings file that is named, or `apiferry.yaml` where the command runs, if
/// there is one.
pub fn file(typed: Option<&Path>, world: &Surroundings) -> Result<File, Error> {
    let (path, named) = file_path(typed, world);
    if !named && !path.exists() {
        return Ok(File::default());
    }
    Err(Error::usage(format!("{}: settings files are not read yet", path.display())))
}
