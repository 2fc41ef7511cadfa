//! The top-level folder that a source belongs to.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::source::found::{FoundSource, FoundSources, Origin};

/// A folder of sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// As typed, joined with the path below it.
    pub path: String,
    /// Its own name, also where it was typed as `.` or `..`.
    pub name: String,
}

/// The top-level folder of each file: the first below the folder that was named; of a file
/// that lies in that one itself, or was named itself, the folder that holds it.
pub fn folders(found: &FoundSources) -> BTreeMap<Arc<str>, Folder> {
    let of = |source: &FoundSource| Some((Arc::clone(&source.name), folder(source)?));
    found.sources.iter().filter_map(of).collect()
}

fn folder(source: &FoundSource) -> Option<Folder> {
    let Origin::File(path) = &source.origin else { return None };
    // Standard input may be kept in a file that lies anywhere.
    let folder = path.parent().filter(|_| &*source.name != "-")?;
    let below = folder.strip_prefix(&source.root).ok()?.components().next();
    let path = below.map_or_else(|| source.root.clone(), |first| source.root.join(first));
    let name = name_of(&path, &source.base);
    Some(Folder { name, path: path.to_string_lossy().into_owned() })
}

fn name_of(folder: &Path, base: &Path) -> String {
    let typed = folder.file_name().map(ToOwned::to_owned);
    let real = || fs_err::canonicalize(base.join(folder)).ok()?.file_name().map(Into::into);
    typed.or_else(real).unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_belongs_to_the_first_folder_below_the_one_that_was_named() {
        let file = |name: &str, root: &str| FoundSource {
            name: name.into(),
            origin: Origin::File(name.into()),
            named: false,
            base: Path::new("/").into(),
            root: root.into(),
        };
        let input = FoundSource { name: "-".into(), ..file("/tmp/kept", "/tmp") };
        let web = FoundSource {
            origin: Origin::Web("https://a.test/x/b.yaml".into()),
            ..file("https://a.test/x/b.yaml", "")
        };
        let sources = vec![
            file("cat/pets/v1/a.yaml", "cat"),
            file("cat/pets/b.yaml", "cat"),
            file("cat/c.yaml", "cat"),
            file("d.yaml", "."),
            input,
            web,
        ];
        let folders = folders(&FoundSources { sources, ..FoundSources::default() });
        let folders: Vec<_> =
            folders.iter().map(|(name, folder)| (&**name, folder.path.as_str())).collect();
        assert_eq!(
            folders,
            [
                ("cat/c.yaml", "cat"),
                ("cat/pets/b.yaml", "cat/pets"),
                ("cat/pets/v1/a.yaml", "cat/pets")
            ]
        );
    }
}
