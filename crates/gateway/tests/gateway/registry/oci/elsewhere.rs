//! Images at two registries, and owners who live where nobody has looked for long: what is allowed at one registry is
//! asked of no other, and what is decided on old facts of a second image is not done.

use super::bed::{IMAGE, digest, manifest};
use super::hostile::Fooled;
use super::world::{WRITE, behind, request};
use crate::front::{Behind, Front};
use crate::git::bed::{PASSWORD, Scripted, USER, answer};
use crate::git::world::World;
use bailiwick_authority::Clock;
use bailiwick_model::{
    OrganizationRole, PackageId, RegistryKind, RepositoryRole, UpstreamId, UpstreamKind, Visibility,
};
use bailiwick_store::{PackageHow, PackageRow, StoreError, Tx, collaborator, membership, package, upstream};

const PLACE: &str = "Location: /v2/acme/site/blobs/uploads/1\r\nRange: 0-0\r\n";

/// The named repository's image, as if it had been published at a registry.
fn put(world: &World, registry: UpstreamId, repository: &'static str) -> PackageRow {
    let name = format!("acme/{repository}");
    let now = crate::still::TestClock.now();
    let row = PackageRow {
        id: PackageId(0),
        upstream_id: registry,
        kind: RegistryKind::Oci,
        name: name.clone(),
        display_name: name,
        account_id: world.accounts["acme"],
        repository_id: Some(world.repositories[repository]),
        visibility: Visibility::Private,
        how: PackageHow::Path,
        created_by: None,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    world.store.write(|tx| package::insert(tx, row)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_registry_is_to_do_no_other_hears_of() {
    let images = Scripted::start(|_, _| answer(202, PLACE, "")).await;
    let others = Scripted::start(|_, _| answer(202, PLACE, "")).await;
    let fooled = Fooled::by(&images, |behind| behind).await;
    let world = &fooled.world;
    let there = world.add("others", UpstreamKind::Oci, &behind(others.address.clone()));
    let named = |tx: &mut Tx<'_>| upstream::by_name(tx, "images");
    let here = world.store.read(named).unwrap().unwrap().id;
    let site = put(world, here, "site");
    put(world, there, "www");
    let (_, token) = world.token("bob", &["site", "www"], WRITE);
    // A blob is taken over within one registry. The name may be another image's there.
    let mount = format!(
        "/v2/acme/site/blobs/uploads/?mount={}&from=acme/www",
        digest(b"x")
    );
    let begun = fooled.send(request("POST", &mount, &token)).await.expect(202);
    let lines: Vec<String> = images.requests().into_iter().map(|asked| asked.line).collect();
    assert_eq!(lines, ["POST /v2/acme/site/blobs/uploads/ HTTP/1.1"]);
    // An upload is gone on with where it was begun, whatever has become of the image meanwhile.
    let base = format!("http://{}", world.address);
    let at = begun.header("location").strip_prefix(&base).unwrap();
    let went_on = fooled.send(request("PATCH", at, &token).body(&b"x"[..])).await;
    let at = went_on.expect(202).header("location").to_owned();
    let at = at.strip_prefix(&base).unwrap();
    let moved = PackageRow {
        upstream_id: there,
        ..site
    };
    world.store.write(|tx| package::update(tx, &moved)).unwrap();
    let refused = fooled.send(request("PATCH", at, &token).body(&b"x"[..])).await;
    assert_eq!(
        refused.expect(404).json()["errors"][0]["code"],
        "BLOB_UPLOAD_UNKNOWN"
    );
    assert!(others.requests().is_empty(), "{:?}", others.requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn stale_facts_of_where_a_source_lives_lend_no_blob() {
    let images = Scripted::start(|_, _| answer(201, "Location: /v2/x\r\n", "")).await;
    let mut registry = Behind::new("images", UpstreamKind::Oci, images.address.clone());
    registry.secrets = vec![("username", USER.into()), ("password", PASSWORD.into())];
    registry.links.clear();
    let forge = Behind::new("forge", UpstreamKind::Gitea, String::from("http://127.0.0.1:9"))
        .with(|settings| settings.facts_seconds_max = Some(3600));
    let front = Front::before(vec![registry, forge]).await;
    let join = |tx: &mut Tx<'_>| {
        let (home, bob, now) = (
            front.accounts["home"],
            front.accounts["bob"],
            crate::still::TestClock.now(),
        );
        membership::set(tx, home, bob, OrganizationRole::Member, now)?;
        collaborator::set(tx, front.repositories["here"], bob, RepositoryRole::Write, now)
    };
    front.store.write(join).unwrap();
    let (_, token) = front.token(
        "bob",
        &[("home", Some(&["here"]), WRITE), ("acme", Some(&["site"]), WRITE)],
    );
    let mount = |from: &str| {
        let digest = digest(b"x");
        format!("/v2/home/here/blobs/uploads/?mount={digest}&from={from}")
    };
    let stale = front
        .ask("POST", &mount("acme/site"), &token, "")
        .await
        .expect(503);
    let said = String::from_utf8_lossy(&stale.body).into_owned();
    assert!(said.contains("too old"), "{said}");
    assert!(images.requests().is_empty());
    // Where nothing is known from elsewhere, nothing grows old.
    front
        .ask("POST", &mount("home/here/base"), &token, "")
        .await
        .expect(201);
    assert!(images.requests()[0].line.contains("from=home%2Fhere%2Fbase"));
}

#[tokio::test(flavor = "multi_thread")]
async fn blobs_in_a_store_of_their_own_are_there() {
    let at = String::from("Location: https://store.example.com/blob?signature=x\r\n");
    let scripted = Scripted::start(move |request, _| match request.line.split(' ').next() {
        Some("HEAD") => answer(307, &at, ""),
        _ => answer(201, "Location: /v2/x\r\n", ""),
    })
    .await;
    let fooled = Fooled::by(&scripted, |behind| behind).await;
    let put = request("PUT", "/v2/acme/site/manifests/v1", &fooled.token)
        .header("content-type", IMAGE)
        .body(manifest(b"{}", &[b"layer"]));
    let answer = fooled.send(put).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let known = |tx: &mut Tx<'_>| package::of_kind(tx, RegistryKind::Oci, "acme/site");
    let known: Result<_, StoreError> = fooled.world.store.read(known);
    assert_eq!(known.unwrap().len(), 1);
}
