//! Why a server's certificate was refused, in words, and what helps.
//!
//! The library answers with names of its own, some of them only as debug output.

use jiff::Timestamp;
use rustls::CertificateError;
use rustls::pki_types::UnixTime;

use crate::target::tencent::client::tls::is_an_authoritys_own;

/// What is wrong with the certificate of `host`.
pub(crate) fn in_words(refused: &CertificateError, host: &str) -> String {
    use CertificateError as E;
    match refused {
        E::UnknownIssuer => "neither this machine nor --ca-file trusts its issuer".to_owned(),
        E::Expired => "it has expired".to_owned(),
        E::ExpiredContext { time, not_after } => {
            format!("it expired on {}, and today is {}", day(*not_after), day(*time))
        }
        E::NotValidYet => "it is not valid yet".to_owned(),
        E::NotValidYetContext { time, not_before } => {
            format!(
                "it is valid from {} on, and by this machine's clock today is {}",
                day(*not_before),
                day(*time)
            )
        }
        E::NotValidForNameContext { expected, presented } => not_for(&expected.to_str(), presented),
        E::NotValidForName => format!("it is not for {host}"),
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => {
            "its extended key usage does not include servers (serverAuth)".to_owned()
        }
        E::BadEncoding => "it is not a well-formed X.509 certificate".to_owned(),
        E::BadSignature => "its signature, or one in its chain, is wrong".to_owned(),
        E::UnsupportedSignatureAlgorithmContext { .. }
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "it is signed with an algorithm that is too old or not supported, such as SHA-1"
                .to_owned()
        }
        E::UnhandledCriticalExtension => {
            "it has a critical extension that is not supported".to_owned()
        }
        other if is_an_authoritys_own(other) => {
            "it is self-signed as an authority (CA:TRUE), and exactly this certificate is not in \
             --ca-file"
                .to_owned()
        }
        E::Other(other) => in_the_librarys_words(other.0.downcast_ref()),
        other => format!("it did not pass a check ({other})"),
    }
}

/// What reaches us only as an error of the library's library.
fn in_the_librarys_words(error: Option<&webpki::Error>) -> String {
    use webpki::Error as E;
    match error {
        Some(E::UnsupportedCertVersion) => {
            "it is of X.509 version 1, and version 3 is needed; openssl req -x509 makes one".into()
        }
        Some(E::UnsupportedCriticalExtension) => {
            "it has a critical extension that is not supported".into()
        }
        Some(E::EndEntityUsedAsCa) => "one of its issuers is not an authority (CA:FALSE)".into(),
        Some(E::NameConstraintViolation) => "its issuer may not issue for this name".into(),
        Some(other) => format!("it did not pass a check ({other})"),
        None => "it did not pass a check".into(),
    }
}

fn not_for(expected: &str, presented: &[String]) -> String {
    // The library tells each name as `DnsName("a.example")` or `IpAddress(10.0.0.1)`.
    let bare = |name: &String| {
        let inside = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
        inside.unwrap_or(name).trim_matches('"').to_owned()
    };
    if presented.is_empty() {
        let kind = if expected.parse::<std::net::IpAddr>().is_ok() { "IP" } else { "DNS" };
        return format!(
            "it is for no host: only subjectAltName counts, and it has none; make it again with \
             openssl req -x509 -addext subjectAltName={kind}:{expected}"
        );
    }
    let names = presented.iter().map(bare).collect::<Vec<_>>().join(", ");
    format!("it is for {names} and not for {expected}")
}

fn day(time: UnixTime) -> String {
    let second = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(second)
        .map_or_else(|_| "a day out of range".to_owned(), |at| at.strftime("%F").to_string())
}
