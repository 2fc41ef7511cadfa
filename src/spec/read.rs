//! From a tree to a document: what all versions have in common.
//!
//! What differs between versions is in `swagger2` and `openapi3`. Nothing here fails: what
//! has the wrong type is dropped with a finding, and costs no more than itself.

pub(crate) mod openapi3;
pub(crate) mod operation;
pub(crate) mod outline;
pub(crate) mod security;
pub(crate) mod servers;
mod status;
pub(crate) mod swagger2;
pub(crate) mod version;

use crate::finding::{Code, Finding};
use crate::spec::reference::{Lost, Shelf};
use crate::spec::tree::{Key, Node};

/// The versions that are read, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Dialect {
    Swagger2,
    OpenApi30,
    OpenApi31,
    OpenApi32,
}

/// What every reader needs: the document's root and what it refers to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'s> {
    pub(crate) shelf: &'s Shelf,
    pub(crate) root: Node<'s>,
    pub(crate) dialect: Dialect,
}

impl<'s> Scope<'s> {
    /// What a node's references lead to in the end.
    pub(crate) fn follow(self, node: Node<'s>) -> Result<Node<'s>, Lost<'s>> {
        self.shelf.follow(node)
    }

    /// The same, where a target that cannot be found costs nothing but itself.
    pub(crate) fn find(self, node: Node<'s>) -> Option<Node<'s>> {
        self.follow(node).ok()
    }
}

/// Reads the fields of an object, and tells of those that have the wrong type.
pub(crate) struct Fields<'s, 'f> {
    pub(crate) node: Node<'s>,
    pub(crate) findings: &'f mut Vec<Finding>,
}

impl<'s, 'f> Fields<'s, 'f> {
    pub(crate) fn of(node: Node<'s>, findings: &'f mut Vec<Finding>) -> Self {
        Self { node, findings }
    }

    /// A text. A number or boolean where a text belongs is one that lacks its quotes.
    pub(crate) fn text(&mut self, key: &str) -> Option<&'s str> {
        self.take(key, "a string", Node::scalar)
    }

    pub(crate) fn string(&mut self, key: &str) -> Option<String> {
        self.text(key).map(str::to_owned)
    }

    pub(crate) fn flag(&mut self, key: &str) -> Option<bool> {
        self.take(key, "a boolean", Node::as_bool)
    }

    pub(crate) fn list(&mut self, key: &str) -> Option<Node<'s>> {
        self.take(key, "a list", |node| node.is_list().then_some(node))
    }

    pub(crate) fn map(&mut self, key: &str) -> Option<Node<'s>> {
        self.take(key, "an object", |node| node.is_map().then_some(node))
    }

    /// The texts of a list.
    pub(crate) fn texts(&mut self, key: &str) -> Vec<String> {
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

pub(crate) fn wrong_type(
    place: crate::finding::Place,
    key: &str,
    found: Node<'_>,
    wanted: &str,
) -> Finding {
    Finding::new(
        Code::WRONG_TYPE,
        place,
        format!("`{key}` is {}, not {wanted}; it is left out", found.kind()),
    )
}

/// The entries of a map that are extensions.
pub(crate) fn extensions(node: Node<'_>) -> impl Iterator<Item = (Key<'_>, Node<'_>)> {
    node.entries().filter(|(key, _)| is_extension(key.as_str()))
}

pub(crate) fn is_extension(key: &str) -> bool {
    key.starts_with("x-")
}

#[cfg(test)]
mod tests;
