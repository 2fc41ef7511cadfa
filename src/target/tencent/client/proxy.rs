//! Which proxy requests go through: what the environment says of it, decided once, so that
//! what is shown to a person is what is used.

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;

use crate::target::tencent::client::error::ClientError;
use crate::target::tencent::endpoint::Endpoint;
use crate::text::without_credentials;

/// What the environment says about proxies. This machine is never reached through one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// `HTTPS_PROXY`, for https endpoints.
    pub https: Option<String>,
    /// `HTTP_PROXY`, for plain http endpoints.
    pub http: Option<String>,
    /// `NO_PROXY`: hosts that are reached without one.
    pub none_for: Option<String>,
}

impl Proxies {
    /// The address of the proxy on the way to an endpoint, where there is one.
    pub fn on_the_way_to(&self, endpoint: &Endpoint) -> Option<&str> {
        let address = if endpoint.is_https() { &self.https } else { &self.http }.as_deref()?;
        (!endpoint.is_loopback() && !self.leaves_out(endpoint)).then_some(address)
    }

    /// Whether `NO_PROXY` names the endpoint's host.
    fn leaves_out(&self, endpoint: &Endpoint) -> bool {
        let Some(hosts) = &self.none_for else { return false };
        let Ok(address) = endpoint.url().as_str().parse::<Uri>() else { return false };
        // The stand-in is any proxy at all: only the hosts that it is not asked for count.
        let matcher = Matcher::builder().all("http://proxy").no(hosts.as_str()).build();
        matcher.intercept(&address).is_none()
    }
}

/// The proxy for the HTTP library, which is told nothing of `NO_PROXY`: that is decided.
pub(crate) fn proxy(
    proxies: &Proxies,
    endpoint: &Endpoint,
) -> Result<Option<reqwest::Proxy>, ClientError> {
    let address = proxies.on_the_way_to(endpoint);
    let made = address.map(|address| {
        reqwest::Proxy::all(address)
            .map_err(|_| ClientError::Proxy(without_credentials(address).into_owned()))
    });
    made.transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(proxies: &Proxies, endpoint: &str) -> Option<String> {
        let endpoint = Endpoint::parse(endpoint, true).unwrap();
        proxies.on_the_way_to(&endpoint).map(str::to_owned)
    }

    #[test]
    fn a_proxy_is_for_its_scheme_and_not_for_this_machine() {
        let proxies = Proxies {
            https: Some("http://s:1".into()),
            http: Some("http://p:1".into()),
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
            let proxies = Proxies { https: Some("http://s:1".into()), none_for, http: None };
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
}
