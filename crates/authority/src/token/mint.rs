//! Minting: a new token with its grants, requests and events, in one transaction.

use super::owners::{needs_approval, obstacle};
use super::target::{GrantInput, TargetGrant, resolve};
use super::view::TokenView;
use super::{RESOURCE, check_description, check_name};
use crate::act::Act;
use crate::fault::Fault;
use crate::gather::{Credential, Gathered};
use crate::permit::Permit;
use crate::{Authority, levels};
use bailiwick_decision::decide::{grant_covers, lifetime_fits};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::limit::{
    GRANTS_PER_TOKEN_MAX, TOKEN_LIFETIME_DAYS_DEFAULT, TOKEN_LIFETIME_DAYS_MAX, TOKENS_PER_USER_DEFAULT,
};
use bailiwick_model::{
    AccountId, Levels, PrincipalFacts, RequestState, Scope, ScopeSet, Selection, Timestamp, TokenId,
    TokenKind, TokenText,
};
use bailiwick_store::grant::SelectionWord;
use bailiwick_store::{AccessRequestRow, ChangeKey, GrantRow, TokenRow, access_request, grant, token};

/// When a token shall end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Expiry {
    /// In the default number of days.
    #[default]
    Default,
    /// In this many days.
    Days(i64),
    /// At this instant.
    At(Timestamp),
    /// Never.
    Never,
}

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MintInput {
    /// Fine-grained or classic.
    pub kind: TokenKind,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it ends.
    pub expiry: Expiry,
    /// Scopes of a classic token.
    pub scopes: Vec<String>,
    /// Grants of a fine-grained token.
    pub grants: Vec<GrantInput>,
}

/// A new token and its text, shown once.
#[derive(Debug)]
pub struct Minted {
    /// The token.
    pub view: TokenView,
    /// The text.
    pub secret: TokenText,
}

impl Authority {
    /// Mints a token for the person who acts.
    pub fn token_mint(&self, permit: Permit, input: &MintInput) -> Result<Minted, Fault> {
        let owner = permit.person()?;
        let principal = permit
            .gathered()
            .principal()
            .ok_or_else(Fault::not_found)?
            .clone();
        self.mint_for(permit, owner, &principal, input)
    }

    /// Mints a token that acts as an account: the person itself, or a service account.
    pub(crate) fn mint_for(
        &self,
        permit: Permit,
        owner: AccountId,
        principal: &PrincipalFacts,
        input: &MintInput,
    ) -> Result<Minted, Fault> {
        check_name(&input.name)?;
        check_description(input.description.as_deref().unwrap_or(""))?;
        let now = permit.now();
        let expires_at = expiry(input.expiry, now)?;
        let scopes = check_contents(input)?;
        let secret = self.new_secret(input.kind);
        let view = self.act(permit, |act, permit| {
            let targets = targets(act, principal, &input.grants)?;
            check_minter(permit.gathered(), input, &targets)?;
            for target in &targets {
                check_policy(target, now, expires_at)?;
            }
            check_limit(act, owner, input.kind, principal, now)?;
            check_minter_expiry(permit.gathered(), expires_at)?;
            let mut row = TokenRow::new(input.kind, owner, &input.name, secret.digest(), now);
            row.description.clone_from(&input.description);
            secret.last_eight().clone_into(&mut row.last_eight);
            row.scopes = scope_words(scopes);
            row.expires_at = expires_at;
            row.created_by = permit.actor();
            let row = token::insert(act.tx, row).map_err(|error| name_taken(error, input.kind))?;
            act.action(if input.kind == TokenKind::Classic {
                "oauth_access.create"
            } else {
                "personal_access_token.create"
            });
            note_token(act, &row);
            for target in &targets {
                ask(act, permit, &row, target, now)?;
            }
            super::view::load_token(act.tx, &row)
        })?;
        Ok(Minted { view, secret })
    }
}

/// The instant at which a token ends.
pub(crate) fn expiry(expiry: Expiry, now: Timestamp) -> Result<Option<Timestamp>, Fault> {
    let invalid = |message: String| Fault::invalid(RESOURCE, "expires_in", "invalid", message);
    match expiry {
        Expiry::Never => Ok(None),
        Expiry::Default => Ok(Some(now.plus_days(TOKEN_LIFETIME_DAYS_DEFAULT))),
        Expiry::Days(days) if (1..=TOKEN_LIFETIME_DAYS_MAX).contains(&days) => Ok(Some(now.plus_days(days))),
        Expiry::Days(_) => Err(invalid(format!(
            "must be between 1 and {TOKEN_LIFETIME_DAYS_MAX} days, or none"
        ))),
        Expiry::At(at) if at <= now => Err(invalid(String::from("must be in the future"))),
        Expiry::At(at) if at > now.plus_days(TOKEN_LIFETIME_DAYS_MAX) => {
            Err(invalid(format!("must be within {TOKEN_LIFETIME_DAYS_MAX} days")))
        }
        Expiry::At(at) => Ok(Some(at)),
    }
}

/// Scopes belong to classic tokens and grants to fine-grained ones; never both.
fn check_contents(input: &MintInput) -> Result<ScopeSet, Fault> {
    match input.kind {
        TokenKind::Classic if !input.grants.is_empty() => Err(Fault::invalid(
            RESOURCE,
            "grants",
            "invalid",
            "a classic token has scopes, not grants",
        )),
        TokenKind::Classic => parse_scopes(&input.scopes),
        TokenKind::FineGrained if !input.scopes.is_empty() => Err(Fault::invalid(
            RESOURCE,
            "scopes",
            "invalid",
            "a fine-grained token has grants, not scopes",
        )),
        TokenKind::FineGrained if input.grants.len() > GRANTS_PER_TOKEN_MAX => {
            let message = format!("at most {GRANTS_PER_TOKEN_MAX} resource owners in one token");
            Err(Fault::invalid(RESOURCE, "grants", "invalid", message))
        }
        TokenKind::FineGrained => Ok(ScopeSet::EMPTY),
        TokenKind::Session => Err(Fault::invalid(
            RESOURCE,
            "kind",
            "invalid",
            "use fine_grained or classic",
        )),
    }
}

/// Reads scope names and drops those that others contain.
pub(crate) fn parse_scopes(names: &[String]) -> Result<ScopeSet, Fault> {
    let mut set = ScopeSet::EMPTY;
    for name in names {
        let scope = Scope::parse(name)
            .ok_or_else(|| Fault::invalid(RESOURCE, "scopes", "invalid", format!("no such scope: {name}")))?;
        set = set.with(scope);
    }
    Ok(set.normalised())
}

/// Scopes as they are stored: names joined by commas.
pub(crate) fn scope_words(scopes: ScopeSet) -> String {
    scopes.iter().map(Scope::word).collect::<Vec<_>>().join(",")
}

/// Resolves every grant that is asked for; an owner can be named once.
pub(crate) fn targets(
    act: &mut Act<'_, '_>,
    principal: &PrincipalFacts,
    inputs: &[GrantInput],
) -> Result<Vec<TargetGrant>, Fault> {
    let mut targets: Vec<TargetGrant> = Vec::with_capacity(inputs.len());
    for (place, input) in inputs.iter().enumerate() {
        let target = resolve(act.tx, principal, input, place)?;
        if targets.iter().any(|other| other.owner == target.owner) {
            let message = format!("{} is named twice", target.owner_name);
            return Err(Fault::invalid(
                RESOURCE,
                &format!("grants[{place}].owner"),
                "invalid",
                message,
            ));
        }
        targets.push(target);
    }
    let strict = targets
        .iter()
        .find(|target| !target.policy.several_owners_allowed);
    match strict {
        Some(target) if targets.len() > 1 => {
            let message = format!(
                "{} accepts only tokens of a single resource owner",
                target.owner_name
            );
            Err(Fault::invalid(RESOURCE, "grants", "invalid", message))
        }
        Some(_) | None => Ok(targets),
    }
}

/// A token that mints hands on only what its own active grants hold, and nothing but fine-grained tokens that
/// end no later than itself.
pub(crate) fn check_minter(
    gathered: &Gathered,
    input: &MintInput,
    targets: &[TargetGrant],
) -> Result<(), Fault> {
    let Credential::Token(minter, _) = &gathered.credential else {
        return Ok(());
    };
    let refuse = |message: &str| Err(Fault::forbidden("token.mint_beyond", message));
    if input.kind != TokenKind::FineGrained {
        return refuse("a token can mint only fine-grained tokens");
    }
    for target in targets {
        let covered = minter.facts.grants.iter().any(|grant| {
            grant.owner == target.owner && grant_covers(grant, &target.levels, &target.selection)
        });
        if !covered {
            return refuse(&format!(
                "the token that mints has no active grant at {} that covers this",
                target.owner_name
            ));
        }
    }
    Ok(())
}

/// The minter's own expiry bounds what it mints.
pub(crate) fn check_minter_expiry(gathered: &Gathered, expires_at: Option<Timestamp>) -> Result<(), Fault> {
    let Credential::Token(minter, _) = &gathered.credential else {
        return Ok(());
    };
    match (minter.facts.expires_at, expires_at) {
        (None, _) => Ok(()),
        (Some(end), Some(wanted)) if wanted <= end => Ok(()),
        (Some(_), _) => Err(Fault::forbidden(
            "token.mint_beyond",
            "a token cannot mint one that outlives it",
        )),
    }
}

/// Policy at creation and regeneration: kind and lifetime at the owner.
pub(crate) fn check_policy(
    target: &TargetGrant,
    now: Timestamp,
    expires_at: Option<Timestamp>,
) -> Result<(), Fault> {
    if let Some((_, message)) = obstacle(&target.owner_name, &target.policy) {
        return Err(Fault::invalid(RESOURCE, "grants", "custom", message));
    }
    let policy = &target.policy.fine_grained;
    if lifetime_fits(now, expires_at, policy) || (policy.exempt_administrators && target.administers) {
        return Ok(());
    }
    let days = policy.lifetime_days_max.unwrap_or(0);
    let message = format!(
        "{} allows fine-grained tokens of at most {days} days",
        target.owner_name
    );
    Err(Fault::invalid(RESOURCE, "expires_in", "custom", message))
}

/// The number of tokens per user. The writers' lock makes count and insert one step.
fn check_limit(
    act: &mut Act<'_, '_>,
    owner: AccountId,
    kind: TokenKind,
    principal: &PrincipalFacts,
    now: Timestamp,
) -> Result<(), Fault> {
    if kind != TokenKind::FineGrained {
        return Ok(());
    }
    let max = crate::load::tokens_per_user_max(act.tx, principal)?.unwrap_or(TOKENS_PER_USER_DEFAULT);
    let live = token::count_live(act.tx, owner, kind, now)?;
    if live >= max {
        let message = format!("at most {max} fine-grained tokens per user: delete one first");
        return Err(Fault::invalid(RESOURCE, "base", "custom", message));
    }
    Ok(())
}

pub(crate) fn name_taken(error: bailiwick_store::StoreError, kind: TokenKind) -> Fault {
    if error.is_conflict_of(token::NAME_TAKEN) {
        let message = match kind {
            TokenKind::Classic => "Note has already been taken",
            TokenKind::FineGrained | TokenKind::Session => {
                "is an invalid name. The token name has already been taken."
            }
        };
        return Fault::invalid(RESOURCE, "name", "already_exists", message);
    }
    error.into()
}

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
