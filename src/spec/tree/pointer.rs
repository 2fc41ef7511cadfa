//! Ways through a tree that the settings and the extensions share.

use crate::spec::Node;

/// The node at a pointer below this one, or the nearest that there is.
pub(crate) fn find<'t>(node: Node<'t>, pointer: &str) -> Node<'t> {
    let mut here = node;
    for segment in pointer.split('/').skip(1) {
        let name = segment.replace("~1", "/").replace("~0", "~");
        let inner = match segment.parse() {
            Ok(index) if here.is_list() => here.items().nth(index),
            _ => here.get(&name),
        };
        here = inner.unwrap_or(here);
    }
    here
}
