//! Finds, reads and fetches sources, and feeds the documents that others refer to.
//!
//! [`find`] turns what was typed into a list of sources in a stable order and reads none
//! of them; [`open`] reads one, with the files that it refers to, and is cheap to call
//! from many threads at once. What a text means is `spec`'s business.
//!
//! ```no_run
//! use apiferry::source::{self, Opened, Reach};
//!
//! let found = source::find("/home/me".as_ref(), &["catalog".to_owned()]);
//! for source in &found.sources {
//!     match source::open(source, &Reach::default()) {
//!         Opened::Read(set) => assert!(set.document().is_ok(), "opened means understood"),
//!         Opened::PassedOver => {}
//!         Opened::Unreadable(findings) => assert!(!findings.is_empty()),
//!     }
//! }
//! ```

pub(crate) mod codes;
mod detect;
mod encoding;
mod fetch;
mod find;
mod folder;
mod reach;
mod text;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::finding::{Code, Finding, Place};
use crate::spec::{DocumentSet, SourceText};

pub use encoding::{Broken, decode};
pub use find::find;
pub use folder::{Folder, folders};
pub use reach::Reach;

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
    /// The folder that its name and its references start from.
    pub base: Arc<Path>,
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
    Read(Box<DocumentSet>),
    /// One of a folder's files that is no document.
    PassedOver,
    /// Named itself, or a document by its looks, and cannot be read.
    Unreadable(Vec<Finding>),
}

/// Reads a source and what it refers to.
pub fn open(source: &FoundSource, reach: &Reach) -> Opened {
    let text = match read(source) {
        Ok(Some(text)) => text,
        Ok(None) => return Opened::PassedOver,
        Err(refused) => return Opened::Unreadable(vec![refused.finding(&source.name)]),
    };
    let looks = detect::claims_to_be_a_document(text.as_bytes());
    let mut set = match DocumentSet::new(SourceText { name: source.name.clone(), text }) {
        Ok(set) => set,
        Err(finding) if source.named || looks => return Opened::Unreadable(vec![finding]),
        Err(_) => return Opened::PassedOver,
    };
    if !source.named && !set.is_document() {
        return Opened::PassedOver;
    }
    if let Err(findings) = set.check() {
        return Opened::Unreadable(findings);
    }
    gather(&mut set, source, reach);
    Opened::Read(Box::new(set))
}

/// Brings the files that the document needs, and those that these need.
fn gather(set: &mut DocumentSet, source: &FoundSource, reach: &Reach) {
    loop {
        let missing = set.missing();
        if missing.is_empty() {
            return;
        }
        for address in missing {
            let text = reach.read(&address, source);
            set.add(address, text);
        }
    }
}

/// A source's text; `None` where a folder's file is no document by the look of its bytes.
fn read(source: &FoundSource) -> Result<Option<String>, Refused> {
    let bytes = match &source.origin {
        Origin::File(path) => text::read_file(path)?,
        Origin::Input => text::read_input()?,
        Origin::Web(address) => fetch::fetch(address)?,
    };
    if !source.named && !detect::may_be_a_document(&bytes) {
        return Ok(None);
    }
    encoding::decode(bytes).map(Some).or_else(|broken| {
        let tell = source.named || detect::claims_to_be_a_document(&broken.bytes);
        if tell { Err(Refused::new(Code::BAD_ENCODING, broken.message)) } else { Ok(None) }
    })
}

/// Why a text was not read.
#[derive(Debug)]
struct Refused {
    code: Code,
    message: String,
    hint: Option<&'static str>,
}

impl Refused {
    fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None }
    }

    fn with_hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// As a finding about a source as a whole.
    fn finding(self, name: &Arc<str>) -> Finding {
        let place = Place { source: name.clone(), line: 0, column: 0, pointer: "".into() };
        let finding = Finding::new(self.code, place, self.message);
        match self.hint {
            Some(hint) => finding.with_hint(hint),
            None => finding,
        }
    }
}

#[cfg(test)]
mod tests;
