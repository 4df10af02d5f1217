//! Images: their versions are digests, with the tags that lead to them.

use super::{Api, DELETES, SEES, SHORT};
use crate::git::bed::{PASSWORD, USER};
use crate::registry::oci::world::{Images, WRITE};
use bailiwick_testkit::http::{Address, Request};

#[tokio::test(flavor = "multi_thread")]
async fn images_are_listed_by_digest_and_deleted() {
    let images = Images::start().await;
    let (_, writer) = images.bob(&["site"], WRITE);
    let (_, reader) = images.world.token("bob", &["site"], SEES);
    let (_, elsewhere) = images.world.token("bob", &["www"], SEES);
    let (id, admin) = images.world.token("alice", &["site"], DELETES);
    let (_, short) = images.world.token("alice", &["site"], SHORT);
    let name = "acme/site/app";
    let one = images.image(&writer, name, "v1", b"one").await;
    let two = images.image(&writer, name, "v2", b"two").await;
    // The tag moves on, and its first image stays.
    let three = images.image(&writer, name, "v1", b"three").await;
    let api = Api::at(images.world.address);
    let package = "/container/site%2Fapp";
    assert_eq!(api.packages("container", &reader).await, ["site/app"]);
    assert_eq!(api.packages("container", &elsewhere).await, Vec::<String>::new());
    assert_eq!(api.packages("npm", &reader).await, Vec::<String>::new());
    let told = api.ask("GET", package, &reader).await.expect(200).json();
    assert_eq!(told["version_count"], 3);
    assert_eq!(told["repository"]["full_name"], "acme/site");
    let _ = api.ask("GET", package, &elsewhere).await.expect(404);
    let hidden = api.ask("GET", &format!("{package}/versions"), &elsewhere).await;
    let _ = hidden.expect(404);
    assert_eq!(
        api.names(package, &reader).await,
        [three.as_str(), two.as_str(), one.as_str()]
    );
    let number = api.number(package, &reader, &three).await;
    let shown = api
        .ask("GET", &format!("{package}/versions/{number}"), &reader)
        .await;
    assert_eq!(
        shown.expect(200).json()["metadata"]["container"]["tags"],
        serde_json::json!(["v1"])
    );

    // Who may not delete in the repository, or at the organization, does not.
    let _ = api.delete(package, number, &short).await.expect(403);
    let _ = api.delete(package, number, &reader).await.expect(403);
    let _ = images
        .ask("GET", &format!("/v2/{name}/manifests/v1"), &writer)
        .await
        .expect(200);
    let _ = api.delete(package, number, &admin).await.expect(204);
    for reference in ["v1", three.as_str()] {
        let path = format!("/v2/{name}/manifests/{reference}");
        let _ = images.ask("GET", &path, &writer).await.expect(404);
    }
    let _ = api.delete(package, number, &admin).await.expect(404);
    let deleted = images.events("packages.package_version_deleted");
    let found = deleted
        .iter()
        .find(|event| event.0 == "allowed" && event.3["package_version"] == three);
    assert_eq!(found.unwrap().2, Some(id), "{deleted:?}");

    // Somebody deletes at the registry itself.
    let direct = Address::parse(&images.registry.address());
    let path = format!("/v2/{name}/manifests/{two}");
    let gone = Request::new("DELETE", &path).basic(USER, PASSWORD);
    let _ = tokio::task::spawn_blocking(move || direct.send(&gone))
        .await
        .unwrap()
        .expect(202);
    assert_eq!(api.names(package, &reader).await, [one.as_str()]);

    let _ = api.ask("DELETE", package, &short).await.expect(403);
    let _ = api.ask("DELETE", package, &admin).await.expect(204);
    let path = format!("/v2/{name}/manifests/{one}");
    let _ = images.ask("GET", &path, &writer).await.expect(404);
    assert_eq!(api.packages("container", &reader).await, Vec::<String>::new());
    let _ = api.ask("GET", package, &reader).await.expect(404);
    let restored = api.ask("POST", &format!("{package}/restore"), &admin).await;
    assert_eq!(restored.expect(501).json()["reason"], "package.not_kept");

    // Published again it is there again; and a registry that is away is no empty list.
    let again = images.image(&writer, name, "v3", b"again").await;
    assert_eq!(api.names(package, &reader).await, [again.as_str()]);
    let Images { registry, world, .. } = images;
    drop(registry);
    for path in ["/versions", "/versions/1"] {
        let away = api.ask("GET", &format!("{package}{path}"), &reader).await;
        assert_eq!(away.expect(502).json()["reason"], "upstream.unreachable");
    }
    let away = api.ask("DELETE", package, &admin).await;
    assert_eq!(away.expect(502).json()["reason"], "upstream.unreachable");
    assert_eq!(api.packages("container", &reader).await, ["site/app"]);
    drop(world);
}
