//! Options of which one of several words is chosen.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// How a plan is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// One object
    Json,
    /// One object per line
    Jsonl,
    /// The findings alone, SARIF 2.1.0, for code scanning
    Sarif,
}

/// How differences are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people
    Table,
    /// One object
    Json,
    /// One object per line
    Jsonl,
}

/// What `--create-services` makes a service for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// Each document, named after its title
    Document,
    /// Each top-level folder of the sources, named after the folder
    Folder,
}

/// What a resume sends again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Retry {
    /// What was refused or given up
    Refused,
    /// What undo deleted
    Deleted,
    /// What the import created and somebody has deleted since
    Gone,
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Progress {
    /// A bar on a terminal, plain lines elsewhere
    Auto,
    /// A bar
    Bar,
    /// A plain line every few seconds
    Plain,
    /// Nothing
    None,
}
