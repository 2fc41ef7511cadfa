//! Whether a tree is a document, and of which version.

use crate::finding::{Code, Finding};
use crate::spec::tree::Node;

/// The versions that are read, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SpecVersion {
    Swagger2,
    OpenApi30,
    OpenApi31,
    OpenApi32,
}

/// The version, as written too, and what is to be told of it.
///
/// # Errors
/// Why it is not a document that can be read.
pub(crate) fn of(root: Node<'_>) -> Result<(SpecVersion, String, Option<Finding>), Finding> {
    let Some((name, value)) = version_key(root) else { return Err(not_a_document(root)) };
    let Some(text) = value.scalar() else {
        let message = format!("`{name}` is {}, not a version", value.kind());
        return Err(Finding::new(Code::NOT_A_DOCUMENT, value.place(), message));
    };
    let refused = |what: &str| {
        Finding::new(
            Code::UNSUPPORTED_VERSION,
            value.place(),
            format!("this is {what} {text}, which is not supported"),
        )
    };
    match (name, major_minor(text)) {
        ("swagger", Some((2, 0))) => Ok((SpecVersion::Swagger2, text.to_owned(), None)),
        ("openapi", Some((3, minor))) => {
            let version =
                [SpecVersion::OpenApi30, SpecVersion::OpenApi31].get(minor as usize).copied();
            let message = format!("OpenAPI {text} is read as 3.{}", minor.min(2));
            let newer =
                is_newer(text).then(|| Finding::new(Code::NEWER_VERSION, value.place(), message));
            Ok((version.unwrap_or(SpecVersion::OpenApi32), text.to_owned(), newer))
        }
        ("openapi", _) => Err(refused("OpenAPI")),
        ("asyncapi", _) => Err(refused("AsyncAPI")),
        _ => Err(refused("Swagger")),
    }
}

/// Whether it says of itself that it is a document, of whatever version.
pub(crate) fn is_document(root: Node<'_>) -> bool {
    version_key(root).is_some_and(|(name, _)| name != "asyncapi")
}

fn version_key(root: Node<'_>) -> Option<(&'static str, Node<'_>)> {
    let names = ["openapi", "swagger", "swaggerVersion", "asyncapi"];
    names.into_iter().find_map(|name| Some((name, root.get(name)?)))
}

fn not_a_document(root: Node<'_>) -> Finding {
    let message = if root.is_null() {
        "it is empty".to_owned()
    } else if root.is_map() {
        "it has neither `openapi` nor `swagger` at its root".to_owned()
    } else {
        format!("it is {}, not an OpenAPI document", root.kind())
    };
    Finding::new(Code::NOT_A_DOCUMENT, root.place(), message)
}

/// The newest patch of each minor version of OpenAPI 3.
const PATCHES: [u32; 3] = [4, 2, 0];

fn is_newer(text: &str) -> bool {
    let mut parts = text.trim().split(['.', '-', '+']).skip(1).map(str::parse::<u32>);
    let (minor, patch) = (parts.next(), parts.next());
    let Some(Ok(minor)) = minor else { return false };
    let known = PATCHES.get(minor as usize);
    known.is_none_or(|&known| patch.is_some_and(|patch| patch.is_ok_and(|patch| patch > known)))
}

/// The first two numbers of `3.0.3`; a number alone says too little.
fn major_minor(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().split(['.', '-', '+']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
