//! The choices that a mapping leaves open: how paths, methods and mocks are made, and how
//! long texts may be.
//!
//! Where a choice was made (the settings file, an option) is kept only for `--explain`.

use std::sync::Arc;

use crate::finding::Place;
use crate::finding::notes::ValueOrigin;
use crate::spec::tree::Tree;

/// How operations become requests. `Default` is what holds where nothing is set.
#[derive(Debug, Clone)]
pub struct MappingOptions {
    /// How paths are read.
    pub paths: PathDialects,
    /// What becomes of the server's path.
    pub base_path: BasePath,
    /// How a path without parameters is matched.
    pub path_match: PathMatch,
    /// What becomes of PATCH.
    pub patch: Patch,
    /// Whether MOCK backends fill gaps or take all.
    pub mock: Option<Mock>,
    /// Who set it.
    pub mock_by: SetBy,
    /// Whether a mock's body may be made from the schema.
    pub mock_synthesize: bool,
    /// Whether 4xx and 5xx responses become `ResponseErrorCodes`.
    pub error_codes: bool,
    /// Characters of a description.
    pub description_limit: usize,
    /// Characters of an example.
    pub example_limit: usize,
    /// Whether keys and tokens that documents hold are left out.
    pub redact: bool,
    /// `--backend`: fills gaps, and what relative servers are relative to.
    pub backend: Option<String>,
    /// `--backend-override`: the backend, whatever documents say.
    pub backend_override: Option<String>,
    /// Who set it.
    pub backend_override_by: SetBy,
    /// The settings file as read, for the places of its values; `None`: there is none.
    pub file: Option<Arc<Tree>>,
}

impl Default for MappingOptions {
    fn default() -> Self {
        Self {
            paths: PathDialects::default(),
            base_path: BasePath::default(),
            path_match: PathMatch::default(),
            patch: Patch::default(),
            mock: None,
            mock_by: SetBy::default(),
            mock_synthesize: false,
            error_codes: false,
            description_limit: 400,
            example_limit: 2000,
            redact: false,
            backend: None,
            backend_override: None,
            backend_override_by: SetBy::default(),
            file: None,
        }
    }
}

impl MappingOptions {
    /// The place of this pointer in the settings file, or of what holds it.
    pub(crate) fn place(&self, pointer: &str) -> Option<Place> {
        self.file.as_ref().map(|tree| tree.root().nearest(pointer).place())
    }

    /// A key of the file as the origin of a value.
    pub(crate) fn origin(&self, key: &str, value: &str) -> ValueOrigin {
        ValueOrigin {
            what: format!("{key}: {value}").into(),
            place: self.place(&format!("/{key}")),
        }
    }

    /// The same of `--backend-override`.
    pub(crate) fn override_origin(&self) -> ValueOrigin {
        if self.backend_override_by == SetBy::Option {
            return ValueOrigin::nowhere("--backend-override");
        }
        let place = self.place("/backend-override");
        ValueOrigin { what: "`backend-override`".into(), place }
    }

    /// The same of `--mock` or of the file's `mock`.
    pub(crate) fn mock_origin(&self, value: &str) -> ValueOrigin {
        if self.mock_by == SetBy::Option {
            return ValueOrigin { what: format!("--mock {value}").into(), place: None };
        }
        self.origin("mock", value)
    }
}

/// How the paths of documents are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PathDialects {
    /// What other frameworks write (`:id`, `<id>`, `{id:[0-9]+}`, `/**`) is carried over.
    #[default]
    Adapt,
    /// They are sent as written.
    Literal,
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

/// What becomes of PATCH, which the gateway's documentation leaves open.
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

/// Who set what both an option and the settings file can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SetBy {
    /// The settings file.
    #[default]
    File,
    /// The command line.
    Option,
}

/// Where MOCK backends are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mock {
    /// Where no backend is named.
    Missing,
    /// Everywhere.
    All,
}
