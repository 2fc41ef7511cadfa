//! The choices that a mapping leaves open: how paths, methods and mocks are made, and how
//! long texts may be.
//!
//! Where a choice was made (the settings file, an option) is kept only for `--explain`.

use std::sync::Arc;

use crate::finding::Place;
use crate::finding::notes::Said;
use crate::spec::tree::Tree;

/// How operations become requests. `Default` is what holds where nobody chooses.
#[derive(Debug, Clone)]
pub struct MappingOptions {
    /// What becomes of the server's path.
    pub base_path: BasePath,
    /// How a path without parameters is matched.
    pub path_match: PathMatch,
    /// What becomes of PATCH.
    pub patch: Patch,
    /// Whether MOCK backends fill gaps or take all.
    pub mock: Option<Mock>,
    /// Who says so.
    pub mock_by: SaidBy,
    /// Whether a mock's body may be made from the schema.
    pub mock_synthesize: bool,
    /// Whether 4xx and 5xx responses become `ResponseErrorCodes`.
    pub error_codes: bool,
    /// Characters of a description.
    pub description_limit: usize,
    /// Characters of an example.
    pub example_limit: usize,
    /// `--backend`: fills gaps, and what relative servers are relative to.
    pub backend: Option<String>,
    /// The settings file as read, for the places of its values; `None`: there is none.
    pub file: Option<Arc<Tree>>,
}

impl Default for MappingOptions {
    fn default() -> Self {
        Self {
            base_path: BasePath::default(),
            path_match: PathMatch::default(),
            patch: Patch::default(),
            mock: None,
            mock_by: SaidBy::default(),
            mock_synthesize: false,
            error_codes: false,
            description_limit: 400,
            example_limit: 2000,
            backend: None,
            file: None,
        }
    }
}

impl MappingOptions {
    /// Where the settings file says what stands at this pointer, or what holds it.
    pub(crate) fn place(&self, pointer: &str) -> Option<Place> {
        self.file.as_ref().map(|tree| tree.root().nearest(pointer).place())
    }

    /// A key of the file that says something, with its value in words.
    pub(crate) fn says(&self, key: &str, value: &str) -> Said {
        Said { what: format!("{key}: {value}").into(), place: self.place(&format!("/{key}")) }
    }

    /// The same of what `--mock` says or the file.
    pub(crate) fn says_mock(&self, value: &str) -> Said {
        if self.mock_by == SaidBy::Option {
            return Said { what: format!("--mock {value}").into(), place: None };
        }
        self.says("mock", value)
    }
}

/// What becomes of the server's path at the front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BasePath {
    /// Callers leave it out.
    #[default]
    Ignore,
    /// Callers go on writing it.
    Prepend,
}

/// How a path without parameters is matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PathMatch {
    /// As a prefix, which is what the gateway makes of a plain path.
    #[default]
    Plain,
    /// Exactly: the path is sent as `=/path`.
    Exact,
}

/// What becomes of PATCH, which the gateway's documents do not settle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patch {
    /// The operation is unfit.
    #[default]
    Refuse,
    /// It is created as ANY.
    Any,
    /// It is sent as PATCH.
    Send,
}

/// Who says what an option and the settings file can both say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SaidBy {
    /// The settings file.
    #[default]
    File,
    /// The command line.
    Option,
}

/// Where MOCK backends stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mock {
    /// Where nobody names a backend.
    Missing,
    /// Everywhere.
    All,
}
