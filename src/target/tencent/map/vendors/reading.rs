//! How the vendors' words are read, whatever they say.

use openapiv3::Parameter;

use crate::finding::notes::Notes;
use crate::finding::{Code, Finding, Place};
use crate::spec::Node;
use crate::target::tencent::map::address::Address;
use crate::target::tencent::map::backend::{Constant, Renamed, server};
use crate::target::tencent::map::context::Context;

/// The text at a key.
pub(super) fn text<'t>(object: Node<'t>, key: &str) -> Option<&'t str> {
    object.get(key)?.as_str()
}

/// The text at the first of these keys that has one.
pub(super) fn first_text<'t>(object: Node<'t>, keys: &[&str]) -> Option<&'t str> {
    keys.iter().find_map(|key| object.get(key)?.scalar())
}

/// Milliseconds there, whole seconds here.
pub(super) fn seconds(milliseconds: Option<&str>) -> Option<i64> {
    let milliseconds: u64 = milliseconds?.parse().ok()?;
    i64::try_from(milliseconds.div_ceil(1000).max(1)).ok()
}

/// The position of a parameter that vendors write in any case: `query`, `Head`, `path`.
pub(super) fn position(written: &str) -> Option<&'static str> {
    match written.to_ascii_lowercase().as_str() {
        "path" => Some("PATH"),
        "query" => Some("QUERY"),
        "header" | "head" => Some("HEADER"),
        _ => None,
    }
}

/// A parameter of a fixed value.
pub(super) fn constant(position: &'static str, name: &str, value: &str) -> Constant {
    Constant { position, name: name.to_owned(), value: value.to_owned() }
}

/// Path parameters, and others that change name or position: the rest passes as it is.
pub(super) fn moved(parameters: Vec<Renamed>) -> Vec<Renamed> {
    let moves = |it: &Renamed| {
        it.position == "PATH" || it.name != it.source_name || it.position != it.source_position
    };
    parameters.into_iter().filter(moves).collect()
}

/// That a backend cannot be carried over.
pub(super) fn refused<T>(place: Place, message: impl Into<String>) -> Result<T, Box<Finding>> {
    Err(Box::new(Finding::new(Code::BACKEND_NOT_CARRIED, place, message)))
}

/// The address of a backend, or why it cannot be called.
pub(super) fn address(
    written: &str,
    place: &Place,
    notes: &mut Notes,
) -> Result<Address, Box<Finding>> {
    match Address::parse(written) {
        Ok(address) => {
            tell_query(&address, written, place, notes);
            Ok(address)
        }
        Err(fault) => refused(place.clone(), format!("the address `{written}` {fault}")),
    }
}

/// What stands behind the host of an address.
pub(super) fn path_of(uri: &str) -> &str {
    let behind_scheme = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    behind_scheme.find(['/', '?', '#']).map_or("", |at| &behind_scheme[at..])
}

/// Findings about an object of the extension `name`: its keys that hold something and are not
/// among those that are read.
pub(super) fn unread<'n>(
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

/// Tells what has no counterpart here.
pub(super) fn lost(notes: &mut Notes, place: &Place, what: &str) {
    notes.tell(Code::EXTENSION_NOT_CARRIED, place, format!("{what} has no counterpart"));
}

/// Tells that the query of an address is left out.
pub(super) fn tell_query(address: &Address, written: &str, place: &Place, notes: &mut Notes) {
    if address.shortened {
        let message = format!("what follows the path of `{written}` is left out");
        notes.tell(Code::SERVER_QUERY, place, message);
    }
}

/// Where callers send the parameter of this name; of several, the one at `wanted`.
pub(super) fn sent_in(context: Context<'_>, name: &str, wanted: &str) -> Option<&'static str> {
    let declared = || context.operation.parameters.iter().map(|parameter| &parameter.given);
    let named = |parameter: &&Parameter| parameter.parameter_data_ref().name == name;
    let positions = || declared().filter(named).filter_map(position_of);
    let in_path = || context.path().front.contains(&format!("{{{name}}}")).then_some("PATH");
    positions().find(|position| *position == wanted).or_else(|| positions().next()).or_else(in_path)
}

/// The position of a declared parameter; a cookie has none.
pub(super) fn position_of(parameter: &Parameter) -> Option<&'static str> {
    match parameter {
        Parameter::Path { .. } => Some("PATH"),
        Parameter::Query { .. } => Some("QUERY"),
        Parameter::Header { .. } => Some("HEADER"),
        Parameter::Cookie { .. } => None,
    }
}

/// The backend's path without the parameter that takes in the rest of the callers' path, if
/// there is one: the gateway puts what follows a prefix behind the backend's path by itself.
pub(super) fn without_rest(
    path: String,
    context: Context<'_>,
    renamed: &[Renamed],
    place: &Place,
    notes: &mut Notes,
) -> Result<String, Box<Finding>> {
    let Some(rest) = context.path().rest else { return Ok(path) };
    let takes_rest = |it: &&Renamed| it.position == "PATH" && it.source_name == rest;
    let name = renamed.iter().find(takes_rest).map_or(&rest, |it| &it.name);
    let parameter = format!("{{{name}}}");
    if let Some(before) = path.strip_suffix(&parameter) {
        return Ok(before.to_owned());
    }
    if path.contains(&parameter) {
        let message = format!("`{parameter}` is not the end of the backend's path `{path}`");
        return refused(place.clone(), message);
    }
    let message = format!("the backend is sent what follows the callers' path behind `{path}`");
    notes.tell(Code::EXTENSION_NOT_CARRIED, place, message);
    Ok(path)
}

/// What a gateway's own words say of an upstream, over what `servers` says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Upstream<'t> {
    pub(super) scheme: Option<&'t str>,
    /// With its port, where `port` has none.
    pub(super) host: Option<&'t str>,
    pub(super) port: Option<&'t str>,
}

impl Upstream<'_> {
    /// Where it is; `None` where neither they nor the servers say.
    pub(super) fn address(
        self,
        context: Context<'_>,
        place: &Place,
        notes: &mut Notes,
    ) -> Option<Result<Address, Box<Finding>>> {
        let listed = context.server();
        let base = listed.and_then(|server| context.document.base.address(server).ok());
        if let (Some(listed), Some(base)) = (listed, &base) {
            server::server_is_used(context, listed, base, notes);
        }
        let of_server = base.as_ref().and_then(|base| base.url.split_once("://"));
        let scheme = self.scheme.or(of_server.map(|(scheme, _)| scheme)).unwrap_or("http");
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        let host = match (self.host, of_server) {
            (Some(host), _) => format!("{host}{port}"),
            (None, Some((_, host))) if port.is_empty() => host.to_owned(),
            (None, Some((_, host))) => format!("{}{port}", without_port(host)),
            (None, None) => return None,
        };
        let path = base.as_ref().map(|base| base.path.clone()).unwrap_or_default();
        let found = address(&format!("{scheme}://{host}"), place, notes);
        Some(found.map(|address| Address { path, ..address }))
    }
}

fn without_port(host: &str) -> &str {
    host.rsplit_once(':').map_or(host, |(name, port)| if port.ends_with(']') { host } else { name })
}

/// Whole seconds, at least one.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
pub(super) fn seconds_of(seconds: f64) -> Option<i64> {
    (0.0..1e6).contains(&seconds).then(|| (seconds.ceil() as i64).max(1))
}
