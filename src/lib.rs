//! Imports OpenAPI and Swagger catalogs into Tencent Cloud API Gateway.
//!
//! The modules below are in the order in which a document passes through them: a [`source`] is
//! read, [`spec`] understands it, [`plan`] makes an item of each operation according to the
//! [`settings`], [`target`] is the gateway that receives the items, [`run`] sends them, and
//! [`report`] records what happened. [`show`] is what people read, [`simulator`] stands in for
//! the gateway on this machine, and [`cli`] is the command. A module imports only from those
//! above it; [`finding`] and [`text`] are open to all.
//!
//! # Words
//!
//! * *source*: a file as read; *document*: a source understood, version differences gone
//! * *operation*: one method on one path; *finding*: something to report about a source
//! * *item*: one API to create; *request*: the body that creates it
//! * *plan*: all items, and all operations that are unfit or skipped
//! * *look*: a listing of a service that shows whether an API is there
//! * *settle*: to wait until a late request can no longer take effect; *doubt*: an answer was
//!   lost, so that only a look can tell what it was
//! * *journey*: an item on its way; *outcome*: how an item ended; *row*: an outcome on paper
//! * *report*: all rows, a CSV; *journal*: what was meant and what happened, beside the report
//! * *fact*: what must be on disk before the run goes on; *event*: what people watch
//!
//! # Laws
//!
//! Each is held by a lint, by `tests/tidy.rs` or by the test that is named.
//!
//! * Imports go down only, and no two files import each other.
//! * `spec` and `plan` read no file, clock, environment or socket. What is wrong with a source
//!   is a [`finding::Finding`].
//! * Time, environment, terminal and the process's folder are values passed in.
//! * What belongs to one gateway alone is below [`target::tencent`] and in the simulator.
//! * The simulator reads and writes the wire form with code of its own, so that it cannot share
//!   a mistake with the client.
//! * Every operation ends in exactly one [`run::Outcome`], and every outcome is a row; after an
//!   answer that may hide a success, nothing is sent until a look found nothing. (The simulated
//!   runs in `src/run/simulated` and the harness in `tests/it/harness` hold both.)
//!
//! Left out: updating APIs that exist, reading a gateway out, and any other gateway.
//!
//! # Planning a folder
//!
//! Neither `cli` nor `simulator`, both default features, is needed for this.
//!
//! ```
//! use std::num::NonZero;
//!
//! use apiferry::plan::Catalog;
//! use apiferry::settings::PlanSettings;
//! use apiferry::source::{self, FoundSource, RefPolicy};
//!
//! # let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
//! let found = source::find(folder, &["samples".to_owned()]);
//! let policy = RefPolicy::default();
//! let settings =
//!     PlanSettings { service: Some("service-a".to_owned()), ..PlanSettings::default() };
//! let plan = Catalog {
//!     found: &found,
//!     open: |source: &FoundSource| source::open(source, &policy),
//!     settings: &settings,
//!     threads: NonZero::<usize>::MIN,
//! }
//! .plan();
//!
//! let summary = &plan.summary;
//! assert!(summary.items > 0);
//! assert_eq!(summary.items + summary.unfit + summary.skipped, summary.operations);
//! ```
//!
//! # Sending a plan to the simulator
//!
#![cfg_attr(feature = "simulator", doc = "```")]
#![cfg_attr(not(feature = "simulator"), doc = "```ignore")]
//! use std::sync::{Arc, Mutex};
//! use std::time::Duration;
//!
//! use apiferry::report::prepare;
//! use apiferry::run::{self, Fact, Outcome, RunSettings, Witness, WitnessLost, World};
//! use apiferry::simulator::{self, Account, Simulator};
//! use apiferry::target::tencent::client::{Client, ClientSettings, Proxies};
//! use apiferry::target::tencent::endpoint::Endpoint;
//! use apiferry::target::tencent::sign::{self, Credentials};
//!
//! /// Keeps facts in memory; a [`Report`](apiferry::report::Report) keeps them on disk.
//! struct Memory(Mutex<Vec<Fact>>);
//!
//! impl Witness for Memory {
//!     async fn state(&self, facts: Vec<Fact>) -> Result<(), WitnessLost> {
//!         self.0.lock().unwrap().extend(facts);
//!         Ok(())
//!     }
//! }
//!
//! # use apiferry::{plan::{Catalog, Plan}, settings::PlanSettings, source::{self, FoundSource}};
//! # fn plan(service: &str) -> Plan {
//! #     let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
//! #     let found = source::find(folder, &["samples/bookshop.json".to_owned()]);
//! #     let settings =
//! #         PlanSettings { service: Some(service.to_owned()), ..PlanSettings::default() };
//! #     let open = |source: &FoundSource| source::open(source, &Default::default());
//! #     let threads = std::num::NonZero::<usize>::MIN;
//! #     Catalog { found: &found, open, settings: &settings, threads }.plan()
//! # }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let simulator = Simulator::start(simulator::Settings::default()).await?;
//! let account = Account::example();
//! let client = Client::new(
//!     &ClientSettings {
//!         endpoint: Endpoint::parse(&simulator.endpoint(), false)?,
//!         region: "ap-guangzhou".to_owned(),
//!         language: None,
//!         timeout: Duration::from_secs(30),
//!         ca_pem: None,
//!         proxies: Proxies::default(),
//!     },
//!     Credentials::new(&account.id, &account.key, None),
//!     Arc::new(|| Box::pin(async { None })),
//! )?;
//! let settings = RunSettings {
//!     rate: 18.0,
//!     rate_limit: 20,
//!     concurrency: 16,
//!     settle: Duration::from_secs(60),
//!     attempts: 3,
//!     strict_once: false,
//!     signature_lifetime: sign::LIFETIME,
//!     max_failures: 50,
//!     quota: 100,
//!     seed: 1,
//! };
//! let (_sender, signals) = tokio::sync::mpsc::channel(1);
//! let world = World {
//!     gateway: Arc::new(client),
//!     witness: Arc::new(Memory(Mutex::default())),
//!     listeners: Vec::new(),
//!     signals,
//!     clock: Box::new(jiff::Timestamp::now),
//! };
//! let work = prepare::import(plan(simulator::SERVICE).into_entries()).work;
//! let ending = run::run(work, &settings, world).await;
//!
//! let created = |outcome: &Outcome| matches!(outcome, Outcome::Created { .. });
//! assert!(ending.settlements.iter().all(|it| created(&it.outcome)));
//! # Ok(())
//! # }
//! ```

pub mod finding;
pub mod text;

pub mod source;
pub mod spec;

pub mod target;

pub mod settings;

pub mod plan;

pub mod run;

pub mod report;

#[cfg(feature = "cli")]
pub mod show;

#[cfg(feature = "simulator")]
pub mod simulator;

#[cfg(feature = "cli")]
pub mod cli;
