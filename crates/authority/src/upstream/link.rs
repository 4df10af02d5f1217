//! Who an account of this server is at an upstream. An administrator says so, explicitly; whoever it concerns may
//! set their own secret there and end the link, and never choose whom they are.

use super::load::link_place;
use super::view::{LinkView, by_name};
use super::whose::Person;
use super::{Secrets, check};
use crate::Authority;
use crate::act::Act;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::AccountId;
use bailiwick_store::{
    AccountKind, AccountRow, LinkBar, StoreError, Tx, UpstreamLinkRow, UpstreamRow, account, upstream,
};

/// Who an account is there.
// SECURITY: not printable, for the secrets in it.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkInput {
    /// The login there.
    pub login: String,
    /// The immutable id there.
    pub key: Option<String>,
    /// Whether the account there may be used.
    pub active: bool,
    /// Secrets of the person there; `None` keeps those that are set.
    pub secrets: Option<Secrets>,
}

impl Authority {
    /// Links an account to one at the upstream of a name, or changes its link; tells whether it is new.
    pub fn upstream_link(
        &self,
        permit: Permit,
        name: &str,
        username: &str,
        input: &LinkInput,
    ) -> Result<(LinkView, bool), Fault> {
        check::login("login", &input.login)?;
        if let Some(key) = &input.key {
            check::key("id", key)?;
        }
        if let Some(secrets) = &input.secrets {
            let there = self.read(&permit, |tx| by_name(tx, name))?;
            let person = Person {
                login: input.login.clone(),
                key: input.key.clone(),
            };
            self.check_whose(there.id, &person, secrets)?;
        }
        self.act(permit, |act, permit| {
            let there = by_name(act.tx, name)?;
            let account = linkable(act.tx, username)?;
            let before = upstream::link(act.tx, there.id, account.id)?;
            free(act.tx, &there, account.id, input)?;
            let mut row = before.clone().unwrap_or(UpstreamLinkRow {
                id: 0,
                upstream_id: there.id,
                account_id: account.id,
                login: String::new(),
                upstream_key: None,
                credential: None,
                expires_at: None,
                active: true,
                barred: None,
                created_at: permit.now(),
                updated_at: permit.now(),
            });
            let other = row.upstream_key != input.key || !row.login.eq_ignore_ascii_case(&input.login);
            if other {
                // SECURITY: what was set is the secret of whoever was linked before.
                row.credential = None;
                row.expires_at = None;
            }
            row.login.clone_from(&input.login);
            row.upstream_key.clone_from(&input.key);
            row.active = input.active;
            row.barred = (!input.active).then_some(LinkBar::Administrator);
            row.updated_at = permit.now();
            if let Some(secrets) = &input.secrets {
                self.seal_link(&mut row, &there, secrets)?;
                note_secrets(act, secrets);
            }
            let row = upstream::put_link(act.tx, row).map_err(taken)?;
            note(act, &there, &account, &row);
            Ok((self.link_view(row, account, there), before.is_none()))
        })
    }

    /// Ends the link of an account at the upstream of a name.
    pub fn upstream_unlink(&self, permit: Permit, name: &str, username: &str) -> Result<(), Fault> {
        self.act(permit, |act, _| {
            let there = by_name(act.tx, name)?;
            let account = account::by_login(act.tx, username)?.ok_or_else(Fault::not_found)?;
            end(act, &there, &account)
        })
    }

    /// Sets the secrets of whoever acts at the upstream of a name, where an administrator has linked them.
    pub fn own_upstream_secrets(
        &self,
        permit: Permit,
        name: &str,
        secrets: &Secrets,
    ) -> Result<LinkView, Fault> {
        let id = permit.person()?;
        let (asked, person) = self.read(&permit, |tx| {
            let (there, _) = own(tx, name, id)?;
            let row = upstream::link(tx, there.id, id)?.ok_or_else(Fault::not_found)?;
            Ok((there, person(&row)))
        })?;
        self.check_whose(asked.id, &person, secrets)?;
        self.act(permit, |act, permit| {
            let (there, account) = own(act.tx, name, id)?;
            let mut row = upstream::link(act.tx, there.id, id)?.ok_or_else(Fault::not_found)?;
            // SECURITY: what was asked about must be what it is set for.
            let place = |row: &UpstreamRow| (row.id, row.address.clone(), row.settings.clone());
            if place(&there) != place(&asked) || self::person(&row) != person {
                let message =
                    "the link changed while the upstream was asked whose the secret is: set it again";
                return Err(Fault::conflict("upstream.link_changed", message));
            }
            self.seal_link(&mut row, &there, secrets)?;
            row.updated_at = permit.now();
            let row = upstream::put_link(act.tx, row)?;
            note(act, &there, &account, &row);
            note_secrets(act, secrets);
            Ok(self.link_view(row, account, there))
        })
    }

    /// Ends the link of whoever acts at the upstream of a name. One that was switched off stays, without its secrets.
    pub fn own_upstream_unlink(&self, permit: Permit, name: &str) -> Result<(), Fault> {
        let id = permit.person()?;
        self.act(permit, |act, permit| {
            let (there, account) = own(act.tx, name, id)?;
            let row = upstream::link(act.tx, there.id, id)?.ok_or_else(Fault::not_found)?;
            if row.barred.is_none() {
                return end(act, &there, &account);
            }
            // SECURITY: without its row, nothing would tell that the account must not be used, and its person could link
            // it anew. The person's own secret goes.
            note(act, &there, &account, &row);
            let bare = UpstreamLinkRow {
                credential: None,
                expires_at: None,
                updated_at: permit.now(),
                ..row
            };
            upstream::put_link(act.tx, bare)?;
            Ok(())
        })
    }

    fn seal_link(
        &self,
        row: &mut UpstreamLinkRow,
        there: &UpstreamRow,
        secrets: &Secrets,
    ) -> Result<(), Fault> {
        check::secrets(secrets, check::link_secret_names(there.kind))?;
        row.expires_at = None;
        row.credential = match secrets.is_empty() {
            true => None,
            false => Some(self.seal_secrets(secrets, &link_place(row.upstream_id, row.account_id))?),
        };
        Ok(())
    }
}

/// Who a link says somebody is.
fn person(row: &UpstreamLinkRow) -> Person {
    Person {
        login: row.login.clone(),
        key: row.upstream_key.clone(),
    }
}

fn own(tx: &mut Tx<'_>, name: &str, id: AccountId) -> Result<(UpstreamRow, AccountRow), Fault> {
    let there = by_name(tx, name)?;
    // SECURITY: an upstream where one is not linked is not told apart from one that does not exist.
    upstream::link(tx, there.id, id)?.ok_or_else(Fault::not_found)?;
    Ok((there, crate::directory::account::live(tx, id)?))
}

/// Persons and service accounts; organizations are nobody who acts.
fn linkable(tx: &mut Tx<'_>, username: &str) -> Result<AccountRow, Fault> {
    account::by_login(tx, username)?
        .filter(|row| row.kind != AccountKind::Organization)
        .ok_or_else(Fault::not_found)
}

// SECURITY: an account there that two had here would let one act under the other's name.
fn free(tx: &mut Tx<'_>, there: &UpstreamRow, own: AccountId, input: &LinkInput) -> Result<(), Fault> {
    let by_login = upstream::link_named(tx, there.id, &input.login)?;
    let by_key = match &input.key {
        Some(key) => upstream::link_keyed(tx, there.id, key)?,
        None => None,
    };
    for (field, other) in [("login", by_login), ("id", by_key)] {
        if let Some(other) = other.filter(|other| other.account_id != own) {
            let who = account::by_id(tx, other.account_id)?.map_or_else(String::new, |row| row.login);
            let message = format!("is linked to {who} already: end that link first");
            return Err(Fault::invalid(check::RESOURCE, field, "already_exists", message));
        }
    }
    Ok(())
}

fn end(act: &mut Act<'_, '_>, there: &UpstreamRow, account: &AccountRow) -> Result<(), Fault> {
    let row = upstream::link(act.tx, there.id, account.id)?.ok_or_else(Fault::not_found)?;
    note(act, there, account, &row);
    upstream::unlink(act.tx, there.id, account.id)?;
    Ok(())
}

fn note(act: &mut Act<'_, '_>, there: &UpstreamRow, account: &AccountRow, row: &UpstreamLinkRow) {
    act.event.user = Some(account.login.clone());
    act.note("upstream", there.name.clone());
    act.note("upstream_login", row.login.clone());
    act.note("active", row.active);
    if let Some(bar) = row.barred {
        act.note("barred", bar.word());
    }
    if let Some(key) = &row.upstream_key {
        act.note("upstream_id", key.clone());
    }
}

// SECURITY: names, never the secrets.
fn note_secrets(act: &mut Act<'_, '_>, secrets: &Secrets) {
    let names: Vec<&str> = secrets.keys().map(String::as_str).collect();
    act.note("secrets", names.join(","));
}

fn taken(error: StoreError) -> Fault {
    match error {
        StoreError::Conflict { .. } => {
            let message = "is linked to another account already: end that link first";
            Fault::invalid(check::RESOURCE, "login", "already_exists", message)
        }
        other => other.into(),
    }
}
