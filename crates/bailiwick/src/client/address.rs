//! The address of a server as people write it.

use crate::failure::Failure;
use http::Uri;

/// Where the command line looks for a server when nothing says otherwise.
pub const DEFAULT: &str = "http://127.0.0.1:8417";

/// A server: `http://host[:port][/prefix]`, or the same with `https`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    secure: bool,
    host: String,
    port: u16,
    prefix: String,
}

impl Address {
    /// Reads an address; `/api/v3` at its end is taken off.
    pub fn parse(text: &str) -> Result<Address, Failure> {
        let wrong = |why: &str| Failure::Usage(format!("{text:?} is not a server's address: {why}"));
        let full = if text.contains("://") {
            text.to_owned()
        } else {
            format!("http://{text}")
        };
        let uri: Uri = full
            .parse()
            .map_err(|_| wrong("write it like http://127.0.0.1:8417"))?;
        let secure = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(wrong("it starts with https:// or http://")),
        };
        let authority = uri.authority().ok_or_else(|| wrong("there is no host"))?;
        // SECURITY: `http://known.example@evil.example` names another host than a reader thinks.
        if authority.as_str().contains('@') {
            return Err(wrong("user names do not belong in it"));
        }
        if uri.query().is_some() {
            return Err(wrong("it has no query"));
        }
        let host = authority
            .host()
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_ascii_lowercase();
        if host.is_empty() {
            return Err(wrong("there is no host"));
        }
        let path = uri.path().trim_end_matches('/');
        let prefix = path.strip_suffix("/api/v3").unwrap_or(path).to_owned();
        Ok(Address {
            secure,
            host,
            port: authority.port_u16().unwrap_or(usual_port(secure)),
            prefix,
        })
    }

    /// Whether it is asked over TLS.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// The host, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path before `/api/v3`, without a slash at its end.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// Host and port for the `Host` header.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        if self.port == usual_port(self.secure) {
            host
        } else {
            format!("{host}:{}", self.port)
        }
    }

    /// Whether it is this machine, so that nobody on a network can listen.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self
                .host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback())
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}://{}{}", self.scheme(), self.authority(), self.prefix)
    }
}

fn usual_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}
