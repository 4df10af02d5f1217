//! Members ask the owners of their organization to allow a kind of token. It changes no right: the owners read it
//! beside their policy.

use crate::Authority;
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use bailiwick_model::{AccountId, ResolvedKindPolicy, ResolvedPolicy, Timestamp, TokenKind};
use bailiwick_store::{Tx, account, token_ask};

/// Asks that owners are shown at once.
const ASKS_SHOWN_MAX: i64 = 100;

/// What a member asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AskView {
    /// Who asks.
    pub login: String,
    /// For which kind of token.
    pub kind: TokenKind,
    /// When.
    pub asked_at: Timestamp,
}

/// What the person asks of an organization.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnAsk {
    /// The organization's login.
    pub organization: String,
    /// For which kind of token.
    pub kind: TokenKind,
    /// When.
    pub asked_at: Timestamp,
}

/// The part of a policy that is about a kind.
fn part(policy: &ResolvedPolicy, kind: TokenKind) -> Option<&ResolvedKindPolicy> {
    match kind {
        TokenKind::FineGrained => Some(&policy.fine_grained),
        TokenKind::Classic => Some(&policy.classic),
        TokenKind::Session => None,
    }
}

/// Ends the asks for what a new policy allows.
pub(crate) fn answered(
    tx: &mut Tx<'_>,
    organization: AccountId,
    policy: &ResolvedPolicy,
) -> Result<(), Fault> {
    for kind in [TokenKind::FineGrained, TokenKind::Classic] {
        if part(policy, kind).is_some_and(|policy| policy.allowed) {
            token_ask::clear(tx, organization, kind)?;
        }
    }
    Ok(())
}

impl Authority {
    /// Asks the owners of the organization that the path names to allow a kind of token. Asking again changes
    /// nothing and tells `false`.
    pub fn token_ask(&self, permit: Permit, kind: TokenKind) -> Result<bool, Fault> {
        let person = permit.person()?;
        let organization = permit.owner_record()?.clone();
        let Some(policy) = part(&organization.facts.policy, kind) else {
            let message = "use fine_grained or classic";
            return Err(Fault::invalid("TokenAsk", "kind", "invalid", message));
        };
        if policy.allowed {
            let message = format!("`{}` allows this kind of token already", organization.facts.login);
            return Err(Fault::new(FaultKind::Conflict, "policy.kind_allowed", message));
        }
        self.act(permit, |act, permit| {
            let new = token_ask::insert(act.tx, organization.facts.id, person, kind, permit.now())?;
            act.note("kind", kind.word());
            act.note("asked_before", !new);
            Ok(new)
        })
    }

    /// What members ask the organization that the path names to allow and it still blocks, newest first.
    pub fn asks_of(&self, permit: &Permit) -> Result<Vec<AskView>, Fault> {
        let organization = permit.owner_record()?.clone();
        self.read(permit, |tx| {
            let asks = token_ask::of_organization(tx, organization.facts.id, ASKS_SHOWN_MAX)?;
            Ok(asks
                .into_iter()
                .filter(|(ask, _)| {
                    part(&organization.facts.policy, ask.kind).is_some_and(|policy| !policy.allowed)
                })
                .map(|(ask, asker)| AskView {
                    login: asker.login,
                    kind: ask.kind,
                    asked_at: ask.created_at,
                })
                .collect())
        })
    }

    /// What the person has asked for, everywhere.
    pub fn own_asks(&self, permit: &Permit) -> Result<Vec<OwnAsk>, Fault> {
        let person = permit.person()?;
        self.read(permit, |tx| {
            let mut asks = Vec::new();
            for ask in token_ask::of_user(tx, person)? {
                if let Some(organization) = account::by_id(tx, ask.organization_id)? {
                    asks.push(OwnAsk {
                        organization: organization.login,
                        kind: ask.kind,
                        asked_at: ask.created_at,
                    });
                }
            }
            Ok(asks)
        })
    }
}
