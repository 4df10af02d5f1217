//! How long the log is kept. A chain can only lose its oldest part whole, so that nobody's events go before the
//! longest time that anybody set.

use crate::Authority;
use crate::fault::Fault;
use bailiwick_model::Event;
use bailiwick_model::limit::AUDIT_RETENTION_DAYS_DEFAULT;
use bailiwick_store::account::{self, AccountQuery};
use bailiwick_store::{AccountKind, Tx, audit, enterprise};
use std::collections::HashMap;

/// Organizations read at a time.
const PAGE: usize = 500;

/// The days that events are kept: the longest of what each organization's own policy, or else its enterprise's, or
/// else the default says.
fn days(tx: &mut Tx<'_>) -> Result<i64, Fault> {
    let mut set = HashMap::new();
    for group in enterprise::list(tx)? {
        set.insert(group.id, group.policy.audit_retention_days);
    }
    let mut longest: Option<i64> = None;
    let mut keep = |days: i64| longest = Some(longest.map_or(days, |known| known.max(days)));
    let mut query = AccountQuery {
        kind: Some(AccountKind::Organization),
        limit: PAGE,
        ..AccountQuery::default()
    };
    loop {
        let rows = account::list(tx, &query)?;
        let Some(last) = rows.last().map(|row| row.id) else {
            break;
        };
        for row in rows {
            let above = row.enterprise_id.and_then(|id| set.get(&id).copied().flatten());
            let own = row.policy.audit_retention_days;
            keep(own.or(above).unwrap_or(AUDIT_RETENTION_DAYS_DEFAULT));
        }
        query.after = last;
    }
    Ok(longest.unwrap_or(AUDIT_RETENTION_DAYS_DEFAULT))
}

impl Authority {
    /// Removes events that are older than they are kept, and leaves an event that tells how many. For the
    /// composition root, once a day; nobody asks for it, so that there is no permit.
    pub fn audit_prune(&self) -> Result<u64, Fault> {
        let now = self.now();
        self.store.write(|tx| {
            let days = days(tx)?;
            let before = now.plus_days(-days);
            let removed = audit::prune(tx, before)?;
            if removed > 0 {
                let mut event = Event::of_nobody(now, "audit_log.prune", "remove", "retention");
                event.data.insert("removed".into(), removed.into());
                event.data.insert("before".into(), before.rfc3339().into());
                event.data.insert("retention_days".into(), days.into());
                audit::append(tx, &self.node, &[event])?;
            }
            Ok(removed)
        })
    }
}
