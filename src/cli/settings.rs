//! What is meant: (what was typed, the settings file, the surroundings) to one value per
//! station. All defaults and all questions of what outranks what are answered here.

mod file;
mod gateway;
mod plan;
mod remembered;

pub use file::file;
pub use gateway::{Target, check_region, quota, run_settings, target, timeout};
pub use plan::{
    Purpose, check_service, check_sources, check_strict, plan, reach, service_id, told,
};
pub use remembered::Remembered;
