//! What was typed to a list of sources.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::finding::Code;
use crate::source::{Found, FoundSource, Origin, Refused, fetch, reach};

/// Finds sources under arguments: files, folders with all below them (what a `.gitignore`
/// names left out), globs, `-` and addresses. A file found twice counts once.
pub fn find(arguments: &[String]) -> Found {
    let mut finder = Finder { found: Found::default(), seen: HashSet::new() };
    for argument in arguments {
        finder.argument(argument);
    }
    finder.found
}

struct Finder {
    found: Found,
    seen: HashSet<PathBuf>,
}

impl Finder {
    fn argument(&mut self, argument: &str) {
        let path = Path::new(argument);
        if argument == "-" {
            let root = PathBuf::from(".");
            self.push(FoundSource {
                name: argument.into(),
                origin: Origin::Input,
                named: true,
                root,
            });
        } else if fetch::is_address(argument) {
            let origin = Origin::Web(argument.to_owned());
            self.push(FoundSource {
                name: argument.into(),
                origin,
                named: true,
                root: PathBuf::new(),
            });
        } else if path.is_dir() {
            self.folder(path);
        } else if path.exists() || !argument.contains(['*', '?', '[']) {
            self.file(path.to_owned(), argument);
        } else {
            self.glob(argument);
        }
    }

    fn file(&mut self, path: PathBuf, name: &str) {
        if let Err(error) = fs_err::metadata(&path) {
            let missing = error.kind() == std::io::ErrorKind::NotFound;
            let absent = "there is no such file or folder".to_owned();
            return self.refuse(name, if missing { absent } else { error.to_string() });
        }
        let root = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let root = root.map_or_else(|| PathBuf::from("."), Path::to_owned);
        self.push(FoundSource { name: name.into(), origin: Origin::File(path), named: true, root });
    }

    /// A folder's files by path, whatever the order in which the disk holds them. Hidden
    /// files are left out, as is what a `.gitignore` names; a user's own settings of git are
    /// not asked, so that all find the same.
    fn folder(&mut self, folder: &Path) {
        let mut walk = ignore::WalkBuilder::new(folder);
        walk.require_git(false).git_global(false).sort_by_file_path(Path::cmp);
        for entry in walk.build() {
            match entry {
                Ok(entry) => self.folder_entry(folder, &entry),
                Err(error) => self.refuse(&folder.to_string_lossy(), error.to_string()),
            }
        }
    }

    fn folder_entry(&mut self, folder: &Path, entry: &ignore::DirEntry) {
        let path = entry.path();
        let name = path.to_string_lossy();
        if entry.path_is_symlink() {
            // Links to folders are not gone into, since they may lead back here.
            if !path.is_file() {
                return;
            }
            if !reach::contains(folder, path) {
                let message = format!("it is a link that leads out of {}", folder.display());
                return self.refuse(&name, message);
            }
        } else if entry.file_type().is_none_or(|kind| !kind.is_file()) {
            return;
        }
        let origin = Origin::File(path.to_owned());
        let root = folder.to_owned();
        self.push(FoundSource { name: name.into(), origin, named: false, root });
    }

    fn glob(&mut self, pattern: &str) {
        let paths = match glob::glob(pattern) {
            Ok(paths) => paths,
            Err(error) => return self.refuse(pattern, format!("not a glob: {error}")),
        };
        let mut paths: Vec<PathBuf> = paths.filter_map(Result::ok).collect();
        paths.sort();
        if paths.is_empty() {
            return self.refuse(pattern, "no file matches it".to_owned());
        }
        for path in paths {
            if path.is_dir() {
                self.folder(&path);
            } else {
                let name = path.to_string_lossy().into_owned();
                self.file(path, &name);
            }
        }
    }

    fn push(&mut self, source: FoundSource) {
        if let Origin::File(path) = &source.origin
            && let Ok(path) = fs_err::canonicalize(path)
            && !self.seen.insert(path)
        {
            return;
        }
        self.found.sources.push(source);
    }

    fn refuse(&mut self, name: &str, message: String) {
        let name: Arc<str> = name.into();
        let finding = Refused::new(Code::UNREADABLE, message).finding(&name);
        self.found.unreadable.push((name, finding));
    }
}
