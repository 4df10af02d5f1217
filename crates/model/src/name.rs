//! Names: logins, repository names, slugs. ASCII only, so that no two names look or fold alike.

/// Why a name was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NameError {
    /// It is empty.
    Empty,
    /// It is longer than allowed.
    TooLong,
    /// It holds a character that is not allowed, or starts or ends with one.
    Character,
    /// It is kept for the system's own paths.
    Reserved,
}

/// Logins that would collide with paths of the system.
const RESERVED_LOGINS: &[&str] = &[
    "about",
    "account",
    "admin",
    "api",
    "apps",
    "assets",
    "audit",
    "authorize",
    "bailiwick",
    "enterprises",
    "explain",
    "explore",
    "features",
    "healthz",
    "help",
    "info",
    "issues",
    "join",
    "login",
    "logout",
    "metrics",
    "new",
    "none",
    "notifications",
    "oauth",
    "orgs",
    "organizations",
    "packages",
    "permissions",
    "pulls",
    "raw",
    "readyz",
    "repositories",
    "scim",
    "search",
    "security",
    "sessions",
    "settings",
    "setup",
    "signup",
    "static",
    "stafftools",
    "teams",
    "token",
    "upstream-hooks",
    "user",
    "users",
    "v2",
    "well-known",
];

/// Checks a login: letters, digits and single inner hyphens, at most 39 characters.
pub fn login(text: &str) -> Result<(), NameError> {
    let bytes = text.as_bytes();
    if bytes.is_empty() {
        return Err(NameError::Empty);
    }
    if bytes.len() > crate::limit::LOGIN_CHARS_MAX {
        return Err(NameError::TooLong);
    }
    let shape = bytes
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--");
    if !shape {
        return Err(NameError::Character);
    }
    if RESERVED_LOGINS.contains(&fold(text).as_str()) {
        return Err(NameError::Reserved);
    }
    Ok(())
}

/// Checks a repository name: letters, digits, `.`, `-`, `_`; never `.`, `..`, or ending in `.git`, `.wiki`, `.atom` or `.lock`.
pub fn repository(text: &str) -> Result<(), NameError> {
    let bytes = text.as_bytes();
    if bytes.is_empty() {
        return Err(NameError::Empty);
    }
    if bytes.len() > crate::limit::REPOSITORY_NAME_CHARS_MAX {
        return Err(NameError::TooLong);
    }
    if !bytes
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    {
        return Err(NameError::Character);
    }
    let folded = fold(text);
    let reserved = [".git", ".wiki", ".atom", ".lock"]
        .iter()
        .any(|end| folded.ends_with(end));
    if folded == "." || folded == ".." || reserved {
        return Err(NameError::Reserved);
    }
    Ok(())
}

/// The slug of a team or enterprise name: lower-case letters and digits joined by single hyphens.
pub fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// The form in which names are compared. Names are ASCII, so this folds every case there is.
pub fn fold(text: &str) -> String {
    text.to_ascii_lowercase()
}

/// Whether free text (a title, a token's name) holds nothing that hides or reorders what a reader sees.
pub fn is_plain_text(text: &str, line_breaks: bool) -> bool {
    text.chars().all(|character| match character {
        '\n' | '\r' | '\t' => line_breaks,
        character if character.is_control() => false,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => false,
        _ => true,
    })
}
