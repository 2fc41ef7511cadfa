//! Finds, reads and fetches sources, and feeds the documents that others refer to.
//!
//! [`find`] turns what was typed into a list of sources in a stable order and reads none
//! of them; [`open`] reads one, with the files that it refers to, and is cheap to call
//! from many threads at once. What a text means is `spec`'s business.
//!
//! ```no_run
//! use apiferry::source::{self, Opened, Reach};
//!
//! let found = source::find(&["catalog".to_owned()]);
//! for source in &found.sources {
//!     match source::open(source, &Reach::default()) {
//!         Opened::Read(shelf) => assert!(shelf.document().is_ok(), "opened means understood"),
//!         Opened::PassedOver => {}
//!         Opened::Unreadable(findings) => assert!(!findings.is_empty()),
//!     }
//! }
//! ```

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::spec::{Code, Finding, Place, Shelf, Source};

mod encoding;
mod find;
mod reach;

pub use find::find;
pub use reach::Reach;

/// The largest source that is read. The largest real document has 47 MB.
const MAX_BYTES: u64 = 256 << 20;

/// What was found under the arguments, in their order; within a folder by path.
#[derive(Debug, Default)]
pub struct Found {
    /// To be opened.
    pub sources: Vec<FoundSource>,
    /// What cannot be opened: a name and what is wrong.
    pub unreadable: Vec<(Arc<str>, Finding)>,
}

/// A source that was found and not yet read.
#[derive(Debug, Clone)]
pub struct FoundSource {
    /// As typed, joined with the path below it.
    pub name: Arc<str>,
    /// Where its text comes from.
    pub origin: Origin,
    /// Whether it was named itself; what was only found in a folder may be no document.
    pub named: bool,
    /// The folder that its references may not leave.
    pub root: PathBuf,
}

/// Where a source's text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// Standard input, `-`.
    Input,
    /// An address on the web.
    Web(String),
}

/// What opening a source came to.
#[derive(Debug)]
pub enum Opened {
    /// A document, and the files that it refers to.
    Read(Box<Shelf>),
    /// One of a folder's files that is no document.
    PassedOver,
    /// Named itself, or a document by its looks, and cannot be read.
    Unreadable(Vec<Finding>),
}

/// Reads a source and what it refers to.
pub fn open(source: &FoundSource, reach: &Reach) -> Opened {
    let text = match read(&source.origin) {
        Ok(text) => text,
        Err(Refused { code, message }) if source.named || code == Code::Unreadable => {
            return Opened::Unreadable(vec![Finding::new(code, whole(&source.name), message)]);
        }
        Err(_) => return Opened::PassedOver,
    };
    if !source.named && !mentions_a_document(&text) {
        return Opened::PassedOver;
    }
    let claims = claims_to_be_a_document(&text);
    let mut shelf = match Shelf::new(Source { name: source.name.clone(), text }) {
        Ok(shelf) => shelf,
        Err(finding) if source.named || claims => return Opened::Unreadable(vec![finding]),
        Err(_) => return Opened::PassedOver,
    };
    if !source.named && !shelf.is_document() {
        return Opened::PassedOver;
    }
    if let Err(findings) = shelf.document() {
        return Opened::Unreadable(findings);
    }
    gather(&mut shelf, source, reach);
    Opened::Read(Box::new(shelf))
}

/// Brings the files that the document needs, and those that these need.
fn gather(shelf: &mut Shelf, source: &FoundSource, reach: &Reach) {
    loop {
        let missing = shelf.missing();
        if missing.is_empty() {
            return;
        }
        for address in missing {
            let text = reach.read(&address, source);
            shelf.add(address, text);
        }
    }
}

/// Why a text was not read.
#[derive(Debug)]
struct Refused {
    code: Code,
    message: String,
}

impl Refused {
    fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

fn read(origin: &Origin) -> Result<String, Refused> {
    match origin {
        Origin::File(path) => read_file(path),
        Origin::Input => decode(read_up_to_limit(std::io::stdin().lock(), 0)),
        Origin::Web(_) => {
            Err(Refused::new(Code::Unreadable, "addresses on the web are not read yet"))
        }
    }
}

/// Reads a regular file: a pipe or a device could keep a reader waiting for ever.
fn read_file(path: &Path) -> Result<String, Refused> {
    let refused = |error: std::io::Error| Refused::new(Code::Unreadable, error.to_string());
    // Asked before it is opened: to open a pipe would wait for its writer.
    let metadata = fs_err::metadata(path).map_err(refused)?;
    if !metadata.is_file() {
        return Err(Refused::new(Code::Unreadable, "it is not a regular file"));
    }
    if metadata.len() > MAX_BYTES {
        return Err(Refused::new(
            Code::OverBudget,
            format!("it is larger than {} MiB", MAX_BYTES >> 20),
        ));
    }
    let size = usize::try_from(metadata.len()).unwrap_or_default();
    decode(fs_err::File::open(path).and_then(|file| read_up_to_limit(file.into_file(), size)))
}

fn read_up_to_limit(reader: impl std::io::Read, size: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(size + 1);
    reader.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn decode(bytes: std::io::Result<Vec<u8>>) -> Result<String, Refused> {
    let bytes = bytes.map_err(|error| Refused::new(Code::Unreadable, error.to_string()))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Refused::new(
            Code::OverBudget,
            format!("it is larger than {} MiB", MAX_BYTES >> 20),
        ));
    }
    encoding::decode(bytes).map_err(|message| Refused::new(Code::BadEncoding, message))
}

/// The place of a source as a whole.
fn whole(name: &Arc<str>) -> Place {
    Place { source: name.clone(), line: 0, column: 0, pointer: "".into() }
}

/// A text without either word is no document, and need not be parsed to know it.
fn mentions_a_document(text: &str) -> bool {
    ["openapi", "swagger"]
        .iter()
        .any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
}

/// Whether a text that cannot be read looks like a document that was broken, rather than
/// like a template or something else altogether.
fn claims_to_be_a_document(text: &str) -> bool {
    ["openapi", "swagger"].iter().any(|word| {
        memchr::memmem::find_iter(text.as_bytes(), word.as_bytes()).any(|at| {
            let before = text[..at].trim_end_matches(['"', '\'']);
            let after = text[at + word.len()..].trim_start_matches(['"', '\'']).trim_start();
            let opens = before.is_empty() || before.ends_with(['\n', '{', ',', ' ', '\u{feff}']);
            let version = after
                .strip_prefix(':')
                .map(|rest| rest.trim_start().trim_start_matches(['"', '\'']));
            opens
                && version.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
        })
    })
}
