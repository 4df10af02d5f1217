//! Organizations: their profile, and which ones an account belongs to.

use super::account::count_admitted;
use super::check;
use super::reach::Owners;
use crate::Authority;
use crate::act::Act;
use crate::fault::Fault;
use crate::gather::OwnerRecord;
use crate::permit::Permit;
use bailiwick_catalogue::op;
use bailiwick_model::{OrganizationRole, RepositoryRole};
use bailiwick_store::{AccountKind, AccountRow, MembershipRow, Tx, account, membership};
use std::sync::Arc;

/// An organization with what the caller may know of it.
#[derive(Clone, Debug)]
pub struct OrganizationView {
    /// What is stored.
    pub row: AccountRow,
    /// Public repositories.
    pub public_repositories: i64,
    /// Other repositories that the caller sees; only for members.
    pub private_repositories: Option<i64>,
    /// Whether the settings that owners see are shown.
    pub settings: bool,
}

/// What shall change: `None` stays, the inner `None` removes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OrganizationInput {
    /// The name shown.
    pub name: Option<Option<String>>,
    /// The address shown.
    pub email: Option<Option<String>>,
    /// The web site.
    pub blog: Option<Option<String>>,
    /// The company.
    pub company: Option<Option<String>>,
    /// The place.
    pub location: Option<Option<String>>,
    /// What it is.
    pub description: Option<Option<String>>,
    /// What every member may do at private and internal repositories.
    pub base_role: Option<String>,
}

/// A membership with both its ends.
#[derive(Clone, Debug)]
pub struct MembershipView {
    /// What is stored.
    pub row: MembershipRow,
    /// The organization.
    pub organization: AccountRow,
    /// The member.
    pub user: AccountRow,
}

impl Authority {
    /// The organization that the path names.
    pub fn organization(&self, permit: &Permit) -> Result<OrganizationView, Fault> {
        let record = permit.owner_record()?.clone();
        self.read(permit, |tx| view(tx, permit, &record, record.row.clone()))
    }

    /// Edits the organization that the path names.
    pub fn organization_edit(
        &self,
        permit: Permit,
        input: &OrganizationInput,
    ) -> Result<OrganizationView, Fault> {
        let record = permit.owner_record()?.clone();
        self.act(permit, |act, permit| {
            let mut row = super::account::live(act.tx, record.facts.id)?;
            let changed = apply(act, &mut row, input)?;
            row.updated_at = permit.now();
            account::update(act.tx, &row)?;
            act.note("changed", changed.join(","));
            view(act.tx, permit, &record, row)
        })
    }

    /// The organizations whose public member a user is.
    pub fn organizations_of(&self, permit: &Permit, login: &str) -> Result<Vec<AccountRow>, Fault> {
        self.read(permit, |tx| {
            let user = account::by_login(tx, login)?.ok_or_else(Fault::not_found)?;
            let memberships = membership::of_user(tx, user.id)?;
            Ok(memberships
                .into_iter()
                .filter(|(row, _)| row.public)
                .map(|(_, organization)| organization)
                .collect())
        })
    }

    /// The memberships of whoever acts, at organizations that the credential reaches.
    pub fn own_memberships(&self, permit: &Permit) -> Result<Vec<MembershipView>, Fault> {
        let id = permit.person()?;
        self.read(permit, |tx| {
            let user = super::account::live(tx, id)?;
            if user.kind == AccountKind::Service {
                return Ok(Vec::new());
            }
            let mut owners = Owners::default();
            let mut found = Vec::new();
            for (row, organization) in membership::of_user(tx, id)? {
                let Some(record) = owners.get(tx, organization.id)? else {
                    continue;
                };
                if permit.reaches(&record) {
                    found.push(MembershipView {
                        row,
                        organization,
                        user: user.clone(),
                    });
                }
            }
            Ok(found)
        })
    }
}

fn view(
    tx: &mut Tx<'_>,
    permit: &Permit,
    record: &Arc<OwnerRecord>,
    row: AccountRow,
) -> Result<OrganizationView, Fault> {
    let (public_repositories, private) = count_admitted(tx, permit, row.id)?;
    let member = permit.organization_role(record) >= OrganizationRole::Member
        && permit.would_at(op::ORGS_LIST_MEMBERS, record);
    let settings = permit.would_at(op::BAILIWICK_GET_TOKEN_POLICY_FOR_ORG, record);
    Ok(OrganizationView {
        row,
        public_repositories,
        private_repositories: member.then_some(private),
        settings,
    })
}

fn apply(
    act: &mut Act<'_, '_>,
    row: &mut AccountRow,
    input: &OrganizationInput,
) -> Result<Vec<&'static str>, Fault> {
    let mut changed = Vec::new();
    if let Some(email) = &input.email {
        if let Some(email) = email.as_deref().filter(|email| !email.is_empty()) {
            check::email("Organization", "email", email)?;
        }
        row.email = check::kept(email.as_deref());
        changed.push("email");
    }
    if let Some(blog) = &input.blog {
        check::web_address("Organization", "blog", blog.as_deref().unwrap_or(""))?;
        row.blog = check::kept(blog.as_deref());
        changed.push("blog");
    }
    let lines = [
        ("name", &input.name, &mut row.name),
        ("company", &input.company, &mut row.company),
        ("location", &input.location, &mut row.location),
        ("description", &input.description, &mut row.description),
    ];
    for (field, wanted, slot) in lines {
        if let Some(wanted) = wanted {
            check::line(
                "Organization",
                field,
                wanted.as_deref().unwrap_or(""),
                check::DESCRIPTION_CHARS_MAX,
            )?;
            *slot = check::kept(wanted.as_deref());
            changed.push(field);
        }
    }
    if let Some(word) = &input.base_role {
        let role = base_role(word)?;
        if role != row.base_role {
            act.action("org.update_default_repository_permission");
            act.note("old_permission", row.base_role.word());
            act.note("permission", role.word());
            row.base_role = role;
        }
        changed.push("default_repository_permission");
    }
    Ok(changed)
}

fn base_role(word: &str) -> Result<RepositoryRole, Fault> {
    match RepositoryRole::parse(word) {
        Some(
            role @ (RepositoryRole::None
            | RepositoryRole::Read
            | RepositoryRole::Write
            | RepositoryRole::Admin),
        ) => Ok(role),
        Some(RepositoryRole::Triage | RepositoryRole::Maintain) | None => Err(Fault::invalid(
            "Organization",
            "default_repository_permission",
            "invalid",
            "use none, read, write or admin",
        )),
    }
}
