//! What the gateway holds and how it behaves: all that an action works on.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::simulator::call::Moment;
use crate::simulator::service::Policy;
use crate::simulator::settings::Settings;
use crate::simulator::store::Store;

/// What the gateway holds and how it behaves.
#[derive(Debug)]
pub(crate) struct Inventory {
    pub(crate) settings: Settings,
    pub(crate) store: Store,
    /// When the first create came, since the start.
    first_create: Option<Duration>,
    /// Until when a release keeps its service busy, since the start.
    releasing: HashMap<String, Duration>,
}

impl Inventory {
    /// What a gateway of these settings holds at first.
    pub(crate) fn new(settings: Settings, now: Timestamp) -> Self {
        let store = Store::new(&settings.services, settings.scenario.seed, now);
        Self { settings, store, first_create: None, releasing: HashMap::new() }
    }

    /// Notes that a create came.
    pub(crate) fn note_create(&mut self, at: Moment) {
        self.first_create.get_or_insert(at.since_start);
    }

    /// Since the first create.
    pub(crate) fn elapsed(&self, at: Moment) -> Duration {
        self.first_create.map_or(Duration::ZERO, |first| at.since_start.saturating_sub(first))
    }

    /// Whether a service is locked by another operation.
    pub(crate) fn is_busy(&self, service: &str, at: Moment) -> bool {
        let releasing = self.releasing.get(service).is_some_and(|until| at.since_start < *until);
        releasing || self.settings.scenario.is_busy(service, self.elapsed(at))
    }

    /// Keeps a service busy for as long as a release takes.
    pub(crate) fn release(&mut self, service: &str, at: Moment) {
        let length = Duration::from_millis(self.settings.scenario.release_ms);
        self.releasing.insert(service.to_owned(), at.since_start + length);
    }

    /// What decides whether an API may be added.
    pub(crate) fn policy(&self) -> Policy {
        Policy {
            quota: self.settings.quota,
            duplicates: self.settings.scenario.duplicates.clone(),
            same: self.settings.scenario.same,
            unique_names: self.settings.scenario.unique_names,
        }
    }
}
