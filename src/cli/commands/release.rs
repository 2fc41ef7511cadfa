//! `--release`: which environment is meant, and the lines about publishing.

use jiff::Timestamp;

use crate::cli::error::{Error, Exit};
use crate::run::publish::Publication;
use crate::run::{Outcome, Settlement, Witness};
use crate::target::Gateway;
use crate::target::tencent::ENVIRONMENTS;
use crate::text::escape;

/// An environment as typed.
pub(crate) fn environment(typed: Option<&str>) -> Result<Option<String>, Error> {
    match typed {
        Some(name) if !ENVIRONMENTS.contains(&name) => {
            Err(Error::usage(format!("--release {name:?}: no such environment"))
                .hint("the gateway has test, prepub and release"))
        }
        typed => Ok(typed.map(str::to_owned)),
    }
}

/// Publishes what is due and prints a line for each service; the exit code.
pub(crate) async fn publish<G: Gateway, W: Witness>(
    publication: &Publication,
    settlements: &[Settlement],
    (gateway, witness): (&G, &W),
    clock: fn() -> Timestamp,
    mut tell: impl FnMut(String),
) -> Exit {
    let (mut exit, environment) = (Exit::Done, publication.environment());
    let due = publication.due(settlements);
    if due.is_empty() {
        tell(nothing_new(environment, settlements));
    }
    for service in due {
        tell(match publication.publish(service, gateway, witness, clock).await {
            Ok(address) => {
                let at = address.map(|it| format!(" at {}", escape(&it))).unwrap_or_default();
                format!("{service} is published to {environment}{at}")
            }
            Err(why) => {
                exit = Exit::Stopped;
                format!(
                    "{service} was not published: {why}; `apiferry resume` tries again, or publish it in the console"
                )
            }
        });
    }
    exit
}

fn nothing_new(environment: &str, settlements: &[Settlement]) -> String {
    let theirs = settlements.iter().any(|it| matches!(it.outcome, Outcome::Exists { .. }));
    let advice =
        if theirs { "; APIs that existed before are published in the console" } else { "" };
    format!("nothing new to publish to {environment}{advice}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_gateways_environments_are_taken() {
        assert_eq!(environment(None).unwrap(), None);
        assert_eq!(environment(Some("prepub")).unwrap().as_deref(), Some("prepub"));
        assert!(environment(Some("production")).is_err());
    }
}
