//! Ends at an upstream what a token planted there: the one request that the gateway makes by itself.

use crate::identity::{self, There};
use crate::{credential, fault};
use bailiwick_authority::Authority;
use bailiwick_authority::planted::{Ender, Ending, Unended};
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::upstream::confirmed::Thing;
use bailiwick_gate::encode;
use bailiwick_model::UpstreamId;
use bailiwick_upstream::{Fields, HeaderValue, Outgoing, OutgoingBody};
use http::{Method, StatusCode, header};
use std::sync::{Arc, Weak};
use tokio::runtime::Handle;

/// Ends planted things on the runtime that it was made on.
pub struct GatewayEnder {
    // Not an owner: the authority owns this.
    authority: Weak<Authority>,
    runtime: Handle,
}

impl GatewayEnder {
    /// For this authority; to be made on the runtime of the server.
    pub fn new(authority: &Arc<Authority>) -> GatewayEnder {
        GatewayEnder {
            authority: Arc::downgrade(authority),
            runtime: Handle::current(),
        }
    }
}

impl Ender for GatewayEnder {
    fn end(&self, ending: &Ending) -> Result<(), Unended> {
        let Some(authority) = self.authority.upgrade() else {
            return Err(Unended(String::from("the server is stopping")));
        };
        let told = |fault: bailiwick_authority::Fault| Unended(fault.message);
        let id = ending
            .row
            .upstream_id
            .ok_or_else(|| Unended(String::from("it is at no upstream")))?;
        let upstream = authority.upstream(UpstreamId(id)).map_err(told)?;
        let names = authority
            .upstream_names(upstream.id, ending.repository, ending.owner)
            .map_err(told)?;
        let target =
            target(&ending.path, names.repository.as_deref(), names.owner.as_deref()).ok_or_else(|| {
                Unended(String::from(
                    "it is not known what this is called at its upstream",
                ))
            })?;
        self.runtime.block_on(async {
            let credential = credential::for_ending(&authority, &upstream, ending.actor, &target)
                .await
                .map_err(told)?;
            for (thing, name, id) in [
                (Thing::Repository, &names.repository, &names.repository_key),
                (Thing::Account, &names.owner, &names.owner_key),
            ] {
                if let (Some(name), Some(id)) = (name, id) {
                    let there = There { thing, name, id };
                    identity::check(&authority, &upstream, &credential, there)
                        .await
                        .map_err(told)?;
                }
            }
            delete(&upstream, target, &credential).await
        })
    }
}

async fn delete(
    upstream: &Upstream,
    target: String,
    credential: &credential::Credential,
) -> Result<(), Unended> {
    let status = ask(upstream, Method::DELETE, &target, credential).await?;
    if status.is_success() {
        return Ok(());
    }
    // SECURITY: not found is gone only where what it was in is found, and by whoever may look: a renamed person or
    // repository, or a credential that sees nothing, finds nothing either.
    if matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE)
        && let Some(around) = around(&target)
        && ask(upstream, Method::GET, around, credential).await?.is_success()
    {
        return Ok(());
    }
    Err(Unended(format!(
        "the upstream {} answered with status {}",
        upstream.name,
        status.as_u16()
    )))
}

async fn ask(
    upstream: &Upstream,
    method: Method,
    target: &str,
    credential: &credential::Credential,
) -> Result<StatusCode, Unended> {
    let mut headers = Fields::default();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let request = Outgoing::new(method, target, headers).by(credential.headers());
    let client = upstream.api().map_err(|fault| Unended(fault.message))?;
    let answer = client
        .send(&request, OutgoingBody::Nothing)
        .await
        .map_err(|error| Unended(fault::of_error(upstream, &error).message))?;
    Ok(answer.status)
}

/// What a thing is in: the repository, the organization, or the person's account.
fn around(target: &str) -> Option<&str> {
    let segments = if target.starts_with("/repos/") {
        4
    } else if target.starts_with("/orgs/") {
        3
    } else {
        2
    };
    let end = target
        .match_indices('/')
        .nth(segments - 1)
        .map_or(target.len(), |(at, _)| at);
    target.get(..end).filter(|around| !around.is_empty())
}

/// The path under the upstream's names. What is named by neither a repository nor an organization is the person's own.
fn target(path: &str, repository: Option<&str>, owner: Option<&str>) -> Option<String> {
    let mut segments = path.strip_prefix('/')?.splitn(4, '/');
    let (first, second, third, rest) = (
        segments.next()?,
        segments.next(),
        segments.next(),
        segments.next(),
    );
    match (first, second, third, rest) {
        ("repos", Some(_), Some(_), Some(rest)) => {
            let (owner, name) = repository?.split_once('/')?;
            Some(format!("/repos/{}/{}/{rest}", encode(owner), encode(name)))
        }
        ("orgs", Some(_), Some(third), rest) => {
            let rest = rest.map(|rest| format!("/{rest}")).unwrap_or_default();
            Some(format!("/orgs/{}/{third}{rest}", encode(owner?)))
        }
        ("user", ..) => Some(path.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{around, target};

    #[test]
    fn what_is_ended_is_named_as_the_upstream_names_it() {
        let (repository, owner) = (Some("acme-inc/www"), Some("acme-inc"));
        for (path, expected) in [
            ("/repos/acme/site/keys/7", Some("/repos/acme-inc/www/keys/7")),
            ("/repos/acme/site/hooks/7", Some("/repos/acme-inc/www/hooks/7")),
            ("/orgs/acme/hooks/7", Some("/orgs/acme-inc/hooks/7")),
            (
                "/orgs/acme/actions/runners/7",
                Some("/orgs/acme-inc/actions/runners/7"),
            ),
            ("/user/keys/7", Some("/user/keys/7")),
            ("/repos/acme/site", None),
            ("/enterprises/x/keys/7", None),
            ("x", None),
        ] {
            assert_eq!(target(path, repository, owner).as_deref(), expected, "{path}");
        }
        assert_eq!(target("/repos/acme/site/keys/7", None, owner), None);
    }

    #[test]
    fn what_a_thing_is_in_is_looked_for() {
        for (target, expected) in [
            ("/repos/acme/site/keys/7", "/repos/acme/site"),
            ("/orgs/acme/hooks/7", "/orgs/acme"),
            ("/user/keys/7", "/user"),
        ] {
            assert_eq!(around(target), Some(expected), "{target}");
        }
    }
}
