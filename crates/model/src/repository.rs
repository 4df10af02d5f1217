//! What a decision needs to know of repositories and of their owners.

use crate::{AccountId, EnterpriseId, RepositoryId, RepositoryRole, ResolvedPolicy};
use serde::{Deserialize, Serialize};

/// Who may see a repository before any role is given.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everyone, also anonymously.
    Public,
    /// Members of the owner's enterprise.
    Internal,
    /// Only those with a role.
    Private,
}

impl Visibility {
    /// The word in storage and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Visibility::Public => "public",
            Visibility::Internal => "internal",
            Visibility::Private => "private",
        }
    }

    /// The visibility of a word; `None` for any other text.
    pub fn parse(word: &str) -> Option<Visibility> {
        match word {
            "public" => Some(Visibility::Public),
            "internal" => Some(Visibility::Internal),
            "private" => Some(Visibility::Private),
            _ => None,
        }
    }
}

/// A repository as decisions see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryFacts {
    /// Its immutable id.
    pub id: RepositoryId,
    /// Who owns it now.
    pub owner: AccountId,
    /// Who may see it.
    pub visibility: Visibility,
    /// Whether it is read-only.
    pub archived: bool,
}

/// What kind of account owns things.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum OwnerKind {
    /// A person.
    User,
    /// An organization.
    Organization,
}

/// A resource owner as decisions see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerFacts {
    /// The account.
    pub id: AccountId,
    /// Its login, for messages.
    pub login: String,
    /// Person or organization.
    pub kind: OwnerKind,
    /// The enterprise it belongs to, if any.
    pub enterprise: Option<EnterpriseId>,
    /// What every member may do at its private and internal repositories.
    pub base_role: RepositoryRole,
    /// Its policy after inheritance.
    pub policy: ResolvedPolicy,
}

/// An enterprise as decisions see it: a resource owner for enterprise permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnterpriseFacts {
    /// Its id.
    pub id: EnterpriseId,
    /// Its slug, for messages.
    pub slug: String,
    /// Its policy as it applies to tokens that target the enterprise itself.
    pub policy: ResolvedPolicy,
}
