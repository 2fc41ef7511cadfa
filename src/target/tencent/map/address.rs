//! Server addresses, taken apart and resolved.
//!
//! `ServiceConfig.Url` holds scheme and authority alone; a server's path goes before the
//! operation's in `ServiceConfig.Path`. Not taken apart by `url`: it would change what is sent
//! (a host's case, the scheme's own port, characters of the path).

use crate::finding::{Code, Finding};
use crate::spec::model::Server;
use crate::target::tencent::map::path::join;
use crate::text;

/// An address taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// Scheme and authority, such as `https://api.example.com:8443`.
    pub(crate) url: String,
    /// The path without a slash at its end; empty for the root.
    pub(crate) path: String,
    /// Whether the scheme is `ws` or `wss`.
    pub(crate) websocket: bool,
    /// Whether a query or a fragment was left out.
    pub(crate) shortened: bool,
}

/// Why an address cannot be called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AddressFault {
    /// It has no scheme or no host.
    #[error("is relative")]
    Relative,
    /// A scheme that the gateway does not support.
    #[error("has the scheme `{0}`; the gateway takes http, https, ws and wss")]
    Scheme(String),
    /// The host is missing or holds what no host holds.
    #[error("has no valid host")]
    Host,
    /// What follows the colon is not a port.
    #[error("has no valid port")]
    Port,
    /// The address holds a user or a password, which no field of the request takes.
    #[error("holds credentials, which the gateway has no place for")]
    Credentials,
}

/// Whether an address can be called, for one that is typed. The error reads on after it.
pub fn check(text: &str) -> Result<(), String> {
    Address::parse(text).map(drop).map_err(|fault| fault.to_string())
}

impl Address {
    /// Takes an absolute address apart.
    pub(crate) fn parse(text: &str) -> Result<Self, AddressFault> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").ok_or(AddressFault::Relative)?;
        if scheme.contains(['/', '{', '?']) || scheme.is_empty() {
            return Err(AddressFault::Relative);
        }
        let scheme = scheme.to_ascii_lowercase();
        if !matches!(scheme.as_str(), "http" | "https" | "ws" | "wss") {
            return Err(AddressFault::Scheme(scheme));
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        check_authority(authority)?;
        let (path, shortened) = bare_path(rest);
        let websocket = scheme.starts_with("ws");
        Ok(Self { url: format!("{scheme}://{authority}"), path: path.into(), websocket, shortened })
    }

    /// This address with a relative server's path after its own.
    fn below(&self, relative: &str) -> Self {
        let (path, shortened) = bare_path(relative);
        let path = path.trim_start_matches("./");
        let path = if path.is_empty() { self.path.clone() } else { join(&self.path, path) };
        Self { path, shortened, ..self.clone() }
    }

    /// What a relative server means in a document that lies at this address.
    fn beside(&self, relative: &str) -> Self {
        let folder = if relative.starts_with('/') { "" } else { parent(&self.path) }.to_owned();
        Self { path: folder, ..self.clone() }.below(relative)
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn check_authority(authority: &str) -> Result<(), AddressFault> {
    if authority.contains('@') {
        return Err(AddressFault::Credentials);
    }
    let odd = |c: char| c.is_whitespace() || c.is_control() || "{}<>\"\\^`|".contains(c);
    if authority.is_empty() || authority.starts_with(':') || authority.contains(odd) {
        return Err(AddressFault::Host);
    }
    // What follows the last colon is a port, unless the colon is one of an IPv6 address.
    let port = authority.rsplit_once(':').map(|(_, port)| port).filter(|it| !it.ends_with(']'));
    match port {
        Some(port) if !port.parse::<u16>().is_ok_and(|port| port > 0) => Err(AddressFault::Port),
        _ => Ok(()),
    }
}

/// The path without query, fragment and final slashes; whether a query or fragment went.
fn bare_path(rest: &str) -> (&str, bool) {
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    (rest[..end].trim_end_matches('/'), end < rest.len())
}

/// What relative servers are relative to.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServerBase {
    /// `--backend`.
    pub(crate) backend: Option<Address>,
    /// Where the document was fetched from.
    pub(crate) document: Option<Address>,
}

impl ServerBase {
    /// From `--backend` and the source's name, which is an address where it was fetched.
    pub(crate) fn new(backend: Option<&str>, source: &str) -> Self {
        Self {
            backend: backend.and_then(|url| Address::parse(url).ok()),
            document: Address::parse(source).ok().filter(|address| !address.websocket),
        }
    }

    fn resolve(&self, relative: &str) -> Option<Address> {
        if relative.starts_with("//") {
            let base = self.backend.as_ref().or(self.document.as_ref())?;
            let (scheme, _) = base.url.split_once(':')?;
            return Address::parse(&format!("{scheme}:{relative}")).ok();
        }
        let below = self.backend.as_ref().map(|base| base.below(relative));
        below.or_else(|| self.document.as_ref().map(|base| base.beside(relative)))
    }

    /// What fills the gap where no server can be called. A document that names none means
    /// the place it lies at; one whose server is of no use does not.
    pub(crate) fn without_server(&self, names_none: bool) -> Option<Address> {
        if names_none { self.resolve("/") } else { self.backend.clone() }
    }

    /// The address of a server; a finding tells why it has none.
    pub(crate) fn address(&self, server: &Server) -> Result<Address, Box<Finding>> {
        let refuse =
            |code, message: String| Box::new(Finding::new(code, server.place.clone(), message));
        let shown = text::address(&server.url);
        if let Some(name) = server.unfilled.first() {
            let message = format!("variable `{name}` of the server `{shown}` has no default");
            return Err(refuse(Code::SERVER_VARIABLE, message));
        }
        match Address::parse(&server.url) {
            Ok(address) => Ok(address),
            Err(AddressFault::Relative) => self.resolve(server.url.trim()).ok_or_else(|| {
                let message = format!("the server `{shown}` is relative and no host is given");
                refuse(Code::RELATIVE_SERVER, message)
            }),
            Err(fault) => {
                Err(refuse(Code::SERVER_ADDRESS, format!("the server `{shown}` {fault}")))
            }
        }
    }
}

/// The path that a server adds before an operation's, resolved or not.
pub(crate) fn path_of(server: &Server) -> String {
    match Address::parse(&server.url) {
        Ok(address) => address.path,
        Err(_) if server.url.starts_with("//") => Address::parse(&format!("http:{}", server.url))
            .map_or_else(|_| String::new(), |a| a.path),
        Err(AddressFault::Relative) => relative_path(server.url.trim()),
        Err(_) => String::new(),
    }
}

fn relative_path(url: &str) -> String {
    let path = bare_path(url).0.trim_start_matches("./");
    if path.is_empty() { String::new() } else { join("", path) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Place;

    fn server(url: &str) -> Server {
        let place =
            Place { source: "a.yaml".into(), line: 1, column: 1, pointer: "/servers/0".into() };
        Server { url: url.into(), place, has_variables: false, unfilled: Vec::new() }
    }

    #[track_caller]
    fn check(base: &ServerBase, url: &str, expected: &str) {
        let found = base.address(&server(url)).map(|a| format!("{} {}", a.url, a.path));
        assert_eq!(found.map_err(|finding| finding.code), Ok(expected.to_owned()), "{url}");
    }

    #[test]
    fn an_address_is_authority_and_path() {
        let base = ServerBase::default();
        check(&base, "https://api.test/v1/", "https://api.test /v1");
        check(&base, "HTTP://Api.test:80", "http://Api.test:80 ");
        check(&base, "wss://[::1]:8/a?b=c", "wss://[::1]:8 /a");
        assert!(Address::parse("wss://x").unwrap().websocket);
        assert!(Address::parse("http://x/a?b=c").unwrap().shortened);
    }

    #[test]
    fn a_relative_server_goes_after_the_backend_or_beside_the_document() {
        let backend = ServerBase::new(Some("http://b.test/api"), "https://d.test/specs/pets.yaml");
        check(&backend, "/v1", "http://b.test /api/v1");
        check(&backend, "v1/", "http://b.test /api/v1");
        check(&backend, "/", "http://b.test /api");
        check(&backend, "//x.test/v1", "http://x.test /v1");
        check(&backend, "https://x.test/v1", "https://x.test /v1");
        let document = ServerBase::new(None, "https://d.test/specs/pets.yaml");
        check(&document, "/v1", "https://d.test /v1");
        check(&document, "./v1", "https://d.test /specs/v1");
        check(&document, "v1", "https://d.test /specs/v1");
        check(&document, "/", "https://d.test ");
    }

    #[test]
    fn what_cannot_be_called_says_why() {
        let code =
            |url: &str| ServerBase::new(None, "pets.yaml").address(&server(url)).unwrap_err().code;
        assert_eq!(code("/v1"), Code::RELATIVE_SERVER);
        assert_eq!(code(""), Code::RELATIVE_SERVER);
        assert_eq!(code("{host}/v1"), Code::RELATIVE_SERVER);
        assert_eq!(code("ftp://x/v1"), Code::SERVER_ADDRESS);
        assert_eq!(code("https:///v1"), Code::SERVER_ADDRESS);
        assert_eq!(code("https://a b/"), Code::SERVER_ADDRESS);
        assert_eq!(code("https://u:p@x/"), Code::SERVER_ADDRESS);
        for port in ["", "0", "65536", "http"] {
            assert_eq!(code(&format!("https://x:{port}/v1")), Code::SERVER_ADDRESS, "{port}");
        }
        let unfilled = Server { unfilled: vec!["host".into()], ..server("https://{host}") };
        assert_eq!(
            ServerBase::default().address(&unfilled).unwrap_err().code,
            Code::SERVER_VARIABLE
        );
    }

    #[test]
    fn the_path_of_a_server_needs_no_base() {
        let paths = ["https://x/v1/", "/v1", "v1", "//x/v1", "./v1", "/", ""]
            .map(|url| path_of(&server(url)));
        assert_eq!(paths, ["/v1", "/v1", "/v1", "/v1", "/v1", "", ""]);
    }
}
