//! The role of this machine: temporary credentials from the metadata service of a CVM.
//!
//! Asked only when `--cvm-role` or a profile of that type says so: on any other machine the
//! address may be anyone's.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::cli::credentials::Pair;
use crate::cli::error::Error;

/// Where a CVM asks for the credentials of its role.
pub(crate) const METADATA: &str =
    "http://metadata.tencentyun.com/latest/meta-data/cam/security-credentials/";

/// The service is on the same host; what takes longer is not there.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The credentials of this machine's role. Waits on a thread of its own, so that it may be
/// called from a thread that drives a runtime.
pub(crate) fn role(address: &str) -> Result<Pair, Error> {
    let ask = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(|error| error.to_string())?.block_on(ask(address))
    };
    let asked = std::thread::scope(|scope| scope.spawn(ask).join());
    asked.unwrap_or_else(|_| Err("the metadata service was not asked".to_owned())).map_err(|why| {
        Error::usage(format!("no credentials from the role of this machine: {why}"))
            .hint("only a CVM with a role has them; elsewhere set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY")
    })
}

async fn ask(address: &str) -> Result<Pair, String> {
    // The service is asked in the clear on this host; the library wants to know how it would
    // speak TLS all the same. Without roots it trusts nobody.
    let tls = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .timeout(TIMEOUT)
        .no_proxy()
        .build()
        .map_err(|error| error.to_string())?;
    let role = get(&client, address).await?;
    let role = role.trim();
    if role.is_empty() || !role.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
        return Err("this machine has no role".to_owned());
    }
    let answer = get(&client, &format!("{address}{role}")).await?;
    read(&answer).ok_or_else(|| format!("the role {role} has no credentials"))
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

async fn get(client: &reqwest::Client, address: &str) -> Result<String, String> {
    let answered = client.get(address).send().await.and_then(reqwest::Response::error_for_status);
    answered.map_err(without_address)?.text().await.map_err(without_address)
}

fn without_address(error: reqwest::Error) -> String {
    error.without_url().to_string()
}

fn read(answer: &str) -> Option<Pair> {
    let value: Value = serde_json::from_str(answer).ok()?;
    let text = |field: &str| value[field].as_str().filter(|it| !it.is_empty()).map(str::to_owned);
    Some(Pair {
        id: text("TmpSecretId")?,
        key: text("TmpSecretKey")?,
        token: Some(text("Token")?),
        source: "the role of this machine".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// Answers these bodies, one a connection, and says where.
    fn serve(bodies: Vec<&'static str>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for body in bodies {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 1024];
                let _ = stream.read(&mut request).unwrap();
                let head = format!(
                    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                );
                stream.write_all((head + body).as_bytes()).unwrap();
            }
        });
        address
    }

    #[test]
    fn a_role_gives_temporary_credentials_with_their_token() {
        let answer =
            r#"{"TmpSecretId":"AKIDtemp","TmpSecretKey":"k","Token":"t","Code":"Success"}"#;
        let pair = role(&serve(vec!["my-role", answer])).ok().unwrap();
        assert_eq!(
            (pair.id.as_str(), pair.key.as_str(), pair.token.as_deref()),
            ("AKIDtemp", "k", Some("t"))
        );
    }

    #[test]
    fn what_is_no_role_is_not_asked_for() {
        let error = role(&serve(vec!["<html>"])).err().unwrap();
        assert!(error.to_string().contains("no role"), "{error}");
    }

    #[test]
    fn a_role_without_credentials_says_so_and_shows_none() {
        let error =
            role(&serve(vec!["r", r#"{"TmpSecretId":"AKIDx","TmpSecretKey":"k"}"#])).err().unwrap();
        assert!(error.to_string().contains("the role r has no credentials"), "{error}");
    }
}
