//! Apache APISIX: `x-apisix-*`, as its dashboard imports and exports them, and `x-adc-*` of
//! its declarative command line. Of an upstream's nodes the first is the backend; one that is
//! found by discovery, or described elsewhere, is none.

use crate::finding::Code;
use crate::finding::notes::Notes;
use crate::spec::Node;
use crate::spec::model::Extension;
use crate::target::tencent::map::backend::Backend;
use crate::target::tencent::map::context::Context;
use crate::target::tencent::map::path::join;
use crate::target::tencent::map::vendors::plugin::{self, Rewrite};
use crate::target::tencent::map::vendors::reading::{Upstream, first_text, refused, seconds_of};
use crate::target::tencent::map::vendors::{Found, Vendor, Word, extension};

const UPSTREAM: &str = "x-apisix-upstream";
const OF_ADC: &str = "x-adc-upstream-defaults";

/// An upstream or a service that the gateway holds under an id.
const ELSEWHERE: [&str; 2] = ["x-apisix-upstream_id", "x-apisix-service_id"];

/// Whether the route is on.
const STATUS: &str = "x-apisix-status";

pub(super) const VENDOR: Vendor = Vendor {
    name: "APISIX",
    prefixes: &["x-apisix-", "x-adc-"],
    words: &[
        (UPSTREAM, Word::Object(OF_UPSTREAM)),
        (OF_ADC, Word::Object(OF_UPSTREAM)),
        (ELSEWHERE[0], Word::Read),
        (ELSEWHERE[1], Word::Read),
        ("x-apisix-plugins", Word::Object(plugin::READ)),
        ("x-adc-plugins", Word::Object(plugin::READ)),
        ("x-apisix-remote_addr", Word::Access),
        ("x-apisix-remote_addrs", Word::Access),
        (
            STATUS,
            Word::Advised("a route that is off answers nobody there; leave it out with --exclude"),
        ),
        ("x-apisix-labels", Word::Documentation),
        ("x-apisix-name", Word::Documentation),
        ("x-apisix-desc", Word::Documentation),
        ("x-adc-name", Word::Documentation),
        ("x-adc-labels", Word::Documentation),
    ],
    others: Word::Ignored,
    backends: &[UPSTREAM, OF_ADC],
    backend,
    serves: &[],
};

/// What is read of an upstream, and how its nodes take turns, which one node needs not.
const OF_UPSTREAM: &[&str] =
    &["nodes", "scheme", "timeout", "type", "name", "desc", "discovery_type", "service_name"];

fn backend(context: Context<'_>, notes: &mut Notes) -> Option<Found> {
    let operation = context.operation;
    let upstream = VENDOR.backends.iter().find_map(|name| extension(operation, name));
    let rewrite = match Rewrite::of(operation, "proxy-rewrite", notes) {
        Ok(rewrite) => rewrite,
        Err(why) => return Some(Err(why)),
    };
    if upstream.is_none() && rewrite.is_none() {
        return elsewhere(context);
    }
    let node = upstream.map(Extension::node);
    let place = upstream.map_or_else(|| operation.place.clone(), Extension::place);
    let own = |key| node.and_then(|node| first_text(node, &[key]));
    if let Some(service) = own("service_name") {
        let message = format!("the upstream `{service}` is found by discovery");
        return Some(refused(place, message));
    }
    let hosts = node.map(nodes).unwrap_or_default();
    if hosts.len() > 1 {
        notes.count(Code::SEVERAL_SERVERS, &place);
    }
    let host = hosts.first().map(String::as_str);
    // A node stands for itself: what a server says beside it is of callers.
    let scheme = own("scheme").or(host.map(|_| "http"));
    let described = Upstream { scheme, host, port: None };
    let address = match described.address(context, &place, notes)? {
        Ok(address) => address,
        Err(why) => return Some(Err(why)),
    };
    let timeout = node.and_then(|node| node.get("timeout")?.get("read")?.as_f64());
    let backend = Backend {
        kind: address.kind(),
        path: join(if host.is_some() { "" } else { &address.path }, &context.path().back),
        timeout: timeout.and_then(seconds_of),
        url: Some(address.url),
        ..Backend::default()
    };
    Some(Ok(rewrite.unwrap_or_default().apply(backend)))
}

/// That the upstream is one which the gateway holds, where the document has no server either.
fn elsewhere(context: Context<'_>) -> Option<Found> {
    let named = ELSEWHERE.iter().find_map(|name| extension(context.operation, name))?;
    let message = format!("`{}` names what the gateway holds, not a backend", named.name);
    context.operation.servers.is_empty().then(|| refused(named.place(), message))
}

/// Whether a word says that the route is on, as it is without it.
pub(super) fn is_on(word: &Extension<'_>) -> bool {
    word.name == STATUS && word.node().scalar() == Some("1")
}

/// The hosts of an upstream, with their ports: names with weights, or objects.
fn nodes(upstream: Node<'_>) -> Vec<String> {
    let Some(nodes) = upstream.get("nodes") else { return Vec::new() };
    let listed = nodes.items().filter_map(|node| {
        let host = first_text(node, &["host"])?;
        let port = first_text(node, &["port"]).map(|port| format!(":{port}"));
        Some(format!("{host}{}", port.unwrap_or_default()))
    });
    listed.chain(nodes.entries().map(|(key, _)| key.as_str().to_owned())).collect()
}
