//! Editing: narrowing is immediate; widening leaves a new request and keeps what was approved and is still wanted.

use super::ask::{account_of, ask, note_token, request_fields};
use super::mint::{check_minter, check_policy, name_taken, parse_scopes, scope_words, targets};
use super::target::{GrantInput, TargetGrant};
use super::view::{TokenView, load_token, own_row};
use super::{MintInput, RESOURCE, check_description, check_name};
use crate::act::Act;
use crate::fault::Fault;
use crate::permit::Permit;
use crate::{Authority, levels};
use bailiwick_decision::request::{narrowed, widens};
use bailiwick_model::limit::GRANTS_PER_TOKEN_MAX;
use bailiwick_model::{AccountId, RequestState, Selection, Timestamp, TokenId, TokenKind};
use bailiwick_store::{AccessRequestRow, GrantRow, TokenRow, access_request, grant, token};

/// What shall change; `None` stays.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EditInput {
    /// A new name.
    pub name: Option<String>,
    /// A new description; the inner `None` removes it.
    pub description: Option<Option<String>>,
    /// New scopes of a classic token.
    pub scopes: Option<Vec<String>>,
    /// The whole new list of grants; owners that are not in it lose theirs.
    pub grants: Option<Vec<GrantInput>>,
}

impl Authority {
    /// Edits one of the person's own tokens.
    pub fn token_edit(&self, permit: Permit, id: TokenId, input: &EditInput) -> Result<TokenView, Fault> {
        let owner = permit.person()?;
        let principal = permit
            .gathered()
            .principal()
            .ok_or_else(Fault::not_found)?
            .clone();
        self.act(permit, |act, permit| {
            let mut row = own_row(act.tx, owner, id)?;
            if row.revoked_at.is_some() {
                return Err(Fault::conflict(
                    "token.revoked",
                    "the token was revoked; mint a new one",
                ));
            }
            let mut changed = Vec::new();
            rename(&mut row, input, &mut changed)?;
            rescope(permit, &mut row, input, &mut changed)?;
            if !changed.is_empty() {
                token::update(act.tx, &row).map_err(|error| name_taken(error, row.kind))?;
            }
            if let Some(inputs) = &input.grants {
                changed.push("grants");
                let wanted = wanted(act, permit, &principal, &row, inputs)?;
                retarget(act, permit, &row, &wanted)?;
            }
            act.action(match row.kind {
                TokenKind::Classic => "oauth_access.update",
                TokenKind::FineGrained | TokenKind::Session => "personal_access_token.update",
            });
            note_token(act, &row);
            act.note("pat_field_changed", changed.join(","));
            load_token(act.tx, &row)
        })
    }
}

fn rename(row: &mut TokenRow, input: &EditInput, changed: &mut Vec<&'static str>) -> Result<(), Fault> {
    if let Some(name) = &input.name {
        check_name(name)?;
        row.name.clone_from(name);
        changed.push("name");
    }
    if let Some(description) = &input.description {
        check_description(description.as_deref().unwrap_or(""))?;
        row.description.clone_from(description);
        changed.push("description");
    }
    Ok(())
}

fn rescope(
    permit: &Permit,
    row: &mut TokenRow,
    input: &EditInput,
    changed: &mut Vec<&'static str>,
) -> Result<(), Fault> {
    let Some(scopes) = &input.scopes else {
        return Ok(());
    };
    if row.kind != TokenKind::Classic {
        return Err(Fault::invalid(
            RESOURCE,
            "scopes",
            "invalid",
            "a fine-grained token has grants, not scopes",
        ));
    }
    if permit.gathered().token().is_some() {
        return Err(Fault::forbidden(
            "token.mint_beyond",
            "a token cannot change the scopes of a classic token",
        ));
    }
    row.scopes = scope_words(parse_scopes(scopes)?);
    changed.push("scopes");
    Ok(())
}

/// The targets that the new list asks for, checked as at minting.
fn wanted(
    act: &mut Act<'_, '_>,
    permit: &Permit,
    principal: &bailiwick_model::PrincipalFacts,
    row: &TokenRow,
    inputs: &[GrantInput],
) -> Result<Vec<TargetGrant>, Fault> {
    if row.kind != TokenKind::FineGrained {
        return Err(Fault::invalid(
            RESOURCE,
            "grants",
            "invalid",
            "a classic token has scopes, not grants",
        ));
    }
    if inputs.len() > GRANTS_PER_TOKEN_MAX {
        let message = format!("at most {GRANTS_PER_TOKEN_MAX} resource owners in one token");
        return Err(Fault::invalid(RESOURCE, "grants", "invalid", message));
    }
    let wanted = targets(act, principal, inputs)?;
    let as_mint = MintInput {
        kind: TokenKind::FineGrained,
        name: row.name.clone(),
        description: None,
        expiry: super::Expiry::Default,
        scopes: Vec::new(),
        grants: Vec::new(),
    };
    // Taking every grant away is narrowing, which a token may do.
    if !wanted.is_empty() {
        check_minter(permit.gathered(), &as_mint, &wanted)?;
    }
    for target in &wanted {
        check_policy(target, row.issued_at, row.expires_at)?;
    }
    Ok(wanted)
}

/// Moves every grant of the token to what is wanted.
fn retarget(
    act: &mut Act<'_, '_>,
    permit: &Permit,
    row: &TokenRow,
    wanted: &[TargetGrant],
) -> Result<(), Fault> {
    let now = permit.now();
    for existing in grant::of_token(act.tx, row.id)? {
        if !wanted.iter().any(|target| target.owner == existing.owner()) {
            end_grant(act, permit, row, &existing)?;
        }
    }
    for target in wanted {
        let existing = grant::by_owner(act.tx, row.id, target.owner)?;
        let Some(mut existing) = existing.filter(|grant| grant.active) else {
            ask(act, permit, row, target, now)?;
            continue;
        };
        let approved_levels = levels::load(&existing.permissions);
        let approved_selection = grant::selection(act.tx, &existing)?;
        let approved = (&approved_levels, &approved_selection);
        let target_pair = (&target.levels, &target.selection);
        let (kept_levels, kept_selection) = narrowed(approved, target_pair);
        if kept_levels != approved_levels || kept_selection != approved_selection {
            existing.permissions = levels::store(&kept_levels);
            existing = grant::update(act.tx, &existing, &kept_selection)?;
        }
        if widens(approved, target_pair) {
            ask(act, permit, row, target, now)?;
        } else {
            access_request::end_of_grant(act.tx, existing.id, RequestState::Superseded, now)?;
        }
    }
    Ok(())
}

/// Ends a grant that its holder no longer wants.
pub(crate) fn end_grant(
    act: &mut Act<'_, '_>,
    permit: &Permit,
    token: &TokenRow,
    existing: &GrantRow,
) -> Result<(), Fault> {
    end_grant_by(act, By::of(permit), token, existing)
}

/// Who ends something, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct By {
    /// Who; nobody where an upstream's directory does.
    pub actor: Option<AccountId>,
    /// When.
    pub now: Timestamp,
}

impl By {
    /// Whoever a permit is for.
    pub(crate) fn of(permit: &Permit) -> By {
        By {
            actor: permit.actor(),
            now: permit.now(),
        }
    }
}

/// Ends a grant, whoever wants it.
pub(crate) fn end_grant_by(
    act: &mut Act<'_, '_>,
    by: By,
    token: &TokenRow,
    existing: &GrantRow,
) -> Result<(), Fault> {
    let waiting = access_request::pending_of_grant(act.tx, existing.id)?;
    access_request::end_of_grant(act.tx, existing.id, RequestState::Cancelled, by.now)?;
    let selection = grant::selection(act.tx, existing)?;
    let was_active = grant::revoke(act.tx, existing.id, by.actor, by.now)?;
    if let Some(request) = waiting {
        cancelled_event(act, token, &request)?;
    }
    if was_active {
        let action = "personal_access_token.access_revoked";
        grant_event(act, action, token, existing, &selection)?;
    }
    Ok(())
}

/// An event about a request that ends undecided, at its owner: of what was asked for, which is not what there is.
pub(crate) fn cancelled_event(
    act: &mut Act<'_, '_>,
    token: &TokenRow,
    request: &AccessRequestRow,
) -> Result<(), Fault> {
    let owner = request.owner();
    let (login, enterprise) = crate::records::owner_name(act.tx, owner)?;
    let selection = access_request::selection(act.tx, request)?;
    let event = act.another("personal_access_token.request_cancelled");
    event.owner = account_of(owner);
    event.owner_login = Some(login);
    event.enterprise = enterprise;
    request_fields(event, token, request, &selection);
    Ok(())
}

/// An event about a grant, at its owner.
pub(crate) fn grant_event(
    act: &mut Act<'_, '_>,
    action: &str,
    token: &TokenRow,
    existing: &GrantRow,
    selection: &Selection,
) -> Result<(), Fault> {
    let owner = existing.owner();
    let (login, enterprise) = crate::records::owner_name(act.tx, owner)?;
    let mut request = AccessRequestRow::new(
        existing.id,
        token.id,
        owner,
        existing.revision,
        existing.created_at,
    );
    request.permissions.clone_from(&existing.permissions);
    let event = act.another(action);
    event.owner = account_of(owner);
    event.owner_login = Some(login);
    event.enterprise = enterprise;
    request_fields(event, token, &request, selection);
    event.data.remove("user_programmatic_access_request_id");
    event.data.insert("pat_id".into(), existing.id.0.into());
    Ok(())
}
