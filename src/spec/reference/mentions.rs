//! All references of a tree to other files, whether anything follows them or not.
//!
//! What stands in an example is a value, though it may have a `$ref` of its own: there only
//! one to what is named as documents are is taken for a reference that was not put in.

use crate::spec::tree::{Node, Tree};

/// Keys whose values are not read as parts of a document.
const VALUES: &[&str] = &["const", "default", "enum", "example", "examples", "value"];

/// How files of documents are named.
const ENDINGS: &[&str] = &[".yaml", ".yml", ".json"];

/// What a key of a map may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    Words,
    /// Of properties.
    Names,
    /// Of a value.
    Any,
}

/// The strings after `$ref`.
pub(crate) fn references(tree: &Tree) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    let mut open = vec![(tree.root(), Keys::Words)];
    while let Some((node, keys)) = open.pop() {
        for (key, value) in node.entries() {
            let key = key.as_str();
            if let Some(text) = value.as_str().filter(|_| key == "$ref") {
                let is_meant = keys == Keys::Words || keys == Keys::Any && names_a_file(text);
                found.extend(is_meant.then_some(value));
            }
            open.push((value, inside(key, keys)));
        }
        open.extend(node.items().map(|item| (item, keys)));
    }
    found
}

/// What the keys are in the value of a key.
fn inside(key: &str, keys: Keys) -> Keys {
    match keys {
        Keys::Any => Keys::Any,
        Keys::Words if VALUES.contains(&key) || key.starts_with("x-") => Keys::Any,
        Keys::Words if key == "properties" => Keys::Names,
        Keys::Names | Keys::Words => Keys::Words,
    }
}

fn names_a_file(reference: &str) -> bool {
    let file = reference.split('#').next().unwrap_or_default();
    ENDINGS.iter().any(|ending| file.ends_with(ending))
}
