//! Grants and access requests.

use crate::{AccountId, EnterpriseId, GrantId, Levels, RepositoryId, RequestId, Timestamp, TokenId};

/// Which repositories of its owner a grant covers.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Selection {
    /// No repository (public ones stay readable to every live token).
    #[default]
    None,
    /// Every current and future repository of the owner.
    All,
    /// These repositories, sorted by id. An empty list is nothing, never everything.
    Subset(Box<[RepositoryId]>),
}

impl Selection {
    /// A subset with its ids sorted and unique.
    pub fn subset(mut ids: Vec<RepositoryId>) -> Selection {
        ids.sort_unstable();
        ids.dedup();
        Selection::Subset(ids.into_boxed_slice())
    }

    /// Whether a repository of the owner is selected.
    #[inline]
    pub fn contains(&self, repository: RepositoryId) -> bool {
        match self {
            Selection::None => false,
            Selection::All => true,
            Selection::Subset(ids) => ids.binary_search(&repository).is_ok(),
        }
    }

    /// Whether everything selected here is selected there.
    pub fn within(&self, wider: &Selection) -> bool {
        match (self, wider) {
            (Selection::None, _) | (_, Selection::All) => true,
            (Selection::Subset(ids), wider) => ids.iter().all(|id| wider.contains(*id)),
            (Selection::All, _) => false,
        }
    }

    /// GitHub's word for `repository_selection`.
    pub const fn word(&self) -> &'static str {
        match self {
            Selection::None => "none",
            Selection::All => "all",
            Selection::Subset(_) => "subset",
        }
    }
}

/// Who a grant is for: an account's resources, or an enterprise's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ResourceOwner {
    /// A user or an organization.
    Account(AccountId),
    /// An enterprise, for enterprise permissions.
    Enterprise(EnterpriseId),
}

/// What a token may do at one resource owner: approved rights only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The stable id (`pat_id`).
    pub id: GrantId,
    /// The resource owner.
    pub owner: ResourceOwner,
    /// Approved levels.
    pub levels: Levels,
    /// Approved repositories.
    pub selection: Selection,
    /// Whether it was ever approved and is not revoked. A grant that is not active allows nothing.
    pub active: bool,
}

/// Where an access request stands. All but `Pending` are final.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RequestState {
    /// Waiting for the resource owner.
    Pending,
    /// Approved, in full or in part.
    Approved,
    /// Denied.
    Denied,
    /// Withdrawn by the requester.
    Cancelled,
    /// Its token expired first.
    Expired,
    /// Replaced by a newer request.
    Superseded,
}

impl RequestState {
    /// The word in storage and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            RequestState::Pending => "pending",
            RequestState::Approved => "approved",
            RequestState::Denied => "denied",
            RequestState::Cancelled => "cancelled",
            RequestState::Expired => "expired",
            RequestState::Superseded => "superseded",
        }
    }

    /// The state of a word; `None` for any other text.
    pub fn parse(word: &str) -> Option<RequestState> {
        match word {
            "pending" => Some(RequestState::Pending),
            "approved" => Some(RequestState::Approved),
            "denied" => Some(RequestState::Denied),
            "cancelled" => Some(RequestState::Cancelled),
            "expired" => Some(RequestState::Expired),
            "superseded" => Some(RequestState::Superseded),
            _ => None,
        }
    }
}

/// An immutable, complete target for a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRequest {
    /// Its id (`pat_request_id`).
    pub id: RequestId,
    /// The grant it is about.
    pub grant: GrantId,
    /// The token.
    pub token: TokenId,
    /// The whole set of levels asked for.
    pub levels: Levels,
    /// The whole selection asked for.
    pub selection: Selection,
    /// The grant's revision it was based on.
    pub base_revision: i64,
    /// Why it is asked for.
    pub reason: Option<String>,
    /// Where it stands.
    pub state: RequestState,
    /// When it was made.
    pub created_at: Timestamp,
}
