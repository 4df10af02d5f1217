//! Manifests: who may store, move and delete what, and which manifests nobody may store.

use super::bed::{IMAGE, INDEX, digest, manifest};
use super::world::{ADMIN, Images, READ, WRITE};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_neither_stores_nor_moves_a_tag() {
    let images = Images::start().await;
    let (_, writer) = images.bob(&["site"], WRITE);
    let (id, reader) = images.bob(&["site"], READ);
    let first = images.image(&writer, "acme/site", "latest", b"one").await;
    let second = images.image(&writer, "acme/site", "next", b"two").await;
    let bytes = manifest(b"{}", &[b"two"]);
    assert_eq!(digest(&bytes), second);
    let answer = images
        .manifest(&reader, "acme/site", "latest", IMAGE, &bytes)
        .await
        .expect(403);
    assert_eq!(answer.json()["errors"][0]["code"], "DENIED");
    images
        .manifest("", "acme/site", "latest", IMAGE, &bytes)
        .await
        .expect(401);
    images
        .ask("POST", "/v2/acme/site/blobs/uploads/", &reader)
        .await
        .expect(403);
    let now = images
        .ask("HEAD", "/v2/acme/site/manifests/latest", &reader)
        .await
        .expect(200);
    assert_eq!(now.header("docker-content-digest"), first);
    // A writer moves it, and deletes nothing.
    images
        .manifest(&writer, "acme/site", "latest", IMAGE, &bytes)
        .await
        .expect(201);
    let now = images
        .ask("HEAD", "/v2/acme/site/manifests/latest", &reader)
        .await
        .expect(200);
    assert_eq!(now.header("docker-content-digest"), second);
    for path in [
        format!("/v2/acme/site/manifests/{first}"),
        String::from("/v2/acme/site/manifests/latest"),
        format!("/v2/acme/site/blobs/{}", digest(b"one")),
    ] {
        images.ask("DELETE", &path, &writer).await.expect(403);
        images.ask("DELETE", &path, &reader).await.expect(403);
    }
    let refused = images.events("packages.package_version_published");
    assert!(
        refused
            .iter()
            .any(|event| event.0 == "refused" && event.2 == Some(id)),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_deletes() {
    let images = Images::start().await;
    let (_, writer) = images.bob(&["site"], WRITE);
    let (id, admin) = images.world.token("alice", &["site"], ADMIN);
    let first = images.image(&writer, "acme/site", "latest", b"one").await;
    images
        .ask("DELETE", &format!("/v2/acme/site/manifests/{first}"), &admin)
        .await
        .expect(202);
    images
        .ask("GET", "/v2/acme/site/manifests/latest", &admin)
        .await
        .expect(404);
    images
        .ask(
            "DELETE",
            &format!("/v2/acme/site/blobs/{}", digest(b"one")),
            &admin,
        )
        .await
        .expect(202);
    // This registry deletes no tags.
    images.image(&writer, "acme/site", "v2", b"two").await;
    let tag = images.ask("DELETE", "/v2/acme/site/manifests/v2", &admin).await;
    assert!((400..500).contains(&tag.status), "{}", tag.status);
    let deleted = images.events("packages.package_version_deleted");
    assert!(
        deleted
            .iter()
            .any(|event| event.0 == "allowed" && event.2 == Some(id)),
        "{deleted:?}"
    );
    let text = format!("{deleted:?}");
    assert!(text.contains(&first) && text.contains("acme/site"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn manifests_that_nobody_may_store() {
    let images = Images::start().await;
    let (_, writer) = images.bob(&["site"], WRITE);
    images.blob(&writer, "acme/site", b"{}").await;
    images.blob(&writer, "acme/site", b"layer").await;
    let good = String::from_utf8(manifest(b"{}", &[b"layer"])).unwrap();
    let layer = digest(b"layer");
    let foreign = good.replace(
        &format!("\"{layer}\""),
        &format!("\"{layer}\",\"urls\":[\"http://127.0.0.1:9/layer\"]"),
    );
    let twice = good.replacen('{', "{\"layers\":[],", 1);
    let cased = good.replacen('{', "{\"Layers\":[],", 1);
    let both = good.replacen('{', "{\"manifests\":[],", 1);
    for (text, kind, status, reason) in [
        (foreign.as_str(), IMAGE, 400, "registry.foreign_layer"),
        (&twice, IMAGE, 400, "registry.manifest_keys"),
        (&cased, IMAGE, 400, "registry.manifest_keys"),
        (&both, IMAGE, 400, "registry.manifest_ambiguous"),
        (&good, INDEX, 400, "registry.manifest_type"),
        (&good, "application/json", 400, "registry.manifest_type"),
        ("{", IMAGE, 400, "registry.manifest_invalid"),
        ("", IMAGE, 400, "registry.manifest_invalid"),
    ] {
        let answer = images
            .manifest(&writer, "acme/site", "bad", kind, text.as_bytes())
            .await
            .expect(status);
        assert!(answer.text().contains(reason), "{reason}: {}", answer.text());
    }
    let large = format!("{good}{}", " ".repeat(5 << 20));
    images
        .manifest(&writer, "acme/site", "bad", IMAGE, large.as_bytes())
        .await
        .expect(413);
    let wrong = images
        .manifest(&writer, "acme/site", &digest(b"x"), IMAGE, good.as_bytes())
        .await
        .expect(400);
    assert!(wrong.text().contains("registry.digest_wrong"), "{}", wrong.text());
    images
        .ask("GET", "/v2/acme/site/manifests/bad", &writer)
        .await
        .expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_manifests_hold_what_is_in_the_image() {
    let images = Images::start().await;
    let (_, writer) = images.bob(&["site", "www"], WRITE);
    let here = images.image(&writer, "acme/site", "amd64", b"one").await;
    let elsewhere = images.image(&writer, "acme/www", "amd64", b"two").await;
    let index = |digest: &str| {
        json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [{
            "mediaType": IMAGE, "digest": digest, "size": manifest(b"{}", &[b"one"]).len(),
            "platform": {"os": "linux", "architecture": "amd64"},
        }]})
        .to_string()
    };
    images
        .manifest(&writer, "acme/site", "list", INDEX, index(&here).as_bytes())
        .await
        .expect(201);
    let list = images.ask("GET", "/v2/acme/site/manifests/list", &writer).await;
    assert!(list.status == 200 || list.status == 404, "{}", list.status);
    let answer = images
        .manifest(&writer, "acme/site", "list2", INDEX, index(&elsewhere).as_bytes())
        .await
        .expect(404);
    assert_eq!(answer.json()["errors"][0]["code"], "MANIFEST_BLOB_UNKNOWN");
    // What a manifest is about need not be there yet.
    let about = json!({"schemaVersion": 2, "mediaType": IMAGE,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(b"{}"), "size": 2},
        "layers": [], "subject": {"mediaType": IMAGE, "digest": elsewhere, "size": 1}})
    .to_string();
    images
        .manifest(&writer, "acme/site", "signature", IMAGE, about.as_bytes())
        .await
        .expect(201);
    let referrers = images
        .ask("GET", &format!("/v2/acme/site/referrers/{here}"), &writer)
        .await;
    assert!(matches!(referrers.status, 200 | 404), "{}", referrers.status);
}
