//! Backends that other gateways wrote into a document.
//!
//! Where such a word stands, `servers` is not asked: it names the gateway that the catalog
//! is leaving. Kong, Huawei Cloud and Alibaba Cloud have words of their own, which are not
//! read.

use super::Backend;
use crate::plan::notes::Notes;
use crate::plan::scene::Scene;
use crate::spec::document::Extension;
use crate::spec::{Code, Finding, Node, Place};

mod aws;
mod google;

/// What the words of these vendors begin with.
const PREFIXES: &[&str] = &["x-amazon-apigateway-", "x-google-"];

/// Their words that are read here, and one that `spec` tells of.
const READ: &[&str] = &[aws::NAME, google::NAME, "x-amazon-apigateway-any-method"];

/// The backend of another vendor's extension, or why it cannot be carried over; `None`
/// where no vendor says anything of a backend.
pub(super) fn backend(
    scene: Scene<'_>,
    notes: &mut Notes,
) -> Option<Result<Backend, Box<Finding>>> {
    let (name, found) = aws::backend(scene, notes)
        .map(|found| (aws::NAME, found))
        .or_else(|| Some((google::NAME, google::backend(scene, notes)?)))?;
    if let Some(place) = extension(scene, name).map(Extension::place) {
        for field in ["ServiceType", "ServiceConfig", "ServiceParameters", "ConstantParameters"] {
            notes.from(field, name, &place);
        }
    }
    Some(found)
}

/// Whether an extension is a word of one of these vendors.
pub(in crate::plan) fn is_vendors(name: &str) -> bool {
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Tells of the vendors' other words among these extensions: nothing becomes of them.
pub(in crate::plan) fn tell_others(extensions: &[Extension<'_>], findings: &mut Vec<Finding>) {
    let is_told = |name: &str| is_vendors(name) && !READ.contains(&name);
    for extension in extensions.iter().filter(|extension| is_told(extension.name)) {
        let message = format!("nothing becomes of `{}`", extension.name);
        findings.push(Finding::new(Code::ExtensionNotCarried, extension.place(), message));
    }
}

/// An extension by name, the operation's before the document's.
fn extension<'a>(scene: Scene<'a>, name: &str) -> Option<Extension<'a>> {
    scene.operation.extensions.all().find(|extension| extension.name == name).copied()
}

fn text<'t>(object: Node<'t>, key: &str) -> Option<&'t str> {
    object.get(key)?.as_str()
}

fn refused<T>(place: Place, message: String) -> Result<T, Box<Finding>> {
    Err(Box::new(Finding::new(Code::BackendNotCarried, place, message)))
}

/// Tells which of these keys an extension has, since nothing becomes of them.
fn not_carried(extension: Extension<'_>, keys: &[&str], notes: &mut Notes) {
    let present = extension.node().entries().filter(|(_, value)| !value.is_null());
    for (key, _) in present.filter(|(key, _)| keys.contains(&key.as_str())) {
        let message = format!("no field takes `{}` of `{}`", key.as_str(), extension.name);
        notes.tell(Code::ExtensionNotCarried, &key.place(), message);
    }
}
