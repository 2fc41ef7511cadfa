//! What decides the backend of an operation.
//!
//! Asked in this order: what the settings and the gateway's own extensions set,
//! `--backend-override`, another
//! vendor's backend extension, the servers, the settings' defaults, `--backend`, a mock
//! that fills gaps. Fields merge one by one, so a rule that sets only the kind, or only
//! the address, keeps the rest of what the document says.

use crate::finding::notes::{DEFAULT, Notes, ValueOrigin};
use crate::finding::{Code, Finding, Place, Severity};
use crate::spec::model::Server;
use crate::target::tencent::backend_kind::BackendKind;
use crate::target::tencent::fields::{text, value};
use crate::target::tencent::map::address::Address;
use crate::target::tencent::map::backend::Backend;
use crate::target::tencent::map::backend::server::{path_from, server_is_used};
use crate::target::tencent::map::context::Context;
use crate::target::tencent::map::hosts::{self, Unlikely};
use crate::target::tencent::map::vendors;
use crate::target::tencent::names;

/// The backend of an operation. That there is none is an error among the findings.
pub(crate) fn backend(context: Context<'_>, notes: &mut Notes) -> Backend {
    let set = context.set_text(names::SERVICE_TYPE).map(BackendKind::named);
    let kind = set.unwrap_or_default();
    let left = context.server().and_then(|server| vendors::left_server(context, server));
    let server = context.server().filter(|_| left.is_none());
    let path = &*context.path().back;
    // What a rule sets is meant, but for an address that was left to be replaced.
    let set_url = context.set_text(names::BACKEND_URL);
    if set_url.and_then(hosts::unlikely) == Some(Unlikely::Documentation) {
        notes.count(Code::EXAMPLE_BACKEND, &context.operation.place);
    }
    if !kind.has_address() {
        path_from(context, server, notes);
        return Backend::without_address(kind, server, path);
    }
    if let Some(address) = &context.document.base.replacement {
        return replaced(context, set, address.clone(), notes);
    }
    match vendors::backend(context, notes) {
        Some(Ok(backend)) => {
            let place = &context.operation.place;
            if let Some(url) = &backend.url {
                tell_host(context, url, place, notes);
            }
            return Backend { kind: set.unwrap_or(backend.kind), ..backend };
        }
        Some(Err(why)) => {
            if !context.is_set(names::BACKEND_URL) {
                notes.findings.push(*why);
            }
            return Backend::without_address(kind, None, path);
        }
        None => {}
    }
    let address = server.map(|server| (server, context.document.base.address(server)));
    match address {
        Some((server, Ok(address))) => of_server(context, set, server, address, notes),
        Some((server, Err(why))) => fill_gap(context, set, Some(server), Some(*why), notes),
        None => fill_gap(context, set, None, left, notes),
    }
}

/// `--backend-override` in the place of all that the document says.
fn replaced(
    context: Context<'_>,
    set: Option<BackendKind>,
    address: Address,
    notes: &mut Notes,
) -> Backend {
    let (options, place) = (context.options(), &context.operation.place);
    if context.server().is_some() {
        notes.count(Code::BACKEND_REPLACED, place);
    }
    notes.by(names::SERVICE_TYPE, || options.override_origin());
    notes.by(names::BACKEND_URL, || options.override_origin());
    notes.by(names::BACKEND_PATH, || options.override_origin());
    notes.from(names::BACKEND_PATH, "the path", place);
    Backend::at(set, address, &context.path().back)
}

/// The backend at a server's address, unless `--backend` takes the place of a machine that
/// only its developer reaches.
fn of_server(
    context: Context<'_>,
    set: Option<BackendKind>,
    server: &Server,
    address: Address,
    notes: &mut Notes,
) -> Backend {
    let path = &*context.path().back;
    server_is_used(context, server, &address, notes);
    if hosts::unlikely(&address.url) == Some(Unlikely::Loopback)
        && let Some(instead) = context.document.base.instead_of(&address)
    {
        notes.count(Code::BACKEND_REPLACED, &server.place);
        notes.by(names::BACKEND_URL, || ValueOrigin::nowhere("--backend"));
        return Backend::at(set, instead, path);
    }
    tell_host(context, &address.url, &server.place, notes);
    Backend::at(set, address, path)
}

/// Tells of a host that cannot be meant, unless the settings name another.
fn tell_host(context: Context<'_>, url: &str, place: &Place, notes: &mut Notes) {
    if context.is_set(names::BACKEND_URL) {
        return;
    }
    match hosts::unlikely(url) {
        Some(Unlikely::Loopback) => {
            let message = format!("the backend `{url}` is the machine that calls it");
            notes.tell(Code::LOOPBACK_BACKEND, place, message);
        }
        Some(Unlikely::Local) => notes.count(Code::LOCAL_BACKEND, place),
        Some(Unlikely::Documentation) => notes.count(Code::EXAMPLE_BACKEND, place),
        None => {}
    }
}

/// Where the document names no backend that can be called, from what has least precedence.
/// `why` it cannot is then worth a warning at most. `server` is the one whose path counts.
fn fill_gap(
    context: Context<'_>,
    set: Option<BackendKind>,
    server: Option<&Server>,
    why: Option<Finding>,
    notes: &mut Notes,
) -> Backend {
    let options = context.options();
    let path = &*context.path().back;
    let by_default = || text(context.defaults, names::SERVICE_TYPE).map(BackendKind::named);
    let named = set.or_else(by_default);
    let kind = named.unwrap_or_default();
    let has_url =
        context.is_set(names::BACKEND_URL) || value(context.defaults, names::BACKEND_URL).is_some();
    if has_url || !kind.has_address() {
        if named.is_none() {
            notes.by(names::SERVICE_TYPE, || ValueOrigin::nowhere(DEFAULT));
        }
        path_from(context, server, notes);
        return Backend::without_address(kind, server, path);
    }
    if let Some(address) = context.document.base.without_server(context.server().is_none()) {
        notes.findings.extend(why.map(as_warning));
        for field in [names::BACKEND_URL, names::BACKEND_PATH] {
            notes.by(field, || ValueOrigin::nowhere("--backend"));
        }
        notes.from(names::BACKEND_PATH, "the path", &context.operation.place);
        if named.is_none() {
            notes.by(names::SERVICE_TYPE, || ValueOrigin::nowhere("--backend"));
        }
        return Backend::at(named, address, path);
    }
    if options.mock.is_some() && named.is_none() {
        notes.findings.extend(why.map(as_warning));
        notes.by(names::SERVICE_TYPE, || options.mock_origin("missing"));
        return Backend::without_address(BackendKind::Mock, server, path);
    }
    notes.findings.push(why.unwrap_or_else(|| no_backend(context, named.is_some())));
    Backend::without_address(kind, server, path)
}

fn no_backend(context: Context<'_>, has_kind: bool) -> Finding {
    let message = "neither the document nor a setting names a backend";
    let finding = Finding::new(Code::NO_BACKEND, context.operation.place.clone(), message);
    let of_its_kind = "set ServiceConfig.Url where ServiceType is set, or give --backend URL";
    if has_kind { finding.with_hint(of_its_kind) } else { finding }
}

fn as_warning(mut finding: Finding) -> Finding {
    finding.severity = Severity::Warning;
    finding
}
