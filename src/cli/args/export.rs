//! What `export` takes besides where the gateway is.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};

/// Which services are exported, where to and how.
#[derive(Debug, Clone, Args)]
pub struct ExportWhat {
    /// A service to export; repeatable
    #[arg(long = "service", value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub services: Vec<String>,
    /// Export every service of the account in this region
    #[arg(long, conflicts_with = "services")]
    pub all: bool,
    /// Where the documents go; `-` is standard output, for one service
    #[arg(long, value_name = "DIR", default_value = "exports")]
    pub out: PathBuf,
    /// How to write the documents
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ExportFormat::Yaml)]
    pub format: ExportFormat,
    /// Overwrite files that are there
    #[arg(long)]
    pub force: bool,
    /// Write nothing; end with 3 where files differ from what the gateway holds
    #[arg(long, conflicts_with = "force")]
    pub check: bool,
    /// Read saved answers of the gateway's `DescribeApi` and `DescribeApisStatus` instead
    #[arg(long, value_name = "DIR")]
    pub from_answers: Option<PathBuf>,
    /// Keep what the gateway answered, a file for each API
    #[arg(long, value_name = "DIR", conflicts_with = "from_answers")]
    pub keep_answers: Option<PathBuf>,
}

/// How exported documents are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// YAML
    Yaml,
    /// JSON
    Json,
}
