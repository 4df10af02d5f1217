//! An authority of our own and a server's certificate by it, in files of the data directory. The authority stays, so
//! that clients trust it once; the server's certificate is made again when its names change and well before it ends.

use super::read;
use bailiwick_gate::Pair;
use bailiwick_model::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose,
};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// The file that clients trust, within the directory.
const AUTHORITY_FILE: &str = "ca.pem";
const AUTHORITY_KEY: &str = "ca.key";
const SERVER_FILE: &str = "server.pem";
const SERVER_KEY: &str = "server.key";
/// How long the authority is good, in days.
const AUTHORITY_DAYS: i64 = 3650;
/// How long a server's certificate is good, in days.
const SERVER_DAYS: i64 = 90;
/// How long before its end a server's certificate is made again, in days.
const RENEWAL_DAYS: i64 = 30;
/// How much clients' clocks may be behind, in days.
const CLOCK_DAYS: i64 = 1;

/// The files of our own authority, and the names that the server's certificate has to have.
pub struct SelfSigned {
    directory: PathBuf,
    names: Vec<String>,
}

/// What the certificate is for: the host of the public address, this machine's names for itself, and where it listens.
pub fn names(public_url: Option<&str>, bound: SocketAddr) -> Vec<String> {
    let host = public_url
        .and_then(|url| url.parse::<http::Uri>().ok())
        .and_then(|url| {
            url.host()
                .map(|host| host.trim_matches(['[', ']']).to_ascii_lowercase())
        });
    let listening = (!bound.ip().is_unspecified()).then(|| bound.ip().to_canonical().to_string());
    let own = ["localhost", "127.0.0.1", "::1"].map(String::from);
    let mut names: Vec<String> = Vec::new();
    for name in host.into_iter().chain(own).chain(listening) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

impl SelfSigned {
    /// In this directory, for these names.
    pub fn new(directory: PathBuf, names: Vec<String>) -> SelfSigned {
        SelfSigned { directory, names }
    }

    /// Where the files are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The file that clients trust.
    pub fn authority_file(&self) -> PathBuf {
        self.directory.join(AUTHORITY_FILE)
    }

    /// Makes what is not there, or not good for long enough. Gives the files of the server's certificate and key.
    pub fn prepare(&self, now: Timestamp) -> Result<(PathBuf, PathBuf), String> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.directory)
            .map_err(|error| format!("{}: {error}", self.directory.display()))?;
        let (certificate, key) = (self.directory.join(SERVER_FILE), self.directory.join(SERVER_KEY));
        let authority = self.authority(now)?;
        if !self.is_good(now) {
            self.issue(&authority, now)
                .map_err(|why| format!("the server's certificate could not be made: {why}"))?;
            tracing::info!(names = ?self.names, "a certificate was made");
        }
        Ok((certificate, key))
    }

    /// The key of the authority, made with its certificate where there is none.
    fn authority(&self, now: Timestamp) -> Result<KeyPair, String> {
        let (certificate, key) = (self.authority_file(), self.directory.join(AUTHORITY_KEY));
        let broken = |error: rcgen::Error| format!("{}: {error}", key.display());
        if !key.exists() && certificate.exists() {
            // SECURITY: a new one in silence would teach people to trust whatever they are told to.
            return Err(format!(
                "{} is missing beside {}: put it back, or remove both for a new authority, which clients then have to \
                 trust",
                key.display(),
                certificate.display()
            ));
        }
        let pair = if key.exists() {
            let text = Zeroizing::new(String::from_utf8_lossy(&read(&key)?).into_owned());
            KeyPair::from_pem(&text).map_err(broken)?
        } else {
            let pair = KeyPair::generate().map_err(broken)?;
            let text = Zeroizing::new(pair.serialize_pem());
            self.write(AUTHORITY_KEY, 0o600, text.as_bytes())?;
            pair
        };
        if certificate.exists() {
            let own = Zeroizing::new(pair.serialize_pem());
            let read = Pair::from_pem(&read(&certificate)?, own.as_bytes())
                .map_err(|error| format!("{}: {error}", certificate.display()))?;
            if read.ends_at() > now.plus_days(SERVER_DAYS) {
                return Ok(pair);
            }
            tracing::warn!(
                "the authority in {} ends; clients have to trust the new file",
                certificate.display()
            );
        }
        // The same key and name: who trusts an older file of it trusts what this one issues, until that file ends.
        let made = authority_params(&pair, now).and_then(|params| params.self_signed(&pair));
        self.write(AUTHORITY_FILE, 0o644, made.map_err(broken)?.pem().as_bytes())?;
        Ok(pair)
    }

    /// Whether the server's certificate is there, by this authority, for every name, and far from its end.
    fn is_good(&self, now: Timestamp) -> bool {
        let files = [SERVER_FILE, SERVER_KEY, AUTHORITY_FILE].map(|name| fs::read(self.directory.join(name)));
        let [Ok(certificate), Ok(key), Ok(trusted)] = files else {
            return false;
        };
        let key = Zeroizing::new(key);
        if Pair::from_pem(&certificate, &key).is_err() {
            return false;
        }
        let (Ok(certificate), Ok(trusted)) = (
            CertificateDer::from_pem_slice(&certificate),
            CertificateDer::from_pem_slice(&trusted),
        ) else {
            return false;
        };
        let mut roots = RootCertStore::empty();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = roots.add(trusted).ok().and_then(|()| {
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .ok()
        });
        let Some(verifier) = verifier else {
            return false;
        };
        let at = |days: i64| {
            let seconds = u64::try_from(now.plus_days(days).seconds()).unwrap_or_default();
            UnixTime::since_unix_epoch(Duration::from_secs(seconds))
        };
        self.names.iter().all(|name| {
            ServerName::try_from(name.as_str()).is_ok_and(|name| {
                [0, RENEWAL_DAYS].into_iter().all(|days| {
                    verifier
                        .verify_server_cert(&certificate, &[], &name, &[], at(days))
                        .is_ok()
                })
            })
        })
    }

    /// Makes a key and a certificate for it.
    fn issue(&self, authority: &KeyPair, now: Timestamp) -> Result<(), String> {
        let said = |error: rcgen::Error| error.to_string();
        let key = KeyPair::generate().map_err(said)?;
        let mut params = CertificateParams::new(self.names.clone()).map_err(said)?;
        params.distinguished_name = named("Bailiwick");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        (params.not_before, params.not_after) = period(now, SERVER_DAYS)?;
        let issuer_params = authority_params(authority, now).map_err(said)?;
        let issuer = Issuer::from_params(&issuer_params, authority);
        let certificate = params.signed_by(&key, &issuer).map_err(said)?;
        let text = Zeroizing::new(key.serialize_pem());
        // A crash between the two leaves a pair that does not fit, which is made again at the next start.
        self.write(SERVER_KEY, 0o600, text.as_bytes())?;
        self.write(SERVER_FILE, 0o644, certificate.pem().as_bytes())
    }

    /// Puts a file in place, whole or not at all.
    fn write(&self, name: &str, mode: u32, text: &[u8]) -> Result<(), String> {
        let file = self.directory.join(name);
        let staged = self.directory.join(format!("{name}.new"));
        let failed = |error: std::io::Error| format!("{}: {error}", file.display());
        match fs::remove_file(&staged) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        // SECURITY: created closed to others; changing the mode afterwards would leave a moment to open it.
        let mut out = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&staged)
            .map_err(failed)?;
        out.write_all(text)
            .and_then(|()| out.sync_all())
            .and_then(|()| fs::rename(&staged, &file))
            .and_then(|()| File::open(&self.directory)?.sync_all())
            .map_err(failed)
    }
}

/// An authority that issues servers' certificates alone, and no further authorities.
fn authority_params(key: &KeyPair, now: Timestamp) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::<String>::new())?;
    // The name tells the authorities of two installations apart.
    let key = key.public_key_raw();
    let tail: String = key
        .iter()
        .rev()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    params.distinguished_name = named(&format!("Bailiwick's own authority {tail}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (params.not_before, params.not_after) = period(now, AUTHORITY_DAYS).map_err(|_| rcgen::Error::Time)?;
    Ok(params)
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn period(now: Timestamp, days: i64) -> Result<(time::OffsetDateTime, time::OffsetDateTime), String> {
    let instant = |at: Timestamp| {
        time::OffsetDateTime::from_unix_timestamp(at.seconds()).map_err(|error| error.to_string())
    };
    Ok((
        instant(now.plus_days(-CLOCK_DAYS))?,
        instant(now.plus_days(days))?,
    ))
}
