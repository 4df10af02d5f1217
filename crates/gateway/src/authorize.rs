//! Leave for other proxies: what the gateway would check before passing a request on, and nothing is passed on. What
//! stands in front of an upstream gets leave for what lives there, under the name that it has there, and no more.

use crate::credential::link_of;
use crate::{checks, fault, target, upstream as find};
use bailiwick_authority::authorize::needs_gateway;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::upstream::place::{Location, upstream_of};
use bailiwick_authority::{Authority, Basis, Fault, Named, Permit};
use bailiwick_catalogue::{AccountName, Door, RepositoryName, Target, names};
use bailiwick_gate::{Answer, AnswerFuture, AuthorizeCall, Reply, Request};
use bailiwick_model::UpstreamKind;
use http::{HeaderName, StatusCode};
use std::sync::Arc;

const LOGIN: HeaderName = HeaderName::from_static("x-bailiwick-login");
const UPSTREAM_LOGIN: HeaderName = HeaderName::from_static("x-bailiwick-upstream-login");
const TOKEN_ID: HeaderName = HeaderName::from_static("x-bailiwick-token-id");

/// What stands for nobody. A header that is always there is one that no client can bring instead.
const NOBODY: &str = "-";

/// Gives leave, or says why not.
pub fn authorize(call: AuthorizeCall) -> AnswerFuture {
    Box::pin(leave(call))
}

async fn leave(call: AuthorizeCall) -> Answer {
    let AuthorizeCall {
        authority,
        permit,
        request,
        upstream: before,
    } = call;
    if permit.operation().id == "pulls/create" {
        return Err(needs_gateway("its body names another repository"));
    }
    // Nobody filters what another server answers.
    checks::bounded(&permit)?;
    let mut there = None;
    match (before.as_deref(), upstream_of(&permit)) {
        (None, None) => {}
        (Some(before), Some(location)) if location != Location::Nowhere => {
            let upstream = find(&authority, location).await?;
            if upstream.name != before {
                return Err(elsewhere(Some(before)));
            }
            authority.check_fresh(&upstream, &permit)?;
            speaks(permit.operation().door, &upstream)?;
            checks::of_call(&permit, &request, &upstream)?;
            same_name(&authority, &permit, &request, &upstream).await?;
            there = login_there(&authority, &permit, &upstream).await?;
        }
        (before, _) => return Err(elsewhere(before)),
    }
    let gathered = permit.gathered();
    let known = !asks_as_visitor(&permit);
    let login = gathered.principal().filter(|_| known);
    let token = gathered.token().filter(|_| known).map(|token| token.facts.id.0);
    let reply = Reply::status(StatusCode::NO_CONTENT)
        .with(LOGIN, login.map_or(NOBODY, |principal| principal.login.as_str()))
        .with(UPSTREAM_LOGIN, there.as_deref().unwrap_or(NOBODY))
        .with(
            TOKEN_ID,
            &token.map_or_else(|| NOBODY.into(), |id| id.to_string()),
        );
    authority.authorize(permit).await?;
    Ok(reply)
}

/// Whether the server behind is told of nobody: what anybody may do is asked as anybody asks.
// SECURITY: else it would answer with everything that the person may see there, whatever the token holds.
fn asks_as_visitor(permit: &Permit) -> bool {
    permit.basis() == Basis::Anonymous
        || (permit.operation().door != Door::Mounted && checks::is_visitor(permit))
}

fn elsewhere(before: Option<&str>) -> Fault {
    let message = match before {
        Some(name) => format!("what this names does not live at the upstream {name}, where the proxy stands"),
        None => String::from(
            "what this names lives at an upstream: the proxy before it names that in the address of its call",
        ),
    };
    Fault::forbidden("authorize.elsewhere", message)
}

fn speaks(door: Door, upstream: &Upstream) -> Result<(), Fault> {
    match (door, upstream.kind) {
        (Door::Api, UpstreamKind::GitHub)
        | (Door::Gitea, UpstreamKind::Gitea)
        | (Door::Mounted, UpstreamKind::Generic)
        | (Door::Git, UpstreamKind::GitHub | UpstreamKind::Gitea | UpstreamKind::Git) => Ok(()),
        _ => Err(crate::not_spoken(door, upstream)),
    }
}

/// Whether the server behind means the same by the names in the path.
// SECURITY: the path goes there as it came. What is decided on under one name must not be another thing there, not even
// one whose name differs by case alone.
async fn same_name(
    authority: &Arc<Authority>,
    permit: &Permit,
    request: &Request,
    upstream: &Upstream,
) -> Result<(), Fault> {
    let operation = permit.operation();
    if operation.door == Door::Mounted {
        return target::named_as_here(permit, request);
    }
    let named = names(operation.index);
    let gathered = permit.gathered();
    let repository = gathered.named(Target::Repository);
    if let Named::Repository(repository, _) = repository {
        let (owner, name) = match named.repository {
            Some(RepositoryName::OwnerAndName(owner, name)) => (owner, name),
            None if operation.door == Door::Git => ("owner", "repo"),
            Some(RepositoryName::Id(_) | RepositoryName::Fixed(..)) | None => return Err(by_number()),
        };
        let asked = format!("{}/{}", request.parameter(owner), request.parameter(name));
        called(&asked, repository.row.upstream_name.as_deref())?;
    }
    if let Named::Account(owner) = gathered.named(Target::Organization) {
        let parameter = match (named.organization, repository) {
            (Some(AccountName::Login(parameter)), _) => parameter,
            // The owner of the repository, whose name was looked at with it.
            (None, Named::Repository(..)) => return Ok(()),
            _ => return Err(by_number()),
        };
        let asked = request.parameter(parameter);
        if owner.row.upstream_id == Some(upstream.id) {
            called(asked, owner.row.upstream_name.as_deref())?;
        } else {
            let link = link_of(authority, upstream, owner.row.id).await?;
            called(asked, link.as_ref().map(|link| link.login.as_str()))?;
        }
    }
    Ok(())
}

fn by_number() -> Fault {
    needs_gateway("numbers are each server's own")
}

fn called(asked: &str, there: Option<&str>) -> Result<(), Fault> {
    if there == Some(asked) {
        return Ok(());
    }
    Err(needs_gateway("it has another name at its upstream"))
}

/// The caller's login at the upstream, where there is a link.
async fn login_there(
    authority: &Arc<Authority>,
    permit: &Permit,
    upstream: &Upstream,
) -> Result<Option<String>, Fault> {
    let Some(actor) = permit.actor().filter(|_| !asks_as_visitor(permit)) else {
        return Ok(None);
    };
    match link_of(authority, upstream, actor).await? {
        Some(link) if !link.active => Err(fault::inactive(upstream)),
        link => Ok(link.map(|link| link.login.clone())),
    }
}
