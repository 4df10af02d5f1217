//! Pages of packages: who sees which, the commands that reach them, and who may open one to everybody.

use crate::harness::World;
use bailiwick_authority::package::list::{Held, Registries};
use bailiwick_authority::{Fault, FaultKind, Permit};
use bailiwick_model::{PackageId, RegistryKind, Visibility};
use bailiwick_store::{PackageHow, PackageRow, package, repository, upstream};
use serde_json::json;
use std::sync::Arc;

const IMAGE: &str = "/orgs/acme/packages/container/package/web";

/// A registry with one version of everything; or one that cannot be asked.
struct Shelf {
    away: bool,
}

impl Registries for Shelf {
    fn versions(&self, permit: &Permit, _known: &[String]) -> Result<Vec<Held>, Fault> {
        if self.away {
            return Err(Fault::new(FaultKind::BadGateway, "upstream.away", "it is away"));
        }
        let package = permit.gathered().package.as_ref().unwrap();
        let image = package.kind == RegistryKind::Oci;
        Ok(vec![Held {
            name: if image { "sha256:0123" } else { "1.2.3" }.to_owned(),
            tags: if image {
                vec![String::from("stable")]
            } else {
                vec![]
            },
            published_at: None,
        }])
    }

    fn delete(&self, _permit: &Permit, _version: Option<&str>) -> Result<(), Fault> {
        Err(Fault::not_found())
    }

    fn restore(&self, _permit: &Permit, _version: &str) -> Result<(), Fault> {
        Err(Fault::not_found())
    }
}

/// Registries of every kind.
async fn registries(world: &World, away: bool) {
    let alice = world.session("alice");
    for kind in ["oci", "npm", "maven", "nuget", "pypi"] {
        let name = format!("my-{kind}");
        let body = json!({"name": name, "kind": kind, "address": "https://registry.example.com"});
        world
            .call("POST", "/admin/upstreams", &alice, body)
            .await
            .expect(201);
    }
    world.authority.ask_registries_with(Arc::new(Shelf { away }));
}

/// Puts a package there as if it had been published.
fn put(world: &World, kind: RegistryKind, name: &str, owner: &str, belongs: Option<&str>) {
    let now = world.clock_now();
    let owner = world.accounts[owner];
    let registry = format!("my-{}", kind.upstream().word());
    let write = |tx: &mut bailiwick_store::Tx<'_>| -> Result<(), bailiwick_store::StoreError> {
        let repository = match belongs {
            Some(name) => repository::by_name(tx, owner, name)?.map(|row| row.id),
            None => None,
        };
        assert_eq!(repository.is_some(), belongs.is_some());
        let row = PackageRow {
            id: PackageId(0),
            upstream_id: upstream::by_name(tx, &registry)?.unwrap().id,
            kind,
            name: name.to_lowercase(),
            display_name: name.to_owned(),
            account_id: owner,
            repository_id: repository,
            visibility: Visibility::Private,
            how: PackageHow::Path,
            created_by: None,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        };
        package::insert(tx, row).map(|_| ())
    };
    world.store.write(write).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_none_the_page_says_what_to_do() {
    let world = World::new();
    let page = world
        .signed_in("bob")
        .get("/orgs/acme/packages")
        .await
        .expect(200);
    page.says("No packages to see")
        .says("docker push ")
        .says("/settings/personal-access-tokens/new")
        .hides("Set up a registry");
    let page = world.signed_in("alice").get("/orgs/acme/packages").await;
    page.expect(200).says("Set up a registry");
    let page = world.signed_in("bob").get("/users/bob/packages").await;
    page.expect(200).says("No packages to see");
    let page = world.signed_in("bob").get("/bob").await.expect(200);
    page.says("/users/bob/packages");
}

#[tokio::test(flavor = "multi_thread")]
async fn members_see_the_organizations_packages_and_strangers_nothing() {
    let world = World::new();
    registries(&world, false).await;
    put(&world, RegistryKind::Oci, "acme/web", "acme", None);
    put(&world, RegistryKind::PyPi, "Acme-Site", "acme", Some("secret"));
    let alice = world.signed_in("alice");
    let page = alice.get("/orgs/acme/packages").await.expect(200);
    page.says("Container image").says(IMAGE).says("acme-site");
    let page = alice.get("/orgs/acme/packages?package_type=pypi&q=SITE").await;
    page.expect(200).says("acme-site").hides(IMAGE);
    let page = alice.get("/orgs/acme/packages?q=nothing-like-it").await;
    page.expect(200).says("Nothing matches");
    let closed = json!({"default_repository_permission": "none"});
    let owner = world.session("alice");
    world
        .call("PATCH", "/orgs/acme", &owner, closed)
        .await
        .expect(200);
    let bob = world.signed_in("bob");
    let page = bob.get("/orgs/acme/packages").await.expect(200);
    // What belongs to a repository that one may not see is not told either.
    page.says(IMAGE).hides("acme-site");
    bob.get("/orgs/acme/packages/pypi/package/acme-site")
        .await
        .expect(404);
    for path in ["/orgs/acme/packages", IMAGE] {
        let status = world.signed_in("mallory").get(path).await.status;
        assert!(matches!(status, 403 | 404), "{path}: {status}");
        let status = world.browser().get(path).await.status;
        assert!(matches!(status, 303 | 401 | 404), "{path}: {status}");
    }
    for path in [
        "/orgs/acme/packages/container/package/none",
        "/orgs/acme/packages/rubygems/package/web",
    ] {
        alice.get(path).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_packages_are_that_persons_alone() {
    let world = World::new();
    registries(&world, false).await;
    put(&world, RegistryKind::Oci, "bob/tool", "bob", None);
    let path = "/users/bob/packages/container/package/tool";
    let bob = world.signed_in("bob");
    bob.get("/users/bob/packages").await.expect(200).says(path);
    let page = bob.get(path).await.expect(200).says("/bob/tool:stable");
    page.says("/settings/packages/container/tool");
    for path in ["/users/bob/packages", path] {
        let status = world.signed_in("mallory").get(path).await.status;
        assert!(matches!(status, 403 | 404), "{path}: {status}");
    }
    // The address that changes has no login: nobody reaches another's by it.
    let fields = [("visibility", "public")];
    let edit = "/settings/packages/container/tool";
    world.signed_in("mallory").post(edit, &fields).await.expect(404);
    let done = bob.post(edit, &fields).await.expect(303);
    let page = bob.get(done.location()).await.expect(200);
    page.says(
        "The package&#39;s visibility is changed."
            .replace("&#39;", "'")
            .as_str(),
    )
    .says("Public");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_has_its_commands_with_a_place_for_the_token() {
    let world = World::new();
    registries(&world, false).await;
    put(&world, RegistryKind::Oci, "acme/web", "acme", None);
    put(&world, RegistryKind::Npm, "@acme/ui", "acme", None);
    put(&world, RegistryKind::Maven, "com.acme:App", "acme", None);
    put(&world, RegistryKind::NuGet, "Acme.Core", "acme", None);
    put(&world, RegistryKind::PyPi, "acme-core", "acme", None);
    let bob = world.signed_in("bob");
    for (path, lines) in [
        (
            "container/package/web",
            [
                "docker login ",
                "docker pull ",
                "/acme/web:stable",
                "skopeo inspect docker://",
            ],
        ),
        (
            "npm/package/ui",
            [
                "@acme:registry=",
                "/-/my-npm/:_authToken=YOUR_TOKEN",
                "npm install @acme/ui@1.2.3",
                "npm publish",
            ],
        ),
        (
            "maven/package/com.acme%3Aapp",
            [
                "&lt;password&gt;YOUR_TOKEN",
                "&lt;artifactId&gt;App&lt;",
                "/-/my-maven",
                "&lt;version&gt;1.2.3&lt;",
            ],
        ),
        (
            "nuget/package/acme.core",
            [
                "nuget sources add -Name my-nuget",
                "-Password YOUR_TOKEN",
                "nuget install Acme.Core -Version 1.2.3",
                "nuget push",
            ],
        ),
        (
            "pypi/package/acme-core",
            [
                "__token__:YOUR_TOKEN@",
                "/-/my-pypi/simple/",
                "pip install acme-core==1.2.3",
                "twine upload -r my-pypi",
            ],
        ),
    ] {
        let mut page = bob.get(&format!("/orgs/acme/packages/{path}")).await.expect(200);
        for line in lines {
            page = page.says(line);
        }
        page.says("YOUR_TOKEN")
            .hides("bwk_pat_")
            .hides("Change visibility");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_opens_a_package_and_a_member_does_not() {
    let world = World::new();
    registries(&world, false).await;
    put(&world, RegistryKind::Oci, "acme/web", "acme", None);
    put(&world, RegistryKind::Npm, "@acme/ui", "acme", Some("site"));
    let (alice, bob) = (world.signed_in("alice"), world.signed_in("bob"));
    bob.get(IMAGE).await.expect(200).hides("Change visibility");
    let public = [("visibility", "public")];
    bob.post(IMAGE, &public).await.expect(403);
    alice.get(IMAGE).await.expect(200).says("Change visibility");
    let wrong = [("visibility", "<b>all</b>")];
    let page = alice.post(IMAGE, &wrong).await.expect(422);
    page.says("Choose private or public.").hides("<b>all");
    assert_eq!(seen(&world, "acme/web"), Visibility::Private);
    let done = alice.post(IMAGE, &public).await.expect(303);
    assert!(done.location().starts_with(IMAGE), "{}", done.location());
    assert_eq!(seen(&world, "acme/web"), Visibility::Public);
    // Of a repository's package the repository tells who sees it: there is no form.
    let page = alice.get("/orgs/acme/packages/npm/package/ui").await.expect(200);
    page.says("change the repository").hides("Change visibility");
}

fn seen(world: &World, name: &str) -> Visibility {
    let acme = world.accounts["acme"];
    let rows = world
        .store
        .read(|tx| package::of_account(tx, acme, None))
        .unwrap();
    rows.iter().find(|row| row.name == name).unwrap().visibility
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_never_markup_and_get_no_commands() {
    let world = World::new();
    registries(&world, false).await;
    put(&world, RegistryKind::Oci, "acme/<b>$(id)</b>", "acme", None);
    let alice = world.signed_in("alice");
    let page = alice.get("/orgs/acme/packages").await.expect(200);
    page.says("&lt;b&gt;$(id)&lt;/b&gt;").hides("<b>$");
    let path = "/orgs/acme/packages/container/package/%3Cb%3E%24%28id%29%3C%2Fb%3E";
    let page = alice.get(path).await.expect(200);
    page.says("&lt;b&gt;$(id)").hides("<b>$").hides("docker pull");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_is_away_leaves_the_page() {
    let world = World::new();
    registries(&world, true).await;
    put(&world, RegistryKind::Oci, "acme/web", "acme", None);
    let page = world.signed_in("bob").get(IMAGE).await.expect(200);
    page.says("The registry cannot be asked now")
        .says("/acme/web:TAG")
        .hides("it is away");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_new_token_has_the_login_for_packages() {
    let world = World::new();
    let bob = world.signed_in("bob");
    let fields = |name: &'static str, permission: &'static str| {
        [
            ("name", name),
            ("expires_in", "30"),
            ("owner", "bob"),
            ("bob.selection", "all"),
            ("bob.permission.metadata", "read"),
            (permission, "read"),
        ]
    };
    let path = "/settings/personal-access-tokens";
    let page = bob
        .post(path, &fields("images", "bob.permission.packages"))
        .await
        .expect(200);
    page.says("docker login ")
        .says("--password-stdin")
        .says("/users/bob/packages");
    let page = bob
        .post(path, &fields("triage", "bob.permission.issues"))
        .await
        .expect(200);
    page.says("Your new token").hides("docker login");
    // The form says what the permission is for.
    let page = bob.get("/settings/personal-access-tokens/new").await.expect(200);
    page.says("packages of the repository with docker, npm, pip, Maven and NuGet");
}
