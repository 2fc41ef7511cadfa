//! `simulate`: serves a stand-in of the gateway until it is told to stop.

use std::io::Write as _;
use std::path::Path;

use tokio::net::TcpListener;

use crate::cli::args::SimulateArgs;
use crate::cli::error::{Error, Exit};
use crate::cli::printer;
use crate::cli::process::{self, Stopped};
use crate::cli::settings::told;
use crate::cli::surroundings::Surroundings;
use crate::simulator::{self, Account, Scenario, Settings};
use crate::spec::SourceText;
use crate::spec::tree::Tree;

/// Serves until a signal ends it.
pub(crate) fn simulate(args: &SimulateArgs, surroundings: &Surroundings) -> Result<Exit, Error> {
    let settings = settings(args, surroundings)?;
    process::runtime()?.block_on(serve(args, settings))
}

async fn serve(args: &SimulateArgs, settings: Settings) -> Result<Exit, Error> {
    let refused = |error: std::io::Error| {
        Error::usage(format!("cannot listen on {}: {error}", args.listen))
            .hint("--listen 127.0.0.1:0 takes a free port")
    };
    let listener = TcpListener::bind(&args.listen).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    announce(&address.to_string());
    introduce(args, &settings);
    let mut signals = process::signals(Stopped::AtOnce);
    let shutdown = async move {
        signals.recv().await;
    };
    simulator::serve(listener, settings, shutdown).await.map_err(|error| {
        Error::new(Exit::Disk, format!("the simulator stopped: {error}"))
            .hint("check that the ledger can be written")
    })?;
    Ok(Exit::Done)
}

/// The first line, which scripts wait for.
fn announce(address: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "listening on http://{address}");
    let _ = out.flush();
}

fn introduce(args: &SimulateArgs, settings: &Settings) {
    let quiet = args.output.quiet;
    printer::note(quiet, &format!("services: {}", settings.services.join(", ")));
    printer::note(
        quiet,
        &format!(
            "limits: {} APIs per service, {} requests per second",
            settings.quota, settings.limit
        ),
    );
    let ids: Vec<&str> = settings.credentials.iter().map(|account| account.id.as_str()).collect();
    printer::note(
        quiet,
        &format!("credentials known: {} (key of AKIDEXAMPLE: SecretExample)", ids.join(", ")),
    );
    printer::note(quiet, "stop it with Ctrl-C");
}

fn settings(args: &SimulateArgs, surroundings: &Surroundings) -> Result<Settings, Error> {
    let default = Settings::default();
    Ok(Settings {
        services: if args.service.is_empty() { default.services } else { args.service.clone() },
        quota: args.quota.unwrap_or(default.quota),
        limit: args.limit.unwrap_or(default.limit),
        credentials: accounts(surroundings),
        ledger: args.ledger.clone(),
        scenario: args.scenario.as_deref().map(scenario).transpose()?.unwrap_or_default(),
    })
}

/// The example's account, and the one that this shell would import with.
fn accounts(surroundings: &Surroundings) -> Vec<Account> {
    let own = surroundings
        .variable("TENCENTCLOUD_SECRET_ID")
        .zip(surroundings.variable("TENCENTCLOUD_SECRET_KEY"))
        .filter(|(id, _)| *id != "AKIDEXAMPLE")
        .map(|(id, key)| Account::new(id, key));
    std::iter::once(Account::example()).chain(own).collect()
}

fn scenario(path: &Path) -> Result<Scenario, Error> {
    let text =
        process::read_text(path).map_err(|error| Error::usage(format!("the scenario: {error}")))?;
    let refused = |error: String| {
        Error::usage(format!("the scenario {error}"))
            .hint("`apiferry help scenario` shows every key")
    };
    let name = path.display().to_string();
    let tree = Tree::read(SourceText { name: name.as_str().into(), text });
    let tree = tree.map_err(|finding| refused(told(&finding)))?;
    Scenario::of(tree.root().to_value()).map_err(|error| refused(format!("{name}: {error}")))
}
