//! Packages: whose each is, what administrators link, and GitHub's API over what a registry holds.

use crate::harness::{Answered, World};
use bailiwick_authority::package::list::{Held, Registries};
use bailiwick_authority::{Fault, Permit};
use bailiwick_gate::{MountedRegistry, whole};
use bailiwick_model::{PackageId, PackageVersionId, RegistryKind, Visibility};
use bailiwick_store::{PackageHow, PackageRow, PackageVersionRow, package, upstream};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const IMAGES: &str = "/admin/upstreams/images";

/// A registry that keeps what was deleted.
#[derive(Default)]
struct Shelf {
    held: Mutex<Vec<Held>>,
    deleted: Mutex<Vec<String>>,
}

impl Registries for Shelf {
    fn versions(&self, _permit: &Permit, _known: &[String]) -> Result<Vec<Held>, Fault> {
        Ok(self.held.lock().unwrap().clone())
    }

    fn delete(&self, permit: &Permit, version: Option<&str>) -> Result<(), Fault> {
        let name = &permit.gathered().package.as_ref().unwrap().name;
        let line = format!("{} {name} {}", permit.operation().id, version.unwrap_or("whole"));
        self.deleted.lock().unwrap().push(line);
        self.held
            .lock()
            .unwrap()
            .retain(|one| version.is_some_and(|gone| gone != one.name));
        Ok(())
    }

    fn restore(&self, _permit: &Permit, version: &str) -> Result<(), Fault> {
        self.held.lock().unwrap().push(held(version, &[]));
        Ok(())
    }
}

fn held(name: &str, tags: &[&str]) -> Held {
    Held {
        name: name.to_owned(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        published_at: None,
    }
}

pub async fn registry(world: &World, alice: &str, name: &str, kind: &str) {
    let body = json!({"name": name, "kind": kind, "address": format!("https://{name}.example.com")});
    world
        .call("POST", "/admin/upstreams", alice, body)
        .await
        .expect(201);
    let upstreams = world.authority.upstreams().unwrap().registries().into_iter();
    world.gate.mounts().replace_registries(
        upstreams
            .map(|(name, id, kind)| MountedRegistry { name, id, kind })
            .collect(),
    );
}

/// Puts a package with one version into the registry `images` or another, as if it had been published.
fn put(
    world: &World,
    registry: &str,
    kind: RegistryKind,
    name: &str,
    owner: &str,
    version: &str,
    gone: bool,
) -> i64 {
    let now = world.clock_now();
    let owner = world.accounts[owner];
    let write = |tx: &mut bailiwick_store::Tx<'_>| -> Result<i64, bailiwick_store::StoreError> {
        let there = upstream::by_name(tx, registry)?.unwrap();
        let row = package::insert(
            tx,
            PackageRow {
                id: PackageId(0),
                upstream_id: there.id,
                kind,
                name: name.to_owned(),
                display_name: name.to_owned(),
                account_id: owner,
                repository_id: None,
                visibility: Visibility::Private,
                how: PackageHow::Path,
                created_by: None,
                created_at: now,
                updated_at: now,
                deleted_at: gone.then_some(now),
            },
        )?;
        let version = PackageVersionRow {
            id: PackageVersionId(0),
            package_id: row.id,
            name: version.to_owned(),
            created_by: None,
            created_at: now,
            updated_at: now,
            deleted_at: gone.then_some(now),
        };
        Ok(package::insert_version(tx, version)?.id.0)
    };
    world.store.write(write).unwrap()
}

/// Registries with a package of acme and one of bob, live and deleted; gives the versions' numbers.
pub async fn stocked(world: &World) -> [(&'static str, Value); 6] {
    let alice = world.session("alice");
    registry(world, &alice, "images", "oci").await;
    registry(world, &alice, "feed", "nuget").await;
    let shelf = Shelf::default();
    *shelf.held.lock().unwrap() = vec![held(DIGEST, &["1.0", "latest"])];
    world.authority.ask_registries_with(Arc::new(shelf));
    let image = |owner: &str| {
        let name = format!("{owner}/web");
        put(world, "images", RegistryKind::Oci, &name, owner, DIGEST, false)
    };
    let feed = |owner: &str, gone| {
        let name = format!("{owner}.{}", if gone { "gone" } else { "core" });
        put(world, "feed", RegistryKind::NuGet, &name, owner, "1.0.0", gone)
    };
    let numbers = [("acme_image", image("acme")), ("bob_image", image("bob"))];
    let feeds = [
        ("acme_feed", feed("acme", false)),
        ("bob_feed", feed("bob", false)),
        ("acme_gone", feed("acme", true)),
        ("bob_gone", feed("bob", true)),
    ];
    let [a, b] = numbers;
    let [c, d, e, f] = feeds;
    [a, b, c, d, e, f].map(|(name, id)| (name, json!(id)))
}

async fn at(world: &World, method: &str, path: &str, credential: &str) -> Answered {
    let mut request = http::Request::builder().method(method).uri(path);
    if !credential.is_empty() {
        request = request.header("authorization", format!("Bearer {credential}"));
    }
    world.send(request.body(whole("")).unwrap()).await
}

/// The decision alone: what is allowed is answered 501, since these tests serve no registry.
async fn asked(world: &World, method: &str, path: &str, credential: &str) -> (u16, Value) {
    let answer = at(world, method, path, credential).await;
    (answer.status, answer.json)
}

#[tokio::test]
async fn an_image_belongs_to_the_repository_or_the_owner_that_its_path_names() {
    let world = World::new();
    let alice = world.session("alice");
    registry(&world, &alice, "images", "oci").await;
    let (_, site) = world
        .mint_approved("bob", "ci", &["site"], json!({"packages": "write"}))
        .await;
    let manifest = |name: &str| format!("/v2/{name}/manifests/1.0");
    for (method, name, status) in [
        ("GET", "acme/site", 501),
        ("GET", "acme/site/web", 501),
        // Another repository, the owner as a whole, somebody else, nobody: all the same.
        ("GET", "acme/secret", 404),
        ("GET", "acme/nothing", 404),
        ("GET", "rival/plans", 404),
        ("GET", "nobody/x", 404),
        ("GET", "alone", 404),
    ] {
        let (found, json) = asked(&world, method, &manifest(name), &site).await;
        assert_eq!(found, status, "{method} {name}: {json}");
        if status == 404 {
            let error = &json["errors"][0];
            assert_eq!(error["code"], "NAME_UNKNOWN", "{json}");
            assert_eq!(error["detail"]["reason"], "package.unowned", "{json}");
        }
    }
    // A repository that everybody sees shows its images; a visitor is asked for a credential everywhere else.
    assert_eq!(asked(&world, "GET", &manifest("acme/www"), "").await.0, 501);
    for name in ["acme/site", "acme/nothing", "nobody/x"] {
        let answer = at(&world, "GET", &manifest(name), "").await;
        assert_eq!(answer.status, 401, "{name}");
        assert!(answer.header("www-authenticate").contains("realm="), "{name}");
    }
}

#[tokio::test]
async fn names_with_two_readings_are_nothing() {
    let world = World::new();
    let alice = world.session("alice");
    registry(&world, &alice, "images", "oci").await;
    for path in [
        "/v2/Acme/site/manifests/1.0",
        "/v2/acme%2fsite/manifests/1.0",
        "/v2/acme/../acme/site/manifests/1.0",
        "/v2/acme//site/manifests/1.0",
        "/v2/acme/site/manifests/1.0/",
        "/v2/acme/site/manifests/..",
        "/v2/acme/site;x/manifests/1.0",
    ] {
        assert_eq!(asked(&world, "GET", path, &alice).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn an_administrator_links_names_and_the_most_exact_wins() {
    let world = World::new();
    let (alice, bob) = (world.session("alice"), world.session("bob"));
    registry(&world, &alice, "python", "pypi").await;
    let simple = |name: &str| format!("/-/python/simple/{name}/");
    let (_, token) = world
        .mint_approved("bob", "ci", &["site"], json!({"packages": "read"}))
        .await;
    assert_eq!(asked(&world, "GET", &simple("acme-core"), &token).await.0, 404);
    let links = "/admin/upstreams/python/package-links";
    world
        .call("POST", links, &bob, json!({"name": "acme", "owner": "acme"}))
        .await
        .expect(403);
    let wide = json!({"name": "Acme", "prefix": true, "owner": "acme", "repository": "secret"});
    let made = world.call("POST", links, &alice, wide).await.expect(201);
    assert_eq!(made.json["name"], "acme");
    assert_eq!(made.json["repository"], "acme/secret");
    let exact = json!({"name": "acme_core", "owner": "acme", "repository": "site"});
    let made = world.call("POST", links, &alice, exact.clone()).await.expect(201);
    assert_eq!(made.json["name"], "acme-core");
    world.call("POST", links, &alice, exact).await.expect(422);
    // One package however its name is written; beside it, below the prefix, is another repository's.
    for (name, status) in [
        ("acme-core", 501),
        ("Acme.Core", 501),
        ("acme-more", 404),
        ("acmecore", 404),
    ] {
        assert_eq!(
            asked(&world, "GET", &simple(name), &token).await.0,
            status,
            "{name}"
        );
    }
    let path = format!("{links}/{}", made.json["id"]);
    world.call("DELETE", &path, &alice, Value::Null).await.expect(204);
    assert_eq!(asked(&world, "GET", &simple("acme-core"), &token).await.0, 404);
    let listed = world.get(links, &alice).await.expect(200);
    assert_eq!(listed.json.as_array().unwrap().len(), 1);
    for (body, field) in [
        (json!({"name": "a/b", "owner": "acme"}), "name"),
        (json!({"name": "x", "owner": "no-one"}), "owner"),
        (
            json!({"name": "x", "owner": "acme", "repository": "plans"}),
            "repository",
        ),
        (
            json!({"name": "x", "owner": "acme", "visibility": "internal"}),
            "visibility",
        ),
    ] {
        let answer = world.call("POST", links, &alice, body).await.expect(422);
        assert_eq!(answer.json["errors"][0]["field"], field);
    }
}

#[tokio::test]
async fn whoever_takes_over_a_login_takes_over_no_package() {
    let world = World::new();
    let alice = world.session("alice");
    registry(&world, &alice, "images", "oci").await;
    put(
        &world,
        "images",
        RegistryKind::Oci,
        "rival/web",
        "acme",
        DIGEST,
        false,
    );
    let mallory = world.session("mallory");
    let image = "/v2/rival/web/manifests/1.0";
    assert_eq!(asked(&world, "GET", image, &mallory).await.0, 404);
    assert_eq!(asked(&world, "GET", image, &alice).await.0, 501);
    // Beside it, the rule of the path holds.
    assert_eq!(
        asked(&world, "GET", "/v2/rival/other/manifests/1.0", &mallory)
            .await
            .0,
        501
    );
}

#[tokio::test]
async fn a_public_package_is_read_by_anybody_until_it_is_moved() {
    let world = World::new();
    stocked(&world).await;
    let alice = world.session("alice");
    let image = "/v2/acme/web/manifests/1.0";
    assert_eq!(asked(&world, "GET", image, "").await.0, 401);
    let body = json!({"visibility": "public"});
    let path = "/orgs/acme/packages/container/web";
    let bob = world.session("bob");
    world.call("PATCH", path, &bob, body.clone()).await.expect(403);
    let changed = world.call("PATCH", path, &alice, body).await.expect(200);
    assert_eq!(changed.json["visibility"], "public");
    assert_eq!(asked(&world, "GET", image, "").await.0, 501);
    let mallory = world.session("mallory");
    // Of a repository's package the repository tells who may see it.
    let body = json!({"repository": "secret"});
    world.call("PATCH", path, &alice, body).await.expect(200);
    assert_eq!(asked(&world, "GET", image, &mallory).await.0, 404);
    let body = json!({"visibility": "public"});
    world.call("PATCH", path, &alice, body).await.expect(409);
    // What was said of it before, or in vain, does not come back.
    let body = json!({"repository": null});
    let moved = world.call("PATCH", path, &alice, body).await.expect(200);
    assert_eq!(moved.json["visibility"], "private");
    assert_eq!(asked(&world, "GET", image, &mallory).await.0, 404);
}

#[tokio::test]
async fn a_registry_stays_while_packages_are_known_there() {
    let world = World::new();
    stocked(&world).await;
    let alice = world.session("alice");
    let registry = "/admin/upstreams/images";
    let kept = world
        .call("DELETE", registry, &alice, Value::Null)
        .await
        .expect(409);
    assert!(kept.json["message"].as_str().unwrap().contains("packages"));
    for what in ["packages", "package-links"] {
        let listed = world.get(&format!("{registry}/{what}"), &alice).await.expect(200);
        for one in listed.json.as_array().unwrap() {
            let path = format!("{registry}/{what}/{}", one["id"]);
            world.call("DELETE", &path, &alice, Value::Null).await.expect(204);
        }
    }
    world
        .call("DELETE", registry, &alice, Value::Null)
        .await
        .expect(204);
}

#[tokio::test]
async fn packages_are_listed_with_their_versions() {
    let world = World::new();
    stocked(&world).await;
    let alice = world.session("alice");
    let listed = world
        .get("/orgs/acme/packages?package_type=container", &alice)
        .await
        .expect(200);
    let one = &listed.json[0];
    assert_eq!(listed.json.as_array().unwrap().len(), 1);
    assert_eq!(
        (&one["name"], &one["package_type"]),
        (&json!("web"), &json!("container"))
    );
    assert_eq!(
        (&one["visibility"], &one["version_count"]),
        (&json!("private"), &json!(1))
    );
    assert_eq!(one["owner"]["login"], "acme");
    let whole = world.get("/orgs/acme/packages", &alice).await.expect(200);
    assert_eq!(whole.json.as_array().unwrap().len(), 2);
    let got = world
        .get("/orgs/acme/packages/container/web", &alice)
        .await
        .expect(200);
    assert_eq!(got.json, *one);
    let versions = world
        .get("/orgs/acme/packages/container/web/versions", &alice)
        .await
        .expect(200);
    let version = &versions.json[0];
    assert_eq!(version["name"], DIGEST);
    assert_eq!(
        version["metadata"],
        json!({"package_type": "container", "container": {"tags": ["1.0", "latest"]}})
    );
    let path = format!("/orgs/acme/packages/container/web/versions/{}", version["id"]);
    assert_eq!(world.get(&path, &alice).await.expect(200).json, *version);
    world
        .get("/orgs/acme/packages/container/none", &alice)
        .await
        .expect(404);
    world
        .get("/orgs/acme/packages/rubygems/web", &alice)
        .await
        .expect(404);
    let none = world.get("/orgs/acme/docker/conflicts", &alice).await.expect(200);
    assert_eq!(none.json, json!([]));
}

#[tokio::test]
async fn a_version_is_deleted_once_by_whoever_may() {
    let world = World::new();
    let numbers = stocked(&world).await;
    let alice = world.session("alice");
    let number = &numbers[0].1;
    let path = format!("/orgs/acme/packages/container/web/versions/{number}");
    let bob = world.session("bob");
    world.call("DELETE", &path, &bob, Value::Null).await.expect(403);
    // A number of another package is none of this one's.
    let other = format!("/orgs/acme/packages/container/web/versions/{}", numbers[2].1);
    world
        .call("DELETE", &other, &alice, Value::Null)
        .await
        .expect(404);
    world.call("DELETE", &path, &alice, Value::Null).await.expect(204);
    let left = world
        .get("/orgs/acme/packages/container/web/versions", &alice)
        .await
        .expect(200);
    assert_eq!(left.json, json!([]));
}

#[tokio::test]
async fn a_grant_of_one_repository_lists_nothing_of_the_organization() {
    let world = World::new();
    stocked(&world).await;
    let (_, token) = world
        .mint_approved("bob", "ci", &["site"], json!({"packages": "admin"}))
        .await;
    world.get("/orgs/acme/packages", &token).await.expect(403);
    world
        .get("/orgs/acme/packages/container/web", &token)
        .await
        .expect(403);
}

#[tokio::test]
async fn a_package_that_may_not_be_known_answers_as_one_that_is_not_there() {
    let world = World::new();
    stocked(&world).await;
    let alice = world.session("alice");
    let number = put(
        &world,
        "images",
        RegistryKind::Oci,
        "acme/plan",
        "acme",
        DIGEST,
        false,
    );
    let path = "/orgs/acme/packages/container/plan";
    let body = json!({"repository": "secret"});
    world.call("PATCH", path, &alice, body).await.expect(200);
    world.get(path, &alice).await.expect(200);
    let lasting = |answer: &Answered| {
        let mut kept = answer.headers.clone();
        for name in [
            "x-github-request-id",
            "x-ratelimit-used",
            "x-ratelimit-remaining",
            "date",
        ] {
            kept.remove(name);
        }
        format!("{} {kept:?} {}", answer.status, answer.text())
    };
    let narrow = json!({"organization_packages": "read", "packages": "read"});
    let (_, token) = world.mint_approved("bob", "ci", &["site"], narrow).await;
    let mallory = world.session("mallory");
    let mut found = Vec::new();
    for who in [token.as_str(), &mallory, ""] {
        for (method, rest) in [
            ("GET", String::new()),
            ("GET", String::from("/versions")),
            ("GET", format!("/versions/{number}")),
            ("DELETE", String::new()),
            ("DELETE", format!("/versions/{number}")),
            ("POST", String::from("/restore")),
            ("POST", format!("/versions/{number}/restore")),
        ] {
            let at = async |name: &str| {
                let path = format!("/api/v3/orgs/acme/packages/container/{name}{rest}");
                at(&world, method, &path, who).await
            };
            let (hidden, missing) = (at("plan").await, at("none").await);
            assert_eq!(lasting(&hidden), lasting(&missing), "{method} {rest}");
            found.push(hidden.status);
        }
        let listed = at(&world, "GET", "/api/v3/orgs/acme/packages", who).await;
        assert!(!listed.text().contains("plan"), "{}", listed.text());
    }
    // One who reads the organization's packages gets as far as to the package itself.
    assert_eq!(found[..3], [404; 3], "{found:?}");
}
