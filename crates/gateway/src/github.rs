//! GitHub behind the gateway. A person acts with the App's token for that person; a service account with a token of
//! the App's installation that reaches no further than the one request.

mod ask;
mod installation;
pub mod linking;
mod permissions;
mod person;
pub(crate) mod scrub;

pub(crate) use installation::claim as app_claim;
pub(crate) use permissions::{Permissions, within};

use crate::checks::is_visitor;
use crate::credential::Credential;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Authority, Fault, Permit};
use bailiwick_catalogue::Door;
use std::sync::Arc;

/// What stands for the caller of a permitted request.
pub async fn credential(
    authority: &Arc<Authority>,
    permit: &Permit,
    upstream: &Arc<Upstream>,
) -> Result<Credential, Fault> {
    let Some(principal) = permit.gathered().principal().filter(|_| !is_visitor(permit)) else {
        return Ok(Credential::default());
    };
    let git = permit.operation().door == Door::Git;
    if principal.person {
        return match person::token(authority, permit, upstream).await? {
            Some(token) => Ok(bearer(git, &token)?.of_person().asking("Bearer", &token)),
            None => Ok(Credential::default()),
        };
    }
    let (token, slot) =
        installation::token(authority, permit, upstream, &permit.used().unwrap_or_default()).await?;
    Ok(bearer(git, &token)?.lent_in(slot).asking("Bearer", &token))
}

/// Git over HTTPS knows Basic alone.
fn bearer(git: bool, token: &str) -> Result<Credential, Fault> {
    if git {
        Credential::basic("x-access-token", token)
    } else {
        Credential::scheme("Bearer", token)
    }
}
