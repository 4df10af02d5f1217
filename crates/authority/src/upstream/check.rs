//! Checks of what administrators write about upstreams. Nothing is guessed: what is not understood is refused with
//! the field that it stands in.

use super::load::{downloads, extension_of, headers_of, place_of, trust_of};
use super::{Place, Secrets, setting};
use crate::fault::Fault;
use bailiwick_model::{Timestamp, UpstreamKind, UpstreamMode, UpstreamSettings};
use bailiwick_store::UpstreamRow;
use bailiwick_wire::header::HeaderTemplate;
use serde_json::{Map, Value};

/// The resource in messages.
pub(crate) const RESOURCE: &str = "Upstream";
/// Longest time that an upstream may be observed, in days.
pub const OBSERVE_DAYS_MAX: i64 = 366;
const NAME_CHARS_MAX: usize = 39;
const SETTINGS_BYTES_MAX: usize = 1 << 20;
const SECRET_BYTES_MAX: usize = 16 << 10;
const LOGIN_BYTES_MAX: usize = 100;
const KEY_BYTES_MAX: usize = 64;
const DAY_SECONDS: i64 = 86_400;
const HEADER_NAME_BYTES_MAX: usize = 64;

pub(crate) fn invalid(field: &str, message: impl Into<String>) -> Fault {
    Fault::invalid(RESOURCE, field, "invalid", message)
}

/// A name of an upstream: it stands in paths and in the configuration file.
pub(crate) fn name(text: &str) -> Result<(), Fault> {
    if text.is_empty() {
        return Err(Fault::invalid(RESOURCE, "name", "missing_field", ""));
    }
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if text.len() > NAME_CHARS_MAX || !text.bytes().all(plain) || text.starts_with('-') || text.ends_with('-')
    {
        let message = "is 1 to 39 small letters, digits and inner hyphens";
        return Err(invalid("name", message));
    }
    Ok(())
}

/// Everything about a row at once; `now` is `None` where an end of observing in the past is no mistake.
pub(crate) fn row(row: &UpstreamRow, now: Timestamp, may_be_over: bool) -> Result<UpstreamSettings, Fault> {
    name(&row.name)?;
    mode(row.mode, row.observe_until, now, may_be_over)?;
    observable(row)?;
    if row.settings.len() > SETTINGS_BYTES_MAX {
        return Err(invalid("settings", "are larger than 1 MiB"));
    }
    let written: Map<String, Value> =
        serde_json::from_str(&row.settings).map_err(|error| invalid("settings", error.to_string()))?;
    setting::check(row.kind, &written)?;
    let settings: UpstreamSettings = serde_json::from_value(Value::Object(written))
        .map_err(|error| invalid("settings", error.to_string()))?;
    if let Some(name) = &settings.user_header {
        user_header(name)?;
    }
    let place = place_of(row.kind, &row.address, &settings, None)?;
    if let Place::Directory(path) = &place {
        let server = settings
            != UpstreamSettings {
                inspect: settings.inspect,
                facts_seconds_max: settings.facts_seconds_max,
                poll_seconds: settings.poll_seconds,
                ..UpstreamSettings::default()
            };
        if server {
            let message = "a directory is not reached by network: only `inspect`, `facts_seconds_max` and \
                 `poll_seconds` apply";
            return Err(invalid("settings", message));
        }
        if !path.is_dir() {
            return Err(invalid("address", "there is no such directory on the server"));
        }
    }
    if settings.facts_seconds_max.is_some() && !is_synchronised(row.kind, &place) {
        // SECURITY: facts that nobody can bring would be too old for ever, which is at least safe; told now, it is clear.
        let message =
            "the directory of such an upstream cannot be read: leave it out, and keep the directory here";
        return Err(invalid("facts_seconds_max", message));
    }
    trust_of(&settings)?;
    downloads(&settings)?;
    headers_of(&settings)?;
    extension_of(row.kind, &row.name, &settings, None)?;
    Ok(settings)
}

/// Whose directory can be read.
const fn is_synchronised(kind: UpstreamKind, place: &Place) -> bool {
    match kind {
        UpstreamKind::GitHub | UpstreamKind::Gitea => true,
        UpstreamKind::Git => matches!(place, Place::Directory(_)),
        UpstreamKind::Generic => false,
        UpstreamKind::Oci
        | UpstreamKind::Npm
        | UpstreamKind::Maven
        | UpstreamKind::NuGet
        | UpstreamKind::PyPi => false,
    }
}

/// Refuses to observe what does not tell its own callers apart.
// SECURITY: observing leaves the upstream alone to say who may what. A directory says nothing, and what a file describes
// may be a server that trusts whoever reaches it.
fn observable(row: &UpstreamRow) -> Result<(), Fault> {
    let knows = row.kind != UpstreamKind::Generic
        && row.kind.registry().is_none()
        && !row.address.starts_with("file:");
    if row.mode == UpstreamMode::Enforce || knows {
        return Ok(());
    }
    Err(invalid(
        "mode",
        "only a server that has credentials of its own can be observed: kind github, gitea, or git at an address",
    ))
}

fn mode(
    mode: UpstreamMode,
    until: Option<Timestamp>,
    now: Timestamp,
    may_be_over: bool,
) -> Result<(), Fault> {
    match (mode, until) {
        (UpstreamMode::Enforce, None) => Ok(()),
        (UpstreamMode::Enforce, Some(_)) => {
            Err(invalid("observe_until", "belongs to the mode observe alone"))
        }
        (UpstreamMode::Observe, None) => {
            let message = "observing refuses nothing, so it must end: give a time within 366 days";
            Err(Fault::invalid(
                RESOURCE,
                "observe_until",
                "missing_field",
                message,
            ))
        }
        (UpstreamMode::Observe, Some(end)) => {
            let ahead = end.seconds().saturating_sub(now.seconds());
            if ahead > OBSERVE_DAYS_MAX * DAY_SECONDS {
                Err(invalid("observe_until", "is more than 366 days ahead"))
            } else if ahead <= 0 && !may_be_over {
                Err(invalid("observe_until", "must be in the future"))
            } else {
                Ok(())
            }
        }
    }
}

/// The header by which a name is told.
// SECURITY: a header of the connection would be read as something else by the upstream, or by what is between.
fn user_header(name: &str) -> Result<(), Fault> {
    let plain = !name.contains(':') && name.len() <= HEADER_NAME_BYTES_MAX;
    if !plain || HeaderTemplate::parse(&format!("{name}: x")).is_err() {
        let message = "is a header's name of letters, digits and hyphens that has no meaning of its own";
        return Err(invalid("user_header", message));
    }
    if name.eq_ignore_ascii_case("authorization") || name.eq_ignore_ascii_case("cookie") {
        return Err(invalid(
            "user_header",
            format!("the header {name} has a meaning of its own"),
        ));
    }
    Ok(())
}

/// Settings as they are after a change: a value replaces, `null` removes.
pub(crate) fn merged(kind: UpstreamKind, before: &str, change: &Map<String, Value>) -> Result<String, Fault> {
    setting::check(kind, change)?;
    let mut all: Map<String, Value> =
        serde_json::from_str(before).map_err(|error| Fault::internal("upstream.settings", error))?;
    for (name, value) in change {
        match value {
            Value::Null => drop(all.remove(name)),
            value => drop(all.insert(name.clone(), value.clone())),
        }
    }
    // Read strictly and written again, so that what is stored is what was understood.
    let settings: UpstreamSettings =
        serde_json::from_value(Value::Object(all)).map_err(|error| invalid("settings", error.to_string()))?;
    serde_json::to_string(&settings).map_err(|error| Fault::internal("upstream.settings", error))
}

/// The secrets that an upstream of this kind can hold.
pub fn secret_names(kind: UpstreamKind) -> &'static [&'static str] {
    match kind {
        UpstreamKind::Git => &["username", "password", "token"],
        UpstreamKind::Gitea => &["token", "webhook_secret"],
        UpstreamKind::GitHub => &["private_key", "client_secret", "webhook_secret"],
        UpstreamKind::Generic => &["secret"],
        // By a header of the settings, or as clients of registries bring theirs.
        UpstreamKind::Oci
        | UpstreamKind::Npm
        | UpstreamKind::Maven
        | UpstreamKind::NuGet
        | UpstreamKind::PyPi => &["username", "password", "token", "secret"],
    }
}

/// The secrets that a person's account at an upstream of this kind can hold.
pub fn link_secret_names(kind: UpstreamKind) -> &'static [&'static str] {
    match kind {
        UpstreamKind::Gitea => &["token"],
        // GitHub's come from its own sign-in; the others know no persons.
        UpstreamKind::GitHub | UpstreamKind::Git | UpstreamKind::Generic => &[],
        UpstreamKind::Oci
        | UpstreamKind::Npm
        | UpstreamKind::Maven
        | UpstreamKind::NuGet
        | UpstreamKind::PyPi => &[],
    }
}

/// Secrets that are set together.
// SECURITY: messages name the secret and never show it.
pub(crate) fn secrets(given: &Secrets, known: &[&str]) -> Result<(), Fault> {
    for (name, secret) in given {
        if !known.contains(&name.as_str()) {
            let message = if known.is_empty() {
                format!("{name}: it takes no secrets")
            } else {
                format!("there is no secret {name:?} here; known are {}", known.join(", "))
            };
            return Err(invalid("secrets", message));
        }
        if secret.is_empty() || secret.len() > SECRET_BYTES_MAX {
            return Err(invalid(
                "secrets",
                format!("{name} must be 1 to 16384 bytes long"),
            ));
        }
        if name == "private_key" {
            if !secret.trim_start().starts_with("-----BEGIN ") || !secret.contains("PRIVATE KEY-----") {
                return Err(invalid("secrets", "private_key must be a private key in PEM"));
            }
        } else if !secret.bytes().all(|byte| (0x20..0x7f).contains(&byte)) || secret.trim() != secret.as_str()
        {
            let message = format!("{name} must be printable ASCII in one line, without blanks around it");
            return Err(invalid("secrets", message));
        }
    }
    Ok(())
}

/// The whole set of an upstream.
pub(crate) fn upstream_secrets(kind: UpstreamKind, address: &str, given: &Secrets) -> Result<(), Fault> {
    if address.starts_with("file:") && !given.is_empty() {
        return Err(invalid("secrets", "a directory takes no credential"));
    }
    secrets(given, secret_names(kind))?;
    if kind == UpstreamKind::Git || kind.registry().is_some() {
        let has = |name: &str| given.contains_key(name);
        if has("username") != has("password") || (has("token") && has("username")) {
            let message = "give username and password together, or a token alone";
            return Err(invalid("secrets", message));
        }
        if given.get("username").is_some_and(|name| name.contains(':')) {
            return Err(invalid("secrets", "username must not hold a colon"));
        }
    }
    Ok(())
}

/// A login at an upstream. It is put into a header.
pub(crate) fn login(field: &str, text: &str) -> Result<(), Fault> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'@');
    if text.is_empty() {
        return Err(Fault::invalid(RESOURCE, field, "missing_field", ""));
    }
    if text.len() > LOGIN_BYTES_MAX || !text.bytes().all(plain) || text.starts_with(['.', '-', '@']) {
        let message =
            "is 1 to 100 letters, digits, `.`, `-`, `_` and `@`, starting with a letter, digit or `_`";
        return Err(invalid(field, message));
    }
    Ok(())
}

/// `owner/name` at an upstream.
pub(crate) fn repository(field: &str, text: &str) -> Result<(), Fault> {
    let Some((owner, repository)) = text.split_once('/') else {
        return Err(invalid(field, "is owner and name there, with a slash between"));
    };
    for piece in [owner, repository] {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        let good = (1..=LOGIN_BYTES_MAX).contains(&piece.len())
            && piece.bytes().all(plain)
            && !piece.starts_with(['.', '-'])
            && !piece.contains("..");
        if !good {
            let message = "is owner/name: each 1 to 100 letters, digits, `.`, `-` and `_`";
            return Err(invalid(field, message));
        }
    }
    // SECURITY: servers know a repository by both; it must have one name here.
    if repository.to_ascii_lowercase().ends_with(".git") {
        return Err(invalid(field, "is the name without .git"));
    }
    Ok(())
}

/// An immutable id at an upstream.
pub(crate) fn key(field: &str, text: &str) -> Result<(), Fault> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'=' | b':');
    if (1..=KEY_BYTES_MAX).contains(&text.len()) && text.bytes().all(plain) {
        Ok(())
    } else {
        Err(invalid(
            field,
            "is the id there: 1 to 64 letters, digits, `.`, `-`, `_`, `=`, `:`",
        ))
    }
}
