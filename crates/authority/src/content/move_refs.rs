//! The only way in which the API moves refs: look at the objects, decide again, note the intent, move, record.

use crate::Authority;
use crate::act::Act;
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use crate::push::update_json;
use bailiwick_git::{Oid, RefUpdate, Repository};
use bailiwick_store::repository::touch_pushed;
use bailiwick_store::{PushIntentRow, push_intent};
use serde_json::Value;

/// Refs that belong to the system: nobody moves them from outside.
const RESERVED: [&str; 2] = ["refs/bailiwick/", "refs/pull/"];

impl Authority {
    /// Moves refs that were prepared, as one change with its event. `more` may add to both.
    pub(crate) fn move_refs<T>(
        &self,
        permit: Permit,
        repository: &Repository,
        updates: &[RefUpdate],
        more: impl FnOnce(&mut Act<'_, '_>, &Permit) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let reserved = |update: &RefUpdate| RESERVED.iter().any(|prefix| update.name.starts_with(prefix));
        if updates.iter().any(reserved) {
            return Err(Fault::new(
                FaultKind::Invalid,
                "git.reserved_ref",
                "Reference name is reserved",
            ));
        }
        let touched = repository.touches_workflows(updates, None)?;
        // SECURITY: only now is it known whether a workflow file is touched; until this decision nothing moves.
        let permit = self.confirm(permit, touched.is_some()).map_err(Fault::refused)?;
        // INVARIANT: noted before anything moves, so that start-up records what a crash left without its event.
        let intent = self.note_intent(&permit, updates)?;
        if let Err(error) = repository.update_refs(updates) {
            self.store.write(|tx| push_intent::delete(tx, intent))?;
            return Err(error.into());
        }
        let outcome = self.act(permit, |act, permit| {
            push_intent::delete(act.tx, intent)?;
            touch_pushed(act.tx, permit.repository()?.id, permit.now())?;
            if let Some(touch) = &touched {
                act.note("workflow", touch.path.as_str());
            }
            if let [update] = updates {
                note(act, update);
            }
            more(act, permit)
        });
        if outcome.is_err() {
            // A change that has no record must not stay. If it cannot be undone, the intent tells of it.
            self.move_back(repository, updates, intent);
        }
        outcome
    }

    /// Notes what is about to move, and for whom. Closed with the change's own event.
    fn note_intent(&self, permit: &Permit, updates: &[RefUpdate]) -> Result<i64, Fault> {
        let token = permit.gathered().token().map(|token| token.facts.id);
        let refs: Vec<Value> = updates
            .iter()
            .map(|update| {
                let mut value = update_json(update);
                if let Some(fields) = value.as_object_mut() {
                    fields.insert("actor".into(), permit.actor().map(|id| id.0).into());
                    fields.insert("token".into(), token.map(|id| id.0).into());
                }
                value
            })
            .collect();
        let row = PushIntentRow {
            id: 0,
            node: self.node.clone(),
            repository_id: permit.repository()?.id,
            request_id: permit.caller().request_id.to_string(),
            refs: Value::Array(refs).to_string(),
            started_at: permit.now(),
        };
        Ok(self.store.write(|tx| push_intent::insert(tx, row))?.id)
    }

    fn move_back(&self, repository: &Repository, updates: &[RefUpdate], intent: i64) {
        let back: Vec<RefUpdate> = updates
            .iter()
            .map(|update| RefUpdate {
                name: update.name.clone(),
                old: update.new,
                new: update.old,
            })
            .collect();
        match repository.update_refs(&back) {
            Ok(()) => {
                // Left open it would only be found not to have happened.
                let _closed = self.store.write(|tx| push_intent::delete(tx, intent));
            }
            Err(error) => tracing::error!(%error, "refs moved without a record and could not be moved back"),
        }
    }
}

fn note(act: &mut Act<'_, '_>, update: &RefUpdate) {
    let text = |oid: Option<Oid>| oid.unwrap_or(Oid::ZERO).to_string();
    act.note("ref", update.name.as_str());
    act.note("before", text(update.old));
    act.note("after", text(update.new));
}
