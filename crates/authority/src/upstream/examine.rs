//! Asking a server what can be asked: whether it answers, whether its credential is good, and which ways there are past
//! the gateway. What cannot be seen from here is said as well.

use super::doctor::{Bound, Case, some};
use super::{Place, Upstream, registry, tried};
use crate::admin::doctor::{Check, failure, good, warning};
use bailiwick_model::{Timestamp, UpstreamKind};
use bailiwick_upstream::{Client, Probed, UpstreamError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// What was found.
pub(super) type Findings = Vec<Check>;

/// Where people read on.
pub(super) const GUIDE: &str = "docs/gateway.md tells how";
pub(super) const FOR_MAX: Duration = Duration::from_secs(8);
/// Persons that are looked up there.
const PERSONS_MAX: usize = 20;
const GIT: &str = "application/x-git-upload-pack-advertisement";

/// Everything about one server.
pub(super) async fn examine(case: &Case, base_url: &str, now: Timestamp) -> Findings {
    let Some(upstream) = &case.upstream else {
        return Vec::new();
    };
    let Place::Server { web, api } = &upstream.place else {
        return vec![warning(
            "upstream_side_doors",
            "whoever can read or write the directory on this machine, or over SSH, passes the gateway by; that cannot be \
             seen from here",
            "let only the server's own user into the directory; docs/gateway.md tells how",
        )];
    };
    let mut found = Vec::new();
    match web.probe("/", &[], FOR_MAX).await {
        Ok(_) => found.push(good(
            "upstream_reachable",
            format!("there is an answer from {}", web.address()),
        )),
        Err(error) => {
            found.push(unreachable(&error));
            return found;
        }
    }
    match upstream.kind {
        UpstreamKind::Git => found.extend(git(upstream, web, &case.bound).await),
        UpstreamKind::Gitea => found.extend(gitea(case, upstream, api, base_url).await),
        UpstreamKind::GitHub => found.extend(tried::app(upstream, api, now).await),
        UpstreamKind::Generic => found.push(tried::described(upstream, web).await),
        UpstreamKind::Oci
        | UpstreamKind::Npm
        | UpstreamKind::Maven
        | UpstreamKind::NuGet
        | UpstreamKind::PyPi => {
            if let Some(kind) = upstream.kind.registry() {
                found.extend(registry::tried(kind, upstream, web).await);
            }
        }
    }
    found.push(side_doors(upstream.kind));
    found
}

pub(super) fn unreachable(error: &UpstreamError) -> Check {
    match error {
        UpstreamError::Tls(_) => failure(
            "upstream_tls",
            error.to_string(),
            "pin its certificate, or name the authority that signed it (authorities)",
        ),
        _ => failure(
            "upstream_reachable",
            error.to_string(),
            "look whether it runs, and whether its address is right",
        ),
    }
}

/// What stands in the way of each kind, and cannot be seen from here.
fn side_doors(kind: UpstreamKind) -> Check {
    let (message, help) = match kind {
        UpstreamKind::Git => (
            "whoever reaches the Git server by network, or by SSH, passes the gateway by; that cannot be seen from here",
            "let it listen for the gateway alone: loopback or a firewall; docs/gateway.md tells how",
        ),
        UpstreamKind::Gitea => (
            "Gitea's own tokens, passwords and SSH keys, and a direct way by network, pass the gateway by; whether they are \
             closed cannot be seen from here",
            "DISABLE_SSH, ENABLE_BASIC_AUTHENTICATION = false, a firewall; docs/gateway.md tells how",
        ),
        UpstreamKind::GitHub => (
            "people's own tokens, SSH keys and OAuth apps at GitHub pass the gateway by; that cannot be seen from here",
            "restrict them by GitHub's policies of the organization; docs/gateway.md tells how",
        ),
        UpstreamKind::Generic => (
            "the API's own credentials and a direct way by network pass the gateway by; that cannot be seen from here",
            "let the API take requests of the gateway alone; docs/gateway.md tells how",
        ),
        UpstreamKind::Oci
        | UpstreamKind::Npm
        | UpstreamKind::Maven
        | UpstreamKind::NuGet
        | UpstreamKind::PyPi => (
            "the registry's own accounts and a direct way by network pass the gateway by; that cannot be seen from here",
            "let the registry take requests of the gateway alone; docs/gateway.md tells how",
        ),
    };
    warning("upstream_side_doors", message, help)
}

/// The header that stands for everybody at a Git server or a registry.
pub(super) fn shared(upstream: &Upstream) -> Option<Zeroizing<String>> {
    let basic = upstream.reveal("username").zip(upstream.reveal("password"));
    match (basic, upstream.reveal("token")) {
        (Some((user, password)), _) => {
            let pair = Zeroizing::new(format!("{user}:{password}"));
            Some(Zeroizing::new(format!(
                "Basic {}",
                STANDARD.encode(pair.as_bytes())
            )))
        }
        (None, Some(token)) => Some(Zeroizing::new(format!("Bearer {token}"))),
        (None, None) => None,
    }
}

async fn git(upstream: &Upstream, web: &Arc<Client>, bound: &[Bound]) -> Findings {
    let Some(one) = bound.iter().find(|one| !one.public).or(bound.first()) else {
        return vec![warning(
            "upstream_credential",
            "nothing is bound to it yet, so that its credential cannot be tried",
            "bind a repository: bailiwick admin upstream bind",
        )];
    };
    let path = format!("/{}.git/info/refs?service=git-upload-pack", one.name);
    let credential = shared(upstream);
    let headers: Vec<(&'static str, &str)> = credential
        .iter()
        .map(|text| ("authorization", text.as_str()))
        .collect();
    let mut found = vec![match web.probe(&path, &headers, FOR_MAX).await {
        Err(error) => unreachable(&error),
        Ok(answer) if is_git(&answer) => {
            good("upstream_credential", format!("{} can be read with it", one.name))
        }
        Ok(Probed {
            status: 401 | 403, ..
        }) => failure(
            "upstream_credential",
            format!("it is refused {}", one.name),
            "set a credential that may read and write what is bound",
        ),
        Ok(Probed { status: 404, .. }) => failure(
            "upstream_credential",
            format!("{} is not there, or hidden from the credential", one.name),
            "look at the name of the binding, and at what the credential may see",
        ),
        Ok(answer) => failure(
            "upstream_credential",
            format!("status {} instead of what a Git server answers", answer.status),
            "look whether the address is that of its repositories",
        ),
    }];
    if credential.is_some() && !one.public {
        let open = web.probe(&path, &[], FOR_MAX).await;
        if open.is_ok_and(|answer| is_git(&answer)) {
            found.push(failure(
                "upstream_open",
                format!(
                    "{} is private here and can be cloned there by everybody",
                    one.name
                ),
                "let the server ask for its credential, or let the gateway alone reach it",
            ));
        }
    }
    found
}

fn is_git(answer: &Probed) -> bool {
    answer.status == 200 && answer.content_type == GIT
}

async fn gitea(case: &Case, upstream: &Upstream, api: &Arc<Client>, base_url: &str) -> Findings {
    let Some(token) = upstream.reveal("token") else {
        return vec![failure(
            "upstream_credential",
            "there is no token: nothing there can be asked",
            "set an administrator's token: bailiwick admin upstream credential",
        )];
    };
    let token = Zeroizing::new(format!("token {token}"));
    let as_admin = [("authorization", token.as_str())];
    let (mut found, able) = gitea_token(api, &as_admin).await;
    if able {
        found.extend(persons(case, api, &token).await);
        found.extend(repositories(case, api, &token, base_url).await);
    }
    found
}

/// Whether the token is an administrator's, which `Sudo` needs.
async fn gitea_token(api: &Arc<Client>, headers: &[(&'static str, &str)]) -> (Findings, bool) {
    let mut found = Vec::new();
    match api
        .probe("/version", &[], FOR_MAX)
        .await
        .map(|answer| field(&answer, "version"))
    {
        Ok(Some(version)) => found.push(good(
            "upstream_version",
            format!("its API is of version {version}"),
        )),
        Ok(None) => found.push(warning(
            "upstream_version",
            "its API does not tell a version: perhaps it is no Gitea, or its API asks for a sign-in",
            "look whether api_address is right",
        )),
        Err(error) => return (vec![unreachable(&error)], false),
    }
    let user = api.probe("/user", headers, FOR_MAX).await;
    let (check, able) = match user {
        Err(error) => (unreachable(&error), false),
        Ok(answer) if answer.status != 200 => (
            failure(
                "upstream_credential",
                format!("the token is refused with status {}", answer.status),
                "make a token of an administrator with the scopes that docs/gateway.md lists",
            ),
            false,
        ),
        Ok(answer) => match json(&answer).get("is_admin").and_then(Value::as_bool) {
            Some(true) => (
                good("upstream_credential", "the token is an administrator's"),
                true,
            ),
            _ => (
                failure(
                    "upstream_credential",
                    "the token is not an administrator's: nobody can be stood for",
                    "make a token of an administrator: Sudo takes one",
                ),
                false,
            ),
        },
    };
    found.push(check);
    (found, able)
}

/// Whether the persons that are linked are who they were, and have keys of their own.
async fn persons(case: &Case, api: &Arc<Client>, token: &str) -> Findings {
    let (mut gone, mut others, mut with_keys) = (Vec::new(), Vec::new(), Vec::new());
    for known in case.known.iter().take(PERSONS_MAX) {
        let headers = [("authorization", token), ("sudo", known.login.as_str())];
        let Ok(answer) = api.probe("/user", &headers, FOR_MAX).await else {
            continue;
        };
        let user = json(&answer);
        let id = user.get("id").and_then(Value::as_i64).map(|id| id.to_string());
        if answer.status != 200 {
            gone.push(known.login.as_str());
            continue;
        }
        if known.key.is_some() && known.key != id {
            others.push(known.login.as_str());
        }
        let keys = api.probe("/user/keys?limit=1", &headers, FOR_MAX).await;
        if keys.is_ok_and(|answer| json(&answer).as_array().is_some_and(|keys| !keys.is_empty())) {
            with_keys.push(known.login.as_str());
        }
    }
    let mut found = Vec::new();
    let mut say =
        |make: fn(&'static str, String, &'static str) -> Check, check, names: &[&str], what: &str, help| {
            if !names.is_empty() {
                found.push(make(check, format!("{what}: {}", some(names)), help));
            }
        };
    say(
        failure,
        "upstream_links",
        &others,
        "linked accounts whose id there is another's by now",
        "end those links: whoever has the name now is somebody else",
    );
    say(
        warning,
        "upstream_links",
        &gone,
        "linked accounts that are not there or may not sign in",
        "end their links, or let them sign in there again",
    );
    say(
        warning,
        "upstream_keys",
        &with_keys,
        "linked accounts with SSH keys of their own there, which pass the gateway by",
        "remove the keys, or set DISABLE_SSH = true",
    );
    found
}

/// Where clients are led, and whether what is private here is so there.
async fn repositories(case: &Case, api: &Arc<Client>, token: &str, base_url: &str) -> Findings {
    let mut found = Vec::new();
    if let Some(one) = case.bound.first() {
        let path = format!("/repos/{}", one.name);
        let answer = api.probe(&path, &[("authorization", token)], FOR_MAX).await;
        let clone = answer.ok().and_then(|answer| field(&answer, "clone_url"));
        if clone.is_some_and(|clone| !clone.starts_with(base_url)) {
            found.push(warning(
                "upstream_root_url",
                "its pages tell people to clone past the gateway",
                "set ROOT_URL to the gateway's address",
            ));
        }
    }
    let mut open = Vec::new();
    for one in case.bound.iter().filter(|one| !one.public).take(PERSONS_MAX) {
        let answer = api.probe(&format!("/repos/{}", one.name), &[], FOR_MAX).await;
        if answer.is_ok_and(|answer| answer.status == 200) {
            open.push(one.name.as_str());
        }
    }
    if !open.is_empty() {
        found.push(failure(
            "upstream_open",
            format!("private here and open to everybody there: {}", some(&open)),
            "make them private there, or set REQUIRE_SIGNIN_VIEW = true",
        ));
    }
    found
}

pub(super) fn json(answer: &Probed) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

/// A short text of an answer, in one line.
pub(super) fn field(answer: &Probed, name: &str) -> Option<String> {
    let text = json(answer).get(name)?.as_str()?.to_owned();
    let plain = text.len() <= 200 && text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    plain.then_some(text)
}
