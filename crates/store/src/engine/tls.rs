//! Where a PostgreSQL URL leads and how the way there is protected: in the clear on this machine alone.

use crate::{Result, StoreError};
use postgres::config::{Host, SslMode};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long connecting may take unless the URL says otherwise.
const CONNECT: Duration = Duration::from_secs(10);

/// A server and how to reach it.
pub(super) struct Endpoint {
    config: postgres::Config,
    tls: Option<MakeRustlsConnect>,
}

fn unreachable(message: impl Into<String>) -> StoreError {
    StoreError::Unreachable {
        message: message.into(),
    }
}

impl Endpoint {
    /// Reads a URL. `sslrootcert=` names a PEM file of the authorities to trust instead of the system's.
    pub(super) fn parse(url: &str) -> Result<Endpoint> {
        let (url, roots) = take_roots(url)?;
        // SECURITY: the parser's error could repeat the URL, and with it the password.
        let mut config: postgres::Config = url.parse().map_err(|_| unreachable("the URL is malformed"))?;
        config.application_name("bailiwick");
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        // SECURITY: `prefer` would fall back to plain text when somebody on the way says that there is no TLS.
        if config.get_ssl_mode() == SslMode::Prefer {
            config.ssl_mode(if is_local(&config) {
                SslMode::Disable
            } else {
                SslMode::Require
            });
        }
        let tls = match config.get_ssl_mode() {
            SslMode::Disable => None,
            _ => Some(MakeRustlsConnect::new(client(roots)?)),
        };
        Ok(Endpoint { config, tls })
    }

    /// Opens a connection.
    pub(super) fn connect(&self) -> Result<postgres::Client> {
        let connected = match &self.tls {
            None => self.config.connect(postgres::NoTls),
            Some(tls) => self.config.connect(tls.clone()),
        };
        connected.map_err(|error| {
            // The driver's text names the step only; the reason is in its source.
            let reason = std::error::Error::source(&error).map(|source| format!(": {source}"));
            unreachable(format!("{error}{}", reason.unwrap_or_default()))
        })
    }
}

/// Takes `sslrootcert=` out of a URL's query: the driver does not know it.
fn take_roots(url: &str) -> Result<(String, Option<String>)> {
    let Some((base, query)) = url.split_once('?') else {
        return Ok((url.to_owned(), None));
    };
    let mut roots = None;
    let mut kept = Vec::new();
    for part in query.split('&') {
        match part.strip_prefix("sslrootcert=") {
            Some(path) => {
                let path = percent_encoding::percent_decode_str(path).decode_utf8();
                roots = Some(
                    path.map_err(|_| unreachable("sslrootcert is not UTF-8"))?
                        .into_owned(),
                );
            }
            None => kept.push(part),
        }
    }
    Ok((format!("{base}?{}", kept.join("&")), roots))
}

/// Whether every host is this machine.
fn is_local(config: &postgres::Config) -> bool {
    let hosts = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name.eq_ignore_ascii_case("localhost")
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    });
    // `hostaddr` overrides where a name leads.
    hosts && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback)
}

fn client(roots: Option<String>) -> Result<ClientConfig> {
    let mut store = RootCertStore::empty();
    match roots {
        Some(path) => {
            let unusable = || unreachable(format!("sslrootcert: no certificate could be read from {path}"));
            for certificate in CertificateDer::pem_file_iter(&path).map_err(|_| unusable())? {
                store
                    .add(certificate.map_err(|_| unusable())?)
                    .map_err(|_| unusable())?;
            }
        }
        None => {
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if store.is_empty() {
        return Err(unreachable(
            "no certificate authority is trusted: name a PEM file with sslrootcert=",
        ));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unreachable(error.to_string()))?
        .with_root_certificates(store)
        .with_no_client_auth())
}

#[cfg(test)]
mod tests;
