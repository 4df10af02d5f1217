//! Whom an upstream's TLS is trusted as: the system's authorities, those of a file, or pinned certificates.

use ring::digest::{SHA256, digest};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::fmt;
use std::sync::Arc;

/// The SHA-256 of a server's certificate, as `openssl x509 -fingerprint -sha256` prints it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pin([u8; 32]);

/// How an upstream's certificate is judged.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Trust {
    /// Authorities in PEM, instead of the system's.
    pub authorities: Option<String>,
    /// Certificates that are trusted whoever signed them; when there are any, nothing else is.
    pub pins: Vec<Pin>,
}

/// Why a trust cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TrustError {
    /// A pin is not 32 bytes of hexadecimal.
    Pin,
    /// The authorities hold no certificate, or a broken one.
    Authorities,
    /// The system has no authorities that could be read.
    System,
    /// The TLS library refused.
    Library(String),
}

impl fmt::Display for TrustError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TrustError::Pin => out
                .write_str("a pin is the SHA-256 of the certificate: 64 hexadecimal digits, colons allowed"),
            TrustError::Authorities => out.write_str("the authorities are not certificates in PEM"),
            TrustError::System => out.write_str("the system's certificate authorities cannot be read"),
            TrustError::Library(why) => write!(out, "TLS cannot be set up: {why}"),
        }
    }
}

impl std::error::Error for TrustError {}

impl Pin {
    /// Reads a fingerprint.
    pub fn parse(text: &str) -> Result<Pin, TrustError> {
        let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b':').collect();
        let mut pin = [0_u8; 32];
        if digits.len() != 64 {
            return Err(TrustError::Pin);
        }
        for (slot, pair) in pin.iter_mut().zip(digits.chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| TrustError::Pin)?;
            if !pair.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(TrustError::Pin);
            }
            *slot = u8::from_str_radix(pair, 16).map_err(|_| TrustError::Pin)?;
        }
        Ok(Pin(pin))
    }

    fn fits(&self, certificate: &CertificateDer<'_>) -> bool {
        digest(&SHA256, certificate).as_ref() == self.0
    }
}

impl Trust {
    /// The configuration of the TLS library.
    pub(crate) fn config(&self) -> Result<ClientConfig, TrustError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| TrustError::Library(error.to_string()))?;
        let mut config = if self.pins.is_empty() {
            builder
                .with_root_certificates(self.roots()?)
                .with_no_client_auth()
        } else {
            let pinned = Arc::new(Pinned {
                pins: self.pins.clone(),
                provider,
            });
            builder
                .dangerous()
                .with_custom_certificate_verifier(pinned)
                .with_no_client_auth()
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    fn roots(&self) -> Result<RootCertStore, TrustError> {
        let mut roots = RootCertStore::empty();
        match &self.authorities {
            Some(pem) => {
                for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                    let certificate = certificate.map_err(|_| TrustError::Authorities)?;
                    roots.add(certificate).map_err(|_| TrustError::Authorities)?;
                }
                if roots.is_empty() {
                    return Err(TrustError::Authorities);
                }
            }
            None => {
                let (added, _unreadable) =
                    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
                if added == 0 {
                    return Err(TrustError::System);
                }
            }
        }
        Ok(roots)
    }
}

/// Takes exactly the pinned certificates, and still has the server prove that it holds their key.
#[derive(Debug)]
struct Pinned {
    pins: Vec<Pin>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.pins.iter().any(|pin| pin.fits(end_entity)) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::General(String::from(
                "the certificate is not the pinned one",
            )))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
