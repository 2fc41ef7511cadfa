//! Finds, reads and fetches sources, and feeds the documents that others refer to.
//!
//! [`find`] turns what was typed into a list of sources in a stable order and reads none
//! of them; [`open`] reads one, with the files that it refers to, and is cheap to call
//! from many threads at once. What a text means is `spec`'s business.
//!
//! ```no_run
//! use apiferry::source::{self, SourceContent, RefPolicy};
//!
//! let found = source::find("/home/me".as_ref(), &["catalog".to_owned()]);
//! for source in &found.sources {
//!     match source::open(source, &RefPolicy::default()) {
//!         SourceContent::Document(set) => assert!(set.document().is_ok(), "opened means understood"),
//!         SourceContent::NotADocument => {}
//!         SourceContent::Unreadable(findings) => assert!(!findings.is_empty()),
//!     }
//! }
//! ```

pub(crate) mod codes;
mod detect;
mod encoding;
mod fetch;
mod find;
mod folder;
mod found;
mod other;
mod refs;
mod text;

use crate::finding::{Code, Finding};
use crate::spec::reference::Unavailable;
use crate::spec::{DocumentSet, SourceText};

pub use encoding::{Broken, decode};
pub use find::{find, names};
pub use folder::{Folder, folders};
pub use found::{FoundSource, FoundSources, Origin};
pub use refs::RefPolicy;

/// What a source holds.
#[derive(Debug)]
pub enum SourceContent {
    /// A document, and the files that it refers to.
    Document(Box<DocumentSet>),
    /// One of a folder's files that is not a document.
    NotADocument,
    /// Named itself, or a document by its looks, and cannot be read.
    Unreadable(Vec<Finding>),
}

/// Reads a source and what it refers to.
pub fn open(source: &FoundSource, refs: &RefPolicy) -> SourceContent {
    let text = match read(source, refs) {
        Ok(Some(text)) => text,
        Ok(None) => return SourceContent::NotADocument,
        Err(refused) => return SourceContent::Unreadable(vec![refused.finding(&source.name)]),
    };
    let named = source.named;
    let (by_name, by_text) = (other::of_name(&source.name), other::of_text(&text));
    let looks = by_name.is_none() && detect::claims_to_be_a_document(text.as_bytes());
    // Told only of what was named, and is no document that can be read.
    let told = |finding: Finding| {
        let kind = by_name.or(by_text.filter(|_| !looks));
        kind.map_or(finding.clone(), |kind| kind.finding(finding.code, finding.place))
    };
    let mut set = match DocumentSet::new(SourceText { name: source.name.clone(), text }) {
        Ok(set) => set,
        Err(finding) if named => return SourceContent::Unreadable(vec![told(finding)]),
        Err(finding) if looks => return SourceContent::Unreadable(vec![finding]),
        Err(_) => return SourceContent::NotADocument,
    };
    if !named && !set.is_document() {
        return SourceContent::NotADocument;
    }
    if let Err(findings) = set.check() {
        let told = |finding: Finding| {
            if set.is_document() { finding } else { told(finding) }
        };
        return SourceContent::Unreadable(findings.into_iter().map(told).collect());
    }
    gather(&mut set, source, refs);
    SourceContent::Document(Box::new(set))
}

/// Brings the files that the document needs, and those that these need. Of others that it
/// names those are told that are not there.
fn gather(set: &mut DocumentSet, source: &FoundSource, refs: &RefPolicy) {
    loop {
        let missing = set.missing();
        if missing.is_empty() {
            break;
        }
        for address in missing {
            let text = refs.read(&address, source);
            set.add(address, text);
        }
    }
    for address in set.mentioned() {
        if let Some(why) = refs.lacks(&address, source) {
            set.add(address, Err(why));
        }
    }
}

/// A source's text; `None` where a folder's file does not look like a document.
fn read(source: &FoundSource, refs: &RefPolicy) -> Result<Option<String>, Unavailable> {
    let bytes = match &source.origin {
        Origin::File(path) => text::read_file(path)?,
        Origin::Input => text::read_input()?,
        Origin::Web(address) => fetch::fetch(address, &refs.hosts)?,
    };
    if !source.named && !detect::may_be_a_document(&bytes) {
        return Ok(None);
    }
    encoding::decode(bytes).map(Some).or_else(|broken| {
        let tell = source.named || detect::claims_to_be_a_document(&broken.bytes);
        if tell { Err(Unavailable::new(Code::BAD_ENCODING, broken.message)) } else { Ok(None) }
    })
}

#[cfg(test)]
mod tests;
