//! The incident call: ends every token that fits, by person, kind, organization or hash, and says how many.

use crate::Authority;
use crate::act::Act;
use crate::fault::Fault;
use crate::permit::Permit;
use crate::token::edit::end_grant;
use crate::token::end::revoke;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{AccountId, Digest, SessionId, TokenId, TokenKind};
use bailiwick_store::token::TokenQuery;
use bailiwick_store::{GrantRow, TokenRow, Tx, account, grant, membership, session, token};
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
    /// Tokens of members of the enterprise's organizations, which are the second.
    Members(BTreeSet<AccountId>, BTreeSet<AccountId>),
    /// Grants at one organization.
    Grants(ResourceOwner),
}

impl Authority {
    /// How much `tokens_end` would end now, within the same reach. Nothing is changed.
    pub fn tokens_end_count(&self, permit: &Permit, input: &EndInput) -> Result<Ended, Fault> {
        check(input)?;
        let mut tokens = Vec::new();
        let mut count = self.read(permit, |tx| {
            let reach = reach(tx, permit)?;
            let mut count = Ended::default();
            for row in chosen(tx, input, &reach)? {
                let whole = reach.ends_whole(&row);
                let grants = grant::of_token(tx, row.id)?;
                let ends = grants.iter().filter(|grant| reach.tells_of(grant)).count() as i64;
                count.tokens += i64::from(whole);
                count.grants += ends;
                if whole || ends > 0 {
                    tokens.push(row.id);
                }
            }
            count.sessions = sessions_to_end(tx, permit, input, &reach)?.len() as i64;
            Ok(count)
        })?;
        count.transfers = i64::try_from(self.transfers_of(&tokens)).unwrap_or(i64::MAX);
        Ok(count)
    }

    /// Ends tokens within the caller's reach: everywhere, in an enterprise, or the grants at an organization.
    pub fn tokens_end(&self, permit: Permit, input: &EndInput) -> Result<Ended, Fault> {
        check(input)?;
        let mut tokens = Vec::new();
        let ended = self.act(permit, |act, permit| {
            let reach = reach(act.tx, permit)?;
            let mut ended = Ended::default();
            for row in chosen(act.tx, input, &reach)? {
                let before = (ended.tokens, ended.grants);
                match &reach {
                    Reach::Everything | Reach::Members(..) if reach.ends_whole(&row) => {
                        end_token(act, permit, &row, &reach, &mut ended)?;
                    }
                    Reach::Everything | Reach::Members(..) => {}
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

fn check(input: &EndInput) -> Result<(), Fault> {
    if input.kind == Some(TokenKind::Session) && input.user.is_none() {
        let message = "sessions end by person: name one";
        return Err(Fault::invalid("Incident", "user", "missing", message));
    }
    if *input != EndInput::default() {
        return Ok(());
    }
    let message = "say what to end: user, kind, organization, hashed_token or token_id";
    Err(Fault::invalid("Incident", "base", "missing", message))
}

fn reach(tx: &mut Tx<'_>, permit: &Permit) -> Result<Reach, Fault> {
    match permit.resource_owner() {
        Ok(ResourceOwner::Account(id)) if permit.operation().path.contains("{org}") => {
            Ok(Reach::Grants(ResourceOwner::Account(id)))
        }
        Ok(ResourceOwner::Enterprise(id)) => {
            let organizations = account::list(
                tx,
                &account::AccountQuery {
                    enterprise: Some(id),
                    limit: usize::MAX,
                    ..Default::default()
                },
            )?;
            let mut members = BTreeSet::new();
            let places = organizations.iter().map(|row| row.id).collect();
            for organization in organizations {
                members.extend(member_ids(tx, organization.id)?);
                // Service accounts of the organization act for it too.
                let owned = account::AccountQuery {
                    owner: Some(organization.id),
                    limit: usize::MAX,
                    ..Default::default()
                };
                members.extend(account::list(tx, &owned)?.into_iter().map(|row| row.id));
            }
            Ok(Reach::Members(members, places))
        }
        Ok(ResourceOwner::Account(_)) | Err(_) => Ok(Reach::Everything),
    }
}

fn member_ids(tx: &mut Tx<'_>, organization: AccountId) -> Result<Vec<AccountId>, Fault> {
    Ok(membership::list(tx, organization, None)?
        .into_iter()
        .map(|(row, _)| row.user_id)
        .collect())
}

impl Reach {
    /// Whether a token ends as a whole.
    fn ends_whole(&self, row: &TokenRow) -> bool {
        match self {
            Reach::Everything => true,
            Reach::Members(members, _) => members.contains(&row.owner_id),
            Reach::Grants(_) => false,
        }
    }

    /// Whether a grant ends and may be counted: what a token may do elsewhere is not told here.
    fn tells_of(&self, grant: &GrantRow) -> bool {
        grant.active
            && match self {
                Reach::Everything => true,
                Reach::Members(_, places) => match grant.owner() {
                    ResourceOwner::Account(id) => places.contains(&id),
                    ResourceOwner::Enterprise(_) => true,
                },
                Reach::Grants(owner) => grant.owner() == *owner,
            }
    }
}

/// The organization that the filter names.
// SECURITY: one outside the caller's reach is unknown: counting by it would tell who belongs to it.
fn organization(tx: &mut Tx<'_>, input: &EndInput, reach: &Reach) -> Result<Option<AccountId>, Fault> {
    let Some(login) = &input.organization else {
        return Ok(None);
    };
    let found = account::by_login(tx, login)?.filter(|row| match reach {
        Reach::Everything => true,
        Reach::Members(_, places) => places.contains(&row.id),
        Reach::Grants(owner) => *owner == ResourceOwner::Account(row.id),
    });
    match found {
        Some(row) => Ok(Some(row.id)),
        None => Err(Fault::invalid(
            "Incident",
            "organization",
            "invalid",
            "is no organization here",
        )),
    }
}

/// Live tokens that fit every filter given.
fn chosen(tx: &mut Tx<'_>, input: &EndInput, reach: &Reach) -> Result<Vec<TokenRow>, Fault> {
    let place = organization(tx, input, reach)?;
    let owner = match &input.user {
        Some(login) => Some(account::by_login(tx, login)?.ok_or_else(Fault::not_found)?.id),
        None => None,
    };
    let mut rows = match (&input.hashed_token, input.token) {
        (Some(digest), _) => {
            let found = match token::by_digest(tx, digest)? {
                Some(row) => Some(row),
                None => token::by_former_digest(tx, digest)?,
            };
            found.into_iter().collect()
        }
        (None, Some(id)) => token::by_id(tx, id)?.into_iter().collect(),
        (None, None) => token::list(
            tx,
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
    if let Some(organization) = place {
        let members: BTreeSet<AccountId> = member_ids(tx, organization)?.into_iter().collect();
        let mut kept = Vec::new();
        for row in rows {
            let granted = grant::by_owner(tx, row.id, ResourceOwner::Account(organization))?
                .is_some_and(|grant: GrantRow| grant.active);
            if granted || members.contains(&row.owner_id) {
                kept.push(row);
            }
        }
        rows = kept;
    }
    Ok(rows)
}

fn end_token(
    act: &mut Act<'_, '_>,
    permit: &Permit,
    row: &TokenRow,
    reach: &Reach,
    ended: &mut Ended,
) -> Result<(), Fault> {
    ended.grants += grant::of_token(act.tx, row.id)?
        .iter()
        .filter(|grant| reach.tells_of(grant))
        .count() as i64;
    revoke(act, row, "incident", permit.now())?;
    ended.tokens += 1;
    Ok(())
}

/// Ends the sessions that are to end.
fn end_sessions(
    act: &mut Act<'_, '_>,
    permit: &Permit,
    input: &EndInput,
    reach: &Reach,
    ended: &mut Ended,
) -> Result<(), Fault> {
    for id in sessions_to_end(act.tx, permit, input, reach)? {
        if session::revoke(act.tx, id, permit.now())? {
            ended.sessions += 1;
        }
    }
    Ok(())
}

/// Sessions end when a person is named, or sessions are what is to end. The caller's own stays, so that whoever
/// answers the incident is not locked out.
fn sessions_to_end(
    tx: &mut Tx<'_>,
    permit: &Permit,
    input: &EndInput,
    reach: &Reach,
) -> Result<Vec<SessionId>, Fault> {
    let wanted = matches!(input.kind, None | Some(TokenKind::Session));
    let (true, Some(login), None, None) = (wanted, &input.user, &input.hashed_token, input.token) else {
        return Ok(Vec::new());
    };
    let user = account::by_login(tx, login)?.ok_or_else(Fault::not_found)?;
    let within = match reach {
        Reach::Everything => true,
        Reach::Members(members, _) => members.contains(&user.id),
        Reach::Grants(_) => false,
    };
    let fits = match organization(tx, input, reach)? {
        None => true,
        Some(place) => member_ids(tx, place)?.contains(&user.id),
    };
    if !within || !fits {
        return Ok(Vec::new());
    }
    let live = session::live(tx, user.id, permit.now())?;
    let others = live.iter().map(|row| row.id);
    Ok(others.filter(|id| permit.session() != Some(*id)).collect())
}
