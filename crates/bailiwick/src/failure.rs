//! Why a command failed, and the exit code that says so. The one place where failures become text for people.

use crate::output;
use http::StatusCode;
use serde_json::Value;
use std::fmt::Write as _;
use std::process::ExitCode;

/// The exit codes, as `--help` prints them.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  refused, or failed
  2  wrong usage or configuration
  3  not signed in
  4  the server cannot be reached, or failed itself
  5  not found
  6  conflict with the present state, or the data directory is in use";

/// Why a command failed.
#[derive(Debug)]
pub enum Failure {
    /// The server answered with an error.
    Server {
        /// Its status.
        status: StatusCode,
        /// Its body as JSON; a string when it was none.
        body: Value,
    },
    /// There is no session for this server.
    NotSignedIn(String),
    /// The server cannot be reached.
    Unreachable(String),
    /// The command line or the configuration makes no sense.
    Usage(String),
    /// Nothing of this name.
    NotFound(String),
    /// Does not fit the present state.
    Conflict(String),
    /// Something on this machine failed.
    Local(String),
}

impl Failure {
    /// A failure on this machine, with what was tried.
    pub fn local(what: impl std::fmt::Display, error: impl std::fmt::Display) -> Failure {
        Failure::Local(format!("{what}: {error}"))
    }

    /// The documented exit code.
    pub fn code(&self) -> u8 {
        match self {
            Failure::Server { status, .. } => match status.as_u16() {
                401 => 3,
                404 => 5,
                409 => 6,
                500.. => 4,
                _ => 1,
            },
            Failure::NotSignedIn(_) => 3,
            Failure::Unreachable(_) => 4,
            Failure::Usage(_) => 2,
            Failure::NotFound(_) => 5,
            Failure::Conflict(_) => 6,
            Failure::Local(_) => 1,
        }
    }

    /// The stable code of the server's reason.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Failure::Server { body, .. } => body.get("reason").and_then(Value::as_str),
            Failure::NotSignedIn(_)
            | Failure::Unreachable(_)
            | Failure::Usage(_)
            | Failure::NotFound(_)
            | Failure::Conflict(_)
            | Failure::Local(_) => None,
        }
    }

    /// Prints it to standard error, as JSON if wanted, and gives the exit code.
    pub fn report(&self, json: bool) -> ExitCode {
        let text = if json {
            self.json().to_string()
        } else {
            self.words()
        };
        output::error(text.trim_end());
        ExitCode::from(self.code())
    }

    fn json(&self) -> Value {
        match (self, self.text()) {
            (Failure::Server { body, .. }, _) => body.clone(),
            (_, text) => serde_json::json!({ "message": text }),
        }
    }

    /// The lines for people.
    pub fn words(&self) -> String {
        match self {
            Failure::Server { status, body } => server_words(*status, body),
            _ => format!("error: {}", self.text()),
        }
    }

    /// What was said where the failure arose; nothing for answers of the server, which have fields instead.
    fn text(&self) -> &str {
        match self {
            Failure::Server { .. } => "",
            Failure::NotSignedIn(text)
            | Failure::Unreachable(text)
            | Failure::Usage(text)
            | Failure::NotFound(text)
            | Failure::Conflict(text)
            | Failure::Local(text) => text,
        }
    }
}

/// Message, wrong fields, reason, what is missing and help, a line each.
fn server_words(status: StatusCode, body: &Value) -> String {
    let message = body.get("message").or(Some(body)).and_then(Value::as_str);
    let reason = status.canonical_reason().unwrap_or("error");
    let mut words = format!("error: {} ({})", message.unwrap_or(reason), status.as_u16());
    for error in body.get("errors").and_then(Value::as_array).into_iter().flatten() {
        let field = error.get("field").and_then(Value::as_str).unwrap_or("");
        let detail = ["message", "code"]
            .iter()
            .find_map(|name| error.get(name).and_then(Value::as_str));
        let detail = detail.or_else(|| error.as_str()).unwrap_or("invalid");
        let separator = if field.is_empty() { "" } else { ": " };
        let _ = write!(words, "\n  {field}{separator}{detail}");
    }
    for name in ["reason", "missing", "help"] {
        if let Some(value) = body.get(name).filter(|value| !value.is_null()) {
            let _ = write!(words, "\n{name}: {}", missing_words(value));
        }
    }
    if status == StatusCode::UNAUTHORIZED {
        words.push_str("\nsign in with: bailiwick login");
    } else if body
        .get("reason")
        .and_then(Value::as_str)
        .is_some_and(|code| code.contains("sudo"))
    {
        words.push_str("\nconfirm your password with: bailiwick login --sudo");
    }
    words
}

/// What is missing, in words whether the server sent text or a list of terms.
pub fn missing_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(terms) => terms.iter().map(missing_words).collect::<Vec<_>>().join(", "),
        Value::Object(term) => {
            let text = |name: &str| term.get(name).and_then(Value::as_str);
            match (text("permission"), text("level"), text("role"), text("target")) {
                (Some(permission), level, _, target) => {
                    let target = target.map(|target| format!(" on {target}")).unwrap_or_default();
                    format!("{permission}: {}{target}", level.unwrap_or("read"))
                }
                (None, _, Some(role), target) => {
                    let target = target.map(|target| format!(" on {target}")).unwrap_or_default();
                    format!("role {role}{target}")
                }
                _ => value.to_string(),
            }
        }
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests;
