//! Whom the command line trusts behind `https://`: the authorities in a file that is named, or the system's, which
//! `SSL_CERT_FILE` replaces.

use crate::failure::Failure;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Whom to trust: the authorities in this file alone, else the system's.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    file: Option<PathBuf>,
}

impl Trust {
    /// The authorities in a file, where one is named.
    pub fn new(file: Option<PathBuf>) -> Trust {
        Trust { file }
    }

    /// What opens connections under this trust.
    pub fn connector(&self) -> Result<TlsConnector, Failure> {
        let roots = match &self.file {
            Some(file) => named(file)?,
            None => system()?,
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Failure::local("TLS", error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

fn named(file: &Path) -> Result<RootCertStore, Failure> {
    let wrong = |why: &dyn std::fmt::Display| Failure::Usage(format!("--ca {}: {why}", file.display()));
    let bytes = std::fs::read(file).map_err(|error| wrong(&error))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        let certificate = certificate.map_err(|_| wrong(&"it is not in the PEM form"))?;
        roots.add(certificate).map_err(|error| wrong(&error))?;
    }
    if roots.is_empty() {
        return Err(wrong(&"there is no certificate in it"));
    }
    Ok(roots)
}

fn system() -> Result<RootCertStore, Failure> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let why = found
            .errors
            .first()
            .map(|error| format!(": {error}"))
            .unwrap_or_default();
        return Err(Failure::Local(format!(
            "this machine trusts no authority{why}; name the file of one with --ca FILE or SSL_CERT_FILE"
        )));
    }
    Ok(roots)
}

/// The handshake with a host. What is wrong is said with what to do about it.
pub async fn shake(
    connector: &TlsConnector,
    host: &str,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>, String> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| format!("{host:?} is no host"))?;
    connector.connect(name, stream).await.map_err(|error| {
        let text = error.to_string();
        if text.contains("UnknownIssuer") {
            format!("{text}: if its certificate is its own, name its authority's file (tls/ca.pem in the server's data \
                     directory) with --ca FILE or SSL_CERT_FILE")
        } else {
            text
        }
    })
}
