//! What was typed, and nothing more: the commands and options as `clap` knows them.
//!
//! What they mean is decided by [`options`](crate::cli::options) and the session. No
//! option takes a secret: every process of the machine can see what is typed.

mod choices;
pub mod export;
mod view;

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand};

pub use choices::{DiffFormat, Format, Per, Progress, Retry};
use export::ExportWhat;
pub use view::ViewArgs;

/// Imports OpenAPI and Swagger catalogs into Tencent Cloud API Gateway.
#[derive(Debug, Parser)]
#[command(name = "apiferry", version, about, max_term_width = 100, after_help = AFTER_HELP)]
#[command(disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const AFTER_HELP: &str = "\
Exit codes: 0 everything in place; 2 wrong usage, nothing sent; 3 some refused or unfit; 4 some \
unconfirmed or duplicate, look in the console first; 5 stopped early, can be resumed; 6 disk or \
journal failed; 11 in use by another run; 130/143 interrupted.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a settings file with comments for these sources; no network, no credentials
    Init(InitArgs),
    /// Show what an import would send and what cannot be migrated; no network, no credentials
    Preview(PreviewArgs),
    /// Judge settings, sources, credentials, services and the room in them; writes nothing
    Check(CheckArgs),
    /// Compare the plan with what the gateway holds; changes nothing
    Diff(DiffArgs),
    /// Create the APIs and write a report
    Import(ImportArgs),
    /// Continue an import that was stopped, killed or partly refused
    Resume(ResumeArgs),
    /// Delete the APIs that a report lists as created
    Undo(UndoArgs),
    /// Write what services hold as OpenAPI documents
    Export(ExportArgs),
    /// Serve a simulated gateway on this machine
    Simulate(SimulateArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell to complete for
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
    /// Explain a command or a topic: findings, report, settings, scenario, exit-codes
    Help {
        /// A command, or a topic; after `findings` a code
        #[arg(value_name = "TOPIC")]
        words: Vec<String>,
    },
}

impl Command {
    /// What is shown while it works; completions and the manual show nothing.
    pub fn output(&self) -> Option<&OutputArgs> {
        match self {
            Self::Init(args) => Some(&args.output),
            Self::Preview(args) => Some(&args.output),
            Self::Check(args) => Some(&args.output),
            Self::Diff(args) => Some(&args.output),
            Self::Import(args) => Some(&args.output),
            Self::Resume(args) => Some(&args.output),
            Self::Undo(args) => Some(&args.output),
            Self::Export(args) => Some(&args.output),
            Self::Simulate(args) => Some(&args.output),
            Self::Completions { .. } | Self::Man | Self::Help { .. } => None,
        }
    }
}

/// What `init` takes.
#[derive(Debug, Clone, Args)]
pub struct InitArgs {
    /// Files, folders, globs, http(s) addresses, or - for standard input
    #[arg(required = true, value_name = "SOURCES", value_parser = NonEmptyStringValueParser::new())]
    pub sources: Vec<String>,
    /// The file to write, which must not exist
    #[arg(long, value_name = "FILE", default_value = "apiferry.yaml")]
    pub config: PathBuf,
    /// APIs that one service may hold [default: 100]
    #[arg(long, value_name = "N", value_parser = whole::<u64>, allow_negative_numbers = true)]
    pub quota: Option<u64>,
    #[command(flatten)]
    pub references: ReferenceArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What `preview` takes.
#[derive(Debug, Clone, Args)]
pub struct PreviewArgs {
    #[command(flatten)]
    pub sources: SourceArgs,
    /// How to print the plan
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Show where each field of one item comes from
    #[arg(long, value_name = "METHOD PATH")]
    pub explain: Option<String>,
    /// Also write a page that holds the whole plan, to look through or to mail
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub html: Option<PathBuf>,
    #[command(flatten)]
    pub view: ViewArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What `export` takes.
#[derive(Debug, Clone, Args)]
#[command(mut_arg("simulate", |simulate| simulate.hide(true)))]
pub struct ExportArgs {
    #[command(flatten)]
    pub what: ExportWhat,
    /// Settings file [default: apiferry.yaml, if there is one]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub gateway: GatewayArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What `check` takes.
#[derive(Debug, Clone, Args)]
#[command(mut_arg("sources", |sources| sources.required(false)))]
pub struct CheckArgs {
    #[command(flatten)]
    pub sources: SourceArgs,
    #[command(flatten)]
    pub gateway: GatewayArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What `diff` takes.
#[derive(Debug, Clone, Args)]
pub struct DiffArgs {
    #[command(flatten)]
    pub sources: SourceArgs,
    /// How to print the differences
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = DiffFormat::Table)]
    pub format: DiffFormat,
    /// Also list what is the same, and what the documents do not say
    #[arg(long, help_heading = "Output")]
    pub full: bool,
    /// Do not compare this field; repeatable
    #[arg(long, value_name = "FIELD")]
    pub ignore: Vec<String>,
    #[command(flatten)]
    pub gateway: GatewayArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What `import` takes.
#[derive(Debug, Clone, Args)]
pub struct ImportArgs {
    #[command(flatten)]
    pub sources: SourceArgs,
    /// Where the report goes [default: reports/import-YYYYMMDD-HHMMSS.csv]
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    pub report: Option<PathBuf>,
    /// Publish each touched service to this environment at the end
    #[arg(long, value_name = "ENV", help_heading = "Report")]
    pub release: Option<String>,
    /// Only show what would be done, like preview
    #[arg(long, help_heading = "Report")]
    pub dry_run: bool,
    /// Do not ask before a large import
    #[arg(long, help_heading = "Report")]
    pub yes: bool,
    #[command(flatten)]
    pub gateway: GatewayArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What `resume` takes.
#[derive(Debug, Clone, Args)]
pub struct ResumeArgs {
    /// The report of the import to continue
    pub report: PathBuf,
    /// Also send again what was refused or given up, what undo deleted, or what has gone since
    #[arg(long, value_name = "OUTCOME", value_enum)]
    pub retry: Vec<Retry>,
    /// Send what has not been sent yet to another service; repeatable
    #[arg(long, value_name = "OLD=NEW", value_parser = moved)]
    pub service: Vec<(String, String)>,
    /// Set a damaged journal aside and look every row up
    #[arg(long)]
    pub repair: bool,
    /// APIs that one service may hold [default: 100]
    #[arg(long, value_name = "N", value_parser = whole::<u64>, allow_negative_numbers = true)]
    pub quota: Option<u64>,
    /// Publish each touched service to this environment at the end
    #[arg(long, value_name = "ENV")]
    pub release: Option<String>,
    /// Only show what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Settings file [default: apiferry.yaml, if there is one]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub references: ReferenceArgs,
    #[command(flatten)]
    pub gateway: GatewayArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What `undo` takes.
#[derive(Debug, Clone, Args)]
pub struct UndoArgs {
    /// The report of the import to undo
    pub report: PathBuf,
    /// Only show what would be deleted
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Settings file [default: apiferry.yaml, if there is one]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub gateway: GatewayArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What `simulate` takes.
#[derive(Debug, Clone, Args)]
pub struct SimulateArgs {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8765")]
    pub listen: String,
    /// Write one JSON line per event; an existing file is continued, with the APIs recorded there
    #[arg(long, value_name = "FILE")]
    pub ledger: Option<PathBuf>,
    /// Faults and undocumented behaviour to simulate, JSON or YAML
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// APIs that one service may hold [default: 100]
    #[arg(long, value_name = "N", value_parser = whole::<u64>, allow_negative_numbers = true)]
    pub quota: Option<u64>,
    /// Requests allowed per second, for each action [default: 20]
    #[arg(long, value_name = "N", value_parser = whole::<u32>, allow_negative_numbers = true)]
    pub limit: Option<u32>,
    /// A service that exists; repeatable [default: service-simulated]
    #[arg(long, value_name = "ID")]
    pub service: Vec<String>,
    /// Settings file [default: apiferry.yaml, if there is one]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What is read, and how it is mapped.
#[derive(Debug, Clone, Args)]
pub struct SourceArgs {
    /// Files, folders, globs, http(s) addresses, or - for standard input
    #[arg(required = true, value_name = "SOURCES", value_parser = NonEmptyStringValueParser::new())]
    pub sources: Vec<String>,
    /// The service to create all APIs in
    #[arg(long, value_name = "ID", help_heading = "Mapping")]
    pub service: Option<String>,
    /// APIs that one service may hold [default: 100]
    #[arg(long, value_name = "N", value_parser = whole::<u64>, allow_negative_numbers = true, help_heading = "Mapping")]
    pub quota: Option<u64>,
    /// Spread the documents over these services
    #[arg(long, value_name = "ID,ID...", value_delimiter = ',', help_heading = "Mapping")]
    pub spread: Vec<String>,
    /// Create a service for each document, or with =folder for each top-level folder
    #[arg(
        long,
        value_name = "PER",
        value_enum,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "document",
        help_heading = "Mapping",
        conflicts_with_all = ["service", "spread"]
    )]
    pub create_services: Option<Per>,
    /// Settings file [default: apiferry.yaml, if there is one]
    #[arg(long, value_name = "FILE", help_heading = "Mapping")]
    pub config: Option<PathBuf>,
    /// Backend for documents that name none; relative servers start from it
    #[arg(long, value_name = "URL", help_heading = "Mapping")]
    pub backend: Option<String>,
    /// Backend in the place of all that documents name
    #[arg(long, value_name = "URL", help_heading = "Mapping")]
    pub backend_override: Option<String>,
    /// Use MOCK backends: where there is no other, or everywhere
    #[arg(long, value_name = "WHERE", value_parser = ["missing", "all"], help_heading = "Mapping")]
    pub mock: Option<String>,
    /// Leave out keys and tokens that documents hold in defaults and examples
    #[arg(long, help_heading = "Mapping")]
    pub redact: bool,
    /// Import only what matches: path:GLOB method:M tag:GLOB operation:GLOB source:GLOB deprecated
    #[arg(long, value_name = "EXPR", help_heading = "Mapping")]
    pub include: Vec<String>,
    /// Leave out what matches
    #[arg(long, value_name = "EXPR", help_heading = "Mapping")]
    pub exclude: Vec<String>,
    /// Send nothing if something is unfit
    #[arg(long, help_heading = "Findings")]
    pub strict: bool,
    /// Treat this finding as an error
    #[arg(long, value_name = "CODE", help_heading = "Findings")]
    pub deny: Vec<String>,
    /// Silence this finding
    #[arg(long, value_name = "CODE", help_heading = "Findings")]
    pub allow: Vec<String>,
    #[command(flatten)]
    pub references: ReferenceArgs,
}

/// How far references may reach.
#[derive(Debug, Clone, Args)]
pub struct ReferenceArgs {
    /// Let references fetch from this host
    #[arg(long, value_name = "HOST", help_heading = "References")]
    pub allow_remote_refs: Vec<String>,
    /// Let references read files below this folder
    #[arg(long, value_name = "DIR", help_heading = "References")]
    pub ref_root: Option<PathBuf>,
}

/// Where it is sent, and how fast.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Gateway")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct GatewayArgs {
    /// Send to a simulator inside this process: no credentials, no network
    #[arg(long)]
    pub simulate: bool,
    /// The gateway's address [default: the public one]
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    /// Region [default: `TENCENTCLOUD_REGION`, else the profile's]
    #[arg(long, value_name = "NAME")]
    pub region: Option<String>,
    /// Additional certificates to trust, PEM
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Allow plain http to a host that is not this machine
    #[arg(long)]
    pub allow_plain_http: bool,
    /// Use this tccli profile
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Use the credentials of this machine's role (CVM)
    #[arg(long)]
    pub cvm_role: bool,
    /// Language of the gateway's messages
    #[arg(long, value_name = "LANG", value_parser = ["zh-CN", "en-US"])]
    pub language: Option<String>,
    /// APIs to create per second [default: 18]
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    pub rate: Option<f64>,
    /// Requests per second that the gateway allows [default: 20]
    #[arg(long, value_name = "N", value_parser = whole::<u32>, allow_negative_numbers = true)]
    pub rate_limit: Option<u32>,
    /// APIs to read per second [default: 50]
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    pub read_rate: Option<f64>,
    /// Requests in flight at most [default: 16]
    #[arg(long, value_name = "N", value_parser = whole::<usize>, allow_negative_numbers = true)]
    pub concurrency: Option<usize>,
    /// Seconds that one request may take [default: 30]
    #[arg(long, value_name = "S", value_parser = number, allow_negative_numbers = true)]
    pub timeout: Option<f64>,
    /// Seconds after a lost answer before an API counts as not created [default: 60]
    #[arg(long, value_name = "S", value_parser = number, allow_negative_numbers = true)]
    pub settle: Option<f64>,
    /// Attempts to create one API [default: 3]
    #[arg(long, value_name = "N", value_parser = whole::<u32>, allow_negative_numbers = true)]
    pub attempts: Option<u32>,
    /// Wait until a lost request can no longer be accepted, about 370 seconds
    #[arg(long)]
    pub strict_once: bool,
    /// Stop the run after this many refusals [default: 50]
    #[arg(long, value_name = "N", value_parser = whole::<usize>, allow_negative_numbers = true)]
    pub max_failures: Option<usize>,
}

/// What is shown while working.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// How progress is shown
    #[arg(long, value_name = "HOW", value_enum, default_value_t = Progress::Auto)]
    pub progress: Progress,
    /// Print only errors and what was asked for
    #[arg(short, long)]
    pub quiet: bool,
    /// Print how each item ended; twice: every request
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// A whole number; its range is checked by [`settings`].
fn whole<N: TryFrom<i128>>(typed: &str) -> Result<N, String> {
    let number: i128 = typed.parse().map_err(|_| "not a whole number")?;
    let refused = if number < 0 { "must not be negative" } else { "too large" };
    N::try_from(number).map_err(|_| refused.to_owned())
}

/// One service in the place of another.
fn moved(typed: &str) -> Result<(String, String), String> {
    let (old, new) = typed.split_once('=').ok_or("not of the form OLD=NEW")?;
    let is_id =
        |it: &str| !it.is_empty() && !it.contains(|c: char| c.is_whitespace() || c.is_control());
    if !is_id(old) || !is_id(new) || old == new {
        return Err("not two service ids".to_owned());
    }
    Ok((old.to_owned(), new.to_owned()))
}

/// A number, with or without decimals.
fn number(typed: &str) -> Result<f64, String> {
    typed.parse().map_err(|_| "not a number".to_owned())
}
