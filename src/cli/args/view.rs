//! What of a plan is shown.

use clap::Args;

/// What of a plan is printed; what is planned stays as it is.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct ViewArgs {
    /// List every document with its items and findings, also of several documents
    #[arg(long)]
    pub full: bool,
    /// List only what has this finding
    #[arg(long, value_name = "CODE")]
    pub finding: Vec<String>,
    /// List only findings of this severity
    #[arg(long, value_name = "S", value_parser = ["error", "warning", "note"])]
    pub severity: Option<String>,
    /// List only sources that match
    #[arg(long, value_name = "GLOB")]
    pub source: Vec<String>,
    /// List only operations that became this
    #[arg(long, value_name = "S", value_parser = ["item", "unfit", "skipped"])]
    pub status: Option<String>,
}
