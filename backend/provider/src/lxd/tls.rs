//! TLS to a server that is known by its certificate alone, as LXD's own clients do it.
//!
//! The certificate is usually self-signed and its names mean little, so neither an authority nor a host name is asked:
//! the server must present exactly the pinned certificate and prove that it has the key.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
};

use super::settings::Https;
use crate::{Error, Result};

/// A client with a certificate, for one server.
pub(super) fn pinned(https: &Https) -> Result<ClientConfig> {
    let server = one_certificate(&https.server_certificate)?;
    let client = CertificateDer::pem_file_iter(&https.client_certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(&https.client_certificate, &error))?;
    let key = PrivateKeyDer::from_pem_file(&https.client_key)
        .map_err(|error| unreadable(&https.client_key, &error))?;
    let provider = Arc::new(ring::default_provider());
    let mut config = builder(&provider)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Pinned { server, provider }))
        .with_client_auth_cert(client, key)
        .map_err(|error| unreadable(&https.client_certificate, &error))?;
    // One configuration serves requests and websockets, and the latter know only HTTP/1.1.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// What the HTTP client is given where there is no TLS: a configuration that trusts nobody.
pub(super) fn none() -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    Ok(builder(&provider)?.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn builder(
    provider: &Arc<CryptoProvider>,
) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>> {
    ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Protocol(error.to_string()))
}

fn one_certificate(path: &Path) -> Result<CertificateDer<'static>> {
    CertificateDer::from_pem_file(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::Refused(format!("{} is not the PEM file it should be: {error}", path.display()))
}

/// Accepts one certificate.
#[derive(Debug)]
struct Pinned {
    server: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        presented: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        if *presented == self.server {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(TlsError::General("the server's certificate is not the pinned one".to_owned()))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
