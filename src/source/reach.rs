//! What references may reach. A document is untrusted: it may name any path and any host.

use std::path::{Path, PathBuf};

use super::{FoundSource, Origin, read_file};

/// What references may reach beside the source's own root.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// A folder that widens the root, `--ref-root`.
    pub root: Option<PathBuf>,
    /// Hosts that may be asked, `--allow-remote-refs`.
    pub hosts: Vec<String>,
}

impl Reach {
    /// The text of a file that a source refers to.
    ///
    /// # Errors
    /// Why it is not read; nothing outside what is allowed has been opened then.
    pub(super) fn read(&self, address: &str, source: &FoundSource) -> Result<String, String> {
        if address.contains("://") || address.starts_with("file:") {
            return Err("addresses on the web are not read yet".to_owned());
        }
        if matches!(source.origin, Origin::Web(_)) {
            return Err("a document from the web may not name files of this machine".to_owned());
        }
        // The link or file meant, wherever links lead; this opens nothing.
        let path = fs_err::canonicalize(Path::new(address))
            .map_err(|_| "there is no such file".to_owned())?;
        if !self.allows(&path, &source.root) {
            return Err(format!(
                "it lies outside of {}, which references may not leave",
                source.root.display(),
            ));
        }
        read_file(&path).map_err(|refused| refused.message)
    }

    fn allows(&self, path: &Path, root: &Path) -> bool {
        let roots = std::iter::once(root).chain(self.root.as_deref());
        roots.filter_map(|root| fs_err::canonicalize(root).ok()).any(|root| path.starts_with(root))
    }
}
