//! The reference of the configuration for people, written from the table of keys.

use super::key::KEYS;
use crate::failure::EXIT_CODES;
use std::fmt::Write as _;

/// Variables that are not keys of the configuration file.
pub const OTHER_VARIABLES: &[(&str, &str)] = &[
    (
        "BAILIWICK_CONFIG",
        "The configuration file of `serve`, `admin init` and `restore`, like `--config`.",
    ),
    (
        "BAILIWICK_SERVER",
        "The server that commands speak to, like `--server`. Otherwise the one of the last `login`, otherwise `http://127.0.0.1:8417`.",
    ),
    (
        "BAILIWICK_CA",
        "The file of the authorities that commands trust behind `https://`, like `--ca`. Otherwise `SSL_CERT_FILE`, otherwise the system's.",
    ),
    (
        "BAILIWICK_TOKEN",
        "A token that commands use instead of the session of `login`, for scripts.",
    ),
    (
        "BAILIWICK_PASSWORD",
        "The password of `login`, `admin init`, `admin user add` and `admin user password` where there is no terminal.",
    ),
    (
        "BAILIWICK_OTP",
        "The code of the second factor that `login` is asked for, where there is no terminal.",
    ),
    (
        "BAILIWICK_HOOK_SOCKET",
        "Set by the server for the hook that decides a push; not for people.",
    ),
    (
        "BAILIWICK_HOOK_NONCE",
        "Set by the server for the hook that decides a push; not for people.",
    ),
];

/// The tables of the file.
const UPSTREAMS: &str = r#"
## Servers behind the gateway

Each `[[upstream]]` table is a server behind the gateway; `docs/gateway.md` tells how to put the gateway before one. The
tables are read at every start, and what the file holds is changed in the file alone: the API refuses to. Taking a table
away removes the upstream, once nothing lives there any more.

```toml
[[upstream]]
name = "forge"                        # 1 to 39 small letters, digits and inner hyphens
kind = "gitea"                        # github, gitea, git, generic, oci, npm, maven, nuget or pypi
address = "https://git.example.com"   # or, for kind git, a directory: "file:/srv/git"
mode = "enforce"                      # or "observe", with observe_until
token_file = "/etc/bailiwick/forge"   # or token_env = "FORGE_TOKEN"
```

| key | what for |
|---|---|
| `mode`, `observe_until` | `observe` decides and records, lets the caller's own credential pass and refuses nothing, until the time, 366 days ahead at the most; after it the upstream is enforced |
| `api_address` | where the API is, for `github` and `gitea`; derived from the address otherwise |
| `authorities_file` | certificate authorities in PEM, trusted instead of the system's |
| `pins` | SHA-256 fingerprints of certificates; then nothing else is trusted |
| `connect_seconds_max`, `answer_seconds_max`, `idle_seconds_max` | limits of time, in seconds: to connect (1 to 300), to begin an answer and of silence within it (1 to 3600) |
| `answer_bytes_max` | the largest answer to a call of an API, in bytes: 1024 to 1099511627776 |
| `inspect` | receive pushes beside a mirror and inspect them before they are passed on |
| `facts_seconds_max` | `github`, `gitea` and directories: synchronise people, organizations, repositories and roles from there; facts older than this many seconds (60 to 2678400) refuse. Without it the directory is kept here |
| `poll_seconds` | how often they are synchronised, in seconds (10 to 86400), besides the hook; 300 by default, and at least twice within `facts_seconds_max` |
| `follow` | base addresses to which redirects of downloads are followed, without a credential; for github.com its own hosts are known |
| `user_header` | `gitea`: the header by which its reverse-proxy authentication takes a person's name |
| `headers`, `catalogue_file` | `generic`: headers to send, and the catalogue of what can be asked; `headers` for registries as well |
| `upload_bytes_max` | registries: the largest file that may be published, in bytes: 1024 to 1099511627776 |
| `app_id`, `client_id` | `github`: the App |

Secrets never stand in the file: `NAME_file` names a file that holds one, relative to the directory of the configuration
file, and `NAME_env` a variable of the environment. Their names: `username` with `password`, or `token`, for `git`; `token` and
`webhook_secret` for `gitea`; `private_key`, `client_secret` and `webhook_secret` for `github`; `secret` for `generic`;
`username` with `password`, or `token`, or a `secret` for `headers`, for registries.
"#;

/// `docs/configuration.md`.
pub fn markdown() -> String {
    let mut page = String::from(
        "# Configuration\n\n\
         The server reads one TOML file, named with `--config` or `BAILIWICK_CONFIG`, and its environment.\n\
         A flag wins over the environment, the environment over the file, the file over the default.\n\
         Everything has a default: `bailiwick serve` runs without any of it. Unknown keys in the file are refused.\n\
         `bailiwick configuration` prints this page.\n\n\
         ```toml\n\
         data = \"/var/lib/bailiwick\"\n\
         listen = \"127.0.0.1:8417\"\n\
         public_url = \"https://git.example.com\"\n\
         ```\n\n\
         ## Keys\n",
    );
    for key in KEYS {
        let default = match key.default {
            None => "none".into(),
            Some("") => "empty".into(),
            Some(default) => format!("`{default}`"),
        };
        let flag = if key.flag {
            format!(", `--{}`", key.name.replace('_', "-"))
        } else {
            String::new()
        };
        let _ = write!(
            page,
            "\n### `{}`\n\n{}\n\nTakes {}. Default: {default}. Also: `{}`{flag}.\n",
            key.name,
            key.about,
            key.kind.words(),
            key.variable(),
        );
    }
    page.push_str(UPSTREAMS);
    page.push_str("\n## Other variables\n\n| variable | what for |\n|---|---|\n");
    for (name, about) in OTHER_VARIABLES {
        let _ = writeln!(page, "| `{name}` | {about} |");
    }
    let _ = write!(
        page,
        "\n## Exit codes of the command line\n\n```text\n{}\n```\n",
        EXIT_CODES.trim_start_matches("Exit codes:\n")
    );
    page
}
