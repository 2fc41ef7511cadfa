//! `check`: judges what an import rests on: the settings, the sources, the gateway with its
//! credentials, the services and the room in them. All faults are told at once. Nothing but
//! reads is sent, and nothing is written.

use std::collections::BTreeMap;
use std::path::Path;

use crate::cli::args::CheckArgs;
use crate::cli::commands::{print, services};
use crate::cli::destination::Destination;
use crate::cli::error::{Error, Exit};
use crate::cli::options::{GatewayOptions, RunOptions};
use crate::cli::session::Session;
use crate::cli::settings::{self, Purpose};
use crate::cli::surroundings::Surroundings;
use crate::cli::{printer, process};
use crate::plan::{Catalog, Entry, Plan, Summary};
use crate::run::survey::{self, Need, Standing};
use crate::source::{self, FoundSource};
use crate::text::escape;

/// Judges what an import rests on; the exit code is that of the gravest fault.
pub(crate) fn check(args: &CheckArgs, surroundings: &Surroundings) -> Result<Exit, Error> {
    let asked = RunOptions {
        gateway: GatewayOptions::of(&args.gateway, &surroundings.folder),
        ..RunOptions::of_sources(&args.sources, &surroundings.folder)
    };
    let mut verdict = Verdict::default();
    let session = match Session::new(asked.clone(), surroundings) {
        Ok(session) => {
            good("settings", "no fault");
            session
        }
        Err(error) => {
            verdict.fault(&error);
            Session::without_file(asked, surroundings)
        }
    };
    let plan = plan(&session);
    let plan = verdict.take(plan).flatten();
    if let Some(plan) = &plan {
        verdict.plan(plan);
    }
    let destination = verdict.take(session.destination());
    let quota = verdict.take(settings::quota(session.asked.sources.quota));
    if let (Some(destination), Some(quota)) = (destination, quota) {
        let needs = needs(plan.as_ref(), &session);
        let runtime = process::runtime()?;
        runtime.block_on(verdict.ask(&destination, &needs, quota));
        process::leave(runtime);
    }
    Ok(verdict.exit)
}

/// What was judged so far.
struct Verdict {
    exit: Exit,
}

impl Default for Verdict {
    fn default() -> Self {
        Self { exit: Exit::Done }
    }
}

impl Verdict {
    fn fault(&mut self, error: &Error) {
        self.exit = self.exit.or(printer::error(error));
    }

    fn take<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        result.map_err(|error| self.fault(&error)).ok()
    }

    fn plan(&mut self, plan: &Plan) {
        plan.unread().iter().for_each(printer::unreadable);
        plan.summary.unused.iter().for_each(printer::unused);
        let Summary { documents, items, unfit, skipped, .. } = plan.summary;
        let shown =
            format!("documents read: {documents}; {items} items, {unfit} unfit, {skipped} skipped");
        good("sources", shown);
        if !plan.summary.fits() {
            self.exit = self.exit.or(Exit::Partial);
        }
    }

    /// Asks the gateway: first whether it answers at all, then about each service.
    async fn ask(&mut self, destination: &Destination, needs: &[Need], quota: u64) {
        if destination.is_simulated() {
            return good("gateway", format!("{}: takes everything", destination.introduction));
        }
        let connected = destination.connect(Path::new(""), &[], quota, process::now()).await;
        let Some(open) = self.take(connected) else { return };
        let introduction = &destination.introduction;
        if let Err(why) = survey::reach(&*open.client).await {
            return self.fault(&Error::new(Exit::Stopped, format!("{introduction}: {why}")));
        }
        good("gateway", format!("{introduction}: answers"));
        for need in needs {
            match survey::survey(&*open.client, need).await {
                Ok(standing) => self.room(need, &standing, quota),
                Err(why) => {
                    let why = format!("the service {}: {why}", escape(&need.service));
                    self.fault(&Error::new(Exit::Stopped, why));
                }
            }
        }
    }

    fn room(&mut self, need: &Need, standing: &Standing, quota: u64) {
        let Standing { id, name, held, to_come } = standing;
        let name = name.as_deref().map(escape).unwrap_or_default();
        let shown = match id {
            None => format!("will be made; APIs to come: {to_come}"),
            Some(_) if *to_come == 0 => format!("{name}: {held} of {quota} APIs"),
            Some(_) => format!("{name}: {held} of {quota} APIs, {to_come} to come"),
        };
        good(&need.service, shown);
        if held + to_come > quota {
            let service = escape(&need.service);
            let verb = if *to_come == 1 { "is" } else { "are" };
            let message = format!(
                "the service {service} has no room: it holds {held} APIs, {to_come} {verb} to \
                 come, and {quota} is the most"
            );
            let hint = "spread the documents over several services, or raise --quota if Tencent raised your quota";
            self.fault(&Error::new(Exit::Stopped, message).hint(hint));
        }
    }
}

/// Prints what was judged, and how it stands.
fn good(what: &str, how: impl AsRef<str>) {
    print(format!("{:<12}  {}\n", escape(what), how.as_ref()).as_bytes());
}

/// The plan of the sources, where any are named.
fn plan(session: &Session) -> Result<Option<Plan>, Error> {
    let mut settings = session.plan_settings(Purpose::Import)?;
    if session.asked.sources.sources.is_empty() {
        return Ok(None);
    }
    let reach = session.ref_policy();
    let found = session.find(None);
    settings.create_services = services::asked(session, &found);
    if settings.create_services.is_none() {
        settings::check_service(&settings)?;
    }
    let open = |source: &FoundSource| source::open(source, &reach);
    let plan =
        Catalog { found: &found, open, settings: &settings, threads: process::threads() }.plan();
    settings::check_sources(&plan.summary, plan.unreadable.first())?;
    Ok(Some(plan))
}

/// The services that the plan has items for, and those that only the settings name.
fn needs(plan: Option<&Plan>, session: &Session) -> Vec<Need> {
    let mut needs = BTreeMap::new();
    let settings = session.plan_settings(Purpose::Import).unwrap_or_default();
    settings.named_services().for_each(|service| _ = need(&mut needs, service));
    let documents = plan.map(|plan| &*plan.documents).unwrap_or_default();
    for entry in documents.iter().flat_map(|document| &document.entries) {
        if let Entry::Item(item) = entry {
            let route = (item.key.method.clone(), item.key.path.clone());
            need(&mut needs, &item.key.service).routes.insert(route);
        }
    }
    let made = plan.map(|plan| &*plan.summary.new_services).unwrap_or_default();
    for new in made {
        need(&mut needs, &new.name).by_name = true;
    }
    needs.into_values().collect()
}

fn need<'n>(needs: &'n mut BTreeMap<String, Need>, service: &str) -> &'n mut Need {
    let fresh = || Need { service: service.to_owned(), ..Need::default() };
    needs.entry(service.to_owned()).or_insert_with(fresh)
}
