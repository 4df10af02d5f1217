//! Changing an upstream: its name, address, settings and mode. Its kind stays: what lives there was bound under it.

use super::api_address;
use super::check;
use super::create::taken;
use super::load::trust_of;
use super::view::{UpstreamView, by_name};
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::{Timestamp, UpstreamMode, UpstreamSettings};
use bailiwick_store::{UpstreamRow, upstream};
use bailiwick_upstream::{Address, Pin, Trust};
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
            row.settings = check::merged(before.kind, &before.settings, &edit.settings)?;
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

/// Whether requests would go to another place than before, or to whoever could not have taken its place before: another
/// scheme, host, port or path of the address or of the API's, other authorities, another pin.
// SECURITY: one host can hold several servers below different paths; and who may present which certificate is as much a
// part of where a credential goes as the name is.
pub(super) fn moves_elsewhere(before: &UpstreamRow, after: &UpstreamRow) -> bool {
    let (Some((old_place, old)), Some((place, new))) = (place(before), place(after)) else {
        // What cannot be read is nowhere: the same text stays there.
        return before.address != after.address || before.settings != after.settings;
    };
    old_place != place || old.authorities != new.authorities || !narrows(&old.pins, &new.pins)
}

/// Where its web address and its API are, and how they are trusted; `None` if that cannot be read.
fn place(row: &UpstreamRow) -> Option<(Option<(Address, Address)>, Trust)> {
    let settings: UpstreamSettings = serde_json::from_str(&row.settings).ok()?;
    let trust = trust_of(&settings).ok()?;
    if row.address.starts_with("file:") {
        return Some((None, trust));
    }
    let web = Address::parse(&row.address).ok()?;
    let api = api_address(row.kind, &web, settings.api_address.as_deref()).ok()?;
    Some((Some((web, api)), trust))
}

/// Whether nobody is trusted by the new pins who was not by the old ones. No pins trust the authorities.
fn narrows(old: &[Pin], new: &[Pin]) -> bool {
    new.iter().all(|pin| old.contains(pin)) && (!new.is_empty() || old.is_empty())
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

#[cfg(test)]
mod tests;
