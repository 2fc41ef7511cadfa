//! Where the requests of an operation go: which voice names a backend, and what of the
//! document's words its kind has a use for.
//!
//! Asked in this order: what the settings and the gateway's own extensions say, another
//! vendor's backend extension, the servers, the settings' defaults, `--backend`, a mock
//! that fills gaps. Fields merge leaf by leaf, so a rule that names only the kind, or only
//! the address, keeps the rest of what the document says.

mod address;

use std::borrow::Cow;

use crate::finding::notes::{DEFAULT, Notes, Said};
use crate::finding::{Code, Finding, Severity};
use crate::spec::model::Server;
use crate::target::tencent::fields::{said, text};
use crate::target::tencent::map::context::Scene;
use crate::target::tencent::map::path::join;
use crate::target::tencent::map::vendors;
use crate::target::tencent::request::{ConstantParameter, ServiceParameter};

pub(crate) use crate::target::tencent::map::vendors::{is_vendors, tell_checks, tell_others};
pub(crate) use address::{Address, Base, check, path_of};

/// What a kind of backend is reached by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// An address, a path and a method.
    Address,
    /// A path and a method; what is called stands in fields of its own.
    Path,
    /// Nothing that a document says.
    Nothing,
}

/// What this kind of backend is reached by.
pub(crate) fn reach(service_type: &str) -> Reach {
    match service_type {
        "HTTP" | "WEBSOCKET" | "VPC" | "GRPC" => Reach::Address,
        "UPSTREAM" | "COS" | "TSF" | "TARGET" => Reach::Path,
        _ => Reach::Nothing,
    }
}

/// Where the requests of an operation go, as far as the document and what fills its gaps
/// say it.
#[derive(Debug, Default)]
pub(crate) struct Backend {
    /// `ServiceType`.
    pub(crate) kind: String,
    /// `ServiceConfig.Url`; `None` where another voice names it or the kind has none.
    pub(crate) url: Option<String>,
    /// `ServiceConfig.Path`.
    pub(crate) path: String,
    /// `ServiceConfig.Method`, where it is not the front's.
    pub(crate) method: Option<String>,
    /// Seconds, where a vendor's extension says.
    pub(crate) timeout: Option<i64>,
    /// A mock's body, where a vendor's extension says.
    pub(crate) mock: Option<String>,
    /// Parameters that reach the backend under other names, or in other positions.
    pub(crate) renamed: Vec<ServiceParameter>,
    /// Parameters of a fixed value.
    pub(crate) constants: Vec<ConstantParameter>,
}

impl Backend {
    fn at(kind: Option<&str>, address: Address, path: &str) -> Self {
        let own = if address.websocket { "WEBSOCKET" } else { "HTTP" };
        Self {
            kind: kind.unwrap_or(own).to_owned(),
            path: join(&address.path, path),
            url: Some(address.url),
            ..Self::default()
        }
    }

    fn without_address(kind: &str, server: Option<&Server>, path: &str) -> Self {
        let prefix = server.map(path_of).unwrap_or_default();
        Self { kind: kind.to_owned(), path: join(&prefix, path), ..Self::default() }
    }
}

/// The backend of an operation. One that cannot be found is an error among the notes.
pub(crate) fn backend(scene: Scene<'_>, notes: &mut Notes) -> Backend {
    let spoken = text(scene.stronger, &["ServiceType"]);
    let server = scene.server();
    let path = &*scene.path();
    if let Some(kind) = spoken.filter(|kind| reach(kind) != Reach::Address) {
        path_from(scene, notes);
        return Backend::without_address(kind, server, path);
    }
    match vendors::backend(scene, notes) {
        Some(Ok(backend)) => {
            let kind = spoken.map_or(backend.kind, str::to_owned);
            return Backend { kind, ..backend };
        }
        Some(Err(_)) if scene.is_said(&["ServiceConfig", "Url"]) => {
            return Backend::without_address(spoken.unwrap_or("HTTP"), None, path);
        }
        Some(Err(why)) => {
            notes.findings.push(*why);
            return Backend::without_address(spoken.unwrap_or("HTTP"), None, path);
        }
        None => {}
    }
    let why = match server.map(|server| (server, scene.context.base.address(server))) {
        Some((server, Ok(address))) => {
            if address.shortened {
                let message =
                    format!("what follows the path of the server `{}` is left out", server.url);
                notes.tell(Code::SERVER_QUERY, &server.place, message);
            }
            // 2.0 has one host, however many its schemes are.
            let is_one = scene.context.document.version.starts_with("2.");
            if scene.operation.servers.len() > 1 && !is_one {
                notes.count(Code::SEVERAL_SERVERS, &server.place);
            }
            if server.has_variables {
                notes.count(Code::SERVER_DEFAULTS, &server.place);
            }
            notes.from("ServiceType", "the server", &server.place);
            notes.from("ServiceConfig.Url", "the server", &server.place);
            path_from(scene, notes);
            return Backend::at(spoken, address, path);
        }
        Some((_, Err(why))) => Some(*why),
        None => None,
    };
    fill_gap(scene, spoken, why, notes)
}

/// Where the document names no backend that can be called, from the weakest voices. `why`
/// it cannot is then worth a warning at most.
fn fill_gap(
    scene: Scene<'_>,
    spoken: Option<&str>,
    why: Option<Finding>,
    notes: &mut Notes,
) -> Backend {
    let server = scene.server();
    let path = &*scene.path();
    let named = spoken.or_else(|| text(scene.weaker, &["ServiceType"]));
    let kind = named.unwrap_or("HTTP");
    let url = &["ServiceConfig", "Url"];
    let has_url = said(scene.stronger, url).or_else(|| said(scene.weaker, url)).is_some();
    if has_url || reach(kind) != Reach::Address {
        if named.is_none() {
            notes.by("ServiceType", || Said::nowhere(DEFAULT));
        }
        path_from(scene, notes);
        return Backend::without_address(kind, server, path);
    }
    if let Some(address) = scene.context.base.without_server(server.is_none()) {
        notes.findings.extend(why.map(as_warning));
        for field in ["ServiceConfig.Url", "ServiceConfig.Path"] {
            notes.by(field, || Said::nowhere("--backend"));
        }
        notes.from("ServiceConfig.Path", "the path", &scene.operation.place);
        if named.is_none() {
            notes.by("ServiceType", || Said::nowhere("--backend"));
        }
        return Backend::at(named, address, path);
    }
    if scene.context.options.mock.is_some() && named.is_none() {
        notes.findings.extend(why.map(as_warning));
        let settings = scene.context.options;
        notes.by("ServiceType", || settings.says_mock("missing"));
        return Backend::without_address("MOCK", server, path);
    }
    let nobody = || {
        let message = "neither the document nor a setting names a backend";
        let finding = Finding::new(Code::NO_BACKEND, scene.operation.place.clone(), message);
        let of_its_kind = "set ServiceConfig.Url where ServiceType is set, or give --backend URL";
        if named.is_some() { finding.with_hint(of_its_kind) } else { finding }
    };
    notes.findings.push(why.unwrap_or_else(nobody));
    Backend::without_address(kind, server, path)
}

/// `ServiceConfig.Path` is the server's path and the operation's.
fn path_from(scene: Scene<'_>, notes: &mut Notes) {
    let field = "ServiceConfig.Path";
    notes.from(field, "the path", &scene.operation.place);
    if let Some(server) = scene.server() {
        notes.from(field, "the server", &server.place);
    }
}

fn as_warning(mut finding: Finding) -> Finding {
    finding.severity = Severity::Warning;
    finding
}

/// `ServiceConfig.Path` as it will be, whoever says it.
pub(crate) fn sent_path<'p>(scene: Scene<'p>, backend: &'p Backend) -> Cow<'p, str> {
    text(scene.stronger, &["ServiceConfig", "Path"]).unwrap_or(&backend.path).into()
}
