//! The credential of an upstream: named secrets, sealed. Setting replaces all of them, and the next request uses the
//! new ones.

use super::load::upstream_place;
use super::update::may_change;
use super::view::{UpstreamView, by_name};
use super::{Secrets, check};
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_store::upstream;

impl Authority {
    /// Sets the secrets of the upstream of a name; none of them removes the credential.
    pub fn upstream_set_credential(
        &self,
        permit: Permit,
        name: &str,
        secrets: &Secrets,
    ) -> Result<UpstreamView, Fault> {
        self.act(permit, |act, permit| {
            let mut row = by_name(act.tx, name)?;
            may_change(&row)?;
            check::upstream_secrets(row.kind, &row.address, secrets)?;
            row.credential = match secrets.is_empty() {
                true => None,
                false => Some(self.seal_secrets(secrets, &upstream_place(row.id))?),
            };
            row.credential_changed_at = Some(permit.now());
            row.updated_at = permit.now();
            upstream::update(act.tx, &row)?;
            act.note("upstream", row.name.clone());
            // SECURITY: names, never the secrets.
            let names: Vec<&str> = secrets.keys().map(String::as_str).collect();
            act.note("secrets", names.join(","));
            self.upstream_view_of(act.tx, row)
        })
    }
}
