//! What was typed to a list of sources.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::GlobBuilder;
use ignore::{DirEntry, WalkBuilder};

use crate::finding::Code;
use crate::source::fetch::is_address;
use crate::source::found::{FoundSource, FoundSources, Origin};
use crate::source::refs::contains;
use crate::spec::reference::Unavailable;
use crate::spec::reference::address::shown;

/// Finds sources under arguments: files, folders with all below them (what a `.gitignore`
/// names left out), globs, `-` and addresses. Relative ones start from `base`, an absolute
/// path. A file found twice counts once.
pub fn find(base: &Path, arguments: &[String]) -> FoundSources {
    let base = Arc::from(base);
    let mut finder = Finder { base, found: FoundSources::default(), seen: HashSet::new() };
    for (argument, name) in arguments.iter().zip(names(arguments)) {
        finder.argument(argument, &name);
    }
    finder.found
}

/// Arguments as they are shown: addresses without user, password, query and fragment. Of
/// addresses that differ in these alone the second ends with `#2`, and so on.
pub fn names(arguments: &[String]) -> Vec<String> {
    let mut alike: HashMap<String, Vec<&str>> = HashMap::new();
    let mut names = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let shown = shown(argument).into_owned();
        let same = alike.entry(shown.clone()).or_default();
        let at = same.iter().position(|it| it == argument).unwrap_or_else(|| {
            same.push(argument);
            same.len() - 1
        });
        names.push(if at == 0 { shown } else { format!("{shown}#{}", at + 1) });
    }
    names
}

struct Finder {
    base: Arc<Path>,
    found: FoundSources,
    seen: HashSet<PathBuf>,
}

impl Finder {
    fn argument(&mut self, argument: &str, name: &str) {
        let path = self.base.join(argument);
        if argument == "-" {
            self.push(argument, Origin::Input, true, &Arc::clone(&self.base));
        } else if is_address(argument) {
            self.push(name, Origin::Web(argument.to_owned()), true, Path::new(""));
        } else if path.is_dir() {
            self.folder(argument);
        } else if path.exists() || !argument.contains(['*', '?', '[']) {
            self.file(argument);
        } else {
            self.glob(argument);
        }
    }

    fn file(&mut self, name: &str) {
        let path = self.base.join(name);
        if let Err(error) = fs_err::metadata(&path) {
            let missing = error.kind() == std::io::ErrorKind::NotFound;
            let absent = "no such file or folder".to_owned();
            return self.refuse(name, if missing { absent } else { error.to_string() });
        }
        let root = path.parent().unwrap_or(&path).to_owned();
        self.push(name, Origin::File(path), true, &root);
    }

    /// A folder's files by path, whatever the order in which the disk holds them. Hidden
    /// files are left out, as is what a `.gitignore` names; a user's own settings of git are
    /// not asked, so that all find the same.
    fn folder(&mut self, name: &str) {
        let folder = self.base.join(name);
        let mut walk = WalkBuilder::new(&folder);
        walk.require_git(false).git_global(false).sort_by_file_path(Path::cmp);
        for entry in walk.build() {
            match entry {
                Ok(entry) => self.folder_entry(name, &folder, &entry),
                Err(error) => self.refuse(name, error.to_string()),
            }
        }
    }

    fn folder_entry(&mut self, typed: &str, folder: &Path, entry: &DirEntry) {
        let path = entry.path();
        let below = path.strip_prefix(folder).unwrap_or(path);
        let name = Path::new(typed).join(below);
        let name = name.to_string_lossy();
        if entry.path_is_symlink() {
            // Links to folders are not gone into, since they may lead back here.
            if !path.is_file() {
                return;
            }
            if !contains(folder, path) {
                return self.refuse(&name, format!("the link points outside of {typed}"));
            }
        } else if entry.file_type().is_none_or(|kind| !kind.is_file()) {
            return;
        }
        self.push(&name, Origin::File(path.to_owned()), false, folder);
    }

    /// All that a glob matches: `**` is any number of folders, and hidden files count.
    fn glob(&mut self, typed: &str) {
        let relative = typed.trim_start_matches("./");
        let first = relative.find(['*', '?', '[']).unwrap_or_default();
        let (folder, glob) = relative.split_at(relative[..first].rfind('/').map_or(0, |at| at + 1));
        // Braces are no alternatives here: a shell has put those into arguments of their own.
        let glob = glob.replace('{', "[{]").replace('}', "[}]");
        let mut builder = GlobBuilder::new(&glob);
        let matcher = match builder.literal_separator(true).backslash_escape(false).build() {
            Ok(glob) => glob.compile_matcher(),
            Err(error) => return self.refuse(typed, format!("not a glob: {}", error.kind())),
        };
        let root = self.base.join(folder);
        let mut walk = WalkBuilder::new(&root);
        walk.standard_filters(false).follow_links(true).sort_by_file_path(Path::cmp);
        walk.max_depth((!glob.contains("**")).then(|| glob.split('/').count()));
        let mut found = false;
        for entry in walk.build().filter_map(Result::ok) {
            let below = entry.path().strip_prefix(&root).unwrap_or(entry.path());
            if entry.depth() > 0 && matcher.is_match(below) {
                found = true;
                let name = Path::new(folder).join(below).to_string_lossy().into_owned();
                if entry.path().is_dir() { self.folder(&name) } else { self.file(&name) }
            }
        }
        if !found {
            self.refuse(typed, "no file matches it".to_owned());
        }
    }

    fn push(&mut self, name: &str, origin: Origin, named: bool, root: &Path) {
        if let Origin::File(path) = &origin
            && let Ok(path) = fs_err::canonicalize(path)
            && !self.seen.insert(path)
        {
            return;
        }
        let (base, root) = (Arc::clone(&self.base), root.to_owned());
        self.found.sources.push(FoundSource { name: name.into(), origin, named, base, root });
    }

    fn refuse(&mut self, name: &str, message: String) {
        let name: Arc<str> = shown(name).into();
        let finding = Unavailable::new(Code::UNREADABLE, message).finding(&name);
        self.found.unreadable.push((name, finding));
    }
}
