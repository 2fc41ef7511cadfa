//! That a backend is where the document's server is: what of the server counts, and what not.

use crate::finding::Code;
use crate::finding::notes::Notes;
use crate::spec::model::Server;
use crate::target::tencent::map::address::{Address, Spelling};
use crate::target::tencent::map::context::Context;
use crate::target::tencent::names;

/// Reports which servers are left out, and that the backend is the first of them.
pub(crate) fn server_is_used(
    context: Context<'_>,
    server: &Server,
    address: &Address,
    notes: &mut Notes,
) {
    if address.shortened {
        let shown = crate::text::address(&server.url);
        let message = format!("what follows the path of the server `{shown}` is left out");
        notes.tell(Code::SERVER_QUERY, &server.place, message);
    }
    match address.written {
        Spelling::Whole => {}
        Spelling::NoScheme => notes.count(Code::ASSUMED_SCHEME, &server.place),
        Spelling::Odd => notes.count(Code::SERVER_SPELLING, &server.place),
    }
    // 2.0 has one host, however many its schemes are.
    let is_one = context.document.document.version.starts_with("2.");
    if context.operation.servers.len() > 1 && !is_one {
        notes.count(Code::SEVERAL_SERVERS, &server.place);
    }
    if server.has_variables {
        notes.count(Code::SERVER_DEFAULTS, &server.place);
    }
    notes.from(names::SERVICE_TYPE, "the server", &server.place);
    notes.from(names::BACKEND_URL, "the server", &server.place);
    path_from(context, Some(server), notes);
}

/// The backend's path is the server's path and the operation's.
pub(crate) fn path_from(context: Context<'_>, server: Option<&Server>, notes: &mut Notes) {
    notes.from(names::BACKEND_PATH, "the path", &context.operation.place);
    if let Some(server) = server {
        notes.from(names::BACKEND_PATH, "the server", &server.place);
    }
}
