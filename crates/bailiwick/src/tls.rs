//! Where the listener's certificate comes from: files that the operator names, or an authority of our own in the data
//! directory. Either is looked at again while the server runs.

mod self_signed;
mod watch;

use crate::config::Config;
use crate::data::DataDirectory;
use crate::failure::Failure;
use bailiwick_gate::{Pair, Tls};
use bailiwick_model::Timestamp;
use self_signed::SelfSigned;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
pub use watch::watch;
use zeroize::Zeroizing;

/// Where a pair is read from.
pub enum Source {
    /// Files that somebody else keeps.
    Files {
        /// The certificate with its chain.
        certificate: PathBuf,
        /// Its key.
        key: PathBuf,
    },
    /// Files of the data directory that are made here.
    Own(SelfSigned),
}

/// The texts of two files.
#[derive(PartialEq, Eq)]
struct Texts {
    certificate: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
}

/// A listener's TLS, and where its pair is looked for again.
pub struct Protection {
    /// What the listener speaks.
    pub tls: Arc<Tls>,
    source: Source,
    // What is shown at present.
    texts: Texts,
}

impl Protection {
    /// What the configuration asks for; nothing when it asks for no TLS.
    pub fn open(
        config: &Config,
        directory: &DataDirectory,
        bound: SocketAddr,
        now: Timestamp,
    ) -> Result<Option<Protection>, Failure> {
        let source = match (&config.tls_certificate, &config.tls_key) {
            (Some(certificate), Some(key)) => Source::Files {
                certificate: certificate.clone(),
                key: key.clone(),
            },
            _ if config.tls_self_signed => Source::Own(SelfSigned::new(
                directory.tls(),
                self_signed::names(config.public_url.as_deref(), bound),
            )),
            _ => return Ok(None),
        };
        let texts = source.texts(now).map_err(Failure::Local)?;
        let pair = source.pair(&texts).map_err(Failure::Local)?;
        if pair.ends_at() <= now {
            tracing::warn!(
                ended = pair.ends_at().rfc3339(),
                "the TLS certificate has ended; clients will refuse it"
            );
        }
        let tls = Tls::new(pair).map_err(|error| Failure::local("TLS", error))?;
        Ok(Some(Protection {
            tls: Arc::new(tls),
            source,
            texts,
        }))
    }

    /// The file that clients have to trust, where the certificate is our own.
    pub fn authority_file(&self) -> Option<PathBuf> {
        match &self.source {
            Source::Files { .. } => None,
            Source::Own(own) => Some(own.authority_file()),
        }
    }
}

impl Source {
    /// Reads the files; our own are made or renewed first where that is due.
    fn texts(&self, now: Timestamp) -> Result<Texts, String> {
        let (certificate, key) = match self {
            Source::Files { certificate, key } => (certificate.clone(), key.clone()),
            Source::Own(own) => own.prepare(now)?,
        };
        Ok(Texts {
            certificate: read(&certificate)?,
            key: Zeroizing::new(read(&key)?),
        })
    }

    /// The pair that the texts hold; what is wrong is said with the files' names.
    fn pair(&self, texts: &Texts) -> Result<Pair, String> {
        Pair::from_pem(&texts.certificate, &texts.key).map_err(|error| match self {
            Source::Files { certificate, key } => {
                format!(
                    "tls_certificate {} and tls_key {}: {error}",
                    certificate.display(),
                    key.display()
                )
            }
            Source::Own(own) => format!("{}: {error}", own.directory().display()),
        })
    }
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests;
