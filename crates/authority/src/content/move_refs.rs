//! The only way in which the API moves refs: look at the objects, decide again, move, and record, in this order.

use crate::Authority;
use crate::act::Act;
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use bailiwick_git::{Oid, RefUpdate, Repository};
use bailiwick_store::repository::touch_pushed;

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
        if updates
            .iter()
            .any(|update| RESERVED.iter().any(|prefix| update.name.starts_with(prefix)))
        {
            return Err(Fault::new(
                FaultKind::Invalid,
                "git.reserved_ref",
                "Reference name is reserved",
            ));
        }
        let touched = repository.touches_workflows(updates, None)?;
        // SECURITY: only now is it known whether a workflow file is touched; until this decision nothing moves.
        let permit = self.confirm(permit, touched.is_some()).map_err(Fault::refused)?;
        let mut moved = false;
        let outcome = self.act(permit, |act, permit| {
            touch_pushed(act.tx, permit.repository()?.id, permit.now())?;
            if let Some(touch) = &touched {
                act.note("workflow", touch.path.as_str());
            }
            if let [update] = updates {
                note(act, update);
            }
            let value = more(act, permit)?;
            // Last, so that nothing before it can fail with the refs moved.
            repository.update_refs(updates)?;
            moved = true;
            Ok(value)
        });
        if outcome.is_err() && moved {
            // The record could not be kept: then the change must not stay either.
            let back: Vec<RefUpdate> = updates
                .iter()
                .map(|update| RefUpdate {
                    name: update.name.clone(),
                    old: update.new,
                    new: update.old,
                })
                .collect();
            if let Err(error) = repository.update_refs(&back) {
                tracing::error!(%error, "refs moved without a record and could not be moved back");
            }
        }
        outcome
    }
}

fn note(act: &mut Act<'_, '_>, update: &RefUpdate) {
    let text = |oid: Option<Oid>| oid.unwrap_or(Oid::ZERO).to_string();
    act.note("ref", update.name.as_str());
    act.note("before", text(update.old));
    act.note("after", text(update.new));
}
