//! `help TOPIC`: what is too long for `--help`, each a text of its own.
//!
//! What the code holds in a table is made from it; of the rest a test holds that the text names
//! all that there is.

use std::fmt::Write as _;

use clap::CommandFactory as _;

use crate::cli::args::Cli;
use crate::cli::error::Error;
use crate::cli::settings;
use crate::show::findings;
use crate::text::did_you_mean;

/// The topics, in the order in which they are listed.
pub(crate) const TOPICS: [(&str, &str); 6] = [
    ("findings", "the codes of findings; `findings CODE` explains one"),
    ("report", "the columns of a report, and how an operation can end"),
    ("settings", "every key of apiferry.yaml"),
    ("scenario", "what a simulator can be made to do"),
    ("exit-codes", "what a script reads"),
    ("security", "what is trusted, what is not, and where secrets are"),
];

/// The text on a topic; `None`: there is no such topic.
pub(crate) fn topic(name: &str) -> Option<String> {
    Some(match name {
        "findings" => format!("{}\n{}", include_str!("help/findings.en.txt"), findings::list()),
        "report" => include_str!("help/report.en.txt").to_owned(),
        "settings" => format!(
            "{}\n{}",
            include_str!("help/settings.en.txt"),
            include_str!("../../samples/settings/apiferry.yaml")
        ),
        "scenario" => include_str!("help/scenario.en.txt").to_owned(),
        "exit-codes" => include_str!("help/exit-codes.en.txt").to_owned(),
        "security" => include_str!("help/security.en.txt").to_owned(),
        _ => return None,
    })
}

/// The text that these words ask for: a topic, a code, a command, or the program.
pub(crate) fn of(words: &[String]) -> Result<String, Error> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [] => Ok(program()),
        ["findings", code] => Ok(findings::explained(settings::code("help findings", code)?)),
        [name] => topic(name).or_else(|| command(name)).ok_or_else(|| unknown(name)),
        [name, ..] => Err(Error::usage(format!("help {name} takes no more words"))),
    }
}

fn program() -> String {
    let mut text = Cli::command().render_long_help().to_string();
    text.push_str("\nTopics of `apiferry help`:\n");
    for (name, about) in TOPICS {
        let _ = writeln!(text, "  {name:12} {about}");
    }
    text
}

fn command(name: &str) -> Option<String> {
    let mut program = Cli::command();
    program.build();
    program.find_subcommand_mut(name).map(|command| command.render_long_help().to_string())
}

fn unknown(name: &str) -> Error {
    let program = Cli::command();
    let commands = program.get_subcommands().map(clap::Command::get_name);
    let topics = TOPICS.iter().map(|(name, _)| *name);
    let error = Error::usage(format!("there is no help on {name:?}"));
    match did_you_mean(name, topics.clone().chain(commands)) {
        Some(advice) => error.hint(advice),
        None => error.hint(format!("the topics are {}", topics.collect::<Vec<_>>().join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::error::Exit;
    use crate::report::row;
    use crate::simulator::Scenario;

    /// Whether a line of the text begins with this name.
    fn lists(text: &str, name: &str) -> bool {
        text.lines()
            .any(|line| line.split([' ', ',']).any(|word| word == name) && !line.starts_with(' '))
    }

    #[test]
    fn every_topic_that_is_listed_is_there() {
        for (name, _) in TOPICS {
            assert!(topic(name).is_some_and(|text| text.len() > 200), "{name}");
        }
        assert_eq!(topic("nonsense"), None);
    }

    #[test]
    fn the_report_is_explained_with_every_column_and_every_outcome() {
        let text = topic("report").unwrap();
        let names = row::COLUMNS.iter().chain(&row::WORDS);
        let missing: Vec<_> = names.filter(|name| !lists(&text, name)).collect();
        assert!(missing.is_empty(), "not in src/cli/help/report.en.txt: {missing:?}");
    }

    #[test]
    fn every_exit_code_is_explained() {
        use Exit::*;
        let text = topic("exit-codes").unwrap();
        for exit in
            [Done, Bug, Usage, Partial, Doubt, Stopped, Disk, Locked, Interrupted, Terminated]
        {
            assert!(lists(&text, &(exit as u8).to_string()), "{exit:?}");
        }
    }

    #[test]
    fn every_key_of_a_scenario_is_explained() {
        let text = topic("scenario").unwrap();
        let refused = serde_json::from_str::<Scenario>(r#"{"no-key":1}"#).unwrap_err().to_string();
        let keys = refused.split('`').skip(3).step_by(2);
        let missing: Vec<_> = keys.filter(|key| !text.contains(&format!("{key}:"))).collect();
        assert!(missing.is_empty(), "not in src/cli/help/scenario.en.txt: {missing:?}");
    }
}
