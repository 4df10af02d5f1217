//! Regenerating: the same token with a new secret and a new life; the old secret is dead at once.

use super::RESOURCE;
use super::ask::note_token;
use super::end::{reached, tell_owner};
use super::mint::{Expiry, Minted, check_minter_expiry, expiry};
use super::view::{load_token, own_row};
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_decision::decide::lifetime_fits;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{
    EnterpriseRole, OrganizationRole, PrincipalFacts, ResolvedPolicy, Timestamp, TokenId, TokenKind,
};
use bailiwick_store::{Tx, access_request, grant, token};

impl Authority {
    /// Gives one of the person's own tokens a new secret. Without an expiry it lives as long as before.
    pub fn token_regenerate(
        &self,
        permit: Permit,
        id: TokenId,
        wanted: Option<Expiry>,
    ) -> Result<Minted, Fault> {
        let owner = permit.person()?;
        let principal = permit
            .gathered()
            .principal()
            .ok_or_else(Fault::not_found)?
            .clone();
        let now = permit.now();
        let kind = self.store.read(|tx| own_row(tx, owner, id).map(|row| row.kind))?;
        let secret = self.new_secret(kind);
        let view = self.act(permit, |act, permit| {
            let row = own_row(act.tx, owner, id)?;
            if row.revoked_at.is_some() {
                return Err(Fault::conflict(
                    "token.revoked",
                    "the token was revoked; mint a new one",
                ));
            }
            if row.kind == TokenKind::Classic && permit.gathered().token().is_some() {
                return Err(Fault::forbidden(
                    "token.mint_beyond",
                    "a token cannot regenerate a classic token",
                ));
            }
            check_minter_covers(act.tx, permit, &row)?;
            let expires_at = match wanted {
                Some(wanted) => expiry(wanted, now)?,
                None => row
                    .expires_at
                    .map(|end| Timestamp(now.0.saturating_add(end.0.saturating_sub(row.issued_at.0)))),
            };
            check_minter_expiry(permit.gathered(), expires_at)?;
            check_policies(act.tx, &principal, id, now, expires_at)?;
            let row = token::regenerate(act.tx, id, secret.digest(), secret.last_eight(), now, expires_at)?;
            let action = match kind {
                TokenKind::Classic => "oauth_access.regenerate",
                TokenKind::FineGrained | TokenKind::Session => "personal_access_token.credential_regenerated",
            };
            act.action(action);
            note_token(act, &row);
            // Whom it reached knew the digest that is over, and knows the new one by this.
            for one in reached(act, &row)? {
                tell_owner(act, action, &row, &one)?;
            }
            load_token(act.tx, &row)
        })?;
        Ok(Minted { view, secret })
    }
}

/// Whether the policy of an owner lets tokens plant. An owner that is gone does not.
fn planting_at(tx: &mut Tx<'_>, owner: ResourceOwner) -> Result<bool, Fault> {
    Ok(match owner {
        ResourceOwner::Account(id) => {
            crate::records::owner(tx, id)?.is_some_and(|record| record.facts.policy.planting)
        }
        ResourceOwner::Enterprise(id) => {
            crate::records::enterprise_by_id(tx, id)?.is_some_and(|record| record.facts.policy.planting)
        }
    })
}

/// A token that regenerates another gets its secret, and with it whatever that is given later: so what is
/// approved and what is still asked for must both lie within its own grants, and there must be something.
fn check_minter_covers(
    tx: &mut Tx<'_>,
    permit: &Permit,
    row: &bailiwick_store::TokenRow,
) -> Result<(), Fault> {
    let Some(minter) = permit.gathered().token() else {
        return Ok(());
    };
    if minter.facts.id == row.id {
        return Ok(());
    }
    let beyond = || {
        Fault::forbidden(
            "token.mint_beyond",
            "the token that regenerates does not cover this one",
        )
    };
    let mut targets = Vec::new();
    for existing in grant::of_token(tx, row.id)? {
        if existing.active {
            let selection = grant::selection(tx, &existing)?;
            targets.push((existing.owner(), existing.permissions.clone(), selection));
        }
        if let Some(asked) = access_request::pending_of_grant(tx, existing.id)? {
            let selection = access_request::selection(tx, &asked)?;
            targets.push((existing.owner(), asked.permissions, selection));
        }
    }
    if targets.is_empty() {
        return Err(beyond());
    }
    for (owner, slugs, selection) in targets {
        // The new secret can authenticate there, too.
        if !planting_at(tx, owner)? {
            let message = "a resource owner of that token lets no token make secrets for it";
            return Err(Fault::forbidden("policy.planting", message));
        }
        let levels = crate::levels::load(&slugs);
        let covered = minter.facts.grants.iter().any(|own| {
            own.owner == owner && bailiwick_decision::decide::grant_covers(own, &levels, &selection)
        });
        if !covered {
            return Err(beyond());
        }
    }
    Ok(())
}

/// Every owner that the token has a grant at must allow the new life.
fn check_policies(
    tx: &mut Tx<'_>,
    principal: &PrincipalFacts,
    id: TokenId,
    now: Timestamp,
    expires_at: Option<Timestamp>,
) -> Result<(), Fault> {
    for existing in grant::of_token(tx, id)?.iter().filter(|grant| grant.active) {
        let (name, policy, administers) = policy_of(tx, principal, existing.owner())?;
        let kind = policy.fine_grained;
        if !kind.allowed {
            let message =
                format!("`{name}` forbids access via a personal access token with fine-grained permissions");
            return Err(Fault::invalid(RESOURCE, "base", "custom", message));
        }
        let exempt = kind.exempt_administrators && administers;
        if !exempt && !lifetime_fits(now, expires_at, &kind) {
            let days = kind.lifetime_days_max.unwrap_or(0);
            let message = format!("{name} allows fine-grained tokens of at most {days} days");
            return Err(Fault::invalid(RESOURCE, "expires_in", "custom", message));
        }
    }
    Ok(())
}

fn policy_of(
    tx: &mut Tx<'_>,
    principal: &PrincipalFacts,
    owner: ResourceOwner,
) -> Result<(String, ResolvedPolicy, bool), Fault> {
    match owner {
        ResourceOwner::Account(id) => {
            let record = crate::records::owner(tx, id)?.ok_or_else(Fault::not_found)?;
            let role = bailiwick_decision::effective::organization_role(principal, &record.facts);
            Ok((
                record.facts.login.clone(),
                record.facts.policy,
                role == OrganizationRole::Owner,
            ))
        }
        ResourceOwner::Enterprise(id) => {
            let record = crate::records::enterprise_by_id(tx, id)?.ok_or_else(Fault::not_found)?;
            let owns = principal.enterprise(id) == EnterpriseRole::Owner;
            Ok((record.facts.slug.clone(), record.facts.policy, owns))
        }
    }
}
