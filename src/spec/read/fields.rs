//! Reading the fields of an object, whatever the version.
//!
//! Nothing here fails: what has the wrong type is dropped with a finding, and costs no more
//! than itself.

use crate::finding::{Code, Finding, Place};
use crate::spec::tree::{Key, Node};

/// Reads the fields of an object, and reports those that have the wrong type.
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

    /// How many entries a map has.
    pub(crate) fn count(&mut self, key: &str) -> usize {
        self.map(key).map_or(0, |map| map.entries().count())
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

/// A value of another type than is wanted is left out.
pub(crate) fn wrong_type(place: Place, key: &str, found: Node<'_>, wanted: &str) -> Finding {
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
