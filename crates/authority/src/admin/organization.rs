//! Organizations as administrators make and rename them, and as their owners delete them.

use crate::Authority;
use crate::directory::account::{live, person};
use crate::directory::check;
use crate::directory::service::login_taken;
use crate::fault::Fault;
use crate::permit::Permit;
use crate::token::edit::end_grant;
use crate::token::end::revoke;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{OrganizationRole, RepositoryRole};
use bailiwick_store::account::{self, AccountQuery};
use bailiwick_store::grant::GrantQuery;
use bailiwick_store::repository::{self, RepositoryQuery};
use bailiwick_store::token::TokenQuery;
use bailiwick_store::{AccountKind, AccountRow, ChangeKey, grant, membership, team, token};

impl Authority {
    /// Makes an organization with its first owner.
    pub fn organization_create(
        &self,
        permit: Permit,
        login: &str,
        owner: &str,
        name: Option<&str>,
    ) -> Result<AccountRow, Fault> {
        check::login("Organization", login)?;
        check::line(
            "Organization",
            "profile_name",
            name.unwrap_or(""),
            check::LINE_CHARS_MAX,
        )?;
        self.act(permit, |act, permit| {
            let first = person(act.tx, owner)
                .map_err(|_| Fault::invalid("Organization", "admin", "invalid", "no such user"))?;
            let mut row = AccountRow::new(login, AccountKind::Organization, permit.now());
            row.name = check::kept(name);
            // GitHub's default: members read everything.
            row.base_role = RepositoryRole::Read;
            let row = account::insert(act.tx, row).map_err(login_taken)?;
            membership::set(act.tx, row.id, first.id, OrganizationRole::Owner, permit.now())?;
            act.event.owner = Some(row.id);
            act.event.owner_login = Some(row.login.clone());
            act.event.user = Some(first.login);
            Ok(row)
        })
    }

    /// Renames the organization that the path names. Grants, members and repositories stay; old paths lead on.
    pub fn organization_rename(&self, permit: Permit, login: &str) -> Result<AccountRow, Fault> {
        check::login("Organization", login)?;
        let id = permit.owner()?.id;
        self.act(permit, |act, permit| {
            let before = live(act.tx, id)?;
            let row = account::rename(act.tx, id, login, permit.now()).map_err(login_taken)?;
            act.note("old_login", before.login);
            act.event.owner_login = Some(row.login.clone());
            Ok(row)
        })
    }

    /// Deletes the organization that the path names: grants, memberships, teams and service accounts end.
    /// Repositories must have gone first.
    pub fn organization_delete(&self, permit: Permit) -> Result<(), Fault> {
        let id = permit.owner()?.id;
        self.act(permit, |act, permit| {
            let row = live(act.tx, id)?;
            let owned = RepositoryQuery {
                owners: Some(vec![id]),
                ..RepositoryQuery::default()
            };
            let count = repository::list(act.tx, &owned, &|_| true)?.len();
            if count > 0 {
                let message = format!(
                    "{} owns {count} repositories: transfer or delete them first",
                    row.login
                );
                return Err(Fault::conflict("organization.owns_repositories", message));
            }
            let all = GrantQuery {
                limit: usize::MAX,
                ..GrantQuery::default()
            };
            for held in grant::list(act.tx, ResourceOwner::Account(id), &all)? {
                end_grant(act, permit, &held.token, &held.grant)?;
            }
            let services = AccountQuery {
                kind: Some(AccountKind::Service),
                owner: Some(id),
                ..AccountQuery::default()
            };
            for service in account::list(act.tx, &services)? {
                for held in token::list(
                    act.tx,
                    &TokenQuery {
                        owner: Some(service.id),
                        ..TokenQuery::default()
                    },
                )? {
                    revoke(act, &held, "its organization was deleted", permit.now())?;
                    token::delete(act.tx, held.id, permit.now())?;
                }
                account::delete(act.tx, service.id, permit.now())?;
            }
            for root in team::list(act.tx, id)?
                .into_iter()
                .filter(|row| row.parent_id.is_none())
            {
                team::delete(act.tx, root.id)?;
            }
            for (_, user) in membership::list(act.tx, id, None)? {
                membership::remove(act.tx, id, user.id)?;
            }
            account::delete(act.tx, id, permit.now())?;
            act.tx.changed(ChangeKey::Everything);
            Ok(())
        })
    }
}
