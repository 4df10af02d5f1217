//! Service accounts: principals that belong to an organization and are no persons, and their tokens.

use super::account::live;
use super::check;
use super::member::end_access;
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use crate::planted::PlantedView;
use crate::planted::end::left;
use crate::token::ask::note_token;
use crate::token::end::{delete, destroy_action, revoke};
use crate::token::view::{TokenView, own_row, tokens_of};
use crate::token::{Expiry, MintInput, Minted, OwnerName};
use bailiwick_model::{AccountId, TokenId, TokenKind};
use bailiwick_store::account::{self, AccountQuery, LOGIN_TAKEN};
use bailiwick_store::token::TokenQuery;
use bailiwick_store::{AccountKind, AccountRow, StoreError, Tx, collaborator, token};

/// What a service account shall be: `None` stays.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ServiceAccountInput {
    /// Its name; the inner `None` removes.
    pub name: Option<Option<String>>,
    /// What it is for; the inner `None` removes.
    pub description: Option<Option<String>>,
    /// Whether it may act.
    pub suspended: Option<bool>,
}

impl Authority {
    /// The service accounts of the organization that the path names.
    pub fn service_accounts(&self, permit: &Permit) -> Result<Vec<AccountRow>, Fault> {
        let owner = permit.owner()?.id;
        self.read(permit, |tx| {
            let query = AccountQuery {
                kind: Some(AccountKind::Service),
                owner: Some(owner),
                ..AccountQuery::default()
            };
            Ok(account::list(tx, &query)?)
        })
    }

    /// One service account.
    pub fn service_account(&self, permit: &Permit, login: &str) -> Result<AccountRow, Fault> {
        let owner = permit.owner()?.id;
        self.read(permit, |tx| find(tx, owner, login))
    }

    /// Makes a service account.
    pub fn service_account_create(
        &self,
        permit: Permit,
        login: &str,
        input: &ServiceAccountInput,
    ) -> Result<AccountRow, Fault> {
        let owner = permit.owner()?.id;
        check::login("ServiceAccount", login)?;
        self.act(permit, |act, permit| {
            let mut row = AccountRow::new(login, AccountKind::Service, permit.now());
            row.owner_id = Some(owner);
            apply(&mut row, input)?;
            let row = account::insert(act.tx, row).map_err(login_taken)?;
            act.event.user = Some(row.login.clone());
            Ok(row)
        })
    }

    /// Edits a service account. One that is suspended cannot act: its tokens are refused until it may again.
    pub fn service_account_edit(
        &self,
        permit: Permit,
        login: &str,
        input: &ServiceAccountInput,
    ) -> Result<AccountRow, Fault> {
        let owner = permit.owner()?.id;
        self.act(permit, |act, permit| {
            let mut row = find(act.tx, owner, login)?;
            apply(&mut row, input)?;
            match input.suspended {
                Some(true) => row.suspended_at = row.suspended_at.or(Some(permit.now())),
                Some(false) => row.suspended_at = None,
                None => {}
            }
            row.updated_at = permit.now();
            account::update(act.tx, &row)?;
            act.event.user = Some(row.login.clone());
            act.note("suspended", row.suspended_at.is_some());
            Ok(row)
        })
    }

    /// Deletes a service account with its tokens and roles.
    pub fn service_account_delete(&self, permit: Permit, login: &str) -> Result<(), Fault> {
        let owner = permit.owner()?.id;
        self.act(permit, |act, permit| {
            let row = find(act.tx, owner, login)?;
            end_access(act, permit, owner, row.id)?;
            for held in token::list(
                act.tx,
                &TokenQuery {
                    owner: Some(row.id),
                    ..TokenQuery::default()
                },
            )? {
                revoke(act, &held, "its account was deleted", permit.now())?;
                token::delete(act.tx, held.id, permit.now())?;
            }
            collaborator::remove_all(act.tx, owner, row.id)?;
            account::delete(act.tx, row.id, permit.now())?;
            act.event.user = Some(row.login);
            Ok(())
        })
    }

    /// The tokens of a service account.
    pub fn service_tokens(&self, permit: &Permit, login: &str) -> Result<Vec<TokenView>, Fault> {
        let owner = permit.owner()?.id;
        self.read(permit, |tx| {
            let row = find(tx, owner, login)?;
            tokens_of(tx, row.id, None)
        })
    }

    /// Mints a token that acts as a service account, for its own organization only.
    pub fn service_token_mint(
        &self,
        permit: Permit,
        login: &str,
        input: &MintInput,
    ) -> Result<Minted, Fault> {
        let record = permit.owner_record()?.clone();
        let invalid = |field: &str, message: &str| {
            Err(Fault::invalid("PersonalAccessToken", field, "invalid", message))
        };
        if input.kind != TokenKind::FineGrained {
            return invalid("kind", "a service account has fine-grained tokens only");
        }
        if input.expiry == Expiry::Never && record.facts.policy.fine_grained.lifetime_days_max.is_some() {
            return invalid(
                "expires_in",
                "a service account's token must end, unless the policy lifts the limit",
            );
        }
        let here = |name: &OwnerName| match name {
            OwnerName::Account(login) => login.eq_ignore_ascii_case(&record.facts.login),
            OwnerName::Enterprise(_) => false,
        };
        if !input.grants.iter().all(|grant| here(&grant.owner)) {
            return invalid("grants", "a service account's token is for its own organization");
        }
        let principal = self.store.read(|tx| {
            let row = find(tx, record.facts.id, login)?;
            crate::records::principal(tx, row.id)?.ok_or_else(Fault::not_found)
        })?;
        if !principal.facts.active {
            return Err(Fault::conflict(
                "service_account.suspended",
                "the service account is suspended",
            ));
        }
        self.mint_for(permit, principal.row.id, &principal.facts, input)
    }

    /// Ends and deletes a token of a service account. Tells what it planted and may still work; `with_planted` ends
    /// that as well.
    pub fn service_token_delete(
        &self,
        permit: Permit,
        login: &str,
        id: TokenId,
        with_planted: bool,
    ) -> Result<Vec<PlantedView>, Fault> {
        let owner = permit.owner()?.id;
        let now = permit.now();
        let left = self.act(permit, |act, permit| {
            let account = find(act.tx, owner, login)?;
            let row = own_row(act.tx, account.id, id)?;
            delete(act, &row, permit.now())?;
            act.action(destroy_action(row.kind));
            note_token(act, &row);
            act.event.user = Some(account.login);
            left(act, permit, id, with_planted)
        })?;
        self.planted_settle(left, with_planted, now)
    }
}

/// The live service account of a login, if it is the organization's.
fn find(tx: &mut Tx<'_>, owner: AccountId, login: &str) -> Result<AccountRow, Fault> {
    let row = account::by_login(tx, login)?
        // SECURITY: another organization's account, or a person, is nothing here.
        .filter(|row| row.kind == AccountKind::Service && row.owner_id == Some(owner))
        .ok_or_else(Fault::not_found)?;
    live(tx, row.id)
}

fn apply(row: &mut AccountRow, input: &ServiceAccountInput) -> Result<(), Fault> {
    for (field, wanted, slot) in [
        ("name", &input.name, &mut row.name),
        ("description", &input.description, &mut row.description),
    ] {
        if let Some(wanted) = wanted {
            let text = wanted.as_deref().unwrap_or("");
            check::line("ServiceAccount", field, text, check::DESCRIPTION_CHARS_MAX)?;
            *slot = check::kept(wanted.as_deref());
        }
    }
    Ok(())
}

/// A taken login in GitHub's words.
pub(crate) fn login_taken(error: StoreError) -> Fault {
    if error.is_conflict_of(LOGIN_TAKEN) {
        Fault::invalid("User", "login", "already_exists", "is already taken")
    } else {
        error.into()
    }
}
