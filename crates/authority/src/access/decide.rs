//! Deciding access requests: once, on the grant they were based on, never beyond what was asked.

use crate::act::Act;
use crate::fault::Fault;
use crate::permit::Permit;
use crate::token::ask::{approve_grant, decided, request_fields};
use crate::token::check_reason;
use crate::{Authority, levels};
use bailiwick_decision::request::{Conflict, Verb, apply, narrows};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{EnterpriseRole, Levels, OrganizationRole, RequestId, Selection};
use bailiwick_store::{AccessRequestRow, TokenRow, access_request, grant, repository, token};

/// What of a request is approved.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Approval {
    /// Fewer or lower permissions than asked; `None` is all of them.
    pub permissions: Option<levels::Slugs>,
    /// Fewer repositories than asked, by name; `None` is all of them.
    pub repositories: Option<Vec<String>>,
    /// No repository at all.
    pub no_repositories: bool,
}

/// A decision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Review {
    /// Approve, in full or in part.
    Approve(Approval),
    /// Deny.
    Deny,
}

impl Authority {
    /// Decides requests at the owner that the path names: all of them, or on any obstacle none.
    pub fn requests_review(
        &self,
        permit: Permit,
        ids: &[RequestId],
        review: &Review,
        reason: Option<&str>,
    ) -> Result<(), Fault> {
        super::check_ids("PersonalAccessTokenRequest", "pat_request_ids", ids)?;
        check_reason(reason)?;
        let owner = permit.resource_owner()?;
        self.act(permit, |act, permit| {
            for (place, id) in ids.iter().enumerate() {
                let row = access_request::by_id(act.tx, *id)?
                    .filter(|row| row.owner() == owner)
                    .ok_or_else(Fault::not_found)?;
                let token = token::by_id(act.tx, row.token_id)?.ok_or_else(Fault::not_found)?;
                check_reviewer(permit, &token, owner)?;
                let action = match review {
                    Review::Approve(approval) => {
                        approve(act, permit, &row, approval, reason)?;
                        "personal_access_token.access_granted"
                    }
                    Review::Deny => {
                        end(act, &row, Verb::Deny, reason, permit)?;
                        "personal_access_token.request_denied"
                    }
                };
                act.tx.changed(bailiwick_store::ChangeKey::Token(token.id));
                let selection = access_request::selection(act.tx, &row)?;
                let holder =
                    bailiwick_store::account::by_id(act.tx, token.owner_id)?.map(|account| account.login);
                // The first request is the event of the call itself, so that one decision leaves one event.
                let event = if place == 0 {
                    act.action(action);
                    &mut act.event
                } else {
                    act.another(action)
                };
                event.user = holder;
                request_fields(event, &token, &row, &selection);
                if let Some(reason) = reason {
                    event.data.insert("decision_reason".into(), reason.into());
                }
            }
            Ok(())
        })
    }
}

/// Nobody decides on their own request, unless they own the place and its policy does not ask for another.
fn check_reviewer(permit: &Permit, token: &TokenRow, owner: ResourceOwner) -> Result<(), Fault> {
    let actor = permit.person()?;
    if token.owner_id != actor {
        return Ok(());
    }
    let principal = permit.gathered().principal().ok_or_else(Fault::not_found)?;
    let (owns, another) = match (owner, permit.target(bailiwick_catalogue::Target::Organization)) {
        (ResourceOwner::Account(id), bailiwick_decision::TargetFacts::Account(facts)) => (
            principal.organization(id) == OrganizationRole::Owner,
            facts.policy.owners_need_approval,
        ),
        (ResourceOwner::Enterprise(id), _) => (principal.enterprise(id) == EnterpriseRole::Owner, false),
        (ResourceOwner::Account(_), _) => (false, true),
    };
    if owns && !another {
        return Ok(());
    }
    Err(Fault::forbidden(
        "request.own",
        "nobody decides on their own request here: ask another owner",
    ))
}

/// Ends a pending request without giving anything.
pub(crate) fn end(
    act: &mut Act<'_, '_>,
    row: &AccessRequestRow,
    verb: Verb,
    reason: Option<&str>,
    permit: &Permit,
) -> Result<(), Fault> {
    let state = apply(row.state, verb, row.base_revision, row.base_revision).map_err(conflict)?;
    decided(act, row, state, permit.actor(), reason, None, permit.now())
}

fn approve(
    act: &mut Act<'_, '_>,
    permit: &Permit,
    row: &AccessRequestRow,
    approval: &Approval,
    reason: Option<&str>,
) -> Result<(), Fault> {
    let mut existing = grant::by_id(act.tx, row.grant_id)?.ok_or_else(Fault::not_found)?;
    let state = apply(row.state, Verb::Approve, row.base_revision, existing.revision).map_err(conflict)?;
    let asked_levels = levels::load(&row.permissions);
    let asked_selection = access_request::selection(act.tx, row)?;
    let (approved_levels, approved_selection) =
        approved(act, row, approval, &asked_levels, &asked_selection)?;
    narrows(
        (&asked_levels, &asked_selection),
        (&approved_levels, &approved_selection),
    )
    .map_err(conflict)?;
    let now = permit.now();
    let both = Some((&approved_levels, &approved_selection));
    decided(act, row, state, permit.actor(), reason, both, now)?;
    approve_grant(act, &mut existing, &approved_levels, &approved_selection, now)
}

/// What is approved, in ids.
fn approved(
    act: &mut Act<'_, '_>,
    row: &AccessRequestRow,
    approval: &Approval,
    asked_levels: &Levels,
    asked_selection: &Selection,
) -> Result<(Levels, Selection), Fault> {
    let approved_levels = match &approval.permissions {
        None => *asked_levels,
        Some(slugs) => levels::parse(slugs, "permissions")?,
    };
    if approved_levels.is_empty() {
        let message = "approve at least one permission, or deny the request";
        return Err(Fault::invalid(
            "PersonalAccessTokenRequest",
            "permissions",
            "invalid",
            message,
        ));
    }
    let selection = match (&approval.repositories, row.owner()) {
        _ if approval.no_repositories => Selection::None,
        (None, _) => asked_selection.clone(),
        (Some(names), ResourceOwner::Account(_)) if names.is_empty() => {
            let message = "say which repositories, or that it shall be none";
            return Err(Fault::invalid(
                "PersonalAccessTokenRequest",
                "repositories",
                "missing",
                message,
            ));
        }
        (Some(names), ResourceOwner::Account(owner)) => {
            let mut ids = Vec::with_capacity(names.len());
            for name in names {
                let bare = name.rsplit('/').next().unwrap_or(name);
                match repository::by_name(act.tx, owner, bare)? {
                    Some(found) => ids.push(found.id),
                    None => {
                        let message = format!("no such repository: {name}");
                        return Err(Fault::invalid(
                            "PersonalAccessTokenRequest",
                            "repositories",
                            "invalid",
                            message,
                        ));
                    }
                }
            }
            Selection::subset(ids)
        }
        (Some(_), ResourceOwner::Enterprise(_)) => Selection::None,
    };
    Ok((approved_levels, selection))
}

fn conflict(conflict: Conflict) -> Fault {
    match conflict {
        Conflict::Decided(state) => Fault::conflict(
            "request.decided",
            format!("the request is not pending any more: it is {}", state.word()),
        ),
        Conflict::Moved => Fault::conflict(
            "request.moved",
            "the grant changed since the request was made: its holder has to ask again",
        ),
        Conflict::BeyondRequest => Fault::invalid(
            "PersonalAccessTokenRequest",
            "permissions",
            "invalid",
            "an approval cannot give more than was asked for",
        ),
    }
}
