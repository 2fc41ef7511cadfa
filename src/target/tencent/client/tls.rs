//! What certificates are trusted: those that the system's authorities issued, those that an
//! authority in `--ca-file` issued, and a server's own certificate in that file.
//!
//! There is no switch that trusts anything else, and `SSLKEYLOGFILE` is ignored. Why a
//! certificate was refused is put in words by `certificate`.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use crate::target::tencent::client::error::ClientError;
use crate::target::tencent::endpoint::Endpoint;

/// The TLS settings. A plain endpoint gets no roots: nothing may be encrypted by chance to
/// someone, and reading the system's costs some milliseconds.
pub(crate) fn config(endpoint: &Endpoint, ca: Option<&[u8]>) -> Result<ClientConfig, ClientError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    #[expect(clippy::expect_used, reason = "ring knows the versions that rustls is built with")]
    let versions = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("the provider's own versions");
    if !endpoint.is_https() {
        return Ok(versions.with_root_certificates(RootCertStore::empty()).with_no_client_auth());
    }
    let named = ca.map(read_pem).transpose()?.unwrap_or_default();
    let verifier = Arc::new(Verifier::new(named, provider)?);
    Ok(versions.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

/// Judges a server's certificate as the library does, and accepts one more: the very
/// certificate that is in `--ca-file`. What `openssl req -x509` makes is its own authority
/// (CA:TRUE), which the library takes from no server; and where only a server's certificate is
/// at hand, its authority is not.
#[derive(Debug)]
struct Verifier {
    usual: Arc<WebPkiServerVerifier>,
    named: Vec<CertificateDer<'static>>,
}

impl Verifier {
    fn new(
        named: Vec<CertificateDer<'static>>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, ClientError> {
        let usual = WebPkiServerVerifier::builder_with_provider(Arc::new(roots(&named)?), provider);
        let usual = usual.build().map_err(|error| ClientError::NoRoots(error.to_string()))?;
        Ok(Self { usual, named })
    }

    /// Whether all that the library misses in a certificate is an issuer. It looks at the dates
    /// before it looks at either, so a certificate that is out of date ends otherwise.
    fn lacks_only_an_issuer(error: &Error) -> bool {
        let Error::InvalidCertificate(refused) = error else { return false };
        matches!(refused, CertificateError::UnknownIssuer) || is_an_authoritys_own(refused)
    }
}

/// Whether a certificate was refused for being one that may issue others (CA:TRUE).
pub(crate) fn is_an_authoritys_own(refused: &CertificateError) -> bool {
    let CertificateError::Other(other) = refused else { return false };
    matches!(other.0.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.usual.verify_server_cert(own, chain, name, ocsp, now) {
            Err(error) if Self::lacks_only_an_issuer(&error) && self.named.contains(own) => {
                verify_server_name(&ParsedCertificate::try_from(own)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            judged => judged,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls12_signature(message, own, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls13_signature(message, own, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}

fn roots(named: &[CertificateDer<'static>]) -> Result<RootCertStore, ClientError> {
    let mut roots = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(system.certs);
    for (nth, certificate) in named.iter().enumerate() {
        roots.add(certificate.clone()).map_err(|error| {
            ClientError::CaFile(format!("certificate {} in it cannot be read ({error})", nth + 1))
        })?;
    }
    if roots.is_empty() {
        let why = system.errors.first().map_or_else(|| "none found".into(), ToString::to_string);
        return Err(ClientError::NoRoots(why));
    }
    Ok(roots)
}

fn read_pem(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, ClientError> {
    match CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, pem::Error>>() {
        Ok(certificates) if certificates.is_empty() => Err(ClientError::CaFile(
            "it has no line `-----BEGIN CERTIFICATE-----`; convert it to PEM, for example with \
             openssl x509 -inform DER"
                .into(),
        )),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(ClientError::CaFile(format!("it is not valid PEM ({error})"))),
    }
}
