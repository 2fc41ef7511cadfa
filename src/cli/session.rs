//! What a command works with: the surroundings, the settings file and what was asked for,
//! and what is meant by them together. Made here alone, so that every command means the same.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;

use crate::cli::destination::Destination;
use crate::cli::error::Error;
use crate::cli::options::RunOptions;
use crate::cli::settings::{self, Purpose};
use crate::cli::surroundings::Surroundings;
use crate::cli::{private, process};
use crate::report::{Head, Moment, Prior, Uptime};
use crate::run::RunSettings;
use crate::settings::{Connection, PlanSettings, Settings};
use crate::source::{self, FoundSources, Origin, RefPolicy};

/// All that a command knows before it begins.
#[derive(Debug)]
pub(crate) struct Session {
    /// The surroundings, in the folder of the run.
    pub(crate) surroundings: Surroundings,
    /// What was asked for, now and by the report that is continued.
    pub(crate) asked: RunOptions,
    /// The settings file.
    pub(crate) file: Settings,
    /// When the command began.
    pub(crate) now: Timestamp,
    /// How long the machine had run by then.
    uptime: Option<Uptime>,
}

impl Session {
    /// Reads the settings file.
    pub(crate) fn new(asked: RunOptions, surroundings: &Surroundings) -> Result<Self, Error> {
        let file = settings::file(asked.sources.config.as_deref(), &asked.folder, |path| {
            process::read_text(path)
        })?;
        Ok(Self::with(asked, file, surroundings))
    }

    /// Without a settings file, for one that cannot be read.
    pub(crate) fn without_file(asked: RunOptions, surroundings: &Surroundings) -> Self {
        Self::with(asked, Settings::default(), surroundings)
    }

    /// Takes up what a report saved, under what is typed now. Where the folder of its import
    /// is gone, so is the settings file, and the report still knows the gateway.
    pub(crate) fn of_report(
        prior: &Prior,
        typed: RunOptions,
        surroundings: &Surroundings,
    ) -> Result<Self, Error> {
        let mut saved = saved(prior, &surroundings.folder)?;
        saved.moved.extend(prior.moved.clone());
        let mut asked = typed.over(saved);
        asked.services.extend(made_for(prior));
        private::restore(&mut asked, prior.path());
        if asked.folder.is_dir() {
            return Self::new(asked, surroundings);
        }
        let known = |text: fn(&Head) -> &String| prior.head.as_ref().map(text).cloned();
        let (endpoint, region) = (known(|head| &head.endpoint), known(|head| &head.region));
        let connection = Connection { endpoint, region, ..Connection::default() };
        let file = Settings { connection, ..Settings::default() };
        Ok(Self::with(asked, file, surroundings))
    }

    fn with(asked: RunOptions, file: Settings, surroundings: &Surroundings) -> Self {
        let surroundings = surroundings.at(&asked.folder);
        let Moment { wall: now, uptime } = process::moment();
        Self { surroundings, asked, file, now, uptime }
    }

    /// Whether the folder of the import is gone, and with it its sources and settings.
    pub(crate) fn folder_is_gone(&self) -> bool {
        !self.surroundings.folder.is_dir()
    }

    /// Where requests go.
    pub(crate) fn destination(&self) -> Result<Destination, Error> {
        Destination::choose(&self.asked.gateway, &self.file.connection, &self.surroundings)
    }

    /// The same for a report, which belongs to one gateway: elsewhere, what it calls created
    /// is not there.
    pub(crate) fn destination_of(&self, head: Option<&Head>) -> Result<Destination, Error> {
        let destination = self.destination()?;
        let Some(head) = head else { return Ok(destination) };
        if (&head.endpoint, &head.region) == (&destination.name, &destination.region) {
            return Ok(destination);
        }
        let message = format!(
            "the report belongs to {} in {}, but this command would send to {} in {}",
            head.endpoint, head.region, destination.name, destination.region
        );
        Err(Error::usage(message).hint("use a new report for another gateway (`apiferry import`)"))
    }

    /// How fast, how often and how long.
    pub(crate) fn run_settings(&self) -> Result<RunSettings, Error> {
        let quota = settings::quota(self.asked.sources.quota)?;
        let rate = self.file.connection.rate;
        settings::run_settings(&self.asked.gateway, quota, rate, process::seed())
    }

    /// How documents are mapped. Services that an earlier run chose stay chosen.
    pub(crate) fn plan_settings(&self, purpose: Purpose) -> Result<PlanSettings, Error> {
        let mut plan = settings::plan(&self.asked.sources, self.file.plan.clone(), purpose)?;
        plan.assigned.clone_from(&self.asked.services);
        plan.move_services(&self.asked.moved);
        Ok(plan)
    }

    /// Whether a report was begun for just what is asked for now.
    pub(crate) fn began(&self, prior: &Prior) -> bool {
        let Ok(mut saved) = saved(prior, &self.surroundings.folder) else { return false };
        private::restore(&mut saved, prior.path());
        RunOptions { services: self.asked.services.clone(), ..saved } == self.asked
    }

    /// What references may reach.
    pub(crate) fn ref_policy(&self) -> RefPolicy {
        let sources = &self.asked.sources;
        RefPolicy { root: sources.ref_root.clone(), hosts: sources.allow_remote_refs.clone() }
    }

    /// The sources; standard input was kept in a file.
    pub(crate) fn find(&self, input: Option<&Path>) -> FoundSources {
        let mut found = source::find(&self.surroundings.folder, &self.asked.sources.sources);
        for source in &mut found.sources {
            if let (Origin::Input, Some(path)) = (&source.origin, input) {
                source.origin = Origin::File(path.to_owned());
            }
        }
        found
    }

    /// The head of a report's journal.
    pub(crate) fn head(&self, destination: &Destination) -> Head {
        let run = format!("{:x}-{}", self.now.as_millisecond(), std::process::id());
        let (name, region) = (destination.name.clone(), destination.region.clone());
        let mut head = Head::new(run, self.now, name, region);
        head.uptime.clone_from(&self.uptime);
        head.secret_id_tail.clone_from(&destination.secret_id_tail);
        head.moved.clone_from(&self.asked.moved);
        head.settings = serde_json::to_value(private::public(&self.asked)).unwrap_or_default();
        head
    }
}

/// The sources whose rows are in a service that this report has made or found by its name.
fn made_for(prior: &Prior) -> impl Iterator<Item = (String, String)> {
    let made: BTreeSet<&str> = prior.makings.values().filter_map(|it| it.id.as_deref()).collect();
    let rows = prior.rows.iter().filter(move |row| made.contains(&*row.service));
    rows.map(|row| (row.source.to_string(), row.service.to_string()))
}

/// What a report saved about its import; without a journal, what its rows show.
fn saved(prior: &Prior, folder: &Path) -> Result<RunOptions, Error> {
    let Some(head) = &prior.head else {
        return Ok(RunOptions::of_rows(prior.rows.iter(), folder));
    };
    serde_json::from_value(head.settings.clone()).map_err(|error| {
        let message = format!("the report was written by another version: {error}");
        Error::usage(message).hint("resume it with the version that wrote it")
    })
}
