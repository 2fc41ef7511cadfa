//! Kong: `x-kong-*`, as `deck file openapi2kong` reads them. There `servers` are the upstream,
//! and a service's defaults stand over what they say.

use crate::finding::notes::Notes;
use crate::spec::Node;
use crate::spec::model::Extension;
use crate::target::tencent::map::backend::Backend;
use crate::target::tencent::map::context::Context;
use crate::target::tencent::map::path::join;
use crate::target::tencent::map::vendors::plugin::Rewrite;
use crate::target::tencent::map::vendors::reading::{Upstream, first_text, seconds};
use crate::target::tencent::map::vendors::{Found, Vendor, Word, extension};

const SERVICE: &str = "x-kong-service-defaults";
const ROUTE: &str = "x-kong-route-defaults";

pub(super) const VENDOR: Vendor = Vendor {
    name: "Kong",
    prefixes: &["x-kong-"],
    words: &[
        (SERVICE, Word::Object(OF_SERVICE)),
        (ROUTE, Word::Object(&["name", "tags", "strip_path"])),
        ("x-kong-upstream-defaults", Word::Object(&["name", "tags"])),
        ("x-kong-name", Word::Documentation),
        ("x-kong-tags", Word::Documentation),
    ],
    others: Word::Ignored,
    backends: &[SERVICE],
    backend,
    serves: &[],
};

/// What is read of a service, or is for readers.
const OF_SERVICE: &[&str] =
    &["host", "port", "path", "protocol", "read_timeout", "name", "tags", "url"];

fn backend(context: Context<'_>, notes: &mut Notes) -> Option<Found> {
    let service = extension(context.operation, SERVICE);
    let strips = extension(context.operation, ROUTE)
        .and_then(|route| route.node().get("strip_path")?.as_bool())
        .unwrap_or_default();
    let rewrite = match Rewrite::of(context.operation, "request-transformer", notes) {
        Ok(rewrite) => rewrite,
        Err(why) => return Some(Err(why)),
    };
    if service.is_none() && rewrite.is_none() && !strips {
        return None;
    }
    let node = service.map(Extension::node);
    let place = service.map_or_else(|| context.operation.place.clone(), Extension::place);
    let own = |key| node.and_then(|node| first_text(node, &[key]));
    let upstream = Upstream { scheme: own("protocol"), host: own("host"), port: own("port") };
    let address = match upstream.address(context, &place, notes)? {
        Ok(address) => address,
        Err(why) => return Some(Err(why)),
    };
    let base = own("path").unwrap_or(&address.path);
    let backend = Backend {
        kind: address.kind(),
        path: if strips { join(base, "") } else { join(base, &context.path().back) },
        timeout: seconds(node.and_then(|node| node.get("read_timeout")).and_then(Node::scalar)),
        url: Some(address.url),
        ..Backend::default()
    };
    Some(Ok(rewrite.unwrap_or_default().apply(backend)))
}
