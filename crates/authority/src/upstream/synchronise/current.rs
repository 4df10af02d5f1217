//! What of the directory here is bound to an upstream: the state that a snapshot is compared with.

use bailiwick_model::{
    AccountId, OrganizationRole, OwnerKind, RepositoryId, RepositoryRole, TeamId, Visibility,
};
use std::collections::{BTreeMap, BTreeSet};

/// What is here.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Current {
    /// Owners that are bound to the upstream.
    pub owners: BTreeMap<AccountId, OwnerHere>,
    /// Repositories that are bound to the upstream.
    pub repositories: BTreeMap<RepositoryId, RepositoryHere>,
    /// Persons and service accounts that are linked to an account there.
    pub links: BTreeMap<AccountId, LinkHere>,
    /// Members of the owners, by owner and person.
    pub members: BTreeMap<(AccountId, AccountId), OrganizationRole>,
    /// Teams of the owners that came from the upstream.
    pub teams: BTreeMap<TeamId, TeamHere>,
    /// Roles at the repositories of the owners.
    pub collaborators: BTreeMap<(RepositoryId, AccountId), RepositoryRole>,
    /// Logins of accounts that are not bound to the upstream, folded; those that matter.
    pub logins_taken: BTreeSet<String>,
    /// Folded names of the owners' repositories that are not bound to the upstream.
    pub names_taken: BTreeSet<(AccountId, String)>,
    /// Slugs of the owners' teams that were made here.
    pub slugs_taken: BTreeSet<(AccountId, String)>,
}

/// An owner that is bound.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnerHere {
    /// Its id there; `None` until the first synchronisation.
    pub key: Option<String>,
    /// Its login there, as last known.
    pub upstream_name: String,
    /// Its login here.
    pub login: String,
    /// What it is.
    pub kind: OwnerKind,
    /// What every member may do.
    pub base_role: RepositoryRole,
    /// Whether it belongs to an enterprise.
    pub in_enterprise: bool,
}

/// A repository that is bound.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RepositoryHere {
    /// Who owns it here.
    pub owner: AccountId,
    /// Its id there; `None` until the first synchronisation.
    pub key: Option<String>,
    /// Its owner and name there, as last known.
    pub upstream_name: String,
    /// Its name here.
    pub name: String,
    /// Who may see it.
    pub visibility: Visibility,
    /// Whether it is read-only.
    pub archived: bool,
    /// Its default branch.
    pub default_branch: String,
}

/// A link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkHere {
    /// The id there; `None` until the first synchronisation.
    pub key: Option<String>,
    /// The login there.
    pub login: String,
    /// Whether the account there may be used.
    pub active: bool,
    /// Whether the upstream took it away, and can give it back.
    pub lost: bool,
    /// Whether it is a person's; a service account belongs to no organization but its own.
    pub person: bool,
}

/// A team that came from the upstream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TeamHere {
    /// Its organization.
    pub owner: AccountId,
    /// Its id there.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its name in paths.
    pub slug: String,
    /// The team above.
    pub parent: Option<TeamId>,
    /// Whether only its members see it.
    pub secret: bool,
    /// Its members.
    pub members: BTreeSet<AccountId>,
    /// Its roles.
    pub repositories: BTreeMap<RepositoryId, RepositoryRole>,
}
