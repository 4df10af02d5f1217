//! What the last act did, told at the top of the page that it led to. The address carries a code, never a text:
//! nobody can make this server say something by a link.

/// The sentence of a code.
pub fn text(code: &str) -> Option<&'static str> {
    SENTENCES
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, text)| *text)
}

/// A path that tells what was done.
pub fn after(path: &str, code: &str) -> String {
    let mark = if path.contains('?') { '&' } else { '?' };
    format!("{path}{mark}done={code}")
}

const SENTENCES: &[(&str, &str)] = &[
    ("session-ended", "The session is over."),
    ("sessions-ended", "Every other session is over."),
    (
        "password-changed",
        "Your password is changed. Every other session is over.",
    ),
    ("totp-enabled", "The authenticator app is asked for from now on."),
    ("passkey-added", "The passkey is added."),
    ("totp-disabled", "The authenticator app is no longer asked for."),
    ("passkey-removed", "The passkey is removed."),
    ("signed-out", "You are signed out."),
    (
        "confirmed",
        "It is you. Sensitive changes are open for two hours.",
    ),
];
