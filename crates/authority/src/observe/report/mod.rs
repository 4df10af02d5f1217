//! The report of what observed credentials did: whose they are, what they were used for, the narrowest token that would
//! have sufficed, what has no mapping, and what would be refused.

pub(crate) mod kept;
mod narrow;

pub use narrow::{NarrowGrant, NarrowToken};

use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::{Timestamp, UpstreamMode};
use bailiwick_store::{
    ObservationRow, ObservedCredentialRow, Tx, UpstreamRow, account, observation, upstream,
};

/// A credential in the list.
#[derive(Clone, PartialEq, Debug)]
pub struct ObservedCredential {
    /// What is stored.
    pub row: ObservedCredentialRow,
    /// The login of the account here that its person is linked to.
    pub account: Option<String>,
    /// Operations, each counted once, that it was used for.
    pub operations: usize,
    /// Uses that no operation of the catalogue describes.
    pub unmapped: usize,
    /// Uses that would be refused whatever token is made.
    pub refused: usize,
}

/// What the credentials at an upstream did.
#[derive(Clone, PartialEq, Debug)]
pub struct ObservedList {
    /// The upstream.
    pub upstream: UpstreamRow,
    /// A page of its credentials, the last used first.
    pub credentials: Vec<ObservedCredential>,
    /// How many there are in all.
    pub total: u64,
}

/// One use.
#[derive(Clone, PartialEq, Debug)]
pub struct ObservedUse {
    /// What is stored.
    pub row: ObservationRow,
    /// What to do about a refusal; nothing where it is allowed.
    pub help: Option<&'static str>,
}

/// What one credential did.
#[derive(Clone, PartialEq, Debug)]
pub struct ObservedReport {
    /// The upstream.
    pub upstream: UpstreamRow,
    /// The credential.
    pub credential: ObservedCredential,
    /// Everything that it was used for.
    pub uses: Vec<ObservedUse>,
    /// The narrowest tokens that suffice; several where an owner wants tokens of its own.
    pub tokens: Vec<NarrowToken>,
}

impl ObservedReport {
    /// Whether observing still goes on.
    pub fn is_observed(&self, now: Timestamp) -> bool {
        self.upstream.mode == UpstreamMode::Observe
            && self.upstream.observe_until.is_some_and(|end| now < end)
    }
}

impl Authority {
    /// A page of the credentials that were observed at an upstream.
    pub fn observed_credentials(
        &self,
        permit: &Permit,
        name: &str,
        offset: usize,
        limit: usize,
    ) -> Result<ObservedList, Fault> {
        // What waits in memory belongs to the answer.
        self.observed_flush();
        self.read(permit, |tx| {
            let upstream = upstream::by_name(tx, name)?.ok_or_else(Fault::not_found)?;
            let (offset, limit) = (
                i64::try_from(offset).unwrap_or(i64::MAX),
                i64::try_from(limit).unwrap_or(i64::MAX),
            );
            let mut credentials = Vec::new();
            for row in observation::of_upstream(tx, upstream.id, offset, limit)? {
                let uses = observation::uses(tx, row.id)?;
                credentials.push(summary(tx, row, &uses)?);
            }
            let total = u64::try_from(observation::count(tx, upstream.id)?).unwrap_or(0);
            Ok(ObservedList {
                upstream,
                credentials,
                total,
            })
        })
    }

    /// What one credential did at an upstream.
    pub fn observed_report(&self, permit: &Permit, name: &str, id: i64) -> Result<ObservedReport, Fault> {
        self.observed_flush();
        self.read(permit, |tx| {
            let upstream = upstream::by_name(tx, name)?.ok_or_else(Fault::not_found)?;
            let row = observation::by_id(tx, id)?
                .filter(|row| row.upstream_id == upstream.id)
                .ok_or_else(Fault::not_found)?;
            let rows = observation::uses(tx, row.id)?;
            let credential = summary(tx, row, &rows)?;
            let tokens = narrow::tokens(tx, &upstream.name, &credential, &rows)?;
            Ok(ObservedReport {
                upstream,
                credential,
                uses: rows
                    .into_iter()
                    .map(|row| ObservedUse {
                        help: help(&row.verdict),
                        row,
                    })
                    .collect(),
                tokens,
            })
        })
    }
}

fn summary(
    tx: &mut Tx<'_>,
    row: ObservedCredentialRow,
    uses: &[ObservationRow],
) -> Result<ObservedCredential, Fault> {
    let mut login = None;
    if let Some(key) = &row.upstream_key {
        let links = upstream::links(tx, row.upstream_id)?;
        let link = links
            .into_iter()
            .find(|link| link.upstream_key.as_ref() == Some(key));
        if let Some(link) = link {
            login = account::by_id(tx, link.account_id)?.map(|account| account.login);
        }
    }
    let mut operations: Vec<&str> = uses.iter().map(|one| one.operation.as_str()).collect();
    operations.dedup();
    let mapped = |one: &&ObservationRow| one.mapped;
    Ok(ObservedCredential {
        row,
        account: login,
        operations: operations.len(),
        unmapped: uses.iter().filter(|one| !one.mapped).count(),
        refused: uses
            .iter()
            .filter(mapped)
            .filter(|one| one.verdict != super::need::ALLOWED)
            .count(),
    })
}

/// What to do about a verdict.
pub fn help(verdict: &str) -> Option<&'static str> {
    Some(match verdict {
        "allowed" => return None,
        "operation.unmapped" => {
            "no operation of the catalogue describes it; it will be refused: see whether another call does the same"
        }
        "operation.closed" | "operation.kind_not_accepted" => {
            "no token is ever given this; people do it themselves, at the server itself"
        }
        "upstream.not_linked" => "link the person's account there to an account here, and observe again",
        "upstream.inactive" => "the link of the account is switched off: renew it",
        "upstream.spans" => "the answer tells of more than one owner; ask for one owner or repository",
        "target.missing" => "what it names is not known here: bind it, or let the directory be synchronised",
        "upstream.elsewhere" => {
            "its body names what is not at the same upstream under the same name: rename or bind it"
        }
        "body.form" => "forms are not passed on once the gateway enforces: let the client send JSON",
        "policy.kind_blocked" => "the owner allows no fine-grained tokens: an owner can change the policy",
        "policy.lifetime" => "the owner wants shorter tokens",
        "policy.planting" => {
            "it makes something that can itself authenticate: an owner can open planting in the policy"
        }
        "policy.several_owners" => "the owner wants a token of its own: make one for each owner",
        "role.too_low" => "the linked account's role here is too low: raise it, or correct the directory",
        "repository.archived" => "the repository is archived here",
        "principal.inactive" => "the linked account is suspended here",
        "credential.required" => "visitors may not do this: it will take a token",
        _ => "`bailiwick explain` tells more of this reason",
    })
}
