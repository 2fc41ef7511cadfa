//! Which proxy requests go through: what the environment says of it, decided once, so that
//! what is shown to a person is what is used.

use std::borrow::Cow;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

use crate::target::tencent::client::error::ClientError;
use crate::target::tencent::endpoint::Endpoint;
use crate::text;

/// What the environment says about proxies. This machine is never reached through one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// `HTTPS_PROXY`, for https endpoints.
    pub https: Option<Proxy>,
    /// `HTTP_PROXY`, for plain http endpoints.
    pub http: Option<Proxy>,
    /// `NO_PROXY`: hosts that are reached without one.
    pub none_for: Option<String>,
}

/// A proxy that a variable of the environment names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// The variable, in the case in which it is set.
    pub variable: &'static str,
    /// Its value.
    pub address: String,
}

impl Proxies {
    /// The proxy on the way to an endpoint, where there is one.
    pub fn on_the_way_to(&self, endpoint: &Endpoint) -> Option<&Proxy> {
        let proxy = if endpoint.is_https() { &self.https } else { &self.http }.as_ref()?;
        (!endpoint.is_loopback() && !self.leaves_out(endpoint)).then_some(proxy)
    }

    /// Whether `NO_PROXY` names the endpoint's host.
    fn leaves_out(&self, endpoint: &Endpoint) -> bool {
        let Some(hosts) = &self.none_for else { return false };
        let Ok(address) = endpoint.url().as_str().parse::<Uri>() else { return false };
        // The proxy here is a placeholder: only the hosts that it is not asked for count.
        let matcher = Matcher::builder().all("http://proxy").no(hosts.as_str()).build();
        matcher.intercept(&address).is_none()
    }
}

impl Proxy {
    /// The address without user and password.
    pub fn shown(&self) -> Cow<'_, str> {
        text::address(&self.address)
    }

    /// What to say when it refuses to work for us; `how` it said so.
    pub(crate) fn wants_a_login(&self, how: &str) -> String {
        let Self { variable, address } = self;
        let shown = self.shown();
        if address.contains('@') {
            return format!(
                "the proxy {shown} did not accept the user and the password in {variable} ({how})"
            );
        }
        let (scheme, host) = shown.split_once("://").unwrap_or(("http", &shown));
        format!(
            "the proxy {shown} wants a user and a password ({how}): put them into {variable}, as \
             in {scheme}://USER:PASSWORD@{host}"
        )
    }

    /// The proxy for the HTTP library, which is not given `NO_PROXY`: that is decided here. It
    /// would pass over an address of a kind that it does not know, and go without a proxy.
    pub(crate) fn for_requests(&self) -> Result<reqwest::Proxy, ClientError> {
        let Self { variable, address } = self;
        let refused = || ClientError::Proxy { variable, shown: self.shown().into_owned() };
        let has_scheme = address.contains("://");
        let address = if has_scheme { address.clone() } else { format!("http://{address}") };
        let url = Url::parse(&address).map_err(|_| refused())?;
        let known = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
        if !known.contains(&url.scheme()) || url.host_str().is_none_or(str::is_empty) {
            return Err(refused());
        }
        reqwest::Proxy::all(url).map_err(|_| refused())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(address: &str) -> Proxy {
        Proxy { variable: "HTTPS_PROXY", address: address.to_owned() }
    }

    fn through(proxies: &Proxies, endpoint: &str) -> Option<String> {
        let endpoint = Endpoint::parse(endpoint, true).unwrap();
        proxies.on_the_way_to(&endpoint).map(|proxy| proxy.address.clone())
    }

    #[test]
    fn a_proxy_is_for_its_scheme_and_not_for_this_machine() {
        let proxies = Proxies {
            https: Some(proxy("http://s:1")),
            http: Some(proxy("http://p:1")),
            ..Proxies::default()
        };
        assert_eq!(through(&proxies, "https://gw.example").as_deref(), Some("http://s:1"));
        assert_eq!(through(&proxies, "http://gw.example").as_deref(), Some("http://p:1"));
        for here in ["http://127.0.0.1:1", "https://localhost", "http://[::1]"] {
            assert_eq!(through(&proxies, here), None, "{here}");
        }
    }

    #[test]
    fn hosts_that_are_left_out_are_reached_without_a_proxy() {
        let without = |hosts: &str, endpoint: &str| {
            let none_for = Some(hosts.to_owned());
            let proxies = Proxies { https: Some(proxy("http://s:1")), none_for, http: None };
            through(&proxies, endpoint).is_none()
        };
        for hosts in ["gw.example.com", ".example.com", "example.com", "a, example.com ,b", "*"] {
            assert!(without(hosts, "https://gw.example.com:8443"), "{hosts}");
        }
        assert!(without("10.0.0.0/8", "https://10.1.2.3"));
        for hosts in ["", "ample.com", "other.example.com", "com.example"] {
            assert!(!without(hosts, "https://gw.example.com"), "{hosts}");
        }
    }

    #[test]
    fn an_address_that_the_library_would_pass_over_is_refused() {
        for good in
            ["p:1", "localhost:1", "http://p", "https://u:w@p:1", "socks5://p", "socks5h://p:1"]
        {
            assert!(proxy(good).for_requests().is_ok(), "{good}");
        }
        for bad in ["socks://p:1", "ftp://p", "http://", "http://[", "http://u:secret@p:99999"] {
            let told = proxy(bad).for_requests().unwrap_err().to_string();
            assert!(told.starts_with("HTTPS_PROXY is "), "{told}");
            assert!(!told.contains("secret"), "{told}");
        }
    }

    #[test]
    fn who_wants_a_login_is_told_where_it_goes() {
        let told = |address| proxy(address).wants_a_login("HTTP 407");
        for (address, example) in [
            ("http://p:1", "HTTPS_PROXY, as in http://USER:PASSWORD@p:1"),
            ("p:1", "HTTPS_PROXY, as in http://USER:PASSWORD@p:1"),
            ("socks5h://p:1", "HTTPS_PROXY, as in socks5h://USER:PASSWORD@p:1"),
        ] {
            assert!(told(address).ends_with(example), "{}", told(address));
        }
        let refused = "the proxy http://p:1 did not accept the user and the password in HTTPS_PROXY (HTTP 407)";
        assert_eq!(told("http://user:secret@p:1"), refused);
    }
}
