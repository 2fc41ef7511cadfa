//! `x-google-backend` of Cloud Endpoints and API Gateway: an address, how the path is
//! translated, a deadline. In OpenAPI 3 it may name one of the backends that
//! `x-google-api-management` describes, in words of another case.

use crate::finding::notes::Notes;
use crate::finding::{Code, Place};
use crate::spec::Node;
use crate::target::tencent::backend_kind::BackendKind;
use crate::target::tencent::map::address::Address;
use crate::target::tencent::map::backend::{Backend, Renamed};
use crate::target::tencent::map::context::Context;
use crate::target::tencent::map::path::{Template, join};
use crate::target::tencent::map::vendors::reading::{self, refused, seconds_of, text, unread};
use crate::target::tencent::map::vendors::{Found, Vendor, Word, extension};

const NAME: &str = "x-google-backend";

/// Where backends stand that are named elsewhere.
const SHARED: &str = "x-google-api-management";

pub(super) const VENDOR: Vendor = Vendor {
    name: "Google Cloud's gateway",
    prefixes: &["x-google-"],
    words: &[(NAME, Word::Read), (SHARED, Word::Object(&["backends"]))],
    others: Word::Ignored,
    backends: &[NAME],
    backend,
    serves: &[NAME, SHARED, "x-google-endpoints", "x-google-management"],
};

/// How the callers' path becomes the backend's, in both ways of writing.
const TRANSLATION: [&str; 2] = ["path_translation", "pathTranslation"];

/// What is read of a backend.
const READ: &[&str] = &["address", "deadline", TRANSLATION[0], TRANSLATION[1]];

/// The same where the protocol is the one that this gateway uses.
const READ_OF_HTTP: &[&str] = &["address", "deadline", "protocol", TRANSLATION[0], TRANSLATION[1]];

/// The backend that `x-google-backend` names.
fn backend(context: Context<'_>, notes: &mut Notes) -> Option<Found> {
    let found = extension(context.operation, NAME)?;
    let is_own = context.operation.extensions.operation.iter().any(|own| own.name == NAME);
    let Some(node) = described(context, found.node()) else {
        let message = format!("`{SHARED}` describes no such backend");
        return Some(refused(found.place(), message));
    };
    Some(described_by(node, &found.place(), is_own, &context.path().back, notes))
}

/// The object that describes a backend, in place or under its name.
fn described<'a>(context: Context<'a>, node: Node<'a>) -> Option<Node<'a>> {
    match node.as_str() {
        Some(name) => extension(context.operation, SHARED)?.node().get("backends")?.get(name),
        None => Some(node),
    }
}

fn described_by(
    node: Node<'_>,
    place: &Place,
    is_own: bool,
    path: &str,
    notes: &mut Notes,
) -> Found {
    let refused = |message| refused(place.clone(), message);
    let Some(written) = text(node, "address") else {
        return refused(format!("`{NAME}` names no address"));
    };
    let address = reading::address(written, place, notes)?;
    let constant = match TRANSLATION.iter().find_map(|key| text(node, key)) {
        Some("CONSTANT_ADDRESS") => true,
        Some("APPEND_PATH_TO_ADDRESS") => false,
        Some(other) => return refused(format!("the path translation `{other}` is not known")),
        None => is_own,
    };
    let is_http = text(node, "protocol") == Some("http/1.1");
    notes.findings.extend(unread(node, NAME, if is_http { READ_OF_HTTP } else { READ }));
    Ok(Backend {
        kind: BackendKind::Http,
        path: if constant { constant_path(&address) } else { join(&address.path, path) },
        renamed: if constant { as_query(path) } else { Vec::new() },
        timeout: timeout(node, notes),
        url: Some(address.url),
        ..Backend::default()
    })
}

fn constant_path(address: &Address) -> String {
    if address.path.is_empty() { "/".to_owned() } else { address.path.clone() }
}

/// A constant address is given the path's parameters as a query.
fn as_query(path: &str) -> Vec<Renamed> {
    let names = Template::parse(path).map(|template| template.names).unwrap_or_default();
    let parameter = |name: &&str| Renamed {
        position: "QUERY",
        name: (*name).to_owned(),
        source_position: "PATH",
        source_name: (*name).to_owned(),
    };
    names.iter().map(parameter).collect()
}

/// The deadline in whole seconds; a finding is made of one that is not a number.
fn timeout(node: Node<'_>, notes: &mut Notes) -> Option<i64> {
    let (key, deadline) = node.entry("deadline")?;
    let found = deadline.as_f64().and_then(seconds_of);
    if found.is_none() {
        let message = format!("no field takes such a `deadline` of `{NAME}`");
        notes.tell(Code::EXTENSION_NOT_CARRIED, &key.place(), message);
    }
    found
}
