//! What a source means: text to a tree, a tree to a [`Document`], version differences gone.
//!
//! Nothing here reads a file, a clock or a socket, and nothing here fails a run: what is
//! wrong with a source is a [`Finding`](crate::finding::Finding). A document that needs
//! another file names it, and `source` reads it. Nothing here knows the gateway.
//!
//! ```
//! use apiferry::spec::{DocumentSet, SourceText};
//!
//! let text = r#"{"openapi": "3.0.3", "paths": {"/pets": {"get": {"summary": "All pets"}}}}"#;
//! let set = DocumentSet::new(SourceText { name: "pets.json".into(), text: text.to_owned() }).unwrap();
//! // Where `set.missing()` names files, whoever may read files gives them to `set.add`.
//! let document = set.document().unwrap();
//! for operation in document.operations() {
//!     assert_eq!((operation.method.as_str(), &*operation.path), ("GET", "/pets"));
//! }
//! ```

pub(crate) mod codes;
mod document;
mod method;
pub mod model;
pub mod object;
mod read;
pub mod reference;
pub mod schema;
pub mod tree;
mod version;

pub use document::Document;
pub use method::Method;
pub use model::Operation;
pub use object::ObjectShape;
pub use reference::DocumentSet;
pub use schema::Schema;
pub use tree::{Kind, Node, SourceText};
