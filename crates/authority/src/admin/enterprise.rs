//! Enterprises: making them, their organizations, their owners.

use crate::Authority;
use crate::directory::account::{live, person};
use crate::directory::check;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::name;
use bailiwick_store::{ChangeKey, EnterpriseRow, StoreError, account, enterprise};

impl Authority {
    /// Makes an enterprise with its first owner.
    pub fn enterprise_create(
        &self,
        permit: Permit,
        slug: &str,
        title: &str,
        owner: &str,
    ) -> Result<EnterpriseRow, Fault> {
        if slug.is_empty() || slug.len() > check::LINE_CHARS_MAX || name::slug(slug) != slug {
            let message = "is lower-case letters and digits joined by single hyphens";
            return Err(Fault::invalid("Business", "slug", "invalid", message));
        }
        check::line("Business", "name", title, check::LINE_CHARS_MAX)?;
        self.act(permit, |act, permit| {
            let first = person(act.tx, owner)
                .map_err(|_| Fault::invalid("Business", "owner", "invalid", "no such user"))?;
            let row =
                enterprise::insert(act.tx, EnterpriseRow::new(slug, title, permit.now())).map_err(taken)?;
            enterprise::add_owner(act.tx, row.id, first.id)?;
            act.event.enterprise = Some(row.id);
            act.event.user = Some(first.login);
            act.note("business", row.slug.clone());
            Ok(row)
        })
    }

    /// Puts the organization that the path names into the enterprise that it names.
    pub fn enterprise_add_organization(&self, permit: Permit) -> Result<(), Fault> {
        let group = permit
            .gathered()
            .enterprise()
            .cloned()
            .ok_or_else(Fault::not_found)?;
        let id = permit.owner()?.id;
        self.act(permit, |act, permit| {
            let mut row = live(act.tx, id)?;
            if row.enterprise_id.is_some_and(|other| other != group.id) {
                let message = "the organization belongs to another enterprise already";
                return Err(Fault::conflict("organization.in_enterprise", message));
            }
            row.enterprise_id = Some(group.id);
            row.updated_at = permit.now();
            account::update(act.tx, &row)?;
            // Every member's place in the enterprise has changed with it.
            act.tx.changed(ChangeKey::Everything);
            act.event.enterprise = Some(group.id);
            act.note("business", group.slug.clone());
            Ok(())
        })
    }

    /// Makes a person an owner of the enterprise that the path names.
    pub fn enterprise_add_owner(&self, permit: Permit, login: &str) -> Result<(), Fault> {
        let group = permit
            .gathered()
            .enterprise()
            .cloned()
            .ok_or_else(Fault::not_found)?;
        self.act(permit, |act, _| {
            let user = person(act.tx, login)?;
            enterprise::add_owner(act.tx, group.id, user.id)?;
            act.event.user = Some(user.login);
            act.note("business", group.slug.clone());
            Ok(())
        })
    }

    /// Ends a person's ownership of the enterprise that the path names; the last owner stays.
    pub fn enterprise_remove_owner(&self, permit: Permit, login: &str) -> Result<(), Fault> {
        let group = permit
            .gathered()
            .enterprise()
            .cloned()
            .ok_or_else(Fault::not_found)?;
        self.act(permit, |act, permit| {
            let user = person(act.tx, login)?;
            let owners = enterprise::owners(act.tx, group.id)?;
            if !owners.iter().any(|row| row.id == user.id) {
                return Err(Fault::not_found());
            }
            if owners.len() < 2 {
                let message = "the last owner of an enterprise cannot go: name another first";
                return Err(Fault::conflict("enterprise.last_owner", message));
            }
            enterprise::remove_owner(act.tx, group.id, user.id)?;
            crate::directory::member::end_enterprise_access(act, permit, group.id, user.id)?;
            act.event.user = Some(user.login);
            act.note("business", group.slug.clone());
            Ok(())
        })
    }
}

fn taken(error: StoreError) -> Fault {
    if error.is_conflict_of("enterprise_slug_key") {
        Fault::invalid("Business", "slug", "already_exists", "is already taken")
    } else {
        error.into()
    }
}
