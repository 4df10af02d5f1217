//! What a grant is asked for: names into ids, checked against what the person may choose at that owner.

use super::RESOURCE;
use super::owners::{Relation, relation_to};
use crate::fault::Fault;
use crate::levels::{Slugs, has_kind, parse};
use bailiwick_catalogue::PermissionKind;
use bailiwick_decision::effective::repository_role;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::limit::REPOSITORIES_PER_GRANT_MAX;
use bailiwick_model::{
    EnterpriseRole, Levels, OwnerFacts, PrincipalFacts, RepositoryFacts, RepositoryId, RepositoryRole,
    ResolvedPolicy, Selection, Visibility,
};
use bailiwick_store::{RepositoryRow, Tx};

/// Who a grant is asked of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OwnerName {
    /// A user or an organization, by login.
    Account(String),
    /// An enterprise, by slug.
    Enterprise(String),
}

/// Which repositories are asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum SelectionInput {
    /// None: only organization, account or enterprise permissions.
    #[default]
    None,
    /// Every current and future repository of the owner.
    All,
    /// These, by name or by `owner/name`.
    Subset(Vec<String>),
}

/// One grant that is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GrantInput {
    /// Of whom.
    pub owner: OwnerName,
    /// Which repositories.
    pub selection: SelectionInput,
    /// Which permissions.
    pub permissions: Slugs,
    /// Why, for whoever approves.
    pub reason: Option<String>,
}

/// A grant that is asked for, in ids and checked.
#[derive(Clone, Debug)]
pub struct TargetGrant {
    /// Of whom.
    pub owner: ResourceOwner,
    /// The owner's name, for messages and events.
    pub owner_name: String,
    /// Which permissions.
    pub levels: Levels,
    /// Which repositories.
    pub selection: Selection,
    /// Why.
    pub reason: Option<String>,
    /// The policy that holds there.
    pub policy: ResolvedPolicy,
    /// Whether the person administers the owner.
    pub administers: bool,
    /// Whether the owner is a person's own account or another user's.
    pub user_owned: bool,
    /// The enterprise of the owner, for events.
    pub enterprise: Option<bailiwick_model::EnterpriseId>,
}

/// Resolves and checks one grant that a principal asks for.
pub(crate) fn resolve(
    tx: &mut Tx<'_>,
    principal: &PrincipalFacts,
    input: &GrantInput,
    place: usize,
) -> Result<TargetGrant, Fault> {
    let field = |name: &str| format!("grants[{place}].{name}");
    super::check_reason(input.reason.as_deref()).map_err(|fault| fault.in_field(&field("reason")))?;
    let levels = parse(&input.permissions, &field("permissions"))?;
    if levels.is_empty() {
        return Err(Fault::invalid(
            RESOURCE,
            &field("permissions"),
            "missing",
            "choose at least one permission",
        ));
    }
    match &input.owner {
        OwnerName::Enterprise(slug) => enterprise(tx, principal, input, slug, levels, &field),
        OwnerName::Account(login) => account(tx, principal, input, login, levels, &field),
    }
}

fn enterprise(
    tx: &mut Tx<'_>,
    principal: &PrincipalFacts,
    input: &GrantInput,
    slug: &str,
    levels: Levels,
    field: &dyn Fn(&str) -> String,
) -> Result<TargetGrant, Fault> {
    let unknown = || {
        let message = format!("Cannot find the specified resource owner: {slug}");
        Fault::invalid(RESOURCE, &field("enterprise"), "invalid", message)
    };
    let record = crate::records::enterprise(tx, slug)?.ok_or_else(unknown)?;
    if principal.enterprise(record.facts.id) == EnterpriseRole::None {
        return Err(unknown());
    }
    let foreign = [
        PermissionKind::Repository,
        PermissionKind::Organization,
        PermissionKind::Account,
    ]
    .into_iter()
    .any(|kind| has_kind(&levels, kind));
    if foreign || input.selection != SelectionInput::None {
        let message = "at an enterprise only enterprise permissions and no repositories can be chosen";
        return Err(Fault::invalid(
            RESOURCE,
            &field("permissions"),
            "invalid",
            message,
        ));
    }
    Ok(TargetGrant {
        owner: ResourceOwner::Enterprise(record.facts.id),
        owner_name: record.facts.slug.clone(),
        levels,
        selection: Selection::None,
        reason: input.reason.clone(),
        policy: record.facts.policy,
        administers: principal.enterprise(record.facts.id) == EnterpriseRole::Owner,
        user_owned: false,
        enterprise: Some(record.facts.id),
    })
}

fn account(
    tx: &mut Tx<'_>,
    principal: &PrincipalFacts,
    input: &GrantInput,
    login: &str,
    levels: Levels,
    field: &dyn Fn(&str) -> String,
) -> Result<TargetGrant, Fault> {
    let record = crate::records::owner_by_login(tx, login)?.ok_or_else(|| {
        let message = format!("Cannot find the specified resource owner: {login}");
        Fault::invalid(RESOURCE, &field("owner"), "invalid", message)
    })?;
    let owner = &record.facts;
    let relation = relation_to(principal, owner);
    check_kinds(&levels, relation, &field("permissions"))?;
    let selection = match &input.selection {
        SelectionInput::None => Selection::None,
        SelectionInput::All if relation.belongs() => Selection::All,
        SelectionInput::All => {
            let message =
                format!("all repositories can be chosen only by members of {login}: select them by name");
            return Err(Fault::invalid(
                RESOURCE,
                &field("repository_selection"),
                "invalid",
                message,
            ));
        }
        SelectionInput::Subset(names) => subset(tx, principal, owner, names, &field("repositories"))?,
    };
    if has_kind(&levels, PermissionKind::Repository) && selection == Selection::None {
        let message = "repository permissions need repositories: choose all or a subset";
        return Err(Fault::invalid(
            RESOURCE,
            &field("repository_selection"),
            "invalid",
            message,
        ));
    }
    Ok(TargetGrant {
        owner: ResourceOwner::Account(owner.id),
        owner_name: owner.login.clone(),
        levels,
        selection,
        reason: input.reason.clone(),
        policy: owner.policy,
        administers: matches!(relation, Relation::Own | Relation::Owner),
        user_owned: owner.kind == bailiwick_model::OwnerKind::User,
        enterprise: owner.enterprise,
    })
}

/// Account permissions are for one's own account; organization permissions for members; enterprise ones nowhere here.
fn check_kinds(levels: &Levels, relation: Relation, field: &str) -> Result<(), Fault> {
    let refuse = |message: &str| Err(Fault::invalid(RESOURCE, field, "invalid", message));
    if has_kind(levels, PermissionKind::Enterprise) {
        return refuse("enterprise permissions can be chosen only at an enterprise");
    }
    if has_kind(levels, PermissionKind::Account) && relation != Relation::Own {
        return refuse("account permissions can be chosen only at your own account");
    }
    let member = matches!(relation, Relation::Member | Relation::Owner);
    if has_kind(levels, PermissionKind::Organization) && !member {
        return refuse("organization permissions can be chosen only by members of the organization");
    }
    Ok(())
}

/// Names into ids. What the person cannot see answers exactly as what does not exist.
fn subset(
    tx: &mut Tx<'_>,
    principal: &PrincipalFacts,
    owner: &OwnerFacts,
    names: &[String],
    field: &str,
) -> Result<Selection, Fault> {
    if names.is_empty() {
        return Err(Fault::invalid(
            RESOURCE,
            field,
            "missing",
            "select at least one repository",
        ));
    }
    if names.len() > REPOSITORIES_PER_GRANT_MAX {
        let message = format!("at most {REPOSITORIES_PER_GRANT_MAX} repositories can be selected");
        return Err(Fault::invalid(RESOURCE, field, "invalid", message));
    }
    let mut ids: Vec<RepositoryId> = Vec::with_capacity(names.len());
    for name in names {
        let bare = match name.split_once('/') {
            None => name.as_str(),
            Some((login, bare)) if login.eq_ignore_ascii_case(&owner.login) => bare,
            Some(_) => "",
        };
        let found = crate::records::repository_of(tx, owner, bare)?;
        let visible = found.filter(|repository| may_select(principal, &repository.row, owner));
        match visible {
            Some(repository) => ids.push(repository.facts.id),
            None => {
                let message = format!("no such repository of {}: {name}", owner.login);
                return Err(Fault::invalid(RESOURCE, field, "invalid", message));
            }
        }
    }
    Ok(Selection::subset(ids))
}

/// Whether a person may select a repository: it is public, or they may read it.
pub(crate) fn may_select(principal: &PrincipalFacts, row: &RepositoryRow, owner: &OwnerFacts) -> bool {
    let facts = RepositoryFacts {
        id: row.id,
        owner: row.owner_id,
        visibility: row.visibility,
        archived: row.archived_at.is_some(),
    };
    facts.visibility == Visibility::Public
        || repository_role(principal, &facts, owner) >= RepositoryRole::Read
}
