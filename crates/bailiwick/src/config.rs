//! The configuration of the server: one table of keys, and the layers that fill it (flags over environment over
//! file over defaults). `docs/configuration.md` is written from the same table.

pub mod document;
mod key;
mod layer;
pub mod upstream;

pub use key::KEYS;
pub use layer::{Flags, load};

use bailiwick_wire::forwarded::Network;
use std::net::SocketAddr;
use std::path::PathBuf;
use tracing_subscriber::filter::LevelFilter;

/// How log lines look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// A database's address. May hold a password, so it is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The address itself, for the one call that connects.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("DatabaseUrl(hidden)")
    }
}

/// The settings of a server, all checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// The data directory.
    pub data: PathBuf,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Whether it may listen beyond this machine without TLS.
    pub insecure_listen: bool,
    /// The certificate of its TLS, with its chain.
    pub tls_certificate: Option<PathBuf>,
    /// The key of that certificate.
    pub tls_key: Option<PathBuf>,
    /// Whether it makes a certificate of its own.
    pub tls_self_signed: bool,
    /// Proxies whose word on a client's address is taken.
    pub trusted_proxies: Vec<Network>,
    /// Other proxies that may ask for decisions.
    pub authorize_trusted_peers: Vec<Network>,
    /// Its address as clients write it; from `listen` if absent.
    pub public_url: Option<String>,
    /// PostgreSQL instead of the embedded database.
    pub database: Option<DatabaseUrl>,
    /// This node's name in the audit log.
    pub node: String,
    /// The prefix of new tokens.
    pub token_prefix: String,
    /// Prefixes that stay valid.
    pub former_prefixes: Vec<String>,
    /// Requests per hour and token; 0 is unlimited.
    pub rate_token_per_hour: u32,
    /// Requests per hour and anonymous address; 0 is unlimited.
    pub rate_anonymous_per_hour: u32,
    /// Connections at one time.
    pub connections_max: usize,
    /// Connections of one address at one time; 0 is unlimited.
    pub connections_per_address_max: usize,
    /// Longest time that a connection on which nothing is asked stays open, in seconds.
    pub idle_seconds_max: u64,
    /// Longest wait for a request's head, in seconds.
    pub head_seconds_max: u64,
    /// Longest time for running requests at shutdown, in seconds.
    pub shutdown_seconds_max: u64,
    /// How log lines look.
    pub log_format: LogFormat,
    /// What is logged.
    pub log_level: LevelFilter,
    /// Servers behind the gateway that the file holds.
    pub upstreams: Vec<upstream::UpstreamTable>,
}

impl Config {
    /// Before any layer: every field is overwritten by its key's default, or stays absent.
    fn blank() -> Config {
        Config {
            data: PathBuf::new(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            insecure_listen: false,
            tls_certificate: None,
            tls_key: None,
            tls_self_signed: false,
            trusted_proxies: Vec::new(),
            authorize_trusted_peers: Vec::new(),
            public_url: None,
            database: None,
            node: String::new(),
            token_prefix: String::new(),
            former_prefixes: Vec::new(),
            rate_token_per_hour: 0,
            rate_anonymous_per_hour: 0,
            connections_max: 0,
            connections_per_address_max: 0,
            idle_seconds_max: 0,
            head_seconds_max: 0,
            shutdown_seconds_max: 0,
            log_format: LogFormat::Text,
            log_level: LevelFilter::INFO,
            upstreams: Vec::new(),
        }
    }

    /// The server's address as clients write it, once it is known where it listens.
    pub fn base_url(&self, bound: SocketAddr) -> String {
        let scheme = if self.has_tls() { "https" } else { "http" };
        self.public_url
            .clone()
            .unwrap_or_else(|| format!("{scheme}://{bound}"))
    }

    /// Whether it speaks TLS.
    pub fn has_tls(&self) -> bool {
        self.tls_certificate.is_some() || self.tls_self_signed
    }

    /// The prefixes that tokens may have, the present one first.
    pub fn prefixes(&self) -> Vec<String> {
        let mut prefixes = vec![self.token_prefix.clone()];
        prefixes.extend(
            self.former_prefixes
                .iter()
                .filter(|former| **former != self.token_prefix)
                .cloned(),
        );
        prefixes
    }

    /// Checks what concerns several keys.
    fn check(&self) -> Result<(), String> {
        let wrong = match (&self.tls_certificate, &self.tls_key) {
            (Some(_), None) => "tls_certificate is set without tls_key: name the file of its key too",
            (None, Some(_)) => "tls_key is set without tls_certificate: name the file of its certificate too",
            (Some(_), Some(_)) if self.tls_self_signed => {
                "tls_self_signed makes a certificate, and tls_certificate names one: set one of both"
            }
            _ => "",
        };
        if !wrong.is_empty() {
            return Err(wrong.into());
        }
        if let Some(url) = self
            .public_url
            .as_ref()
            .filter(|url| self.has_tls() && url.starts_with("http://"))
        {
            return Err(format!(
                "public_url = \"{url}\" is for plain HTTP, but this server speaks TLS: write it with https://"
            ));
        }
        if !self.listen.ip().is_loopback() && !self.insecure_listen && !self.has_tls() {
            return Err(format!(
                "listen = \"{}\" is reachable from other machines, but there is no TLS: tokens would cross the network \
                 readable; set tls_certificate and tls_key, or tls_self_signed = true; or listen on 127.0.0.1 behind a \
                 proxy that has TLS; or set insecure_listen = true if you know that the network is private",
                self.listen
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
