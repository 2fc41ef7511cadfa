//! What an exported document does not hold as the gateway does.

use crate::target::tencent::read_back::ReadBack;

/// Something that a document does not hold as the gateway does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// What kind of thing it is, kebab-case and stable.
    pub code: &'static str,
    /// The API, by method and path; empty: the service as a whole.
    pub route: String,
    /// In words.
    pub message: String,
    /// Whether an import of the document would not make what the gateway holds.
    pub is_loss: bool,
}

/// Method and path of an API, for people.
pub(super) fn route(api: &ReadBack) -> String {
    format!("{} {}", api.method(), api.path())
}
