//! `diff`: the plan against what the gateway holds. Only reads are sent.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use crate::cli::args::{DiffArgs, DiffFormat};
use crate::cli::commands::services;
use crate::cli::error::{Error, Exit};
use crate::cli::options::{GatewayOptions, RunOptions};
use crate::cli::session::Session;
use crate::cli::settings::{self, Purpose, check_sources};
use crate::cli::surroundings::Surroundings;
use crate::cli::{printer, process};
use crate::plan::difference::{Difference, Holdings};
use crate::plan::{Catalog, Entry, Item, Plan};
use crate::run::reading::{self, ReadPace};
use crate::show::differences::Differences;
use crate::source::{self, FoundSource};
use crate::target::Gateway;
use crate::target::tencent::client::Client;
use crate::text::escape;

/// Shows what an import would create and change.
pub(crate) fn diff(args: &DiffArgs, surroundings: &Surroundings) -> Result<Exit, Error> {
    let asked = RunOptions {
        gateway: GatewayOptions::of(&args.gateway, &surroundings.folder),
        ..RunOptions::of_sources(&args.sources, &surroundings.folder)
    };
    args.ignore.iter().try_for_each(|name| settings::field(name))?;
    let session = Session::new(asked, surroundings)?;
    let destination = session.destination()?;
    if destination.is_simulated() {
        return Err(Error::usage("--simulate: a simulator inside this process holds nothing yet")
            .hint("start one by `apiferry simulate`, and name it by --endpoint"));
    }
    let run = session.run_settings()?;
    let rate = settings::read_rate(&session.asked.gateway)?;
    let pace = ReadPace { rate, in_flight: run.concurrency };
    let plan = plan(&session)?;
    check_sources(&plan.summary, plan.unreadable.first())?;
    plan.unread().iter().for_each(printer::unreadable);
    let runtime = process::runtime()?;
    let compared = runtime.block_on(async {
        let open = destination.connect(Path::new(""), &[], run.quota, process::now()).await?;
        compare(&plan, &open.client, pace, &args.ignore).await.map_err(|why| {
            Error::new(Exit::Stopped, format!("what the gateway holds cannot be read: {why}"))
        })
    });
    process::leave(runtime);
    let differences = compared?;
    print(&differences, args)?;
    let done = !differences.any() && differences.unfit() == 0 && plan.summary.unreadable == 0;
    Ok(if done { Exit::Done } else { Exit::Partial })
}

fn plan(session: &Session) -> Result<Plan, Error> {
    let mut settings = session.plan_settings(Purpose::Import)?;
    let reach = session.ref_policy();
    let found = session.find(None);
    services::choose(&mut settings, session, &found, false)?;
    let open = |source: &FoundSource| source::open(source, &reach);
    let threads = process::threads();
    Ok(Catalog { found: &found, open, settings: &settings, threads }.plan())
}

/// Lists the services of the plan, reads what it has a key for, and compares.
async fn compare<'p>(
    plan: &'p Plan,
    gateway: &Client,
    pace: ReadPace,
    ignored: &[String],
) -> Result<Differences<'p>, String> {
    let ids = service_ids(plan, gateway).await?;
    let mut holdings = Holdings::default();
    for (service, id) in &ids {
        let listed = reading::list(gateway, id).await;
        holdings.add(service, listed.map_err(|why| format!("{}: {why}", escape(service)))?);
    }
    let entries = plan.documents.iter().flat_map(|document| &document.entries);
    let (mut items, mut others): (Vec<&'p Item>, Vec<&'p Entry>) = Default::default();
    for entry in entries {
        match entry {
            Entry::Item(item) => items.push(item),
            Entry::Unfit(_) | Entry::Skipped(_) => others.push(entry),
        }
    }
    let compared = read_and_compare(&items, (&holdings, &ids), gateway, pace, ignored).await?;
    let only_there = holdings.besides(items.iter().map(|item| &item.key));
    let only_there = only_there.into_iter().cloned().collect();
    Ok(Differences { compared, others, only_there })
}

/// Compares each item with the API of its key. A read-back is dropped as soon as it is compared.
async fn read_and_compare<'p>(
    items: &[&'p Item],
    (holdings, services): (&Holdings, &BTreeMap<String, String>),
    gateway: &Client,
    pace: ReadPace,
    ignored: &[String],
) -> Result<Vec<(&'p Item, Difference)>, String> {
    let known = |item: &&'p Item| {
        let id = holdings.only_id(&item.key)?;
        Some((*item, (services.get(&item.key.service)?.as_str(), id)))
    };
    let (read, asked): (Vec<&Item>, Vec<(&str, &str)>) = items.iter().filter_map(known).unzip();
    let mut found = HashMap::new();
    reading::read_each(gateway, pace, &asked, |place, held| {
        let item = read[place];
        let difference = Difference::of(item, holdings, held.as_ref()).ignoring(ignored);
        found.insert(&item.key, difference);
    })
    .await?;
    let stands = |item: &&'p Item| {
        let ids = holdings.ids(&item.key);
        let difference = match ids.len() {
            0 => Difference::Create,
            1 => found.remove(&item.key).unwrap_or(Difference::Create),
            _ => Difference::Duplicate { ids: ids.to_vec() },
        };
        (*item, difference)
    };
    Ok(items.iter().map(stands).collect())
}

/// The ids of the services that a plan names, by what its items name them by. One that would
/// still be made is looked for by its name, and holds nothing where there is none.
async fn service_ids(plan: &Plan, gateway: &Client) -> Result<BTreeMap<String, String>, String> {
    let mut ids = BTreeMap::new();
    for service in plan.summary.services.keys() {
        if !plan.summary.new_services.iter().any(|new| new.name == *service) {
            ids.insert(service.clone(), service.clone());
            continue;
        }
        let named = reading::ask(gateway, || gateway.services_named(service)).await?;
        match &*named {
            [] => {}
            [one] => _ = ids.insert(service.clone(), one.service_id.clone()),
            several => {
                let count = several.len();
                return Err(format!("{count} services are called {}", escape(service)));
            }
        }
    }
    Ok(ids)
}

fn print(differences: &Differences<'_>, args: &DiffArgs) -> Result<(), Error> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let written = match args.format {
        DiffFormat::Table => differences.write_table(&mut out, args.full),
        DiffFormat::Json => differences.write_object(&mut out),
        DiffFormat::Jsonl => differences.write_lines(&mut out),
    };
    match written.and_then(|()| out.flush()) {
        // A reader that closed the pipe has read enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::new(Exit::Disk, format!("the differences cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}
