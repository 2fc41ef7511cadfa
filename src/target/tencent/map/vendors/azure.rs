//! Azure's `x-ms-*`. Nearly all of them are for generators of clients; two say something of
//! requests: a host with parameters, and a path parameter that is sent with its slashes.

use crate::finding::Code;
use crate::finding::notes::Notes;
use crate::spec::model::Parameter;
use crate::spec::{Node, Operation};
use crate::target::tencent::map::vendors::reading::position_of;
use crate::target::tencent::map::vendors::{Vendor, Word};

pub(super) const VENDOR: Vendor = Vendor {
    name: "Azure",
    prefixes: &["x-ms-"],
    words: &[(
        "x-ms-parameterized-host",
        Word::Advised(
            "the host has parameters: set ServiceConfig.Url by a rule, or give --backend URL",
        ),
    )],
    others: Word::Documentation,
    backends: &[],
    backend: |_, _| None,
    serves: &[],
};

/// Tells of path parameters whose values hold slashes as they are sent.
pub(super) fn tell(operation: &Operation<'_>, notes: &mut Notes) {
    for Parameter { given: parameter, node, .. } in &operation.parameters {
        let is_whole = node.get("x-ms-skip-url-encoding").and_then(Node::as_bool) == Some(true);
        if is_whole && position_of(parameter) == Some("PATH") {
            let name = &parameter.parameter_data_ref().name;
            let message = format!(
                "`{name}` is sent with its slashes (`x-ms-skip-url-encoding`); it takes one segment here"
            );
            notes.tell(Code::GREEDY_PARAMETER, &node.place(), message);
        }
    }
}
