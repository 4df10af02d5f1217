//! Audit events: what happened or was refused. Never changed afterwards.

use crate::{AccountId, Digest, EnterpriseId, RepositoryId, Timestamp, TokenId};

/// What became of what the event records.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Outcome {
    /// It was allowed.
    Allowed,
    /// It was refused.
    Refused,
    /// It was allowed and then failed.
    Failed,
}

impl Outcome {
    /// The word in storage and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Outcome::Allowed => "allowed",
            Outcome::Refused => "refused",
            Outcome::Failed => "failed",
        }
    }

    /// The outcome of a word; `None` for any other text.
    pub fn parse(word: &str) -> Option<Outcome> {
        match word {
            "allowed" => Some(Outcome::Allowed),
            "refused" => Some(Outcome::Refused),
            "failed" => Some(Outcome::Failed),
            _ => None,
        }
    }
}

/// One record of the audit log. Ids and the names they had at the time are both kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When it happened.
    pub at: Timestamp,
    /// GitHub's action name, `category.operation`.
    pub action: String,
    /// access, authentication, create, modify, remove, restore or transfer.
    pub operation_type: &'static str,
    /// The catalogue's operation that was asked for, if the event comes from a request.
    pub operation: Option<String>,
    /// Who acted.
    pub actor: Option<AccountId>,
    /// The actor's login at the time.
    pub actor_login: Option<String>,
    /// The account that was acted on, where it is not the actor.
    pub user: Option<String>,
    /// The token that was used.
    pub token: Option<TokenId>,
    /// The digest of the token that was used.
    pub hashed_token: Option<Digest>,
    /// What kind of credential was used.
    pub access_type: Option<&'static str>,
    /// The organization (or user) whose resources were touched.
    pub owner: Option<AccountId>,
    /// Its login at the time.
    pub owner_login: Option<String>,
    /// The enterprise concerned.
    pub enterprise: Option<EnterpriseId>,
    /// The repository concerned.
    pub repository: Option<RepositoryId>,
    /// `owner/name` at the time.
    pub repository_name: Option<String>,
    /// The client's address.
    pub address: Option<String>,
    /// The client's user agent, shortened.
    pub user_agent: Option<String>,
    /// The request's id.
    pub request_id: Option<String>,
    /// Whether it was allowed.
    pub outcome: Outcome,
    /// The stable reason code, `allowed` or for instance `grant.pending`.
    pub reason: String,
    /// Everything else, as a JSON object.
    pub data: serde_json::Map<String, serde_json::Value>,
}

impl Event {
    /// Of what nobody asked for: the server itself, or the operator of its machine. It went well, unless it is changed.
    pub fn of_nobody(at: Timestamp, action: &str, operation_type: &'static str, reason: &str) -> Event {
        Event {
            at,
            action: action.to_owned(),
            operation_type,
            operation: None,
            actor: None,
            actor_login: None,
            user: None,
            token: None,
            hashed_token: None,
            access_type: None,
            owner: None,
            owner_login: None,
            enterprise: None,
            repository: None,
            repository_name: None,
            address: None,
            user_agent: None,
            request_id: None,
            outcome: Outcome::Allowed,
            reason: reason.to_owned(),
            data: serde_json::Map::new(),
        }
    }
}
