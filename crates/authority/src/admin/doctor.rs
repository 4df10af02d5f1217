//! The doctor: what an administrator should know of the installation's health, each with what to do about it.

use crate::Authority;
use crate::directory::create::git_fault;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::{OrganizationRole, RepositoryId, Timestamp};
use bailiwick_store::account::{self, AccountQuery};
use bailiwick_store::repository::{self, RepositoryQuery};
use bailiwick_store::{AccountKind, Tx, audit, enterprise, membership};
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

/// Events at the end of each chain that are verified.
const EVENTS_VERIFIED: i64 = 1000;
/// How far the log may be ahead of the clock, in seconds, before the clock is wrong.
const CLOCK_SECONDS_AHEAD_MAX: i64 = 300;
/// How long before its end a certificate is worth a warning, in days.
const CERTIFICATE_DAYS_LEFT: i64 = 14;
/// Names that one message lists at the most.
const NAMES_MAX: usize = 10;

/// How a check went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckState {
    /// Good.
    Good,
    /// Something to look at.
    Warning,
    /// Something is wrong.
    Failure,
}

/// One check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Check {
    /// What was checked: a stable word.
    pub check: &'static str,
    /// How it went.
    pub state: CheckState,
    /// What was found.
    pub message: String,
    /// What to do, where there is something to do.
    pub help: Option<&'static str>,
    /// The upstream that it is about.
    pub upstream: Option<String>,
}

impl Check {
    /// The same about an upstream.
    pub(crate) fn of(self, upstream: &str) -> Check {
        Check {
            upstream: Some(upstream.to_owned()),
            ..self
        }
    }
}

pub(crate) fn good(check: &'static str, message: impl Into<String>) -> Check {
    Check {
        upstream: None,
        check,
        state: CheckState::Good,
        message: message.into(),
        help: None,
    }
}

pub(crate) fn warning(check: &'static str, message: impl Into<String>, help: &'static str) -> Check {
    Check {
        upstream: None,
        check,
        state: CheckState::Warning,
        message: message.into(),
        help: Some(help),
    }
}

pub(crate) fn failure(check: &'static str, message: impl Into<String>, help: &'static str) -> Check {
    Check {
        upstream: None,
        check,
        state: CheckState::Failure,
        message: message.into(),
        help: Some(help),
    }
}

impl Authority {
    /// Examines the installation.
    pub fn doctor(&self, permit: &Permit) -> Result<Vec<Check>, Fault> {
        let now = permit.now();
        let mut checks = self.read(permit, |tx| {
            let mut checks = vec![good("database", format!("reachable ({:?})", self.store.engine()))];
            checks.push(chains(tx)?);
            checks.push(clock(tx, now)?);
            checks.extend(administrators(tx)?);
            checks.push(owners(tx)?);
            checks.push(lifetimes(tx)?);
            checks.extend(crate::upstream::synchronise::checks(tx, now)?);
            Ok(checks)
        })?;
        checks.push(self.disk(permit)?);
        checks.push(self.permissions());
        checks.push(self.address());
        checks.extend(self.certificate_end().map(|end| certificate(end, now)));
        checks.extend(self.upstream_checks(permit, None)?);
        Ok(checks)
    }

    /// Rows and directories, compared.
    fn disk(&self, permit: &Permit) -> Result<Check, Fault> {
        // Directories first: one that is made meanwhile is then no surprise, and a deleted one is looked up again.
        let on_disk: BTreeSet<u64> = self.git.ids().map_err(git_fault)?.into_iter().collect();
        let rows: BTreeSet<u64> = self.read(permit, |tx| {
            let rows = repository::list(tx, &RepositoryQuery::default(), &|_| true)?;
            Ok(rows
                .into_iter()
                .filter(|row| row.upstream_id.is_none())
                .filter_map(|row| u64::try_from(row.id.0).ok())
                .collect())
        })?;
        let lost: Vec<String> = rows
            .difference(&on_disk)
            .filter(|id| self.git.open(**id).is_err())
            .map(|id| RepositoryId(i64::try_from(*id).unwrap_or(i64::MAX)).to_string())
            .collect();
        let stray = on_disk.difference(&rows).count();
        Ok(if !lost.is_empty() {
            let message = format!(
                "{} repositories have no directory: ids {}",
                lost.len(),
                named(&lost)
            );
            failure(
                "repositories",
                message,
                "restore their directories from a backup, or delete the repositories",
            )
        } else if stray > 0 {
            let message = format!("{stray} directories belong to no repository");
            warning(
                "repositories",
                message,
                "restart the server: it removes what deletions and crashes left",
            )
        } else {
            good(
                "repositories",
                format!("{} repositories, each with its directory", rows.len()),
            )
        })
    }

    /// Whether others on the machine can read the data.
    fn permissions(&self) -> Check {
        let Some(data) = self.git.root().parent() else {
            return good("permissions", "no data directory");
        };
        match std::fs::metadata(data) {
            Ok(found) if found.permissions().mode() & 0o077 == 0 => {
                good("permissions", "the data directory is closed to other users")
            }
            Ok(_) => warning(
                "permissions",
                format!("other users of this machine can look into {}", data.display()),
                "chmod 700 the data directory",
            ),
            Err(error) => failure(
                "permissions",
                format!("{}: {error}", data.display()),
                "check the data directory",
            ),
        }
    }

    /// Whether credentials travel encrypted.
    fn address(&self) -> Check {
        let address = &self.settings.base_url;
        let host = address.split("://").nth(1).unwrap_or("");
        let local = ["localhost", "127.", "[::1]"]
            .iter()
            .any(|start| host.starts_with(start));
        if address.starts_with("https://") {
            good("base_url", format!("{address} is encrypted"))
        } else if local {
            good(
                "base_url",
                format!("{address} is reachable from this machine only"),
            )
        } else {
            warning(
                "base_url",
                format!("{address} is not encrypted"),
                "set tls_certificate and tls_key, or put TLS in front, and set an https public_url",
            )
        }
    }
}

/// How long the certificate that the listener shows is still good.
fn certificate(end: Timestamp, now: Timestamp) -> Check {
    let help =
        "put a new certificate and key into the configured files: the server reads them without a restart";
    if end <= now {
        failure("tls_certificate", format!("ended {}", end.rfc3339()), help)
    } else if end < now.plus_days(CERTIFICATE_DAYS_LEFT) {
        warning("tls_certificate", format!("ends {}", end.rfc3339()), help)
    } else {
        good("tls_certificate", format!("good until {}", end.rfc3339()))
    }
}

fn named(names: &[String]) -> String {
    let mut text = names
        .iter()
        .take(NAMES_MAX)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > NAMES_MAX {
        text.push_str(" …");
    }
    text
}

fn chains(tx: &mut Tx<'_>) -> Result<Check, Fault> {
    let mut events = 0;
    for head in audit::heads(tx)? {
        let from = head.position.saturating_sub(EVENTS_VERIFIED - 1).max(1);
        let verified = audit::verify(tx, &head.node, from)?;
        events += verified.events;
        if let Some(broken) = verified.broken {
            let message = format!(
                "the chain of node {} is broken at position {}",
                head.node, broken.position
            );
            let help = "keep the data as it is and compare it with a backup: somebody changed the log";
            return Ok(failure("audit_log", message, help));
        }
    }
    Ok(good("audit_log", format!("the last {events} events are sound")))
}

fn clock(tx: &mut Tx<'_>, now: Timestamp) -> Result<Check, Fault> {
    let newest = audit::search(tx, &audit::Query::new(Vec::new(), 1))?
        .into_iter()
        .next();
    let ahead = newest.map_or(0, |event| event.at.seconds() - now.seconds());
    if ahead > CLOCK_SECONDS_AHEAD_MAX {
        let message = format!("the audit log is {ahead} seconds ahead of the clock");
        return Ok(failure(
            "clock",
            message,
            "set the machine's clock: tokens live longer while it is behind",
        ));
    }
    Ok(good("clock", now.rfc3339()))
}

fn administrators(tx: &mut Tx<'_>) -> Result<Vec<Check>, Fault> {
    let query = AccountQuery {
        kind: Some(AccountKind::User),
        site_administrator: Some(true),
        suspended: Some(false),
        ..AccountQuery::default()
    };
    let rows = account::list(tx, &query)?;
    let able = rows.iter().filter(|row| row.password_hash.is_some()).count();
    let mut checks = vec![match able {
        0 => failure(
            "administrators",
            "no administrator can sign in",
            "set a password for one",
        ),
        1 => warning(
            "administrators",
            "there is one administrator only",
            "make a second one, so that nobody is locked out",
        ),
        count => good("administrators", format!("{count} administrators can sign in")),
    }];
    let without: Vec<String> = rows
        .into_iter()
        .filter(|row| row.password_hash.is_none())
        .map(|row| row.login)
        .collect();
    if !without.is_empty() {
        let message = format!("administrators without a password: {}", named(&without));
        checks.push(warning(
            "administrators_passwords",
            message,
            "set their passwords or demote them",
        ));
    }
    Ok(checks)
}

fn organizations(tx: &mut Tx<'_>) -> Result<Vec<bailiwick_store::AccountRow>, Fault> {
    let query = AccountQuery {
        kind: Some(AccountKind::Organization),
        ..AccountQuery::default()
    };
    Ok(account::list(tx, &query)?)
}

fn owners(tx: &mut Tx<'_>) -> Result<Check, Fault> {
    let mut orphaned = Vec::new();
    for row in organizations(tx)? {
        let owners = membership::list(tx, row.id, Some(OrganizationRole::Owner))?;
        if !owners.iter().any(|(_, user)| user.is_active()) {
            orphaned.push(row.login);
        }
    }
    if orphaned.is_empty() {
        return Ok(good(
            "organization_owners",
            "every organization has an active owner",
        ));
    }
    let message = format!("organizations without an active owner: {}", named(&orphaned));
    Ok(warning(
        "organization_owners",
        message,
        "let a suspended owner act again, or restore the owner from a backup",
    ))
}

fn lifetimes(tx: &mut Tx<'_>) -> Result<Check, Fault> {
    let mut unlimited = Vec::new();
    for row in enterprise::list(tx)? {
        if row.policy.fine_grained.lifetime_unlimited == Some(true)
            && row.policy.fine_grained.lifetime_days_max.is_none()
        {
            unlimited.push(row.slug);
        }
    }
    for row in organizations(tx)? {
        let never = crate::records::owner(tx, row.id)?
            .is_some_and(|record| record.facts.policy.fine_grained.lifetime_days_max.is_none());
        if never {
            unlimited.push(row.login);
        }
    }
    if unlimited.is_empty() {
        return Ok(good(
            "token_lifetimes",
            "every policy limits the life of fine-grained tokens",
        ));
    }
    let message = format!("tokens that never end are allowed at: {}", named(&unlimited));
    Ok(warning(
        "token_lifetimes",
        message,
        "set lifetime_days_max in the token policy",
    ))
}
