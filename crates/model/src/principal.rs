//! What a decision needs to know of who acts and of the credential.

use crate::{
    AccountId, EnterpriseId, EnterpriseRole, Grant, OrganizationRole, RepositoryId, RepositoryRole, ScopeSet,
    SessionId, Timestamp, TokenId, TokenKind,
};

/// A person or service account as decisions see it. The lists are sorted by id for binary search.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct PrincipalFacts {
    /// The account.
    pub id: Option<AccountId>,
    /// Its login, for messages.
    pub login: String,
    /// Whether it may act at all (not suspended, not deleted).
    pub active: bool,
    /// Whether it is a person. Service accounts are not.
    pub person: bool,
    /// Whether it administers the installation.
    pub site_administrator: bool,
    /// Its role in each organization.
    pub organizations: Vec<(AccountId, OrganizationRole)>,
    /// Organizations where it may decide access requests without owning them.
    pub approver_of: Vec<AccountId>,
    /// Organizations whose tokens and audit log it may read.
    pub auditor_of: Vec<AccountId>,
    /// Its role in each enterprise (members of its organizations are members).
    pub enterprises: Vec<(EnterpriseId, EnterpriseRole)>,
    /// The highest of its team (parents included) and collaborator roles at each repository.
    pub repositories: Vec<(RepositoryId, RepositoryRole)>,
}

impl PrincipalFacts {
    /// Its role in an organization.
    #[inline]
    pub fn organization(&self, id: AccountId) -> OrganizationRole {
        find(&self.organizations, id).unwrap_or_default()
    }

    /// Its role in an enterprise.
    #[inline]
    pub fn enterprise(&self, id: EnterpriseId) -> EnterpriseRole {
        find(&self.enterprises, id).unwrap_or_default()
    }

    /// Its role at a repository through teams and collaboration alone.
    #[inline]
    pub fn repository(&self, id: RepositoryId) -> RepositoryRole {
        find(&self.repositories, id).unwrap_or_default()
    }
}

fn find<K: Ord + Copy, V: Copy>(pairs: &[(K, V)], key: K) -> Option<V> {
    let place = pairs.binary_search_by_key(&key, |pair| pair.0).ok()?;
    pairs.get(place).map(|pair| pair.1)
}

/// A token as decisions see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFacts {
    /// `token_id`.
    pub id: TokenId,
    /// Fine-grained or classic.
    pub kind: TokenKind,
    /// The account it acts as.
    pub owner: AccountId,
    /// When it was created, or last regenerated: where its lifetime starts.
    pub created_at: Timestamp,
    /// When it ends; `None` is never.
    pub expires_at: Option<Timestamp>,
    /// Whether it was revoked or deleted.
    pub revoked: bool,
    /// Whether it was made for several resource owners.
    pub several_owners: bool,
    /// Expanded scopes of a classic token.
    pub scopes: ScopeSet,
    /// Grants of a fine-grained token, sorted by owner.
    pub grants: Vec<Grant>,
}

impl TokenFacts {
    /// Whether it has asked for grants and none of them is good: they wait for approval, or were refused or revoked.
    pub fn waits_everywhere(&self) -> bool {
        !self.grants.is_empty() && self.grants.iter().all(|grant| !grant.active)
    }
}

/// A session as decisions see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionFacts {
    /// Its id.
    pub id: SessionId,
    /// The person.
    pub owner: AccountId,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Until when it is in sudo mode.
    pub sudo_until: Timestamp,
    /// Whether it was ended.
    pub revoked: bool,
}
