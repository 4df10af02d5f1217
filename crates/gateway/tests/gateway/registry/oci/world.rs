//! The gate before a registry of images, with alice, bob, carol and mallory: acme/site is bob's to write, acme/www is
//! public, acme/other is not bob's. Requests go over the wire, as clients of images send them.

use super::bed::{IMAGE, INDEX, Registry, digest};
use crate::git::bed::{PASSWORD, USER};
use crate::git::world::{Behind, World};
use bailiwick_model::{TokenId, UpstreamKind, UpstreamSettings};
use bailiwick_testkit::http::{Address, Answer, Request};
use serde_json::Value;

pub const READ: &[(&str, &str)] = &[("packages", "read")];
pub const WRITE: &[(&str, &str)] = &[("packages", "write")];
pub const ADMIN: &[(&str, &str)] = &[("packages", "admin")];

pub struct Images {
    pub world: World,
    pub registry: Registry,
    pub directory: tempfile::TempDir,
    address: Address,
}

impl Images {
    /// Inside a runtime with several threads.
    pub async fn start() -> Images {
        Images::with(|_| {}).await
    }

    /// Where no blob may be larger.
    pub async fn limited(bytes: u64) -> Images {
        Images::with(|settings| settings.upload_bytes_max = Some(bytes)).await
    }

    async fn with(change: impl FnOnce(&mut UpstreamSettings)) -> Images {
        let registry = Registry::start();
        let world = World::before(Behind::at(String::from("http://127.0.0.1:9"))).await;
        let behind = behind(registry.address()).with(change);
        world.add("images", UpstreamKind::Oci, &behind);
        let address = Address::parse(&format!("http://{}", world.address));
        Images {
            world,
            registry,
            directory: tempfile::tempdir().unwrap(),
            address,
        }
    }

    /// bob's token for some repositories.
    pub fn bob(&self, repositories: &[&str], permissions: &[(&str, &str)]) -> (TokenId, String) {
        self.world.token("bob", repositories, permissions)
    }

    /// One request over the wire; an empty token is none.
    pub async fn ask(&self, method: &str, path: &str, token: &str) -> Answer {
        self.send(request(method, path, token)).await
    }

    pub async fn send(&self, request: Request) -> Answer {
        let address = self.address;
        tokio::task::spawn_blocking(move || address.send(&request))
            .await
            .unwrap()
    }

    /// A token of docker's flow: its text, and what it is good for.
    pub async fn login(&self, token: &str, scope: &str) -> (String, String) {
        let scope = scope.replace(' ', "%20");
        let path = format!("/v2/token?service=x&scope={scope}");
        let mut request = Request::new("GET", &path);
        if !token.is_empty() {
            request = request.basic("bob", token);
        }
        let answer = self.send(request).await.expect(200).json();
        let text = answer["token"].as_str().unwrap().to_owned();
        assert_eq!(answer["access_token"], answer["token"]);
        (text, answer["scope"].as_str().unwrap().to_owned())
    }

    /// Stores a blob in two requests.
    pub async fn blob(&self, token: &str, name: &str, bytes: &[u8]) {
        let begun = self
            .ask("POST", &format!("/v2/{name}/blobs/uploads/"), token)
            .await
            .expect(202);
        let at = self.local(begun.header("location"));
        let put = request("PUT", &format!("{at}?digest={}", digest(bytes)), token).body(bytes);
        let put = self.send(put).await.expect(201);
        assert_eq!(put.header("docker-content-digest"), digest(bytes));
    }

    /// Stores a manifest.
    pub async fn manifest(
        &self,
        token: &str,
        name: &str,
        reference: &str,
        kind: &str,
        bytes: &[u8],
    ) -> Answer {
        let path = format!("/v2/{name}/manifests/{reference}");
        let put = request("PUT", &path, token)
            .header("content-type", kind)
            .body(bytes);
        self.send(put).await
    }

    /// A whole small image under a tag; its digest.
    pub async fn image(&self, token: &str, name: &str, tag: &str, layer: &[u8]) -> String {
        self.blob(token, name, layer).await;
        self.blob(token, name, b"{}").await;
        let bytes = super::bed::manifest(b"{}", &[layer]);
        self.manifest(token, name, tag, super::bed::IMAGE, &bytes)
            .await
            .expect(201);
        digest(&bytes)
    }

    /// An address of this server as a path.
    pub fn local(&self, location: &str) -> String {
        let base = format!("http://{}", self.world.address);
        let path = location.strip_prefix(&base);
        path.unwrap_or_else(|| panic!("{location} is not here"))
            .to_owned()
    }

    /// The image at the gate as skopeo and buildah name it.
    pub fn docker(&self, name: &str) -> String {
        format!("docker://{}/{name}", self.world.address)
    }

    /// Outcome, reason, token and data of the events of an action.
    pub fn events(&self, action: &str) -> Vec<(String, String, Option<TokenId>, Value)> {
        let all = self.world.all_events().into_iter();
        all.filter(|event| event.0 == action)
            .map(|event| (event.1, event.2, event.3, event.4))
            .collect()
    }
}

pub fn request(method: &str, path: &str, token: &str) -> Request {
    let mut request = Request::new(method, path);
    if path.contains("/manifests/") && matches!(method, "GET" | "HEAD") {
        request = request.header("accept", &format!("{IMAGE}, {INDEX}"));
    }
    match token {
        "" => request,
        token => request.bearer(token),
    }
}

/// An upstream with the registry's own account.
pub fn behind(address: String) -> Behind {
    Behind {
        address,
        settings: UpstreamSettings::default(),
        secrets: vec![("username", USER.into()), ("password", PASSWORD.into())],
    }
}
