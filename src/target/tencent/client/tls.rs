//! What certificates are trusted: the system's, and those of `--ca-file`.
//!
//! There is no switch that trusts anything else, and `SSLKEYLOGFILE` is not heeded.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::target::tencent::client::ClientError;
use crate::target::tencent::endpoint::Endpoint;

/// How TLS is spoken. A plain endpoint gets no roots: nothing may be encrypted by chance to
/// someone, and reading the system's costs some milliseconds.
pub(crate) fn config(endpoint: &Endpoint, ca: Option<&[u8]>) -> Result<ClientConfig, ClientError> {
    let roots = if endpoint.is_https() { roots(ca)? } else { RootCertStore::empty() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    #[expect(clippy::expect_used, reason = "ring knows the versions that rustls is built with")]
    let versions = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider's own versions");
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

fn roots(ca: Option<&[u8]>) -> Result<RootCertStore, ClientError> {
    let mut roots = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(system.certs);
    for certificate in ca.map(read_pem).transpose()?.unwrap_or_default() {
        roots.add(certificate).map_err(|error| ClientError::CaFile(error.to_string()))?;
    }
    if roots.is_empty() {
        let why = system.errors.first().map_or_else(|| "none found".into(), ToString::to_string);
        return Err(ClientError::NoRoots(why));
    }
    Ok(roots)
}

fn read_pem(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, ClientError> {
    let read = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    match read {
        Ok(certificates) if certificates.is_empty() => {
            Err(ClientError::CaFile("none found".into()))
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(ClientError::CaFile(error.to_string())),
    }
}
