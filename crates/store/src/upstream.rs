//! Servers behind the gateway, and the accounts that persons have there.

use crate::column::{Secret, word_enum};
use crate::record::record;
use crate::{AccountRow, ChangeKey, RepositoryRow, Result, StoreError, Tx, values};
use bailiwick_model::{AccountId, RepositoryId, Timestamp, UpstreamId, UpstreamKind, UpstreamMode};

record! {
    /// A server behind the gateway.
    pub struct UpstreamRow in "upstream" {
        /// Its id; `insert` gives it.
        pub id: UpstreamId,
        /// Its name, in small letters.
        pub name: String,
        /// What it speaks.
        pub kind: UpstreamKind,
        /// Where it is: a base address, or `file:` and a directory of bare repositories.
        pub address: String,
        /// Its settings, as JSON.
        pub settings: String,
        /// The sealed credential.
        pub credential: Option<Secret>,
        /// When the credential was last changed.
        pub credential_changed_at: Option<Timestamp>,
        /// How the gateway stands before it.
        pub mode: UpstreamMode,
        /// When observing ends.
        pub observe_until: Option<Timestamp>,
        /// Whether the configuration file holds it, so that the API does not change it.
        pub from_file: bool,
        /// When its directory was last synchronised without a fault.
        pub synchronised_at: Option<Timestamp>,
        /// How the synchronisation stands, as JSON.
        pub synchronisation: Option<String>,
        /// When it was created.
        pub created_at: Timestamp,
        /// When it was last edited.
        pub updated_at: Timestamp,
        /// When it was removed; its name is free again since.
        pub deleted_at: Option<Timestamp>,
    }
}

impl UpstreamRow {
    /// An upstream with nothing set but this: enforced, by default settings.
    pub fn new(name: &str, kind: UpstreamKind, address: &str, created_at: Timestamp) -> UpstreamRow {
        UpstreamRow {
            id: UpstreamId(0),
            name: name.to_owned(),
            kind,
            address: address.to_owned(),
            settings: String::from("{}"),
            credential: None,
            credential_changed_at: None,
            mode: UpstreamMode::Enforce,
            observe_until: None,
            from_file: false,
            synchronised_at: None,
            synchronisation: None,
            created_at,
            updated_at: created_at,
            deleted_at: None,
        }
    }
}

word_enum! {
    /// Who switched a link off. Only they switch it on again.
    LinkBar {
        /// An administrator.
        Administrator = "administrator",
        /// The upstream, whose synchronisation found the account gone or not to be used.
        Upstream = "upstream",
    }
}

record! {
    /// A person's or service account's account at an upstream, linked explicitly.
    pub struct UpstreamLinkRow in "upstream_link" {
        /// Its id; `insert_link` gives it.
        pub id: i64,
        /// The upstream.
        pub upstream_id: UpstreamId,
        /// The account here.
        pub account_id: AccountId,
        /// The login there.
        pub login: String,
        /// The immutable id there.
        pub upstream_key: Option<String>,
        /// The sealed credential of the person there, where the upstream's kind needs one.
        pub credential: Option<Secret>,
        /// When that credential ends.
        pub expires_at: Option<Timestamp>,
        /// Whether the account there may still be used.
        pub active: bool,
        /// Who switched it off; none where it is active, or ended by itself.
        pub barred: Option<LinkBar>,
        /// When it was linked.
        pub created_at: Timestamp,
        /// When it was last changed.
        pub updated_at: Timestamp,
    }
}

/// The unique index of live names.
pub const NAME_TAKEN: &str = "upstream_name_key";
/// The unique index of accounts at an upstream: one belongs to one account here.
pub const KEY_TAKEN: &str = "upstream_link_upstream_id_upstream_key_key";

/// Adds an upstream under a new id. A taken name is a conflict of [`NAME_TAKEN`].
pub fn insert(tx: &mut Tx<'_>, mut row: UpstreamRow) -> Result<UpstreamRow> {
    row.id = UpstreamId(tx.next_id("upstream")?);
    row.insert_row(tx)?;
    tx.changed(ChangeKey::Upstream(row.id));
    Ok(row)
}

/// Writes every field.
pub fn update(tx: &mut Tx<'_>, row: &UpstreamRow) -> Result<()> {
    tx.changed(ChangeKey::Upstream(row.id));
    row.update_row(tx)
}

/// The upstream of an id, removed or not.
pub fn by_id(tx: &mut Tx<'_>, id: UpstreamId) -> Result<Option<UpstreamRow>> {
    UpstreamRow::find(tx, "upstream WHERE id = $1", values![id])
}

/// The live upstream of a name.
pub fn by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<UpstreamRow>> {
    UpstreamRow::find(
        tx,
        "upstream WHERE name = $1 AND deleted_at IS NULL",
        values![name],
    )
}

/// Every live upstream, in the order of ids.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<UpstreamRow>> {
    UpstreamRow::select(tx, "upstream WHERE deleted_at IS NULL ORDER BY id", &[])
}

/// How many accounts and repositories live at an upstream.
pub fn bound(tx: &mut Tx<'_>, id: UpstreamId) -> Result<(i64, i64)> {
    let mut count = |table: &str| {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE upstream_id = $1 AND deleted_at IS NULL");
        tx.one(&sql, values![id])?.int()
    };
    Ok((count("account")?, count("repository")?))
}

/// The accounts that live at an upstream, in the order of ids.
pub fn accounts(tx: &mut Tx<'_>, id: UpstreamId) -> Result<Vec<AccountRow>> {
    AccountRow::select(
        tx,
        "account WHERE upstream_id = $1 AND deleted_at IS NULL ORDER BY id",
        values![id],
    )
}

/// The repositories that live at an upstream, in the order of ids, after one.
pub fn repositories(
    tx: &mut Tx<'_>,
    id: UpstreamId,
    after: RepositoryId,
    limit: usize,
) -> Result<Vec<RepositoryRow>> {
    RepositoryRow::select(
        tx,
        "repository WHERE upstream_id = $1 AND id > $2 AND deleted_at IS NULL ORDER BY id LIMIT $3",
        values![id, after, i64::try_from(limit).unwrap_or(i64::MAX)],
    )
}

/// The live account that is bound to an account of an upstream, by the name there in whatever case.
pub fn account_named(tx: &mut Tx<'_>, id: UpstreamId, name: &str) -> Result<Option<AccountRow>> {
    AccountRow::find(
        tx,
        "account WHERE upstream_id = $1 AND lower(upstream_name) = $2 AND deleted_at IS NULL",
        values![id, name.to_ascii_lowercase()],
    )
}

/// The live repository that is bound to a repository of an upstream, by `owner/name` there in whatever case.
pub fn repository_named(tx: &mut Tx<'_>, id: UpstreamId, name: &str) -> Result<Option<RepositoryRow>> {
    RepositoryRow::find(
        tx,
        "repository WHERE upstream_id = $1 AND lower(upstream_name) = $2 AND deleted_at IS NULL",
        values![id, name.to_ascii_lowercase()],
    )
}

/// The link to an account of an upstream, by the login there in whatever case.
pub fn link_named(tx: &mut Tx<'_>, upstream: UpstreamId, login: &str) -> Result<Option<UpstreamLinkRow>> {
    UpstreamLinkRow::find(
        tx,
        "upstream_link WHERE upstream_id = $1 AND lower(login) = $2",
        values![upstream, login.to_ascii_lowercase()],
    )
}

/// The link to an account of an upstream, by the immutable id there.
pub fn link_keyed(tx: &mut Tx<'_>, upstream: UpstreamId, key: &str) -> Result<Option<UpstreamLinkRow>> {
    UpstreamLinkRow::find(
        tx,
        "upstream_link WHERE upstream_id = $1 AND upstream_key = $2",
        values![upstream, key],
    )
}

/// Adds a link under a new id, or changes the one that the account has. An account there that somebody else has is a
/// conflict of [`KEY_TAKEN`].
pub fn put_link(tx: &mut Tx<'_>, mut row: UpstreamLinkRow) -> Result<UpstreamLinkRow> {
    match link(tx, row.upstream_id, row.account_id)? {
        Some(before) => {
            row.id = before.id;
            row.created_at = before.created_at;
            row.update_row(tx)?;
        }
        None => {
            row.id = tx.next_id("upstream_link")?;
            row.insert_row(tx)?;
        }
    }
    tx.changed(ChangeKey::Account(row.account_id));
    tx.changed(ChangeKey::Upstream(row.upstream_id));
    Ok(row)
}

/// The link of an account.
pub fn link(tx: &mut Tx<'_>, upstream: UpstreamId, account: AccountId) -> Result<Option<UpstreamLinkRow>> {
    UpstreamLinkRow::find(
        tx,
        "upstream_link WHERE upstream_id = $1 AND account_id = $2",
        values![upstream, account],
    )
}

/// The links of an account, in the order of upstreams.
pub fn links_of(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<UpstreamLinkRow>> {
    UpstreamLinkRow::select(
        tx,
        "upstream_link WHERE account_id = $1 ORDER BY upstream_id",
        values![account],
    )
}

/// The links of an upstream, in the order of ids.
pub fn links(tx: &mut Tx<'_>, upstream: UpstreamId) -> Result<Vec<UpstreamLinkRow>> {
    UpstreamLinkRow::select(
        tx,
        "upstream_link WHERE upstream_id = $1 ORDER BY id",
        values![upstream],
    )
}

/// Removes the link of an account; tells whether there was one.
pub fn unlink(tx: &mut Tx<'_>, upstream: UpstreamId, account: AccountId) -> Result<bool> {
    tx.changed(ChangeKey::Account(account));
    tx.changed(ChangeKey::Upstream(upstream));
    let count = tx.execute(
        "DELETE FROM upstream_link WHERE upstream_id = $1 AND account_id = $2",
        values![upstream, account],
    )?;
    Ok(count > 0)
}

/// Forgets every person's credential at an upstream; the links stay.
pub fn forget_link_credentials(tx: &mut Tx<'_>, id: UpstreamId) -> Result<()> {
    tx.changed(ChangeKey::Upstream(id));
    tx.execute(
        "UPDATE upstream_link SET credential = NULL, expires_at = NULL WHERE upstream_id = $1",
        values![id],
    )?;
    Ok(())
}

/// Marks an upstream removed. What lives there is the caller's to unbind first.
pub fn delete(tx: &mut Tx<'_>, id: UpstreamId, now: Timestamp) -> Result<()> {
    let mut row = by_id(tx, id)?.ok_or(StoreError::Absent)?;
    row.deleted_at = Some(now);
    row.credential = None;
    tx.execute("DELETE FROM upstream_link WHERE upstream_id = $1", values![id])?;
    crate::linking::forget(tx, id)?;
    update(tx, &row)
}
