//! Backends that other gateways wrote into a document.
//!
//! Where such an extension stands, `servers` is not read: it names the gateway that the catalog
//! is leaving. Those of Kong, Huawei Cloud and Alibaba Cloud are not supported.

mod aws;
mod google;

use crate::finding::notes::Notes;
use crate::finding::{Code, Finding, Place};
use crate::spec::Node;
use crate::spec::model::Extension;
use crate::target::tencent::map::address::Address;
use crate::target::tencent::map::backend::Backend;
use crate::target::tencent::map::context::Context;
use crate::target::tencent::names;

/// What the extensions of these vendors begin with.
const PREFIXES: &[&str] = &["x-amazon-apigateway-", "x-google-"];

/// The fields that they always set, where the request has them.
const FIELDS: &[&str] =
    &[names::SERVICE_TYPE, names::BACKEND_URL, names::BACKEND_PATH, names::SERVICE_TIMEOUT];

/// Those that are read here.
const READ: &[&str] = &[aws::NAME, google::NAME];

/// The one that answers preflight requests, which the gateway can do as well.
const CORS: &str = "x-amazon-apigateway-cors";

/// The backend of another vendor's extension, or why it cannot be carried over; `None`
/// where no vendor's extension names a backend.
pub(crate) fn backend(
    context: Context<'_>,
    notes: &mut Notes,
) -> Option<Result<Backend, Box<Finding>>> {
    let (name, found) = aws::backend(context, notes)
        .map(|found| (aws::NAME, found))
        .or_else(|| Some((google::NAME, google::backend(context, notes)?)))?;
    if let Some(place) = extension(context, name).map(Extension::place) {
        for field in FIELDS {
            notes.from(field, name, &place);
        }
        if let Ok(backend) = &found {
            let method = backend.method.as_ref().map(|_| names::BACKEND_METHOD);
            let mock = backend.mock.as_ref().map(|_| names::MOCK_MESSAGE);
            let renamed = backend.renamed.first().map(|_| names::SERVICE_PARAMETERS);
            let constants = backend.constants.first().map(|_| names::CONSTANT_PARAMETERS);
            let set = [method, mock, renamed, constants].into_iter().flatten();
            set.for_each(|field| notes.from(field, name, &place));
        }
    }
    Some(found)
}

/// Whether an extension is one of these vendors'.
pub(crate) fn is_vendors(name: &str) -> bool {
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Finds the vendors' other extensions, which are ignored.
pub(crate) fn tell_others(extensions: &[Extension<'_>], findings: &mut Vec<Finding>) {
    let is_told = |name: &str| is_vendors(name) && !READ.contains(&name);
    for extension in extensions.iter().filter(|extension| is_told(extension.name)) {
        if extension.name == google::SHARED {
            findings.extend(unread(extension.node(), extension.name, &["backends"]));
            continue;
        }
        let message = format!("`{}` is ignored", extension.name);
        let finding = Finding::new(Code::EXTENSION_NOT_CARRIED, extension.place(), message);
        let hint = "`EnableCORS: true` in a rule or in `defaults` lets the gateway answer";
        let answers_preflights = extension.name == CORS;
        findings.push(if answers_preflights { finding.with_hint(hint) } else { finding });
    }
}

/// Finds the vendors' extensions at the schemes that a document defines: what the gateway that
/// it is leaving checks of callers is no longer checked.
pub(crate) fn tell_checks<'s>(
    schemes: impl Iterator<Item = Vec<Extension<'s>>>,
    findings: &mut Vec<Finding>,
) {
    for mut words in schemes {
        words.retain(|word| is_vendors(word.name));
        let Some(first) = words.first() else { continue };
        let names: Vec<&str> = words.iter().map(|word| word.name).collect();
        let message =
            format!("`{}` is ignored, by which another gateway checks callers", names.join("`, `"));
        let finding = Finding::new(Code::EXTENSION_NOT_CARRIED, first.place(), message);
        findings.push(finding.with_hint("the settings' `security` makes the gateway check"));
    }
}

/// An extension by name, the operation's before the document's.
fn extension<'a>(context: Context<'a>, name: &str) -> Option<Extension<'a>> {
    context.operation.extensions.all().find(|extension| extension.name == name).copied()
}

fn text<'t>(object: Node<'t>, key: &str) -> Option<&'t str> {
    object.get(key)?.as_str()
}

fn refused<T>(place: Place, message: String) -> Result<T, Box<Finding>> {
    Err(Box::new(Finding::new(Code::BACKEND_NOT_CARRIED, place, message)))
}

/// Findings about an object of the extension `name`: its keys that hold something and are not
/// among those that are read.
fn unread<'n>(
    object: Node<'n>,
    name: &'n str,
    read: &'n [&str],
) -> impl Iterator<Item = Finding> + 'n {
    let holds =
        |value: Node<'_>| !value.is_null() && (value.scalar().is_some() || !value.is_empty());
    let told =
        object.entries().filter(move |(key, value)| !read.contains(&key.as_str()) && holds(*value));
    told.map(move |(key, _)| {
        let message = format!("no field takes `{}` of `{name}`", key.as_str());
        Finding::new(Code::EXTENSION_NOT_CARRIED, key.place(), message)
    })
}

/// Tells that the query of an address is left out.
fn tell_query(address: &Address, written: &str, place: &Place, notes: &mut Notes) {
    if address.shortened {
        let message = format!("what follows the path of `{written}` is left out");
        notes.tell(Code::SERVER_QUERY, place, message);
    }
}
