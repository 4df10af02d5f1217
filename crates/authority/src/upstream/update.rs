//! Changing an upstream: its name, address, settings and mode. Its kind stays: what lives there was bound under it.

use super::check;
use super::create::taken;
use super::view::{UpstreamView, by_name};
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::{Timestamp, UpstreamMode};
use bailiwick_store::{UpstreamRow, upstream};
use serde_json::{Map, Value};

/// What shall change: `None` stays.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UpstreamEdit {
    /// A new name.
    pub name: Option<String>,
    /// A new address.
    pub address: Option<String>,
    /// Settings to set, or to remove by `null`.
    pub settings: Map<String, Value>,
    /// How the gateway stands before it. Enforcing ends an observation.
    pub mode: Option<UpstreamMode>,
    /// When observing ends.
    pub observe_until: Option<Timestamp>,
}

impl Authority {
    /// Changes the upstream of a name. The next request is served by what is set then.
    pub fn upstream_update(
        &self,
        permit: Permit,
        name: &str,
        edit: &UpstreamEdit,
    ) -> Result<UpstreamView, Fault> {
        self.act(permit, |act, permit| {
            let before = by_name(act.tx, name)?;
            may_change(&before)?;
            let mut row = before.clone();
            if let Some(name) = &edit.name {
                row.name.clone_from(name);
            }
            if let Some(address) = &edit.address {
                address.trim_end_matches('/').clone_into(&mut row.address);
            }
            row.settings = check::merged(&before.settings, &edit.settings)?;
            row.mode = edit.mode.unwrap_or(before.mode);
            row.observe_until = match row.mode {
                UpstreamMode::Enforce => edit.observe_until,
                UpstreamMode::Observe => edit.observe_until.or(before.observe_until),
            };
            row.updated_at = permit.now();
            check::row(&row, permit.now(), row.observe_until == before.observe_until)?;
            if moves_elsewhere(&before, &row) {
                // SECURITY: a credential is for the server that it was set for. Led elsewhere, it would be told there.
                row.credential = None;
                row.credential_changed_at = Some(permit.now());
                upstream::forget_link_credentials(act.tx, row.id)?;
                act.note("credential", "removed");
            }
            upstream::update(act.tx, &row).map_err(taken)?;
            act.note("upstream", row.name.clone());
            for (field, old, new) in changes(&before, &row) {
                act.note(&format!("old_{field}"), old);
                act.note(field, new);
            }
            self.upstream_view_of(act.tx, row)
        })
    }
}

/// Whether requests would go to another host than before.
pub(super) fn moves_elsewhere(before: &UpstreamRow, after: &UpstreamRow) -> bool {
    let place = |row: &UpstreamRow| {
        let settings: Map<String, Value> = serde_json::from_str(&row.settings).unwrap_or_default();
        let origin = |text: &str| {
            let parsed = bailiwick_upstream::Address::parse(text).ok();
            parsed.map(|address| (address.is_tls(), address.authority()))
        };
        let api = settings
            .get("api_address")
            .and_then(Value::as_str)
            .and_then(origin);
        (origin(&row.address), api)
    };
    place(before) != place(after)
}

/// What an event tells of a change; settings are named, and shown where they are short.
fn changes(before: &UpstreamRow, after: &UpstreamRow) -> Vec<(&'static str, Value, Value)> {
    let mut all = Vec::new();
    let mut one = |field, old: Value, new: Value| {
        if old != new {
            all.push((field, old, new));
        }
    };
    one("name", before.name.clone().into(), after.name.clone().into());
    one(
        "address",
        before.address.clone().into(),
        after.address.clone().into(),
    );
    one("mode", before.mode.word().into(), after.mode.word().into());
    let end = |row: &UpstreamRow| row.observe_until.map(Timestamp::rfc3339);
    one("observe_until", end(before).into(), end(after).into());
    one("settings", short(&before.settings), short(&after.settings));
    all
}

/// Settings without what is long: catalogues and certificates are named only.
fn short(settings: &str) -> Value {
    let mut all: Map<String, Value> = serde_json::from_str(settings).unwrap_or_default();
    for value in all.values_mut() {
        if let Some(text) = value.as_str().filter(|text| text.len() > 200) {
            *value = format!("{} bytes", text.len()).into();
        }
    }
    Value::Object(all)
}

/// Refuses to change what the configuration file holds.
pub(super) fn may_change(row: &UpstreamRow) -> Result<(), Fault> {
    if row.from_file {
        let message = format!(
            "the configuration file holds the upstream {}: change it there and start the server again",
            row.name
        );
        return Err(Fault::conflict("upstream.from_file", message));
    }
    Ok(())
}
