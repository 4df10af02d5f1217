//! Setting up an upstream.

use super::check;
use super::view::UpstreamView;
use crate::Authority;
use crate::act::Act;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::{Timestamp, UpstreamKind, UpstreamMode};
use bailiwick_store::{StoreError, UpstreamRow, upstream};
use serde_json::{Map, Value};

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UpstreamInput {
    /// Its name.
    pub name: String,
    /// What it speaks.
    pub kind: UpstreamKind,
    /// Where it is.
    pub address: String,
    /// Its settings by name.
    pub settings: Map<String, Value>,
    /// How the gateway stands before it.
    pub mode: UpstreamMode,
    /// When observing ends.
    pub observe_until: Option<Timestamp>,
}

impl UpstreamInput {
    /// The row of a new upstream, checked.
    pub(super) fn row(&self, now: Timestamp, from_file: bool) -> Result<UpstreamRow, Fault> {
        let row = UpstreamRow {
            settings: check::merged(self.kind, "{}", &self.settings)?,
            mode: self.mode,
            observe_until: self.observe_until,
            from_file,
            ..UpstreamRow::new(&self.name, self.kind, self.address.trim_end_matches('/'), now)
        };
        check::row(&row, now, from_file)?;
        Ok(row)
    }
}

impl Authority {
    /// Sets up an upstream. Nothing lives there yet.
    pub fn upstream_create(&self, permit: Permit, input: &UpstreamInput) -> Result<UpstreamView, Fault> {
        let row = input.row(permit.now(), false)?;
        self.act(permit, |act, _| {
            let row = upstream::insert(act.tx, row).map_err(taken)?;
            note(act, &row);
            self.upstream_view_of(act.tx, row)
        })
    }
}

/// What an event tells of an upstream.
pub(super) fn note(act: &mut Act<'_, '_>, row: &UpstreamRow) {
    act.note("upstream", row.name.clone());
    act.note("kind", row.kind.word());
    act.note("address", row.address.clone());
    act.note("mode", row.mode.word());
    if let Some(end) = row.observe_until {
        act.note("observe_until", end.rfc3339());
    }
}

/// A name that is taken.
pub(super) fn taken(error: StoreError) -> Fault {
    if error.is_conflict_of(upstream::NAME_TAKEN) {
        Fault::invalid(check::RESOURCE, "name", "already_exists", "is already taken")
    } else {
        error.into()
    }
}
