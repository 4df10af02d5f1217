//! The change feed: which facts a transaction changed, written with it, in the order of commits.

use crate::{Result, StoreError, Tx, values};
use bailiwick_model::{AccountId, EnterpriseId, PackageId, RepositoryId, SessionId, TokenId, UpstreamId};

/// Facts that a cache may hold and a transaction has changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ChangeKey {
    /// A token, its grants or its secret.
    Token(TokenId),
    /// A session.
    Session(SessionId),
    /// An account: itself, its memberships, roles, teams, collaborations; an organization's policy.
    Account(AccountId),
    /// A repository, or a name that leads to it.
    Repository(RepositoryId),
    /// An enterprise: its policy or its owners.
    Enterprise(EnterpriseId),
    /// An upstream, or somebody's account there.
    Upstream(UpstreamId),
    /// A package: whose it is.
    Package(PackageId),
    /// Anything: forget all.
    Everything,
}

impl ChangeKey {
    fn parts(self) -> (&'static str, i64) {
        match self {
            ChangeKey::Token(id) => ("token", id.0),
            ChangeKey::Session(id) => ("session", id.0),
            ChangeKey::Account(id) => ("account", id.0),
            ChangeKey::Repository(id) => ("repository", id.0),
            ChangeKey::Enterprise(id) => ("enterprise", id.0),
            ChangeKey::Upstream(id) => ("upstream", id.0),
            ChangeKey::Package(id) => ("package", id.0),
            ChangeKey::Everything => ("everything", 0),
        }
    }

    fn from_parts(kind: &str, id: i64) -> ChangeKey {
        match kind {
            "token" => ChangeKey::Token(TokenId(id)),
            "session" => ChangeKey::Session(SessionId(id)),
            "account" => ChangeKey::Account(AccountId(id)),
            "repository" => ChangeKey::Repository(RepositoryId(id)),
            "enterprise" => ChangeKey::Enterprise(EnterpriseId(id)),
            "upstream" => ChangeKey::Upstream(UpstreamId(id)),
            "package" => ChangeKey::Package(PackageId(id)),
            // A kind that a newer node wrote: what it changed is unknown, so everything is stale.
            _ => ChangeKey::Everything,
        }
    }
}

/// One entry of the feed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change {
    /// Its place; later commits have higher ones.
    pub position: i64,
    /// What changed.
    pub key: ChangeKey,
}

/// What the listener hears after a commit, before the writer does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Committed {
    /// What changed.
    pub keys: Vec<ChangeKey>,
    /// The feed's place after this commit.
    pub position: i64,
}

/// Writes the keys of a transaction. The writers' lock makes positions follow the order of commits.
pub(crate) fn append(tx: &mut Tx<'_>, keys: &[ChangeKey]) -> Result<i64> {
    let count = i64::try_from(keys.len()).map_err(|_| StoreError::shape("fewer changes"))?;
    let first = tx.next_ids("change", count)?;
    for (key, position) in keys.iter().zip(first..) {
        let (kind, id) = key.parts();
        tx.execute(
            "INSERT INTO change_feed (position, kind, id) VALUES ($1, $2, $3)",
            values![position, kind, id],
        )?;
    }
    Ok(first + count - 1)
}

/// The feed's entries after a position, oldest first.
pub fn after(tx: &mut Tx<'_>, position: i64, limit: usize) -> Result<Vec<Change>> {
    tx.query(
        "SELECT position, kind, id FROM change_feed WHERE position > $1 ORDER BY position LIMIT $2",
        values![position, limit],
    )?
    .iter_mut()
    .map(|row| {
        Ok(Change {
            position: row.int()?,
            key: ChangeKey::from_parts(&row.text()?, row.int()?),
        })
    })
    .collect()
}

/// The feed's last position, zero when nothing was ever changed.
pub fn head(tx: &mut Tx<'_>) -> Result<i64> {
    let row = tx.optional("SELECT next FROM ids WHERE kind = $1", values!["change"])?;
    row.map_or(Ok(0), |mut row| Ok(row.int()? - 1))
}

/// Removes entries up to a position. A node that has not read that far must forget everything.
pub fn prune(tx: &mut Tx<'_>, position: i64) -> Result<u64> {
    tx.execute("DELETE FROM change_feed WHERE position <= $1", values![position])
}
