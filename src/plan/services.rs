//! Second step of a plan: a service for the items for which no setting names one.
//!
//! Such items of one document go to one service, which is assigned to it: one that an earlier
//! run gave it, one of `--spread`, or a new one of `--create-services`.

mod bonds;
mod create;
mod spread;

use crate::plan::draft::Draft;
use crate::plan::summary::NewService;
use crate::settings::PlanSettings;

use spread::Spread;

/// Assigns services to documents.
#[derive(Debug)]
pub(crate) struct Services<'a> {
    settings: &'a PlanSettings,
    spread: Spread,
}

impl<'a> Services<'a> {
    /// Nothing is assigned yet.
    pub(crate) fn new(settings: &'a PlanSettings) -> Self {
        Self { settings, spread: Spread::default() }
    }

    /// Assigns services to the next documents; all of the catalog at once where what they become
    /// depends on later ones. Returns which services have to be created for them.
    pub(crate) fn assign(&mut self, drafts: &mut [&mut Draft]) -> Vec<NewService> {
        let PlanSettings { spread, create_services, quota, .. } = self.settings;
        if let Some(per) = create_services {
            create::assign(drafts, per)
        } else {
            self.spread.assign(drafts, spread, *quota);
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests;
