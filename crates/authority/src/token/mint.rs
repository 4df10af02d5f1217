//! Minting: a new token with its grants, requests and events, in one transaction.

use super::ask::{ask, note_token};
use super::owners::obstacle;
use super::target::{GrantInput, TargetGrant, resolve};
use super::view::TokenView;
use super::{RESOURCE, check_description, check_name};
use crate::Authority;
use crate::act::Act;
use crate::fault::Fault;
use crate::gather::{Credential, Gathered};
use crate::permit::Permit;
use bailiwick_decision::decide::{grant_covers, lifetime_fits};
use bailiwick_model::limit::{
    GRANTS_PER_TOKEN_MAX, TOKEN_LIFETIME_DAYS_DEFAULT, TOKEN_LIFETIME_DAYS_MAX, TOKENS_PER_USER_DEFAULT,
};
use bailiwick_model::{AccountId, PrincipalFacts, Scope, ScopeSet, Timestamp, TokenKind, TokenText};
use bailiwick_store::{TokenRow, token};

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
            row.parent_id = permit.gathered().token().map(|minter| minter.facts.id);
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
    if targets.is_empty() {
        return refuse(
            "a token can mint only tokens with grants: an empty one would be filled beyond it later",
        );
    }
    // What is minted can authenticate at each of these owners, not only at the account that holds it.
    if let Some(target) = targets.iter().find(|target| !target.policy.planting) {
        let message = format!(
            "the policy of {} lets no token mint tokens for it",
            target.owner_name
        );
        return Err(Fault::forbidden("policy.planting", message));
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
    let max = crate::records::tokens_per_user_max(act.tx, principal)?.unwrap_or(TOKENS_PER_USER_DEFAULT);
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
