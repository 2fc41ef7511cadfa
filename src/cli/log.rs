//! `-v`: how each item ended; `-vv`: every request. To standard error, without secrets.

use std::io::stderr;

use tracing::Level;
use tracing_subscriber::fmt;

use crate::cli::args::OutputArgs;
use crate::cli::surroundings::Surroundings;
use crate::run::{Event, EventKind, Listener, Work};
use crate::text::escape;

/// Starts logging at the level asked for. Errors are always logged.
pub fn start(output: &OutputArgs, surroundings: &Surroundings) {
    let level = match output.verbose {
        0 => Level::ERROR,
        1 => Level::INFO,
        _ => Level::DEBUG,
    };
    let filter = tracing_subscriber::EnvFilter::new(format!("off,apiferry={level}"));
    let format = fmt().with_env_filter(filter).with_writer(stderr).with_target(false);
    // Told on standard error that standard error is closed, a log panics.
    let format = format.log_internal_errors(false);
    // A log that was started already goes on as it is.
    let _ = format.with_ansi(surroundings.colour_stderr()).try_init();
}

/// Logs how each item ended, by its method and path.
#[derive(Debug)]
pub struct Log {
    routes: Vec<String>,
}

impl Log {
    /// Of the items of this work; `None`: nothing is logged.
    pub fn of(work: &Work, output: &OutputArgs) -> Option<Self> {
        let route = |key: &crate::plan::ItemKey| {
            format!("{} {} {}", escape(&key.service), escape(&key.method), escape(&key.path))
        };
        (output.verbose > 0)
            .then(|| Self { routes: work.items.iter().map(|it| route(&it.item.key)).collect() })
    }
}

impl Listener for Log {
    fn hear(&mut self, event: &Event) {
        if let EventKind::Settled { item, outcome, code, message } = &event.kind
            && let Some(route) = self.routes.get(item.0 as usize)
        {
            let outcome = outcome.as_str();
            if code.is_empty() {
                tracing::info!("{route}: {outcome}");
            } else {
                tracing::info!("{route}: {outcome}, {} ({})", escape(message), escape(code));
            }
        }
    }
}
