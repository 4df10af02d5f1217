//! Every key of the configuration: its name, what it takes, its default and its description. Nothing else in the
//! code knows a key; the reference in `docs/` is written from here.

use super::{Config, DatabaseUrl, LogFormat};
use bailiwick_model::limit;
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
        about: "Where the server listens for plain HTTP. Port 0 takes any free port. An address that other machines \
                reach is refused unless `insecure_listen` is set.",
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
        name: "public_url",
        kind: Kind::Url(&["http", "https"]),
        default: None,
        flag: true,
        about: "The server's address as clients write it; it is the base of every link in answers. Without it, \
                `http://` and the address the server listens on. The `Host` header is never trusted for it.",
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
        about: "Connections of one address at one time; further ones are closed at once. 0 is unlimited: behind a \
                proxy, every connection has the proxy's address.",
        set: |config, value| config.connections_per_address_max = number(value),
    },
    Key {
        name: "idle_seconds_max",
        kind: Kind::Integer(1, 86_400),
        default: Some("120"),
        flag: false,
        about: "How long a connection on which nothing is asked stays open, in seconds.",
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
        }
    }

    /// Whether a value is what the key takes.
    pub(super) fn takes(self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            Kind::Text | Kind::Directory => text.is_some_and(|text| !text.trim().is_empty()),
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
            Kind::Prefixes => Value::Array(
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
