//! `undo`: deletes what a report says was created, through the same pipeline.

use crate::cli::commands::carry::{Carried, carry};
use crate::cli::commands::import::head;
use crate::cli::commands::resume::{Typed, check_target, remembered, there};
use crate::cli::commands::stage::Stage;
use crate::cli::commands::world;
use crate::cli::surroundings::Surroundings;
use crate::cli::{UndoArgs, printer, settings};
use crate::error::{Error, Exit};
use crate::report::Report;
use crate::report::opening::{self, Decided};
use crate::text::escape;

/// Deletes what this report says was created or found, and nothing else.
pub(crate) fn undo(args: UndoArgs, world: &Surroundings) -> Result<Exit, Error> {
    let now = world::now();
    let earlier = Report::reopen(&world.folder.join(&args.report), false, now)?;
    let remembered = remembered(&earlier, &typed(&args), world)?;
    let (world, file) = there(&earlier, &remembered, world)?;
    let stage = Stage::set(&remembered.gateway, &file.connection, &world)?;
    check_target(earlier.head.as_ref(), &stage)?;
    let quota = settings::quota(remembered.sources.quota)?;
    let rate = file.connection.rate;
    let run = settings::run_settings(&remembered.gateway, quota, rate, world::seed())?;
    let decided = opening::undo(earlier.rows.clone());
    if args.dry_run {
        list(&decided);
        return Ok(Exit::Done);
    }
    let count = decided.work.items.len();
    let time = crate::cli::commands::duration(count, run.rate);
    let question = format!(
        "Delete {count} APIs that this report made, at {} in {}? It takes about {time}.",
        stage.name, stage.region
    );
    if count > 0 && !args.yes && world.can_ask && !printer::ask(&question)? {
        return Err(Error::usage("nothing was deleted, as you wished"));
    }
    let report = earlier.go_on(head(&remembered, &stage, now), decided.opening)?;
    let told = args.report;
    let work = decided.work;
    carry(
        Carried { report, told, work, stage, run, unreadable: 0, undo: true, release: None },
        &args.output,
        &world,
    )
}

fn typed(args: &UndoArgs) -> Typed<'_> {
    Typed { gateway: &args.gateway, config: args.config.as_deref() }
}

/// What would be deleted, to standard output: it is what was asked for.
fn list(decided: &Decided) {
    for assignment in &decided.work.items {
        let key = &assignment.item.key;
        let api_id = assignment.was.standing_id().unwrap_or_default();
        let line = format!("{} {api_id} {} {}", key.service, key.method, key.path);
        crate::cli::commands::print(escape(&line).as_bytes());
        crate::cli::commands::print(b"\n");
    }
}
