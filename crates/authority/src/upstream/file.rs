//! Upstreams that the configuration file holds: written at the start of the server, by nobody, with an event for each
//! change.

use super::create::UpstreamInput;
use super::load::upstream_place;
use super::remove::must_be_empty;
use super::update::moves_elsewhere;
use super::{Secrets, check};
use crate::Authority;
use crate::fault::Fault;
use bailiwick_model::{Event, Timestamp};
use bailiwick_store::{Tx, UpstreamRow, audit, upstream};

/// An upstream as the file says it.
pub struct UpstreamFromFile {
    /// What it is.
    pub input: UpstreamInput,
    /// Its whole credential.
    pub secrets: Secrets,
}

/// How many upstreams a file has set up, changed and removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FromFile {
    /// Set up.
    pub created: usize,
    /// Changed.
    pub updated: usize,
    /// Removed.
    pub removed: usize,
}

impl Authority {
    /// Makes the upstreams that the file holds what it says, and removes those that it held before. All or nothing.
    // SECURITY: only for the composition root, before anything is served; no surface reaches it.
    pub fn upstreams_from_file(&self, tables: &[UpstreamFromFile]) -> Result<FromFile, Fault> {
        let now = self.now();
        self.store.write(|tx| {
            let mut done = FromFile::default();
            for table in tables {
                self.write_table(tx, table, now, &mut done)
                    .map_err(|fault| named(&table.input.name, fault))?;
            }
            for row in upstream::all(tx)?.into_iter().filter(|row| row.from_file) {
                if tables.iter().any(|table| table.input.name == row.name) {
                    continue;
                }
                must_be_empty(tx, &row)?;
                upstream::delete(tx, row.id, now)?;
                self.leave(tx, "upstream.destroy", "remove", &row, now)?;
                done.removed += 1;
            }
            Ok(done)
        })
    }

    fn write_table(
        &self,
        tx: &mut Tx<'_>,
        table: &UpstreamFromFile,
        now: Timestamp,
        done: &mut FromFile,
    ) -> Result<(), Fault> {
        let wanted = table.input.row(now, true)?;
        check::upstream_secrets(wanted.kind, &wanted.address, &table.secrets)?;
        let Some(before) = upstream::by_name(tx, &wanted.name)? else {
            let mut row = upstream::insert(tx, wanted)?;
            self.seal_upstream(&mut row, &table.secrets, now)?;
            upstream::update(tx, &row)?;
            done.created += 1;
            return self.leave(tx, "upstream.create", "create", &row, now);
        };
        if !before.from_file {
            let message =
                "an administrator has set up an upstream of this name: remove it or choose another name";
            return Err(Fault::conflict("upstream.not_from_file", message));
        }
        if before.kind != wanted.kind {
            let message = "the kind of an upstream cannot change: choose another name";
            return Err(Fault::conflict("upstream.kind", message));
        }
        let mut row = UpstreamRow {
            id: before.id,
            credential: before.credential.clone(),
            credential_changed_at: before.credential_changed_at,
            synchronised_at: before.synchronised_at,
            synchronisation: before.synchronisation.clone(),
            created_at: before.created_at,
            updated_at: before.updated_at,
            ..wanted
        };
        let held = self.open_secrets(before.credential.as_ref(), &upstream_place(before.id));
        let same = held.is_ok_and(|held| {
            held.len() == table.secrets.len()
                && table.secrets.iter().all(|(name, secret)| {
                    held.get(name)
                        .is_some_and(|held| held.as_str() == secret.as_str())
                })
        });
        if !same {
            self.seal_upstream(&mut row, &table.secrets, now)?;
        }
        if row == before {
            return Ok(());
        }
        row.updated_at = now;
        // SECURITY: what persons entrusted to one server is not told to another.
        if moves_elsewhere(&before, &row) {
            upstream::forget_link_credentials(tx, row.id)?;
        }
        upstream::update(tx, &row)?;
        done.updated += 1;
        self.leave(tx, "upstream.update", "modify", &row, now)
    }

    fn seal_upstream(&self, row: &mut UpstreamRow, secrets: &Secrets, now: Timestamp) -> Result<(), Fault> {
        row.credential = match secrets.is_empty() {
            true => None,
            false => Some(self.seal_secrets(secrets, &upstream_place(row.id))?),
        };
        row.credential_changed_at = Some(now);
        Ok(())
    }

    /// The event of a change that nobody made: it is the operator of the machine.
    fn leave(
        &self,
        tx: &mut Tx<'_>,
        action: &str,
        operation_type: &'static str,
        row: &UpstreamRow,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let mut event = Event::of_nobody(now, action, operation_type, "configuration");
        for (name, value) in [
            ("upstream", row.name.as_str()),
            ("kind", row.kind.word()),
            ("address", row.address.as_str()),
            ("mode", row.mode.word()),
        ] {
            event.data.insert(name.to_owned(), value.into());
        }
        audit::append(tx, &self.node, &[event])?;
        Ok(())
    }
}

/// The same fault with the name of the table that it is about.
fn named(name: &str, mut fault: Fault) -> Fault {
    let details: Vec<String> = fault
        .errors
        .iter()
        .map(|error| {
            format!(
                "{}: {}",
                error.field,
                error.message.as_deref().unwrap_or(error.code)
            )
        })
        .collect();
    let details = if details.is_empty() {
        fault.message.clone()
    } else {
        details.join("; ")
    };
    fault.message = format!("[[upstream]] {name}: {details}");
    fault
}
