//! Names that schemas and documents give themselves: `$id`, `$anchor`, `$dynamicAnchor` and
//! 3.2's `$self`.
//!
//! The scope of a `$dynamicRef` is not followed at run time: the anchor of its own resource
//! is taken, which is what it means wherever nothing overrides it.

use std::collections::HashMap;

use crate::spec::reference::address;
use crate::spec::tree::{Node, Tree};

/// The names in one tree.
#[derive(Debug)]
pub(crate) struct Identifiers {
    /// The whole first, then what has an `$id`, outer before inner.
    resources: Vec<Resource>,
    /// By the resource that an anchor is in, and its name.
    anchors: HashMap<(usize, String), u32>,
}

/// What has an address of its own.
#[derive(Debug)]
struct Resource {
    address: String,
    pointer: String,
    cell: u32,
}

impl Identifiers {
    /// Those of a tree, where it has any.
    pub(crate) fn of(tree: &Tree) -> Option<Self> {
        let words = ["$self", "$id", "$anchor", "$dynamicAnchor"].map(str::as_bytes);
        let text = tree.text().as_bytes();
        let has_names = memchr::memchr_iter(b'$', text)
            .any(|at| words.iter().any(|word| text[at..].starts_with(word)));
        has_names.then(|| Self::read(tree))
    }

    fn read(tree: &Tree) -> Self {
        let root = tree.root();
        let own = ["$self", "$id"].into_iter().find_map(|key| root.get(key)?.as_str());
        let address = own.map_or_else(
            || address::normal(tree.name()),
            |own| address::join(tree.name(), without_fragment(own)),
        );
        let resources = vec![Resource { address, pointer: String::new(), cell: root.cell }];
        let mut found = Self { resources, anchors: HashMap::new() };
        found.descend(root);
        found
    }

    fn descend(&mut self, root: Node<'_>) {
        let mut open = vec![(root, 0)];
        while let Some((node, outer)) = open.pop() {
            let inner = if node.is(root) { outer } else { self.resource(node, outer) };
            for key in ["$anchor", "$dynamicAnchor"] {
                if let Some(name) = node.get(key).and_then(Node::as_str) {
                    self.anchors.entry((inner, name.to_owned())).or_insert(node.cell);
                }
            }
            let children = node.entries().map(|(_, value)| value).chain(node.items());
            open.extend(children.filter(|it| it.is_map() || it.is_list()).map(|it| (it, inner)));
        }
    }

    /// The resource that a node is, where it has a name, else the one around it.
    fn resource(&mut self, node: Node<'_>, outer: usize) -> usize {
        let Some(id) = node.get("$id").and_then(Node::as_str) else { return outer };
        let address = address::join(&self.resources[outer].address, without_fragment(id));
        self.resources.push(Resource { address, pointer: node.pointer(), cell: node.cell });
        self.resources.len() - 1
    }

    /// The resource around a node.
    fn around(&self, node: Node<'_>) -> usize {
        if self.resources.len() == 1 {
            return 0;
        }
        let pointer = node.pointer();
        let holds = |it: &Resource| {
            pointer
                .strip_prefix(&*it.pointer)
                .is_some_and(|it| it.is_empty() || it.starts_with('/'))
        };
        self.resources.iter().rposition(holds).unwrap_or_default()
    }

    /// What relative references at a node are relative to.
    pub(crate) fn base(&self, node: Node<'_>) -> &str {
        &self.resources[self.around(node)].address
    }

    /// The value of this tree that has an address.
    pub(crate) fn addressed<'t>(&self, tree: &'t Tree, address: &str) -> Option<Node<'t>> {
        let found = self.resources.iter().find(|it| it.address == address)?;
        Some(Node { tree, cell: found.cell })
    }

    /// The resource around a node, where that is not the whole tree.
    pub(crate) fn enclosing<'t>(&self, node: Node<'t>) -> Option<Node<'t>> {
        let around = Some(self.around(node)).filter(|around| *around > 0)?;
        Some(Node { tree: node.tree(), cell: self.resources[around].cell })
    }

    /// What has an anchor in the resource around a node, or, as some documents mean it, in
    /// the whole tree.
    pub(crate) fn anchored<'t>(&self, node: Node<'t>, name: &str) -> Option<Node<'t>> {
        let of = |resource| self.anchors.get(&(resource, name.to_owned()));
        let cell = of(self.around(node)).or_else(|| of(0))?;
        Some(Node { tree: node.tree(), cell: *cell })
    }
}

fn without_fragment(address: &str) -> &str {
    address.split('#').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::spec::tree::SourceText;
    use crate::spec::{DocumentSet, Node};

    /// What the reference in `at` leads to, in a document of two components.
    #[track_caller]
    fn check(root: &str, at: &str, reference: &str, target: Option<&str>) {
        let text = format!(
            "openapi: 3.2.0\n{root}\nat: {{inner: {{{at}x: {{$ref: '{reference}'}}, defs: {{d: {{}}}}}}}}\ncomponents:\n  a: {{$id: 'https://h.io/s/a', $anchor: top, b: {{$anchor: in, $id: b}}}}\n  c: {{$dynamicAnchor: node}}\n"
        );
        let set = DocumentSet::new(SourceText { name: "d/root.yaml".into(), text }).unwrap();
        let nearest = set.root().root().nearest("/at/inner/x");
        let found = set.follow(nearest).ok().map(Node::pointer);
        assert_eq!(found.as_deref(), target, "{reference}");
        assert_eq!(set.asked_for(), Vec::<String>::new());
    }

    #[test]
    fn an_address_that_a_part_gives_itself_is_no_file() {
        check("", "", "https://h.io/s/a", Some("/components/a"));
        check("", "", "https://h.io/s/b", Some("/components/a/b"));
        check("", "$id: 'https://h.io/s/e', ", "a#/b", Some("/components/a/b"));
        check(
            "$self: https://h.io/api",
            "",
            "https://h.io/api#/components/c",
            Some("/components/c"),
        );
        check("$self: https://h.io/api", "", "s/a", Some("/components/a"));
    }

    #[test]
    fn an_anchor_is_of_the_part_around_it() {
        check("", "", "#node", Some("/components/c"));
        check("", "", "https://h.io/s/a#top", Some("/components/a"));
        check("", "", "https://h.io/s/b#in", Some("/components/a/b"));
        check("", "", "#top", None);
        check("", "", "#none", None);
    }

    #[test]
    fn a_pointer_that_leads_nowhere_from_the_root_is_of_the_part_around_it() {
        check("", "$id: e, ", "#/defs/d", Some("/at/inner/defs/d"));
        check("", "$id: e, ", "#/components/c", Some("/components/c"));
        check("", "", "#/defs/d", None);
    }
}
