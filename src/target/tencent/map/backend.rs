//! Where the requests of an operation go, as far as the document and what fills its gaps tell.

pub(crate) mod choose;
pub(crate) mod server;

use crate::spec::model::Server;
use crate::target::tencent::backend_kind::BackendKind;
use crate::target::tencent::map::address::{Address, path_of};
use crate::target::tencent::map::path::join;

/// A backend.
#[derive(Debug, Default)]
pub(crate) struct Backend {
    /// Its kind.
    pub(crate) kind: BackendKind,
    /// Scheme and authority; `None` where the settings name them or the kind has none.
    pub(crate) url: Option<String>,
    /// The path.
    pub(crate) path: String,
    /// The method, where it is not the front's.
    pub(crate) method: Option<String>,
    /// Seconds, where a vendor's extension gives them.
    pub(crate) timeout: Option<i64>,
    /// A mock's body, where a vendor's extension gives one.
    pub(crate) mock: Option<String>,
    /// Parameters that reach the backend under other names, or in other positions.
    pub(crate) renamed: Vec<Renamed>,
    /// Parameters of a fixed value.
    pub(crate) constants: Vec<Constant>,
}

/// A parameter as the backend is sent it, and as callers send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Renamed {
    pub(crate) position: &'static str,
    pub(crate) name: String,
    pub(crate) source_position: &'static str,
    pub(crate) source_name: String,
}

/// A parameter of a fixed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Constant {
    pub(crate) position: &'static str,
    pub(crate) name: String,
    pub(crate) value: String,
}

impl Backend {
    /// The backend at an address; `kind` where it is not the address's own.
    fn at(kind: Option<BackendKind>, address: Address, path: &str) -> Self {
        Self {
            kind: kind.unwrap_or_else(|| address.kind()),
            path: join(&address.path, path),
            url: Some(address.url),
            ..Self::default()
        }
    }

    fn without_address(kind: BackendKind, server: Option<&Server>, path: &str) -> Self {
        let prefix = server.map(path_of).unwrap_or_default();
        Self { kind, path: join(&prefix, path), ..Self::default() }
    }
}
