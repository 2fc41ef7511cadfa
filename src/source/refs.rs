//! What references may reach. A document is untrusted: it may name any path and any host.

use std::path::{Path, PathBuf};

use crate::finding::Code;
use crate::source::fetch::{fetch, host, is_address, same_site, with_login_of};
use crate::source::found::{FoundSource, Origin};
use crate::source::text::{decode, read_text};
use crate::spec::reference::Unavailable;

/// What references may reach besides the source's own folder or host.
#[derive(Debug, Clone, Default)]
pub struct RefPolicy {
    /// A folder that widens the root, `--ref-root`.
    pub root: Option<PathBuf>,
    /// Hosts that may be asked, also where a source redirects, `--allow-remote-refs`.
    pub hosts: Vec<String>,
}

/// Why a file cannot be read that is not there.
const NO_FILE: &str = "no such file";

impl RefPolicy {
    /// The text of a file that a source refers to.
    ///
    /// # Errors
    /// Why it is not read; nothing beyond what is allowed has been touched then.
    pub(crate) fn read(&self, address: &str, source: &FoundSource) -> Result<String, Unavailable> {
        if is_address(address) {
            return self.fetch(address, source);
        }
        if address.contains("://") || address.starts_with("file:") {
            return Err(refused("only files and http(s) addresses are followed"));
        }
        self.open(address, source)
    }

    /// Why a file that nothing is made of is not there; `None` where it is, or where nobody may
    /// look.
    pub(crate) fn lacks(&self, address: &str, source: &FoundSource) -> Option<Unavailable> {
        if address.contains("://") || address.starts_with("file:") {
            return None;
        }
        self.find(address, source).err().filter(|why| why.reason == NO_FILE)
    }

    fn fetch(&self, address: &str, source: &FoundSource) -> Result<String, Unavailable> {
        let Some(host) = host(address) else {
            return Err(refused("its address has no host"));
        };
        // A name that is shown has lost what signs in to the source's own site.
        if let Origin::Web(own) = &source.origin
            && same_site(own, address)
        {
            return fetch(&with_login_of(address, own), &self.hosts).and_then(decode);
        }
        if !self.hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(&host)) {
            return Err(refused(format!("references to the host {host} are not allowed"))
                .with_hint(format!("--allow-remote-refs {host} allows them")));
        }
        fetch(address, &self.hosts).and_then(decode)
    }

    fn open(&self, address: &str, source: &FoundSource) -> Result<String, Unavailable> {
        let path = self.find(address, source)?;
        // What is advised of a source that was named is no help for one that is referred to.
        read_text(&path).map_err(|why| Unavailable { hint: None, ..why })
    }

    /// Where a file really is, if references may reach it.
    fn find(&self, address: &str, source: &FoundSource) -> Result<PathBuf, Unavailable> {
        let roots = || std::iter::once(&*source.root).chain(self.root.as_deref());
        let path = normal(&source.base.join(address));
        // Judged by its text first, so that nothing out of reach is even looked at.
        if !roots().any(|root| path.starts_with(normal(root)) || path.starts_with(real(root))) {
            return Err(outside(source));
        }
        // Then by where links lead.
        let Ok(path) = fs_err::canonicalize(&path) else {
            return Err(refused(NO_FILE));
        };
        if !roots().any(|root| path.starts_with(real(root))) {
            return Err(outside(source));
        }
        Ok(path)
    }
}

fn outside(source: &FoundSource) -> Unavailable {
    let root = source.root.strip_prefix(&source.base).unwrap_or(&source.root);
    let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
    refused(format!("it is outside of {}, which references may not leave", root.display()))
        .with_hint("--ref-root DIR lets references reach further")
}

fn refused(reason: impl Into<String>) -> Unavailable {
    Unavailable::new(Code::UNREADABLE, reason)
}

/// A path without its `.` and `..`, by its text alone.
fn normal(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => _ = normal.pop(),
            other => normal.push(other),
        }
    }
    normal
}

/// A folder where it really is.
fn real(path: &Path) -> PathBuf {
    fs_err::canonicalize(path).unwrap_or_else(|_| normal(path))
}

/// Whether a path, links followed, is in a folder.
pub(crate) fn contains(root: &Path, path: &Path) -> bool {
    fs_err::canonicalize(path).is_ok_and(|path| path.starts_with(real(root)))
}
