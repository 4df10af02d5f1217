//! The operations that plant, as data: how to read from the answer what was made, and what path ends it.
//! GitHub and Gitea share these paths; what is in no row is recorded all the same, as unknown.

use bailiwick_catalogue::Operation;

/// What one operation makes.
#[derive(Debug)]
pub(super) struct Made {
    /// The method; empty stands for any.
    method: &'static str,
    /// The path with `{}` for each parameter.
    path: &'static str,
    /// What it makes.
    pub(super) kind: &'static str,
    /// Where the answer holds its id.
    pub(super) what: &'static str,
    /// Where the answer holds a name for people: the first that is there.
    pub(super) label: &'static [&'static str],
    /// How it is ended.
    pub(super) ends: Ends,
}

/// How a thing is ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ends {
    /// `DELETE` of the path that made it, and its id.
    Below,
    /// `DELETE` of its id instead of the path's last word.
    Beside,
    /// `DELETE` of its id below another path.
    At(&'static str),
    /// It ends by itself, when the answer says.
    Itself,
    /// It was there before, and is not this token's to delete.
    Elsewhere,
}

const fn made(
    method: &'static str,
    path: &'static str,
    kind: &'static str,
    what: &'static str,
    label: &'static [&'static str],
    ends: Ends,
) -> Made {
    Made {
        method,
        path,
        kind,
        what,
        label,
        ends,
    }
}

/// Of a hook only the host is kept: the rest of the address may hold a secret.
const HOOK: &[&str] = &["/config/url", "/url"];
const TITLE: &[&str] = &["/title", "/name"];
const RUNNER: &[&str] = &["/runner/name"];

const MADE: &[Made] = &[
    made(
        "POST",
        "/repos/{}/{}/keys",
        "deploy_key",
        "/id",
        TITLE,
        Ends::Below,
    ),
    made("POST", "/user/keys", "ssh_key", "/id", TITLE, Ends::Below),
    made(
        "POST",
        "/admin/users/{}/keys",
        "ssh_key",
        "/id",
        TITLE,
        Ends::Below,
    ),
    made(
        "POST",
        "/user/gpg_keys",
        "gpg_key",
        "/id",
        &["/name", "/key_id"],
        Ends::Below,
    ),
    made(
        "POST",
        "/user/ssh_signing_keys",
        "ssh_signing_key",
        "/id",
        TITLE,
        Ends::Below,
    ),
    made("POST", "/repos/{}/{}/hooks", "hook", "/id", HOOK, Ends::Below),
    made("POST", "/orgs/{}/hooks", "hook", "/id", HOOK, Ends::Below),
    made("POST", "/user/hooks", "hook", "/id", HOOK, Ends::Below),
    made("POST", "/admin/hooks", "hook", "/id", HOOK, Ends::Below),
    made(
        "PATCH",
        "/repos/{}/{}/hooks/{}",
        "hook_change",
        "/id",
        HOOK,
        Ends::Elsewhere,
    ),
    made(
        "PATCH",
        "/repos/{}/{}/hooks/{}/config",
        "hook_change",
        "/id",
        HOOK,
        Ends::Elsewhere,
    ),
    made(
        "PATCH",
        "/orgs/{}/hooks/{}",
        "hook_change",
        "/id",
        HOOK,
        Ends::Elsewhere,
    ),
    made(
        "PATCH",
        "/orgs/{}/hooks/{}/config",
        "hook_change",
        "/id",
        HOOK,
        Ends::Elsewhere,
    ),
    made(
        "POST",
        "/repos/{}/{}/actions/runners/generate-jitconfig",
        "runner",
        "/runner/id",
        RUNNER,
        Ends::Beside,
    ),
    made(
        "POST",
        "/orgs/{}/actions/runners/generate-jitconfig",
        "runner",
        "/runner/id",
        RUNNER,
        Ends::Beside,
    ),
    made(
        "POST",
        "/enterprises/{}/actions/runners/generate-jitconfig",
        "runner",
        "/runner/id",
        RUNNER,
        Ends::Beside,
    ),
    made(
        "",
        "/repos/{}/{}/actions/runners/registration-token",
        "runner_registration",
        "",
        &[],
        Ends::Itself,
    ),
    made(
        "",
        "/orgs/{}/actions/runners/registration-token",
        "runner_registration",
        "",
        &[],
        Ends::Itself,
    ),
    made(
        "",
        "/enterprises/{}/actions/runners/registration-token",
        "runner_registration",
        "",
        &[],
        Ends::Itself,
    ),
    made(
        "",
        "/user/actions/runners/registration-token",
        "runner_registration",
        "",
        &[],
        Ends::Itself,
    ),
    made(
        "",
        "/admin/actions/runners/registration-token",
        "runner_registration",
        "",
        &[],
        Ends::Itself,
    ),
    made(
        "",
        "/admin/runners/registration-token",
        "runner_registration",
        "",
        &[],
        Ends::Itself,
    ),
    made(
        "POST",
        "/repos/{}/{}/actions/runners/remove-token",
        "runner_removal",
        "",
        &[],
        Ends::Itself,
    ),
    made(
        "POST",
        "/orgs/{}/actions/runners/remove-token",
        "runner_removal",
        "",
        &[],
        Ends::Itself,
    ),
    made(
        "POST",
        "/enterprises/{}/actions/runners/remove-token",
        "runner_removal",
        "",
        &[],
        Ends::Itself,
    ),
    made(
        "POST",
        "/user/codespaces",
        "codespace",
        "/name",
        &["/display_name"],
        Ends::Below,
    ),
    made(
        "POST",
        "/repos/{}/{}/codespaces",
        "codespace",
        "/name",
        &["/display_name"],
        Ends::At("/user/codespaces"),
    ),
    made(
        "POST",
        "/repos/{}/{}/pulls/{}/codespaces",
        "codespace",
        "/name",
        &["/display_name"],
        Ends::At("/user/codespaces"),
    ),
    made("POST", "/users/{}/tokens", "token", "/id", TITLE, Ends::Below),
    made(
        "POST",
        "/user/applications/oauth2",
        "application",
        "/id",
        TITLE,
        Ends::Below,
    ),
    made(
        "POST",
        "/repos/{}/{}/push_mirrors",
        "push_mirror",
        "/remote_name",
        &["/remote_address"],
        Ends::Below,
    ),
];

/// What an operation makes, if that is known.
pub(super) fn made_by(operation: &Operation) -> Option<&'static Made> {
    MADE.iter().find(|made| {
        (made.method.is_empty() || made.method == operation.method) && same_shape(made.path, operation.path)
    })
}

fn same_shape(shape: &str, path: &str) -> bool {
    let mut words = path.split('/');
    let mut asked = shape.split('/');
    loop {
        match (asked.next(), words.next()) {
            (None, None) => return true,
            (Some("{}"), Some(word)) if parameter(word).is_some() => {}
            (Some(literal), Some(word)) if literal == word => {}
            _ => return false,
        }
    }
}

/// The name of a parameter of a path, without the mark of what it accepts.
fn parameter(word: &str) -> Option<&str> {
    let inner = word.strip_prefix('{')?.strip_suffix('}')?;
    Some(inner.split(['#', '~', '*', '=']).next().unwrap_or(inner))
}

/// Names in a path that are filled in when it is asked for, since what they name can be renamed until then.
const OPEN: [&str; 5] = ["owner", "repo", "org", "enterprise", "username"];

/// The path whose `DELETE` ends a thing, with the names above left open. None if nothing here can end it.
pub(super) fn end_path(made: &Made, operation: &Operation, what: &str) -> Option<String> {
    let base = match made.ends {
        Ends::Itself | Ends::Elsewhere => return None,
        Ends::At(base) => base,
        Ends::Below => operation.path,
        Ends::Beside => operation.path.rsplit_once('/')?.0,
    };
    let mut path = String::new();
    for word in base.split('/').skip(1) {
        path.push('/');
        match parameter(word) {
            None => path.push_str(word),
            Some(name) if OPEN.contains(&name) => {
                path.push('{');
                path.push_str(name);
                path.push('}');
            }
            Some(_) => return None,
        }
    }
    Some(format!("{path}/{what}"))
}
