//! Security requirements and the kinds of the schemes that they name.

use crate::finding::Finding;
use crate::spec::model::{Requirement, Scheme};
use crate::spec::read::fields::{Fields, wrong_type};
use crate::spec::reference::Resolver;
use crate::spec::tree::Node;
use crate::spec::version::SpecVersion;

/// The requirements that an object lists itself; `None` where it lists none, and an empty
/// list where it takes all of them back.
pub(crate) fn requirements<'s>(
    resolver: Resolver<'s>,
    node: Node<'s>,
    findings: &mut Vec<Finding>,
) -> Option<Vec<Requirement>> {
    let list = Fields::of(node, findings).list("security")?;
    let mut requirements = Vec::new();
    for item in list.items() {
        if item.is_map() {
            let schemes = item.entries().map(|(key, _)| scheme(resolver, key.as_str())).collect();
            requirements.push(Requirement { schemes, place: item.place() });
        } else {
            findings.push(wrong_type(item.place(), "security", item, "a list of objects"));
        }
    }
    Some(requirements)
}

fn scheme(resolver: Resolver<'_>, name: &str) -> Scheme {
    let kind = definition(resolver, name).and_then(kind);
    Scheme { name: name.to_owned(), kind }
}

/// The schemes that the document defines.
pub(crate) fn definitions(resolver: Resolver<'_>) -> impl Iterator<Item = Node<'_>> {
    let schemes = schemes(resolver).into_iter().flat_map(Node::entries);
    schemes.filter_map(move |(_, scheme)| resolver.find(scheme))
}

fn definition<'s>(resolver: Resolver<'s>, name: &str) -> Option<Node<'s>> {
    resolver.find(schemes(resolver)?.get(name)?)
}

fn schemes(resolver: Resolver<'_>) -> Option<Node<'_>> {
    let schemes = if resolver.version == SpecVersion::Swagger2 {
        resolver.root.get("securityDefinitions")?
    } else {
        resolver.find(resolver.root.get("components")?)?.get("securitySchemes")?
    };
    resolver.find(schemes)
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
