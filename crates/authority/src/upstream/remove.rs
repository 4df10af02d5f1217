//! Taking an upstream away, once nothing lives there any more.

use super::update::may_change;
use super::view::by_name;
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_store::{Tx, UpstreamRow, package, upstream};

impl Authority {
    /// Removes the upstream of a name with its credential and its links.
    pub fn upstream_remove(&self, permit: Permit, name: &str) -> Result<(), Fault> {
        self.act(permit, |act, permit| {
            let row = by_name(act.tx, name)?;
            may_change(&row)?;
            must_be_empty(act.tx, &row)?;
            act.note("upstream", row.name.clone());
            let links = upstream::links(act.tx, row.id)?.len();
            act.note("links", links);
            Ok(upstream::delete(act.tx, row.id, permit.now())?)
        })
    }
}

/// Refuses to remove what something lives at.
pub(super) fn must_be_empty(tx: &mut Tx<'_>, row: &UpstreamRow) -> Result<(), Fault> {
    let (packages, links) = package::count(tx, row.id)?;
    // SECURITY: whose they are would be forgotten with it, and their names free for whoever has the path or scope by then.
    if (packages, links) != (0, 0) {
        let message = format!(
            "{packages} packages and {links} links are known at the registry {}: forget them and take the links away first",
            row.name
        );
        return Err(Fault::conflict("upstream.packages", message));
    }
    let (accounts, repositories) = upstream::bound(tx, row.id)?;
    if (accounts, repositories) == (0, 0) {
        return Ok(());
    }
    let message = format!(
        "{accounts} owners and {repositories} repositories live at the upstream {}: unbind them first",
        row.name
    );
    Err(Fault::conflict("upstream.bound", message))
}
