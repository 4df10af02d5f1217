//! Teams of organizations: a tree, members, and the repositories they have roles at.

use crate::column::word_enum;
use crate::record::record;
use crate::{AccountRow, ChangeKey, RepositoryRow, Result, Tx, values};
use bailiwick_model::{AccountId, RepositoryId, RepositoryRole, TeamId, Timestamp, UpstreamId};

word_enum! {
    /// Who may see a team.
    TeamPrivacy {
        /// Every member of the organization.
        Closed = "closed",
        /// Its members and the owners.
        Secret = "secret",
    }
}

word_enum! {
    /// What a user is in a team.
    TeamRole {
        /// A member.
        Member = "member",
        /// A maintainer: may add and remove members.
        Maintainer = "maintainer",
    }
}

record! {
    /// A team.
    pub struct TeamRow in "team" {
        /// Its id; `insert` gives it.
        pub id: TeamId,
        /// The organization.
        pub organization_id: AccountId,
        /// The team above, whose roles its members have too.
        pub parent_id: Option<TeamId>,
        /// Its name in paths.
        pub slug: String,
        /// Its name.
        pub name: String,
        /// What it is for.
        pub description: Option<String>,
        /// Who may see it.
        pub privacy: TeamPrivacy,
        /// When it was created.
        pub created_at: Timestamp,
        /// When it was last edited.
        pub updated_at: Timestamp,
        /// The upstream that it came from; made here without one.
        pub upstream_id: Option<UpstreamId>,
        /// Its immutable id there.
        pub upstream_key: Option<String>,
    }
}

impl TeamRow {
    /// A team without parent, visible to the organization.
    pub fn new(organization_id: AccountId, slug: &str, name: &str, created_at: Timestamp) -> TeamRow {
        TeamRow {
            id: TeamId(0),
            organization_id,
            parent_id: None,
            slug: slug.to_owned(),
            name: name.to_owned(),
            description: None,
            privacy: TeamPrivacy::Closed,
            created_at,
            updated_at: created_at,
            upstream_id: None,
            upstream_key: None,
        }
    }
}

/// A team and everything below it.
const BELOW: &str = "WITH RECURSIVE below (id) AS (SELECT id FROM team WHERE id = $1 \
    UNION SELECT team.id FROM team JOIN below ON team.parent_id = below.id)";

/// Notes that the roles of everybody in a team and below it have changed.
fn members_changed(tx: &mut Tx<'_>, id: TeamId) -> Result<()> {
    let sql = format!(
        "{BELOW} SELECT DISTINCT user_id FROM team_member JOIN below ON below.id = team_member.team_id"
    );
    for mut row in tx.query(&sql, values![id])? {
        let user = row.get()?;
        tx.changed(ChangeKey::Account(user));
    }
    Ok(())
}

/// Adds a team under a new id.
pub fn insert(tx: &mut Tx<'_>, mut row: TeamRow) -> Result<TeamRow> {
    row.id = TeamId(tx.next_id("team")?);
    row.insert_row(tx)?;
    Ok(row)
}

/// Writes every field. The caller makes sure by [`is_below`] that a new parent is not below the team.
pub fn update(tx: &mut Tx<'_>, row: &TeamRow) -> Result<()> {
    members_changed(tx, row.id)?;
    row.update_row(tx)
}

/// Deletes a team and every team below it.
pub fn delete(tx: &mut Tx<'_>, id: TeamId) -> Result<()> {
    members_changed(tx, id)?;
    let mut ids = Vec::new();
    for mut row in tx.query(
        &format!("{BELOW} SELECT id FROM below ORDER BY id DESC"),
        values![id],
    )? {
        ids.push(row.get::<TeamId>()?);
    }
    for id in &ids {
        tx.execute("UPDATE team SET parent_id = NULL WHERE id = $1", values![id])?;
        tx.execute("DELETE FROM team_member WHERE team_id = $1", values![id])?;
        tx.execute("DELETE FROM team_repository WHERE team_id = $1", values![id])?;
    }
    for id in &ids {
        tx.execute("DELETE FROM team WHERE id = $1", values![id])?;
    }
    Ok(())
}

/// Whether the first team is the second one or below it.
pub fn is_below(tx: &mut Tx<'_>, id: TeamId, of: TeamId) -> Result<bool> {
    let sql = format!("{BELOW} SELECT id FROM below WHERE id = $2");
    Ok(tx.optional(&sql, values![of, id])?.is_some())
}

/// The team of an id.
pub fn by_id(tx: &mut Tx<'_>, id: TeamId) -> Result<Option<TeamRow>> {
    TeamRow::find(tx, "team WHERE id = $1", values![id])
}

/// The team of a slug in an organization.
pub fn by_slug(tx: &mut Tx<'_>, organization: AccountId, slug: &str) -> Result<Option<TeamRow>> {
    TeamRow::find(
        tx,
        "team WHERE organization_id = $1 AND slug = $2",
        values![organization, bailiwick_model::name::fold(slug)],
    )
}

/// The teams of an organization in the order of slugs.
pub fn list(tx: &mut Tx<'_>, organization: AccountId) -> Result<Vec<TeamRow>> {
    TeamRow::select(
        tx,
        "team WHERE organization_id = $1 ORDER BY slug",
        values![organization],
    )
}

/// The teams directly below a team, in the order of slugs.
pub fn children(tx: &mut Tx<'_>, id: TeamId) -> Result<Vec<TeamRow>> {
    TeamRow::select(tx, "team WHERE parent_id = $1 ORDER BY slug", values![id])
}

/// The teams that a user is in, in the order of ids.
pub fn of_user(tx: &mut Tx<'_>, user: AccountId) -> Result<Vec<(TeamRow, TeamRole)>> {
    let sql = format!(
        "SELECT {}, team_member.role FROM team JOIN team_member ON team_member.team_id = team.id \
         WHERE team_member.user_id = $1 ORDER BY team.id",
        TeamRow::COLUMNS
    );
    let mut rows = tx.query(&sql, values![user])?;
    rows.iter_mut()
        .map(|row| Ok((TeamRow::read(row)?, row.get()?)))
        .collect()
}

/// Adds a user to a team or changes what the user is there.
pub fn set_member(tx: &mut Tx<'_>, id: TeamId, user: AccountId, role: TeamRole) -> Result<()> {
    tx.changed(ChangeKey::Account(user));
    tx.execute(
        "INSERT INTO team_member (team_id, user_id, role) VALUES ($1, $2, $3) \
         ON CONFLICT (team_id, user_id) DO UPDATE SET role = $3",
        values![id, user, role],
    )
    .map(|_| ())
}

/// Takes a user out of a team; tells whether the user was in it.
pub fn remove_member(tx: &mut Tx<'_>, id: TeamId, user: AccountId) -> Result<bool> {
    tx.changed(ChangeKey::Account(user));
    let count = tx.execute(
        "DELETE FROM team_member WHERE team_id = $1 AND user_id = $2",
        values![id, user],
    )?;
    Ok(count > 0)
}

/// What a user is in a team, itself and not below it.
pub fn member(tx: &mut Tx<'_>, id: TeamId, user: AccountId) -> Result<Option<TeamRole>> {
    tx.optional(
        "SELECT role FROM team_member WHERE team_id = $1 AND user_id = $2",
        values![id, user],
    )?
    .map(|mut row| row.get())
    .transpose()
}

/// The live members of a team itself, in the order of ids.
pub fn members(tx: &mut Tx<'_>, id: TeamId) -> Result<Vec<(TeamRole, AccountRow)>> {
    let sql = format!(
        "SELECT team_member.role, {} FROM team_member JOIN account ON account.id = team_member.user_id \
         WHERE team_member.team_id = $1 AND account.deleted_at IS NULL ORDER BY account.id",
        AccountRow::COLUMNS
    );
    let mut rows = tx.query(&sql, values![id])?;
    rows.iter_mut()
        .map(|row| Ok((row.get()?, AccountRow::read(row)?)))
        .collect()
}

/// Gives a team a role at a repository or changes it.
pub fn set_repository(
    tx: &mut Tx<'_>,
    id: TeamId,
    repository: RepositoryId,
    role: RepositoryRole,
) -> Result<()> {
    members_changed(tx, id)?;
    tx.execute(
        "INSERT INTO team_repository (team_id, repository_id, role) VALUES ($1, $2, $3) \
         ON CONFLICT (team_id, repository_id) DO UPDATE SET role = $3",
        values![id, repository, role],
    )
    .map(|_| ())
}

/// Takes a team's role at a repository away; tells whether it had one.
pub fn remove_repository(tx: &mut Tx<'_>, id: TeamId, repository: RepositoryId) -> Result<bool> {
    members_changed(tx, id)?;
    let count = tx.execute(
        "DELETE FROM team_repository WHERE team_id = $1 AND repository_id = $2",
        values![id, repository],
    )?;
    Ok(count > 0)
}

/// A team's own role at a repository.
pub fn repository(tx: &mut Tx<'_>, id: TeamId, repository: RepositoryId) -> Result<Option<RepositoryRole>> {
    tx.optional(
        "SELECT role FROM team_repository WHERE team_id = $1 AND repository_id = $2",
        values![id, repository],
    )?
    .map(|mut row| row.get())
    .transpose()
}

/// The live repositories that a team itself has a role at and that pass the caller's filter, in the order of ids.
pub fn repositories(
    tx: &mut Tx<'_>,
    id: TeamId,
    filter: &impl Fn(&RepositoryRow) -> bool,
) -> Result<Vec<(RepositoryRow, RepositoryRole)>> {
    let sql = format!(
        "SELECT {}, team_repository.role FROM repository \
         JOIN team_repository ON team_repository.repository_id = repository.id \
         WHERE team_repository.team_id = $1 AND repository.deleted_at IS NULL ORDER BY repository.id",
        RepositoryRow::COLUMNS
    );
    let mut found = Vec::new();
    for mut row in tx.query(&sql, values![id])? {
        let repository = RepositoryRow::read(&mut row)?;
        if filter(&repository) {
            found.push((repository, row.get()?));
        }
    }
    Ok(found)
}

/// The teams that have a role at a repository, in the order of ids.
pub fn of_repository(tx: &mut Tx<'_>, repository: RepositoryId) -> Result<Vec<(TeamRow, RepositoryRole)>> {
    let sql = format!(
        "SELECT {}, team_repository.role FROM team JOIN team_repository ON team_repository.team_id = team.id \
         WHERE team_repository.repository_id = $1 ORDER BY team.id",
        TeamRow::COLUMNS
    );
    let mut rows = tx.query(&sql, values![repository])?;
    rows.iter_mut()
        .map(|row| Ok((TeamRow::read(row)?, row.get()?)))
        .collect()
}
