//! Every key of the configuration: its name, what it takes, its default and its description. Nothing else in the
//! code knows a key; the reference in `docs/` is written from here.

use super::{Config, DatabaseUrl, LogFormat};
use bailiwick_model::limit;
use bailiwick_wire::forwarded::Network;
use std::path::PathBuf;
use toml::Value;
use tracing_subscriber::filter::LevelFilter;

/// What a key takes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Any text that is not empty.
    Text,
    /// A directory.
    Directory,
    /// A file.
    File,
    /// An IP address and port.
    Address,
    /// A URL with one of these schemes.
    Url(&'static [&'static str]),
    /// A whole number within bounds, both included.
    Integer(i64, i64),
    /// `true` or `false`.
    Boolean,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// A token prefix.
    Prefix,
    /// A list of token prefixes.
    Prefixes,
    /// A list of networks.
    Networks,
}

/// A key.
pub struct Key {
    /// Its name in the file; in the environment `BAILIWICK_` and the same in capitals.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Its value when nothing sets it, as written on a command line.
    pub default: Option<&'static str>,
    /// Whether `serve` has a flag of the same name.
    pub flag: bool,
    /// What it does, for people.
    pub about: &'static str,
    pub(super) set: fn(&mut Config, &Value),
}

impl Key {
    /// The environment variable.
    pub fn variable(&self) -> String {
        format!("BAILIWICK_{}", self.name.to_uppercase())
    }
}

/// A key of this name.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The key whose name is most like a name that is none.
pub(super) fn nearest(name: &str) -> Option<&'static Key> {
    let likeness = |key: &Key| strsim::jaro_winkler(key.name, &name.to_lowercase());
    KEYS.iter()
        .map(|key| (likeness(key), key))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, key)| key)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Networks, each of which was checked.
fn networks(value: &Value) -> Vec<Network> {
    let items = value.as_array().into_iter().flatten();
    items
        .filter_map(|item| Network::parse(item.as_str()?).ok())
        .collect()
}

/// Numbers were checked against their bounds, which fit.
fn number<N: TryFrom<i64> + Default>(value: &Value) -> N {
    value
        .as_integer()
        .and_then(|number| N::try_from(number).ok())
        .unwrap_or_default()
}

const RATE_MAX: i64 = 1_000_000_000;

/// Every key, in the order of the reference.
pub const KEYS: &[Key] = &[
    Key {
        name: "data",
        kind: Kind::Directory,
        default: Some("bailiwick-data"),
        flag: true,
        about: "The data directory: the embedded database, the Git repositories, and the lock that keeps a second \
                process out. Created, closed to other users, if it does not exist.",
        set: |config, value| config.data = PathBuf::from(text(value)),
    },
    Key {
        name: "listen",
        kind: Kind::Address,
        default: Some("127.0.0.1:8417"),
        flag: true,
        about: "Where the server listens: for HTTPS where `tls_certificate` or `tls_self_signed` is set, else for plain \
                HTTP. Port 0 takes any free port. An address that other machines reach is refused without TLS unless \
                `insecure_listen` is set.",
        set: |config, value| {
            if let Ok(address) = text(value).parse() {
                config.listen = address;
            }
        },
    },
    Key {
        name: "insecure_listen",
        kind: Kind::Boolean,
        default: Some("false"),
        flag: false,
        about: "Listen beyond this machine although there is no TLS. Every token then crosses the network readable: \
                only for private networks, or behind a proxy that has TLS.",
        set: |config, value| config.insecure_listen = value.as_bool().unwrap_or_default(),
    },
    Key {
        name: "tls_certificate",
        kind: Kind::File,
        default: None,
        flag: false,
        about: "The server's TLS certificate, in the PEM form: its own first, then those between it and the authority. \
                The server then speaks TLS 1.2 and 1.3 alone, with HTTP/2 and HTTP/1.1. Certificate and key are read \
                again when they change (within 10 seconds, or at once on SIGHUP); no connection is dropped, and what \
                cannot be used is logged while the former pair stays.",
        set: |config, value| config.tls_certificate = Some(PathBuf::from(text(value))),
    },
    Key {
        name: "tls_key",
        kind: Kind::File,
        default: None,
        flag: false,
        about: "The private key of `tls_certificate`, in the PEM form and without a passphrase.",
        set: |config, value| config.tls_key = Some(PathBuf::from(text(value))),
    },
    Key {
        name: "tls_self_signed",
        kind: Kind::Boolean,
        default: Some("false"),
        flag: true,
        about: "Speak TLS with a certificate by an authority of the server's own, for where there is no other. Both are \
                made in `tls` in the data directory and kept; the certificate is for the host of `public_url`, \
                `localhost`, 127.0.0.1, ::1 and the address of `listen`, and is renewed by itself. Clients have to \
                trust `tls/ca.pem`, by `SSL_CERT_FILE` for example.",
        set: |config, value| config.tls_self_signed = value.as_bool().unwrap_or_default(),
    },
    Key {
        name: "trusted_proxies",
        kind: Kind::Networks,
        default: Some(""),
        flag: false,
        about: "Proxies in front of the server. Where one of them connects, the client's address is the first in \
                `X-Forwarded-For`, from the right, that is not one of them: for rates, for wrong passwords, and in the \
                audit log. From anybody else the header is ignored; `Forwarded` and `X-Real-IP` always are. These \
                proxies have to add to the header, as they do by default. In the environment, separated by commas.",
        set: |config, value| config.trusted_proxies = networks(value),
    },
    Key {
        name: "authorize_trusted_peers",
        kind: Kind::Networks,
        default: Some(""),
        flag: false,
        about: "Other proxies (nginx, Caddy, Traefik, Envoy) that may ask below `/-/authorize`, or over gRPC, whether to \
                serve a request; `docs/authorize.md` tells how. The original method, URI and client are taken from these \
                peers alone, which connect here themselves; everybody else is refused. Empty turns it off. In the \
                environment, separated by commas.",
        set: |config, value| config.authorize_trusted_peers = networks(value),
    },
    Key {
        name: "public_url",
        kind: Kind::Url(&["http", "https"]),
        default: None,
        flag: true,
        about: "The server's address as clients write it; it is the base of every link in answers. Without it, \
                `http://` (with TLS, `https://`) and the address the server listens on. The `Host` header is never trusted for it.",
        set: |config, value| config.public_url = Some(text(value).trim_end_matches('/').to_owned()),
    },
    Key {
        name: "database",
        kind: Kind::Url(&["postgres", "postgresql"]),
        default: None,
        flag: true,
        about: "A PostgreSQL database (`postgres://user:password@host/name`) instead of the embedded one. Prefer the \
                file or the environment to the flag when it holds a password: other users see flags.",
        set: |config, value| config.database = Some(DatabaseUrl(text(value))),
    },
    Key {
        name: "node",
        kind: Kind::Text,
        default: Some("main"),
        flag: false,
        about: "The name of this node in the audit log, whose events are chained per node.",
        set: |config, value| config.node = text(value),
    },
    Key {
        name: "token_prefix",
        kind: Kind::Prefix,
        default: Some("bwk"),
        flag: false,
        about: "What new tokens start with. Secret scanners find tokens by it.",
        set: |config, value| config.token_prefix = text(value),
    },
    Key {
        name: "former_prefixes",
        kind: Kind::Prefixes,
        default: Some(""),
        flag: false,
        about: "Prefixes of tokens made earlier that stay valid. In the environment, separated by commas.",
        set: |config, value| {
            config.former_prefixes = value.as_array().into_iter().flatten().map(text).collect();
        },
    },
    Key {
        name: "rate_token_per_hour",
        kind: Kind::Integer(0, RATE_MAX),
        // The same number as `limit::RATE_TOKEN_PER_HOUR`; a test compares them.
        default: Some("5000"),
        flag: false,
        about: "Requests per hour that one token may make to the API. 0 is unlimited.",
        set: |config, value| config.rate_token_per_hour = number(value),
    },
    Key {
        name: "rate_anonymous_per_hour",
        kind: Kind::Integer(0, RATE_MAX),
        default: Some("60"),
        flag: false,
        about: "Requests per hour that one address may make to the API without a token. 0 is unlimited.",
        set: |config, value| config.rate_anonymous_per_hour = number(value),
    },
    Key {
        name: "connections_max",
        kind: Kind::Integer(1, 1_000_000),
        default: Some("4096"),
        flag: false,
        about: "Connections at one time. Further ones wait in the system's queue.",
        set: |config, value| config.connections_max = number(value),
    },
    Key {
        name: "connections_per_address_max",
        kind: Kind::Integer(0, 1_000_000),
        default: Some("1024"),
        flag: false,
        about: "Connections of one address at one time; further ones are closed at once. 0 is unlimited. Those of \
                `trusted_proxies` are not counted; any other proxy's clients all have its address.",
        set: |config, value| config.connections_per_address_max = number(value),
    },
    Key {
        name: "idle_seconds_max",
        kind: Kind::Integer(1, 86_400),
        default: Some("120"),
        flag: false,
        about: "How long a connection on which nothing is asked stays open, in seconds; of HTTP/1, once a request had a body, not much longer than a head may take.",
        set: |config, value| config.idle_seconds_max = number(value),
    },
    Key {
        name: "head_seconds_max",
        kind: Kind::Integer(1, 600),
        default: Some("30"),
        flag: false,
        about: "How long a client may take to send the head of a request, in seconds.",
        set: |config, value| config.head_seconds_max = number(value),
    },
    Key {
        name: "shutdown_seconds_max",
        kind: Kind::Integer(0, 3600),
        default: Some("10"),
        flag: false,
        about: "How long running requests get to end when the server is stopped, in seconds.",
        set: |config, value| config.shutdown_seconds_max = number(value),
    },
    Key {
        name: "log_format",
        kind: Kind::Choice(&["text", "json"]),
        default: Some("text"),
        flag: false,
        about: "How lines of the log look. The log goes to standard error and never holds a credential.",
        set: |config, value| {
            config.log_format = if value.as_str() == Some("json") {
                LogFormat::Json
            } else {
                LogFormat::Text
            };
        },
    },
    Key {
        name: "log_level",
        kind: Kind::Choice(&["error", "warn", "info", "debug", "trace"]),
        default: Some("info"),
        flag: false,
        about: "What is logged: this level and the more serious ones. Below `info` it concerns Bailiwick's own code \
                only, never that of libraries.",
        set: |config, value| {
            if let Ok(level) = text(value).parse::<LevelFilter>() {
                config.log_level = level;
            }
        },
    },
];

impl Kind {
    /// What it takes, for messages and the reference.
    pub fn words(self) -> String {
        let one_of = |words: &[&str], around: &str| {
            words
                .iter()
                .map(|word| format!("{around}{word}{around}"))
                .collect::<Vec<_>>()
                .join(" or ")
        };
        match self {
            Kind::Text => "text".into(),
            Kind::Directory => "a directory".into(),
            Kind::File => "a file".into(),
            Kind::Address => "an IP address and port, such as 127.0.0.1:8417".into(),
            Kind::Url(schemes) => format!(
                "a URL that starts with {}",
                one_of(schemes, "").replace(" or ", ":// or ") + "://"
            ),
            Kind::Integer(least, most) => format!("a whole number from {least} to {most}"),
            Kind::Boolean => "true or false".into(),
            Kind::Choice(words) => one_of(words, "\""),
            Kind::Prefix => "1 to 16 small letters and digits, starting with a letter".into(),
            Kind::Prefixes => {
                "a list of prefixes, each 1 to 16 small letters and digits, starting with a letter".into()
            }
            Kind::Networks => {
                "a list of networks such as 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7, of which none holds every address"
                    .into()
            }
        }
    }

    /// Whether a value is what the key takes.
    pub(super) fn takes(self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            Kind::Text | Kind::Directory | Kind::File => text.is_some_and(|text| !text.trim().is_empty()),
            Kind::Address => text.is_some_and(|text| text.parse::<std::net::SocketAddr>().is_ok()),
            Kind::Url(schemes) => text.is_some_and(|text| {
                let parts = text.split_once("://");
                // No blanks and no control characters, which would break headers made from it.
                parts.is_some_and(|(scheme, rest)| schemes.contains(&scheme) && !rest.is_empty())
                    && text.chars().all(|c| c.is_ascii_graphic())
            }),
            Kind::Integer(least, most) => value
                .as_integer()
                .is_some_and(|number| (least..=most).contains(&number)),
            Kind::Boolean => value.as_bool().is_some(),
            Kind::Choice(words) => text.is_some_and(|text| words.contains(&text)),
            Kind::Prefix => text.is_some_and(is_prefix),
            Kind::Prefixes => value
                .as_array()
                .is_some_and(|list| list.iter().all(|item| item.as_str().is_some_and(is_prefix))),
            Kind::Networks => value.as_array().is_some_and(|list| {
                let network = |item: &Value| item.as_str().is_some_and(|text| Network::parse(text).is_ok());
                list.iter().all(network)
            }),
        }
    }

    /// A value written as text, on a command line or in the environment; text that is no such value stays text.
    pub(super) fn read(self, text: &str) -> Value {
        match self {
            Kind::Integer(..) => text
                .trim()
                .parse()
                .map_or_else(|_| Value::String(text.into()), Value::Integer),
            Kind::Boolean => text
                .trim()
                .parse()
                .map_or_else(|_| Value::String(text.into()), Value::Boolean),
            Kind::Prefixes | Kind::Networks => Value::Array(
                text.split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty())
                    .map(Value::from)
                    .collect(),
            ),
            _ => Value::String(text.into()),
        }
    }
}

fn is_prefix(text: &str) -> bool {
    (1..=16).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

// The defaults written above as text are the limits of the model.
const _: () = assert!(limit::RATE_TOKEN_PER_HOUR == 5000 && limit::RATE_ANONYMOUS_PER_HOUR == 60);
