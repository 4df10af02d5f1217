//! Exporting a log: every event that matches, page by page, each page allowed anew.

use super::{EventView, Search, scope, views};
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use crate::record::permit_event;
use bailiwick_model::Timestamp;
use bailiwick_store::audit::{self, Condition, Cursor, Match, Query};

/// Events read at a time.
const PAGE: usize = 500;

/// An export under way. It ends when its permit would no longer be given.
#[derive(Debug)]
pub struct Export {
    permit: Permit,
    all: Vec<Condition>,
    ascending: bool,
    after: Option<Cursor>,
    done: bool,
}

impl Authority {
    /// Begins an export. That it was begun is durable in the log before its first event is handed out.
    pub fn audit_export(&self, permit: Permit, search: &Search, format: &str) -> Result<Export, Fault> {
        let mut all = search.conditions()?;
        // What happens from now on is not part of it: with oldest first it would never end.
        all.push(Condition::is(Match::Created(
            None,
            Some(Timestamp(permit.now().0.saturating_add(1))),
        )));
        let mine = self.read(&permit, |tx| scope(tx, &permit))?;
        // SECURITY: as in a search: from where others acted is not found out by asking for an address.
        if let (Some(Match::Actor(person)), true) = (mine.any.first(), Search::asks_address(&all)) {
            all.insert(0, Condition::is(Match::Actor(*person)));
        }
        all.insert(0, mine);
        let mut event = permit_event(&permit);
        event.action = String::from(match (permit.gathered().enterprise(), permit.owner()) {
            (Some(_), _) => "business.audit_log_export",
            (None, Ok(_)) => "org.audit_log_export",
            (None, Err(_)) => "user.audit_log_export",
        });
        event.data.insert("phrase".into(), search.phrase.as_str().into());
        event.data.insert("format".into(), format.into());
        // INVARIANT: bulk reads are on record before they begin.
        self.recorder.durable(event).durable_blocking()?;
        Ok(Export {
            permit,
            all,
            ascending: search.ascending,
            after: None,
            done: false,
        })
    }

    /// The next events of an export; `None` at its end.
    pub fn audit_export_next(&self, export: &mut Export) -> Result<Option<Vec<EventView>>, Fault> {
        if export.done {
            return Ok(None);
        }
        if !self.is_still_allowed(&export.permit) {
            let message = "the export is no longer allowed";
            return Err(Fault::forbidden("audit.export_revoked", message));
        }
        let events = self.read(&export.permit, |tx| {
            let query = Query {
                all: export.all.clone(),
                after: export.after,
                before: None,
                ascending: export.ascending,
                limit: PAGE,
            };
            let rows = audit::search(tx, &query)?;
            views(tx, &export.permit, rows)
        })?;
        export.done = events.len() < PAGE;
        match events.last() {
            Some(last) => {
                export.after = Some(last.row.cursor());
                Ok(Some(events))
            }
            None => Ok(None),
        }
    }
}
