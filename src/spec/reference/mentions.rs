//! All references of a tree, whether anything follows them or not.
//!
//! What stands in an example is a value, though it may have a `$ref` of its own.

use crate::spec::tree::{Node, Tree};

/// Keys whose values are not read as parts of a document.
const VALUES: &[&str] = &["const", "default", "enum", "example", "examples", "value"];

/// The strings after `$ref`.
pub(crate) fn references(tree: &Tree) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    let mut open = vec![(tree.root(), false)];
    while let Some((node, are_names)) = open.pop() {
        for (key, value) in node.entries() {
            let key = key.as_str();
            if key == "$ref" && !are_names && value.as_str().is_some() {
                found.push(value);
            } else if are_names || !(VALUES.contains(&key) || key.starts_with("x-")) {
                open.push((value, key == "properties" && !are_names));
            }
        }
        open.extend(node.items().map(|item| (item, false)));
    }
    found
}
