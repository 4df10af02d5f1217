//! The audit log: appended to, chained per node, searched, pruned as a whole prefix, and never changed.

mod append;
mod count;
mod search;
mod verify;

pub use append::{append, prune};
pub use count::{Count, count};
pub use search::{Condition, Cursor, Match, Query, search};
pub use verify::{Break, Fault, Head, Verified, heads, verify};

use crate::record::record;
use crate::{Object, Result, StoreError, Value};
use bailiwick_model::{AccountId, Digest, EnterpriseId, Event, Outcome, RepositoryId, Timestamp, TokenId};
use sha2::Digest as _;

/// How the hash of an event is computed. A new shape of events gets a new number and the old code stays.
const FORMAT: i64 = 1;
/// What comes before the first event of a node.
const GENESIS: [u8; 32] = [0; 32];

record! {
    /// A stored event: the model's event with its place in the chain.
    pub struct EventRow in "audit_event" {
        /// Its id, in the order of commits over all nodes.
        pub id: i64,
        /// The node that recorded it.
        pub node: String,
        /// Its place in the node's chain, from 1.
        pub position: i64,
        /// How its hash is computed.
        pub format: i64,
        /// When it happened.
        pub at: Timestamp,
        /// The action's name.
        pub action: String,
        /// access, authentication, create, modify, remove, restore or transfer.
        pub operation_type: String,
        /// The catalogue's operation.
        pub operation: Option<String>,
        /// Who acted.
        pub actor_id: Option<AccountId>,
        /// The actor's login at the time.
        pub actor_login: Option<String>,
        /// The login of the account that was acted on.
        pub user_login: Option<String>,
        /// The token that was used.
        pub token_id: Option<TokenId>,
        /// The digest of the token that was used.
        pub hashed_token: Option<Digest>,
        /// What kind of credential was used.
        pub access_type: Option<String>,
        /// The account whose resources were touched.
        pub owner_id: Option<AccountId>,
        /// Its login at the time.
        pub owner_login: Option<String>,
        /// The enterprise concerned.
        pub enterprise_id: Option<EnterpriseId>,
        /// The repository concerned.
        pub repository_id: Option<RepositoryId>,
        /// `owner/name` at the time.
        pub repository_name: Option<String>,
        /// The client's address.
        pub address: Option<String>,
        /// The client's user agent.
        pub user_agent: Option<String>,
        /// The request's id.
        pub request_id: Option<String>,
        /// What became of it.
        pub outcome: Outcome,
        /// The stable reason code.
        pub reason: String,
        /// Everything else: a JSON object as it was written. The hash covers these very bytes, since reading and
        /// writing again need not give them; [`EventRow::object`] reads it.
        pub data: String,
        /// The hash of the event before it in the chain.
        pub prev_hash: Digest,
        /// The hash of this event.
        pub hash: Digest,
    }
}

impl EventRow {
    /// An event at a place of a chain, as the values of its row, and its hash.
    fn chained(event: &Event, id: i64, node: &str, position: i64, prev_hash: Digest) -> (Vec<Value>, Digest) {
        let row = EventRow {
            id,
            node: node.to_owned(),
            position,
            format: FORMAT,
            at: event.at,
            action: event.action.clone(),
            operation_type: event.operation_type.to_owned(),
            operation: event.operation.clone(),
            actor_id: event.actor,
            actor_login: event.actor_login.clone(),
            user_login: event.user.clone(),
            token_id: event.token,
            hashed_token: event.hashed_token,
            access_type: event.access_type.map(str::to_owned),
            owner_id: event.owner,
            owner_login: event.owner_login.clone(),
            enterprise_id: event.enterprise,
            repository_id: event.repository,
            repository_name: event.repository_name.clone(),
            address: event.address.clone(),
            user_agent: event.user_agent.clone(),
            request_id: event.request_id.clone(),
            outcome: event.outcome,
            reason: event.reason.clone(),
            data: serde_json::Value::Object(event.data.clone()).to_string(),
            prev_hash,
            hash: prev_hash,
        };
        let mut values = row.values();
        let hash = hash_of(&values, prev_hash);
        if let Some(last) = values.last_mut() {
            *last = Value::from(hash);
        }
        (values, hash)
    }

    /// Everything else, read.
    pub fn object(&self) -> Result<Object> {
        serde_json::from_str(&self.data).map_err(|_| StoreError::shape("a JSON object"))
    }

    /// The hash that the other fields give: SHA-256 over every column but the hash itself, in order, each
    /// with its type and length before it, so that no two events encode alike.
    pub fn computed_hash(&self) -> Digest {
        hash_of(&self.values(), self.prev_hash)
    }
}

/// The hash over the values of a row, of which the last one is the hash.
fn hash_of(values: &[Value], prev_hash: Digest) -> Digest {
    let mut hasher = sha2::Sha256::new();
    hasher.update(b"bailiwick audit event");
    let (_, hashed) = values.split_last().unwrap_or((&Value::Null, &[]));
    for value in hashed {
        match value {
            Value::Null => hasher.update([0]),
            Value::Int(number) => {
                hasher.update([1]);
                hasher.update(number.to_be_bytes());
            }
            Value::Text(text) => part(&mut hasher, 2, text.as_bytes()),
            Value::Blob(bytes) => part(&mut hasher, 3, bytes),
        }
    }
    let bytes: [u8; 32] = hasher.finalize().into();
    // Always 32 bytes; the fallback could only make a chain fail to verify.
    Digest::from_bytes(&bytes).unwrap_or(prev_hash)
}

fn part(hasher: &mut sha2::Sha256, kind: u8, bytes: &[u8]) {
    hasher.update([kind]);
    hasher.update((bytes.len() as u64).to_be_bytes());
    hasher.update(bytes);
}

fn genesis() -> Digest {
    Digest::from_bytes(&GENESIS).unwrap_or_else(|| Digest::of(&GENESIS))
}
