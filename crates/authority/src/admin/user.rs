//! People as administrators manage them.

use crate::Authority;
use crate::act::Act;
use crate::directory::account::person;
use crate::directory::check;
use crate::directory::member::leave;
use crate::directory::service::login_taken;
use crate::fault::Fault;
use crate::permit::Permit;
use crate::token::end::revoke;
use bailiwick_model::{AccountId, EnterpriseRole};
use bailiwick_store::account::{self, AccountQuery};
use bailiwick_store::repository::{self, RepositoryQuery};
use bailiwick_store::token::TokenQuery;
use bailiwick_store::{
    AccountKind, AccountRow, Tx, collaborator, enterprise, membership, passkey, pending_sign_in,
    recovery_code, session, token, totp,
};

/// A new person.
#[derive(Clone, Debug, Default)]
pub struct UserInput {
    /// The login.
    pub login: String,
    /// The address.
    pub email: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The password; without one nobody can sign in as them.
    pub password: Option<zeroize::Zeroizing<String>>,
    /// Whether they administer the installation.
    pub site_administrator: bool,
}

/// What shall change of a person: `None` stays.
#[derive(Clone, Debug, Default)]
pub struct UserEdit {
    /// A new login. Everything bound to the person stays bound.
    pub login: Option<String>,
    /// Whether they are suspended: sessions end, tokens are refused.
    pub suspended: Option<bool>,
    /// A new password; every session but the administrator's own ends.
    pub password: Option<zeroize::Zeroizing<String>>,
    /// Whether they administer the installation.
    pub site_administrator: Option<bool>,
    /// The name; the inner `None` removes.
    pub name: Option<Option<String>>,
    /// The address; the inner `None` removes.
    pub email: Option<Option<String>>,
}

impl Authority {
    /// Every person, in the order of ids.
    pub fn users(&self, permit: &Permit) -> Result<Vec<AccountRow>, Fault> {
        self.read(permit, |tx| {
            let query = AccountQuery {
                kind: Some(AccountKind::User),
                ..AccountQuery::default()
            };
            Ok(account::list(tx, &query)?)
        })
    }

    /// Makes a person.
    pub fn user_create(&self, permit: Permit, input: &UserInput) -> Result<AccountRow, Fault> {
        check::login("User", &input.login)?;
        let mut row = AccountRow::new(&input.login, AccountKind::User, permit.now());
        set_texts(&mut row, Some(&input.name), Some(&input.email))?;
        row.site_administrator = input.site_administrator;
        if let Some(password) = &input.password {
            row.password_hash = Some(self.hash_password(password, &input.login)?);
        }
        self.act(permit, |act, _| {
            let row = account::insert(act.tx, row).map_err(login_taken)?;
            act.event.user = Some(row.login.clone());
            act.note("site_administrator", row.site_administrator);
            Ok(row)
        })
    }

    /// Edits a person.
    pub fn user_edit(&self, permit: Permit, login: &str, input: &UserEdit) -> Result<AccountRow, Fault> {
        let hash = match &input.password {
            Some(password) => Some(self.hash_password(password, login)?),
            None => None,
        };
        if let Some(login) = &input.login {
            check::login("User", login)?;
        }
        self.act(permit, |act, permit| {
            let before = person(act.tx, login)?;
            let mut row = before.clone();
            set_texts(&mut row, input.name.as_ref(), input.email.as_ref())?;
            row.site_administrator = input.site_administrator.unwrap_or(row.site_administrator);
            row.suspended_at = match input.suspended {
                Some(true) => row.suspended_at.or(Some(permit.now())),
                Some(false) => None,
                None => row.suspended_at,
            };
            if before.site_administrator && before.is_active() && !(row.site_administrator && row.is_active())
            {
                keep_an_administrator(act.tx, &before)?;
            }
            if hash.is_some() {
                row.password_hash = hash;
            }
            row.updated_at = permit.now();
            account::update(act.tx, &row)?;
            if let Some(login) = input.login.as_deref().filter(|login| *login != before.login) {
                row = account::rename(act.tx, row.id, login, permit.now()).map_err(login_taken)?;
            }
            end_sessions(act, permit, &before, &row, input.password.is_some())?;
            note(act, &before, &row, input.password.is_some());
            Ok(row)
        })
    }

    /// Deletes a person: tokens, sessions, memberships and roles end. Repositories must have gone first.
    pub fn user_delete(&self, permit: Permit, login: &str) -> Result<(), Fault> {
        self.act(permit, |act, permit| {
            let row = person(act.tx, login)?;
            check_deletable(act.tx, permit, &row)?;
            for (_, organization) in membership::of_user(act.tx, row.id)? {
                leave(act, permit, organization.id, &row)?;
            }
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
            session::revoke_all(act.tx, row.id, permit.now())?;
            forget_sign_in(act.tx, row.id)?;
            for repository in collaborator::repositories(act.tx, row.id, &|_| true)? {
                collaborator::remove(act.tx, repository.id, row.id)?;
            }
            let enterprises =
                crate::records::principal(act.tx, row.id)?.map(|record| record.facts.enterprises);
            for (id, _) in enterprises.unwrap_or_default() {
                enterprise::remove_owner(act.tx, id, row.id)?;
            }
            account::delete(act.tx, row.id, permit.now())?;
            act.event.user = Some(row.login);
            Ok(())
        })
    }
}

fn set_texts(
    row: &mut AccountRow,
    name: Option<&Option<String>>,
    email: Option<&Option<String>>,
) -> Result<(), Fault> {
    if let Some(name) = name {
        check::line(
            "User",
            "name",
            name.as_deref().unwrap_or(""),
            check::LINE_CHARS_MAX,
        )?;
        row.name = check::kept(name.as_deref());
    }
    if let Some(email) = email {
        let email = check::kept(email.as_deref());
        if let Some(email) = &email {
            check::email("User", "email", email)?;
        }
        row.email = email;
    }
    Ok(())
}

/// A suspended person's sessions end, and so do those that an old password opened.
fn end_sessions(
    act: &mut Act<'_, '_>,
    permit: &Permit,
    before: &AccountRow,
    after: &AccountRow,
    password: bool,
) -> Result<(), Fault> {
    let suspended = before.suspended_at.is_none() && after.suspended_at.is_some();
    if !suspended && !password {
        return Ok(());
    }
    // One whose password was given before waits no longer for its second factor.
    pending_sign_in::remove_all(act.tx, after.id)?;
    let mut ended = 0_i64;
    for row in session::live(act.tx, after.id, permit.now())? {
        if permit.session() != Some(row.id) {
            session::revoke(act.tx, row.id, permit.now())?;
            ended += 1;
        }
    }
    act.note("sessions_ended", ended);
    Ok(())
}

/// What only a living account needs: nobody signs in as a deleted one.
fn forget_sign_in(tx: &mut Tx<'_>, person: AccountId) -> Result<(), Fault> {
    totp::remove(tx, person)?;
    recovery_code::remove_all(tx, person)?;
    passkey::remove_all(tx, person)?;
    pending_sign_in::remove_all(tx, person)?;
    Ok(())
}

/// Somebody must be left who can administer.
fn keep_an_administrator(tx: &mut Tx<'_>, leaving: &AccountRow) -> Result<(), Fault> {
    let query = AccountQuery {
        kind: Some(AccountKind::User),
        site_administrator: Some(true),
        suspended: Some(false),
        ..AccountQuery::default()
    };
    if account::list(tx, &query)?.iter().any(|row| row.id != leaving.id) {
        return Ok(());
    }
    let message = "the last administrator cannot go: make somebody else an administrator first";
    Err(Fault::conflict("administrator.last", message))
}

fn check_deletable(tx: &mut Tx<'_>, permit: &Permit, row: &AccountRow) -> Result<(), Fault> {
    if permit.actor() == Some(row.id) {
        return Err(Fault::conflict(
            "user.own_account",
            "administrators cannot delete their own account",
        ));
    }
    if row.site_administrator && row.is_active() {
        keep_an_administrator(tx, row)?;
    }
    let owned = RepositoryQuery {
        owners: Some(vec![row.id]),
        ..RepositoryQuery::default()
    };
    let count = repository::list(tx, &owned, &|_| true)?.len();
    if count > 0 {
        let message = format!(
            "{} owns {count} repositories: transfer or delete them first",
            row.login
        );
        return Err(Fault::conflict("user.owns_repositories", message));
    }
    let enterprises = crate::records::principal(tx, row.id)?
        .map(|record| record.facts.enterprises)
        .unwrap_or_default();
    for (id, role) in enterprises {
        if role == EnterpriseRole::Owner && enterprise::owners(tx, id)?.len() < 2 {
            let message = format!(
                "{} is the last owner of an enterprise: name another first",
                row.login
            );
            return Err(Fault::conflict("enterprise.last_owner", message));
        }
    }
    Ok(())
}

/// The event's action is the gravest change; the others are noted in it.
fn note(act: &mut Act<'_, '_>, before: &AccountRow, after: &AccountRow, password: bool) {
    let action = match (before.suspended_at, after.suspended_at) {
        (None, Some(_)) => Some("user.suspend"),
        (Some(_), None) => Some("user.unsuspend"),
        (None, None) | (Some(_), Some(_)) => match (before.site_administrator, after.site_administrator) {
            (false, true) => Some("user.promote"),
            (true, false) => Some("user.demote"),
            (true, true) | (false, false) if before.login != after.login => Some("user.rename"),
            (true, true) | (false, false) if password => Some("user.change_password"),
            (true, true) | (false, false) => None,
        },
    };
    if let Some(action) = action {
        act.action(action);
    }
    act.event.user = Some(after.login.clone());
    act.note("suspended", after.suspended_at.is_some());
    act.note("site_administrator", after.site_administrator);
    act.note("password_changed", password);
    if before.login != after.login {
        act.note("old_login", before.login.clone());
    }
}
