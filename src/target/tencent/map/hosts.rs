//! Hosts that a backend cannot be meant to have: the gateway would call itself, or nobody.

use std::net::{IpAddr, Ipv4Addr};

/// Why a host cannot be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unlikely {
    /// The machine that calls it, whichever that is.
    Loopback,
    /// A network of one cable, or of one machine's containers.
    Local,
    /// A host that documents are written with (RFC 2606), or that serves demonstrations.
    Documentation,
}

/// Hosts of demonstrations that many documents are copied from.
const DEMONSTRATIONS: &[&str] =
    &["petstore.swagger.io", "petstore3.swagger.io", "virtserver.swaggerhub.com"];

/// Names for documents, and all names below them.
const RESERVED: &[&str] = &["example.com", "example.net", "example.org", "example", "invalid"];

/// What keeps the host of an address (scheme and authority) from being meant.
pub(crate) fn unlikely(url: &str) -> Option<Unlikely> {
    let authority = url.split_once("://").map_or(url, |(_, authority)| authority);
    let port = authority.rfind(':').filter(|at| !authority[*at..].contains(']'));
    let host = authority[..port.unwrap_or(authority.len())].trim_end_matches('.');
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let below = |name: &str| {
        host.strip_suffix(name).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))
    };
    let is_one_of = |names: &[&str]| names.iter().any(|name| below(name));
    match host.parse::<IpAddr>() {
        Ok(ip) => of_address(ip),
        Err(_) if is_one_of(&["localhost", "localhost.localdomain"]) => Some(Unlikely::Loopback),
        Err(_) if is_one_of(&["host.docker.internal", "gateway.docker.internal"]) => {
            Some(Unlikely::Local)
        }
        Err(_) if is_one_of(RESERVED) || is_one_of(DEMONSTRATIONS) => Some(Unlikely::Documentation),
        Err(_) => None,
    }
}

fn of_address(ip: IpAddr) -> Option<Unlikely> {
    let (is_loopback, is_local) = match ip.to_canonical() {
        IpAddr::V4(ip) => (ip.is_loopback() || ip == Ipv4Addr::UNSPECIFIED, ip.is_link_local()),
        IpAddr::V6(ip) => {
            (ip.is_loopback() || ip.is_unspecified(), ip.segments()[0] & 0xffc0 == 0xfe80)
        }
    };
    match (is_loopback, is_local) {
        (true, _) => Some(Unlikely::Loopback),
        (false, true) => Some(Unlikely::Local),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_gateway_can_be_meant_to_call_is_known_by_its_host() {
        let hosts = [
            ("http://localhost:8080", Some(Unlikely::Loopback)),
            ("http://Api.LocalHost", Some(Unlikely::Loopback)),
            ("http://127.0.0.5", Some(Unlikely::Loopback)),
            ("http://0.0.0.0:80", Some(Unlikely::Loopback)),
            ("http://[::1]:80", Some(Unlikely::Loopback)),
            ("http://[::ffff:127.0.0.1]", Some(Unlikely::Loopback)),
            ("http://host.docker.internal:8080", Some(Unlikely::Local)),
            ("http://169.254.1.1", Some(Unlikely::Local)),
            ("http://[fe80::1]", Some(Unlikely::Local)),
            ("https://api.example.com", Some(Unlikely::Documentation)),
            ("https://petstore.swagger.io", Some(Unlikely::Documentation)),
            ("https://shop.example", Some(Unlikely::Documentation)),
            ("https://notexample.com", None),
            ("https://localhost.test", None),
            ("http://10.0.0.7:8080", None),
        ];
        for (url, expected) in hosts {
            assert_eq!(unlikely(url), expected, "{url}");
        }
    }
}
