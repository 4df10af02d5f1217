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
/// Fields of a form that a page sends: several owners with a thousand repositories each, and every permission.
pub const FORM_FIELDS_MAX: usize = 50_000;
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
/// How long a sign-in waits for its second factor, in seconds.
pub const PENDING_SIGN_IN_SECONDS: i64 = 600;
/// How long the challenge of a passkey can be answered, in seconds.
pub const CHALLENGE_SECONDS: i64 = 300;
/// Challenges that wait for an answer on a node; beyond that the oldest goes.
pub const CHALLENGES_MAX: usize = 10_000;
/// How long the link that makes the first administrator is good, in seconds.
pub const SETUP_SECONDS: i64 = 900;
/// How long the form that enables an authenticator app is good, in seconds.
pub const TOTP_FORM_SECONDS: i64 = 900;
/// Recovery codes that a person gets.
pub const RECOVERY_CODES: usize = 10;
/// Passkeys that a person may register.
pub const PASSKEYS_PER_USER_MAX: usize = 25;
/// Longest name of a passkey, in characters.
pub const PASSKEY_NAME_CHARS_MAX: usize = 40;
/// Longest answer of an authenticator that is looked at, in bytes.
pub const PASSKEY_ANSWER_BYTES_MAX: usize = 64 << 10;
/// Shortest password, in characters.
pub const PASSWORD_CHARS_MIN: usize = 10;
/// Longest password, in bytes.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// Longest title of an issue, in characters.
pub const ISSUE_TITLE_CHARS_MAX: usize = 256;
/// Longest body of an issue or comment, in characters.
pub const ISSUE_BODY_CHARS_MAX: usize = 65_536;
/// Longest name of a label, in characters.
pub const LABEL_NAME_CHARS_MAX: usize = 50;
/// Longest description of a label, in characters.
pub const LABEL_DESCRIPTION_CHARS_MAX: usize = 100;
/// Accounts that an issue can be assigned to.
pub const ISSUE_ASSIGNEES_MAX: usize = 10;
/// Labels on one issue.
pub const ISSUE_LABELS_MAX: usize = 100;
/// Longest context of a commit status, in characters.
pub const STATUS_CONTEXT_CHARS_MAX: usize = 255;
/// Longest description of a commit status, in characters.
pub const STATUS_DESCRIPTION_CHARS_MAX: usize = 140;
/// Commit statuses of one commit.
pub const STATUSES_PER_COMMIT_MAX: i64 = 1000;
/// Longest summary, text or raw details of a check run or annotation, in characters.
pub const CHECK_TEXT_CHARS_MAX: usize = 65_535;
/// Annotations in one request.
pub const CHECK_ANNOTATIONS_PER_REQUEST_MAX: usize = 50;
/// Annotations of one check run.
pub const CHECK_ANNOTATIONS_MAX: usize = 1000;
/// Events that a search returns on one page at the most.
pub const AUDIT_PAGE_MAX: usize = 100;
/// Days that audit events are kept unless policy says otherwise.
pub const AUDIT_RETENTION_DAYS_DEFAULT: i64 = 180;
/// Longest search phrase, in bytes.
pub const PHRASE_BYTES_MAX: usize = 2048;
/// Largest pack that a push may bring, in bytes.
pub const PACK_BYTES_MAX: u64 = 2 << 30;
/// Largest request of a clone or fetch after decompression, in bytes: ids of wanted and known commits.
pub const FETCH_REQUEST_BYTES_MAX: u64 = 64 << 20;
/// How many times its compressed size a request body may grow to.
pub const INFLATE_RATIO_MAX: u64 = 100;
/// Bytes that a compressed body may grow to before its ratio is looked at.
pub const INFLATE_BYTES_FREE: u64 = 1 << 20;
/// Longest wait for the next bytes of a streamed request, or for a client to take the next bytes of an answer, in
/// seconds.
pub const TRANSFER_IDLE_SECONDS_MAX: u64 = 120;
/// Longest time that git may work on an answer without a byte of it, in seconds.
pub const TRANSFER_SILENT_SECONDS_MAX: u64 = 1800;
/// How often a running transfer is decided again when nothing has changed, in seconds: tokens also expire.
pub const TRANSFER_RECHECK_SECONDS: u64 = 15;
/// Transfers that run at one time on a node; further ones are refused for the moment.
pub const TRANSFERS_MAX: usize = 512;
/// What one token has received at a time before it is decided on, at registries.
pub const RECEIVED_OF_TOKEN_MAX: usize = 2;
/// The same of one account, with all of its credentials.
pub const RECEIVED_OF_ACCOUNT_MAX: usize = 4;
/// The same of everybody on a node.
pub const RECEIVED_MAX: usize = 32;
/// How long whoever sends it may take beside what the bytes that came are worth, in seconds.
pub const RECEIVED_SECONDS_FREE: u64 = 60;
/// Bytes of it that are worth another second.
pub const RECEIVED_BYTES_PER_SECOND: u64 = 64 << 10;
/// Largest LFS object, in bytes.
pub const LFS_OBJECT_BYTES_MAX: u64 = 5 << 30;
/// Objects in one LFS batch.
pub const LFS_BATCH_OBJECTS_MAX: usize = 1000;
/// Longest path of an LFS lock, in bytes.
pub const LFS_LOCK_PATH_BYTES_MAX: usize = 1024;
