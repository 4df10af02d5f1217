//! Repositories, by immutable id, and the names that lead to them.

use crate::filter::Filter;
use crate::record::record;
use crate::{ChangeKey, Result, StoreError, Tx, redirect, values};
use bailiwick_model::name::fold;
use bailiwick_model::{AccountId, RepositoryId, Timestamp, UpstreamId, Visibility};

record! {
    /// A repository.
    pub struct RepositoryRow in "repository" {
        /// Its id; `insert` gives it.
        pub id: RepositoryId,
        /// Who owns it now.
        pub owner_id: AccountId,
        /// Its name as it was chosen.
        pub name: String,
        /// The name as it is compared; `insert` and `update` set it.
        pub folded: String,
        /// What it is.
        pub description: Option<String>,
        /// Its web site.
        pub homepage: Option<String>,
        /// Who may see it.
        pub visibility: Visibility,
        /// The branch that clones check out.
        pub default_branch: String,
        /// Since when it is read-only.
        pub archived_at: Option<Timestamp>,
        /// What it was forked from.
        pub fork_of: Option<RepositoryId>,
        /// Whether it has issues.
        pub has_issues: bool,
        /// The number that the next issue or pull request gets.
        pub next_number: i64,
        /// When something was last pushed.
        pub pushed_at: Option<Timestamp>,
        /// When it was created.
        pub created_at: Timestamp,
        /// When it was last edited.
        pub updated_at: Timestamp,
        /// When it was deleted; its name is free again since.
        pub deleted_at: Option<Timestamp>,
        /// The upstream that it lives at; hosted here without one.
        pub upstream_id: Option<UpstreamId>,
        /// Its owner and name there, `owner/name`.
        pub upstream_name: Option<String>,
        /// Its immutable id there.
        pub upstream_key: Option<String>,
    }
}

/// The unique index of live names of an owner.
pub const NAME_TAKEN: &str = "repository_owner_id_folded_key";

impl RepositoryRow {
    /// A repository with nothing set but this.
    pub fn new(
        owner_id: AccountId,
        name: &str,
        visibility: Visibility,
        created_at: Timestamp,
    ) -> RepositoryRow {
        RepositoryRow {
            id: RepositoryId(0),
            owner_id,
            name: name.to_owned(),
            folded: fold(name),
            description: None,
            homepage: None,
            visibility,
            default_branch: String::from("main"),
            archived_at: None,
            fork_of: None,
            has_issues: true,
            next_number: 1,
            pushed_at: None,
            created_at,
            updated_at: created_at,
            deleted_at: None,
            upstream_id: None,
            upstream_name: None,
            upstream_key: None,
        }
    }
}

/// Adds a repository under a new id. A taken name is a conflict of [`NAME_TAKEN`]; an old path that led
/// elsewhere leads here from now on.
pub fn insert(tx: &mut Tx<'_>, mut row: RepositoryRow) -> Result<RepositoryRow> {
    row.id = RepositoryId(tx.next_id("repository")?);
    insert_reserved(tx, row)
}

/// Adds a repository under an id that was taken from the ids of `repository` before, when its directory was made.
pub fn insert_reserved(tx: &mut Tx<'_>, mut row: RepositoryRow) -> Result<RepositoryRow> {
    row.folded = fold(&row.name);
    row.insert_row(tx)?;
    redirect::clear(tx, row.owner_id, &row.folded)?;
    tx.changed(ChangeKey::Repository(row.id));
    Ok(row)
}

/// Writes every field but the counter of numbers. A changed name or owner leaves a redirect behind; taking
/// the repository out of grants, teams and collaborations is the caller's.
pub fn update(tx: &mut Tx<'_>, row: &RepositoryRow) -> Result<()> {
    let before = by_id(tx, row.id)?.ok_or(StoreError::Absent)?;
    let row = RepositoryRow {
        folded: fold(&row.name),
        next_number: before.next_number,
        ..row.clone()
    };
    row.update_row(tx)?;
    tx.changed(ChangeKey::Repository(row.id));
    if (before.owner_id, &before.folded) != (row.owner_id, &row.folded) {
        redirect::clear(tx, row.owner_id, &row.folded)?;
        let owner: String = tx
            .one(
                "SELECT folded FROM account WHERE id = $1",
                values![before.owner_id],
            )?
            .get()?;
        redirect::set(tx, &owner, &before.folded, row.id, row.updated_at)?;
    }
    Ok(())
}

/// Marks a repository deleted, frees its name, and takes it out of teams, collaborations, grants and redirects.
pub fn delete(tx: &mut Tx<'_>, id: RepositoryId, now: Timestamp) -> Result<()> {
    let mut row = by_id(tx, id)?.ok_or(StoreError::Absent)?;
    row.deleted_at = Some(now);
    detach(tx, id)?;
    tx.execute("DELETE FROM redirect WHERE repository_id = $1", values![id])?;
    tx.changed(ChangeKey::Repository(id));
    row.update_row(tx)
}

/// Takes a repository out of every team, collaboration, grant and pending request, as a transfer or deletion needs.
pub fn detach(tx: &mut Tx<'_>, id: RepositoryId) -> Result<()> {
    crate::grant::forget_repository(tx, id)?;
    // Whose roles change is not worth finding out here: such changes are rare.
    tx.changed(ChangeKey::Everything);
    tx.execute(
        "DELETE FROM team_repository WHERE repository_id = $1",
        values![id],
    )?;
    tx.execute("DELETE FROM collaborator WHERE repository_id = $1", values![id])?;
    Ok(())
}

/// Notes a push.
pub fn touch_pushed(tx: &mut Tx<'_>, id: RepositoryId, at: Timestamp) -> Result<()> {
    tx.changed(ChangeKey::Repository(id));
    tx.execute(
        "UPDATE repository SET pushed_at = $2, updated_at = $2 WHERE id = $1",
        values![id, at],
    )
    .map(|_| ())
}

/// The number of the next issue or pull request.
pub fn take_number(tx: &mut Tx<'_>, id: RepositoryId) -> Result<i64> {
    tx.one(
        "UPDATE repository SET next_number = next_number + 1 WHERE id = $1 RETURNING next_number - 1",
        values![id],
    )?
    .int()
}

/// The id that no repository has had yet.
pub fn next_id(tx: &mut Tx<'_>) -> Result<i64> {
    tx.optional("SELECT next FROM ids WHERE kind = 'repository'", &[])?
        .map_or(Ok(1), |mut row| row.int())
}

/// The repository of an id, deleted or not.
pub fn by_id(tx: &mut Tx<'_>, id: RepositoryId) -> Result<Option<RepositoryRow>> {
    RepositoryRow::find(tx, "repository WHERE id = $1", values![id])
}

/// The live repository of an owner and a name, in whatever case it is written; redirects are not followed.
pub fn by_name(tx: &mut Tx<'_>, owner: AccountId, name: &str) -> Result<Option<RepositoryRow>> {
    RepositoryRow::find(
        tx,
        "repository WHERE owner_id = $1 AND folded = $2 AND deleted_at IS NULL",
        values![owner, fold(name)],
    )
}

/// Which repositories to list. The default is every live one.
#[derive(Clone, Debug, Default)]
pub struct RepositoryQuery {
    /// Of these owners; `None` is any owner, an empty list is no owner.
    pub owners: Option<Vec<AccountId>>,
    /// With these ids; `None` is any id, an empty list is none.
    pub ids: Option<Vec<RepositoryId>>,
    /// Of this visibility.
    pub visibility: Option<Visibility>,
    /// Archived ones, or all others.
    pub archived: Option<bool>,
    /// Forks of this one.
    pub fork_of: Option<RepositoryId>,
    /// With ids above this one.
    pub after: Option<RepositoryId>,
}

/// Live repositories that the caller's filter lets through, in the order of ids. The filter is the decision's:
/// there is no list without one.
pub fn list(
    tx: &mut Tx<'_>,
    query: &RepositoryQuery,
    filter: &impl Fn(&RepositoryRow) -> bool,
) -> Result<Vec<RepositoryRow>> {
    let mut found = Vec::new();
    match (&query.ids, &query.owners) {
        (Some(ids), _) => {
            for chunk in ids.chunks(crate::record::CHUNK) {
                let mut conditions = conditions(query);
                conditions.and_in("id", chunk);
                found.extend(select(tx, conditions, filter)?);
            }
            // An owner list beside an id list narrows further.
            found.retain(|row| {
                query
                    .owners
                    .as_ref()
                    .is_none_or(|owners| owners.contains(&row.owner_id))
            });
        }
        (None, Some(owners)) => {
            for chunk in owners.chunks(crate::record::CHUNK) {
                let mut conditions = conditions(query);
                conditions.and_in("owner_id", chunk);
                found.extend(select(tx, conditions, filter)?);
            }
        }
        (None, None) => found.extend(select(tx, conditions(query), filter)?),
    }
    found.sort_by_key(|row| row.id);
    found.dedup_by_key(|row| row.id);
    Ok(found)
}

fn conditions(query: &RepositoryQuery) -> Filter {
    let mut conditions = Filter::new("deleted_at IS NULL");
    conditions.and_some("visibility = ?", query.visibility);
    conditions.and_some("fork_of = ?", query.fork_of);
    conditions.and_some("id > ?", query.after);
    match query.archived {
        Some(true) => conditions.and_text("archived_at IS NOT NULL"),
        Some(false) => conditions.and_text("archived_at IS NULL"),
        None => {}
    }
    conditions
}

fn select(
    tx: &mut Tx<'_>,
    mut conditions: Filter,
    filter: &impl Fn(&RepositoryRow) -> bool,
) -> Result<Vec<RepositoryRow>> {
    let tail = conditions.tail("repository", "ORDER BY id", &[]);
    let mut rows = RepositoryRow::select(tx, &tail, conditions.values())?;
    rows.retain(|row| filter(row));
    Ok(rows)
}
