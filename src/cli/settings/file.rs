//! Where the settings file is. Its content is read by [`crate::settings`].

use std::path::Path;

use crate::cli::error::Error;
use crate::settings::{Settings, SettingsError, parse};

/// The settings file's default name.
const NAME: &str = "apiferry.yaml";

/// Reads the settings file that is named, or `apiferry.yaml` where the command runs, if
/// there is one. `read` gives a file's text.
pub fn file(
    typed: Option<&Path>,
    folder: &Path,
    read: impl Fn(&Path) -> std::io::Result<String>,
) -> Result<Settings, Error> {
    let path = folder.join(typed.unwrap_or(Path::new(NAME)));
    let text = match read(&path) {
        Ok(text) => text,
        Err(error) if typed.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Settings::default());
        }
        Err(error) => {
            return Err(Error::usage(format!("the settings file cannot be read: {error}")));
        }
    };
    let name = path.strip_prefix(folder).unwrap_or(&path);
    parse(&text, &name.display().to_string()).map_err(|errors| refusal(&errors))
}

/// All that is wrong, so that a file is corrected in one go.
fn refusal(errors: &[SettingsError]) -> Error {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    let error = Error::usage(lines.join("\n  also: "));
    match errors.iter().find_map(|error| error.hint.as_deref()) {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Error as IoError, ErrorKind};

    use super::*;

    fn none(_: &Path) -> std::io::Result<String> {
        Err(IoError::from(ErrorKind::NotFound))
    }

    #[test]
    fn no_file_is_fine_unless_it_was_named() {
        assert!(file(None, Path::new("/"), none).is_ok());
        assert!(file(Some(Path::new("/other.yaml")), Path::new("/"), none).is_err());
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let read = |_: &Path| Ok("patch: perhaps\nbase-path: sometimes\n".to_owned());
        let text = file(None, Path::new("/"), read).unwrap_err().to_string();
        assert!(text.contains("apiferry.yaml:1:") && text.contains("apiferry.yaml:2:"), "{text}");
    }
}
