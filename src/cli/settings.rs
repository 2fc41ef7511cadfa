//! What is meant: (what was typed, the settings file, the surroundings) to one value per
//! room. All defaults and all questions of precedence are answered here.

mod file;
mod gateway;
mod narrow;
mod plan;

pub use file::file;
pub use gateway::{check_region, field, quota, read_rate, region, run_settings, timeout};
pub use narrow::narrow;
pub use plan::{Purpose, check_service, check_sources, check_strict, code, plan, service_id, told};
