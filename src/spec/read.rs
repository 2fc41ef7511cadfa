//! From a tree to a document: what all versions have in common.
//!
//! What differs between versions is in `swagger2` and `openapi3`. Nothing here fails: what
//! has the wrong type is dropped with a finding, and costs no more than itself.

use super::finding::{Code, Finding};
use super::reference::{Lost, Shelf};
use super::tree::{Key, Node};

pub(super) mod operation;
pub(super) mod outline;
pub(super) mod security;
pub(super) mod servers;
mod status;

/// The versions that are read, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Dialect {
    Swagger2,
    OpenApi30,
    OpenApi31,
    OpenApi32,
}

/// What every reader needs: the document's root and what it refers to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'s> {
    pub(super) shelf: &'s Shelf,
    pub(super) root: Node<'s>,
    pub(super) dialect: Dialect,
}

impl<'s> Scope<'s> {
    /// What a node's references lead to in the end.
    pub(super) fn follow(self, node: Node<'s>) -> Result<Node<'s>, Lost<'s>> {
        self.shelf.follow(node)
    }

    /// The same, where a target that cannot be found costs nothing but itself.
    pub(super) fn find(self, node: Node<'s>) -> Option<Node<'s>> {
        self.follow(node).ok()
    }
}

/// Reads the fields of an object, and tells of those that have the wrong type.
pub(super) struct Fields<'s, 'f> {
    pub(super) node: Node<'s>,
    pub(super) findings: &'f mut Vec<Finding>,
}

impl<'s, 'f> Fields<'s, 'f> {
    pub(super) fn of(node: Node<'s>, findings: &'f mut Vec<Finding>) -> Self {
        Self { node, findings }
    }

    /// A text. A number or boolean where a text belongs is one that lacks its quotes.
    pub(super) fn text(&mut self, key: &str) -> Option<&'s str> {
        self.take(key, "a string", Node::scalar)
    }

    pub(super) fn string(&mut self, key: &str) -> Option<String> {
        self.text(key).map(str::to_owned)
    }

    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        self.take(key, "a boolean", Node::as_bool)
    }

    pub(super) fn list(&mut self, key: &str) -> Option<Node<'s>> {
        self.take(key, "a list", |node| node.is_list().then_some(node))
    }

    pub(super) fn map(&mut self, key: &str) -> Option<Node<'s>> {
        self.take(key, "an object", |node| node.is_map().then_some(node))
    }

    /// The texts of a list.
    pub(super) fn texts(&mut self, key: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for item in self.list(key).into_iter().flat_map(Node::items) {
            match item.scalar() {
                Some(text) => texts.push(text.to_owned()),
                None => {
                    self.findings.push(wrong_type(item.place(), key, item, "a list of strings"));
                }
            }
        }
        texts
    }

    fn take<T>(
        &mut self,
        key: &str,
        wanted: &str,
        as_wanted: impl Fn(Node<'s>) -> Option<T>,
    ) -> Option<T> {
        let (key, value) = self.node.entry(key)?;
        let taken = as_wanted(value);
        if taken.is_none() && !value.is_null() {
            self.findings.push(wrong_type(key.place(), key.as_str(), value, wanted));
        }
        taken
    }
}

pub(super) fn wrong_type(place: super::Place, key: &str, found: Node<'_>, wanted: &str) -> Finding {
    Finding::new(
        Code::WrongType,
        place,
        format!("`{key}` is {}, not {wanted}; it is left out", found.kind()),
    )
}

/// The entries of a map that are extensions.
pub(super) fn extensions(node: Node<'_>) -> impl Iterator<Item = (Key<'_>, Node<'_>)> {
    node.entries().filter(|(key, _)| is_extension(key.as_str()))
}

pub(super) fn is_extension(key: &str) -> bool {
    key.starts_with("x-")
}

#[cfg(test)]
mod tests;
