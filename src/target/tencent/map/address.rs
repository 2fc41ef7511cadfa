//! Server addresses, taken apart and resolved.
//!
//! `ServiceConfig.Url` holds scheme and authority alone; a server's path goes before the
//! operation's in `ServiceConfig.Path`. Not taken apart by `url`: it would change what is sent
//! (a host's case, the scheme's own port, characters of the path).

use crate::finding::{Code, Finding};
use crate::spec::model::Server;
use crate::target::tencent::backend_kind::BackendKind;
use crate::target::tencent::map::options::MappingOptions;
use crate::target::tencent::map::path::join;
use crate::text;

/// An address taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Address {
    /// Scheme and authority, such as `https://api.example.com:8443`.
    pub(crate) url: String,
    /// The path without a slash at its end; empty for the root.
    pub(crate) path: String,
    /// Whether the scheme is `ws` or `wss`.
    pub(crate) websocket: bool,
    /// Whether a query or a fragment was left out.
    pub(crate) shortened: bool,
    /// How it was written, where that is no address.
    pub(crate) written: Spelling,
}

/// How an address was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Spelling {
    /// As addresses are.
    #[default]
    Whole,
    /// Without a scheme.
    NoScheme,
    /// With backslashes, or with `.` or `..` segments in its path.
    Odd,
}

/// Why an address cannot be called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AddressFault {
    /// It has no scheme or no host.
    #[error("is relative")]
    Relative,
    /// It begins with what some tool puts an address in the place of.
    #[error("begins with `{0}`, which stands for an address that the document does not hold")]
    Placeholder(String),
    /// Whether it begins with a host or is a path cannot be told.
    #[error("is neither an address with a scheme nor a path")]
    Unclear,
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
        let (url, written) = (format!("{scheme}://{authority}"), Spelling::default());
        Ok(Self { url, path: path.into(), websocket, shortened, written })
    }

    /// The kind of backend that is reached by it.
    pub(crate) fn kind(&self) -> BackendKind {
        if self.websocket { BackendKind::Websocket } else { BackendKind::Http }
    }

    /// This address with a relative server's path after its own.
    fn below(&self, relative: &str) -> Self {
        let (path, shortened) = bare_path(relative);
        let path = path.trim_start_matches("./");
        let (path, written) = match without_dots(path) {
            Some(path) => (path, Spelling::Odd),
            None => (path.to_owned(), Spelling::Whole),
        };
        let path = if path.is_empty() { self.path.clone() } else { join(&self.path, &path) };
        Self { path, shortened, written, ..self.clone() }
    }

    /// What a relative server means in a document that lies at this address.
    fn beside(&self, relative: &str) -> Self {
        let (path, shortened) = bare_path(relative);
        let folder = if relative.starts_with('/') { "" } else { parent(&self.path) };
        let whole = if path.is_empty() { folder.to_owned() } else { join(folder, path) };
        let path = without_dots(&whole).unwrap_or(whole);
        Self { path, shortened, ..self.clone() }
    }
}

/// What a server's address is.
enum ServerAddress {
    Whole(Address),
    /// A path, or nothing.
    Relative(String),
}

impl ServerAddress {
    /// Reads what documents have for a server, right or wrong. `scheme` is that of what it is
    /// relative to.
    fn read(text: &str, scheme: Option<&str>) -> Result<Self, AddressFault> {
        let slashed = text.trim().replace('\\', "/");
        let is_odd = slashed != text.trim();
        let end = slashed.find(['/', '?', '#']).unwrap_or(slashed.len());
        let first = &slashed[..end];
        let given = scheme.unwrap_or("https");
        let assumed = if scheme.is_none() { Spelling::NoScheme } else { Spelling::Whole };
        let (whole, written) = if slashed.starts_with("//") {
            (format!("{given}:{slashed}"), assumed)
        } else if is_host(first) {
            (format!("https://{slashed}"), Spelling::NoScheme)
        } else if first.starts_with('$') || first.starts_with('%') && first.ends_with('%') {
            return Err(AddressFault::Placeholder(first.to_owned()));
        } else if !first.contains(':') {
            return Ok(Self::Relative(slashed));
        } else if slashed[end..].starts_with("//") {
            (slashed, Spelling::Whole)
        } else {
            return Err(AddressFault::Unclear);
        };
        let mut address = Address::parse(&whole)?;
        address.written = if is_odd { Spelling::Odd } else { written };
        if let Some(path) = without_dots(&address.path) {
            (address.path, address.written) = (path, Spelling::Odd);
        }
        Ok(Self::Whole(address))
    }
}

/// Endings of files, which are not those of hosts.
const ENDINGS: &[&str] =
    &["asp", "aspx", "cgi", "do", "htm", "html", "json", "jsp", "php", "svc", "xml", "yaml", "yml"];

/// Whether the first part of a text that has no scheme is a host.
fn is_host(first: &str) -> bool {
    let (name, port) = first.split_once(':').unwrap_or((first, ""));
    let is_named = name.chars().all(|c| c.is_alphanumeric() || ".-_".contains(c));
    let is_port = port.parse::<u16>().is_ok();
    let top = name.rsplit_once('.').map_or("", |(_, top)| top);
    let is_domain = top.len() > 1
        && top.chars().all(char::is_alphabetic)
        && !ENDINGS.contains(&top)
        && !name.starts_with('.');
    let is_address = name.parse::<std::net::Ipv4Addr>().is_ok();
    let has_no_port = !first.contains(':');
    is_named
        && !name.is_empty()
        && (is_port || has_no_port && (is_domain || is_address || name == "localhost"))
}

/// A path with its `.` and `..` segments carried out (RFC 3986, 5.2.4); `None`: it has none.
fn without_dots(path: &str) -> Option<String> {
    let is_dots = |segment: &str| matches!(segment, "." | "..");
    if !path.split('/').any(is_dots) {
        return None;
    }
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
    }
    let kept: Vec<&str> = kept.into_iter().filter(|segment| !segment.is_empty()).collect();
    Some(if kept.is_empty() { String::new() } else { format!("/{}", kept.join("/")) })
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

/// What relative servers are relative to, and what stands for all of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServerBase {
    /// `--backend`.
    pub(crate) backend: Option<Address>,
    /// `--backend-override`.
    pub(crate) replacement: Option<Address>,
    /// Where the document was fetched from.
    pub(crate) document: Option<Address>,
}

impl ServerBase {
    /// From the options, and the source's name, which is an address where it was fetched.
    pub(crate) fn new(options: &MappingOptions, source: &str) -> Self {
        let parsed = |url: &Option<String>| Address::parse(url.as_deref()?).ok();
        Self {
            backend: parsed(&options.backend),
            replacement: parsed(&options.backend_override),
            document: Address::parse(source).ok().filter(|address| !address.websocket),
        }
    }

    fn scheme(&self) -> Option<&str> {
        let base = self.backend.as_ref().or(self.document.as_ref())?;
        base.url.split_once(':').map(|(scheme, _)| scheme)
    }

    fn resolve(&self, relative: &str) -> Option<Address> {
        let below = self.backend.as_ref().map(|base| base.below(relative));
        below.or_else(|| self.document.as_ref().map(|base| base.beside(relative)))
    }

    /// What fills the gap where no server can be called. A document that names none means
    /// the place it lies at; one whose server is of no use does not.
    pub(crate) fn without_server(&self, names_none: bool) -> Option<Address> {
        if names_none { self.resolve("/") } else { self.backend.clone() }
    }

    /// `--backend` in the place of a server that is on a developer's machine: the server's path
    /// goes after it, as a relative server's does.
    pub(crate) fn instead_of(&self, address: &Address) -> Option<Address> {
        self.backend.as_ref().map(|base| base.below(&address.path))
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
        match ServerAddress::read(&server.url, self.scheme()) {
            Ok(ServerAddress::Whole(address)) => Ok(address),
            Ok(ServerAddress::Relative(path)) => self.resolve(&path).ok_or_else(|| {
                let message = format!("the server `{shown}` is relative and no host is given");
                refuse(Code::RELATIVE_SERVER, message)
            }),
            Err(fault) => {
                let message = format!("the server `{shown}` {fault}");
                let is_placeholder = matches!(fault, AddressFault::Placeholder(_));
                let code = [Code::SERVER_ADDRESS, Code::SERVER_VARIABLE];
                Err(refuse(code[usize::from(is_placeholder)], message))
            }
        }
    }
}

/// The path that a server adds before an operation's, resolved or not. Where a variable without
/// a value, or what cannot be read, stands for the host, what is behind it is the path.
pub(crate) fn path_of(server: &Server) -> String {
    let url = server.url.trim();
    let behind_host = || {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest).trim_start_matches('/');
        rest.find('/').map_or("", |at| bare_path(&rest[at..]).0).to_owned()
    };
    if !server.unfilled.is_empty() && !url.starts_with('/') {
        return behind_host();
    }
    match ServerAddress::read(url, None) {
        Ok(ServerAddress::Whole(address)) => address.path,
        Ok(ServerAddress::Relative(path)) => Address::default().below(&path).path,
        Err(_) => behind_host(),
    }
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

    fn base(backend: Option<&str>, source: &str) -> ServerBase {
        let backend = backend.map(str::to_owned);
        ServerBase::new(&MappingOptions { backend, ..MappingOptions::default() }, source)
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
        let backend = base(Some("http://b.test/api"), "https://d.test/specs/pets.yaml");
        check(&backend, "/v1", "http://b.test /api/v1");
        check(&backend, "v1/", "http://b.test /api/v1");
        check(&backend, "/", "http://b.test /api");
        check(&backend, "//x.test/v1", "http://x.test /v1");
        check(&backend, "https://x.test/v1", "https://x.test /v1");
        let document = base(None, "https://d.test/specs/pets.yaml");
        check(&document, "/v1", "https://d.test /v1");
        check(&document, "./v1", "https://d.test /specs/v1");
        check(&document, "v1", "https://d.test /specs/v1");
        check(&document, "/", "https://d.test ");
    }

    #[test]
    fn a_server_without_a_scheme_is_a_host_or_a_path_and_never_mistaken() {
        let backend = base(Some("http://b.test/api"), "pets.yaml");
        let alone = base(None, "pets.yaml");
        check(&alone, "//x.test/v1", "https://x.test /v1");
        for base in [&backend, &alone] {
            check(base, "b.example.com/v1", "https://b.example.com /v1");
            check(base, "localhost:8080/v1", "https://localhost:8080 /v1");
            check(base, "orders:8080", "https://orders:8080 ");
            check(base, "10.0.0.1/v1", "https://10.0.0.1 /v1");
            check(base, r"https:\\x.test\v1", "https://x.test /v1");
            check(base, "https://x.test/v1/../v2", "https://x.test /v2");
            for url in ["$APIG_GROUP_ENTRY_URL", "${env.URL}/v1", "%URL%/v1"] {
                assert_eq!(base.address(&server(url)).unwrap_err().code, Code::SERVER_VARIABLE);
            }
            for url in ["mailto:me", "https:x.test", "a:b/c"] {
                assert_eq!(base.address(&server(url)).unwrap_err().code, Code::SERVER_ADDRESS);
            }
        }
        check(&backend, "v1.0", "http://b.test /api/v1.0");
        check(&backend, "index.php/v1", "http://b.test /api/index.php/v1");
        check(&backend, "../v1", "http://b.test /api/v1");
        check(&backend, "/v1/../v2", "http://b.test /api/v2");
        let document = base(None, "https://d.test/specs/v1/pets.yaml");
        check(&document, "../v2", "https://d.test /specs/v2");
    }

    #[test]
    fn the_path_behind_a_host_that_is_not_known_is_kept() {
        let unfilled = |url: &str| Server { unfilled: vec!["host".into()], ..server(url) };
        assert_eq!(path_of(&unfilled("https://{host}/v1")), "/v1");
        assert_eq!(path_of(&unfilled("{host}/v1")), "/v1");
        assert_eq!(path_of(&server("$URL/v1")), "/v1");
        assert_eq!(path_of(&server("b.example.com/v1")), "/v1");
    }

    #[test]
    fn what_cannot_be_called_says_why() {
        let code = |url: &str| base(None, "pets.yaml").address(&server(url)).unwrap_err().code;
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
