//! The first administrator of an empty installation: made by whoever holds the data directory while no server runs,
//! which is the one change without a permit, or by whoever holds the link that the server printed on its console.

mod link;

pub(crate) use link::Link;
pub use link::SetupLink;

use crate::clock::{Clock, Random};
use crate::fault::Fault;
use crate::password;
use bailiwick_model::{AccountId, Event, Timestamp, name};
use bailiwick_store::account::{self, AccountKind, AccountQuery, AccountRow, LOGIN_TAKEN};
use bailiwick_store::{Secret, Store, StoreError, Tx, audit};

/// Whether somebody administers the installation.
pub fn administrator_exists(store: &Store) -> Result<bool, Fault> {
    store.read(exists)
}

fn exists(tx: &mut Tx<'_>) -> Result<bool, Fault> {
    let query = AccountQuery {
        site_administrator: Some(true),
        limit: 1,
        ..AccountQuery::default()
    };
    Ok(!account::list(tx, &query)?.is_empty())
}

fn check_login(login: &str) -> Result<(), Fault> {
    name::login(login).map_err(|_| {
        Fault::invalid(
            "User",
            "login",
            "custom",
            "is letters, digits and single inner hyphens, 39 at most, not reserved",
        )
    })
}

fn insert(tx: &mut Tx<'_>, login: &str, hash: String, now: Timestamp) -> Result<AccountRow, Fault> {
    let row = AccountRow {
        site_administrator: true,
        password_hash: Some(Secret(hash)),
        ..AccountRow::new(login, AccountKind::User, now)
    };
    account::insert(tx, row).map_err(|error: StoreError| {
        if error.is_conflict_of(LOGIN_TAKEN) {
            Fault::invalid("User", "login", "already_exists", "is taken")
        } else {
            Fault::from(error)
        }
    })
}

fn exists_already() -> Fault {
    let message = "somebody administers this installation already";
    Fault::conflict("setup.administrator_exists", message)
}

/// Makes the first administrator. A conflict if there is one.
// SECURITY: only for the composition root, under the exclusive lock of the data directory; no surface reaches it.
pub fn first_administrator(
    store: &Store,
    node: &str,
    clock: &dyn Clock,
    random: &dyn Random,
    login: &str,
    secret: &str,
) -> Result<AccountId, Fault> {
    check_login(login)?;
    password::check(secret, &[login])?;
    let hash = password::hash(secret, random)?;
    let now = clock.now();
    store.write(|tx| {
        // In the same transaction as the insert, so that two cannot both be the first.
        if exists(tx)? {
            return Err(exists_already());
        }
        let row = insert(tx, login, hash, now)?;
        // Nobody acts before the first account exists: it is the operator of the machine.
        let mut event = Event::of_nobody(now, "user.create", "create", "setup");
        event.user = Some(row.login.clone());
        event.data.insert("site_administrator".into(), true.into());
        audit::append(tx, node, &[event])?;
        Ok(row.id)
    })
}
