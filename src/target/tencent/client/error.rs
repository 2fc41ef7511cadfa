//! Why a client cannot be made of what was given. What a failed call means is in `failure`.

use reqwest::header::InvalidHeaderValue;

/// The addresses of proxies that can be used.
const PROXIES: &str = "http://HOST:PORT, https://HOST:PORT, socks5://HOST:PORT or \
                       socks5h://HOST:PORT";

/// Why there can be no client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// `--ca-file` holds no certificate, or one that cannot be used.
    #[error("--ca-file: {0}")]
    CaFile(String),
    /// The system has no roots and none were given.
    #[error("this machine has no root certificates, which an https endpoint needs: {0}")]
    NoRoots(String),
    /// A proxy's address is not valid, or of a kind that is not supported.
    #[error("{variable} is {shown}, which is not an address such as {PROXIES}")]
    Proxy {
        /// The variable that holds it.
        variable: &'static str,
        /// The address, without user and password.
        shown: String,
    },
    /// A region or a language that no header can hold.
    #[error("the region or the language cannot be sent in a header")]
    Header(#[from] InvalidHeaderValue),
    /// The HTTP library refuses the settings.
    #[error("no HTTP client can be made: {0}")]
    Http(#[from] reqwest::Error),
}
