//! The gate before one registry that is mounted, with what an administrator linked at it.

use crate::front::{Behind, Front, TestClock};
use crate::git::bed::{PASSWORD, USER};
use bailiwick_authority::Clock;
use bailiwick_model::{
    PackageId, PackageLinkId, PackageVersionId, RegistryKind, TokenId, UpstreamId, UpstreamKind,
    UpstreamSettings, Visibility,
};
use bailiwick_store::{
    EventRow, PackageHow, PackageLinkRow, PackageRow, PackageVersionRow, StoreError, Tx, package, token,
    upstream,
};
use serde_json::Value;

pub const READ: &[(&str, &str)] = &[("packages", "read")];
pub const WRITE: &[(&str, &str)] = &[("packages", "write")];
pub const ADMIN: &[(&str, &str)] = &[("packages", "admin")];

pub struct Place {
    pub front: Front,
    pub name: &'static str,
    kind: RegistryKind,
    upstream: UpstreamId,
}

impl Place {
    /// Before a registry that has an account of its own. Inside a runtime with several threads.
    pub async fn before(
        name: &'static str,
        kind: RegistryKind,
        address: String,
        settings: UpstreamSettings,
    ) -> Place {
        Place::beside(name, kind, address, settings, Vec::new()).await
    }

    /// The same, with other upstreams behind the gate.
    pub async fn beside(
        name: &'static str,
        kind: RegistryKind,
        address: String,
        settings: UpstreamSettings,
        mut others: Vec<Behind>,
    ) -> Place {
        let mut behind = Behind::new(name, UpstreamKind::from(kind), address).with(|own| *own = settings);
        behind.secrets = vec![("username", USER.into()), ("password", PASSWORD.into())];
        behind.links.clear();
        others.push(behind);
        let front = Front::before(others).await;
        let rows = front.store.read(upstream::all).unwrap();
        Place {
            upstream: rows.iter().find(|row| row.name == name).unwrap().id,
            front,
            name,
            kind,
        }
    }

    /// Links a name, and with `exact` nothing below it, to an owner or a repository of it.
    pub fn link(
        &self,
        name: &str,
        exact: bool,
        owner: &str,
        repository: Option<&str>,
        visibility: Visibility,
    ) {
        let row = PackageLinkRow {
            id: PackageLinkId(0),
            upstream_id: self.upstream,
            kind: self.kind,
            exact,
            name: name.into(),
            account_id: self.front.accounts[owner],
            repository_id: repository.map(|name| self.front.repositories[name]),
            visibility,
            created_by: None,
            created_at: TestClock.now(),
        };
        self.front
            .store
            .write(|tx| package::insert_link(tx, row))
            .unwrap();
    }

    /// A package of acme as if it had been published with version `1.0`.
    pub fn put(&self, name: &str) {
        let now = TestClock.now();
        let write = |tx: &mut Tx<'_>| -> Result<(), StoreError> {
            let row = PackageRow {
                id: PackageId(0),
                upstream_id: self.upstream,
                kind: self.kind,
                name: name.to_owned(),
                display_name: name.to_owned(),
                account_id: self.front.accounts["acme"],
                repository_id: None,
                visibility: Visibility::Private,
                how: PackageHow::Link,
                created_by: None,
                created_at: now,
                updated_at: now,
                deleted_at: None,
            };
            let version = PackageVersionRow {
                id: PackageVersionId(0),
                package_id: package::insert(tx, row)?.id,
                name: "1.0".to_owned(),
                created_by: None,
                created_at: now,
                updated_at: now,
                deleted_at: None,
            };
            package::insert_version(tx, version).map(|_| ())
        };
        self.front.store.write(write).unwrap();
    }

    /// A token for acme, or some repositories of it.
    pub fn token(
        &self,
        login: &str,
        repositories: Option<&[&str]>,
        permissions: &[(&str, &str)],
    ) -> (TokenId, String) {
        self.front.token(login, &[("acme", repositories, permissions)])
    }

    pub fn revoke(&self, id: TokenId) {
        let revoked = |tx: &mut Tx<'_>| token::revoke(tx, id, "test", TestClock.now());
        assert!(self.front.store.write(revoked).unwrap());
    }

    /// The mount's address.
    pub fn url(&self) -> String {
        format!("http://{}/-/{}", self.front.address, self.name)
    }

    /// Names of the versions of a package that are there, oldest first; `None` for a package that is not known.
    pub fn versions(&self, name: &str) -> Option<Vec<String>> {
        let read = |tx: &mut Tx<'_>| {
            let Some(row) = package::by_name(tx, self.upstream, name)? else {
                return Ok(None);
            };
            let mut rows = package::versions(tx, row.id)?;
            rows.retain(|row| row.deleted_at.is_none());
            rows.reverse();
            Ok::<_, StoreError>(Some(rows.into_iter().map(|row| row.name).collect()))
        };
        self.front.store.read(read).unwrap()
    }

    /// Events as `action outcome reason package version`, with the token's id.
    pub fn told(&self) -> Vec<(String, Option<TokenId>)> {
        let tell = |event: &EventRow| {
            let data: Value = serde_json::from_str(&event.data).unwrap();
            let text = |name: &str| data[name].as_str().unwrap_or("-").to_owned();
            format!(
                "{} {} {} {} {}",
                event.action,
                event.outcome.word(),
                event.reason,
                text("package"),
                text("package_version")
            )
        };
        self.front
            .events()
            .iter()
            .map(|event| (tell(event), event.token_id))
            .collect()
    }

    /// Whether there is such an event of this token.
    #[track_caller]
    pub fn has_told(&self, id: Option<TokenId>, line: &str) {
        let told = self.told();
        assert!(
            told.contains(&(line.to_owned(), id)),
            "{line} of {id:?} in {told:#?}"
        );
    }
}

/// Nothing that a caller sent, and nothing that the gateway brings, is where it must not be.
#[track_caller]
pub fn holds_none(bytes: &[u8], secrets: &[&str]) {
    let text = String::from_utf8_lossy(bytes);
    for secret in secrets {
        assert!(!text.contains(secret), "a secret crossed");
    }
}
