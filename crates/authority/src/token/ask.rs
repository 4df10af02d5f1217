//! Asking for a grant, and what is written when it is given: the request, the approved rights, the events.

use super::owners::needs_approval;
use super::target::TargetGrant;
use crate::act::Act;
use crate::fault::Fault;
use crate::levels;
use crate::permit::Permit;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{AccountId, Levels, RequestState, Selection, Timestamp, TokenId};
use bailiwick_store::grant::SelectionWord;
use bailiwick_store::{AccessRequestRow, ChangeKey, GrantRow, TokenRow, access_request, grant};

/// The event's fields about the token itself.
pub(crate) fn note_token(act: &mut Act<'_, '_>, row: &TokenRow) {
    about_token(&mut act.event, row);
}

/// Makes an event one about a token, so that `token_id:` and `hashed_token:` find every step of its life. The
/// token that the act was done with, if any, moves beside it.
pub(crate) fn about_token(event: &mut bailiwick_model::Event, row: &TokenRow) {
    if let Some(used) = event.token.filter(|used| *used != row.id) {
        event.data.insert("actor_token_id".into(), used.0.into());
        if let Some(digest) = event.hashed_token {
            event
                .data
                .insert("actor_hashed_token".into(), digest.base64().into());
        }
    }
    event.token = Some(row.id);
    event.hashed_token = Some(row.digest);
    event
        .data
        .insert("user_programmatic_access_id".into(), row.id.0.into());
    event
        .data
        .insert("user_programmatic_access_name".into(), row.name.clone().into());
}

/// Asks for a grant: makes its row if there is none, supersedes what is pending, and either approves at once or
/// leaves a request. Returns whether it is pending.
pub(crate) fn ask(
    act: &mut Act<'_, '_>,
    permit: &Permit,
    token: &TokenRow,
    target: &TargetGrant,
    now: Timestamp,
) -> Result<bool, Fault> {
    let mut grant = grant_row(act, token.id, target.owner, now)?;
    access_request::end_of_grant(act.tx, grant.id, RequestState::Superseded, now)?;
    let pending = needs_approval(&target.policy, target.administers, target.user_owned);
    let mut row = AccessRequestRow::new(grant.id, token.id, target.owner, grant.revision, now);
    row.permissions = levels::store(&target.levels);
    row.reason.clone_from(&target.reason);
    let row = access_request::insert(act.tx, row, &target.selection)?;
    act.tx.changed(ChangeKey::Token(token.id));
    request_event(act, "personal_access_token.request_created", token, target, &row);
    if !pending {
        decided(
            act,
            &row,
            RequestState::Approved,
            permit.actor(),
            None,
            Some((&target.levels, &target.selection)),
            now,
        )?;
        approve_grant(act, &mut grant, &target.levels, &target.selection, now)?;
        request_event(act, "personal_access_token.access_granted", token, target, &row);
    }
    Ok(pending)
}

fn request_event(
    act: &mut Act<'_, '_>,
    action: &str,
    token: &TokenRow,
    target: &TargetGrant,
    row: &AccessRequestRow,
) {
    let event = act.another(action);
    event.owner_login = Some(target.owner_name.clone());
    event.owner = account_of(target.owner);
    event.enterprise = target.enterprise;
    request_fields(event, token, row, &target.selection);
}

/// Writes the decision of a pending request. It is decided once: a second decision is a conflict.
pub(crate) fn decided(
    act: &mut Act<'_, '_>,
    row: &AccessRequestRow,
    state: RequestState,
    by: Option<AccountId>,
    reason: Option<&str>,
    approved: Option<(&Levels, &Selection)>,
    now: Timestamp,
) -> Result<(), Fault> {
    let mut row = row.clone();
    row.state = state;
    row.decided_at = Some(now);
    row.decided_by = by;
    row.decision_reason = reason.map(str::to_owned);
    if let Some((levels, selection)) = approved {
        let (word, repositories) = SelectionWord::split(selection);
        row.approved_permissions = Some(levels::store(levels));
        row.approved_selection = Some(word);
        row.approved_repositories = Some(repositories.to_vec());
    }
    if access_request::decide(act.tx, &row)? {
        Ok(())
    } else {
        Err(Fault::conflict(
            "request.decided",
            "the request was decided already",
        ))
    }
}

/// Writes approved rights into a grant.
pub(crate) fn approve_grant(
    act: &mut Act<'_, '_>,
    grant: &mut GrantRow,
    levels: &Levels,
    selection: &Selection,
    now: Timestamp,
) -> Result<(), Fault> {
    grant.permissions = levels::store(levels);
    grant.active = true;
    grant.granted_at = Some(now);
    grant.revoked_at = None;
    grant.revoked_by = None;
    *grant = grant::update(act.tx, grant, selection)?;
    Ok(())
}

/// The account of a resource owner, for events.
pub(crate) fn account_of(owner: ResourceOwner) -> Option<AccountId> {
    match owner {
        ResourceOwner::Account(id) => Some(id),
        ResourceOwner::Enterprise(_) => None,
    }
}

/// The event's fields about a request.
pub(crate) fn request_fields(
    event: &mut bailiwick_model::Event,
    token: &TokenRow,
    row: &AccessRequestRow,
    selection: &Selection,
) {
    about_token(event, token);
    let data = &mut event.data;
    data.insert("user_programmatic_access_request_id".into(), row.id.0.into());
    data.insert("repository_selection".into(), selection.word().into());
    if let Selection::Subset(ids) = selection {
        data.insert(
            "repositories".into(),
            ids.iter().map(|id| id.0).collect::<Vec<_>>().into(),
        );
    }
    if let Ok(value) = serde_json::to_value(levels::grouped(&row.permissions)) {
        data.insert("permissions".into(), value);
    }
}

/// The grant's row of a token at an owner, made if there is none.
pub(crate) fn grant_row(
    act: &mut Act<'_, '_>,
    token: TokenId,
    owner: ResourceOwner,
    now: Timestamp,
) -> Result<GrantRow, Fault> {
    if let Some(row) = grant::by_owner(act.tx, token, owner)? {
        return Ok(row);
    }
    Ok(grant::insert(
        act.tx,
        GrantRow::new(token, owner, now),
        &Selection::None,
    )?)
}
