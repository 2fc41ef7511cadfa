//! One tree for both formats: a source's text and an arena of small cells over it.
//!
//! A string is a range of the text where the text holds it as it is, else a range of a side
//! buffer, so that a tree costs little more than its text. Positions come free, repeated keys
//! are kept (and reported among the oddities), and numbers keep their digits.
//!
//! An alias is one cell that points to its anchor, never a copy. What is not here: `$ref`
//! (see `reference`), and any knowledge of documents.

mod arena;
pub(crate) mod build;
mod cell;
pub(crate) mod json;
mod key_index;
mod lines;
mod mend;
mod node;
mod number;
mod ordinals;
pub(crate) mod pointer;
mod problem;
mod write;
pub(crate) mod yaml;

use std::sync::Arc;

use crate::finding::{Code, Finding, Place};

use build::Parsed;
use lines::Lines;

pub use arena::Tree;
pub use node::{Key, Kind, Node};
pub(crate) use problem::{Oddity, ParseError};

/// What is read: a name to show, and text.
#[derive(Debug, Clone)]
pub struct SourceText {
    /// The source as typed, joined with the path below it.
    pub name: Arc<str>,
    /// All of it, decoded.
    pub text: String,
}

impl Tree {
    /// Reads a text, its format decided by what it holds.
    ///
    /// # Errors
    /// What is wrong with it, at its place.
    pub fn read(source: SourceText) -> Result<Self, Finding> {
        let SourceText { name, mut text } = source;
        match parse(&mut text) {
            Ok(parsed) => Ok(Self::new(name, text, parsed)),
            Err(error) => {
                let (line, column) = Lines::of(&text).position(&text, error.at);
                let place = Place { source: name, line, column, pointer: "".into() };
                Err(Finding::new(error.code, place, error.message))
            }
        }
    }
}

/// What opens with a brace, a bracket or a comment of JavaScript is JSON, unless only YAML can
/// read it: YAML's flow style looks alike, and a JSON reader is several times faster. Where
/// neither can, it is broken JSON.
fn parse(text: &mut String) -> Result<Parsed, ParseError> {
    let top = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    if !["{", "[", "//", "/*"].iter().any(|opening| top.starts_with(opening)) {
        return mend::read(text);
    }
    json::read(text).or_else(|error| {
        if error.code == Code::OVER_BUDGET {
            return Err(error);
        }
        let mut mended = text.clone();
        let parsed = mend::read(&mut mended).map_err(|_| error)?;
        *text = mended;
        Ok(parsed)
    })
}

#[cfg(test)]
pub(crate) mod tests;
