//! Start-up: pushes that a crash left open are closed with what they really moved.

use super::note_outcome;
use crate::Authority;
use crate::fault::Fault;
use bailiwick_git::RefUpdate;
use bailiwick_model::{AccountId, Event, Outcome, TokenId, TokenKind};
use bailiwick_store::{PushIntentRow, Tx, audit, push_intent, repository};
use serde_json::Value;

impl Authority {
    /// Closes the pushes of this node that a crash left open; tells how many. For start-up, before anything is served.
    pub fn push_reconcile(&self) -> Result<usize, Fault> {
        let open = self.store.read(|tx| push_intent::of_node(tx, &self.node))?;
        for row in &open {
            let updates = updates_of(&row.refs);
            let applied = match self.open_repository(row.repository_id) {
                Ok(on_disk) => on_disk
                    .applied(&updates)
                    .map_err(|error| Fault::internal("git.applied", error))?,
                // It was deleted meanwhile: nothing of the push is there.
                Err(_) => Vec::new(),
            };
            let now = self.now();
            self.store.write(|tx| {
                let mut event = self.event_of(tx, row)?;
                event.at = now;
                event.outcome = Outcome::Failed;
                event.reason = String::from("push.interrupted");
                note_outcome(&mut event, &updates, &applied);
                audit::append(tx, &self.node, &[event])?;
                push_intent::delete(tx, row.id)?;
                if !applied.is_empty() {
                    repository::touch_pushed(tx, row.repository_id, now)?;
                }
                Ok::<(), Fault>(())
            })?;
        }
        Ok(open.len())
    }

    /// The event that the push's beginning left, as the outcome's. It may have been pruned since.
    fn event_of(&self, tx: &mut Tx<'_>, row: &PushIntentRow) -> Result<Event, Fault> {
        let conditions = vec![
            audit::Condition::is(audit::Match::RequestId(row.request_id.clone())),
            audit::Condition::is(audit::Match::Action(String::from("git.push_started"))),
        ];
        let started = audit::search(tx, &audit::Query::new(conditions, 1))?
            .into_iter()
            .next();
        let blank = crate::record::request_event(
            Some(bailiwick_catalogue::op::GIT_RECEIVE_PACK).and_then(bailiwick_catalogue::operation),
            &crate::Gathered::default(),
            &crate::Caller {
                request_id: row.request_id.as_str().into(),
                ..crate::Caller::default()
            },
            row.started_at,
        );
        Ok(match started {
            None => Event {
                repository: Some(row.repository_id),
                actor: noted(&row.refs, "actor").map(AccountId),
                token: noted(&row.refs, "token").map(TokenId),
                ..blank
            },
            Some(found) => Event {
                actor: found.actor_id,
                actor_login: found.actor_login,
                token: found.token_id,
                hashed_token: found.hashed_token,
                access_type: found.access_type.as_deref().and_then(access_word),
                owner: found.owner_id,
                owner_login: found.owner_login,
                enterprise: found.enterprise_id,
                repository: found.repository_id,
                repository_name: found.repository_name,
                address: found.address,
                user_agent: found.user_agent,
                ..blank
            },
        })
    }
}

/// An id that a move through the API notes beside its updates.
fn noted(refs: &str, name: &str) -> Option<i64> {
    let all: Vec<Value> = serde_json::from_str(refs).unwrap_or_default();
    all.first()?.get(name)?.as_i64()
}

fn updates_of(text: &str) -> Vec<RefUpdate> {
    let all: Vec<Value> = serde_json::from_str(text).unwrap_or_default();
    let oid = |value: &Value, name: &str| {
        value
            .get(name)
            .and_then(Value::as_str)
            .and_then(|text| text.parse().ok())
    };
    all.iter()
        .filter_map(|value| {
            let name = value.get("ref")?.as_str()?.to_owned();
            Some(RefUpdate {
                name,
                old: oid(value, "before"),
                new: oid(value, "after"),
            })
        })
        .collect()
}

/// The kind of credential by its stored word.
fn access_word(word: &str) -> Option<&'static str> {
    [TokenKind::FineGrained, TokenKind::Classic, TokenKind::Session]
        .into_iter()
        .map(TokenKind::access_type)
        .find(|known| *known == word)
}
