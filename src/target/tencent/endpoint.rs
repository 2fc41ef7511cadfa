//! Where the gateway is: an address, judged before anything is sent to it.
//!
//! Pure. Which address is meant (an option, a profile, the default) is `cli`'s to decide.

use std::net::IpAddr;

use reqwest::Url;

use crate::text;

/// The public gateway, served from the nearest access region.
pub const DEFAULT: &str = "https://apigateway.tencentcloudapi.com";

/// The address of a gateway: scheme, host and port, nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    url: Url,
}

/// Why a text is not an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadEndpoint {
    /// No address at all.
    #[error("`{0}` is not an address such as {DEFAULT}")]
    NotAnAddress(String),
    /// A scheme that is neither https nor http.
    #[error("the gateway is called over https, not `{0}`")]
    Scheme(String),
    /// Plain http to another machine.
    #[error(
        "plain http to {0} would show every request to the network; --allow-plain-http permits it"
    )]
    PlainHttp(String),
    /// A user or a password in the address.
    #[error("an endpoint cannot hold a user or a password")]
    UserInfo,
    /// A path, a query or a fragment behind the host.
    #[error("an endpoint ends with its host and port, without `{0}`")]
    Rest(String),
}

impl Endpoint {
    /// Reads an address. Plain http is for loopback, unless `allow_plain_http`.
    pub fn parse(text: &str, allow_plain_http: bool) -> Result<Self, BadEndpoint> {
        let not_an_address = || BadEndpoint::NotAnAddress(text::address(text.trim()).into_owned());
        let url = Url::parse(text.trim()).map_err(|_| not_an_address())?;
        if !text.contains("://") || url.host_str().is_none_or(str::is_empty) {
            return Err(not_an_address());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadEndpoint::UserInfo);
        }
        let rest = url.as_str().splitn(4, '/').nth(3).unwrap_or_default();
        if !rest.is_empty() {
            let path = rest.split(['?', '#']).next().unwrap_or_default();
            let hidden = if path.len() < rest.len() { "?…" } else { "" };
            return Err(BadEndpoint::Rest(format!("/{path}{hidden}")));
        }
        Self { url }.with_scheme_allowed(allow_plain_http)
    }

    fn with_scheme_allowed(self, allow_plain_http: bool) -> Result<Self, BadEndpoint> {
        match self.url.scheme() {
            "https" => Ok(self),
            "http" if allow_plain_http || self.is_loopback() => Ok(self),
            "http" => Err(BadEndpoint::PlainHttp(self.host())),
            other => Err(BadEndpoint::Scheme(other.to_owned())),
        }
    }

    /// Host and port as in the `Host` header and are signed: without the scheme's
    /// own port.
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// What requests are sent to.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether requests are encrypted.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        let host = self.url.host_str().unwrap_or_default();
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        address.map_or(host == "localhost", |address| address.is_loopback())
    }

    /// The access region that a public address is pinned to, where it is.
    pub fn region(&self) -> Option<&str> {
        let name = self.url.host_str()?.strip_prefix("apigateway.")?;
        let region = name.strip_suffix(".tencentcloudapi.com")?;
        region.contains('-').then_some(region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Result<String, BadEndpoint> {
        Endpoint::parse(text, false).map(|endpoint| endpoint.host())
    }

    #[test]
    fn the_host_is_signed_as_it_is_sent() {
        assert_eq!(host(DEFAULT).unwrap(), "apigateway.tencentcloudapi.com");
        assert_eq!(host("https://GW.example:443/").unwrap(), "gw.example");
        assert_eq!(host("https://gw.example:8443").unwrap(), "gw.example:8443");
        assert_eq!(host("http://127.0.0.1:8765").unwrap(), "127.0.0.1:8765");
        assert_eq!(host("http://[::1]:8765").unwrap(), "[::1]:8765");
    }

    #[test]
    fn plain_http_is_for_this_machine_unless_allowed() {
        for here in
            ["http://127.0.0.1", "http://127.9.9.9:1", "http://localhost:80", "http://[::1]"]
        {
            assert!(host(here).is_ok(), "{here}");
        }
        for there in ["http://gw.example", "http://10.0.0.1:80", "http://127.0.0.1.example"] {
            assert!(matches!(host(there), Err(BadEndpoint::PlainHttp(_))), "{there}");
            assert!(Endpoint::parse(there, true).is_ok());
        }
    }

    #[test]
    fn anything_beside_host_and_port_is_refused() {
        for text in ["https://h/base", "https://h?a", "https://h/#f", "https://h//"] {
            assert!(matches!(host(text), Err(BadEndpoint::Rest(_))), "{text}");
        }
        for text in ["https://user@h", "https://user:pass@h", "https://:pass@h"] {
            assert_eq!(host(text), Err(BadEndpoint::UserInfo), "{text}");
        }
        for text in ["", "h", "h:443", "https://", "https:h", "127.0.0.1:8765", "//h", "a b"] {
            assert!(matches!(host(text), Err(BadEndpoint::NotAnAddress(_))), "{text}");
        }
        assert_eq!(host("ftp://h"), Err(BadEndpoint::Scheme("ftp".into())));
    }

    #[test]
    fn a_pinned_address_names_its_region() {
        let region = |text| Endpoint::parse(text, false).unwrap().region().map(str::to_owned);
        let pinned = "https://apigateway.ap-shanghai-fsi.tencentcloudapi.com";
        assert_eq!(region(pinned).as_deref(), Some("ap-shanghai-fsi"));
        for free in [DEFAULT, "https://apigateway.intl.tencentcloudapi.com", "https://gw.example"] {
            assert_eq!(region(free), None, "{free}");
        }
    }
}
