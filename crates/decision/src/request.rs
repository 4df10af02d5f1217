//! The state machine of access requests: decided once, and only if nothing moved beneath them.

use bailiwick_model::{Levels, RequestState, Selection};

/// What somebody wants to do with a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verb {
    /// Approve it, in full or in part.
    Approve,
    /// Deny it.
    Deny,
    /// Withdraw it.
    Cancel,
    /// Its token expired.
    Expire,
    /// A newer request takes its place.
    Supersede,
}

/// Why a verb does not apply.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Conflict {
    /// It was decided already; the state says how.
    Decided(RequestState),
    /// The grant changed since the request was made.
    Moved,
    /// The approval would give more than was asked.
    BeyondRequest,
}

/// The state after a verb.
pub fn apply(
    state: RequestState,
    verb: Verb,
    base_revision: i64,
    revision: i64,
) -> Result<RequestState, Conflict> {
    if state != RequestState::Pending {
        return Err(Conflict::Decided(state));
    }
    match verb {
        Verb::Approve if base_revision != revision => Err(Conflict::Moved),
        Verb::Approve => Ok(RequestState::Approved),
        Verb::Deny => Ok(RequestState::Denied),
        Verb::Cancel => Ok(RequestState::Cancelled),
        Verb::Expire => Ok(RequestState::Expired),
        Verb::Supersede => Ok(RequestState::Superseded),
    }
}

/// Checks that an approval in part gives no more than was asked.
pub fn narrows(asked: (&Levels, &Selection), approved: (&Levels, &Selection)) -> Result<(), Conflict> {
    if approved.0.within(asked.0) && approved.1.within(asked.1) {
        Ok(())
    } else {
        Err(Conflict::BeyondRequest)
    }
}

/// Whether a change of a grant takes anything beyond what is approved, so that it needs a new request.
pub fn widens(approved: (&Levels, &Selection), wanted: (&Levels, &Selection)) -> bool {
    !(wanted.0.within(approved.0) && wanted.1.within(approved.1))
}

/// The part of a wanted target that is approved already: what holds while a widening is pending.
pub fn narrowed(approved: (&Levels, &Selection), wanted: (&Levels, &Selection)) -> (Levels, Selection) {
    let levels = wanted
        .0
        .iter()
        .map(|(id, level)| (id, level.min(approved.0.get(id))))
        .collect();
    let selection = match (approved.1, wanted.1) {
        (Selection::None, _) | (_, Selection::None) => Selection::None,
        (Selection::All, wanted) => wanted.clone(),
        (Selection::Subset(ids), Selection::All) => Selection::Subset(ids.clone()),
        (Selection::Subset(_), Selection::Subset(ids)) => Selection::subset(
            ids.iter()
                .copied()
                .filter(|id| approved.1.contains(*id))
                .collect(),
        ),
    };
    (levels, selection)
}
