//! What cures a kind of finding, as it is pasted.

use std::fmt;

use indexmap::IndexSet;

use crate::finding::Code;
use crate::finding::page::Block;
use crate::plan::codes;
use crate::show::overview::toll::{ROUTES, Toll};
use crate::text::escape;

/// A cure, in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cure {
    /// Options of the command line.
    Options(String),
    /// A line of the settings file.
    Settings(&'static str),
    /// Nothing that can be pasted: advice in words.
    Words(&'static str),
}

impl Cure {
    /// The first that the page on the code has, with what it leaves out named as it is met;
    /// else the code's advice.
    pub fn of(code: Code, toll: &Toll) -> Option<Self> {
        let pasted = codes::page(code).into_iter().find_map(|block| match block {
            Block::Options(line) => options(line, toll),
            Block::Settings(line) if !line.contains('\n') => Some(Self::Settings(line)),
            _ => None,
        });
        pasted.or_else(|| code.hint().map(Self::Words))
    }
}

impl fmt::Display for Cure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Options(line) => f.write_str(line),
            Self::Settings(line) => write!(f, "{line} (in apiferry.yaml)"),
            Self::Words(words) => f.write_str(words),
        }
    }
}

/// A page leaves out the method or the path of its example; here they are those of the plan.
fn options(line: &'static str, toll: &Toll) -> Option<Cure> {
    if line.contains("--exclude method:") {
        return left_out("method", &toll.methods);
    }
    if line.contains("--exclude 'path:") && !line.contains('*') {
        return left_out("path", &toll.paths);
    }
    Some(Cure::Options(line.to_owned()))
}

/// Without a cure where there are more to leave out than are kept.
fn left_out(key: &str, values: &IndexSet<String>) -> Option<Cure> {
    let is_plain = |value: &String| {
        !value.contains(['\'', '*', '?', '[', '\\', '!']) && *escape(value) == **value
    };
    if values.is_empty() || values.len() > ROUTES || !values.iter().all(is_plain) {
        return None;
    }
    // A key given twice means either.
    let words: Vec<String> = values.iter().map(|value| format!("{key}:{value}")).collect();
    Some(Cure::Options(format!("--exclude '{}'", words.join(" "))))
}
