//! What the doctor says of synchronisations.

use super::show::view;
use super::state::Stand;
use crate::admin::doctor::{Check, CheckState};
use crate::fault::Fault;
use crate::upstream::doctor::some;
use bailiwick_model::Timestamp;
use bailiwick_store::{Tx, upstream};

const CHECK: &str = "upstream_directories";

/// One check of every upstream whose directory is synchronised.
pub(crate) fn checks(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<Check>, Fault> {
    let mut checks = Vec::new();
    for row in upstream::all(tx)? {
        let view = view(row, now);
        if !view.synchronised {
            continue;
        }
        let name = &view.upstream;
        let state = &view.state;
        let check = |state, message: String, help| Check {
            check: CHECK,
            state,
            message,
            help,
            upstream: Some(name.clone()),
        };
        let found = match (state.last(), &state.removals) {
            (Stand::Stopped, Some(removals)) => check(
                CheckState::Failure,
                format!(
                    "{name}: the synchronisation is stopped: it would remove {} things at once",
                    removals.total()
                ),
                Some(
                    "look at the upstream first; if it is right, confirm with `admin upstream sync NAME --confirm-removals COUNT`",
                ),
            ),
            _ if view.stale => check(
                CheckState::Failure,
                format!("{name}: what is known of it is too old; requests for what lives there are refused"),
                Some("see `admin upstream sync NAME --status` for why it was not synchronised"),
            ),
            (Stand::Failed, _) => check(
                CheckState::Warning,
                format!(
                    "{name}: the last synchronisation failed: {}",
                    state.error.as_ref().map_or("", |error| error.message.as_str())
                ),
                Some("it is tried again; requests are refused once what is known is too old"),
            ),
            _ if !state.unread.is_empty() => {
                let names: Vec<&str> = state.unread.iter().map(|one| one.name.as_str()).collect();
                let said = state.unread.first().map_or("", |one| one.message.as_str());
                check(
                    CheckState::Warning,
                    format!("{name}: {} could not be read: {said}", some(&names)),
                    Some("nothing there changes; requests for it are refused once what is known is too old"),
                )
            }
            _ if state.conflicts_total > 0 => check(
                CheckState::Warning,
                format!("{name}: {} things could not be taken over", state.conflicts_total),
                Some("see `admin upstream sync NAME --status` for which and why"),
            ),
            _ => check(CheckState::Good, format!("{name}: synchronised"), None),
        };
        checks.push(found);
    }
    Ok(checks)
}
