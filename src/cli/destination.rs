//! Where a run sends: the gateway over HTTP, or a simulator inside this process. Either
//! way over a socket, by the same client.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::cli::credentials::{self, Identity, Wanted};
use crate::cli::error::{Error, Exit};
use crate::cli::options::GatewayOptions;
use crate::cli::surroundings::Surroundings;
use crate::cli::{process, settings};
use crate::report;
use crate::report::lock::{self, Lock};
use crate::settings::Connection;
use crate::simulator::{self, Account, Running, Simulator};
use crate::target::tencent::client::{Client, ClientSettings, Proxies, Proxy, Reload};
use crate::target::tencent::endpoint::{self, Endpoint};
use crate::target::tencent::sign::Credentials;
use crate::text;

/// What the simulator inside this process answers to.
const SIMULATED_REGION: &str = "ap-simulated";

/// Where a run sends, chosen and not yet connected.
#[derive(Debug)]
pub(crate) struct Destination {
    /// As shown to people.
    pub(crate) name: String,
    /// As saved in reports.
    pub(crate) region: String,
    /// What a person should see before anything is sent: where to, as whom, through what.
    pub(crate) introduction: String,
    /// The last four characters of the `SecretId`.
    pub(crate) secret_id_tail: String,
    kind: Kind,
    state_folder: PathBuf,
}

enum Kind {
    Simulated { settings: Box<simulator::Settings>, timeout: Duration },
    Gateway { client: Box<ClientSettings>, credentials: Credentials, reload: Reload },
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if matches!(self, Self::Simulated { .. }) { "Simulated" } else { "Gateway" })
    }
}

/// A destination that requests can be sent to, until it is dropped.
pub(crate) struct Connected {
    pub(crate) client: Arc<Client>,
    _simulator: Option<Running>,
    _locks: Vec<Lock>,
}

impl Destination {
    /// The one that was asked for, completed from the settings file and the profile.
    pub(crate) fn choose(
        asked: &GatewayOptions,
        file: &Connection,
        surroundings: &Surroundings,
    ) -> Result<Self, Error> {
        let variable = |name: &str| surroundings.variable(name).map(AsRef::as_ref);
        let (state, home) = (variable("XDG_STATE_HOME"), variable("HOME"));
        let state_folder = lock::state_folder(state, home, &surroundings.temporary);
        if asked.simulate {
            return Self::simulated(asked, state_folder);
        }
        let profile = asked.profile.clone().or_else(|| file.profile.clone());
        let wanted = Wanted { profile, cvm_role: asked.cvm_role };
        let found = credentials::find(&wanted, surroundings)?;
        let fallbacks = found.under(file);
        let typed = asked.endpoint.clone().or(fallbacks.endpoint);
        let name = typed.unwrap_or_else(|| endpoint::DEFAULT.to_owned());
        let region = settings::region(asked.region.as_deref(), fallbacks.region, surroundings)?;
        let client = client_settings(&name, &region, asked, surroundings)?;
        Ok(Self {
            introduction: introduction(&name, &client, &found),
            name,
            region,
            secret_id_tail: found.secret_id_tail,
            kind: Kind::Gateway {
                client: Box::new(client),
                credentials: found.credentials,
                reload: credentials::reload(wanted, surroundings.clone()),
            },
            state_folder,
        })
    }

    fn simulated(asked: &GatewayOptions, state_folder: PathBuf) -> Result<Self, Error> {
        let limit = asked.rate_limit.unwrap_or(20);
        let name = "the simulator inside this process".to_owned();
        let settings = Box::new(simulator::Settings { limit, ..simulator::Settings::default() });
        let timeout = settings::timeout(asked)?;
        Ok(Self {
            introduction: name.clone(),
            name,
            region: SIMULATED_REGION.to_owned(),
            secret_id_tail: String::new(),
            kind: Kind::Simulated { settings, timeout },
            state_folder,
        })
    }

    /// Whether it is the simulator inside this process.
    pub(crate) fn is_simulated(&self) -> bool {
        matches!(self.kind, Kind::Simulated { .. })
    }

    /// Locks services, by their ids or their names, against other runs on this machine.
    pub(crate) fn hold<'a>(
        &self,
        services: impl Iterator<Item = &'a str>,
        now: Timestamp,
    ) -> Result<Vec<Lock>, report::Error> {
        let Kind::Gateway { client, .. } = &self.kind else { return Ok(Vec::new()) };
        let (endpoint, region) = (client.endpoint.url().as_str(), &client.region);
        services.map(|it| Lock::service(&self.state_folder, endpoint, region, it, now)).collect()
    }

    /// Connects for these services, and locks them against other runs on this machine.
    pub(crate) async fn connect(
        &self,
        report: &Path,
        services: &[String],
        quota: u64,
        now: Timestamp,
    ) -> Result<Connected, Error> {
        match &self.kind {
            Kind::Simulated { settings, timeout } => {
                let mut settings = settings.as_ref().clone();
                let ledger = beside(report, ".simulator");
                settings.ledger = Some(ledger);
                settings.services = services.to_vec();
                settings.quota = quota;
                start_simulator(settings, *timeout).await
            }
            Kind::Gateway { client, credentials, reload } => {
                let locks = self.hold(services.iter().map(String::as_str), now)?;
                let client = Client::new(client, credentials.clone(), Arc::clone(reload))
                    .map_err(|error| Error::usage(error.to_string()))?;
                Ok(Connected { client: Arc::new(client), _simulator: None, _locks: locks })
            }
        }
    }
}

async fn start_simulator(
    settings: simulator::Settings,
    timeout: Duration,
) -> Result<Connected, Error> {
    let refused = |error: std::io::Error| {
        Error::new(Exit::Disk, format!("the simulator cannot start: {error}"))
            .hint("it keeps its APIs in a file beside the report")
    };
    let account = Account::example();
    let running = Simulator::start(settings).await.map_err(refused)?;
    let client = ClientSettings {
        endpoint: Endpoint::parse(&running.endpoint(), false)
            .map_err(|error| Error::usage(error.to_string()))?,
        region: SIMULATED_REGION.to_owned(),
        language: None,
        timeout,
        ca_pem: None,
        proxies: Proxies::default(),
    };
    let reload: Reload = Arc::new(|| Box::pin(async { None }));
    let client = Client::new(&client, Credentials::new(&account.id, &account.key, None), reload)
        .map_err(|error| Error::new(Exit::Bug, error.to_string()))?;
    Ok(Connected { client: Arc::new(client), _simulator: Some(running), _locks: Vec::new() })
}

fn client_settings(
    name: &str,
    region: &str,
    asked: &GatewayOptions,
    surroundings: &Surroundings,
) -> Result<ClientSettings, Error> {
    let endpoint = Endpoint::parse(name, asked.allow_plain_http)
        .map_err(|error| Error::usage(format!("the endpoint {}: {error}", text::address(name))))?;
    settings::check_region(&endpoint, region)?;
    Ok(ClientSettings {
        endpoint,
        region: region.to_owned(),
        language: asked.language.clone(),
        timeout: settings::timeout(asked)?,
        ca_pem: asked.ca_file.as_deref().map(read_ca).transpose()?,
        proxies: proxies(surroundings),
    })
}

fn introduction(name: &str, client: &ClientSettings, found: &Identity) -> String {
    let region = &client.region;
    let access = client.endpoint.region().filter(|access| access != region);
    let access =
        access.map(|access| format!(", through the access region {access}")).unwrap_or_default();
    let proxy = proxy_of(client).map(|proxy| format!(", through the proxy {proxy}"));
    format!(
        "{name} in {region}{access}, as \u{2026}{} from {}{}",
        found.secret_id_tail,
        found.source,
        proxy.unwrap_or_default(),
    )
}

fn read_ca(path: &Path) -> Result<Vec<u8>, Error> {
    // Where certificates lie may tell more than a log should hold.
    let why = |error: std::io::Error| error.to_string().replace(&*path.to_string_lossy(), "FILE");
    process::read(path).map_err(|error| Error::usage(format!("--ca-file: {}", why(error))))
}

fn proxies(surroundings: &Surroundings) -> Proxies {
    let set = |upper: &'static str, lower: &'static str| {
        let value = |variable| Some((variable, surroundings.variable(variable)?.to_owned()));
        value(upper).or_else(|| value(lower))
    };
    let proxy = |(variable, address)| Proxy { variable, address };
    Proxies {
        https: set("HTTPS_PROXY", "https_proxy").map(proxy),
        http: set("HTTP_PROXY", "http_proxy").map(proxy),
        none_for: set("NO_PROXY", "no_proxy").map(|(_, hosts)| hosts),
    }
}

/// The proxy that requests go through, without user and password.
fn proxy_of(client: &ClientSettings) -> Option<String> {
    Some(client.proxies.on_the_way_to(&client.endpoint)?.shown().into_owned())
}

/// A file beside the report, named after it.
pub(crate) fn beside(report: &Path, suffix: &str) -> PathBuf {
    let mut name = report.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    report.with_file_name(name)
}
