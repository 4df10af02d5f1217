//! What of the directory is bound to an upstream, read whole, and changes of many things at once that may swap their
//! names; which node synchronises, and how that stands.

use crate::{
    AccountRow, ChangeKey, RepositoryRow, Result, StoreError, TeamRow, Tx, UpstreamLinkRow, redirect, values,
};
use bailiwick_model::name::fold;
use bailiwick_model::{
    AccountId, OrganizationRole, RepositoryId, RepositoryRole, TeamId, Timestamp, UpstreamId,
};

/// Live owners that are bound to an upstream.
const BOUND_OWNERS: &str = "SELECT id FROM account WHERE upstream_id = $1 AND deleted_at IS NULL";

/// Owners that are bound to an upstream, in the order of ids.
pub fn owners(tx: &mut Tx<'_>, id: UpstreamId) -> Result<Vec<AccountRow>> {
    AccountRow::select(
        tx,
        "account WHERE upstream_id = $1 AND deleted_at IS NULL ORDER BY id",
        values![id],
    )
}

/// Repositories that are bound to an upstream, in the order of ids.
pub fn repositories(tx: &mut Tx<'_>, id: UpstreamId) -> Result<Vec<RepositoryRow>> {
    RepositoryRow::select(
        tx,
        "repository WHERE upstream_id = $1 AND deleted_at IS NULL ORDER BY id",
        values![id],
    )
}

/// Owner and folded name of what bound owners have that is not bound to the upstream itself.
pub fn other_names(tx: &mut Tx<'_>, id: UpstreamId) -> Result<Vec<(AccountId, String)>> {
    let sql = format!(
        "SELECT owner_id, folded FROM repository WHERE owner_id IN ({BOUND_OWNERS}) AND deleted_at IS NULL \
         AND (upstream_id IS NULL OR upstream_id <> $1)"
    );
    tx.query(&sql, values![id])?
        .iter_mut()
        .map(|row| Ok((row.get()?, row.text()?)))
        .collect()
}

/// Memberships at bound owners: organization, person, role.
pub fn members(tx: &mut Tx<'_>, id: UpstreamId) -> Result<Vec<(AccountId, AccountId, OrganizationRole)>> {
    let sql = format!(
        "SELECT membership.organization_id, membership.user_id, membership.role FROM membership \
         JOIN account ON account.id = membership.user_id AND account.deleted_at IS NULL \
         WHERE membership.organization_id IN ({BOUND_OWNERS})"
    );
    tx.query(&sql, values![id])?
        .iter_mut()
        .map(|row| Ok((row.get()?, row.get()?, row.get()?)))
        .collect()
}

/// Every team of bound owners, in the order of ids.
pub fn teams(tx: &mut Tx<'_>, id: UpstreamId) -> Result<Vec<TeamRow>> {
    let tail = format!("team WHERE organization_id IN ({BOUND_OWNERS}) ORDER BY id");
    TeamRow::select(tx, &tail, values![id])
}

/// Who is in which team that came from an upstream.
pub fn team_members(tx: &mut Tx<'_>, id: UpstreamId) -> Result<Vec<(TeamId, AccountId)>> {
    let sql = "SELECT team_member.team_id, team_member.user_id FROM team_member \
               JOIN team ON team.id = team_member.team_id \
               JOIN account ON account.id = team_member.user_id AND account.deleted_at IS NULL \
               WHERE team.upstream_id = $1";
    tx.query(sql, values![id])?
        .iter_mut()
        .map(|row| Ok((row.get()?, row.get()?)))
        .collect()
}

/// The roles of teams that came from an upstream.
pub fn team_roles(tx: &mut Tx<'_>, id: UpstreamId) -> Result<Vec<(TeamId, RepositoryId, RepositoryRole)>> {
    let sql = "SELECT team_repository.team_id, team_repository.repository_id, team_repository.role \
               FROM team_repository JOIN team ON team.id = team_repository.team_id WHERE team.upstream_id = $1";
    tx.query(sql, values![id])?
        .iter_mut()
        .map(|row| Ok((row.get()?, row.get()?, row.get()?)))
        .collect()
}

/// The roles of collaborators at what bound owners have at an upstream.
pub fn collaborators(
    tx: &mut Tx<'_>,
    id: UpstreamId,
) -> Result<Vec<(RepositoryId, AccountId, RepositoryRole)>> {
    let sql = format!(
        "SELECT collaborator.repository_id, collaborator.user_id, collaborator.role FROM collaborator \
         JOIN repository ON repository.id = collaborator.repository_id AND repository.deleted_at IS NULL \
         WHERE repository.upstream_id = $1 AND repository.owner_id IN ({BOUND_OWNERS})"
    );
    tx.query(&sql, values![id])?
        .iter_mut()
        .map(|row| Ok((row.get()?, row.get()?, row.get()?)))
        .collect()
}

/// Writes repositories that may have taken each other's names. Old paths lead on, as with one that is updated; taking
/// those that changed their owner out of grants, teams and collaborations is the caller's.
pub fn place(tx: &mut Tx<'_>, rows: &[RepositoryRow]) -> Result<()> {
    let mut moved = Vec::new();
    let mut counters = Vec::with_capacity(rows.len());
    for row in rows {
        let before = crate::repository::by_id(tx, row.id)?.ok_or(StoreError::Absent)?;
        counters.push(before.next_number);
        let path = (before.owner_id, before.folded);
        if path != (row.owner_id, fold(&row.name)) {
            moved.push((row, path));
        }
        // Out of everybody's way first. No name holds a slash.
        tx.execute(
            "UPDATE repository SET folded = $2, upstream_name = NULL WHERE id = $1",
            values![row.id, format!("/{}", row.id)],
        )?;
    }
    for (row, next_number) in rows.iter().zip(counters) {
        let row = RepositoryRow {
            folded: fold(&row.name),
            next_number,
            ..row.clone()
        };
        row.update_row(tx)?;
        tx.changed(ChangeKey::Repository(row.id));
    }
    for (row, (owner, name)) in &moved {
        let login: String = tx
            .one("SELECT folded FROM account WHERE id = $1", values![owner])?
            .get()?;
        redirect::set(tx, &login, name, row.id, row.updated_at)?;
    }
    // A live repository at a path always wins, so what was left behind gives way to what arrived.
    for (row, _) in &moved {
        redirect::clear(tx, row.owner_id, &fold(&row.name))?;
    }
    Ok(())
}

/// Writes links that may have taken each other's logins.
pub fn put_links(tx: &mut Tx<'_>, rows: &[UpstreamLinkRow]) -> Result<()> {
    for row in rows {
        tx.execute(
            "UPDATE upstream_link SET login = $2, upstream_key = NULL WHERE id = $1",
            values![row.id, format!("/{}", row.id)],
        )?;
    }
    for row in rows {
        row.update_row(tx)?;
        tx.changed(ChangeKey::Account(row.account_id));
        tx.changed(ChangeKey::Upstream(row.upstream_id));
    }
    Ok(())
}

/// Takes or renews the right to synchronise an upstream; `false` while another holder has it.
pub fn lease(
    tx: &mut Tx<'_>,
    id: UpstreamId,
    holder: &str,
    now: Timestamp,
    ends_at: Timestamp,
) -> Result<bool> {
    let count = tx.execute(
        "INSERT INTO upstream_lease (upstream_id, holder, ends_at) VALUES ($1, $2, $4) \
         ON CONFLICT (upstream_id) DO UPDATE SET holder = $2, ends_at = $4 \
         WHERE upstream_lease.holder = $2 OR upstream_lease.ends_at <= $3",
        values![id, holder, now, ends_at],
    )?;
    Ok(count > 0)
}

/// Whether a holder still has the right.
pub fn holds(tx: &mut Tx<'_>, id: UpstreamId, holder: &str) -> Result<bool> {
    let row = tx.optional(
        "SELECT upstream_id FROM upstream_lease WHERE upstream_id = $1 AND holder = $2",
        values![id, holder],
    )?;
    Ok(row.is_some())
}

/// Gives the right back.
pub fn release(tx: &mut Tx<'_>, id: UpstreamId, holder: &str) -> Result<()> {
    tx.execute(
        "DELETE FROM upstream_lease WHERE upstream_id = $1 AND holder = $2",
        values![id, holder],
    )
    .map(|_| ())
}

/// Writes how the synchronisation of an upstream stands, as JSON.
pub fn set_state(tx: &mut Tx<'_>, id: UpstreamId, state: &str) -> Result<()> {
    tx.execute(
        "UPDATE upstream SET synchronisation = $2 WHERE id = $1",
        values![id, state],
    )
    .map(|_| ())
}

/// Notes that the directory is what the upstream said at an instant. It never goes back.
pub fn synchronised(tx: &mut Tx<'_>, id: UpstreamId, at: Timestamp) -> Result<()> {
    tx.changed(ChangeKey::Upstream(id));
    tx.execute(
        "UPDATE upstream SET synchronised_at = $2 WHERE id = $1 AND (synchronised_at IS NULL OR synchronised_at < $2)",
        values![id, at],
    )
    .map(|_| ())
}
