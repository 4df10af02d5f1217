//! What a decision needs to know, read in few statements: raw rows, without any rule applied.

use crate::{
    AccountKind, AccountRow, EnterpriseRow, GrantRow, RepositoryRow, Result, SessionRow, TokenRole, TokenRow,
    Tx, account, enterprise, grant, redirect, repository, token, values,
};
use bailiwick_model::{
    AccountId, Digest, EnterpriseId, EnterpriseRole, OrganizationRole, RepositoryId, RepositoryRole,
    Selection,
};

/// A token and all that it was granted.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenWithGrants {
    /// The token, live or not.
    pub token: TokenRow,
    /// Its grants with their approved selections, active or not, in the order of ids.
    pub grants: Vec<(GrantRow, Selection)>,
}

/// What a digest leads to.
#[expect(
    clippy::large_enum_variant,
    reason = "made once per cold decision and taken apart at once"
)]
#[derive(Clone, Debug, PartialEq)]
pub enum ByDigest {
    /// A token's present secret.
    Token(Box<TokenWithGrants>),
    /// A secret that a token had before it was regenerated: known, and dead.
    Former(TokenRow),
}

/// The token of a digest with its grants and their repositories; a replaced secret is told apart.
pub fn token_by_digest(tx: &mut Tx<'_>, digest: &Digest) -> Result<Option<ByDigest>> {
    match token::by_digest(tx, digest)? {
        Some(token) => Ok(Some(ByDigest::Token(Box::new(with_grants(tx, token)?)))),
        None => Ok(token::by_former_digest(tx, digest)?.map(ByDigest::Former)),
    }
}

/// The grants of a token with their repositories.
pub fn with_grants(tx: &mut Tx<'_>, token: TokenRow) -> Result<TokenWithGrants> {
    let rows = grant::of_token(tx, token.id)?;
    let mut grants = Vec::with_capacity(rows.len());
    for row in rows {
        let selection = grant::selection(tx, &row)?;
        grants.push((row, selection));
    }
    Ok(TokenWithGrants { token, grants })
}

/// The session of a digest, live or not.
pub fn session_by_digest(tx: &mut Tx<'_>, digest: &Digest) -> Result<Option<SessionRow>> {
    crate::session::by_digest(tx, digest)
}

/// Where a role at a repository comes from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RoleSource {
    /// A team of the owner that the user is in, or one above it.
    Team,
    /// The user's own collaboration.
    Collaborator,
}

/// What an account is everywhere. The same id may come several times: the highest role counts.
#[derive(Clone, Debug, PartialEq)]
pub struct PrincipalRows {
    /// The account, active or not.
    pub account: AccountRow,
    /// Its roles in live organizations.
    pub organizations: Vec<(AccountId, OrganizationRole)>,
    /// Organizations where it decides access requests.
    pub approver_of: Vec<AccountId>,
    /// Organizations whose tokens and log it reads.
    pub auditor_of: Vec<AccountId>,
    /// Its roles in enterprises, through organizations and by ownership.
    pub enterprises: Vec<(EnterpriseId, EnterpriseRole)>,
    /// Its roles at live repositories.
    pub repositories: Vec<(RepositoryId, RepositoryRole, RoleSource)>,
}

/// What an account is everywhere.
pub fn principal(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<PrincipalRows>> {
    let Some(account) = account::by_id(tx, id)? else {
        return Ok(None);
    };
    let mut rows = PrincipalRows {
        account,
        organizations: Vec::new(),
        approver_of: Vec::new(),
        auditor_of: Vec::new(),
        enterprises: Vec::new(),
        repositories: Vec::new(),
    };
    memberships(tx, id, &mut rows)?;
    for mut row in tx.query(
        "SELECT enterprise_id FROM enterprise_owner WHERE user_id = $1",
        values![id],
    )? {
        rows.enterprises.push((row.get()?, EnterpriseRole::Owner));
    }
    repositories(tx, id, &mut rows)?;
    Ok(Some(rows))
}

fn memberships(tx: &mut Tx<'_>, id: AccountId, rows: &mut PrincipalRows) -> Result<()> {
    let found = tx.query(
        "SELECT account.id, membership.role, account.enterprise_id FROM membership \
         JOIN account ON account.id = membership.organization_id \
         WHERE membership.user_id = $1 AND account.deleted_at IS NULL ORDER BY account.id",
        values![id],
    )?;
    for mut row in found {
        rows.organizations.push((row.get()?, row.get()?));
        if let Some(enterprise) = row.get()? {
            rows.enterprises.push((enterprise, EnterpriseRole::Member));
        }
    }
    // Joined with memberships: a role left over from one that ended must not count.
    let found = tx.query(
        "SELECT token_role.role, token_role.organization_id FROM token_role JOIN membership \
         ON membership.organization_id = token_role.organization_id AND membership.user_id = token_role.user_id \
         WHERE token_role.user_id = $1 ORDER BY token_role.organization_id",
        values![id],
    )?;
    for mut row in found {
        match row.get()? {
            TokenRole::Approver => rows.approver_of.push(row.get()?),
            TokenRole::Auditor => rows.auditor_of.push(row.get()?),
        }
    }
    Ok(())
}

/// Teams count only where the user is still a member and the team's organization still owns the repository.
const REPOSITORIES: &str = "WITH RECURSIVE mine (id, parent_id) AS ( \
     SELECT team.id, team.parent_id FROM team_member JOIN team ON team.id = team_member.team_id \
     JOIN membership ON membership.organization_id = team.organization_id \
       AND membership.user_id = team_member.user_id \
     WHERE team_member.user_id = $1 \
     UNION SELECT team.id, team.parent_id FROM team JOIN mine ON team.id = mine.parent_id) \
   SELECT repository.id, team_repository.role, 0 AS own FROM mine JOIN team ON team.id = mine.id \
     JOIN team_repository ON team_repository.team_id = team.id \
     JOIN repository ON repository.id = team_repository.repository_id \
       AND repository.owner_id = team.organization_id \
     WHERE repository.deleted_at IS NULL \
   UNION ALL SELECT repository.id, collaborator.role, 1 AS own FROM collaborator \
     JOIN repository ON repository.id = collaborator.repository_id \
     WHERE collaborator.user_id = $1 AND repository.deleted_at IS NULL \
   ORDER BY 1";

fn repositories(tx: &mut Tx<'_>, id: AccountId, rows: &mut PrincipalRows) -> Result<()> {
    for mut row in tx.query(REPOSITORIES, values![id])? {
        let (repository, role, own): (_, _, bool) = (row.get()?, row.get()?, row.get()?);
        let source = if own {
            RoleSource::Collaborator
        } else {
            RoleSource::Team
        };
        rows.repositories.push((repository, role, source));
    }
    Ok(())
}

/// What a path of a repository leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum ByName {
    /// The repository that has this path now, and its owner.
    Live(Box<(RepositoryRow, OwnerRows)>),
    /// The repository that had this path before, and its owner now.
    Moved(Box<(RepositoryRow, OwnerRows)>),
}

/// The live repository of a path, in whatever case it is written, or the one that the path led to before.
pub fn repository_by_name(tx: &mut Tx<'_>, owner: &str, name: &str) -> Result<Option<ByName>> {
    use bailiwick_model::name::fold;
    let (owner, name) = (fold(owner), fold(name));
    let live = RepositoryRow::find(
        tx,
        "repository JOIN account ON account.id = repository.owner_id \
         WHERE account.folded = $1 AND account.deleted_at IS NULL \
         AND repository.folded = $2 AND repository.deleted_at IS NULL",
        values![owner, name],
    )?;
    if let Some(row) = live {
        return Ok(with_owner(tx, row)?.map(|both| ByName::Live(Box::new(both))));
    }
    let Some(id) = redirect::find(tx, &owner, &name)? else {
        return Ok(None);
    };
    let Some(row) = repository::by_id(tx, id)?.filter(|row| row.deleted_at.is_none()) else {
        return Ok(None);
    };
    Ok(with_owner(tx, row)?.map(|both| ByName::Moved(Box::new(both))))
}

/// The live repository of an id with its owner.
pub fn repository(tx: &mut Tx<'_>, id: RepositoryId) -> Result<Option<(RepositoryRow, OwnerRows)>> {
    match repository::by_id(tx, id)?.filter(|row| row.deleted_at.is_none()) {
        Some(row) => with_owner(tx, row),
        None => Ok(None),
    }
}

fn with_owner(tx: &mut Tx<'_>, row: RepositoryRow) -> Result<Option<(RepositoryRow, OwnerRows)>> {
    Ok(owner(tx, row.owner_id)?.map(|owner| (row, owner)))
}

/// A resource owner and the enterprise whose policy it is under.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerRows {
    /// The account: a user or an organization.
    pub account: AccountRow,
    /// Its enterprise.
    pub enterprise: Option<EnterpriseRow>,
}

/// A live resource owner. A service account owns nothing.
pub fn owner(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<OwnerRows>> {
    let account = account::by_id(tx, id)?.filter(|row| row.deleted_at.is_none());
    owner_rows(tx, account)
}

/// The live resource owner of a login, in whatever case it is written.
pub fn owner_by_login(tx: &mut Tx<'_>, login: &str) -> Result<Option<OwnerRows>> {
    let account = account::by_login(tx, login)?;
    owner_rows(tx, account)
}

fn owner_rows(tx: &mut Tx<'_>, account: Option<AccountRow>) -> Result<Option<OwnerRows>> {
    let Some(account) = account.filter(|account| account.kind != AccountKind::Service) else {
        return Ok(None);
    };
    let enterprise = match account.enterprise_id {
        Some(id) => enterprise::by_id(tx, id)?,
        None => None,
    };
    Ok(Some(OwnerRows { account, enterprise }))
}

/// The enterprise of a slug.
pub fn enterprise(tx: &mut Tx<'_>, slug: &str) -> Result<Option<EnterpriseRow>> {
    enterprise::by_slug(tx, slug)
}
