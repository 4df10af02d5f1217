//! The incident call: ends every token that fits, by person, kind, organization or hash, and says how many.

use crate::Authority;
use crate::act::Act;
use crate::fault::Fault;
use crate::permit::Permit;
use crate::token::edit::end_grant;
use crate::token::end::revoke;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{AccountId, Digest, TokenId, TokenKind};
use bailiwick_store::token::TokenQuery;
use bailiwick_store::{GrantRow, TokenRow, account, grant, membership, session, token};
use std::collections::BTreeSet;

/// What to end. Filters are combined; at least one must be given.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EndInput {
    /// Of this person or service account.
    pub user: Option<String>,
    /// Of this kind.
    pub kind: Option<TokenKind>,
    /// That reach this organization: held by its members, or granted there.
    pub organization: Option<String>,
    /// With this digest, current or former.
    pub hashed_token: Option<Digest>,
    /// With this id.
    pub token: Option<TokenId>,
}

/// What was ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ended {
    /// Tokens.
    pub tokens: i64,
    /// Grants.
    pub grants: i64,
    /// Sessions.
    pub sessions: i64,
    /// Transfers that were under way with one of the tokens.
    pub transfers: i64,
}

/// How far the caller's arm reaches.
enum Reach {
    /// The whole installation.
    Everything,
    /// Tokens of members of the enterprise's organizations.
    Members(BTreeSet<AccountId>),
    /// Grants at one organization.
    Grants(ResourceOwner),
}

impl Authority {
    /// Ends tokens within the caller's reach: everywhere, in an enterprise, or the grants at an organization.
    pub fn tokens_end(&self, permit: Permit, input: &EndInput) -> Result<Ended, Fault> {
        if *input == EndInput::default() {
            let message = "say what to end: user, kind, organization, hashed_token or token_id";
            return Err(Fault::invalid("Incident", "base", "missing", message));
        }
        let mut tokens = Vec::new();
        let ended = self.act(permit, |act, permit| {
            let reach = reach(act, permit)?;
            let mut ended = Ended::default();
            for row in chosen(act, input)? {
                let before = (ended.tokens, ended.grants);
                match &reach {
                    Reach::Everything => end_token(act, permit, &row, &mut ended)?,
                    Reach::Members(members) if members.contains(&row.owner_id) => {
                        end_token(act, permit, &row, &mut ended)?;
                    }
                    Reach::Members(_) => {}
                    Reach::Grants(owner) => {
                        for existing in grant::of_token(act.tx, row.id)? {
                            if existing.owner() == *owner && existing.active {
                                end_grant(act, permit, &row, &existing)?;
                                ended.grants += 1;
                            }
                        }
                    }
                }
                if before != (ended.tokens, ended.grants) {
                    tokens.push(row.id);
                }
            }
            // Counted before the commit: what it ends stops by itself as soon as the change is seen.
            ended.transfers = i64::try_from(self.transfers_of(&tokens)).unwrap_or(i64::MAX);
            end_sessions(act, permit, input, &reach, &mut ended)?;
            act.action("personal_access_token.end_all");
            act.note("tokens", ended.tokens);
            act.note("grants", ended.grants);
            act.note("sessions", ended.sessions);
            act.note("transfers", ended.transfers);
            act.event.user.clone_from(&input.user);
            Ok(ended)
        })?;
        if ended.tokens > 0 {
            self.transfers_end(&tokens);
        }
        Ok(ended)
    }
}

fn reach(act: &mut Act<'_, '_>, permit: &Permit) -> Result<Reach, Fault> {
    match permit.resource_owner() {
        Ok(ResourceOwner::Account(id)) if permit.operation().path.contains("{org}") => {
            Ok(Reach::Grants(ResourceOwner::Account(id)))
        }
        Ok(ResourceOwner::Enterprise(id)) => {
            let organizations = account::list(
                act.tx,
                &account::AccountQuery {
                    enterprise: Some(id),
                    limit: usize::MAX,
                    ..Default::default()
                },
            )?;
            let mut members = BTreeSet::new();
            for organization in organizations {
                members.extend(member_ids(act, organization.id)?);
                // Service accounts of the organization act for it too.
                let owned = account::AccountQuery {
                    owner: Some(organization.id),
                    limit: usize::MAX,
                    ..Default::default()
                };
                members.extend(account::list(act.tx, &owned)?.into_iter().map(|row| row.id));
            }
            Ok(Reach::Members(members))
        }
        Ok(ResourceOwner::Account(_)) | Err(_) => Ok(Reach::Everything),
    }
}

fn member_ids(act: &mut Act<'_, '_>, organization: AccountId) -> Result<Vec<AccountId>, Fault> {
    Ok(membership::list(act.tx, organization, None)?
        .into_iter()
        .map(|(row, _)| row.user_id)
        .collect())
}

/// Live tokens that fit every filter given.
fn chosen(act: &mut Act<'_, '_>, input: &EndInput) -> Result<Vec<TokenRow>, Fault> {
    let owner = match &input.user {
        Some(login) => Some(account::by_login(act.tx, login)?.ok_or_else(Fault::not_found)?.id),
        None => None,
    };
    let mut rows = match (&input.hashed_token, input.token) {
        (Some(digest), _) => {
            let found = match token::by_digest(act.tx, digest)? {
                Some(row) => Some(row),
                None => token::by_former_digest(act.tx, digest)?,
            };
            found.into_iter().collect()
        }
        (None, Some(id)) => token::by_id(act.tx, id)?.into_iter().collect(),
        (None, None) => token::list(
            act.tx,
            &TokenQuery {
                owner,
                kind: input.kind,
                live_at: None,
            },
        )?,
    };
    rows.retain(|row| {
        row.revoked_at.is_none()
            && row.deleted_at.is_none()
            && owner.is_none_or(|owner| row.owner_id == owner)
            && input.kind.is_none_or(|kind| row.kind == kind)
            && input.token.is_none_or(|id| row.id == id)
    });
    if let Some(login) = &input.organization {
        let organization = account::by_login(act.tx, login)?.ok_or_else(Fault::not_found)?;
        let members: BTreeSet<AccountId> = member_ids(act, organization.id)?.into_iter().collect();
        let mut kept = Vec::new();
        for row in rows {
            let granted = grant::by_owner(act.tx, row.id, ResourceOwner::Account(organization.id))?
                .is_some_and(|grant: GrantRow| grant.active);
            if granted || members.contains(&row.owner_id) {
                kept.push(row);
            }
        }
        rows = kept;
    }
    Ok(rows)
}

fn end_token(act: &mut Act<'_, '_>, permit: &Permit, row: &TokenRow, ended: &mut Ended) -> Result<(), Fault> {
    ended.grants += grant::of_token(act.tx, row.id)?
        .iter()
        .filter(|grant| grant.active)
        .count() as i64;
    revoke(act, row, "incident", permit.now())?;
    ended.tokens += 1;
    Ok(())
}

/// Sessions end when a person is named, or sessions are what is to end. The caller's own stays, so that whoever
/// answers the incident is not locked out.
fn end_sessions(
    act: &mut Act<'_, '_>,
    permit: &Permit,
    input: &EndInput,
    reach: &Reach,
    ended: &mut Ended,
) -> Result<(), Fault> {
    let wanted = matches!(input.kind, None | Some(TokenKind::Session));
    let (true, Some(login), None, None) = (wanted, &input.user, &input.hashed_token, input.token) else {
        return Ok(());
    };
    let user = account::by_login(act.tx, login)?.ok_or_else(Fault::not_found)?;
    let within = match reach {
        Reach::Everything => true,
        Reach::Members(members) => members.contains(&user.id),
        Reach::Grants(_) => false,
    };
    if within {
        for row in session::live(act.tx, user.id, permit.now())? {
            if permit.session() != Some(row.id) && session::revoke(act.tx, row.id, permit.now())? {
                ended.sessions += 1;
            }
        }
    }
    Ok(())
}
