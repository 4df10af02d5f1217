//! Every limit of the system, named, with its unit. Nothing else in the code writes these numbers.

/// Longest token name, in characters.
pub const TOKEN_NAME_CHARS_MAX: usize = 40;
/// Longest token description, in characters.
pub const TOKEN_DESCRIPTION_CHARS_MAX: usize = 1024;
/// Longest reason of a request or a decision, in characters.
pub const REASON_CHARS_MAX: usize = 1024;
/// Lifetime of a token when none is asked for, in days.
pub const TOKEN_LIFETIME_DAYS_DEFAULT: i64 = 30;
/// Longest finite lifetime that can be asked for or set as a policy, in days.
pub const TOKEN_LIFETIME_DAYS_MAX: i64 = 366;
/// Fine-grained tokens a user may hold unless policy says otherwise.
pub const TOKENS_PER_USER_DEFAULT: i64 = 50;
/// Selected repositories in one grant.
pub const REPOSITORIES_PER_GRANT_MAX: usize = 1000;
/// Grants (resource owners) in one token.
pub const GRANTS_PER_TOKEN_MAX: usize = 32;
/// Ids in one bulk decision.
pub const BULK_IDS_MAX: usize = 100;
/// Credentials in one call to revoke.
pub const REVOKE_CREDENTIALS_MAX: usize = 1000;
/// Longest text that is looked at as a token, in bytes.
pub const TOKEN_TEXT_BYTES_MAX: usize = 255;
/// Longest login, in characters.
pub const LOGIN_CHARS_MAX: usize = 39;
/// Longest repository name, in characters.
pub const REPOSITORY_NAME_CHARS_MAX: usize = 100;
/// A page of a list, default and largest.
pub const PAGE_DEFAULT: usize = 30;
/// Largest page.
pub const PAGE_MAX: usize = 100;
/// Largest JSON request body, in bytes.
pub const JSON_BODY_BYTES_MAX: usize = 1 << 20;
/// Largest body of the operations that carry file contents, in bytes.
pub const CONTENT_BODY_BYTES_MAX: usize = 40 << 20;
/// Deepest nesting of a JSON body.
pub const JSON_DEPTH_MAX: usize = 64;
/// Longest request target, in bytes.
pub const TARGET_BYTES_MAX: usize = 8 << 10;
/// All request headers together, in bytes.
pub const HEADER_BYTES_MAX: usize = 64 << 10;
/// Request headers, count.
pub const HEADERS_MAX: usize = 100;
/// Primary rate limit of a token, in requests per hour.
pub const RATE_TOKEN_PER_HOUR: u32 = 5000;
/// Primary rate limit of an anonymous address, in requests per hour.
pub const RATE_ANONYMOUS_PER_HOUR: u32 = 60;
/// Longest life of a session, in seconds.
pub const SESSION_SECONDS: i64 = 14 * 86_400;
/// How long a session stays in sudo mode after re-authentication, in seconds.
pub const SUDO_SECONDS: i64 = 2 * 3600;
/// Shortest password, in characters.
pub const PASSWORD_CHARS_MIN: usize = 10;
/// Longest password, in bytes.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// Longest title of an issue, in characters.
pub const ISSUE_TITLE_CHARS_MAX: usize = 256;
/// Longest body of an issue or comment, in characters.
pub const ISSUE_BODY_CHARS_MAX: usize = 65_536;
/// Events that a search returns on one page at the most.
pub const AUDIT_PAGE_MAX: usize = 100;
/// Days that audit events are kept unless policy says otherwise.
pub const AUDIT_RETENTION_DAYS_DEFAULT: i64 = 180;
/// Longest search phrase, in bytes.
pub const PHRASE_BYTES_MAX: usize = 2048;
