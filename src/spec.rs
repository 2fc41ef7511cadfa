//! What a source says: text to a tree, a tree to a [`Document`], version differences gone.
//!
//! Nothing here reads a file, a clock or a socket, and nothing here fails a run: what is
//! wrong with a source is a [`Finding`]. A document that needs another file names it, and
//! `source` brings it. Nothing here knows the gateway.
//!
//! ```
//! use apiferry::spec::{Shelf, Source};
//!
//! let text = r#"{"openapi": "3.0.3", "paths": {"/pets": {"get": {"summary": "All pets"}}}}"#;
//! let shelf = Shelf::new(Source { name: "pets.json".into(), text: text.to_owned() }).unwrap();
//! // Where `shelf.missing()` names files, whoever may read files gives them to `shelf.add`.
//! let document = shelf.document().unwrap();
//! for operation in document.operations() {
//!     assert_eq!((operation.method.as_str(), &*operation.path), ("GET", "/pets"));
//! }
//! ```

pub(crate) mod codes;
mod method;
pub mod model;
mod read;
pub mod reference;
pub mod schema;
pub mod tree;

pub use model::{Document, Method, Operation};
pub use reference::Shelf;
pub use schema::Schema;
pub use tree::{Kind, Node, Source};
