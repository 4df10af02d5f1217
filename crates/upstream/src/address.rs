//! Where an upstream is: scheme, host, port and the path that everything of it lies below.

use std::fmt;

/// A base address without credentials, query or fragment: `https://git.example.com/sub`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Address {
    tls: bool,
    host: String,
    port: u16,
    prefix: String,
}

/// Why a text is no base address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AddressError {
    /// It does not begin with `http://` or `https://`.
    Scheme,
    /// It holds a user or password, which belong into the credential.
    Credential,
    /// The host is missing or no host.
    Host,
    /// The port is no number from 1 to 65535.
    Port,
    /// The path has a query, a fragment, an escape, an empty or a dot segment.
    Path,
}

impl fmt::Display for AddressError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            AddressError::Scheme => "the address must begin with https:// or http://",
            AddressError::Credential => {
                "the address must not hold a user or password: set the credential instead"
            }
            AddressError::Host => "the address names no host",
            AddressError::Port => "the port must be a number from 1 to 65535",
            AddressError::Path => {
                "the path must be plain: no query, fragment, escapes, empty or dot segments"
            }
        })
    }
}

impl std::error::Error for AddressError {}

impl Address {
    /// Reads a base address.
    pub fn parse(text: &str) -> Result<Address, AddressError> {
        let (tls, rest) = if let Some(rest) = text.strip_prefix("https://") {
            (true, rest)
        } else if let Some(rest) = text.strip_prefix("http://") {
            (false, rest)
        } else {
            return Err(AddressError::Scheme);
        };
        let (authority, path) = match rest.find(['/', '?', '#', '\\']) {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        if authority.contains('@') {
            return Err(AddressError::Credential);
        }
        let (host, port) = split_port(authority)?;
        let port = match port {
            None => {
                if tls {
                    443
                } else {
                    80
                }
            }
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text
                .parse::<u16>()
                .ok()
                .filter(|port| *port > 0)
                .ok_or(AddressError::Port)?,
            Some(_) => return Err(AddressError::Port),
        };
        if !is_host(host) {
            return Err(AddressError::Host);
        }
        let prefix = path.trim_end_matches('/');
        if !is_plain_path(prefix) {
            return Err(AddressError::Path);
        }
        Ok(Address {
            tls,
            host: host.to_ascii_lowercase(),
            port,
            prefix: prefix.to_owned(),
        })
    }

    /// Whether it is reached by TLS.
    pub fn is_tls(&self) -> bool {
        self.tls
    }

    /// The host as it is looked up and named in TLS, without the brackets of IPv6.
    pub fn host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path that everything lies below; empty, or with a slash at the front and none at the end.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The value of `Host`: the port only where it is not the scheme's own.
    pub fn authority(&self) -> String {
        let own = if self.tls { 443 } else { 80 };
        if self.port == own {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The target of a path below it.
    pub fn target(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// What is left of an absolute or relative reference below this base; `None` if it leads anywhere else.
    pub fn below<'a>(&self, reference: &'a str) -> Option<&'a str> {
        let path = if reference.starts_with('/') && !reference.starts_with("//") {
            reference
        } else {
            let rest = reference.strip_prefix(if self.tls { "https://" } else { "http://" })?;
            let (authority, path) = match rest.find(['/', '?', '#', '\\']) {
                Some(at) => rest.split_at(at),
                None => (rest, ""),
            };
            let own = if self.tls { 443 } else { 80 };
            let (host, port) = split_port(authority).ok()?;
            let port = match port {
                None => own,
                Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse::<u16>().ok()?,
                Some(_) => return None,
            };
            if !host.eq_ignore_ascii_case(&self.host) || port != self.port {
                return None;
            }
            path
        };
        let rest = path.strip_prefix(self.prefix.as_str())?;
        ((rest.is_empty() || rest.starts_with(['/', '?'])) && stays(rest)).then_some(rest)
    }
}

/// Whether a path below a base stays there, whoever resolves it.
// SECURITY: a browser takes a backslash for a slash, two slashes for another host, and "%2e" for a dot; nginx takes "%2f" for
// a slash before it resolves dots, and others look at no more of a segment than what stands before a semicolon.
fn stays(rest: &str) -> bool {
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let plain = rest.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let resolved = path
        .to_ascii_lowercase()
        .replace("%2e", ".")
        .replace("%2f", "/")
        .replace("%5c", "/")
        .replace("%3b", ";");
    let dots = |segment: &str| {
        let name = segment.split(';').next().unwrap_or_default();
        matches!(name, "." | "..")
    };
    plain && !path.starts_with("//") && !resolved.split('/').any(dots)
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(out, "{scheme}://{}{}", self.authority(), self.prefix)
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<&str>), AddressError> {
    if authority.starts_with('[') {
        let end = authority.find(']').ok_or(AddressError::Host)?;
        let (host, rest) = authority.split_at(end + 1);
        return match rest.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if rest.is_empty() => Ok((host, None)),
            None => Err(AddressError::Port),
        };
    }
    Ok(match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    })
}

fn is_host(text: &str) -> bool {
    if let Some(inside) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return inside.parse::<std::net::Ipv6Addr>().is_ok();
    }
    !text.is_empty()
        && text.len() <= 253
        && !text.starts_with(['-', '.'])
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
}

fn is_plain_path(path: &str) -> bool {
    // What comes first must be a slash: "?a", "#a" and "\\a" are cut off behind the host as well.
    let Some(segments) = path.strip_prefix('/') else {
        return path.is_empty();
    };
    segments.split('/').all(|segment| {
        !matches!(segment, "" | "." | "..")
            && segment
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'))
    })
}

#[cfg(test)]
mod tests {
    use super::{Address, AddressError};

    #[test]
    fn what_is_a_base_address_and_what_is_not() {
        for (text, expected) in [
            ("https://git.example.com", Ok("https://git.example.com")),
            ("https://git.example.com/", Ok("https://git.example.com")),
            (
                "https://git.example.com:443/a/b/",
                Ok("https://git.example.com/a/b"),
            ),
            ("http://GIT.example.com:3000", Ok("http://git.example.com:3000")),
            ("http://[::1]:8080/x", Ok("http://[::1]:8080/x")),
            ("ftp://x", Err(AddressError::Scheme)),
            ("git.example.com", Err(AddressError::Scheme)),
            (
                "https://user:secret@git.example.com",
                Err(AddressError::Credential),
            ),
            (
                "https://good.example.com@evil.example.com/",
                Err(AddressError::Credential),
            ),
            ("https://", Err(AddressError::Host)),
            ("https://a b", Err(AddressError::Host)),
            ("https://[::1", Err(AddressError::Host)),
            ("https://x:0", Err(AddressError::Port)),
            ("https://x:65536", Err(AddressError::Port)),
            ("https://x:+80", Err(AddressError::Port)),
            ("https://x/a?b", Err(AddressError::Path)),
            ("https://x#y", Err(AddressError::Path)),
            ("https://x/../y", Err(AddressError::Path)),
            ("https://x//y", Err(AddressError::Path)),
            ("https://x/%2e", Err(AddressError::Path)),
            ("https://x\\y", Err(AddressError::Path)),
            ("https://x?y", Err(AddressError::Path)),
        ] {
            let found = Address::parse(text).map(|address| address.to_string());
            assert_eq!(found, expected.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn only_what_lies_below_leads_home() {
        let base = Address::parse("https://git.example.com/forge").unwrap();
        for (reference, expected) in [
            ("https://git.example.com/forge/acme/site", Some("/acme/site")),
            ("https://GIT.example.com:443/forge/x?y=1", Some("/x?y=1")),
            ("/forge/x", Some("/x")),
            ("/forge", Some("")),
            ("/forgery", None),
            ("/other", None),
            ("//evil.example.com/forge/x", None),
            ("http://git.example.com/forge/x", None),
            ("https://git.example.com:444/forge/x", None),
            ("https://git.example.com@evil.example.com/forge/x", None),
            ("https://git.example.com.evil.example/forge/x", None),
            ("https://git.example.com\\@evil.example/forge", None),
            ("https://git.example.com:+443/forge/x", None),
            ("/forge/../admin", None),
            ("/forge/a/%2E./%2e%2e/admin", None),
            ("/forge/a/..", None),
            ("/forge/a%2f..%2F..%2fadmin", None),
            ("/forge/%2e%2e%5Cadmin", None),
            ("/forge/..;x=y/admin", None),
            ("/forge/a/..%3b/admin", None),
            ("/forge/@acme%2fweb;a=..", Some("/@acme%2fweb;a=..")),
            ("/forge/a/..b?c=/../d", Some("/a/..b?c=/../d")),
            ("/forge//evil.example.com", None),
            ("/forge/\\evil.example.com", None),
            ("/forge/a b", None),
        ] {
            assert_eq!(base.below(reference), expected, "{reference}");
        }
    }
}
