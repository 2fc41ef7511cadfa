//! The files of an export: saved answers in, documents out.

use std::io;
use std::path::{Path, PathBuf};

use crate::cli::error::{Error, Exit};
use crate::target::tencent::export::answers::SavedAnswers;
use crate::target::tencent::export::holding::Holding;
use crate::text::escape;

/// What a document of an export is, beside what lies where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum There {
    /// Nothing.
    Nothing,
    /// The same text.
    Same,
    /// Another text.
    Other,
}

/// What lies at this path, held against a text.
pub(crate) fn there(path: &Path, text: &str) -> Result<There, Error> {
    match fs_err::read(path) {
        Ok(bytes) if bytes == text.as_bytes() => Ok(There::Same),
        Ok(_) => Ok(There::Other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(There::Nothing),
        Err(error) => Err(Error::usage(error.to_string())),
    }
}

/// Writes a file, whole or not at all; the folders to it are made.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let written = fs_err::create_dir_all(folder).and_then(|()| {
        let mut file = tempfile::Builder::new().prefix(".export-").tempfile_in(folder)?;
        io::Write::write_all(&mut file, text.as_bytes())?;
        file.persist(path).map_err(|failed| failed.error)?;
        readable(path)
    });
    written.map_err(|error| Error::new(Exit::Disk, format!("{}: {error}", path.display())))
}

/// As files usually are: what is made for the moment is its owner's alone.
#[cfg(unix)]
fn readable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Puts together what the files of a folder hold; those that hold no answer are told by `tell`.
pub(crate) fn saved(folder: &Path, tell: &mut dyn FnMut(String)) -> Result<Vec<Holding>, Error> {
    let mut files = Vec::new();
    collect(folder, &mut files).map_err(|error| Error::usage(error.to_string()))?;
    files.sort();
    let mut answers = SavedAnswers::default();
    for path in &files {
        let shown = escape(&path.display().to_string()).into_owned();
        match fs_err::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()) {
            Ok(text) => {
                let text = text.trim_start_matches('\u{feff}');
                if let Err(why) = answers.take(text) {
                    tell(format!("{shown} {}", escape(&why.to_string())));
                }
            }
            Err(error) => tell(error.to_string()),
        }
    }
    let holdings = answers.holdings();
    if holdings.is_empty() {
        let message = format!("{} holds no answer of the gateway", folder.display());
        let hint = "save them with `tccli apigateway DescribeApi --ServiceId ID --ApiId ID > FILE.json`, one call for each API";
        return Err(Error::usage(message).hint(hint));
    }
    Ok(holdings)
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, into)?;
        } else if path.extension().is_some_and(|it| it.eq_ignore_ascii_case("json")) {
            into.push(path);
        }
    }
    Ok(())
}
