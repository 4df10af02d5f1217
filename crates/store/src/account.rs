//! Accounts: users, organizations and service accounts, in one namespace of logins.

use crate::column::word_enum;
use crate::record::record;
use crate::{ChangeKey, Result, Secret, StoreError, Tx, redirect, values};
use bailiwick_model::name::fold;
use bailiwick_model::{AccountId, EnterpriseId, Policy, RepositoryRole, Timestamp, UpstreamId};

word_enum! {
    /// What an account is.
    AccountKind {
        /// A person.
        User = "user",
        /// An organization.
        Organization = "organization",
        /// A service account, owned by an organization.
        Service = "service",
    }
}

record! {
    /// An account.
    pub struct AccountRow in "account" {
        /// Its id; `insert` gives it.
        pub id: AccountId,
        /// Its login as it was chosen.
        pub login: String,
        /// The login as it is compared; `insert` and `update` set it.
        pub folded: String,
        /// What it is.
        pub kind: AccountKind,
        /// The name shown.
        pub name: Option<String>,
        /// The address shown.
        pub email: Option<String>,
        /// Whether it administers the installation.
        pub site_administrator: bool,
        /// Since when it is suspended.
        pub suspended_at: Option<Timestamp>,
        /// When it was created.
        pub created_at: Timestamp,
        /// When it was last edited.
        pub updated_at: Timestamp,
        /// When it was deleted; its login is free again since.
        pub deleted_at: Option<Timestamp>,
        /// A user's biography.
        pub bio: Option<String>,
        /// A user's company.
        pub company: Option<String>,
        /// Where it is.
        pub location: Option<String>,
        /// Its web site.
        pub blog: Option<String>,
        /// An organization's or service account's description.
        pub description: Option<String>,
        /// The hash of a user's password, in PHC form.
        pub password_hash: Option<Secret>,
        /// The organization that owns a service account.
        pub owner_id: Option<AccountId>,
        /// The enterprise of an organization.
        pub enterprise_id: Option<EnterpriseId>,
        /// What every member may do at an organization's private and internal repositories.
        pub base_role: RepositoryRole,
        /// An organization's policy.
        pub policy: Policy,
        /// The upstream that it lives at; hosted here without one.
        pub upstream_id: Option<UpstreamId>,
        /// Its login there.
        pub upstream_name: Option<String>,
        /// Its immutable id there.
        pub upstream_key: Option<String>,
    }
}

/// The unique index of live logins.
pub const LOGIN_TAKEN: &str = "account_folded_key";

impl AccountRow {
    /// An account with nothing set but this.
    pub fn new(login: &str, kind: AccountKind, created_at: Timestamp) -> AccountRow {
        AccountRow {
            id: AccountId(0),
            login: login.to_owned(),
            folded: fold(login),
            kind,
            name: None,
            email: None,
            site_administrator: false,
            suspended_at: None,
            created_at,
            updated_at: created_at,
            deleted_at: None,
            bio: None,
            company: None,
            location: None,
            blog: None,
            description: None,
            password_hash: None,
            owner_id: None,
            enterprise_id: None,
            base_role: RepositoryRole::None,
            policy: Policy::default(),
            upstream_id: None,
            upstream_name: None,
            upstream_key: None,
        }
    }

    /// Whether it may act: neither suspended nor deleted.
    pub const fn is_active(&self) -> bool {
        self.suspended_at.is_none() && self.deleted_at.is_none()
    }
}

/// Adds an account under a new id. A taken login is a conflict of [`LOGIN_TAKEN`].
pub fn insert(tx: &mut Tx<'_>, mut row: AccountRow) -> Result<AccountRow> {
    row.id = AccountId(tx.next_id("account")?);
    row.folded = fold(&row.login);
    row.insert_row(tx)?;
    tx.changed(ChangeKey::Account(row.id));
    Ok(row)
}

/// Writes every field. Rename with [`rename`], which leaves redirects behind.
pub fn update(tx: &mut Tx<'_>, row: &AccountRow) -> Result<()> {
    let row = AccountRow {
        folded: fold(&row.login),
        ..row.clone()
    };
    tx.changed(ChangeKey::Account(row.id));
    row.update_row(tx)
}

/// Changes the login. The old paths of its repositories lead to them until somebody takes those paths.
pub fn rename(tx: &mut Tx<'_>, id: AccountId, login: &str, now: Timestamp) -> Result<AccountRow> {
    let mut row = by_id(tx, id)?.ok_or(StoreError::Absent)?;
    let names = tx.query(
        "SELECT folded, id FROM repository WHERE owner_id = $1 AND deleted_at IS NULL",
        values![id],
    )?;
    let former = row.folded.clone();
    login.clone_into(&mut row.login);
    row.updated_at = now;
    update(tx, &row)?;
    if former != fold(login) {
        for mut name in names {
            redirect::set(tx, &former, &name.text()?, name.get()?, now)?;
        }
        redirect::clear_live(tx, id)?;
    }
    Ok(row)
}

/// Marks an account deleted and frees its login. What it owns is the caller's to end first.
pub fn delete(tx: &mut Tx<'_>, id: AccountId, now: Timestamp) -> Result<()> {
    let mut row = by_id(tx, id)?.ok_or(StoreError::Absent)?;
    row.deleted_at = Some(now);
    // Whoever they were at upstreams may be somebody else's now.
    for link in crate::upstream::links_of(tx, id)? {
        crate::upstream::unlink(tx, link.upstream_id, id)?;
    }
    update(tx, &row)
}

/// The account of an id, deleted or not.
pub fn by_id(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<AccountRow>> {
    AccountRow::find(tx, "account WHERE id = $1", values![id])
}

/// The accounts of several ids, deleted or not, in the order of ids.
pub fn by_ids(tx: &mut Tx<'_>, ids: &[AccountId]) -> Result<Vec<AccountRow>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(crate::record::CHUNK) {
        let tail = format!(
            "account WHERE id IN ({})",
            crate::record::placeholders(1, chunk.len())
        );
        found.extend(AccountRow::select(tx, &tail, &crate::record::all_values(chunk))?);
    }
    found.sort_by_key(|row| row.id);
    found.dedup_by_key(|row| row.id);
    Ok(found)
}

/// The live account of a login, in whatever case it is written.
pub fn by_login(tx: &mut Tx<'_>, login: &str) -> Result<Option<AccountRow>> {
    AccountRow::find(
        tx,
        "account WHERE folded = $1 AND deleted_at IS NULL",
        values![fold(login)],
    )
}

/// The live users that show one of these addresses, in whatever case. An address that several show leads to nobody.
pub fn by_emails(tx: &mut Tx<'_>, emails: &[String]) -> Result<Vec<AccountRow>> {
    let mut found: Vec<AccountRow> = Vec::new();
    let folded: Vec<String> = emails.iter().map(|email| email.to_ascii_lowercase()).collect();
    for chunk in folded.chunks(crate::record::CHUNK) {
        let tail = format!(
            "account WHERE lower(email) IN ({}) AND kind = 'user' AND deleted_at IS NULL",
            crate::record::placeholders(1, chunk.len())
        );
        found.extend(AccountRow::select(tx, &tail, &crate::record::all_values(chunk))?);
    }
    let address = |row: &AccountRow| row.email.as_deref().unwrap_or_default().to_ascii_lowercase();
    let alone = |row: &&AccountRow| {
        found
            .iter()
            .filter(|other| address(other) == address(row))
            .count()
            == 1
    };
    Ok(found.iter().filter(alone).cloned().collect())
}

/// Which accounts to list. The default is every live one.
#[derive(Clone, Debug)]
pub struct AccountQuery {
    /// Of this kind.
    pub kind: Option<AccountKind>,
    /// Service accounts of this organization.
    pub owner: Option<AccountId>,
    /// Organizations of this enterprise.
    pub enterprise: Option<EnterpriseId>,
    /// In no enterprise.
    pub free: bool,
    /// Administrators of the installation, or all others.
    pub site_administrator: Option<bool>,
    /// Suspended ones, or all others.
    pub suspended: Option<bool>,
    /// With ids above this one (GitHub's `since`).
    pub after: AccountId,
    /// At most so many.
    pub limit: usize,
}

impl Default for AccountQuery {
    fn default() -> Self {
        AccountQuery {
            kind: None,
            owner: None,
            enterprise: None,
            free: false,
            site_administrator: None,
            suspended: None,
            after: AccountId(0),
            limit: usize::MAX,
        }
    }
}

/// Live accounts in the order of ids.
pub fn list(tx: &mut Tx<'_>, query: &AccountQuery) -> Result<Vec<AccountRow>> {
    let mut filter = chosen(query);
    let tail = filter.tail("account", "ORDER BY id LIMIT ?", &[query.limit.into()]);
    AccountRow::select(tx, &tail, filter.values())
}

/// A page of live accounts in the order of logins, of those whose login, name or address holds a text in whatever
/// case; and how many there are in all.
pub fn search(
    tx: &mut Tx<'_>,
    query: &AccountQuery,
    text: &str,
    offset: usize,
) -> Result<(Vec<AccountRow>, i64)> {
    let mut filter = chosen(query);
    if !text.is_empty() {
        let pattern = crate::filter::containing(&fold(text));
        filter.and_all(
            "(folded LIKE ? ESCAPE '!' OR LOWER(COALESCE(name, '')) LIKE ? ESCAPE '!' \
             OR LOWER(COALESCE(email, '')) LIKE ? ESCAPE '!')",
            values![pattern, pattern, pattern],
        );
    }
    let counted = filter.tail("account", "", &[]);
    let total = tx
        .one(&format!("SELECT COUNT(*) FROM {counted}"), filter.values())?
        .int()?;
    let order = "ORDER BY folded, id LIMIT ? OFFSET ?";
    let tail = filter.tail("account", order, &[query.limit.into(), offset.into()]);
    Ok((AccountRow::select(tx, &tail, filter.values())?, total))
}

fn chosen(query: &AccountQuery) -> crate::filter::Filter {
    let mut filter = crate::filter::Filter::new("deleted_at IS NULL");
    filter.and("id > ?", query.after);
    filter.and_some("kind = ?", query.kind);
    filter.and_some("owner_id = ?", query.owner);
    filter.and_some("enterprise_id = ?", query.enterprise);
    if query.free {
        filter.and_text("enterprise_id IS NULL");
    }
    filter.and_some("site_administrator = ?", query.site_administrator);
    match query.suspended {
        Some(true) => filter.and_text("suspended_at IS NOT NULL"),
        Some(false) => filter.and_text("suspended_at IS NULL"),
        None => {}
    }
    filter
}

/// How many live accounts of a kind there are.
pub fn count(tx: &mut Tx<'_>, kind: AccountKind) -> Result<i64> {
    tx.one(
        "SELECT COUNT(*) FROM account WHERE kind = $1 AND deleted_at IS NULL",
        values![kind],
    )?
    .int()
}
