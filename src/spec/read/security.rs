//! Security requirements and the kinds of the schemes that they name.

use crate::finding::Finding;
use crate::spec::model::{Requirement, Scheme};
use crate::spec::read::{Dialect, Fields, Scope, wrong_type};
use crate::spec::tree::Node;

/// The requirements that an object lists itself; `None` where it lists none, and an empty
/// list where it takes all of them back.
pub(crate) fn requirements<'s>(
    scope: Scope<'s>,
    node: Node<'s>,
    findings: &mut Vec<Finding>,
) -> Option<Vec<Requirement>> {
    let list = Fields::of(node, findings).list("security")?;
    let mut requirements = Vec::new();
    for item in list.items() {
        if item.is_map() {
            let schemes = item.entries().map(|(key, _)| scheme(scope, key.as_str())).collect();
            requirements.push(Requirement { schemes, place: item.place() });
        } else {
            findings.push(wrong_type(item.place(), "security", item, "a list of objects"));
        }
    }
    Some(requirements)
}

fn scheme(scope: Scope<'_>, name: &str) -> Scheme {
    let kind = definition(scope, name).and_then(kind);
    Scheme { name: name.to_owned(), kind }
}

/// The schemes that the document defines.
pub(crate) fn definitions(scope: Scope<'_>) -> impl Iterator<Item = Node<'_>> {
    let schemes = schemes(scope).into_iter().flat_map(Node::entries);
    schemes.filter_map(move |(_, scheme)| scope.find(scheme))
}

fn definition<'s>(scope: Scope<'s>, name: &str) -> Option<Node<'s>> {
    scope.find(schemes(scope)?.get(name)?)
}

fn schemes(scope: Scope<'_>) -> Option<Node<'_>> {
    let schemes = if scope.dialect == Dialect::Swagger2 {
        scope.root.get("securityDefinitions")?
    } else {
        scope.find(scope.root.get("components")?)?.get("securitySchemes")?
    };
    scope.find(schemes)
}

fn kind(definition: Node<'_>) -> Option<String> {
    let text = definition.get("type")?.as_str()?;
    Some(match text {
        "http" => {
            let scheme = definition.get("scheme").and_then(Node::as_str).unwrap_or_default();
            format!("http/{}", scheme.to_ascii_lowercase())
        }
        // What 2.0 calls basic is a scheme of HTTP in 3.x.
        "basic" => "http/basic".to_owned(),
        _ => text.to_owned(),
    })
}
