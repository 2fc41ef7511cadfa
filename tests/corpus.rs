//! Real documents: as many operations as an independent count of them found.
//!
//! The documents are not part of this project. `APIFERRY_CORPUS` names the folder that
//! they were obtained into; without it nothing is tested here, and that is said.

#![expect(clippy::print_stdout, reason = "a test says what it skipped and what it counted")]
#![expect(clippy::disallowed_methods, reason = "the environment names the documents")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use apiferry::source;
use apiferry::source::{FoundSource, Origin, RefPolicy, SourceContent};

/// Where the number of the index is not the number of operations, and why.
const OTHERWISE: &[(&str, usize, &str)] = &[(
    "npm-swagger-zoo/fixtures/features/swagger/path-reference-typo.yaml",
    1,
    "the `$ref` of its only method leads nowhere: an operation all the same, and unfit",
)];

fn index() -> Option<(PathBuf, String)> {
    let corpus = std::env::var_os("APIFERRY_CORPUS").map(PathBuf::from);
    let index = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/index.tsv");
    let index = std::env::var_os("APIFERRY_CORPUS_INDEX").map_or(index, PathBuf::from);
    let found = corpus.zip(std::fs::read_to_string(index).ok());
    if found.is_none() {
        println!(
            "skipped: APIFERRY_CORPUS names no folder with real documents, or their index is not there"
        );
    }
    found
}

fn count(path: &Path) -> Result<usize, String> {
    let name: Arc<str> = path.to_string_lossy().as_ref().into();
    let root = path.parent().unwrap_or(path).to_owned();
    let source = FoundSource {
        name,
        origin: Origin::File(path.to_owned()),
        named: true,
        base: root.as_path().into(),
        root,
    };
    match source::open(&source, &RefPolicy::default()) {
        SourceContent::Document(set) => {
            let document = set.document().map_err(|findings| format!("{findings:?}"))?;
            let counted = document.operation_count();
            assert_eq!(document.operations().count(), counted, "{}", path.display());
            Ok(counted)
        }
        SourceContent::NotADocument => Err("passed over".to_owned()),
        SourceContent::Unreadable(findings) => Err(format!("{findings:?}")),
    }
}

#[test]
fn every_document_has_the_operations_that_an_independent_count_found() {
    let Some((corpus, index)) = index() else { return };
    let rows = index.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    let mut wrong = Vec::new();
    let mut total = 0;
    for row in rows {
        let Ok(expected) = row[5].parse::<usize>() else { continue };
        let known = OTHERWISE.iter().find(|(path, ..)| *path == row[0]);
        let expected = known.map_or(expected, |(_, count, _)| *count);
        match count(&corpus.join(row[0])) {
            Ok(found) if found == expected => total += found,
            other => wrong.push(format!("{}: {other:?}, not {expected}", row[0])),
        }
    }
    println!("{total} operations");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
