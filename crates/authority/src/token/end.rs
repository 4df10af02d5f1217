//! Ending tokens: deleting one's own, and revoking whatever secret somebody reports.

use super::ask::note_token;
use super::edit::{cancelled_event, grant_event};
use super::view::own_row;
use crate::act::Act;
use crate::fault::Fault;
use crate::permit::Permit;
use crate::planted::PlantedView;
use crate::planted::end::left;
use crate::{Authority, Presented};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::limit::REVOKE_CREDENTIALS_MAX;
use bailiwick_model::{RequestState, Selection, Timestamp, TokenId, TokenKind};
use bailiwick_store::token::TokenQuery;
use bailiwick_store::{AccessRequestRow, GrantRow, TokenRow, access_request, account, grant, session, token};
use serde_json::{Map, Value};

impl Authority {
    /// Deletes one of the person's own tokens: dead at once, its name free again. Tells what it planted and may
    /// still work; `with_planted` ends that as well.
    pub fn token_delete(
        &self,
        permit: Permit,
        id: TokenId,
        with_planted: bool,
    ) -> Result<Vec<PlantedView>, Fault> {
        let owner = permit.person()?;
        let now = permit.now();
        let left = self.act(permit, |act, permit| {
            let row = own_row(act.tx, owner, id)?;
            delete(act, &row, permit.now())?;
            act.action(destroy_action(row.kind));
            note_token(act, &row);
            left(act, permit, id, with_planted)
        })?;
        self.planted_settle(left, with_planted, now)
    }

    /// Deletes all of the person's own tokens of a kind, and tells how many. Each leaves an event of its own.
    pub fn tokens_delete(&self, permit: Permit, kind: TokenKind) -> Result<usize, Fault> {
        let owner = permit.person()?;
        if kind == TokenKind::Session {
            let message = "use fine_grained or classic";
            return Err(Fault::invalid(super::RESOURCE, "kind", "invalid", message));
        }
        self.act(permit, |act, permit| {
            let query = TokenQuery {
                owner: Some(owner),
                kind: Some(kind),
                live_at: None,
            };
            let rows = token::list(act.tx, &query)?;
            for row in &rows {
                delete(act, row, permit.now())?;
                super::ask::about_token(act.another(destroy_action(kind)), row);
            }
            act.note("kind", kind.word());
            act.note("count", rows.len());
            Ok(rows.len())
        })
    }

    /// Revokes every credential of ours among the texts, whoever reports them. Tells nothing of which were.
    pub fn credentials_revoke(
        &self,
        permit: Permit,
        texts: &[zeroize::Zeroizing<String>],
    ) -> Result<(), Fault> {
        if permit.actor().is_some() {
            return Err(Fault::forbidden(
                "credentials.anonymous_only",
                "this endpoint takes no credentials",
            ));
        }
        if texts.is_empty() || texts.len() > REVOKE_CREDENTIALS_MAX {
            let message = format!("give 1 to {REVOKE_CREDENTIALS_MAX} credentials");
            return Err(Fault::invalid(
                "CredentialRevocation",
                "credentials",
                "invalid",
                message,
            ));
        }
        let digests: Vec<_> = texts
            .iter()
            .filter_map(|text| match self.present(text) {
                Presented::Digest(digest) => Some(digest),
                Presented::Nothing | Presented::Garbage => None,
            })
            .collect();
        self.act(permit, |act, permit| {
            let mut count = 0_i64;
            for digest in digests {
                if let Some(row) = token::by_digest(act.tx, &digest)? {
                    if row.revoked_at.is_none() && row.deleted_at.is_none() {
                        revoke(act, &row, "reported as leaked", permit.now())?;
                        count += 1;
                    }
                } else if let Some(row) = session::by_digest(act.tx, &digest)?
                    && session::revoke(act.tx, row.id, permit.now())?
                {
                    count += 1;
                }
            }
            act.action("personal_access_token.credential_revoked");
            act.note("count", count);
            Ok(())
        })
    }
}

/// The action of a deletion.
pub(crate) const fn destroy_action(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Classic => "oauth_access.destroy",
        TokenKind::FineGrained | TokenKind::Session => "personal_access_token.destroy",
    }
}

/// Revokes and deletes a token, and withdraws what it asked for.
pub(crate) fn delete(act: &mut Act<'_, '_>, row: &TokenRow, now: Timestamp) -> Result<(), Fault> {
    end(act, row, "deleted", now)?;
    token::delete(act.tx, row.id, now)?;
    revoke_children(act, row, now)
}

/// Ends a token and what it asked for, and tells every owner whose grant or request ends with it.
fn end(act: &mut Act<'_, '_>, row: &TokenRow, reason: &str, now: Timestamp) -> Result<(), Fault> {
    let reached = reached(act, row)?;
    access_request::end_of_token(act.tx, row.id, RequestState::Cancelled, now)?;
    if !token::revoke(act.tx, row.id, reason, now)? {
        // It had ended, and its owners were told then.
        return Ok(());
    }
    for one in &reached {
        if let Some(request) = &one.request {
            cancelled_event(act, row, request)?;
            told(act, row, one)?.insert("explanation".into(), reason.into());
        }
        if one.grant.active {
            let action = "personal_access_token.access_revoked";
            tell_owner(act, action, row, one)?.insert("explanation".into(), reason.into());
        }
    }
    Ok(())
}

/// A grant of a token at somebody else than its holder: given, or asked for, or given and more asked for.
pub(super) struct Reached {
    grant: GrantRow,
    selection: Selection,
    request: Option<AccessRequestRow>,
}

/// Where a token has rights or asks for them, apart from its holder's own account, whose log has it anyway.
pub(super) fn reached(act: &mut Act<'_, '_>, row: &TokenRow) -> Result<Vec<Reached>, Fault> {
    let mut reached = Vec::new();
    for grant in grant::of_token(act.tx, row.id)? {
        let own = grant.owner() == ResourceOwner::Account(row.owner_id);
        let request = access_request::pending_of_grant(act.tx, grant.id)?;
        if own || !(grant.active || request.is_some()) {
            continue;
        }
        let selection = grant::selection(act.tx, &grant)?;
        reached.push(Reached {
            grant,
            selection,
            request,
        });
    }
    Ok(reached)
}

/// An event about a token in the log of an owner whom it reached; what else it says can be added.
pub(super) fn tell_owner<'a>(
    act: &'a mut Act<'_, '_>,
    action: &str,
    row: &TokenRow,
    reached: &Reached,
) -> Result<&'a mut Map<String, Value>, Fault> {
    grant_event(act, action, row, &reached.grant, &reached.selection)?;
    told(act, row, reached)
}

/// Completes the event that was added last, which is in the log of an owner whom the token reached.
fn told<'a>(
    act: &'a mut Act<'_, '_>,
    row: &TokenRow,
    reached: &Reached,
) -> Result<&'a mut Map<String, Value>, Fault> {
    let holder = account::by_id(act.tx, row.owner_id)?.map(|holder| holder.login);
    let known = match act.event.token {
        None => true,
        Some(used) if used == row.id => true,
        Some(used) => grant::by_owner(act.tx, used, reached.grant.owner())?.is_some_and(|grant| grant.active),
    };
    let event = act.last();
    event.user = holder;
    // SECURITY: another token that this was done with may be good for other owners alone. This one has no business with
    // its id and digest.
    if !known {
        event.data.remove("actor_token_id");
        event.data.remove("actor_hashed_token");
    }
    Ok(&mut event.data)
}

/// Revokes what a token minted, and what that minted: nothing that a token made outlives it.
fn revoke_children(act: &mut Act<'_, '_>, row: &TokenRow, now: Timestamp) -> Result<(), Fault> {
    for child in token::children(act.tx, row.id)? {
        revoke(act, &child, "the token that minted it has ended", now)?;
    }
    Ok(())
}

/// Revokes a token and leaves an event about it.
pub(crate) fn revoke(
    act: &mut Act<'_, '_>,
    row: &TokenRow,
    reason: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    let event = act.another(match row.kind {
        TokenKind::Classic => "oauth_access.revoke",
        TokenKind::FineGrained | TokenKind::Session => "personal_access_token.credential_revoked",
    });
    event.token = Some(row.id);
    event.hashed_token = Some(row.digest);
    event.data.insert("explanation".into(), reason.into());
    event
        .data
        .insert("user_programmatic_access_name".into(), row.name.clone().into());
    if let Some(holder) = account::by_id(act.tx, row.owner_id)? {
        act.last().user = Some(holder.login);
    }
    end(act, row, reason, now)?;
    revoke_children(act, row, now)
}
