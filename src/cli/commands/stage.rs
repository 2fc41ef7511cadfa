//! Where a run sends: the gateway over HTTP, or a simulator inside this process. Either
//! way over a socket, by the same client.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::cli::commands::world as outside;
use crate::cli::credentials::{self, Wanted};
use crate::cli::surroundings::Surroundings;
use crate::cli::{GatewayArgs, Language, settings};
use crate::error::{Error, Exit};
use crate::report::lock::{self, Lock};
use crate::settings::Connection;
use crate::simulator::{self, Account, Running, Simulator};
use crate::target::tencent::client::{Client, ClientSettings, Proxies, Reload};
use crate::target::tencent::endpoint::Endpoint;
use crate::target::tencent::sign::Credentials;

/// What the simulator inside this process answers to.
const SIMULATED_REGION: &str = "ap-simulated";

/// Where a run sends, decided and not yet opened.
pub(crate) struct Stage {
    /// As people know it.
    pub(crate) name: String,
    /// As reports remember it.
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

/// A stage that is open; closes when it is dropped.
pub(crate) struct Open {
    pub(crate) client: Arc<Client>,
    _simulator: Option<Running>,
    _locks: Vec<Lock>,
}

impl Stage {
    /// The stage that the arguments ask for.
    pub(crate) fn set(
        args: &GatewayArgs,
        file: &Connection,
        world: &Surroundings,
    ) -> Result<Self, Error> {
        let state_folder = lock::state_folder(
            world.variable("XDG_STATE_HOME").map(AsRef::as_ref),
            world.variable("HOME").map(AsRef::as_ref),
            &world.temporary,
        );
        if args.simulate {
            return Self::simulated(args, state_folder);
        }
        let profile = args.profile.clone().or_else(|| file.profile.clone());
        let wanted = Wanted { profile, cvm_role: args.cvm_role };
        let found = credentials::find(&wanted, world)?;
        let target = settings::target(args, &found.under(file), world)?;
        let endpoint = endpoint(&target)?;
        settings::check_region(&endpoint, &target.region)?;
        let access = endpoint.region().filter(|region| *region != target.region);
        let access = access.map(|region| format!(", by way of {region}")).unwrap_or_default();
        let client = ClientSettings {
            endpoint,
            region: target.region.clone(),
            language: target.language.map(language),
            timeout: target.timeout,
            ca_pem: target
                .ca_file
                .as_deref()
                .map(|file| read_ca(&world.folder.join(file)))
                .transpose()?,
            proxies: proxies(world),
        };
        let proxy = proxy_of(&client).map(|proxy| format!(", through the proxy {proxy}"));
        Ok(Self {
            introduction: format!(
                "{} in {}{access}, as \u{2026}{} from {}{}",
                target.endpoint,
                target.region,
                found.secret_id_tail,
                found.source,
                proxy.unwrap_or_default(),
            ),
            name: target.endpoint,
            region: target.region,
            secret_id_tail: found.secret_id_tail,
            kind: Kind::Gateway {
                client: Box::new(client),
                credentials: found.credentials,
                reload: credentials::reload(wanted, world.clone()),
            },
            state_folder,
        })
    }

    fn simulated(args: &GatewayArgs, state_folder: PathBuf) -> Result<Self, Error> {
        let limit = args.rate_limit.unwrap_or(20);
        let name = "the simulator inside this process".to_owned();
        let settings = simulator::Settings { limit, ..simulator::Settings::default() };
        Ok(Self {
            introduction: name.clone(),
            name,
            region: SIMULATED_REGION.to_owned(),
            secret_id_tail: String::new(),
            kind: Kind::Simulated {
                settings: Box::new(settings),
                timeout: settings::timeout(args)?,
            },
            state_folder,
        })
    }

    /// Whether it is the simulator inside this process.
    pub(crate) fn is_simulated(&self) -> bool {
        matches!(self.kind, Kind::Simulated { .. })
    }

    /// The service that takes everything where nobody names one.
    pub(crate) fn fallback_service(&self) -> Option<String> {
        self.is_simulated().then(|| simulator::SERVICE.to_owned())
    }

    /// Opens it for these services, and holds them against other runs of this machine.
    pub(crate) async fn open(
        &self,
        report: &Path,
        services: &[String],
        quota: u64,
        now: Timestamp,
    ) -> Result<Open, Error> {
        match &self.kind {
            Kind::Simulated { settings, timeout } => {
                let mut settings = settings.as_ref().clone();
                let ledger = beside(report, ".simulator");
                make_folder_of(&ledger)?;
                settings.ledger = Some(ledger);
                settings.services = services.to_vec();
                settings.quota = quota;
                open_simulator(settings, *timeout).await
            }
            Kind::Gateway { client, credentials, reload } => {
                let hold = |service: &String| {
                    Lock::service(
                        &self.state_folder,
                        client.endpoint.url().as_str(),
                        &client.region,
                        service,
                        now,
                    )
                };
                let locks = services.iter().map(hold).collect::<Result<_, _>>()?;
                let client = Client::new(client, credentials.clone(), Arc::clone(reload))
                    .map_err(|error| Error::usage(error.to_string()))?;
                Ok(Open { client: Arc::new(client), _simulator: None, _locks: locks })
            }
        }
    }
}

/// Services are made before the report is, and with them the folder of both.
fn make_folder_of(file: &Path) -> Result<(), Error> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs_err::create_dir_all(folder)
        .map_err(|error| Error::usage(format!("the folder of the report: {error}")))
}

async fn open_simulator(settings: simulator::Settings, timeout: Duration) -> Result<Open, Error> {
    let refused = |error: std::io::Error| {
        Error::new(Exit::Disk, format!("the simulator cannot start: {error}"))
            .hint("it keeps what it holds beside the report")
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
    Ok(Open { client: Arc::new(client), _simulator: Some(running), _locks: Vec::new() })
}

fn endpoint(target: &settings::Target) -> Result<Endpoint, Error> {
    Endpoint::parse(&target.endpoint, target.allow_plain_http).map_err(|error| {
        // What signs in to it is no one else's business.
        let shown = target.endpoint.rsplit('@').next().unwrap_or_default();
        Error::usage(format!("the endpoint {shown}: {error}"))
    })
}

fn language(language: Language) -> String {
    match language {
        Language::Chinese => "zh-CN".to_owned(),
        Language::English => "en-US".to_owned(),
    }
}

fn read_ca(path: &Path) -> Result<Vec<u8>, Error> {
    outside::read(path).map_err(|error| Error::usage(format!("--ca-file: {error}")))
}

fn proxies(world: &Surroundings) -> Proxies {
    let variable = |upper: &str, lower: &str| {
        world.variable(upper).or_else(|| world.variable(lower)).map(str::to_owned)
    };
    Proxies {
        https: variable("HTTPS_PROXY", "https_proxy"),
        http: variable("HTTP_PROXY", "http_proxy"),
        none_for: variable("NO_PROXY", "no_proxy"),
    }
}

/// The proxy that requests go through, without what signs in to it.
fn proxy_of(client: &ClientSettings) -> Option<String> {
    let address = client.proxies.on_the_way_to(&client.endpoint)?;
    Some(address.rsplit('@').next().unwrap_or_default().to_owned())
}

/// A file beside the report, named after it.
pub(crate) fn beside(report: &Path, suffix: &str) -> PathBuf {
    let mut name = report.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    report.with_file_name(name)
}
