//! The world as it is when the program starts: read once, passed on as a value.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

/// Environment, terminal and folder, captured once and never looked at again.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Variables whose names and values are UTF-8. Others are ignored.
    variables: BTreeMap<String, String>,
    /// Where the command runs.
    pub folder: PathBuf,
    /// Where temporary files go.
    pub temporary: PathBuf,
    /// Whether a person can be asked: standard input and standard error are a terminal.
    pub can_ask: bool,
    /// Whether standard error is a terminal.
    pub stderr_is_terminal: bool,
    /// Whether standard output is a terminal.
    pub stdout_is_terminal: bool,
    /// Width of the terminal at standard output.
    terminal_columns: Option<u16>,
}

impl Surroundings {
    /// Captures the process's own.
    #[expect(clippy::disallowed_methods, reason = "read here once, and passed on")]
    pub fn capture() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let stderr_is_terminal = std::io::stderr().is_terminal();
        Self {
            variables,
            folder: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            temporary: std::env::temp_dir(),
            can_ask: std::io::stdin().is_terminal() && stderr_is_terminal,
            stderr_is_terminal,
            stdout_is_terminal: std::io::stdout().is_terminal(),
            terminal_columns: terminal_size::terminal_size_of(std::io::stdout())
                .map(|(width, _)| width.0),
        }
    }

    /// The same for a command that runs in this folder.
    #[must_use]
    pub fn at(&self, folder: &Path) -> Self {
        Self { folder: folder.to_owned(), ..self.clone() }
    }

    /// Surroundings of these variables, without a terminal.
    #[cfg(test)]
    pub(crate) fn of<'v>(variables: impl IntoIterator<Item = (&'v str, &'v str)>) -> Self {
        let owned = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self { variables: owned.collect(), ..Self::default() }
    }

    /// A variable that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// All variables, for what takes a map.
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// The user's home folder.
    pub fn home(&self) -> Option<&Path> {
        self.variable("HOME").or_else(|| self.variable("USERPROFILE")).map(Path::new)
    }

    /// The width of a table: the terminal's, else 80.
    pub fn columns(&self) -> usize {
        self.terminal_columns.map_or(80, |columns| usize::from(columns).clamp(60, 160))
    }

    /// Whether standard output may be coloured: `NO_COLOR`, `CLICOLOR_FORCE`, a terminal.
    pub fn colour_stdout(&self) -> bool {
        self.colour(self.stdout_is_terminal)
    }

    /// Whether standard error may be coloured.
    pub fn colour_stderr(&self) -> bool {
        self.colour(self.stderr_is_terminal)
    }

    fn colour(&self, terminal: bool) -> bool {
        if self.variable("NO_COLOR").is_some() {
            return false;
        }
        let forced = self.variable("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        forced || (terminal && self.variable("TERM") != Some("dumb"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)], terminal: bool) -> Surroundings {
        Surroundings {
            variables: variables.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect(),
            stdout_is_terminal: terminal,
            ..Surroundings::default()
        }
    }

    #[test]
    fn colour_needs_a_terminal_or_force_and_no_color_overrules_both() {
        assert!(with(&[], true).colour_stdout());
        assert!(!with(&[], false).colour_stdout());
        assert!(with(&[("CLICOLOR_FORCE", "1")], false).colour_stdout());
        assert!(!with(&[("CLICOLOR_FORCE", "0")], false).colour_stdout());
        assert!(!with(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], true).colour_stdout());
        assert!(with(&[("NO_COLOR", "")], true).colour_stdout());
        assert!(!with(&[("TERM", "dumb")], true).colour_stdout());
    }

    #[test]
    fn an_empty_variable_counts_as_not_set() {
        assert_eq!(with(&[("A", "")], false).variable("A"), None);
        assert_eq!(with(&[("A", "b")], false).variable("A"), Some("b"));
    }
}
