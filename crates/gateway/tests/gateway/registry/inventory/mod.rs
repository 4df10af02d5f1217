//! GitHub's Packages API over real registries: what it lists is what they hold, and what it deletes is gone there.

mod away;
mod files;
mod images;
mod npm;
mod python;

use bailiwick_testkit::http::{Address, Answer, Request};
use serde_json::Value;
use std::net::SocketAddr;

/// What sees a package of a repository.
pub const SEES: &[(&str, &str)] = &[("organization_packages", "read"), ("packages", "read")];
/// What deletes it.
pub const DELETES: &[(&str, &str)] = &[("organization_packages", "admin"), ("packages", "admin")];
/// What just does not.
pub const SHORT: &[(&str, &str)] = &[("organization_packages", "admin"), ("packages", "write")];

/// The same for packages of the organization as a whole.
pub const OWNERS_READ: &[(&str, &str)] = &[("organization_packages", "read")];
pub const OWNERS_WRITE: &[(&str, &str)] = &[("organization_packages", "write")];
pub const OWNERS_ADMIN: &[(&str, &str)] = &[("organization_packages", "admin")];

/// The packages of acme over the API.
pub struct Api(Address);

impl Api {
    pub fn at(address: SocketAddr) -> Api {
        Api(Address::parse(&format!("http://{address}")))
    }

    pub async fn send(&self, request: Request) -> Answer {
        let address = self.0;
        tokio::task::spawn_blocking(move || address.send(&request))
            .await
            .unwrap()
    }

    pub async fn ask(&self, method: &str, path: &str, token: &str) -> Answer {
        let path = format!("/api/v3/orgs/acme/packages{path}");
        self.send(Request::new(method, &path).bearer(token)).await
    }

    /// The names of the packages of a kind.
    pub async fn packages(&self, kind: &str, token: &str) -> Vec<String> {
        let path = format!("?package_type={kind}");
        let all = self.ask("GET", &path, token).await.expect(200).json();
        let name = |one: &Value| one["name"].as_str().unwrap().to_owned();
        all.as_array().unwrap().iter().map(name).collect()
    }

    /// Names and numbers of the versions of a package, as they are listed; each is answered alone as well, and twice the
    /// same.
    pub async fn versions(&self, package: &str, token: &str) -> Vec<(String, i64)> {
        let path = format!("{package}/versions");
        let all = self.ask("GET", &path, token).await.expect(200).json();
        let again = self.ask("GET", &path, token).await.expect(200).json();
        assert_eq!(all, again);
        let mut versions = Vec::new();
        for one in all.as_array().unwrap() {
            let id = one["id"].as_i64().unwrap();
            let alone = self.ask("GET", &format!("{path}/{id}"), token).await;
            assert_eq!(&alone.expect(200).json(), one);
            versions.push((one["name"].as_str().unwrap().to_owned(), id));
        }
        versions
    }

    /// The number of a version.
    pub async fn number(&self, package: &str, token: &str, name: &str) -> i64 {
        let all = self.versions(package, token).await;
        let found = all.iter().find(|one| one.0 == name);
        found.unwrap_or_else(|| panic!("{name} in {all:?}")).1
    }

    /// Names alone.
    pub async fn names(&self, package: &str, token: &str) -> Vec<String> {
        let all = self.versions(package, token).await;
        all.into_iter().map(|one| one.0).collect()
    }

    pub async fn delete(&self, package: &str, id: i64, token: &str) -> Answer {
        let path = format!("{package}/versions/{id}");
        self.ask("DELETE", &path, token).await
    }
}
