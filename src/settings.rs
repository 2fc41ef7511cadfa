//! What a plan is made by: the settings file and the options, as one value.
//!
//! Options are put over the file's values by the command; nothing here knows where a value
//! was typed. Connection settings are in the same file and are read with the rest.

pub(crate) mod baseline;
pub(crate) mod codes;
pub mod condition;
mod file;
pub(crate) mod layers;
mod plan_settings;
mod reader;
mod schema;
pub(crate) mod security;
pub(crate) mod template;
pub(crate) mod unused;

pub use file::{Connection, Settings, json_schema, parse};
pub use plan_settings::{CreateServices, PlanSettings, Rule, SecurityRule, ServiceRule};
pub use reader::SettingsError;
